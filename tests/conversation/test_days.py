"""The owner's days: figures, what leads on from them, corrections, and the morning's summary."""

import dataclasses
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.documents import chart
from bot.documents.chart import Plot
from bot.messaging.channel import Outcome
from bot.sandbox import Behaviour
from bot.services import by_hand
from bot.services.by_hand import Stated, Word
from bot.services.summary import compared
from tests.world import NOON, SHOP, World, world

METER = "54123456789"
LATE = "dinyatakan gagal, ternyata terjual"


async def sells(shop: World, line: str = f"{METER} 50") -> None:
    await shop.say(line)
    await shop.say("bayar")


async def test_the_owner_reads_his_day_and_every_figure_of_it(shop: World) -> None:
    await sells(shop)
    [said] = await shop.say("rekap", "boss")
    lines = said.text.splitlines()
    assert lines[:2] == ["📊 Rekap Rab 25 Nov 2026", "Sukses 1 · Penjualan Rp52.000"]
    assert lines[2].startswith("Untung Rp400 (Rp400/trx) · ")
    assert lines[3] == "Budi Cell 1"
    assert said.message.chart is not None
    drawn = said.message.chart
    assert {one.args["label"]: sales for one, sales in zip(drawn.labels, drawn.now, strict=True) if sales} == {
        "12": 52_000
    }
    assert len(drawn.labels) == 10
    [full] = await shop.say("rekap lengkap", "boss")
    assert "Ramai 12–13 (100%)" in full.text
    assert "Budi Cell 1 · saldo 448.000" in full.text
    [agent] = await shop.say("1", "boss")
    assert agent.text.splitlines()[0] == "📊 Budi Cell · Rab 25 Nov 2026"
    assert "T10001" in agent.text
    await shop.say("bahasa en", "boss")
    [said] = await shop.say("report full", "boss")
    assert "Busy 12–13 (100%)" in said.text


async def test_pending_is_no_sale_and_becomes_one_correction_once_it_has_settled(shop: World) -> None:
    await shop.say("menu", "boss")
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    [said] = await shop.say("rekap", "boss")
    assert "Tidak ada penjualan." in said.text
    assert "Diproses 1 (Rp52.000, 0 mnt)" in said.text
    shop.clock.forward(19 * HOUR)  # 07.00: told while it is open
    assert await shop.setrum.tell_yesterday() == 1
    [pushed] = await shop.settle("boss")
    assert pushed.text.startswith("📊 Rekap Rab 25 Nov 2026\nTidak ada penjualan.")
    [still] = await shop.purchases()
    word, stated = Word("boss", "the supplier's letter"), Stated(tokens="11112222333344445555")
    await shop.store.write(by_hand.settle_sold, still, stated, word, shop.shop, shop.clock() + MINUTE)
    await shop.settle()
    [said] = await shop.say("rekap kemarin", "boss")
    assert "Sukses 1 · Penjualan Rp52.000" in said.text
    shop.clock.forward(DAY)
    assert await shop.setrum.tell_yesterday() == 1
    [next_day] = await shop.settle("boss")
    assert "Koreksi 25 Nov: +1 sukses (T10001)" in next_day.text
    shop.clock.forward(DAY)
    await shop.setrum.tell_yesterday()
    assert "Koreksi" not in (await shop.settle("boss"))[-1].text


async def test_what_settled_late_within_its_own_day_is_no_correction(shop: World) -> None:
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await sells(shop)
    await shop.later(10 * MINUTE)
    [said] = await shop.say("rekap lengkap", "boss")
    assert [one.state for one in await shop.purchases()] == ["SUCCESS"]
    assert "Koreksi" not in said.text


