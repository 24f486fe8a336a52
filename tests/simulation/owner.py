"""What the owner does to a simulated shop: settles by hand, decides late sales and strays, restores and releases.

The owner reads the supplier's own answers: he never invents a token and never calls a made-up sale sold. When he says
`not sold`, he may be wrong.
"""

from dataclasses import dataclass
from typing import Any

from bot.domain.purchase import Purchase
from bot.domain.supply import Inquire, Reply, Transport
from bot.sandbox import answers as wire
from bot.sandbox.customers import customer
from bot.sandbox.ledger import Sold
from bot.services import (
    adjustments,
    breaker,
    by_hand,
    crediting,
    people,
    prices,
    purchases,
    reconciliation,
    settlement,
    standing,
    strays,
    tickets,
)
from bot.services.breaker import Position, Way
from bot.services.by_hand import Stated, Word
from bot.services.crediting import Kind
from bot.services.decisions import DecisionError
from bot.services.people import PeopleError
from bot.services.prices import Scope
from bot.services.standing import StandingError
from tests.simulation.answers import Shown
from tests.simulation.books import COUNTER, DOUBT, HOUR, Books, Bought, account
from tests.simulation.shop import RULES
from tests.simulation.simulation import MINUTE, Simulation, Told
from tests.simulation.truth import ADM

WORD = Word("boss", "the supplier said so")


@dataclass(frozen=True, slots=True)
class Backup:
    """A copy of the shop's database, and of what the model knew then."""

    data: bytes
    books: Books
    stored: dict[int, Told]
    applied: dict[int, Told]
    made_at: int
    true: int


def settle_sold(here: Simulation, one: Bought, sold: Sold, *, detailed: bool) -> None:
    """The owner types the token of a sale, with or without everything else that the supplier's answer says."""
    dated = sold.sold_at + here.truth.habits.clock_ahead
    total = one.nominal + one.adm  # the quoted fee: the answer's own is no part of what is typed
    stated = Stated(" ".join(sold.tokens), sold.payref, sold.msn, sold.nominal + sold.adm, dated)
    shown = Shown(sold, sold.msn, sold.nominal + sold.adm, None, sold.tokens[-1], sold.payref, dated)
    if not detailed:
        stated = Stated("-".join(sold.tokens))
        shown = Shown(sold, one.msn, total, None, sold.tokens[-1], None, None)
    before = one.state
    direct = not detailed or before == "FAILED"
    verdict = here.books.gate(one, shown, here.now, direct=direct)
    may = not here.restricted and (before == "FAILED" or _is_old_enough(here, one)) and not verdict.veto
    try:
        here.shop.run(_sold, one.number, stated, here.now)
    except (DecisionError, StandingError):
        assert not may, f"the owner was refused: {before} {verdict}"
        here.books.seen["OWNER sold, refused", before] += 1
        return
    assert may, f"the owner was not refused: {before} {verdict}"
    here.books.seen["OWNER sold", before] += 1
    here.books.sold(one, shown, verdict)


def settle_unsold(here: Simulation, one: Bought) -> None:
    """The owner says that nothing was sold."""
    before = one.state
    may = not here.restricted and _is_old_enough(here, one)
    try:
        here.shop.run(_unsold, one.number, here.now)
    except (DecisionError, StandingError):
        assert not may
        here.books.seen["OWNER not sold, refused", before] += 1
        return
    assert may, f"{one.state} settled by hand"
    here.books.seen["OWNER not sold", before] += 1
    here.books.fail(one)


def _is_old_enough(here: Simulation, one: Bought) -> bool:
    age = here.now - (one.sent_at or one.confirmed_at)
    return one.state == "MANUAL" or (one.state in DOUBT and age >= 10 * MINUTE)


def settle_late(here: Simulation, one: Bought, *, agent_pays: bool) -> None:
    """A late sale is the shop's loss, or the agent pays."""
    before = one.state
    can_pay = not agent_pays or one.agent == 0 or here.books.available(one.agent) >= one.price
    may = not here.restricted and before == "LATE" and not one.decided and can_pay
    try:
        here.shop.run(_late, one.number, here.now, agent_pays=agent_pays)
    except (DecisionError, StandingError):
        assert not may
        here.books.seen["OWNER late, refused", before] += 1
        return
    assert may
    here.books.seen["OWNER late: agent pays" if agent_pays else "OWNER late: loss", before] += 1
    one.decided = True
    payer, paid = (account(one.agent), one.price) if agent_pays else ("expense:loss", one.nominal + one.adm)
    here.books.pay_supplier(one, payer, paid)


