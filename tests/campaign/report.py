"""What the pages of all campaigns are made of: sums, tables, and what was found."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date

from tests.campaign.outcome import Outcome
from tests.campaign.plants import Planted


def summed(outcomes: Iterable[Outcome]) -> Counter[str]:
    """All that was counted."""
    return sum((one.counts for one in outcomes), Counter[str]())


def fired(outcomes: Iterable[Outcome]) -> Counter[str]:
    """All faults by kind."""
    return sum((one.fired for one in outcomes), Counter[str]())


def headline(outcomes: Sequence[Outcome], seed: int) -> str:
    """When, how, and with what result."""
    found = sum(len(one.found) for one in outcomes)
    minutes = sum(one.seconds for one in outcomes) / 60
    return (
        f"{date.today():%-d %B %Y} · `make chaos` · seeds from {seed} · {minutes:.0f} minutes · "  # noqa: DTZ011
        f"**{found} violations**."
    )


def violations(outcomes: Iterable[Outcome]) -> str:
    """Each with the run that found it."""
    found = [f"{one.label} · {each}" for one in outcomes for each in one.found]
    return "\n".join(f"- {one}" for one in found) or "None."


def moments(outcomes: Iterable[Outcome]) -> str:
    """What was under way when the shop was killed."""
    under_way = sum((one.moments for one in outcomes), Counter[str]())
    return table(("", "over all kills"), under_way.items())


def planted(plants: Iterable[Planted]) -> str:
    """Whether each was named."""
    return table(("planted", "named"), ((one.what, "yes" if one.is_named else "**no**") for one in plants))


def table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    """Numbers to the right, in groups of three."""
    lines = [head, tuple("---:" if number else "---" for number in range(len(head)))]
    lines += [tuple(f"{one:,}".replace(",", " ") if isinstance(one, int) else str(one) for one in row) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
