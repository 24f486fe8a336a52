"""What goes wrong on the way: by plan, or by chance from a seed. Every fault that fires is counted.

A planned fault says which calls it meets; a probable one meets any call that it is not told to spare. Which kinds there
are on a platform, its double says.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """How a call ends badly. `*_APPLIED`: the message is on the phone, the bot does not get to know."""

    REFUSE = "refuse"  # the connection is closed when it is accepted
    RESET = "reset"  # cut before the body is read
    HANG = "hang"  # nothing happens, no answer either
    DROP_APPLIED = "drop_applied"
    HANG_APPLIED = "hang_applied"
    JSON_500 = "500_json"
    HTML_502 = "502_html"
    EMPTY_503 = "503_empty"
    JSON_LIST_500 = "500_json_list"
    TRUNCATED = "truncated"  # applied; 200 with half of its JSON
    HTML_200 = "200_html"  # applied; a proxy's page instead of the answer
    DRIP = "drip"  # applied; the answer comes byte by byte
    UNAUTHORIZED = "401"
    NOT_FOUND = "404"
    REDIRECT = "redirect"
    # Telegram
    FLOOD = "429"
    FLOOD_BARE = "429_bare"  # without retry_after
    BAD = "400"  # with `words`, as if the message were wrong
    # WhatsApp
    ERROR = "error"  # any `code` of the Graph API, under any `status`
    OK_WITHOUT_WAMID = "200_bare"  # applied; a success that does not name the message


class Mail(StrEnum):
    """What happens to a delivery."""

    DUPLICATE = "duplicate"  # the same once more, in other bytes
    CONCURRENT = "concurrent"  # twice at the same moment
    LOST_ACK = "lost_ack"  # its 200 or its offset never arrived
    REORDER = "reorder"  # the next of its queue comes first
    DELAY = "delay"  # it comes late
    TWIN = "twin"  # the same tap again under new ids
    # WhatsApp
    FOREIGN = "foreign"  # in one post with one for another number of the account
    STRANGE = "strange"  # with fields and a type that nobody knows
    NAMELESS = "nameless"  # its contact without a wa_id or without a user_id
    FORGED = "forged"  # before it, the same with a wrong signature
    UNSIGNED = "unsigned"  # before it, the same without any


def kind_of(name: str) -> Kind | Mail:
    """A fault by its name, whichever sort it is."""
    return Mail(name) if name in set(Mail) else Kind(name)


WITH_BODY = frozenset({Kind.JSON_500, Kind.HTML_502, Kind.EMPTY_503, Kind.JSON_LIST_500})
APPLIED = frozenset(
    {Kind.DROP_APPLIED, Kind.HANG_APPLIED, Kind.TRUNCATED, Kind.HTML_200, Kind.DRIP, Kind.OK_WITHOUT_WAMID}
)


@dataclass(slots=True)
class Fault:
    """Meets the `nth` matching call and the `count - 1` after it. `method` or `chat` None: any.

    `applied` lets a 5xx come after the effect. `retry_after` is for 429 (it shuts the chat for that long), `seconds`
    for what hangs, drips or is delayed; `code`, `subcode`, `status` and `details` are an ERROR's.
    """

    method: str | None = None
    kind: Kind | Mail = Kind.RESET
    chat: int | str | None = None
    nth: int = 1
    count: int = 1
    applied: bool = False
    retry_after: int = 3
    seconds: float = 30.0
    words: str = "can't parse entities: Unsupported start tag"
    code: int = 131000
    subcode: int = 0
    status: int = 0  # 0: the one that usually carries the code
    details: str = ""
    also: frozenset[str] = frozenset()  # further methods that it meets
    met: int = 0

    def matches(self, method: str, chat: int | str | None) -> bool:
        named = self.method is None or self.method.lower() == method.lower() or method in self.also
        return named and self.chat in (None, chat)

    def meets(self) -> bool:
        self.met += 1
        return self.nth <= self.met < self.nth + self.count

    @property
    def is_spent(self) -> bool:
        return self.met >= self.nth + self.count - 1


@dataclass(slots=True)
class Faults:
    """The plan and the chances of one sort: for calls, or for deliveries (their `method` is the kind of update)."""

    random: random.Random
    fired: Counter[str]
    planned: list[Fault] = field(default_factory=list)
    chances: dict[Kind | Mail, float] = field(default_factory=dict)
    spared: set[str] = field(default_factory=set)  # methods in lower case that chance leaves alone
    seconds: float = 30.0  # how long what chance makes hang hangs
    retry_after: int = 2
    codes: tuple[int, ...] = (131000,)  # of which an ERROR by chance has one

    def plan(self, fault: Fault) -> None:
        self.planned.append(fault)

    def chance(self, kind: Kind | Mail, probability: float) -> None:
        self.chances[kind] = probability

    def clear(self) -> None:
        self.planned.clear()
        self.chances.clear()

    def pick(self, method: str, chat: int | str | None) -> Fault | None:
        """The fault that this call meets; at most one, a planned one first."""
        met = None
        for fault in list(self.planned):
            if fault.kind is Kind.REFUSE or not fault.matches(method, chat):
                continue
            if fault.meets() and met is None:
                met = fault
            if fault.is_spent:
                self.planned.remove(fault)
        return met or self._by_chance(method)

    def _by_chance(self, method: str) -> Fault | None:
        if not self.chances or method.lower() in self.spared:
            return None
        drawn = self.random.random()
        for kind, probability in self.chances.items():
            if kind in {Kind.REFUSE, Mail.TWIN}:  # drawn where connections and taps are made
                continue
            if drawn < probability:
                applied = self.random.random() < 0.5
                made = Fault(method, kind, applied=applied, retry_after=self.retry_after, seconds=self.seconds)
                if kind is Kind.ERROR:
                    made.code = self.random.choice(self.codes)
                return made
            drawn -= probability
        return None

    @property
    def may_refuse(self) -> bool:
        return Kind.REFUSE in self.chances or any(fault.kind is Kind.REFUSE for fault in self.planned)

    def refuses(self) -> bool:
        """Whether the connection that is just accepted is closed at once."""
        for fault in list(self.planned):
            if fault.kind is Kind.REFUSE and fault.meets():
                if fault.is_spent:
                    self.planned.remove(fault)
                return True
        return Kind.REFUSE in self.chances and self.random.random() < self.chances[Kind.REFUSE]

    def resets(self, method: str) -> Fault | None:
        """The plan by which this call is cut before its body is read, if it meets one that asks for nobody."""
        for fault in self.planned:
            if fault.kind is Kind.RESET and fault.chat is None:
                due = fault.matches(method, None) and fault.nth == fault.met + 1
                return fault if due and self.pick(method, None) is fault else None
        return None

    def twins(self) -> bool:
        """Whether the tap that is just made comes under a second pair of ids, too."""
        if Mail.TWIN not in self.chances or self.random.random() >= self.chances[Mail.TWIN]:
            return False
        self.fired[Mail.TWIN.value] += 1
        return True

    def count(self, fault: Fault) -> None:
        self.fired[fault.kind.value] += 1
