"""What reaches the wire, and what each fault on it means: against a raw server that counts, over loopback."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest

from bot.clock import ManualClock
from bot.domain.supply import AdviceVerdict, Advise, AutoPay, Inquire, Pay, PayVerdict, Request, Transport
from bot.vsi import messages
from bot.vsi.client import VsiAccess, VsiClient, VsiConfigError, Waits

NOON = 1_795_582_800_000  # 2026-11-25 12:00 WIB
PAY = Pay("P01", 50_000, "A" * 32)
ADVISE = Advise("P01", "54123456789", 50_000)
OK = b"<root><status>ERROR</status><rc>0068</rc><rcm>[68] x</rcm></root>"


@dataclass
class Server:
    """Answers every connection with the same bytes, and remembers the request lines."""

    answer: bytes | None = None
    hang: bool = False
    lines: list[str] = field(default_factory=list)
    url: str = ""
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.lines.append(head.split(b"\r\n")[0].decode())
            if self.hang:
                await self.ended.wait()
            if self.answer is not None:
                writer.write(self.answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            if self.answer is None and not self.hang:
                writer.transport.abort()
            writer.close()


@asynccontextmanager
async def listening(answer: bytes | None = None, *, hang: bool = False) -> AsyncIterator[Server]:
    server = Server(answer, hang)
    socket = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{socket.sockets[0].getsockname()[1]}/vsi"
    try:
        yield server
    finally:
        server.ended.set()
        socket.close()


def http(status: str, body: bytes = b"", headers: str = "", length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status}\r\nContent-Length: {size}\r\n{headers}\r\n".encode() + body


async def no_sleep(_: float) -> None:
    """Tests wait for nothing."""


def client(url: str, pay: float = 0.3) -> VsiClient:
    return VsiClient(VsiAccess(url, "cid", "secret"), Waits(pay=pay, other=0.3), lambda: NOON, no_sleep)


CASES = {
    "connection dropped before any answer": (None, "U", "P"),
    "302": (http("302 Found", headers="Location: /vsi\r\n"), "U A", "P A"),
    "301": (http("301 Moved", headers="Location: http://127.0.0.1:1/\r\n"), "U A", "P A"),
    "400": (http("400 Bad Request"), "V A B", "C"),
    "401": (http("401 Unauthorized"), "V A B", "C"),
    "403": (http("403 Forbidden"), "V A B", "C"),
    "404": (http("404 Not Found"), "V A B", "C"),
    "405": (http("405 Not Allowed"), "V A B", "C"),
    "414": (http("414 Too Long"), "V A B", "C"),
    "408": (http("408 Timeout"), "U", "P"),
    "425": (http("425 Early"), "U", "P"),
    "429": (http("429 Too Many"), "U", "P"),
    "500": (http("500 Error", b"<html/>"), "U", "P"),
    "502": (http("502 Bad Gateway", OK), "U", "P"),
    "503": (http("503 Unavailable"), "U", "P"),
    "504": (http("504 Timeout"), "U", "P"),
    "empty body": (http("200 OK"), "U", "P"),
    "blank body": (http("200 OK", b" \r\n "), "U", "P"),
    "HTML": (http("200 OK", b"<html><body>x</body></html>"), "U", "P"),
    "JSON": (http("200 OK", b'{"rc": 0}'), "U", "P"),
    "garbage": (http("200 OK", b"\x93\x12\xff"), "U", "P"),
    "two documents": (http("200 OK", OK + OK), "U", "P"),
    "plain text": (http("200 OK", b"SUCCESS#0000#[0] OK"), "U A", "P A"),
    "cut short of its length": (http("200 OK", OK, length=len(OK) + 50), "U", "P"),
    "a chunk missing": (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + OK[:20], "U", "P"),
    "gzip": (http("200 OK", OK, "Content-Encoding: gzip\r\n"), "U", "P"),
    "over 64 KiB": (http("200 OK", b"<root>" + b"x" * 70_000 + b"</root>"), "U A", "P A"),
    "document type": (http("200 OK", b"<!DOCTYPE root><root/>"), "U A", "P A"),
    "UTF-16": (http("200 OK", "<root/>".encode("utf-16")), "U", "P"),
    "not HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", "U", "P"),
}


@pytest.mark.parametrize("case", CASES)
async def test_each_fault_on_the_wire_is_classed_and_sent_once(case: str) -> None:
    answer, pay, advice = CASES[case]
    async with listening(answer) as server:
        supplier = client(server.url)
        paid = supplier.read_payment(await supplier.send(PAY))
        assert len(server.lines) == 1, "exactly one payment on the wire"
        wanted = pay.split()
        assert (paid.verdict.value, paid.alert, paid.breaker) == (wanted[0], "A" in wanted, "B" in wanted)
        advised = supplier.read_advice(await supplier.send(ADVISE))
        assert advised.verdict.value == advice.split()[0]


async def test_a_timeout_is_unknown_and_sent_once() -> None:
    async with listening(hang=True) as server:
        supplier = client(server.url)
        reply = await supplier.send(PAY)
        assert reply.transport is Transport.TIMEOUT
        assert supplier.read_payment(reply).verdict is PayVerdict.UNKNOWN
        assert supplier.read_advice(await supplier.send(ADVISE)).verdict is AdviceVerdict.NOTHING
        assert [line.count("command=PAY") for line in server.lines] == [1, 0]


async def test_the_counting_server_would_catch_a_careless_client() -> None:
    async with listening(None) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(server.url)
        assert len(server.lines) == 2  # the library's own repeat of a GET: two sales
    async with listening(CASES["302"][0]) as server, aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientError):
            await session.get(server.url)
        assert len(server.lines) > 1


async def test_what_never_left_is_proven_unsent_after_three_tries() -> None:
    tries: list[float] = []

    async def pause(seconds: float) -> None:
        tries.append(seconds)

    async with listening() as server:
        url = server.url
    supplier = VsiClient(VsiAccess(url, "cid", "secret"), Waits(pay=1.0), lambda: NOON, pause)
    answer = supplier.read_payment(await supplier.send(PAY))
    assert answer.verdict is PayVerdict.UNSENT
    assert len(tries) == 2


async def test_a_name_that_does_not_resolve_is_unsent() -> None:
    supplier = VsiClient(VsiAccess("https://nowhere.invalid/x", "c", "s"), Waits(pay=2.0), lambda: NOON, no_sleep)
    assert (await supplier.send(PAY)).transport is Transport.UNSENT


async def test_a_tls_handshake_that_fails_is_unsent() -> None:
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"no tls here\r\n")
        writer.close()

    socket = await asyncio.start_server(babble, "127.0.0.1", 0)
    async with socket:
        url = f"https://127.0.0.1:{socket.sockets[0].getsockname()[1]}/vsi"
        reply = await client(url, pay=2.0).send(PAY)
    assert reply.transport is Transport.UNSENT


@pytest.mark.parametrize(
    ("request_", "wanted"),
    [
        (Inquire("I1", "54123456789"), {"modul": "PRE", "command": "INQ", "msn": "54123456789"}),
        (PAY, {"modul": "PRE", "command": "PAY", "nominal": "50000", "refnum": "A" * 32}),
        (AutoPay("P1", "01234567890", 20_000), {"command": "PAY", "msn": "01234567890", "nominal": "20000"}),
        (ADVISE, {"command": "ADV", "msn": "54123456789", "nominal": "50000"}),
        (Advise("P1", "54123456789", 50_000, "B" * 32), {"command": "ADV", "refnum": "B" * 32, "nominal": "50000"}),
    ],
)
async def test_the_query_is_the_contracts(request_: Request, wanted: dict[str, str]) -> None:
    async with listening(http("200 OK", OK)) as server:
        await client(server.url).send(request_)
        query = {name: value[0] for name, value in parse_qs(urlsplit(server.lines[0].split(" ")[1]).query).items()}
    for name, value in wanted.items():
        assert query.pop(name) == value
    assert query["resp"] == "XML"
    assert query["trxid"] == request_.trxid
    assert (query["cid"], query["dt"]) == ("cid", "20261125")
    assert query["hc"] == "5134a7ae4d90f7a9c05b84004132ce720c555d70872e4b4d25dbb200c9b61648"
    assert set(query) <= {"modul", "trxid", "cid", "dt", "hc", "resp"}


def test_date_and_hash_follow_the_day_in_western_indonesia_from_one_clock_read() -> None:
    before, after = 1_795_626_000_000 - 1, 1_795_626_000_000  # midnight WIB, 17:00 UTC
    assert messages.access("CID", "S", before)["dt"] == "20261125"
    assert messages.access("CID", "S", after)["dt"] == "20261126"
    # echo -n CID20261125S | sha256sum
    assert (
        messages.access("CID", "S", before)["hc"] == "fb95d90e884eeca7f12529ea4d03ac6eb8bc3e2021196943efd08a5e94930a73"
    )


async def test_nothing_starts_within_seconds_of_midnight() -> None:
    waited: list[float] = []

    async def pause(seconds: float) -> None:
        waited.append(seconds)

    midnight = 1_795_626_000_000
    async with listening(http("200 OK", OK)) as server:
        for at in (midnight - 4_000, midnight + 4_000, midnight - 60_000):
            access = VsiAccess(server.url, "c", "s")
            await VsiClient(access, Waits(pay=1.0), ManualClock(at), pause).send(PAY)
    assert waited == [14.0, 6.0]


@pytest.mark.parametrize(
    "url",
    ["http://203.0.113.5/vsi", "ftp://x/y", "nonsense", "https://u:p@host/x", "https://host/x#y", "https://h/?a=1"],
)
def test_addresses_that_would_leak_are_refused(url: str) -> None:
    with pytest.raises(VsiConfigError, match="VSI_"):
        VsiAccess(url, "c", "s")


def test_plain_http_abroad_needs_a_word_of_its_own() -> None:
    with pytest.raises(VsiConfigError, match="VSI_INSECURE_HTTP"):
        VsiAccess("http://203.0.113.5/vsi", "c", "s")
    assert VsiAccess("http://203.0.113.5/vsi", "c", "s", insecure_http=True).url


def test_nothing_kept_of_a_request_can_buy_or_names_a_whole_meter() -> None:
    kept = messages.kept(AutoPay("P1", "54123456789", 20_000))
    assert "54123456789" not in kept
    assert "…6789" in kept
    assert "hc" not in kept
    assert "secret" not in repr(VsiAccess("https://h/x", "c", "secret"))


@pytest.mark.parametrize(
    "request_",
    [
        Inquire("I1", "54123456789&command=PAY"),
        Inquire("", "54123456789"),
        Inquire("I" * 51, "54123456789"),
        Pay("P1", 0, "A" * 32),
        Pay("P1", 50_000, "x&nominal=1"),
    ],
)
def test_no_value_can_smuggle_a_parameter(request_: Request) -> None:
    with pytest.raises(ValueError, match=r"has|is"):
        messages.parameters(request_)
