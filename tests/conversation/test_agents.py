"""The owner's agents at a glance: who is silent, who owes, a search; names, limits, zones; the counter as a seller."""

import dataclasses
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.ledger import Transfer, account_of, receivable_of
from bot.ports import Tx
from bot.services import ledger, people, roster
from tests.conversation.test_staff import keys, labels, only, tap
from tests.world import NOON, SHOP, World, world

METER = "54123456789"


def owes(tx: Tx, agent_id: int, rupiah: int, now: int) -> None:
    ledger.open_account(tx, receivable_of(agent_id), guarded=False)
    key = f"credit:{agent_id}"
    ledger.post(tx, Transfer(key, receivable_of(agent_id), account_of(agent_id), rupiah, "credit"), now)


@pytest.fixture
async def crowd(shop: World) -> World:
    """Twelve agents, of whom one owes; the owner has written once."""
    for name in ("Rina Cell", "Kios Rina 2", *(f"Kios {number}" for number in range(4, 13))):
        await shop.store.write(people.add_agent, name, None, shop.shop, shop.clock())
    await shop.store.write(owes, 9, 150_000, shop.clock())
    await shop.say("menu", "boss")
    return shop


async def test_who_owes_or_has_fallen_silent_stands_before_the_others(crowd: World) -> None:
    await crowd.say(f"{METER} 50")
    await crowd.say("bayar")
    crowd.clock.forward(7 * DAY - HOUR)
    listed = await only(crowd, "agen", "boss")
    rows = listed.text.split("\n")
    assert rows[:3] == [
        "👥 12 agen",
        "A009 Kios 9 · aktif · Rp150.000 · utang 150.000",
        "A001 Budi Cell · aktif · Rp448.000",
    ]
    assert labels(listed)[-3:] == ["Berikutnya", "💰 Utang (1)", "➕ Agen baru"]
    crowd.clock.forward(2 * HOUR)
    (row,) = [one for one in (await only(crowd, "agen", "boss")).text.split("\n") if "A001" in one]
    assert row == "A001 Budi Cell · aktif · Rp448.000 · 💤 7 hari"


async def test_silent_agents_are_listed_the_longest_first_and_the_frozen_are_not_among_them(crowd: World) -> None:
    assert (await only(crowd, "agen diam", "boss")).text == "Tidak ada agen yang diam 7 hari."
    crowd.clock.forward(3 * DAY)
    await crowd.say(f"{METER} 50")
    await crowd.say("bayar")
    crowd.clock.forward(5 * DAY)
    await crowd.say("beku A002 ya", "boss")
    silent = await crowd.store.read(roster.silent, crowd.shop, crowd.clock())
    assert [one.id for one in silent] == list(range(3, 13))
    crowd.clock.forward(10 * DAY)
    said = await only(crowd, "agen diam", "boss")
    assert said.text.startswith(
        "💤 11 agen belum jualan 7 hari\nA003 Kios Rina 2 · aktif · Rp0 · 💤 belum pernah jual\n"
    )
    (last,) = await tap(crowd, said, "Berikutnya")
    assert last.text.split("\n")[-1] == "A001 Budi Cell · aktif · Rp448.000 · 💤 15 hari"
    await crowd.say("bahasa en", "boss")
    assert (
        "A001 Budi Cell · active · Rp448.000 · 💤 15 days" in (await only(crowd, "agents silent page 2", "boss")).text
    )


async def test_debtors_are_listed_the_largest_first(crowd: World) -> None:
    await crowd.store.write(owes, 4, 200_000, crowd.clock())
    said = await only(crowd, "agen utang", "boss")
    assert said.text.split("\n") == [
        "💰 2 agen punya utang",
        "A004 Kios 4 · aktif · Rp200.000 · utang 200.000",
        "A009 Kios 9 · aktif · Rp150.000 · utang 150.000",
    ]
    assert "\nSaldo Rp150.000 · utang 150.000 · hari ini 0 trx\n" in (await only(crowd, "agen A009", "boss")).text


