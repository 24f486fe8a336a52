"""Which page of a list somebody asks for: `hal 2` or `page 2` behind whatever else he asks."""

import re

_ASKED = re.compile(r"(?P<rest>.*?)\s*\b(?:hal|page)\s+(?P<page>[0-9]{1,4})\s*", re.IGNORECASE)


def read(rest: str) -> tuple[str, int]:
    """What else stands there, and the page, from 1 on; all of it and the first page where none is named."""
    asked = _ASKED.fullmatch(rest)
    return (asked["rest"], max(1, int(asked["page"]))) if asked else (rest, 1)
