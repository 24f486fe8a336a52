"""What a report's silence means: the days that it is proven complete for, and the open purchases that it lacks there.

Absence alone moves nothing. A hold is voided only from a list that a person saw and confirmed, with name and reason.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta

from bot.domain import proof
from bot.domain.message import Message, Rupiah, Text
from bot.domain.proof import Condition, Shortcoming, Span
from bot.domain.purchase import IN_DOUBT, Purchase
from bot.domain.report import Outline, Stated
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import alerts, audit, decisions, purchases, settlement, standing, ways
from bot.services.decisions import DecisionError

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Report:
    """An imported file. Days are those that it covers whole, '' where none; `applied_at` is None while unfinished."""

    id: int
    sha256: str
    name: str
    actor: str
    first_day: str
    last_day: str
    row_count: int
    row_total: int
    imported_at: int
    applied_at: int | None

    @property
    def span(self) -> Span | None:
        """The whole days that it covers."""
        if not self.first_day:
            return None
        return Span(date.fromisoformat(self.first_day), date.fromisoformat(self.last_day))


@dataclass(frozen=True, slots=True)
class Claim:
    """What the operator says about a file beside what the file says itself."""

    stated: Stated = field(default_factory=Stated)
    covers: Span | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the file proves. `ours_only` are sold purchases that it should list and does not."""

    days: list[date]
    shortcomings: list[Shortcoming]
    ours_only: list[Purchase]


def prove(tx: Tx, report: Report, outline: Outline, claim: Claim, shop: Shop, now: int) -> Verdict:
    """Hold the file against every condition (money rules §4.6) and keep the days that it is proven complete for."""
    span = proof.span_of(outline, claim.covers, now)
    if span is not None and (claim.covers is not None or report.span is None):
        tx.run("report_cover", id=report.id, first_day=str(span.first), last_day=str(span.last))
    short = proof.shortcomings(outline, claim.stated, claim.covers, now)
    ours_only = _ours_only(tx, report, outline, span)
    if span is not None and ours_only and not [one for one in short if one.condition is not Condition.DAYS]:
        _page(tx, report, ours_only, shop, now)
    for day in proof.provable(span):
        lacking = _lacking(tx, report, proof.start_of(day), proof.start_of(day + 2 * _DAY))
        if lacking:
            short.append(Shortcoming(Condition.SALES, f"{day}: {_named(lacking)} of ours not in it"))
        elif not [one for one in short if one.condition is not Condition.SALES]:
            tx.run("report_day_add", day=str(day), report_id=report.id)
    return Verdict(_proven(tx, report), short, ours_only)


def absent(tx: Tx, report: Report, shop: Shop) -> list[Purchase]:
    """The open purchases that the file lacks on the days that it is proven complete for, and that no file names."""
    found: list[Purchase] = []
    for day in _proven(tx, report):
        start = proof.start_of(day)
        if report.span is None or day - _DAY not in report.span.days():
            # the supplier's clock may have dated it the day before, which this file does not cover
            start += shop.waits.skew - min(0, settlement.clock_offset(tx) or 0)
        found += tx.all(Purchase, "purchase_absent", start=start, end=proof.start_of(day + _DAY))
    return found


def unlisted(tx: Tx, report: Report, outline: Outline) -> list[Purchase]:
    """Open purchases of the file's time that it lacks, whether that proves anything or not."""
    bounds = _bounds(outline, report.span)
    return tx.all(Purchase, "purchase_absent", start=bounds[0], end=bounds[1]) if bounds else []


def is_complete(tx: Tx, report: Report) -> bool:
    """Whether the file is imported, and still lists every sale of ours of the days that it was proven complete for."""
    spans = ((proof.start_of(day), proof.start_of(day + 2 * _DAY)) for day in _proven(tx, report))
    return report.applied_at is not None and not any(_lacking(tx, report, *span) for span in spans)


