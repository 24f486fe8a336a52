"""The questions of the flows: cards, options, and what counts as an answer. Validation lives here, money never."""

from collections.abc import Sequence

from bot.conversation import grammar
from bot.conversation.effects import Card, Means
from bot.conversation.script import Ask
from bot.domain.denomination import listed
from bot.domain.ledger import COUNTER
from bot.domain.message import Clock, Message, MeterNumber, Nominal, Option, Rupiah, Text, Value
from bot.domain.purchase import Quote
from bot.domain.supply import Inquiry
from bot.services import lookup, slips
from bot.services.favourites import Recent

CANCEL = Option("cancel", Text("btn.cancel"))
NO_REASON = Text("appr.no_reason")
_CHANGE_METER = Option("change_meter", Text("btn.change_meter"))
_CHANGE_AMOUNT = Option("change_amount", Text("btn.change_amount"))
_USUAL_TOP_UPS = (100_000, 200_000, 500_000, 1_000_000)
_MOST_CAME = 1_000_000_000
_OPENER = Text("btn.choose_amount")
_NAME = 14  # characters of a customer's name on a button, before ` …6789`


def meter(recents: Sequence[Recent] = ()) -> Ask:
    """Q1: the meter number or IDPEL; `recents` are offered by name."""
    looks = [(_short(one.name), one.msn[-4:]) for one in recents]
    options = tuple(
        _recent(place, one, alike=looks.count(look) > 1)
        for place, (one, look) in enumerate(zip(recents, looks, strict=True), 1)
    )
    return Ask(
        "buy.meter",
        Message(Text("buy.meter"), options=(*options, CANCEL)),
        parse=grammar.number,
        given="meter",
        refusal=not_a_number,
        values={option.key: one.msn for option, one in zip(options, recents, strict=True)},
    )


def _recent(place: int, one: Recent, *, alike: bool) -> Option:
    """By name; where two would look alike, by the whole number."""
    if alike:
        return Option(f"recent_{place}", Text("line.meter", {"meter": MeterNumber(one.msn)}))
    short: dict[str, Value] = {"name": _short(one.name), "meter": MeterNumber(one.msn, short=True)}
    return Option(f"recent_{place}", Text("line.recent", short))


def _short(name: str) -> str:
    """`BUDI SANTOSA` → `BUDI S.`: with the end of a number it fits a button."""
    first, _, rest = name.partition(" ")
    short = f"{first} {rest[0]}." if rest else first
    return short if len(short) <= _NAME else f"{short[: _NAME - 1].rstrip()}…"


def name(inquiry: Inquiry, card: Card) -> Ask:
    """The name alone, before any price: a renamed meter, or one that the shop sees for the first time."""
    more = (*([card.warning] if card.warning else []), Text("buy.name_ask"))
    options = (Option("correct", Text("btn.correct")), _CHANGE_METER, CANCEL)
    return Ask("buy.name", Message(Text("buy.name", _customer(inquiry)), more, options))


def denomination(
    inquiry: Inquiry, card: Card, amounts: tuple[int, ...], *, shown: bool, surcharges: tuple[int, ...] = ()
) -> Ask:
    """Q2, the name with the amounts; Q3, the amounts alone, where the name was shown before.

    `surcharges` are what each price has beyond the amount and the admin fee; where they are given each has its price.
    """
    added: list[int | None] = [inquiry.adm + one for one in surcharges]
    added = added or [None] * len(amounts)
    options = (*(_amount_option(*one) for one in zip(amounts, added, strict=True)), _CHANGE_METER, CANCEL)
    again = Message(Text("buy.denomination", {"name": inquiry.name}), options=options, opener=_OPENER)
    more = (*([card.warning] if card.warning else []), Text("buy.customer_ask"))
    first = Message(Text("buy.customer", _customer(inquiry)), more, options, opener=_OPENER)

    def parse(text: str) -> str | None:
        rupiah = grammar.amount(text)
        return str(rupiah) if rupiah in amounts else None

    def refusal(text: str) -> Text:
        asked: Value = Rupiah(min(grammar.amount(text) or 0, 999_999_999)) if grammar.amount(text) else text[:20]
        return Text("err.amount", {"rp": asked, "list": listed(amounts)})

    return Ask("buy.denomination", again if shown else first, parse=parse, given="amount", yes=again, refusal=refusal)


def repeat(question: Message) -> Ask:
    """The repeat guard; `#2` in the order answers it."""
    return Ask("pay.again", question, given="repeat", parse=lambda text: "again" if text.startswith("#") else None)


