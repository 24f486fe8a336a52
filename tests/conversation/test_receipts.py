"""What stands on a receipt and who decides it: prints, fees, headings, and the copy for the customer."""

import dataclasses
from pathlib import Path

import pytest

from bot.channels.options import labelled
from bot.domain.message import Draft, Message, Option, Text
from bot.domain.purchase import Purchase
from bot.i18n import Renderer
from bot.ports import Tx
from bot.services import people
from tests.services import sightings
from tests.world import CATALOGUES, SHOP, ZONE, Said, World, world

METER = "54123456789"
OTHER = "41008812210"


async def only(shop: World, text: str, who: str = "budi") -> Said:
    (said,) = await shop.say(text, who)
    return said


async def sold(shop: World, order: str = f"{METER} 50", who: str = "budi") -> Purchase:
    await shop.say(order, who)
    await shop.say("bayar", who)
    return await shop.store.read(_last)


def _last(tx: Tx) -> Purchase:
    found = tx.one(Purchase, "purchase_by_id", id=tx.one(int, "purchase_last_id"))
    assert found is not None
    return found


def paper(said: Said) -> list[str]:
    assert said.message.sheet is not None, said.text
    return said.message.sheet.text.split("\n")


def sums(said: Said) -> list[str]:
    """The lines from the total on, up to PLN's."""
    lines = paper(said)
    return [
        " ".join(line.split())
        for line in lines[lines.index("-" * 32) + 1 : lines.index("Informasi Hubungi Call Center")]
    ]


async def prints(shop: World) -> list[tuple[object, ...]]:
    query = "SELECT kind, fee, total, printed_by FROM receipt_print ORDER BY id"
    return [tuple(row) for row in await sightings.rows(shop, query)]


async def entries(shop: World) -> list[tuple[object, ...]]:
    return [tuple(row) for row in await sightings.rows(shop, "SELECT * FROM transfer ORDER BY id")]


def published(tx: Tx) -> None:
    tx.run("published_set", channel="whatsapp", subject="number", value="6281100009999")


async def cashier(shop: World) -> None:
    code = (await only(shop, "kasir undang")).text.split("AGEN ")[1][:10]
    await shop.say(f"AGEN {code}", "siti")


# prints


async def test_the_first_print_is_ca_every_later_one_cu_and_each_is_written_down(shop: World) -> None:
    sale = await sold(shop)
    before = await entries(shop)
    first, second = await only(shop, f"struk {sale.sale}"), await only(shop, f"struk {sale.sale}")
    assert (paper(first)[-1][-4:], paper(second)[-1][-4:]) == ("-CA]", "-CU]")
    assert sums(first) == sums(second) == ["Total Rp51.600", "Biaya Layanan Rp1.400", "Grand Total Rp53.000"]
    assert await prints(shop) == [(kind, 1_400, 53_000, "agent in chat 1") for kind in ("CA", "CU")]
    assert await entries(shop) == before


async def test_a_fee_at_print_time_changes_this_receipt_and_no_ledger_entry(shop: World) -> None:
    sale = await sold(shop)
    before = await entries(shop)
    said = await only(shop, f"struk {sale.sale} 2000")
    assert sums(said) == ["Total Rp51.600", "Biaya Layanan Rp2.000", "Grand Total Rp53.600"]
    assert said.text.split("\n")[-2:] == [
        "Biaya Layanan Rp2.000 · Grand Total Rp53.600",
        f"Biaya lain untuk struk ini, contoh: struk {sale.sale} 2000",
    ]
    assert sums(await only(shop, f"struk {sale.sale}"))[2] == "Grand Total Rp53.600"  # a copy is a copy
    assert sums(await only(shop, f"struk {sale.sale} 0")) == ["Total Rp51.600"]
    assert await entries(shop) == before
    assert await shop.violations() == []


@pytest.mark.parametrize(
    "typed", ["jual 53600", "jual Rp53.600", "sell 53.600", "2rb", "biaya 2.000", "layanan Rp2000"]
)
async def test_a_fee_or_a_selling_price_is_typed_as_people_write_it(shop: World, typed: str) -> None:
    sale = await sold(shop)
    assert sums(await only(shop, f"struk {sale.sale} {typed}"))[1:] == ["Biaya Layanan Rp2.000", "Grand Total Rp53.600"]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("5001", "receipt.above"),
        ("53000", "receipt.above"),
        ("jual 56601", "receipt.above"),
        ("jual 51599", "receipt.below"),
        ("jual 50", "receipt.below"),
        ("50", "receipt.terms"),  # neither fifty rupiah nor fifty thousand
        ("jual murah", "receipt.terms"),
        ("gratis", "receipt.terms"),
        ("-500", "receipt.terms"),
    ],
)
async def test_what_cannot_be_printed_is_refused_kindly_and_prints_nothing(shop: World, typed: str, key: str) -> None:
    sale = await sold(shop)
    said = await only(shop, f"struk {sale.sale} {typed}")
    assert (said.key, said.message.sheet) == (key, None)
    assert f"struk {sale.sale} 2000" in said.text
    assert [label for _, label, _ in said.options] == ["🧾 Struk"]
    assert await prints(shop) == []
    assert paper(await only(shop, said.options[0][2]))[-1].endswith("-CA]")


