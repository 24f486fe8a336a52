"""Fixtures that every test may ask for."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import uvloop
from hypothesis import HealthCheck, settings

from tests.world import World, world

# how long an example takes says how busy the machine is, and nothing of what is tested
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the process itself runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with the agent Budi, Rp500.000 in his deposit, and the sandbox as its supplier."""
    async with world(tmp_path) as made:
        yield made
