"""Sales closed and opened by hand: what owners and agents read, what goes on meanwhile, and what every menu says."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.purchase import State
from bot.sandbox import Behaviour
from bot.services import alerts, breaker, people, standing, status
from bot.services.breaker import Position
from tests.conversation.test_alarms import METERS, TWO, buy, labels, said, tap
from tests.world import World, execute, world


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with two owners who have spoken, the second in English, where Budi sold something."""
    async with world(tmp_path, shop=TWO, deposit=5_000_000) as made:
        await made.say("menu", "boss")
        await made.say("bahasa en", "ibu")
        await buy(made, METERS[9])
        yield made
        assert await made.violations() == []


async def test_an_owner_closes_sales_agents_are_told_once_and_once_more_when_all_is_open(two: World) -> None:
    await two.store.write(people.add_agent, "Diam Cell", ("console", "diam"), two.shop, two.clock())
    await two.say("menu", "diam")  # who has sold nothing lately is not called
    before = len(two.phone.read)
    closed = await said(two, "tutup  listrik toko   mati")
    assert closed.text.splitlines()[0] == "🔧 Penjualan ditutup: listrik toko mati. Pengecekan token berjalan terus."
    assert labels(closed) == ["▶️ Buka"]
    told = {one.to: one for one in two.phone.read[before:] if one.to != "boss"}
    assert {who: one.key for who, one in told.items()} == {"budi": "maint.paused", "ibu": "maint.closed_by"}
    assert "console:boss closed sales: listrik toko mati" in told["ibu"].text
    assert told["budi"].text == (
        "🔧 Penjualan ditutup sementara: listrik toko mati.\n"
        "Yang sudah dibayar tetap kami selesaikan. Kami kabari kalau sudah dibuka."
    )
    before = len(two.phone.read)
    assert (await said(two, "close", "ibu")).key == "maint.closed_already"
    assert [one.to for one in two.phone.read[before:]] == ["ibu"]
    refused = (await two.say(f"{METERS[0]} 20"))[-1]
    assert refused.text.startswith("🔧 Penjualan ditutup sementara: listrik toko mati. Belum ada yang dipotong.")
    assert labels(refused) == ["🔔 Kabari saya", "🔁 Cek ulang"]
    assert "🔧 Closed since" in (await said(two, "menu", "ibu")).text
    menu = await said(two, "menu")
    assert labels(menu)[0] == "▶️ Buka"
    before = len(two.phone.read)
    assert [one.key for one in await tap(two, menu, "▶️ Buka") if one.to == "boss"] == ["maint.reopened"]
    heard = {one.to: one.key for one in two.phone.read[before:] if one.to != "boss"}
    assert heard == {"budi": "maint.reopened", "ibu": "maint.reopened_by"}
    assert "pay.done" in await buy(two, METERS[1])
    assert "menutup penjualan: listrik toko mati" in (await said(two, "jejak")).text


async def test_nobody_is_asked_for_a_meter_while_nothing_can_be_bought(two: World) -> None:
    await said(two, "tutup")
    asked = (await two.say("beli"))[-1]
    assert (asked.key, labels(asked)) == ("maint.agent", ["🔔 Kabari saya"])
    at_the_counter = await said(two, "beli")
    assert (at_the_counter.key, labels(at_the_counter)) == ("maint.agent", ["▶️ Buka"])
    await said(two, "buka")
    assert (await two.say("beli"))[-1].key == "buy.meter"


@pytest.mark.parametrize("order", [f"{METERS[0]} 50", f"{METERS[0]} 50\n{METERS[1]} 20"])
async def test_whoever_was_about_to_pay_hears_of_the_closing_and_goes_on_with_one_tap(two: World, order: str) -> None:
    await two.store.write(people.add_agent, "Baru Cell", ("console", "baru"), two.shop, two.clock())
    await two.say("isi Baru 500rb", "boss")
    await two.say("ya", "boss")
    card = (await two.say(order, "baru"))[-1]
    before = len(two.phone.read)
    await said(two, "tutup")
    assert [one.key for one in two.phone.read[before:] if one.to == "baru"] == ["maint.paused"]
    refused = (await tap(two, card, next(one for one in labels(card) if "Bayar" in one)))[-1]
    assert labels(refused)[-2:] == ["🔔 Kabari saya", "🔁 Cek ulang"]
    before = len(two.phone.read)
    await said(two, "buka")
    assert [one.key for one in two.phone.read[before:] if one.to == "baru"] == ["maint.reopened"]
    again = (await tap(two, refused, "🔁 Cek ulang"))[-1]
    assert (again.key, labels(again)) == (card.key, labels(card))


