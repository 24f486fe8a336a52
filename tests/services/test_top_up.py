"""Money in: credited once a reference, whatever is typed the second time, and never twice by mistake."""

import pytest

from bot.clock import DAY, MINUTE
from bot.services import ledger, people
from bot.services.people import PeopleError
from tests.world import World


async def credit(shop: World, amount: int, reference: str, *, again: bool = False) -> None:
    agent = await shop.store.read(people.find_agent, "Budi Cell")
    await shop.store.write(people.top_up, agent, amount, reference, "Ibu Sri", shop.shop, shop.clock(), again=again)


async def balance(shop: World) -> int:
    return (await shop.store.read(ledger.agent_account, 1)).posted


@pytest.mark.parametrize("amount", [70_000, 70_001])
async def test_a_reference_is_credited_once_even_where_a_repeat_is_meant(shop: World, amount: int) -> None:
    await credit(shop, 70_000, "BCA 17")
    with pytest.raises(PeopleError, match="reference 'BCA 17' was booked already"):
        await credit(shop, amount, "BCA 17", again=True)
    assert await balance(shop) == 570_000
    assert await shop.violations() == []


async def test_the_same_amount_within_a_day_is_asked_about(shop: World) -> None:
    await credit(shop, 70_000, "BCA 17")
    shop.clock.forward(MINUTE)
    with pytest.raises(PeopleError, match="--again"):
        await credit(shop, 70_000, "BCA 18")
    await credit(shop, 70_000, "BCA 18", again=True)
    shop.clock.forward(2 * DAY)
    await credit(shop, 70_000, "BCA 19")
    assert await balance(shop) == 710_000


async def test_money_sent_to_the_supplier_is_booked_once_a_reference(shop: World) -> None:
    before = await shop.store.read(ledger.supplier_deposit)
    await shop.store.write(people.top_up_supplier, 1_000_000, "VSI 3", "Ibu Sri", shop.clock())
    with pytest.raises(PeopleError, match="booked already"):
        await shop.store.write(people.top_up_supplier, 2_000_000, "VSI 3", "Ibu Sri", shop.clock())
    assert await shop.store.read(ledger.supplier_deposit) == before + 1_000_000
