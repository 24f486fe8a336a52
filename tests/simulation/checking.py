"""What must hold after every step: the audit, the model's books, the supplier's truth, and that everybody was told."""

from typing import TYPE_CHECKING

from bot.sandbox.ledger import Sold
from bot.services import audit, breaker
from tests.simulation.books import Bought, account

if TYPE_CHECKING:
    from tests.simulation.simulation import Simulation

_MOVES = {  # what may happen to the breaker in a step of each kind
    "answer": {("closed", "open"), ("half", "open"), ("half", "closed"), ("closed", "closed")},
    "reopen": {("open", "half")},
}


def everything(here: "Simulation", step: str) -> None:
    """Raise on the first thing that does not hold."""
    _audit(here)
    _states(here)
    _accounts(here)
    _tokens(here)
    _told(here)
    _breaker(here, step)


def _audit(here: "Simulation") -> None:
    found = here.shop.view(audit.check).violations
    waiting = set() if here.restricted else set(here.stored)
    for exchange in waiting:
        words = f"the answer of exchange {exchange} about T{here.stored[exchange].number} was never applied"
        found.remove(f"I7 at most one payment a purchase, every answer applied: {words}")
    assert not found, f"the audit: {found}"


def _states(here: "Simulation") -> None:
    real = dict(here.shop.rows("SELECT id, state FROM purchase"))
    wanted = {one.number: one.state for one in here.books.bought.values()}
    assert real == wanted, f"the shop says {real}, the model {wanted}"


def _accounts(here: "Simulation") -> None:
    held = {account(agent): amount for agent, amount in here.books.held.items()}
    for name, posted, on_hold in here.shop.rows("SELECT id, posted, held FROM account"):
        wanted = (here.books.balance[name], held.get(name, 0))
        assert (posted, on_hold) == wanted, f"{name} has {posted} and holds {on_hold}, the model says {wanted}"


def _tokens(here: "Simulation") -> None:
    """Every token of a purchase is one that the supplier sold on its meter, for its amount, by its payment."""
    rows = here.shop.rows("SELECT purchase_id, digits FROM vended_token WHERE is_credit = 1")
    assert dict(rows) == {one.number: one.token for one in here.books.bought.values() if one.token is not None}
    for number, token in rows:
        one, sold = here.books.bought[number], here.truth.by_token(token)
        assert sold is not None, "a token that nobody sold"
        assert (sold.msn, sold.nominal) == (one.msn, one.nominal)
        if sold.trxid != one.trxid:
            _may_be_taken_for(here, one, sold)


def _may_be_taken_for(here: "Simulation", one: Bought, sold: Sold) -> None:
    """What the contract cannot tell apart, for an advice names no trxid (docs/proof/model.md, limits)."""
    assert sold.trxid, "a foreign token was handed out"
    owner = next((other for other in here.books.bought.values() if other.trxid == sold.trxid), None)
    if owner is not None:
        assert owner.state == "FAILED" or owner.token is not None, "the token of an open purchase"
        here.limits[one.trxid, sold.id] = "given up, sold after all, taken for its successor"
    else:
        assert here.forgotten is not None
        here.limits[one.trxid, sold.id] = "forgotten by a restore that was released without a report"


def _told(here: "Simulation") -> None:
    words = {"SUCCESS": "done", "FAILED": "failed", "LATE": "late"}
    said = {
        ":".join(row[0].split(":")[:3])
        for row in here.shop.rows("SELECT cause FROM outbox WHERE class = 'critical' AND purchase_id > 0")
    }
    for one in here.books.bought.values():
        if one.state in words:
            assert f"sale:{one.number}:{words[one.state]}" in said, f"nobody was told of T{one.number}"


def _breaker(here: "Simulation", step: str) -> None:
    before, here.position = here.position, here.shop.view(breaker.read).state
    if before is not here.position:
        allowed = _MOVES["reopen" if step == "reopen" else "answer"]
        assert (before.value, here.position.value) in allowed, (step, before, here.position)
