"""Reconciliation: the supplier's report against our books (money rules §4.6), in units of at most 500 rows.

The file is known by its hash and its rows by their lines, so that an import that died is finished by the same file
and one that was finished changes nothing. What a row does is `reported`, what a missing one means is `absence`.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from bot.domain import report
from bot.domain.message import Message, Rupiah, Text
from bot.domain.purchase import Purchase
from bot.domain.report import Layout, Outline, Reading, Row
from bot.domain.rules import Shop
from bot.ports import Store, Tx
from bot.services import absence, alerts, notices, reported, standing, strays
from bot.services.absence import Claim, Report, Verdict
from bot.services.decisions import DecisionError
from bot.services.reported import Result
from bot.services.standing import Restriction

MOST_ROWS = 500
MOST_LISTED = 1000
_MANY = 20  # so many sales of strangers alone are a wrong file rather than a stolen secret

Point = Callable[[str], None]


def _no_point(_: str) -> None:
    """Named places between the units, where a test may end the process."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A report that can be read to its end, and who brings it."""

    data: bytes = field(repr=False)
    name: str
    layout: Layout
    actor: str
    sha256: str
    outline: Outline


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows came to a result, and their rupiah with admin."""

    result: str
    count: int
    total: int


@dataclass(frozen=True, slots=True)
class Notable:
    """A row that did not simply match. `ours` is what our books say that the purchase cost."""

    line: int
    trxid: str
    msn: str
    total: int
    paid_at: int | None
    result: str
    purchase_id: int | None
    state: str
    ours: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import came to. `unlisted` are open purchases that the file lacks where that proves nothing."""

    report: Report
    was_known: bool
    sums: list[Sum]
    notable: list[Notable]
    verdict: Verdict
    absent: list[Purchase]
    unlisted: list[Purchase]
    restriction: Restriction | None
    lifted: bool


def filed(data: bytes, name: str, how: Layout, actor: str) -> Filed:
    """Read the file once to its end. Raises `ReportError` naming line and column."""
    return Filed(data, name[:200], how, actor, hashlib.sha256(data).hexdigest(), report.outline(data, how))


async def reconcile(
    store: Store,
    what: Filed,
    claim: Claim,
    shop: Shop,
    now: Callable[[], int],
    *,
    strangers: bool = False,
    most: int = MOST_ROWS,
    point: Point = _no_point,
) -> Outcome:
    """Import the file, or finish an import that died; apply each row, and hold the file against what proves it.

    `most` is how many rows a unit takes: a shop works on the same database meanwhile. Raises `DecisionError` for a
    file of many rows and none of ours, unless `strangers` says that this is meant.
    """
    if not strangers and what.outline.count >= _MANY and await _is_foreign(store, what, most, shop):
        raise DecisionError(
            f"none of its {what.outline.count} sales is ours: is it another shop's, or are RECON_COLUMNS wrong? "
            "Repeat with --strangers if that is meant: each is then kept as a stray, its cost in suspense"
        )
    known = await store.write(_open, what, now())
    point("opened")
    if await store.read(_stored, known.id) < known.row_count:
        for piece in _pieces(Reading(what.data, what.layout), most):
            await store.write(_keep, known.id, piece)
            point("piece kept")
    after: int | None = 0
    while known.applied_at is None and after is not None:
        after = await store.write(_apply_piece, known.id, after, most, shop, now())
        point("piece applied")
    await store.write(_finish, known.id, shop, now())
    point("finished")
    verdict, lifted = await store.write(_prove, known.id, what, claim, shop, now())
    return await store.read(_outcome, known, what, verdict, lifted, shop)


def apply_waiting(tx: Tx, shop: Shop, now: int) -> int:
    """Apply what reports brought while the database was read-only; how many rows. To be run in the lifting unit.

    One unit whatever its size: until it commits nothing is sold, so nobody waits, and no stored answer can be applied
    before the tokens that only a report knows are known.
    """
    strays.post_waiting(tx, now)
    applied = 0
    for one in tx.all(Report, "report_unfinished"):
        rows = tx.all(Row, "report_row_next", report_id=one.id, after=0, also=Result.WAITING, most=one.row_count)
        _apply(tx, one.id, rows, shop, now)
        _finish(tx, one.id, shop, now)
        applied += len(rows)
    return applied


def void_absent(
    tx: Tx, sha256: str, wanted: frozenset[int] | None, actor: str, reason: str, shop: Shop, now: int
) -> list[Purchase]:
    """Void the holds that the file's list names (None: all of it). Raises `DecisionError`, and nothing changes."""
    known = tx.one(Report, "report_by_hash", sha256=sha256)
    if known is None:
        raise DecisionError("this file is not imported: import it first and read its list")
    return absence.void(tx, known, wanted, actor, reason, shop, now)


def absent_of(tx: Tx, sha256: str, shop: Shop) -> list[Purchase]:
    """The list that `void_absent` would void; empty for a file that nobody imported."""
    known = tx.one(Report, "report_by_hash", sha256=sha256)
    return [] if known is None else absence.absent(tx, known, shop)


