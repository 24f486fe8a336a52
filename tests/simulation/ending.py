"""The end of an example: the world becomes quiet, the owner settles the rest, and the books are held against the truth.

The supplier answers every advice truthfully for long enough; whatever hung sells or never will.
"""

from bot.domain import proof
from tests.simulation import owner, reports
from tests.simulation.books import HOUR, Bought
from tests.simulation.simulation import Simulation

_ROUNDS = 4


def settle(here: Simulation) -> None:
    """Bring everything to its end and compare."""
    for trxid in sorted(here.truth.hanging)[::2]:
        here.truth.wake(trxid, here.true)
    here.truth.hanging.clear()
    here.restart(HOUR)
    if here.restricted:
        _reconcile(here)
        owner.release(here)
    here.tend()
    here.check("end")
    for _ in range(_ROUNDS):
        _ask_about_everything(here)
    here.check("end")
    _settle_by_hand(here)
    here.check("end")
    before = set(here.books.settled_strays)
    _reconcile(here)
    _decide(here)
    here.check("end")
    _compare(here, before)


def _ask_about_everything(here: Simulation) -> None:
    for at, number in sorted(here.due_at()):
        here.wait(max(0, at - here.now))
        if flight := here.advise(here.books.bought[number]):
            here.answer_advice(flight, here.honest(flight))


def _settle_by_hand(here: Simulation) -> None:
    here.wait(3 * HOUR)
    for one in here.open():
        if one.state == "CONFIRMED":
            here.dispatch(one, "nothing")  # too old by now: voided
    here.tend()
    for one in here.in_doubt():
        assert one.state == "MANUAL"
        if sold := next(iter(here.truth.of_payment(one.trxid)), None):
            owner.settle_sold(here, one, sold, detailed=False)
        if one.state == "MANUAL":
            owner.settle_unsold(here, one)
    assert here.open() == []


def _reconcile(here: Simulation) -> None:
    """A complete report of everything that the supplier ever sold."""
    here.wait(48 * HOUR)
    first = min((proof.day_of(sold.sold_at) for sold in here.truth.sales), default=proof.day_of(here.now))
    days = (proof.day_of(here.now) - first).days + 1
    reports.import_one(here, days=days, kind="complete", which=0)
    here.check("end")


def _decide(here: Simulation) -> None:
    for one in here.books.bought.values():
        if one.state == "LATE" and not one.decided:
            owner.settle_late(here, one, agent_pays=False)
    for number in range(len(here.books.strays)):
        owner.settle_stray(here, 0, claimed=number % 2 == 0)


def _compare(here: Simulation, before: set[str]) -> None:
    """Every sale belongs to one purchase or is a stray, nobody's money is held, and nothing sold was lost."""
    books = here.books
    owners: dict[str, Bought] = {one.token: one for one in books.bought.values() if one.token is not None}
    assert sum(books.held.values()) == 0
    assert set(owners) | set(books.strays) == {sold.tokens[-1] for sold in here.truth.sales}
    assert not set(owners) & set(books.strays)
    for one in books.bought.values():
        for sold in here.truth.of_payment(one.trxid):
            # a stray that the owner had settled before a report named its purchase stays what he made of it
            is_known = sold.tokens[-1] in owners or sold.tokens[-1] in before
            assert one.state != "FAILED" or is_known, f"{one.number} was sold, and is FAILED"
    assert books.balance["suspense:late"] == 0
