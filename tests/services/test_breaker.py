"""The breaker as agents and owners live through it: when sales stop, what is said, and how they start again."""

from pathlib import Path

import pytest

from bot.clock import MINUTE, SECOND
from bot.domain.purchase import State
from bot.sandbox import Behaviour, Raw
from bot.services import breaker, people
from bot.services.breaker import Position, Way
from tests.world import NOON, World, execute, world

METERS = [f"5412345678{digit}" for digit in range(10)]
NO = "<root><status>ERROR</status><rc>{rc:04}</rc><rcm>[{rc}] TIDAK BISA ke:1</rcm></root>"


async def at(shop: World) -> breaker.Breaker:
    return await shop.store.read(breaker.read)


async def buy(shop: World, meter: str, who: str = "budi") -> list[str]:
    return [*await shop.keys(f"{meter} 20", who), *await shop.keys("bayar", who)]


def refuses_payments(shop: World, rc: int) -> None:
    shop.sandbox.script("PAY", Raw(NO.format(rc=rc).encode()))


@pytest.mark.parametrize("rc", [4, 6, 9, 11, 26, 29, 46, 69, 95, 97])
async def test_a_code_that_says_that_nothing_can_be_sold_stops_sales_until_the_owner_opens_them(
    shop: World, rc: int
) -> None:
    await shop.say("menu", "boss")
    refuses_payments(shop, rc)
    await buy(shop, METERS[0])
    assert (await at(shop)).state is Position.OPEN
    refused = await shop.say(f"{METERS[1]} 20")
    assert refused[-1].key == "maint.agent"
    assert "gangguan" in refused[-1].text
    assert "deposit" not in refused[-1].text.casefold()
    told = [said for said in shop.phone.read if said.to == "boss" and said.key == "alarm.stop"]
    assert len(told) == 1
    assert f"kode {rc} " in told[0].text
    shop.sandbox.script("PAY", None)
    for _ in range(5):
        await shop.later(5 * MINUTE)
        await shop.setrum.purchasing.probe()
    assert (await at(shop)).state is Position.OPEN  # an inquiry proves neither deposit nor configuration
    paid = shop.sandbox.count("PAY")
    [menu] = await shop.say("menu", "boss")
    assert menu.options[0][1] == "▶️ Coba buka"
    assert len(menu.options) == 3
    assert await shop.keys(menu.options[0][2], "boss") == ["maint.tried"]
    assert "pay.done" in await buy(shop, METERS[2])
    assert shop.sandbox.count("PAY") == paid + 1
    assert (await at(shop)).state is Position.CLOSED
    assert await shop.violations() == []


@pytest.mark.parametrize("rc", [13, 14, 30, 43, 47, 51, 68, 92])
async def test_a_code_about_one_purchase_stops_nobody_else(shop: World, rc: int) -> None:
    refuses_payments(shop, rc)
    await buy(shop, METERS[0])
    assert (await at(shop)).state is Position.CLOSED


async def test_five_payments_in_a_row_without_an_answer_stop_sales_and_a_good_inquiry_lets_one_try(
    tmp_path: Path,
) -> None:
    async with world(tmp_path, deposit=5_000_000) as shop:
        await shop.say("menu", "boss")
        shop.sandbox.forced = Behaviour.DROP_UNSOLD
        for meter in METERS[:5]:
            assert (await at(shop)).state is Position.CLOSED
            await buy(shop, meter)
            await shop.later(31 * MINUTE)  # older ones do not count against the agent
        assert (await at(shop)).state is Position.OPEN
        assert "alarm.silent" in [said.key for said in shop.phone.read if said.to == "boss"]
        assert (await shop.keys(f"{METERS[5]} 20"))[-1] == "maint.agent"
        asked = shop.sandbox.count("INQ")
        assert await shop.setrum.purchasing.probe() == 1
        assert shop.sandbox.count("INQ") == asked + 1
        assert (await at(shop)).state is Position.HALF
        shop.sandbox.forced = None
        assert "pay.done" in await buy(shop, METERS[6])
        assert (await at(shop)).state is Position.CLOSED


