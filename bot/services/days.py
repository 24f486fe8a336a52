"""Spans of days in figures, from the tally that the database keeps as purchases settle. Moves no money.

A sale belongs to the day of its confirm in the shop's zone, a late one, too: one that its agent pays is sold, one that
the shop bears is lost. Nothing open is counted as sold.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from bot.clock import HOUR, date_span, local
from bot.domain.ledger import COUNTER
from bot.domain.purchase import Event
from bot.domain.rules import Shop
from bot.ports import Tx

SLOT = HOUR // 4
_KWH = 1_000  # ten-thousandths in a tenth


@dataclass(frozen=True, slots=True)
class AgentSales:
    """An agent's part of a span. Rupiah."""

    name: str
    count: int
    id: int
    sales: int
    profit: int
    failed: int


@dataclass(frozen=True, slots=True)
class Sold:
    """So many sales of a kind: `of` is a denomination, an hour, or a day by its first millisecond. Rupiah."""

    of: int
    count: int
    sales: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A span of days, `start` up to `end` in epoch milliseconds. Rupiah, kWh in tenths.

    `profit` is margin and rebate, with the difference of admin fees, less `lost`: late sales that the shop bears.
    `agents` has whoever sold or failed, the most sales first.
    """

    start: int
    end: int
    count: int
    sales: int
    profit: int
    kwh_tenths: int
    failed: int
    lost: int
    agents: tuple[AgentSales, ...]
    denominations: tuple[Sold, ...]
    course: "Course"


@dataclass(frozen=True, slots=True)
class Course:
    """How a span went. Rupiah; `hours` are those of the day that have sales, `days` is every day of the span."""

    at: int
    until: int
    count: int
    sales: int
    hours: tuple[Sold, ...]
    days: tuple[Sold, ...]


@dataclass(frozen=True, slots=True)
class Correction:
    """What became of a purchase after its day was summed up: `kind` is sold, failed or lost. Rupiah."""

    id: int
    confirmed_at: int
    kind: str
    sales: int
    profit: int

    @property
    def sale(self) -> str:
        """The number that people say."""
        return f"T{self.id}"


@dataclass(frozen=True, slots=True)
class Silent:
    """An agent who has sold nothing for long."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What an agent has, how much of it is held, what he owes, and what he may sell a day (0 is no limit). Rupiah."""

    id: int
    name: str
    daily_limit: int
    balance: int
    held: int
    owed: int


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    count: int
    sales: int
    profit: int = 0
    kwh: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class _Late:
    id: int
    agent_id: int
    denomination: int
    confirmed_at: int
    event: str
    price: int
    cost: int
    kwh: int

    @property
    def is_paid(self) -> bool:
        """Whether its agent took it."""
        return self.event == Event.LATE_PAID

    @property
    def row(self) -> _Row:
        """What its decision adds to its agent's day, where it was counted as failed."""
        if self.is_paid:
            return _Row(self.agent_id, 1, self.price, self.price - self.cost, self.kwh, -1)
        return _Row(self.agent_id, 0, 0, -self.cost)


def span_of(shop: Shop, first: date, last: date) -> tuple[int, int]:
    """First and one-past-last millisecond of the days from `first` to `last`, both of them in it."""
    return date_span(first, shop.zone)[0], date_span(last, shop.zone)[1]


def course(tx: Tx, shop: Shop, first: date, last: date, *, until: int | None = None) -> Course:
    """How the days from `first` to `last` went; with `until`, only up to that quarter of an hour."""
    start, end = span_of(shop, first, last)
    return _course(tx, shop, first, last, [one for one in _late(tx, start, end) if one.is_paid], until)


