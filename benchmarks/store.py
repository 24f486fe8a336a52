"""The store alone: durable units a second, against an await a statement and a commit a unit on plain aiosqlite."""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiosqlite

from bot.ports import Tx
from bot.store.sqlite import SqliteStore

SECONDS = 1.5
_INSERT = "INSERT INTO alert (kind, purchase_id, detail, created_at) VALUES ('bench', NULL, 'x', 1)"


def _unit(tx: Tx) -> int:
    return tx.run("alert_add", kind="bench", purchase_id=None, detail="x", created_at=1)


async def _rate(work: Callable[[], Awaitable[object]], waiting: int) -> float:
    """Calls a second of a closed loop of so many tasks."""
    ends = time.perf_counter() + SECONDS
    done = 0

    async def loop() -> None:
        nonlocal done
        while time.perf_counter() < ends:
            await work()
            done += 1

    began = time.perf_counter()
    await asyncio.gather(*(loop() for _ in range(waiting)))
    return done / (time.perf_counter() - began)


async def measure() -> dict[str, float]:
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.db"
        opened = await SqliteStore.open(path, 1)
        try:
            for waiting in (1, 16, 128):
                figures[f"store: units/s, {waiting} waiting"] = await _rate(lambda: opened.write(_unit), waiting)
        finally:
            await opened.close()
        async with aiosqlite.connect(path) as plain:
            await plain.execute("PRAGMA synchronous = FULL")
            lock = asyncio.Lock()

            async def careful() -> None:
                async with lock:
                    await plain.execute(_INSERT)
                    await plain.commit()

            for waiting in (1, 128):
                figures[f"plain aiosqlite: units/s, {waiting} waiting"] = await _rate(careful, waiting)
    for waiting in (1, 128):
        ratio = figures[f"store: units/s, {waiting} waiting"] / figures[f"plain aiosqlite: units/s, {waiting} waiting"]
        figures[f"store: times plain aiosqlite, {waiting} waiting"] = ratio
    return figures
