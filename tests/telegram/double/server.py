"""The Bot API on loopback: takes the calls, spoils what is to be spoilt, and keeps the people who talk to the bot.

`async with BotApi(…) as api` gives `api.url` and `api.token`. A second port, for control, stays reachable while the
first is down.
"""

import asyncio
import re

from aiohttp import web

from tests.double.clock import Clock
from tests.double.faults import APPLIED, Fault, Faults, Kind, Mail
from tests.double.server import Server
from tests.double.spoil import cut, kept_back
from tests.telegram.double import settings, spoil, wire
from tests.telegram.double.control import DOES
from tests.telegram.double.desk import Desk, chat_of
from tests.telegram.double.persons import Person
from tests.telegram.double.phones import Chat
from tests.telegram.double.state import Call, State
from tests.telegram.double.updates import Update
from tests.telegram.double.webhook import Deliverer
from tests.telegram.double.wire import Given, Json, Refused

TOKEN = "7000000001:AAHsetrumSetrumSetrumSetrumSetrum_u"
_WELL_FORMED = re.compile(r"\d+:[A-Za-z0-9_-]{35}")
_CALL = re.compile(r"/(?:elsewhere/)?bot(?P<token>[^/]+)/(?P<method>[A-Za-z]+)/?")
_FILE = re.compile(r"/file/bot(?P<token>[^/]+)/(?P<path>.+)")


class BotApi(Server):
    """The double. `state` is all that it knows; `faults` spoil calls, `mail` spoils deliveries."""

    largest = 64 << 20
    does = DOES
    state: State
    webhook: Deliverer

    def __init__(
        self, *, token: str = TOKEN, username: str = "SetrumUjiBot", seed: int = 0, clock: Clock | None = None,
        port: int = 0, control_port: int = 0, host: str = "127.0.0.1",
    ) -> None:  # fmt: skip
        super().__init__(State(clock or Clock(), seed, token, username), host, port, control_port)
        self.mail = Faults(self.state.chance, self.state.fired)
        self.webhook = Deliverer(self.state, self.mail, self._execute)
        self.persons: dict[int, Person] = {}
        self._desk = Desk(self.state, self.mail)

    # calls

    async def _route(self, request: web.Request) -> web.StreamResponse:
        file, call = _FILE.fullmatch(request.path), _CALL.fullmatch(request.path)
        matched = file or call
        if matched is None or not _WELL_FORMED.fullmatch(matched["token"]):
            return wire.response(wire.refusal(Refused(404, "Not Found")))
        if matched["token"] != self.state.token:
            return wire.response(wire.refusal(Refused(401, "Unauthorized")))
        if file:
            return await self._file(request, file["path"])
        if request.path.startswith("/elsewhere/"):
            self.followed += 1
        return await self._call(request, matched["method"])

    async def _file(self, request: web.Request, path: str) -> web.StreamResponse:
        """A download, which meets faults under the name `file`."""
        call = self._desk.open("file", Given({}))
        fault = self.faults.pick("file", None)
        if fault is None:
            call.status, call.outcome, call.applied = 200, "ok", True
            return self._download(path)
        self.faults.count(fault)
        call.fault = fault.kind.value
        if fault.kind in APPLIED:
            body = self._download(path).body
            return await kept_back(self.clock, request, fault, 200, body if isinstance(body, bytes) else b"")
        return await spoil.answer(self.state, self._desk, request, call, Given({}), fault)

    def _download(self, path: str) -> web.Response:
        for one in self.state.files.values():
            if one.path == path and self.clock.now() < one.path_until:
                return web.Response(body=one.data, content_type="application/octet-stream")
        return wire.response(wire.refusal(Refused(404, "Not Found")))

    async def _call(self, request: web.Request, name: str) -> web.StreamResponse:
        if early := self.faults.resets(name):
            self.faults.count(early)
            call = self._desk.open(name, Given({}))
            call.fault, call.outcome = early.kind.value, "gone"
            return cut(request)
        try:
            given = await wire.read(request)
        except Refused as refused:
            return wire.response(wire.refusal(refused))
        except web.HTTPRequestEntityTooLarge:
            return wire.response(wire.refusal(Refused(413, "Request Entity Too Large")))
        call = self._desk.open(name, given)
        fault = self.faults.pick(call.method, chat_of(self.state, given))
        try:
            if fault is None:
                return wire.response(await self._desk.serve(call, given))
            self.faults.count(fault)
            call.fault = fault.kind.value
            return await spoil.answer(self.state, self._desk, request, call, given, fault)
        except asyncio.CancelledError:
            call.outcome = call.outcome if call.applied else "gone"
            raise

    async def _execute(self, document: Json) -> None:
        """What a webhook's answer asked for."""
        given = Given({name: value for name, value in document.items() if name != "method"})
        await self._desk.serve(self._desk.open(str(document["method"]), given, via_webhook=True), given)

    # people

    def person(
        self,
        id: int | None = None,  # noqa: A002
        name: str = "Budi",
        language: str | None = "id",
        username: str | None = None,
    ) -> Person:
        """Somebody with a phone; the same somebody for the same id."""
        number = id if id is not None else 5_000_000_000 + len(self.persons) + 1
        if number not in self.persons:
            described: Json = {"id": number, "first_name": name, "type": "private"}
            if username:
                described["username"] = username
            chat = self.state.chats[number] = Chat(number, "private", described)
            self.persons[number] = Person(self, number, name, language, username, chat, f"+62812{number % 10**8:08d}")
        return self.persons[number]

    def group(self, number: int) -> Chat:
        """A group that the bot was added to."""
        if number not in self.state.chats:
            described = {"id": number, "title": "Grup Uji", "type": "group"}
            self.state.chats[number] = Chat(number, "group", described, started=True)
        return self.state.chats[number]

    # what tests and campaigns use

    def fault(
        self, method: str | None = None, kind: Kind | Mail = Kind.RESET, **fields: int | float | bool | str
    ) -> Fault:
        """Plan a fault for calls; a kind of `Mail` goes to the deliveries, its `method` is then a kind of update."""
        return self.plan(Fault(method, kind, **fields))  # type: ignore[arg-type]

    def again(self, update: Update) -> None:
        """This update is delivered once more, in other bytes, whatever became of it."""
        if self.state.hook.url:
            self.webhook.spawn(update)
        else:
            self.state.updates.again.append(update)
            self.state.updates.stirred.fire()

    def menu(self, chat: int, language: str = "") -> list[Json]:
        """The commands that this person finds in the menu."""
        return settings.menu(self.state, chat, language)

    @property
    def token(self) -> str:
        return self.state.token

    @property
    def calls(self) -> list[Call]:
        return self.state.calls

    def count(self, method: str, chat: int | None = None) -> int:
        return sum(one.method == method and chat in (None, one.chat) for one in self.calls)
