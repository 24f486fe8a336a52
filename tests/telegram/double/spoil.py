"""What a fault does to a call: whether it has its effect, and what the bot gets to hear instead of the answer."""

import asyncio
import json

from aiohttp import web

from tests.telegram.double import wire
from tests.telegram.double.desk import Desk
from tests.telegram.double.faults import APPLIED, WITH_BODY, Fault, Kind
from tests.telegram.double.state import Call, State
from tests.telegram.double.wire import Given, Refused

_PAGE = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n"


def cut(request: web.Request) -> web.Response:
    """The connection breaks."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def answer(
    state: State, desk: Desk, request: web.Request, call: Call, given: Given, fault: Fault
) -> web.StreamResponse:
    """Serve the call under its fault."""
    kind = fault.kind
    if kind in {Kind.FLOOD, Kind.FLOOD_BARE}:
        return _flood(state, call, fault)
    if kind is Kind.BAD:
        call.status, call.outcome = 400, f"Bad Request: {fault.words}"
        return wire.response(wire.refusal(wire.bad(fault.words)))
    if kind in {Kind.UNAUTHORIZED, Kind.NOT_FOUND, Kind.REDIRECT, Kind.RESET, Kind.HANG}:
        return await _refused(state, request, call, fault)
    if kind in APPLIED or (kind in WITH_BODY and fault.applied):
        body = json.dumps(await desk.serve(call, given)).encode()
    else:
        body = b""
        call.outcome = "not applied"
    if kind in WITH_BODY:
        return _broken(call, fault)
    return await _kept_back(state, request, call, fault, body)


def _flood(state: State, call: Call, fault: Fault) -> web.Response:
    call.status, call.outcome = 429, f"Too Many Requests: retry after {fault.retry_after}"
    if fault.kind is Kind.FLOOD_BARE:
        return web.json_response({"ok": False, "error_code": 429, "description": "Too Many Requests"}, status=429)
    if call.chat is not None:
        state.pace.shut(call.chat, fault.retry_after)
    return wire.response(wire.refusal(wire.flood(fault.retry_after)))


async def _refused(state: State, request: web.Request, call: Call, fault: Fault) -> web.StreamResponse:
    """What ends without effect."""
    match fault.kind:
        case Kind.UNAUTHORIZED:
            call.status, call.outcome = 401, "Unauthorized"
            return wire.response(wire.refusal(Refused(401, "Unauthorized")))
        case Kind.NOT_FOUND:
            call.status, call.outcome = 404, "Not Found"
            return wire.response(wire.refusal(Refused(404, "Not Found")))
        case Kind.REDIRECT:
            call.status, call.outcome = 302, "redirected"
            return web.Response(status=302, headers={"Location": f"/elsewhere{request.path_qs}"})
        case Kind.HANG:
            call.outcome = "not applied"
            await state.clock.wait(fault.seconds)
    call.outcome = "not applied"
    return cut(request)


def _broken(call: Call, fault: Fault) -> web.Response:
    match fault.kind:
        case Kind.HTML_502:
            call.status = 502
            return web.Response(status=502, text=_PAGE, content_type="text/html")
        case Kind.EMPTY_503:
            call.status = 503
            return web.Response(status=503)
        case Kind.JSON_LIST_500:
            call.status = 500
            return web.json_response(["Internal Server Error"], status=500)
    call.status = 500
    return wire.response(wire.refusal(Refused(500, "Internal Server Error: restart")))


async def _kept_back(
    state: State, request: web.Request, call: Call, fault: Fault, body: bytes
) -> web.StreamResponse:  # fmt: skip
    """What had its effect, and whose answer is lost, late or spoilt."""
    match fault.kind:
        case Kind.HANG_APPLIED:
            await state.clock.wait(fault.seconds)
            return cut(request)
        case Kind.TRUNCATED:
            return web.Response(body=body[: len(body) // 2], content_type="application/json")
        case Kind.HTML_200:
            return web.Response(text=_PAGE, content_type="text/html")
        case Kind.DRIP:
            return await _drip(state, request, call, fault, body)
    return cut(request)


async def _drip(
    state: State, request: web.Request, call: Call, fault: Fault, body: bytes
) -> web.StreamResponse:  # fmt: skip
    response = web.StreamResponse(status=call.status, headers={"Content-Type": "application/json"})
    response.content_length = len(body)
    await response.prepare(request)
    pieces = 10
    size = max(len(body) // pieces, 1)
    try:
        for start in range(0, len(body), size):
            await state.clock.wait(fault.seconds / pieces)
            await response.write(body[start : start + size])
        await response.write_eof()
    except (ConnectionError, asyncio.CancelledError):
        cut(request)
        raise
    return response
