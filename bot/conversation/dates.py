"""Days as people type them: `kemarin`, `12 Nov`, `12/11`, `12`. Reads only; a day without a year is never to come."""

import re
from datetime import date, timedelta

_WORDS = {"hari ini": 0, "today": 0, "kemarin": 1, "yesterday": 1, "kemarin dulu": 2}
_MONTHS = (
    "jan januari january",
    "feb februari february pebruari",
    "mar maret march",
    "apr april",
    "mei may",
    "jun juni june",
    "jul juli july",
    "agu ags agt aug agustus august",
    "sep sept september",
    "okt oct oktober october",
    "nov november nopember",
    "des dec desember december",
)
_BY_NAME = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_FORM = re.compile(r"(?P<day>\d{1,2})(?:[\s./-]+(?P<month>\d{1,2}|[a-z]{3,9})(?:[\s./-]+(?P<year>\d{4}|\d{2}))?)?")
_YEARS = range(2000, 2100)


def read(text: str, today: date) -> date | None:
    """The day that is meant, as of `today`; None for what is no day."""
    words = " ".join(text.casefold().split())
    if words in _WORDS:
        return today - timedelta(days=_WORDS[words])
    found = _FORM.fullmatch(words)
    if found is None or not words.isascii():
        return None
    day, name, year = int(found["day"]), found["month"], found["year"]
    if name is None:
        months = [today.year * 12 + today.month - 1 - back for back in range(3)]  # of three in a row one has a 31st
        return _latest(today, [(month // 12, month % 12 + 1, day) for month in months])
    month = int(name) if name.isdecimal() else _BY_NAME.get(name, 0)
    if year is not None:
        full = int(year) if len(year) == 4 else 2000 + int(year)
        return _date(full, month, day) if full in _YEARS else None
    return _latest(today, [(today.year - back, month, day) for back in range(5)])  # 29 February is rare


def _latest(today: date, tried: list[tuple[int, int, int]]) -> date | None:
    found = (_date(*one) for one in tried)
    return next((one for one in found if one is not None and one <= today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
