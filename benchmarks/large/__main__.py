"""`python -m benchmarks.large`: fill databases of several sizes, ask each the same, and print one table.

The folder needs some 1 GB a million purchases where the database is lean, 13 where it is whole; it is emptied again.
"""

import argparse
import asyncio
import sqlite3
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.large.filling import AGENTS, Plan, fill
from benchmarks.large.measuring import CHATS, Times, measure
from benchmarks.purchase import Collector, _buy, supplier
from bot import app, logs
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import audit, people
from bot.store.sqlite import SqliteStore

ZONE = ZoneInfo("Asia/Jakarta")
NOW = int(datetime(2026, 11, 27, 22, tzinfo=ZONE).timestamp() * 1000)
SHOP = Shop(owners=(("console", "boss"),), zone=ZONE, known_after_sales=10**9)
_AUDITED = 100_000  # a larger one takes the audit too long


def _furnish(tx: Tx) -> None:
    for number in range(1, AGENTS + 1):
        agent = people.add_agent(tx, f"Agent {number}", ("console", f"agent{number}"), SHOP, 1)
        chat = people.conversation(tx, "console", f"agent{number}", "id", 1)
        assert agent.id == chat.id == number
    people.top_up(tx, people.agent(tx, 1), 1_000_000, "bench", "bench", SHOP, 1)
    people.top_up_supplier(tx, 1_000_000, "bench", "bench", 1)
    for number in range(CHATS):
        people.conversation(tx, "console", f"customer{number}", "id", 1)


async def _one_purchase(folder: Path, database: Path) -> None:
    """What is copied afterwards, made from meter to token by the whole shop."""
    async with supplier(str(folder)) as client, app.opened(database, SHOP) as store:
        await store.write(_furnish)
        phone = Collector()
        setrum = app.assemble(store, client, SHOP, [phone])

        async def until() -> None:
            await _buy(setrum, phone, "agent1", 1)
            await setrum.drain()

        await setrum.run(until=until)


async def _one_size(plan: Plan, folder: Path) -> tuple[dict[str, Times], float]:
    database = folder / "large.db"
    await _one_purchase(folder, database)
    seconds = fill(database, plan)
    a_purchase = database.stat().st_size / plan.purchases
    print(f"{plan.purchases:,} purchases, {'lean' if plan.lean else 'whole'}: {seconds:.0f} s to fill", flush=True)
    if plan.purchases <= _AUDITED and not plan.lean:  # whose books are not there
        await _audited(database)
    return await measure(database, SHOP, plan, AGENTS + 1), a_purchase


async def _audited(database: Path) -> None:
    """Copies are as right as what was copied: the shop's own audit says so."""
    store = await SqliteStore.open(database, NOW)
    try:
        found = await store.read(audit.check)
        assert not found.violations, found.violations[:5]
    finally:
        await store.close()


def _tables(database: Path) -> dict[str, int]:
    """Bytes by table and index."""
    connection = sqlite3.connect(database)
    return dict(connection.execute("SELECT name, SUM(pgsize) FROM dbstat GROUP BY name ORDER BY 2 DESC"))


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__)
    parser.add_argument("--purchases", type=int, nargs="+", default=[10_000, 1_000_000, 10_000_000])
    parser.add_argument(
        "--lean-from", type=int, default=10_000_000, help="purchases, tokens and tally alone from this size"
    )
    parser.add_argument("--folder", type=Path, default=None, help="where there is room")
    given = parser.parse_args()
    sizes: dict[int, dict[str, Times]] = {}
    for purchases in given.purchases:
        with tempfile.TemporaryDirectory(dir=given.folder) as folder:
            plan = Plan(purchases, NOW, purchases >= given.lean_from)
            sizes[purchases], a_purchase = await _one_size(plan, Path(folder))
            print(f"  bytes a purchase: {a_purchase:,.0f}")
            for name, times in sizes[purchases].items():
                print(f"  {name:<34} p50 {times.p50:8.2f} ms · p95 {times.p95:8.2f} ms", flush=True)
    least, most = min(sizes), max(sizes)
    for name, times in sizes[most].items():
        print(f"{name:<34} {most:,} to {least:,}: {times.p50 / sizes[least][name].p50:.2f} at p50")


logs.set_up("ERROR")
asyncio.run(main())
