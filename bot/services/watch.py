"""What is looked at without being asked: the invariants every night and at start, and what may be wrong for a while.

A broken invariant makes the database read-only: selling on with wrong books would guess. Mends nothing itself.
"""

from collections.abc import Collection
from dataclasses import dataclass

from bot.clock import DAY, HOUR, SECOND, day_span
from bot.domain.message import Message, Rupiah, Text, Value
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import (
    alerts,
    approvals,
    audit,
    backups,
    breaker,
    ledger,
    low_balance,
    notices,
    people,
    settlement,
    standing,
    tickets,
)
from bot.services.alerts import Kind
from bot.services.prices import ADM

_SLOT = HOUR // 4  # of the tally
_UNDER_WAY = 60 * SECOND  # an answer stored so lately may be about to be applied
_TALLIED = 40 * DAY  # a month and what is compared with its beginning; `setrum check` verifies every day


def find_violations(tx: Tx, now: int) -> list[str]:
    """What the audit of a working shop finds; on a reader's view, for it looks at every row.

    Of the tally it looks at the days that anybody still reads.
    """
    return audit.check(tx, now - _UNDER_WAY, now - _TALLIED).violations


def stop_on(tx: Tx, violations: list[str], shop: Shop, now: int) -> bool:
    """Make the database read-only and page the owners; False where nothing is wrong or it was read-only already."""
    if not violations or not standing.restrict(tx, "violation", violations[0], now):
        return False
    alerts.record(tx, "own.violation", violations[0], now)
    alerts.rise(tx, Kind.BOOKS, Message(Text("own.violation", {"what": violations[0]})), shop, now)
    return True


def look(tx: Tx, shop: Shop, now: int, deaf: Collection[str] = ()) -> int:
    """Everything that is wrong for a while, agents' tickets and balances; how many were told.

    `deaf` are the channels from which nothing comes in any more.
    """
    states = (_books, _deposit, _pending, _clock, _backup, _messages)
    told = sum(state(tx, shop, now) for state in states) + _channels(tx, shop, now, deaf)
    told += _undelivered(tx, shop, now)
    breaker.look(tx, shop, now)
    alerts.look(tx, shop, now)
    told += tickets.look(tx, shop, now) + approvals.look(tx, shop, now)
    return told + low_balance.look(tx, shop, now)


