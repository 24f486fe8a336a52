"""The sender of one channel: claims rows, sends them, commits how it ended. In order per chat, chats side by side.

No platform has an idempotent send, so an unclear one is repeated by class and headed as a repeat; a token's message
is never dropped silently. What a send comes to changes no purchase.
"""

import asyncio
import dataclasses
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.domain.message import Text
from bot.domain.rules import Waits
from bot.messaging.channel import UNKNOWN, Channel, Outcome, Result
from bot.messaging.lineup import Lineup
from bot.messaging.outbox import Class, Outgoing
from bot.ports import Store, Tx, Unavailable

log = structlog.get_logger(__name__)

_AT_ONCE = 256
_MOST_READ = 1_000
_LONGEST_PAUSE = 86_400.0  # seconds; no platform means more, whatever it writes
_CROWD = (3, 10_000)  # so many chats refused for their rate within so many milliseconds: the whole channel is too fast

Ended = tuple[Outgoing, Result]


@dataclass(frozen=True, slots=True)
class _Next:
    """What becomes of a row after a call: its state, when it is tried again, and what it counts."""

    state: str
    wait: int = 0
    unknown: bool = False
    given_back: bool = False


class Sender:
    """Sends what waits for one channel. `now` is epoch milliseconds. `stir` and `reload` say that rows were added."""

    def __init__(self, store: Store, channel: Channel, now: Callable[[], int], waits: Waits) -> None:
        self._store = store
        self._channel = channel
        self._now = now
        self._waits = waits
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
        """Older rows wait again: read them all."""
        self._anew = True
        self._stirred.set()

    async def start(self) -> None:
        """What the last process left in the middle of sending may have arrived: its repeat says so."""
        await self._store.write(_left_sending, self._channel.name)

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
        while True:
            if self._anew:
                self._anew, self._seen = False, 0
            rows = await self._store.read(_waiting, self._channel.name, self._seen)
            for row in rows:
                self._lineup.add(row, self._now())
                self._seen = row.id
            if len(rows) < _MOST_READ and not self._anew:  # said while we read: what came back then was not seen
                return

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
        nexts = [(outgoing, result, self._next(outgoing, result, now)) for outgoing, result in ended]
        for outgoing, _, after in nexts:  # free the chat first, so that its next message may be claimed in this unit
            self._settle(outgoing, after, now)
        due = [] if self._closing else self._lineup.take(now, _AT_ONCE - len(self._live))
        if not nexts and not due:
            return 0
        try:
            claimed = await self._store.write(_note_and_claim, nexts, due, now)
        except BaseException:
            self._failed, self._ended = True, ended + self._ended
            raise
        for outgoing in due:
            if outgoing.id not in claimed:  # superseded meanwhile
                self._lineup.done(outgoing, now)
                continue
            known = claimed[outgoing.id]
            ready = outgoing if outgoing.edits is None else dataclasses.replace(outgoing, edits=known)
            self._live[asyncio.create_task(self._send(ready), name="send")] = outgoing
        return len(ended)

    def _settle(self, outgoing: Outgoing, after: _Next, now: int) -> None:
        if after.state in ("queued", "unknown"):
            tried = dataclasses.replace(
                outgoing,
                attempts=outgoing.attempts + (not after.given_back),
                unknowns=outgoing.unknowns + after.unknown,
                next_at=now + after.wait,
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
            nexts = [(outgoing, result, self._next(outgoing, result, now)) for outgoing, result in ended]
            try:
                await self._store.write(_note_and_claim, nexts, [], now)
            except BaseException:
                self._ended = ended + self._ended
                raise
            return len(ended)

    async def _send(self, outgoing: Outgoing) -> Result:
        message = outgoing.message
        if outgoing.unknowns and outgoing.message_class is Class.CRITICAL and outgoing.purchase_id is not None:
            head = Text("resend.head", {"sale": f"T{outgoing.purchase_id}"})
            message = dataclasses.replace(message, text=head, more=(message.text, *message.more))
        try:
            return await self._channel.send(outgoing, message)
        except Exception as error:  # noqa: BLE001  # the worst outcome is not knowing, and it has a name
            log.error("a send failed unexpectedly", outbox=outgoing.id, error=type(error).__name__)
            return UNKNOWN

    # what an outcome comes to, by class (docs/architecture.md, Delivery)

    def _next(self, outgoing: Outgoing, result: Result, now: int) -> _Next:
        self._notice_shut(result)
        match result.outcome:
            case Outcome.SENT:
                return _Next("sent")
            case Outcome.LATER | Outcome.SHUT:
                return self._later(outgoing, result, now)
            case Outcome.NOT_SENT:
                wait = self._waits.not_sent[min(outgoing.attempts, len(self._waits.not_sent) - 1)]
                return self._unless_too_old(outgoing, _Next("queued", wait), now)
            case Outcome.AWAY | Outcome.REFUSED:
                return _given_up(outgoing)
            case Outcome.UNKNOWN:
                return self._unclear(outgoing, now)

    def _unclear(self, outgoing: Outgoing, now: int) -> _Next:
        match outgoing.message_class:
            case Class.CRITICAL if outgoing.unknowns < len(self._waits.resend):
                return self._unless_too_old(
                    outgoing, _Next("unknown", self._waits.resend[outgoing.unknowns], True), now
                )
            case Class.PROMPT if outgoing.unknowns == 0:
                return _Next("unknown", self._waits.resend_prompt, True)
            case Class.EDIT if outgoing.unknowns < 3:
                return self._unless_too_old(outgoing, _Next("unknown", self._waits.resend_prompt, True), now)
        return dataclasses.replace(_given_up(outgoing), unknown=True)

    def _later(self, outgoing: Outgoing, result: Result, now: int) -> _Next:
        """Refused for its rate: the chat waits, or everybody if many chats were refused at once."""
        until = now + round(min(result.seconds, _LONGEST_PAUSE) * 1000)
        self._refused = {one: at for one, at in self._refused.items() if at > now - _CROWD[1]}
        if result.outcome is Outcome.LATER:
            self._refused[outgoing.conversation_id] = now
        if result.whole_channel or len(self._refused) >= _CROWD[0]:
            self._lineup.pause_all(until)
        self._lineup.pause(outgoing.conversation_id, until, now)
        state = "unknown" if outgoing.unknowns else "queued"
        return self._unless_too_old(outgoing, _Next(state, until - now, given_back=True), now)

    def _unless_too_old(self, outgoing: Outgoing, after: _Next, now: int) -> _Next:
        most = {
            Class.CRITICAL: self._waits.send_critical,
            Class.PROMPT: self._waits.send_prompt,
            Class.EDIT: self._waits.send_edit,
            Class.NOTICE: self._waits.send_notice,
        }[outgoing.message_class]
        return after if now - outgoing.created_at < most else _given_up(outgoing)

    def _notice_shut(self, result: Result) -> None:
        """An operator is told once that the platform does not know us, and once that it does again."""
        if result.outcome is Outcome.SHUT and not self._is_shut:
            log.critical("the platform refuses our access; messages wait", channel=self._channel.name, note=result.note)
        self._is_shut = result.outcome is Outcome.SHUT or (self._is_shut and result.outcome is not Outcome.SENT)


def _given_up(outgoing: Outgoing) -> _Next:
    return _Next("parked" if outgoing.message_class is Class.CRITICAL else "dropped")


def _left_sending(tx: Tx, channel: str) -> None:
    tx.run("outbox_left_sending", channel=channel)


def _waiting(tx: Tx, channel: str, after: int) -> list[Outgoing]:
    return tx.all(Outgoing, "outbox_waiting", channel=channel, after=after, most=_MOST_READ)


def _note_and_claim(
    tx: Tx, nexts: list[tuple[Outgoing, Result, _Next]], due: list[Outgoing], now: int
) -> dict[int, str]:
    """Which rows were claimed, with the platform's id of the message that each changes ('' if none is known)."""
    for outgoing, result, after in nexts:
        _note(tx, outgoing, result, after, now)
    claimed = {}
    for outgoing in due:
        if tx.run("outbox_claim", id=outgoing.id, now=now):
            changes = tx.one(str, "outbox_ext_id", nonce=outgoing.edits) if outgoing.edits is not None else None
            claimed[outgoing.id] = changes or ""
    return claimed


def _note(tx: Tx, outgoing: Outgoing, result: Result, after: _Next, now: int) -> None:
    if result.outcome is Outcome.SENT:
        tx.run("outbox_sent", id=outgoing.id, now=now, ext_id=result.ext_id)
        return
    tx.run(
        "outbox_retry",
        id=outgoing.id,
        state=after.state,
        unknown=int(after.unknown),
        given_back=int(after.given_back),
        next_at=now + after.wait,
        error=f"{result.outcome}: {result.note}" if result.note else result.outcome.value,
    )
    if result.outcome is Outcome.AWAY or after.state == "parked":
        tx.run("conversation_away", id=outgoing.conversation_id, away=1)
    if after.state == "parked":
        detail = f"message {outgoing.id} could not be delivered"
        tx.run("alert_add", kind="own.undelivered", purchase_id=outgoing.purchase_id, detail=detail, created_at=now)
    elif result.outcome is Outcome.REFUSED:
        detail = f"message {outgoing.id} was refused: {result.note}"[:300]
        tx.run("alert_add", kind="own.unsendable", purchase_id=None, detail=detail, created_at=now)
