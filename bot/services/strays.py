"""Sales at the supplier that no purchase owns: a second sale for one trxid, or one that nobody here asked for.

Its token becomes known, so that no advice can hand it out, and its money waits in suspense until the owner has claimed
it from the supplier or booked it as loss.
"""

from dataclasses import dataclass

from bot.domain.ledger import DEPOSIT, LOSS, SUSPENSE, Transfer
from bot.domain.supply import Sale
from bot.ports import Tx
from bot.services import decisions, ledger, standing
from bot.services.decisions import DecisionError


@dataclass(frozen=True, slots=True)
class Stray:
    """One such sale. `total` is rupiah with admin, `state` is open, claimed, loss, or adopted by its purchase."""

    id: int
    idem_key: str
    kind: str
    purchase_id: int | None
    trxid: str
    msn: str
    total: int
    token: str
    payref: str
    paid_at: int | None
    source: str
    state: str
    found_at: int

    @property
    def sale(self) -> str:
        """The short number that people say."""
        return f"S{self.id}"


def found(
    tx: Tx, kind: str, sale: Sale, now: int, *, trxid: str = "", source: str, purchase_id: int | None = None
) -> bool:
    """Keep the sale and put its cost in suspense; False if it was known. `kind` is `double` or `unknown`.

    In a read-only database it is only made known: no money moves there, `post_waiting` does so afterwards.
    """
    token = sale.tokens[-1] if sale.tokens else ""
    payref = sale.payref or ""
    key = token or payref or f"{trxid}:{sale.msn}:{sale.total}:{sale.paid_at}"
    fresh = tx.run(
        "stray_add",
        idem_key=key,
        kind=kind,
        purchase_id=purchase_id,
        trxid=trxid,
        msn=sale.msn,
        total=sale.total or 0,
        token=token,
        payref=payref,
        paid_at=sale.paid_at,
        source=source,
        now=now,
    )
    kept = tx.one(Stray, "stray_by_key", idem_key=key) if fresh else None
    if kept is not None and standing.restriction(tx) is None:
        _post(tx, kept, now)
    return kept is not None


def post_waiting(tx: Tx, now: int) -> None:
    """Book every open stray's cost that is not booked yet: suspense → the supplier's deposit, once each."""
    for stray in opened(tx):
        _post(tx, stray, now)


def _post(tx: Tx, stray: Stray, now: int) -> None:
    if stray.total:
        ledger.open_account(tx, SUSPENSE, guarded=False)
        ledger.post(tx, Transfer(f"stray:{stray.id}", SUSPENSE, DEPOSIT, stray.total, "stray"), now)


def opened(tx: Tx) -> list[Stray]:
    """Those that nobody has settled, oldest first."""
    return tx.all(Stray, "stray_open_list")


def by_number(tx: Tx, number: int) -> Stray | None:
    """The one that people call `S3`, whatever became of it."""
    return tx.one(Stray, "stray_by_id", id=number)


def of_purchase(tx: Tx, purchase_id: int) -> list[Stray]:
    """Second sales for one purchase."""
    return tx.all(Stray, "stray_of_purchase", purchase_id=purchase_id)


def is_known(tx: Tx, sale: Sale) -> bool:
    """Whether the sale's credit token or reference belongs to a stray."""
    token = sale.tokens[-1] if sale.tokens else ""
    return bool(tx.one(int, "stray_knows", token=token, payref=sale.payref or ""))


def adopt(tx: Tx, sale: Sale, now: int) -> bool:
    """The sale is a purchase's own after all, by its trxid: its cost leaves suspense.

    False if no open stray is it, or if more than one could be.
    """
    token = sale.tokens[-1] if sale.tokens else ""
    stray = tx.one(Stray, "stray_by_key", idem_key=token) if token else None
    if stray is None or tx.one(int, "stray_knows", token=token, payref=sale.payref or "") != 1:
        return False
    if not tx.run("stray_settle", id=stray.id, state="adopted"):
        return False
    _post(tx, stray, now)  # what was found while read-only may not be booked yet
    if stray.total:
        ledger.post(tx, Transfer(f"stray:{stray.id}:adopted", DEPOSIT, SUSPENSE, stray.total, "stray"), now)
    return True


def settle(tx: Tx, stray_id: int, *, claimed: bool, actor: str, reason: str, now: int) -> Stray:
    """The supplier gave the money back (`claimed`), or the shop bears it. Raises `DecisionError` if it is settled."""
    standing.need_writable(tx)
    stray = by_number(tx, stray_id)
    if stray is None or stray.state != "open":
        raise DecisionError(f"stray {stray_id} is {'unknown' if stray is None else stray.state}")
    state = "claimed" if claimed else "loss"
    decisions.record(tx, f"stray:{state}", actor=actor, reason=reason, now=now, stray_id=stray_id)
    post_waiting(tx, now)
    tx.run("stray_settle", id=stray_id, state=state)
    if stray.total:
        debit = DEPOSIT if claimed else LOSS
        ledger.post(tx, Transfer(f"stray:{stray_id}:{state}", debit, SUSPENSE, stray.total, "stray", actor=actor), now)
    return stray
