"""A lane of the campaign: one process with its fork server and its template of a shop, playing run after run."""

import asyncio
import functools
import shutil
import tempfile
from pathlib import Path

from bot import books, clock
from bot.channels.console import NAME
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import people
from tests.crash import victim
from tests.crash.run import Outcome, Plan, Run
from tests.crash.victim import DATABASE, Orders, shop_of
from tests.crash.zygote import Zygote

DEPOSITS = {"agent1": 5_000_000, "agent2": 5_000_000, "agent3": 2_000_000, "agent4": 300_000, "agent5": 5_000_000,
            "agent6": 150_000, "": 50_000_000}  # fmt: skip


class Lane:
    """Make it before any thread of this process exists."""

    def __init__(self, root: Path) -> None:
        victim.warm_up()
        self._zygote = Zygote(victim.live)
        self.root = root
        self._template = root / "template.db"
        asyncio.run(_found(self._template))

    def play(self, plan: Plan, *, keep: bool = False) -> Outcome:
        """One run; its folder is kept only where something was found, or if asked for."""
        folder = Path(tempfile.mkdtemp(prefix=f"run-{plan.seed}-", dir=self.root))
        shutil.copy(self._template, folder / DATABASE)
        outcome = asyncio.run(Run(plan, folder, self._zygote, DEPOSITS).play())
        if not (outcome.found or keep) or plan.meddles:
            shutil.rmtree(folder)
            outcome.folder = ""
        return outcome


async def _found(database: Path) -> None:
    shop = shop_of(Orders("", "", 0, 0, 0))
    async with books.opened(database, shop) as store:
        await store.write(_furnish, shop, clock.now())


def _furnish(tx: Tx, shop: Shop, now: int) -> None:
    for who, deposit in DEPOSITS.items():
        if who:
            agent = people.add_agent(tx, who, (NAME, who), shop, now)
            people.top_up(tx, agent, deposit, who, "crash", shop, now)
    people.top_up_supplier(tx, DEPOSITS[""], "crash", "crash", now)


@functools.cache
def lane(root: Path) -> Lane:
    """This process's lane."""
    made = Path(tempfile.mkdtemp(prefix="lane-", dir=root))
    return Lane(made)


def play(root: Path, plan: Plan) -> Outcome:
    """What a pool of processes calls."""
    return lane(root).play(plan)
