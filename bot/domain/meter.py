"""Meter numbers and customer ids: text made of digits, never numbers, for leading zeros are real.

Knows what may be sold to and how a number is shown or masked; never asks anybody whether it exists.
"""

import re

METER_DIGITS = 11
IDPEL_DIGITS = 12
REGISTRATION_DIGITS = 13

_NUMBER = re.compile(r"[0-9]{11,12}")


def is_number(text: str) -> bool:
    """Whether the text is a meter number (11 digits) or an IDPEL (12 digits). # VSI §2"""
    return _NUMBER.fullmatch(text) is not None


def looks_like_phone(digits: str) -> bool:
    """Indonesian mobile numbers begin with 08 or 628; the hint is only given once the number proved unknown."""
    return digits.startswith(("08", "628"))


def grouped(digits: str) -> str:
    """`54123456789` → `5412 3456 789`; a token's 20 digits in fours as on a meter's display."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


def masked(digits: str) -> str:
    """`54123456789` → `…6789`: enough to recognise one's own, too little to collect."""
    return f"…{digits[-4:]}"


def look_alikes(digits: str) -> tuple[str, ...]:
    """Every other number that differs in one digit, or in two neighbours that changed places."""
    found = {f"{digits[:at]}{digit}{digits[at + 1 :]}" for at in range(len(digits)) for digit in "0123456789"} | {
        f"{digits[:at]}{digits[at + 1]}{digits[at]}{digits[at + 2 :]}" for at in range(len(digits) - 1)
    }
    return tuple(sorted(found - {digits}))
