"""Telegram's speed limits: one message a second in a chat with a short burst, thirty a second for the whole bot.

A refused chat stays refused until its time is over. Every limit can be switched off or widened.
"""

import math
from dataclasses import dataclass, field

from tests.double.clock import Clock
from tests.telegram.double.wire import flood


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at: float
    shut_until: float = 0.0


@dataclass(slots=True)
class Pace:
    """Calls a second and how many may come at once; a rate of 0 means without limit."""

    clock: Clock
    chat_rate: float = 1.0
    chat_burst: int = 5
    overall_rate: float = 30.0
    overall_burst: int = 30
    refused: int = 0
    _chats: dict[int, _Bucket] = field(default_factory=dict)
    _overall: _Bucket | None = None

    def off(self) -> None:
        self.chat_rate = self.overall_rate = 0.0

    def spend(self, chat: int) -> None:
        """One message into a chat, or a refusal that says after how many seconds."""
        now = self.clock.ticks()
        bucket = self._chats.setdefault(chat, _Bucket(self.chat_burst, now))
        self._overall = self._overall or _Bucket(self.overall_burst, now)
        waits = [
            _short(bucket, self.chat_rate, self.chat_burst, now),
            _short(self._overall, self.overall_rate, self.overall_burst, now),
        ]
        if any(waits):
            self.refused += 1
            seconds = math.ceil(max(waits))
            if waits[0]:
                bucket.shut_until = max(bucket.shut_until, now + seconds)
            raise flood(seconds)
        if self.chat_rate:
            bucket.tokens -= 1
        if self.overall_rate:
            self._overall.tokens -= 1

    def shut(self, chat: int, seconds: float) -> None:
        """A flood wait that Telegram has imposed on a chat for reasons of its own."""
        now = self.clock.ticks()
        self._chats.setdefault(chat, _Bucket(self.chat_burst, now)).shut_until = now + seconds


def _short(bucket: _Bucket, rate: float, burst: int, now: float) -> float:
    """The seconds that are missing to the next token; 0 if there is one."""
    if bucket.shut_until > now:
        return bucket.shut_until - now
    if not rate:
        return 0.0
    bucket.tokens = min(float(burst), bucket.tokens + (now - bucket.at) * rate)
    bucket.at = now
    return 0.0 if bucket.tokens >= 1 else (1 - bucket.tokens) / rate
