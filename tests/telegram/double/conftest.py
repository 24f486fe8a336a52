"""A double whose time stands still until a test moves it, and a client that speaks plain HTTP."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from tests.telegram.double import BotApi, Clock

NOON = 1_795_582_800.0  # 2026-11-25 12:00 WIB


@dataclass
class Wire:
    """A bot without a library."""

    session: aiohttp.ClientSession
    api: BotApi

    async def call(self, method: str, **params: Any) -> tuple[int, dict[str, Any]]:
        """Status and envelope of a call whose parameters go as JSON."""
        async with self.session.post(f"{self.api.url}/bot{self.api.token}/{method}", json=params) as response:
            return response.status, json.loads(await response.read())

    async def ok(self, method: str, **params: Any) -> Any:
        """The result of a call that must succeed."""
        status, envelope = await self.call(method, **params)
        assert (status, envelope["ok"]) == (200, True), envelope
        return envelope["result"]

    async def refused(self, method: str, **params: Any) -> tuple[int, str]:
        """Status and words of a call that must be refused."""
        status, envelope = await self.call(method, **params)
        assert envelope["ok"] is False, envelope
        assert envelope["error_code"] == status
        return status, envelope["description"]


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(seed=7, clock=Clock(lambda: NOON, lambda: 0.0)) as made:
        yield made


@pytest.fixture
async def wire(api: BotApi) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(session, api)
