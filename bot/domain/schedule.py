"""When a purchase in doubt is asked about next: the advice schedule, pure.

Asks sooner where that settles more, never more often than the schedule, and never stops by itself.
"""

from bot.domain.purchase import Purchase, State
from bot.domain.rules import Waits

_DAY = 24 * 60 * 60 * 1000
_WIB = 7 * 60 * 60 * 1000
# advice may only see today, and PLN closes from about 23:00 WIB: one more round before, one after
BEFORE_CUT_OFF = (22 * 60 + 50) * 60 * 1000
AFTER_CUT_OFF = (1 * 60 + 30) * 60 * 1000


def next_wib(after: int, time_of_day: int) -> int:
    """The first moment after `after` at which it is `time_of_day` (milliseconds since midnight) in WIB."""
    midnight = (after + _WIB) // _DAY * _DAY - _WIB
    return midnight + time_of_day + (_DAY if midnight + time_of_day <= after else 0)


def wib_day(at: int) -> int:
    """The number of the day in WIB."""
    return (at + _WIB) // _DAY


def next_advice(purchase: Purchase, now: int, waits: Waits, jitter: float) -> int | None:
    """When to advise next, in epoch milliseconds; `jitter` lies in [-1, 1]. None: no more (a FAILED asked enough)."""
    if purchase.state is State.FAILED:
        return _recheck(purchase, now, waits)
    wait = _interval(purchase, now, waits)
    at = now + round(wait * (1 + waits.advice_jitter * jitter))
    due = [at, next_wib(now, BEFORE_CUT_OFF), next_wib(now, AFTER_CUT_OFF)]
    if purchase.state is State.VERIFY and purchase.first_negative_at is not None:
        span_ends = purchase.first_negative_at + verify_span(purchase, waits)
        if span_ends > now:
            due.append(span_ends)
    return min(due)


def verify_span(purchase: Purchase, waits: Waits) -> int:
    """How long negative advices must reach before a refused payment counts as not sold."""
    return waits.verify_long if purchase.refused == "V+" else waits.verify


def verify_negatives(purchase: Purchase, waits: Waits) -> int:
    """How many negative advices that takes."""
    return waits.verify_long_negatives if purchase.refused == "V+" else waits.verify_negatives


def _interval(purchase: Purchase, now: int, waits: Waits) -> int:
    if purchase.advices < len(waits.advice):
        return waits.advice[purchase.advices]
    age = now - (purchase.sent_at or purchase.confirmed_at)
    if age < waits.advice_quarterly_until:
        return waits.advice_quarterly
    return waits.advice_hourly if age < waits.advice_hourly_until else waits.advice_daily


def _recheck(purchase: Purchase, now: int, waits: Waits) -> int | None:
    """A failure that rests on advices is asked about again: after an hour, at the next 22:50 and 01:30 WIB."""
    match purchase.rechecks:
        case 0:
            return (purchase.settled_at or now) + waits.failed_again
        case 1:
            return next_wib(now, BEFORE_CUT_OFF)
        case 2:
            return next_wib(now, AFTER_CUT_OFF)
        case _:
            return None
