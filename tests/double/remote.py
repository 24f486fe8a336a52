"""The control of a double that runs in another process: one call a wish, the answers as plain JSON."""

from types import TracebackType
from typing import Any, Self

import aiohttp


class Remote:
    """`url` is what the process printed as CONTROL_URL."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def do(self, what: str, /, **fields: Any) -> Any:
        """Carry out one wish; what is wrong with it is an `AssertionError`."""
        assert self._session is not None
        async with self._session.post(self._url, json={"do": what, **fields}) as response:
            answer = await response.json()
        assert "result" in answer, answer
        return answer["result"]

    async def act(self, person: int | str, act: str, **fields: Any) -> Any:
        """Let a person do something: `say`, `tap`, `block` …"""
        return await self.do("act", person=person, act=act, **fields)

    async def sees(self, person: int | str, wanted: str = "", **fields: Any) -> Any:
        """The newest message with these words, as soon as there is one."""
        return await self.do("sees", person=person, wanted=wanted, **fields)