async def test_the_cap_itself_and_the_total_itself_are_allowed(shop: World) -> None:
    sale = await sold(shop)
    assert sums(await only(shop, f"struk {sale.sale} jual 56600"))[1] == "Biaya Layanan Rp5.000"
    assert sums(await only(shop, f"struk {sale.sale} jual 51600")) == ["Total Rp51.600"]


async def test_a_cashier_prints_and_sets_no_fee(shop: World) -> None:
    await cashier(shop)
    await shop.say(f"{METER} 50", "siti")
    await shop.say("bayar", "siti")
    said = await only(shop, "struk T10001 2000", "siti")
    assert (said.key, said.message.sheet) == ("receipt.cashier", None)
    printed = await only(shop, said.options[0][2], "siti")
    assert paper(printed)[-1].endswith("-CA]")
    assert "contoh" not in printed.text
    for word in ("biaya", "biaya 0", "toko", "toko Milik Siti"):
        assert (await only(shop, word, "siti")).key == "start.agent"


async def test_a_customers_reprint_is_cu_and_masked_and_not_the_sellers_first(shop: World) -> None:
    sale = await sold(shop)
    assert sale.claim_code is not None
    await shop.say(sale.claim_code, "ani")
    lines = paper(await only(shop, f"struk {sale.sale}", "ani"))
    assert lines[-1].endswith("-CU]")
    assert "NAMA           : B*** S******" in lines
    assert not any("BUDI" in line for line in lines[1:])
    assert paper(await only(shop, f"struk {sale.sale}"))[-1].endswith("-CA]")
    assert [kind for kind, *_ in await prints(shop)] == ["CU", "CA"]
    assert (await only(shop, f"struk {sale.sale} 2000", "ani")).key == "start.customer"


async def test_every_grand_total_that_was_printed_proves_the_sale_and_no_other_does(shop: World) -> None:
    sale = await sold(shop)
    other = await sold(shop, f"{OTHER} 50")
    assert sale.payref is not None
    tail = sale.payref[-4:]
    for fee in (2_000, 3_000):
        await shop.say(f"struk {sale.sale} {fee}")
    await shop.say(f"struk {other.sale} 4000")
    for amount, is_proof in ((53_600, True), (54_600, True), (53_000, True), (51_600, True), (55_600, False)):
        await shop.say(METER, "ani")
        said = await shop.say(f"{tail} {amount}", "ani")
        assert (said[0].key == "token.only") is is_proof, amount
        await shop.say("batal", "ani")


# what an agent puts on his receipts


async def test_the_service_fee_is_the_agents_own_up_to_the_owners_cap(shop: World) -> None:
    assert (await only(shop, "biaya")).text.startswith(
        "Biaya layanan Anda Rp1.400 per transaksi, paling tinggi Rp5.000."
    )
    old = await sold(shop)
    assert (await only(shop, "biaya 2000")).key == "fee.done"
    prices = (await only(shop, "harga")).text
    assert "50rb: bayar 52.000 · jual 53.600 · untung 1.600" in prices
    new = await sold(shop, f"{OTHER} 50")
    assert (old.fee, new.fee, old.price, new.price) == (1_400, 2_000, 52_000, 52_000)
    assert sums(await only(shop, f"struk {old.sale}"))[1] == "Biaya Layanan Rp1.400"
    refused = await only(shop, "biaya 5001")
    assert refused.text.startswith("Biaya layanan paling tinggi Rp5.000 di toko ini, jadi tetap Rp2.000.")
    assert "jual 53.600" in (await only(shop, "harga")).text
    deeds = await shop.store.read(people.deeds, 1)
    assert [(one.actor, one.reason) for one in deeds if one.action == "fee"] == [("agent in chat 1", "1400 → 2000")]


@pytest.mark.parametrize(("typed", "fee"), [("0", 0), ("Rp1.500", 1_500), ("2rb", 2_000), ("5000", 5_000)])
async def test_a_service_fee_is_rupiah_as_it_is_typed(shop: World, typed: str, fee: int) -> None:
    assert (await only(shop, f"biaya {typed}")).key == "fee.done"
    assert (await shop.store.read(people.agent, 1)).fee == fee


async def test_a_fee_that_loses_money_says_how_much_at_once(shop: World) -> None:
    [warning] = (await only(shop, "biaya 0")).text.splitlines()[1:]
    assert warning.startswith("⚠️ Anda rugi Rp400 tiap penjualan")
    assert "untung -400" in (await only(shop, "harga")).text
    assert "rugi" not in (await only(shop, "biaya 400")).text
    assert "rugi" not in (await only(shop, "biaya 0", "boss")).text  # the counter pays what the supplier asks


@pytest.mark.parametrize("typed", ["2", "banyak", "-1", "1,5"])
async def test_what_is_no_fee_is_asked_again_and_changes_nothing(shop: World, typed: str) -> None:
    assert (await only(shop, f"biaya {typed}")).key == "fee.card"
    assert (await shop.store.read(people.agent, 1)).fee == 1_400


