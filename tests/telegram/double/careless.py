"""Bots that are careless in one way each: a run of tests that none of them fails would be worth nothing."""

import asyncio
import itertools

from aiohttp import web

from tests.telegram.double.tiny import Careful, Row
from tests.telegram.double.wire import Json


class NoDedupe(Careful):
    """Handles whatever is delivered as often as it is delivered."""

    counter = itertools.count()

    def take(self, update: Json) -> None:
        key = f"{update['update_id']}/{next(self.counter)}"
        self.books.inbox[key] = update
        self.enqueue(key, update)


class AckBeforeCommit(Careful):
    """Has an update in memory only when its offset is passed or its 200 is sent."""

    def take(self, update: Json) -> None:
        key = str(update["update_id"])
        if key not in self.books.done:
            self.enqueue(key, update)


class BlindRetry(Careful):
    """Repeats a question until it hears a success."""

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


class OneQueue(Careful):
    """Handles all chats one after the other."""

    def lane_of(self, update: Json) -> int:
        return 0


class NoPacing(Careful):
    """Sends as fast as it can."""

    async def pace(self, chat: int) -> None:
        return


class HaltsEverybody(Careful):
    """Waits with all chats when one is refused for its rate."""

    shut = 0.0

    async def pace(self, chat: int) -> None:
        await super().pace(chat)
        await self.api.clock.until(self.shut)

    async def later(self, seconds: float) -> None:
        self.shut = self.api.clock.ticks() + seconds


class ActsOnStaleTaps(Careful):
    """Takes the word of any button, however old, once."""

    def may_pay(self, chat: int, nonce: str) -> bool:
        return (chat, nonce) not in self.books.orders


class UpdateIdOnly(Careful):
    """Knows an update again, but not an intention."""

    def may_pay(self, chat: int, nonce: str) -> bool:
        return self.books.steps.get(chat) == nonce


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
