"""The queue of updates: what waits for the bot, what it took, and what became of all that ever was in it.

One queue for polling and webhook, as on the server: ids grow, what is not allowed is dropped at the door, what is too
old is dropped before it is handed out.
"""

import random
from dataclasses import dataclass, field

from tests.double.clock import Clock, Signal
from tests.telegram.double.wire import Json

DAY = 86_400
TAP_LIVES = 150
_OFF_BY_DEFAULT = {"chat_member", "message_reaction", "message_reaction_count"}


@dataclass(slots=True, eq=False)
class Update:
    """`state`: pending, confirmed, expired, filtered or dropped. `queue` orders webhook deliveries."""

    id: int
    kind: str
    payload: Json
    queue: str
    chat: int
    expires: float
    born: float
    state: str = "pending"
    handed: int = 0  # how often it was handed out
    fails: int = 0
    delay: float = 1.0
    wakes: float = 0.0
    ended: float = 0.0  # ticks at which it left the queue

    def json(self) -> Json:
        return {"update_id": self.id, self.kind: self.payload}


@dataclass(slots=True, eq=False)
class Updates:
    """The queue and its log."""

    clock: Clock
    chance: random.Random
    log: list[Update] = field(default_factory=list)
    pending: dict[int, Update] = field(default_factory=dict)
    allowed: list[str] = field(default_factory=list)
    stirred: Signal = field(default_factory=Signal)
    again: list[Update] = field(default_factory=list)  # confirmed ones that come once more
    next_id: int = 0

    def __post_init__(self) -> None:
        self.jump()

    def jump(self) -> None:
        """After a week without updates ids go on at a random number, also a smaller one."""
        self.next_id = self.chance.randrange(100_000_000, 900_000_000)

    def allows(self, kind: str) -> bool:
        return kind in self.allowed if self.allowed else kind not in _OFF_BY_DEFAULT

    def add(self, kind: str, payload: Json, queue: str, chat: int) -> Update:
        now = self.clock.now()
        lives = TAP_LIVES if kind == "callback_query" else DAY
        update = Update(self.next_id, kind, payload, queue, chat, now + lives, now)
        self.next_id += 1
        self.log.append(update)
        if self.allows(kind):
            self.pending[update.id] = update
            self.stirred.fire()
        else:
            update.state = "filtered"
        return update

    def end(self, update: Update, state: str) -> None:
        update.state = state
        update.ended = self.clock.ticks()
        self.pending.pop(update.id, None)

    def drop(self) -> None:
        for update in list(self.pending.values()):
            self.end(update, "dropped")

    def expire(self) -> None:
        for update in list(self.pending.values()):
            if self.clock.now() > update.expires:
                self.end(update, "expired")

    def confirm(self, offset: int) -> list[Update]:
        """What the offset confirms is gone. An offset far above the tail is unknown and confirms nothing."""
        if offset < 0:
            ended = list(self.pending.values())[:offset]
            for update in ended:
                self.end(update, "confirmed")
            return ended
        if offset > self.next_id + 10:
            return []
        ended = [update for update in self.pending.values() if update.id < offset]
        for update in ended:
            self.end(update, "confirmed")
        return ended

    def take(self, limit: int) -> list[Update]:
        """The oldest that wait; they stay until they are confirmed."""
        self.expire()
        batch = (self.again + sorted(self.pending.values(), key=lambda one: one.id))[:limit]
        self.again = self.again[len(batch) :]
        for update in batch:
            update.handed += 1
        return batch

    def find(self, update_id: int) -> Update:
        return next(one for one in reversed(self.log) if one.id == update_id)
