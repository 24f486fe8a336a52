"""The one line that a card may add: which comes first, which asks the name before any price, and what is never said."""

import dataclasses
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain import energy, meter
from bot.sandbox import Behaviour, customers
from tests.world import NOON, SHOP, Said, World, execute, world

METER, SWAPPED, ONE_OFF = "54123456789", "54123456798", "54123456779"
MARKS = ("⚠️", "🔔", "📈", "🌙", "Pertama kali")


def added(said: Said) -> list[str]:
    """The lines of a card that warn."""
    return [line for line in said.text.split("\n") if line.startswith(MARKS)]


async def sold(shop: World, order: str = f"{METER} 50") -> None:
    said = await shop.say(order)
    while said[-1].key in ("buy.name", "pay.again"):
        said = await shop.say("ya" if said[-1].key == "buy.name" else "1")
    assert "token.only" in await shop.keys("bayar")


async def test_a_meter_one_digit_from_a_favourites_is_asked_about_before_any_price(shop: World) -> None:
    await sold(shop)
    await shop.say(f"fav {METER} budi")
    for typed in (ONE_OFF, SWAPPED):
        [asked] = await shop.say(f"{typed} 50")
        assert asked.key == "buy.name"
        assert added(asked) == ['⚠️ Mirip favorit "budi" (5412 3456 789). Jangan tertukar.']
        assert "Rp" not in asked.text
        [card] = await shop.say("ya")
        assert (card.key, added(card), "Namanya cocok?" in card.text) == ("buy.pay", [], False)
        await shop.say("batal")


async def test_in_english_too(shop: World) -> None:
    await shop.say("bahasa en")
    await sold(shop)
    await shop.say(f"fav {METER} budi")
    [asked] = await shop.say(f"{SWAPPED} 50")
    assert added(asked) == ['⚠️ Similar to favourite "budi" (5412 3456 789). Do not mix them up.']


async def test_a_regular_without_a_name_is_named_as_the_supplier_does(shop: World) -> None:
    await sold(shop)
    [card] = await shop.say(f"{SWAPPED} 50")
    assert (card.key, added(card)) == ("buy.pay", [])  # one sale makes no regular
    await shop.say("batal")
    await sold(shop, f"{METER} 20")
    [asked] = await shop.say(f"{SWAPPED} 50")
    assert added(asked) == ["⚠️ Mirip meter langganan BUDI SANTOSA (5412 3456 789). Jangan tertukar."]


async def test_two_regulars_that_look_alike_are_not_asked_about_for_ever(shop: World) -> None:
    for order in (f"{METER} 50", f"{METER} 20", f"{SWAPPED} 50", f"{SWAPPED} 20"):
        await sold(shop, order)
    for number in (METER, SWAPPED):
        assert await shop.keys(f"{number} 100") == ["buy.pay"]
        await shop.say("batal")


async def test_another_agents_regulars_are_not_told(shop: World) -> None:
    await sold(shop)
    await shop.say(f"fav {METER} budi")
    [card] = await shop.say(f"{SWAPPED} 50", "boss")
    assert (card.key, added(card)) == ("buy.pay", [])


async def test_a_renamed_meter_comes_before_a_look_alike_and_that_before_a_first_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, known_after_sales=2)) as shop:
        await sold(shop)
        await shop.say(f"fav {METER} budi")
        await sold(shop, f"{SWAPPED} 20")
        renamed = dataclasses.replace(customers.customer(SWAPPED), name="HALIM")
        monkeypatch.setitem(customers._KNOWN, SWAPPED, renamed)
        [asked] = await shop.say(f"{SWAPPED} 50")
        (line,) = added(asked)
        assert line.startswith("⚠️ Namanya berbeda")
        *_, asked = await shop.say(f"{ONE_OFF} 50")
        (line,) = added(asked)
        assert line.startswith("⚠️ Mirip")
        *_, asked = await shop.say("61111111133 50")
        assert added(asked) == ["Pertama kali untuk meter ini. Cocokkan namanya."]


async def test_an_own_unclear_purchase_comes_before_the_months_energy_and_that_before_the_cut_off(
    tmp_path: Path,
) -> None:
    night = NOON + 11 * HOUR  # 23.00 WIB
    async with world(tmp_path, at=night, deposit=5_000_000) as shop:
        [card] = await shop.say(f"{METER} 50")
        assert added(card) == ["🌙 PLN cut off sekitar 23.00–00.45 WIB; token bisa terlambat."]
        await shop.say("bayar")
        await execute(shop, "UPDATE purchase SET kwh = '640,1234' WHERE id = 10001")
        [card] = await shop.say(f"{METER} 20")
        assert added(card) == ["📈 Bulan ini sudah ±640 dari 648 kWh lewat toko ini. PLN bisa menolak."]
        shop.sandbox.force(Behaviour.DROP_UNSOLD)
        await shop.say("bayar")
        [card] = await shop.say(f"{METER} 100")
        assert added(card) == ["🔔 Pembelian T10002 untuk meter ini belum jelas; ketik: cek T10002"]


