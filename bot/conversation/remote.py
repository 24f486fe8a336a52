"""The worker of remote effects: does what a turn ordered and answers with an inbox row. Holds no unit meanwhile."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import structlog

from bot import ids
from bot.conversation import effects
from bot.domain.message import Message, MeterNumber, Text
from bot.domain.rules import Shop
from bot.domain.supply import Inquiry
from bot.messaging import inbox, outbox
from bot.messaging.inbox import Inbound
from bot.messaging.outbox import Class
from bot.ports import Store, Supplier, Tx
from bot.services import inquiries, people
from bot.services.inquiries import NotFound

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ordered:
    """A remote effect that waits to be done; its answer comes back under the handle of its chat."""

    session_id: int
    position: int
    conversation_id: int
    kind: str
    input: str
    created_at: int
    channel: str
    handle: str


class RemoteEffects:
    """Inquiries on behalf of conversations, many at once, each answered exactly once."""

    def __init__(self, store: Store, supplier: Supplier, shop: Shop, now: Callable[[], int]) -> None:
        self._store = store
        self._supplier = supplier
        self._shop = shop
        self._now = now
        self._live: dict[tuple[int, int], asyncio.Task[None]] = {}

    async def work(self) -> int:
        """Start whatever is open and not under way; how many are open."""
        ordered = await self._store.read(_open, self._shop)
        for one, agent_id in ordered:
            key = (one.session_id, one.position)
            if key not in self._live:
                task = asyncio.create_task(self._inquire(one, agent_id), name="inquiry")
                self._live[key] = task
                task.add_done_callback(partial(self._ended, key))
        return len(ordered)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._live:
            await asyncio.wait(list(self._live.values()))

    async def stop(self) -> None:
        """Let go; what is open is asked again at the next start."""
        tasks = list(self._live.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, key: tuple[int, int], task: asyncio.Task[None]) -> None:
        self._live.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an inquiry died; the next scan asks again", error=type(error).__name__)

    async def _inquire(self, ordered: Ordered, agent_id: int) -> None:
        asking = asyncio.ensure_future(
            inquiries.inquire(self._store, self._supplier, self._shop, self._now, ordered.input, agent_id)
        )
        try:
            done, _ = await asyncio.wait([asking], timeout=self._shop.waits.inquiry_notice / 1000)
            if not done:
                await self._store.write(_still_asking, ordered, self._now())
            found = await asking
        finally:
            asking.cancel()
        await self._store.write(_answered, ordered, found, ids.ulid(), self._now())


def _open(tx: Tx, shop: Shop) -> list[tuple[Ordered, int]]:
    return [(one, _agent_id(tx, one, shop)) for one in tx.all(Ordered, "effect_open")]


def _agent_id(tx: Tx, ordered: Ordered, shop: Shop) -> int:
    chat = people.Conversation(ordered.conversation_id, ordered.channel, shop.locale)
    agent = people.person(tx, chat, shop).agent
    return agent.id if agent else -1


def _still_asking(tx: Tx, ordered: Ordered, now: int) -> None:
    if not tx.one(int, "effect_is_open", session_id=ordered.session_id, position=ordered.position):
        return
    message = Message(Text("inq.wait", {"meter": MeterNumber(ordered.input)}))
    cause = f"wait:{ordered.session_id}:{ordered.position}"
    outbox.put(tx, ordered.conversation_id, message, now, cause=cause, message_class=Class.NOTICE)


def _answered(tx: Tx, ordered: Ordered, found: Inquiry | NotFound, inquiry_id: str, now: int) -> None:
    if not tx.run("effect_done", session_id=ordered.session_id, position=ordered.position):
        return
    answer = {
        "session": ordered.session_id,
        "position": ordered.position,
        "value": effects.keep_inquiry(tx, inquiry_id, found, now),
    }
    ext_id = f"effect:{ordered.session_id}:{ordered.position}"
    item = Inbound(ordered.channel, ext_id, ordered.handle, json.dumps(answer), 0, now, kind="internal")
    inbox.put(tx, item, now)
