"""Energy as receipts state it, and how much of it a connection may take in a month. Text in, whole numbers out."""

import re

_KWH = re.compile(r"(?P<whole>[0-9][0-9.]*),(?P<part>[0-9]+)")  # the dot groups thousands
_POWER = re.compile(r"/ *0*([1-9][0-9]{2,6})(?![0-9])")
_HOURS = 720  # of full load a month: what PLN sells at the most


def said(kwh: str) -> str:
    """As people read it: a dash where nobody stated it."""
    return kwh or "–"


def tenths(kwh: str) -> int:
    """`1.032,15` in tenths of a kWh, 10.321; 0 where nothing is stated."""
    match = _KWH.fullmatch(kwh)
    return int(match["whole"].replace(".", "") + match["part"][0]) if match else 0


def monthly_cap(tariff_power: str) -> int | None:
    """The kWh a month of `R1M/900`, 648; None if the power is not stated."""
    match = _POWER.search(tariff_power)
    return int(match[1]) * _HOURS // 1000 if match else None
