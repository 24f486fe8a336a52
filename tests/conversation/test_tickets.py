"""An agent tops up by a transfer and an owner says that it came: dialogues, and money that moves once."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.people import Role
from bot.domain.rules import Bank
from bot.messaging.channel import Outcome
from bot.ports import Tx
from bot.services import audit, ledger, people, standing, tickets, watch
from bot.services.tickets import Ticket
from tests.services import sightings
from tests.world import NOON, SHOP, Said, World, execute, world

METER = "52753456789"
TICKETS = dataclasses.replace(
    SHOP, owners=(("console", "boss"), ("console", "ibu")), bank=Bank("BCA", "0123456789", "Sri Wahyuni")
)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with a bank account, whose two owners have spoken."""
    async with world(tmp_path, shop=TICKETS, deposit=448_000) as made:
        await made.say("menu", "boss")
        await made.say("menu", "ibu")
        yield made
        assert await made.violations() == []


def keys(said: list[Said]) -> list[str]:
    return [one.key for one in said]


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


def read_by(shop: World, who: str, since: int = 0) -> list[Said]:
    return [one for one in shop.phone.read[since:] if one.to == who]


async def tap(shop: World, message: Said, label: str, who: str = "budi") -> list[Said]:
    return await shop.say(next(name for _, shown, name in message.options if shown == label), who)


async def minute(shop: World, milliseconds: int, who: str = "budi") -> list[Said]:
    """Time passes, and what is looked at each minute is looked at."""
    shop.clock.forward(milliseconds)
    before = len(shop.phone.read)
    await shop.store.write(watch.look, shop.shop, shop.clock())
    await shop.settle(who)
    return read_by(shop, who, before)


async def asked(shop: World, amount: str = "200000") -> Said:
    """The card of a new ticket."""
    [card] = await shop.say(f"tiket {amount}")
    assert card.key == "top.ticket", card.text
    return card


async def paid(shop: World) -> Said:
    """A ticket that its agent has paid; the card that the owner reads."""
    card = await asked(shop)
    before = len(shop.phone.read)
    await tap(shop, card, "✅ Sudah transfer")
    [question] = read_by(shop, "boss", before)
    return question


async def posted(shop: World) -> int:
    return (await shop.store.read(ledger.agent_account, 1)).posted


async def ticket(shop: World, number: int = 1) -> Ticket:
    found = await shop.store.read(tickets.by_number, str(number))
    assert found is not None
    return found


# the agent


async def test_a_ticket_names_an_amount_of_its_own_the_bank_and_the_hour(shop: World) -> None:
    [question] = await shop.say("tiket")
    assert question.text == "Isi saldo berapa? Contoh: 200000"
    assert labels(question) == ["100rb", "200rb", "500rb", "1jt", "✖️ Batal"]
    [card] = await shop.say("200000")
    assert card.text == (
        "Tiket #1: transfer TEPAT Rp200.138\nke BCA 0123456789 a.n. Sri Wahyuni\n"
        "sebelum 18.00. Angka 138 ikut masuk saldo."
    )
    assert labels(card) == ["📋 Salin jumlah", "✅ Sudah transfer", "✖️ Batal"]
    [copied] = await tap(shop, card, "📋 Salin jumlah")
    assert copied.text == "200138"


async def test_in_english_by_words_alone(shop: World) -> None:
    await shop.say("bahasa en")
    [question] = await shop.say("topup")
    assert question.text == "How much? E.g. 200000"
    [card] = await shop.say("200")
    assert card.text == (
        "Ticket #1: transfer EXACTLY Rp200.138\nto BCA 0123456789, Sri Wahyuni\nbefore 18:00. The 138 is credited too."
    )
    [waits] = await shop.say("topup paid")
    assert waits.text == "Ticket #1 is being checked. We will tell you here."
    await shop.say("setuju 1", "boss")
    assert read_by(shop, "budi")[-1].text == "✅ Credited Rp200.138 · 448.000 + 200.138 = 648.138"


@pytest.mark.parametrize("text", ["tiket 200000", "TIKET.200000", "DEP.200000", "topup 200k", "top-up Rp200.000"])
async def test_the_amount_may_stand_in_the_line(shop: World, text: str) -> None:
    [card] = await shop.say(text)
    assert card.text.startswith("Tiket #1: transfer TEPAT Rp200.138\n")


