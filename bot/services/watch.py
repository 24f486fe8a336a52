"""What is looked at without being asked: the invariants every night and at start, the supplier's deposit, its clock.

A broken invariant makes the database read-only: selling on with wrong books would guess. Mends nothing itself.
"""

from dataclasses import dataclass

from bot.clock import DAY, HOUR, SECOND, day_span
from bot.domain.message import Message, Rupiah, Text, Value
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import alerts, audit, ledger, low_balance, settlement, standing, tickets

_UNDER_WAY = 60 * SECOND  # an answer stored so lately may be about to be applied


def find_violations(tx: Tx, now: int) -> list[str]:
    """What the audit of a working shop finds; on a reader's view, for it looks at every row."""
    return audit.check(tx, now - _UNDER_WAY).violations


def stop_on(tx: Tx, violations: list[str], shop: Shop, now: int) -> bool:
    """Make the database read-only and page the owners; False where nothing is wrong or it was read-only already."""
    if not violations or not standing.restrict(tx, "violation", violations[0], now):
        return False
    message = Message(Text("own.violation", {"what": violations[0]}))
    alerts.announce(tx, message, "own.violation", violations[0], f"violation:{now}", shop, now)
    return True


def look(tx: Tx, shop: Shop, now: int) -> int:
    """The deposit's runway, the clocks, messages that went wrong, agents' tickets and balances; how many were told."""
    today, _ = day_span(now, shop.zone)
    alerted = _deposit(tx, shop, now, today) + _clock(tx, shop, now, today) + _messages(tx, shop, now, today)
    return alerted + tickets.look(tx, shop, now) + low_balance.look(tx, shop, now)


def runway(tx: Tx, now: int) -> int | None:
    """How many milliseconds the supplier's deposit lasts at the pace of the last 24 hours; None without sales."""
    spent = tx.one(int, "purchase_cost_since", since=now - DAY) or 0
    return max(0, ledger.supplier_deposit(tx)) * DAY // spent if spent else None


def _deposit(tx: Tx, shop: Shop, now: int, today: int) -> int:
    lasts = runway(tx, now)
    if lasts is None or lasts >= shop.waits.deposit_low or alerts.announced(tx, "dep.low", today):
        return 0
    args: dict[str, Value] = {"rp": Rupiah(ledger.supplier_deposit(tx)), "hours": lasts // HOUR}
    detail = f"the supplier's deposit lasts {lasts // HOUR} hours"
    alerts.announce(tx, Message(Text("dep.low", args)), "dep.low", detail, f"deposit:{today}", shop, now)
    return 1


def _clock(tx: Tx, shop: Shop, now: int, today: int) -> int:
    """`tanggal` of the last payments against our clock, by the median: one late answer is not a wrong clock."""
    offset = settlement.clock_offset(tx)
    if offset is None or abs(offset) <= shop.waits.clock_alert or alerts.announced(tx, "own.clock", today):
        return 0
    seconds = abs(offset) // SECOND
    detail = f"the supplier's clock differs by {offset // SECOND} s"
    alerts.announce(
        tx, Message(Text("own.clock", {"seconds": seconds})), "own.clock", detail, f"clock:{today}", shop, now
    )
    return 1


@dataclass(frozen=True, slots=True)
class _Undelivered:
    id: int
    purchase_id: int | None


def _messages(tx: Tx, shop: Shop, now: int, today: int) -> int:
    """Tokens that did not reach their chat, one by one; unreadable and unsendable messages by their number."""
    for row in tx.all(_Undelivered, "outbox_overdue", before=now - shop.waits.send_critical - HOUR):
        detail = f"message {row.id} was not sent for a day: is its channel served?"
        tx.run("alert_add", kind="own.undelivered", purchase_id=row.purchase_id, detail=detail, created_at=now)
    told = 0
    for row in tx.all(_Undelivered, "alert_undelivered", since=now - HOUR):
        message = Message(Text("own.undelivered", {"sale": f"T{row.purchase_id}"}))
        alerts.tell_owners(tx, message, f"alert:undelivered:{row.id}", shop, now)
        told += 1
    for kind in ("own.unreadable", "own.unsendable", "own.held", "own.platform"):
        if count := alerts.count(tx, kind, today):
            alerts.tell_owners(tx, Message(Text(kind, {"n": count})), f"alert:{kind}:{today}", shop, now)
            told += 1
    return told
