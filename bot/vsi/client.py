"""The supplier's client: one GET a request, one deadline, and a payment on the wire at most once.

HTTP libraries repeat a GET by themselves when a connection drops, and follow redirects; here neither can happen. No
URL ever leaves this module: it carries a hash that buys for a whole day.
"""

import asyncio
import ipaddress
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from urllib.parse import urlsplit

import aiohttp
import structlog
from aiohttp import (
    ClientHandlerType,
    ClientRequest,
    ClientResponse,
    ClientSession,
    TraceConfig,
    TraceConnectionCreateEndParams,
)
from yarl import URL

from bot.domain.supply import (
    AdviceAnswer,
    Advise,
    AutoPay,
    BillAnswer,
    Command,
    Identity,
    InquiryAnswer,
    Pay,
    PayAnswer,
    PostpaidPay,
    Reply,
    Request,
    Transport,
)
from bot.vsi import codec, messages, reading

log = structlog.get_logger()

_DAY_MILLISECONDS = 86_400_000
# what the library raises when it cannot connect; a connection that stood rules them all out
_NEVER_LEFT = (aiohttp.ClientConnectorError, TimeoutError)


class VsiConfigError(Exception):
    """The supplier's address may not be used; the text names the setting."""


class _SecondSend(Exception):
    """The HTTP library was about to put a request on the wire again."""


@dataclass(frozen=True, slots=True)
class VsiAccess:
    """Where the supplier is and who we are there. The secret never shows."""

    url: str
    cid: str
    secret: str = field(repr=False)
    insecure_http: bool = False

    def __post_init__(self) -> None:
        try:
            parts = urlsplit(self.url)
            host, _ = parts.hostname, parts.port
            URL(self.url)
        except ValueError:
            host = None
        if not host or parts.scheme not in ("http", "https"):
            raise VsiConfigError("VSI_URL: an address such as https://supplier.example/path")
        if "@" in parts.netloc or parts.fragment or parts.query:
            raise VsiConfigError(
                "VSI_URL: without user, query and fragment; the client adds what the contract asks for"
            )
        if parts.scheme == "http" and not _is_loopback(host) and not self.insecure_http:
            raise VsiConfigError(
                f"VSI_URL: http to {host} shows everybody on the way how to buy for a day; "
                "use https, or set VSI_INSECURE_HTTP=1 behind a VPN or a fixed line"
            )


@dataclass(frozen=True, slots=True)
class Waits:
    """Deadlines and pauses in seconds; a payment's is at least the supplier's own."""

    pay: float = 60.0
    other: float = 15.0
    connect: float = 10.0
    unsent_tries: int = 3
    unsent_pause: float = 0.2
    midnight_pause: float = 10.0


