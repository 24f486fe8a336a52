"""A shop on Telegram in either mode; at its end the books are right and the platform was asked for nothing strange."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.telegram.street import Street, street

MODES = ("polling", "webhook")


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def language(mode: str) -> str:
    """Each language in one of the modes; tests that need both in both say so."""
    return {"polling": "id", "webhook": "en"}[mode]


@pytest.fixture
async def town(tmp_path: Path, mode: str) -> AsyncIterator[Street]:
    """Without Telegram's speed limits: dialogues go at the pace of a machine."""
    async with street(tmp_path, mode) as made:
        made.api.state.pace.off()
        yield made
        await proper(made)


async def proper(made: Street) -> None:
    """What holds whatever was said."""
    await made.settled()
    assert await made.violations() == []
    assert made.api.unsupported == []
    assert made.api.webhook.executed == []
    assert made.api.state.hook.drops_asked == 0
