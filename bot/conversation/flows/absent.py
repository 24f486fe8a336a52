"""An owner gives back what the supplier's complete report proves was never sold: the list first, and his word on it."""

from bot.conversation.authority import authorised
from bot.conversation.owner import reporting
from bot.conversation.script import Given, Say


async def absent() -> None:
    """What is confirmed is the list that was shown, sale by sale."""
    number, sales = await Given("report"), await Given("sales")
    listed = await reporting.ListAbsent(number, sales)
    if not listed.sales:
        return await Say(listed.message)
    await reporting.sure(listed)
    if not await authorised(listed.held, "pin.book"):
        return None
    return await Say(await reporting.GiveBack(number, listed.sales))
