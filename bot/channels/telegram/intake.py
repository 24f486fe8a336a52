"""Updates on their way in: fetched by a poller or posted to the webhook, and stored before they are acknowledged.

Both loops go on for ever: whatever the network or the platform does is retried, slower and slower, and said in the
log once. Pending updates are never dropped: they are orders that were typed while we were down.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import structlog
from telegram.error import TelegramError

from bot.channels.telegram.reading import ALLOWED
from bot.channels.telegram.request import Api, Refused, Throttled
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
        """For ever. `last_stored` is the id of the update that was stored last."""
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
        parameters = {"timeout": _POLL_SECONDS, "limit": 100, "allowed_updates": ALLOWED}
        raw = await self._api.raw(
            "getUpdates", parameters if offset is None else parameters | {"offset": offset}, _READ_SECONDS
        )
        if not (
            raw.startswith(b"{") and raw.rstrip().endswith(b"}")
        ):  # cut off, or a proxy's page: nothing is lost yet
            raise TelegramError("an answer that is no result")
        return raw

    async def _remove_webhook(self) -> None:
        info = await self._api.call("getWebhookInfo", {})
        if info.get("url"):
            log.warning("removing a webhook, for updates are fetched here", url=str(info["url"]))
        await self._api.call("deleteWebhook", {})


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
            await asyncio.sleep(self._look_seconds)  # two that take it from each other do so once a minute
            while await self._is_ours():  # noqa: ASYNC110  # the platform is asked, no event tells
                await asyncio.sleep(self._look_seconds)

    async def _register(self) -> None:
        parameters = {"url": self._address, "secret_token": self._secret, "allowed_updates": ALLOWED}
        await self._api.call("setWebhook", parameters | {"max_connections": 40})

    async def _is_ours(self) -> bool:
        try:
            info = dict(await self._api.call("getWebhookInfo", {}))
            pending, failed_at = int(info.get("pending_update_count") or 0), int(info.get("last_error_date") or 0)
        except Exception as error:  # noqa: BLE001  # looking is no duty: updates are pushed all the same
            log.warning("the webhook could not be looked at", why=_words(error))
            return True
        if not _is_same(str(info.get("url")), self._address):
            log.error("somebody else registered a webhook for this bot; registering again", url=str(info.get("url")))
            return False
        self._health.good_at = self._now()
        if failed_at > self._last_error:
            log.warning("the platform cannot deliver", why=str(info.get("last_error_message"))[:200], pending=pending)
        if pending > max(10, self._pending):
            log.warning("updates pile up at the platform", pending=pending)
        self._pending, self._last_error = pending, failed_at
        return True


def _is_same(one: str, other: str) -> bool:
    """Whether two addresses lead to the same place: the platform writes a host in small letters."""
    first, second = urlsplit(one), urlsplit(other)
    return (first.netloc.lower(), first.path) == (second.netloc.lower(), second.path)


def _words(error: Exception) -> str:
    return error.message if isinstance(error, TelegramError) else type(error).__name__
