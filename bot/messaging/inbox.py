"""Messages on their way in: stored before they are acknowledged, then worked on one at a time per conversation.

A lane is a task that exists only while its conversation has something new. What fails three times, and what its
channel cannot read, is parked and stops nobody.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

import structlog

from bot.messaging import vault
from bot.messaging.event import Event, Kind, Malformed
from bot.ports import Store, Tx, Unavailable
from bot.underway import UnderWay

log = structlog.get_logger(__name__)

_OURS = "internal"  # the kind of an item that an effect left: its answer
_MOST_TURNS_AT_ONCE = 256  # those that wait together share one commit
_TRIES = 3
_MOST_ROWS_A_SCAN = 1024  # a backlog is worked off in slices, or each scan would read all of it
_MOST_ROWS_A_LOOK = 20
_MOST_SCANS_AT_ONCE = 8
_BEHIND = "\x01"  # an address with this at its end comes right behind it


@dataclass(frozen=True, slots=True)
class Inbound:
    """One item as a channel received it. `said_at` is the platform's time, epoch milliseconds.

    A channel that reads its items later stores them whole, as `body`, ASCII JSON; `text` is what was typed otherwise.
    Neither is ever printed: what was typed may be secret.
    """

    channel: str
    ext_id: str
    address: str
    text: str = field(repr=False)
    order_key: int
    said_at: int
    kind: str = "message"
    body: str = field(default="", repr=False)


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


Read = Callable[[InboxRow], Event]
Handle = Callable[[Tx, InboxRow, Event], bool]
Look = Callable[[InboxRow, Event], Awaitable[Event]]


def plain(row: InboxRow) -> Event:
    """An item that is nothing but typed words."""
    return Event(Kind.WORDS, row.text)


def put(tx: Tx, item: Inbound, now: int, *, state: str = "new") -> bool:
    """Store an item; False if it was stored before, in whatever bytes. One that is `done` is only kept.

    What may be a secret number is not stored: a mark stands in its place.
    """
    fresh = tx.run(
        "inbox_add",
        channel=item.channel,
        ext_id=item.ext_id,
        kind=item.kind,
        address=item.address,
        order_key=item.order_key,
        body=_body(item),
        said_at=item.said_at,
        received_at=now,
        state=state,
    )
    tx.signal("inbox")
    return bool(fresh)


def _body(item: Inbound) -> str:
    if item.kind == _OURS:
        return json.dumps({"text": item.text})  # nobody typed it: its numbers are those of talks and rows
    return vault.veiled_body(item.body) if item.body else json.dumps({"text": vault.veiled(item.text)})


async def _as_it_came(_row: InboxRow, event: Event) -> Event:
    return event


class Inbox:
    """The lanes of the channels that `readers` can read; rows of others wait for a process that serves them.

    `turn` handles one event in one unit and says whether it did, `apologise` answers for a row that is given up. `look`
    reads the photo or the file of an event before its turn: until then the row is new, so that a kill only means to
    look again.
    """

    def __init__(
        self,
        store: Store,
        turn: Handle,
        apologise: Callable[[Tx, InboxRow], None],
        readers: Mapping[str, Read],
        look: Look = _as_it_came,
    ) -> None:
        self._store = store
        self._turn = turn
        self._apologise = apologise
        self._readers = readers
        self._look = look
        self._lanes: UnderWay[_Lane] = UnderWay("the lane's rows wait for the next scan")
        self._again: set[_Lane] = set()
        self._waiting: dict[_Lane, frozenset[int]] = {}  # rows that were tried in vain; only a newer row changes that
        self._has_more = False
        self._next: dict[str, str] = {}  # where, by address, the next scan of a channel with a backlog begins
        self._slots = asyncio.Semaphore(_MOST_TURNS_AT_ONCE)

    async def work(self) -> int:
        """Start a lane wherever something is new; how many lanes have work."""
        busy = 0
        for _ in range(_MOST_SCANS_AT_ONCE):
            busy += await self._scan()
            if not self._has_more or len(self._lanes) >= _MOST_TURNS_AT_ONCE:
                break
        return busy

    async def _scan(self) -> int:
        """One slice of what is new; where there is more, the next begins behind it, so that nobody is passed over."""
        found = await self._store.read(_all_new, tuple(self._readers), dict(self._next))
        self._has_more = False
        busy = 0
        for channel, rows in found.items():
            is_cut = len(rows) >= _MOST_ROWS_A_SCAN
            self._has_more |= is_cut or bool(self._next.pop(channel, ""))
            if is_cut:
                self._next[channel] = rows[-1].address + _BEHIND
            busy += sum([self._start(lane, of_lane) for lane, of_lane in _by_lane(rows).items()])
        return busy

    def _start(self, lane: _Lane, rows: list[InboxRow]) -> bool:
        """Begin to work on the rows, unless all of them wait for an effect's answer."""
        if lane in self._lanes:
            self._again.add(lane)
            return True
        if self._waiting.get(lane, frozenset()).issuperset(row.id for row in rows):
            return False
        self._lanes.begin(lane, self._run(lane, rows), "lane")
        return True

    async def idle(self) -> None:
        """Wait until no lane runs."""
        await self._lanes.idle()

    async def stop(self) -> None:
        """Let go; what is new stays so."""
        await self._lanes.stop()

    async def _run(self, lane: _Lane, rows: list[InboxRow]) -> None:
        """Work on what the scan found; look again where more came meanwhile, or where not all of it could be done."""
        self._waiting.pop(lane, None)
        while await self._one_after_another(lane, rows) or lane in self._again:
            self._again.discard(lane)
            rows = await self._store.read(_new, lane)
        if self._has_more and len(self._lanes) < _MOST_TURNS_AT_ONCE:
            self._has_more = False
            await self.work()

    async def _one_after_another(self, lane: _Lane, rows: list[InboxRow]) -> bool:
        """Whether it is worth looking again: a row failed, or one that had to wait may no longer have to."""
        waiting: list[int] = []
        handled = 0
        for row in rows:
            try:
                event = self._read(row)
                if event.kind in (Kind.PHOTO, Kind.FILE):
                    event = await self._look(row, event)
                async with self._slots:
                    if await self._store.write(_handle, self._turn, row, event):
                        handled += 1
                    else:
                        waiting.append(row.id)
            except Malformed as error:
                log.error("an item cannot be read; it is kept", inbox=row.id, channel=row.channel, why=str(error))
                await self._store.write(_unreadable, row, str(error))
            except Unavailable:  # no fault of the message: it stays as new as it was
                raise
            except Exception as error:
                log.exception("a turn failed", inbox=row.id, attempt=row.attempts + 1, error=type(error).__name__)
                await self._store.write(_failed, row, self._apologise)
                return True
        if waiting:
            self._waiting[lane] = frozenset(waiting)
        else:
            self._waiting.pop(lane, None)
        return bool(handled and (waiting or len(rows) >= _MOST_ROWS_A_LOOK))

    def _read(self, row: InboxRow) -> Event:
        return Event(Kind.ANSWER, row.text) if row.kind == _OURS else self._readers[row.channel](row)


