"""The books of a shop, opened: its database, migrated and with its house accounts."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from bot import clock
from bot.domain.rules import Shop
from bot.services import errands, people
from bot.store.sqlite import SqliteStore


@contextlib.asynccontextmanager
async def opened(database: Path, shop: Shop, *, now: clock.Now = clock.now) -> AsyncIterator[SqliteStore]:
    """The store of a shop, closed at the end whatever happens."""
    store = await SqliteStore.open(database, now())
    try:
        await store.write(people.open_shop, shop, now())
        await store.write(errands.withdraw, shop)
        yield store
    finally:
        await store.close()
