"""What a run came to, and what can be counted about any run. Judges nothing."""

from collections import Counter
from dataclasses import dataclass, field

from tests.telegram.campaign.checker import Found, Story
from tests.telegram.campaign.evidence import Evidence
from tests.telegram.campaign.stage import Stage


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

    def count(self, evidence: Evidence, stage: Stage) -> None:
        """Add what the evidence and the platform's own record show."""
        self.evidence = evidence
        story = Story.of(evidence)
        nonces = Counter(line.nonce for line in evidence.lines if line.nonce and line.reply_to is None)
        handed = [one.handed for one in stage.api.state.updates.log]
        self.fired += Counter(stage.api.fired)
        ends = Counter(one.ended or "in the dark" for one in evidence.intents)
        self.counts.update(
            {
                "runs": 1,
                "orders": len(evidence.intents),
                "purchases": sum(evidence.states.values()),
                "sales": len(evidence.sales),
                "payments": sum(evidence.payments.values()),
                "advices": stage.relay.asked["ADV"],
                "updates": len(handed),
                "redeliveries": sum(max(0, one - 1) for one in handed),
                "taps": len(evidence.taps),
                "calls": len(stage.api.calls),
                "paced": stage.api.state.pace.refused,
                "messages": sum(not one.mine for one in evidence.lines),
                "headed": story.resent,
                "twice": sum(one - 1 for one in nonces.values()),
                "faults": sum(stage.api.fired.values()),
                **{name: ends[name] for name in ("refused", "failed")},
            }
        )