def _all_new(tx: Tx, channels: tuple[str, ...], since: Mapping[str, str]) -> dict[str, list[InboxRow]]:
    return {
        channel: tx.all(
            InboxRow, "inbox_all_new", channel=channel, since=since.get(channel, ""), most=_MOST_ROWS_A_SCAN
        )
        for channel in channels
    }


def _by_lane(rows: list[InboxRow]) -> dict[_Lane, list[InboxRow]]:
    found: dict[_Lane, list[InboxRow]] = {}
    for row in rows:
        found.setdefault(_Lane(row.channel, row.address), []).append(row)
    return found


def _new(tx: Tx, lane: _Lane) -> list[InboxRow]:
    return tx.all(InboxRow, "inbox_next", channel=lane.channel, address=lane.address, most=_MOST_ROWS_A_LOOK)


def _handle(tx: Tx, turn: Handle, row: InboxRow, event: Event) -> bool:
    """Done first, so that a row is handled once even if two scans found it; and new again where it has to wait."""
    if not tx.run("inbox_done", id=row.id, state="done"):
        return True
    if turn(tx, row, event):
        return True
    tx.run("inbox_waits", id=row.id)
    return False


def _failed(tx: Tx, row: InboxRow, apologise: Callable[[Tx, InboxRow], None]) -> None:
    tx.run("inbox_failed", id=row.id)
    if row.attempts + 1 >= _TRIES and tx.run("inbox_done", id=row.id, state="dead"):
        apologise(tx, row)


def _unreadable(tx: Tx, row: InboxRow, why: str) -> None:
    if tx.run("inbox_done", id=row.id, state="dead"):
        detail = f"inbox {row.id} of {row.channel}: {why}"[:300]
        tx.run("alert_add", kind="own.unreadable", purchase_id=None, detail=detail, created_at=row.received_at)
