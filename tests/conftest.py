"""Fixtures that every test may ask for."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import structlog
import uvloop
from hypothesis import HealthCheck, settings

from tests.world import World, world

_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a directory of its own in it
_ROOM = 4 * 1024**3

# every test has a database, and each of its commits waits for the disk: in memory they take a third of the time
if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
    os.environ["TMPDIR"] = os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)

# how long an example takes says how busy the machine is, and nothing of what is tested
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# a traceback with every local drawn in boxes takes seconds, in which the doubles of the platforms stop waiting
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the process itself runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with the agent Budi, Rp500.000 in his deposit, and the sandbox as its supplier."""
    async with world(tmp_path) as made:
        yield made
