"""The WhatsApp channel: ties the webhook, reading, looks and sending to one phone number.

What a delivery brings is stored in one unit before it is acknowledged: messages for their turns, statuses settled at
once. A read mark with a sign of life is a courtesy, tried once and never waited for.
"""

import asyncio
import hmac
from collections import Counter
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from typing import Any

import structlog

from bot import ids
from bot.channels.courtesy import Call, Courtesies
from bot.channels.whatsapp import codes, reading
from bot.channels.whatsapp.files import Files
from bot.channels.whatsapp.graph import Access, Graph, GraphRefusedError
from bot.channels.whatsapp.look import Dressing, mark
from bot.channels.whatsapp.reading import NAME, Delivery, Heard, StatusItem
from bot.channels.whatsapp.sending import Sending
from bot.channels.whatsapp.templates import Templates
from bot.channels.wire import FILES_AT_ONCE, NotSentError, UnclearError, Wire
from bot.domain.message import Message
from bot.domain.rules import Shop
from bot.i18n import Catalogues, Renderer
from bot.messaging import inbox, policy
from bot.messaging.channel import Pace, Result
from bot.messaging.outbox import Outgoing, Waiting
from bot.messaging.policy import Policy
from bot.ports import Store, Tx, Unavailable
from bot.services import addresses

log = structlog.get_logger(__name__)

_BURST = 10


