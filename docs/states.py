"""Writes the diagram of a purchase's life from its table of transitions: `python docs/states.py --write`.

The block in docs/architecture.md is never edited by hand; a test compares it with what this prints.
"""

import sys
from collections import defaultdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.domain.purchase import TRANSITIONS, State  # found beside this folder

PAGE = Path(__file__).with_name("architecture.md")
BEGIN, END = "<!-- states: begin -->", "<!-- states: end -->"


def diagram() -> str:
    """The table as a mermaid state diagram, parallel arrows joined."""
    arrows: dict[tuple[State, State], list[str]] = defaultdict(list)
    for (before, event), reached in TRANSITIONS.items():
        arrows[before, reached].append(event.value)
    lines = ["```mermaid", "stateDiagram-v2", "    [*] --> CONFIRMED: placed, money held"]
    lines += [f"    {before} --> {reached}: {' / '.join(words)}" for (before, reached), words in arrows.items()]
    lines += [f"    {state} --> [*]" for state in (State.SUCCESS, State.LATE)]
    return "\n".join([*lines, "```"])


def block(page: str) -> str:
    """What stands between the markers."""
    return page.split(BEGIN)[1].split(END, maxsplit=1)[0].strip()


def written(page: str) -> str:
    """The page with its block made anew."""
    head, _, rest = page.partition(BEGIN)
    return f"{head}{BEGIN}\n{diagram()}\n{END}{rest.split(END, 1)[1]}"


if __name__ == "__main__":
    if "--write" in sys.argv:
        PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    else:
        sys.stdout.write(diagram() + "\n")
