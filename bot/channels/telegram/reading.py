"""Updates, read: cut into inbox rows when they arrive, understood when their turn comes. Pure and total.

Cutting never raises, whatever the bytes; understanding raises `Malformed`, and only that one row is parked.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from bot.messaging.event import Event, Kind, Malformed
from bot.messaging.inbox import Inbound, InboxRow

NAME = "telegram"
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")

_LONGEST_ID = 300
_AT_BOT = re.compile(r"^(/\w+)@\w+")
_AWAY = ("kicked", "left")
# what a message without words may carry
_ATTACHED = frozenset(
    {"animation", "audio", "dice", "document", "game", "invoice", "live_photo", "location", "paid_media"}
    | {"photo", "poll", "sticker", "story", "venue", "video", "video_note", "voice"}
)


def split(raw: bytes, bot_id: str, now: int) -> list[Inbound]:
    """One update, or the updates of a whole `getUpdates` answer, one row each, in their order."""
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        return [_dead(raw, now)]
    updates = document["result"] if isinstance(document, dict) and "result" in document else [document]
    if not isinstance(updates, list):
        return [_dead(raw, now)]
    return [_row(update, bot_id, now) for update in updates]


def _row(update: object, bot_id: str, now: int) -> Inbound:
    try:
        body = json.dumps(update)
    except RecursionError:  # nested so deep that it could be read, and only just
        return _dead(b"nested too deep", now)
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(update, dict) or not isinstance(number, int) or not 0 <= number < 2**62:
        return _dead(body.encode(), now)
    tap = _part(update, "callback_query")
    message = _part(tap, "message") or next((found for name in ALLOWED if (found := _part(update, name))), {})
    address = _part(message, "chat").get("id") or _part(tap, "from").get("id") or ""
    date = 0 if tap else message.get("date")  # a tap carries the date of its card only: it counts from its arrival
    said_at = date * 1000 if isinstance(date, int) and 0 < date < 2**33 else now
    return Inbound(
        NAME,
        f"{bot_id}:{number}",
        str(address)[:_LONGEST_ID].encode("ascii", "replace").decode(),
        "",
        number,
        said_at,
        kind="tap" if tap else "message",
        body=body,
    )


def _dead(raw: bytes, now: int) -> Inbound:
    name = f"raw:{hashlib.sha256(raw).hexdigest()}"
    body = json.dumps({"unreadable": raw[:10_000].decode("utf-8", "replace")})
    return Inbound(NAME, name, "", "", 0, now, kind="dead", body=body)


def _part(whole: object, name: str) -> dict[str, Any]:
    found = whole.get(name) if isinstance(whole, dict) else None
    return found if isinstance(found, dict) else {}


def parse(row: InboxRow) -> Event:
    """What a stored update means. Raises `Malformed`."""
    if row.kind == "dead":
        raise Malformed("no update of the Bot API")
    update = json.loads(row.body)
    if tap := _part(update, "callback_query"):
        return _tap(tap)
    if change := _part(update, "my_chat_member"):
        if _part(change, "chat").get("type") != "private":
            return Event(Kind.NOTHING)
        status = _part(change, "new_chat_member").get("status")
        return Event(Kind.LEFT if status in _AWAY else Kind.BACK)
    if edited := _part(update, "edited_message"):
        if _part(edited, "chat").get("type") != "private":
            return Event(Kind.NOTHING)
        return Event(Kind.EDITED, message_id=_number(edited), language=_language(edited))
    if message := _part(update, "message"):
        return _said(message)
    return Event(Kind.NOTHING)


def _tap(tap: dict[str, Any]) -> Event:
    data, message = tap.get("data"), _part(tap, "message")
    if not isinstance(data, str) or _part(message, "chat").get("type", "private") != "private":
        return Event(Kind.NOTHING)
    return Event(Kind.TAP, data, _number(message) if message else "", _language(tap))


def _said(message: dict[str, Any]) -> Event:
    kind = _part(message, "chat").get("type")
    words = message.get("text")
    if not isinstance(kind, str) or not isinstance(words, str | None):
        raise Malformed("a message without a chat, or with a text that is none")
    if kind != "private":
        return Event(Kind.GROUP, words or "")
    number, language = _number(message), _language(message)
    if contact := _part(message, "contact"):
        sender = _part(message, "from").get("id")
        own = sender is not None and contact.get("user_id") == sender
        return Event(Kind.CONTACT, "", number, language, str(contact.get("phone_number") or ""), own)
    caption = message.get("caption")
    if file := _picture(message):
        return Event(Kind.PHOTO, caption if isinstance(caption, str) else "", number, language, file=file)
    document = _part(message, "document")
    if isinstance(named := document.get("file_id"), str) and "animation" not in message:
        name = str(document.get("file_name") or "")[:_LONGEST_ID]
        return Event(Kind.FILE, caption if isinstance(caption, str) else "", number, language, file=named, name=name)
    words = words or caption
    if isinstance(words, str) and words:
        return Event(Kind.WORDS, _AT_BOT.sub(r"\1", words), number, language)
    return Event(Kind.MEDIA if _ATTACHED & message.keys() else Kind.NOTHING, "", number, language)


def _picture(message: dict[str, Any]) -> str:
    """The platform's name of the photo in its largest size, or of a picture sent as a file; '' where there is none."""
    sizes = message.get("photo")
    sizes = [size for size in sizes if isinstance(size, dict)] if isinstance(sizes, list) else []
    document = _part(message, "document")
    if str(document.get("mime_type")).startswith("image/"):
        sizes.append(document)
    names = [(_pixels(size), size["file_id"]) for size in sizes if isinstance(size.get("file_id"), str)]
    return max(names)[1] if names else ""


def _pixels(size: dict[str, Any]) -> int:
    width, height = size.get("width"), size.get("height")
    return width * height if isinstance(width, int) and isinstance(height, int) else 0


def _number(message: dict[str, Any]) -> str:
    number = message.get("message_id")
    if not isinstance(number, int):
        raise Malformed("a message without its number")
    return str(number)


def _language(said: dict[str, Any]) -> str:
    code = _part(said, "from").get("language_code")
    return code if isinstance(code, str) else ""


@dataclass(frozen=True, slots=True)
class Courtesy:
    """What can be done at once about an update: answer a tap, or leave a group."""

    callback_id: str = ""
    language: str = ""
    pays: bool = False
    chat: int = 0
    leave: bool = False


def courtesy(body: str) -> Courtesy | None:
    """From the stored body; None where there is nothing to do at once."""
    if '"callback_query"' not in body and '"my_chat_member"' not in body:
        return None
    try:
        update = json.loads(body)
    except RecursionError:  # as above
        return None
    if tap := _part(update, "callback_query"):
        language = _part(tap, "from").get("language_code")
        return Courtesy(str(tap.get("id") or ""), str(language or ""), str(tap.get("data")).endswith(".pay"))
    chat = _part(_part(update, "my_chat_member"), "chat")
    status = _part(_part(update, "my_chat_member"), "new_chat_member").get("status")
    if chat.get("type") in ("group", "supergroup", "channel") and status in ("member", "administrator"):
        return Courtesy(chat=chat["id"], leave=True) if isinstance(chat.get("id"), int) else None
    return None
