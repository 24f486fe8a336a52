"""How a message looks on WhatsApp: its few marks, reply buttons and lists, parts of a legal length, a plain form.

Values cannot format: what the platform would read as a mark is taken from them. A limit that would be broken is kept
here, before anything is sent.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any

from bot.channels import parts
from bot.channels.options import PHONE, Arrangement, Caps, Choice, Kind, arrange, labelled, links
from bot.channels.plots import plotted
from bot.documents.chart import Plot
from bot.domain.message import Block, File, Message, MeterNumber, Sheet, Text, TokenDigits, Value
from bot.i18n import Renderer

MOST_CHARACTERS = 4_096
MOST_IN_BODY = 1_024  # of buttons and lists, and of a caption
MOST_IN_OPENER, MOST_IN_ABOUT = 20, 72

_FENCE = "```"
_BOLD = 2  # room for two asterisks around the first line
_NOTHING = "…"  # where a hostile value leaves no text at all: the platform takes no empty body
_MARKS = str.maketrans("", "", "*_~`")
_MASKED = re.compile(r"(?<!\S)([^\s*])(\*+)(?!\S)")  # B***: a name that is shown by its first letter
_OPENING = re.compile(r"^(?:>|-\s|\s)+")  # at the start of a line a quotation or a list
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_LINK = re.compile(r"https://(?:[A-Za-z0-9.:/?=&%+-]|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9]))+")
_WORD = re.compile(r"(?:```[^`]*```|\S)+")  # a token in its marks is one word

Payload = dict[str, Any]


def size(text: str) -> int:
    """The length as the platform may count it at worst: an emoji is two, and so is what UTF-16 needs two units for."""
    if text.isascii():
        return len(text)
    more = sum(1 if unicodedata.category(char) == "So" else -(char == "\ufe0f") for char in _FOREIGN.findall(text))
    return max(len(text) + more, len(text.encode("utf-16-le", "surrogatepass")) // 2)


_CAPS = Caps(buttons=3, button_label=20, rows=10, row_label=24, size=size, lacks=frozenset({PHONE}))


@dataclass(frozen=True, slots=True)
class Look:
    """A message as the Cloud API takes it: texts to send one after another.

    `interactive` is the last of them with its buttons or its list. With a `sheet` the last text is its caption;
    `files` follow it all.
    """

    parts: tuple[str, ...]
    interactive: Payload | None = None
    sheet: Sheet | None = None
    files: tuple[File, ...] = ()
    chart: Plot | None = None


def literal(text: str) -> str:
    """Foreign text without what would format it; a link stays as it is, a masked name keeps its mask."""
    if _LINK.fullmatch(text):
        return text
    masked = _MASKED.sub(lambda found: found[1] + "•" * len(found[2]), text)
    return _OPENING.sub("", " ".join(masked.translate(_MARKS).split()))


def mark(value: Value | None, text: str) -> str:
    """A value, or the sentence around values, with the platform's marks."""
    match value:
        case TokenDigits():
            return f"{_FENCE}{text.translate(_MARKS)}{_FENCE}"
        case Block():
            return f"{_FENCE}\n{text.replace('`', chr(39))}\n{_FENCE}"
        case str() | MeterNumber():
            return literal(text)
        case _:
            return text


