"""What a campaign leaves behind for the checker: the phones, what people did, the supplier's books, and our own.

Plain values, so that a test can doctor them. Times are the double's calendar in seconds.
"""

import re
from dataclasses import dataclass, field

from bot.sandbox import Sold

_HEADING = re.compile(r"(?:KIRIM ULANG|SENT AGAIN) · T\d+\n")


def bare(text: str) -> str:
    """A text without the heading of a repeat."""
    heading = _HEADING.match(text)
    return text[heading.end() :] if heading else text


@dataclass(frozen=True, slots=True)
class Line:
    """A message on a phone. `moments` are when it appeared and when it changed, `nonce` names its set of buttons."""

    chat: int
    id: int
    mine: bool
    text: str
    moments: tuple[float, ...]
    reply_to: int | None = None
    nonce: str = ""

    @property
    def at(self) -> float:
        """When it appeared."""
        return self.moments[0]

    @property
    def key(self) -> tuple[int, str, str]:
        """What tells it from others, whatever heads it."""
        return self.chat, bare(self.text), self.nonce


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a person did."""

    chat: int
    at: float
    what: str
    seconds: float = -1.0  # until it was answered, as the person measured it; negative: never


@dataclass(slots=True)
class Intent:
    """One order and how its agent saw it end: sold, failed, refused, in doubt, or '' if he never got to know."""

    chat: int
    meter: str
    amount: int
    orders: list[int] = field(
        default_factory=list
    )  # what was typed and tapped for it: its messages answer one of these
    taps: int = 0
    ended: str = ""


@dataclass(frozen=True, slots=True)
class Tap:
    """A query as the platform numbered it, and the answers that popped up."""

    chat: int
    query: str
    at: float
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the checker may know. `balances` are what is left, by agent, `""` the supplier's deposit.

    `tried` says when each message was first tried, by chat, words and buttons; `lost` are updates that the platform
    counts as acknowledged and that our inbox does not have.
    """

    lines: list[Line]
    deeds: list[Deed]
    intents: list[Intent]
    taps: list[Tap]
    sales: list[Sold]
    payments: dict[str, int]
    deposits: dict[str, int]
    balances: dict[str, int]
    held: dict[str, int]
    states: dict[str, int]  # our purchases by state
    tried: dict[tuple[int, str, str], float]
    lost: list[str]
    dead: list[str]
    audit: list[str]
    complaints: list[str] = field(default_factory=list)  # what the platform heard and does not know, odd exit codes
    leaks: list[str] = field(default_factory=list)
    kills: tuple[float, ...] = ()
    midnight: bool = False
