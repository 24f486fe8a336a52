"""The supplier's deposit as the books believe it: what is said of it, filled, compared and corrected.

The protocol has no question for it, so the owner reads the supplier's own page and types what stands there. A
difference is explained as far as the books can; it is booked only by an owner's word and reason.
"""

from dataclasses import dataclass

from bot.clock import DAY, HOUR, day_span
from bot.domain.ledger import ADJUSTMENT, DEPOSIT, Transfer
from bot.domain.message import Amount, Message, Option, Rupiah, Text, Value
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import adjustments, decisions, ledger, notices, standing, trail, watch
from bot.services.decisions import DecisionError

COMPARED = "compared"  # how a correction stands in the ledger
_LATELY = 7 * DAY
_MOST_EACH = 5_000  # rupiah: what a sale costs more or less than the books think is a fee, and no fee is larger
_MOST_HOURS = 7 * 24


@dataclass(frozen=True, slots=True)
class _Sent:
    amount: int
    at: int


def card(tx: Tx, shop: Shop, now: int) -> Message:
    """*dep.card*: what is left by the books, what was sent last, used today, and how long it lasts."""
    left = ledger.noted_deposit(tx)
    lines: list[Text] = [] if left is not None else [Text("dep.how_to_note")]
    if (sent := _last(tx)) is not None:
        lines.append(Text("dep.sent", {"rp": Rupiah(sent.amount), "time": notices.when(sent.at, shop, now)}))
    start, _ = day_span(now, shop.zone)
    if used := tx.one(int, "purchase_cost_since", since=start):
        lines.append(Text("dep.used", {"rp": Rupiah(used)}))
    lasts = watch.runway(tx, now)
    if lasts is not None:
        hours = lasts // HOUR
        lines.append(Text("dep.lasts", {"hours": hours}) if hours <= _MOST_HOURS else Text("dep.lasts_long"))
    options = (notices.option("dep_fill", "deposit isi"), notices.option("dep_compare", "deposit cek"))
    head = notices.deposit(None) if left is None else Text("dep.card", {"rp": Rupiah(left)})
    return Message(head, tuple(lines), options)


def meant(amount: int) -> Message:
    """*dep.meant*: a bare figure may be what was sent, or what stands at the supplier; nothing is booked."""
    sent = notices.option("dep_sent", f"deposit +{amount}")
    theirs = notices.option("dep_theirs", f"deposit cek {amount}")
    return Message(Text("dep.meant", {"rp": Rupiah(amount)}), options=(sent, theirs, notices.back("menu")))


def fill_question(tx: Tx, amount: int, shop: Shop, now: int) -> Message:
    """What booking a top-up makes of the books, with a warning where the same was booked within a day."""
    left = ledger.supplier_deposit(tx)
    args: dict[str, Value] = {"rp": Rupiah(amount), "old": Amount(left), "new": Amount(left + amount)}
    since = now - shop.waits.same_top_up
    same = tx.one(int, "transfer_to_supplier_like", account=DEPOSIT, amount=amount, since=since)
    more = () if same is None else (Text("dep.same", {"rp": Rupiah(amount), "time": notices.when(same, shop, now)}),)
    return Message(Text("dep.fill", args), more)


def comparison(tx: Tx, theirs: int, shop: Shop, now: int) -> Message:
    """What the supplier's page says beside the books, and what may explain a difference; books nothing."""
    ours = ledger.supplier_deposit(tx)
    difference = theirs - ours
    args: dict[str, Value] = {"theirs": Rupiah(theirs), "ours": Rupiah(ours), "difference": Rupiah(abs(difference))}
    if difference == 0:
        return Message(Text("dep.equal", args), options=(notices.option("menu", "menu"),))
    if difference > 0:
        return _more(tx, difference, args, shop, now)
    return _less(tx, -difference, args, shop, now)


def correct(tx: Tx, difference: int, reference: str, actor: str, reason: str, shop: Shop, now: int) -> bool:
    """Add `difference` rupiah to what the books believe, or take it away where it is negative.

    False if the reference was booked before. Raises `DecisionError` above the day's limit or without a reason, and
    `StandingError` while the database is read-only.
    """
    standing.need_writable(tx)
    if abs(difference) > (left := left_today(tx, shop, now)):
        raise DecisionError(f"corrections at the supplier are at most {shop.adjust_limit} a day: {left} are left")
    ledger.open_account(tx, ADJUSTMENT, guarded=False)
    sides = (DEPOSIT, ADJUSTMENT) if difference > 0 else (ADJUSTMENT, DEPOSIT)
    transfer = Transfer(f"compared:{reference}", *sides, abs(difference), COMPARED, actor=actor, reason=reason)
    if not ledger.post(tx, transfer, now):
        return False
    decisions.record(tx, "corrected the supplier", actor=actor, reason=f"{trail.signed(difference)} {reason}", now=now)
    return True


def left_today(tx: Tx, shop: Shop, now: int) -> int:
    """By how much the books may still be corrected today, rupiah; agents' deposits have as much for themselves."""
    return max(0, shop.adjust_limit - adjustments.booked_today(tx, shop, now, COMPARED))


def _more(tx: Tx, difference: int, args: dict[str, Value], shop: Shop, now: int) -> Message:
    lines = [*_each(tx, difference, "dep.each_more", shop, now), Text("dep.why_more")]
    fill = notices.option("dep_fill_it", f"deposit +{difference}", rp=Rupiah(difference))
    return Message(Text("dep.more", args), tuple(lines), (fill, _correct(difference)))


def _less(tx: Tx, missing: int, args: dict[str, Value], shop: Shop, now: int) -> Message:
    """What is open or late may have been taken by the supplier already: that much is never corrected."""
    unsure = tx.all(Purchase, "purchase_open_list") + tx.all(Purchase, "purchase_late_undecided")
    under_way = sum(one.denomination + one.adm for one in unsure)
    lines: list[Text] = []
    if unsure:
        lines.append(Text("dep.under_way", {"n": len(unsure), "rp": Rupiah(under_way)}))
    if missing <= under_way:
        again = notices.option("dep_compare", "deposit cek")
        return Message(Text("dep.less", args), (*lines, Text("dep.explained")), (again,))
    lines += _each(tx, missing, "dep.each_less", shop, now)
    lines.append(Text("dep.why_less"))
    return Message(Text("dep.less", args), tuple(lines), (_correct(under_way - missing),))


def _each(tx: Tx, difference: int, key: str, shop: Shop, now: int) -> list[Text]:
    """Whether it is the same small sum for every sale since the last top-up."""
    sent = _last(tx)
    since = max(sent.at if sent else 0, now - _LATELY)
    count = tx.one(int, "purchase_count_since", since=since) or 0
    if count < 2 or difference % count or difference // count > _MOST_EACH:
        return []
    each: dict[str, Value] = {"each": Rupiah(difference // count), "n": count}
    return [Text(key, each | {"time": notices.when(since, shop, now)})]


def _correct(difference: int) -> Option:
    return notices.option("dep_correct", f"deposit koreksi {difference:+d}")


def _last(tx: Tx) -> _Sent | None:
    return tx.one(_Sent, "transfer_latest_to_supplier", account=DEPOSIT)
