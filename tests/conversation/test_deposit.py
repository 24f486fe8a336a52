"""An agent reads his deposit: the balance, a day's entries that add up, seven days; as people type and tap."""

import pytest

from bot.clock import DAY, HOUR
from bot.domain.ledger import Transfer
from bot.domain.people import Role
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import ledger, people
from tests.world import Said, World

METER = "54123456789"


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


async def buy(shop: World, order: str = f"{METER} 50") -> None:
    await shop.say(order)
    await shop.say("bayar")


async def pending(shop: World, order: str) -> None:
    """Paid for, and nobody knows yet whether it was sold."""
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await buy(shop, order)


async def hire(shop: World, chat: str) -> None:
    """A cashier on Budi's account."""

    def bind(tx: Tx) -> None:
        people.bind(tx, 1, ("console", chat), shop.shop, shop.clock(), role=Role.CASHIER)

    await shop.store.write(bind)


async def lend(shop: World, amount: int) -> None:
    """The agent owes for a part of what he has."""

    def owe(tx: Tx) -> None:
        ledger.open_account(tx, "receivable:1", guarded=False)
        owed = Transfer("credit:uji", "receivable:1", "agent:1", amount, "credit", actor="test")
        ledger.post(tx, owed, shop.clock())

    await shop.store.write(owe)


async def test_the_balance_says_what_is_on_hold_and_what_can_be_used(shop: World) -> None:
    [plain] = await shop.say("saldo")
    assert plain.text == "Saldo Rp500.000"
    await pending(shop, f"{METER} 50")
    [held] = await shop.say("saldo")
    assert held.text == "Saldo Rp500.000\nTertahan Rp52.000 (1 pembelian)\nBisa dipakai Rp448.000"
    assert "📒 Mutasi" in labels(held)
    [day] = await shop.say("📒 Mutasi")
    assert day.key == "mut.head"


async def test_what_is_owed_is_said_where_something_is_owed(shop: World) -> None:
    await lend(shop, 200_000)
    [card] = await shop.say("saldo")
    assert card.text == "Saldo Rp700.000\nUtang Rp200.000"
    await shop.say("bahasa en")
    [card] = await shop.say("balance")
    assert card.text == "Balance Rp700.000\nOwed Rp200.000"


async def test_a_day_shows_every_entry_with_the_balance_after_it_and_what_is_on_hold(shop: World) -> None:
    await buy(shop)
    shop.clock.forward(HOUR)
    await buy(shop, "54123456780 20")
    await pending(shop, "54123456781 100")
    [day] = await shop.say("mutasi")
    assert day.text == (
        "📒 Mutasi Rab 25 Nov 2026 · Budi Cell\n"
        "Awal 0 + 500.000 − 74.000 = akhir 426.000\n"
        "12.00 isi saldo +500.000 → 500.000\n"
        "12.00 T10001 −52.000 → 448.000\n"
        "13.00 T10002 −22.000 → 426.000\n"
        "⏳ 13.00 T10003 102.000 ditahan, belum dipotong"
    )
    assert labels(day) == ["◀ 24 Nov", "🗓 7 hari"]
    [before] = await shop.say("1")
    assert before.text == "📒 Mutasi Sel 24 Nov 2026 · Budi Cell\nTetap Rp0"


async def test_in_english_the_same_day(shop: World) -> None:
    await buy(shop)
    await shop.say("bahasa en")
    [day] = await shop.say("ledger")
    assert day.text == (
        "📒 Ledger Wed 25 Nov 2026 · Budi Cell\n"
        "Opening 0 + 500.000 − 52.000 = closing 448.000\n"
        "12:00 top-up +500.000 → 500.000\n"
        "12:00 T10001 −52.000 → 448.000"
    )
    assert labels(day) == ["◀ 24 Nov", "🗓 7 days"]


async def test_no_line_of_a_statement_shows_what_the_shop_earns(shop: World) -> None:
    await buy(shop)
    [day] = await shop.say("mutasi")
    assert "51.600" not in day.text
    assert "400" not in day.text.replace("448.000", "")


