"""A tiny shop on Telegram: what its platform asks of it, by polling or by webhook."""

import html
from typing import Any

import aiohttp
from aiohttp import web

from tests.double import tiny
from tests.double.tiny import HEADING
from tests.telegram.double import BotApi
from tests.telegram.double.wire import Json

SECRET = "rahasia"


Row = tiny.Row[int]
Books = tiny.Books[int, Row]


class Careful(tiny.Careful[int, Row]):
    """One message a second to a chat, after a burst of three."""

    api: BotApi
    every, burst = 1.0, 3

    def __init__(self, api: BotApi, books: Books, mode: str) -> None:
        super().__init__(api, books)
        self.mode = mode

    async def start(self) -> None:
        await super().start()
        await self.prepare()
        if self.mode == "polling":
            self.spawn(self.poll())
        else:
            await self.register()

    async def call(self, method: str, **params: Any) -> tuple[int, Json]:
        """Status and envelope; status 0 if the outcome is unknown."""
        assert self._session is not None
        url = f"{self.api.url}/bot{self.api.token}/{method}"
        try:
            async with self._session.post(url, json=params, allow_redirects=False) as response:
                return response.status, await response.json()
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return 0, {}

    # intake

    async def prepare(self) -> None:
        if self.mode == "polling":
            await self.call("deleteWebhook")

    async def poll(self) -> None:
        offset = 0
        while True:
            status, envelope = await self.call("getUpdates", offset=offset, timeout=20)
            if status != 200:
                await self.api.clock.wait(1)
                continue
            for update in envelope["result"]:
                self.take(update)
                offset = update["update_id"] + 1

    async def register(self) -> None:
        application = web.Application()
        application.router.add_post("/t", self.hear)
        url = await self.listen(application) + "/t"
        while (await self.call("setWebhook", url=url, secret_token=SECRET))[0] != 200:
            await self.api.clock.wait(1)

    def admits(self, secret: str) -> bool:
        return secret == SECRET

    async def hear(self, request: web.Request) -> web.Response:
        if not self.admits(request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")):
            return web.Response(status=403)
        self.take(await request.json())
        return web.Response()

    def key_of(self, item: Json) -> str:
        return str(item["update_id"])

    def lane_of(self, item: Json) -> int:
        return int((item.get("message") or item["callback_query"])["from"]["id"])

    # the business

    async def handle(self, item: Json) -> None:
        if "callback_query" in item:
            query = item["callback_query"]
            self.spawn(self.stop_spinner(query["id"]))
            self.pay(query["from"]["id"], query["data"].partition(".")[0])
            return
        message = item["message"]
        if message["text"] == "lambat":
            await self.books.supplier.wait()
        elif message["text"] == "beli":
            self.books.number += 1
            nonce = f"n{self.books.number}"
            self.books.steps[message["chat"]["id"]] = nonce
            text = f"Bayar {nonce}, {self.escape(message['from']['first_name'])}?"
            self.add(Row(message["chat"]["id"], nonce, text, critical=False))

    def escape(self, name: str) -> str:
        return html.escape(name)

    async def stop_spinner(self, query: str) -> None:
        await self.call("answerCallbackQuery", callback_query_id=query, text="Diproses")

    def pay(self, chat: int, nonce: str) -> None:
        if self.may_pay(chat, nonce):
            self.books.orders.append((chat, nonce))
            self.add(Row(chat, nonce, f"TOKEN {nonce}", critical=True))

    # sending

    async def send(self, row: Row) -> None:
        while True:
            await self.pace(row.chat)
            status, envelope = await self.call("sendMessage", **self.message(row))
            if status == 429:
                await self.later(envelope["parameters"]["retry_after"])
            elif status in {0, 500, 502, 503}:
                row.unknowns += 1
                if not self.sends_again(row):
                    break
                await self.api.clock.wait(5 if row.critical else 3)
            else:
                break
        row.is_over = True

    def message(self, row: Row) -> Json:
        head = f"{HEADING}\n" if row.critical and row.unknowns else ""
        button = {"text": "Bayar", "callback_data": f"{row.nonce}.pay"}
        keyboard = {} if row.critical else {"reply_markup": {"inline_keyboard": [[button]]}}
        return {"chat_id": row.chat, "text": head + row.text, "parse_mode": "HTML"} | keyboard
