"""The supplier's client: one GET a request, one deadline, and a payment on the wire at most once.

HTTP libraries repeat a GET by themselves when a connection drops, and follow redirects; here neither can happen. No
URL ever leaves this module: it carries a hash that buys for a whole day.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse
from yarl import URL

from bot.domain.supply import (
    AdviceAnswer,
    Advise,
    BillAnswer,
    Command,
    InquiryAnswer,
    PayAnswer,
    Reply,
    Request,
    Transport,
)
from bot.vsi import codec, messages, reading

_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_DAY_MILLISECONDS = 86_400_000
_PAY_REQUESTS = ("Pay", "AutoPay", "PostpaidPay")


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
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise VsiConfigError("VSI_URL: an address such as https://supplier.example/path")
        if parts.username or parts.password or parts.fragment or parts.query:
            raise VsiConfigError(
                "VSI_URL: without user, query and fragment; the client adds what the contract asks for"
            )
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK and not self.insecure_http:
            raise VsiConfigError(
                f"VSI_URL: http to {parts.hostname} shows everybody on the way how to buy for a day; "
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
        self._access = access
        self._waits = waits
        self._now = now
        self._sleep = sleep

    async def send(self, request: Request) -> Reply:
        """One request; never raises for what the network does. Only what provably never left is tried again."""
        pays = type(request).__name__ in _PAY_REQUESTS
        wire = messages.parameters(request)
        if not isinstance(request, Advise):
            await self._pause_around_midnight()
        started = time.monotonic()
        deadline = self._waits.pay if pays else self._waits.other
        reply = Reply(Transport.UNSENT)
        for attempt in range(self._waits.unsent_tries):
            if attempt:
                await self._sleep(self._waits.unsent_pause)
            left = deadline - (time.monotonic() - started)
            if left <= 0:
                break
            access = messages.access(self._access.cid, self._access.secret, self._now())
            reply = await self._get(wire | access, left)
            if reply.transport is not Transport.UNSENT:
                break
        spent = round((time.monotonic() - started) * 1000)
        return Reply(reply.transport, reply.status, reply.body, spent, reply.detail)

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

    async def _pause_around_midnight(self) -> None:
        """Date and hash change at midnight WIB; nothing starts within seconds of it."""
        berth = round(self._waits.midnight_pause * 1000)
        into = messages.milliseconds_into_wib_day(self._now())
        if into > _DAY_MILLISECONDS - berth:
            await self._sleep((_DAY_MILLISECONDS - into + berth) / 1000)
        elif into < berth:
            await self._sleep((berth - into) / 1000)

    async def _get(self, query: dict[str, str], seconds: float) -> Reply:
        once = _Once()
        timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=min(self._waits.connect, seconds))
        connector = aiohttp.TCPConnector(force_close=True, limit=1)
        headers = {"Accept-Encoding": "identity", "Connection": "close"}
        try:
            async with (
                aiohttp.ClientSession(
                    connector=connector,
                    timeout=timeout,
                    headers=headers,
                    trust_env=False,
                    auto_decompress=False,
                    middlewares=(once,),
                    cookie_jar=aiohttp.DummyCookieJar(),
                ) as session,
                session.get(URL(self._access.url).with_query(query), allow_redirects=False) as response,
            ):
                return await _body(response)
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            # raised while connecting only: not a byte of the request has left
            return Reply(Transport.UNSENT, detail=type(error).__name__)
        except TimeoutError as error:
            transport = Transport.TIMEOUT if once.sent else Transport.UNSENT
            return Reply(transport, detail=type(error).__name__)
        except (aiohttp.ClientError, OSError, _SecondSend, ValueError) as error:
            return Reply(Transport.LOST, detail=type(error).__name__)


class _Once:
    """A client middleware that lets a request onto the wire once; the library's own retries run through it again."""

    def __init__(self) -> None:
        self.sent = False

    async def __call__(self, request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
        if self.sent:
            raise _SecondSend
        self.sent = True
        return await handler(request)


async def _body(response: ClientResponse) -> Reply:
    """The body up to 64 KiB, or why it is not to be read."""
    if response.headers.get("Content-Encoding", "identity").casefold() != "identity":
        return Reply(Transport.ENCODED, response.status)
    body = b""
    async for chunk in response.content.iter_chunked(8192):
        body += chunk
        if len(body) > codec.MOST_BYTES:
            return Reply(Transport.OVERSIZE, response.status)
    return Reply(Transport.ANSWERED, response.status, body)
