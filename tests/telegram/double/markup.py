"""Keyboards: what a bot may attach to a message, checked against Telegram's limits.

Turns the raw object into rows of buttons that a phone can show. Unknown fields are Telegram's to ignore and a test's
to hear of: they are handed to `strange`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.telegram.double.wire import Json, bad

_STYLES = {"primary", "success", "danger"}
_ACTIONS = {"callback_data", "url", "copy_text"}
_OTHER_ACTIONS = {
    "web_app", "login_url", "switch_inline_query", "switch_inline_query_current_chat", "callback_game", "pay",
    "switch_inline_query_chosen_chat",
}  # fmt: skip
_OF_INLINE = {"text", "style", "icon_custom_emoji_id"} | _ACTIONS
_OF_REPLY = {"text", "style", "icon_custom_emoji_id", "request_contact"}
_OPTIONS = {"keyboard", "resize_keyboard", "one_time_keyboard", "is_persistent", "selective", "input_field_placeholder"}

Strange = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Button:
    """One button as a phone shows it."""

    label: str
    data: str = ""
    copy: str = ""
    url: str = ""
    style: str = ""
    asks_contact: bool = False

    def json(self) -> Json:
        button: Json = {"text": self.label}
        if self.data:
            button["callback_data"] = self.data
        if self.copy:
            button["copy_text"] = {"text": self.copy}
        if self.url:
            button["url"] = self.url
        if self.style:
            button["style"] = self.style
        if self.asks_contact:
            button["request_contact"] = True
        return button


Rows = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class Markup:
    """`kind`: inline, reply, remove or force."""

    kind: str
    rows: Rows = ()


def parse_markup(raw: Any, strange: Strange) -> Markup | None:
    """The keyboard of a call; None if there is none."""
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise bad("object expected as reply markup")
    if "inline_keyboard" in raw:
        rows = _rows(raw["inline_keyboard"], "inline keyboard", lambda one: _inline(one, strange))
        return Markup("inline", rows)
    if "keyboard" in raw:
        for name in raw.keys() - _OPTIONS:
            strange(f"reply keyboard field {name}")
        return Markup("reply", _rows(raw["keyboard"], "reply keyboard", lambda one: _reply(one, strange)))
    if raw.get("remove_keyboard"):
        return Markup("remove")
    if raw.get("force_reply"):
        return Markup("force")
    return None


def _rows(raw: Any, what: str, one: Callable[[Any], Button]) -> Rows:
    if not isinstance(raw, list):
        raise bad(f"can't parse {what} markup JSON object: field of type Array expected")
    for row in raw:
        if not isinstance(row, list):
            raise bad(f"can't parse {what} markup JSON object: expected an Array of Arrays")
    rows = tuple(tuple(one(button) for button in row) for row in raw if row)
    if sum(map(len, rows)) > 100 or any(len(row) > 8 for row in rows):
        raise bad("reply markup is too long")
    return rows


def _inline(raw: Any, strange: Strange) -> Button:
    if not isinstance(raw, dict):
        raise bad("can't parse inline keyboard button: InlineKeyboardButton must be an Object")
    for name in raw.keys() - _OF_INLINE:
        strange(f"inline button field {name}")
    label = raw.get("text")
    if not isinstance(label, str):
        raise bad("can't parse inline keyboard button: Can't find field \"text\"")
    if not label.strip():
        raise bad("can't parse inline keyboard button: Text must be non-empty")
    actions = raw.keys() & (_ACTIONS | _OTHER_ACTIONS)
    if not actions:
        raise bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad("BUTTON_TYPE_INVALID")
    data = raw.get("callback_data", "-")
    if not isinstance(data, str) or not 1 <= len(data.encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")
    copy = raw.get("copy_text", {"text": "-"})
    if not isinstance(copy, dict) or not isinstance(copy.get("text"), str) or not 1 <= len(copy["text"]) <= 256:
        raise bad("BUTTON_COPY_TEXT_INVALID")
    url = raw.get("url", "https://example.org")
    _check_url(url)
    return Button(
        label,
        data if "callback_data" in actions else "",
        copy["text"] if "copy_text" in actions else "",
        url if "url" in actions else "",
        _style(raw),
    )


def _reply(raw: Any, strange: Strange) -> Button:
    if isinstance(raw, str):
        raw = {"text": raw}
    if not isinstance(raw, dict) or not isinstance(raw.get("text"), str) or not raw["text"].strip():
        raise bad("can't parse keyboard button: KeyboardButton must have a text")
    for name in raw.keys() - _OF_REPLY:
        strange(f"reply button field {name}")
    return Button(raw["text"], style=_style(raw), asks_contact=bool(raw.get("request_contact")))


def _style(raw: Json) -> str:
    style = raw.get("style", "")
    if style and style not in _STYLES:
        raise bad("can't parse inline keyboard button: invalid button style specified")
    return str(style)


def _check_url(url: Any) -> None:
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme not in {"http", "https", "tg", "ton"}:
        raise bad(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    if parts.scheme in {"http", "https"} and "." not in parts.netloc:
        raise bad(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    if len(url) > 2048:
        raise bad("BUTTON_URL_INVALID")
