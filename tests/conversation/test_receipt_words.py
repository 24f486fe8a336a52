"""An owner's own words on every receipt: shown before they are kept, on 32 columns, and kept for what was printed."""

import pytest

from bot.documents import picture
from tests.conversation.test_staff import keys, only, tap
from tests.world import World

METER = "54123456789"


async def sold(shop: World) -> str:
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    return (await shop.purchases())[-1].sale


async def paper(shop: World, sale: str) -> list[str]:
    (said,) = await shop.say(f"struk {sale}")
    assert said.message.sheet is not None
    return said.message.sheet.text.split("\n")


async def put(shop: World, line: str) -> None:
    (asked,) = await shop.say(line, "boss")
    assert asked.key == "slip.ask"
    assert keys(await tap(shop, asked, "Simpan teks")) == ["slip.done"]


async def test_an_owners_words_stand_on_every_new_receipt_after_a_preview(shop: World) -> None:
    assert "(belum ada)" in (await only(shop, "struk teks")).text
    await put(shop, "struk teks kepala Toko Induk Listrik Makassar Sejahtera")
    await put(shop, "struk teks alamat Jl. Mawar 1, Makassar")
    await put(shop, "struk teks telepon 0812-3456-7890")
    (asked,) = await shop.say("struk teks pesan Terima kasih, datang lagi ya", "boss")
    assert [one.strip() for one in asked.text.split("\n")[1:]] == [
        "Toko Induk Listrik Makassar",
        "Sejahtera",
        "Jl. Mawar 1, Makassar",
        "Telp 0812-3456-7890",
        "...",
        "Terima kasih, datang lagi ya",
    ]
    await tap(shop, asked, "Simpan teks")
    await shop.say("toko Kios Budi")
    lines = await paper(shop, await sold(shop))
    assert [one.strip() for one in lines[:5]] == [
        "Toko Induk Listrik Makassar", "Sejahtera", "Jl. Mawar 1, Makassar", "Telp 0812-3456-7890", "KIOS BUDI",
    ]  # fmt: skip
    assert lines[-2].strip() == "Terima kasih, datang lagi ya"
    assert max(map(len, lines)) <= 32
    assert picture.png("\n".join(lines))
    assert "mengubah teks struk toko: Terima kasih, datang lagi ya" in (await only(shop, "jejak")).text


async def test_what_was_printed_keeps_its_words_and_what_was_not_has_the_new_ones(shop: World) -> None:
    before = await sold(shop)
    first = await paper(shop, before)
    await put(shop, "struk teks kepala Toko Baru")
    again = await paper(shop, before)
    assert (again[:-1], first[-1][-3:], again[-1][-3:]) == (first[:-1], "CA]", "CU]")
    await shop.say(f"{METER} 20")
    await shop.say("bayar")
    after = max((one.sale for one in await shop.purchases()), key=lambda sale: int(sale[1:]))
    assert (await paper(shop, after))[0].strip() == "Toko Baru"
    await put(shop, "struk teks kepala -")
    assert (await paper(shop, after))[0].strip() == "Toko Baru"


async def test_a_no_keeps_what_there_was(shop: World) -> None:
    await put(shop, "struk teks kepala Toko Induk")
    await shop.say("struk teks kepala Lain", "boss")
    await shop.say("batal", "boss")
    await shop.say("bahasa en", "boss")
    assert "Toko Induk" in (await only(shop, "receipt text")).text


@pytest.mark.parametrize(
    "words",
    [
        f"kepala {'x' * 65}",
        f"alamat Jl. {'x' * 33}",
        "kepala 2593 0960 8106",
        "kepala STRUK PEMBELIAN LISTRIK PRABAYAR",
        "pesan Token hilang?",
        "pesan 🙏🙏",
        "warna merah",
        "kepala",
    ],
)
async def test_what_cannot_be_printed_or_would_mislead_is_refused_in_words(shop: World, words: str) -> None:
    assert (await only(shop, f"struk teks {words}")).key == "slip.signs"


async def test_only_an_owner_sets_them(shop: World) -> None:
    await shop.say("struk teks kepala Punya Budi")
    await shop.say("struk teks kepala Punya Siti", "siti")
    assert "(belum ada)" in (await only(shop, "struk teks")).text
