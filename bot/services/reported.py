"""One row of the supplier's report: whose sale it is, and what it does to the books.

Evidence like any other: it is applied to whatever state it finds, through the gate. A row that may be a purchase's
but is not proven to be moves no money and keeps the hold.
"""

import dataclasses
import re
from dataclasses import dataclass
from enum import StrEnum

from bot.clock import day_span
from bot.domain import token
from bot.domain.ledger import ADM_DIFFERENCE, DEPOSIT, Transfer
from bot.domain.purchase import IN_DOUBT, OPEN, Purchase, State
from bot.domain.report import Row
from bot.domain.rules import Shop
from bot.domain.supply import Sale, is_reference
from bot.ports import Tx
from bot.services import alerts, by_hand, ledger, purchases, settlement, standing, strays
from bot.services.strays import Stray

_MOST_CANDIDATES = 50
_MOST_FEE = 10_000  # rupiah: what an admin fee could be at the most
_MOST_TOLD = 10  # of what differs, a day: a report that differs throughout is one trouble
_OURS = re.compile(r"P[0-9A-HJKMNP-TV-Z]{26}")  # what `ids` makes for a payment


class Result(StrEnum):
    """What a row came to, as it is stored beside it."""

    WAITING = "waiting"  # read-only: stored, applied once the database is released
    MATCHED = "matched"
    SOLD = "sold"  # ours was open: settled by this row
    LATE = "late"  # ours was FAILED
    DOUBLE = "double"  # a second sale for one trxid
    UNKNOWN = "unknown"  # no purchase of ours
    DIFFERS = "differs"  # matched, but amount or admin fee is another
    NO_TOKEN = "no token"  # proven sold, and the report names no token
    HELD = "held"  # may be ours; the gate or the time says that it is not proven


@dataclass(frozen=True, slots=True)
class Match:
    """The purchase that a row is about. `exact` by our trxid or the PAYREF; not `proven` where only time is near."""

    purchase: Purchase
    exact: bool
    proven: bool = True


def apply(tx: Tx, row: Row, source: str, shop: Shop, now: int) -> tuple[Result, int | None]:
    """Apply the row; returns its result and the purchase it is about. In a read-only database it waits."""
    found = match(tx, row, shop)
    if found is None:
        return _unknown(tx, row, source, now), None
    if standing.restriction(tx) is not None:
        return Result.WAITING, found.purchase.id
    return _apply(tx, row, found, source, shop, now), found.purchase.id


def match(tx: Tx, row: Row, shop: Shop) -> Match | None:
    """By our trxid, else by PAYREF, else by its token, else by meter, amount and time (money rules §4.6).

    A trxid of our making that we do not know is somebody else's sale, however near it lies; one of another making
    may be the supplier's own number and proves nothing either way.
    """
    if row.trxid and (purchase := tx.one(Purchase, "purchase_by_trxid", trxid=row.trxid)):
        return Match(purchase, exact=True)
    if row.payref and (purchase := tx.one(Purchase, "purchase_by_payref", payref=row.payref)):
        return Match(purchase, exact=True)
    if groups := token.read(row.token):
        owner = tx.one(int, "token_owner", digits=groups[-1])
        if owner is not None:
            return Match(purchases.by_id(tx, owner), exact=False)
    if _OURS.fullmatch(row.trxid):
        return None
    near = _nearest(tx, row, row.paid_at, shop) if row.msn and row.paid_at is not None else None
    return near or _perhaps(tx, row)


def _perhaps(tx: Tx, row: Row) -> Match | None:
    """One in doubt that the row might be about, meter or time or fee left out: never made a stray, for its own token
    would then be refused to it for ever.
    """
    for one in tx.all(Purchase, "purchase_open_list"):
        fee = row.total - one.denomination
        if one.state in IN_DOUBT and row.msn in ("", one.msn) and 0 <= fee <= _MOST_FEE:
            return Match(one, exact=False, proven=False)
    return None


def _nearest(tx: Tx, row: Row, paid_at: int, shop: Shop) -> Match | None:
    at = paid_at - (settlement.clock_offset(tx) or 0)

    def distance(one: Purchase) -> int:
        return abs(at - (one.sent_at or 0)) if one.paid_at is None else abs(paid_at - one.paid_at)

    latest = at + shop.waits.skew
    sent = tx.all(Purchase, "purchase_sent_of_meter", msn=row.msn, latest=latest, most=_MOST_CANDIDATES)
    like = [one for one in sent if _same_nominal(row, one) and not _is_another(tx, row, one)]
    near = [one for one in like if distance(one) <= shop.waits.skew]
    if near:
        return Match(min(near, key=distance), exact=False, proven=not row.trxid)
    # an open one may have been sold late by a queue: advice knows, this row alone does not
    still_open = [one for one in like if one.state in OPEN]
    return Match(still_open[0], exact=False, proven=False) if still_open else None


