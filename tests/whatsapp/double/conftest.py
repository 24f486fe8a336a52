"""A double whose time stands still until a test moves it, a client that speaks plain HTTP, a webhook that listens."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from tests.double.clock import Signal
from tests.whatsapp.double import ACCESS, Clock, CloudApi, Person
from tests.whatsapp.double.wire import SIGNATURE, Json

NOON = 1_795_582_800.0  # 2026-11-25 12:00 WIB


@dataclass
class Wire:
    """A bot without a library."""

    session: aiohttp.ClientSession
    api: CloudApi

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {ACCESS.token}"}

    @property
    def messages(self) -> str:
        return f"{self.api.url}/{ACCESS.version}/{ACCESS.phone_number_id}/messages"

    async def post(self, body: Any) -> tuple[int, Json]:
        """Status and envelope of a call to messages."""
        async with self.session.post(self.messages, json=body, headers=self.headers) as response:
            return response.status, json.loads(await response.read())

    async def get(self, path: str, **query: str) -> tuple[int, Json]:
        url = f"{self.api.url}/{ACCESS.version}/{path}"
        async with self.session.get(url, params=query, headers=self.headers) as response:
            return response.status, json.loads(await response.read())

    async def ok(self, to: str, **message: Any) -> str:
        """The wamid of a message that must be accepted."""
        status, envelope = await self.post(addressed(to, **message))
        assert status == 200, envelope
        return str(envelope["messages"][0]["id"])

    async def refused(self, to: str, **message: Any) -> tuple[int, str]:
        """Code and details of a message that must be refused."""
        status, envelope = await self.post(addressed(to, **message))
        assert status != 200, envelope
        error = envelope["error"]
        return error["code"], error.get("error_data", {}).get("details", "")

    async def upload(self, data: bytes, mime: str, name: str = "a.jpg") -> tuple[int, Json]:
        form = aiohttp.FormData()
        form.add_field("messaging_product", "whatsapp")
        form.add_field("type", mime)
        form.add_field("file", io.BytesIO(data), filename=name, content_type=mime)
        url = f"{self.api.url}/{ACCESS.version}/{ACCESS.phone_number_id}/media"
        async with self.session.post(url, data=form, headers=self.headers) as response:
            return response.status, await response.json()


def addressed(to: str, **message: Any) -> Json:
    """A message to a number, or to a user id."""
    name = {"recipient": to} if "." in to else {"to": to}
    kind = next((one for one in message if one not in {"biz_opaque_callback_data", "context"}), "text")
    return {"messaging_product": "whatsapp", "recipient_type": "individual", "type": kind} | name | message


def text(body: str) -> Json:
    return {"text": {"body": body}}


def buttons(*options: tuple[str, str], body: str = "Bayar?", **more: Any) -> Json:
    given = [{"type": "reply", "reply": {"id": id_, "title": title}} for id_, title in options]
    return {"interactive": {"type": "button", "body": {"text": body}, "action": {"buttons": given}} | more}


def rows(*options: tuple[str, ...], body: str = "Nominal?", opener: str = "Pilih") -> Json:
    given = [dict(zip(("id", "title", "description"), one, strict=False)) for one in options]
    action = {"button": opener, "sections": [{"rows": given}]}
    return {"interactive": {"type": "list", "body": {"text": body}, "action": action}}


def template(name: str, *parameters: str, language: str = "id") -> Json:
    given = [{"type": "text", "text": one} for one in parameters]
    components = [{"type": "body", "parameters": given}] if given else []
    return {"template": {"name": name, "language": {"code": language}, "components": components}}


@dataclass
class Ear:
    """A bot's webhook that notes what arrives and answers as it is told."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    heard: Signal = field(default_factory=Signal)
    gate: asyncio.Event | None = None
    token: str = ACCESS.verify_token

    async def verify(self, request: web.Request) -> web.Response:
        if request.query["hub.verify_token"] != self.token or request.query["hub.mode"] != "subscribe":
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.bodies.append(body)
        self.signatures.append(request.headers.get(SIGNATURE, ""))
        self.heard.fire()
        if self.gate is not None:
            await self.gate.wait()
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    @property
    def documents(self) -> list[Json]:
        return [json.loads(body) for body in self.bodies]

    @property
    def values(self) -> list[Json]:
        return [one["value"] for document in self.documents for entry in document["entry"] for one in entry["changes"]]

    @property
    def messages(self) -> list[Json]:
        return [one for value in self.values for one in value.get("messages", [])]

    @property
    def statuses(self) -> list[Json]:
        return [one for value in self.values for one in value.get("statuses", [])]

    @property
    def texts(self) -> list[str]:
        return [one["text"]["body"] if one["type"] == "text" else one["type"] for one in self.messages]

    async def hears(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.bodies) < count:
                await self.heard.future()


@pytest.fixture
async def api() -> AsyncIterator[CloudApi]:
    async with CloudApi(seed=7, clock=Clock(lambda: NOON, lambda: 0.0)) as made:
        yield made


@pytest.fixture
async def wire(api: CloudApi) -> AsyncIterator[Wire]:
    async with aiohttp.ClientSession() as session:
        yield Wire(session, api)


@pytest.fixture
async def ear(api: CloudApi) -> AsyncIterator[Ear]:
    """Listens, and is entered as the webhook."""
    made = Ear()
    application = web.Application()
    application.router.add_get("/w", made.verify)
    application.router.add_post("/w", made.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/w"
    api.deliver_to(made.url)
    yield made
    if made.gate is not None:
        made.gate.set()
    await runner.cleanup()


@pytest.fixture
def budi(api: CloudApi) -> Person:
    """Somebody who has just written."""
    person = api.person("6281234567890", "Budi", user_id="ID.1")
    person.say("halo")
    return person


def names(statuses: Iterable[Json]) -> list[str]:
    return [one["status"] for one in statuses]
