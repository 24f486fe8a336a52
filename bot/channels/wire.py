"""HTTP to a chat platform: one pool of connections, each call made once, and what its end proves.

Redirects are not followed, nothing is sent twice, no proxy is taken from the environment, and no error carries an
address: a platform's access stands in it.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp
from yarl import URL

FILES_AT_ONCE = 4  # lines of their own for what people send, that is large and slow


class NotSentError(Exception):
    """Proven: no byte of the request left."""


class UnclearError(Exception):
    """Nobody knows whether the request was taken; `timed_out` says that no answer came in time."""

    def __init__(self, why: str, *, timed_out: bool = False) -> None:
        super().__init__(why)
        self.timed_out = timed_out


class TooLargeError(Exception):
    """The answer has more bytes than were asked for; the rest of it was not read."""


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
        url: str | URL,
        method: str,
        *,
        data: Any = None,
        headers: Mapping[str, str] | None = None,
        connect: float = 10.0,
        read: float = 20.0,
        total: float = 50.0,
        most: int | None = None,
    ) -> tuple[int, bytes]:
        """Status and body of the answer, whatever it says. Raises `NotSentError` or `UnclearError`.

        With `most`, `TooLargeError` as soon as the body has more bytes, by its own word or in truth.
        """
        if self._session is None:
            raise NotSentError("not opened")
        timeout = aiohttp.ClientTimeout(total=total, connect=connect, sock_read=read)
        try:
            async with self._session.request(
                method,
                url,
                data=data,
                timeout=timeout,
                allow_redirects=False,
                headers=headers,
                middlewares=(_Once(),) if method == "GET" else (),
            ) as answer:
                return answer.status, await (answer.read() if most is None else _bounded(answer, most))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL) as error:
            raise NotSentError(type(error).__name__) from None
        except TimeoutError:
            raise UnclearError("no answer in time", timed_out=True) from None
        except (aiohttp.ClientError, OSError, asyncio.IncompleteReadError) as error:
            raise UnclearError(type(error).__name__) from None


class _Once:
    """Lets a GET onto the wire once: the library repeats one by itself where the connection drops."""

    def __init__(self) -> None:
        self._started = False

    async def __call__(
        self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType
    ) -> aiohttp.ClientResponse:
        if self._started:
            raise UnclearError("the connection dropped")
        self._started = True
        return await handler(request)


async def _bounded(answer: aiohttp.ClientResponse, most: int) -> bytes:
    if (answer.content_length or 0) > most:
        raise TooLargeError
    body = bytearray()
    async for piece in answer.content.iter_chunked(1 << 16):
        body += piece
        if len(body) > most:
            raise TooLargeError
    return bytes(body)
