"""What a fault does to an answer: kept back, broken, late or cut. A platform's double says what is in it."""

import asyncio
from typing import Any

from aiohttp import web

from tests.double.clock import Clock
from tests.double.faults import Fault, Kind

PAGE = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"


def cut(request: web.Request) -> web.Response:
    """The connection breaks."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def broken(kind: str, body: Any) -> web.Response:
    """A server error, with this body if it is one with JSON."""
    match kind:
        case Kind.HTML_502:
            return web.Response(status=502, text=PAGE, content_type="text/html")
        case Kind.EMPTY_503:
            return web.Response(status=503)
        case Kind.JSON_LIST_500:
            return web.json_response(["Internal Server Error"], status=500)
    return web.json_response(body, status=500)


async def kept_back(clock: Clock, request: web.Request, fault: Fault, status: int, body: bytes) -> web.StreamResponse:
    """What had its effect, and whose answer is lost, late or spoilt."""
    match fault.kind:
        case Kind.HANG_APPLIED:
            await clock.wait(fault.seconds)
            return cut(request)
        case Kind.TRUNCATED:
            return web.Response(body=body[: len(body) // 2], content_type="application/json")
        case Kind.HTML_200:
            return web.Response(text=PAGE, content_type="text/html")
        case Kind.DRIP:
            return await _drip(clock, request, fault.seconds, status, body)
    return cut(request)


async def _drip(clock: Clock, request: web.Request, seconds: float, status: int, body: bytes) -> web.StreamResponse:
    response = web.StreamResponse(status=status, headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    pieces = 10
    size = max(len(body) // pieces, 1)
    try:
        for start in range(0, len(body), size):
            await clock.wait(seconds / pieces)
            await response.write(body[start : start + size])
        await response.write_eof()
    except (ConnectionError, asyncio.CancelledError):
        cut(request)
        raise
    return response
