"""`setrum reconcile FILE`: hold the supplier's report against the books, and void what it proves was never sold.

Works beside a running shop. The first call imports and lists; holds are voided only by a second call with the same
file, a reason and a name. Nothing here decides: it reads words, calls the service and prints.
"""

import argparse
import contextlib
import json
import sqlite3
import sys
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

from bot import clock, settings
from bot.domain import proof, report
from bot.domain.meter import masked
from bot.domain.purchase import Purchase
from bot.domain.report import ReportError, Stated
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import approvals, reconciliation
from bot.services.absence import Claim
from bot.services.reconciliation import Filed, Notable, Outcome
from bot.services.reported import Result
from bot.store.sqlite import SqliteStore
from bot.verbs.common import CommandError, needs_another_owner, opened_beside, operator

CLEAN, NEEDS_A_PERSON = 0, 3
_DONE = {
    Result.WAITING: "read-only: stored, applied once the database is released",
    Result.SOLD: "was open: settled, its token is on the way",
    Result.LATE: "was FAILED: LATE, its token is parked; setrum settle decides",
    Result.DOUBLE: "a second sale for one trxid: in suspense; setrum pending",
    Result.UNKNOWN: "no purchase of ours: in suspense, its token is known; setrum pending",
    Result.NO_TOKEN: "sold, but the report names no token: asked about by its reference at once",
    Result.HELD: "may be ours, not proven: nothing moved; setrum log",
}
_CALM = (Result.MATCHED, Result.SOLD)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The file, what proves it complete, and what the second call decides."""
    parser.add_argument("file", help="the report as the supplier made it, CSV; docs/reconciliation.md")
    parser.add_argument("--dry-run", action="store_true", help="show everything, write nothing")
    parser.add_argument("--strangers", action="store_true", help="none of its many sales is ours, and that is meant")
    stated = parser.add_argument_group("what proves the file complete")
    stated.add_argument("--covers", metavar="DAY..DAY", help="the whole days (WIB) that it covers")
    stated.add_argument("--count", type=_count, metavar="N", help="its rows, as the supplier states them")
    stated.add_argument("--total", type=_rupiah, metavar="RUPIAH", help="their sum, as the supplier states it")
    stated.add_argument("--opening", type=_rupiah, metavar="RUPIAH", help="our deposit there before the first day")
    stated.add_argument("--top-ups", type=_rupiah, metavar="RUPIAH", help="what was paid in meanwhile")
    stated.add_argument("--rebates", type=_rupiah, metavar="RUPIAH", help="what the supplier gave back meanwhile")
    stated.add_argument("--closing", type=_rupiah, metavar="RUPIAH", help="our deposit there after the last day")
    void = parser.add_argument_group("the second call")
    void.add_argument("--void-absent", metavar="SALES", help="give back these listed holds: T10482,T10483 or all")
    void.add_argument("--reason", default="", help="why; kept with the decision")
    void.add_argument("--by", default="", metavar="NAME", help="who; the operating system's user name if left out")
    void.add_argument("--yes", action="store_true", help="do not ask")


def _rupiah(text: str) -> int:
    found = report.amount(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount in whole rupiah")
    return found


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rows")
    return int(text)


async def run(arguments: argparse.Namespace) -> int:
    """Import, or void what is absent. Exit 0 when all is clean, 3 when something needs a person, 2 for a bad file."""
    how = settings.read()[0].report_layout()
    actor = arguments.by or operator()
    try:
        covers = proof.read_span(arguments.covers) if arguments.covers else None
        what = reconciliation.filed(_read(Path(arguments.file)), Path(arguments.file).name, how, actor)
    except ReportError as error:
        raise CommandError(f"{arguments.file}: {error}") from None
    stated = Stated(
        *(getattr(arguments, name) for name in ("count", "total", "opening", "top_ups", "rebates", "closing"))
    )
    async with opened_beside() as (store, shop), _practised(store, dry=arguments.dry_run) as target:
        if arguments.void_absent:
            return await _void(target, what, actor, arguments, shop)
        claim, strangers = Claim(stated, covers), arguments.strangers
        outcome = await reconciliation.reconcile(target, what, claim, shop, clock.now, strangers=strangers)
    facts = _facts(outcome, what, dry=arguments.dry_run)
    if arguments.json:
        print(json.dumps(facts, ensure_ascii=False))
    else:
        _show(facts)
    return NEEDS_A_PERSON if facts["needs_a_person"] else CLEAN


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(report.MOST_BYTES + 1)
    except OSError as error:
        raise ReportError(error.strerror or "cannot be read") from None


@contextlib.asynccontextmanager
async def _practised(store: SqliteStore, *, dry: bool) -> AsyncIterator[SqliteStore]:
    """The store itself; for a dry run a copy of it that is thrown away, so that the very same code runs."""
    if not dry:
        yield store
        return
    with tempfile.TemporaryDirectory(prefix="setrum-") as folder:
        copy = Path(folder) / "dry"
        await store.raw(lambda connection: _copy(connection, copy))
        practised = await SqliteStore.open(copy, clock.now(), migrating=False)
        try:
            yield practised
        finally:
            await practised.close()


def _copy(connection: sqlite3.Connection, to: Path) -> None:
    target = sqlite3.connect(to)
    try:
        connection.backup(target)
    finally:
        target.close()


async def _void(store: SqliteStore, what: Filed, actor: str, arguments: argparse.Namespace, shop: Shop) -> int:
    wanted = _sales(arguments.void_absent)
    if not arguments.reason.strip():
        raise CommandError("--reason: nothing is given back without one")
    if not arguments.yes and sys.stdin.isatty():
        listed = await store.read(reconciliation.absent_of, what.sha256, shop)
        chosen = [one for one in listed if wanted is None or one.id in wanted]
        for one in chosen:
            print(_absent_line(_absent(one)))
        print(f"Give back these {len(chosen)} holds? Not to be undone. [yes/no] ", end="", flush=True)
        if sys.stdin.readline().strip().lower() not in ("y", "yes", "ya"):
            raise CommandError("nothing was changed")

    def give_back(tx: Tx) -> list[Purchase]:
        listed = reconciliation.absent_of(tx, what.sha256, shop)
        held = sum(one.price for one in listed if wanted is None or one.id in wanted)
        if approvals.is_needed(shop, held) and not arguments.dry_run:
            raise needs_another_owner("sending the file")
        return reconciliation.void_absent(tx, what.sha256, wanted, actor, arguments.reason, shop, clock.now())

    voided = await store.write(give_back)
    rows = [_absent(one) for one in voided]
    if arguments.json:
        print(json.dumps({"voided": rows, "by": actor, "dry_run": arguments.dry_run}, ensure_ascii=False))
    else:
        for row in rows:
            print(f"{_absent_line(row)}: given back by {actor}")
    return CLEAN


def _sales(text: str) -> frozenset[int] | None:
    if text.strip().lower() == "all":
        return None
    numbers = [part.strip().upper().removeprefix("T") for part in text.split(",")]
    if not all(number.isdecimal() for number in numbers):
        raise CommandError(f"--void-absent {text!r}: sales such as T10482,T10483, or all")
    return frozenset(int(number) for number in numbers)


def _facts(outcome: Outcome, what: Filed, *, dry: bool) -> dict[str, Any]:
    known, verdict = outcome.report, outcome.verdict
    results = {one.result: {"count": one.count, "total": one.total} for one in outcome.sums}
    needy = set(results) - set(_CALM) or verdict.ours_only or outcome.absent
    return {
        "file": known.name,
        "sha256": known.sha256,
        "dry_run": dry,
        "imported_before": outcome.was_known,
        "finished": known.applied_at is not None,
        "rows": known.row_count,
        "total": known.row_total,
        "skipped": what.outline.skipped,
        "lacking_columns": list(what.outline.lacking),
        "results": results,
        "not_matched": [_notable(one) for one in outcome.notable],
        "ours_only": [_absent(one) for one in verdict.ours_only],
        "proven_days": [str(day) for day in verdict.days],
        "not_proven": [{"condition": one.condition, "why": one.detail} for one in verdict.shortcomings],
        "absent": [_absent(one) for one in outcome.absent],
        "open_and_unlisted": [_absent(one) for one in outcome.unlisted],
        "read_only": outcome.restriction.kind if outcome.restriction else None,
        "released": outcome.lifted,
        "needs_a_person": bool(needy),
    }


def _notable(one: Notable) -> dict[str, Any]:
    result = Result(one.result)
    done = _DONE.get(result, "")
    if result is Result.DIFFERS:
        same = one.total == one.ours
        done = "another admin fee: the difference is booked" if same else "another amount: nothing booked, ask VSI"
    return {
        "line": one.line,
        "result": one.result,
        "sale": f"T{one.purchase_id}" if one.purchase_id else None,
        "state": one.state or None,
        "trxid": one.trxid,
        "meter": masked(one.msn) if one.msn else None,
        "theirs": one.total,
        "ours": one.ours if one.purchase_id else None,
        "paid_at": one.paid_at,
        "done": done,
    }


def _absent(one: Purchase) -> dict[str, Any]:
    return {
        "sale": one.sale,
        "state": one.state,
        "trxid": one.trxid,
        "meter": masked(one.msn),
        "denomination": one.denomination,
        "price": one.price,
        "sent_at": one.sent_at,
    }


def _show(facts: dict[str, Any]) -> None:
    before = "imported before, nothing changed" if facts["imported_before"] else "imported"
    print(f"{facts['file']}: {facts['rows']} sales, {_rp(facts['total'])}, {facts['skipped']} other rows; {before}")
    if facts["dry_run"]:
        print("dry run: nothing was written")
    if facts["lacking_columns"]:
        print(f"columns that the file does not have: {', '.join(facts['lacking_columns'])}")
    for name, found in facts["results"].items():
        print(f"  {name:<9} {found['count']:>7}  {_rp(found['total'])}")
    for row in facts["not_matched"]:
        ours = "" if row["ours"] is None else f", ours {_rp(row['ours'])}"
        whose = f"{row['sale'] or '–'} {row['state'] or ''}"
        print(
            f"line {row['line']}  {row['result']}  {whose}  meter {row['meter'] or '–'}"
            f"  theirs {_rp(row['theirs'])}{ours}  {_time(row['paid_at'])}: {row['done']}"
        )
    if (listed := len(facts["not_matched"])) < (all_of := _not_matched(facts)):
        print(f"… and {all_of - listed} more")
    for row in facts["ours_only"]:
        print(f"ours only  {_absent_line(row)}: sold in our books, not in the file")
    _show_proof(facts)
    if facts["released"]:
        print("the database is no longer read-only: every day that it did not know is reconciled")
    elif facts["read_only"]:
        print(f"the database is read-only ({facts['read_only']}): no money moved")


def _not_matched(facts: dict[str, Any]) -> int:
    counts = Counter({name: found["count"] for name, found in facts["results"].items()})
    return counts.total() - counts[Result.MATCHED]


def _show_proof(facts: dict[str, Any]) -> None:
    if facts["proven_days"]:
        print(f"proven complete for: {', '.join(facts['proven_days'])}")
    for row in facts["absent"]:
        print(f"absent  {_absent_line(row)}: not sold, by the file")
    if facts["absent"]:
        print('to give these holds back: the same call with --void-absent all (or T…,T…) --reason "…" --by NAME')
    for row in facts["open_and_unlisted"]:
        print(f"open  {_absent_line(row)}: not in the file, which proves nothing for it")
    for row in facts["not_proven"]:
        print(f"not proven complete ({row['condition']}): {row['why']}")


def _absent_line(row: dict[str, Any]) -> str:
    return (
        f"{row['sale']} {row['state']}  meter {row['meter']}  {_rp(row['price'])} on hold  sent {_time(row['sent_at'])}"
    )


def _rp(amount: int) -> str:
    return f"Rp{amount:,}".replace(",", ".")


def _time(at: int | None) -> str:
    return datetime.fromtimestamp(at / 1000, clock.WIB).strftime("%Y-%m-%d %H:%M:%S") if at else "–"
