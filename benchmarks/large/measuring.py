"""What the services need for the owner's day and for a meter's sales, on databases of several sizes, warm and cold.

All databases are open at once and are asked in turn, so that whatever else the machine does falls on each alike. Times
are taken inside the unit, which is undone afterwards: neither the wait for the store's thread nor an fsync is in them.
Warm ones are the thread's own time on a processor, of questions that were asked once before; cold ones wait for the
disk.
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

WARM, ROUNDS, COLD = 300, 2, 20
SUMMARIES = 40
CHATS = 300  # customers who ask for a token

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


@dataclass(frozen=True, slots=True)
class Asked:
    """A database, the sales that are looked for in it, and its first customer's chat."""

    path: Path
    plan: Plan
    sales: list[Sale]
    first_chat: int

    def unit(self, question: str, number: int, shop: Shop) -> Unit:
        """The question about one of the sales."""
        now, sale = self.plan.now, self.sales[number % len(self.sales)]
        match question:
            case "summary of a day":  # the last one that is whole
                day = local(now - (DAY if self.plan.purchases > A_DAY else 0), shop.zone).date()
                return partial(summary.of_days, shop=shop, now=now, first=day, last=day)
            case "`riwayat <meter>`":
                return partial(_history, sale=sale, shop=shop, now=now)
            case "`cek <token>`":
                return partial(_token, sale=sale)
        return partial(_proof, sale=sale, chat=self.first_chat + number % CHATS, shop=shop, now=now)


QUESTIONS = ("summary of a day", "`riwayat <meter>`", "`cek <token>`", "a customer's lost token, by NO REF")


class _UndoneError(Exception):
    """Carries the seconds out of a unit whose writes are not to stay."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


def _times(spent: list[float]) -> Times:
    found = sorted(one * 1000 for one in spent)
    return Times(statistics.median(found), found[int(len(found) * 0.95)])


def asked(path: Path, plan: Plan, first_chat: int) -> Asked:
    """The database with `WARM` of its sales, always the same ones."""
    return Asked(path, plan, _some_sales(path, random.Random(20261128)), first_chat)


async def warm(databases: list[Asked], shop: Shop) -> dict[str, list[Times]]:
    """By question, in the order of the databases."""
    stores = [await SqliteStore.open(one.path, one.plan.now) for one in databases]
    made = {}
    try:
        for question in QUESTIONS:
            spent: list[list[float]] = [[] for _ in databases]
            most = WARM if question != QUESTIONS[0] else SUMMARIES
            for turn in range(most * (1 + ROUNDS)):
                for store, one, seconds in zip(stores, databases, spent, strict=True):
                    seconds.append(await _undone(store, one.unit(question, turn % most, shop), time.thread_time))
            made[question] = [_times(one[most:]) for one in spent]
    finally:
        for store in stores:
            await store.close()
    return made


async def cold(databases: list[Asked], shop: Shop) -> dict[str, list[Times]]:
    """The same of a new process's first question, with nothing of the file in the machine's memory."""
    made = {}
    for question in QUESTIONS:
        spent: list[list[float]] = [[] for _ in databases]
        for turn in range(COLD):
            for one, seconds in zip(databases, spent, strict=True):
                evict(one.path)
                store = await SqliteStore.open(one.path, one.plan.now)
                try:
                    seconds.append(await _undone(store, one.unit(question, turn, shop), time.perf_counter))
                finally:
                    await store.close()
        made[question] = [_times(one) for one in spent]
    return made


async def _undone(store: SqliteStore, unit: Unit, clock: Callable[[], float]) -> float:
    def timed(tx: Tx) -> None:
        began = clock()
        unit(tx)
        raise _UndoneError(clock() - began)

    try:
        await store.write(timed)
    except _UndoneError as done:
        return done.seconds
    raise AssertionError("a unit that raises was kept")


def evict(path: Path) -> None:
    """Let the machine forget what it has read of the file; other files stay."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _some_sales(path: Path, chance: random.Random) -> list[Sale]:
    """Sales of the last 90 days, over all of which a customer may ask."""
    connection = sqlite3.connect(path)
    newest = connection.execute("SELECT MAX(id) FROM purchase").fetchone()[0]
    oldest = max(FIRST, newest - 80 * A_DAY)
    query = (
        "SELECT p.agent_id, p.msn, v.digits, p.payref, p.denomination FROM purchase p "
        "JOIN vended_token v ON v.purchase_id = p.id WHERE p.id = ?"
    )
    found = [connection.execute(query, (chance.randint(oldest, newest),)).fetchone() for _ in range(2 * WARM)]
    connection.close()
    return [Sale(*row) for row in found if row is not None][:WARM]


def _history(tx: Tx, sale: Sale, shop: Shop, now: int) -> None:
    assert history.search(tx, Whose(sale.agent), sale.msn, shop, now).more


def _token(tx: Tx, sale: Sale) -> None:
    assert len(lookup.find(tx, Whose(sale.agent), sale.digits)) == 1


def _proof(tx: Tx, sale: Sale, chat: int, shop: Shop, now: int) -> None:
    who = Person(chat, Role.CUSTOMER, "id", None, "console", f"customer{chat}")
    proof = Proof(Way.REFERENCE, sale.payref[-4:], sale.nominal)
    assert recovery.prove(tx, sale.msn, proof, who, shop, now).found
