"""What waits to be delivered to the webhook: messages, statuses and news of the account, and what became of each.

Meta promises no order and tries for seven days; what is in one post together is the deliverer's choice.
"""

from dataclasses import dataclass, field

from tests.double.clock import Clock, Signal
from tests.whatsapp.double.wire import Json

WEEK = 7 * 86_400


@dataclass(slots=True, eq=False)
class Item:
    """`kind`: message, status or ops. `state`: pending, confirmed or expired. `person`: the key of whom it is about."""

    number: int
    kind: str
    id: str  # the wamid, for a status that of the message
    person: str
    payload: Json  # the message or the status; for ops a whole change
    born: float
    phone_number_id: str
    contact: Json | None = None
    state: str = "pending"
    handed: int = 0  # how often it was posted
    fails: int = 0
    wakes: float = 0.0  # ticks before which it does not leave
    gated: bool = False  # waits for the call that it is about to be answered
    busy: bool = False
    late: bool = False  # left its lane
    ended: float = 0.0

    @property
    def lane(self) -> str:
        """What is in one lane leaves in order, lanes go side by side; what failed has lost its place."""
        return "again" if self.fails or self.late else f"{self.kind} {self.person}"


@dataclass(slots=True, eq=False)
class Items:
    """The queue and its log."""

    clock: Clock
    phone_number_id: str
    log: list[Item] = field(default_factory=list)
    pending: dict[int, Item] = field(default_factory=dict)
    stirred: Signal = field(default_factory=Signal)

    def add(
        self, kind: str, id: str, person: str, payload: Json, contact: Json | None = None, *,  # noqa: A002
        gated: bool = False, wakes: float = 0.0,
    ) -> Item:  # fmt: skip
        item = Item(
            len(self.log) + 1, kind, id, person, payload, self.clock.now(), self.phone_number_id, contact,
            gated=gated, wakes=wakes,
        )  # fmt: skip
        self.log.append(item)
        self.pending[item.number] = item
        self.stirred.fire()
        return item

    def end(self, item: Item, state: str) -> None:
        item.state = state
        item.ended = self.clock.ticks()
        self.pending.pop(item.number, None)
        self.stirred.fire()

    def expire(self) -> None:
        for item in list(self.pending.values()):
            if self.clock.now() > item.born + WEEK:
                self.end(item, "expired")

    def find(self, id: str) -> Item:  # noqa: A002
        """The newest with this wamid."""
        return next(one for one in reversed(self.log) if one.id == id)
