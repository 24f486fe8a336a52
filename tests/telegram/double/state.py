"""Everything that the double knows, without any network: chats, files, queries, settings, updates, the record of calls.

Methods change it, persons change it, tests read it.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.double.clock import Clock, Signal
from tests.telegram.double.markup import Rows
from tests.telegram.double.pace import Pace
from tests.telegram.double.phones import Chat, Edit, File, Shown
from tests.telegram.double.updates import Update, Updates
from tests.telegram.double.wire import Json, bad

BOT_NAME = "Setrum Uji"
FILE_LIVES = 3_600  # seconds for which a download path is valid


@dataclass(slots=True)
class Call:
    """One call as it came and how it ended. `applied`: it had its effect, whatever the bot was told."""

    number: int
    method: str
    params: Json
    chat: int | None
    at: float
    ticks: float
    outcome: str = "open"  # ok, a description, or gone
    status: int = 0
    fault: str = ""
    applied: bool = False
    message_id: int | None = None
    via_webhook: bool = False


@dataclass(slots=True)
class Query:
    """A tap that waits for its answer."""

    id: str
    chat: int
    person: int
    data: str
    at: float
    answers: list[tuple[float, str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class Hook:
    """The webhook as it is set; `serial` changes with every setting."""

    url: str = ""
    secret: str = ""
    connections: int = 40
    last_error: str = ""
    last_error_at: int = 0
    serial: int = 0
    changed: Signal = field(default_factory=Signal)
    drops_asked: int = 0  # how often a bot asked to drop what waits


class State:
    """The world of one bot."""

    def __init__(self, clock: Clock, seed: int, token: str, username: str) -> None:
        self.clock = clock
        self.chance = random.Random(seed)
        self.token = token
        self.bot: Json = {
            "id": int(token.partition(":")[0]), "is_bot": True, "first_name": BOT_NAME, "username": username,
        }  # fmt: skip
        self.pace = Pace(clock)
        self.updates = Updates(clock, self.chance)
        self.hook = Hook()
        self.chats: dict[int, Chat] = {}
        self.files: dict[str, File] = {}
        self.queries: dict[str, Query] = {}
        self.heard = Signal()  # fires when a call was written down, before it is served
        self.answered: list[Query] = []  # in the order of their answers
        self.query_lives = 15.0  # seconds in which a tap can be answered
        self.commands: dict[tuple[str, int, int, str], list[Json]] = {}
        self.texts: dict[tuple[str, str], str] = {}  # (description or short_description, language)
        self.calls: list[Call] = []
        self.unsupported: list[str] = []
        self.fired: Counter[str] = Counter()
        self.changes = 0
        self.strict_urls = False  # the public cloud takes https on four ports only; a server of one's own any
        self.webhook_set_at = float("-inf")
        self._message_id = 0
        self._serial = 0

    def serial(self) -> int:
        self._serial += 1
        return self._serial

    def next_message_id(self) -> int:
        self._message_id += 1
        return self._message_id

    def change(self, chat: Chat) -> int:
        """Something on a phone changed: its serial number; whoever looks at this phone wakes up."""
        self.changes += 1
        chat.changed.fire()
        return self.changes

    def show(self, chat: Chat, kind: str, text: str, *, mine: bool, **fields: Any) -> Shown:
        """A new message in a chat."""
        shown = Shown(
            self.next_message_id(), chat.id, kind, mine, text, self.clock.now(), self.change(chat), **fields
        )  # fmt: skip
        chat.messages[shown.message_id] = shown
        return shown

    def alter(self, shown: Shown, html: str, text: str, entities: list[Json], buttons: Rows) -> None:
        """A message looks different from now on."""
        shown.edits.append(Edit(self.clock.now(), shown.html, shown.text, shown.buttons))
        shown.html, shown.text, shown.entities, shown.buttons = html, text, entities, buttons
        shown.changed = self.change(self.chats[shown.chat_id])

    def keep(self, kind: str, data: bytes, name: str = "", mime: str = "") -> File:
        number = self.serial()
        folder = {"photo": "photos", "document": "documents", "voice": "voice", "sticker": "stickers"}[kind]
        path = f"{folder}/file_{number}{name[name.rfind('.') :] if '.' in name else ''}"
        file = File(f"AgACAgUAAxkBAAI{number:08d}AQADAgADeQ", f"AQAD{number:08d}", kind, data, name, mime, path)
        self.files[file.id] = file
        return file

    def chat_of(self, given: Any) -> Chat:
        """The chat that a call names, or Telegram's refusal."""
        try:
            chat = self.chats.get(int(given))
        except (TypeError, ValueError):
            chat = None
        if given in {"", None}:
            raise bad("chat_id is empty")
        if chat is None or not chat.started:
            raise bad("chat not found")
        return chat

    def message_json(self, shown: Shown, depth: int = 1) -> Json:
        """A message as the API tells it."""
        chat = self.chats[shown.chat_id]
        message: Json = {
            "message_id": shown.message_id,
            "from": shown.sender or self.bot,
            "chat": chat.described,
            "date": int(shown.at),
        }
        if shown.edits:
            message["edit_date"] = int(shown.edits[-1].at)
        if shown.reply_to is not None and depth:
            replied = chat.messages.get(shown.reply_to)
            if replied is not None and not replied.deleted:
                message["reply_to_message"] = self.message_json(replied, depth - 1)
        words, marks = ("text", "entities") if shown.kind == "text" else ("caption", "caption_entities")
        if shown.text:
            message[words] = shown.text
        if shown.entities:
            message[marks] = shown.entities
        if shown.buttons:
            message["reply_markup"] = {"inline_keyboard": [[one.json() for one in row] for row in shown.buttons]}
        if shown.file is not None:
            message |= _media(shown.file)
        return message | shown.extra

    def tap(self, person: Json, shown: Shown, data: str) -> Update:
        """A tap becomes a query of its own; the spinner on the phone runs until it is answered."""
        query = Query(str(self.chance.randrange(10**17, 10**18)), shown.chat_id, person["id"], data, self.clock.now())
        self.queries[query.id] = query
        if shown.deleted:
            message: Json = {"chat": self.chats[shown.chat_id].described, "message_id": shown.message_id, "date": 0}
        else:
            message = self.message_json(shown)
        payload = {
            "id": query.id, "from": person, "message": message, "data": data,
            "chat_instance": str(shown.chat_id * 7_919 + 17),
        }  # fmt: skip
        return self.updates.add("callback_query", payload, f"tap {person['id']}", shown.chat_id)


def _media(file: File) -> Json:
    ids: Json = {"file_id": file.id, "file_unique_id": file.unique, "file_size": len(file.data)}
    if file.kind == "photo":
        thumb = ids | {"file_id": f"{file.id}s", "file_unique_id": f"{file.unique}s", "width": 90, "height": 67}
        return {"photo": [thumb, ids | {"width": 1280, "height": 960}]}
    named = ids | {"file_name": file.name, "mime_type": file.mime}
    if file.kind == "voice":
        return {"voice": ids | {"duration": 3, "mime_type": "audio/ogg"}}
    if file.kind == "sticker":
        sticker = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}
        return {"sticker": ids | sticker | {"emoji": "👍"}}
    return {"document": named}
