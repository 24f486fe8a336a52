"""An owner credits a ticket with another amount than was asked for: which, and whether that is sure."""

from bot.conversation import prompts
from bot.conversation.authority import authorised
from bot.conversation.script import Given, Say
from bot.conversation.ticketing import Compare, Credit, Hindered


async def arrived() -> None:
    """What came is compared with what was asked for before it is credited, and again if that changed meanwhile."""
    number = await Given("ticket")
    if hindered := await Hindered(number):
        return await Say(hindered)
    came = int(await prompts.came(number))
    while True:
        shown = await Compare(number, came)
        await prompts.sure(shown)
        if not await authorised(came, "pin.book"):
            return None
        if done := await Credit(number, came, shown):
            return await Say(done)