async def test_a_clear_answer_ends_a_run_of_unclear_ones(tmp_path: Path) -> None:
    async with world(tmp_path, deposit=5_000_000) as shop:
        for round_of_three in (METERS[:3], METERS[3:6]):
            shop.sandbox.forced = Behaviour.DROP_UNSOLD
            for meter in round_of_three:
                await buy(shop, meter)
                await shop.later(31 * MINUTE)
            shop.sandbox.forced = None
            await buy(shop, METERS[9])
            await shop.later(24 * 60 * MINUTE)
        assert (await at(shop)).state is Position.CLOSED


async def test_a_supplier_that_cannot_be_reached_at_all_counts_as_silent(shop: World) -> None:
    chats = [f"budi{number}" for number in range(5)]
    for chat, meter in zip(chats, METERS, strict=False):
        await shop.store.write(people.bind, 1, ("console", chat), shop.shop, shop.clock())
        await shop.say(f"{meter} 20", chat)
    await shop.sandbox.stop()
    for chat in chats:
        assert (await at(shop)).state is Position.CLOSED
        assert "late.failed" in await shop.keys("bayar", chat)
    assert [one.reason for one in await shop.purchases()] == ["err.unsent"] * 5
    assert ((await at(shop)).state, (await at(shop)).way_back) == (Position.OPEN, Way.PROBE)
    assert await shop.setrum.purchasing.probe() == 0  # asked again only after a minute
    shop.clock.forward(MINUTE)
    assert await shop.setrum.purchasing.probe() == 1
    assert (await at(shop)).state is Position.OPEN
    assert await shop.violations() == []


async def half_open(shop: World) -> None:
    """Stopped by PLN's closing, then half-opened by a good inquiry."""
    refuses_payments(shop, 90)
    await buy(shop, METERS[0])
    shop.sandbox.script("PAY", None)
    shop.clock.forward(MINUTE)
    await shop.setrum.purchasing.probe()
    assert (await at(shop)).state is Position.HALF


async def test_plns_closing_stops_sales_without_an_alarm_and_names_itself(shop: World) -> None:
    await shop.say("menu", "boss")
    refuses_payments(shop, 90)
    await buy(shop, METERS[0])
    assert [said.key for said in shop.phone.read if said.key.startswith("alarm")] == []
    [refused] = await shop.say(f"{METERS[1]} 20")
    assert "PLN cut off" in refused.text
    [menu] = await shop.say("menu")
    assert "🌙" in menu.text


async def test_half_open_takes_one_payment_at_a_time_and_the_first_that_settles_opens_for_all(shop: World) -> None:
    for number in range(3):
        await shop.store.write(people.bind, 1, ("console", f"budi{number}"), shop.shop, shop.clock())
    await half_open(shop)
    await shop.say(f"{METERS[1]} 20", "budi0")
    await shop.say(f"{METERS[2]} 20", "budi1")
    paid = shop.sandbox.count("PAY")
    await shop.put("bayar", "budi0")
    await shop.put("bayar", "budi1")
    await shop.settle()
    assert shop.sandbox.count("PAY") == paid + 1
    answers = sorted(said.key for said in shop.phone.read[-6:])
    assert "maint.agent" in answers
    assert (await at(shop)).state is Position.CLOSED
    assert "pay.done" in await buy(shop, METERS[3], "budi2")


@pytest.mark.parametrize("behaviour", [Behaviour.DROP_UNSOLD, Behaviour.KWH_LIMIT, Behaviour.PENDING_SUCCESS])
async def test_a_payment_on_trial_that_is_in_doubt_closes_sales_again(shop: World, behaviour: Behaviour) -> None:
    await half_open(shop)
    shop.sandbox.force(behaviour)
    await buy(shop, METERS[1])
    assert (await at(shop)).state is Position.OPEN
    shop.clock.forward(MINUTE)
    assert await shop.setrum.purchasing.probe() == 1
    assert (await at(shop)).state is Position.HALF


