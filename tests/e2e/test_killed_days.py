"""A day of an agent, killed at random around its commits: several orders by one press, a PIN, and a top-up ticket.

Every life ends before or after one of its commits, by chance from a seed. Whoever types goes on where his phone stands.
"""

import asyncio
import os
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bot.clock import MINUTE, SECOND
from bot.domain.purchase import State
from bot.domain.rules import Bank
from bot.messaging import inbox, vault
from bot.messaging.inbox import Inbound
from bot.sandbox import Behaviour, Readings
from bot.services import ledger
from bot.store.sqlite import SqliteStore
from tests.world import NOON, SHOP, Phone, World, world

METERS = ("54123456789", "54123456700", "54123456711", "54123456722")
PIN, DEPOSIT = "590417", 500_000
DAY = replace(
    SHOP,
    owners=(("console", "boss"), ("console", "ibu")),
    bank=Bank("BCA", "0123456789", "Sri Wahyuni"),
    pin_from=60_000,
)
HARSHEST = Readings(repeated_trxid="sells again", refnum_single_use=True)
TROUBLE = (Behaviour.SUCCESS, Behaviour.SUCCESS, Behaviour.PENDING_SUCCESS, Behaviour.DROP_SOLD, Behaviour.REFUSED_SOLD)
# what is typed next, by what was read last
ANSWERS = {
    "pin.new": PIN, "pin.again": PIN, "pin.ask": PIN, "pin.gone": PIN, "pin.wrong": PIN, "pin.six": PIN,
    "pin.what": "batal", "batch.card": "bayar", "pay.word": "bayar", "top.ticket": "tiket sudah",
    "top.open": "tiket sudah", "appr.sure": "ya",
}  # fmt: skip
SEEDS = 10
PAYMENTS = ("_begin_payment", "complete", "_settle")  # the units around a call of the supplier


@dataclass
class Killer:
    """Ends a life before or after its n-th commit, or its n-th of one kind: nothing happens afterwards."""

    chance: random.Random
    left: int = 0  # commits; 0 is a life that nobody ends
    kind: str = ""
    is_dead: asyncio.Event = field(default_factory=asyncio.Event)

    def next_life(self, *, ends: bool, kinds: tuple[str, ...] = ("",)) -> None:
        self.kind = self.chance.choice(kinds)
        self.left = self.chance.randint(1, 8 if self.kind else 30) if ends else 0
        self.is_dead = asyncio.Event()

    async def __call__(self, name: str, write: Callable[[], Any]) -> Any:
        if self.is_dead.is_set():
            await asyncio.Event().wait()
        counts = self.kind in ("", name)
        ends = counts and self.left == 1
        self.left = max(0, self.left - counts)
        if ends and self.chance.random() < 0.5:
            await self._die()
        result = await write()
        if ends:
            await self._die()
        return result

    async def _die(self) -> None:
        self.is_dead.set()
        await asyncio.Event().wait()

    async def lives(self, work: Any) -> bool:
        """Whether the work came to its end in this life."""
        working, dying = asyncio.ensure_future(work), asyncio.ensure_future(self.is_dead.wait())
        await asyncio.wait([working, dying], return_when=asyncio.FIRST_COMPLETED)
        ended = working.done() and not self.is_dead.is_set()
        for one in (working, dying):
            one.cancel()
        await asyncio.gather(working, dying, return_exceptions=True)
        return ended


@dataclass
class Day:
    """What is typed, in its order, and what came of it so far. A line that was not acknowledged comes again."""

    killer: Killer
    phone: Phone
    plan: list[tuple[str, str]]
    typed: int = 0
    goes_on: int = 0  # answers to what the phone asks, for the line that is in hand

    async def live(self, shop: World) -> bool:
        """Go on with the day; whether it came to its end in this life."""
        while True:
            await shop.setrum.drain()
            if (answer := self._asked()) is not None and self.goes_on < 12:
                self.goes_on += 1
                await self._type(shop, "budi", answer)
            elif self.plan:
                who, text = self.plan[0]
                await self._type(shop, who, text)
                self.plan.pop(0)
                self.goes_on = 0
            else:
                return True

    def _asked(self) -> str | None:
        mine = [one.key for one in self.phone.read if one.to == "budi"]
        return ANSWERS.get(mine[-1]) if mine else None

    async def _type(self, shop: World, who: str, text: str) -> None:
        """A payment's word twice, as impatient people do."""
        for _ in range(2 if text == "bayar" else 1):
            shop.clock.forward(10)
            number = self.typed + 1
            item = Inbound("console", f"line:{number}", who, text, number, shop.clock())
            await shop.store.write(inbox.put, item, shop.clock())
            self.typed = number