@pytest.mark.parametrize("amount", ["5", "11jt", "banyak", "-5", "0"])
async def test_an_amount_beyond_the_shops_bounds_is_asked_for_again(shop: World, amount: str) -> None:
    [question] = await shop.say(f"tiket {amount}")
    assert question.text == "Tiket bisa dari Rp10.000 sampai Rp10.000.000. Isi saldo berapa?"
    assert keys(await shop.say("1")) == ["top.ticket"]


async def test_never_less_than_what_was_wanted(shop: World) -> None:
    await asked(shop, "200.500")
    assert (await ticket(shop)).amount == 201_138


async def test_one_open_ticket_an_agent(shop: World) -> None:
    card = await asked(shop)
    [again] = await shop.say("tiket 500000")
    assert again.text.startswith("Tiket #1 Rp200.138 masih terbuka. Pakai itu atau batalkan dulu.\nTiket #1: transfer")
    assert labels(again) == labels(card)
    [gone] = await tap(shop, again, "✖️ Batal")
    assert gone.text == "Tiket #1 dibatalkan. Terlanjur transfer? Tekan ini."
    [fresh] = await shop.say("tiket 500000")
    assert fresh.text.startswith("Tiket #2: transfer TEPAT Rp500.275\n")


async def test_the_digits_of_a_ticket_rest_for_a_day_after_it(shop: World) -> None:
    def tails(tx: Tx) -> int:
        agent = people.find_agent(tx, "Budi Cell")
        for _ in range(999):
            made = tickets.make(tx, agent, 1, 50_000, shop.shop, shop.clock())
            assert made is not None
            assert tickets.cancel(tx, made, shop.clock())
        return len({one % 1000 for one in tx.all(int, "ticket_tails", since=0)})

    await shop.say("menu")
    assert await shop.store.write(tails) == 999
    [full] = await shop.say("tiket 50000")
    assert full.key == "top.full"
    shop.clock.forward(DAY)
    [card] = await shop.say("tiket 50000")
    assert card.key == "top.ticket"


async def test_three_undecided_tickets_are_enough(shop: World) -> None:
    for _ in range(3):
        await paid(shop)
    [many] = await shop.say("tiket 200000")
    assert many.key == "top.many"
    await shop.say("setuju 2", "boss")
    assert keys(await shop.say("tiket 200000")) == ["top.ticket"]