async def test_part_of_a_name_finds_agents_and_one_alone_is_shown_at_once(crowd: World) -> None:
    said = await only(crowd, "agen rina", "boss")
    assert said.text.startswith("👥 2 agen yang cocok\nA002 Rina Cell · ")
    assert (await only(crowd, "agen budi", "boss")).key == "agent.card"
    paged = await only(crowd, "agen cari kios", "boss")
    (second,) = await tap(crowd, paged, "Berikutnya")
    assert second.text.startswith("👥 10 agen yang cocok\nA010 Kios 10")
    assert (await only(crowd, "agen siapa", "boss")).key == "agent.none"


async def test_an_agent_is_renamed_unless_another_has_that_name(crowd: World) -> None:
    assert (
        await only(crowd, "agen A001 nama Berkah Jaya", "boss")
    ).text == "✅ Budi Cell sekarang bernama Berkah Jaya."
    assert (await only(crowd, "agen Berkah Jaya", "boss")).key == "agent.card"
    assert (await only(crowd, "menu", "budi")).text.startswith("Halo Berkah Jaya.")
    assert await crowd.keys("agen A001 nama rina cell", "boss") == ["agent.exists"]
    assert await crowd.keys("agen A001 nama A017", "boss") == ["agent.name_how"]
    assert await crowd.keys("agen A001 nama", "boss") == ["agent.name_how"]
    assert await crowd.keys("agen A001 nama BERKAH JAYA", "boss") == ["agent.renamed"]
    assert "mengganti nama A001" in (await only(crowd, "jejak A001", "boss")).text


async def test_limits_are_offered_from_the_card(shop: World) -> None:
    card = await only(shop, "agen A001", "boss")
    (offered,) = await tap(shop, card, "Batas")
    assert offered.text.startswith("Budi Cell sekarang tanpa batas sehari.\n")
    assert labels(offered) == ["Rp1.000.000", "Rp2.000.000", "Rp5.000.000", "Rp10.000.000", "A001 Budi Cell"]
    assert keys(await tap(shop, offered, "Rp5.000.000")) == ["limit.set"]
    assert "\nBatas Rp5.000.000/hari · Markup Rp400\n" in (await only(shop, "agen A001", "boss")).text
    (gone,) = await tap(shop, await only(shop, "limit A001", "boss"), "Tanpa batas")
    assert gone.key == "limit.none"


# an agent's own zone


async def test_an_agent_reads_his_own_zone_everywhere_and_the_owner_the_shops(shop: World) -> None:
    (offered,) = await tap(shop, await only(shop, "agen A001", "boss"), "Zona")
    assert labels(offered) == ["WIB", "WITA", "WIT", "A001 Budi Cell"]
    (done,) = await tap(shop, offered, "WITA")
    assert done.text.startswith("✅ Budi Cell sekarang membaca jam dan tanggal dalam WITA")
    assert (await only(shop, "agen A001", "boss")).text.startswith("A001 Budi Cell · aktif · zona WITA\n")
    shop.clock.at = NOON
    card = (await shop.say(f"{METER} 50"))[-1]
    assert "Berlaku sampai 13.10" in card.text
    _, token, _ = await shop.say("bayar")
    assert token.text.endswith("· T10001 · 13.00")  # said by a worker, not in his own turn
    assert "✅ 13.00 T10001" in (await only(shop, "riwayat", "budi")).text
    paper = next(one for one in await shop.say("struk T10001") if one.message.sheet)
    assert paper.message.sheet is not None
    assert paper.message.sheet.text.endswith("[A001-(25/11/2026 13:00:00)-CA]")
    await shop.say("agen A001 zona toko", "boss")
    assert "✅ 12.00 T10001" in (await only(shop, "riwayat", "budi")).text


