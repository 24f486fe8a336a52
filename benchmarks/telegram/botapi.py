"""A Bot API that says yes to everything and shows each phone its messages; it delivers updates like Telegram's cloud.

It keeps no history, checks no limits and no markup: that is the work of the tests' double. Here only speed counts.
"""

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from benchmarks.telegram.wire import Courier, Listener

BOT_ID = 7_000_001
TOKEN = f"{BOT_ID}:{'A' * 35}"
_BOT = {"id": BOT_ID, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
_ME = json.dumps({"ok": True, "result": _BOT | {"can_join_groups": False, "can_read_all_group_messages": False}})
_YES = b'{"ok":true,"result":true}'
_SHOWS = ("sendMessage", "editMessageText", "sendPhoto", "sendDocument", "editMessageCaption", "editMessageReplyMarkup")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a phone shows after a call: the text ('' if only the buttons changed), and buttons as (label, data)."""

    message_id: int
    text: str
    buttons: tuple[tuple[str, str], ...]


Phone = Callable[[Shown], None]


@dataclass
class BotApi:
    """One bot's cloud: its address, the phones by chat id, and the webhook once the bot has named it."""

    url: str = ""
    phones: dict[int, Phone] = field(default_factory=dict)
    calls: Counter[str] = field(default_factory=Counter)
    others: int = 0  # messages to chats without a phone
    courier: Courier | None = None
    named: asyncio.Event = field(default_factory=asyncio.Event)
    _update_id: int = 1000
    _message_id: int = 1000

    def answer(self, path: str, content_type: str, body: bytes) -> bytes:
        """Do what the bot asks."""
        method = path.rsplit("/", 1)[-1].partition("?")[0]
        self.calls[method] += 1
        given = _parameters(content_type, body)
        if method in _SHOWS:
            return self._show(method, given)
        match method:
            case "getMe":
                return _ME.encode()
            case "setWebhook":
                self.hook(given["url"], given.get("secret_token", ""), int(given.get("max_connections", "40")))
            case "getWebhookInfo":
                url = self.courier.url if self.courier else ""
                info = {"url": url, "has_custom_certificate": False, "pending_update_count": 0}
                return json.dumps({"ok": True, "result": info}).encode()
            case "getMyCommands":
                return b'{"ok":true,"result":[]}'
        return _YES

    def hook(self, url: str, secret: str, most: int = 40) -> None:
        """The bot's webhook; named again it stays the same one."""
        if self.courier is None or self.courier.url != url:
            if self.courier is not None:
                self.courier.close()
            self.courier = Courier(url, secret, most)
        self.courier.secret, self.courier.most = secret, most
        self.named.set()

    def say(self, chat_id: int, text: str) -> None:
        """A person writes."""
        self._message_id += 1
        message = self._message(chat_id, self._message_id, text) | {"from": _person(chat_id)}
        if text.startswith("/"):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": len(text)}]
        self._deliver({"message": message})

    def tap(self, chat_id: int, message_id: int, data: str) -> None:
        """A person taps."""
        message = self._message(chat_id, message_id, "…") | {"from": _BOT}
        query = {"from": _person(chat_id), "chat_instance": "1", "data": data, "message": message}
        self._deliver({"callback_query": {"id": str(self._update_id + 1), **query}})

    def _deliver(self, event: dict[str, object]) -> None:
        self._update_id += 1
        assert self.courier is not None, "the bot has named no webhook"
        self.courier.take(json.dumps({"update_id": self._update_id, **event}).encode())

    @staticmethod
    def _message(chat_id: int, message_id: int, text: str) -> dict[str, object]:
        chat = {"id": chat_id, "type": "private", "first_name": f"P{chat_id}"}
        return {"message_id": message_id, "date": int(time.time()), "chat": chat, "text": text}

    def _show(self, method: str, given: dict[str, str]) -> bytes:
        chat_id, text = int(given["chat_id"]), given.get("text", given.get("caption", ""))
        message_id = int(given.get("message_id") or 0)
        if not message_id:
            self._message_id += 1
            message_id = self._message_id
        markup = given.get("reply_markup", "")
        buttons = _buttons(markup)
        phone = self.phones.get(chat_id)
        if phone is None:
            self.others += 1
        else:
            phone(Shown(message_id, text, buttons))
        result = self._message(chat_id, message_id, text or "…") | {"from": _BOT}
        if buttons:
            result["reply_markup"] = json.loads(markup)
        return json.dumps({"ok": True, "result": result}).encode()


def _person(chat_id: int) -> dict[str, object]:
    return {"id": chat_id, "is_bot": False, "first_name": f"P{chat_id}", "language_code": "id"}


def _buttons(markup: str) -> tuple[tuple[str, str], ...]:
    if "callback_data" not in markup:
        return ()
    rows = json.loads(markup)["inline_keyboard"]
    return tuple((one["text"], one["callback_data"]) for row in rows for one in row if "callback_data" in one)


def _parameters(content_type: str, body: bytes) -> dict[str, str]:
    """A call's parameters, whichever of the three ways they are sent in; parts of files are left out."""
    if content_type.startswith("application/json"):
        found = json.loads(body or b"{}")
        return {key: value if isinstance(value, str) else json.dumps(value) for key, value in found.items()}
    if not content_type.startswith("multipart/"):
        return dict(parse_qsl(body.decode(), keep_blank_values=True))
    boundary = content_type.partition("boundary=")[2].strip('"').encode()
    parameters = {}
    for part in body.split(b"--" + boundary)[1:-1]:
        head, _, value = part.partition(b"\r\n\r\n")
        if b"filename=" not in head and b'name="' in head:
            parameters[head.split(b'name="')[1].split(b'"')[0].decode()] = value[:-2].decode()
    return parameters


@asynccontextmanager
async def serving() -> AsyncIterator[BotApi]:
    """A Bot API on a free port while the block runs."""
    api = BotApi()
    server = await asyncio.get_running_loop().create_server(lambda: Listener(api.answer), "127.0.0.1", 0, backlog=4096)
    api.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield api
    finally:
        if api.courier is not None:
            api.courier.close()
        server.close()
