"""Buying a token: meter, name, amount, payment. The one-line order is the same script with answers already given."""

from bot.conversation import prompts
from bot.conversation.authority import refused
from bot.conversation.effects import (
    Card,
    Inquire,
    KeepPhone,
    Look,
    LookAhead,
    MakeQuote,
    Means,
    Pay,
    Purse,
    Recents,
    Repeats,
)
from bot.conversation.script import Ask, Given, Known, Say
from bot.domain.message import Message, Rupiah, Text
from bot.domain.purchase import Purchase, Quote
from bot.domain.supply import Inquiry
from bot.services.inquiries import NotFound
from bot.services.purchases import Refused


async def buy() -> None:
    """At most four questions, always in this order; what was given is not asked again."""
    is_known = await Known("meter")
    while True:
        meter = await prompts.meter(() if is_known else await Recents())
        is_known = False
        inquiry = await Inquire(meter)
        if isinstance(inquiry, NotFound):
            return await Say(inquiry.message)
        card = await Look(inquiry, await Given("amount"))
        if card.name_first and await prompts.name(inquiry, card) == "change_meter":
            continue
        shown = card.name_first
        while True:
            purse = await Purse()
            compare = await Known("amount") and not shown
            amount = await prompts.denomination(inquiry, card, purse.amounts, shown=shown, surcharges=purse.surcharges)
            if amount == "change_meter":
                break
            quote = await MakeQuote(inquiry, int(amount))
            if isinstance(quote, Refused):
                return await Say(quote.message)
            if question := await Repeats(quote):
                await prompts.repeat(question)
            added = card.warning if compare else await _ahead(inquiry, card, amount)
            payment = prompts.payment(quote, added, purse, compare=compare)
            placed = await _placed(quote, payment, purse)
            if isinstance(placed, Refused):
                return await Say(placed.message)
            if placed is not None:
                if phone := await Given("phone"):
                    await KeepPhone(placed, phone)
                return await Say(processing(placed), progress=True)
            shown = True


async def _placed(quote: Quote, payment: Ask, purse: Means) -> Purchase | Refused | None:
    """Asked again at the new price where that has changed meanwhile; None for another amount."""
    placed = await _paid(quote, payment)
    while isinstance(placed, Refused) and placed.fresh is not None:
        payment = prompts.payment(placed.fresh, None, purse, changed=placed.message.text)
        placed = await _paid(placed.fresh, payment)
    return placed


async def _paid(quote: Quote, payment: Ask) -> Purchase | Refused | None:
    """The payment's own button or word, then the secret number where one is due, and only then the money."""
    if await payment != "pay":
        return None
    refusal = await refused(quote.price)
    return Refused(refusal) if refusal is not None else await Pay(quote)


async def _ahead(inquiry: Inquiry, card: Card, amount: str) -> Text | None:
    """What the amount adds, unless a line of that kind was shown before."""
    return await LookAhead(inquiry, amount) if card.warning is None or card.name_first else None


def processing(purchase: Purchase) -> Message:
    """On its way, and where the money is."""
    return Message(Text("buy.processing", {"rp": Rupiah(purchase.price)}))
