"""The web server: health, readiness and metrics now; the webhooks of channels stand here when there are any."""

import contextlib
from collections.abc import AsyncIterator

from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bot.app import Setrum
from bot.ports import Tx
from bot.store.errors import StoreError

_SETRUM = web.AppKey("setrum", Setrum)
_STATES = ("inbox", "outbox", "open_purchases", "unapplied", "strays")
_FLAGS = ("sales_stopped", "read_only")


@contextlib.asynccontextmanager
async def running(setrum: Setrum, host: str, port: int) -> AsyncIterator[str]:
    """Serve while the block runs; yields the address."""
    application = web.Application()
    application[_SETRUM] = setrum
    application.router.add_get("/healthz", _healthz)
    application.router.add_get("/readyz", _readyz)
    application.router.add_get("/metrics", _metrics)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        await site.start()
        name = runner.addresses[0]
        yield f"http://{name[0]}:{name[1]}"
    finally:
        await runner.cleanup()


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _readyz(request: web.Request) -> web.Response:
    """200 while the database takes writes."""
    try:
        await request.app[_SETRUM].store.write(_nothing)
    except StoreError:
        return web.Response(status=503, text="the database takes no writes\n")
    return web.Response(text="ready\n")


def _nothing(_: Tx) -> None:
    """A unit that commits nothing."""


async def _metrics(request: web.Request) -> web.Response:
    registry = CollectorRegistry()
    gauge = Gauge("setrum_waiting", "Rows that wait for a worker", ["of"], registry=registry)
    counts = await request.app[_SETRUM].store.read(_counts)
    for name in _STATES:
        gauge.labels(name).set(counts[name])
    for name in _FLAGS:
        Gauge(f"setrum_{name}", "1 while it is so", registry=registry).set(counts[name])
    return web.Response(body=generate_latest(registry), content_type="text/plain")


def _counts(tx: Tx) -> dict[str, int]:
    return {name: tx.one(int, f"metric_{name}") or 0 for name in (*_STATES, *_FLAGS)}
