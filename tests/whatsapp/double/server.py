"""The Cloud API on loopback: takes the calls, spoils what is to be spoilt, and keeps the people who talk to it.

`async with CloudApi(…) as api` gives `api.url`. A second port, for control, stays reachable while the first is down.
"""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self

from aiohttp import web

from tests.double.clock import PATIENCE, Clock
from tests.double.faults import Fault, Kind, Mail
from tests.double.server import Server
from tests.double.spoil import cut
from tests.whatsapp.double import media, spoil, wire
from tests.whatsapp.double.access import ACCESS, Access
from tests.whatsapp.double.control import DOES
from tests.whatsapp.double.desk import KINDS, SENDS, Answer, Desk
from tests.whatsapp.double.items import Item
from tests.whatsapp.double.news import News
from tests.whatsapp.double.pace import Pace
from tests.whatsapp.double.persons import Person
from tests.whatsapp.double.phones import Phone, Shown
from tests.whatsapp.double.state import Call, State, Window
from tests.whatsapp.double.statuses import Statuses
from tests.whatsapp.double.templates import Templates
from tests.whatsapp.double.webhook import OURS, Deliverer, MailFaults

_NOT_HERE = {Kind.FLOOD, Kind.FLOOD_BARE, Kind.BAD}


class CloudApi(Server, News):
    """The double. `state` is all that it knows; `faults` spoil calls, `mail` spoils and forms deliveries."""

    largest = 128 << 20
    does = DOES
    state: State
    mail: MailFaults
    webhook: Deliverer

    def __init__(
        self, *, access: Access = ACCESS, seed: int = 0, clock: Clock | None = None, port: int = 0,
        control_port: int = 0, host: str = "127.0.0.1",
    ) -> None:  # fmt: skip
        super().__init__(State(clock or Clock(), seed, access), host, port, control_port)
        self.mail = MailFaults(self.state.chance, self.state.fired)
        self.webhook = Deliverer(self.state, self.mail)
        self.persons: dict[str, Person] = {}
        self._desk = Desk(self.state)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self._desk.base = self.url
        return self

    # calls

    async def _route(self, request: web.Request) -> web.StreamResponse:
        path = request.path
        if path.startswith("/elsewhere/"):
            path = path.removeprefix("/elsewhere")
            self.followed += 1
        kind = self._desk.kind(request.method, path)
        if early := self.faults.resets(kind or path):
            self.faults.count(early)
            call = self._desk.open(kind, request.method, path, {})
            call.fault, call.outcome = early.kind.value, "gone"
            return cut(request)
        try:
            params = await _read(request, kind)
        except (ValueError, web.HTTPRequestEntityTooLarge):
            call = self._desk.open(kind, request.method, path, {})
            return self._desk.refuse(call, wire.param("The body cannot be read")).response()
        call = self._desk.open(kind, request.method, path, params)
        token = request.headers.get("Authorization", "").removeprefix("Bearer ")
        fault = self.faults.pick(call.kind, call.person)
        try:
            if fault is not None:
                self.faults.count(fault)
                call.fault = fault.kind.value
                return await self._spoilt(request, call, params, token, fault)
            answer = self._desk.serve(call, params, token)
            await self._tell(call)
            return answer.response()
        except asyncio.CancelledError:
            call.outcome = call.outcome if call.applied else "gone"
            raise
        finally:
            self.webhook.release(call.items)

    async def _spoilt(
        self, request: web.Request, call: Call, params: Any, token: str, fault: Fault
    ) -> web.StreamResponse:  # fmt: skip
        def serve() -> Answer:
            answer = self._desk.serve(call, params, token)
            self.webhook.release(call.items)  # what is told of it does not wait for an answer that goes wrong
            return answer

        return await spoil.answer(self.state, self._desk, request, call, serve, fault)

    async def _tell(self, call: Call) -> None:
        """Statuses that overtake the answer to their call."""
        if call.items and self.state.chance.random() < self.state.statuses.early:
            self.webhook.release(call.items)
            await self.webhook.tried(call.items)

    # people

    def person(
        self, number: str | None = "", name: str = "Budi", *, user_id: str | None = "", username: str = ""
    ) -> Person:
        """Somebody with a phone; the same somebody for the same number or user id. Left out, both are made up; None:
        there is none that the business could learn.
        """
        state = self.state
        known = (state.by_number.get(number) if number else None) or (state.by_user.get(user_id) if user_id else None)
        if known is not None:
            return self.persons[known.key]
        if number == "":
            number = f"62812{34_567_000 + len(self.persons):08d}"
        if user_id == "":
            user_id = state.user_id()
        key = number or user_id
        assert key, "somebody has to have a name"
        while key in self.persons:
            key += "'"  # a number that another had before
        phone = Phone(key, name, number, user_id, username)
        if number:
            state.by_number[number] = phone
        if user_id:
            state.by_user[user_id] = phone
        self.persons[key] = Person(self, phone)
        return self.persons[key]

    # what tests and campaigns use

    def fault(
        self, what: str | None = None, kind: Kind | Mail = Kind.RESET, *, person: Person | str | None = None,
        **fields: int | float | bool | str,
    ) -> Fault:  # fmt: skip
        """Plan a fault for calls of a kind, `send` for every message; a kind of `Mail` goes to the deliveries, where
        `what` is message, status or ops.
        """
        assert kind not in _NOT_HERE, kind
        assert what is None or what in (KINDS if isinstance(kind, Kind) else {"message", "status", "ops"}), what
        key = None if person is None else str(getattr(person, "key", person))
        also = SENDS if what == "send" else frozenset[str]()
        return self.plan(Fault(what, kind, key, also=also, **fields))  # type: ignore[arg-type]

    def chance(self, kind: Kind | Mail, probability: float) -> None:
        """As on any platform, but for the kinds that this one does not know."""
        assert kind not in _NOT_HERE, kind
        super().chance(kind, probability)

    def deliver_to(self, url: str) -> None:
        """The webhook's address, as it is entered in the dashboard: it is asked for a challenge, then posted to."""
        self.webhook.deliver_to(url)

    async def verified(self) -> bool:
        """Ask the webhook for a challenge now; whether it answered as it should."""
        return await self.webhook.verify()

    def signed(self, raw: bytes) -> str:
        """The signature header that belongs to these bytes."""
        return wire.signed(raw, self.state.access.app_secret)

    async def post(self, raw: bytes, signature: str | None = OURS) -> int:
        """Post any bytes to the webhook, rightly signed unless a signature or none is given; the status."""
        return await self.webhook.post(raw, signature=signature)

    def again(self, item: Item) -> None:
        """This item is delivered once more, in other bytes, whatever became of it."""
        self.webhook.spawn(self.webhook.again([item]))

    async def idle(self, timeout: float = 10.0) -> None:  # noqa: ASYNC109
        """Until nothing waits to be delivered any more."""
        await self.until(lambda: self.webhook.is_idle, timeout)

    async def until(self, condition: Callable[[], bool], timeout: float = PATIENCE) -> None:  # noqa: ASYNC109
        """Wait for anything that changes with a delivery."""
        async with asyncio.timeout(timeout):
            while True:
                changed = [self.webhook.answered.future(), self.state.items.stirred.future()]
                try:
                    if condition():
                        return
                    await asyncio.wait(changed, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    for one in changed:
                        one.cancel()

    @property
    def is_busy(self) -> bool:
        """Whether something waits to be delivered, or is on its way."""
        return not self.webhook.is_idle

    def shown(self, wamid: str) -> Shown:
        """The message with this id, on whosever phone it is."""
        return next(
            one.phone.messages[wamid] for one in self.persons.values() if wamid in one.phone.messages
        )  # fmt: skip

    def count(self, kind: str, person: Person | str | None = None) -> int:
        """How many calls of a kind there were; `send`: messages of all kinds."""
        key = None if person is None else str(getattr(person, "key", person))
        kinds = SENDS if kind == "send" else {kind}
        return sum(one.kind in kinds and key in (None, one.person) for one in self.calls)

    @property
    def statuses(self) -> Statuses:
        return self.state.statuses

    @property
    def pace(self) -> Pace:
        return self.state.pace

    @property
    def window(self) -> Window:
        return self.state.window

    @property
    def templates(self) -> Templates:
        return self.state.templates

    @property
    def calls(self) -> list[Call]:
        return self.state.calls

    @property
    def refused(self) -> list[str]:
        return self.state.refused

    @property
    def admitted(self) -> int:
        """How many posts with a wrong signature, or none, the webhook took."""
        return sum(one.forged and 200 <= one.status < 300 for one in self.webhook.posts)


async def _read(request: web.Request, kind: str) -> Any:
    if request.method != "POST":
        return dict(request.query)
    if kind == "upload":
        return await media.form(request)
    return json.loads(await request.read())
