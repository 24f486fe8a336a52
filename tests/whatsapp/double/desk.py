"""Where a call becomes its answer: the path is read, the call checked and carried out, and the record of it kept.

Knows nothing of connections; the server decides whether the answer gets there.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tests.whatsapp.double import media, messages
from tests.whatsapp.double.state import Call, State
from tests.whatsapp.double.wire import Json, Refused, no_object, refusal

DOWNLOAD = "/whatsapp_business/attachments/"
_PATH = re.compile(r"/(?:(?P<version>v\d+\.\d+)/)?(?P<object>\d+)(?:/(?P<edge>[a-z_]+))?/?")
SENDS = frozenset({"send", *messages.KINDS})
KINDS = SENDS | {"read", "upload", "media", "download", "number", "templates"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back if nothing goes wrong on the way."""

    status: int
    body: bytes
    mime: str = "application/json"

    def response(self) -> web.Response:
        return web.Response(status=self.status, body=self.body, content_type=self.mime)


class Desk:
    """Serves one app."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.base = ""  # where addresses of media lead

    def kind(self, method: str, path: str) -> str:
        """The kind of call as far as its path tells; `send` stands for whatever goes to `messages`."""
        if path == DOWNLOAD:
            return "download"
        found = _PATH.fullmatch(path)
        edge = found["edge"] if found else None
        if method == "POST":
            return {"messages": "send", "media": "upload"}.get(edge or "", "")
        if found is not None and edge == "message_templates" and found["object"] == self.state.access.account_id:
            return "templates"
        if found is None or edge is not None:
            return ""
        return "number" if found["object"] == self.state.access.phone_number_id else "media"

    def open(self, kind: str, method: str, path: str, params: Any) -> Call:
        """Write down that a call came in."""
        state, person = self.state, None
        if kind == "send":
            kind = messages.kind_of(params)
        if kind in messages.KINDS and isinstance(params, dict):
            name, phone = state.phone_of(params.get("to"), params.get("recipient"))
            person = phone.key if phone else name
        elif kind == "read" and isinstance(params, dict):
            reader = state.received.get(str(params.get("message_id")))
            person = reader.key if reader else None
        call = Call(
            len(state.calls) + 1, kind or path, method, path, _spoken(params), person, state.clock.now(),
            state.clock.ticks(),
        )  # fmt: skip
        state.calls.append(call)
        state.heard.fire()
        return call

    def serve(self, call: Call, params: Any, token: str) -> Answer:
        """Carry the call out; its answer, or its refusal."""
        try:
            self._admit(call, token)
            if call.kind == "download":
                found = media.download(self.state, params)
                answer = Answer(200, found.data, found.mime)
            else:
                answer = Answer(200, json.dumps(self._find(call)(params)).encode())
        except Refused as refused:
            return self.refuse(call, refused)
        call.status, call.outcome, call.applied = 200, "ok", True
        return answer

    def refuse(self, call: Call, refused: Refused) -> Answer:
        """Note the refusal; its envelope."""
        call.status, call.code, call.outcome = refused.status, refused.code, str(refused)
        return Answer(refused.status, json.dumps(refusal(refused, self.state.trace())).encode())

    def _admit(self, call: Call, token: str) -> None:
        access = self.state.access
        if token != access.token:
            raise Refused(190, message="Invalid OAuth access token - Cannot parse access token")
        found = _PATH.fullmatch(call.path)
        if call.kind == "download":
            return
        if found is None or found["version"] not in {None, access.version}:
            self.state.unsupported.append(f"{call.method} {call.path}")
            raise Refused(2500, message=f"Unknown path components: {call.path}")
        if call.method == "POST" and found["object"] != access.phone_number_id:
            raise no_object(found["object"], "post")

    def _find(self, call: Call) -> Callable[[Any], Json]:
        state, kind = self.state, self.kind(call.method, call.path)
        match kind:
            case "send":
                return lambda raw: self._checked(lambda: self._say(call, raw))
            case "upload":
                return lambda values: self._checked(lambda: media.upload(state, values))
            case "media":
                number = call.path.strip("/").rpartition("/")[2]
                return lambda _: media.address(state, number, self.base)
            case "number":
                return lambda query: _number(state, query)
            case "templates":
                return lambda _: state.templates.listed()
        state.unsupported.append(f"{call.method} {call.path}")
        raise Refused(2500, message=f"Unknown path components: {call.path}")

    def _say(self, call: Call, raw: Any) -> Json:
        return (messages.read if call.kind == "read" else messages.send)(self.state, call, raw)

    def _checked(self, run: Callable[[], Json]) -> Json:
        """What is refused for what it asked is kept for the tests."""
        try:
            return run()
        except Refused as refused:
            if not refused.is_limit:
                self.state.refused.append(str(refused))
            raise


def _spoken(params: Any) -> Json:
    """For the record: everything but the bytes of files."""
    if not isinstance(params, dict):
        return {"": params}
    return {
        name: f"<{value[0]}, {len(value[2])} bytes>" if isinstance(value, tuple) else value
        for name, value in params.items()
    }


def _number(state: State, query: Json) -> Json:
    """What the business number is."""
    access = state.access
    all_: Json = {
        "id": access.phone_number_id, "display_phone_number": f"+{access.display_phone_number}",
        "verified_name": access.verified_name, "quality_rating": "GREEN", "code_verification_status": "VERIFIED",
        "name_status": "APPROVED", "platform_type": "CLOUD_API", "throughput": {"level": "STANDARD"},
        "status": "CONNECTED", "account_mode": "LIVE", "is_official_business_account": False,
        "messaging_limit_tier": "TIER_1K",
    }  # fmt: skip
    wanted = [one for one in str(query.get("fields", "")).split(",") if one]
    for name in wanted:
        if name not in all_:
            raise Refused(100, message=f"(#100) Tried accessing nonexisting field ({name})")
    chosen = wanted or ["verified_name", "code_verification_status", "display_phone_number", "quality_rating"]
    return {name: all_[name] for name in (*chosen, "id")}
