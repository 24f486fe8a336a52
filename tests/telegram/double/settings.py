"""The methods around the conversation: files, commands, descriptions and the webhook's settings."""

import re
import struct
from typing import Any

from tests.telegram.double.methods import SENDING, formatted, method, send
from tests.telegram.double.phones import File
from tests.telegram.double.state import FILE_LIVES, State
from tests.telegram.double.wire import Given, Json, Refused, bad, flood

_PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"BM")
_MOST = {"photo": 10 << 20, "document": 50 << 20}
_SCOPES = {
    "default", "all_private_chats", "all_group_chats", "all_chat_administrators", "chat", "chat_administrators",
    "chat_member",
}  # fmt: skip


def _file(state: State, given: Given, kind: str) -> File:
    """An upload, or a file that was sent before."""
    upload = given.upload(kind)
    if upload is None:
        name = given.text(kind)
        if not name:
            raise bad(f"there is no {kind} in the request")
        if name.startswith(("http://", "https://")):
            state.unsupported.append(f"{kind} by URL")
        known = state.files.get(name)
        if known is None:
            raise bad("wrong file identifier/HTTP URL specified")
        if known.kind != kind:
            raise bad(f"can't use file of type {known.kind.capitalize()} as {kind.capitalize()}")
        return known
    if not upload.data:
        raise bad("file must be non-empty")
    if len(upload.data) > _MOST[kind]:
        if kind == "document":
            raise Refused(413, "Request Entity Too Large")
        raise bad(
            f"file of size {len(upload.data)} bytes is too big for a photo; the maximum size is {_MOST[kind]} bytes"
        )
    if kind == "photo":
        _check_picture(upload.data)
    return state.keep(kind, upload.data, upload.name, upload.content_type)


def _check_picture(data: bytes) -> None:
    if not data.startswith(_PICTURES):
        raise bad("IMAGE_PROCESS_FAILED")
    if data.startswith(_PICTURES[0]) and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        if not width or not height or width + height > 10_000 or max(width, height) > 20 * min(width, height):
            raise bad("PHOTO_INVALID_DIMENSIONS")


def _caption(state: State, given: Given) -> tuple[str, str, list[Json]]:
    content = formatted(state, given, "caption")
    if len(content[1]) > 1024:
        raise bad("message caption is too long")
    return content


@method("sendPhoto", f"{SENDING} photo caption caption_entities show_caption_above_media has_spoiler")
def _send_photo(state: State, given: Given) -> Json:
    return send(state, given, "photo", _caption(state, given), _file(state, given, "photo"))


@method(
    "sendDocument", f"{SENDING} document caption caption_entities thumbnail disable_content_type_detection"
)  # fmt: skip
def _send_document(state: State, given: Given) -> Json:
    return send(state, given, "document", _caption(state, given), _file(state, given, "document"))


@method("getFile", "file_id")
def _get_file(state: State, given: Given) -> Json:
    file = state.files.get(given.text("file_id").removesuffix("s"))
    if file is None:
        raise bad("invalid file_id")
    if len(file.data) > 20 << 20:
        raise bad("file is too big")
    file.path_until = state.clock.now() + FILE_LIVES
    return {
        "file_id": given.text("file_id"), "file_unique_id": file.unique, "file_size": len(file.data),
        "file_path": file.path,
    }  # fmt: skip


def _scope(state: State, given: Given) -> tuple[str, int, int, str]:
    raw = given.json("scope") or {"type": "default"}
    kind = raw.get("type", "") if isinstance(raw, dict) else ""
    if kind not in _SCOPES:
        raise bad("can't parse BotCommandScope: unsupported type specified")
    chat = state.chat_of(raw.get("chat_id")).id if kind in {"chat", "chat_administrators", "chat_member"} else 0
    return kind, chat, int(raw.get("user_id", 0)), _language(given)


def _language(given: Given) -> str:
    language = given.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad("invalid language code specified")
    return language


@method("setMyCommands", "commands scope language_code")
def _set_my_commands(state: State, given: Given) -> bool:
    raw = given.json("commands")
    if not isinstance(raw, list):
        raise bad("can't parse commands: expected an Array")
    if len(raw) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    commands = []
    for one in raw:
        name = str(one.get("command", "")).removeprefix("/")
        if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(str(one.get("description", ""))) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
        commands.append({"command": name, "description": one["description"]})
    state.commands[_scope(state, given)] = commands
    _show_menus(state)
    return True


