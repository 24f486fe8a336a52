"""What makes a report proven complete for a day, so that a sale's absence from it means that there was none.

Pure arithmetic over figures and days (WIB). A missing statement is never taken for an agreeing one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from bot.domain.report import WIB, Outline, ReportError, Stated

_DAY = timedelta(days=1)


class Condition(StrEnum):
    """What has to hold (money rules §4.6), in the words of the output."""

    DAYS = "days"  # the whole of the day and of the day after it
    DATES = "dates"  # every row lies within the stated days
    TOTALS = "totals"  # what the file states is what its rows come to
    DEPOSIT = "deposit"  # opening + top-ups + rebates − Σ rows = closing
    SALES = "sales"  # it lists every sale of ours of both days


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """One condition that does not hold, and why, in words for the operator."""

    condition: Condition
    detail: str


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days that a report covers, first and last; None where it covers not even one."""

    first: date
    last: date

    def days(self) -> list[date]:
        """Each of them."""
        return [self.first + _DAY * number for number in range((self.last - self.first).days + 1)]


def day_of(at: int) -> date:
    """The day in WIB of a moment in epoch milliseconds."""
    return datetime.fromtimestamp(at / 1000, WIB).date()


def start_of(day: date) -> int:
    """Its first millisecond, WIB."""
    return int(datetime(day.year, day.month, day.day, tzinfo=WIB).timestamp()) * 1000


def read_span(text: str) -> Span:
    """`2026-11-25..2026-11-26`, or one day alone. Raises `ReportError`."""
    first, _, last = text.partition("..")
    try:
        span = Span(date.fromisoformat(first.strip()), date.fromisoformat((last or first).strip()))
    except ValueError:
        raise ReportError(f"{text!r}: days are given as 2026-11-25..2026-11-26") from None
    if span.last < span.first or (span.last - span.first).days > 400:
        raise ReportError(f"{text!r}: no span of up to 400 days")
    return span


def span_of(outline: Outline, stated: Span | None, now: int) -> Span | None:
    """The whole days that the report covers and that are over.

    Rows alone prove only the days that lie strictly between the first and the last of them.
    """
    if stated is not None:
        first, last = stated.first, stated.last
    elif outline.first_at is not None and outline.last_at is not None:
        first, last = day_of(outline.first_at) + _DAY, day_of(outline.last_at) - _DAY
    else:
        return None
    last = min(last, day_of(now) - _DAY)
    return Span(first, last) if first <= last else None


def provable(span: Span | None) -> list[date]:
    """The days whose following day is covered, too: a payment sent before midnight may be dated after it."""
    return [] if span is None else span.days()[:-1]


def shortcomings(outline: Outline, by_hand: Stated, stated: Span | None, now: int) -> list[Shortcoming]:
    """What keeps the report as a whole from proving anything by what it lacks."""
    found = [*_days(outline, stated, now), *_dates(outline, stated), *_totals(outline, by_hand)]
    return [*found, *_deposit(outline, by_hand)]


def _days(outline: Outline, stated: Span | None, now: int) -> Iterable[Shortcoming]:
    if provable(span_of(outline, stated, now)):
        return
    if stated is None:
        why = "the rows alone do not show which whole days it covers: state them with --covers FIRST..LAST"
    elif stated.last >= day_of(now):
        why = f"{stated.last} is not over"
    else:
        why = f"{stated.first} is proven by a file that covers {stated.first + _DAY}, too"
    yield Shortcoming(Condition.DAYS, why)


def _dates(outline: Outline, stated: Span | None) -> Iterable[Shortcoming]:
    if outline.undated:
        yield Shortcoming(Condition.DATES, f"{outline.undated} rows carry no time")
    if stated is None or outline.first_at is None or outline.last_at is None:
        return
    outside = [day for day in (day_of(outline.first_at), day_of(outline.last_at)) if not _within(day, stated)]
    if outside:
        yield Shortcoming(Condition.DATES, f"a row is dated {outside[0]}, outside the stated days")


def _within(day: date, span: Span) -> bool:
    return span.first <= day <= span.last


def _totals(outline: Outline, by_hand: Stated) -> Iterable[Shortcoming]:
    totals = {value for value in (outline.stated.total, by_hand.total) if value is not None}
    counts = {value for value in (outline.stated.count, by_hand.count) if value is not None}
    if not totals:
        yield Shortcoming(Condition.TOTALS, "no row of totals in the file and no --total")
    for value in sorted(totals - {outline.total}):
        yield Shortcoming(Condition.TOTALS, f"stated total {value}, the rows make {outline.total}")
    for value in sorted(counts - {outline.count}):
        yield Shortcoming(Condition.TOTALS, f"stated count {value}, there are {outline.count} rows")


def _deposit(outline: Outline, by_hand: Stated) -> Iterable[Shortcoming]:
    figures: dict[str, int] = {}
    for name in ("opening", "top_ups", "rebates", "closing"):
        in_file, said = getattr(outline.stated, name), getattr(by_hand, name)
        if in_file is not None and said is not None and in_file != said:
            yield Shortcoming(Condition.DEPOSIT, f"{name} is {in_file} in the file and {said} by hand")
        value = said if in_file is None else in_file
        if value is not None:
            figures[name] = value
    if missing := [f"--{name}" for name in ("opening", "closing") if name not in figures]:
        yield Shortcoming(Condition.DEPOSIT, f"not stated: {', '.join(missing)}")
        return
    income = figures.get("top_ups", 0) + figures.get("rebates", 0)
    expected = figures["opening"] + income - outline.total
    if expected != figures["closing"]:
        why = f"{figures['opening']} + {income} − {outline.total} is {expected}, the closing is {figures['closing']}"
        yield Shortcoming(Condition.DEPOSIT, why)