async def test_yesterday_is_told_once_at_the_owners_time_also_after_a_restart(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.say("rekap jam 07.00", "boss")
        shop.clock.forward(18 * HOUR + 59 * MINUTE)
        assert await shop.setrum.tell_yesterday() == 0
        assert "besok" not in (await shop.say("rekap jam 07.00", "boss"))[0].text
        shop.clock.forward(3 * HOUR)  # the first chance after it
        assert await shop.setrum.tell_yesterday() == 1
        assert [one.key for one in await shop.settle("boss")] == ["sum.head"]
        assert (await shop.say("rekap jam 07.00", "boss"))[0].text.endswith("\nYang berikutnya datang besok.")
        at = shop.clock()
    async with world(tmp_path, at=at + MINUTE) as again:
        assert await again.setrum.tell_yesterday() == 0
        await again.say("rekap jam mati", "boss")
        again.clock.forward(DAY)
        assert await again.setrum.tell_yesterday() == 0


async def test_the_morning_outlives_half_a_day_without_the_platform_and_comes_once(tmp_path: Path) -> None:
    waits = dataclasses.replace(SHOP.waits, not_sent=(MINUTE,))
    async with world(tmp_path, shop=dataclasses.replace(SHOP, waits=waits), at=NOON) as shop:
        await shop.say("menu", "boss")
        shop.clock.forward(19 * HOUR)
        assert await shop.setrum.tell_yesterday() == 1
        for _ in range(12):
            shop.phone.outcomes[:] = [Outcome.NOT_SENT] * 5
            assert await shop.settle("boss") == []
            shop.clock.forward(HOUR)
        shop.phone.outcomes.clear()
        assert [one.key for one in await shop.settle("boss")] == ["sum.head"]
        shop.clock.forward(HOUR)
        assert await shop.settle("boss") == []


async def test_an_owner_who_could_not_be_reached_reads_the_newest_morning_alone(shop: World) -> None:
    await shop.say("menu", "boss")
    for _ in range(3):
        shop.clock.forward(DAY)
        shop.phone.outcomes[:] = [Outcome.AWAY]
        assert await shop.setrum.tell_yesterday() == 1
        await shop.settle("boss")
    said = await shop.say("menu", "boss")
    assert [one.text.split("\n")[0] for one in said if one.key == "sum.head"] == ["📊 Rekap Jum 27 Nov 2026"]


@pytest.mark.parametrize(("zone", "day"), [("Asia/Jakarta", 25), ("Asia/Makassar", 25), ("Asia/Jayapura", 26)])
async def test_a_day_begins_at_the_shops_own_midnight(tmp_path: Path, zone: str, day: int) -> None:
    shop = dataclasses.replace(SHOP, zone=ZoneInfo(zone))
    async with world(tmp_path, shop=shop, at=NOON + 10 * HOUR + 40 * MINUTE) as made:  # 22.40 WIB
        await sells(made)
        [said] = await made.say(f"rekap {day} nov", "boss")
        assert "Sukses 1" in said.text


@pytest.mark.parametrize(
    ("asked", "key"),
    [("rekap entah", "sum.which"), ("rekap 12/12/2099", "sum.ahead"), ("rekap jam 24.00", "sum.time_wrong")],
)
async def test_what_names_no_days_is_answered_with_a_way_on(shop: World, asked: str, key: str) -> None:
    [said] = await shop.say(asked, "boss")
    assert said.key == key
    assert said.options


def test_a_picture_is_small_and_the_same_whenever_it_is_drawn() -> None:
    hours = tuple(f"{hour:02d}" for hour in range(24))
    plot = Plot("x", "Penjualan", "🧪 1 sukses", ("ini", "itu"), hours, (0,) * 23 + (52_000,), (9,) * 24)
    assert chart.png(plot) == chart.png(plot)
    assert len(chart.png(plot)) < 60_000
    assert [chart.short(amount) for amount in (0, 850_000, 1_240_000, 35_000_000)] == ["0", "850rb", "1,2jt", "35jt"]


async def test_each_figure_leads_to_what_it_is_made_of(shop: World) -> None:
    for nominal in (50, 20):
        await sells(shop, f"{METER} {nominal}")
    [amounts] = await shop.say("rekap nominal", "boss")
    assert amounts.text.splitlines()[1:] == ["20rb · 1 trx · Rp22.000", "50rb · 1 trx · Rp52.000"]
    [agents] = await shop.say("rekap agen", "boss")
    assert agents.text.splitlines()[1:] == ["Budi Cell 2 · Rp74.000 · untung Rp800"]
    [sales] = await shop.say("1", "boss")
    assert sales.text.splitlines()[1:3] == ["Sukses 2 · Penjualan Rp74.000", "20rb 1 · 50rb 1"]
    [hours] = await shop.say("rekap jam", "boss")
    assert "12 ████████████ 2" in hours.text
    assert "06.30" in hours.text


async def test_what_failed_stands_with_its_reason_and_its_way_on_page_by_page(shop: World) -> None:
    word = Word("boss", "the supplier's letter")
    for number in range(8):
        if number == 4:  # five unclear ones in a row would stop sales
            await sells(shop)
        shop.sandbox.force(Behaviour.DROP_UNSOLD)
        await sells(shop, f"{30_000_000_000 + number * 1_234_567_891} 20")
        unclear = (await shop.purchases())[-1]
        await shop.store.write(by_hand.settle_unsold, unclear, word, shop.shop, shop.clock() + HOUR)
    [said] = await shop.say("rekap gagal", "boss")
    rows = said.text.splitlines()[1:]
    assert len(rows) == 7
    assert rows[0].startswith("12.00 T10009 Budi Cell 20rb: ")
    assert len(rows[0].partition(": ")[2]) > 10
    assert said.options[0][1] == "👁 Lihat T10009"
    [rest] = await shop.say("rekap gagal hal 2", "boss")
    assert [line.split()[1] for line in rest.text.splitlines()[1:]] == ["T10001"]
    [end] = await shop.say("rekap gagal hal 3", "boss")
    assert end.key == "sum.head"
    [none] = await shop.say("rekap kemarin gagal", "boss")
    assert none.text.splitlines()[1:] == ["✅ Tidak ada yang gagal."]


async def test_a_late_sale_that_the_shop_bears_is_a_loss_of_its_day(shop: World) -> None:
    await sells(shop, f"{METER} 20")
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await sells(shop, "41008812210 50")
    word = Word("boss", "the supplier's letter")
    unclear = (await shop.purchases())[-1]
    await shop.store.write(by_hand.settle_unsold, unclear, word, shop.shop, shop.clock() + HOUR)
    shop.clock.forward(HOUR)
    for _ in range(3):
        await shop.later(HOUR)
    late = (await shop.purchases())[-1]
    [said] = await shop.say("rekap gagal", "boss")
    assert said.text.splitlines()[1:] == [f"12.00 {late.sale} Budi Cell 50rb: {LATE}"]
    await shop.store.write(by_hand.settle_late, late, word, shop.clock(), agent_pays=False)
    [said] = await shop.say("rekap", "boss")
    lines = said.text.splitlines()
    assert lines[1] == "Sukses 1 · Penjualan Rp22.000"
    assert "Rugi Rp51.600 dari penjualan telat" in lines[2]
    assert lines[2].startswith("Untung -Rp51.200")
    assert "Gagal 1" in lines[3]


async def test_what_is_open_from_days_before_stands_with_its_age_and_alerts_are_those_that_stand(shop: World) -> None:
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    await sells(shop)
    [said] = await shop.say("rekap", "boss")
    assert "Alarm" not in said.text
    await shop.later(40 * MINUTE)
    shop.clock.forward(2 * DAY)
    [said] = await shop.say("rekap", "boss")
    assert "Sekarang diproses 1 (Rp52.000, 2 hari)" in said.text
    assert "⚠️ Alarm berjalan 1" in said.text  # whatever was told of it, and on which day
    [full] = await shop.say("rekap lengkap", "boss")
    assert "Diproses: T10001 Budi Cell 2 hari" in full.text


async def test_a_day_is_compared_with_what_had_been_sold_by_now_and_with_nothing_not_at_all(shop: World) -> None:
    await sells(shop)
    shop.clock.forward(7 * DAY - 2 * HOUR)
    await sells(shop, f"{METER} 20")
    [before_it] = await shop.say("rekap lengkap", "boss")
    assert "dibanding" not in before_it.text
    shop.clock.forward(3 * HOUR)
    [after_it] = await shop.say("rekap lengkap", "boss")
    assert "▼58% dibanding Rab 25 Nov 2026: 1 sukses, Rp52.000" in after_it.text


async def test_who_is_silent_is_said_alike_in_the_summary_and_in_the_list_and_for_as_long_as_is_set(
    tmp_path: Path,
) -> None:
    waits = dataclasses.replace(SHOP.waits, silent=3 * DAY)
    async with world(tmp_path, shop=dataclasses.replace(SHOP, waits=waits)) as shop:
        [nobody] = await shop.say("agen diam", "boss")
        assert nobody.text == "Tidak ada agen yang diam 3 hari."
        await sells(shop)
        shop.clock.forward(4 * DAY)
        [summed] = await shop.say("rekap", "boss")
        assert "Belum jualan 3 hari: Budi Cell" in summed.text
        [listed] = await shop.say("agen diam", "boss")
        assert listed.text.startswith("💤 1 agen belum jualan 3 hari\nA001 Budi Cell")


@pytest.mark.parametrize(
    ("first", "last", "earlier", "later"),
    [
        ((12, 1), (12, 1), (11, 24), (11, 24)),  # a day, with its weekday of last week
        ((12, 1), (12, 3), (11, 1), (11, 3)),  # a month so far
        ((12, 1), (12, 15), (11, 1), (11, 15)),
        ((12, 1), (12, 7), (11, 24), (11, 30)),  # seven days
        ((11, 1), (11, 30), (10, 1), (10, 31)),  # a whole month
        ((12, 2), (12, 4), (11, 29), (12, 1)),
    ],
)
def test_days_are_compared_with_those_before_and_a_month_with_the_last(
    first: tuple[int, int], last: tuple[int, int], earlier: tuple[int, int], later: tuple[int, int]
) -> None:
    before = compared(date(2026, *first), date(2026, *last))
    assert before == (date(2026, *earlier), date(2026, *later))


async def test_a_page_that_an_agents_list_does_not_have_says_so(shop: World) -> None:
    await sells(shop)
    [none] = await shop.say("rekap A001 hal 2", "boss")
    assert none.text.splitlines()[1:] == ["🧾 Sudah sampai akhir riwayat."]
