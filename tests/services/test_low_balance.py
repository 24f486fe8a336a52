"""An agent is warned before his deposit is too small for the next customer: once a day, and never for nothing."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import DAY, MINUTE
from bot.domain.ledger import CASH, Transfer
from bot.domain.people import Role
from bot.domain.rules import Bank
from bot.ports import Tx
from bot.services import ledger, low_balance, people, watch
from tests.world import SHOP, Said, World, world

METER = "54123456789"
TICKETS = dataclasses.replace(SHOP, owners=(("console", "boss"),), bank=Bank("BCA", "0123456789", "Sri Wahyuni"))


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, shop=TICKETS, deposit=1_000_000) as made:
        yield made


async def buy(shop: World, amount: int, meter: str = METER) -> None:
    await shop.say(f"{meter} {amount}")
    await shop.say("bayar")


async def looked(shop: World, milliseconds: int = MINUTE) -> list[Said]:
    """What a look after that time makes anybody read."""
    shop.clock.forward(milliseconds)
    before = len(shop.phone.read)
    await shop.store.write(watch.look, shop.shop, shop.clock())
    await shop.settle()
    return [one for one in shop.phone.read[before:] if one.key.startswith("bal.")]


async def left(shop: World, amount: int) -> None:
    """Take money away until only so much is left."""

    def take(tx: Tx) -> None:
        has = ledger.agent_account(tx, 1).available
        ledger.post(tx, Transfer(f"take:{shop.clock()}", "agent:1", CASH, has - amount, "adjust"), shop.clock())

    await shop.store.write(take)


async def days_of_sales(shop: World, days: int) -> None:
    """Rp102.000 a day."""
    for _ in range(days):
        await buy(shop, 100)
        shop.clock.forward(DAY)


async def test_less_than_an_average_day_is_said_once_a_day(shop: World) -> None:
    await days_of_sales(shop, 4)
    await buy(shop, 20)
    assert await looked(shop) == []
    await left(shop, 101_999)
    [low] = await looked(shop)
    assert low.text == "🔋 Saldo tinggal Rp101.999; rata-rata sehari Rp102.000."
    assert [label for _, label, _ in low.options] == ["➕ Isi saldo"]
    for _ in range(3):
        assert await looked(shop, 10 * MINUTE) == []
    shop.clock.forward(DAY)
    assert await looked(shop) == []  # he has not sold today: nothing has changed
    await buy(shop, 20)
    assert [one.key for one in await looked(shop)] == ["bal.low"]
    [card] = [one for one in await shop.say(low.options[0][2]) if one.key == "top.ask"]
    assert card.text == "Isi saldo berapa? Contoh: 200000"


async def test_two_days_of_sales_say_nothing_of_an_average_one(shop: World) -> None:
    await days_of_sales(shop, 2)
    await buy(shop, 20)
    await left(shop, 90_000)
    assert await looked(shop) == []


async def test_too_little_for_the_smallest_token_is_said_from_the_first_day_on(shop: World) -> None:
    await shop.say("bahasa en")
    await buy(shop, 20)
    await left(shop, 22_000)
    assert await looked(shop) == []
    await left(shop, 21_999)
    [low] = await looked(shop)
    assert low.text == "🔋 Only Rp21.999 left; not enough for a token of 20rb."


async def test_what_is_on_hold_is_not_there_to_be_used(shop: World) -> None:
    await buy(shop, 20)
    await left(shop, 60_000)
    assert await looked(shop) == []
    await shop.store.write(ledger.hold, 1, 1, 40_000)
    [low] = await looked(shop)
    assert low.text.startswith("🔋 Saldo tinggal Rp20.000;")


async def test_nobody_is_warned_while_a_ticket_is_under_way(shop: World) -> None:
    await buy(shop, 20)
    await left(shop, 1_000)
    await shop.say("tiket 200000")
    assert await looked(shop) == []
    await shop.say("tiket batal")
    assert [one.key for one in await looked(shop)] == ["bal.least"]


async def test_only_those_who_may_see_the_balance_are_warned(shop: World) -> None:
    def set_up(tx: Tx) -> None:
        people.bind(tx, 1, ("console", "kasir"), shop.shop, shop.clock(), role=Role.CASHIER)
        people.bind(tx, 1, ("console", "budi2"), shop.shop, shop.clock())

    await shop.store.write(set_up)
    for who in ("budi", "kasir", "budi2", "boss"):
        await shop.say("menu", who)
    await shop.say(f"{METER} 20", "kasir")
    await shop.say("bayar", "kasir")
    await left(shop, 1_000)
    assert sorted(one.to for one in await looked(shop)) == ["budi", "budi2"]


async def test_an_agent_who_does_not_sell_and_the_counter_are_left_alone(shop: World) -> None:
    await left(shop, 0)
    await shop.say(f"{METER} 20", "boss")
    await shop.say("bayar", "boss")
    assert await looked(shop) == []


async def test_a_mean_is_taken_over_the_days_since_the_first_of_them(shop: World) -> None:
    await days_of_sales(shop, 3)
    shop.clock.forward(2 * DAY)
    mean = await shop.store.read(low_balance.days_use, 1, shop.shop, shop.clock())
    assert mean == 3 * 102_000 // 5
    shop.clock.forward(10 * DAY)
    assert await shop.store.read(low_balance.days_use, 1, shop.shop, shop.clock()) is None
