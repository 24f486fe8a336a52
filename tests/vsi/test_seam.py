"""Where a request provably never left, and where it may have: the line between "send again" and "in doubt"."""

import asyncio
import re
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import NoReturn

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.clock import ManualClock
from bot.domain.supply import AdviceVerdict, Inquire, InquiryVerdict, Pay, PayVerdict, Reply, Request, Transport
from bot.vsi import messages, reading
from bot.vsi.client import VsiAccess, VsiClient, VsiConfigError, Waits, _Once
from tests.vsi.test_wire import ADVISE, NOON, OK, PAY, client, http, listening, no_sleep

MIDNIGHT = 1_795_626_000_000  # WIB


Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(serve: Serve, port: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A server that does what `serve` does with each connection; its port. Leaves no connection behind."""
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.add(asyncio.current_task())  # type: ignore[arg-type]
        with suppress(OSError):
            await serve(reader, writer)
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()

    server = await asyncio.start_server(connected, "127.0.0.1", port, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await asyncio.sleep(0.01)
        await asyncio.gather(*connections)


async def silence(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
    """Accepts, reads whatever comes, and never says a word."""
    await reader.read()


def hurried(url: str, pay: float, connect: float = 10.0) -> VsiClient:
    return VsiClient(VsiAccess(url, "cid", "secret"), Waits(pay=pay, connect=connect), lambda: NOON, no_sleep)


async def test_a_certificate_that_nobody_signed_leaves_the_payment_unsent() -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(Path(__file__).with_name("nobody.pem"))
    heard: list[bytes] = []

    async def hear(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())

    async with serving(hear, tls=tls) as port:
        reply = await hurried(f"https://127.0.0.1:{port}/vsi", pay=2.0).send(PAY)
    assert (reply.transport, reply.detail) == (Transport.UNSENT, "ClientConnectorCertificateError")
    assert not b"".join(heard)


@pytest.mark.parametrize("connect", [0.05, 10.0], ids=["connect time-out first", "deadline first"])
async def test_a_handshake_that_never_ends_leaves_the_payment_unsent(connect: float) -> None:
    async with serving(silence) as port:
        reply = await hurried(f"https://127.0.0.1:{port}/vsi", 0.2, connect).send(PAY)
    assert reply.transport is Transport.UNSENT
    assert reading.read_payment(reply).key == "err.unsent"


async def test_names_that_never_resolve_leave_the_payment_unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object, **__: object) -> NoReturn:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", never)
    reply = await hurried("https://vsi.example/x", 0.2, 0.05).send(PAY)
    assert reply.transport is Transport.UNSENT


async def test_a_full_queue_at_the_supplier_leaves_the_payment_unsent() -> None:
    with socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for filler in (one, two):
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        reply = await hurried(f"http://127.0.0.1:{full.getsockname()[1]}/", 0.2, 0.05).send(PAY)
    assert reply.transport is Transport.UNSENT


async def test_an_unsent_payment_is_tried_again_with_its_own_trxid_and_arrives_once() -> None:
    async with listening() as gone:
        port = int(gone.url.split(":")[2].split("/")[0])
    lines: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        lines.append((await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[0])
        writer.write(http("200 OK", OK))
        await writer.drain()

    async with AsyncExitStack() as later:

        async def open_meanwhile(_: float) -> None:
            await later.enter_async_context(serving(answer, port))

        supplier = VsiClient(VsiAccess(gone.url, "c", "s"), Waits(pay=2.0), lambda: NOON, open_meanwhile)
        assert (await supplier.send(PAY)).transport is Transport.ANSWERED
    assert [b"trxid=P01&" in line for line in lines] == [True]


async def test_an_answer_that_dribbles_in_ends_at_the_deadline() -> None:
    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n<root>")
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.02)

    async with serving(dribble) as port:
        async with asyncio.timeout(20):  # it would dribble on for as long as anybody reads
            reply = await hurried(f"http://127.0.0.1:{port}/", pay=0.2).send(PAY)
    assert reply.transport is Transport.TIMEOUT


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [
        (None, Transport.LOST),
        (http("200 OK", OK, length=len(OK) + 1), Transport.LOST),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + OK, Transport.LOST),
        (b"HTTP/1.1 200 OK\r\nContent-", Transport.LOST),
        (http("200 OK", OK, "Content-Encoding: gzip\r\n"), Transport.ENCODED),
        (http("200 OK", b"x" * 65_537), Transport.OVERSIZE),
        (http("200 OK", b"x" * 65_536), Transport.ANSWERED),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + OK, Transport.ANSWERED),
    ],
    ids=[
        "reset",
        "one byte short",
        "last chunk missing",
        "half a header",
        "gzip",
        "64 KiB + 1",
        "64 KiB",
        "to the end",
    ],
)
async def test_how_a_sent_payment_ended_is_told_apart_and_it_left_once(answer: bytes | None, wanted: Transport) -> None:
    async with listening(answer) as server:
        assert (await client(server.url).send(PAY)).transport is wanted
        assert len(server.lines) == 1


@pytest.mark.parametrize("status", ["301", "302", "303", "307", "308", "503"])
async def test_a_redirect_to_itself_or_an_overload_still_hears_one_payment(status: str) -> None:
    async with listening(http(f"{status} X", headers="Location: /vsi\r\nRetry-After: 0\r\n")) as server:
        reply = await client(server.url).send(PAY)
        assert reply.status == int(status)
        assert len(server.lines) == 1
    answer = reading.read_payment(reply)
    assert (answer.verdict, answer.alert) == (PayVerdict.UNKNOWN, status != "503")


async def test_our_own_cancellation_is_passed_on_and_repeats_nothing() -> None:
    arrived = asyncio.Event()
    heads: list[bytes] = []

    async def hold(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        heads.append(await reader.readuntil(b"\r\n\r\n"))
        arrived.set()
        await reader.read()

    async with serving(hold) as port:
        task = asyncio.create_task(hurried(f"http://127.0.0.1:{port}/", pay=5.0).send(PAY))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert len(heads) == 1


def test_an_error_of_connecting_is_not_believed_once_a_connection_stood() -> None:
    once = _Once()
    assert once.ended_by(aiohttp.ConnectionTimeoutError()) is Transport.UNSENT
    assert once.ended_by(aiohttp.ServerDisconnectedError()) is Transport.LOST
    once._connected = True
    assert once.ended_by(aiohttp.ConnectionTimeoutError()) is Transport.TIMEOUT
    assert once.ended_by(aiohttp.ServerDisconnectedError()) is Transport.LOST


@pytest.mark.parametrize("answer", [None, http("302 X", headers="Location: /x\r\n"), b"junk\r\n\r\n"])
async def test_nothing_that_is_kept_or_logged_can_buy(answer: bytes | None) -> None:
    async with listening(answer) as server:
        with capture_logs() as logs:
            reply = await client(server.url).send(PAY)
    said = f"{logs} {reply.detail} {reading.read_payment(reply).note} {messages.kept(PAY)}"
    assert "PAY" in said
    for secret in ("http", "hc=", "secret", "cid", "127.0.0.1"):
        assert secret not in said


async def test_proxies_of_the_environment_are_not_asked_and_every_name_is_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    async with listening(http("200 OK", OK)) as server:
        access = VsiAccess(server.url, "a b&c=d+é", "s")
        reply = await VsiClient(access, Waits(other=0.3), lambda: NOON, no_sleep).send(ADVISE)
    assert reply.transport is Transport.ANSWERED
    assert re.search(r"cid=a(\+|%20)b%26c%3Dd%2B%C3%A9&", server.lines[0])


async def test_a_second_try_near_midnight_waits_and_takes_the_new_day() -> None:
    clock = ManualClock(MIDNIGHT - 15_000)
    waited: list[float] = []
    dates: list[str] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)
        clock.forward(round(seconds * 1000) or 6_000)

    class Unreachable(VsiClient):
        async def _get(self, query: dict[str, str], seconds: float) -> Reply:
            dates.append(query["dt"])
            return Reply(Transport.UNSENT)

    waits = Waits(unsent_tries=2, unsent_pause=0)
    await Unreachable(VsiAccess("https://h/x", "c", "s"), waits, clock, sleep).send(PAY)
    assert waited == [0, 19.0]
    assert dates == ["20261125", "20261126"]


async def test_advice_does_not_wait_for_midnight() -> None:
    async with listening(http("200 OK", OK)) as server:
        access = VsiAccess(server.url, "c", "s")

        async def sleep(_: float) -> None:
            raise AssertionError

        supplier = VsiClient(access, Waits(other=0.3), lambda: MIDNIGHT, sleep)
        assert (await supplier.send(ADVISE)).transport is Transport.ANSWERED


@pytest.mark.parametrize("transport", [one for one in Transport if one is not Transport.ANSWERED])
def test_without_an_answer_nothing_is_proven_but_that_it_never_left(transport: Transport) -> None:
    reply = Reply(transport, 200, b"<root><status>SUCCESS</status><rc>0</rc></root>")
    paid = reading.read_payment(reply)
    assert paid.verdict is (PayVerdict.UNSENT if transport is Transport.UNSENT else PayVerdict.UNKNOWN)
    assert paid.alert is (transport is Transport.OVERSIZE)
    assert reading.read_advice(reply).verdict is AdviceVerdict.NOTHING
    asked = reading.read_inquiry(reply)
    assert (asked.verdict, asked.key) == (InquiryVerdict.LATER, "err.inquiry")


@pytest.mark.parametrize(
    "url", ["http://[::1", "https://host:port/", "https://u@host/", "https:///x", "", "https://@host/", "//host/x"]
)
def test_an_address_that_is_none_is_refused_by_its_settings_name(url: str) -> None:
    with pytest.raises(VsiConfigError, match="VSI_URL"):
        VsiAccess(url, "c", "s")


def test_plain_http_stays_free_to_talk_to_this_machine() -> None:
    for host in ("localhost", "127.0.0.1", "127.1.2.3", "[::1]"):
        assert VsiAccess(f"http://{host}:80/x", "c", "s").url


@pytest.mark.parametrize(
    "request_",
    [
        Inquire("i1", "54123456789"),
        Inquire("I1", "5412345678"),
        Inquire("I1", "５４１２３４５６７８９"),
        Pay("P1", True, "A" * 32),
        Pay("P1", -1, "A" * 32),
        Pay("P1", 50_000, "A" * 33),
        Pay("P1\n", 50_000, "A" * 32),
    ],
    ids=["lower case", "short number", "wide digits", "a truth", "negative", "long reference", "line break"],
)
async def test_a_value_that_the_contract_cannot_carry_is_refused_before_anything_leaves(request_: Request) -> None:
    async with listening(http("200 OK", OK)) as server:
        with pytest.raises(ValueError, match=r"has|is"):
            await client(server.url).send(request_)
        assert server.lines == []
