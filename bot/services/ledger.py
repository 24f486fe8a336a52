"""The books: accounts, transfers and holds, each moved only inside a unit together with what caused it.

A transfer happens once per key; a hold is posted or voided once and never by a clock. A balance below zero is the
database's own refusal, so no race can pass it.
"""

from dataclasses import dataclass

from bot.domain.ledger import ADM_DIFFERENCE, CASH, DEPOSIT, LOSS, MARGIN, REBATE, Account, Transfer, account_of
from bot.ports import Tx

_HOUSE = (DEPOSIT, MARGIN, REBATE, ADM_DIFFERENCE, LOSS, CASH)


class LedgerError(Exception):
    """A key was used twice for different things, or a hold was resolved twice: a bug, never a user's mistake."""


@dataclass(frozen=True, slots=True)
class _Booked:
    debit: str
    credit: str
    amount: int


def open_account(tx: Tx, account_id: str, *, guarded: bool) -> None:
    """Make sure that the account exists; a guarded one never falls below zero."""
    tx.run("account_open", id=account_id, guarded=int(guarded))


def open_house(tx: Tx) -> None:
    """The shop's own accounts."""
    for account_id in _HOUSE:
        open_account(tx, account_id, guarded=False)


def account(tx: Tx, account_id: str) -> Account:
    """The account as it stands; an unknown one is a programmer's error."""
    found = tx.one(Account, "account_by_id", id=account_id)
    if found is None:
        raise LedgerError(f"no account {account_id}")
    return found


def agent_account(tx: Tx, agent_id: int) -> Account:
    """The deposit of an agent."""
    return account(tx, account_of(agent_id))


def owed(tx: Tx, receivable_id: str) -> int:
    """What stands on an agent's receivable, in rupiah; 0 where nothing was ever sold on credit."""
    found = tx.one(Account, "account_by_id", id=receivable_id)
    return -found.posted if found is not None else 0


def supplier_deposit(tx: Tx) -> int:
    """What the books believe is left at the supplier, in rupiah: an asset, so its credits are what was spent."""
    return -account(tx, DEPOSIT).posted


def noted_deposit(tx: Tx) -> int | None:
    """The same as people read it; None as long as nobody noted what was sent there, for then it only counts sales."""
    return supplier_deposit(tx) if tx.one(int, "deposit_is_noted", account=DEPOSIT) else None


def post(tx: Tx, transfer: Transfer, now: int) -> bool:
    """Book the transfer; False if it was booked before. Raises `LedgerError` if its key means something else."""
    fresh = tx.run(
        "transfer_add",
        idem_key=transfer.key,
        debit=transfer.debit,
        credit=transfer.credit,
        amount=transfer.amount,
        kind=transfer.kind,
        purchase_id=transfer.purchase_id,
        actor=transfer.actor,
        reason=transfer.reason,
        created_at=now,
    )
    if not fresh:
        booked = tx.one(_Booked, "transfer_by_key", idem_key=transfer.key)
        if booked != _Booked(transfer.debit, transfer.credit, transfer.amount):
            raise LedgerError(f"{transfer.key} was booked as {booked}")
        return False
    tx.run("account_post", id=transfer.credit, amount=transfer.amount)
    tx.run("account_post", id=transfer.debit, amount=-transfer.amount)
    return True


def hold(tx: Tx, purchase_id: int, agent_id: int, amount: int) -> None:
    """Set the amount aside for the purchase; the database refuses what the account does not have."""
    account_id = account_of(agent_id)
    tx.run("hold_open", purchase_id=purchase_id, account_id=account_id, amount=amount)
    tx.run("account_hold", id=account_id, amount=amount)


def resolve(tx: Tx, purchase_id: int, *, posted: bool) -> None:
    """End the open hold, exactly once."""
    amount = tx.one(int, "hold_amount", purchase_id=purchase_id)
    if amount is None or not tx.run("hold_resolve", purchase_id=purchase_id, state="posted" if posted else "voided"):
        raise LedgerError(f"the hold of purchase {purchase_id} is not open")
    tx.run("account_release", purchase_id=purchase_id, amount=amount)
