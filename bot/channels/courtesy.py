"""Courtesies: signs of life and answers to taps, tried once and never waited for. They share the lines of what is sent.

Nobody counts on one, and none may keep a token from the line.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import structlog

from bot.domain.rules import Waits
from bot.messaging import outbox
from bot.messaging.outbox import Waiting
from bot.ports import Store, Unavailable

log = structlog.get_logger(__name__)

_QUIET_SECONDS = 0.4  # a supplier that answers sooner shows no sign of life
_MOST = 20  # signs of life under way at once
_MOST_AT_ALL = 100  # under way at once, far fewer than there are lines; whoever taps on and on is shown no more

Call = Coroutine[Any, Any, object]


class Courtesies:
    """The courtesies of one channel that are under way."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def attempt(self, call: Call) -> None:
        """Make the call some time soon; whatever comes of it. One too many is not made."""
        if len(self._tasks) >= _MOST_AT_ALL:
            call.close()
            return

        async def once() -> None:
            try:
                await call
            except Exception as error:  # noqa: BLE001  # an answer that is none, too
                log.debug("a courtesy failed", why=type(error).__name__)

        task = asyncio.create_task(once(), name="courtesy")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def stop(self) -> None:
        """End what is under way."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def show_life(
        self, store: Store, channel: str, now: Callable[[], int], waits: Waits, sign: Callable[[Waiting], Call]
    ) -> None:
        """Whoever waits for the supplier sees a sign of life, again and again until the answer is there.

        A crowd is shown it by turns.
        """
        first = 0
        while True:
            await asyncio.sleep(_QUIET_SECONDS)
            try:
                waiting = await store.read(outbox.waiting, channel, now() - round(_QUIET_SECONDS * 1000))
            except Unavailable:
                continue
            room = max(0, _MOST - len(self._tasks))
            first = first % len(waiting) if waiting else 0
            for one in (waiting[first:] + waiting[:first])[:room]:
                self.attempt(sign(one))
            first += room
            if waiting:
                await asyncio.sleep(waits.typing / 1000)
