"""What a run came to, and what can be counted about any run. Judges nothing."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field

from tests.campaign.checker import Found, Story, Violation
from tests.campaign.evidence import Evidence
from tests.campaign.relay import Relay


@dataclass(slots=True)
class Outcome:
    """One run; `moments` is what was under way when it was killed, `fired` the faults that came about."""

    name: str
    seed: int
    mode: str
    counts: Counter[str] = field(default_factory=Counter)
    moments: Counter[str] = field(default_factory=Counter)
    fired: Counter[str] = field(default_factory=Counter)
    times: dict[str, float] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    evidence: Evidence | None = None
    seconds: float = 0.0

    @property
    def label(self) -> str:
        """How it is named, so that it can be repeated."""
        return f"{self.name} by {self.mode}, seed {self.seed}"

    def count(self, evidence: Evidence, relay: Relay, fired: dict[str, int]) -> None:
        """Add what the evidence and the wire show; what only one platform counts is added beside it."""
        self.evidence = evidence
        story = Story.of(evidence)
        nonces = Counter(line.nonce for line in evidence.lines if line.nonce and not line.is_result)
        self.fired += Counter(fired)
        ends = Counter(one.ended or "in the dark" for one in evidence.intents)
        self.counts.update(
            {
                "runs": 1,
                "orders": len(evidence.intents),
                "purchases": sum(evidence.states.values()),
                "sales": len(evidence.sales),
                "payments": sum(evidence.payments.values()),
                "advices": relay.asked["ADV"],
                "messages": sum(not one.mine for one in evidence.lines),
                "headed": story.resent,
                "twice": sum(one - 1 for one in nonces.values()),
                "faults": sum(fired.values()),
                **{name: ends[name] for name in ("refused", "failed")},
            }
        )


def never(planned: Collection[str], fired: Collection[str]) -> list[Found]:
    """A fault that was planned and never came about proves nothing."""
    return [Found(Violation.NEVER, kind) for kind in sorted({*planned} - {*fired})]
