"""A row that any store can write and count: what its tests look for on the disk; and a disk without room."""

import contextlib
import sqlite3
from collections.abc import AsyncIterator

from bot.ports import Tx
from bot.store.sqlite import SqliteStore


def note(tx: Tx, detail: str) -> int:
    return tx.run("alert_add", kind="test", purchase_id=None, detail=detail, created_at=1)


def count(tx: Tx) -> int:
    return tx.one(int, "metric_alerts") or 0


@contextlib.asynccontextmanager
async def full(store: SqliteStore) -> AsyncIterator[None]:
    """While the block runs the database cannot grow: the real SQLITE_FULL for whatever needs another page."""

    def limit(connection: sqlite3.Connection, pages: int | None) -> None:
        used = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {used if pages is None else pages}").fetchone()

    await store._writer.run(lambda connection: limit(connection, None))
    try:
        yield
    finally:
        await store._writer.run(lambda connection: limit(connection, 1_000_000))
