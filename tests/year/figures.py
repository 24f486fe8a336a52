"""A day in figures, from wherever they come; what one source cannot know is None and is not compared."""

from collections import Counter
from dataclasses import dataclass, fields


@dataclass(slots=True)
class Figures:
    """Rupiah, kWh in tenths; by agent, denomination and local hour. `lost` is what late sales cost the shop."""

    count: int | None = None
    sales: int | None = None
    profit: int | None = None
    kwh_tenths: int | None = None
    failed: int | None = None
    lost: int | None = None
    by_agent: Counter[int] | None = None
    sales_by_agent: Counter[int] | None = None
    by_denomination: Counter[int] | None = None
    by_hour: Counter[int] | None = None

    def __add__(self, other: "Figures") -> "Figures":
        """Two days as one span."""
        both = {field.name: (getattr(self, field.name), getattr(other, field.name)) for field in fields(self)}
        return Figures(**{name: None if one is None else one + more for name, (one, more) in both.items()})


@dataclass(slots=True)
class Standing:
    """How things stand at a moment: rupiah. `deposit` is the supplier's, `till` what the counter has taken.

    `of_agent` is what each has, what is held of it, and what he owes; `silent` names who sold nothing for a week.
    """

    open_count: int | None = None
    held: int | None = None
    agents: int | None = None
    receivables: int | None = None
    deposit: int | None = None
    till: int | None = None
    of_agent: dict[int, tuple[int, int, int]] | None = None
    silent: set[str] | None = None


def differences(said: Figures | Standing, recounted: Figures | Standing, source: str) -> list[str]:
    """What is said otherwise than recounted, in words."""
    found = []
    for field in fields(recounted):
        ours, theirs = getattr(said, field.name), getattr(recounted, field.name)
        if theirs is not None and ours != theirs:
            found.append(f"{field.name}: said {ours}, {source} has {theirs}")
    return found
