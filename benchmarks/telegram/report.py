"""The table of a run, and what it says of the goals: each a share of a peer's figure in the same run."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.telegram.bots import KINDS
from benchmarks.telegram.figures import Figures

Run = dict[str, Figures]


@dataclass(frozen=True, slots=True)
class Goal:
    """`share` computes what is held against the limit; None where a figure is missing."""

    words: str
    share: Callable[[Run], float | None]
    most: float | None = None
    least: float | None = None

    def row(self, run: Run) -> str:
        """The goal as a row of a page's table."""
        share = self.share(run)
        limit = f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"
        found = "not measured" if share is None else f"{share:.2f}"
        return (
            f"| {self.words} | {limit} | {found} | {'' if share is None else 'yes' if self.met(share) else '**no**'} |"
        )

    def met(self, share: float) -> bool:
        """Whether the figure keeps the limit."""
        return share >= self.least if self.least is not None else self.most is not None and share <= self.most

    def verdict(self, run: Run) -> str:
        """The goal in one line."""
        share = self.share(run)
        limit = f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"
        if share is None:
            return f"?    {self.words}: not measured ({limit})"
        return f"{'met ' if self.met(share) else 'MISS'} {self.words}: {share:.2f} ({limit})"


def _figure(run: Run, bot: str, name: str) -> float | None:
    return run.get(bot, {}).get(name)


def _against(name: str, *peers: str) -> Callable[[Run], float | None]:
    """Setrum's figure as a share of the smallest of the peers'."""

    def share(run: Run) -> float | None:
        own = _figure(run, "setrum", name)
        others = [value for peer in peers if (value := _figure(run, peer, name)) is not None]
        return own / min(others) if own is not None and others and min(others) > 0 else None

    return share


def _own(name: str) -> Callable[[Run], float | None]:
    return lambda run: _figure(run, "setrum", name)


GOALS = (
    Goal("purchases/s, times aiogram with memory", _against("purchases/s", "aiogram"), least=1.5),
    Goal("CPU an update, of aiogram with memory", _against("CPU ms an update", "aiogram"), most=0.667),
    Goal(
        "added p99 at 40 purchases/s, of the best peer",
        _against("added p99 ms", "aiogram", "aiogram-redis", "ptb"),
        most=0.75,
    ),
    Goal(
        "resident with open conversations, of python-telegram-bot",
        _against("MiB with open conversations", "ptb"),
        most=0.75,
    ),
    Goal("restart with them, s", _own("restart s"), most=0.5),
    Goal("purchases/s on a disk with 8 ms more a fsync, of its own", _own("slow disk, of its own"), least=0.8),
    Goal("after SIGKILL: paid tokens never sent", _own("paid tokens never sent"), most=0),
    Goal("after SIGKILL: chats never answered", _own("chats never answered"), most=0),
)


def page(run: Run) -> str:
    """Both tables as the page shows them."""
    kinds = [kind for kind in KINDS if run.get(kind.name)]
    lines = ["| what | " + " | ".join(kind.title for kind in kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
    for name, *cells in _rows(run):
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    goals = ["| goal | limit | found | met |", "|---|---|---|---|", *(goal.row(run) for goal in GOALS)]
    return "\n".join([*lines, "", *goals])


def _rows(run: Run) -> list[list[str]]:
    """A row for every figure: its name, and each bot's, where it was measured."""
    kinds = [kind for kind in KINDS if run.get(kind.name)]
    names = dict.fromkeys(name for kind in kinds for name in run[kind.name])
    return [
        [name, *(f"{run[kind.name][name]:,.2f}" if name in run[kind.name] else "" for kind in kinds)] for name in names
    ]


def table(run: Run) -> str:
    """Every figure of every bot that was measured, then the goals."""
    kinds = [kind for kind in KINDS if run.get(kind.name)]
    lines = [f"{'':<40}" + "".join(f"{kind.title:>21}" for kind in kinds)]
    for name, *cells in _rows(run):
        lines.append(f"{name:<40}" + "".join(f"{cell:>21}" for cell in cells))
    return "\n".join([*lines, "", *(goal.verdict(run) for goal in GOALS)])
