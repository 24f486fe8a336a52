"""Files that owners send: fetched before their turn and put into the spool. Nobody else's is ever fetched."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

import structlog

from bot.conversation import grammar
from bot.conversation.photos import Fetch
from bot.domain.people import Role
from bot.domain.report import MOST_BYTES
from bot.domain.rules import Shop
from bot.messaging.channel import UnfetchedError
from bot.messaging.event import Event, Sight
from bot.messaging.inbox import InboxRow
from bot.messaging.spool import Spool
from bot.ports import Store, Tx
from bot.services import people

log = structlog.get_logger(__name__)

_SECONDS = 120.0
_COURTESIES = ("menu", "makasih")


class Filing:
    """Fetches files by each channel's own `fetch`, one at a time."""

    def __init__(
        self, fetch: Mapping[str, Fetch], store: Store, spool: Spool, shop: Shop, now: Callable[[], int]
    ) -> None:
        self._fetch = fetch
        self._store = store
        self._spool = spool
        self._shop = shop
        self._now = now
        self._place = asyncio.Semaphore(1)  # held in memory

    async def look(self, row: InboxRow, event: Event) -> Event:
        """The event with its file in the spool. Never raises for what the platform does."""
        if _is_order(event.text) or self._now() - row.said_at > self._shop.waits.stale:
            return event
        if not await self._store.read(_is_owners, row, self._shop):
            return event
        key = f"in-{row.id}.csv"
        if not await asyncio.to_thread(self._spool.path(key).is_file):
            try:
                async with asyncio.timeout(_SECONDS), self._place:
                    content = await self._fetched(row.channel, event.file)
                    await asyncio.to_thread(self._spool.keep, key, content, self._now())
            except (UnfetchedError, TimeoutError) as error:
                why = str(error) or type(error).__name__
                log.info("a file cannot be had", inbox=row.id, channel=row.channel, why=why)
                return replace(event, sight=Sight.UNOPENED)
        return replace(event, sight=Sight.READ, spooled=key)

    async def _fetched(self, channel: str, file: str) -> bytes:
        try:
            return await self._fetch[channel](file, MOST_BYTES)
        except UnfetchedError as error:
            if not error.again:
                raise
        return await self._fetch[channel](file, MOST_BYTES)


def _is_order(caption: str) -> bool:
    """Whether the words below a file order or command something: then they are what was meant."""
    read = grammar.read(grammar.clean(caption))
    if isinstance(read, grammar.Command):
        return read.name not in ("rekon", *_COURTESIES)
    return isinstance(read, grammar.Order)


def _is_owners(tx: Tx, row: InboxRow, shop: Shop) -> bool:
    """Whether the chat is an owner's, as the books know it now; a chat that never wrote is nobody's yet."""
    chat = tx.one(people.Conversation, "conversation_by_handle", channel=row.channel, handle=row.address)
    if chat is None:
        chat = tx.one(people.Conversation, "conversation_by_address", channel=row.channel, value=row.address)
    if chat is None:
        return (people.platform(row.channel), row.address) in shop.owners
    return people.person(tx, chat, shop).role is Role.OWNER
