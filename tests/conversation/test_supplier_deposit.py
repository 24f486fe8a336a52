"""The supplier's deposit in the owner's chat: what is left, a top-up of it, and the supplier's own figure beside it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.ledger import ADJUSTMENT, DEPOSIT
from bot.domain.people import Owner
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import ledger, people, standing
from bot.services import supplier_deposit as service
from tests.conversation.test_alarms import METERS, TWO, labels, said
from tests.world import SHOP, World, world


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


@pytest.mark.parametrize("line", ["deposit +5000000", "deposit + 5jt", "deposit isi Rp5.000.000", "deposit +5,0jt"])
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
    assert (await said(shop, "deposit cek 9,9jt")).text.startswith("⚖️ VSI Rp9.900.000 · buku Rp10.000.000")


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
        assert (await said(shop, "6500")).text == "Alasannya perlu beberapa kata, bukan angka saja. Silakan tulis."
        asked = await said(shop, "biaya transfer")
        assert asked.text == "Koreksi deposit VSI di buku 10.000.000 → 9.993.500: biaya transfer?"
        before = len(shop.phone.read)
        assert (await said(shop, "ya")).text == "✅ Tercatat. Deposit VSI 10.000.000 → 9.993.500"
        told = [one.text for one in shop.phone.read[before:] if one.to == "ibu"]
        assert told == ["✏️ console:boss corrected the VSI deposit 10.000.000 → 9.993.500: biaya transfer"]
        assert await left(shop) == 9_993_500
        assert -(await shop.store.read(ledger.account, ADJUSTMENT)).posted == 6_500
        assert "mengoreksi deposit VSI: −Rp6.500 biaya transfer" in (await said(shop, "jejak")).text
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


async def with_a_pin(shop: World) -> None:
    """The owner's chat has a number that is asked for everything."""
    for words in ("pin", "590417", "590417"):
        await shop.say(words, "boss")
    await shop.say("pin limit 5rb", "boss")
    await shop.say("590417", "boss")


async def corrected(shop: World, difference: str, who: str = "boss") -> str:
    """What a correction ends in."""
    for words in (f"deposit koreksi {difference}", "biaya transfer"):
        said = await shop.say(words, who)
        if said[-1].key not in ("dep.why", "dep.correct"):
            return said[-1].key
    return (await shop.say("ya", who))[-1].key


async def test_corrections_at_the_supplier_have_a_limit_a_day(shop: World) -> None:
    assert await corrected(shop, "-600000") == "dep.corrected"
    [too_much] = await shop.say("deposit koreksi -400001", "boss")
    assert too_much.text.startswith(
        "Deposit VSI dikoreksi paling banyak Rp1.000.000 sehari; hari ini masih bisa Rp400.0"
    )
    assert await corrected(shop, "+400000") == "dep.corrected"
    assert await corrected(shop, "-1") == "dep.limit"
    assert await left(shop) == 9_800_000
    shop.clock.forward(DAY)
    assert await corrected(shop, "-1000000") == "dep.corrected"


async def test_a_limit_that_another_owner_used_up_meanwhile_books_nothing(shop: World) -> None:
    for words in ("deposit koreksi -600000", "biaya transfer"):
        await shop.say(words, "boss")
    await shop.store.write(
        lambda tx: service.correct(tx, -600_000, "x", "owner in chat 9", "lain", shop.shop, shop.clock())
    )
    assert (await shop.say("ya", "boss"))[-1].key == "dep.limit"
    assert await left(shop) == 9_400_000


async def test_an_owner_who_has_a_pin_gives_it_before_the_books_are_corrected(shop: World) -> None:
    await with_a_pin(shop)
    assert await corrected(shop, "-5000") == "pin.book"
    assert await left(shop) == 10_000_000
    assert (await shop.say("590417", "boss"))[-1].key == "dep.corrected"
    assert await left(shop) == 9_995_000


async def test_from_a_sum_on_another_owner_approves_a_correction_at_the_supplier(tmp_path: Path) -> None:
    chats = (("console", "boss"), ("console", "ibu"))
    partners = tuple(Owner("", (chat,)) for chat in chats)
    pair = replace(SHOP, owners=chats, partners=partners, second_approver=100_000)
    async with world(tmp_path, shop=pair) as shop:
        await shop.store.write(lambda tx: people.top_up_supplier(tx, 10_000_000, "r", "boss", shop.clock()))
        for who in ("boss", "ibu"):
            await shop.say("menu", who)
        assert await corrected(shop, "-60000") == "dep.corrected"
        assert await corrected(shop, "-60000") == "prop.sent"  # in parts it is as much
        before = await left(shop)
        assert await shop.keys("setuju P1", "boss") == ["prop.own"]
        [done] = await shop.say("setuju P1", "ibu")
        assert done.key == "prop.done"
        assert before - await left(shop) == 60_000
        assert await shop.violations() == []
