"""The load: many people at once, a steady stream of them, or thousands who stop before they pay. Bounded in time."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from benchmarks.telegram.bots import Stand
from benchmarks.telegram.people import Person

_SEED = 4
_LIMIT_SECONDS = 600.0
_ORDERS_AT_ONCE = 40


@dataclass
class Result:
    """What came of a load: purchases that ended, each with its seconds of waiting, and what everybody spent."""

    asked: int
    seconds: float = 0.0
    purchases: list[float] = field(default_factory=list)
    updates: int = 0
    bot_cpu: float = 0.0
    driver_cpu: float = 0.0
    calls: int = 0

    @property
    def a_second(self) -> float:
        """Purchases a second."""
        return len(self.purchases) / self.seconds

    @property
    def cpu_an_update(self) -> float:
        """Milliseconds of the bot's CPU."""
        return 1000 * self.bot_cpu / max(1, self.updates)

    def added(self, percent: float, bare: float) -> float:
        """Milliseconds that a purchase took longer than the supplier's own, at this percentile."""
        return 1000 * (percentile(self.purchases, percent) - bare)


def percentile(values: list[float], percent: float) -> float:
    """The value below which so many percent lie; infinity where there are none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * percent / 100))] if values else float("inf")


async def together(stand: Stand, people: list[Person], turns: Iterable[int]) -> Result:
    """Everybody starts at once and buys so many times, one after the other."""
    kept = list(turns)
    result = Result(len(people) * len(kept))

    async def one(person: Person) -> None:
        with contextlib.suppress(TimeoutError):
            for turn in kept:
                result.purchases.append(await person.buy(turn))

    await _measure(stand, people, result, lambda: gathered(one(person) for person in people))
    return result


async def steadily(stand: Stand, people: list[Person], rate: float, count: int) -> Result:
    """So many purchases a second begin, by chance, whether the earlier ones have ended or not."""
    result = Result(count)
    chance = random.Random(_SEED)  # noqa: S311  # a load, no secret

    async def one(number: int, at: float) -> None:
        await asyncio.sleep(at)
        turn, index = divmod(number, len(people))
        with contextlib.suppress(TimeoutError):
            result.purchases.append(await people[index].buy(turn))

    at, begins = 0.0, []
    for _ in range(count):
        at += chance.expovariate(rate)
        begins.append(at)
    await _measure(stand, people, result, lambda: gathered(one(number, at) for number, at in enumerate(begins)))
    return result


async def order(people: list[Person], turn: int) -> None:
    """Everybody stops where the payment is asked for."""
    waiting = iter(people)

    async def some() -> None:
        for person in waiting:
            with contextlib.suppress(TimeoutError):
                await person.order(turn)

    async with asyncio.timeout(_LIMIT_SECONDS):
        await gathered(some() for _ in range(_ORDERS_AT_ONCE))


async def gathered(work: Iterable[Awaitable[None]]) -> None:
    """All of them side by side; the first that fails ends the others."""

    async def one(what: Awaitable[None]) -> None:
        await what

    async with asyncio.TaskGroup() as tasks:
        for each in work:
            tasks.create_task(one(each))


async def _measure(stand: Stand, people: list[Person], result: Result, work: Callable[[], Awaitable[None]]) -> None:
    updates, calls = sum(person.updates for person in people), stand.api.calls.total()
    bot, driver, began = stand.cpu_seconds(), time.process_time(), time.perf_counter()
    try:
        async with asyncio.timeout(_LIMIT_SECONDS):
            await work()
    except TimeoutError:
        pass  # whoever was not served in time is missing from the purchases
    result.seconds = time.perf_counter() - began
    result.bot_cpu = stand.cpu_seconds() - bot
    result.driver_cpu = time.process_time() - driver
    result.updates = sum(person.updates for person in people) - updates
    result.calls = stand.api.calls.total() - calls