def of(tx: Tx, shop: Shop, first: date, last: date) -> Figures:
    """The days from `first` to `last`, both of them in it."""
    start, end = span_of(shop, first, last)
    slots = {"first": start // SLOT, "last": end // SLOT}
    late = _late(tx, start, end)
    paid = [one for one in late if one.is_paid]
    rows = _summed([*tx.all(_Row, "days_of_agents", **slots), *(one.row for one in late)])
    nominals = [Sold(row.id, row.count, row.sales) for row in tx.all(_Row, "days_of_denominations", **slots)]
    nominals += [Sold(one.denomination, 1, one.price) for one in paid]
    return Figures(
        start=start,
        end=end,
        count=sum(row.count for row in rows),
        sales=sum(row.sales for row in rows),
        profit=sum(row.profit for row in rows),
        kwh_tenths=round(sum(row.kwh for row in rows) / _KWH),
        failed=sum(row.failed for row in rows),
        lost=sum(one.cost for one in late if not one.is_paid),
        agents=_named(tx, rows),
        denominations=tuple(one for one in _merged(nominals) if one.count),
        course=_course(tx, shop, first, last, paid, None),
    )


def silent(tx: Tx, shop: Shop, now: int) -> list[Silent]:
    """Active agents who have been there for `Waits.silent` and sold nothing in it."""
    return tx.all(Silent, "days_silent", since=now - shop.waits.silent, counter=COUNTER)


def standings(tx: Tx) -> list[Standing]:
    """Every agent's deposit and debt, by name."""
    return tx.all(Standing, "days_standing", counter=COUNTER)


def corrections(tx: Tx, since: int, until: int, before: int) -> list[Correction]:
    """What became after `since`, up to `until`, of purchases that were confirmed before `before`."""
    return tx.all(Correction, "days_corrected", since=since, until=until, before=before)


def _course(tx: Tx, shop: Shop, first: date, last: date, paid: list[_Late], until: int | None) -> Course:
    start, end = span_of(shop, first, last)
    stop = end if until is None else until
    slots = {"first": start // SLOT, "last": -(-stop // SLOT)}
    moments = [Sold(row.id * SLOT, row.count, row.sales) for row in tx.all(_Row, "days_of_slots", **slots)]
    moments += [Sold(one.confirmed_at, 1, one.price) for one in paid if one.confirmed_at < stop]
    moments = [one for one in moments if one.count]
    midnights = [date_span(first + timedelta(days=n), shop.zone)[0] for n in range((last - first).days + 1)]
    by_day = [replace(one, of=midnights[bisect_right(midnights, one.of) - 1]) for one in moments]
    return Course(
        at=start,
        until=stop,
        count=sum(one.count for one in moments),
        sales=sum(one.sales for one in moments),
        hours=tuple(_merged([replace(one, of=local(one.of, shop.zone).hour) for one in moments])),
        days=tuple(_merged([*(Sold(midnight, 0, 0) for midnight in midnights), *by_day])),
    )


def _late(tx: Tx, start: int, end: int) -> list[_Late]:
    return tx.all(_Late, "days_late", start=start, end=end)


def _summed(rows: Iterable[_Row]) -> list[_Row]:
    found: dict[int, _Row] = {}
    for row in rows:
        was = found.get(row.id)
        found[row.id] = (
            row
            if was is None
            else _Row(
                row.id,
                was.count + row.count,
                was.sales + row.sales,
                was.profit + row.profit,
                was.kwh + row.kwh,
                was.failed + row.failed,
            )
        )
    return list(found.values())


def _merged(rows: Iterable[Sold]) -> list[Sold]:
    """One of a kind, in order."""
    found: dict[int, Sold] = {}
    for row in rows:
        was = found.get(row.of, Sold(row.of, 0, 0))
        found[row.of] = Sold(row.of, was.count + row.count, was.sales + row.sales)
    return [found[of] for of in sorted(found)]


def _named(tx: Tx, rows: Iterable[_Row]) -> tuple[AgentSales, ...]:
    names = {one.id: one.name for one in tx.all(Silent, "days_names")}
    made = [
        AgentSales(names[row.id], row.count, row.id, row.sales, row.profit, row.failed)
        for row in rows
        if row.count or row.failed or row.profit
    ]
    return tuple(sorted(made, key=lambda one: (-one.count, one.name, one.id)))
