"""Updates on their way in: fetched by a poller or posted to the webhook, and stored before they are acknowledged.

Both loops go on for ever: whatever the network or the platform does is retried, slower and slower, and said in the
log once. Pending updates are never dropped: they are orders that were typed while we were down.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import structlog
from telegram.error import TelegramError

from bot.channels.telegram.reading import ALLOWED
from bot.channels.telegram.request import AiohttpRequest, Throttled
from bot.domain.rules import Waits
from bot.messaging.inbox import Inbound

log = structlog.get_logger(__name__)

_POLL_SECONDS = 25
_READ_SECONDS = 35.0

Ingest = Callable[[bytes], Awaitable[list[Inbound]]]


@dataclass(slots=True)
class Health:
    """Whether updates can reach us: when they last could, epoch milliseconds, and what stands in the way."""

    good_at: int = 0
    trouble: str = ""


class Refused(Exception):
    """The platform answered a call of the intake with an error; the text is its description."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(f"{status} {description}")
        self.status = status


class Api:
    """Raw calls on connections of their own: what only the intake needs."""

    def __init__(self, url: str, token: str, request: AiohttpRequest) -> None:
        self._base = f"{url}/bot{token}/"
        self._request = request

    async def call(self, method: str, **parameters: Any) -> bytes:
        """The raw answer. Raises `Refused`, or a `TelegramError` for the network."""
        data = {name: value if isinstance(value, str) else json.dumps(value) for name, value in parameters.items()}
        timeouts = {"pool_timeout": 5.0, "connect_timeout": 5.0, "write_timeout": 20.0, "read_timeout": _READ_SECONDS}
        status, body = await self._request.call(self._base + method, "POST", data=data, timeouts=timeouts)
        if status != HTTPStatus.OK:
            raise Refused(status, _description(body))
        return body


def _description(body: bytes) -> str:
    try:
        return str(json.loads(body)["description"])[:200]
    except (ValueError, KeyError, TypeError):
        return "an answer that is no JSON"


class Patience:
    """How long to wait after each failure, longer and longer; what is wrong is said in the log once."""

    def __init__(self, waits: Waits, health: Health) -> None:
        self._waits = waits
        self._health = health
        self._tries = 0

    async def wait(self, error: Exception | None) -> None:
        """After a failure, or (None) after an answer that brought nothing which could be acknowledged."""
        pause = self._waits.intake[min(self._tries, len(self._waits.intake) - 1)] / 1000
        self._tries += 1
        status = error.status if isinstance(error, Refused) else 0
        if error is not None:
            self._note(_words(error), status)
        if isinstance(error, Throttled):
            pause = max(pause, error.seconds)
        # another process takes the updates: do not fight it
        await asyncio.sleep(self._waits.rival / 1000 if status == HTTPStatus.CONFLICT else pause)

    def over(self) -> None:
        """It works."""
        self._tries = 0

    def _note(self, words: str, status: int) -> None:
        if words == self._health.trouble:
            return
        self._health.trouble = words
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
            log.critical("the platform does not know this bot: is TELEGRAM_TOKEN right?", why=words)
        elif status == HTTPStatus.CONFLICT:
            log.critical("another process fetches this bot's updates, or a webhook is set", why=words)
        else:
            log.error("no updates come in; trying again", why=words)

    async def insist(self, call: Callable[[], Awaitable[None]]) -> None:
        """Call until it succeeds."""
        while True:
            try:
                await call()
            except Exception as error:  # noqa: BLE001  # as in the poller
                await self.wait(error)
            else:
                return self.over()


class Poller:
    """Fetches updates one batch after another; the offset moves only after the batch is stored."""

    def __init__(self, api: Api, ingest: Ingest, health: Health, now: Callable[[], int], waits: Waits) -> None:
        self._api = api
        self._ingest = ingest
        self._health = health
        self._now = now
        self._patience = Patience(waits, health)

    async def run(self, last_stored: int | None) -> None:
        """For ever. `last_stored` is the greatest update id in the inbox."""
        await self._patience.insist(self._remove_webhook)
        offset = None if last_stored is None else last_stored + 1
        while True:
            try:
                raw = await self._fetch(offset)
                rows = await self._ingest(raw)
            except Exception as error:  # noqa: BLE001  # the loop must outlive anything: a full disk, a stray 404
                await self._patience.wait(error)
                continue
            if self._health.trouble:
                log.warning("updates come in again")
            self._health.good_at, self._health.trouble = self._now(), ""
            numbers = [row.order_key for row in rows if row.kind != "dead"]
            if numbers:
                offset = max(numbers) + 1
            if rows and not numbers:
                await self._patience.wait(None)
            else:
                self._patience.over()

    async def _fetch(self, offset: int | None) -> bytes:
        given = {} if offset is None else {"offset": offset}
        return await self._api.call(
            "getUpdates", timeout=_POLL_SECONDS, limit=100, allowed_updates=list(ALLOWED), **given
        )

    async def _remove_webhook(self) -> None:
        info = json.loads(await self._api.call("getWebhookInfo")).get("result") or {}
        if info.get("url"):
            log.warning("removing a webhook, for updates are fetched here", url=str(info["url"]))
        await self._api.call("deleteWebhook")


class Registration:
    """Keeps the webhook registered as ours, and looks once a minute whether updates arrive."""

    def __init__(
        self, api: Api, address: str, secret: str, health: Health, now: Callable[[], int], waits: Waits
    ) -> None:
        self._api = api
        self._patience = Patience(waits, health)
        self._look_seconds = waits.webhook / 1000
        self._address = address
        self._secret = secret
        self._health = health
        self._now = now
        self._pending = 0
        self._last_error = 0

    async def run(self) -> None:
        """For ever."""
        while True:
            await self._patience.insist(self._register)
            self._health.good_at, self._health.trouble = self._now(), ""
            while await self._is_ours():  # noqa: ASYNC110  # the platform is asked, no event tells
                await asyncio.sleep(self._look_seconds)

    async def _register(self) -> None:
        await self._api.call(
            "setWebhook",
            url=self._address,
            secret_token=self._secret,
            allowed_updates=list(ALLOWED),
            max_connections=40,
        )

    async def _is_ours(self) -> bool:
        try:
            info = json.loads(await self._api.call("getWebhookInfo")).get("result") or {}
        except Exception as error:  # noqa: BLE001  # looking is no duty: updates are pushed all the same
            log.warning("the webhook could not be looked at", why=_words(error))
            return True
        if info.get("url") != self._address:
            log.error("somebody else registered a webhook for this bot; registering again", url=str(info.get("url")))
            return False
        self._health.good_at = self._now()
        pending, failed_at = int(info.get("pending_update_count") or 0), int(info.get("last_error_date") or 0)
        if failed_at > self._last_error:
            log.warning("the platform cannot deliver", why=str(info.get("last_error_message"))[:200], pending=pending)
        if pending > max(10, self._pending):
            log.warning("updates pile up at the platform", pending=pending)
        self._pending, self._last_error = pending, failed_at
        return True


def _words(error: Exception) -> str:
    return str(error) if isinstance(error, Refused | TelegramError) else type(error).__name__
