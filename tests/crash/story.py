"""The history read as what happened to each order, by the words on the screens alone.

A message belongs to the order that it answers; what kind it is, is read from its text, in either language.
"""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.crash.history import Read, Record, Typed

_HEADING = re.compile(r"(KIRIM ULANG|SENT AGAIN) · (T\d+)\n")
_NUMBER = re.compile(r"\bT\d{5,}\b")
_TOKEN = re.compile(r"(?:(\d)\) )?(\d{4}(?: \d{4}){4})\n")
_RUPIAH = re.compile(r"Rp(\d{1,3}(?:\.\d{3})*)")
_ORDER = re.compile(r"(\d{11}) (\d+) #\d")
_KINDS = (
    ("late", re.compile(r"🔎 T\d+ (dulu dinyatakan|was declared)")),
    ("failed", re.compile(r"↩️ T\d+")),
    ("done", re.compile(r"✅")),
    ("paid", re.compile(r"T\d+ (jadi dibayar|is paid after all)")),
    ("pending", re.compile(r"⏳ (Sedang diproses PLN|PLN is processing) · T\d+")),
    ("long", re.compile(r"⏳ T\d+ (masih|is still)")),
    ("verify", re.compile(r"⏳ T\d+ ·")),
    ("manual", re.compile(r"🔎 T\d+")),
)
_DOUBT = {"pending", "long", "verify", "manual"}
_OF_SALE = re.compile(r"token\.|pay\.(done|pending|verify)|late\.|pend\.(10min|manual)|resend\.head")


@dataclass(slots=True)
class Intent:
    """One order, what was typed to pay for it, and everything that was said about its purchase."""

    order: Typed
    goods: tuple[str, int]
    price: int = 0
    confirmed_at: int = 0
    was_taken: bool = False
    sales: set[str] = field(default_factory=set)
    tokens: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    failed_at: int = 0

    @property
    def sale(self) -> str:
        """Its number for people."""
        return min(self.sales, default="")

    @property
    def is_done(self) -> bool:
        """Told sold, with the money."""
        return "done" in self.kinds

    @property
    def is_failed(self) -> bool:
        """Told failed, the money back."""
        return "failed" in self.kinds

    @property
    def is_late(self) -> bool:
        """Told that a sale turned up after all."""
        return "late" in self.kinds

    @property
    def is_paid(self) -> bool:
        """Told late, and then the agent agreed to pay for it."""
        return "paid" in self.kinds

    @property
    def is_sold(self) -> bool:
        """Its money is gone."""
        return self.is_done or bool(self.tokens)

    @property
    def is_open(self) -> bool:
        """Taken, and no end was told."""
        return self.was_taken and not (self.is_sold or self.is_failed or self.is_late)

    @property
    def is_told(self) -> bool:
        """Its agent knows at least that it is unclear."""
        return bool(self.kinds)


@dataclass(slots=True)
class Story:
    """All intents; how often each message about a sale came without heading; tokens shown when asked for, by sale."""

    intents: list[Intent] = field(default_factory=list)
    plain_copies: Counter[tuple[str, str]] = field(default_factory=Counter)
    asked_for: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    doubles: set[str] = field(default_factory=set)  # of which the owner was told that they were sold twice
    resent: int = 0

    @classmethod
    def of(cls, history: list[Record]) -> "Story":
        """Read a history."""
        story = cls()
        orders: dict[str, Intent] = {}
        lines: dict[str, Intent] = {}
        cards: dict[str, list[Read]] = defaultdict(list)
        for record in history:
            match record:
                case Typed() if match := _ORDER.fullmatch(record.text):
                    orders[record.id] = Intent(record, (match[1], int(match[2]) * 1000))
                    story.intents.append(orders[record.id])
                case Typed() if record.confirms:
                    intent = lines[record.id] = orders[record.intent]
                    intent.confirmed_at = intent.confirmed_at or record.at
                    intent.price = intent.price or _price(cards[record.who], intent.goods)
                case Read() if record.key == "buy.processing" and record.reply_to in lines:
                    lines[record.reply_to].was_taken = True
                case Read() if record.pay:
                    cards[record.to].append(record)
                case Read() if record.key == "own.double":
                    story.doubles.update(_NUMBER.findall(record.text))
                case Read() if _OF_SALE.match(record.key):
                    story._about(record, orders.get(record.reply_to))
        return story

    def _about(self, read: Read, intent: Intent | None) -> None:
        """A message about a sale: of an order, or once more because somebody asked (`token T10001`)."""
        heading = _HEADING.match(read.text)
        text = read.text[heading.end() :] if heading else read.text
        number = heading[2] if heading else next(iter(_NUMBER.findall(text)), "")
        token = _TOKEN.match(text)
        self.resent += bool(heading) and intent is not None
        if intent is None:
            if token:
                self.asked_for[token[2].replace(" ", "")].add(number)
            return
        intent.was_taken = True
        if number:
            intent.sales.add(number)
        if token:
            kind = f"token {token[1] or ''}"
            intent.tokens.add(token[2].replace(" ", ""))
        else:
            kind = next((name for name, form in _KINDS if form.match(text)), read.key)
            intent.kinds.add(kind)
            intent.failed_at = intent.failed_at or (read.at if kind == "failed" else 0)
        if not heading:
            self.plain_copies[intent.order.id, kind] += 1


def rupiah(text: str) -> list[int]:
    """Every amount with its sign in a text, in order."""
    return [int(amount.replace(".", "")) for amount in _RUPIAH.findall(text)]


def _price(cards: list[Read], goods: tuple[str, int]) -> int:
    """From the latest card of this meter and amount: the line after the customer's, `Harga Rp52.000 · …`."""
    for card in reversed(cards):
        if goods[0] in card.text.replace(" ", "") and rupiah(card.text)[0] == goods[1]:
            line = next((line for line in card.text.split("\n") if line.startswith(("Harga ", "Price "))), "")
            return rupiah(line)[0] if line else 0
    return 0
