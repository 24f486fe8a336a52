"""WhatsApp's speed limits: one message in six seconds to a person with a borrowed burst, eighty a second in all.

Each can be switched off, and be told with 400 or with 429.
"""

from dataclasses import dataclass, field

from tests.double.clock import Clock
from tests.whatsapp.double.wire import Refused


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float

    def fill(self, rate: float, burst: int, now: float) -> None:
        self.tokens = min(float(burst), self.tokens + (now - self.at) * rate)
        self.at = now


@dataclass(slots=True)
class _Burst:
    """For the strict reading: a burst that began then, and how many it was."""

    began: float
    count: int = 0


@dataclass(slots=True)
class Pace:
    """`pair` and `overall` switch the limits. `strict`: after a burst nothing until all of it is paid back."""

    clock: Clock
    pair: bool = True
    overall: bool = True
    strict: bool = False
    pair_rate: float = 1 / 6
    pair_burst: int = 45
    overall_rate: float = 80.0
    pair_status: int = 400
    overall_status: int = 429
    refused: int = 0
    _pairs: dict[str, _Bucket] = field(default_factory=dict)
    _bursts: dict[str, _Burst] = field(default_factory=dict)
    _all: _Bucket | None = None

    def off(self) -> None:
        self.pair = self.overall = False

    def came_in(self) -> None:
        """What a person sends counts, too, and is never refused."""
        if self.overall:
            bucket = self._filled()
            bucket.tokens = max(0.0, bucket.tokens - 1)

    def spend(self, person: str) -> None:
        """One message to somebody, or a refusal."""
        now = self.clock.ticks()
        bucket = self._filled()
        if self.overall and bucket.tokens < 1:
            self.refused += 1
            raise _limit(130429, "from this number", self.overall_status)
        if self.pair and not self._may(person, now):
            self.refused += 1
            raise _limit(131056, "to this person", self.pair_status)
        if self.overall:
            bucket.tokens -= 1

    def _filled(self) -> _Bucket:
        now, most = self.clock.ticks(), int(self.overall_rate)
        self._all = self._all or _Bucket(most, now)
        self._all.fill(self.overall_rate, most, now)
        return self._all

    def _may(self, person: str, now: float) -> bool:
        if self.strict:
            return self._may_burst(person, now)
        bucket = self._pairs.setdefault(person, _Bucket(self.pair_burst, now))
        bucket.fill(self.pair_rate, self.pair_burst, now)
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    def _may_burst(self, person: str, now: float) -> bool:
        burst, gap = self._bursts.setdefault(person, _Burst(now)), 1 / self.pair_rate
        if now >= burst.began + max(burst.count, 1) * gap:
            burst.began, burst.count = now, 0
        if burst.count and (now >= burst.began + gap or burst.count >= self.pair_burst):
            return False
        burst.count += 1
        return True


def _limit(code: int, whose: str, status: int) -> Refused:
    return Refused(code, f"Message failed to send: too many messages {whose}", status=status, is_limit=True)
