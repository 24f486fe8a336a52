"""What the database itself refuses, whatever the code above it believes: the last line behind each check."""

import dataclasses
import sqlite3

import pytest

from bot.clock import SECOND
from bot.domain.ledger import CASH, Transfer
from bot.domain.message import Message, Text
from bot.domain.purchase import Event, Purchase, Quote, State
from bot.domain.supply import Pay
from bot.messaging import inbox, outbox
from bot.messaging.inbox import Inbound
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import decisions, exchanges, ledger, purchases
from bot.services.ledger import LedgerError
from bot.services.purchases import PurchaseError
from bot.store.errors import StoreError
from bot.vsi.client import VsiAccess, VsiClient, Waits
from tests.world import NOON, World

METER = "54123456789"
AGENT = "agent:1"


async def bought(shop: World, behaviour: Behaviour = Behaviour.DROP_UNSOLD) -> Purchase:
    shop.sandbox.force(behaviour)
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    return (await shop.purchases())[-1]


def add(tx: Tx, copy: Purchase) -> None:
    tx.run("purchase_add", **{field.name: getattr(copy, field.name) for field in dataclasses.fields(copy)})


def another(purchase: Purchase, **changed: object) -> Purchase:
    """A second row that differs in everything that identifies it, and in what is asked for."""
    fresh = {
        "id": purchase.id + 1,
        "trxid": f"{purchase.trxid}X",
        "quote_id": "another",
        "payref": None,
        "claim_code": None,
    }
    return dataclasses.replace(purchase, **(fresh | changed))  # type: ignore[arg-type]  # by name


async def test_an_open_purchase_has_no_twin(shop: World) -> None:
    purchase = await bought(shop)
    await shop.store.write(_second_quote, purchase.quote_id)
    with pytest.raises(StoreError, match="UNIQUE"):
        await shop.store.write(add, another(purchase))
    await shop.store.write(add, another(purchase, denomination=20_000))
    await shop.store.write(add, another(purchase, id=99, trxid="Y", quote_id="third", state=State.FAILED))


def _second_quote(tx: Tx, quote_id: str) -> None:
    quote = tx.one(Quote, "quote_by_id", id=quote_id)
    assert quote is not None
    for name in ("another", "third"):
        copy = dataclasses.replace(quote, id=name)
        tx.run("quote_add", **{field.name: getattr(copy, field.name) for field in dataclasses.fields(copy)})


async def test_a_quote_and_a_trxid_belong_to_one_purchase(shop: World) -> None:
    purchase = await bought(shop)
    await shop.store.write(_second_quote, purchase.quote_id)
    for same in ("quote_id", "trxid"):
        copy = another(purchase, denomination=20_000, **{same: getattr(purchase, same)})
        with pytest.raises(StoreError, match=f"UNIQUE constraint failed: purchase.{same}"):
            await shop.store.write(add, copy)


async def test_a_purchase_has_one_payment_on_the_wire(shop: World) -> None:
    purchase = await bought(shop)
    supplier = VsiClient(VsiAccess("http://127.0.0.1:1/", "uji", "rahasia"), Waits(), lambda: NOON)
    request = Pay(purchase.trxid, purchase.denomination, purchase.refnum)
    with pytest.raises(StoreError, match="UNIQUE"):
        await shop.store.write(exchanges.begin, supplier, request, shop.clock(), purchase_id=purchase.id)


async def test_a_change_from_an_old_reading_is_refused(shop: World) -> None:
    purchase = await bought(shop)
    await shop.store.write(purchases.move, purchase, Event.OVERDUE, shop.clock())
    with pytest.raises(PurchaseError, match="no longer UNKNOWN"):
        await shop.store.write(purchases.move, purchase, Event.DECLINED, shop.clock())


async def test_a_deposit_is_never_held_or_spent_below_zero(shop: World) -> None:
    with pytest.raises(StoreError, match="CHECK"):
        await shop.store.write(ledger.hold, 7, 1, 500_001)
    with pytest.raises(StoreError, match="CHECK"):
        await shop.store.write(ledger.post, Transfer("x", AGENT, CASH, 500_001, "test"), NOON)
    await shop.store.write(ledger.hold, 7, 1, 500_000)
    with pytest.raises(StoreError, match="CHECK"):
        await shop.store.write(ledger.post, Transfer("x", AGENT, CASH, 1, "test"), NOON)


async def test_a_hold_ends_once(shop: World) -> None:
    await shop.store.write(ledger.hold, 7, 1, 50_000)
    await shop.store.write(ledger.resolve, 7, posted=False)
    for posted in (True, False):
        with pytest.raises(LedgerError, match="not open"):
            await shop.store.write(ledger.resolve, 7, posted=posted)
    account = await shop.store.read(ledger.agent_account, 1)
    assert (account.posted, account.held) == (500_000, 0)


async def test_a_transfer_is_booked_once_and_its_key_means_one_thing(shop: World) -> None:
    transfer = Transfer("test:1", CASH, AGENT, 10_000, "test")
    booked = [await shop.store.write(ledger.post, transfer, NOON + number) for number in range(3)]
    assert booked == [True, False, False]
    for other in (dataclasses.replace(transfer, amount=10_001), dataclasses.replace(transfer, debit="income:margin")):
        with pytest.raises(LedgerError, match="was booked as"):
            await shop.store.write(ledger.post, other, NOON)
    assert (await shop.store.read(ledger.agent_account, 1)).posted == 510_000


async def test_a_credit_token_belongs_to_one_purchase(shop: World) -> None:
    await bought(shop, Behaviour.SUCCESS)
    [sold] = shop.sandbox.books.sales()
    token: dict[str, int | str] = {"purchase_id": 10_001, "digits": sold.tokens[-1]}
    with pytest.raises(StoreError, match="UNIQUE"):
        await shop.store.write(lambda tx: tx.run("token_add", position=2, is_credit=1, **token))
    await shop.store.write(
        lambda tx: tx.run("token_add", position=2, is_credit=0, **token)
    )  # a key-change token may repeat


@pytest.mark.parametrize("statement", ["UPDATE decision SET reason = 'x'", "DELETE FROM decision"])
async def test_a_decision_stays_as_it_was_taken(shop: World, statement: str) -> None:
    await shop.store.write(decisions.record, "test", actor="Ibu Sri", reason="because", now=NOON)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        await shop.store._writer.run(lambda connection: connection.execute(statement))


async def test_one_cause_queues_one_message(shop: World) -> None:
    await shop.say("halo")
    before = len(shop.phone.read)
    for _ in range(3):
        await shop.store.write(outbox.put, 1, Message(Text("rec.asked")), shop.clock() + SECOND, cause="the same")
    shop.clock.forward(2 * SECOND)
    await shop.settle()
    assert len(shop.phone.read) == before + 1


async def test_a_delivery_of_a_platform_is_stored_once(shop: World) -> None:
    item = Inbound("console", "the same", "budi", "halo", 1, shop.clock())
    assert [await shop.store.write(inbox.put, item, shop.clock()) for _ in range(3)] == [True, False, False]
    assert len(await shop.settle()) == 1


async def test_a_report_is_kept_once(shop: World) -> None:
    file = {"sha256": "a" * 64, "name": "r.csv", "actor": "x", "first_day": "", "last_day": ""}
    figures = {"row_count": 1, "row_total": 51_600, "now": NOON}
    added = [await shop.store.write(lambda tx: tx.run("report_add", **file, **figures)) for _ in range(2)]
    assert added == [1, 0]
