"""The webhook's deliverer: puts items into posts, signs their bytes, and tries each until it is answered 200.

By default one item a post, in order within a lane; a batch mixes lanes. What was not taken comes again later, in other
bytes and in other company. What is done to deliveries on purpose is counted.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any

import aiohttp

from tests.double.clock import Signal
from tests.double.delivering import Delivering
from tests.double.faults import Fault, Faults, Mail
from tests.whatsapp.double import envelope
from tests.whatsapp.double.items import Item
from tests.whatsapp.double.state import State
from tests.whatsapp.double.wire import SIGNATURE, escaped, respelled, signed

_DAY = 86_400.0
_PATIENCE = 20.0  # seconds that an answer may take
LADDER = (1.0, 2.0, 5.0, 15.0, 60.0, 300.0, 1_800.0, 3_600.0)
OURS = "the right one"


@dataclass(frozen=True, slots=True)
class Post:
    """One delivery and how it was answered; status 0 is no answer. `forged`: its signature was wrong or missing."""

    items: tuple[int, ...]
    at: float  # ticks at which it left
    seconds: float
    status: int
    forged: bool = False


class MailFaults(Faults):
    """What befalls deliveries, and how they are put together: one item a post, or up to `size`."""

    size: int = 1
    held: bool = False
    changed: Callable[[], None]

    def batch(self, size: int) -> None:
        """From now on up to so many items share a post, whoever they are about."""
        self.size = size
        self.changed()

    def hold(self) -> None:
        """Nothing leaves: a burst is gathered."""
        self.held = True

    def flush(self, size: int = 0) -> None:
        """What was gathered leaves; with a size, in posts of up to so many from now on."""
        self.held = False
        self.size = size or self.size
        self.changed()


class Deliverer(Delivering):
    """Delivers to `url` once that is verified. `posts` is what was sent and how it was answered."""

    def __init__(self, state: State, mail: MailFaults) -> None:
        super().__init__(state.clock, _PATIENCE)
        self.url = ""
        self.is_verified = False
        self.posts: list[Post] = []
        self.answered = Signal()  # fires when a delivery is over
        self.ladder = LADDER
        self._state, self._mail = state, mail
        self._lanes: set[str] = set()  # under way
        mail.changed = state.items.stirred.fire

    def deliver_to(self, url: str) -> None:
        if url != self.url:
            self.url, self.is_verified = url, False
        self._state.items.stirred.fire()

    async def verify(self) -> bool:
        """Ask the address to repeat a challenge, as it is done when it is entered in the dashboard."""
        assert self._session is not None
        challenge = str(self._state.chance.randrange(10**9, 10**10))
        query = {
            "hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": self._state.access.verify_token,
        }  # fmt: skip
        try:
            async with self._session.get(self.url, params=query, allow_redirects=False) as response:
                good = response.status == 200 and await response.text() == challenge
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            good = False
        self.is_verified = self.is_verified or good
        self._state.items.stirred.fire()
        return good

    # what leaves when

    @property
    def is_idle(self) -> bool:
        return not self._state.items.pending and not self._tasks

    def hurry(self) -> None:
        """What waits for its next try is tried now."""
        for item in self._state.items.pending.values():
            item.wakes = min(item.wakes, self._state.clock.ticks())
        self._state.items.stirred.fire()

    def release(self, items: Iterable[Item]) -> None:
        """The call that these are about was answered."""
        for item in items:
            item.gated = False
        self._state.items.stirred.fire()

    async def tried(self, items: list[Item]) -> None:
        """Until each of them was posted once, if anything is posted at all."""
        try:
            async with asyncio.timeout(2):
                while self.url and not self._mail.held and any(not one.handed or one.busy for one in items):
                    await self.answered.future()
        except TimeoutError:
            return

    async def _run(self) -> None:
        clock, items = self._state.clock, self._state.items
        while True:
            items.expire()
            if self.url and not self.is_verified and items.pending and not await self.verify():
                await clock.wait(1.0, items.stirred)
                continue
            wakes = self._spread()
            await clock.until(clock.ticks() + _DAY if wakes is None else wakes, items.stirred)

    def _spread(self) -> float | None:
        """Send off what is due in every lane that is free; the ticks at which something more will be."""
        if not self.url or not self.is_verified or self._mail.held:
            return None
        now, lanes, later = self._state.clock.ticks(), dict[str, list[Item]](), list[float]()
        for item in self._state.items.pending.values():
            if item.busy or item.gated:
                continue
            if item.wakes > now:
                later.append(item.wakes)
            elif (lane := self._lane(item)) not in self._lanes:
                lanes.setdefault(lane, []).append(item)
        for lane, due in lanes.items():
            self._lanes.add(lane)
            self.spawn(self._deliver(lane, due))
        return min(later, default=None)

    def _lane(self, item: Item) -> str:
        return "all" if self._mail.size > 1 and item.lane != "again" else item.lane

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        """Beside everything else."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._over)

    def _over(self, task: "asyncio.Task[Any]") -> None:
        self._tasks.discard(task)
        self.answered.fire()
        self._state.items.stirred.fire()

    async def _deliver(self, lane: str, due: list[Item]) -> None:
        """One post of a lane."""
        size, chance = self._mail.size, self._state.chance
        if lane == "again":
            chance.shuffle(due)
            size = chance.randint(1, max(size, 5))
        batch, spare = due[:size], due[size:]
        fault = self._fault(batch)
        if fault and fault.kind is Mail.DELAY:
            self._mail.count(fault)
            for item in batch:
                item.wakes, item.late = self._state.clock.ticks() + fault.seconds, True
            self._lanes.discard(lane)
            return
        if fault and fault.kind is Mail.REORDER and (spare or len(batch) > 1):
            self._mail.count(fault)
            if spare:
                batch[0] = spare[0]
            else:
                batch.reverse()
        for item in batch:
            item.busy = True
        try:
            status = await self._send(batch, fault)
        finally:
            for item in batch:
                item.busy = False
            self._lanes.discard(lane)
        for item in batch:
            self._note(item, status)

    def _fault(self, batch: list[Item]) -> Fault | None:
        """The fault that this post meets: the first that any of its items does."""
        met = [fault for item in batch if (fault := self._mail.pick(item.kind, item.person)) is not None]
        return met[0] if met else None

    async def _send(self, batch: list[Item], fault: Fault | None) -> int:
        """Post, and do to the post what the fault says; the status that the deliverer believes."""
        state, kind = self._state, fault.kind if fault else None
        document = envelope.spoilt(state, batch, fault.kind) if fault else envelope.document(state, batch)
        again = any(item.handed for item in batch)
        raw = respelled(document, state.chance) if again else escaped(document)
        if fault and kind is not Mail.REORDER:
            self._mail.count(fault)
        if kind is Mail.FORGED:
            await self.post(raw, batch, signature="sha256=" + "0" * 64)
        elif kind is Mail.UNSIGNED:
            await self.post(raw, batch, signature=None)
        if kind is Mail.CONCURRENT:
            status, _ = await asyncio.gather(self.post(raw, batch), self.again(batch))
        else:
            status = await self.post(raw, batch)
        if kind is Mail.DUPLICATE:
            await self.again(batch)
        return 0 if kind is Mail.LOST_ACK else status

    async def again(self, items: list[Item]) -> int:
        """The same once more, in other bytes."""
        return await self.post(respelled(envelope.document(self._state, items), self._state.chance), items)

    async def post(self, raw: bytes, items: Iterable[Item] = (), *, signature: str | None = OURS) -> int:
        """Any bytes; the status of the answer, or 0."""
        assert self._session is not None
        clock = self._state.clock
        headers = {"Content-Type": "application/json"}
        if signature is not None:
            headers[SIGNATURE] = signed(raw, self._state.access.app_secret) if signature == OURS else signature
        left, status, items = clock.ticks(), 0, list(items)
        forged = signature != OURS
        for item in items:
            item.handed += not forged
        try:
            async with self._session.post(self.url, data=raw, headers=headers, allow_redirects=False) as response:
                status = response.status
                await response.read()
        except (aiohttp.ClientError, TimeoutError, OSError):
            status = 0
        numbers = tuple(item.number for item in items)
        self.posts.append(Post(numbers, left, clock.ticks() - left, status, forged))
        return status

    def _note(self, item: Item, status: int) -> None:
        """A 200 ends the item; anything else puts it on the ladder."""
        items, clock = self._state.items, self._state.clock
        if status == 200:
            items.end(item, "confirmed")
            return
        item.wakes = clock.ticks() + self.ladder[min(item.fails, len(self.ladder) - 1)]
        item.fails += 1
