"""What a fault does to a call: whether it has its effect, and what the bot gets to hear instead of the answer."""

import json

from aiohttp import web

from tests.double import spoil
from tests.double.faults import APPLIED, WITH_BODY, Fault, Kind
from tests.telegram.double import wire
from tests.telegram.double.desk import Desk
from tests.telegram.double.state import Call, State
from tests.telegram.double.wire import Given, Refused


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
        broken = spoil.broken(fault.kind, wire.refusal(Refused(500, "Internal Server Error: restart")))
        call.status = broken.status
        return broken
    return await spoil.kept_back(state.clock, request, fault, call.status, body)


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
    return spoil.cut(request)
