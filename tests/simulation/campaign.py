"""Campaigns of the model: many examples in chunks, each chunk from a seed of its own, in as many processes as asked.

Counts everything, stops nothing at a violation but its chunk, and writes `docs/proof/model.md`.
"""

import time
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.simulation import fresh
from tests.simulation.machine import Counts, ShopMachine
from tests.simulation.shop import Shop, quiet

CHUNK = 250
PAGE = Path(__file__).parents[2] / "docs" / "proof" / "model.md"
STATES = ("CONFIRMED", "SENDING", "UNKNOWN", "VERIFY", "MANUAL", "SUCCESS", "FAILED", "LATE")
IN_DOUBT, FINAL = ("UNKNOWN", "VERIFY", "MANUAL"), ("SUCCESS", "FAILED", "LATE")
# where each kind of evidence can meet a purchase at all
REACHABLE = {
    "PAY": ("SENDING", "UNKNOWN", "MANUAL", *FINAL),
    "ADV": (*IN_DOUBT, *FINAL),
    "ADV enough negatives": ("VERIFY",),
    "JANITOR no task": ("SENDING",),
    "JANITOR restored copy": ("CONFIRMED",),
    "JANITOR two hours": ("UNKNOWN", "VERIFY"),
    "OWNER late": ("LATE",),
    "OWNER not sold": IN_DOUBT,
    "OWNER not sold, refused": STATES,
    "OWNER sold": (*IN_DOUBT, "FAILED"),
    "OWNER sold, refused": STATES,
    "REPORT lacks it, confirmed": IN_DOUBT,
    "REPORT sale of a settled one": ("SUCCESS", "LATE"),
    "REPORT sale passes": ("SENDING", *IN_DOUBT, "FAILED"),
    "REPORT sale G": ("FAILED",),  # its token went to another: the first of the limits
}


@dataclass(slots=True)
class Result:
    """What one chunk, or a whole campaign, came to. Seconds of processor, and what was violated with its seed."""

    examples: int = 0
    processor: float = 0.0
    rules: Counter[str] = field(default_factory=Counter)
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)
    limits: Counter[str] = field(default_factory=Counter)
    sales: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)

    @property
    def steps(self) -> int:
        """How many rules ran."""
        return sum(self.rules.values())

    def take_in(self, other: "Result") -> None:
        """Add a chunk."""
        self.examples += other.examples
        self.processor += other.processor
        self.violations += other.violations
        for mine, theirs in (
            (self.rules, other.rules),
            (self.limits, other.limits),
            (self.sales, other.sales),
        ):
            mine.update(theirs)
        self.seen.update(other.seen)


def settings_of(examples: int, steps: int, *, shrinking: bool) -> settings:
    """How Hypothesis runs: nothing remembered, every example drawn anew."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        backend=fresh.NAME,
        phases=[Phase.generate, Phase.shrink] if shrinking else [Phase.generate],
        suppress_health_check=list(HealthCheck),
        print_blob=False,
        report_multiple_bugs=False,
    )


def machine_of(shop: type[Shop], number: int) -> type[ShopMachine]:
    """A machine over this kind of shop, with counts and a seed of its own."""
    made = type(f"{shop.__name__}Machine", (ShopMachine,), {"make_shop": shop, "counts": Counts()})
    seeded: type[ShopMachine] = seed(number)(made)
    return seeded


def chunk(number: int, examples: int, steps: int) -> Result:
    """Run one chunk from its seed."""
    machine = machine_of(Shop, number)
    violations = []
    started = time.process_time()
    with quiet():
        try:
            run_state_machine_as_test(machine, settings=settings_of(examples, steps, shrinking=True))
        except Exception as error:  # noqa: BLE001  # whatever it is, it is what the campaign looks for
            notes = "\n".join(getattr(error, "__notes__", []))
            where = "".join(traceback.format_tb(error.__traceback__)[-3:])
            violations.append(f"seed {number}: {type(error).__name__}: {error}\n{where}\n{notes}")
    found = machine.counts
    return Result(
        examples=found.examples,
        processor=time.process_time() - started,
        rules=found.rules,
        seen=found.seen,
        limits=found.limits,
        sales=found.sales,
        violations=violations,
    )


def run(examples: int, steps: int, number: int, processes: int) -> Result:
    """Run them all; prints each chunk's seed and what it came to, so that any can be repeated alone."""
    whole = Result()
    left = [min(CHUNK, examples - start) for start in range(0, examples, CHUNK)]
    seeds = range(number, number + len(left))
    with ProcessPoolExecutor(processes) as pool:
        for each, made in zip(seeds, pool.map(chunk, seeds, left, [steps] * len(left)), strict=True):
            whole.take_in(made)
            rate = made.steps / max(made.processor, 0.001)
            print(f"seed {each}: {made.examples} examples, {made.steps} steps, {rate:.0f} a second, ", end="")
            print(f"{len(made.violations)} violations", flush=True)
            for violation in made.violations:
                print(violation, flush=True)
    return whole


