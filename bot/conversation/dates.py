"""Days as people type them: `kemarin`, `senin`, `12 Nov`, `12/11`, `12`, `2026-11-12`. Reads only.

A day without its year, or without its month, is the last of that name that has begun.
"""

import re
from datetime import date, timedelta

_WORDS = {"hari ini": 0, "today": 0, "kemarin": 1, "kmrn": 1, "yesterday": 1, "kemarin dulu": 2}
_WEEKDAYS = (
    "senin monday",
    "selasa tuesday",
    "rabu wednesday",
    "kamis thursday",
    "jumat jum'at friday",
    "sabtu saturday",
    "minggu sunday",
)
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
_WEEKDAY = {name: number for number, names in enumerate(_WEEKDAYS) for name in names.split()}
_MONTH = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_DAY, _GAP, _NAME = r"(?:tgl |tanggal )?(?P<day>\d{1,2})", r"[ ./-]+", r"[a-z]{3,9}"
_YEAR = r"(?P<year>\d{4}|\d{2})"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_DAY}(?:(?:{_GAP}(?P<month>\d{{1,2}}|{_NAME})|(?P<joined>{_NAME}))(?:{_GAP}{_YEAR})?)?",
        r"(?P<month>[a-z]{3,9}) (?P<day>\d{1,2})(?:,? (?P<year>\d{4}))?(?P<joined>)",
        r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})(?P<joined>)",
    )
)
_YEARS = range(2000, 2100)


def read(text: str, today: date) -> date | None:
    """The day that is meant, as of `today`; None for what is no day. Only one with its year may be still to come."""
    words = " ".join(text.casefold().split())
    if words in _WORDS:
        return today - timedelta(days=_WORDS[words])
    if words in _WEEKDAY:
        return today - timedelta(days=(today.weekday() - _WEEKDAY[words]) % 7)
    found = next((match for form in _FORMS if (match := form.fullmatch(words))), None)
    if found is None or not words.isascii():
        return None
    day, name, year = int(found["day"]), found["month"] or found["joined"], found["year"]
    if not name:
        months = [today.year * 12 + today.month - 1 - back for back in range(3)]  # of three in a row one has a 31st
        return _latest(today, [(month // 12, month % 12 + 1, day) for month in months])
    month = int(name) if name.isdecimal() else _MONTH.get(name, 0)
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