def settle_stray(here: Simulation, which: int, *, claimed: bool) -> None:
    """A stray's money comes back from the supplier, or is lost."""
    found = here.shop.view(strays.opened)
    if not found:
        return
    stray = found[which % len(found)]
    try:
        here.shop.run(strays.settle, stray.id, claimed=claimed, actor="boss", reason="asked", now=here.now)
    except StandingError:
        assert here.restricted
        return
    assert not here.restricted
    here.books.move("vsi:deposit" if claimed else "expense:loss", "suspense:late", stray.total)
    here.books.settled_strays.add(stray.token)


def backup(here: Simulation) -> Backup:
    """Copy the database beside the running shop."""
    return Backup(
        here.shop.connection.serialize(),
        here.books.snapshot(),
        dict(here.stored),
        dict(here.applied),
        here.now,
        here.true,
    )


def restore(here: Simulation, copy: Backup) -> None:
    """The disk is lost; the copy takes its place and knows nothing of what came after it."""
    here.drop_flights()
    here.shop.connection.deserialize(copy.data)
    here.books, here.stored, here.applied = copy.books.snapshot(), dict(copy.stored), dict(copy.applied)
    here.changes = -1
    here.position = here.shop.view(breaker.read).state
    mark = {"detail": "a copy", "since": 0, "copied_at": copy.made_at}
    here.shop.connection.execute(here.shop.statements["restriction_mark"], mark)
    earlier = here.forgotten[0] if here.forgotten and here.restricted == "restored" else copy.true
    here.restricted, here.forgotten = "restored", (min(earlier, copy.true), here.true)
    here.shop.restart()
    here.tend()


def restrict(here: Simulation) -> None:
    """The nightly audit finds a broken invariant."""
    made = here.shop.run(standing.restrict, "violation", "the audit said so", here.now)
    assert made == (not here.restricted)
    here.restricted = here.restricted or "violation"


def release(here: Simulation) -> None:
    """The owner ends the read-only mode."""
    if not here.restricted:
        return
    here.shop.run(_release, here.now)
    here.released()


def top_up(here: Simulation, agent: int, amount: int, reference: str, *, again: bool) -> None:
    """Cash into a deposit; a reference is booked once, the same amount within a day only when repeated."""
    books = here.books
    key = books.references.get(reference)
    since = here.now - 24 * HOUR
    alike = any((who, much) == (agent, amount) and at >= since for who, much, at in books.top_ups)
    try:
        here.shop.run(_top_up, agent, amount, reference, here.now, again=again)
    except (PeopleError, StandingError):
        assert here.restricted or key is not None or (alike and not again)
        return
    assert not here.restricted
    assert key is None
    assert again or not alike
    books.references[reference] = (agent, amount)
    books.top_ups.append((agent, amount, here.now))
    books.move("cash:till", account(agent), amount)


def credit(here: Simulation, agent: int, amount: int, reference: str, *, repaid: bool) -> None:
    """A deposit sold on credit, or paid back: once a reference, and never more than is owed."""
    books, kind = here.books, Kind.REPAID if repaid else Kind.CREDIT
    debtor = account(agent) if agent == COUNTER else f"receivable:{agent}"
    key = (kind, reference)
    wrong = here.restricted or key in books.credited or (repaid and amount > -books.balance[debtor])
    wrong = wrong or (agent == COUNTER and not repaid)
    try:
        here.shop.run(_credit, kind, agent, amount, reference, here.now)
    except (PeopleError, StandingError):
        assert wrong
        return
    assert not wrong
    books.credited.add(key)
    books.move("cash:till" if repaid else debtor, debtor if repaid else account(agent), amount)


def ticket(here: Simulation, agent: int, came: int) -> None:
    """A ticket is made, expires or not, and is approved by two owners: one of them credits what came."""
    number = here.shop.run(_ticket, agent, here.now)
    try:
        credited = [here.shop.run(_approve, number, came, here.now) for _ in range(2)]
    except StandingError:
        assert here.restricted
        return
    assert not here.restricted
    assert credited == [True, False]
    here.books.move("cash:bank", account(agent), came)