class VsiClient:
    """`send` makes one request; the `read_…` methods say what its reply means. `now` is epoch milliseconds."""

    def __init__(
        self,
        access: VsiAccess,
        waits: Waits,
        now: Callable[[], int],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.identity = Identity(urlsplit(access.url).hostname or "", access.cid)
        self._access = access
        self._waits = waits
        self._now = now
        self._sleep = sleep

    async def send(self, request: Request) -> Reply:
        """One request; never raises for what the network does. Only what provably never left is tried again.

        Raises `ValueError`, before anything is sent, on a value that the contract cannot carry.
        """
        wire = messages.parameters(request)
        await self._keep_off_midnight(request)
        started = time.monotonic()
        pays = isinstance(request, Pay | AutoPay | PostpaidPay)
        deadline = started + (self._waits.pay if pays else self._waits.other)
        reply = Reply(Transport.UNSENT)
        for attempt in range(self._waits.unsent_tries):
            if attempt:
                await self._sleep(self._waits.unsent_pause)
                await self._keep_off_midnight(request)
            left = deadline - time.monotonic()
            if left <= 0:
                break
            access = messages.access(self._access.cid, self._access.secret, self._now())
            reply = await self._get(wire | access, left)
            if reply.transport is not Transport.UNSENT:
                break
        reply = replace(reply, milliseconds=round((time.monotonic() - started) * 1000))
        log.debug(
            "supplier asked",
            command=wire["command"],
            transport=reply.transport.value,
            status=reply.status,
            milliseconds=reply.milliseconds,
        )
        return reply

    def masked(self, request: Request) -> str:
        """The request as the exchange log keeps it."""
        return messages.kept(request)

    def read_inquiry(self, reply: Reply) -> InquiryAnswer:
        """What an inquiry's reply says."""
        return reading.read_inquiry(reply)

    def read_payment(self, reply: Reply) -> PayAnswer:
        """What a payment's reply says."""
        return reading.read_payment(reply)

    def read_advice(self, reply: Reply, by_payref: bool = False) -> AdviceAnswer:
        """What an advice's reply says."""
        return reading.read_advice(reply, by_payref)

    def read_bill(self, reply: Reply, command: Command) -> BillAnswer:
        """What a postpaid reply says."""
        return reading.read_bill(reply, command)

    async def _keep_off_midnight(self, request: Request) -> None:
        """Date and hash change at midnight WIB: nothing starts within seconds of it, advice apart. # VSI §1"""
        if isinstance(request, Advise):
            return
        berth = round(self._waits.midnight_pause * 1000)
        into = messages.milliseconds_into_wib_day(self._now())
        if into > _DAY_MILLISECONDS - berth:
            await self._sleep((_DAY_MILLISECONDS - into + berth) / 1000)
        elif into < berth:
            await self._sleep((berth - into) / 1000)

    async def _get(self, query: dict[str, str], seconds: float) -> Reply:
        once = _Once()
        connect = min(self._waits.connect, seconds)
        try:
            async with (
                # one deadline over names, connection, request, answer and goodbye; the library's own is off
                asyncio.timeout(seconds),
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(force_close=True, limit=1),
                    timeout=aiohttp.ClientTimeout(total=None, connect=connect, sock_connect=connect),
                    headers={"Accept-Encoding": "identity", "Connection": "close"},
                    trust_env=False,
                    auto_decompress=False,
                    middlewares=(once,),
                    trace_configs=[once.trace()],
                    cookie_jar=aiohttp.DummyCookieJar(),
                ) as session,
                session.get(URL(self._access.url).with_query(query), allow_redirects=False) as response,
            ):
                return await _body(response)
        except Exception as error:  # noqa: BLE001 - whatever the library raises, the request may have left
            return Reply(once.ended_by(error), detail=type(error).__name__)


class _Once:
    """Lets a request onto the wire once, and knows whether a connection stood that could carry a byte of it.

    The library repeats a GET by itself when a connection drops; each repeat runs through its middlewares again.
    """

    def __init__(self) -> None:
        self._started = False
        self._connected = False

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        if self._started:
            raise _SecondSend
        self._started = True
        return await handler(request)

    def trace(self) -> TraceConfig:
        """Notes the moment at which a connection, TLS included, stands; only then is anything written."""
        config = TraceConfig()
        config.on_connection_create_end.append(self._note_connection)
        return config

    async def _note_connection(
        self, session: ClientSession, context: SimpleNamespace, params: TraceConnectionCreateEndParams
    ) -> None:
        self._connected = True

    def ended_by(self, error: Exception) -> Transport:
        """Unsent only where both agree: no connection ever stood, and the error is one of connecting."""
        if not self._connected and isinstance(error, _NEVER_LEFT):
            return Transport.UNSENT
        return Transport.TIMEOUT if isinstance(error, TimeoutError) else Transport.LOST


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


async def _body(response: ClientResponse) -> Reply:
    """The body up to 64 KiB, or why it is not to be read. # VSI §1"""
    if response.headers.get("Content-Encoding", "identity").casefold() != "identity":
        return Reply(Transport.ENCODED, response.status)
    body = b""
    async for chunk in response.content.iter_chunked(8192):
        body += chunk
        if len(body) > codec.MOST_BYTES:
            return Reply(Transport.OVERSIZE, response.status)
    return Reply(Transport.ANSWERED, response.status, body)
