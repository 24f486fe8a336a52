"""A shop that is told to stop stops, whatever is signalled at that very moment."""

import asyncio

import pytest

from tests.world import World


@pytest.mark.parametrize("turns", range(8))
async def test_a_signal_in_the_moment_of_stopping_keeps_no_worker_alive(shop: World, turns: int) -> None:
    async def until() -> None:
        await asyncio.sleep(0.05)  # every worker waits by now
        for listeners in shop.store._listeners.values():
            for listener in listeners:
                listener()
        for _ in range(turns):
            await asyncio.sleep(0)

    async with asyncio.timeout(5):
        await shop.setrum.run(until=until)
