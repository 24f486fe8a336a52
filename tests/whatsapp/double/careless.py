"""Bots that are careless in one way each: a run of tests that none of them fails would be worth nothing."""

import json
from collections.abc import Iterator

from tests.double import careless
from tests.whatsapp.double import ACCESS
from tests.whatsapp.double.tiny import Careful, Row
from tests.whatsapp.double.wire import Json, signed

# as on any platform


class NoDedupe(careless.NoDedupe, Careful): ...


class AckBeforeCommit(careless.AckBeforeCommit, Careful): ...


class NoRetryOfTokens(careless.NoRetryOfTokens, Careful): ...


class UnmarkedRepeat(careless.UnmarkedRepeat, Careful): ...


class OneQueue(careless.OneQueue, Careful): ...


class NoPacing(careless.NoPacing, Careful): ...


class HaltsEverybody(careless.HaltsEverybody, Careful): ...


class ActsOnStaleTaps(careless.ActsOnStaleTaps, Careful): ...


class ActsOnEveryTap(careless.ActsOnEveryTap, Careful): ...


# on this one


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


class BlindRetry(careless.BlindRetry, Careful):
    """Repeats a question until it hears a success."""

    async def is_known(self, row: Row) -> bool:
        return False if not row.critical else await super().is_known(row)


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