def runway(tx: Tx, now: int) -> int | None:
    """How many milliseconds the supplier's deposit lasts; None without sales, and as long as nobody noted a deposit.

    The shorter of two guesses: at the pace of the last 24 hours, and as sales went at these hours a week ago.
    """
    noted = ledger.noted_deposit(tx)
    if noted is None:
        return None
    left = max(0, noted)
    spent = tx.one(int, "purchase_cost_since", since=now - DAY) or 0
    guesses = [left * DAY // spent] if spent else []
    passed, since = 0, (now - 7 * DAY) // _SLOT
    for one in tx.all(_Slot, "purchase_cost_by_slot", first=since, last=since + DAY // _SLOT):
        passed += one.cost
        if passed > left:
            guesses.append((one.slot - since) * _SLOT)
            break
    else:
        guesses += [left * DAY // passed] if passed else []
    return min(guesses) if guesses else None


@dataclass(frozen=True, slots=True)
class _Slot:
    slot: int
    cost: int


def _books(tx: Tx, shop: Shop, now: int) -> int:
    found = standing.restriction(tx)
    if found is None:
        return alerts.holds(tx, Kind.BOOKS, None, shop, now)
    key = "own.restored" if found.kind == "restored" else "own.violation"
    message = Message(Text(key, {} if found.kind == "restored" else {"what": found.detail}))
    return alerts.holds(tx, Kind.BOOKS, message, shop, now, detail=found.detail)


def _deposit(tx: Tx, shop: Shop, now: int) -> int:
    """Empty is where the smallest amount with its admin cannot be bought; low where it lasts less than the setting."""
    left, lasts = ledger.supplier_deposit(tx), runway(tx, now)
    args: dict[str, Value] = {"rp": Rupiah(left)}
    is_empty = lasts is not None and left < min(shop.denominations) + ADM
    ways = (notices.option("deposit", "deposit"),)
    empty = Message(Text("dep.empty", args), options=ways) if is_empty else None
    told = alerts.holds(tx, Kind.EMPTY, empty, shop, now, detail="the supplier's deposit is empty")
    if is_empty:  # worse than low, and said
        alerts.end(tx, Kind.DEPOSIT, shop, now, silently=True)
        return told
    known = alerts.standing_of(tx, Kind.DEPOSIT) is not None
    enough = shop.waits.deposit_low * 5 // 4 if known else shop.waits.deposit_low  # no flutter at the limit
    low = None
    if lasts is not None and lasts < enough:
        low = Message(Text("dep.low", args | {"hours": lasts // HOUR}), options=ways)
    detail = "" if lasts is None else f"the supplier's deposit lasts {lasts // HOUR} h"
    return told + alerts.holds(tx, Kind.DEPOSIT, low, shop, now, detail=detail)


def _pending(tx: Tx, shop: Shop, now: int) -> int:
    """It rises where a purchase is reminded of (`alerts.raise_alert`), and ends when none is open for long any more."""
    still = tx.all(Purchase, "purchase_open_list")
    if not any(alerts.is_long_open(one, shop, now) for one in still):
        alerts.end(tx, Kind.PENDING, shop, now)
    return 0


def _clock(tx: Tx, shop: Shop, now: int) -> int:
    """`tanggal` of the last payments against our clock, by the median: one late answer is not a wrong clock."""
    offset = settlement.clock_offset(tx)
    if offset is None or abs(offset) <= shop.waits.clock_alert:
        return alerts.holds(tx, Kind.CLOCK, None, shop, now)
    message = Message(Text("own.clock", {"seconds": abs(offset) // SECOND}))
    detail = f"the supplier's clock differs by {offset // SECOND} s"
    return alerts.holds(tx, Kind.CLOCK, message, shop, now, detail=detail)


def _backup(tx: Tx, shop: Shop, now: int) -> int:
    wrong = backups.trouble(tx, shop, now)
    message = None if wrong is None else Message(wrong)
    return alerts.holds(tx, Kind.BACKUP, message, shop, now, detail="" if wrong is None else wrong.key)


def _channels(tx: Tx, shop: Shop, now: int, deaf: Collection[str]) -> int:
    """Each by its name; what comes in again ends it."""
    known = {one.subject for one in alerts.standing(tx) if one.kind == Kind.CHANNEL}
    told = 0
    for name in sorted({*deaf, *known}):
        message = Message(Text("own.channel", {"channel": people.platform(name)})) if name in deaf else None
        detail = f"nothing comes in from {name}"
        told += alerts.holds(tx, Kind.CHANNEL, message, shop, now, subject=name, detail=detail)
    return told


@dataclass(frozen=True, slots=True)
class _Undelivered:
    id: int
    purchase_id: int | None


def _undelivered(tx: Tx, shop: Shop, now: int) -> int:
    """Tokens that did not reach their chat, one by one."""
    for row in tx.all(_Undelivered, "outbox_overdue", before=now - shop.waits.send_critical - HOUR):
        detail = f"message {row.id} was not sent for a day: is its channel served?"
        tx.run("alert_add", kind="own.undelivered", purchase_id=row.purchase_id, detail=detail, created_at=now)
    told = 0
    for row in tx.all(_Undelivered, "alert_undelivered", since=now - HOUR):
        message = Message(Text("own.undelivered", {"sale": f"T{row.purchase_id}"}))
        alerts.tell_owners(tx, message, f"alert:undelivered:{row.id}", shop, now)
        told += 1
    return told


def _messages(tx: Tx, shop: Shop, now: int) -> int:
    """Unreadable and unsendable messages by their number, an episode a day."""
    today, _ = day_span(now, shop.zone)
    told = 0
    for kind in ("own.unreadable", "own.unsendable", "own.held", "own.platform"):
        if count := alerts.count(tx, kind, today):
            message = Message(Text(kind, {"n": count}))
            told += alerts.holds(tx, Kind.MESSAGES, message, shop, now, subject=f"{kind}:{today}")
    return told
