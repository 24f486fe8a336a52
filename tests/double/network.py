"""A server on loopback that can go away, come back, and refuse connections: the network side of a double."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from tests.double.faults import Faults, Kind


class _Shut(asyncio.Protocol):
    """A connection that is closed as soon as it is accepted."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).abort()  # by its kind only: a loop may have transports of its own


class Network:
    """`url` is where it listens, on the same port as ever; `_route` answers what comes in."""

    def __init__(self, faults: Faults, fired: Counter[str], host: str, port: int) -> None:
        self.faults = faults
        self.connections = 0
        self.url = ""
        self._fired = fired
        self._host, self._port = host, port
        self._busy: set[asyncio.BaseTransport | None] = set()
        self._runner: web.AppRunner | None = None
        self._listener: asyncio.Server | None = None

    async def _route(self, request: web.Request) -> web.StreamResponse:
        raise NotImplementedError

    async def _open_doors(self, largest: int) -> None:
        application = web.Application(client_max_size=largest)
        application.router.add_route("*", "/{tail:.*}", self._answer)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
        await self._runner.setup()
        await self.up()

    async def _close_doors(self) -> None:
        await self.cut()
        if self._runner is not None:
            await self._runner.cleanup()

    async def up(self) -> None:
        """Listen, on the same port as ever."""
        if self._listener is None:
            loop = asyncio.get_running_loop()
            self._listener = await loop.create_server(self._accept, self._host, self._port)
            self._port = self._listener.sockets[0].getsockname()[1]
            self.url = f"http://{self._host}:{self._port}"

    async def cut(self) -> None:
        """The platform is away: what is open breaks, new connections are refused."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        self.hang_up()
        await asyncio.sleep(0)

    @asynccontextmanager
    async def down(self) -> AsyncIterator[None]:
        await self.cut()
        try:
            yield
        finally:
            await self.up()

    def hang_up(self) -> None:
        """Break every open connection; new ones are welcome."""
        for protocol in self._open:
            if protocol.transport is not None:
                protocol.transport.abort()

    def turn_idle_away(self) -> None:
        """Close the connections that idle, so that the next call needs a new one; those at work, when they are done."""
        for protocol in self._open:
            if protocol.transport is not None and protocol.transport not in self._busy:
                protocol.transport.close()

    @property
    def _open(self) -> list[RequestHandler]:
        return self._runner.server.connections if self._runner and self._runner.server else []

    def _accept(self) -> asyncio.Protocol:
        self.connections += 1
        if self.faults.refuses():
            self._fired[Kind.REFUSE.value] += 1
            return _Shut()
        assert self._runner is not None
        assert self._runner.server is not None
        return self._runner.server()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        self._busy.add(transport)
        try:
            response = await self._route(request)
        finally:
            self._busy.discard(transport)
        if self.faults.may_refuse and not response.prepared:
            response.force_close()  # the next call needs a connection, which may be refused
        return response
