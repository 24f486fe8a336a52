"""The owner's days in figures, recounted at every call. Pending is never counted as sold; words are made elsewhere."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bot.clock import local
from bot.domain.ledger import COUNTER
from bot.domain.purchase import OPEN, Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import alerts, days, ledger, trail, watch
from bot.services.days import AgentSales, Correction, Course, Sold, Standing

EARLIEST = 5  # minutes after midnight: what was confirmed before it has settled by then, or is open
USUAL = 6 * 60 + 30


@dataclass(frozen=True, slots=True)
class Open:
    """A purchase without a clear answer: rupiah, epoch milliseconds."""

    id: int
    agent_id: int
    price: int
    confirmed_at: int

    @property
    def sale(self) -> str:
        """The number that people say."""
        return f"T{self.id}"


@dataclass(frozen=True, slots=True)
class Summary:
    """Days from `at` up to `until`: epoch milliseconds, rupiah, kWh in tenths, ages in milliseconds.

    What is sold, earned and failed belongs to these days; they are compared with those of `before`, of which
    `before_count` and `before_sales` had been sold by the same moment. `corrections` are of earlier days, since the
    summary before. `open_*`, `silent`, `alerts` and everything that somebody has stand as they are now, whatever the
    days; `open_here` counts the open purchases of these days, and `still` is each of all, the oldest first. `runway` is
    how long the supplier's deposit lasts, None without sales; that deposit is None as long as
    nobody noted it.
    """

    at: int
    until: int
    count: int
    sales: int
    profit: int
    kwh_tenths: int
    failed: int
    lost: int
    open_count: int
    open_held: int
    open_oldest: int
    open_here: int
    still: tuple[Open, ...]
    agents: tuple[AgentSales, ...]
    denominations: tuple[Sold, ...]
    hours: tuple[Sold, ...]
    days: tuple[Sold, ...]
    before: Course
    before_count: int
    before_sales: int
    corrections: tuple[Correction, ...]
    silent: tuple[str, ...]
    standings: tuple[Standing, ...]
    alerts: int
    notes: int
    tickets: int
    receivables: int
    agent_balances: int
    held: int
    till: int
    supplier_deposit: int | None
    runway: int | None


def of_days(tx: Tx, shop: Shop, now: int, first: date, last: date) -> Summary:
    """The local days from `first` to `last`, both of them in it."""
    found = days.of(tx, shop, first, last)
    still = [one for one in tx.all(Purchase, "purchase_open_list") if one.state in OPEN]
    standings = tuple(days.standings(tx))
    span = {"start": found.start, "end": found.end}
    before, so_far = _before(tx, shop, now, first, last)
    since, until = told_at(tx, shop, first - timedelta(days=1)), told_at(tx, shop, last)
    return Summary(
        at=found.start,
        until=found.end,
        count=found.count,
        sales=found.sales,
        profit=found.profit,
        kwh_tenths=found.kwh_tenths,
        failed=found.failed,
        lost=found.lost,
        open_count=len(still),
        open_held=sum(one.price for one in still),
        open_oldest=max((now - one.confirmed_at for one in still), default=0),
        open_here=sum(found.start <= one.confirmed_at < found.end for one in still),
        still=tuple(Open(one.id, one.agent_id, one.price, one.confirmed_at) for one in sorted(still, key=_age)),
        agents=found.agents,
        denominations=found.denominations,
        hours=found.course.hours,
        days=found.course.days,
        before=before,
        before_count=so_far.count,
        before_sales=so_far.sales,
        corrections=tuple(days.corrections(tx, since, until, found.start)),
        silent=tuple(one.name for one in days.silent(tx, shop, now)),
        standings=standings,
        alerts=len(alerts.standing(tx)),
        notes=tx.one(int, "days_notes", **span) or 0,
        tickets=tx.one(int, "days_tickets") or 0,
        receivables=sum(one.owed for one in standings),
        agent_balances=sum(one.balance for one in standings),
        held=sum(one.held for one in standings),
        till=-ledger.agent_account(tx, COUNTER).posted,
        supplier_deposit=ledger.noted_deposit(tx),
        runway=watch.runway(tx, now),
    )


def _age(one: Purchase) -> int:
    return one.confirmed_at


def compared(first: date, last: date) -> tuple[date, date]:
    """What the days are compared with: the same weekday, the days before, or of a month the same days of the last.

    A day and seven days are no month, whatever they begin with.
    """
    length = (last - first).days + 1
    if first.day == 1 and length not in (1, 7):
        end = first - timedelta(days=1)
        whole = (last + timedelta(days=1)).day == 1
        return end.replace(day=1), end if whole else end.replace(day=min(last.day, end.day))
    back = timedelta(days=7 if length == 1 else length)
    return first - back, last - back


def _before(tx: Tx, shop: Shop, now: int, first: date, last: date) -> tuple[Course, Course]:
    """What the days are compared with, whole, and as far as it had come when they were as old as they are now."""
    earlier, later = compared(first, last)
    whole = days.course(tx, shop, earlier, later)
    moment = local(now, shop.zone)
    if not first <= moment.date() <= last:
        return whole, whole
    day = min(earlier + (moment.date() - first), later)
    until = int(datetime.combine(day, moment.time(), shop.zone).timestamp() * 1000)
    return whole, days.course(tx, shop, earlier, later, until=until)


# when a day was told


def told_at(tx: Tx, shop: Shop, day: date) -> int:
    """When the day was summed up for the owners, or would usually be: what changes after it is a correction."""
    found = tx.one(int, "days_told", day=day.isoformat())
    return _moment(tx, shop, day + timedelta(days=1)) if found is None else found


def minute(tx: Tx) -> int | None:
    """The minute of the day at which yesterday is summed up; None where the owner wants none."""
    found = tx.one(int, "days_time")
    return USUAL if found is None else None if found < 0 else found


def set_minute(tx: Tx, at: int | None, actor: str, now: int) -> None:
    """Sum up yesterday at this minute of the day from now on, never for None. At the earliest `EARLIEST`."""
    tx.run("days_time_set", minute=at)
    if at is None:
        trail.note(tx, actor, "switched the summary off", trail.SHOP, now)
    else:
        trail.note(tx, actor, "set the summary's time", trail.SHOP, now, reason=f"{at // 60:02d}.{at % 60:02d}")


def _moment(tx: Tx, shop: Shop, day: date) -> int:
    """When the day before this one is summed up."""
    found = minute(tx)
    hour, rest = divmod(USUAL if found is None else found, 60)
    return int(datetime(day.year, day.month, day.day, hour, rest, tzinfo=shop.zone).timestamp() * 1000)
