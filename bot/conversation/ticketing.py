"""What a script may do about tickets: look what stands in the way, make one, credit or reject one.

Each is one call, within the turn's own unit; the log keeps the message that came of it.
"""

import json
from dataclasses import dataclass

from bot.conversation import tickets
from bot.conversation.script import Effect, MaySay, Says, Turn
from bot.domain.message import Message
from bot.domain.people import Role
from bot.services import tickets as service
from bot.services.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a ticket may be for, rupiah."""

    least: int
    most: int


class Limits(Effect[Bounds]):
    """The shop's bounds for a ticket, as they were when the question was asked."""

    def __init__(self) -> None:
        self.name = "limits"

    def perform(self, turn: Turn) -> Bounds:
        """From the settings."""
        return Bounds(turn.shop.top_up_least, turn.shop.top_up_most)

    def dump(self, value: Bounds) -> str:
        """Plain numbers."""
        return json.dumps([value.least, value.most])

    def load(self, turn: Turn, logged: str) -> Bounds:
        """The numbers back."""
        return Bounds(*json.loads(logged))


class Hindered(MaySay):
    """What stands in the way of a new ticket (without a number), or of deciding about one; None to go on."""

    def __init__(self, number: str = "") -> None:
        self.name = "hindered"
        self.number = number

    def perform(self, turn: Turn) -> Message | None:
        """Look."""
        return tickets.blocked(turn, self.number) if self.number else tickets.hindrance(turn)


class MakeTicket(Says):
    """A ticket of its own amount."""

    def __init__(self, wanted: int) -> None:
        self.name = "make_ticket"
        self.wanted = wanted

    def perform(self, turn: Turn) -> Message:
        """One unit with the turn."""
        return tickets.made(turn, self.wanted)


class Compare(Says):
    """What came beside what was asked for."""

    def __init__(self, number: str, came: int) -> None:
        self.name = "compare"
        self.number = number
        self.came = came

    def perform(self, turn: Turn) -> Message:
        """From the ticket."""
        return tickets.compared(turn, self.number, self.came)


class Credit(MaySay):
    """Credit what came, once whoever says so; None where it may have been booked by hand since it was `shown`."""

    def __init__(self, number: str, came: int, shown: Message) -> None:
        self.name = "credit"
        self.number = number
        self.came = came
        self.shown = shown

    def perform(self, turn: Turn) -> Message | None:
        """One unit with the turn; a chat that is an owner's no more credits nothing."""
        found = _owned(turn, self.number)
        warnings = tickets.compared(turn, self.number, self.came).more
        if warnings and warnings != self.shown.more and tickets.blocked(turn, self.number) is None:
            return None
        return tickets.credited(turn, found, self.came)


class Reject(Says):
    """Say no to a ticket."""

    def __init__(self, number: str, reason: str) -> None:
        self.name = "reject"
        self.number = number
        self.reason = reason

    def perform(self, turn: Turn) -> Message:
        """One unit with the turn."""
        return tickets.refused(turn, _owned(turn, self.number), self.reason)


def _owned(turn: Turn, number: str) -> Ticket:
    found = service.by_number(turn.tx, number)
    if found is None or turn.person.role is not Role.OWNER:
        raise LookupError(f"no ticket {number} for {turn.person.acting}")
    return found
