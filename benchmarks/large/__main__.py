"""`python -m benchmarks.large`: fill databases of several sizes, ask each the same in turn, and print one table.

The folder needs some 0.7 GB a million purchases where the database is lean, 13 where it is whole; it is emptied again,
unless it is one to keep: then databases that are there already are taken as they are.
"""

import argparse
import asyncio
import tempfile
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.large.filling import AGENTS, Plan, fill
from benchmarks.large.measuring import CHATS, asked, cold, warm
from benchmarks.purchase import Collector, _buy, supplier
from bot import app, books, logs
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
    async with supplier(str(folder)) as client, books.opened(database, SHOP) as store:
        await store.write(_furnish)
        phone = Collector()
        setrum = app.assemble(store, client, SHOP, [phone])

        async def until() -> None:
            await _buy(setrum, phone, "agent1", 1)
            await setrum.drain()

        await setrum.run(until=until)


async def _filled(plan: Plan, folder: Path) -> Path:
    database = folder / f"{plan.purchases}-{_form(plan)}.db"
    if database.exists():
        return database
    with tempfile.TemporaryDirectory(dir=folder) as making:
        made = Path(making) / "large.db"
        await _one_purchase(Path(making), made)
        seconds = fill(made, plan)
        print(f"{plan.purchases:,} purchases, {_form(plan)}: {seconds:.0f} s to fill", flush=True)
        if plan.purchases <= _AUDITED and not plan.lean:  # whose books are not there
            await _audited(made)
        made.rename(database)
    return database


def _form(plan: Plan) -> str:
    return "lean" if plan.lean else "whole"


async def _audited(database: Path) -> None:
    """Copies are as right as what was copied: the shop's own audit says so."""
    store = await SqliteStore.open(database, NOW)
    try:
        found = await store.read(audit.check)
        assert not found.violations, found.violations[:5]
    finally:
        await store.close()


async def _measured(plans: list[Plan], folder: Path) -> None:
    databases = [asked(await _filled(plan, folder), plan, AGENTS + 1) for plan in plans]
    first = databases[0]
    print("| | " + " | ".join(f"{one.plan.purchases:,} {_form(one.plan)}" for one in databases) + " |")
    sizes = [f"{one.path.stat().st_size / one.plan.purchases:,.0f}" for one in databases]
    print("| bytes a purchase | " + " | ".join(sizes) + " |", flush=True)
    for how, ask in (("warm", warm), ("cold", cold)):
        for question, times in (await ask(databases, SHOP)).items():
            cells = [f"{one.p50:.3g} · {one.p95:.3g}" for one in times]
            cells = [f"{cell} ({one.p50 / times[0].p50:.2f})" for cell, one in zip(cells, times, strict=True)]
            print(f"| {question}, {how} | {' | '.join(cells)} |", flush=True)
    print(f"Milliseconds, p50 · p95 (times the p50 at {first.plan.purchases:,})")


async def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.large", description=__doc__)
    parser.add_argument(
        "--purchases", type=int, nargs="+", default=[10_000, 1_000_000, 10_000_000],
        help="databases with purchases, tokens and the tally alone",
    )  # fmt: skip
    parser.add_argument("--whole", type=int, nargs="*", default=[100_000], help="databases with everything")
    parser.add_argument("--folder", type=Path, help="where there is room")
    parser.add_argument("--keep", type=Path, help="a folder for databases that are to stay")
    given = parser.parse_args()
    plans = [Plan(one, NOW, lean=True) for one in given.purchases] + [Plan(one, NOW) for one in given.whole]
    if given.keep:
        await _measured(plans, given.keep)
        return
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        await _measured(plans, Path(folder))


if __name__ == "__main__":
    logs.set_up("ERROR")
    asyncio.run(main())
