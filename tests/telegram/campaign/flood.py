"""The chat that floods, and whether the others feel it: their answer times with and without the flood.

Measured under a blue sky first, where the bound is narrow, and then in the weather, where it has to be wide.
"""

import random
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.campaign.agents import Agent
from tests.campaign.checker import Found, Violation
from tests.campaign.evidence import Deed
from tests.telegram.double import Clock

_BURST = 25
_WORDS = ("saldo", "riwayat", "harga", "halo?", "/menu", "apa ini", "7800 00", "token T1", "rekap")
_LEAST = 8  # answers without which nothing is measured
# how much longer an answer may take than without the flood, by the double's clock: so many times, and so many seconds
BLUE, FOUL = (2.0, 3.0), (3.0, 30.0)
_HOWS: tuple[tuple[str, Callable[[list[float]], float]], ...] = (
    ("median", statistics.median),
    ("ninth decile", lambda values: sorted(values)[len(values) * 9 // 10]),
)


@dataclass(slots=True)
class Flood:
    """Spans of the run with and without it, by sky; times are the double's calendar."""

    flooder: Agent
    clock: Clock
    chance: random.Random
    spans: list[tuple[str, bool, float, float]] = field(default_factory=list)
    messages: int = 0

    async def span(self, sky: str, seconds: float, *, flooded: bool) -> None:
        """Let so many seconds of the double's clock pass."""
        began, until = self.clock.now(), self.clock.ticks() + seconds
        while flooded and self.clock.ticks() < until:
            for _ in range(_BURST):
                self.flooder.phone.say(self.chance.choice(_WORDS))
            number = self.chance.randrange(10**7)
            self.flooder.phone.say(f"7{self.flooder.phone.number:03d}{number:07d} 20")  # and nobody pays it
            self.messages += _BURST + 1
            await self.clock.wait(30 + 30 * self.chance.random())
        await self.clock.until(until)
        self.spans.append((sky, flooded, began, self.clock.now()))

    def judge(self, deeds: list[Deed], away: list[tuple[float, float]], times: dict[str, float]) -> list[Found]:
        """What the others waited goes into `times`; too much of it is a violation."""
        found = []
        for sky, (most, more) in (("blue sky", BLUE), ("faults", FOUL)):
            calm, flooded = (self._waited(sky, deeds, away, flooded=one) for one in (False, True))
            if min(len(calm), len(flooded)) < _LEAST:
                if sky == "blue sky":  # among faults a short run may have too few
                    found.append(Found(Violation.NEVER, "enough answers to measure"))
                continue
            for name, of in _HOWS:
                times |= {f"{sky}, {name}": of(calm), f"{sky}, {name}, flooded": of(flooded)}
                if of(flooded) > most * of(calm) + more:
                    found.append(Found(Violation.HARMED, f"{sky}, {name}: {of(flooded):.1f} s, not {of(calm):.1f} s"))
        return found

    def _waited(self, sky: str, deeds: list[Deed], away: list[tuple[float, float]], *, flooded: bool) -> list[float]:
        """Seconds of the double's clock; what fell into a span in which nobody could be reached is left out."""
        spans = [(start, end) for name, was, start, end in self.spans if (name, was) == (sky, flooded)]
        return [
            one.seconds * self.clock.factor
            for one in deeds
            if one.seconds >= 0
            and one.what != "pay"
            and any(start <= one.at <= end for start, end in spans)
            and not any(start - one.seconds <= one.at <= end for start, end in away)
        ]
