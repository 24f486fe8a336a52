"""A token that the meter refuses: what its display shows, what to do, and the text for PLN where the sale is known."""

from bot.conversation import complaints
from bot.conversation.aftersale import Advise, FindSale
from bot.conversation.script import Given, Say
from bot.services.refused import Display


async def refused() -> None:
    """The advice is for everybody; the text for PLN is for whoever may see the sale."""
    number = await Given("sale")
    sale = await FindSale(number) if number else None
    shown = Display(await complaints.display("words"))
    for message in await Advise(shown, sale):
        await Say(message)
