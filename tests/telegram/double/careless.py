"""Bots that are careless in one way each: a run of tests that none of them fails would be worth nothing."""

import asyncio

from aiohttp import web

from tests.double import careless
from tests.telegram.double.tiny import Careful

# as on any platform


class NoDedupe(careless.NoDedupe, Careful): ...


class AckBeforeCommit(careless.AckBeforeCommit, Careful): ...


class BlindRetry(careless.BlindRetry, Careful): ...


class NoRetryOfTokens(careless.NoRetryOfTokens, Careful): ...


class UnmarkedRepeat(careless.UnmarkedRepeat, Careful): ...


class OneQueue(careless.OneQueue, Careful): ...


class NoPacing(careless.NoPacing, Careful): ...


class HaltsEverybody(careless.HaltsEverybody, Careful): ...


class ActsOnStaleTaps(careless.ActsOnStaleTaps, Careful): ...


class ActsOnEveryTap(careless.ActsOnEveryTap, Careful): ...


# on this one


class DropsPending(Careful):
    """Begins with a clean table."""

    async def prepare(self) -> None:
        await self.call("deleteWebhook", drop_pending_updates=True)


class Unescaped(Careful):
    """Puts names into HTML as they are."""

    def escape(self, name: str) -> str:
        return name


class AdmitsAnySecret(Careful):
    """Believes whoever knows the address."""

    def admits(self, secret: str) -> bool:
        return True


class NeverAnswersTaps(Careful):
    """Lets the spinner run."""

    async def stop_spinner(self, query: str) -> None:
        await asyncio.sleep(0)


class AnswersInTheWebhook(Careful):
    """Gives a method back instead of an empty body."""

    async def hear(self, request: web.Request) -> web.Response:
        response = await super().hear(request)
        update = await request.json()
        if response.status != 200 or "message" not in update:
            return response
        chat = update["message"]["chat"]["id"]
        return web.json_response({"method": "sendChatAction", "chat_id": chat, "action": "typing"})
