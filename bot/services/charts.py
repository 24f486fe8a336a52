"""The picture with the owner's figures: sales by hour of a day, by day of several, those before them in grey."""

from dataclasses import replace

from bot.clock import local
from bot.domain.message import Chart, Day, Message, Rupiah, Text
from bot.domain.rules import Shop
from bot.i18n import PRACTICE_HEAD
from bot.services import digest
from bot.services.days import Course
from bot.services.summary import Summary

_FEWEST = 10  # hours, so that a single one is no wall


def beside(message: Message, found: Summary, shop: Shop) -> Message:
    """The message with its picture; without any sales, now and before, there is nothing to draw."""
    if not found.sales and not found.before.sales:
        return message
    is_day = len(found.days) == 1
    if is_day:
        now = {one.of: one.sales for one in found.hours}
        before = {one.of: one.sales for one in found.before.hours}
        hours = _open({*now, *before})
        labels = tuple(_label(f"{hour:02d}") for hour in hours)
        rows = tuple(now.get(hour, 0) for hour in hours), tuple(before.get(hour, 0) for hour in hours)
    else:
        labels = tuple(_label(Day(one.of)) for one in found.days)
        rows = tuple(one.sales for one in found.days), _as_many(found.before, len(found.days))
    chart = Chart(
        name=f"rekap-{local(found.at, shop.zone).date()}",
        title=Text("sum.chart" if is_day else "sum.chart_days"),
        total=Text("sum.chart_total", {"n": found.count, "rp": Rupiah(found.sales)}),
        legend=(digest.named(found.at, found.until, shop), digest.named(found.before.at, found.before.until, shop)),
        labels=labels,
        now=rows[0],
        before=rows[1],
        mark=Text(PRACTICE_HEAD) if shop.practice else None,
    )
    return replace(message, chart=chart)


def _open(sold: set[int]) -> range:
    """The hours from the first to the last with sales, with some around them where these are few."""
    first, last = min(sold), max(sold)
    missing = max(0, _FEWEST - (last - first + 1))
    start = min(max(0, first - missing // 2), 24 - max(_FEWEST, last - first + 1))
    return range(start, max(last + 1, start + _FEWEST))


def _as_many(before: Course, count: int) -> tuple[int, ...]:
    """Months are of different lengths: day beside day from the first on."""
    sums = [one.sales for one in before.days[:count]]
    return (*sums, *[0] * (count - len(sums)))


def _label(value: str | Day) -> Text:
    return Text("sum.label", {"label": value})