@pytest.mark.parametrize("when", ["kemarin", "yesterday", "25 Nov", "25/11", "25-11-2026", "25 november 2026", "25"])
async def test_a_day_is_named_as_people_name_days(shop: World, when: str) -> None:
    await buy(shop)
    shop.clock.forward(DAY)
    [day] = await shop.say(f"mutasi {when}")
    assert day.text.startswith("📒 Mutasi Rab 25 Nov 2026")
    assert "T10001 −52.000" in day.text


async def test_seven_days_chain_and_each_leads_to_its_entries(shop: World) -> None:
    await buy(shop)
    shop.clock.forward(2 * DAY)
    await buy(shop, f"{METER} 20")
    [week] = await shop.say("mutasi 7")
    assert week.text.split("\n")[-4:] == [
        "24 Nov: Tetap Rp0",
        "25 Nov: Awal 0 + 500.000 − 52.000 = akhir 448.000",
        "26 Nov: Tetap Rp448.000",
        "27 Nov: Awal 448.000 − 22.000 = akhir 426.000",
    ]
    [day] = await shop.say("25 Nov")
    assert day.text.startswith("📒 Mutasi Rab 25 Nov 2026")


async def test_a_long_day_is_read_page_by_page(shop: World) -> None:
    def credit(tx: Tx) -> None:
        agent = people.find_agent(tx, "Budi Cell")
        for number in range(1, 25):
            people.top_up(tx, agent, number * 1_000, f"lot{number}", "test", shop.shop, shop.clock())

    await shop.store.write(credit)
    seen: list[str] = []
    said = (await shop.say("mutasi"))[0]
    for page in (1, 2, 3):
        *rows, last = said.text.split("\n")[2:]
        assert last == f"Halaman {page} dari 3"
        seen += rows
        if page < 3:
            said = (await shop.say("Berikutnya"))[0]
    assert "Berikutnya" not in labels(said)
    assert len(seen) == 25
    assert seen[-1].endswith("+24.000 → 800.000")
    [beyond] = await shop.say("mutasi hal 99")
    assert beyond.text.endswith("Halaman 3 dari 3")


@pytest.mark.parametrize("when", ["besok", "32/1", "0 Nov", "12 foo", "8x"])
async def test_what_is_no_day_is_answered_with_examples(shop: World, when: str) -> None:
    [asked] = await shop.say(f"mutasi {when}")
    assert asked.key == "mut.when"
    assert labels(asked) == ["📒 Mutasi", "🗓 7 hari"]


async def test_a_cashier_sees_no_statement(shop: World) -> None:
    await hire(shop, "kasir")
    assert await shop.keys("mutasi", "kasir") == ["start.agent"]
    assert await shop.keys("saldo", "kasir") == ["start.agent"]


async def test_the_owner_reads_any_agents_statement_and_the_till_of_his_counter(shop: World) -> None:
    await buy(shop)
    await buy_at_the_counter(shop)
    [day] = await shop.say("mutasi A001 25 Nov", "boss")
    assert "T10001 −52.000 → 448.000" in day.text
    [named] = await shop.say("mutasi budi cell", "boss")
    assert named.text == day.text
    [till] = await shop.say("mutasi", "boss")
    assert till.text == (
        "📒 Kas konter Rab 25 Nov 2026 · Toko Uji\nAwal 0 + 53.000 = akhir 53.000\n12.00 T10002 +53.000 → 53.000"
    )
    [nobody] = await shop.say("mutasi siapa saja", "boss")
    assert nobody.key == "agent.none"


async def buy_at_the_counter(shop: World) -> None:
    await shop.say("54123456780 50", "boss")
    await shop.say("bayar", "boss")


async def test_an_agent_reads_no_statement_but_his_own(shop: World) -> None:
    def other(tx: Tx) -> None:
        people.add_agent(tx, "Siti Cell", ("console", "siti"), shop.shop, shop.clock())

    await shop.store.write(other)
    assert await shop.keys("mutasi A002") == ["mut.when"]
    [day] = await shop.say("mutasi", "siti")
    assert "Siti Cell" in day.text
    assert "500.000" not in day.text