class Dressing:
    """Makes looks. `rich` is made with `mark` and writes the text, `plain` writes labels."""

    def __init__(self, rich: Renderer, plain: Renderer, zone: tzinfo) -> None:
        self._rich = rich
        self._plain = plain
        self._zone = zone

    def rich(self, message: Message, language: str, nonce: str | None) -> Look:
        """With every ornament. A set sheet goes as a file, so its lines are left out of the text."""
        shown = message if message.sheet is None else parts.without_blocks(message)
        lines = self._lines(shown, language)
        stands_out = "\n" in "\n".join(lines) and not parts.digits(message.text)
        arranged = self._arranged(message, language, nonce)
        is_caption = message.sheet is not None or message.chart is not None
        texts = _parts(lines, arranged, is_bounded=is_caption)
        if stands_out:
            texts = (_bold(texts[0]), *texts[1:])
        chart = plotted(message.chart, self._plain, language, self._zone) if message.chart else None
        below = self._interactive(message, language, nonce, arranged, texts[-1])
        return Look(texts, below, message.sheet, message.files, chart)

    def plain(self, message: Message, language: str, nonce: str | None = None, *, buttons: bool = False) -> Look:
        """No mark at all, and buttons only if they are asked for: what is shown must arrive."""
        arranged = self._arranged(message, language, nonce) if buttons else Arrangement(Kind.NUMBERS, ())
        lines = self._lines(message, language)
        texts = tuple(_bare(text) for text in _parts(lines, arranged))
        return Look(texts, self._interactive(message, language, nonce, arranged, texts[-1]), files=message.files)

    def lines(self, message: Message, language: str) -> list[str]:
        """The text line by line without any mark, for what has no room for lines."""
        return _bare("\n".join(self._rich.pieces(message, language, self._zone))).split("\n")

    def words(self, text: Text, language: str) -> str:
        """One text without any mark."""
        return _bare(self._rich.render(text, language, self._zone))

    def _lines(self, message: Message, language: str) -> list[str]:
        """The text, and what it links to: only a template has buttons that open something."""
        return [
            *self._rich.pieces(message, language, self._zone),
            *links(labelled(message, self._plain, language, self._zone)),
        ]

    def _arranged(self, message: Message, language: str, nonce: str | None) -> Arrangement:
        """What has no name that a tap could bring back is typed."""
        choices = labelled(message, self._plain, language, self._zone)
        return arrange(choices, _CAPS if nonce else Caps(lacks=_CAPS.lacks))

    def _interactive(
        self, message: Message, language: str, nonce: str | None, arranged: Arrangement, body: str
    ) -> Payload | None:
        match arranged.kind:
            case Kind.BUTTONS:
                buttons = [
                    {"type": "reply", "reply": {"id": choice.name(nonce), "title": choice.label}}
                    for choice in arranged.choices
                ]
                return {"type": "button", "body": {"text": body}, "action": {"buttons": buttons}}
            case Kind.LIST:
                rows = [_row(choice, nonce) for choice in arranged.choices]
                action = {"button": self._opener(message, language), "sections": [{"rows": rows}]}
                return {"type": "list", "body": {"text": body}, "action": action}
            case _:
                return None

    def _opener(self, message: Message, language: str) -> str:
        default = self._plain.render(Text("btn.choose"), language, self._zone)
        given = self._plain.render(message.opener, language, self._zone) if message.opener else default
        return given if given and size(given) <= MOST_IN_OPENER else default


def _row(choice: Choice, nonce: str | None) -> Payload:
    row = {"id": choice.name(nonce), "title": choice.label}
    about = choice.about
    while size(about) > MOST_IN_ABOUT:
        about = about[:-2].rstrip() + "…"
    return row | ({"description": about} if about else {})


def _bold(text: str) -> str:
    """The first line stands out, unless something in it is set already or would end the mark too early."""
    first, newline, rest = text.partition("\n")
    first = first.strip()
    return text if not first or "`" in first or "*" in first else f"*{first}*{newline}{rest}"


def _bare(text: str) -> str:
    """Without fences: no value holds a backtick, so each is a mark of ours."""
    return "\n".join(line.replace(_FENCE, "") for line in text.split("\n") if line != _FENCE)


def _parts(lines: Sequence[str], arranged: Arrangement, *, is_bounded: bool = False) -> tuple[str, ...]:
    """The texts one after another. What stands above buttons or below a picture is short: the rest goes before it."""
    lines = lines or [_NOTHING]
    if arranged.kind is Kind.NUMBERS and arranged.rows:
        lines = [*lines, "\n".join(f"{choice.number}: {literal(choice.label)}" for choice in arranged.choices)]
    if arranged.kind is Kind.NUMBERS and not is_bounded:
        return parts.joined(lines, MOST_CHARACTERS - _BOLD, _cut, size)
    most = MOST_IN_BODY - _BOLD
    chunks = [chunk for line in lines for chunk in ([line] if size(line) <= most else _cut(line, most))]
    last = [chunks.pop()]
    while chunks and size("\n".join([chunks[-1], *last])) <= most:
        last.insert(0, chunks.pop())
    return (*parts.joined(chunks, MOST_CHARACTERS - _BOLD, _cut, size), "\n".join(last))


def _cut(piece: str, most: int) -> list[str]:
    """A text that is too long by itself, cut between its lines, else its words; a fence is closed and opened again."""
    room = most - 2 * (len(_FENCE) + 1)
    chunks: list[list[str]] = [[]]
    is_fenced = False
    for line in piece.split("\n"):
        for bit in [line] if size(line) <= room else _words(line, room):
            if bit == _FENCE:
                is_fenced = not is_fenced
            elif chunks[-1] and size("\n".join([*chunks[-1], bit])) > room:
                if is_fenced and chunks[-1][-1] == _FENCE:
                    chunks[-1].pop()  # nothing follows it here
                elif is_fenced:
                    chunks[-1].append(_FENCE)
                chunks.append([_FENCE] if is_fenced else [])
            chunks[-1].append(bit)
    return [text for chunk in chunks if (text := "\n".join(chunk)).strip()]


def _words(line: str, most: int) -> list[str]:
    """A line cut between words, never within a token."""
    pieces = [""]
    for word in _WORD.findall(line):
        for bit in [word] if size(word) <= most else _slices(word, most // 2):
            joined = f"{pieces[-1]} {bit}".strip()
            if size(joined) <= most:
                pieces[-1] = joined
            else:
                pieces.append(bit)
    return pieces


def _slices(word: str, length: int) -> list[str]:
    return [word[start : start + length] for start in range(0, len(word), length)]
