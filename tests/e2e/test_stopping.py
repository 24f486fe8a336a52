"""A shop that is told to stop stops, whatever is signalled at that moment; started again, it goes on, however late."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Concatenate, ParamSpec, TypeVar

import pytest

from bot.clock import HOUR
from bot.ports import Tx
from bot.store.sqlite import SqliteStore
from tests.double.clock import PATIENCE
from tests.world import NOON, World, world

T = TypeVar("T")
P = ParamSpec("P")


@pytest.mark.parametrize("turns", range(8))
async def test_a_signal_in_the_moment_of_stopping_keeps_no_worker_alive(shop: World, turns: int) -> None:
    async def until() -> None:
        await asyncio.sleep(0.05)  # every worker waits by now
        for listeners in shop.store._listeners.values():
            for listener in listeners:
                listener()
        for _ in range(turns):
            await asyncio.sleep(0)

    async with asyncio.timeout(PATIENCE):
        await shop.setrum.run(until=until)


class Dying:
    """A store that the process leaves for ever before one unit."""

    def __init__(self, store: SqliteStore, before: str) -> None:
        self.read = store.read
        self._store = store
        self._before = before

    async def write(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        if unit.__name__ == self._before:
            raise ProcessLookupError(self._before)
        return await self._store.write(unit, *args, **kwargs)


async def test_an_answer_that_was_stored_before_a_crash_is_applied_even_an_hour_later(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        shop.setrum.purchasing._store = Dying(shop.store, "_settle")
        await shop.say("54123456789 50")
        assert [one.key for one in await shop.say("bayar")] == ["buy.processing"]
    async with world(tmp_path, at=NOON + HOUR) as shop:
        assert [one.key for one in await shop.settle()] == ["token.only", "pay.done"]
        assert shop.sandbox.count("ADV") == 0
