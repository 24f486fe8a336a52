"""A shop that has had very many talks, sales and messages: their numbers are long, and nobody notices."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World, execute, world

METER, OTHER = "54123456789", "54123456700"
PIN = "590417"


@pytest.fixture(params=[1_234, 123_455, 1_234_567, 12_345_678], ids=str)
async def old(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[World]:
    """A shop whose next talk, row and message come after so many."""
    count = request.param
    async with world(tmp_path, deposit=5_000_000) as shop:
        await shop.say("menu")
        columns = "conversation_id, flow, given, order_id, state, created_at"
        await execute(shop, f"INSERT INTO session (id, {columns}) VALUES ({count}, 1, 'buy', '{{}}', 'x', 'done', 1)")  # noqa: S608
        for table in ("inbox", "outbox"):
            await execute(shop, f"UPDATE {table} SET id = {count} WHERE id = (SELECT MAX(id) FROM {table})")  # noqa: S608
        yield shop
        assert await shop.violations() == []


async def test_its_agent_buys_one_and_several(old: World) -> None:
    assert await old.keys(f"{METER} 50") == ["buy.pay"]
    assert await old.keys("bayar") == ["buy.processing", "token.only", "pay.done"]
    assert await old.keys(f"{METER} 20\n{OTHER} 50") == ["batch.card"]
    assert (await old.keys("bayar"))[-1] == "batch.result"


async def test_its_agent_sets_a_pin_and_pays_with_it(old: World) -> None:
    assert await old.keys("pin") == ["pin.new"]
    assert (await old.keys(PIN))[-1] == "pin.again"
    assert await old.keys(PIN) == ["pin.set"]
    assert await old.keys(f"{METER} 1jt") == ["buy.pay"]
    assert (await old.keys("bayar"))[-1] == "pin.ask"
    assert (await old.keys(PIN))[-1] == "pay.done"


async def test_its_owner_books_and_corrects(old: World) -> None:
    assert await old.keys("isi A001 50000", "boss") == ["isi.cash"]
    assert (await old.keys("ya", "boss"))[0] == "isi.done"