def adjust(here: Simulation, agent: int, amount: int, reference: str) -> None:
    """A correction by hand: once a reference, a limit a day over all agents, never below what is held."""
    books, limit = here.books, RULES.adjust_limit
    today = sum(much for _, much, at in books.adjusted if _day(at) == _day(here.now))
    wrong = (
        here.restricted
        or reference in {name for name, _, _ in books.adjusted}
        or today + abs(amount) > limit
        or (amount < 0 and books.available(agent) + amount < 0)
    )
    try:
        here.shop.run(_adjust, agent, amount, reference, here.now)
    except (DecisionError, StandingError):
        assert wrong
        return
    assert not wrong
    books.adjusted.append((reference, abs(amount), here.now))
    books.move("equity:adjust", account(agent), amount)


def _day(at: int) -> int:
    return (at + 7 * HOUR) // (24 * HOUR)


def freeze(here: Simulation, agent: int) -> None:
    """Freeze an account, or thaw it."""
    here.books.frozen ^= {agent}
    state = "frozen" if agent in here.books.frozen else "active"
    here.shop.connection.execute("UPDATE agent SET state = ? WHERE id = ?", (state, agent))


def set_markup(here: Simulation, agent: int, markup: int) -> None:
    """The owner changes what an agent pays."""
    here.books.markup[agent] = markup
    here.shop.connection.execute("UPDATE agent SET fee = ? WHERE id = ?", (max(markup, 0), agent))
    if agent:
        here.shop.run(prices.change, Scope(agent), markup, "boss", RULES, here.now)


def reopen(here: Simulation, *, by_probe: bool) -> None:
    """A good inquiry half-opens the breaker where it may, else the owner does."""
    if not by_probe:
        here.shop.run(breaker.try_again, "boss", "tried", here.now)
        return
    before = here.shop.view(breaker.read)
    worker = here.shop.workers.probe()
    if (request := here.shop.begin(worker)) is None:
        return
    assert isinstance(request, Inquire)
    found = wire.inquiry(customer(request.number), f"{int(here.serve()):032X}", ADM, 0)
    here.shop.finish(worker, Reply(Transport.ANSWERED, 200, found))
    assert here.shop.view(breaker.read).state is Position.HALF
    assert before.way_back is Way.PROBE


def _sold(tx: Any, number: int, stated: Stated, now: int) -> Purchase:
    return by_hand.settle_sold(tx, purchases.by_id(tx, number), stated, WORD, RULES, now)


def _unsold(tx: Any, number: int, now: int) -> Purchase:
    return by_hand.settle_unsold(tx, purchases.by_id(tx, number), WORD, RULES, now)


def _late(tx: Any, number: int, now: int, *, agent_pays: bool) -> Purchase:
    return by_hand.settle_late(tx, purchases.by_id(tx, number), WORD, now, agent_pays=agent_pays)


def _release(tx: Any, now: int) -> None:
    settlement.doubt_restored(tx, RULES, now, 0.0)
    standing.lift(tx, "boss", "looked at it", now)
    reconciliation.apply_waiting(tx, RULES, now)
    breaker.tell_opening(tx, now)


def _adjust(tx: Any, agent: int, amount: int, reference: str, now: int) -> None:
    one = people.agent(tx, agent)
    adjustments.adjust(tx, one, amount, reference, RULES, now, actor="boss", reason="counted again")


def _credit(tx: Any, kind: Kind, agent: int, amount: int, reference: str, now: int) -> None:
    crediting.book(tx, kind, people.agent(tx, agent), amount, reference, "boss", RULES, now)


def _ticket(tx: Any, agent: int, now: int) -> str:
    made = tickets.make(tx, people.agent(tx, agent), 1, 50_000, RULES, now)
    assert made is not None
    return made.number


def _approve(tx: Any, number: str, came: int, now: int) -> bool:
    found = tickets.by_number(tx, number)
    assert found is not None
    return tickets.approve(tx, found, came, "boss", RULES, now)


def _top_up(tx: Any, agent: int, amount: int, reference: str, now: int, *, again: bool) -> None:
    people.top_up(tx, people.agent(tx, agent), amount, reference, "boss", RULES, now, again=again)
