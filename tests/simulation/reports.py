"""The supplier's reports in the model: complete, truncated or filtered, and what their silence may be taken for."""

import csv
import io
from datetime import date, datetime, timedelta

from bot.domain import proof, report
from bot.domain.proof import Span
from bot.domain.report import Stated
from bot.sandbox.ledger import Sold
from bot.services import reconciliation
from bot.services.absence import Claim
from bot.services.decisions import DecisionError
from bot.services.standing import StandingError
from tests.simulation.books import DOUBT
from tests.simulation.shop import RULES, Stored
from tests.simulation.simulation import Simulation

LAYOUT = report.layout("trxid=TRXID,payref=REF,msn=METER,total=TOTAL,adm=ADM,token=TOKEN,paid_at=TIME", "")
_OPENING = 900_000_000
_FOREIGN = "P0000000000000000000{:07d}"  # another shop's purchase under our client id


def write(here: Simulation, sales: list[Sold], *, total: int | None) -> bytes:
    """The file. No two are alike: each carries its number above the header."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow([f"REPORT {here.serve()}"])
    lines.writerow(["TRXID", "REF", "METER", "TOTAL", "ADM", "TOKEN", "TIME"])
    for sold in sales:
        at = datetime.fromtimestamp((sold.sold_at + here.truth.habits.clock_ahead) / 1000, report.WIB)
        trxid = sold.trxid or _FOREIGN.format(sold.id)
        row = [trxid, sold.payref, sold.msn, sold.nominal + sold.adm, sold.adm, "".join(sold.tokens)]
        lines.writerow([*row, f"{at:%Y-%m-%d %H:%M:%S}"])
    if total is not None:
        lines.writerow(["TOTAL", "", "", total, "", "", ""])
    return out.getvalue().encode()


def import_one(here: Simulation, *, days: int, kind: str, which: int) -> str:
    """Import the report of the last whole days; returns the file's hash. `kind` is complete, truncated or filtered."""
    last = proof.day_of(here.now) - timedelta(days=1)
    span = Span(last - timedelta(days=days - 1), last)
    true = [sold for sold in here.truth.sales if _day(here, sold) in span.days()]
    true.sort(key=lambda sold: (sold.sold_at, sold.id))
    shown = list(true)
    if kind == "truncated":
        shown = shown[: which % (len(shown) + 1)]
    elif kind == "filtered" and shown:
        del shown[which % len(shown)]
    rows, everything = _sum(shown), _sum(true)
    data = write(here, shown, total=None if kind == "truncated" else rows)
    stated = Stated(opening=_OPENING, closing=_OPENING - everything, top_ups=0, rebates=0)
    filed = reconciliation.filed(data, "report.csv", LAYOUT, "boss")
    worker = reconciliation.reconcile(
        Stored(here.shop), filed, Claim(stated, span), RULES, lambda: here.now, strangers=True
    )
    read_only = bool(here.restricted)
    for sold in shown:
        here.books.row(sold, here.listed(sold), here.now, read_only=read_only)
    outcome = here.shop.whole(worker)
    lacking = len(shown) < len(true) or kind == "truncated"
    assert not (outcome.verdict.days and lacking), "a file that lacks sales was taken for complete"
    for one in outcome.absent:
        _is_absent(here, one.trxid, span)
    if outcome.lifted:
        assert here.restricted == "restored"
        here.released()
        _nothing_is_unknown(here)
    return filed.sha256


def void_absent(here: Simulation, sha256: str) -> None:
    """The owner confirms the list of open purchases that the complete file lacks."""
    listed = [one.id for one in here.shop.view(reconciliation.absent_of, sha256, RULES)]
    if not listed:
        return
    try:
        made = here.shop.run(reconciliation.void_absent, sha256, None, "boss", "not in it", RULES, here.now)
    except (DecisionError, StandingError):
        assert here.restricted or any(here.books.bought[number].state not in DOUBT for number in listed)
        return
    assert not here.restricted
    for one in made:
        bought = here.books.bought[one.id]
        here.books.seen["REPORT lacks it, confirmed", bought.state] += 1
        here.books.fail(bought)


def _is_absent(here: Simulation, trxid: str, span: Span) -> None:
    """What is listed as not sold was not sold on the days of the file, by the supplier's own clock."""
    for sold in here.truth.of_payment(trxid):
        assert _day(here, sold) > span.last, "a sold purchase was listed as absent"


def _nothing_is_unknown(here: Simulation) -> None:
    """A copy that sells again knows every sale that the lost database knew."""
    assert here.forgotten is not None
    copied, restored = here.forgotten
    for sold in here.truth.sales:
        if sold.trxid and copied < sold.sold_at <= restored:
            assert here.books.knows(sold.tokens[-1], None), "a copy sells again and does not know what was sold"


def _day(here: Simulation, sold: Sold) -> date:
    return proof.day_of(sold.sold_at + here.truth.habits.clock_ahead)


def _sum(sales: list[Sold]) -> int:
    return sum(sold.nominal + sold.adm for sold in sales)
