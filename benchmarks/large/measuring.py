"""What the services need for the owner's day and for a meter's sales, on a database of any size, warm and cold.

Times are taken inside the unit: neither the wait for the store's thread nor an fsync is in them. Warm ones are the
thread's own time on a processor, so that other work on the machine does not count; cold ones wait for the disk.
"""

import os
import random
import sqlite3
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.large.filling import A_DAY, DAY, FIRST, Plan
from bot.clock import local
from bot.domain.people import Person, Role
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import history, lookup, recovery, summary
from bot.services.lookup import Whose
from bot.services.recovery import Proof, Way
from bot.store.sqlite import SqliteStore

WARM, COLD = 300, 25
CHATS = 400  # customers who ask for a token, five tries each

Unit = Callable[[Tx], Any]


@dataclass(frozen=True, slots=True)
class Sale:
    """One that is looked for."""

    agent: int
    msn: str
    digits: str
    payref: str
    nominal: int


@dataclass(frozen=True, slots=True)
class Times:
    """Milliseconds."""

    p50: float
    p95: float


def _times(spent: list[float]) -> Times:
    found = sorted(one * 1000 for one in spent)
    return Times(statistics.median(found), found[int(len(found) * 0.95)])


async def measure(path: Path, shop: Shop, plan: Plan, first_chat: int) -> dict[str, Times]:
    """By what was asked and how warm the cache was. `first_chat` is the first of the customers' chats."""
    chance, now = random.Random(20261128), plan.now
    sales = _some_sales(path, chance)
    chats = iter(range(first_chat, first_chat + CHATS))
    day = local(now - (DAY if plan.purchases > A_DAY else 0), shop.zone).date()  # the last one that is whole
    asked: dict[str, Callable[[], Unit]] = {
        "summary of a day": lambda: lambda tx: summary.of_days(tx, shop, now, day, day),
        "riwayat <meter>": lambda: partial(_history, sale=chance.choice(sales), shop=shop, now=now),
        "cek <token>": lambda: partial(_token, sale=chance.choice(sales)),
        "lost token by NO REF": lambda: partial(
            _proof, sale=chance.choice(sales), chat=next(chats), shop=shop, now=now
        ),
    }
    made: dict[str, Times] = {}
    for name, unit in asked.items():
        store = await SqliteStore.open(path, now)
        try:
            warm = min(WARM, CHATS // 2) if "lost" in name else WARM
            for _ in range(10):
                await store.write(_busy, unit())
            made[f"{name}, warm"] = _times([await store.write(_busy, unit()) for _ in range(warm)])
        finally:
            await store.close()
        made[f"{name}, cold"] = _times([await _once_cold(path, now, unit()) for _ in range(COLD)])
    return made


async def _once_cold(path: Path, now: int, unit: Unit) -> float:
    """A new process's first question, with nothing of the file in the machine's memory."""
    evict(path)
    store = await SqliteStore.open(path, now)
    try:
        return await store.write(_timed, unit)
    finally:
        await store.close()


def evict(path: Path) -> None:
    """Let the machine forget what it has read of the file; other files stay."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _busy(tx: Tx, unit: Unit) -> float:
    began = time.thread_time()
    unit(tx)
    return time.thread_time() - began


def _timed(tx: Tx, unit: Unit) -> float:
    began = time.perf_counter()
    unit(tx)
    return time.perf_counter() - began


def _some_sales(path: Path, chance: random.Random) -> list[Sale]:
    """Sales of the last 90 days, over all of which a customer may ask."""
    connection = sqlite3.connect(path)
    newest = connection.execute("SELECT MAX(id) FROM purchase").fetchone()[0]
    oldest = max(FIRST, newest - 80 * A_DAY)
    query = (
        "SELECT p.agent_id, p.msn, v.digits, p.payref, p.denomination FROM purchase p "
        "JOIN vended_token v ON v.purchase_id = p.id WHERE p.id = ?"
    )
    found = [connection.execute(query, (chance.randint(oldest, newest),)).fetchone() for _ in range(1_000)]
    connection.close()
    return [Sale(*row) for row in found if row is not None]


def _history(tx: Tx, sale: Sale, shop: Shop, now: int) -> None:
    assert history.search(tx, Whose(sale.agent), sale.msn, shop, now).more


def _token(tx: Tx, sale: Sale) -> None:
    assert len(lookup.find(tx, Whose(sale.agent), sale.digits)) == 1


def _proof(tx: Tx, sale: Sale, chat: int, shop: Shop, now: int) -> None:
    who = Person(chat, Role.CUSTOMER, "id", None, "console", f"customer{chat}")
    proof = Proof(Way.REFERENCE, sale.payref[-4:], sale.nominal)
    assert recovery.prove(tx, sale.msn, proof, who, shop, now).found
