"""The web server: the webhooks of channels, health, readiness and metrics.

A webhook does one thing between request and answer: it stores. Whoever cannot prove to be the platform is sent away
before a byte of his is read.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any

import structlog
from aiohttp import web
from prometheus_client import CollectorRegistry, Gauge, generate_latest

from bot.app import Setrum
from bot.channels.telegram import Telegram
from bot.channels.whatsapp import WhatsApp
from bot.ports import Tx, Unavailable
from bot.store.errors import StoreError

log = structlog.get_logger(__name__)

_SETRUM = web.AppKey("setrum", Setrum)
_TELEGRAM = web.AppKey("telegram", Telegram)
_WHATSAPP = web.AppKey("whatsapp", WhatsApp)
_MOST_TELEGRAM = 1024 * 1024
_MOST_WHATSAPP = 3 * 1024 * 1024
_BODY_SECONDS = 10.0
_STATES = ("inbox", "outbox", "open_purchases", "unapplied", "strays")
_FLAGS = ("sales_stopped", "read_only")


@contextlib.asynccontextmanager
async def running(
    setrum: Setrum, host: str, port: int, telegram: Telegram | None = None, whatsapp: WhatsApp | None = None
) -> AsyncIterator[str]:
    """Serve while the block runs; yields the address."""
    application = web.Application(client_max_size=4 * 1024 * 1024)
    application[_SETRUM] = setrum
    if telegram is not None:
        application[_TELEGRAM] = telegram
        application.router.add_post("/telegram", _telegram)
    if whatsapp is not None:
        application[_WHATSAPP] = whatsapp
        application.router.add_get("/whatsapp", _whatsapp_asks, allow_head=False)
        application.router.add_post("/whatsapp", _whatsapp)
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


async def _telegram(request: web.Request) -> web.Response:
    """403 without our secret, 413 too long, 500 where nothing was stored, else an empty 200 after the commit.

    Empty, because a body that names a method would be executed as a call.
    """
    telegram = request.app[_TELEGRAM]
    if not telegram.knows(request.headers.get("X-Telegram-Bot-Api-Secret-Token")):
        return _refused(request)
    raw = await _read(request, _MOST_TELEGRAM)
    return raw if isinstance(raw, web.Response) else await _stored(telegram.ingest(raw))


async def _whatsapp_asks(request: web.Request) -> web.Response:
    """The platform asks whether this address is ours: its own word back, or 403."""
    answer = request.app[_WHATSAPP].challenge(request.query)
    return _refused(request) if answer is None else web.Response(text=answer, content_type="text/plain")


async def _whatsapp(request: web.Request) -> web.Response:
    """403 where the bytes are not signed by the platform, 413 too long, 500 where nothing was stored, else 200."""
    whatsapp = request.app[_WHATSAPP]
    signature = request.headers.get("X-Hub-Signature-256")
    if signature is None:
        whatsapp.is_genuine(b"", None)
        return _refused(request)
    raw = await _read(request, _MOST_WHATSAPP)
    if isinstance(raw, web.Response):
        return raw
    if not whatsapp.is_genuine(raw, signature):
        return _refused(request)
    return await _stored(whatsapp.ingest(raw))


def _refused(request: web.Request) -> web.Response:
    log.warning("a request that is not the platform's", path=request.path, peer=request.remote)
    return web.Response(status=403)


async def _read(request: web.Request, most: int) -> bytes | web.Response:
    """The body, or the answer to one that is too long or too slow."""
    if (request.content_length or 0) > most:
        return web.Response(status=413)
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            raw = await request.read()
    except TimeoutError:
        return web.Response(status=408)
    return raw if len(raw) <= most else web.Response(status=413)


async def _stored(ingesting: Coroutine[Any, Any, object]) -> web.Response:
    try:
        await ingesting
    except Unavailable as error:
        log.error("what came in was not stored; the platform will send it again", error=str(error))
        return web.Response(status=500)
    return web.Response()


async def _healthz(_: web.Request) -> web.Response:
    return web.Response(text="ok\n")


async def _readyz(request: web.Request) -> web.Response:
    """200 while the database takes writes and what people say can reach us."""
    setrum = request.app[_SETRUM]
    try:
        await setrum.store.write(_nothing)
    except StoreError:
        return web.Response(status=503, text="the database takes no writes\n")
    if deaf := [channel.name for channel in setrum.channels if not channel.is_alive()]:
        return web.Response(status=503, text=f"nothing comes in from {', '.join(deaf)}\n")
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
    Gauge("setrum_alerts_total", "Alerts that were ever raised", registry=registry).set(counts["alerts"])
    _messages(request, registry)
    return web.Response(body=generate_latest(registry), content_type="text/plain")


def _messages(request: web.Request, registry: CollectorRegistry) -> None:
    sends = Gauge("setrum_sends_total", "Calls by how they ended", ["channel", "class", "outcome"], registry=registry)
    alive = Gauge("setrum_intake_alive", "1 while updates can reach us", ["channel"], registry=registry)
    setrum = request.app[_SETRUM]
    for sender in setrum.senders:
        for (kind, outcome), number in sender.counts.items():
            sends.labels(sender.channel, kind, outcome).set(number)
    for channel in setrum.channels:
        alive.labels(channel.name).set(int(channel.is_alive()))
    if (telegram := request.app.get(_TELEGRAM)) is not None:
        doubles = Gauge("setrum_duplicate_updates_total", "Updates that were stored before", registry=registry)
        doubles.set(telegram.duplicates)
    if (whatsapp := request.app.get(_WHATSAPP)) is not None:
        items = Gauge("setrum_whatsapp_items_total", "What deliveries brought", ["as"], registry=registry)
        for sort, number in whatsapp.counts.items():
            items.labels(sort).set(number)


def _counts(tx: Tx) -> dict[str, int]:
    return {name: tx.one(int, f"metric_{name}") or 0 for name in (*_STATES, *_FLAGS, "alerts")}
