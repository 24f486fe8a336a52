"""The worker of remote effects: does what a turn ordered and answers with an inbox row. Holds no unit meanwhile."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import structlog

from bot import ids
from bot.conversation import batching, effects, pinning
from bot.domain.message import Message, MeterNumber, Text
from bot.domain.people import Person
from bot.domain.rules import Shop
from bot.domain.supply import Inquiry
from bot.messaging import inbox, outbox
from bot.messaging.inbox import Inbound
from bot.messaging.outbox import Class
from bot.ports import Store, Supplier, Tx
from bot.services import inquiries, people
from bot.services.inquiries import NotFound
from bot.underway import UnderWay

log = structlog.get_logger(__name__)

T = TypeVar("T")

_AT_ONCE = 4  # inquiries of one batch


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
    """Inquiries and secret numbers on behalf of conversations, many at once, each answered exactly once."""

    def __init__(self, store: Store, supplier: Supplier, shop: Shop, now: Callable[[], int]) -> None:
        self._store = store
        self._supplier = supplier
        self._shop = shop
        self._now = now
        self._live: UnderWay[tuple[int, int]] = UnderWay("the next scan does the effect again")

    async def work(self) -> int:
        """Start whatever is open and not under way; how many are open."""
        ordered = await self._store.read(_open, self._shop)
        for one, agent_id in ordered:
            key = (one.session_id, one.position)
            if key not in self._live:
                self._live.begin(key, self._do(one, agent_id), one.kind)
        return len(ordered)

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        await self._live.idle()

    async def stop(self) -> None:
        """Let go; what is open is asked again at the next start."""
        await self._live.stop()

    async def _do(self, ordered: Ordered, agent_id: int) -> None:
        match ordered.kind:
            case pinning.CHECK | pinning.KEEP:
                await self._guard(ordered)
            case batching.INQUIRE_ALL:
                await self._inquire_all(ordered, agent_id)
            case _:
                await self._inquire(ordered, agent_id)

    async def _guard(self, ordered: Ordered) -> None:
        """A secret number is held against its hash, or made one; the hash takes long, the units do not."""
        work = pinning.check if ordered.kind == pinning.CHECK else pinning.keep
        end = await work(self._store, ordered.input, partial(_who, ordered, self._shop), self._shop, self._now)
        await self._store.write(_answered, ordered, end, self._now())

    async def _inquire(self, ordered: Ordered, agent_id: int) -> None:
        found = await self._waited(ordered, self._ask(ordered.input, agent_id))
        keep = partial(effects.keep_inquiry, inquiry_id=ids.ulid(), found=found, now=self._now())
        await self._store.write(_answered, ordered, keep, self._now())

    async def _inquire_all(self, ordered: Ordered, agent_id: int) -> None:
        """Each check once, a few at a time."""
        room = asyncio.Semaphore(_AT_ONCE)

        async def ask(number: str) -> Inquiry | NotFound:
            async with room:
                return await self._ask(number, agent_id)

        checks = json.loads(ordered.input)
        asked = (ask(batching.number_of(check)) for check in checks)
        found = await self._waited(ordered, asyncio.gather(*asked))
        keep = partial(batching.keep_inquiries, checks=checks, found=found, now=self._now())
        await self._store.write(_answered, ordered, keep, self._now())

    def _ask(self, number: str, agent_id: int) -> Coroutine[Any, Any, Inquiry | NotFound]:
        return inquiries.inquire(self._store, self._supplier, self._shop, self._now, number, agent_id)

    async def _waited(self, ordered: Ordered, work: Awaitable[T]) -> T:
        """What the work brings; whoever waits for it is told so after a while."""
        asking = asyncio.ensure_future(work)
        try:
            done, _ = await asyncio.wait([asking], timeout=self._shop.waits.inquiry_notice / 1000)
            if not done:
                await self._store.write(_still_asking, ordered, self._now())
            return await asking
        finally:
            asking.cancel()


def _open(tx: Tx, shop: Shop) -> list[tuple[Ordered, int]]:
    return [(one, _agent_id(tx, one, shop)) for one in tx.all(Ordered, "effect_open")]


def _agent_id(tx: Tx, ordered: Ordered, shop: Shop) -> int:
    agent = _who(ordered, shop, tx).agent
    return agent.id if agent else -1


def _who(ordered: Ordered, shop: Shop, tx: Tx) -> Person:
    return people.person(tx, people.Conversation(ordered.conversation_id, ordered.channel, shop.locale), shop)


def _still_asking(tx: Tx, ordered: Ordered, now: int) -> None:
    if not tx.one(int, "effect_is_open", session_id=ordered.session_id, position=ordered.position):
        return
    if ordered.kind == batching.INQUIRE_ALL:
        numbers = {batching.number_of(check) for check in json.loads(ordered.input)}
        message = Message(Text("batch.wait", {"n": len(numbers)}))
    else:
        message = Message(Text("inq.wait", {"meter": MeterNumber(ordered.input)}))
    cause = f"wait:{ordered.session_id}:{ordered.position}"
    outbox.put(tx, ordered.conversation_id, message, now, cause=cause, message_class=Class.NOTICE)


def _answered(tx: Tx, ordered: Ordered, end: Callable[[Tx], str], now: int) -> None:
    """What came of it, as the unit `end` keeps it and the talk's log will say it; once."""
    if not tx.run("effect_done", session_id=ordered.session_id, position=ordered.position):
        return
    answer = {
        "session": ordered.session_id,
        "position": ordered.position,
        "value": end(tx),
    }
    ext_id = f"effect:{ordered.session_id}:{ordered.position}"
    item = Inbound(ordered.channel, ext_id, ordered.handle, json.dumps(answer), 0, now, kind="internal")
    inbox.put(tx, item, now)
