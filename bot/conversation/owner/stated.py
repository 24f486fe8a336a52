"""What an owner types or pastes of the supplier's answer about one sale: token, NO REF, and whatever else it names.

Reads only. What it names is checked by the gate; what it leaves out is not.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from bot.clock import WIB
from bot.conversation import grammar
from bot.domain import token
from bot.domain.purchase import Purchase
from bot.services.by_hand import Stated

_DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)[ T,]+(?P<h>\d\d)[:.](?P<n>\d\d)(?:[:.](?P<s>\d\d))?"),
    re.compile(r"(?P<d>\d\d?)[/-](?P<m>\d\d?)[/-](?P<y>\d{4})[ ,]+(?P<h>\d\d)[:.](?P<n>\d\d)(?:[:.](?P<s>\d\d))?"),
)
_REF = re.compile(r"(?<![0-9a-z])(?:[0-9a-f]{32}|[0-9a-f]{14} [0-9a-f]{14} [0-9a-f]{4})(?![0-9a-z])", re.IGNORECASE)
_FOURS = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4})*(?!\d)")  # as long as they go: a stray four beside a token is no token
_RUN = re.compile(r"\d[\d -]*\d")
_METER = re.compile(r"(?<!\d)\d{11}(?!\d)")
_ADM = re.compile(r"\badm(?:in)?(?:\s*bank)?[\s.:=]*(?:rp\.?\s?)?(?P<rp>\d{1,3}(?:\.\d{3})+|\d{1,8})", re.IGNORECASE)
_RUPIAH = re.compile(
    r"\b(?:rp|total|nominal|jumlah|bayar|amount)(?:[ _]?(?:bayar|total|paid))?[\s.:=]*(?:rp\.?\s?)?"
    r"(?P<rp>\d{1,3}(?:\.\d{3})+|\d{5,8}|\d{1,4}(?![ -]\d{4}))(?!\.?\d)",  # four digits and four more are a token
    re.IGNORECASE,
)
_TOKEN_LIKE = 6  # digits, from which on somebody has begun to type a token


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found: one to three groups of 20 digits ('' if none), NO REF, meters, rupiah, epoch milliseconds.

    `digits` is how long the longest number was, to say what is wrong with it.
    """

    tokens: str
    payref: str
    meters: tuple[str, ...]
    totals: tuple[int, ...]
    adm: int | None
    paid_at: int | None
    digits: int

    def of(self, purchase: Purchase) -> Stated:
        """As it is checked against this purchase: a number that fits counts before one that does not."""
        meter = purchase.msn if purchase.msn in self.meters else next(iter(self.meters), "")
        adm = purchase.adm if self.adm is None else self.adm
        fitting = [one for one in self.totals if one in (purchase.denomination, purchase.denomination + adm)]
        total = next(iter(fitting), max(self.totals, default=None))
        return Stated(self.tokens, self.payref, meter, total, self.paid_at, self.adm)


def read(text: str) -> Answer:
    """The parts of a line, each taken out before the next is looked for."""
    paid_at, rest = _date(text)
    found = _REF.search(rest)
    payref = re.sub(" ", "", found[0]).upper() if found else ""
    rest = _REF.sub(" | ", rest)
    adm = _ADM.search(rest)
    rest = _ADM.sub(" | ", rest)
    totals = tuple(_rupiah(one["rp"]) for one in _RUPIAH.finditer(rest))
    rest = _RUPIAH.sub(" | ", rest)
    runs = [re.sub("[ -]", "", one) for one in _RUN.findall(rest)]
    groups = [one for run in _FOURS.findall(rest) for one in token.read(run) or ()]
    return Answer(
        tokens=" ".join(groups[: token.MOST_GROUPS]),
        payref=payref,
        meters=tuple(_METER.findall(_FOURS.sub(" | ", rest))),
        totals=totals,
        adm=_rupiah(adm["rp"]) if adm else None,
        paid_at=paid_at,
        digits=max((len(run) for run in runs), default=0),
    )


def is_one(text: str) -> bool:
    """Whether the line is meant as such an answer: it has a token, or digits that are no order's."""
    found = read(text)
    return bool(found.tokens) or (
        found.digits >= _TOKEN_LIKE and not isinstance(grammar.read(text), grammar.Order | grammar.Command)
    )


def with_reference(text: str, payref: str) -> str:
    """The line with a NO REF that was asked for apart."""
    return f"{text} | {payref}" if payref else text


def named(answer: Answer) -> tuple[bool, bool, bool]:
    """Which of meter, amount and time the answer names, so that they are checked."""
    return bool(answer.meters), bool(answer.totals), answer.paid_at is not None


def _date(text: str) -> tuple[int | None, str]:
    """The supplier's time, which is WIB; one that no calendar has is none."""
    for form in _DATES:
        if found := form.search(text):
            year, month, day, hour, minute, second = (int(found[name] or 0) for name in "ymdhns")
            rest = f"{text[: found.start()]} | {text[found.end() :]}"
            try:
                moment = datetime(year, month, day, hour, minute, second, tzinfo=WIB)
            except ValueError:
                return None, rest
            return round(moment.timestamp() * 1000), rest
    return None, text


def _rupiah(digits: str) -> int:
    return int(digits.replace(".", ""))
