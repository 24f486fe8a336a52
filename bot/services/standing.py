"""Whether this database may sell at all: the supplier that it is bound to, and the read-only mode.

Read-only means: nothing is sold and no money moves; what the supplier says meanwhile is stored and applied when an
owner, or a complete reconciliation, lifts it. Never lifts anything by itself.
"""

from dataclasses import dataclass

from bot.domain.purchase import Purchase
from bot.domain.supply import Identity
from bot.ports import Tx
from bot.services import decisions
from bot.services.decisions import DecisionError


class StandingError(Exception):
    """A database may not be used so; the text says what to do."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """Why the database is read-only: `restored` (a copy that does not know what was sold since) or `violation`.

    Epoch milliseconds; `copied_at` is when the backup was made, `since` when the copy was put in place.
    """

    kind: str
    detail: str
    since: int
    copied_at: int | None


def bind(tx: Tx, identity: Identity, now: int) -> None:
    """Bind the database to the supplier of its first exchange. Raises `StandingError` for any other (money rules §4.7).

    Test and live tokens in one database could not be told apart.
    """
    if not tx.run("binding_add", host=identity.host, cid=identity.cid, now=now):
        hold_to(tx, identity)


def hold_to(tx: Tx, identity: Identity) -> None:
    """Raise `StandingError` if the database belongs to another supplier; an unbound one belongs to nobody."""
    bound = tx.one(Identity, "binding")
    if bound is not None and bound != identity:
        raise StandingError(
            f"this database belongs to client {bound.cid} at {bound.host}, the settings name {identity.cid} at "
            f"{identity.host}: correct VSI_URL and VSI_CID, or take another DATABASE_URL; "
            "`setrum rebind` moves it, once nothing is open"
        )


def rebind(tx: Tx, identity: Identity, actor: str, reason: str, now: int) -> Identity | None:
    """Bind the database to another supplier, with nothing open; returns the old one. Raises `DecisionError`."""
    still = tx.all(Purchase, "purchase_open_list")
    if still:
        raise DecisionError(f"{len(still)} purchases are still open at the old supplier, {still[0].sale} first")
    bound = tx.one(Identity, "binding")
    decisions.record(tx, "rebind", actor=actor, reason=reason, now=now)
    tx.run("binding_add", host=identity.host, cid=identity.cid, now=now)
    tx.run("binding_change", host=identity.host, cid=identity.cid, now=now)
    return bound


def restriction(tx: Tx) -> Restriction | None:
    """Why the database is read-only; None while it is not."""
    return tx.one(Restriction, "restriction")


def restrict(tx: Tx, kind: str, detail: str, now: int, copied_at: int | None = None) -> bool:
    """Make the database read-only; False if it was already, for whatever reason."""
    return bool(tx.run("restriction_add", kind=kind, detail=detail[:1000], now=now, copied_at=copied_at))


def put_in_place(tx: Tx, now: int) -> None:
    """A copy that comes to life by whatever way: from its making until now it does not know what was sold."""
    tx.run("restriction_put_in_place", now=now)


def lift(tx: Tx, actor: str, reason: str, now: int) -> Restriction:
    """End the read-only mode; `settlement.doubt_restored` has to come first in the same unit.

    Raises `DecisionError` where there is none, or without a name and a reason.
    """
    lifted = restriction(tx)
    if lifted is None:
        raise DecisionError("this database is not read-only: there is nothing to release")
    decisions.record(tx, f"release:{lifted.kind}", actor=actor, reason=reason, now=now)
    tx.run("restriction_remove")
    tx.signal("purchase")
    return lifted


def need_writable(tx: Tx) -> None:
    """Raise `StandingError` in read-only mode: no money moves in it."""
    found = restriction(tx)
    if found is not None:
        raise StandingError(
            f"this database is read-only ({found.kind}): {found.detail}; `setrum reconcile` or `setrum release` ends it"
        )
