"""The composition root: the only file that names concrete classes. One TaskGroup owns every task.

Opens the store, wires services, conversations and channels, and runs their loops; holds no rule of its own.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

import structlog

from bot import clock, nightly
from bot.conversation.engine import Engine
from bot.conversation.errands import ErrandWorker
from bot.conversation.filing import Filing
from bot.conversation.flows.absent import absent
from bot.conversation.flows.adjust import adjust
from bot.conversation.flows.announce import announce
from bot.conversation.flows.arrived import arrived
from bot.conversation.flows.batch import batch
from bot.conversation.flows.buy import buy
from bot.conversation.flows.claim import claim
from bot.conversation.flows.compare import compare
from bot.conversation.flows.complain import complain
from bot.conversation.flows.correct import correct
from bot.conversation.flows.credit import credit
from bot.conversation.flows.erase import erase
from bot.conversation.flows.favourite import favourite
from bot.conversation.flows.fill import fill
from bot.conversation.flows.markup import markup
from bot.conversation.flows.newcomer import newcomer
from bot.conversation.flows.pin import pin
from bot.conversation.flows.proved import proved
from bot.conversation.flows.recover import recover
from bot.conversation.flows.refused import refused
from bot.conversation.flows.reject import reject
from bot.conversation.flows.reply import reply
from bot.conversation.flows.settle import settle
from bot.conversation.flows.slip import slip
from bot.conversation.flows.take import take
from bot.conversation.flows.topup import topup
from bot.conversation.photos import Photos
from bot.conversation.remote import RemoteEffects
from bot.domain import schedule
from bot.domain.rules import Shop
from bot.i18n import Catalogues, Renderer
from bot.messaging.channel import Channel
from bot.messaging.event import Event, Kind
from bot.messaging.inbox import Inbox, InboxRow, Look
from bot.messaging.sender import Sender
from bot.messaging.spool import Spool
from bot.ports import Supplier
from bot.services import broadcasts, morning, purchases, requests, retention, standing, watch
from bot.services.purchasing import Point, Purchasing
from bot.store.errors import BrokenStoreError, StoreError
from bot.store.sqlite import SqliteStore

log = structlog.get_logger(__name__)

FLOWS = {
    "batch": batch,
    "buy": buy,
    "claim": claim,
    "favourite": favourite,
    "markup": markup,
    "recover": recover,
    "erase": erase,
    "newcomer": newcomer,
    "pin": pin,
    "proved": proved,
    "slip": slip,
    "topup": topup,
    "announce": announce,
    "arrived": arrived,
    "absent": absent,
    "credit": credit,
    "adjust": adjust,
    "reject": reject,
    "fill": fill,
    "compare": compare,
    "correct": correct,
    "refused": refused,
    "settle": settle,
    "take": take,
    "reply": reply,
    "complain": complain,
}
_SCAN_SECONDS = 1.0
_FORGET_SECONDS = 600.0
_LOOK_SECONDS = 60.0
_FINISH_TURNS_SECONDS = 3.0
_FINISH_CALLS_SECONDS = 10.0
_MOST_ROUNDS = 50  # a worker that keeps failing is left to the next scan


@dataclass(slots=True)
class Setrum:
    """A shop at work: its store and its workers, not yet running. `drain` works everything off, as tests want it."""

    store: SqliteStore
    shop: Shop
    now: clock.Now
    renderer: Renderer
    inbox: Inbox
    effects: RemoteEffects
    errands: ErrandWorker
    purchasing: Purchasing
    senders: list[Sender]
    spool: Spool
    supplier: Supplier
    channels: list[Channel]
    audit_due: int = 0
    heard: set[str] = field(default_factory=set)  # channels that were alive at some time

    async def start(self) -> None:
        """What the last process left: half-sent messages, and payments without an owner.

        Raises `StandingError` if the database belongs to another supplier.
        """
        await self.store.read(standing.hold_to, self.supplier.identity)
        if await self.store.read(purchases.count) <= self.shop.verified_first:
            await self.audit(answers_until=0)  # what the last process stored is applied below, however old it is
        else:
            log.info("the books are verified while sales go on")  # by the loop, which finds the audit due
        for sender in self.senders:
            await sender.start()
        await self.purchasing.tend()

    async def drain(self) -> None:
        """Work until nothing is due: turns, effects, payments and messages."""
        for _ in range(_MOST_ROUNDS):
            busy = await self.inbox.work() + await self.effects.work() + await self.purchasing.dispatch()
            await self.inbox.idle()
            await self.effects.idle()
            busy += await self.errands.work()
            await self.errands.idle()
            await self.purchasing.idle()
            busy += await self._serve_requests() + await self._spread()
            busy += sum([await sender.work() for sender in self.senders])
            if not busy:
                return

    async def run(self, *, until: Callable[[], Awaitable[None]]) -> None:
        """Run every loop until the foreground work is done, then let go of what can be found again.

        Raises `BrokenStoreError` as soon as the disk has failed: only a new process may go on, from the journal.
        """
        await self.start()
        try:
            async with asyncio.TaskGroup() as tasks:
                intake = [tasks.create_task(loop) for one in self.channels for loop in one.intake()]
                loops = [tasks.create_task(loop) for loop in self._loops()]
                foreground = asyncio.ensure_future(until())
                broken = asyncio.ensure_future(self.store.broken())
                await asyncio.wait([foreground, broken], return_when=asyncio.FIRST_COMPLETED)
                for loop in intake:
                    loop.cancel()
                if not broken.done():
                    await self._finish()
                for loop in loops:
                    loop.cancel()
            if broken.done():
                foreground.cancel()
                await asyncio.wait([foreground])
                raise broken.result()
            broken.cancel()
            foreground.result()  # outside the group, so that what it raises keeps its own class
        finally:
            await self.inbox.stop()
            await self.effects.stop()
            await self.errands.stop()
            await self.purchasing.stop()

    async def _finish(self) -> None:
        """Nothing new comes in: end the turns that run and the calls in flight. What is left is found again."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_FINISH_TURNS_SECONDS):
                await self.inbox.idle()
        await asyncio.gather(*(sender.finish(_FINISH_CALLS_SECONDS) for sender in self.senders))

    async def audit(self, *, answers_until: int | None = None) -> None:
        """Verify the books; what is wrong makes the database read-only and is never sold over."""
        now = self.now()
        self.audit_due = schedule.next_wib(now, schedule.AFTER_CUT_OFF)
        violations = await self.store.aside(watch.find_violations, now if answers_until is None else answers_until)
        for violation in violations:
            log.critical("the books are wrong", violation=violation)
        await self.store.write(watch.stop_on, violations, self.shop, self.now())

    async def _audit_nightly(self) -> int:
        if self.now() < self.audit_due:
            return 0
        await self.audit()
        return 1

    async def tell_yesterday(self) -> int:
        """The owners' morning, once a day; how many chats were told."""
        if not await self.store.read(morning.is_due, self.shop, self.now()):
            return 0
        return await self.store.write(morning.look, self.shop, self.now())

    async def _look(self) -> int:
        """A channel that was never heard of since the start may just have nobody who writes."""
        alive = {channel.name for channel in self.channels if channel.is_alive()}
        self.heard |= alive
        return await self.store.write(watch.look, self.shop, self.now(), self.heard - alive)

    def _loops(self) -> list[Coroutine[Any, Any, None]]:
        janitor = self.shop.waits.janitor / 1000
        loops = [
            self._loop("inbox", self.inbox.work, _SCAN_SECONDS),
            self._loop("effect", self.effects.work, _SCAN_SECONDS),
            self._loop("errand", self.errands.work, _SCAN_SECONDS),
            self._loop("request", self._serve_requests, _SCAN_SECONDS),
            self._loop("broadcast", self._spread, _SCAN_SECONDS),
            self._loop("purchase", self.purchasing.dispatch, _SCAN_SECONDS),
            self._loop("advice", self.purchasing.advise, min(_SCAN_SECONDS, janitor)),
            self._loop("breaker", self.purchasing.probe, _SCAN_SECONDS),
            self._loop("janitor", self.purchasing.tend, janitor),
            self._loop("nightly", self._back_up, _LOOK_SECONDS),
            self._loop("retention", self._forget, _FORGET_SECONDS),
            self._loop("watch", self._look, _LOOK_SECONDS),
            self._loop("audit", self._audit_nightly, _LOOK_SECONDS),
            self._loop("morning", self.tell_yesterday, _LOOK_SECONDS),
        ]
        loops += [loop for channel in self.channels for loop in channel.loops()]
        return loops + [self._loop("outbox", sender.work, _SCAN_SECONDS, sender.due_in) for sender in self.senders]

    async def _serve_requests(self) -> int:
        """What customers wait for: their sellers, and the end of a sale."""
        if not await self.store.read(requests.is_due):
            return 0
        return await self.store.write(requests.serve, self.shop, self.now())

    async def _spread(self) -> int:
        """What an owner says to many, page by page."""
        if not await self.store.read(broadcasts.is_going):
            return 0
        return await self.store.write(broadcasts.spread, self.shop, self.now())

    async def _back_up(self) -> int:
        return await nightly.work(self.store, self.spool, self.shop, self.now)

    async def _forget(self) -> int:
        """In slices, so that nobody waits long behind one, until nothing is past its time."""
        forgotten = 0
        while went := await self.store.write(retention.forget, self.shop, self.now()):
            forgotten += went
        await self.store.scrub()
        return forgotten + await asyncio.to_thread(self.spool.sweep, self.now())

    async def _loop(
        self,
        topic: str,
        work: Callable[[], Awaitable[int]],
        seconds: float,
        due_in: Callable[[], float | None] = lambda: None,
    ) -> None:
        """Work whenever something is signalled or due, and on every scan; a database that fails is tried again."""
        signalled = asyncio.Event()
        self.store.on(topic, signalled.set)
        while True:
            signalled.clear()
            try:
                await work()
            except BrokenStoreError:
                return  # `run` ends the process, in one sentence
            except StoreError as error:
                log.error("the database failed; nothing is done until it works again", error=str(error))
                await asyncio.sleep(_SCAN_SECONDS)
            except Exception as error:
                log.exception("a worker failed; it goes on", worker=topic, error=type(error).__name__)
                await asyncio.sleep(_SCAN_SECONDS)
            soon = due_in()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(
                    seconds if soon is None else min(seconds, soon)
                ):  # Python 3.11's `wait_for` can swallow the cancellation
                    await signalled.wait()


