"""Topping up: how much, and the ticket. What stands in the way is said before anything is asked."""

from bot.conversation import prompts
from bot.conversation.script import Say
from bot.conversation.ticketing import Hindered, Limits, MakeTicket


async def topup() -> None:
    """One question at most."""
    if hindered := await Hindered():
        return await Say(hindered)
    bounds = await Limits()
    amount = await prompts.top_up(bounds.least, bounds.most)
    return await Say(await MakeTicket(int(amount)))
