"""Tasks under way, one a key: begun, waited for, let go. What one raises is told to the log and stops nobody else."""

import asyncio
from collections.abc import Coroutine, Hashable
from functools import partial
from typing import Any, Generic, TypeVar

import structlog

K = TypeVar("K", bound=Hashable)
log = structlog.get_logger()


class UnderWay(Generic[K]):
    """The tasks of one kind of work; `then` says in the log who takes over from one that raised."""

    def __init__(self, then: str) -> None:
        self._then = then
        self._tasks: dict[K, asyncio.Task[None]] = {}

    def __contains__(self, key: K | None) -> bool:
        """Whether its task runs; one that has just ended does not."""
        found = None if key is None else self._tasks.get(key)
        return found is not None and not found.done()

    def __len__(self) -> int:
        return len(self._tasks)

    def begin(self, key: K, work: Coroutine[Any, Any, None], name: str) -> None:
        """Start a task for a key that has none running."""
        task = asyncio.create_task(work, name=name)
        self._tasks[key] = task
        task.add_done_callback(partial(self._ended, key))

    async def idle(self) -> None:
        """Wait until nothing is under way."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))

    async def stop(self) -> None:
        """Cancel all of it, and wait until it has ended."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _ended(self, key: K, task: asyncio.Task[None]) -> None:
        if self._tasks.get(key) is task:  # none has begun since
            del self._tasks[key]
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("a task died", task=task.get_name(), then=self._then, error=type(error).__name__)
