"""The sender of one channel: claims rows, sends them, commits how it ended. In order per chat, chats side by side.

No platform has an idempotent send, so an unclear one is repeated by class and headed as a repeat; a token's message
is never dropped silently. What a send comes to changes no purchase.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

import structlog

from bot.domain.message import Text
from bot.domain.rules import Waits
from bot.messaging.channel import UNKNOWN, Channel, Outcome, Result
from bot.messaging.lineup import Lineup
from bot.messaging.outbox import Class, Outgoing, Variant
from bot.messaging.policy import Next, Policy, note, pause
from bot.messaging.spool import Spool
from bot.ports import Store, Tx, Unavailable

log = structlog.get_logger(__name__)

_AT_ONCE = 256
_MOST_READ = 1_000
_CROWD = (3, 10_000)  # so many chats refused for their rate within so many milliseconds: the whole channel is too fast

Ended = tuple[Outgoing, Result]


@dataclass(frozen=True, slots=True)
class _Fresh:
    """What is looked up once a row is claimed: where to, in which form, when its person last wrote, which try it is."""

    address: str
    variant: Variant
    heard_at: int
    attempts: int
    unknowns: int


class Sender:
    """Sends what waits for one channel. `now` is epoch milliseconds. `stir` and `reload` say that rows were added.

    The files of messages lie in the `spool`, and leave it with their row.
    """

    def __init__(
        self, store: Store, channel: Channel, now: Callable[[], int], waits: Waits, spool: Spool | None = None
    ) -> None:
        self._store = store
        self._channel = channel
        self._now = now
        self._spool = spool
        self._policy = Policy(waits, channel.statuses)
        self._lineup = Lineup(channel.pace)
        self._seen = 0  # the last row that was read
        self._anew = False  # older rows wait again, perhaps since the last look
        self._live: dict[asyncio.Task[Result], Outgoing] = {}
        self._ended: list[Ended] = []
        self._refused: dict[int, int] = {}  # chats that were refused for their rate lately, and when
        self._stirred = asyncio.Event()
        self.counts: Counter[tuple[str, str]] = Counter()  # calls by class and outcome, since the start
        self._is_shut = False
        self._closing = False
        self._failed = False  # the database took no note: what ended is noted before anything else
        self._unit = asyncio.Lock()  # held while a unit of the database is under way, and until its calls have begun

    @property
    def channel(self) -> str:
        """The name of the channel that it sends for."""
        return self._channel.name

    def stir(self) -> None:
        """There may be new rows."""
        self._stirred.set()

    def reload(self) -> None:
        """Older rows wait again, or no longer: read them all."""
        self._anew = True
        self._stirred.set()

    async def start(self) -> None:
        """What the last process left in the middle of sending may have arrived: its repeat, or a status, says so."""
        wait = self._policy.waits.status if self._channel.statuses else 0
        await self._store.write(_left_sending, self._channel.name, self._now() + wait)

    async def work(self) -> int:
        """Send everything that is due, also what is added meanwhile; how many calls ended.

        Outcomes that the database would not take are kept and noted first the next time: nobody gets a second copy.
        """
        ended = await self._recover()
        while True:
            self._stirred.clear()
            await self._read()
            ended += await self._turn()
            if not self._live:
                if not self._ended and not self._is_due():
                    return ended
                continue
            await self._wait()

    def due_in(self) -> float | None:
        """Seconds until something may be sent; None while nothing waits, or where first a call has to end."""
        if self._closing or len(self._live) >= _AT_ONCE:
            return None
        at = self._lineup.next_at()
        return None if at is None else max(0.0, (at - self._now()) / 1000)

    async def finish(self, seconds: float) -> None:
        """Begin nothing new, and give what is under way so long to end and be noted."""
        self._closing = True
        async with self._unit:  # what is being claimed is called for, too
            live = list(self._live)
        if live:
            await asyncio.wait(live, timeout=seconds)
        self._gather()
        try:
            await self._note_ended()
        except Unavailable as error:  # the next start finds them in the middle of sending
            log.error("how the last messages ended could not be noted", error=str(error))

    def _is_due(self) -> bool:
        at = self._lineup.next_at()
        return not self._closing and at is not None and at <= self._now()

    async def _read(self) -> None:
        """Take in what waits and was not seen; anew, let go also of what no longer waits."""
        waiting: set[int] | None = None
        while True:
            if self._anew:
                self._anew, self._seen, waiting = False, 0, set()
            rows = await self._store.read(_waiting, self._channel.name, self._seen)
            for row in rows:
                self._lineup.add(row, self._now())
                self._seen = row.id
            if waiting is not None:
                waiting.update(row.id for row in rows)
            if len(rows) < _MOST_READ and not self._anew:  # said while we read: what came back then was not seen
                break
        if waiting is not None:
            under_way = {outgoing.id for outgoing in [*self._live.values(), *(ended for ended, _ in self._ended)]}
            self._lineup.keep(waiting | under_way, self._now())

    async def _wait(self) -> None:
        """Until a call ends, a row is added, or a chat may be sent to again."""
        stirred = asyncio.ensure_future(self._stirred.wait())
        try:
            await asyncio.wait([*self._live, stirred], timeout=self.due_in(), return_when=asyncio.FIRST_COMPLETED)
        finally:
            stirred.cancel()
        self._gather()

    def _gather(self) -> None:
        for task in [task for task in self._live if task.done()]:
            outgoing, result = self._live.pop(task), UNKNOWN if task.cancelled() else task.result()
            self.counts[outgoing.message_class, result.outcome] += 1
            self._ended.append((outgoing, result))

    async def _turn(self) -> int:
        """One unit: note what ended, claim what comes next. Then call."""
        async with self._unit:
            return await self._note_claim_and_call()

    async def _note_claim_and_call(self) -> int:
        now = self._now()
        ended, self._ended = self._ended, []
        nexts = [(outgoing, result, self._after(outgoing, result, now)) for outgoing, result in ended]
        for outgoing, _, after in nexts:  # free the chat first, so that its next message may be claimed in this unit
            self._settle(outgoing, after, now)
        due = [] if self._closing else self._lineup.take(now, _AT_ONCE - len(self._live))
        if not nexts and not due:
            return 0
        try:
            claimed = await self._store.write(_note_and_claim, nexts, due, self._channel.statuses, now)
        except BaseException:
            self._failed, self._ended = True, ended + self._ended
            raise
        self._let_files_go(nexts)
        for outgoing in due:
            if outgoing.id not in claimed:  # superseded meanwhile
                self._lineup.done(outgoing, now)
                continue
            ready = claimed[outgoing.id]
            self._live[asyncio.create_task(self._send(ready), name="send")] = replace(ready, edits=outgoing.edits)
        return len(ended)

    def _settle(self, outgoing: Outgoing, after: Next, now: int) -> None:
        if after.is_tried_again:
            tried = replace(
                outgoing,
                attempts=outgoing.attempts + (not after.given_back),
                unknowns=outgoing.unknowns + after.unknown,
                next_at=now + after.wait,
                variant=outgoing.variant if after.variant is None else after.variant,
                first_at=outgoing.first_at or now,
            )
            self._lineup.again(tried, now)
        else:
            self._lineup.done(outgoing, now)

    async def _recover(self) -> int:
        """After a unit that failed: note all that ended, then read anew what waits, and in which order."""
        if not self._failed:
            return 0
        if self._live:
            await asyncio.wait(list(self._live))
            self._gather()
        ended = await self._note_ended()
        self._failed = False
        self._lineup, self._seen = Lineup(self._channel.pace), 0
        return ended

    async def _note_ended(self) -> int:
        """One unit that only notes what ended, and claims nothing; how many calls that were."""
        async with self._unit:
            if not self._ended:
                return 0
            now = self._now()
            ended, self._ended = self._ended, []
            nexts = [(outgoing, result, self._after(outgoing, result, now)) for outgoing, result in ended]
            try:
                await self._store.write(_note_and_claim, nexts, [], False, now)
            except BaseException:
                self._ended = ended + self._ended
                raise
            return len(ended)

    async def _send(self, outgoing: Outgoing) -> Result:
        message = outgoing.message
        if outgoing.unknowns and outgoing.message_class is Class.CRITICAL and outgoing.purchase_id is not None:
            head = Text("resend.head", {"sale": f"T{outgoing.purchase_id}"})
            message = replace(message, text=head, more=(message.text, *message.more))
        if message.files:
            paths = self._spool.paths(message.files) if self._spool is not None else None
            if paths is None:  # a restored copy knows the row, not its files
                message = replace(message, text=Text("file.gone"), more=(), files=())
            else:
                outgoing = replace(outgoing, paths=paths)
        try:
            return await self._channel.send(outgoing, message)
        except Exception as error:  # noqa: BLE001  # the worst outcome is not knowing, and it has a name
            log.error("a send failed unexpectedly", outbox=outgoing.id, error=type(error).__name__)
            return UNKNOWN

    def _let_files_go(self, nexts: list[tuple[Outgoing, Result, Next]]) -> None:
        """What was sent, or never will be, needs its files no longer; what is parked may come back."""
        for outgoing, _, after in nexts:
            if after.state in ("sent", "dropped") and '"File"' in outgoing.content and self._spool is not None:
                self._spool.remove(file.key for file in outgoing.message.files)

    def _after(self, outgoing: Outgoing, result: Result, now: int) -> Next:
        """What becomes of the row; and what the end of its call says of the chat and of the whole channel."""
        self._notice_shut(result)
        if result.outcome in (Outcome.LATER, Outcome.SHUT):
            self._pause(outgoing, result, now)
        return self._policy.after(outgoing, result, now)

    def _pause(self, outgoing: Outgoing, result: Result, now: int) -> None:
        """Refused for its rate: the chat waits, or everybody if many chats were refused at once."""
        until = now + pause(result)
        self._refused = {one: at for one, at in self._refused.items() if at > now - _CROWD[1]}
        if result.outcome is Outcome.LATER and not result.one_chat:
            self._refused[outgoing.conversation_id] = now
        if result.whole_channel or len(self._refused) >= _CROWD[0]:
            self._lineup.pause_all(until)
        self._lineup.pause(outgoing.conversation_id, until, now)

    def _notice_shut(self, result: Result) -> None:
        """An operator is told once that the platform does not know us, and once that it does again."""
        if result.outcome is Outcome.SHUT and not self._is_shut:
            log.critical("the platform refuses our access; messages wait", channel=self._channel.name, note=result.note)
        self._is_shut = result.outcome is Outcome.SHUT or (self._is_shut and result.outcome is not Outcome.SENT)


def _left_sending(tx: Tx, channel: str, next_at: int) -> None:
    tx.run("outbox_left_sending", channel=channel, next_at=next_at)


def _waiting(tx: Tx, channel: str, after: int) -> list[Outgoing]:
    return tx.all(Outgoing, "outbox_waiting", channel=channel, after=after, most=_MOST_READ)


def _note_and_claim(
    tx: Tx, nexts: list[tuple[Outgoing, Result, Next]], due: list[Outgoing], afresh: bool, now: int
) -> dict[int, Outgoing]:
    """The rows that were claimed, as they are to be sent; `afresh` looks up what may have changed meanwhile."""
    for outgoing, result, after in nexts:
        note(tx, outgoing, result, after, now)
    claimed = {}
    for outgoing in due:
        if not tx.run("outbox_claim", id=outgoing.id, now=now):
            continue
        ready = outgoing
        if outgoing.edits is not None:  # by the platform's own name for it, '' if none is known
            ready = replace(ready, edits=tx.one(str, "outbox_ext_id", nonce=outgoing.edits) or "")
        if afresh and (fresh := tx.one(_Fresh, "outbox_afresh", id=outgoing.id)) is not None:
            ready = replace(
                ready,
                address=fresh.address,
                variant=fresh.variant,
                heard_at=fresh.heard_at,
                attempts=fresh.attempts - 1,
                unknowns=fresh.unknowns,
            )
        claimed[outgoing.id] = ready
    return claimed