def assemble(
    store: SqliteStore,
    supplier: Supplier,
    shop: Shop,
    channels: list[Channel],
    *,
    now: clock.Now = clock.now,
    point: Point | None = None,
) -> Setrum:
    """Wire a shop to a store, a supplier and its channels."""
    renderer = Renderer(Catalogues(), practice=bool(shop.practice))
    spool = Spool(store.path)
    editing = [channel.name for channel in channels if channel.edits]
    signing = [channel.name for channel in channels if channel.signs]
    deleting = [channel.name for channel in channels if channel.deletes]
    engine = Engine(FLOWS, shop, now, renderer.label, editing, signing, deleting)
    purchasing = (
        Purchasing(store, supplier, shop, now) if point is None else Purchasing(store, supplier, shop, now, point=point)
    )
    return Setrum(
        store=store,
        shop=shop,
        now=now,
        renderer=renderer,
        inbox=Inbox(
            store,
            engine.turn,
            engine.apologise,
            {channel.name: channel.parse for channel in channels},
            _look(channels, store, spool, shop, now),
        ),
        effects=RemoteEffects(store, supplier, shop, now),
        errands=ErrandWorker(store, spool, shop, Renderer(Catalogues()), now, editing),
        purchasing=purchasing,
        supplier=supplier,
        channels=channels,
        senders=[_sender(store, channel, shop, now, spool) for channel in channels],
        spool=spool,
    )


def _look(channels: list[Channel], store: SqliteStore, spool: Spool, shop: Shop, now: clock.Now) -> Look:
    """Whatever is seen before its turn: photos by everybody, files by owners."""
    fetch = {channel.name: channel.fetch for channel in channels}
    photos, files = Photos(fetch, shop.waits, now), Filing(fetch, store, spool, shop, now)

    async def look(row: InboxRow, event: Event) -> Event:
        return await (photos.look if event.kind is Kind.PHOTO else files.look)(row, event)

    return look


def _sender(store: SqliteStore, channel: Channel, shop: Shop, now: clock.Now, spool: Spool) -> Sender:
    sender = Sender(store, channel, now, shop.waits, spool)
    store.on("outbox", sender.stir)
    store.on("unparked", sender.reload)
    return sender
