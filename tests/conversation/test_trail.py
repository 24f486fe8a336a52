"""Owners read who did what, when and from where; nobody else does, and nothing of it is ever changed."""

import dataclasses
import re
from pathlib import Path

import pytest

from bot.domain.people import owners_from
from bot.services import people, trail
from tests.conversation.test_staff import only
from tests.world import SHOP, World, world


async def test_an_owner_reads_who_did_what_when_and_from_where(shop: World) -> None:
    await shop.say("beku A001 ya", "boss")
    await shop.say("batas A001 5jt", "boss")
    await shop.say("biaya 2000")
    said = await only(shop, "jejak A001")
    lines = said.text.split("\n")
    assert lines[0] == "👣 Jejak A001, yang terbaru di atas:"
    assert lines[1] == "25 Nov 12.00 · agen (console:budi) mengubah biaya layanan A001: 1400 → 2000"
    assert lines[2] == "25 Nov 12.00 · pemilik toko (console:boss) mengubah batas A001: Rp5.000.000"
    assert lines[3] == "25 Nov 12.00 · pemilik toko (console:boss) membekukan A001"
    assert lines[4] == "25 Nov 12.00 · test mengisi saldo A001: Rp500.000"
    await shop.say("bahasa en", "boss")
    assert "owner (console:boss) froze A001" in (await only(shop, "audit A001")).text


async def test_a_chat_that_joins_is_named_once(shop: World) -> None:
    [made] = await shop.say("agen baru Tono Cell", "boss")
    code = re.search(r"AGEN [0-9A-Z]+", made.text)
    assert code is not None
    await shop.say(code[0], "tono")
    lines = (await only(shop, "jejak A002")).text.split("\n")
    assert lines[1] == "25 Nov 12.00 · pelanggan (console:tono) masuk ke akun A002"


async def test_an_owner_who_has_a_name_stands_in_the_trail_by_it(tmp_path: Path) -> None:
    named = dataclasses.replace(SHOP, partners=owners_from("Sri=console:boss"))
    async with world(tmp_path, shop=named) as shop:
        await shop.say("tutup", "boss")
        await shop.say("buka", "boss")
        lines = (await only(shop, "jejak")).text.split("\n")
    assert lines[1] == "25 Nov 12.00 · Sri (console:boss) membuka penjualan"
    assert lines[2] == "25 Nov 12.00 · Sri (console:boss) menutup penjualan"


async def test_the_trail_is_read_by_day_chat_ticket_meter_and_page(shop: World) -> None:
    for number in range(6):
        await shop.say(f"blokir 5412345678{number}", "boss")
        await shop.say(f"blokir buka 5412345678{number}", "boss")
    first = await only(shop, "jejak")
    assert first.text.count("\n") == 10
    assert [label for _, label, _ in first.options] == ["Berikutnya", "🏠 Menu"]
    second = await only(shop, "jejak hal 2")
    assert "memblokir meter 54123456780" in second.text
    assert "54123456785" in first.text
    assert (await only(shop, "jejak 54123456783")).text.count("\n") == 2
    assert "membuka meter 54123456785" in (await only(shop, "jejak console:boss")).text
    assert "membuka meter 54123456785" in (await only(shop, "jejak hari ini")).text
    assert (await only(shop, "jejak kemarin")).key == "trail.none"
    assert (await only(shop, "jejak #88")).key == "trail.none"
    assert (await only(shop, "jejak siapa saja")).key == "trail.how"


async def test_what_somebody_else_approved_stands_with_whoever_proposed_it(shop: World) -> None:
    await shop.say("menu", "boss")
    chat = await shop.store.read(lambda tx: tx.one(int, "trail_conversation", channel="console", value="boss"))
    actor = f"owner in chat {chat}, approved by owner in chat 99"
    await shop.store.write(lambda tx: trail.note(tx, actor, "close:sales", trail.SHOP, shop.clock()))
    await shop.store.write(lambda tx: trail.note(tx, f"owner in chat {chat}0", "open:sales", trail.SHOP, shop.clock()))
    lines = (await only(shop, "jejak console:boss")).text.split("\n")
    assert len(lines) == 2
    assert "menutup penjualan" in lines[1]


@pytest.mark.parametrize(("who", "key"), [("budi", "start.agent"), ("stranger", "start.customer")])
async def test_the_trail_is_for_owners_only(shop: World, who: str, key: str) -> None:
    assert await shop.keys("jejak", who) == [key]


async def test_a_pin_leaves_a_row_and_no_digit(shop: World) -> None:
    await shop.say("pin")
    await shop.say("739146")
    await shop.say("739146")
    deeds = await shop.store.read(people.deeds, 1)
    assert deeds[-1].action == "set a PIN"
    assert "739146" not in str(await shop.store.read(lambda tx: trail.latest(tx, most=100)))


@pytest.mark.parametrize(
    "lines",
    [
        ("agen baru Kios Satu",),  # two deeds: the account, and the invitation to it
        ("undang A001",),
        ("beku A001 ya",),
        ("batas A001 5jt",),
        ("blokir 54123456789",),
        ("markup semua 500", "ya"),
        ("deposit +5000000", "ya"),
        ("tutup rusak", "ya"),
        ("cadangan malam",),
        ("rekap jam 07.00",),
        ("rekap jam mati",),
        ("struk teks kepala Toko Induk", "ya"),
        ("umumkan Besok tutup", "ya"),
        ("ekspor",),
        ("biaya 2000",),
        ("toko Toko Pusat",),
    ],
    ids=lambda lines: lines[0],
)
async def test_each_thing_that_an_owner_changes_leaves_its_row_once(tmp_path: Path, lines: tuple[str, ...]) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, backup_recipient="age1")) as shop:
        before = len(await shop.store.read(lambda tx: trail.latest(tx, most=100)))
        await shop.say("menu")
        for line in lines:
            await shop.say(line, "boss")
        made = (await shop.store.read(lambda tx: trail.latest(tx, most=100)))[: -before or None]
        expected = ["invited", "added"] if lines[0].startswith("agen baru") else made[:1]
        assert made
        assert [one.action for one in made] == [one if isinstance(one, str) else one.action for one in expected]
        assert made[0].actor.startswith("owner in chat ")


async def test_a_new_reason_for_a_closing_and_the_summarys_time_stand_in_the_trail(shop: World) -> None:
    for line in ("tutup", "tutup banjir", "tutup banjir", "tutup", "rekap jam 07.00", "rekap jam mati"):
        await shop.say(line, "boss")
    lines = [one.partition(" · ")[2] for one in (await only(shop, "jejak")).text.split("\n")]
    assert lines[1:5] == [
        "pemilik toko (console:boss) mematikan rekap pagi",
        "pemilik toko (console:boss) mengatur jam rekap pagi: 07.00",
        "pemilik toko (console:boss) menutup penjualan: banjir",
        "pemilik toko (console:boss) menutup penjualan",
    ]


async def test_the_trail_is_read_as_sentences_of_the_readers_language(shop: World) -> None:
    await shop.say("saldo- A001 20000 salah catat", "boss")
    await shop.say("ya", "boss")
    await shop.say("undang A001", "boss")
    [trail_of] = await shop.say("jejak", "boss")
    assert "mengoreksi saldo (−Rp20.000) A001: salah catat" in trail_of.text
    assert "mengundang chat untuk A001: agen" in trail_of.text
    await shop.say("bahasa en", "boss")
    assert "corrected the balance (−Rp20.000) of A001" in (await shop.say("trail", "boss"))[0].text
