"""A day of an owner, killed at random around its commits: cash, approvals, a settlement, a broadcast, an export.

Lives end as in `test_killed_days`; what was typed and not acknowledged is typed again. In the end each thing was done
once, or not at all where nobody had said yes.
"""

import asyncio
import os
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import MINUTE, SECOND
from bot.domain.people import Owner
from bot.domain.purchase import State
from bot.messaging import inbox
from bot.messaging.inbox import Inbound
from bot.sandbox import Behaviour
from bot.services import ledger
from bot.store.sqlite import SqliteStore
from tests.conversation.test_export import Desk
from tests.e2e.test_killed_days import Killer
from tests.world import NOON, SHOP, World, world

CHATS = (("console", "boss"), ("console", "ibu"))
PAIR = replace(
    SHOP,
    owners=CHATS,
    partners=tuple(Owner("", (chat,)) for chat in CHATS),
    second_approver=50_000,
    waits=replace(SHOP.waits, owner_may_settle=0),
)
DEPOSIT = 500_000
PLAN = (
    ("boss", "menu"), ("ibu", "menu"), ("budi", "menu"), ("budi", "54123456700 50"), ("budi", "bayar"),
    ("boss", "isi A001 200000"), ("boss", "ya"), ("boss", "saldo+ A001 60000 salah catat"), ("boss", "ya"),
    ("ibu", "setuju P1"), ("ibu", "setuju P1"), ("boss", "selesai T10001 gagal VSI menulis tidak ada"), ("boss", "ya"),
    ("ibu", "setuju P2"), ("ibu", "setuju P2"), ("boss", "umumkan Besok tutup"), ("boss", "ya"),
    ("ibu", "ekspor hari ini"), ("ibu", "deposit koreksi -5000"), ("ibu", "biaya transfer"), ("ibu", "ya"),
)  # fmt: skip
LIVES = 12


async def typed(shop: World, plan: list[tuple[str, str]]) -> None:
    """Go on with the day, each line once: its number tells a repetition."""
    while True:
        await shop.setrum.drain()
        if not plan:
            return
        number, (who, text) = len(PLAN) - len(plan), plan[0]
        shop.clock.forward(10)
        item = Inbound("console", f"line:{number}", who, text, number + 1, shop.clock())
        await shop.store.write(inbox.put, item, shop.clock())
        plan.pop(0)


async def test_killed_at_random_an_owners_day_is_done_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seed = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    print(f"CRASH_SEED={seed}")
    chance = random.Random(seed)
    killer = Killer(chance)
    written = SqliteStore.write

    async def write(self: SqliteStore, unit: Any, *args: Any, **kwargs: Any) -> Any:
        return await killer(unit.__name__, lambda: written(self, unit, *args, **kwargs))

    monkeypatch.setattr(SqliteStore, "write", write)
    plan, desk, at = list(PLAN), Desk(), NOON
    for life in range(40):
        killer.next_life(ends=False)
        async with world(tmp_path, shop=PAIR, deposit=DEPOSIT, at=at, phone=desk) as shop:
            shop.sandbox.force(Behaviour.DROP_UNSOLD)
            killer.next_life(ends=life < LIVES)
            ended = await killer.lives(typed(shop, plan))
            await asyncio.gather(shop.setrum.inbox.stop(), shop.setrum.errands.stop())
            at = shop.clock() + chance.choice((SECOND, 5 * SECOND, MINUTE))
            killer.next_life(ends=False)
        if ended:
            break
    assert (plan, life > 0) == ([], True), "the day came to its end, and was interrupted"
    async with world(tmp_path, shop=PAIR, at=at, phone=desk) as shop:
        for _ in range(3):
            await shop.later(MINUTE)
        await judge(shop, desk)


async def judge(shop: World, desk: Desk) -> None:
    """Each booking once, the hold given back, one broadcast, the files whole, and a trail without a double row."""
    assert await shop.violations() == []
    [bought] = await shop.purchases()
    assert bought.state is State.FAILED
    rows = await shop.store.raw(
        lambda one: one.execute(
            "SELECT kind, amount FROM transfer WHERE actor LIKE 'owner%' AND kind <> 'supplier' ORDER BY kind"
        ).fetchall()
    )
    assert [tuple(row) for row in rows] == [("adjust", 60_000), ("compared", 5_000), ("topup", 200_000)]
    account = await shop.store.read(ledger.agent_account, 1)
    assert (account.posted, account.held) == (DEPOSIT + 260_000, 0)
    by_owners = "SELECT action, COUNT(*) FROM trail WHERE actor LIKE 'owner%' GROUP BY action"
    done = await shop.store.raw(lambda one: [tuple(row) for row in one.execute(by_owners)])
    once = ("topped up", "adjust A001 +60000", "not sold", "broadcast", "exported", "corrected the supplier")
    assert {action: count for action, count in done if action in once} == dict.fromkeys(once, 1)
    assert dict(done)["approved the proposal"] == 2
    heard = [one for one in desk.read if one.key == "bc.message"]
    assert len(heard) <= 1, "a broadcast is never sent again"
    assert sorted(desk.files) == ["setrum-2026-11-25.csv", "setrum-2026-11-25.xlsx"]
    assert len(desk.sheets("setrum-2026-11-25.xlsx")["Penjualan"]) == 2