async def test_without_a_bank_the_agent_is_told_whom_to_ask(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        [card] = await shop.say("saldo")
        [told] = await tap(shop, card, "➕ Isi saldo")
        assert told.text == (
            "Isi saldo lewat pemilik Toko Uji: hubungi dia langsung dan sebut A001 Budi Cell. "
            "Begitu dicatat, saldo bertambah."
        )


async def test_a_price_beyond_the_balance_proposes_a_ticket_for_what_is_missing(tmp_path: Path) -> None:
    async with world(tmp_path, shop=TICKETS, deposit=30_000) as shop:
        [short] = await shop.say(f"{METER} 50")
        assert short.text.startswith("Saldo kurang Rp22.000: bisa dipakai Rp30.000, perlu Rp52.000.")
        assert labels(short) == ["➕ Isi saldo", "✏️ Ganti nominal"]
        [card] = await tap(shop, short, "➕ Isi saldo")
        assert card.text.startswith("Tiket #1: transfer TEPAT Rp22.138\n")
        assert shop.sandbox.count("PAY") == 0


async def test_a_frozen_agent_and_a_cashier_get_no_ticket(shop: World) -> None:
    def set_up(tx: Tx) -> None:
        people.bind(tx, 1, ("console", "kasir"), shop.shop, shop.clock(), role=Role.CASHIER)
        people.freeze(tx, people.agent(tx, 1), "test", shop.clock())

    await shop.store.write(set_up)
    assert await shop.keys("tiket 200000", "kasir") == ["start.agent"]
    assert await shop.keys("tiket 200000") == ["pay.frozen"]
    assert await shop.keys("tiket sudah 1", "siti") == ["start.customer"]


async def test_a_ticket_is_its_agents_own(shop: World) -> None:
    def other(tx: Tx) -> None:
        people.add_agent(tx, "Siti Cell", ("console", "siti"), shop.shop, shop.clock())

    await shop.store.write(other)
    await asked(shop)
    for line in ("tiket sudah 1", "tiket batal 1", "tiket jumlah #1", "sudah 1", "tiket sudah 99"):
        assert await shop.keys(line, "siti") == ["top.none"]
    assert await shop.keys("tiket sudah", "siti") == ["top.no_ticket"]
    for line in ("setuju 1", "tolak 1 tidak"):
        assert await shop.keys(line) == ["start.agent"]
    assert (await ticket(shop)).state == "open"


async def test_an_open_ticket_reminds_once_and_expires_once_and_can_still_be_paid(shop: World) -> None:
    await asked(shop)
    assert await minute(shop, 5 * HOUR - MINUTE) == []
    [reminder] = await minute(shop, MINUTE)
    assert reminder.text == "⏰ Tiket #1 Rp200.138 berlaku sampai 18.00. Kalau sudah transfer, tekan ini."
    assert await minute(shop, MINUTE) == []
    [over] = await minute(shop, HOUR)
    assert over.text == "Tiket #1 kedaluwarsa. Kalau sudah transfer, tekan ini."
    assert await minute(shop, MINUTE) == []
    assert keys(await tap(shop, over, "✅ Sudah transfer")) == ["top.waiting"]
    [done] = await shop.say("setuju 1", "boss")
    assert done.key == "appr.done"
    assert await posted(shop) == 648_138


async def test_who_said_that_he_paid_is_neither_reminded_nor_expired(shop: World) -> None:
    await paid(shop)
    assert await minute(shop, 5 * HOUR) == []
    assert await minute(shop, 2 * HOUR) == []
    assert (await ticket(shop)).state == "waiting"


async def test_what_was_called_off_can_be_paid_nevertheless(shop: World) -> None:
    card = await asked(shop)
    [gone] = await tap(shop, card, "✖️ Batal")
    assert await shop.keys("setuju 1", "boss") == ["appr.twice"]
    assert keys(await tap(shop, gone, "✅ Sudah transfer")) == ["top.waiting"]
    assert await shop.keys("setuju 1", "boss") == ["appr.done"]


async def test_a_second_tap_on_paid_asks_the_owners_nothing_again(shop: World) -> None:
    await paid(shop)
    before = len(shop.phone.read)
    [waits] = await shop.say("tiket sudah 1")
    assert waits.key == "top.waiting"
    assert read_by(shop, "boss", before) == []
    assert await shop.keys("tiket batal 1") == ["top.waiting"]


@pytest.mark.parametrize("word", ["sudah", "Sudah transfer", "done", "paid", "sudah #1", "✅ sudah"])
async def test_the_plain_word_says_that_the_latest_ticket_was_paid(shop: World, word: str) -> None:
    assert await shop.keys(word) == ["top.none" if "1" in word else "top.no_ticket"]
    await asked(shop)
    before = len(shop.phone.read)
    assert await shop.keys("saldo") == ["bal.card"]  # the ticket's buttons are not the last any more
    assert await shop.keys(word) == ["top.waiting"]
    assert keys(read_by(shop, "boss", before)) == ["appr.card"]
    assert await shop.keys("setuju 1", "boss") == ["appr.done"]
    assert await shop.keys(word) == ["top.state"]


# the owners


async def test_the_owner_finds_the_figure_and_approves_with_one_tap(shop: World) -> None:
    question = await paid(shop)
    assert question.text == "💰 Tiket #1 · A001 Budi Cell · Rp200.138 · 12.00\nCari angka ini di mutasi bank."
    assert labels(question) == ["✅ Setuju", "❌ Tolak", "✏️ Nominal beda"]
    before = len(shop.phone.read)
    [done] = await tap(shop, question, "✅ Setuju", "boss")
    assert done.text == "✅ #1 disetujui boss 12.00. A001: 448.000 + 200.138 = 648.138"
    [told] = read_by(shop, "budi", before)
    assert told.text == "✅ Saldo masuk Rp200.138 · 448.000 + 200.138 = 648.138"
    assert labels(told) == ["⚡ Beli", "📒 Mutasi"]
    [day] = await shop.say("mutasi")
    assert "12.00 tiket #1 +200.138 → 648.138" in day.text


async def test_two_owners_tap_together_and_one_credit_is_booked(shop: World) -> None:
    question = await paid(shop)
    other = [one for one in read_by(shop, "ibu") if one.key == "appr.card"][-1]
    before = len(shop.phone.read)
    for message, who in ((question, "boss"), (other, "ibu"), (question, "boss"), (other, "ibu")):
        await shop.put(next(name for _, shown, name in message.options if shown == "✅ Setuju"), who)
    await shop.settle()
    answers = [one for one in shop.phone.read[before:] if one.to in ("boss", "ibu")]
    assert sorted(keys(answers)) == ["appr.done", "appr.twice_by", "appr.twice_by", "appr.twice_by"]
    assert next(one.text for one in answers if one.key == "appr.twice_by") == (
        "#1 sudah disetujui oleh pemilik toko 12.00. Tidak ada yang berubah."
    )
    assert keys(read_by(shop, "budi", before)) == ["top.done"]
    assert await posted(shop) == 648_138
    found = await sightings.rows(shop, "SELECT debit, credit, amount, actor FROM transfer WHERE kind = 'ticket'")
    assert [tuple(row)[:3] for row in found] == [("cash:bank", "agent:1", 200_138)]


async def test_another_amount_came_and_is_compared_before_it_is_credited(shop: World) -> None:
    question = await paid(shop)
    [asks] = await tap(shop, question, "✏️ Nominal beda", "boss")
    assert asks.text == "Berapa yang benar-benar masuk untuk tiket #1? Contoh: 200000"
    [sure] = await shop.say("150", "boss")
    assert sure.text == "Tiket #1 Budi Cell meminta Rp200.138, yang masuk Rp150.000. Saldo ditambah Rp150.000?"
    assert await posted(shop) == 448_000
    before = len(shop.phone.read)
    [done] = await shop.say("ya", "boss")
    assert done.text.endswith("A001: 448.000 + 150.000 = 598.000")
    [told] = read_by(shop, "budi", before)
    assert told.text == (
        "✅ Saldo masuk Rp150.000 · 448.000 + 150.000 = 598.000\nYang masuk beda dari tiket #1 (Rp200.138)."
    )


async def test_another_amount_typed_in_one_line_and_thought_better_of(shop: World) -> None:
    await paid(shop)
    [sure] = await shop.say("setuju 1 150000", "boss")
    assert sure.key == "appr.sure"
    await shop.say("batal", "boss")
    assert (await ticket(shop)).state == "waiting"
    assert keys(await shop.say("setuju #1 beda", "boss")) == ["appr.amount"]
    assert keys(await shop.say("entah", "boss")) == ["appr.amount"]
    await shop.say("setuju 1", "ibu")
    [sure] = await shop.say("150000", "boss")
    assert keys(await shop.say("1", "boss")) == ["appr.twice_by"]
    assert await posted(shop) == 648_138


async def test_a_rejection_has_a_reason_that_the_agent_reads(shop: World) -> None:
    question = await paid(shop)
    [asks] = await tap(shop, question, "❌ Tolak", "boss")
    assert asks.text == "Kenapa tiket #1 ditolak? Agennya membaca alasan ini."
    assert labels(asks) == ["Belum ada transfer", "✖️ Batal"]
    assert keys(await shop.say(f"{METER} 50", "boss")) != ["appr.rejected"]  # an order is no reason
    await tap(shop, question, "❌ Tolak", "boss")
    before = len(shop.phone.read)
    [done] = await shop.say("1", "boss")
    assert done.text == "❌ #1 ditolak. A001 Budi Cell sudah dikabari."
    [told] = read_by(shop, "budi", before)
    assert told.text == (
        "Tiket #1 ditolak: transfernya belum ada di mutasi bank. Ada yang salah? Hubungi pemilik toko."
    )
    assert await shop.keys("setuju 1", "ibu") == ["appr.twice_by"]
    assert await posted(shop) == 448_000


async def test_a_reason_in_ones_own_words_by_tap_or_in_the_line(shop: World) -> None:
    question = await paid(shop)
    await tap(shop, question, "❌ Tolak", "boss")
    await shop.say("nama pengirim lain", "boss")
    assert read_by(shop, "budi")[-1].text.startswith("Tiket #1 ditolak: nama pengirim lain.")
    await paid(shop)
    [done] = await shop.say("tolak 2 bukan dari rekening Anda", "boss")
    assert done.key == "appr.rejected"
    assert "bukan dari rekening Anda" in read_by(shop, "budi")[-1].text


async def test_the_owner_lists_tickets_with_those_that_wait_first(shop: World) -> None:
    [empty] = await shop.say("tiket", "boss")
    assert empty.key == "appr.empty"
    await paid(shop)
    await asked(shop, "500000")
    [listed] = await shop.say("tiket", "boss")
    assert listed.text == (
        "🎫 2 tiket belum selesai\n#1 A001 Budi Cell Rp200.138 · menunggu 12.00\n"
        "#2 A001 Budi Cell Rp500.275 · terbuka 12.00"
    )
    [card] = await tap(shop, listed, "👁 Lihat #2", "boss")
    assert card.text.endswith("Agennya belum bilang sudah transfer.")
    assert keys(await tap(shop, card, "✅ Setuju", "boss")) == ["appr.done"]
    for line in ("setuju 99", "setuju x", "tolak 99 x", "tiket 99", f"setuju {'9' * 30}"):
        assert await shop.keys(line, "boss") == ["appr.none"]
    assert await shop.keys("setuju", "boss") == ["appr.list"]


async def test_a_late_ticket_that_looks_like_another_is_told_apart(shop: World) -> None:
    await asked(shop)
    await execute(shop, "UPDATE ticket SET state = 'expired', moved_at = 0")
    await asked(shop)
    await execute(shop, "UPDATE ticket SET amount = 200138")
    before = len(shop.phone.read)
    await shop.say("tiket sudah 1")
    [question] = read_by(shop, "boss", before)
    assert "⚠️ Tiket #2 jumlahnya sama. Cocokkan nama pengirimnya." in question.text


async def test_while_the_books_are_wrong_nothing_is_credited(shop: World) -> None:
    question = await paid(shop)
    await shop.store.write(standing.restrict, "violation", "test", shop.clock())
    assert keys(await tap(shop, question, "✅ Setuju", "boss")) == ["appr.closed"]
    assert (await ticket(shop)).state == "waiting"
    assert await posted(shop) == 448_000


# what may go wrong


async def test_killed_between_the_approval_and_its_word_it_is_credited_once_and_told_once(tmp_path: Path) -> None:
    async with world(tmp_path, shop=TICKETS, deposit=448_000) as shop:
        await shop.say("menu", "boss")
        await paid(shop)
        await shop.put("setuju 1", "boss")
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()  # and before a message leaves, the process is gone
        assert read_by(shop, "budi")[-1].key == "top.waiting"
    async with world(tmp_path, shop=TICKETS, at=NOON + HOUR) as shop:
        await shop.settle()
        assert keys(read_by(shop, "budi")) == ["top.done"]
        assert keys(read_by(shop, "boss")) == ["appr.done"]
        assert await shop.keys("setuju 1", "boss") == ["appr.twice_by"]
        assert await posted(shop) == 648_138
        assert await shop.violations() == []


async def test_a_restart_neither_repeats_nor_forgets_a_reminder(tmp_path: Path) -> None:
    async with world(tmp_path, shop=TICKETS) as shop:
        await asked(shop)
        assert keys(await minute(shop, 5 * HOUR)) == ["top.reminder"]
    async with world(tmp_path, shop=TICKETS, at=NOON + 5 * HOUR + MINUTE) as shop:
        assert await minute(shop, MINUTE) == []
        assert keys(await minute(shop, HOUR)) == ["top.expired"]
    async with world(tmp_path, shop=TICKETS, at=NOON + 7 * HOUR) as shop:
        assert await minute(shop, MINUTE) == []


async def test_the_word_of_a_credit_reaches_a_chat_that_was_away(shop: World) -> None:
    await paid(shop)
    shop.phone.outcomes[:] = [Outcome.AWAY] * 2
    await shop.say("setuju 1", "boss")
    shop.phone.outcomes.clear()
    assert "top.done" in keys(await shop.say("saldo"))


async def test_the_audit_finds_a_credit_without_its_ticket_and_a_ticket_without_its_credit(tmp_path: Path) -> None:
    async with world(tmp_path, shop=TICKETS) as shop:
        await shop.say("menu", "boss")
        await paid(shop)
        await shop.say("setuju 1", "boss")
        assert await shop.violations() == []
        await execute(shop, "UPDATE ticket SET credited = 200000")
        [wrong] = await shop.violations()
        assert wrong.startswith("I11")
        await execute(shop, "UPDATE ticket SET credited = 0, state = 'waiting'")
        assert len(await shop.violations()) == 1
        report = await shop.store.read(audit.check)
        assert report.verified["I11 a ticket is credited exactly if it was approved"] == 1