def _apply(tx: Tx, row: Row, found: Match, source: str, shop: Shop, now: int) -> Result:
    purchase = found.purchase
    if not found.proven:
        _ask_now(tx, purchase, now)
        _alert_once(tx, "own.differs", purchase, f"{source}: a sale of its meter and amount at another time", shop, now)
        return Result.HELD
    if purchase.state is State.CONFIRMED:  # somebody else sent it: it must not be sent now
        purchase = settlement.restored(tx, purchase, shop, now, 0)
    if purchase.state in (State.SUCCESS, State.LATE):
        return _again(tx, row, purchase, source, shop, now)
    if not row.token:
        return _without_token(tx, row, purchase, source, shop, now)
    was_failed = purchase.state is State.FAILED
    purchase, gate = settlement.apply_sale(
        tx,
        purchase,
        _sale(row, purchase),
        shop,
        now,
        exact=found.exact,
        source=source,
        by_trxid=row.trxid == purchase.trxid,
    )
    if gate.veto is not None:
        return Result.HELD
    return Result.LATE if was_failed else Result.SOLD


def _again(tx: Tx, row: Row, purchase: Purchase, source: str, shop: Shop, now: int) -> Result:
    """Ours is sold already: the same sale is compared, another one under its trxid is a double sale."""
    if not _is_another(tx, row, purchase):
        return _compare(tx, row, purchase, source, shop, now)
    other = row
    if not row.token and row.payref and row.payref == (purchase.payref or "").upper():
        earlier = tx.all(Row, "report_row_of_purchase", purchase_id=purchase.id)
        other = next(one for one in earlier if not _same_sale(one, row))
    sale = _sale(other, purchase)
    if sale.tokens and tx.one(int, "token_owner", digits=sale.tokens[-1]) is not None:
        _alert_once(tx, "own.differs", purchase, f"{source}: the token of another purchase", shop, now)
        return Result.HELD
    if not _known(tx, other) and strays.found(
        tx, "double", sale, now, trxid=purchase.trxid, source=source, purchase_id=purchase.id
    ):
        alerts.raise_alert(tx, "own.double", purchase, f"{source}: a second sale for one trxid", shop, now)
    return Result.DOUBLE


def _is_another(tx: Tx, row: Row, purchase: Purchase) -> bool:
    """Whether the purchase is sold already, and by another sale than this row's."""
    if purchase.state not in (State.SUCCESS, State.LATE):
        return False
    if groups := token.read(row.token):
        return settlement.tokens_of(tx, purchase.id)[-1] != groups[-1]
    earlier = tx.all(Row, "report_row_of_purchase", purchase_id=purchase.id)
    return bool(earlier) and not any(_same_sale(one, row) for one in earlier)


def _same_sale(one: Row, other: Row) -> bool:
    """Whether two rows of one purchase list one sale; what a file does not state cannot differ."""
    for mine, theirs in ((one.token, other.token), (one.payref, other.payref)):
        if mine and theirs:
            return mine == theirs
    if one.paid_at is None or other.paid_at is None:
        return True
    unit = 60_000 if 0 in (one.paid_at % 60_000, other.paid_at % 60_000) else 1_000  # some files give no seconds
    return one.paid_at // unit == other.paid_at // unit


def _compare(tx: Tx, row: Row, purchase: Purchase, source: str, shop: Shop, now: int) -> Result:
    taken = purchase.adm if purchase.sold_adm is None else purchase.sold_adm
    if (row.msn and row.msn != purchase.msn) or not _same_nominal(row, purchase):
        words = f"{source}: meter or amount is another, {row.total} instead of {purchase.denomination + taken}"
        _alert_once(tx, "own.differs", purchase, words, shop, now)
        return Result.DIFFERS
    if row.adm in (None, taken):
        return Result.MATCHED
    _book_adm(tx, purchase, row.adm or 0, taken, now)
    _alert_once(tx, "own.differs", purchase, f"{source}: admin fee {row.adm} instead of {taken}", shop, now)
    return Result.DIFFERS