def plan_of(chance: random.Random) -> list[tuple[str, str]]:
    """A PIN, two batches of different lines, and a ticket that both owners approve, one with another amount."""
    first = [f"{meter} {chance.choice((20, 50))}" for meter in METERS]
    second = [f"{METERS[0]} 100", f"{METERS[0]} 200", f"{METERS[1]} 100"]
    approvals = [("boss", "setuju 1"), ("ibu", "setuju 1"), ("boss", "tolak 1 tidak ada"), ("ibu", "setuju 1 300000")]
    chance.shuffle(approvals)
    return [
        ("boss", "menu"), ("ibu", "menu"), ("budi", "pin"), ("budi", "\n".join(first)), ("budi", "tiket 600000"),
        *approvals, ("budi", "\n".join(second)), ("budi", "saldo"),
    ]  # fmt: skip


@pytest.mark.parametrize("nth", range(SEEDS))
async def test_killed_at_random_a_day_doubles_nothing_and_loses_no_rupiah(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int
) -> None:
    seed = int(os.environ.get("CRASH_SEED", "0")) + nth or random.SystemRandom().randrange(1, 1_000_000)
    print(f"CRASH_SEED={seed - nth}")
    chance = random.Random(seed)
    killer = Killer(chance)
    written = SqliteStore.write

    async def write(self: SqliteStore, unit: Any, *args: Any, **kwargs: Any) -> Any:
        return await killer(unit.__name__, lambda: written(self, unit, *args, **kwargs))

    day = Day(killer, Phone(), plan_of(chance))
    monkeypatch.setattr(SqliteStore, "write", write)
    at = NOON
    for life in range(40):
        killer.next_life(ends=False)
        monkeypatch.setattr(vault, "_hidden", {})
        monkeypatch.setattr(vault, "_pressed", {})
        async with world(tmp_path, shop=DAY, readings=HARSHEST, deposit=DEPOSIT, at=at, phone=day.phone) as shop:
            shop.sandbox.force(chance.choice(TROUBLE), chance.randint(1, 3))
            killer.next_life(ends=life < 16, kinds=("", "", *PAYMENTS) if life else ("",))
            ended = await killer.lives(day.live(shop))
            await shop.setrum.inbox.stop()
            at = shop.clock() + chance.choice((SECOND, 5 * SECOND, MINUTE))
            killer.next_life(ends=False)
        if ended:
            break
    assert day.plan == [], "the day came to its end"
    assert life, "a day that nobody interrupts proves nothing"
    async with world(tmp_path, shop=DAY, readings=HARSHEST, at=at, phone=day.phone) as shop:
        for _ in range(40):
            await shop.later(MINUTE)
        await _judge(shop)
    disk = b"".join(one.read_bytes() for one in tmp_path.glob("setrum.db*"))
    assert PIN.encode() not in disk


async def _judge(shop: World) -> None:
    """The books against the supplier's, the ticket, and what was told."""
    assert await shop.violations() == []
    bought, sales = await shop.purchases(), shop.sandbox.sales()
    assert not {one.state for one in bought} & {State.CONFIRMED, State.SENDING}
    sold = [one for one in bought if one.state is State.SUCCESS]
    assert sorted(one.trxid for one in sales) == sorted({one.trxid for one in sales}), "each payment was sold once"
    assert {one.trxid for one in sold} <= {one.trxid for one in sales}
    left = [one for one in bought if one.trxid in {sale.trxid for sale in sales} and not (one in sold or one.is_open)]
    assert [one for one in left if one.state is not State.LATE] == [], "nothing that was sold was given back"
    goods = [(one.msn, one.denomination) for one in bought]
    assert len(goods) == len(set(goods)), "no line was bought twice, however often it was paid"

    raw = await shop.store.raw(
        lambda one: (
            one.execute("SELECT credited FROM ticket WHERE state = 'approved'").fetchall(),
            one.execute("SELECT amount FROM transfer WHERE kind = 'ticket'").fetchall(),
            one.execute("SELECT COUNT(*) FROM batch WHERE told = 0").fetchone()[0],
            one.execute("SELECT COUNT(*) FROM batch").fetchone()[0],
            one.execute("SELECT COUNT(*) FROM outbox WHERE cause LIKE 'batch:%:result'").fetchone()[0],
        )
    )
    approved, credited, untold, batches, told = raw
    assert (approved, len(credited) <= 1) == (credited, True)
    assert (untold, told) == (0, batches)
    assert batches, "nor does one on which nothing was bought"
    account = await shop.store.read(ledger.agent_account, 1)
    paid_in = DEPOSIT + sum(amount for (amount,) in credited)
    assert account.posted == paid_in - sum(one.price for one in sold)
    assert account.held == sum(one.price for one in bought if one.is_open)
