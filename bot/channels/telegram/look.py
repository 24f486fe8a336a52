"""How a message looks on Telegram: HTML, inline keyboards, parts of a legal length, and a plain form without either.

Every value is escaped; a limit that would be broken is kept here, before anything is sent.
"""

import html
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bot.domain.message import Block, Message, Option, Sheet, Text, TokenDigits, Value
from bot.i18n import Renderer

MOST_CHARACTERS = 4_000  # of 4.096 after parsing: markup and a resend heading have room
MOST_IN_CAPTION = 1_000
PHONE = "phone"  # the option that is answered by sharing one's own number

_SHORT, _MEDIUM = 8, 14
_MOST_ROWS = 12
_STYLES = {"pay": "success", "correct": "success", "again": "success", "cancel": "danger"}

Button = dict[str, Any]
Keyboard = dict[str, Any]  # as the Bot API's `reply_markup`


@dataclass(frozen=True, slots=True)
class Look:
    """A message as the Bot API takes it: texts to send one after another, the keyboard below the last."""

    parts: tuple[str, ...]
    keyboard: Keyboard | None
    sheet: Sheet | None = None


def mark(value: Value | None, text: str) -> str:
    """A value, or the sentence around values, as HTML."""
    escaped = html.escape(text, quote=False)
    match value:
        case TokenDigits():
            return f"<code>{escaped}</code>"
        case Block():
            return f"<pre>{escaped}</pre>"
        case _:
            return escaped


class Dressing:
    """Makes looks. `rich` marks text up as HTML, `plain` is for what the platform would not take as such."""

    def __init__(self, rich: Renderer, plain: Renderer, zone: tzinfo) -> None:
        self._rich = rich
        self._plain = plain
        self._zone = zone

    def rich(self, message: Message, language: str, nonce: str | None) -> Look:
        """HTML with every ornament. A set sheet goes as a file, so its lines are left out of the text."""
        most = MOST_CHARACTERS if message.sheet is None else MOST_IN_CAPTION
        shown = message if message.sheet is None else _without_blocks(message)
        lines = self._rich.pieces(shown, language, self._zone)
        if "\n" in "\n".join(lines) and not _digits(message.text):
            first, newline, rest = lines[0].partition("\n")
            if "<" not in first:  # what is set already may go on in the next line
                lines[0] = f"<b>{first}</b>{newline}{rest}"
        return Look(_joined(lines, most), self._keyboard(message, language, nonce, ornate=True), message.sheet)

    def plain(self, message: Message, language: str, nonce: str | None, *, buttons: bool) -> Look:
        """No markup, and the barest buttons or none: what is shown must arrive."""
        keyboard = self._keyboard(message, language, nonce, ornate=False) if buttons else None
        return Look(_joined(self._plain.pieces(message, language, self._zone), MOST_CHARACTERS), keyboard)

    def _keyboard(self, message: Message, language: str, nonce: str | None, *, ornate: bool) -> Keyboard | None:
        labels = [(option, self._plain.label(option, language, self._zone)) for option in message.options]
        if any(option.key == PHONE for option in message.options):
            keys = [
                [{"text": label} | ({"request_contact": True} if option.key == PHONE else {})]
                for option, label in labels
            ]
            return {"keyboard": keys, "resize_keyboard": True, "one_time_keyboard": True}
        rows = _rows([_button(option, label, nonce, ornate=ornate) for option, label in labels])
        digits = next((found for text in (message.text, *message.more) if (found := _digits(text))), "")
        if digits and ornate:
            label = self._plain.render(Text("btn.copy_token"), language, self._zone)
            rows.insert(0, [{"text": label, "copy_text": {"text": digits}}])
        return {"inline_keyboard": rows} if rows else None


def _button(option: Option, label: str, nonce: str | None, *, ornate: bool) -> Button:
    style = _STYLES.get(option.key) if ornate else None
    return {"text": label, "callback_data": f"{nonce}.{option.key}"} | ({"style": style} if style else {})


def _rows(buttons: list[Button]) -> list[list[Button]]:
    """Short labels three a row, middling ones two, long ones alone; two neighbours share a row that suits both."""
    rows: list[list[Button]] = []
    room = 0
    for button in buttons:
        width = _room(button)
        if rows and (width == room or len(rows[-1]) == 1) and len(rows[-1]) < min(width, room):
            rows[-1].append(button)
            room = min(width, room)
        else:
            rows.append([button])
            room = width
    return rows if len(rows) <= _MOST_ROWS else [buttons[start : start + 3] for start in range(0, len(buttons), 3)]


def _room(button: Button) -> int:
    """How many of its size fit beside one another."""
    length = len(button["text"])
    return 3 if length <= _SHORT else 2 if length <= _MEDIUM else 1


def _digits(text: Text) -> str:
    return next((value.digits for value in text.args.values() if isinstance(value, TokenDigits)), "")


def _without_blocks(message: Message) -> Message:
    more = tuple(text for text in message.more if not any(isinstance(value, Block) for value in text.args.values()))
    return Message(message.text, more, message.options, message.sheet)


def _joined(pieces: list[str], most: int) -> tuple[str, ...]:
    """The pieces one below the other, cut where a part would grow too long: between pieces, else between lines."""
    parts: list[str] = []
    for piece in pieces:
        for chunk in [piece] if len(piece) <= most else _cut(piece, most):
            if parts and len(parts[-1]) + 1 + len(chunk) <= most:
                parts[-1] += f"\n{chunk}"
            else:
                parts.append(chunk)
    return tuple(parts)


def _cut(piece: str, most: int) -> list[str]:
    """A single text that is too long: only words of our own are, so it is cut as plain text."""
    text = html.unescape(piece.replace("<b>", "").replace("</b>", ""))
    return [html.escape(text[start : start + most // 2], quote=False) for start in range(0, len(text), most // 2)]