@pytest.mark.parametrize(
    ("kwh", "amount", "warns"),
    [
        ("300,0", "50", False),  # as much again fits below 648
        ("324,0", "50", False),  # exactly
        ("324,1", "50", True),
        ("324,1", "20", False),
        ("1.032,5", "20", True),
        ("", "50", False),  # nothing is known
    ],
)
async def test_the_months_energy_is_what_the_shop_sold_and_what_this_one_brings(
    shop: World, kwh: str, amount: str, *, warns: bool
) -> None:
    await sold(shop)
    await execute(shop, f"UPDATE purchase SET kwh = '{kwh}' WHERE id = 10001")  # noqa: S608  # this file's own words
    [card] = await shop.say(f"{METER} {amount}#2")
    assert (card.key, bool(added(card))) == ("buy.pay", warns)
    assert "token.only" in await shop.keys("bayar")  # it warns, and blocks nothing


async def test_a_new_month_begins_at_nothing(shop: World) -> None:
    await sold(shop)
    await execute(shop, "UPDATE purchase SET kwh = '640,0' WHERE id = 10001")
    shop.clock.forward(6 * DAY)  # 1 December
    [card] = await shop.say(f"{METER} 50")
    assert added(card) == []


async def test_the_amount_that_goes_beyond_the_month_is_said_once_it_is_chosen_and_only_once(tmp_path: Path) -> None:
    async with world(tmp_path, deposit=5_000_000) as shop:
        await sold(shop)
        await execute(shop, "UPDATE purchase SET kwh = '200,0' WHERE id = 10001")
        [amounts] = await shop.say(METER)
        assert added(amounts) == []
        [card] = await shop.say("200")
        assert added(card) == ["📈 Bulan ini sudah ±200 dari 648 kWh lewat toko ini. PLN bisa menolak."]
        await shop.say("batal")
        await execute(shop, "UPDATE purchase SET kwh = '647,0' WHERE id = 10001")
        [amounts] = await shop.say(METER)
        assert len(added(amounts)) == 1
        [card] = await shop.say("200")
        assert added(card) == []


async def test_no_card_has_two_lines_whatever_applies(tmp_path: Path) -> None:
    async with world(tmp_path, at=NOON + 11 * HOUR + MINUTE, deposit=5_000_000) as shop:
        await sold(shop)
        await shop.say(f"fav {METER} budi")
        await execute(shop, "UPDATE purchase SET kwh = '700,0'")
        shop.sandbox.force(Behaviour.DROP_UNSOLD)
        await shop.say(f"{METER} 20")
        await shop.say("bayar")
        for line in (METER, f"{METER} 100", SWAPPED, f"{SWAPPED} 50", ONE_OFF):
            for said in (*await shop.say(line), *await shop.say("ya")):
                assert len(added(said)) <= 1, said.text
            await shop.say("batal")


def test_look_alikes_differ_in_one_digit_or_two_neighbours() -> None:
    found = meter.look_alikes(METER)
    assert len(found) == len(set(found)) == 11 * 9 + 10  # no two of its neighbours are equal
    assert METER not in found
    assert {SWAPPED, ONE_OFF, "04123456789", "45123456789"} <= set(found)
    assert "54123456697" not in found
    assert len(meter.look_alikes("11111111111")) == 11 * 9  # swapping changes nothing


@pytest.mark.parametrize(
    ("kwh", "tenths"), [("32,1", 321), ("352,0", 3_520), ("1.032,15", 10_321), ("", 0), ("32", 0), ("x", 0)]
)
def test_energy_is_read_as_receipts_state_it(kwh: str, tenths: int) -> None:
    assert energy.tenths(kwh) == tenths


@pytest.mark.parametrize(
    ("power", "cap"),
    [("R1M/900", 648), ("R1/450", 324), ("R2/3500", 2_520), ("R1/000001300VA", 936), ("R1", None), ("", None)],
)
def test_a_connection_takes_its_power_for_720_hours(power: str, cap: int | None) -> None:
    assert energy.monthly_cap(power) == cap
