"""A tiny shop for the double's own tests: careful in every way that matters, each way a method of its own.

`careless.py` breaks one of them at a time. What must survive a kill is in `Books`; everything else dies with the bot.
"""

import asyncio
import html
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.telegram.double import BotApi
from tests.telegram.double.wire import Json

SECRET = "rahasia"
HEADING = "KIRIM ULANG"


@dataclass(slots=True)
class Row:
    """A message that has to leave. A prompt belongs to its step, a token is critical."""

    chat: int
    nonce: str
    text: str
    critical: bool
    unknowns: int = 0
    state: str = "queued"


@dataclass(slots=True)
class Books:
    """The tiny shop's database."""

    inbox: dict[str, Json] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    steps: dict[int, str] = field(default_factory=dict)  # the question that is open in a chat
    orders: list[tuple[int, str]] = field(default_factory=list)
    outbox: list[Row] = field(default_factory=list)
    supplier: asyncio.Event = field(default_factory=asyncio.Event)  # while unset, it hangs
    number: int = 0


class Careful:
    """Stores before it acknowledges, a lane and a queue per chat, a question answered once, sends by class."""

    def __init__(self, api: BotApi, books: Books, mode: str) -> None:
        self.api, self.books, self.mode = api, books, mode
        self._tasks: set[asyncio.Task[None]] = set()
        self._lanes: dict[int, asyncio.Queue[tuple[str, Json]]] = {}
        self._queues: dict[int, asyncio.Queue[Row]] = {}
        self._paces: defaultdict[int, float] = defaultdict(float)
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        for key, update in self.books.inbox.items():
            if key not in self.books.done:
                self.enqueue(key, update)
        for row in self.books.outbox:
            if row.state == "queued":
                self.queue(row)
        await self.prepare()
        if self.mode == "polling":
            self.spawn(self.poll())
        else:
            await self.listen()

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

    async def call(self, method: str, **params: Any) -> tuple[int, Json]:
        """Status and envelope; status 0 if the outcome is unknown."""
        assert self._session is not None
        url = f"{self.api.url}/bot{self.api.token}/{method}"
        try:
            async with self._session.post(url, json=params, allow_redirects=False) as response:
                return response.status, await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 0, {}

    # intake

    async def prepare(self) -> None:
        if self.mode == "polling":
            await self.call("deleteWebhook")

    async def poll(self) -> None:
        offset = 0
        while True:
            status, envelope = await self.call("getUpdates", offset=offset, timeout=20)
            if status != 200:
                await self.api.clock.wait(1)
                continue
            for update in envelope["result"]:
                self.take(update)
                offset = update["update_id"] + 1

    async def listen(self) -> None:
        application = web.Application()
        application.router.add_post("/t", self.hear)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/t"
        while (await self.call("setWebhook", url=url, secret_token=SECRET))[0] != 200:
            await self.api.clock.wait(1)

    def admits(self, secret: str) -> bool:
        return secret == SECRET

    async def hear(self, request: web.Request) -> web.Response:
        if not self.admits(request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")):
            return web.Response(status=403)
        self.take(await request.json())
        return web.Response()

    def take(self, update: Json) -> None:
        """Store, then work; nothing that was stored before."""
        key = str(update["update_id"])
        if key not in self.books.inbox:
            self.books.inbox[key] = update
            self.enqueue(key, update)

    def lane_of(self, update: Json) -> int:
        return int((update.get("message") or update["callback_query"])["from"]["id"])

    def enqueue(self, key: str, update: Json) -> None:
        lane = self.lane_of(update)
        if lane not in self._lanes:
            self._lanes[lane] = asyncio.Queue()
            self.spawn(self.work(self._lanes[lane]))
        self._lanes[lane].put_nowait((key, update))

    async def work(self, lane: "asyncio.Queue[tuple[str, Json]]") -> None:
        while True:
            key, update = await lane.get()
            await self.handle(update)
            self.books.done.add(key)

    # the business

    async def handle(self, update: Json) -> None:
        if "callback_query" in update:
            query = update["callback_query"]
            self.spawn(self.stop_spinner(query["id"]))
            self.pay(query["from"]["id"], query["data"].partition(".")[0])
            return
        message = update["message"]
        if message["text"] == "lambat":
            await self.books.supplier.wait()
        elif message["text"] == "beli":
            self.books.number += 1
            nonce = f"n{self.books.number}"
            self.books.steps[message["chat"]["id"]] = nonce
            text = f"Bayar {nonce}, {self.escape(message['from']['first_name'])}?"
            self.add(Row(message["chat"]["id"], nonce, text, critical=False))

    def escape(self, name: str) -> str:
        return html.escape(name)

    async def stop_spinner(self, query: str) -> None:
        await self.call("answerCallbackQuery", callback_query_id=query, text="Diproses")

    def pay(self, chat: int, nonce: str) -> None:
        if self.may_pay(chat, nonce):
            self.books.orders.append((chat, nonce))
            self.add(Row(chat, nonce, f"TOKEN {nonce}", critical=True))

    def may_pay(self, chat: int, nonce: str) -> bool:
        """The question that is open now, and only once."""
        if self.books.steps.get(chat) != nonce:
            return False
        del self.books.steps[chat]
        return True

    # sending

    def add(self, row: Row) -> None:
        self.books.outbox.append(row)
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
        while True:
            await self.pace(row.chat)
            status, envelope = await self.call("sendMessage", **self.message(row))
            if status == 429:
                await self.later(envelope["parameters"]["retry_after"])
            elif status in {0, 500, 502, 503}:
                row.unknowns += 1
                if not self.sends_again(row):
                    break
                await self.api.clock.wait(5 if row.critical else 3)
            else:
                break
        row.state = "over"

    def message(self, row: Row) -> Json:
        head = f"{HEADING}\n" if row.critical and row.unknowns else ""
        button = {"text": "Bayar", "callback_data": f"{row.nonce}.pay"}
        keyboard = {} if row.critical else {"reply_markup": {"inline_keyboard": [[button]]}}
        return {"chat_id": row.chat, "text": head + row.text, "parse_mode": "HTML"} | keyboard

    async def pace(self, chat: int) -> None:
        """One a second after a burst of three."""
        clock = self.api.clock
        self._paces[chat] = max(self._paces[chat] + 1, clock.ticks() - 2)
        await clock.until(self._paces[chat])

    async def later(self, seconds: float) -> None:
        await self.api.clock.wait(seconds)

    def sends_again(self, row: Row) -> bool:
        return row.unknowns < 5 if row.critical else row.unknowns < 2
