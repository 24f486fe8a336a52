"""What advice may and may not do to a purchase in doubt: whose token it is, how long a refusal is verified."""

import dataclasses
from pathlib import Path

import pytest

from bot.clock import HOUR, MINUTE, SECOND
from bot.domain.purchase import Purchase, State
from bot.domain.supply import AdviceAnswer, AdviceVerdict, Command
from bot.sandbox import Behaviour, Raw, Sold, answers
from bot.sandbox.answers import Shape
from bot.services import exchanges, settlement
from tests.world import World, world

METER = "54123456789"


async def buy(shop: World, behaviour: Behaviour, line: str = f"{METER} 50") -> Purchase:
    shop.sandbox.force(behaviour)
    await shop.say(line)
    await shop.say("bayar")
    return (await shop.purchases())[-1]


async def now_of(shop: World, purchase: Purchase) -> Purchase:
    return next(one for one in await shop.purchases() if one.id == purchase.id)


def advice_says(shop: World, sold: Sold) -> None:
    shop.sandbox.script("ADV", Raw(answers.sale(sold, 0, Shape.ADVICE)))


@pytest.mark.parametrize("same", ["tokens", "payref"])
async def test_an_advice_with_the_token_or_the_reference_of_an_earlier_sale_is_told_and_changes_nothing(
    shop: World, same: str
) -> None:
    await shop.say("halo", "boss")
    await buy(shop, Behaviour.SUCCESS)
    [first] = shop.sandbox.books.sales()
    second = await buy(shop, Behaviour.DROP_UNSOLD, f"{METER} 50#2")
    other = {"payref": "A" * 32} if same == "tokens" else {"tokens": ("1" * 20,)}
    advice_says(shop, dataclasses.replace(first, sold_at=shop.clock(), **other))
    for _ in range(3):
        await shop.later(MINUTE)
    found = await now_of(shop, second)
    assert found.state is State.UNKNOWN
    assert [one.applied_at is not None for one in await shop.store.read(exchanges.of_purchase, second.id)] == [True] * 4
    assert "own.twin" in [said.key for said in shop.phone.read if said.to == "boss"]
    assert await shop.violations() == []


async def test_a_failed_purchase_leaves_the_late_sale_to_its_successor(shop: World) -> None:
    first = await buy(shop, Behaviour.KWH_LIMIT)
    for _ in range(5):
        await shop.later(MINUTE)
    second = await buy(shop, Behaviour.KWH_LIMIT)
    for _ in range(5):
        await shop.later(MINUTE)
    assert [one.state for one in await shop.purchases()] == [State.FAILED, State.FAILED]
    shop.sandbox.books.sell(second.trxid, METER, second.idpel, 50_000, 1_600, 1, 0, (second.sent_at or 0) + 3 * MINUTE)
    for _ in range(8):
        await shop.later(10 * MINUTE)
    assert [(await now_of(shop, one)).state for one in (first, second)] == [State.FAILED, State.LATE]


async def test_a_failed_purchase_is_not_asked_about_while_its_successor_is_open(shop: World) -> None:
    first = await buy(shop, Behaviour.KWH_LIMIT)
    for _ in range(5):
        await shop.later(MINUTE)
    second = await buy(shop, Behaviour.DROP_UNSOLD)
    before = len(await shop.store.read(exchanges.of_purchase, first.id))
    for _ in range(9):
        await shop.later(10 * MINUTE)
    assert (await now_of(shop, second)).is_open
    assert len(await shop.store.read(exchanges.of_purchase, first.id)) == before


async def test_three_negative_advices_within_ninety_seconds_give_nothing_back(shop: World) -> None:
    purchase = await buy(shop, Behaviour.KWH_LIMIT)
    for wait in (5, 15, 30):
        await shop.later((wait + 1) * SECOND)
    found = await now_of(shop, purchase)
    assert (found.state, found.negatives) == (State.VERIFY, 3)
    await shop.later(60 * SECOND)
    assert (await now_of(shop, purchase)).state is State.FAILED


async def test_two_negative_advices_over_an_hour_give_nothing_back(shop: World) -> None:
    purchase = await buy(shop, Behaviour.KWH_LIMIT)
    await shop.later(6 * SECOND)
    await shop.later(HOUR)
    found = await now_of(shop, purchase)
    assert (found.state, found.negatives) == (State.VERIFY, 2)


async def test_the_vending_engines_no_is_verified_over_ten_minutes_and_five_advices(shop: World) -> None:
    purchase = await buy(shop, Behaviour.REFUSED)
    for _ in range(4):
        await shop.later(2 * MINUTE)
    found = await now_of(shop, purchase)
    assert (found.state, found.refused) == (State.VERIFY, "V+")
    for _ in range(4):
        await shop.later(2 * MINUTE)
    assert (await now_of(shop, purchase)).state is State.FAILED


async def test_an_answer_counts_once_however_often_it_is_applied(shop: World) -> None:
    purchase = await buy(shop, Behaviour.KWH_LIMIT)
    await shop.later(6 * SECOND)
    [row] = [one for one in await shop.store.read(exchanges.of_purchase, purchase.id) if one.command == Command.ADVICE]
    for _ in range(5):
        shop.clock.forward(MINUTE)
        answer = AdviceAnswer(AdviceVerdict.NOT_FOUND, 96)
        await shop.store.write(settlement.apply_advice, row.id, answer, shop.shop, shop.clock())
    found = await now_of(shop, purchase)
    assert (found.state, found.negatives) == (State.VERIFY, 1)


async def test_an_advice_that_dies_is_not_asked_again_at_once(tmp_path: Path) -> None:
    def die(point: str) -> None:
        if point == "advice begun":
            raise RuntimeError(point)

    async with world(tmp_path, point=die) as shop:
        purchase = await buy(shop, Behaviour.DROP_UNSOLD)
        shop.clock.forward(6 * SECOND)
        for _ in range(5):
            await shop.setrum.purchasing.advise()
        assert (await now_of(shop, purchase)).advices == 1
