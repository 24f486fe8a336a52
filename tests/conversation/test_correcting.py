"""An owner corrects a deposit: a reason, a limit a day, one confirm; and from a sum on another owner's word."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import DAY
from bot.domain.ledger import ADJUSTMENT
from bot.services import ledger
from tests.conversation.test_booking import MONEY, labels, read_by, tap
from tests.services import sightings
from tests.world import Said, World, world

PAIR = dataclasses.replace(MONEY, second_approver=100_000)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    """A shop of two owners, where another one approves corrections from Rp100.000 on."""
    async with world(tmp_path, shop=PAIR, deposit=448_000) as made:
        for who in ("boss", "ibu", "budi"):
            await made.say("menu", who)
        yield made
        assert await made.violations() == []


async def posted(shop: World) -> int:
    return (await shop.store.read(ledger.agent_account, 1)).posted


async def corrections(shop: World) -> list[tuple[str, str, int, str, str]]:
    return await sightings.rows(
        shop, "SELECT debit, credit, amount, actor, reason FROM transfer WHERE kind = 'adjust' ORDER BY id"
    )


def last(shop: World, who: str) -> Said:
    return read_by(shop, who)[-1]


async def test_a_correction_in_one_line_is_confirmed_booked_and_told(shop: World) -> None:
    [question] = await shop.say("saldo+ A001 5000 salah catat kemarin", "boss")
    assert question.text == "Koreksi A001 Budi Cell +5.000: salah catat kemarin. Saldo 448.000 → 453.000."
    assert labels(question) == ["✅ Catat", "✖️ Batal"]
    [done] = await tap(shop, question, "✅ Catat")
    assert done.text == "✅ Tercatat. A001 Budi Cell: saldo 453.000"
    assert await shop.keys("saldo+", "boss") == ["adj.whom"]  # and not the button 💰 Saldo of an earlier message
    await shop.say("batal", "boss")
    assert last(shop, "budi").text == ("✏️ Koreksi saldo oleh pemilik: salah catat kemarin · 448.000 + 5.000 = 453.000")
    [again] = await tap(shop, question, "✅ Catat")
    assert again.text.endswith(f"\n{done.text}")
    assert await corrections(shop) == [
        (ADJUSTMENT, "agent:1", 5_000, "owner in chat 1", "salah catat kemarin"),
    ]


async def test_in_english_part_by_part_and_taking_away(shop: World) -> None:
    await shop.say("bahasa en", "boss")
    assert await shop.keys("adjust-", "boss") == ["adj.whom"]
    [much] = await shop.say("budi cell", "boss")
    assert much.text == "A001 Budi Cell has Rp448.000. How much is taken? E.g. 5000"
    [short] = await shop.say("448001", "boss")
    assert short.text.startswith("A001 Budi Cell has only Rp448.000 that can be taken.")
    assert await shop.keys("48000", "boss") == ["adj.why"]
    assert await shop.keys("ya", "boss") == ["appr.no_reason"]
    [question] = await shop.say("counted twice", "boss")
    assert question.text == "Correction A001 Budi Cell −48.000: counted twice. Balance 448.000 → 400.000."
    [done] = await shop.say("yes", "boss")
    assert done.text == "✅ Booked. A001 Budi Cell: balance 400.000"


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("saldo+ A9 5000 x", "agent.none"),
        ("saldo + budi", "adj.add_much"),
        ("saldo+ A001 5000", "adj.why"),
        ("saldo+ A001 1000001 terlalu banyak", "adj.limit"),
        ("saldo–A001 0 nol", "adj.take_much"),
        ("saldo+ konter 5000 kas", "adj.counter"),
    ],
)
async def test_what_is_missing_or_does_not_fit_is_asked_for(shop: World, line: str, key: str) -> None:
    assert await shop.keys(line, "boss") == [key]
    assert await corrections(shop) == []


async def test_the_days_limit_counts_what_was_corrected_before(shop: World) -> None:
    for line in ("saldo+ A001 90000 a", "saldo- A001 9000 b"):
        await shop.say(line, "boss")
        await shop.say("ya", "boss")
    [limit] = await shop.say("saldo+ A001 902000 c", "boss")
    assert limit.text.startswith("Koreksi paling banyak Rp1.000.000 sehari; hari ini masih bisa Rp901.000.")


async def test_a_large_correction_waits_for_the_other_owner_and_is_booked_once_with_both_names(shop: World) -> None:
    [question] = await shop.say("saldo+ A001 100000 ganti rugi", "boss")
    assert question.text.splitlines()[1] == "🔏 Setelah ini pemilik lain yang menyetujui."
    [sent] = await tap(shop, question, "✅ Catat")
    assert sent.text.splitlines()[0].startswith("🔏 P1 menunggu persetujuan pemilik lain, sampai 26 Nov 12.00.")
    assert await posted(shop) == 448_000
    card = last(shop, "ibu")
    assert card.text.splitlines()[:3] == [
        "🔏 P1 · Pak Budi minta persetujuan · 12.00",
        "Koreksi A001 Budi Cell +100.000. Saldo 448.000 → 548.000.",
        "Alasan: ganti rugi",
    ]
    for _ in range(2):
        await shop.put(next(name for _, shown, name in card.options if shown == "✅ Setuju"), "ibu")
    await shop.settle()
    assert last(shop, "boss").text == "✅ P1 disetujui Ibu Sri 12.00\n✅ Tercatat. A001 Budi Cell: saldo 548.000"
    assert await posted(shop) == 548_000
    assert [row[2:] for row in await corrections(shop)] == [
        (100_000, "owner in chat 1, approved by owner in chat 2", "ganti rugi")
    ]
    [trail] = await shop.say("jejak P1", "ibu")
    assert "menyetujui usulan P1" in trail.text


async def test_what_fits_no_more_when_it_is_approved_is_not_booked(shop: World) -> None:
    await shop.say("saldo- A001 400000 salah", "boss")
    await shop.say("ya", "boss")
    await shop.say("54123456789 50")
    await shop.say("bayar")
    [short] = await shop.say("setuju P1", "ibu")
    assert short.text == "A001 Budi Cell hanya punya Rp396.000 yang bisa dikurangi. Ketik jumlah lain ya."
    assert await shop.keys("usulan P1", "ibu") == ["prop.card"]
    assert await corrections(shop) == []


async def test_nobody_but_owners_corrects_or_books(shop: World) -> None:
    for line in ("saldo+ A001 5000 saya mau", "saldo- A001 5000 x", "adjust+ A001 5000 x"):
        assert await shop.keys(line) == ["start.agent"]
        assert await shop.keys(line, "siti") == ["start.customer"]
    assert await corrections(shop) == []


async def test_a_sum_that_needs_another_owner_is_not_corrected_in_parts(shop: World) -> None:
    for rupiah, expected in ((60_000, "isi.done"), (30_000, "isi.done"), (10_000, "prop.sent")):
        await shop.say(f"saldo+ A001 {rupiah} salah catat", "boss")
        assert (await shop.say("ya", "boss"))[-1].key == expected
    [question] = await shop.say("saldo- A001 20000 salah catat", "boss")
    assert question.text.endswith("🔏 Setelah ini pemilik lain yang menyetujui.")
    await shop.say("batal", "boss")
    assert await shop.keys("setuju P1", "ibu") == ["prop.done"]
    assert await posted(shop) == 548_000
    shop.clock.forward(DAY)
    await shop.say("saldo- A001 90000 salah catat", "boss")
    assert (await shop.say("ya", "boss"))[-1].key == "isi.done"
