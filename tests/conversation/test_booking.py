"""An owner books cash, credit and repayments: one confirm, booked once, told to the agent, and the books add up."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clock import DAY, HOUR
from bot.conversation import grammar
from bot.conversation.owner import naming
from bot.domain.ledger import CASH, account_of, receivable_of
from bot.domain.people import Agent, Owner
from bot.domain.rules import Bank
from bot.ports import Tx
from bot.services import crediting, ledger, people, standing
from bot.services.crediting import Kind
from bot.services.people import PeopleError
from tests.services import sightings
from tests.world import SHOP, Said, World, world

OWNERS = (("console", "boss"), ("console", "ibu"))
MONEY = dataclasses.replace(
    SHOP,
    owners=OWNERS,
    partners=(Owner("Pak Budi", OWNERS[:1]), Owner("Ibu Sri", OWNERS[1:])),
    bank=Bank("BCA", "0123456789", "Sri Wahyuni"),
)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    """A shop of two owners, with the agents Budi Cell and Berkah Jaya."""
    async with world(tmp_path, shop=MONEY, deposit=448_000) as made:
        await made.store.write(
            lambda tx: people.add_agent(tx, "Berkah Jaya", ("console", "berkah"), MONEY, made.clock())
        )
        for who in ("boss", "ibu", "budi", "berkah"):
            await made.say("menu", who)
        yield made
        assert await made.violations() == []


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


def keys(said: list[Said]) -> list[str]:
    return [one.key for one in said]


def read_by(shop: World, who: str, since: int = 0) -> list[Said]:
    return [one for one in shop.phone.read[since:] if one.to == who]


async def tap(shop: World, message: Said, label: str, who: str = "boss") -> list[Said]:
    return await shop.say(next(name for _, shown, name in message.options if shown == label), who)


async def posted(shop: World, account: str) -> int:
    return (await shop.store.read(ledger.account, account)).posted


async def transfers(shop: World) -> list[tuple[str, str, int, str]]:
    """What was booked in the chat."""
    return await sightings.rows(
        shop, "SELECT debit, credit, amount, kind FROM transfer WHERE actor LIKE 'owner%' ORDER BY id"
    )


# in one line


async def test_cash_in_one_line_and_one_tap_is_booked_and_told(shop: World) -> None:
    [question] = await shop.say("isi A001 200000", "boss")
    assert question.text == "Isi A001 Budi Cell Rp200.000 tunai? Saldo 448.000 → 648.000."
    assert labels(question) == ["✅ Catat", "✖️ Batal"]
    before = len(shop.phone.read)
    [done] = await tap(shop, question, "✅ Catat")
    assert done.text == "✅ Tercatat. A001 Budi Cell: saldo 648.000"
    [told] = read_by(shop, "budi", before)
    assert told.text == "✅ Saldo masuk Rp200.000 · 448.000 + 200.000 = 648.000"
    assert await transfers(shop) == [(CASH, "agent:1", 200_000, "topup")]


async def test_credit_and_its_repayment_as_the_agent_and_the_owner_read_them(shop: World) -> None:
    [question] = await shop.say("isi budi cell 200rb utang", "boss")
    assert question.text == ("Isi A001 Budi Cell Rp200.000, dicatat utang? Saldo 448.000 → 648.000, utang 0 → 200.000.")
    [done] = await shop.say("ya", "boss")
    assert done.text == "✅ Tercatat. A001 Budi Cell: saldo 648.000 · utang 200.000"
    assert read_by(shop, "budi")[-1].text == (
        "✅ Saldo masuk Rp200.000, dicatat utang · 448.000 + 200.000 = 648.000\nUtang sekarang Rp200.000"
    )
    [question] = await shop.say("bayar A001 150.000", "boss")
    assert question.text == "Terima Rp150.000 dari A001 Budi Cell? Utang 200.000 → 50.000, saldo tetap."
    [done] = await shop.say("1", "boss")
    assert done.text == "✅ Tercatat. A001 Budi Cell: saldo 648.000 · utang 50.000"
    assert read_by(shop, "budi")[-1].text == "✅ Diterima Rp150.000 · sisa utang Rp50.000"
    [card] = await shop.say("saldo")
    assert "Utang Rp50.000" in card.text
    [day] = await shop.say("mutasi")
    assert "isi saldo, utang +200.000 → 648.000" in day.text
    assert await transfers(shop) == [
        ("receivable:1", "agent:1", 200_000, "credit"),
        (CASH, "receivable:1", 150_000, "repaid"),
    ]


async def test_in_english_by_words_alone(shop: World) -> None:
    await shop.say("bahasa en", "boss")
    await shop.say("bahasa en")
    [question] = await shop.say("topup A001 200k credit", "boss")
    assert (
        question.text == "Top up A001 Budi Cell with Rp200.000 on credit? Balance 448.000 → 648.000, owed 0 → 200.000."
    )
    [done] = await shop.say("yes", "boss")
    assert done.text == "✅ Booked. A001 Budi Cell: balance 648.000 · owes 200.000"
    [listed] = await shop.say("owed", "boss")
    assert listed.text == (
        "📒 Receivables Rp200.000 · agents: 1\nA001 Budi Cell Rp200.000 · since 25 Nov\nChoose an agent who pays."
    )
    [amount] = await tap(shop, listed, "A001 Budi Cell")
    assert (amount.text, labels(amount)) == (
        "A001 Budi Cell owes Rp200.000. How much did you receive?",
        ["All Rp200.000", "✖️ Cancel"],
    )
    [question] = await tap(shop, amount, "All Rp200.000")
    assert question.text == "Received Rp200.000 from A001 Budi Cell? Owed 200.000 → 0, balance unchanged."
    await tap(shop, question, "✅ Book it")
    assert read_by(shop, "budi")[-1].text == "✅ Received Rp200.000 · nothing owed any more"
    assert await shop.keys("owed", "boss") == ["owed.none"]


# missing parts


async def test_what_is_missing_is_asked_one_by_one(shop: World) -> None:
    [whom] = await shop.say("isi", "boss")
    assert whom.text == "Isi saldo siapa? Ketik kode atau namanya, atau pilih."
    assert labels(whom) == ["A001 Budi Cell", "A002 Berkah Jaya", "✖️ Batal"]
    [unknown] = await shop.say("siti", "boss")
    assert unknown.text.startswith("Tidak ada agen siti.\nIsi saldo siapa?")
    [much] = await shop.say("berkah", "boss")
    assert much.text == "Isi saldo A002 Berkah Jaya berapa? Contoh: 200000"
    [small] = await shop.say("200", "boss")
    assert small.text == "Rp200? Di sini rupiah ditulis penuh: 200000, atau 200rb."
    assert labels(small) == ["100rb", "200rb", "500rb", "1jt", "✖️ Batal"]
    [how] = await shop.say("2", "boss")
    assert labels(how) == ["💵 Tunai", "📝 Utang", "✖️ Batal"]
    assert await shop.keys("entah", "boss") == ["isi.how"]
    [question] = await tap(shop, how, "📝 Utang")
    assert question.key == "isi.credit"
    await shop.say("batal", "boss")
    assert await transfers(shop) == []


@pytest.mark.parametrize("owed", [9_137, 50_150, 150_500, 1_234_567])
async def test_the_button_for_the_whole_debt_books_it_whatever_its_figures(shop: World, owed: int) -> None:
    await shop.say(f"isi A001 {owed} utang", "boss")
    await shop.say("ya", "boss")
    [question] = await shop.say("bayar A001", "boss")
    (_, label, tap) = question.options[0]
    assert label.startswith("Semua Rp")
    assert await shop.keys(tap, "boss") == ["isi.repay"]


@pytest.mark.parametrize(
    ("line", "key"),
    [
        ("isi A9 200000", "agent.none"),
        ("isi 200000", "isi.whom"),
        ("isi A001", "isi.much"),
        ("isi A001 200", "isi.small"),
        ("isi A001 -5", "isi.much"),
        ("isi konter 200000", "isi.counter"),
        ("bayar A001 150000", "isi.owes_nothing"),
        ("bayar konter 150000", "isi.till_empty"),
        ("bayar A9", "agent.none"),
        ("repay", "owed.none"),
        ("bayar", "pay.none"),
        ("piutang", "owed.none"),
    ],
)
async def test_a_line_that_is_not_whole_is_answered_with_what_it_lacks(shop: World, line: str, key: str) -> None:
    assert await shop.keys(line, "boss") == [key]
    await shop.say("batal", "boss")
    assert await transfers(shop) == []


async def test_more_than_is_owed_is_asked_for_again(shop: World) -> None:
    await shop.say("isi A001 200000 utang", "boss")
    await shop.say("ya", "boss")
    [over] = await shop.say("bayar budi 300000", "boss")
    assert over.text.startswith("Utang A001 Budi Cell hanya Rp200.000. Ketik jumlah lain ya.")
    [question] = await shop.say("200000", "boss")
    assert question.key == "isi.repay"


# once


async def test_a_question_is_answered_once_and_a_second_tap_shows_what_was_booked(shop: World) -> None:
    [question] = await shop.say("isi A001 200000", "boss")
    for _ in range(3):
        await shop.put(next(name for _, shown, name in question.options if shown == "✅ Catat"), "boss")
    before = len(shop.phone.read)
    await shop.settle("boss")
    done = "✅ Tercatat. A001 Budi Cell: saldo 648.000"
    again = f"Sudah selesai tadi, tidak diulang:\n{done}"
    assert [one.text for one in read_by(shop, "boss", before)] == [done, again, again]
    assert len(await transfers(shop)) == 1


async def test_the_same_again_within_a_day_is_said_in_the_question(shop: World) -> None:
    await shop.say("isi A001 200000", "boss")
    await shop.say("ya", "boss")
    shop.clock.forward(HOUR)
    [question] = await shop.say("isi A001 200000 utang", "ibu")
    assert question.text.splitlines()[1] == "⚠️ Rp200.000 untuk A001 Budi Cell sudah dicatat 25 Nov 12.00."
    await shop.say("batal", "ibu")
    shop.clock.forward(DAY)
    [question] = await shop.say("isi A001 200000", "ibu")
    assert "⚠️" not in question.text


async def test_two_owners_who_book_the_same_money_are_asked_once_more(shop: World) -> None:
    [first] = await shop.say("isi A001 200000", "boss")
    [second] = await shop.say("isi A001 200000", "ibu")
    assert "⚠️" not in second.text
    await tap(shop, first, "✅ Catat")
    [again] = await tap(shop, second, "✅ Catat", "ibu")
    assert again.text.splitlines() == [
        "Isi A001 Budi Cell Rp200.000 tunai? Saldo 648.000 → 848.000.",
        "⚠️ Rp200.000 untuk A001 Budi Cell sudah dicatat 25 Nov 12.00.",
    ]
    assert len(await transfers(shop)) == 1
    await tap(shop, again, "✅ Catat", "ibu")
    assert await posted(shop, "agent:1") == 848_000


async def test_two_owners_take_the_same_repayment_and_the_second_is_told_what_is_left(shop: World) -> None:
    await shop.say("isi A001 200000 utang", "boss")
    await shop.say("ya", "boss")
    [first] = await shop.say("bayar A001 200000", "boss")
    [second] = await shop.say("bayar A001 150000", "ibu")
    await tap(shop, first, "✅ Catat")
    [over] = await tap(shop, second, "✅ Catat", "ibu")
    assert over.text == "A001 Budi Cell tidak punya utang."
    assert await posted(shop, "receivable:1") == 0


async def test_cash_that_is_a_tickets_own_transfer_is_not_credited_unseen(shop: World) -> None:
    await shop.say("tiket 200000")
    await shop.say("sudah")
    [question] = await shop.say("isi A001 200000", "boss")
    assert question.text.splitlines()[1].startswith("⚠️ Tiket #1 Rp200.138 dari agen ini belum diputuskan.")
    assert labels(question) == ["✅ Catat", "✖️ Batal", "👁 Lihat #1"]
    shown, asked = await tap(shop, question, "👁 Lihat #1")
    assert (shown.key, asked.key) == ("appr.card", "isi.cash")
    await shop.say("ya", "boss")
    [doubt] = await shop.say("setuju 1", "ibu")
    assert doubt.text.splitlines() == [
        "Tiket #1 A001 Budi Cell: Rp200.138 sudah ada di mutasi bank? Saldo 648.000 → 848.138.",
        "⚠️ Rp200.000 untuk agen ini sudah dicatat langsung 12.00. Jangan sampai uang yang sama.",
    ]
    await shop.say("batal", "ibu")
    assert await posted(shop, "agent:1") == 648_000


async def test_a_large_ticket_is_asked_about_once_more_and_approved_by_name(shop: World) -> None:
    await shop.say("tiket 2jt")
    await shop.say("sudah")
    card = [one for one in read_by(shop, "boss") if one.key == "appr.card"][-1]
    [question] = await tap(shop, card, "✅ Setuju")
    assert question.text == (
        "Tiket #1 A001 Budi Cell: Rp2.000.138 sudah ada di mutasi bank? Saldo 448.000 → 2.448.138."
    )
    [done] = await tap(shop, question, "✅ Setuju")
    assert done.text == "✅ #1 disetujui Pak Budi 12.00. A001: 448.000 + 2.000.138 = 2.448.138"
    [again] = await tap(shop, question, "✅ Setuju")
    assert again.text.endswith(f"\n{done.text}")
    assert await posted(shop, "agent:1") == 2_448_138


# the till, and who may


async def test_the_till_is_emptied_into_the_owners_hands(shop: World) -> None:
    await shop.say("54123456789 50", "boss")
    await shop.say("bayar", "boss")
    [much] = await shop.say("bayar konter", "boss")
    assert much.text == "Kas konter Rp53.000. Diambil berapa?"
    [over] = await shop.say("60000", "boss")
    assert over.text.startswith("Kas konter hanya Rp53.000.")
    [question] = await shop.say("50000", "boss")
    assert question.text == "Ambil Rp50.000 dari kas konter? Kas 53.000 → 3.000."
    [done] = await shop.say("ya", "boss")
    assert done.text == "✅ Tercatat. Kas konter: 3.000"
    assert await transfers(shop) == [(CASH, "agent:counter", 50_000, "repaid")]


async def test_a_payment_that_waits_takes_its_word_and_no_repayment(shop: World) -> None:
    await shop.say("54123456789 50", "boss")
    assert await shop.keys("bayar dong", "boss") == ["pay.word"]
    [question, *_] = (await shop.say("bayar A001 5000", "boss"))[-1:]
    assert question.key == "isi.owes_nothing"
    assert shop.sandbox.count("PAY") == 0


async def test_an_agents_isi_is_a_ticket_and_a_customers_is_a_wish_to_buy(shop: World) -> None:
    assert await shop.keys("isi 200000") == ["top.ticket"]
    assert await shop.keys("isi saldo 200000", "berkah") == ["top.ticket"]
    assert await shop.keys("isi saldo batal", "berkah") == ["top.cancelled"]
    assert await shop.keys("isi token 50", "siti") == ["start.buy_at"]
    assert await shop.keys("bayar A001 5000", "berkah") == ["pay.none"]
    assert await shop.keys("piutang", "berkah") == ["bal.card"]
    assert await shop.keys("bayar A001 5000", "siti") == ["start.customer"]


async def test_while_no_money_may_move_nothing_is_booked(shop: World) -> None:
    await shop.say("isi A001 200000", "boss")
    await shop.store.write(standing.restrict, "violation", "test", shop.clock())
    assert await shop.keys("ya", "boss") == ["isi.closed"]
    assert await transfers(shop) == []


async def test_cash_that_is_booked_while_its_ticket_is_asked_about_is_asked_about_again(shop: World) -> None:
    await shop.say("tiket 1000000")
    await shop.say("sudah")
    [asked] = await shop.say("setuju 1", "boss")
    assert "sudah dicatat langsung" not in asked.text
    await shop.say("isi A001 1000000", "ibu")
    await shop.say("ya", "ibu")
    [again] = await shop.say("ya", "boss")
    assert (again.key, "sudah dicatat langsung" in again.text) == ("appr.confirm", True)
    assert await posted(shop, account_of(1)) == 1_448_000
    assert await shop.keys("ya", "boss") == ["appr.done"]  # it was other money


async def test_a_large_sum_asks_for_the_owners_pin(shop: World) -> None:
    for text in ("pin", "135792", "135792"):
        await shop.say(text, "boss")
    await shop.say("isi A001 100000", "boss")
    assert await shop.keys("ya", "boss") == ["isi.done"]
    await shop.say("isi A001 500000", "boss")
    [asked] = await shop.say("ya", "boss")
    assert asked.text == "🔐 PIN untuk mencatat Rp500.000"
    assert await shop.keys("135792", "boss") == ["isi.done"]


async def test_who_owes_since_when_by_the_oldest_that_is_not_paid(shop: World) -> None:
    for amount, days in ((100_000, 2), (50_000, 3)):
        await shop.say(f"isi A001 {amount} utang", "boss")
        await shop.say("ya", "boss")
        shop.clock.forward(days * DAY)
    [listed] = await shop.say("piutang", "boss")
    assert listed.text.splitlines()[:2] == ["📒 Piutang Rp150.000 · 1 agen", "A001 Budi Cell Rp150.000 · sejak 25 Nov"]
    await shop.say("bayar A001 100000", "boss")
    await shop.say("ya", "boss")
    [listed] = await shop.say("piutang", "boss")
    assert listed.text.splitlines()[1] == "A001 Budi Cell Rp50.000 · sejak 27 Nov"
    [card] = await shop.say("saldo", "boss")
    assert "Piutang Rp50.000" in card.text


# reading


@pytest.mark.parametrize(
    ("text", "rupiah"),
    [
        ("200000", 200_000),
        ("200.000", 200_000),
        ("200", 200),
        ("200rb", 200_000),
        ("200 ribu", 200_000),
        ("Rp150.000", 150_000),
        ("1,5jt", 1_500_000),
        ("Rp1.25 juta", 1_250_000),
        ("1.500jt", 1_500_000_000),
        ("1,5rb", None),
        ("1,555jt", None),
        ("1jt", 1_000_000),
        ("1000000000", 10**9),
        ("", None),
        ("٢٠٠", None),
    ],
)
def test_a_sum_in_the_books_is_whole_rupiah(text: str, rupiah: int | None) -> None:
    assert grammar.rupiah(text) == rupiah


async def test_an_agent_goes_by_code_name_or_how_it_begins(shop: World) -> None:
    def lines(tx: Tx) -> list[tuple[str, str, str]]:
        people.add_agent(tx, "Toko 88", None, MONEY, shop.clock())
        people.add_agent(tx, "Berkah Cell", None, MONEY, shop.clock())
        texts = ("a1 5000", "A0002 5 ribu bon", "berkah j 5000 tunai", "toko 88", "toko 88 5000", "berkah 5000")
        read = [naming.line(tx, text) for text in (*texts, "5000 budi cell on credit", "konter 5000")]
        return [(one.agent.code if one.agent else "?", one.amount, one.how) for one in read]

    assert await shop.store.write(lines) == [
        ("A001", "5000", ""),
        ("A002", "5 ribu", "credit"),
        ("A002", "5000", "cash"),
        ("A003", "", ""),
        ("A003", "5000", ""),
        ("?", "5000", ""),  # two begin so
        ("A001", "5000", "credit"),
        ("A000", "5000", ""),
    ]


# the books


async def test_a_reference_is_booked_once_and_the_command_line_has_to_mean_the_same_again(shop: World) -> None:
    def book(tx: Tx, amount: int, reference: str, *, again: bool) -> None:
        budi = people.agent(tx, 1)
        crediting.book(tx, Kind.CREDIT, budi, amount, reference, "test", MONEY, shop.clock(), again=again)

    await shop.store.write(book, 5_000, "B1", again=False)
    with pytest.raises(PeopleError, match="'B1' was booked already; nothing changed"):
        await shop.store.write(book, 7_000, "B1", again=True)
    with pytest.raises(PeopleError, match="repeat with --again"):
        await shop.store.write(book, 5_000, "B2", again=False)
    await shop.store.write(book, 5_000, "B2", again=True)
    assert await posted(shop, "receivable:1") == -10_000


@settings(max_examples=10)
@given(
    st.lists(st.tuples(st.sampled_from(sorted(Kind)), st.sampled_from([1, 2]), st.integers(1, 500_000)), max_size=25)
)
async def test_whatever_is_booked_every_account_is_its_sum_and_nobody_pays_back_more(
    tmp_path_factory: pytest.TempPathFactory, bookings: list[tuple[Kind, int, int]]
) -> None:
    expected = {1: [0, 0], 2: [0, 0]}  # balance, owed
    async with world(tmp_path_factory.mktemp("books"), shop=MONEY, deposit=0) as shop:

        def book(tx: Tx) -> None:
            people.add_agent(tx, "Berkah Jaya", None, MONEY, shop.clock())
            for number, (kind, agent_id, amount) in enumerate(bookings):
                mine = expected[agent_id]
                agent: Agent = people.agent(tx, agent_id)
                try:
                    crediting.book(tx, kind, agent, amount, f"r{number}", "test", MONEY, shop.clock())
                except PeopleError:
                    assert kind is Kind.REPAID
                    assert amount > mine[1]
                    continue
                mine[0] += amount if kind is not Kind.REPAID else 0
                mine[1] += {Kind.CASH: 0, Kind.CREDIT: amount, Kind.REPAID: -amount}[kind]
            for agent_id, (balance, owed) in expected.items():
                assert ledger.account(tx, account_of(agent_id)).posted == balance
                assert ledger.owed(tx, receivable_of(agent_id)) == owed
            cash = sum(one for kind, _, one in bookings if kind is Kind.CASH)
            lent = sum(balance for balance, _ in expected.values()) - cash
            repaid = lent - sum(owed for _, owed in expected.values())
            assert -ledger.account(tx, CASH).posted == cash + repaid - 10_000_000  # of which the supplier got some

        await shop.store.write(book)
        assert await shop.violations() == []
