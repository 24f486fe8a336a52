"""Spans of days as owners type them: `kemarin`, `7`, `bulan lalu`, `nov`, `1/11-15/11`. Reads and writes only."""

import re
from datetime import date, timedelta

from bot.conversation import dates
from bot.domain.proof import Span

_SEVEN = frozenset(["7", "7 hari", "7 days", "seminggu", "week", "minggu ini", "this week"])
_MONTH = frozenset(["bulan", "bulan ini", "month", "this month"])
_LAST_MONTH = frozenset(["bulan lalu", "last month"])
_BETWEEN = re.compile(r"\s*(?:\.\.|–|-|\bs/?d\b|\bsampai\b|\bto\b|\buntil\b)\s*")
_OPEN_DAY = re.compile(r"(?:tgl |tanggal )?\d{1,2}")


def read(text: str, today: date) -> Span | None:
    """The days that are meant, none of them still to come; None for what names none."""
    words = " ".join(text.casefold().split())
    found = _named(words, today) or _single(words, today) or _month(words, today) or _from_to(words, today)
    if found is None or found.first > today:
        return None
    return Span(found.first, min(found.last, today))


def write(days: Span) -> str:
    """The days in words that mean the same on any later day, in both languages."""
    ends = [f"{day.day}/{day.month}/{day.year}" for day in (days.first, days.last)]
    return ends[0] if days.first == days.last else "-".join(ends)


def _named(words: str, today: date) -> Span | None:
    if words in _SEVEN:
        return Span(today - timedelta(days=6), today)
    if words in _MONTH:
        return Span(today.replace(day=1), today)
    if words in _LAST_MONTH:
        last = today.replace(day=1) - timedelta(days=1)
        return Span(last.replace(day=1), last)
    return None


def _single(words: str, today: date) -> Span | None:
    day = dates.read(words, today)
    return Span(day, day) if day is not None else None


def _month(words: str, today: date) -> Span | None:
    """`nov`, `november 2025`: all of it."""
    if not re.match(r"[a-z]", words):
        return None
    first = dates.read(f"1 {words}", today)
    if first is None:
        return None
    following = (first + timedelta(days=32)).replace(day=1)
    return Span(first, following - timedelta(days=1))


def _from_to(words: str, today: date) -> Span | None:
    """The last day first: a day without its month lies in its month, one without its year is the last before it."""
    for between in _BETWEEN.finditer(words):
        left, right = words[: between.start()], words[between.end() :]
        last = dates.read(right, today)
        if last is None:
            continue
        if _OPEN_DAY.fullmatch(left):
            left = f"{left}/{last.month}/{last.year}" if int(left.split()[-1]) <= last.day else left
        first = dates.read(left, last)
        if first is not None and first <= last:
            return Span(first, last)
    return None