class WhatsApp:
    """One phone number. Open with `async with`; `loops` run beside the shop's own."""

    name = NAME
    edits = False
    deletes = False
    signs = True
    statuses = True
    parse = staticmethod(reading.parse)

    def __init__(self, access: Access, named: Templates, store: Store, shop: Shop, now: Callable[[], int]) -> None:
        self.pace = Pace(shop.waits.whatsapp_chat, shop.waits.whatsapp_all, _BURST, shop.waits.whatsapp_broadcast)
        self.counts: Counter[str] = Counter()  # deliveries and their items, by what became of them
        self._access = access
        self._templates = named
        self._store = store
        self._shop = shop
        self._now = now
        self._policy = Policy(shop.waits, statuses=True)
        self._wire = Wire()
        self._graph = Graph(access, self._wire)
        self._slow = Wire(FILES_AT_ONCE)
        self._files = Files(Graph(access, self._slow), access, self._slow)
        self._courtesies = Courtesies()
        self._heard_of = False  # the platform has answered or written since the start
        self._mark = ""
        self._sending: Sending | None = None

    async def __aenter__(self) -> "WhatsApp":
        await self._wire.open()
        await self._slow.open()
        self._mark = await self._store.write(_mark)
        catalogues, practice = Catalogues(), bool(self._shop.practice)
        dressing = Dressing(Renderer(catalogues, practice, mark), Renderer(catalogues, practice), self._shop.zone)
        waits = self._shop.waits
        self._sending = Sending(self._graph, dressing, self._templates, waits, self._now, self._mark)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._courtesies.stop()
        await self._wire.close()
        await self._slow.close()

    def intake(self) -> list[Coroutine[Any, Any, None]]:
        """Nothing to fetch: the platform posts."""
        return []

    def loops(self) -> list[Coroutine[Any, Any, None]]:
        """What else runs beside the shop: signs of life, and once the number's own name."""
        waits = replace(self._shop.waits, typing=self._shop.waits.whatsapp_typing)
        return [self._courtesies.show_life(self._store, NAME, self._now, waits, self._types), self._introduce()]

    def is_alive(self) -> bool:
        """Whether the platform was heard of since the start; that it posts to us is set at the platform."""
        return self._heard_of

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        """Deliver one outbox row."""
        if self._sending is None:
            raise RuntimeError("not opened")
        return await self._sending.send(outgoing, message)

    async def fetch(self, file: str, most: int) -> bytes:
        """The bytes of a file that somebody sent."""
        return await self._files.fetch(file, most)

    # the webhook

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """The answer to the platform's question whether this address is ours; None to anybody else's."""
        given = query.get("hub.verify_token", "").encode("utf-8", "replace")
        is_ours = hmac.compare_digest(given, self._access.verify_token.encode())
        if not is_ours or query.get("hub.mode") != "subscribe":
            self.counts["refused"] += 1
            return None
        self._heard_of = True
        return query.get("hub.challenge", "")

    def is_genuine(self, raw: bytes, signature: str | None) -> bool:
        """Whether a delivery is signed by the platform; what is not is counted."""
        if signature is not None and reading.is_genuine(raw, signature, self._access.app_secret):
            self._heard_of = True
            return True
        self.counts["refused"] += 1
        return False

    async def ingest(self, raw: bytes) -> None:
        """Store and settle all that a delivery brings; durable on return. Raises `Unavailable`: it must come again."""
        delivery = reading.split(raw, self._access.phone_number_id, self._now())
        try:
            await self._stored(delivery)
        except Unavailable:
            raise
        except Exception as error:
            log.exception("a delivery cannot be taken whole", error=type(error).__name__)
            for part in delivery.parts():
                await self._stored_or_kept(part)

    async def _stored_or_kept(self, part: Delivery) -> None:
        """Nothing that is wrong with one item may keep the others back, or make the platform repeat it for days."""
        try:
            await self._stored(part)
        except Unavailable:
            raise
        except Exception as error:
            log.exception("an item was kept without looking into it", error=type(error).__name__)
            await self._store.write(_keep, part, self._now())
            self.counts["kept"] += 1

    async def _stored(self, delivery: Delivery) -> None:
        found, paying, news = await self._store.write(self._take, delivery)
        self.counts.update(found)
        for wamid in paying:
            self._courtesies.attempt(self._graph.mark_read(wamid, typing=True))
        for about in news:
            log.warning("the platform tells something about the account", about=about)

    def _take(self, tx: Tx, delivery: Delivery) -> tuple[Counter[str], list[str], list[str]]:
        """What was brought, counted; the taps that pay, for a sign that they were seen; the account's news."""
        now = self._now()
        found: Counter[str] = Counter()
        paying, news = [], []
        for heard in delivery.heard:
            found[sort := self._hear(tx, heard, now)] += 1
            if sort == "messages" and heard.pays:
                paying.append(heard.item.ext_id)
        for status in delivery.statuses:
            found["statuses" if self._settle(tx, status, now) else "foreign statuses"] += 1
        for item, about in delivery.notices:
            if inbox.put(tx, item, now, state="done"):
                tx.run("alert_add", kind="own.platform", purchase_id=None, detail=about, created_at=now)
                found["notices"] += 1
                news.append(about)
        if delivery.account:
            tx.run("published_set", channel=NAME, subject="account", value=delivery.account)
        return found, paying, news

    def _hear(self, tx: Tx, heard: Heard, now: int) -> str:
        """Store a message in its chat's line; what the sender is called leads to his chat, or makes it."""
        item = heard.item
        if tx.one(int, "inbox_known", channel=NAME, ext_id=item.ext_id):
            return "duplicates"
        if heard.is_foreign or not heard.names:
            inbox.put(tx, item, now, state="done" if heard.is_foreign else "new")
            return "foreign" if heard.is_foreign else "unreadable"
        shop = self._shop
        chat = addresses.settle(tx, NAME, heard.names, shop.locale, shop, now)
        inbox.put(tx, replace(item, address=chat.handle), now)
        addresses.heard(tx, chat.id, item.said_at)
        if now - item.said_at <= shop.waits.window:
            tx.run("outbox_reopen", conversation_id=chat.id, channel=NAME)
        tx.run("conversation_heard_as", id=chat.id, heard_as=item.ext_id)
        if heard.new_number:
            addresses.renumber(tx, NAME, heard.names[0].value, heard.new_number, shop, now)
        return "messages"

    def _settle(self, tx: Tx, status: StatusItem, now: int) -> bool:
        """What became of a message; False where another program sent it."""
        if not status.opaque.startswith(f"{self._mark}."):
            return False
        numbers = list(reading.parts_of(status.opaque))
        if len(numbers) != 3:
            return False
        row, attempt, left = numbers
        result = None if status.error is None else codes.end_by_status(status.error, self._shop.waits)
        known = policy.Status(row, attempt, left == 0, status.proof, status.at or now, result, status.priced)
        return policy.note_status(tx, NAME, known, self._policy.after, now)

    # beside it

    def _types(self, waiting: Waiting) -> Call:
        return self._graph.mark_read(waiting.heard_as, typing=True)

    async def _introduce(self) -> None:
        """Learn how people dial the number: links are made of it. Tried until it is known; a refusal is said once."""
        steps = self._shop.waits.intake
        for tries in range(1_000_000):
            try:
                number = await self._graph.number()
                self._heard_of = True
                await self._store.write(_publish, "number", number)
                return
            except GraphRefusedError as refused:
                if tries == 0:
                    log.critical("the platform refuses our access", channel=NAME, why=refused.error.note)
            except (NotSentError, UnclearError, Unavailable):
                pass
            await asyncio.sleep(steps[min(tries, len(steps) - 1)] / 1000)


def _keep(tx: Tx, part: Delivery, now: int) -> None:
    """A message as it came, in nobody's line: under a raw name it could speak for whoever had that name before.

    It is parked with an alert, like what cannot be read.
    """
    for heard in part.heard:
        inbox.put(tx, heard.item, now, state="done" if heard.is_foreign else "new")


def _mark(tx: Tx) -> str:
    """By which the statuses of what we sent are told from others'; made once a database."""
    known = tx.one(str, "published_value", channel=NAME, subject="mark")
    if known is None:
        known = ids.nonce().replace("-", "0").replace("_", "1")
        _publish(tx, "mark", known)
    return known


def _publish(tx: Tx, subject: str, value: str) -> None:
    tx.run("published_set", channel=NAME, subject=subject, value=value)
