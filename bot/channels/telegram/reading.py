"""Updates, read: cut into inbox rows when they arrive, understood when their turn comes. Pure and total.

Cutting never raises, whatever the bytes; understanding raises `Malformed`, and only that one row is parked.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any

from telegram import Chat, ChatMember, Message, Update

from bot.messaging.event import Event, Kind, Malformed
from bot.messaging.inbox import Inbound, InboxRow

NAME = "telegram"
ALLOWED = ("message", "edited_message", "callback_query", "my_chat_member")

_LONGEST_ID = 300
_AT_BOT = re.compile(r"^(/\w+)@\w+")
_AWAY = (ChatMember.BANNED, ChatMember.LEFT)


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
    body = json.dumps(update)
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
    try:
        update = Update.de_json(json.loads(row.body), None)
        return _event(update)
    except Malformed:
        raise
    except Exception as error:  # noqa: BLE001  # the library raises whatever the shape of the update leads it to
        raise Malformed(type(error).__name__) from None


def _event(update: Update) -> Event:
    if update.callback_query is not None:
        return _tap(update)
    if update.my_chat_member is not None:
        change = update.my_chat_member
        if change.chat.type != Chat.PRIVATE:
            return Event(Kind.NOTHING)
        return Event(Kind.LEFT if change.new_chat_member.status in _AWAY else Kind.BACK)
    message = update.edited_message or update.message
    if message is None:
        return Event(Kind.NOTHING)
    if message.chat.type != Chat.PRIVATE:
        words = message.text if update.message is not None and message.text else ""
        return Event(Kind.GROUP, words)
    language = (message.from_user.language_code if message.from_user else "") or ""
    if update.edited_message is not None:
        return Event(Kind.EDITED, message_id=str(message.message_id), language=language)
    return _said(message, language)


def _tap(update: Update) -> Event:
    query = update.callback_query
    if query is None or not query.data:
        return Event(Kind.NOTHING)
    chat = query.message.chat if query.message else None
    if chat is not None and chat.type != Chat.PRIVATE:
        return Event(Kind.NOTHING)
    number = str(query.message.message_id) if query.message else ""
    return Event(Kind.TAP, query.data, number, query.from_user.language_code or "")


def _said(message: Message, language: str) -> Event:
    number = str(message.message_id)
    if message.contact is not None:
        sender = message.from_user.id if message.from_user else None
        own = message.contact.user_id is not None and message.contact.user_id == sender
        return Event(Kind.CONTACT, message_id=number, language=language, phone=message.contact.phone_number, own=own)
    words = message.text or message.caption
    if words:
        return Event(Kind.WORDS, _AT_BOT.sub(r"\1", words), number, language)
    if message.effective_attachment is not None:
        return Event(Kind.MEDIA, message_id=number, language=language)
    return Event(Kind.NOTHING)


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
    update = json.loads(body)
    if tap := _part(update, "callback_query"):
        language = _part(tap, "from").get("language_code")
        return Courtesy(str(tap.get("id") or ""), str(language or ""), str(tap.get("data")).endswith(".pay"))
    chat = _part(_part(update, "my_chat_member"), "chat")
    status = _part(_part(update, "my_chat_member"), "new_chat_member").get("status")
    if chat.get("type") in ("group", "supergroup", "channel") and status in ("member", "administrator"):
        return Courtesy(chat=int(chat.get("id") or 0), leave=True)
    return None
