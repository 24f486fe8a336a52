"""What a fault does to a call: whether it has its effect, and what the bot gets to hear instead of the answer."""

import json
from collections.abc import Callable

from aiohttp import web

from tests.double import spoil
from tests.double.faults import APPLIED, WITH_BODY, Fault, Kind
from tests.whatsapp.double import wire
from tests.whatsapp.double.desk import Answer, Desk
from tests.whatsapp.double.state import Call, State
from tests.whatsapp.double.wire import Refused, no_object

Serve = Callable[[], Answer]


async def answer(
    state: State, desk: Desk, request: web.Request, call: Call, serve: Serve, fault: Fault
) -> web.StreamResponse:
    """Serve the call under its fault."""
    kind = fault.kind
    if kind in {Kind.UNAUTHORIZED, Kind.NOT_FOUND, Kind.REDIRECT, Kind.RESET, Kind.HANG}:
        return await _refused(state, desk, request, call, fault)
    served = Answer(0, b"")
    if kind in APPLIED or (kind in WITH_BODY | {Kind.ERROR} and fault.applied):
        served = serve()
    else:
        call.outcome = "not applied"
    if kind is Kind.ERROR:
        refused = Refused(fault.code, fault.details, status=fault.status, subcode=fault.subcode)
        return desk.refuse(call, refused).response()
    if kind in WITH_BODY:
        broken = spoil.broken(kind, wire.refusal(Refused(131000), state.trace()))
        call.status = broken.status
        return broken
    if kind is Kind.OK_WITHOUT_WAMID:
        envelope = {name: one for name, one in json.loads(served.body).items() if name != "messages"}
        return web.json_response(envelope, status=served.status)
    return await spoil.kept_back(state.clock, request, fault, served.status, served.body)


async def _refused(
    state: State, desk: Desk, request: web.Request, call: Call, fault: Fault
) -> web.StreamResponse:  # fmt: skip
    """What ends without effect."""
    match fault.kind:
        case Kind.UNAUTHORIZED:
            expired = Refused(190, message="Error validating access token: Session has expired", subcode=463)
            return desk.refuse(call, expired).response()
        case Kind.NOT_FOUND:
            unknown = no_object(state.access.phone_number_id, request.method.lower())
            unknown.status = 404
            return desk.refuse(call, unknown).response()
        case Kind.REDIRECT:
            call.status, call.outcome = 307, "redirected"
            return web.Response(status=307, headers={"Location": f"/elsewhere{request.path_qs}"})
        case Kind.HANG:
            call.outcome = "not applied"
            await state.clock.wait(fault.seconds)
    call.outcome = "not applied"
    return spoil.cut(request)
