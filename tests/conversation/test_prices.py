"""Markups: whose and which amount, previewed and confirmed, never below cost nor above the cap; one price for all."""

import dataclasses
from pathlib import Path

import pytest

from bot import settings
from bot.clock import DAY
from bot.domain.ledger import account_of
from bot.domain.message import Rupiah
from bot.domain.people import Agent
from bot.ports import Tx
from bot.services import ledger, people, prices
from bot.services.prices import PriceError, Scope
from bot.settings import SettingsError
from tests.conversation.test_staff import keys, labels, only, tap
from tests.world import SHOP, World, world

METER, TWO_METERS = "54123456789", "54123456789 50\n44123456708 100"


async def change(shop: World, text: str) -> str:
    """The owner sets a markup; what its preview said."""
    preview = await only(shop, text, "boss")
    assert preview.key == "mark.preview", preview.text
    assert await shop.keys("ya", "boss") == ["mark.done"]
    return preview.text


def find(tx: Tx, name: str = "Budi Cell") -> Agent:
    return people.find_agent(tx, name)


async def surcharges(shop: World, name: str = "Budi Cell") -> dict[int, int]:
    """What an agent pays beyond amount and admin fee."""

    def look(tx: Tx) -> dict[int, int]:
        whom = find(tx, name)
        return {one: prices.surcharge(tx, whom, one, shop.shop) for one in shop.shop.denominations}

    return await shop.store.read(look)


async def test_the_most_specific_markup_wins_and_what_is_taken_away_falls_back(shop: World) -> None:
    await shop.store.write(people.add_agent, "Rina Cell", None, shop.shop, shop.clock())
    assert set((await surcharges(shop)).values()) == {400}
    await change(shop, "markup 500")
    await change(shop, "markup 100rb 700")
    now = await surcharges(shop)
    assert (now[50_000], now[100_000]) == (500, 700)
    await change(shop, "markup A001 300")
    await change(shop, "markup Budi Cell 100rb 250")
    budis, rinas = await surcharges(shop), await surcharges(shop, "Rina Cell")
    assert (budis[50_000], budis[100_000]) == (300, 250)
    assert (rinas[50_000], rinas[100_000]) == (500, 700)
    listed = (await only(shop, "markup", "boss")).text
    assert listed.split("\n")[1:5] == [
        "semua agen: Rp500",
        "semua agen, 100rb: Rp700",
        "A001 Budi Cell: Rp300",
        "A001 Budi Cell, 100rb: Rp250",
    ]
    await change(shop, "markup A001 100rb hapus")
    await change(shop, "markup A001 hapus")
    await change(shop, "markup 100rb hapus")
    await change(shop, "markup hapus")
    assert await surcharges(shop) == await surcharges(shop, "Rina Cell") == dict.fromkeys(budis, 400)


async def test_a_preview_says_old_and_new_an_example_what_is_kept_and_who_stays(shop: World) -> None:
    assert await change(shop, "markup A001 500") == (
        "💳 Markup A001 Budi Cell Rp400 → Rp500\n"
        "Contoh 50rb: agen membayar 52.100.\n"
        "Dengan biaya layanan Rp1.400, untung agen Rp900 per penjualan.\n"
        "Berlaku mulai pesanan berikutnya."
    )
    text = await change(shop, "markup 1.500")
    assert "⚠️ Dengan biaya layanan Rp1.400, agen rugi Rp100 per penjualan." in text
    assert "1 agen punya markup sendiri dan tetap." in text
    assert "Contoh 100rb: agen membayar 102.200." in await change(shop, "markup A001 100rb 600")
    assert await shop.keys("markup A001 500", "boss") == ["mark.same"]
    assert await shop.keys("markup 20rb hapus", "boss") == ["mark.none"]


