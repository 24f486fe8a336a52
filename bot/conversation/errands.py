"""The worker of errands: one at a time, off the turns; says after a while that it is at it, and how far."""

import asyncio
from collections.abc import Callable, Collection
from typing import Protocol

import structlog

from bot.conversation.owner.exporting import EXPORT, Export
from bot.conversation.owner.reporting import Reconciliation
from bot.domain.message import Message, Option, Text
from bot.domain.rules import Shop
from bot.i18n import Renderer
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.messaging.spool import Spool
from bot.ports import ReadableStore, Tx, Unavailable
from bot.services import errands
from bot.services.errands import Errand
from bot.services.export import StoppedError

log = structlog.get_logger(__name__)

_SAYS_AGAIN = 10.0  # seconds between two words on how far it is


class Job(Protocol):
    """An errand under way."""

    async def run(self) -> list[Message]:
        """Do it; what is said then. Raises `StoppedError` after `stop`."""

    def notice(self) -> Message:
        """That it is being done, and how far it is."""

    def ready(self) -> Message:
        """What the notice turns into."""

    def stop(self) -> None:
        """Nobody wants it any longer."""


class ErrandWorker:
    """Does what turns wrote down, each answered once. `editing` names the channels that can change what they sent."""

    def __init__(
        self,
        store: ReadableStore,
        spool: Spool,
        shop: Shop,
        renderer: Renderer,
        now: Callable[[], int],
        editing: Collection[str] = (),
    ) -> None:
        self._store = store
        self._spool = spool
        self._shop = shop
        self._renderer = renderer
        self._now = now
        self._editing = editing
        self._live: tuple[Errand, Job, asyncio.Task[None]] | None = None

    async def work(self) -> int:
        """Begin the oldest that is open, if none is under way; one that was called off ends. How many are open."""
        waiting = await self._store.read(errands.waiting)
        if self._live is not None:
            errand, job, _ = self._live
            if errand.id not in {one.id for one in waiting}:
                job.stop()
        elif waiting:
            job = self._job(waiting[0])
            task = asyncio.create_task(self._do(waiting[0], job), name=waiting[0].kind)
            self._live = (waiting[0], job, task)
            task.add_done_callback(self._ended)
        return len(waiting)

    async def idle(self) -> None:
        """Wait until the one that is under way has ended."""
        if self._live is not None:
            await asyncio.wait([self._live[2]])

    async def stop(self) -> None:
        """Let go; what is open is begun again at the next start."""
        if self._live is not None:
            _, job, task = self._live
            job.stop()
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _job(self, errand: Errand) -> Job:
        kind: type[Export | Reconciliation] = Export if errand.kind == EXPORT else Reconciliation
        return kind(errand, self._store, self._spool, self._shop, self._renderer, self._now())

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._live = None
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an errand stopped; the next scan begins it again", error=type(error).__name__)

    async def _do(self, errand: Errand, job: Job) -> None:
        if not await self._store.write(errands.begin, errand):
            return
        try:
            said = await self._watched(errand, job) if errand.tries < errands.MOST_TRIES else [_failed(errand)]
        except StoppedError:
            return
        except Unavailable:  # the database could not: later it may
            raise
        except Exception as error:
            log.exception("an errand failed", errand=errand.id, kind=errand.kind, error=type(error).__name__)
            said = [_failed(errand)]
        await self._store.write(_answered, errand, said, job.ready(), self._now())

    async def _watched(self, errand: Errand, job: Job) -> list[Message]:
        """What the job says in the end; whoever waits is told so after a while, and how far it is where that shows."""
        working = asyncio.ensure_future(job.run())
        said = 0
        try:
            while True:
                seconds = _SAYS_AGAIN if said else self._shop.waits.inquiry_notice / 1000
                done, _ = await asyncio.wait([working], timeout=seconds)
                if done:
                    return working.result()
                if said == 0 or errand.channel in self._editing:
                    await self._store.write(_still_at_it, errand, job.notice(), said, self._now())
                said += 1
        finally:
            working.cancel()


def _failed(errand: Errand) -> Message:
    again = (
        Option("retry", Text("btn.retry"), "ekspor")
        if errand.kind == EXPORT
        else Option("menu", Text("btn.menu"), "menu")
    )
    return Message(Text("errand.failed"), options=(again,))


def _still_at_it(tx: Tx, errand: Errand, notice: Message, said: int, now: int) -> None:
    if said == 0:
        outbox.put(tx, errand.conversation_id, notice, now, cause=errand.notice, message_class=Class.NOTICE)
    else:
        outbox.change(tx, errand.conversation_id, errand.notice, notice, now, cause=f"{errand.notice}:{said}")


def _answered(tx: Tx, errand: Errand, said: list[Message], ready: Message, now: int) -> None:
    if errands.end(tx, errand, said, now):
        outbox.change(tx, errand.conversation_id, errand.notice, ready, now, cause=f"{errand.notice}:end")
