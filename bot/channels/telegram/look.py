"""How a message looks on Telegram: HTML, inline keyboards, parts of a legal length, and a plain form without either.

Every value is escaped; a limit that would be broken is kept here, before anything is sent.
"""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bot.channels import parts
from bot.channels.options import PHONE, Caps, Choice, arrange, labelled, links
from bot.channels.plots import plotted
from bot.documents.chart import Plot
from bot.domain.message import Block, File, Message, Sheet, Text, TokenDigits, Value
from bot.i18n import Renderer
from bot.messaging import vault

MOST_CHARACTERS = 4_000  # of 4.096 after parsing: markup and a resend heading have room
MOST_IN_CAPTION = 1_000

_CAPS = Caps(keyboard=True)
_KEYS = ("123", "456", "789")
_FILLED, _EMPTY, _LONGEST_PIN = "●", "○", 6
_STYLES = {"pay": "success", "correct": "success", "again": "success", "cancel": "danger"}

Button = dict[str, Any]
Keyboard = dict[str, Any]  # as the Bot API's `reply_markup`


@dataclass(frozen=True, slots=True)
class Look:
    """A message as the Bot API takes it: texts to send one after another, the keyboard below the last, then files."""

    parts: tuple[str, ...]
    keyboard: Keyboard | None
    sheet: Sheet | None = None
    files: tuple[File, ...] = ()
    chart: Plot | None = None


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
        is_caption = message.sheet is not None or message.chart is not None
        most = MOST_IN_CAPTION if is_caption else MOST_CHARACTERS
        shown = message if message.sheet is None else parts.without_blocks(message)
        lines = self._rich.pieces(shown, language, self._zone)
        if message.keypad is not None:
            lines.append(" ".join(_FILLED * message.keypad + _EMPTY * (_LONGEST_PIN - message.keypad)))
        if "\n" in "\n".join(lines) and not parts.digits(message.text):
            first, newline, rest = lines[0].partition("\n")
            if "<" not in first:  # what is set already may go on in the next line
                lines[0] = f"<b>{first}</b>{newline}{rest}"
        keyboard = self._keyboard(message, language, nonce, ornate=True)
        chart = plotted(message.chart, self._plain, language, self._zone) if message.chart else None
        return Look(parts.joined(lines, most, _cut), keyboard, message.sheet, message.files, chart)

    def plain(self, message: Message, language: str, nonce: str | None, *, buttons: bool) -> Look:
        """No markup, and the barest buttons or none: what is shown must arrive."""
        keyboard = self._keyboard(message, language, nonce, ornate=False) if buttons else None
        lines = self._plain.pieces(message, language, self._zone)
        lines += links(labelled(message, self._plain, language, self._zone))
        return Look(parts.joined(lines, MOST_CHARACTERS, _cut), keyboard, files=message.files)

    def _keyboard(self, message: Message, language: str, nonce: str | None, *, ornate: bool) -> Keyboard | None:
        choices = labelled(message, self._plain, language, self._zone)
        if not ornate:
            choices = tuple(choice for choice in choices if choice.is_answered)
        if any(choice.key == PHONE for choice in choices):
            keys = [
                [{"text": choice.label} | ({"request_contact": True} if choice.key == PHONE else {})]
                for choice in choices
            ]
            return {"keyboard": keys, "resize_keyboard": True, "one_time_keyboard": True}
        if message.keypad is not None:
            return {"inline_keyboard": _keypad(choices, nonce, ornate=ornate)}
        rows = [[_button(choice, nonce, ornate=ornate) for choice in row] for row in arrange(choices, _CAPS).rows]
        token = parts.token_text(message)
        if token is not None and ornate:
            label = self._plain.render(Text("btn.copy_token"), language, self._zone)
            rows.insert(0, [{"text": label, "copy_text": {"text": parts.digits(token)}}])
        return {"inline_keyboard": rows} if rows else None


def _keypad(choices: Sequence[Choice], nonce: str | None, *, ornate: bool) -> list[list[Button]]:
    """The digits as on a phone, with the way back and the message's own options around the last one."""

    def key(sign: str, label: str) -> Button:
        return {"text": label, "callback_data": f"{nonce}.{vault.key(nonce, sign)}"}

    rows = [[key(sign, sign) for sign in row] for row in _KEYS]
    others = [_button(choice, nonce, ornate=ornate) for choice in choices]
    return [*rows, [key(vault.ERASE, "⌫"), key("0", "0"), *others]]


def _button(choice: Choice, nonce: str | None, *, ornate: bool) -> Button:
    if choice.url:
        return {"text": choice.label, "url": choice.url}
    if choice.copies and ornate:
        return {"text": choice.label, "copy_text": {"text": choice.copies}}
    style = _STYLES.get(choice.key) if ornate else None
    return {"text": choice.label, "callback_data": choice.name(nonce)} | ({"style": style} if style else {})


def _cut(piece: str, most: int) -> list[str]:
    """A single text that is too long: only words of our own are, so it is cut as plain text."""
    text = html.unescape(piece.replace("<b>", "").replace("</b>", ""))
    return [html.escape(text[start : start + most // 2], quote=False) for start in range(0, len(text), most // 2)]
