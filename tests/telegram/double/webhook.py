"""The webhook's deliverer: a queue for every chat and one for every tapping person, side by side, each in order.

The next of a queue goes out only after a 2xx for the one before; refusals and silence are repeated on the server's
ladder until the update is too old. What is done to deliveries on purpose is counted.
"""

import asyncio
import json
import random
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.double.clock import Signal
from tests.double.delivering import Delivering, shuffled
from tests.double.faults import Faults, Mail
from tests.telegram.double.state import State
from tests.telegram.double.updates import Update
from tests.telegram.double.wire import Json

_PATIENCE = 60.0  # seconds that an answer may take
_TOP = 60  # the ladder ends between this and its double
_GONE = 23 * 3_600.0  # 410 for so long removes the webhook
_NOT_EXECUTED = {"deletewebhook", "setwebhook", "close", "logout"}
SECRET = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True, slots=True)
class Post:
    """One delivery and how the bot answered; status 0 is no answer."""

    update_id: int
    chat: int
    at: float  # ticks at which it left
    seconds: float
    status: int
    body: bytes


Execute = Callable[[Json], Awaitable[Any]]


def respelled(document: Json, chance: random.Random) -> bytes:
    """The same JSON in other bytes: other order of keys, other blanks, other escapes."""
    text = json.dumps(shuffled(document, chance), ensure_ascii=chance.random() < 0.5, indent=chance.choice((None, 1)))
    return text.replace("/", "\\/").encode("utf-8", "surrogatepass")


