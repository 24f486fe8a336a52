"""A seller looks back: his sales by page, day, meter and name, and what a day came to."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import DAY, MINUTE
from bot.domain.purchase import Event, State
from bot.sandbox import Behaviour
from tests.world import SHOP, Said, World, execute, world

METER, OTHER = "54123456789", "54123456781"
MANY = dataclasses.replace(SHOP, inquiries_a_minute=1_000, inquiries_a_day=10_000, most_open=100)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path, shop=MANY, deposit=5_000_000) as made:
        yield made


async def sells(shop: World, line: str = f"{METER} 50", who: str = "budi") -> str:
    """A sale from order to token; its number."""
    said = await shop.say(line, who)
    if said[-1].key == "pay.again":
        said = await shop.say("1", who)
    said = await shop.say("bayar", who)
    assert said[-1].key == "pay.done", [one.key for one in said]
    return (await shop.purchases())[-1].sale


async def unclear(shop: World) -> tuple[str, str]:
    """A sale that was refused and given back, and forty minutes later one that nobody knows of yet."""
    shop.sandbox.force(Behaviour.REFUSED)
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    for _ in range(8):
        await shop.later(5 * MINUTE)
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await shop.say(f"{METER} 20")
    await shop.say("bayar")
    refused, still = (await shop.purchases())[-2:]
    assert (refused.state, still.is_open) == (State.FAILED, True)
    return refused.sale, still.sale


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


async def test_pages_go_on_until_the_oldest_sale_and_every_row_can_be_opened(shop: World) -> None:
    sales = [await sells(shop) for _ in range(12)][::-1]
    [first] = await shop.say("riwayat")
    assert first.text.splitlines()[0] == "🧾 25 Nov · 12 sukses · Rp624.000"
    assert [line.split()[2] for line in first.text.splitlines()[1:]] == sales[:9]
    assert labels(first) == [*(f"👁 Lihat {sale}" for sale in sales[:9]), "Berikutnya"]
    [second] = await shop.say("10")
    assert [line.split()[2] for line in second.text.splitlines()[1:]] == sales[9:]
    assert labels(second) == [f"👁 Lihat {sale}" for sale in sales[9:]]
    [opened] = await shop.say("1")
    assert opened.text.startswith(f"✅ SUKSES {sales[9]}")
    [end] = await shop.say("riwayat hal 3")
    assert end.text == "🧾 Sudah sampai akhir riwayat."


async def test_a_last_page_of_ten_needs_no_further_one(shop: World) -> None:
    for _ in range(10):
        await sells(shop)
    [said] = await shop.say("riwayat")
    assert len(said.text.splitlines()) == 11
    assert len(said.options) == 10
    assert "Berikutnya" not in labels(said)


async def test_so_many_as_were_asked_for(shop: World) -> None:
    sales = [await sells(shop) for _ in range(13)][::-1]
    [said] = await shop.say("riwayat 12")
    assert [line.split()[2] for line in said.text.splitlines()[1:]] == sales[:12]
    assert labels(said)[-1] == "Berikutnya"
    [rest] = await shop.say("Berikutnya")
    assert [line.split()[2] for line in rest.text.splitlines()[1:]] == sales[12:]


@pytest.mark.parametrize(
    "asked", ["riwayat kemarin", "history yesterday", "riwayat 24 nov", "riwayat 24/11", "list 24-11-2026"]
)
async def test_the_sales_of_a_day_under_its_own_count_and_sum(shop: World, asked: str) -> None:
    old = await sells(shop, f"{METER} 20")
    shop.clock.forward(DAY)
    new = await sells(shop)
    [said] = await shop.say(asked.replace("24", "25"))
    assert said.text.splitlines()[0] == "🧾 25 Nov · 1 sukses · Rp22.000"
    assert old in said.text
    assert new not in said.text
    assert "✅ 12.00 " in said.text
    [latest] = await shop.say("riwayat")
    assert latest.text.splitlines()[0] == "🧾 26 Nov · 1 sukses · Rp52.000"
    assert f"✅ 25 Nov {old}" in latest.text


async def test_a_day_without_sales_says_so_and_goes_on(shop: World) -> None:
    await sells(shop)
    [said] = await shop.say("riwayat 1 nov")
    assert said.text == "🧾 1 Nov: tidak ada pembelian."
    assert labels(said) == ["🧾 Riwayat", "🧾 Kemarin"]


async def test_the_sales_of_a_meter_of_an_idpel_of_last_digits_and_of_a_name(shop: World) -> None:
    mine, other = await sells(shop), await sells(shop, f"{OTHER} 50")
    first, second = await shop.purchases()
    assert first.name != second.name
    for words in (METER, "5412 3456 789", "56789", first.idpel, first.name.casefold(), first.name[2:9]):
        [said] = await shop.say(f"riwayat {words}")
        assert said.key == "hist.search", words
        assert mine in said.text, words
        assert other not in said.text, words
    [both] = await shop.say("riwayat 54123456", "boss")
    assert both.key == "hist.nothing"


@pytest.mark.parametrize("words", ["%%%", "___", "zainudin", "12345", "'; --", "99999999999"])
async def test_what_nobody_bought_is_answered_with_a_way_on(shop: World, words: str) -> None:
    await sells(shop)
    [said] = await shop.say(f"riwayat {words}")
    assert said.key == "hist.nothing", said.text
    assert said.options
    [said] = await shop.say(f"history {words}")
    assert said.key == "hist.nothing"


async def test_an_open_sale_is_on_hold_and_a_failed_one_is_given_back(shop: World) -> None:
    failed, still = await unclear(shop)
    [said] = await shop.say("riwayat")
    assert said.text.splitlines() == [
        "🧾 25 Nov · 0 sukses · Rp0",
        f"⏳ 12.40 {still} BUDI SANTOSA 20rb ditahan",
        f"↩️ 12.00 {failed} BUDI SANTOSA 50rb kembali",
    ]


async def test_a_cashier_sees_the_own_chats_sales_of_the_day_and_no_others(shop: World) -> None:
    theirs = await sells(shop)
    [invited] = await shop.say("kasir undang")
    await shop.say(invited.text.split("AGEN ")[1].split()[0], "siti")
    shop.clock.forward(DAY)
    mine = await sells(shop, f"{OTHER} 20", "siti")
    for asked in ("riwayat", "riwayat hari ini", f"riwayat {OTHER}", "riwayat 50"):
        [said] = await shop.say(asked, "siti")
        assert mine in said.text, asked
        assert theirs not in said.text, asked
    assert (await shop.say(f"riwayat {METER}", "siti"))[0].key == "hist.nothing"
    assert (await shop.say("riwayat kemarin", "siti"))[0].key == "hist.cashier"
    assert (await shop.say("rekap kemarin", "siti"))[0].key == "start.agent"


async def test_a_short_name_finds_its_meters_sales_beside_those_of_people_called_so(shop: World) -> None:
    budi, siti = await sells(shop), await sells(shop, f"{OTHER} 20")
    assert await shop.keys(f"fav {OTHER} budi") == ["fav.saved"]
    assert await shop.keys(f"fav {OTHER} mama") == ["fav.saved"]
    [both] = await shop.say("riwayat budi")
    assert [sale in both.text for sale in (budi, siti)] == [True, True]
    [one] = await shop.say("riwayat Mama")
    assert [sale in one.text for sale in (budi, siti)] == [False, True]
    assert await shop.keys("riwayat mama", "boss") == ["hist.nothing"]  # no name of his, and no sale


# what a day came to


async def test_a_days_summary_says_what_was_sold_paid_earned_held_and_lost(shop: World) -> None:
    await sells(shop, f"{OTHER} 50")
    [said] = await shop.say("rekap")
    assert said.text.splitlines() == ["📊 25 Nov · 1 sukses", "Jual Rp53.000 · bayar Rp52.000 · untung Rp1.000"]
    assert labels(said) == ["🧾 Riwayat", "📊 Kemarin"]
    await unclear(shop)
    [said] = await shop.say("report")
    assert said.text.splitlines()[2] == "Diproses 1, tertahan Rp22.000 · Gagal 1"
    shop.clock.forward(DAY)
    for asked in ("rekap kemarin", "report yesterday", "rekap 25 nov"):
        [said] = await shop.say(asked)
        assert said.text.splitlines()[:2] == ["📊 25 Nov · 1 sukses", "Jual Rp53.000 · bayar Rp52.000 · untung Rp1.000"]
    [said] = await shop.say("rekap")
    assert said.text.splitlines() == ["📊 26 Nov · 0 sukses", "Belum ada penjualan sukses hari itu."]
    [said] = await shop.say("rekap entah")
    assert said.key == "rep.which"
    assert labels(said) == ["📊 Rekap", "📊 Kemarin"]


async def test_after_yesterdays_summary_the_bare_word_still_lists_the_latest_sales(shop: World) -> None:
    sale = await sells(shop)
    [said] = await shop.say("rekap kemarin")
    assert labels(said) == ["🧾 Riwayat 24 Nov"]
    assert sale in (await shop.say("riwayat"))[0].text
    await shop.say("rekap kemarin")
    assert await shop.keys("riwayat 24 nov") == ["hist.day_empty"]
    await shop.say("rekap kemarin")
    assert await shop.keys("1") == ["hist.day_empty"]


async def test_the_owner_asks_for_any_day_of_the_shop(shop: World) -> None:
    await sells(shop)
    shop.clock.forward(3 * DAY)
    [said] = await shop.say("rekap 25 nov", "boss")
    assert said.text.startswith("📊 Rekap Rab 25 Nov 2026\nSukses 1")
    [said] = await shop.say("rekap rabu", "boss")
    assert "Sukses 1" in said.text


async def test_a_late_sale_counts_once_its_agent_took_it(shop: World) -> None:
    sale = await sells(shop)
    [bought] = await shop.purchases()
    await execute(shop, f"UPDATE purchase SET state = '{State.LATE}' WHERE id = {bought.id}")  # noqa: S608
    [said] = await shop.say("rekap")
    assert "0 sukses" in said.text
    assert "Gagal 1" in said.text
    assert f"↩️ 12.00 {sale}" in (await shop.say("riwayat"))[0].text
    columns = "purchase_id, from_state, event, to_state, actor, reason, created_at"
    values = f"{bought.id}, 'LATE', '{Event.LATE_PAID}', 'LATE', 'owner', 'test', 1"
    await execute(shop, f"INSERT INTO movement ({columns}) VALUES ({values})")  # noqa: S608
    [said] = await shop.say("rekap")
    assert "1 sukses" in said.text
    assert "Gagal" not in said.text
    assert f"✅ 12.00 {sale}" in (await shop.say("riwayat"))[0].text


@pytest.mark.parametrize("word", ["cek", "token", "struk", "salin", "komplain", "kabari", "fav", ""])
async def test_a_sale_of_another_account_is_as_unknown_as_none_whatever_is_asked(shop: World, word: str) -> None:
    await shop.say("54123456789 50")
    await shop.say("bayar")
    [theirs] = await shop.purchases()
    none = [one.text for one in await shop.say(f"{word} T99999".strip(), "boss")]
    said = await shop.say(f"{word} {theirs.sale}".strip(), "boss")
    assert [one.text.replace(theirs.sale, "T99999") for one in said] == none
    assert "BUDI" not in "".join(none)


async def test_an_owner_who_types_the_number_of_an_agents_sale_is_led_to_it(shop: World) -> None:
    sale = await sells(shop)
    for line in (sale, f"cek {sale.lower()}"):
        [said] = await shop.say(line, "boss")
        assert labels(said) == [f"👁 Lihat {sale}", "🧾 Riwayat"]
        [shown] = await shop.say("1", "boss")
        assert (shown.key, shown.text.splitlines()[0]) == ("own.sale", f"{sale} · Budi Cell")
    assert labels((await shop.say("T99999", "boss"))[0]) == ["🧾 Riwayat"]


async def test_a_seller_reads_what_of_his_has_no_result_yet(shop: World) -> None:
    assert await shop.keys("pending") == ["hist.all_done"]
    _, still = await unclear(shop)
    [alone] = await shop.say("pending")
    assert still in alone.text
    assert alone.key == "pay.pending"
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await shop.say(f"{OTHER} 50")
    await shop.say("bayar")
    other = (await shop.purchases())[-1].sale
    [both] = await shop.say("pending")
    assert both.text.splitlines()[0] == "⏳ 2 pembelian belum ada hasilnya"
    assert labels(both) == [f"👁 Lihat {other}", f"👁 Lihat {still}"]
    assert (await shop.say(f"pending {still}"))[-1].text == (await shop.say(f"cek {still}"))[-1].text
