"""The practice supplier's server: takes a request, has it checked and served, then does to the answer what is asked.

A sale is in the books before its answer leaves, whatever then happens to the answer. Never talks to anybody itself.
"""

import asyncio
import re
import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from bot.sandbox import answers, checks, customers
from bot.sandbox.answers import Shape
from bot.sandbox.checks import Refusal
from bot.sandbox.config import SandboxConfig
from bot.sandbox.ledger import Books, Sold
from bot.sandbox.scenarios import Behaviour, behaviour_of
from bot.sandbox.vending import Paid, Vendor

_PATH = "/vsi"
_SECOND_COPY = "/vsi/elsewhere"  # where a redirect points: whoever follows it buys once more


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it arrived; `at` is epoch milliseconds."""

    command: str
    parameters: dict[str, str]
    at: int


@dataclass(frozen=True, slots=True)
class Raw:
    """A scripted answer. With `wire` those bytes go out as they are, status line included, and the connection closes:
    without any, it just breaks. `hangs` keeps the answer back until the client gives up.
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "text/xml"),)
    wire: bytes | None = None
    hangs: bool = False


Responder = Callable[[Asked, bytes], Raw | None]


@dataclass(frozen=True, slots=True)
class _Script:
    responder: Responder
    acts: bool


class Sandbox:
    """The server. `requests` and `books` are what tests and campaigns look at; `forced` holds for every payment."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.books = Books(config.ledger)
        self.requests: list[Asked] = []
        self.forced: Behaviour | None = None
        self._vendor = Vendor(config, self.books)
        self._forced_pays: deque[Behaviour] = deque()
        self._forced_advices: deque[int] = deque()
        self._scripts: dict[str, _Script] = {}
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    async def start(self) -> str:
        """Listen; returns the base URL."""
        application = web.Application()
        application.router.add_get(_PATH, self._answer, allow_head=False)
        application.router.add_get(_SECOND_COPY, self._answer, allow_head=False)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, self.config.host, self.config.port).start()
        return f"http://{self.config.host}:{self._runner.addresses[0][1]}{_PATH}"

    async def stop(self) -> None:
        """Stop listening, let go of whoever hangs, and close the books."""
        self._stopping.set()
        if self._runner is not None:
            await self._runner.cleanup()
        self.books.close()

    def count(self, command: str, trxid: str | None = None) -> int:
        """How many requests of a command arrived, or how many of them with this trxid."""
        return sum(one.command == command and trxid in (None, one.parameters.get("trxid")) for one in self.requests)

    def sales(self) -> list[Sold]:
        """Everything ever sold, oldest first."""
        return self.books.sales()

    def behaviour_for(self, msn: str) -> Behaviour:
        """What the meter's number picks."""
        return behaviour_of(msn)

    def force(self, behaviour: Behaviour, times: int = 1) -> None:
        """The next payments meet this, whatever their meters; comes before `forced`."""
        self._forced_pays.extend([behaviour] * times)

    def force_advice(self, code: int, times: int = 1) -> None:
        """The next advices are refused with this code."""
        self._forced_advices.extend([code] * times)

    def script(self, command: str, responder: Responder | Raw | None, *, acts: bool = False) -> None:
        """Answer a command with anything at all, until told otherwise by None.

        With `acts` the request is served first (a payment is in the books) and the responder gets the answer that it
        replaces; a responder that returns None leaves the request to its usual way.
        """
        if responder is None:
            self._scripts.pop(command, None)
            return
        made: Responder = (lambda _asked, _usual: responder) if isinstance(responder, Raw) else responder
        self._scripts[command] = _Script(made, acts)

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        asked = Asked(query.get("command", ""), query, self.config.clock())
        self.requests.append(asked)
        await self._wait(self.config.latency_ms)
        script = self._scripts.get(asked.command)
        if script is None:
            return await self._usual(request, asked)
        usual = await self._usual(request, asked) if script.acts else None
        body = usual.body if isinstance(usual, web.Response) and isinstance(usual.body, bytes) else b""
        raw = script.responder(asked, body)
        if raw is None:
            return usual if usual is not None else await self._usual(request, asked)
        return await self._raw(request, raw)

    async def _raw(self, request: web.Request, raw: Raw) -> web.StreamResponse:
        if raw.hangs:
            await self._wait(self.config.hang_ms)
            return _dropped(request)
        if raw.wire is None:
            return web.Response(body=raw.body, status=raw.status, headers=raw.headers)
        if request.transport is not None and raw.wire:
            request.transport.write(raw.wire)
            request.transport.close()
            return web.Response()
        return _dropped(request)

    async def _usual(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        """The contract's answer, in XML only if it is asked for. # VSI §1, §8"""
        shape = _shape(asked)
        try:
            if len(request.query) != len(asked.parameters):
                raise checks.malformed()  # a parameter given twice
            checks.admit(asked.parameters, self.config)
            response = await self._serve(request, asked, shape)
        except Refusal as refusal:
            response = _xml(answers.error(refusal.code, refusal.words, refusal.number, shape or Shape.INQUIRY))
        is_xml = isinstance(response, web.Response) and response.content_type == "text/xml"
        if is_xml and asked.parameters.get("resp") != "XML" and isinstance(response.body, bytes):
            return web.Response(body=answers.plain(response.body))
        return response

    async def _serve(self, request: web.Request, asked: Asked, shape: Shape | None) -> web.Response:
        query = asked.parameters
        match shape:
            case Shape.INQUIRY:
                found = self._vendor.inquire(query)
                if found.behaviour is Behaviour.SLOW_INQUIRY:
                    await self._wait(self.config.slow_inquiry_ms)
                return _xml(answers.inquiry(found.customer, found.refnum, self.config.adm, found.unsold_tokens))
            case Shape.PAY | Shape.AUTO_PAY:
                again = request.path == _SECOND_COPY
                paid = self._vendor.pay(query, self._next_forced(), again=again)
                return await self._deliver(request, paid, shape)
            case Shape.ADVICE | Shape.ADVICE_BY_PAYREF:
                if self._forced_advices:
                    raise Refusal(self._forced_advices.popleft(), "UJI COBA", query.get("msn", ""))
                return _xml(self._sale(self._vendor.advise(query), shape))
            case Shape.BILL:
                return _xml(answers.bill(customers.bill(checks.idpel(query)), secrets.token_hex(16).upper()))
            case Shape.BILL_PAY:
                refnum = self._vendor.pay_bill(query)
                return _xml(answers.bill_paid(customers.bill(query["idpel"]), refnum, self.config.clock()))
            case None:
                raise checks.malformed()

    def _next_forced(self) -> Behaviour | None:
        return self._forced_pays.popleft() if self._forced_pays else self.forced

    async def _deliver(self, request: web.Request, paid: Paid, shape: Shape) -> web.Response:
        """What becomes of the answer after the books were written."""
        if paid.refusal is not None:
            raise paid.refusal
        match paid.behaviour:
            case Behaviour.TIMEOUT_SOLD | Behaviour.TIMEOUT_UNSOLD:
                await self._wait(self.config.hang_ms)
                return _dropped(request)
            case Behaviour.DROP_SOLD | Behaviour.DROP_UNSOLD:
                return _dropped(request)
            case Behaviour.HTML:
                return web.Response(text="<html><body>Service</body></html>", content_type="text/html")
            case Behaviour.EMPTY:
                return web.Response(body=b"")
            case Behaviour.UNAVAILABLE | Behaviour.UNAVAILABLE_SOLD:
                return web.Response(status=503, text="Service Unavailable")
            case Behaviour.REDIRECT:
                return web.Response(status=302, headers={"Location": f"{_SECOND_COPY}?{request.query_string}"})
        if paid.sold is None:
            raise AssertionError(paid.behaviour)
        return _garbled(paid.behaviour, self._sale(paid.sold, shape))

    def _sale(self, sold: Sold, shape: Shape) -> bytes:
        return answers.sale(sold, self.config.readings.clock_ahead_seconds, shape)

    async def _wait(self, milliseconds: int) -> None:
        if milliseconds:
            try:
                await asyncio.wait_for(self._stopping.wait(), milliseconds / 1000)
            except TimeoutError:
                return


def _shape(asked: Asked) -> Shape | None:
    by_reference = "refnum" in asked.parameters
    match asked.parameters.get("modul"), asked.command:
        case "PRE", "INQ":
            return Shape.INQUIRY
        case "PRE", "PAY":
            return Shape.PAY if by_reference else Shape.AUTO_PAY
        case "PRE", "ADV":
            return Shape.ADVICE_BY_PAYREF if by_reference else Shape.ADVICE
        case "pln", "INQ":
            return Shape.BILL
        case "pln", "PAY":
            return Shape.BILL_PAY
    return None


def _garbled(behaviour: Behaviour, body: bytes) -> web.Response:
    match behaviour:
        case Behaviour.TRUNCATED:
            return _xml(body[: body.index(b"</token>") + 8])
        case Behaviour.PLAIN_TEXT:
            return web.Response(body=answers.plain(body))
        case Behaviour.LATIN_NAME:
            return _xml(re.sub(rb"<nama>.*?</nama>", b"<nama>Ren\xe9 Dupr\xe9</nama>", body))
        case Behaviour.RAW_AMPERSAND:
            return _xml(re.sub(rb"<nama>.*?</nama>", b"<nama>TOKO A & B</nama>", body))
    return _xml(body)


def _xml(body: bytes) -> web.Response:
    return web.Response(body=body, content_type="text/xml")


def _dropped(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