class Deliverer(Delivering):
    """Delivers while a webhook is set. `posts` is what was sent and how it was answered."""

    def __init__(self, state: State, mail: Faults, execute: Execute) -> None:
        super().__init__(state.clock, _PATIENCE)
        self.posts: list[Post] = []
        self.executed: list[Json] = []  # answers to deliveries that were calls: a bot of ours never gives one
        self.answered = Signal()  # fires when a delivery is over, or an update too old
        self.held = False  # while held, nothing goes out: a burst is gathered
        self._state = state
        self._mail = mail
        self._execute = execute
        self._queues: dict[str, deque[Update]] = {}
        self._slots = asyncio.Semaphore(40)
        self._serial = -1
        self._gone_since: float | None = None

    def hold(self) -> None:
        self.held = True

    def release(self) -> None:
        self.held = False
        self._state.updates.stirred.fire()

    def spawn(self, update: Update) -> None:
        """Deliver once more, beside everything else; how it is answered changes nothing."""
        task = asyncio.create_task(self._repeat(update))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _repeat(self, update: Update) -> None:
        await self.post(update, other_bytes=True)
        self.answered.fire()

    async def _run(self) -> None:
        updates, hook = self._state.updates, self._state.hook
        while True:
            heard = [updates.stirred.future(), hook.changed.future()]
            self._spread()
            await asyncio.wait(heard, return_when=asyncio.FIRST_COMPLETED)
            for future in heard:
                future.cancel()

    def _spread(self) -> None:
        """Put what waits into its queues; every queue that has something gets a task."""
        hook = self._state.hook
        if hook.serial != self._serial:
            self._serial = hook.serial
            for task in self._tasks:
                task.cancel()
            self._queues.clear()
            for update in self._state.updates.pending.values():  # a new webhook begins anew
                update.fails, update.delay, update.wakes = 0, 1.0, 0.0
            self._slots = asyncio.Semaphore(hook.connections)
        if not hook.url or self.held:
            return
        for update in list(self._state.updates.pending.values()):
            queue = self._queues.get(update.queue)
            if queue is None:
                queue = self._queues[update.queue] = deque()
                task = asyncio.create_task(self._work(update.queue, queue))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            if update not in queue:
                queue.append(update)

    async def _work(self, key: str, queue: deque[Update]) -> None:
        clock, updates = self._state.clock, self._state.updates
        while queue:
            update = queue[0]
            if update.state == "pending" and clock.now() > update.expires:
                updates.end(update, "expired")
                self.answered.fire()
            if update.state != "pending":
                queue.popleft()
                continue
            await clock.until(update.wakes)
            async with self._slots:
                await self._deliver(queue)
        if self._queues.get(key) is queue:
            del self._queues[key]

    async def _deliver(self, queue: deque[Update]) -> None:
        update = queue[0]
        fault = self._mail.pick(update.kind, update.chat)
        kind = fault.kind if fault else None
        if fault and kind is Mail.DELAY:
            self._mail.count(fault)
            await self._state.clock.wait(fault.seconds)
        if fault and kind is Mail.REORDER and len(queue) > 1:
            self._mail.count(fault)
            queue[0], queue[1] = queue[1], queue[0]
            update = queue[0]
        if fault and kind is Mail.CONCURRENT:
            self._mail.count(fault)
            (status, retry_after), _ = await asyncio.gather(self.post(update), self.post(update, other_bytes=True))
        else:
            status, retry_after = await self.post(update)
        if fault and kind is Mail.DUPLICATE:
            self._mail.count(fault)
            await self.post(update, other_bytes=True)
        if fault and kind is Mail.LOST_ACK and 200 <= status < 300:
            self._mail.count(fault)
            status = 0
        self._note(update, status, retry_after)
        self.answered.fire()

    def _note(self, update: Update, status: int, retry_after: int) -> None:
        """A 2xx ends the update; anything else puts it back on the ladder."""
        hook, clock = self._state.hook, self._state.clock
        if 200 <= status < 300:
            self._gone_since = None
            self._state.updates.end(update, "confirmed")
            return
        hook.last_error = f"Wrong response from the webhook: {status}" if status else "Webhook connection closed"
        hook.last_error_at = clock.date()
        if status != 410:
            self._gone_since = None
        elif self._gone_since is None:
            self._gone_since = clock.ticks()
        if self._gone_since is not None and clock.ticks() - self._gone_since > _GONE:
            hook.url = ""
            hook.serial += 1
            hook.changed.fire()
            return
        wait = float(min(retry_after, 3_600))
        if not wait and update.fails:
            update.delay = min(update.delay * 2, self._state.chance.uniform(_TOP, 2 * _TOP))
            wait = update.delay
        update.fails += 1
        update.wakes = clock.ticks() + wait
        if clock.now() + wait > update.expires:
            self._state.updates.end(update, "expired")

    async def post(self, update: Update, *, other_bytes: bool = False, secret: str | None = None) -> tuple[int, int]:
        """One delivery: the status and the seconds of Retry-After; status 0 if there was no answer."""
        if self._session is None:
            raise RuntimeError("not started")
        hook, clock = self._state.hook, self._state.clock
        document = update.json()
        body = respelled(document, self._state.chance) if other_bytes else json.dumps(document).encode()
        headers = {"Content-Type": "application/json"}
        if wanted := hook.secret if secret is None else secret:
            headers[SECRET] = wanted
        update.handed += 1
        left = clock.ticks()
        status, retry_after, answer = 0, 0, b""
        try:
            async with self._session.post(hook.url, data=body, headers=headers, allow_redirects=False) as response:
                status, answer = response.status, await response.read()
                after = response.headers.get("Retry-After", "")
                retry_after = int(after) if after.isdigit() else 0
        except (aiohttp.ClientError, TimeoutError, OSError):
            status = 0
        self.posts.append(Post(update.id, update.chat, left, clock.ticks() - left, status, answer))
        if 200 <= status < 300 and answer.strip().startswith(b"{"):
            await self._obey(answer)
        return status, retry_after

    async def _obey(self, answer: bytes) -> None:
        """An answer that names a method is carried out as a call."""
        try:
            document = json.loads(answer)
        except ValueError:
            return
        method = str(document.get("method", "")).lower() if isinstance(document, dict) else ""
        if method and method not in _NOT_EXECUTED and not method.startswith("get"):
            self.executed.append(document)
            await self._execute(document)
