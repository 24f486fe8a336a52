"""The only reader of the wall clock and of time zones by name. Times are epoch milliseconds everywhere else."""

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

Now = Callable[[], int]

WIB = timezone(timedelta(hours=7), "WIB")
ZONES: dict[str, tzinfo] = {  # of Indonesia, none of which knows summer time
    "WIB": WIB,
    "WITA": timezone(timedelta(hours=8), "WITA"),
    "WIT": timezone(timedelta(hours=9), "WIT"),
}
SECOND = 1000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def now() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


def local(at: int, zone: tzinfo) -> datetime:
    """The moment as a datetime in the zone."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)


def day_span(at: int, zone: tzinfo, days_back: int = 0) -> tuple[int, int]:
    """First and one-past-last millisecond of the local day that contains `at`, `days_back` days earlier."""
    midnight = local(at, zone).replace(hour=0, minute=0, second=0, microsecond=0)
    start = (midnight - timedelta(days=days_back)).replace(fold=0)
    end = start + timedelta(days=1)
    return int(start.timestamp() * 1000), int(end.timestamp() * 1000)


def date_span(day: date, zone: tzinfo) -> tuple[int, int]:
    """First and one-past-last millisecond of the day in the zone."""
    midnights = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (day, day + timedelta(days=1)))
    start, end = (int(midnight.timestamp() * 1000) for midnight in midnights)
    return start, end


def month_span(at: int, zone: tzinfo) -> tuple[int, int]:
    """First and one-past-last millisecond of the local month that contains `at`."""
    first = local(at, zone).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    following = (first + timedelta(days=32)).replace(day=1)
    return int(first.timestamp() * 1000), int(following.timestamp() * 1000)


def next_time_of_day(after: int, zone: tzinfo, hour: int, minute: int) -> int:
    """The first `hour:minute` in the zone that lies strictly after the moment."""
    wanted = local(after, zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
    at = int(wanted.timestamp() * 1000)
    return at if at > after else at + DAY


class ManualClock:
    """A clock that moves when it is told to: what tests and simulations pass in for `now`."""

    def __init__(self, at: int) -> None:
        self.at = at

    def __call__(self) -> int:
        """The present moment."""
        return self.at

    def forward(self, milliseconds: int) -> None:
        """Move on."""
        self.at += milliseconds
