"""Bots that are careless in one way each: a run of tests that none of them fails would be worth nothing."""

import itertools
import json
from collections.abc import Iterator

from tests.whatsapp.double import ACCESS
from tests.whatsapp.double.tiny import Careful, Row
from tests.whatsapp.double.wire import Json, signed


class NoDedupe(Careful):
    """Handles whatever is delivered as often as it is delivered."""

    counter = itertools.count()

    def take(self, message: Json) -> None:
        key = f"{message['id']}/{next(self.counter)}"
        self.books.inbox[key] = message
        self.enqueue(key, message)


class AckBeforeCommit(Careful):
    """Has a message in memory only when its 200 is sent."""

    def take(self, message: Json) -> None:
        if message["id"] not in self.books.done:
            self.enqueue(message["id"], message)


class FirstItemOnly(Careful):
    """Reads the first message of the first change of the first entry."""

    def values(self, document: Json) -> Iterator[Json]:
        change = document["entry"][0]["changes"][0]
        if change["field"] == "messages":
            value = change["value"]
            yield value | {"messages": value.get("messages", [])[:1], "statuses": value.get("statuses", [])[:1]}


class OverOtherBytes(Careful):
    """Checks the signature over its own spelling of the JSON."""

    def admits(self, raw: bytes, signature: str) -> bool:
        respelt = json.dumps(json.loads(raw), separators=(",", ":")).encode()
        return signature == signed(respelt, ACCESS.app_secret)


class AdmitsAnySignature(Careful):
    """Believes whoever knows the address."""

    def admits(self, raw: bytes, signature: str) -> bool:
        return True


class ServesAnyNumber(Careful):
    """Answers what was said to another number of the account."""

    def is_ours(self, value: Json) -> bool:
        return True


class BlindRetry(Careful):
    """Repeats a question until it hears a success."""

    async def is_known(self, row: Row) -> bool:
        return False if not row.critical else await super().is_known(row)

    def sends_again(self, row: Row) -> bool:
        return row.unknowns < 20


class NoRetryOfTokens(Careful):
    """Takes a broken connection for the end of the matter."""

    def sends_again(self, row: Row) -> bool:
        return not row.critical and super().sends_again(row)


class UnmarkedRepeat(Careful):
    """Repeats a token as if it were the first."""

    def message(self, row: Row) -> Json:
        unknowns, row.unknowns = row.unknowns, 0
        made = super().message(row)
        row.unknowns = unknowns
        return made


class DeafToStatuses(Careful):
    """Repeats a token although the platform has told that it went out."""

    def prove(self, row: Row) -> None:
        return


class TrustsAccepted(Careful):
    """Takes a 200 for delivered."""

    def learn(self, status: Json) -> None:
        if status["status"] != "failed":
            super().learn(status)


class FreeFormAlways(Careful):
    """Knows no window."""

    def is_open(self, chat: str) -> bool:
        return True


class OneQueue(Careful):
    """Handles all chats one after the other."""

    def lane_of(self, message: Json) -> str:
        return ""


class NoPacing(Careful):
    """Sends as fast as it can."""

    async def pace(self, chat: str) -> None:
        return


class HaltsEverybody(Careful):
    """Waits with all chats when one is refused for its rate."""

    shut = 0.0

    async def pace(self, chat: str) -> None:
        await super().pace(chat)
        await self.api.clock.until(self.shut)

    async def later(self, seconds: float) -> None:
        self.shut = self.api.clock.ticks() + seconds


class ActsOnStaleTaps(Careful):
    """Takes the word of any button, however old, once."""

    def may_pay(self, chat: str, nonce: str) -> bool:
        return (chat, nonce) not in self.books.orders


class WamidOnly(Careful):
    """Knows a message again, but not an intention."""

    def may_pay(self, chat: str, nonce: str) -> bool:
        return self.books.steps.get(chat) == nonce
