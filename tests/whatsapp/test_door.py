"""The webhook's door: who is the platform and who is not, and what is too long to be looked at."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import pytest

from tests.street import alerts
from tests.talk import says
from tests.whatsapp.double import ACCESS
from tests.whatsapp.double.wire import SIGNATURE, signed
from tests.whatsapp.street import AGENT, Street, street
from tests.whatsapp.traffic import counted, delivery, message, stored

QUESTION = {
    "hub.mode": "subscribe",
    "hub.verify_token": ACCESS.verify_token,
    "hub.challenge": "1158201444",
}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Street]:
    async with street(tmp_path) as made:
        yield made
        await made.settled()
        assert await made.violations() == []


async def asked(town: Street, query: str | dict[str, str]) -> tuple[int, str, str]:
    """What the platform's question is answered with: status, kind and body."""
    url = f"{town.address}/whatsapp"
    async with aiohttp.ClientSession() as session, session.get(url, params=query) as response:
        return response.status, response.content_type, await response.text()


async def test_the_platforms_question_is_answered_with_its_own_word(town: Street) -> None:
    assert await asked(town, QUESTION) == (200, "text/plain", "1158201444")
    assert await town.api.verified()


@pytest.mark.parametrize(
    "changed",
    [
        {"hub.verify_token": "wrong"},
        {"hub.verify_token": ""},
        {"hub.verify_token": ACCESS.verify_token.upper()},
        {"hub.verify_token": ACCESS.verify_token + "é"},
        {"hub.verify_token": "\u62fc"},
        {"hub.mode": "unsubscribe"},
        {"hub.mode": ""},
    ],
)
async def test_anybody_elses_question_is_sent_away_and_counted(town: Street, changed: dict[str, str]) -> None:
    assert await asked(town, QUESTION | changed) == (403, "application/octet-stream", "")
    assert await counted(town, "refused") == 1


@pytest.mark.parametrize("query", ["", "hub.mode=subscribe", "hub.verify_token=%ff%fe&hub.mode=subscribe", "%00=%ff"])
async def test_a_question_that_is_none_is_sent_away(town: Street, query: str) -> None:
    assert (await asked(town, query))[0] == 403


def reserialised(raw: bytes) -> str:
    """What a library that reads the body first would sign."""
    return signed(json.dumps(json.loads(raw)).encode(), ACCESS.app_secret)


@pytest.mark.parametrize(
    "sign",
    [
        lambda _: None,
        lambda _: "",
        lambda _: "sha256=",
        lambda _: "sha256=" + "0" * 64,
        lambda raw: signed(raw, "another app's secret"),
        lambda raw: signed(raw, ""),
        lambda raw: signed(raw + b" ", ACCESS.app_secret),
        lambda raw: signed(raw, ACCESS.app_secret).removeprefix("sha256="),
        lambda raw: signed(raw, ACCESS.app_secret).replace("sha256", "sha1"),
        lambda raw: signed(raw, ACCESS.app_secret) + "é",
        reserialised,
    ],
    ids=["none", "empty", "bare", "zeros", "other", "no key", "other bytes", "no name", "sha1", "é", "reserialised"],
)
async def test_what_is_not_signed_by_the_platform_is_refused_and_nothing_is_stored(
    town: Street, sign: Callable[[bytes], str | None]
) -> None:
    raw = delivery(message("sald\u00f3/"))
    assert await town.api.post(raw, sign(raw)) == 403
    assert await town.read(stored) == 0
    assert await counted(town, "refused") == 1
    assert await town.api.post(raw) == 200
    assert await town.read(stored) == 1


async def test_a_body_that_is_too_long_is_refused_whether_its_length_is_said_or_not(town: Street) -> None:
    async def in_pieces(megabytes: int) -> AsyncIterator[bytes]:
        for _ in range(megabytes):
            yield b"x" * (1024 * 1024 + 1)

    headers = {SIGNATURE: "sha256=" + "0" * 64}
    async with aiohttp.ClientSession(headers=headers) as session:
        for body in (io.BytesIO(b"x" * (3 * 1024 * 1024 + 1)), in_pieces(3), in_pieces(6)):
            async with session.post(f"{town.address}/whatsapp", data=body) as response:
                assert response.status == 413
    assert await town.read(stored) == 0
    raw = delivery(message("x" * 2_900_000))
    async with (
        aiohttp.ClientSession(headers={SIGNATURE: town.api.signed(raw)}) as session,
        session.post(f"{town.address}/whatsapp", data=io.BytesIO(raw)) as response,
    ):
        assert response.status == 200


async def test_what_says_that_it_is_too_long_is_refused_before_a_byte_of_it_is_read(town: Street) -> None:
    host, _, port = town.address.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    said = f"POST /whatsapp HTTP/1.1\r\nHost: {host}\r\n{SIGNATURE}: sha256=0\r\nContent-Length: {2**32}\r\n\r\n"
    writer.write(said.encode())
    async with asyncio.timeout(5):
        assert (await reader.readline()).startswith(b"HTTP/1.1 413")
    writer.close()
    await writer.wait_closed()


async def test_what_is_no_delivery_is_taken_once_and_kept(town: Street) -> None:
    bodies = (b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"entry": 5}', b"1e999", b"[" * 100_000)
    for body in bodies:
        for _ in range(2):
            assert await town.api.post(body) == 200
    await says(town.person(AGENT), "saldo", "Rp500.000")
    await town.settled()
    assert await town.read(stored) == len(bodies) + 1
    assert await town.read(alerts) == len(bodies)