async def test_the_counters_fee_is_in_its_price(shop: World) -> None:
    await shop.say("biaya 2000", "boss")
    sale = await sold(shop, who="boss")
    assert (sale.price, sale.retail) == (53_600, 53_600)
    assert sums(await only(shop, f"struk {sale.sale}", "boss"))[2] == "Grand Total Rp53.600"
    assert await shop.violations() == []


async def test_a_cap_that_the_owner_lowered_holds_from_the_next_start_on(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.say("biaya 4000")
    async with world(tmp_path, shop=dataclasses.replace(SHOP, fee_cap=1_000)) as shop:
        fees = [one.fee for one in await shop.store.read(people.agents)]
        assert fees == [1_000, 1_000]


async def test_the_heading_and_a_line_at_the_end_are_ones_own(shop: World) -> None:
    sale = await sold(shop)
    assert paper(await only(shop, f"struk {sale.sale}"))[0].strip() == "BUDI CELL"
    assert (await only(shop, "toko Berkah  Cell")).text.startswith("✅ Kepala struk: Berkah Cell\nGanti, contoh:")
    said = await only(shop, "toko pesan Terima kasih!")
    assert said.text.startswith("✅ Kepala struk: Berkah Cell\nPesan di bawah struk: Terima kasih!\n")
    lines = paper(await only(shop, f"struk {sale.sale}"))
    assert (lines[0].strip(), lines[-2].strip()) == ("BERKAH CELL", "Terima kasih!")
    assert (await only(shop, "menu")).text.startswith("Halo Berkah Cell.")
    await shop.say("toko -")
    assert (await only(shop, "shop note -")).text.startswith("✅ Kepala struk: Budi Cell\nGanti")
    lines = paper(await only(shop, f"struk {sale.sale}"))
    assert (lines[0].strip(), lines[-2].strip()) == ("BUDI CELL", "penjualnya")


@pytest.mark.parametrize("typed", ["電気", "x" * 41, "pesan " + "x" * 97, "⚡"])
async def test_a_heading_that_no_printer_prints_is_refused_and_changes_nothing(shop: World, typed: str) -> None:
    assert (await only(shop, f"toko {typed}")).key == "outlet.signs"
    agent = await shop.store.read(people.agent, 1)
    assert (agent.outlet, agent.footer) == ("", "")


# the copy for the customer


async def test_the_customers_copy_is_a_draft_on_whatsapp_without_cost_margin_or_balance(shop: World) -> None:
    await shop.store.write(published)
    sale = await sold(shop, f"50.{METER}.1234.081234567890")
    await shop.say(f"struk {sale.sale} 2000")
    copy = await only(shop, f"salin {sale.sale}")
    assert copy.text.startswith("Token listrik BUDI SANTOSA · Rp53.600\n")  # as he printed it last
    assert copy.text.endswith(
        f"Kode klaim {sale.claim_code}: https://wa.me/6281100009999?text=KLAIM%20{sale.claim_code}"
    )
    for inside in ("52.000", "51.600", "448.000", "Saldo", "400"):
        assert inside not in copy.text.replace(str(sale.claim_code), "")
    (choice,) = labelled(copy.message, Renderer(CATALOGUES), "id", ZONE)
    assert choice.url.startswith(
        "https://wa.me/6281234567890?text=Token%20listrik%20BUDI%20SANTOSA%20%C2%B7%20Rp53.600%0A"
    )
    assert len(choice.url) < 1_000
    practice = labelled(copy.message, Renderer(CATALOGUES, practice=True), "en", ZONE)[0].url
    assert practice.startswith("https://wa.me/6281234567890?text=%F0%9F%A7%AA%20UJI%20COBA")


async def test_a_copy_with_several_tokens_numbers_them_in_their_order(shop: World) -> None:
    sale = await sold(shop, "11111111124 20")
    lines = (await only(shop, f"salin {sale.sale}")).text.split("\n")
    tokens = await sightings.rows(shop, "SELECT digits FROM vended_token ORDER BY position")
    assert [line.replace(" ", "") for line in lines[1:3]] == [f"{n}){digits}" for n, (digits,) in enumerate(tokens, 1)]
    assert lines[4] == "Masukkan urut 1 sampai 2, tiap kali lalu Enter; kWh ada di yang terakhir."


@pytest.mark.parametrize(("name", "is_link"), [("BUDI", True), ("é" * 200, True), ("🔌" * 200, False)])
def test_a_link_that_is_too_long_for_the_platform_is_left_out(name: str, is_link: bool) -> None:
    draft = Draft((Text("line.agent", {"agent": name}), Text("copy.claim", {"code": "K7Q2M9XT4B"})))
    option = Option("send_whatsapp", Text("btn.send_whatsapp"), draft=draft)
    found = labelled(Message(Text("line.agent", {"agent": name}), options=(option,)), Renderer(CATALOGUES), "id", ZONE)
    assert len(found) == is_link
