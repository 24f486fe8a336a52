"""Plays many runs at once, each lane in a process of its own, and adds up what they came to."""

import multiprocessing
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from tests.crash import lane, plans
from tests.crash.plants import Planted, planted_in
from tests.crash.run import Outcome, Plan

MEMORY = Path("/dev/shm")  # noqa: S108  # a kill spares what the kernel holds, so the disk proves nothing here
_AHEAD = 4  # plans handed to each lane in advance

Tell = Callable[[Outcome], None]


@dataclass(slots=True)
class Tally:
    """What a part of the campaign came to."""

    counts: Counter[str] = field(default_factory=Counter)
    killed: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    readings: Counter[str] = field(default_factory=Counter)
    chances: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    complaints: Counter[str] = field(default_factory=Counter)
    points: int = 0
    seconds: float = 0.0

    def add(self, outcome: Outcome) -> None:
        """One run more."""
        self.counts += outcome.counts
        self.killed += outcome.killed
        self.met += outcome.met
        plan = outcome.plan
        self.chances[f"{plan.weather.pay:.0%}"] += 1
        self.readings.update(_readings(plan))
        self.violations += [f"{label(plan)} · {found}" for found in outcome.found]
        self.complaints.update(line.partition(" event=")[2].partition(" sale=")[0] for line in outcome.complaints)


def label(plan: Plan) -> str:
    """How a run is named, so that it can be repeated."""
    points = ", ".join(f"{point} ({passage})" for point, passage in plan.points)
    return f"seed {plan.seed}" if plan.name == "random" else f"{plan.name} × {points}"


def _readings(plan: Plan) -> Iterator[str]:
    readings = plan.readings
    yield f"a repeated trxid {readings.repeated_trxid}"
    yield f"a reference buys {'once' if readings.refnum_single_use else 'again'}"
    yield f"advice answers the {readings.advice_matches}"
    yield f"advice sees {'any day' if readings.advice_any_day else 'today'}"
    yield f"advice by {readings.advice_trxid} trxid"
    yield f"{'strict' if readings.strict_date else 'lenient'} date"
    yield f"its clock {readings.clock_ahead_seconds:+d} s"
    yield f"its fee {'as quoted' if readings.adm_in_answer is None else 'another than quoted'}"
    yield f"{readings.token_groups * 20}-digit tokens"


class Campaign:
    """Lanes at work. `tell` hears of each run as it ends."""

    def __init__(self, pool: ProcessPoolExecutor, lanes: int, root: Path, tell: Tell) -> None:
        self._pool = pool
        self._lanes = lanes
        self._root = root
        self._tell = tell

    def random(self, first: int, runs: int, kills: int) -> Tally:
        """Random runs from the first seed on, until there were so many of both."""
        tally, began, seed = Tally(), time.monotonic(), first
        while (left := runs - (seed - first)) > 0 or tally.counts["kills"] < kills:
            count = left if left > 0 else 4 * self._lanes
            for outcome in self._play(plans.random_plans(seed, count)):
                tally.add(outcome)
            seed += count
        tally.seconds = time.monotonic() - began
        return tally

    def planted(self) -> list[Planted]:
        """What the checker says of errors that were planted in a run without any."""
        outcomes = {one.plan.meddles: one.evidence for one in self._play([plans.gentle(), plans.gentle(meddles=True)])}
        evidence, meddled = outcomes[False], outcomes[True]
        if evidence is None or meddled is None:
            raise RuntimeError("a gentle run brings its evidence")
        return planted_in(evidence, meddled)

    def grid(self, share: int = 1, rows: int = 1) -> Tally:
        """Each point of each row, or every `share`-th of every `rows`-th; dry runs first say what the points are."""
        tally, began = Tally(), time.monotonic()
        todo: list[Plan] = []
        for outcome in self._play(iter(plans.dry_runs()[::rows])):
            tally.violations += [f"{outcome.plan.name}, undisturbed · {found}" for found in outcome.found]
            todo += plans.grid(outcome)
        for outcome in self._play(iter(sorted(todo, key=lambda plan: (plan.name, plan.points))[::share])):
            tally.add(outcome)
            if outcome.counts["kills"] < len(outcome.plan.points):
                tally.counts["points not reached again"] += 1
        tally.points = len({plan.points[-1][0] for plan in todo})
        tally.seconds = time.monotonic() - began
        return tally

    def _play(self, todo: Iterable[Plan]) -> Iterator[Outcome]:
        waiting: set[Future[Outcome]] = set()
        plans_left = iter(todo)
        while True:
            for plan in islice(plans_left, _AHEAD * self._lanes - len(waiting)):
                waiting.add(self._pool.submit(lane.play, self._root, plan))
            if not waiting:
                return
            done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
            for one in done:
                outcome = one.result()
                self._tell(outcome)
                yield outcome


@contextmanager
def opened(lanes: int, tell: Tell = lambda _: None) -> Iterator[Campaign]:
    """A campaign on so many processes; folders of runs in which something was found are kept, all others go."""
    root = Path(tempfile.mkdtemp(prefix="crash-", dir=MEMORY if os.access(MEMORY, os.W_OK) else None))
    context = multiprocessing.get_context("spawn")  # a fork server wants a process without threads under it
    with ProcessPoolExecutor(lanes, mp_context=context) as pool:
        yield Campaign(pool, lanes, root, tell)
    for home in root.iterdir():
        if not any(home.glob("run-*")):
            for file in home.iterdir():
                file.unlink()
            home.rmdir()
    if not any(root.iterdir()):
        root.rmdir()