@method("deleteMyCommands", "scope language_code")
def _delete_my_commands(state: State, given: Given) -> bool:
    state.commands.pop(_scope(state, given), None)
    _show_menus(state)
    return True


@method("getMyCommands", "scope language_code")
def _get_my_commands(state: State, given: Given) -> list[Json]:
    return state.commands.get(_scope(state, given), [])


def _show_menus(state: State) -> None:
    for chat in state.chats.values():
        chat.changed.fire()


def menu(state: State, chat: int, language: str) -> list[Json]:
    """What a person finds behind the menu button of a private chat."""
    for scope, where in (("chat", chat), ("all_private_chats", 0), ("default", 0)):
        for spoken in dict.fromkeys((language, "")):
            if found := state.commands.get((scope, where, 0, spoken)):
                return found
    return []


def _text_pair(name: str, field: str, most: int) -> None:
    @method(f"setMy{name}", f"{field} language_code")
    def _set(state: State, given: Given) -> bool:
        text = given.text(field)
        if len(text) > most:
            raise bad(f"{field.upper()}_TOO_LONG")
        state.texts[field, _language(given)] = text
        return True

    @method(f"getMy{name}", "language_code")
    def _get(state: State, given: Given) -> Json:
        language = _language(given)
        return {field: state.texts.get((field, language)) or state.texts.get((field, ""), "")}


_text_pair("Description", "description", 512)
_text_pair("ShortDescription", "short_description", 120)


@method(
    "setWebhook", "url certificate ip_address max_connections allowed_updates drop_pending_updates secret_token"
)  # fmt: skip
def _set_webhook(state: State, given: Given) -> Any:
    url, hook = given.text("url"), state.hook
    if not url:
        return _delete_webhook(state, given)
    now = state.clock.ticks()
    if now - state.webhook_set_at < 1:
        raise flood(1)
    secret = given.text("secret_token")
    if secret and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", secret):
        raise bad("secret token contains unallowed characters")
    if not re.match(r"https?://[^/]+", url):
        raise bad("bad webhook: invalid URL specified")
    if state.strict_urls and not re.match(r"https://[^/:]+(:(443|80|88|8443))?(/|$)", url):
        raise bad(
            "bad webhook: An HTTPS URL must be provided for webhook" if url.startswith("http:")
            else "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443"
        )  # fmt: skip
    state.webhook_set_at = now
    remember(state, given)
    _drop_if_asked(state, given)
    connections = min(max(given.integer("max_connections", 40), 1), 100)
    same = (hook.url, hook.secret, hook.connections) == (url, secret, connections)
    hook.url, hook.secret, hook.connections = url, secret, connections
    hook.last_error, hook.last_error_at = "", 0
    if not same:
        hook.serial += 1
    hook.changed.fire()
    state.updates.stirred.fire()
    return Said("Webhook is already set" if same else "Webhook was set")


@method("deleteWebhook", "drop_pending_updates")
def _delete_webhook(state: State, given: Given) -> Any:
    hook = state.hook
    _drop_if_asked(state, given)
    was = hook.url
    hook.url = hook.secret = hook.last_error = ""
    hook.last_error_at = 0
    hook.serial += 1
    hook.changed.fire()
    return Said("Webhook was deleted" if was else "Webhook is already deleted")


@method("getWebhookInfo")
def _get_webhook_info(state: State, _given: Given) -> Json:
    hook = state.hook
    state.updates.expire()
    info: Json = {
        "url": hook.url, "has_custom_certificate": False, "pending_update_count": len(state.updates.pending),
    }  # fmt: skip
    if hook.url:
        info |= {"max_connections": hook.connections, "ip_address": "127.0.0.1"}
    if hook.last_error:
        info |= {"last_error_date": hook.last_error_at, "last_error_message": hook.last_error}
    if state.updates.allowed:
        info["allowed_updates"] = state.updates.allowed
    return info


def remember(state: State, given: Given) -> None:
    """The list of allowed kinds, if the call brings one; an empty list means the default."""
    allowed = given.json("allowed_updates")
    if isinstance(allowed, list):
        state.updates.allowed = [str(one) for one in allowed]


def _drop_if_asked(state: State, given: Given) -> None:
    if given.flag("drop_pending_updates"):
        state.hook.drops_asked += 1
        state.updates.drop()


class Said:
    """A result of `true` with a description beside it."""

    def __init__(self, description: str) -> None:
        self.description = description
