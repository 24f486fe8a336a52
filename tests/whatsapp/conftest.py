"""A shop on WhatsApp; at its end the books are right and the platform was asked for nothing strange or refused."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.whatsapp.street import Street, street

LANGUAGES = ("id", "en")


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Street]:
    """Without the platform's speed limits: dialogues go at the pace of a machine."""
    async with street(tmp_path) as made:
        made.api.state.pace.off()
        yield made
        await made.settled()
        await proper(made)


async def proper(made: Street) -> None:
    """What holds whatever was said."""
    assert await made.violations() == []
    assert made.api.unsupported == []
    assert made.api.refused == []
