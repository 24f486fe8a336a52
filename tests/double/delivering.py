"""Deliveries to a webhook: the tasks that make them, the session they go out by, and their JSON in other bytes."""

import asyncio
import random
from typing import Any

import aiohttp

from tests.double.clock import Clock


class Delivering:
    """From `start` to `stop` it sends off what is due, as `_run` of its platform decides.

    `patience` is how many seconds an answer may take.
    """

    def __init__(self, clock: Clock, patience: float) -> None:
        self._clock, self._patience = clock, patience
        self._tasks: set[asyncio.Task[Any]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._guide: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin; whatever is under way has a session."""
        patience = aiohttp.ClientTimeout(total=max(self._patience / self._clock.factor, 2.0))
        self._session = aiohttp.ClientSession(timeout=patience, connector=aiohttp.TCPConnector(limit=0))
        self._guide = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End at once, whatever is under way."""
        tasks = [*self._tasks, *([self._guide] if self._guide else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._session is not None:
            await self._session.close()

    async def _run(self) -> None:
        raise NotImplementedError


def shuffled(document: Any, chance: random.Random) -> Any:
    """The same JSON with its keys in another order."""
    if isinstance(document, dict):
        items = list(document.items())
        chance.shuffle(items)
        return {key: shuffled(one, chance) for key, one in items}
    return [shuffled(one, chance) for one in document] if isinstance(document, list) else document
