"""A tiny shop for the double's own tests: careful in every way that matters, each way a method of its own.

`careless.py` breaks one of them at a time. What must survive a kill is in `Books`; everything else dies with the bot.
"""

import asyncio
import hmac
import json
import math
from collections import defaultdict
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.double.clock import Signal
from tests.whatsapp.double import ACCESS, CloudApi
from tests.whatsapp.double.wire import SIGNATURE, Json, signed

HEADING = "KIRIM ULANG"
_OPEN = 23 * 3_600 + 3_000  # seconds after somebody's last message in which free-form messages go
_PROOF = frozenset({"sent", "delivered", "read"})


@dataclass(slots=True)
class Row:
    """A message that has to leave. A prompt belongs to its step, a token is critical."""

    id: str
    chat: str
    nonce: str
    text: str
    critical: bool
    unknowns: int = 0
    limits: int = 0
    as_template: bool = False
    is_proven: bool = False
    is_over: bool = False


@dataclass(slots=True)
class Books:
    """The tiny shop's database."""

    inbox: dict[str, Json] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    steps: dict[str, str] = field(default_factory=dict)  # the question that is open in a chat
    heard: dict[str, float] = field(default_factory=dict)  # when somebody last wrote
    orders: list[tuple[str, str]] = field(default_factory=list)
    outbox: dict[str, Row] = field(default_factory=dict)
    supplier: asyncio.Event = field(default_factory=asyncio.Event)  # while unset, it hangs
    number: int = 0


