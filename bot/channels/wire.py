"""HTTP to a chat platform: one pool of connections, each call made once, and what its end proves.

Redirects are not followed, nothing is sent twice, no proxy is taken from the environment, and no error carries an
address: a platform's access stands in it.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp


class NotSentError(Exception):
    """Proven: no byte of the request left."""


class UnclearError(Exception):
    """Nobody knows whether the request was taken; `timed_out` says that no answer came in time."""

    def __init__(self, why: str, *, timed_out: bool = False) -> None:
        super().__init__(why)
        self.timed_out = timed_out


class Wire:
    """One pool of connections to one platform. Seconds: `connect` for a line, `read` without a byte, `total` in all."""

    def __init__(self, connections: int = 256) -> None:
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the pool; again is nothing new."""
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=10),
                cookie_jar=aiohttp.DummyCookieJar(),
                skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding"),
                trust_env=False,
            )

    async def close(self) -> None:
        """Close the pool."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def call(
        self,
        url: str,
        method: str,
        *,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        connect: float = 10.0,
        read: float = 20.0,
        total: float = 50.0,
    ) -> tuple[int, bytes]:
        """Status and body of the answer, whatever it says. Raises `NotSentError` or `UnclearError`."""
        if self._session is None:
            raise NotSentError("not opened")
        timeout = aiohttp.ClientTimeout(total=total, connect=connect, sock_read=read)
        try:
            async with self._session.request(
                method, url, data=data, timeout=timeout, allow_redirects=False, headers=headers
            ) as answer:
                return answer.status, await answer.read()
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotSentError(type(error).__name__) from None
        except TimeoutError:
            raise UnclearError("no answer in time", timed_out=True) from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            raise UnclearError(type(error).__name__) from None
