"""An agent takes a sale that turned up late: his word, his PIN where one is due, then the token."""

from bot.conversation import taking
from bot.conversation.authority import authorised
from bot.conversation.script import Given, Say
from bot.conversation.taking import Offered, Take


async def take() -> None:
    """His money moves by his own word alone."""
    sale = await Given("sale")
    price, asked = await Offered(sale)
    if not price:
        return await Say(asked)
    takes = await taking.question(asked, price) == "take"
    if takes and not await authorised(price):
        return None
    said = await Take(sale, takes=takes)
    return await Say(said) if said else None
