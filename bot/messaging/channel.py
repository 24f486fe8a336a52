"""What a channel is to the rest of the house: how it reads what came in, how a send ended, how fast it may be asked.

A channel knows no business. It never raises for what the network or a platform does: each end of a call has a name.
"""

from collections.abc import Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.domain.message import Message
from bot.messaging.event import Event
from bot.messaging.inbox import InboxRow, plain
from bot.messaging.outbox import Outgoing


class Outcome(StrEnum):
    """How one call ended."""

    SENT = "sent"  # the platform said so
    NOT_SENT = "not sent"  # proven that nothing left, or that it was not taken: no copy can come of it
    UNKNOWN = "unknown"  # perhaps delivered, perhaps not
    LATER = "later"  # refused for its rate: this chat, or the whole channel, waits
    AWAY = "away"  # this person cannot be reached until he writes again
    REFUSED = "refused"  # never deliverable as it is, and nothing was delivered
    SHUT = "shut"  # the platform does not know us: the whole channel waits, and somebody must act
    CLOSED = "closed"  # too long since the person wrote: only a message of a form approved before may reach him
    HELD = "held"  # the platform holds us back for what we sent: notices stop, and a human must decide
    BARE = "bare"  # not as it is: what must arrive is tried once more without ornament


@dataclass(frozen=True, slots=True)
class Result:
    """The end of a call. `ext_id` names the message on the platform; `seconds` is how long LATER and SHUT wait.

    Who waits is the chat, or everybody: the platform says so (`whole_channel`), or many chats at once let us guess it,
    unless it is certain that only this chat is meant (`one_chat`).
    """

    outcome: Outcome
    ext_id: str = ""
    seconds: float = 0.0
    whole_channel: bool = False
    one_chat: bool = False
    note: str = ""


class UnfetchedError(Exception):
    """A file that cannot be had; `again`: perhaps a moment later. The text carries no address: access stands in it."""

    def __init__(self, why: str, *, again: bool = False) -> None:
        super().__init__(why)
        self.again = again


SENT = Result(Outcome.SENT)
NOT_SENT = Result(Outcome.NOT_SENT)
UNKNOWN = Result(Outcome.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast messages may leave, in milliseconds between two; 0 is no limit. `burst` may leave at once to a chat.

    What is said to many leaves one in `broadcast` milliseconds, so that there is always room for the rest.
    """

    chat: int = 0
    channel: int = 0
    burst: int = 3
    broadcast: int = 0


UNHURRIED = Pace()
Loop = Coroutine[Any, Any, None]


class Local:
    """What a channel inside this process needs no loops for."""

    edits = False
    deletes = False
    signs = False
    statuses = False
    pace = UNHURRIED
    parse = staticmethod(plain)

    async def fetch(self, file: str, most: int) -> bytes:
        """Nobody sends a file in words."""
        raise UnfetchedError("words only")

    def intake(self) -> list[Loop]:
        """Somebody calls it."""
        return []

    def loops(self) -> list[Loop]:
        """None."""
        return []

    def is_alive(self) -> bool:
        """As long as the process."""
        return True


class Channel(Protocol):
    """Where messages come from and go to. `edits` says whether it can change what it has sent, `deletes` whether it can
    take away what its person wrote.

    `signs` says whether a sign of life stands for words while the supplier works, where nothing can be changed later.
    `statuses` says whether the platform tells later what became of a message; then people have several names, too, and
    may be written to for a while only: a row is looked up afresh before it is sent.
    """

    name: str
    edits: bool
    deletes: bool
    signs: bool
    statuses: bool
    pace: Pace

    def parse(self, row: InboxRow) -> Event:
        """What a stored item means. Pure; raises `Malformed`."""

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        """Deliver one message to its address, or change an earlier one."""

    async def fetch(self, file: str, most: int) -> bytes:
        """A file that somebody sent, of at most so many bytes. Raises `UnfetchedError`."""

    def intake(self) -> list[Loop]:
        """Loops that bring in what people say; ended first when the process stops."""

    def loops(self) -> list[Loop]:
        """Loops beside them that nobody counts on: menus, signs of life."""

    def is_alive(self) -> bool:
        """Whether what people say could reach us lately."""
