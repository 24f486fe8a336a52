"""A token that a meter refuses: what its display means, what to do, and a text to hand to PLN.

The advice is anybody's; the text names the sale and is for whoever may see it. Knows no meter, only what they show.
"""

from dataclasses import dataclass
from datetime import tzinfo
from enum import StrEnum

from bot.clock import local
from bot.domain.message import Day, Lines, Message, MeterNumber, Option, Rupiah, Text, TokenDigits, Value
from bot.domain.meter import grouped
from bot.domain.purchase import Purchase
from bot.services import notices


class Display(StrEnum):
    """What the meter shows; what nobody can read is treated as a wrong entry."""

    ACCEPTED = "benar"
    WRONG = "gagal"
    USED = "used"
    OVER = "over"
    CHECK = "periksa"
    UNKNOWN = "unknown"

    @property
    def word(self) -> str:
        """As it stands on the display; '' where it was not read."""
        return "" if self is Display.UNKNOWN else self.value.upper()


@dataclass(frozen=True, slots=True)
class Sold:
    """A sale that was paid for, with its tokens in the order to key them."""

    purchase: Purchase
    tokens: tuple[str, ...]


def advice(display: Display, sold: Sold | None, options: tuple[Option, ...]) -> Message:
    """What to do now; several tokens are keyed in their order, which is what most often goes wrong with them."""
    text = Text("wiz.gagal" if display is Display.UNKNOWN else f"wiz.{display}")
    many = () if sold is None or len(sold.tokens) < 2 else (Text("wiz.order", {"n": len(sold.tokens)}),)
    return Message(text, many, options)


def for_pln(display: Display, sold: Sold, zone: tzinfo, options: tuple[Option, ...]) -> Message:
    """*wiz.pln*: what the call centre asks for, in one message that can be read out, copied or forwarded."""
    purchase = sold.purchase
    at = purchase.paid_at or purchase.settled_at or purchase.confirmed_at
    facts: dict[str, Value] = {
        "meter": MeterNumber(purchase.msn),
        "idpel": MeterNumber(purchase.idpel, plain=True),
        "ref": purchase.payref or "–",
        "date": Day(at, long=True),
        "rp": Rupiah(purchase.denomination),
    }
    word: Value = display.word or Text("wiz.no_word")
    more = (_tokens(sold), Text("wiz.pln_when", {"date": facts["date"], "rp": facts["rp"], "word": word}))
    copy = Option("copy_data", Text("btn.copy_data"), copies=_plain(display, sold, at, zone))
    return Message(Text("wiz.pln", {name: facts[name] for name in ("meter", "idpel", "ref")}), more, (copy, *options))


def _tokens(sold: Sold) -> Text:
    if len(sold.tokens) == 1:
        return Text("wiz.token", {"token": TokenDigits(sold.tokens[0])})
    rows = tuple(
        Text("wiz.token_one", {"n": number, "token": TokenDigits(digits)})
        for number, digits in enumerate(sold.tokens, 1)
    )
    return Text("line.parts", {"parts": Lines(rows)})


def _plain(display: Display, sold: Sold, at: int, zone: tzinfo) -> str:
    """The same in at most 256 characters that need no language."""
    purchase = sold.purchase
    tokens = ", ".join(grouped(digits) for digits in sold.tokens)
    facts = f"Meter {purchase.msn} IDPEL {purchase.idpel} NO REF {purchase.payref or '-'}"
    when = f"{local(at, zone):%d-%m-%Y} Rp{purchase.denomination:,}".replace(",", ".")
    return f"{facts}\nToken {tokens}\n{when} {display.word}".strip()[:256]


def way_on(sold: Sold | None, *, sells: bool) -> tuple[Option, ...]:
    """What comes after the advice: the sale it is about, else how to name it."""
    if sold is None:
        return (notices.option("history", "riwayat"),) if sells else (notices.option("find_token", "cari"),)
    sale = sold.purchase.sale
    if sells:
        return (notices.option("token_again", f"token {sale}"),)
    return (notices.option("receipt", f"struk {sale}"),)
