"""The invariants of the books, verified from the rows themselves: what `setrum check` says, and tests after each step.

Reads everything, changes nothing, trusts no cached balance.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bot.domain.purchase import BY_HAND, TRANSITIONS
from bot.ports import Tx
from bot.services.days import SLOT


@dataclass(frozen=True, slots=True)
class Report:
    """What was verified, each with how many rows it looked at, and every violation in words."""

    verified: dict[str, int]
    violations: list[str]


@dataclass(frozen=True, slots=True)
class _Finding:
    what: str


@dataclass(frozen=True, slots=True)
class _Move:
    id: int
    purchase_id: int
    from_state: str
    event: str
    to_state: str
    actor: str
    reason: str


_EVER = 2**62  # epoch milliseconds
_PAGE = 2_000
_BY_HAND = frozenset(event.value for event in BY_HAND)
_KNOWN = {(before.value, event.value): after.value for (before, event), after in TRANSITIONS.items()}
# invariant → (query of offenders, query that counts what was looked at)
_RULES: dict[str, tuple[str, str]] = {
    "I1 every account is the sum of its transfers": ("check_posted", "check_transfers_count"),
    "I2 what is on hold is the sum of open holds": ("check_held", "check_holds_count"),
    "I3 no guarded account is below zero": ("check_available", "check_accounts_count"),
    "I4 a hold is open exactly while its purchase is": ("check_open_holds", "check_purchases_count"),
    "I5 a sale has its hold posted, its transfers and one credit token": ("check_sales", "check_sales_count"),
    "I6 tokens and references are unique": ("check_unique", "check_tokens_count"),
    "I7 at most one payment a purchase, every answer applied": ("check_payments", "check_exchanges_count"),
    "I8 every settled purchase has been told": ("check_told", "check_settled_count"),
    "I9 the supplier's deposit in the books is its transfers": ("check_deposit", "check_transfers_count"),
    "I11 a ticket is credited exactly if it was approved": ("check_tickets", "check_tickets_count"),
    "I12 the tally of a day is its purchases": ("check_tally", "check_tally_count"),
}


def check(tx: Tx, before: int = _EVER, tallied: int = 0) -> Report:
    """Verify every invariant (money rules §4.2).

    Beside a working shop an answer may lie between its storing and its applying for a moment: `before` (epoch
    milliseconds) leaves out what was stored later. `tallied` leaves out the tally of what was confirmed earlier.
    """
    verified: dict[str, int] = {}
    violations: list[str] = []
    for name, (offenders, count) in _RULES.items():
        parameters = {"first": tallied // SLOT} if offenders == "check_tally" else {}
        verified[name] = tx.one(int, count, **parameters) or 0
        parameters |= {"before": before} if offenders == "check_payments" else {}
        violations += [f"{name}: {row.what}" for row in tx.all(_Finding, offenders, **parameters)]
    name = "I10 purchases move only along the table"
    verified[name] = 0
    last: _Move | None = None
    for move in _moves(tx):
        verified[name] += 1
        violations += [f"{name}: {wrong}" for wrong in _wrong(move, last)]
        last = move
    return Report(verified, violations)


def _moves(tx: Tx) -> Iterator[_Move]:
    """Every move, purchase by purchase, in pages: there are more of them than a machine may hold."""
    after, after_id = 0, 0
    while page := tx.all(_Move, "check_moves", after=after, after_id=after_id, most=_PAGE):
        after, after_id = page[-1].purchase_id, page[-1].id
        yield from page


def _wrong(move: _Move, last: _Move | None) -> list[str]:
    """What is wrong with a move; `last` is the one before it, of the same purchase or of another."""
    label = f"T{move.purchase_id} {move.from_state} --{move.event}--> {move.to_state}"
    found = []
    if _KNOWN.get((move.from_state, move.event)) != move.to_state:
        found.append(label)
    if move.event in _BY_HAND and not (move.actor and move.reason):
        found.append(f"{label} by nobody, or for no reason")
    if last is not None and last.purchase_id == move.purchase_id and last.to_state != move.from_state:
        found.append(f"{label}, but it was {last.to_state}")
    return found
