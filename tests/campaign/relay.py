"""The wire to the supplier: passes every request on as it is, and counts what the supplier itself does not tell.

The practice supplier forgets who asked for a repeated payment; whoever stands on the wire does not.
"""

from collections import Counter
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp import web
from yarl import URL


class Relay:
    """Between the shop and the supplier at `target`. `payments` counts PAYs by trxid, `asked` all by command."""

    def __init__(self, target: str) -> None:
        self.payments: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.under_way: Counter[str] = Counter()  # requests that wait for their answer, by command
        self.url = ""
        self._target = URL(target)
        self._runner: web.AppRunner | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        application = web.Application()
        application.router.add_get("/{tail:.*}", self._pass)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}{self._target.path}"
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        self._session = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=180))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        if self._session is not None:
            await self._session.close()

    async def _pass(self, request: web.Request) -> web.Response:
        assert self._session is not None
        command = request.query.get("command", "")
        self.asked[command] += 1
        if command == "PAY":
            self.payments[request.query.get("trxid", "")] += 1
        self.under_way[command] += 1
        address = URL(str(self._target.origin()) + request.raw_path, encoded=True)
        try:
            async with self._session.get(address, allow_redirects=False) as answer:
                headers = {
                    name: answer.headers[name] for name in ("Content-Type", "Location") if name in answer.headers
                }
                return web.Response(body=await answer.read(), status=answer.status, headers=headers)
        except (aiohttp.ClientError, OSError, TimeoutError):
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        finally:
            self.under_way[command] -= 1
