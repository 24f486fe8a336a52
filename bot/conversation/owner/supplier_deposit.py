"""What an owner says about the supplier's deposit: its card, a top-up that he made, and the supplier's own figure."""

import re

from bot.conversation import grammar
from bot.conversation.command import Begin
from bot.conversation.prompts import CANCEL, NO_REASON
from bot.conversation.script import Ask, Turn
from bot.domain.message import Message, Option, Text
from bot.services import supplier_deposit as service

_FILL = ("isi", "add", "top-up")
_COMPARE = ("cek", "cocokkan", "check", "compare")
_CORRECT = ("koreksi", "correct")
_AMOUNT = re.compile(
    r"(?:rp\.? ?)?(?P<digits>\d{1,3}(?:\.\d{3})+|\d{1,3}[.,]\d{1,2}(?= ?jt| ?juta)|\d{1,11})"
    r"(?: ?(?P<unit>rb|ribu|k|jt|juta))?(?!\S)"
)
_PART = re.compile(r"\d{1,3}[.,]\d{1,2}")
_UNITS = {"rb": 1_000, "ribu": 1_000, "k": 1_000, "jt": 1_000_000, "juta": 1_000_000}
_DIFFERENCE = re.compile(r"[+-][1-9]\d{0,10}")
_MOST = 10_000_000_000
_LONGEST = 100


def begins(_turn: Turn, rest: str) -> Begin | None:
    """`deposit +5jt BCA 0412`, `deposit isi`, `deposit cek` without a figure, `deposit koreksi -12000`."""
    word, _, more = rest.partition(" ")
    if rest.startswith("+") or word.casefold() in _FILL:
        words = rest[1:].strip() if rest.startswith("+") else more
        found = _AMOUNT.match(words.casefold())
        brought = {"amount": found[0], "reference": words[found.end() :].strip()} if found else {"amount": words}
        return Begin("fill", brought if words else {})
    if word.casefold() in _COMPARE and rupiah(more) is None:
        return Begin("compare", {"amount": more} if more else {})
    if word.casefold() in _CORRECT and _DIFFERENCE.fullmatch(more):
        return Begin("correct", {"difference": more})
    return None


def answer(turn: Turn, rest: str) -> list[Message]:
    """`deposit` and `deposit cek 3120000`; a bare figure is asked about, anything else shows the card."""
    word, _, more = rest.partition(" ")
    theirs = rupiah(more)
    if word.casefold() in _COMPARE and theirs is not None:
        return [service.comparison(turn.tx, int(theirs), turn.shop, turn.now)]
    if (bare := _positive(rest)) is not None:
        return [service.meant(int(bare))]
    return [service.card(turn.tx, turn.shop, turn.now)]


def rupiah(text: str) -> str | None:
    """`3120000`, `3.120.000`, `Rp5.000.000`, `5jt`, `4,9jt` in whole rupiah: a figure is taken as it stands."""
    match = _AMOUNT.fullmatch(text.strip().casefold())
    if match is None:
        return None
    if _PART.fullmatch(match["digits"]):
        return str(grammar.rupiah(match[0]))
    value = int(match["digits"].replace(".", "")) * _UNITS.get(match["unit"] or "", 1)
    return str(value) if value <= _MOST else None


# questions


def sent() -> Ask:
    """How much was sent to the supplier."""
    asked = Text("dep.ask")
    return Ask(
        "supplier.sent", Message(asked, options=(CANCEL,)), parse=_positive, given="amount", refusal=lambda _: asked
    )


def theirs() -> Ask:
    """What the supplier's own page says."""
    asked = Text("dep.theirs")
    return Ask(
        "supplier.theirs", Message(asked, options=(CANCEL,)), parse=rupiah, given="amount", refusal=lambda _: asked
    )


def sure(question: Message) -> Ask:
    """Whether that is to be booked."""
    message = Message(question.text, question.more, (Option("correct", Text("btn.book")), CANCEL))
    return Ask("supplier.sure", message, refusal=lambda _: question.text)


def why() -> Ask:
    """Why the books are wrong."""
    asked = Text("dep.why")
    return Ask("supplier.why", Message(asked, options=(CANCEL,)), parse=_reason, refusal=lambda _: NO_REASON)


def _positive(text: str) -> str | None:
    found = rupiah(text)
    return found if found not in (None, "0") else None


def _reason(text: str) -> str | None:
    """Some words; digits alone are no reason."""
    words = " ".join(text.split())[:_LONGEST]
    return words if any(char.isalpha() for char in words) else None
