"""What the shop logged that somebody has to look at."""

from collections.abc import MutableMapping
from typing import Any

ERRORS = ("error", "critical")


def told(logged: MutableMapping[str, Any]) -> str:
    """An event of the log for whoever reads a failure, with its traceback."""
    return "\n".join(f"{name}: {value}" for name, value in logged.items())
