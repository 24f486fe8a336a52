"""The Telegram channel: ties intake, reading, looks and sending to one bot, with the courtesies that nobody counts on.

Courtesies (the answer to a tap, the sign that somebody types, menus) are tried once and never waited for.
"""

import hmac
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from telegram import Bot

from bot.channels.courtesy import Call, Courtesies
from bot.channels.telegram import reading
from bot.channels.telegram.files import Files
from bot.channels.telegram.intake import Health, Poller, Registration
from bot.channels.telegram.look import Dressing, mark
from bot.channels.telegram.profile import Profile
from bot.channels.telegram.reading import NAME
from bot.channels.telegram.request import AiohttpRequest, Api
from bot.channels.telegram.sending import Sending
from bot.channels.wire import FILES_AT_ONCE, Wire
from bot.domain.message import Message, Text
from bot.domain.rules import Shop
from bot.i18n import Catalogues, Renderer, normalise
from bot.messaging import inbox
from bot.messaging.channel import Pace, Result
from bot.messaging.inbox import Inbound
from bot.messaging.outbox import Outgoing, Waiting
from bot.ports import Store, Tx

_POLL_GOOD = 90_000


@dataclass(frozen=True, slots=True)
class Access:
    """One bot at one Bot API. With a `secret` and an `address` updates are posted to us, else they are fetched."""

    token: str = field(repr=False)
    url: str
    address: str = ""
    secret: str = field(default="", repr=False)

    @property
    def bot_id(self) -> str:
        """The digits before the colon: the bot's own number."""
        return self.token.partition(":")[0]


class Telegram:
    """One bot. Open with `async with`; `loops` run beside the shop's own."""

    name = NAME
    edits = True
    deletes = True
    signs = False
    statuses = False
    parse = staticmethod(reading.parse)

    def __init__(self, access: Access, store: Store, shop: Shop, now: Callable[[], int]) -> None:
        catalogues = Catalogues()
        practice = bool(shop.practice)
        plain = Renderer(catalogues, practice)
        self.pace = Pace(shop.waits.telegram_chat, shop.waits.telegram_all, broadcast=shop.waits.telegram_broadcast)
        self.health = Health()
        self.duplicates = 0
        self._access = access
        self._store = store
        self._shop = shop
        self._now = now
        self._plain = plain
        self._calls, self._fetches = AiohttpRequest(), AiohttpRequest(connections=2)
        api = access.url.rstrip("/")
        self.bot = Bot(
            access.token,
            base_url=f"{api}/bot",
            base_file_url=f"{api}/file/bot",
            request=self._calls,
            get_updates_request=self._calls,
        )
        self._api = Api(api, access.token, self._fetches)
        dressing = Dressing(Renderer(catalogues, practice, mark), plain, shop.zone)
        self._voice = Api(api, access.token, self._calls)
        self._sending = Sending(self._voice, self.bot, dressing, shop.waits.shut / 1000)
        self._slow = Wire(FILES_AT_ONCE)
        self._files = Files(self._voice, f"{api}/file/bot{access.token}", self._slow)
        self._profile = Profile(self.bot, store, shop, plain)
        self._courtesies = Courtesies()

    async def __aenter__(self) -> "Telegram":
        await self._calls.initialize()
        await self._fetches.initialize()
        await self._slow.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._courtesies.stop()
        await self._calls.shutdown()
        await self._fetches.shutdown()
        await self._slow.close()

    def intake(self) -> list[Coroutine[Any, Any, None]]:
        """What brings updates in; ended first when the process stops."""
        if self._access.address:
            access, waits = self._access, self._shop.waits
            return [Registration(self._api, access.address, access.secret, self.health, self._now, waits).run()]
        return [self._poll()]

    def loops(self) -> list[Coroutine[Any, Any, None]]:
        """What else runs beside the shop: signs of life, menus and descriptions."""
        life = self._courtesies.show_life(self._store, NAME, self._now, self._shop.waits, self._types)
        return [life, self._profile.run()]

    def is_alive(self) -> bool:
        """Whether updates could reach us lately."""
        if self._access.address:
            return self.health.good_at > 0
        return self._now() - self.health.good_at < _POLL_GOOD

    def knows(self, secret: str | None) -> bool:
        """Whether a request to the webhook carries our secret, compared in constant time."""
        given = (secret or "").encode("utf-8", "surrogateescape")
        return bool(self._access.secret) and hmac.compare_digest(given, self._access.secret.encode())

    async def ingest(self, raw: bytes) -> list[Inbound]:
        """Store every update in one unit; durable on return. Raises `StoreError` where nothing was stored."""
        rows = reading.split(raw, self._access.bot_id, self._now())
        if not rows:
            return rows
        fresh = await self._store.write(_put, rows, self._now())
        self.duplicates += len(rows) - len(fresh)
        for row in fresh:
            self._acknowledge(row)
        return rows

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        """Deliver one outbox row."""
        return await self._sending.send(outgoing, message)

    async def fetch(self, file: str, most: int) -> bytes:
        """The bytes of a file that somebody sent."""
        return await self._files.fetch(file, most)

    async def _poll(self) -> None:
        last = await self._store.read(_last_update, self._access.bot_id)
        await Poller(self._api, self.ingest, self.health, self._now, self._shop.waits).run(last)

    # courtesies

    def _acknowledge(self, row: Inbound) -> None:
        """A tap is answered at once; in a group that we were put into we do not stay."""
        found = reading.courtesy(row.body)
        if found is None:
            return
        if found.leave:
            self._courtesies.attempt(self.bot.leave_chat(found.chat))
        elif found.callback_id:
            parameters = {"callback_query_id": found.callback_id}
            if found.pays:
                parameters["text"] = self._plain.render(Text("tap.ok"), normalise(found.language), self._shop.zone)
            self._courtesies.attempt(self._voice.call("answerCallbackQuery", parameters))

    def _types(self, waiting: Waiting) -> Call:
        return self.bot.send_chat_action(int(waiting.handle), "typing")


def _put(tx: Tx, rows: list[Inbound], now: int) -> list[Inbound]:
    return [row for row in rows if inbox.put(tx, row, now)]


def _last_update(tx: Tx, bot_id: str) -> int | None:
    return tx.one(int, "inbox_last_order_key", channel=NAME, prefix=f"{bot_id}:%") or None