async def test_a_payment_on_trial_that_meets_a_code_of_configuration_waits_for_the_owner(shop: World) -> None:
    await half_open(shop)
    refuses_payments(shop, 29)
    await buy(shop, METERS[1])
    assert ((await at(shop)).state, (await at(shop)).way_back) == (Position.OPEN, Way.OWNER)


async def test_a_declined_payment_on_trial_proves_that_the_supplier_works(shop: World) -> None:
    await half_open(shop)
    refuses_payments(shop, 13)
    await buy(shop, METERS[1])
    assert (await at(shop)).state is Position.CLOSED


async def test_what_was_confirmed_before_sales_stopped_is_not_sent_and_is_given_back(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.say(f"{METERS[0]} 20")
        await shop.store.write(people.bind, 1, ("console", "other"), shop.shop, shop.clock())
        await shop.say(f"{METERS[1]} 20", "other")
        refuses_payments(shop, 90)
        await shop.put("bayar", "other")
        await shop.put("bayar")
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()  # both are confirmed, nothing is sent yet
        confirmed = await shop.purchases()
        assert [one.state for one in confirmed] == [State.CONFIRMED, State.CONFIRMED]
        stop = "INSERT INTO breaker VALUES (1, 'open', 'probe', 90, 0, 0, NULL, NULL)"
        await execute(shop, stop)
        await shop.settle()
        assert shop.sandbox.count("PAY") == 0
        shop.clock.forward(61 * SECOND)
        await shop.settle()
        assert {one.state for one in await shop.purchases()} == {State.FAILED}
        assert shop.sandbox.count("PAY") == 0
        assert await shop.violations() == []


async def test_whoever_asked_is_told_once_when_sales_open(shop: World) -> None:
    await half_open(shop)
    await execute(shop, "UPDATE breaker SET state = 'open'")
    assert await shop.keys("kabari") == ["maint.tell"]
    await execute(shop, "UPDATE breaker SET state = 'half'")
    await shop.store.write(people.bind, 1, ("console", "other"), shop.shop, shop.clock())
    await buy(shop, METERS[4], "other")
    assert [said.key for said in shop.phone.read if said.to == "budi"].count("maint.reopened") == 1
    assert await shop.keys("kabari") == ["maint.open"]


async def test_advice_goes_on_while_sales_are_stopped(shop: World) -> None:
    shop.sandbox.force(Behaviour.PENDING_SUCCESS)
    await buy(shop, METERS[0])
    refuses_payments(shop, 29)
    await buy(shop, METERS[1])
    assert (await at(shop)).state is Position.OPEN
    for _ in range(3):
        await shop.later(MINUTE)
    assert (await shop.purchases())[0].state is State.SUCCESS
    assert (await at(shop)).state is Position.OPEN  # an older payment's end proves nothing


async def test_opening_what_is_open_says_so(shop: World) -> None:
    await shop.say("menu", "boss")
    for line in ("buka", "buka sudah aman"):
        [said] = await shop.say(line, "boss")
        assert said.text == "🟢 Penjualan sedang buka."
        assert [label for _, label, _ in said.options] == ["⚡ Beli"]


async def test_only_an_owner_opens_sales(shop: World) -> None:
    refuses_payments(shop, 29)
    await buy(shop, METERS[0])
    assert await shop.keys("buka") == ["start.agent"]
    assert await shop.keys("buka", "stranger") == ["start.customer"]
    assert (await at(shop)).state is Position.OPEN


async def test_the_breaker_outlives_a_restart(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        refuses_payments(shop, 29)
        await buy(shop, METERS[0])
    async with world(tmp_path, at=NOON + MINUTE) as shop:
        assert (await shop.keys(f"{METERS[1]} 20")) == ["maint.agent"]
