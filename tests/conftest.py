"""Fixtures that every test may ask for."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.world import World, world


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with the agent Budi, Rp500.000 in his deposit, and the sandbox as its supplier."""
    async with world(tmp_path) as made:
        yield made
