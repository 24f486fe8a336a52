"""The 20 digits that a customer keys into a meter, alone or behind one or two key-change groups.

Reads what the supplier wrote and groups what people read; never decides whose token it is (that is `gate`).
"""

import re

DIGITS = 20
MOST_GROUPS = 3

_SEPARATORS = re.compile(r"[\s-]+")
_DIGITS_ONLY = re.compile(r"[0-9]+")


def read(text: str) -> tuple[str, ...] | None:
    """One to three groups of 20 digits in the supplier's order, the credit token last; None if it is anything else.

    Dashes and blanks are the supplier's habit and carry nothing. # VSI §3, §11
    """
    digits = _SEPARATORS.sub("", text)
    whole, rest = divmod(len(digits), DIGITS)
    if rest or not 1 <= whole <= MOST_GROUPS or _DIGITS_ONLY.fullmatch(digits) is None:
        return None
    return tuple(digits[start : start + DIGITS] for start in range(0, len(digits), DIGITS))