async def test_his_day_and_its_limit_begin_at_his_own_midnight(shop: World) -> None:
    await shop.say("agen A001 zona WIT", "boss")
    await shop.say("batas A001 60rb", "boss")
    shop.clock.at = NOON + 9 * HOUR + 59 * MINUTE  # 21.59 WIB, 23.59 WIT
    await shop.say(f"{METER} 50")
    assert (await shop.keys("bayar"))[-1] == "pay.done"
    assert (await shop.keys("44123456708 20"))[-1] == "pay.limit"
    assert " · hari ini 1 trx" in (await only(shop, "agen A001", "boss")).text
    shop.clock.forward(2 * MINUTE)
    assert (await only(shop, "rekap", "budi")).text.startswith("📊 26 Nov · 0 sukses")
    assert (await only(shop, "rekap kemarin", "budi")).text.startswith("📊 25 Nov · 1 sukses")
    assert " · hari ini 0 trx" in (await only(shop, "agen A001", "boss")).text
    assert (await only(shop, "rekap", "boss")).text.startswith("📊 Rekap Rab 25 Nov 2026")  # still today there
    await shop.say("44123456708 20")
    assert (await shop.keys("bayar"))[-1] == "pay.done"


async def test_what_is_no_zone_offers_them(shop: World) -> None:
    assert await shop.keys("agen A001 zona CET", "boss") == ["agent.zone_how"]
    assert await shop.keys("agen Siapa zona WITA", "boss") == ["agent.none"]


# the counter


@pytest.mark.parametrize("language", ["id", "en"])
async def test_a_new_owner_sells_at_the_counter_with_nothing_topped_up_before(tmp_path: Path, language: str) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, rebate=300), deposit=0) as shop:
        await shop.say(f"bahasa {language}", "boss")
        prices = await only(shop, "harga", "boss")
        pay = "bayar 51.300 · jual 53.000 · untung 1.700" if language == "id" else "pay 51.300 · sell 53.000"
        assert f"50rb: {pay}" in prices.text
        assert [one.message.options[1].says for one in [prices]] == ["markup"]
        card = (await shop.say(f"{METER} 50", "boss"))[-1]
        left = "Harga Rp53.000 · sisa deposit ±Rp9.948.400" if language == "id" else "Price Rp53.000 · deposit left"
        assert left in card.text
        done = (await shop.say("bayar", "boss"))[-1]
        got = "Terima Rp53.000 · deposit" if language == "id" else "Collect Rp53.000 · deposit"
        assert (done.key, got in done.text) == ("pay.done", True)
        till = await shop.store.read(ledger.agent_account, 0)
        assert -till.posted == 53_000
        assert await shop.violations() == []


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("beku bud", "agent.freeze_ask"),
        ("harga bud", "price.of"),
        ("markup bud 700", "mark.preview"),
        ("mutasi bud", "mut.head"),
        ("rekap hari ini bud", "sum.agent_head"),
        ("jejak a1", "trail.of"),
        ("undang a1", "agent.invite_code"),
        ("beku bu", "agent.none"),  # two letters are too few to tell
    ],
)
async def test_an_agent_is_meant_by_his_number_or_by_how_his_name_begins(shop: World, line: str, key: str) -> None:
    assert (await shop.say(line, "boss"))[0].key == key


async def test_a_beginning_that_two_names_share_means_neither_and_a_whole_name_wins(shop: World) -> None:
    for name in ("Rina", "Rina Cell"):
        await shop.say(f"agen baru {name}", "boss")
    assert (await shop.say("beku rina", "boss"))[0].text.startswith("Bekukan Rina?")
    assert (await shop.say("beku rin", "boss"))[0].key == "agent.none"


async def test_an_agent_goes_by_a_later_word_of_his_name_unless_two_have_it(shop: World) -> None:
    for name in ("Toko Citra Jaya", "Kios Jaya"):
        await shop.say(f"agen baru {name}", "boss")
    assert "Toko Citra Jaya" in (await only(shop, "beku citra", "boss")).text
    for words in ("beku jaya", "beku itra"):  # of two, and from within a word
        assert (await only(shop, words, "boss")).key == "agent.none"
