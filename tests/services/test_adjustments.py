"""Corrections of a deposit by hand: named, limited, once a reference, and never below what is held."""

import pytest

from bot.services import adjustments, ledger, people
from bot.services.decisions import DecisionError
from tests.world import World

WHO = {"actor": "Ibu Sri", "reason": "counted the till again"}


async def adjust(shop: World, amount: int, reference: str = "K1", **who: str) -> None:
    agent = await shop.store.read(people.find_agent, "Budi Cell")
    said = WHO | who
    actor, reason = said["actor"], said["reason"]
    now = shop.clock()
    await shop.store.write(adjustments.adjust, agent, amount, reference, shop.shop, now, actor=actor, reason=reason)


async def balance(shop: World) -> int:
    return (await shop.store.read(ledger.agent_account, 1)).posted


@pytest.mark.parametrize("amount", [5_000, -5_000])
async def test_a_correction_moves_the_deposit_against_equity(shop: World, amount: int) -> None:
    await adjust(shop, amount)
    assert await balance(shop) == 500_000 + amount
    assert (await shop.store.read(ledger.account, "equity:adjust")).posted == -amount
    assert await shop.violations() == []


async def test_a_reference_is_booked_once_whatever_the_amount(shop: World) -> None:
    await adjust(shop, 5_000)
    for amount in (5_000, 7_000, -5_000):
        with pytest.raises(DecisionError, match="booked already"):
            await adjust(shop, amount)
    assert await balance(shop) == 505_000


async def test_the_day_has_a_limit_that_counts_both_directions(shop: World) -> None:
    await adjust(shop, 600_000, "K1")
    with pytest.raises(DecisionError, match="the limit is 1000000 a day"):
        await adjust(shop, -400_001, "K2")
    with pytest.raises(DecisionError, match="at most"):
        await adjust(shop, 1_000_001, "K3")
    shop.clock.forward(24 * 3_600_000)
    await adjust(shop, -400_001, "K4")


async def test_nothing_that_is_held_can_be_taken(shop: World) -> None:
    await shop.say("11111111103 200")
    await shop.say("bayar")
    with pytest.raises(DecisionError, match="298000 to spend"):
        await adjust(shop, -298_001)
    await adjust(shop, -298_000)
    assert await shop.violations() == []


@pytest.mark.parametrize("who", [{"actor": ""}, {"reason": " "}])
async def test_no_correction_without_a_name_and_a_reason(shop: World, who: dict[str, str]) -> None:
    with pytest.raises(DecisionError, match="needs the name"):
        await adjust(shop, 5_000, **who)
    assert await balance(shop) == 500_000
