"""What the owner of the year does: money in and out, what is left open, prices, and who may sell."""

from typing import TYPE_CHECKING, Any

from bot.domain.purchase import Purchase
from bot.domain.report import Row
from bot.ports import Tx
from bot.services import adjustments, by_hand, crediting, ledger, people, prices, purchases, reported, tickets
from bot.services.by_hand import Stated, Word
from bot.services.crediting import Kind
from bot.services.prices import Scope
from bot.services.reported import Result
from tests.year.diary import OPEN, Deal
from tests.year.fates import HOUR
from tests.year.people import Seller

if TYPE_CHECKING:
    from tests.year.life import Life

WORD = Word("boss", "looked into it")
_LEAST = 600_000
_AMOUNTS = (1_000_000, 2_000_000, 3_000_000)
_SUPPLIER_LEAST, _SUPPLIER_MORE = 20_000_000, 50_000_000


def morning(life: "Life") -> None:
    """Deposits are filled, debts paid, what stayed open overnight is settled, and now and then a price changes."""
    if _supplier_deposit(life) < _SUPPLIER_LEAST:
        _send_to_supplier(life)
    for seller in life.sellers[1:]:
        if life.shop.view(ledger.agent_account, seller.agent).available < _LEAST:
            _fill(life, seller)
    for deal in life.still_open:
        if deal.state == "MANUAL" and deal.fate != "never settled" and life.true - deal.confirmed_at > 30 * HOUR:
            settle(life, deal)
    chance = life.chance
    if chance.random() < 0.15:
        _change_price(life, chance.choice(life.sellers))
    if chance.random() < 0.25:
        _adjust(life, chance.choice(life.sellers[1:]))
    for seller in life.sellers[1:]:
        if seller.is_frozen and chance.random() < 0.5:
            _freeze(life, seller)
    if chance.random() < 0.05:
        _freeze(life, chance.choice(life.sellers[1:]))


