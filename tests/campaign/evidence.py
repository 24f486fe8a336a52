"""What a campaign leaves behind for the checker: the phones, what people did, the supplier's books, and our own.

Plain values, so that a test can doctor them. Times are the double's calendar in seconds. A chat is named as its
platform names it.
"""

import re
from dataclasses import dataclass, field

from bot.sandbox import Sold

Chat = int | str
Key = tuple[Chat, str, str]
_SALE = re.compile(r"T\d{5,}")
_HEADING = re.compile(r"(?:KIRIM ULANG|SENT AGAIN) · T\d+\n")


def bare(text: str) -> str:
    """A text without the heading of a repeat."""
    heading = _HEADING.match(text)
    return text[heading.end() :] if heading else text


@dataclass(frozen=True, slots=True)
class Line:
    """A message on a phone. `moments` are when it appeared and when it changed, `nonce` names its set of buttons.

    `row` names the call that brought it, where a platform tells that; a template is told in the words of what it
    stands for.
    """

    chat: Chat
    id: int
    mine: bool
    text: str
    moments: tuple[float, ...]
    reply_to: int | None = None
    nonce: str = ""
    row: str = ""
    is_template: bool = False

    @property
    def at(self) -> float:
        """When it appeared."""
        return self.moments[0]

    @property
    def key(self) -> Key:
        """What tells it from others, whatever heads it."""
        return (self.chat, self.row, "") if self.row else (self.chat, bare(self.text), self.nonce)

    @property
    def is_result(self) -> bool:
        """Whether it tells what became of an order: it answers one, or is a template, which can answer nothing."""
        return self.reply_to is not None or self.is_template


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that a person did."""

    chat: Chat
    at: float
    what: str
    seconds: float = -1.0  # until it was answered, as the person measured it; negative: never


@dataclass(slots=True)
class Intent:
    """One order and how its agent saw it end: sold, failed, refused, in doubt, or '' if he never got to know.

    `sale` is the number by which he knows it, as soon as he does.
    """

    chat: Chat
    meter: str
    amount: int
    orders: list[int] = field(
        default_factory=list
    )  # what was typed and tapped for it: its messages answer one of these
    taps: int = 0
    ended: str = ""
    sale: str = ""


@dataclass(frozen=True, slots=True)
class Tap:
    """A query as the platform numbered it, and the answers that popped up."""

    chat: Chat
    query: str
    at: float
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the checker may know. `balances` are what is left, by agent, `""` the supplier's deposit.

    `tried` says when each message was first tried; `let_go` are those that the platform said it would not deliver, so
    that later ones went before them. `lost` are updates that the platform counts as acknowledged and that our inbox
    does not have. `accounts` says who a chat speaks for, where several do for one.
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
    tried: dict[Key, float]
    lost: list[str]
    dead: list[str]
    audit: list[str]
    complaints: list[str] = field(default_factory=list)  # what the platform heard and does not know, odd exit codes
    leaks: list[str] = field(default_factory=list)
    kills: tuple[float, ...] = ()
    midnight: bool = False
    let_go: frozenset[Key] = frozenset()
    accounts: dict[Chat, str] = field(default_factory=dict)

    def account(self, chat: Chat | None) -> str:
        """Who the chat speaks for."""
        return "nobody" if chat is None else self.accounts.get(chat, str(chat))


def see_ends(lines: list[Line], intents: list[Intent]) -> None:
    """What was in doubt when its agent went on may have come to its end since."""
    ends = [one for one in lines if not one.mine and ("✅" in one.text or "↩" in one.text)]
    said = {(one.chat, one.reply_to): one.text for one in ends if one.reply_to is not None}
    numbered = {(one.chat, sale_of(one.text)): one.text for one in ends if one.is_template}
    for one in intents:
        texts = [said.get((one.chat, order)) for order in one.orders]
        if one.sale:
            texts.append(numbered.get((one.chat, one.sale)))
        for text in filter(None, texts):
            one.ended = "sold" if "✅" in text else "failed"


def sale_of(text: str) -> str:
    """The number of the sale that a message speaks of."""
    found = _SALE.search(text)
    return found[0] if found else ""
