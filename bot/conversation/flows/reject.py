"""An owner rejects a ticket: why, in words that its agent reads."""

from bot.conversation import prompts
from bot.conversation.script import Given, Say
from bot.conversation.ticketing import Hindered, Reject


async def reject() -> None:
    """A reason, by a tap or typed."""
    number = await Given("ticket")
    if hindered := await Hindered(number):
        return await Say(hindered)
    reason = await prompts.reason(number)
    return await Say(await Reject(number, reason))