def _book_adm(tx: Tx, purchase: Purchase, theirs: int, taken: int, now: int) -> None:
    """The fee that the supplier really took, once; a third opinion is only told."""
    key = f"recon:{purchase.id}:adm"
    if tx.one(int, "transfer_has_key", idem_key=key):
        return
    debit, credit = (ADM_DIFFERENCE, DEPOSIT) if theirs > taken else (DEPOSIT, ADM_DIFFERENCE)
    kind = "sale" if purchase.state is State.SUCCESS else "late"
    if purchase.state is State.SUCCESS or by_hand.is_decided(tx, purchase):  # undecided, its decision books it all
        ledger.post(tx, Transfer(key, debit, credit, abs(theirs - taken), kind, purchase.id), now)
    purchases.save(tx, purchase, dataclasses.replace(purchase, sold_adm=theirs))


def _without_token(tx: Tx, row: Row, purchase: Purchase, source: str, shop: Shop, now: int) -> Result:
    """Sold, that is proven, but nobody knows the token: kept as it is, and asked about by the reference at once."""
    if (row.msn and row.msn != purchase.msn) or not _same_nominal(row, purchase):
        _alert_once(tx, "own.differs", purchase, f"{source}: meter or amount is another, {row.total}", shop, now)
        return Result.HELD
    if purchase.state is State.VERIFY:  # or negative advices would give back what was sold
        purchase = settlement.overdue(tx, purchase, shop, now)
    elsewhere = tx.one(int, "purchase_has_payref", payref=row.payref, id=purchase.id)
    if purchase.payref is None and is_reference(row.payref) and not elsewhere:
        purchase = purchases.save(tx, purchase, dataclasses.replace(purchase, payref=row.payref))
    _ask_now(tx, purchase, now)
    _alert_once(tx, "own.tokenless", purchase, f"{source}: sold, no token in it", shop, now)
    return Result.NO_TOKEN


def _ask_now(tx: Tx, purchase: Purchase, now: int) -> None:
    if purchase.state in (*IN_DOUBT, State.FAILED) and (purchase.next_at is None or purchase.next_at > now):
        purchases.save(tx, purchase, dataclasses.replace(purchase, next_at=now))
        tx.signal("advice")


def _unknown(tx: Tx, row: Row, source: str, now: int) -> Result:
    if known := _known(tx, row):
        return Result.DOUBLE if known[0].kind == "double" else Result.UNKNOWN
    strays.found(tx, "unknown", _sale(row, None), now, trxid=row.trxid, source=source)
    return Result.UNKNOWN


def _known(tx: Tx, row: Row) -> list[Stray]:
    """The stray that this sale is, as far as both name the same things; what only the row names is learned."""
    groups = token.read(row.token)
    credit = groups[-1] if groups else ""
    found = tx.all(
        Stray,
        "report_stray_like",
        token=credit,
        payref=row.payref,
        trxid=row.trxid,
        paid_at=row.paid_at,
        total=row.total,
    )
    if found and ((credit and not found[0].token) or (row.payref and not found[0].payref)):
        tx.run(
            "report_stray_learn", id=found[0].id, token=found[0].token or credit, payref=found[0].payref or row.payref
        )
    return found


def _same_nominal(row: Row, purchase: Purchase) -> bool:
    taken = purchase.adm if purchase.sold_adm is None else purchase.sold_adm
    adm = taken if row.adm is None else row.adm
    return purchase.denomination in (row.total - adm, row.total)


def _sale(row: Row, purchase: Purchase | None) -> Sale:
    """The row as a sale; a meter that the report leaves out is the matched purchase's."""
    return Sale(
        msn=row.msn or (purchase.msn if purchase else ""),
        total=row.total,
        tokens=token.read(row.token),
        adm=row.adm,
        payref=row.payref or None,
        paid_at=row.paid_at,
    )


def _alert_once(tx: Tx, kind: str, purchase: Purchase, detail: str, shop: Shop, now: int) -> None:
    words = f"{purchase.sale}: {detail}"[:300]
    if tx.one(int, "alert_like", kind=kind, detail=words):
        return
    today, _ = day_span(now, shop.zone)
    if alerts.count(tx, kind, today) < _MOST_TOLD:
        alerts.raise_alert(tx, kind, purchase, words, shop, now)
    else:
        alerts.note(tx, kind, purchase, words, now)