def page(made: Result, command: str, seeds: tuple[int, int], seconds: float) -> str:
    """The report as it is kept in docs/proof."""
    return "\n".join([*_summary(made, command, seeds, seconds), *_matrix(made), *_lists(made), *_LIMITS])


def _summary(made: Result, command: str, seeds: tuple[int, int], seconds: float) -> Iterator[str]:
    yield "# The model test\n"
    yield "Written by `make model`. A state machine moves the real services on the real SQLite, without network and"
    yield "event loop; a model written from the money rules says what each step must come to, and a model supplier"
    yield "knows what was really sold. After every step: the audit (I1–I10), every balance and hold, every state, every"
    yield "token against its sale, every message. After every example: the world becomes quiet, the owner settles the"
    yield "rest, a complete report is imported, and each sale must belong to one purchase or be a stray.\n"
    yield "| | |\n|---|---|"
    yield f"| date | {datetime.now(UTC):%Y-%m-%d} |"
    yield f"| command | `{command}` |"
    yield f"| seeds | {seeds[0]} to {seeds[1]}, {CHUNK} examples each |"
    yield f"| examples | {_dotted(made.examples)} |"
    yield f"| steps | {_dotted(made.steps)} |"
    yield f"| duration | {seconds / 60:.1f} min, {made.processor / 60:.1f} min of processor |"
    yield f"| steps a second of processor | {made.steps / max(made.processor, 0.001):.0f} |"
    yield f"| **violations** | **{len(made.violations)}** |"
    yield from (f"| {name} | {_dotted(count)} |" for name, count in sorted(made.sales.items()))
    yield from (f"| limit: {name} | {_dotted(count)} |" for name, count in sorted(made.limits.items()))
    yield from (f"\n```\n{violation}\n```" for violation in made.violations)


def _matrix(made: Result) -> Iterator[str]:
    yield "\n## Evidence and the state that it met\n"
    yield "`–`: cannot happen. A payment has one answer, and VERIFY is reached by it alone; nobody is asked about what"
    yield "was not sent, or while its payment is out; an owner's word is refused where the rules refuse it.\n"
    yield f"| evidence | {' | '.join(STATES)} |"
    yield "|---" * (len(STATES) + 1) + "|"
    rows: dict[str, Counter[str]] = {}
    for (name, state), count in made.seen.items():
        rows.setdefault(name.split(":")[0] if "no answer" in name else name, Counter())[state] += count
    for name, row in sorted(rows.items()):
        cells = (_dotted(row[state]) if row[state] or state in _reachable(name) else "–" for state in STATES)
        yield f"| {name} | {' | '.join(cells)} |"


def _reachable(name: str) -> tuple[str, ...]:
    fitting = [prefix for prefix in REACHABLE if name.startswith(prefix)]
    return REACHABLE[max(fitting, key=len)] if fitting else ()


def unmet(made: Result) -> list[str]:
    """Pairs of evidence and state that could have met and did not."""
    names = {name.split(":")[0] for name, _ in made.seen}
    met = {(name.split(":")[0], state) for name, state in made.seen}
    return sorted(f"{name} × {state}" for name in names for state in _reachable(name) if (name, state) not in met)


def _lists(made: Result) -> Iterator[str]:
    yield f"\nPairs that could have met and did not: {', '.join(unmet(made)) or 'none'}.\n"
    forms: Counter[str] = Counter()
    for (name, _), count in made.seen.items():
        if "no answer: " in name:
            forms[name.replace("no answer: ", "")] += count
    yield "Answers that prove nothing: " + _listed(forms) + ".\n"
    yield "## Steps\n"
    yield _listed(made.rules) + ".\n"


def _listed(counted: Counter[str]) -> str:
    return " · ".join(f"{name} {_dotted(count)}" for name, count in counted.most_common())


def _dotted(count: int) -> str:
    return f"{count:,}".replace(",", ".")


_LIMITS = (
    "## Limits: what the contract cannot tell apart\n",
    "An advice without PAYREF names no trxid, so another sale of the same meter and amount whose date lies in the",
    "purchase's window (120 s around it, by the measured clock) is taken for the purchase's own. The model therefore",
    "sells to others under our client id only outside every window of ours; a client id of our own keeps it so. Until",
    "a payment has measured the supplier's clock, the window is wrong by as much as that clock is. Two cases remain",
    "possible with sales of our own; they are counted above, and cost nobody money, for one sale is paid once:\n",
    "- a purchase was given up (its refusal verified, or the owner's word) and sold after all, within the window of a",
    "  later purchase of the same meter and amount: the later one may get its token;",
    "- a copy was restored and released without a report, and does not know what was sold since: its open purchases",
    "  may get the tokens of those that it forgot. A complete report before the release prevents it.\n",
)