def payment(
    quote: Quote, added: Text | None, purse: Means, *, compare: bool = False, changed: Text | None = None
) -> Ask:
    """Q4: the only question that moves money; `compare` where no earlier card showed the name, `changed` heads it.

    `added` is the card's one line that no earlier card has shown.
    """
    args = _facts(quote.name, quote.msn, quote.idpel, quote.tariff_power)
    more: list[Text] = []
    if quote.agent_id == COUNTER and purse.deposit is None:
        more.append(Text("buy.pay_only", {"price": Rupiah(quote.price)}))
    elif quote.agent_id == COUNTER and purse.deposit is not None:
        left = Rupiah(purse.deposit - quote.denomination - quote.adm)
        more.append(Text("pay.deposit", {"price": Rupiah(quote.price), "left": left}))
    else:
        left = Rupiah(purse.balance - quote.price)
        price: dict[str, Value] = {"price": Rupiah(quote.price)}
        more.append(Text("buy.pay_price", price | {"left": left}) if purse.shows_parts else Text("buy.pay_only", price))
    if added is not None:
        more.append(added)
    more.append(Text("buy.pay_name" if compare else "buy.pay_nothing"))
    more.append(Text("buy.pay_valid", {"time": Clock(quote.expires_at)}))
    pay = Option("pay", Text("btn.pay", {"rp": Rupiah(quote.price)}))
    details = (Option("details", Text("btn.details"), "rincian", extra=True),) if purse.shows_parts else ()
    options = (pay, _CHANGE_AMOUNT, CANCEL, *details)
    lines = [Text("buy.pay", args | {"rp": Rupiah(quote.denomination)}), *more]
    if changed is not None:
        lines.insert(0, changed)
    message = Message(lines[0], tuple(lines[1:]), options)
    return Ask("buy.pay", message, quote_id=quote.id, detail=_detail(quote, purse))


def _detail(quote: Quote, purse: Means) -> tuple[Text, ...]:
    if not purse.shows_parts:
        return (Text("pay.word"),)
    parts: dict[str, Value] = {
        "nominal": Rupiah(quote.denomination),
        "adm": Rupiah(quote.adm),
        "markup": Rupiah(quote.markup),
        "price": Rupiah(quote.price),
    }
    retail: dict[str, Value] = {"retail": Rupiah(quote.retail), "fee": Rupiah(quote.fee)}
    return Text("pay.detail", parts), Text("pay.detail_retail", retail)


def top_up(least: int, most: int) -> Ask:
    """How much to transfer; usual amounts, or any other within the shop's bounds (rupiah)."""
    usual = [amount for amount in _USUAL_TOP_UPS if least <= amount <= most]
    options = (*(_amount_option(amount, None) for amount in usual), CANCEL)

    def refusal(_: str) -> Text:
        return Text("top.range", {"least": Rupiah(least), "most": Rupiah(most)})

    message = Message(Text("top.ask"), options=options, opener=_OPENER)
    return Ask("top.ask", message, parse=lambda text: _rupiah(text, least, most), given="amount", refusal=refusal)


def came(number: str) -> Ask:
    """What really came for a ticket, rupiah."""
    asked = Text("appr.amount", {"ticket": f"#{number.removeprefix('#')}"})
    message = Message(asked, options=(CANCEL,))
    return Ask(
        "appr.amount",
        message,
        parse=lambda text: _rupiah(text, 1, _MOST_CAME),
        given="amount",
        refusal=lambda _: asked,
    )


def sure(comparison: Message) -> Ask:
    """Whether that is to be credited."""
    options = (Option("correct", Text("btn.approve")), CANCEL)
    message = Message(comparison.text, comparison.more, options)
    return Ask("appr.sure", message, refusal=lambda _: comparison.text)


def reason(number: str) -> Ask:
    """Why a ticket is rejected."""
    asked = Text("appr.reason", {"ticket": f"#{number.removeprefix('#')}"})
    options = (Option(slips.NO_TRANSFER, Text("btn.no_transfer")), CANCEL)
    return Ask("appr.reason", Message(asked, options=options), parse=words, refusal=lambda _: NO_REASON)


def words(text: str) -> str | None:
    """Any words but a number of an option, a yes, an order and a command: those are meant as such."""
    read = grammar.read(text)
    means_more = isinstance(read, grammar.Order) or (isinstance(read, grammar.Command) and read.name != "gabung")
    return None if text.isdecimal() or text.casefold() in grammar.YES or means_more else text


def _rupiah(text: str, least: int, most: int) -> str | None:
    found = grammar.amount(text)
    return str(found) if found is not None and least <= found <= most else None


def _amount_option(amount: int, added: int | None) -> Option:
    about = None if added is None else Text("line.price", {"price": Rupiah(amount + added)})
    return Option(str(amount), Text("line.amount", {"rp": Nominal(amount)}), about=about)


def _customer(inquiry: Inquiry) -> dict[str, Value]:
    return _facts(inquiry.name, inquiry.msn, inquiry.idpel, inquiry.tariff_power)


def _facts(name: str, msn: str, idpel: str, tariff_power: str) -> dict[str, Value]:
    return {
        "name": name,
        "meter": MeterNumber(msn),
        "idpel": MeterNumber(idpel, plain=True),
        "power": f"{tariff_power} VA",
    }


def not_a_number(text: str) -> Text:
    """What to say to something else where a meter number was asked for."""
    read = grammar.read(text)
    if isinstance(read, grammar.Mishap):
        return mishap(read)
    digits = sum(char.isdigit() for char in text)
    if lookup.is_token(text):
        return Text("token.typed")
    return Text("num.length", {"n": digits}) if digits else Text("buy.meter")


def mishap(found: grammar.Mishap) -> Text:
    """What to say to something recognised that is no order."""
    return Text(found.key, {"n": found.digits} if found.key == "num.length" else {})