async def test_nothing_is_set_before_the_confirm_and_an_old_preview_sets_nothing(shop: World) -> None:
    preview = await only(shop, "markup 500", "boss")
    assert labels(preview) == ["✅ Simpan", "✖️ Batal"]
    assert keys(await tap(shop, preview, "Batal")) == ["start.owner"]
    assert keys(await tap(shop, preview, "Simpan")) == ["in.stale", "start.owner"]
    again = await only(shop, "markup 600", "boss")
    await shop.store.write(prices.change, Scope(), 700, "somebody else", shop.shop, shop.clock())
    assert keys(await tap(shop, again, "Simpan")) == ["mark.meanwhile"]
    assert set((await surcharges(shop)).values()) == {700}


async def test_a_markup_is_asked_for_by_taps_from_the_card_in_english(shop: World) -> None:
    await shop.say("bahasa en", "boss")
    card = await only(shop, "agent A001", "boss")
    (question,) = await tap(shop, card, "Markup")
    assert question.text == "💳 The markup for A001 Budi Cell is now Rp400. How much?\nType it in rupiah, e.g. 500"
    assert labels(question) == ["Rp300", "Rp500", "Rp700", "Rp1.000", "Rp1.500", "✖️ Cancel"]
    assert (await only(shop, "lots", "boss")).text == "Type it in rupiah, e.g. 500"
    (preview,) = await tap(shop, question, "Rp700")
    assert preview.text.startswith("💳 Markup for A001 Budi Cell Rp400 → Rp700\nExample 50rb: the agent pays 52.300.")
    (done,) = await tap(shop, preview, "Save")
    assert done.text.startswith("✅ The markup for A001 Budi Cell is now Rp700.")
    await shop.say("markup A001 100k 900", "boss")
    await shop.say("yes", "boss")
    assert "\nMarkup Rp700 – Rp900\n" in (await only(shop, "agent A001", "boss")).text
    (question,) = await tap(shop, await only(shop, "agent A001", "boss"), "Markup")
    assert "\n100rb: Rp900\n" in question.text
    (preview,) = await tap(shop, question, "Drop this markup")
    assert preview.text.startswith("💳 Markup for A001 Budi Cell Rp700 → Rp400\n")


@pytest.mark.parametrize(
    ("typed", "key", "words"),
    [
        ("markup -100", "mark.loss", "Markup paling sedikit Rp0."),
        ("markup A001 5001", "mark.above", "di atas batas Rp5.000"),
        ("markup 20rb 6rb", "mark.above", "di atas batas Rp5.000"),
        ("markup Entah 500", "mark.how", "markup A017 500"),
        ("markup A001 30rb 500", "mark.how", "markup A017 500"),
        ("markup konter 500", "mark.counter", "biaya 2000"),
        ("markup Toko Uji 500", "mark.counter", "biaya 2000"),
    ],
)
async def test_what_cannot_be_a_markup_is_refused_with_the_reason(
    shop: World, typed: str, key: str, words: str
) -> None:
    said = await only(shop, typed, "boss")
    assert said.key == key
    assert words in said.text
    assert said.options
    if key in ("mark.loss", "mark.above"):  # another figure is as good as a new beginning
        assert await shop.keys("Rp450", "boss") == ["mark.preview"]
    assert set((await surcharges(shop)).values()) == {400}


async def test_the_suppliers_rebate_lets_a_price_go_below_the_admin_fee_and_the_books_balance(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, rebate=500), deposit=51_100) as shop:
        assert "jadi markup paling sedikit -Rp500" in (await only(shop, "markup -501", "boss")).text
        await change(shop, "markup A001 -500")
        card = (await shop.say(f"{METER} 50"))[-1]
        assert "Harga Rp51.100 · sisa saldo Rp0" in card.text
        assert (await shop.keys("bayar"))[-1] == "pay.done"
        assert await shop.violations() == []
        margin = await shop.store.read(ledger.account, "income:margin")
        assert (margin.posted, (await shop.store.read(ledger.account, account_of(1))).posted) == (-500, 0)
        assert "Untung Rp0" in (await only(shop, "rekap", "boss")).text
        assert (await only(shop, "mutasi", "budi")).text.count("51.100") >= 1