class Careful:
    """Stores before it acknowledges, a lane and a queue per chat, a question answered once, sends by class."""

    def __init__(self, api: CloudApi, books: Books) -> None:
        self.api, self.books = api, books
        self.told = Signal()  # fires with every status
        self._tasks: set[asyncio.Task[None]] = set()
        self._lanes: dict[str, asyncio.Queue[tuple[str, Json]]] = {}
        self._queues: dict[str, asyncio.Queue[Row]] = {}
        self._paces: defaultdict[str, float] = defaultdict(lambda: -math.inf)
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        for key, message in self.books.inbox.items():
            if key not in self.books.done:
                self.enqueue(key, message)
        for row in self.books.outbox.values():
            if not row.is_over:
                self.queue(row)
        application = web.Application()
        application.router.add_get("/w", self.verify)
        application.router.add_post("/w", self.hear)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.api.deliver_to(f"http://127.0.0.1:{self._runner.addresses[0][1]}/w")

    async def kill(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # intake

    async def verify(self, request: web.Request) -> web.Response:
        if request.query.get("hub.verify_token") != ACCESS.verify_token:
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def hear(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if not self.admits(raw, request.headers.get(SIGNATURE, "")):
            return web.Response(status=403)
        for value in self.values(json.loads(raw)):
            if not self.is_ours(value):
                continue
            for message in value.get("messages", []):
                self.take(message)
            for status in value.get("statuses", []):
                self.learn(status)
        return web.Response()

    def admits(self, raw: bytes, signature: str) -> bool:
        return hmac.compare_digest(signed(raw, ACCESS.app_secret).encode(), signature.encode())

    def values(self, document: Json) -> Iterator[Json]:
        for entry in document["entry"]:
            for change in entry["changes"]:
                if change["field"] == "messages":
                    yield change["value"]

    def is_ours(self, value: Json) -> bool:
        return bool(value["metadata"]["phone_number_id"] == ACCESS.phone_number_id)

    def take(self, message: Json) -> None:
        """Store, then work; nothing that was stored before."""
        key = message["id"]
        if key not in self.books.inbox:
            self.books.inbox[key] = message
            self.enqueue(key, message)

    def lane_of(self, message: Json) -> str:
        return str(message.get("from") or message["from_user_id"])

    def enqueue(self, key: str, message: Json) -> None:
        lane = self.lane_of(message)
        if lane not in self._lanes:
            self._lanes[lane] = asyncio.Queue()
            self.spawn(self.work(self._lanes[lane]))
        self._lanes[lane].put_nowait((key, message))

    async def work(self, lane: "asyncio.Queue[tuple[str, Json]]") -> None:
        while True:
            key, message = await lane.get()
            await self.handle(message)
            self.books.done.add(key)

    # the business

    async def handle(self, message: Json) -> None:
        chat = str(message.get("from") or message["from_user_id"])
        self.books.heard[chat] = max(self.books.heard.get(chat, 0), int(message["timestamp"]))
        if message["type"] == "interactive":
            nonce, _, key = message["interactive"]["button_reply"]["id"].partition(".")
            if key == "slow":
                await self.books.supplier.wait()
            self.pay(chat, nonce)
            return
        words = message["text"]["body"]
        if words == "lambat":
            await self.books.supplier.wait()
        elif words.startswith("beli"):
            self.books.number += 1
            nonce = f"n{self.books.number}"
            self.books.steps[chat] = nonce
            self.add(Row(f"q-{nonce}", chat, f"{nonce}.{words.partition(' ')[2] or 'pay'}", "Bayar?", critical=False))

    def pay(self, chat: str, nonce: str) -> None:
        if self.may_pay(chat, nonce):
            self.books.orders.append((chat, nonce))
            self.add(Row(f"t-{nonce}-{len(self.books.orders)}", chat, nonce, f"TOKEN {nonce}", critical=True))

    def may_pay(self, chat: str, nonce: str) -> bool:
        """The question that is open now, and only once."""
        if self.books.steps.get(chat) != nonce:
            return False
        del self.books.steps[chat]
        return True

    # what the platform tells of a message

    def learn(self, status: Json) -> None:
        """Proof of sending beats everything; a message that the window kept out goes as a template."""
        row = self.books.outbox.get(status.get("biz_opaque_callback_data", ""))
        if row is None:
            return
        if status["status"] in _PROOF:
            self.prove(row)
        elif status["status"] == "failed" and not row.is_proven and row.critical and not row.as_template:
            row.as_template = True
            if row.is_over:  # else whoever sends it sees that it has to go once more
                row.is_over = False
                self.queue(row)
        self.told.fire()

    def prove(self, row: Row) -> None:
        row.is_proven = True

    # sending

    def add(self, row: Row) -> None:
        self.books.outbox[row.id] = row
        self.queue(row)

    def queue(self, row: Row) -> None:
        if row.chat not in self._queues:
            self._queues[row.chat] = asyncio.Queue()
            self.spawn(self.send_all(self._queues[row.chat]))
        self._queues[row.chat].put_nowait(row)

    async def send_all(self, queue: "asyncio.Queue[Row]") -> None:
        while True:
            await self.send(await queue.get())

    async def send(self, row: Row) -> None:
        while not row.is_over:
            await self.pace(row.chat)
            if not self.is_open(row.chat):
                if not row.critical:
                    break
                row.as_template = True
            form = row.as_template
            status, code, wamid = await self.call(self.message(row))
            if code in {131056, 130429}:
                row.limits += 1
                await self.later(4.0**row.limits)
            elif status >= 500 or status == 0 or (status == 200 and not wamid):
                row.unknowns += 1
                if await self.is_known(row) or not self.sends_again(row):
                    break
            elif row.as_template is form:
                break
        row.is_over = True

    async def call(self, body: Json) -> tuple[int, int, str]:
        """Status, code and wamid; status 0 if there was no answer that could be read."""
        assert self._session is not None
        url = f"{self.api.url}/{ACCESS.version}/{ACCESS.phone_number_id}/messages"
        headers = {"Authorization": f"Bearer {ACCESS.token}"}
        try:
            async with self._session.post(url, json=body, headers=headers, allow_redirects=False) as response:
                told = await response.json()
                wamid = "".join(one["id"] for one in told.get("messages", []))
                return response.status, told.get("error", {}).get("code", 0), wamid
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 0, 0, ""

    def message(self, row: Row) -> Json:
        named = {"messaging_product": "whatsapp", "to": row.chat, "biz_opaque_callback_data": row.id}
        if row.as_template:
            trx = f"{row.nonce} (kirim ulang)" if row.unknowns else row.nonce
            parameters = [{"type": "text", "text": one} for one in (trx, row.text)]
            told = {
                "name": "status_pembelian", "language": {"code": "id"},
                "components": [{"type": "body", "parameters": parameters}],
            }  # fmt: skip
            return named | {"type": "template", "template": told}
        if row.critical:
            head = f"{HEADING}\n" if row.unknowns else ""
            return named | {"type": "text", "text": {"body": head + row.text}}
        button = {"type": "reply", "reply": {"id": row.nonce, "title": "Bayar"}}
        asked = {"type": "button", "body": {"text": row.text}, "action": {"buttons": [button]}}
        return named | {"type": "interactive", "interactive": asked}

    def is_open(self, chat: str) -> bool:
        return self.api.clock.now() < self.books.heard.get(chat, 0) + _OPEN

    async def is_known(self, row: Row) -> bool:
        """Whether a status with the row's id comes: then it did go out."""
        clock = self.api.clock
        deadline = clock.ticks() + (16 if row.critical else 3)
        while not row.is_proven:
            if await clock.until(deadline, self.told):
                return False
        return True

    async def pace(self, chat: str) -> None:
        """One in six seconds after a burst of ten."""
        clock = self.api.clock
        self._paces[chat] = max(self._paces[chat] + 6, clock.ticks() - 54)
        await clock.until(self._paces[chat])

    async def later(self, seconds: float) -> None:
        await self.api.clock.wait(seconds)

    def sends_again(self, row: Row) -> bool:
        return row.unknowns < 5 if row.critical else row.unknowns < 2