def void(
    tx: Tx, report: Report, wanted: frozenset[int] | None, actor: str, reason: str, shop: Shop, now: int
) -> list[Purchase]:
    """Void the holds of listed purchases: those wanted, or all (None). Raises `DecisionError`, and nothing changes."""
    standing.need_writable(tx)
    if report.applied_at is None:
        raise DecisionError("this file is not imported, or not to its end: import it first and read its list")
    for day in _proven(tx, report):
        if lacking := _lacking(tx, report, proof.start_of(day), proof.start_of(day + 2 * _DAY)):
            raise DecisionError(f"the file is no longer complete for {day}: {_named(lacking)} of ours not in it")
    listed = {one.id: one for one in absent(tx, report, shop)}
    chosen = sorted(listed if wanted is None else wanted)
    if strangers := [number for number in chosen if number not in listed]:
        raise DecisionError(f"T{strangers[0]} is not on the list of this file: nothing was voided")
    if not chosen:
        raise DecisionError("nothing is on the list of this file")
    return [_void(tx, listed[number], report, actor, reason, shop, now) for number in chosen]


def cover_restriction(tx: Tx, actor: str, shop: Shop, now: int) -> bool:
    """Lift a restored copy's read-only mode once proven reports cover every day that it does not know; else False.

    Books that do not agree are never released by a report.
    """
    standing.put_in_place(tx, now)
    found = standing.restriction(tx)
    if found is None or found.kind != "restored" or found.copied_at is None:
        return False
    unknown = Span(proof.day_of(found.copied_at), proof.day_of(found.since)).days()
    known = tx.all(str, "report_day_between", first=str(unknown[0]), last=str(unknown[-1]))
    if {str(day) for day in unknown} - set(known) or audit.check(tx).violations:
        return False
    settlement.doubt_restored(tx, shop, now, 0)
    standing.lift(tx, actor, f"reconciled: {unknown[0]} to {unknown[-1]}", now)
    return True


def _void(tx: Tx, purchase: Purchase, report: Report, actor: str, reason: str, shop: Shop, now: int) -> Purchase:
    if purchase.state not in IN_DOUBT:
        raise DecisionError(f"{purchase.sale} is {purchase.state}: start the shop, so that it is asked about first")
    evidence = f"{report.name}\nsha256 {report.sha256}\n".encode()
    about = {"purchase_id": purchase.id, "evidence": evidence}
    decisions.record(tx, "absent", actor=actor, reason=reason, now=now, **about)  # type: ignore[arg-type]  # by name
    settlement.absent(tx, purchase, shop, now, actor=actor, reason=reason)
    return purchases.by_id(tx, purchase.id)


def _proven(tx: Tx, report: Report) -> list[date]:
    return [date.fromisoformat(day) for day in tx.all(str, "report_day_of_report", report_id=report.id)]


def _ours_only(tx: Tx, report: Report, outline: Outline, span: Span | None) -> list[Purchase]:
    bounds = _bounds(outline, span)
    return _lacking(tx, report, *bounds) if bounds else []


def _bounds(outline: Outline, span: Span | None) -> tuple[int, int] | None:
    """The time that the file speaks of, one past the end: its whole days, else from its first row to its last."""
    if span is not None:
        return proof.start_of(span.first), proof.start_of(span.last + _DAY)
    if outline.first_at is None or outline.last_at is None:
        return None
    return outline.first_at, outline.last_at + 1


def _lacking(tx: Tx, report: Report, start: int, end: int) -> list[Purchase]:
    return tx.all(Purchase, "purchase_not_in_report", report_id=report.id, start=start, end=end)


def _named(found: list[Purchase]) -> str:
    names = ", ".join(one.sale for one in found[:5])
    return names if len(found) <= 5 else f"{names} and {len(found) - 5} more"


def _page(tx: Tx, report: Report, ours_only: list[Purchase], shop: Shop, now: int) -> None:
    """The file looks whole, and yet sales of ours are not in it: once a file and list."""
    detail = f"{report.name}: {', '.join(one.sale for one in ours_only)}"[:300]
    if tx.one(int, "alert_like", kind="own.ours_only", detail=detail):
        return
    money = Rupiah(sum(one.denomination + one.adm for one in ours_only))
    text = Text("own.ours_only", {"n": len(ours_only), "rp": money, "sale": ours_only[0].sale})
    told = Message(text, options=(ways.see(ours_only[0]),))
    alerts.announce(tx, told, "own.ours_only", detail, f"ours_only:{report.id}:{now}", shop, now)
