"""When a shop has come to rest, and what can be said of it then: its audit, and which sales an advice still finds.

Looks into the shop's database only to know when to stop waiting; what it sees there the checker never sees.
"""

import asyncio
import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

from bot import clock
from bot.sandbox import Readings, Sold
from bot.services import audit as books
from bot.store.sqlite import SqliteStore
from tests.crash.victim import DATABASE

_PATIENCE = 20.0
_LOOK = 0.02
_ASKED = 3  # an open purchase rests once it was asked about so often in calm weather

_MOVING = """
SELECT (SELECT COUNT(*) FROM inbox WHERE state = 'new'), (SELECT COUNT(*) FROM effect WHERE state = 'open'),
  (SELECT COUNT(*) FROM outbox WHERE state IN ('queued', 'sending', 'unknown')),
  (SELECT COUNT(*) FROM purchase WHERE state IN ('CONFIRMED', 'SENDING', 'VERIFY')),
  (SELECT COUNT(*) FROM exchange WHERE completed_at IS NOT NULL AND applied_at IS NULL),
  (SELECT COUNT(*) FROM purchase f WHERE f.state = 'FAILED' AND f.next_at < :soon AND NOT EXISTS (
    SELECT 1 FROM purchase o WHERE o.msn = f.msn AND o.denomination = f.denomination  -- waits until the twin is settled
      AND o.state NOT IN ('SUCCESS', 'FAILED', 'LATE')))
"""
_NAMES = ("lines", "inquiries", "messages", "payments", "answers", "failures to ask about")
_IN_DOUBT = "SELECT id, advices FROM purchase WHERE state IN ('UNKNOWN', 'MANUAL')"


async def wait(folder: Path, now: Callable[[], int]) -> str:
    """Until nothing moves any more; returns what still does if it takes too long."""
    deadline = time.monotonic() + _PATIENCE
    first: dict[int, int] = {}
    rested = 0
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as connection:
        while time.monotonic() < deadline:
            moving = connection.execute(_MOVING, {"soon": now() + clock.MINUTE}).fetchone()
            doubts: dict[int, int] = dict(connection.execute(_IN_DOUBT).fetchall())
            first = {number: first.get(number, asked) for number, asked in doubts.items()}
            asking = [number for number, asked in doubts.items() if asked < first[number] + _ASKED]
            rested = 0 if any(moving) or asking else rested + 1
            if rested == 2:
                return ""
            await asyncio.sleep(_LOOK)
    left = [f"{count} {name}" for count, name in zip(moving, _NAMES, strict=True) if count]
    return ", ".join([*left, *(f"T{number} is not asked about" for number in asking)])


def refunded_though_sold(folder: Path, sales: Iterable[Sold]) -> list[str]:
    """Purchases whose hold was given back at a time at which their own sale stood in the supplier's books.

    The one thing that chats alone cannot show exactly: a message may come long after what it tells.
    """
    query = "SELECT p.id, m.created_at, m.event FROM purchase p JOIN movement m ON m.purchase_id = p.id"
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as connection:
        return [
            f"T{number} by '{event}' {at - one.sold_at} ms after its sale"
            for one in sales
            for number, at, event in connection.execute(
                f"{query} WHERE p.trxid = ? AND m.to_state = 'FAILED'", (one.trxid,)
            )
            if at > one.sold_at
        ]


async def audit(folder: Path, before: int) -> list[str]:
    """What `setrum check` says; an answer stored since the last start may just have been about to be applied."""
    store = await SqliteStore.open(folder / DATABASE, clock.now(), migrating=False)
    try:
        return (await store.read(books.check, before)).violations
    finally:
        await store.close()


def in_reach(sales: Iterable[Sold], readings: Readings) -> frozenset[int]:
    """The sales that an advice about their meter and amount is answered with: one of each."""
    found: dict[tuple[str, int], int] = {}
    for one in sorted(sales, key=lambda one: (one.sold_at, one.id)):
        key = one.msn, one.nominal
        if readings.advice_matches == "latest" or key not in found:
            found[key] = one.id
    return frozenset(found.values())


def superseded(folder: Path) -> frozenset[str]:
    """The lines whose question never left, for a newer one had taken its place."""
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as connection:
        found = connection.execute("SELECT reply_to FROM outbox WHERE state = 'superseded' AND question <> 0")
        return frozenset(line for (line,) in found)