async def _is_foreign(store: Store, what: Filed, most: int, shop: Shop) -> bool:
    for piece in _pieces(Reading(what.data, what.layout), most):
        if await store.read(_has_ours, what.sha256, piece, shop):
            return False
    return True


def _has_ours(tx: Tx, sha256: str, rows: list[Row], shop: Shop) -> bool:
    """Whether a row is ours; a file that is known, and whatever a copy does not know yet, need not be."""
    if standing.restriction(tx) is not None or tx.one(Report, "report_by_hash", sha256=sha256) is not None:
        return True
    return any(reported.match(tx, row, shop) is not None for row in rows)


def _open(tx: Tx, what: Filed, now: int) -> Report:
    outline = what.outline
    tx.run(
        "report_add",
        sha256=what.sha256,
        name=what.name,
        actor=what.actor,
        first_day="",
        last_day="",
        row_count=outline.count,
        row_total=outline.total,
        now=now,
    )
    known = tx.one(Report, "report_by_hash", sha256=what.sha256)
    assert known is not None  # noqa: S101  # written just now
    if (known.row_count, known.row_total) != (outline.count, outline.total):
        raise DecisionError(
            f"this file was read before as {known.row_count} rows, with other RECON_COLUMNS or RECON_SUCCESS: "
            "set them as they were"
        )
    return known


def _stored(tx: Tx, report_id: int) -> int:
    return tx.one(int, "report_row_stored", report_id=report_id) or 0


def _pieces(rows: Iterable[Row], most: int) -> Iterator[list[Row]]:
    left = iter(rows)
    while piece := list(islice(left, most)):
        yield piece


def _keep(tx: Tx, report_id: int, rows: list[Row]) -> None:
    for row in rows:
        tx.run(
            "report_row_add",
            report_id=report_id,
            line=row.line,
            trxid=row.trxid,
            payref=row.payref,
            msn=row.msn,
            total=row.total,
            adm=row.adm,
            token=row.token,
            paid_at=row.paid_at,
        )


def _apply_piece(tx: Tx, report_id: int, after: int, most: int, shop: Shop, now: int) -> int | None:
    """The next rows that nobody applied; returns the last line, None at the end."""
    also = Result.WAITING if standing.restriction(tx) is None else ""
    rows = tx.all(Row, "report_row_next", report_id=report_id, after=after, also=also, most=most)
    _apply(tx, report_id, rows, shop, now)
    return rows[-1].line if rows else None


def _apply(tx: Tx, report_id: int, rows: list[Row], shop: Shop, now: int) -> None:
    for row in rows:
        result, purchase_id = reported.apply(tx, row, _source(report_id), shop, now)
        tx.run("report_row_result", report_id=report_id, line=row.line, result=result, purchase_id=purchase_id)


def _source(report_id: int) -> str:
    return f"report {report_id}"


def _finish(tx: Tx, report_id: int, shop: Shop, now: int) -> None:
    """Once every row is applied; sales that nobody here asked for are told in one word, however many."""
    if not tx.run("report_applied", id=report_id, now=now):
        return
    found = tx.one(Sum, "report_stray_sums", source=_source(report_id))
    if found is not None and found.count:
        text = Text("own.unknown_sales", {"n": found.count, "rp": Rupiah(found.total)})
        detail = f"{found.count} sales, {found.total} rupiah, in report {report_id}"
        told = Message(text, options=(notices.option("pending", "pending"),))
        alerts.announce(tx, told, "own.unknown_sales", detail, f"unknown_sales:{report_id}", shop, now)


def _prove(tx: Tx, report_id: int, what: Filed, claim: Claim, shop: Shop, now: int) -> tuple[Verdict, bool]:
    known = _by_id(tx, report_id)
    verdict = absence.prove(tx, known, what.outline, claim, shop, now)
    lifted = absence.cover_restriction(tx, what.actor, shop, now)
    if lifted:
        apply_waiting(tx, shop, now)
    return verdict, lifted


def _outcome(tx: Tx, before: Report, what: Filed, verdict: Verdict, lifted: bool, shop: Shop) -> Outcome:
    known = _by_id(tx, before.id)
    absent = absence.absent(tx, known, shop)
    certain = {one.id for one in absent}
    return Outcome(
        report=known,
        was_known=before.applied_at is not None,
        sums=tx.all(Sum, "report_row_sums", report_id=known.id),
        notable=tx.all(Notable, "report_row_notable", report_id=known.id, most=MOST_LISTED),
        verdict=verdict,
        absent=absent,
        unlisted=[one for one in absence.unlisted(tx, known, what.outline) if one.id not in certain],
        restriction=standing.restriction(tx),
        lifted=lifted,
    )


def _by_id(tx: Tx, report_id: int) -> Report:
    known = tx.one(Report, "report_by_id", id=report_id)
    if known is None:
        raise DecisionError(f"no report {report_id}")
    return known
