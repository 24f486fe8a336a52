"""Carelessness that is the same on every platform, each put before a careful bot as its first base."""

import itertools
from typing import Any

from tests.double.tiny import Careful, Json

Bot = Careful[Any, Any]


class NoDedupe(Bot):
    """Handles whatever is delivered as often as it is delivered."""

    counter = itertools.count()

    def take(self, item: Json) -> None:
        key = f"{self.key_of(item)}/{next(self.counter)}"
        self.books.inbox[key] = item
        self.enqueue(key, item)


class AckBeforeCommit(Bot):
    """Has what came in memory only when it is acknowledged."""

    def take(self, item: Json) -> None:
        key = self.key_of(item)
        if key not in self.books.done:
            self.enqueue(key, item)


class BlindRetry(Bot):
    """Repeats a question until it hears a success."""

    def sends_again(self, row: Any) -> bool:
        return bool(row.unknowns < 20)


class NoRetryOfTokens(Bot):
    """Takes a broken connection for the end of the matter."""

    def sends_again(self, row: Any) -> bool:
        return not row.critical and super().sends_again(row)


class UnmarkedRepeat(Bot):
    """Repeats a token as if it were the first."""

    def message(self, row: Any) -> Json:
        unknowns, row.unknowns = row.unknowns, 0
        made = super().message(row)
        row.unknowns = unknowns
        return made


class OneQueue(Bot):
    """Handles all chats one after the other."""

    def lane_of(self, item: Json) -> Any:
        return 0


class NoPacing(Bot):
    """Sends as fast as it can."""

    async def pace(self, chat: Any) -> None:
        return


class HaltsEverybody(Bot):
    """Waits with all chats when one is refused for its rate."""

    shut = 0.0

    async def pace(self, chat: Any) -> None:
        await super().pace(chat)
        await self.api.clock.until(self.shut)

    async def later(self, seconds: float) -> None:
        self.shut = self.api.clock.ticks() + seconds


class ActsOnStaleTaps(Bot):
    """Takes the word of any button, however old, once."""

    def may_pay(self, chat: Any, nonce: str) -> bool:
        return (chat, nonce) not in self.books.orders


class ActsOnEveryTap(Bot):
    """Knows a delivery again, but not an intention."""

    def may_pay(self, chat: Any, nonce: str) -> bool:
        return bool(self.books.steps.get(chat) == nonce)
