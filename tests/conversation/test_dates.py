"""Days as people type them."""

from datetime import date

import pytest

from bot.conversation import dates

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("hari ini", TODAY),
        ("Today", TODAY),
        ("kemarin", date(2026, 2, 28)),
        ("1", TODAY),
        ("28", date(2026, 2, 28)),
        ("31", date(2026, 1, 31)),
        ("12 Nov", date(2025, 11, 12)),
        ("12/11", date(2025, 11, 12)),
        ("1 Maret", TODAY),
        ("2 mei", date(2025, 5, 2)),
        ("29/2", date(2024, 2, 29)),
        ("12.11.25", date(2025, 11, 12)),
        ("17 agustus 2045", date(2045, 8, 17)),
        ("minggu", TODAY),
        ("Monday", date(2026, 2, 23)),
        ("jum'at", date(2026, 2, 27)),
        ("12nov", date(2025, 11, 12)),
        ("nov 12", date(2025, 11, 12)),
        ("October 1, 2024", date(2024, 10, 1)),
        ("tgl 12", date(2026, 2, 12)),
        ("2025-11-12", date(2025, 11, 12)),
    ],
)
def test_a_day_without_a_year_is_the_last_one_of_that_name(text: str, day: date) -> None:
    assert dates.read(text, TODAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "besok",
        "32",
        "0",
        "31/4/2026",
        "12/13",
        "1/1/1999",
        "12 novem",
        "١٢",
        "1/2/3/4",
        "foo 12",
        "12foo",
        "2025-13-01",
        "5412",
        "T12",
    ],
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert dates.read(text, TODAY) is None