def noon(life: "Life") -> None:
    """Some pay back what they owe."""
    for agent, owed in list(life.diary.owed.items()):
        if owed and life.chance.random() < 0.2:
            _repay(life, agent, owed if life.chance.random() < 0.5 else max(1, owed // 2))


def act(life: "Life", deal: Deal, what: str) -> None:
    """What he does about one purchase, if it is still to be done."""
    match what:
        case "settles" if deal.state in OPEN:
            settle(life, deal)
        case "errs" if deal.state in OPEN:
            life.shop.run(_unsold, deal.number, life.shop.rules, life.shop.now)
            life.diary.did("said not sold")
            life.see(deal)
            life.at(life.true + 40 * HOUR, lambda: decide(life, deal))
        case "finds" | "finds it" if deal.state == "FAILED":
            report(life, deal)
            if what == "finds it":
                life.at(life.true + life.chance.randint(1, 30 * HOUR), lambda: decide(life, deal))
        case "decides":
            life.at(life.true + 3 * HOUR, lambda: decide(life, deal))


def settle(life: "Life", deal: Deal) -> None:
    """By what the supplier's desk says on the telephone."""
    sold = life.supplier.books.by_trxid(deal.trxid)
    if sold is None:
        life.shop.run(_unsold, deal.number, life.shop.rules, life.shop.now)
        life.diary.did("said not sold")
    else:
        stated = Stated(" ".join(sold.tokens), sold.payref, sold.msn, sold.nominal + sold.adm, None, sold.adm)
        life.shop.run(_sold, deal.number, stated, life.shop.rules, life.shop.now)
        life.diary.did("said sold")
        deal.by_hand = True
    life.see(deal)


def report(life: "Life", deal: Deal) -> None:
    """The supplier's report lists a sale that had been given up."""
    one = life.supplier.books.by_trxid(deal.trxid)
    assert one is not None
    row = Row(1, one.trxid, one.payref, one.msn, one.nominal + one.adm, one.adm, "".join(one.tokens), one.sold_at)
    result, number = life.shop.run(reported.apply, row, "report", life.shop.rules, life.shop.now)
    assert (result, number) == (Result.LATE, deal.number)
    life.diary.did("found in a report")
    deal.by_hand = True
    life.see(deal)


def decide(life: "Life", deal: Deal) -> None:
    """A late sale is the shop's loss, or the agent's who agrees and can."""
    if deal.state != "LATE" or deal.decided is not None:
        return
    agent_pays = life.chance.random() < 0.5
    if agent_pays and deal.agent and life.shop.view(ledger.agent_account, deal.agent).available < deal.price:
        agent_pays = False
    life.shop.run(_late, deal.number, life.shop.now, agent_pays=agent_pays)
    how = "paid" if agent_pays else "loss"
    life.diary.decide(deal, life.shop.now, how)
    life.diary.did(f"late: {how}")


# money in and out


def _supplier_deposit(life: "Life") -> int:
    return life.shop.view(ledger.supplier_deposit)


def _send_to_supplier(life: "Life") -> None:
    life.shop.run(people.top_up_supplier, _SUPPLIER_MORE, life.serve(), "boss", life.shop.now)
    life.diary.sent_to_supplier += _SUPPLIER_MORE
    life.diary.till -= _SUPPLIER_MORE
    life.diary.did("supplier topped up")


def _fill(life: "Life", seller: Seller) -> None:
    amount, way = life.chance.choice(_AMOUNTS), life.chance.choice(("cash", "cash", "ticket", "credit"))
    now, reference, diary = life.shop.now, life.serve(), life.diary
    match way:
        case "cash":
            life.shop.run(_booked, Kind.CASH, seller.agent, amount, reference, life.shop.rules, now)
            diary.till += amount
        case "credit":
            life.shop.run(_booked, Kind.CREDIT, seller.agent, amount, reference, life.shop.rules, now)
            diary.owed[seller.agent] = diary.owed.get(seller.agent, 0) + amount
        case "ticket":
            amount = life.shop.run(_ticket, seller, amount, life.shop.rules, now)
    diary.topped_up[seller.agent] += amount
    diary.did(f"top-up: {way}")


def _repay(life: "Life", agent: int, amount: int) -> None:
    life.shop.run(_booked, Kind.REPAID, agent, amount, life.serve(), life.shop.rules, life.shop.now)
    life.diary.owed[agent] -= amount
    life.diary.till += amount
    life.diary.did("paid back")


def _adjust(life: "Life", seller: Seller) -> None:
    amount = life.chance.choice((-20_000, -1_000, 5_000, 30_000))
    if amount < 0 and life.shop.view(ledger.agent_account, seller.agent).available < -amount:
        return
    life.shop.run(_adjusted, seller.agent, amount, life.serve(), life.shop.rules, life.shop.now)
    life.diary.topped_up[seller.agent] += amount
    life.diary.did("correction of a deposit")


# prices and people


def _change_price(life: "Life", seller: Seller) -> None:
    """The counter's own price, or a markup for everybody, an amount, an agent, or an agent and an amount."""
    if not seller.agent:
        seller.fee = life.chance.choice((0, 500, 1_400, 2_000))
        life.shop.connection.execute("UPDATE agent SET fee = ? WHERE id = 0", (seller.fee,))
    else:
        scope = life.chance.choice((0, seller.agent)), life.chance.choice((0, 20_000, 50_000))
        life.markups[scope] = life.chance.choice((-200, 0, 200, 400, 500, 800))
        life.shop.run(_marked, scope, life.markups[scope], life.shop.rules, life.shop.now)
    life.diary.did("price changed")


def _freeze(life: "Life", seller: Seller) -> None:
    seller.is_frozen = not seller.is_frozen
    unit = people.freeze if seller.is_frozen else people.unfreeze
    life.shop.run(_people, unit, seller.agent, life.shop.now)
    life.diary.did("frozen" if seller.is_frozen else "unfrozen")


# units


def _marked(tx: Tx, scope: tuple[int, int], rupiah: int, rules: Any, now: int) -> None:
    prices.change(tx, Scope(*scope), rupiah, "boss", rules, now)


def _people(tx: Tx, unit: Any, agent: int, now: int) -> None:
    assert unit(tx, people.agent(tx, agent), "boss", now)


def _unsold(tx: Tx, number: int, rules: Any, now: int) -> Purchase:
    return by_hand.settle_unsold(tx, purchases.by_id(tx, number), WORD, rules, now)


def _sold(tx: Tx, number: int, stated: Stated, rules: Any, now: int) -> Purchase:
    return by_hand.settle_sold(tx, purchases.by_id(tx, number), stated, WORD, rules, now)


def _late(tx: Tx, number: int, now: int, *, agent_pays: bool) -> Purchase:
    return by_hand.settle_late(tx, purchases.by_id(tx, number), WORD, now, agent_pays=agent_pays)


def _booked(tx: Tx, kind: Kind, agent: int, amount: int, reference: str, rules: Any, now: int) -> None:
    crediting.book(tx, kind, people.agent(tx, agent), amount, reference, "boss", rules, now)


def _ticket(tx: Tx, seller: Seller, amount: int, rules: Any, now: int) -> int:
    made = tickets.make(tx, people.agent(tx, seller.agent), seller.conversation, amount, rules, now)
    assert made is not None
    assert tickets.paid(tx, made, rules, now)
    waiting = tickets.by_number(tx, made.number)
    assert waiting is not None
    assert tickets.approve(tx, waiting, waiting.amount, "boss", rules, now)
    return waiting.amount


def _adjusted(tx: Tx, agent: int, amount: int, reference: str, rules: Any, now: int) -> None:
    adjustments.adjust(tx, people.agent(tx, agent), amount, reference, rules, now, actor="boss", reason="counted")
