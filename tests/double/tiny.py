"""A tiny shop for the doubles' own tests, as far as it is one on every platform: careful, each way a method of its own.

`careless.py` breaks one of them at a time. What must survive a kill is in `Books`; everything else dies with the bot.
"""

import asyncio
import math
from collections import defaultdict
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import aiohttp
from aiohttp import web

from tests.double.server import Server

HEADING = "KIRIM ULANG"
Json = dict[str, Any]
C = TypeVar("C", bound=int | str)  # what a platform names a chat by


@dataclass(slots=True)
class Row(Generic[C]):
    """A message that has to leave. A prompt belongs to its step, a token is critical."""

    chat: C
    nonce: str
    text: str
    critical: bool
    unknowns: int = 0
    is_over: bool = False


R = TypeVar("R", bound=Row[Any])


@dataclass(slots=True)
class Books(Generic[C, R]):
    """The tiny shop's database."""

    inbox: dict[str, Json] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)
    steps: dict[C, str] = field(default_factory=dict)  # the question that is open in a chat
    orders: list[tuple[C, str]] = field(default_factory=list)
    outbox: list[R] = field(default_factory=list)
    supplier: asyncio.Event = field(default_factory=asyncio.Event)  # while unset, it hangs
    number: int = 0


class Careful(Generic[C, R]):
    """Stores before it acknowledges, a lane and a queue per chat, a question answered once, sends by class."""

    every: float  # seconds between two messages to a chat
    burst: int  # so many may go at once

    def __init__(self, api: Server, books: Books[C, R]) -> None:
        self.api = api
        self.books = books
        self._tasks: set[asyncio.Task[None]] = set()
        self._lanes: dict[C, asyncio.Queue[tuple[str, Json]]] = {}
        self._queues: dict[C, asyncio.Queue[R]] = {}
        self._paces: defaultdict[C, float] = defaultdict(lambda: -math.inf)
        self._session: aiohttp.ClientSession | None = None
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Go on with what the last one left."""
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))
        for key, item in self.books.inbox.items():
            if key not in self.books.done:
                self.enqueue(key, item)
        for row in self.books.outbox:
            if not row.is_over:
                self.queue(row)

    async def listen(self, application: web.Application) -> str:
        """Serve the webhook; where."""
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def kill(self) -> None:
        """End at once."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Beside everything else, until the kill."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # intake

    def key_of(self, item: Json) -> str:
        """By which what was delivered is known again."""
        raise NotImplementedError

    def lane_of(self, item: Json) -> C:
        """In whose lane it is handled."""
        raise NotImplementedError

    def take(self, item: Json) -> None:
        """Store, then work; nothing that was stored before."""
        key = self.key_of(item)
        if key not in self.books.inbox:
            self.books.inbox[key] = item
            self.enqueue(key, item)

    def enqueue(self, key: str, item: Json) -> None:
        """Into its lane, which is there from its first item on."""
        lane = self.lane_of(item)
        if lane not in self._lanes:
            self._lanes[lane] = asyncio.Queue()
            self.spawn(self.work(self._lanes[lane]))
        self._lanes[lane].put_nowait((key, item))

    async def work(self, lane: "asyncio.Queue[tuple[str, Json]]") -> None:
        """One after the other."""
        while True:
            key, item = await lane.get()
            await self.handle(item)
            self.books.done.add(key)

    # the business

    async def handle(self, item: Json) -> None:
        """Understand what somebody did, and answer."""
        raise NotImplementedError

    def may_pay(self, chat: C, nonce: str) -> bool:
        """The question that is open now, and only once."""
        if self.books.steps.get(chat) != nonce:
            return False
        del self.books.steps[chat]
        return True

    # sending

    def add(self, row: R) -> None:
        """A row before it is sent."""
        self.books.outbox.append(row)
        self.queue(row)

    def queue(self, row: R) -> None:
        """Into its chat's queue, which is there from its first row on."""
        if row.chat not in self._queues:
            self._queues[row.chat] = asyncio.Queue()
            self.spawn(self.send_all(self._queues[row.chat]))
        self._queues[row.chat].put_nowait(row)

    async def send_all(self, queue: "asyncio.Queue[R]") -> None:
        """One after the other."""
        while True:
            await self.send(await queue.get())

    async def send(self, row: R) -> None:
        """Call until it is over with the row."""
        raise NotImplementedError

    def message(self, row: R) -> Json:
        """The row as the platform takes it."""
        raise NotImplementedError

    async def pace(self, chat: C) -> None:
        """Wait until the chat may be written to again."""
        clock = self.api.clock
        self._paces[chat] = max(self._paces[chat] + self.every, clock.ticks() - (self.burst - 1) * self.every)
        await clock.until(self._paces[chat])

    async def later(self, seconds: float) -> None:
        """Wait because of a refusal for the rate."""
        await self.api.clock.wait(seconds)

    def sends_again(self, row: R) -> bool:
        """Whether one that is unclear goes once more."""
        return row.unknowns < 5 if row.critical else row.unknowns < 2