async def test_bounds_that_moved_since_hold_for_markups_set_before(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, rebate=500)) as shop:
        await change(shop, "markup A001 -500")
        await change(shop, "markup 100rb 5.000")
        assert (await surcharges(shop))[50_000] == -500
        stricter = dataclasses.replace(SHOP, rebate=200, markup_cap=1_000)
        assert await shop.store.read(lambda tx: prices.surcharge(tx, find(tx), 50_000, stricter)) == -200
        assert await shop.store.read(lambda tx: prices.holds(tx, Scope(0, 100_000), stricter)) == 1_000
        for outside in (-201, 1_001):
            with pytest.raises(PriceError):
                await shop.store.write(prices.change, Scope(), outside, "boss", stricter, shop.clock())


async def test_list_card_quote_batch_and_sale_have_one_price(shop: World) -> None:
    await change(shop, "markup A001 100rb 900")
    assert "100rb: bayar 102.500" in (await only(shop, "harga", "budi")).text
    assert "50rb: bayar 52.000" in (await only(shop, "harga A001", "boss")).text
    (question,) = await shop.say(METER)
    abouts = [one.about.args["price"] for one in question.message.options if one.about is not None]
    assert abouts[1:3] == [Rupiah(52_000), Rupiah(102_500)]
    (card,) = await shop.say("100")
    assert "Harga Rp102.500" in card.text
    batch = (await shop.say(TWO_METERS))[-1]
    assert "Harga Rp154.500" in batch.text
    await shop.say("bayar")
    assert sorted(one.price for one in await shop.purchases()) == [52_000, 102_500]


async def test_an_agents_menu_says_quietly_that_his_prices_changed_and_only_his(shop: World) -> None:
    assert "berubah" not in (await only(shop, "menu", "budi")).text
    await change(shop, "markup A001 500")
    shop.clock.forward(4 * DAY)
    assert "berubah" not in (await only(shop, "menu", "budi")).text
    await change(shop, "markup 700")  # he has his own
    assert "berubah" not in (await only(shop, "menu", "budi")).text
    before = len(shop.phone.read)
    await change(shop, "markup A001 hapus")
    assert {one.to for one in shop.phone.read[before:]} == {"boss"}  # nobody is written to
    assert (await only(shop, "menu", "budi")).text.endswith("💵 Harga berubah 29 Nov; ketik: harga")


async def test_a_secret_number_guards_markups(shop: World) -> None:
    await shop.say("pin", "boss")
    await shop.say("135790", "boss")
    await shop.say("135790", "boss")
    await shop.say("markup 500", "boss")
    assert await shop.keys("ya", "boss") == ["pin.old"]
    assert set((await surcharges(shop)).values()) == {400}
    assert (await shop.keys("135790", "boss"))[-1] == "mark.done"
    assert set((await surcharges(shop)).values()) == {500}


async def test_every_change_is_on_the_trail(shop: World) -> None:
    await change(shop, "markup A001 500")
    await change(shop, "markup 600")
    told = (await only(shop, "jejak", "boss")).text
    assert "mengubah markup A001: – → 500" in told
    assert "mengubah markup: – → 600" in told


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"MARKUP": "-1"}, "MARKUP: sells at a loss: with VSI_FEE=0 it is at least 0"),
        ({"MARKUP": "-501", "VSI_FEE": "500"}, "MARKUP: sells at a loss: with VSI_FEE=500 it is at least -500"),
        ({"MARKUP": "800", "MARKUP_CAP": "700"}, "MARKUP_CAP: is less than MARKUP"),
    ],
)
def test_a_start_with_prices_that_lose_money_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{message}$"):
        settings.read()


def test_a_markup_below_zero_is_taken_where_the_rebate_covers_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARKUP", "-500")
    monkeypatch.setenv("VSI_FEE", "500")
    set_up, waits, _ = settings.read()
    assert set_up.shop(waits).markup == -500
