"""The supplier's deposit in the owner's chat: what is left, a top-up of it, and the supplier's own figure beside it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.ledger import ADJUSTMENT, DEPOSIT
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import ledger, standing
from tests.conversation.test_alarms import METERS, TWO, labels, said
from tests.world import World, world


@pytest.fixture(autouse=True)
async def books(shop: World) -> AsyncIterator[None]:
    """An owner who has spoken; whatever is booked, the books agree."""
    await shop.say("menu", "boss")
    yield
    assert await shop.violations() == []


async def left(shop: World) -> int:
    return await shop.store.read(ledger.supplier_deposit)


async def buy(shop: World, meter: str) -> list[str]:
    return [*await shop.keys(f"{meter} 20"), *await shop.keys("bayar")]


async def test_the_card_says_what_is_left_what_was_sent_what_was_used_and_how_long_it_lasts(shop: World) -> None:
    await buy(shop, METERS[0])
    card = await said(shop, "deposit")
    assert card.text.splitlines() == [
        "Deposit VSI ±Rp9.978.400 (buku)",
        "Isi terakhir Rp10.000.000 12.00",
        "Terpakai hari ini Rp21.600",
        "Cukup lebih dari seminggu",
    ]
    assert labels(card) == ["➕ Catat isi", "⚖️ Cocokkan"]
    shop.clock.forward(DAY + HOUR)
    await shop.say("bahasa en", "boss")
    assert (await said(shop, "deposit")).text.splitlines() == [
        "VSI deposit ±Rp9.978.400 (books)",
        "Last top-up Rp10.000.000 25 Nov 12:00",
    ]


@pytest.mark.parametrize("line", ["deposit +5000000", "deposit + 5jt", "deposit isi Rp5.000.000"])
async def test_a_top_up_is_booked_once_after_a_yes(shop: World, line: str) -> None:
    asked = await said(shop, line)
    assert asked.text == "Catat isi deposit VSI Rp5.000.000? Buku 10.000.000 → 15.000.000."
    assert labels(asked) == ["✅ Catat", "✖️ Batal"]
    assert await left(shop) == 10_000_000
    yes = asked.options[0][2]
    assert (await said(shop, yes)).text == "✅ Tercatat Rp5.000.000. Deposit VSI 10.000.000 + 5.000.000 = 15.000.000"
    await shop.say(yes, "boss")
    assert await left(shop) == 15_000_000
    again = await said(shop, "deposit +5000000")
    assert "⚠️ Rp5.000.000 sudah dicatat 12.00." in again.text
    assert (await said(shop, "batal")).key == "start.owner"
    assert await left(shop) == 15_000_000
    shop.clock.forward(DAY)
    assert "sudah dicatat" not in (await said(shop, "deposit +5000000")).text


async def test_a_reference_of_the_bank_is_booked_once(shop: World) -> None:
    for expected in ("dep.filled", "dep.twice"):
        await shop.say("deposit +1jt BCA 0412", "boss")
        assert (await said(shop, "ya")).key == expected
    assert await left(shop) == 11_000_000


async def test_a_figure_that_cannot_be_read_is_asked_for_again(shop: World) -> None:
    for line in ("deposit +", "deposit isi", "deposit +lima juta", "deposit +0", "5 ribu lebih"):
        assert (await said(shop, line)).text == "Isi deposit VSI berapa? Contoh: 5000000"
    assert (await said(shop, "1.000.000")).key == "dep.fill"
    assert (await said(shop, "tidak")).key == "start.owner"
    assert (await said(shop, "deposit apa saja")).key == "dep.card"
    assert await left(shop) == 10_000_000


async def test_the_same_figure_at_the_supplier_needs_nothing(shop: World) -> None:
    assert (await said(shop, "deposit cek")).key == "dep.theirs"
    assert (await said(shop, "sepuluh juta")).key == "dep.theirs"
    assert (await said(shop, "10.000.000")).text == "✅ Cocok: VSI dan buku sama-sama Rp10.000.000."


async def test_what_is_under_way_explains_that_less_is_left_and_is_never_corrected(shop: World) -> None:
    shop.sandbox.forced = Behaviour.DROP_SOLD
    await buy(shop, METERS[0])
    shown = await said(shop, "deposit cek 9978400")
    assert "di VSI kurang Rp21.600" in shown.text
    assert "1 pembelian belum jelas (Rp21.600)" in shown.text
    assert "Belum perlu dikoreksi" in shown.text
    assert labels(shown) == ["⚖️ Cocokkan"]
    beyond = await said(shop, "deposit cek 9971900")
    assert beyond.options[0][1] == "✏️ Koreksi buku"
    assert beyond.message.options[0].says == "deposit koreksi -6500"  # only what that does not explain
    shop.sandbox.forced = None
    for _ in range(5):
        await shop.later(MINUTE)
    assert (await said(shop, "deposit cek 9978400")).key == "dep.equal"


async def test_the_same_small_sum_a_sale_is_named_as_a_fee(shop: World) -> None:
    for meter in METERS[:3]:
        await buy(shop, meter)
    more = await said(shop, "deposit cek 9935350")
    assert "Tepat Rp50 × 3 penjualan sejak" in more.text
    assert "VSI_FEE" in more.text
    assert labels(more) == ["➕ Isi Rp150", "✏️ Koreksi buku"]
    assert "adm VSI mungkin lebih besar" in (await said(shop, "deposit cek 9934900")).text
    assert "Tepat" not in (await said(shop, "deposit cek 9935000")).text


async def test_a_correction_needs_a_reason_and_a_yes_and_the_other_owners_hear_of_it(tmp_path: Path) -> None:
    async with world(tmp_path, shop=TWO) as shop:
        await shop.say("menu", "boss")
        await shop.say("bahasa en", "ibu")
        shown = await said(shop, "deposit cek 9993500")
        assert (await said(shop, shown.options[0][2])).key == "dep.why"
        assert (await said(shop, "6500")).key == "dep.why"  # digits are no reason
        asked = await said(shop, "biaya transfer")
        assert asked.text == "Koreksi deposit VSI di buku 10.000.000 → 9.993.500: biaya transfer?"
        before = len(shop.phone.read)
        assert (await said(shop, "ya")).text == "✅ Tercatat. Deposit VSI 10.000.000 → 9.993.500"
        told = [one.text for one in shop.phone.read[before:] if one.to == "ibu"]
        assert told == ["✏️ console:boss corrected the VSI deposit 10.000.000 → 9.993.500: biaya transfer"]
        assert await left(shop) == 9_993_500
        assert -(await shop.store.read(ledger.account, ADJUSTMENT)).posted == 6_500
        assert "mengoreksi deposit VSI: -6500 biaya transfer" in (await said(shop, "jejak")).text
        await said(shop, "deposit koreksi +500")
        await said(shop, "uang kembali")
        await said(shop, "ya")
        assert (await shop.store.read(ledger.account, DEPOSIT)).posted == -9_994_000
        assert await shop.violations() == []


async def test_a_read_only_database_books_nothing(shop: World) -> None:
    await shop.store.write(standing.restrict, "restored", "a copy", shop.clock(), shop.clock())
    for line in ("deposit +5000000", "deposit koreksi -500"):
        await said(shop, line)
        if "koreksi" in line:
            await said(shop, "biaya transfer")
        assert (await said(shop, "ya")).key == "maint.read_only"

    def lift(tx: Tx) -> None:
        standing.lift(tx, "boss", "agrees", shop.clock())

    await shop.store.write(lift)
    assert await left(shop) == 10_000_000


async def test_only_owners_see_the_suppliers_deposit(shop: World) -> None:
    for line in ("deposit", "deposit +5000000", "deposit cek 1", "deposit koreksi -500"):
        assert await shop.keys(line) == ["start.agent"]
        assert await shop.keys(line, "stranger") == ["start.customer"]
    shop.clock.forward(HOUR)
    assert await left(shop) == 10_000_000
