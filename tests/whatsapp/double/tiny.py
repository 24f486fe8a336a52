"""A tiny shop on WhatsApp: what its platform asks of it, and what it makes of statuses and of the window."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from tests.double import tiny
from tests.double.clock import Signal
from tests.double.tiny import HEADING
from tests.whatsapp.double import ACCESS, CloudApi
from tests.whatsapp.double.wire import SIGNATURE, Json, signed

_OPEN = 23 * 3_600 + 3_000  # seconds after somebody's last message in which free-form messages go
_PROOF = frozenset({"sent", "delivered", "read"})


@dataclass(slots=True, kw_only=True)
class Row(tiny.Row[str]):
    """With what statuses and refusals say of it; a critical one can leave as a template."""

    id: str
    limits: int = 0
    as_template: bool = False
    is_proven: bool = False


@dataclass(slots=True)
class Books(tiny.Books[str, Row]):
    """With the windows."""

    heard: dict[str, float] = field(default_factory=dict)  # when somebody last wrote


class Careful(tiny.Careful[str, Row]):
    """One message in six seconds to a person, after a burst of ten."""

    api: CloudApi
    books: Books
    every, burst = 6.0, 10

    def __init__(self, api: CloudApi, books: Books) -> None:
        super().__init__(api, books)
        self.told = Signal()  # fires with every status

    async def start(self) -> None:
        await super().start()
        application = web.Application()
        application.router.add_get("/w", self.verify)
        application.router.add_post("/w", self.hear)
        self.api.deliver_to(await self.listen(application) + "/w")

    # intake

    async def verify(self, request: web.Request) -> web.Response:
        if request.query.get("hub.verify_token") != ACCESS.verify_token:
            return web.Response(status=403)
        return web.Response(text=request.query["hub.challenge"])

    async def hear(self, request: web.Request) -> web.Response:
        raw = await request.read()
        if not self.admits(raw, request.headers.get(SIGNATURE, "")):
            return web.Response(status=403)
        for value in self.values(json.loads(raw)):
            if not self.is_ours(value):
                continue
            for message in value.get("messages", []):
                self.take(message)
            for status in value.get("statuses", []):
                self.learn(status)
        return web.Response()

    def admits(self, raw: bytes, signature: str) -> bool:
        return hmac.compare_digest(signed(raw, ACCESS.app_secret).encode(), signature.encode())

    def values(self, document: Json) -> Iterator[Json]:
        for entry in document["entry"]:
            for change in entry["changes"]:
                if change["field"] == "messages":
                    yield change["value"]

    def is_ours(self, value: Json) -> bool:
        return bool(value["metadata"]["phone_number_id"] == ACCESS.phone_number_id)

    def key_of(self, item: Json) -> str:
        return str(item["id"])

    def lane_of(self, item: Json) -> str:
        return str(item.get("from") or item["from_user_id"])

    # the business

    async def handle(self, item: Json) -> None:
        chat = str(item.get("from") or item["from_user_id"])
        self.books.heard[chat] = max(self.books.heard.get(chat, 0), int(item["timestamp"]))
        if item["type"] == "interactive":
            nonce, _, key = item["interactive"]["button_reply"]["id"].partition(".")
            if key == "slow":
                await self.books.supplier.wait()
            self.pay(chat, nonce)
            return
        words = item["text"]["body"]
        if words == "lambat":
            await self.books.supplier.wait()
        elif words.startswith("beli"):
            self.books.number += 1
            nonce = f"n{self.books.number}"
            self.books.steps[chat] = nonce
            key = f"{nonce}.{words.partition(' ')[2] or 'pay'}"
            self.add(Row(chat, key, "Bayar?", critical=False, id=f"q-{nonce}"))

    def pay(self, chat: str, nonce: str) -> None:
        if self.may_pay(chat, nonce):
            self.books.orders.append((chat, nonce))
            self.add(Row(chat, nonce, f"TOKEN {nonce}", critical=True, id=f"t-{nonce}-{len(self.books.orders)}"))

    # what the platform tells of a message

    def learn(self, status: Json) -> None:
        """Proof of sending beats everything; a message that the window kept out goes as a template."""
        named = status.get("biz_opaque_callback_data")
        row = next((one for one in self.books.outbox if one.id == named), None)
        if row is None:
            return
        if status["status"] in _PROOF:
            self.prove(row)
        elif status["status"] == "failed" and not row.is_proven and row.critical and not row.as_template:
            row.as_template = True
            if row.is_over:  # else whoever sends it sees that it has to go once more
                row.is_over = False
                self.queue(row)
        self.told.fire()

    def prove(self, row: Row) -> None:
        row.is_proven = True

    # sending

    async def send(self, row: Row) -> None:
        while not row.is_over:
            await self.pace(row.chat)
            if not self.is_open(row.chat):
                if not row.critical:
                    break
                row.as_template = True
            form = row.as_template
            status, code, wamid = await self.call(self.message(row))
            if code in {131056, 130429}:
                row.limits += 1
                await self.later(4.0**row.limits)
            elif status >= 500 or status == 0 or (status == 200 and not wamid):
                row.unknowns += 1
                if await self.is_known(row) or not self.sends_again(row):
                    break
            elif row.as_template is form:
                break
        row.is_over = True

    async def call(self, body: Json) -> tuple[int, int, str]:
        """Status, code and wamid; status 0 if there was no answer that could be read."""
        assert self._session is not None
        url = f"{self.api.url}/{ACCESS.version}/{ACCESS.phone_number_id}/messages"
        headers = {"Authorization": f"Bearer {ACCESS.token}"}
        try:
            async with self._session.post(url, json=body, headers=headers, allow_redirects=False) as response:
                told = await response.json()
                wamid = "".join(one["id"] for one in told.get("messages", []))
                return response.status, told.get("error", {}).get("code", 0), wamid
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 0, 0, ""

    def message(self, row: Row) -> Json:
        named = {"messaging_product": "whatsapp", "to": row.chat, "biz_opaque_callback_data": row.id}
        if row.as_template:
            trx = f"{row.nonce} (kirim ulang)" if row.unknowns else row.nonce
            parameters = [{"type": "text", "text": one} for one in (trx, row.text)]
            told = {
                "name": "status_pembelian", "language": {"code": "id"},
                "components": [{"type": "body", "parameters": parameters}],
            }  # fmt: skip
            return named | {"type": "template", "template": told}
        if row.critical:
            head = f"{HEADING}\n" if row.unknowns else ""
            return named | {"type": "text", "text": {"body": head + row.text}}
        button = {"type": "reply", "reply": {"id": row.nonce, "title": "Bayar"}}
        asked = {"type": "button", "body": {"text": row.text}, "action": {"buttons": [button]}}
        return named | {"type": "interactive", "interactive": asked}

    def is_open(self, chat: str) -> bool:
        return self.api.clock.now() < self.books.heard.get(chat, 0) + _OPEN

    async def is_known(self, row: Row) -> bool:
        """Whether a status with the row's id comes: then it did go out."""
        clock = self.api.clock
        deadline = clock.ticks() + (16 if row.critical else 3)
        while not row.is_proven:
            if await clock.until(deadline, self.told):
                return False
        return True
