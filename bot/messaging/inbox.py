"""Messages on their way in: stored before they are acknowledged, then worked on one at a time per conversation.

A lane is a task that exists only while its conversation has something new. What fails three times is parked and
stops nobody.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bot.ports import Store, Tx, Unavailable

log = structlog.get_logger(__name__)

_MOST_TURNS_AT_ONCE = 64
_TRIES = 3
_MOST_LANES_A_SCAN = 1024  # a backlog is worked off in slices, or each scan would read all of it


@dataclass(frozen=True, slots=True)
class Inbound:
    """One item as a channel received it. `said_at` is the platform's time, epoch milliseconds."""

    channel: str
    ext_id: str
    address: str
    text: str
    order_key: int
    said_at: int
    kind: str = "message"


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A stored item that waits for its turn."""

    id: int
    channel: str
    ext_id: str
    kind: str
    address: str
    body: str
    said_at: int
    received_at: int
    attempts: int

    @property
    def text(self) -> str:
        """What was typed, or the answer of an effect."""
        return str(json.loads(self.body)["text"])


@dataclass(frozen=True, slots=True)
class _Lane:
    channel: str
    address: str


def put(tx: Tx, item: Inbound, now: int) -> bool:
    """Store an item; False if it was stored before, in whatever bytes."""
    fresh = tx.run(
        "inbox_add",
        channel=item.channel,
        ext_id=item.ext_id,
        kind=item.kind,
        address=item.address,
        order_key=item.order_key,
        body=json.dumps({"text": item.text}),
        said_at=item.said_at,
        received_at=now,
    )
    tx.signal("inbox")
    return bool(fresh)


class Inbox:
    """The lanes. `turn` handles one row in one unit and says whether it did, `apologise` parks a row that will not."""

    def __init__(
        self, store: Store, turn: Callable[[Tx, InboxRow], bool], apologise: Callable[[Tx, InboxRow], None]
    ) -> None:
        self._store = store
        self._turn = turn
        self._apologise = apologise
        self._lanes: dict[_Lane, asyncio.Task[None]] = {}
        self._again: set[_Lane] = set()
        self._has_more = False
        self._slots = asyncio.Semaphore(_MOST_TURNS_AT_ONCE)

    async def work(self) -> int:
        """Start a lane wherever something is new; how many lanes have work."""
        waiting = await self._store.read(_lanes)
        self._has_more = len(waiting) == _MOST_LANES_A_SCAN
        for lane in waiting:
            self._again.add(lane)
            if lane not in self._lanes:
                task = asyncio.create_task(self._run(lane), name="lane")
                self._lanes[lane] = task
                task.add_done_callback(partial(self._ended, lane))
        return len(waiting)

    async def idle(self) -> None:
        """Wait until no lane runs."""
        while self._lanes:
            await asyncio.wait(list(self._lanes.values()))

    def _ended(self, lane: _Lane, task: asyncio.Task[None]) -> None:
        self._lanes.pop(lane, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a lane stopped; its rows wait for the next scan", error=type(error).__name__)

    async def _run(self, lane: _Lane) -> None:
        while lane in self._again:
            self._again.discard(lane)
            while await self._one(lane):
                pass
        if self._has_more and len(self._lanes) < _MOST_TURNS_AT_ONCE:
            self._has_more = False
            await self.work()

    async def _one(self, lane: _Lane) -> bool:
        rows = await self._store.read(_new, lane)
        for row in rows:
            async with self._slots:
                try:
                    if await self._store.write(_handle, self._turn, row):
                        return True
                except Unavailable:  # no fault of the message: it stays as new as it was
                    raise
                except Exception as error:
                    log.exception("a turn failed", inbox=row.id, attempt=row.attempts + 1, error=type(error).__name__)
                    await self._store.write(_failed, row, self._apologise)
                    return True
        return False


def _lanes(tx: Tx) -> list[_Lane]:
    return tx.all(_Lane, "inbox_lanes", most=_MOST_LANES_A_SCAN)


def _new(tx: Tx, lane: _Lane) -> list[InboxRow]:
    return tx.all(InboxRow, "inbox_next", channel=lane.channel, address=lane.address)


def _handle(tx: Tx, turn: Callable[[Tx, InboxRow], bool], row: InboxRow) -> bool:
    if not turn(tx, row):
        return False
    return tx.run("inbox_done", id=row.id, state="done") == 1


def _failed(tx: Tx, row: InboxRow, apologise: Callable[[Tx, InboxRow], None]) -> None:
    tx.run("inbox_failed", id=row.id)
    if row.attempts + 1 >= _TRIES and tx.run("inbox_done", id=row.id, state="dead"):
        apologise(tx, row)