async def test_what_was_confirmed_before_the_closing_goes_on_and_nothing_new_is_taken(two: World) -> None:
    two.sandbox.force(Behaviour.DROP_SOLD)
    await buy(two, METERS[0])
    await two.say(f"{METERS[1]} 20")
    await two.put("bayar")
    await two.setrum.inbox.work()
    await two.setrum.inbox.idle()  # confirmed, not yet sent
    await two.put("tutup", "boss")
    await two.setrum.inbox.work()
    await two.setrum.inbox.idle()
    await two.settle()
    await two.later(MINUTE)
    assert [one.state for one in await two.purchases()] == [State.SUCCESS] * 3
    assert (await two.keys(f"{METERS[2]} 20"))[-1] == "maint.agent"
    at_the_counter = (await two.say(f"{METERS[2]} 20", "boss"))[-1]
    assert at_the_counter.key == "maint.agent"
    assert labels(at_the_counter) == ["▶️ Buka", "🔁 Cek ulang"]
    opened = await tap(two, at_the_counter, "▶️ Buka")
    heard = {"boss": "maint.reopened", "ibu": "maint.reopened_by", "budi": "maint.reopened"}
    assert {one.to: one.key for one in opened} == heard
    assert len(opened) == len(heard)


async def test_a_card_from_before_the_closing_buys_nothing(two: World) -> None:
    await two.say(f"{METERS[0]} 20")
    await two.say("tutup stok opname", "boss")
    paid = two.sandbox.count("PAY")
    [refused] = await two.say("bayar")
    assert refused.key == "maint.agent"
    assert "stok opname" in refused.text
    assert two.sandbox.count("PAY") == paid


async def test_a_supplier_who_is_well_again_does_not_open_what_the_owner_closed(two: World) -> None:
    await buy(two, METERS[0], rc=46)
    stop = next(one for one in two.phone.read if one.key == "alarm.stop")
    await two.say("kabari")
    await two.say("buka coba", "boss")
    await two.say(f"{METERS[1]} 20")
    await two.put("bayar")
    await two.setrum.inbox.work()
    await two.setrum.inbox.idle()
    before = len(two.phone.read)
    await two.put("tutup", "boss")
    await two.setrum.inbox.work()
    await two.setrum.inbox.idle()
    await two.settle()
    assert (await two.store.read(breaker.read)).state is Position.CLOSED  # the trial settled
    keys = [one.key for one in two.phone.read[before:] if one.to == "ibu"]
    assert keys == ["maint.closed_by", "maint.stays_closed"]
    assert "maint.reopened" not in [one.key for one in two.phone.read[before:] if one.to == "budi"]
    assert (await two.keys(f"{METERS[2]} 20"))[-1] == "maint.agent"
    before = len(two.phone.read)
    await two.say("buka", "boss")
    assert [one.key for one in two.phone.read[before:] if one.to == "budi"] == ["maint.reopened"]
    assert labels(stop)[0] == "▶️ Coba buka"


async def test_buka_asks_once_where_only_the_owner_knows_that_the_cause_is_mended(two: World) -> None:
    await buy(two, METERS[0], rc=46)
    await two.say("tutup", "boss")
    asked = await said(two, "buka")
    assert asked.text.startswith("Penjualan berhenti sejak 12.00 karena kode 46 dari VSI.")
    assert labels(asked) == ["▶️ Coba buka", "🔧 Tetap tutup"]
    assert (await two.store.read(breaker.read)).state is Position.OPEN
    [stays] = [one for one in await tap(two, asked, "🔧 Tetap tutup") if one.to == "boss"]
    assert stays.key == "maint.closed"
    assert (await said(two, "open deposit is filled", "ibu")).key == "maint.tried"
    assert (await two.store.read(breaker.read)).state is Position.HALF
    assert "🟡 Trying again" in (await said(two, "menu", "ibu")).text
    assert (await said(two, "buka")).key == "maint.tried"


async def test_the_menu_says_since_when_payments_are_slow_and_forgets_it(two: World) -> None:
    for meter in METERS[:5]:
        await buy(two, meter)
    assert (await two.store.read(status.line, two.shop, two.clock())).key == "status.ok"
    await execute(two, "UPDATE exchange SET requested_at = requested_at - 16000 WHERE command = 'PAY' AND id % 3 > 0")
    shown = await said(two, "menu", "ibu")
    assert "🟡 Slow since 11:59" in shown.text or "🟡 Slow since 12:00" in shown.text
    two.clock.forward(31 * MINUTE)
    assert "🟢 Normal" in (await said(two, "menu", "budi")).text


async def test_a_status_of_another_day_names_the_day(two: World) -> None:
    await said(two, "tutup")
    two.clock.forward(DAY + HOUR)
    assert "🔧 Ditutup sejak 25 Nov 12.00" in (await said(two, "menu")).text
    assert await two.store.read(alerts.standing) == []  # what an owner did himself is no alert


async def test_what_stops_a_shop_is_opened_from_the_counter_by_what_opens_it(two: World) -> None:
    await buy(two, METERS[0], rc=46)
    [refused] = await two.say(f"{METERS[2]} 20", "boss")
    assert labels(refused) == ["▶️ Coba buka", "🔁 Cek ulang"]
    await two.store.write(standing.restrict, "violation", "I1 wrong", two.clock())
    [refused] = await two.say(f"{METERS[2]} 20", "boss")
    assert labels(refused) == ["🔔 Alarm", "🔁 Cek ulang"]
    assert labels((await two.say("menu", "boss"))[0])[0] == "🔔 Alarm"
    [refused] = await two.say(f"{METERS[2]} 20")
    assert labels(refused) == ["🔔 Kabari saya", "🔁 Cek ulang"]
