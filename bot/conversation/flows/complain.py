"""Something is wrong with a sale: what, what helps now, and a note that its owner reads."""

from bot.conversation import complaints
from bot.conversation.aftersale import Advise, FindSale, KeepNote, WhichSale
from bot.conversation.script import Given, Say
from bot.services.notes import Kind
from bot.services.refused import Display


async def complain() -> None:
    """A refused token is helped first; nothing is ever replaced by itself."""
    number = await Given("sale")
    sale = await FindSale(number) if number else None
    if sale is None:
        await Say(await WhichSale(number, "komplain"))
        return
    text, words = "", await Given("words")
    kind = complaints.kind_of(words)
    if words and kind is None:
        kind, text = Kind.OTHER, words
    if kind is None:
        said = await complaints.reason(sale)
        kind, text = (Kind(said), "") if said in set(Kind) else (Kind.OTHER, said)
    if kind is Kind.REFUSED and not sale.is_open:
        shown = Display(await complaints.display())
        text = shown.word
        for message in await Advise(shown, sale):
            await Say(message)
    elif kind is Kind.OTHER and not text:
        text = await complaints.own_words()
    for message in await KeepNote(sale, kind, text):
        await Say(message)
