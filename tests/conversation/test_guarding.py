"""Accounts that are locked, limits to the rupiah and across midnight, checks of meters, and meters that are blocked."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.purchase import State
from bot.domain.rules import Shop
from bot.sandbox import Behaviour
from bot.services import people
from tests.conversation.test_pin import BOUGHT, METER, pressed
from tests.conversation.test_staff import code_for, keys, only, tap
from tests.world import NOON, SHOP, World, world

WITA = ZoneInfo("Asia/Makassar")
MIDNIGHT = NOON + 11 * HOUR  # there: the supplier's day goes on for an hour, and calls need not wait for the next


@pytest.fixture
async def rich(tmp_path: Path) -> AsyncIterator[World]:
    """A shop whose agent has much to spend, and whose owner has a chat."""
    async with world(tmp_path, deposit=9_000_000) as made:
        await made.say("menu", "boss")
        yield made


@pytest.fixture
async def east(tmp_path: Path) -> AsyncIterator[World]:
    """The same an hour east of the supplier."""
    async with world(tmp_path, shop=dataclasses.replace(SHOP, zone=WITA), deposit=9_000_000) as made:
        await made.say("menu", "boss")
        yield made


async def further(shop: World, who: str, word: str = "kasir chat") -> None:
    await shop.say(f"AGEN {await code_for(shop, word, 'budi')}", who)


# locked by its own chats


@pytest.mark.parametrize(("word", "language"), [("kunci", "id"), ("/lock", "en")])
async def test_an_agent_locks_his_account_at_once_and_the_owner_alone_unlocks_it(
    rich: World, word: str, language: str
) -> None:
    await rich.say(f"bahasa {language}")
    card = (await rich.say(f"{METER} 50"))[-1]
    locked = (await rich.say(word))[0]
    assert locked.key == "lock.done"
    assert locked.text.startswith("🔒 Akun Budi Cell dikunci" if language == "id" else "🔒 Account Budi Cell is locked")
    [told] = [one for one in rich.phone.read if one.to == "boss" and one.key == "own.locked"]
    pay = next(tap_id for word, _, tap_id in card.options if word in ("bayar", "pay"))
    refused = await only(rich, pay, "budi")
    words = "Akun dikunci. Hubungi pemilik toko." if language == "id" else "Account locked. Contact the shop owner."
    assert refused.text.startswith(words)
    assert await rich.keys(word) == ["lock.done"]
    assert await rich.purchases() == []
    for tried in ("aktif A001", "buka kunci A001", "unlock A001"):
        assert await rich.keys(tried) != ["agent.unfrozen"], "nobody but an owner"
    assert "dikunci" in (await only(rich, "agen A001")).text
    assert keys(await tap(rich, told, "Buka kunci")) == ["agent.unfrozen"]
    await rich.say(word)
    assert await rich.keys("buka a001" if language == "id" else "open Budi Cell", "boss") == ["agent.unfrozen"]
    assert await pressed(rich) == BOUGHT
    told_once = [one for one in rich.phone.read if one.key == "own.locked"]
    assert len(told_once) == 2


async def test_any_chat_of_the_account_locks_all_of_them(rich: World) -> None:
    await further(rich, "siti", "kasir undang")
    assert await rich.keys("kunci", "siti") == ["lock.done"]
    assert (await rich.say(f"{METER} 50"))[-1].key == "pin.locked"
    assert await rich.keys("saldo") == ["bal.card"], "what changes nothing still works"
    assert await rich.keys("pin") == ["pin.locked"]


async def test_what_was_bought_before_the_lock_is_settled(rich: World) -> None:
    rich.sandbox.force(Behaviour.DROP_SOLD)
    await pressed(rich, f"{METER} 50")
    await rich.say("kunci")
    found = await rich.later(10_000)
    assert "token.only" in [one.key for one in found]
    assert [one.state for one in await rich.purchases()] == [State.SUCCESS]
    assert await rich.violations() == []


async def test_a_customer_and_the_owner_lock_nothing(rich: World) -> None:
    assert await rich.keys("kunci", "orang") == ["start.customer"]
    assert await rich.keys("kunci", "boss") == ["start.owner"]
    assert await pressed(rich) == BOUGHT


async def test_what_was_done_is_written_down(rich: World) -> None:
    await rich.say("kunci")
    await rich.say("aktif A001", "boss")
    deeds = await rich.store.read(people.deeds, 1)
    assert [(one.actor.split(" in")[0], one.action) for one in deeds[-2:]] == [
        ("agent", "locked"),
        ("owner", "unlocked"),
    ]


# limits


async def test_a_daily_limit_holds_to_the_rupiah_and_ends_at_the_shop_s_midnight(east: World) -> None:
    assert (await only(east, "batas A001 154rb")).text == "Batas Budi Cell sekarang Rp154.000 sehari."
    assert await pressed(east, f"{METER} 50") == BOUGHT  # 52.000
    assert await pressed(east, f"{METER} 100") == BOUGHT  # 102.000: 154.000 to the rupiah
    refused = await only(east, "44123456708 20", "budi")
    assert refused.text == "Melebihi batas Rp154.000 per hari untuk akun ini. Belum ada yang dipotong."
    east.clock.at = MIDNIGHT - 1_000
    assert (await east.say("44123456708 20"))[-1].key == "pay.limit"
    east.clock.at = MIDNIGHT
    assert await pressed(east, "44123456708 20") == BOUGHT
    assert (await east.say("34123456719 200"))[-1].key == "pay.limit"


async def test_a_limit_one_rupiah_short_refuses_and_what_failed_does_not_count(rich: World) -> None:
    await rich.say("batas A001 Rp51.999", "boss")
    assert (await rich.say(f"{METER} 50"))[-1].key == "pay.limit"
    await rich.say("batas A001 52rb", "boss")
    rich.sandbox.force(Behaviour.ARREARS)
    await pressed(rich, f"{METER} 50")
    assert [one.state for one in await rich.purchases()] == [State.FAILED]
    assert await pressed(rich, f"{METER} 50") == BOUGHT


async def test_a_limit_reached_between_card_and_press_refuses_the_press(rich: World) -> None:
    await further(rich, "dua")
    await rich.say("batas A001 60rb", "boss")
    await rich.say(f"{METER} 50")
    assert await pressed(rich, "44123456708 50", "dua") == BOUGHT
    assert await rich.keys("bayar") == ["pay.limit"]
    assert len(await rich.purchases()) == 1


@pytest.mark.parametrize("typed", ["batas", "batas A001 banyak", "batas A001 9000jt"])
async def test_what_is_no_limit_is_explained(rich: World, typed: str) -> None:
    assert await rich.keys(typed, "boss") == ["limit.how"]


async def test_a_limit_is_taken_away(rich: World) -> None:
    await rich.say("batas A001 1rb", "boss")
    assert await rich.keys("batas Budi Cell 0", "boss") == ["limit.none"]
    assert await pressed(rich) == BOUGHT


async def test_a_further_chat_spends_little_in_its_first_day_to_the_rupiah(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, new_chat_limit=104_000), deposit=2_000_000) as shop:
        await further(shop, "dua")
        assert await pressed(shop, f"{METER} 50", "dua") == BOUGHT
        assert await pressed(shop, "44123456708 50", "dua") == BOUGHT
        refused = await only(shop, "34123456719 20", "dua")
        assert [refused.key, "24 jam pertama" in refused.text] == ["pay.limit", True]
        assert await pressed(shop, "34123456719 200") == BOUGHT, "the others of the account are not concerned"
        shop.clock.forward(DAY - HOUR)
        assert (await shop.say("24123456720 20", "dua"))[-1].key == "pay.limit"
        shop.clock.forward(HOUR)
        assert await pressed(shop, "24123456720 200", "dua") == BOUGHT


# checks of meters


def checking(a_minute: int, a_day: int) -> Shop:
    return dataclasses.replace(SHOP, inquiries_a_minute=a_minute, inquiries_a_day=a_day)


async def test_checks_are_paced_by_the_minute_and_it_is_said_for_how_long(tmp_path: Path) -> None:
    async with world(tmp_path, shop=checking(3, 200)) as shop:
        for number in range(3):
            await shop.say(f"5412345678{number}")
            shop.clock.forward(10_000)
        slow = (await shop.say("54123456785"))[-1]
        assert slow.text == "Terlalu cepat. Coba lagi 30 detik lagi. Belum ada yang dipotong."
        shop.clock.forward(29_000)
        assert (await shop.say("54123456785"))[-1].key == "limit.slow"
        shop.clock.forward(1_000)
        assert (await shop.say("54123456785"))[-1].key == "buy.customer"


async def test_checks_are_counted_by_the_shop_s_day(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(checking(20, 2), zone=WITA)) as shop:
        await shop.say("54123456780")
        await shop.say("54123456781")
        full = (await shop.say("54123456782"))[-1]
        assert full.text == (
            "Batas 2 cek meter sehari untuk akun ini sudah tercapai. Coba lagi setelah 00.00. Belum ada yang dipotong."
        )
        shop.clock.at = MIDNIGHT - MINUTE
        assert (await shop.say("54123456782"))[-1].key == "limit.day"
        shop.clock.at = MIDNIGHT
        assert (await shop.say("54123456782"))[-1].key == "buy.customer"


# blocked meters


async def test_to_a_blocked_meter_nothing_is_sold_by_whichever_of_its_numbers(rich: World) -> None:
    await rich.say(METER)
    idpel = await rich.store.read(lambda tx: tx.one(str, "purchase_latest_meter"))
    assert idpel is None
    assert await rich.keys(f"blokir {METER}", "boss") == ["meter.block_done"]
    assert (await rich.say("50"))[-1].key == "meter.blocked", "its card was shown before"
    assert (await rich.say(f"{METER} 50"))[-1].key == "meter.blocked"
    listed = await only(rich, "blokir")
    assert "⛔ 5412 3456 789" in listed.text
    undone = await only(rich, f"blokir buka {METER}")
    assert undone.text == "Meter 5412 3456 789 dibuka lagi."
    assert await pressed(rich) == BOUGHT
    assert await rich.keys("blokir", "boss") == ["meter.none"]


async def test_a_meter_blocked_by_its_idpel_is_known_by_its_number_once_checked(rich: World) -> None:
    await pressed(rich, f"{METER} 50")
    [bought] = await rich.purchases()
    await rich.say(f"blokir {bought.idpel}", "boss")
    assert (await rich.say(f"{METER} 20"))[-1].key == "meter.blocked"
    assert (await rich.say(f"{bought.idpel} 20"))[-1].key == "meter.blocked"


async def test_a_meter_blocked_between_card_and_press_is_not_sold_to(rich: World) -> None:
    await rich.say(f"{METER} 50")
    await rich.say(f"blokir {METER}", "boss")
    assert await rich.keys("bayar") == ["meter.blocked"]
    assert await rich.purchases() == []


@pytest.mark.parametrize("typed", ["blokir 123", "blokir semua", "blokir buka"])
async def test_what_is_no_meter_is_not_blocked(rich: World, typed: str) -> None:
    assert await rich.keys(typed, "boss") == ["meter.how"]


async def test_only_an_owner_blocks_and_limits(rich: World) -> None:
    for typed in (f"blokir {METER}", "batas A001 1rb"):
        assert (await rich.say(typed))[-1].key == "start.agent"
    assert await pressed(rich) == BOUGHT


# a cashier who is let go


async def test_what_a_removed_cashier_bought_is_settled_and_answered_in_his_chat(rich: World) -> None:
    await further(rich, "siti", "kasir undang")
    rich.sandbox.force(Behaviour.DROP_SOLD)
    assert (await pressed(rich, f"{METER} 50", "siti"))[0] == "buy.processing"
    listed = await only(rich, "kasir", "budi")
    asked = (await tap(rich, listed, "Keluarkan", "budi"))[0]
    await rich.say(asked.options[0][2])
    found = await rich.later(10_000, "siti")
    assert "token.only" in [one.key for one in found]
    assert (await rich.say(f"{METER} 20", "siti"))[-1].key == "start.buy_at"
    assert await rich.violations() == []
