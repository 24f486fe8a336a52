"""Telegram's HTML: from marked-up text to plain text and entities, refused with the server's own words.

Works on bytes, because the server counts byte offsets in what it complains about and UTF-16 units in entities.
"""

from dataclasses import dataclass, field

from tests.telegram.double.wire import Json, Refused, bad

_TYPES = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "span": "spoiler", "tg-spoiler": "spoiler",
    "a": "text_link", "tg-emoji": "custom_emoji", "code": "code", "pre": "pre", "blockquote": "blockquote",
}  # fmt: skip
_NAMED = {b"lt": "<", b"gt": ">", b"amp": "&", b"quot": '"'}
_SPACE = b" \t\r\n\v\0"
_NAME = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"


def units(text: str) -> int:
    """The length that entities count in."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _wrong(words: str) -> Refused:
    return bad(f"can't parse entities: {words}")


@dataclass(slots=True)
class _Open:
    tag: str
    argument: str
    at: int  # in UTF-16 units
    start: int  # in parts


@dataclass(slots=True)
class _Reader:
    source: bytes
    at: int = 0
    parts: list[str] = field(default_factory=list)
    length: int = 0
    open: list[_Open] = field(default_factory=list)
    found: list[Json] = field(default_factory=list)

    def peek(self) -> bytes:
        return self.source[self.at : self.at + 1] or b"\0"

    def ended(self) -> bool:
        return self.at >= len(self.source)

    def spaces(self) -> None:
        while not self.ended() and self.peek() in _SPACE:
            self.at += 1

    def until_space_or_end(self) -> bytes:
        start = self.at
        while not self.ended() and self.peek() not in _SPACE and self.peek() != b">":
            self.at += 1
        return self.source[start : self.at]

    def put(self, text: str) -> None:
        self.parts.append(text)
        self.length += units(text)

    def read(self) -> tuple[str, list[Json]]:
        while not self.ended():
            here = self.peek()
            if here == b"&":
                self.put(self.reference())
            elif here != b"<":
                start = self.at
                while not self.ended() and self.peek() not in b"<&":
                    self.at += 1
                self.put(self.source[start : self.at].decode("utf-8", "replace"))
            elif self.source[self.at + 1 : self.at + 2] == b"/":
                self.end_tag()
            else:
                self.start_tag()
        if self.open:
            raise _wrong(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.parts), sorted(self.found, key=lambda one: (one["offset"], -one["length"]))

    def reference(self) -> str:
        """One `&…;`, or the sign itself where it begins none that the server knows."""
        end = self.at + 1
        while self.source[end : end + 1].isalnum() or self.source[end : end + 1] == b"#":
            end += 1
        name = self.source[self.at + 1 : end]
        sign = _NAMED.get(name, "")
        if name.startswith(b"#"):
            try:
                number = int(b"0" + name[1:], 0) if name[1:2] in {b"x", b"X"} else int(name[1:])
                sign = chr(number) if 0 < number <= 0x10FFFF and not 0xD800 <= number < 0xE000 else ""
            except ValueError:
                sign = ""
        if not sign:
            self.at += 1
            return "&"
        self.at = end + (self.source[end : end + 1] == b";")
        return sign

    def start_tag(self) -> None:
        begin = self.at
        self.at += 1
        name = self.until_space_or_end().decode("utf-8", "replace").lower()
        if self.ended():
            raise _wrong(f"Unclosed start tag at byte offset {begin}")
        if name not in _TYPES:
            raise _wrong(f'Unsupported start tag "{name}" at byte offset {begin}')
        argument = ""
        while self.peek() != b">":
            self.spaces()
            if self.peek() == b">":
                break
            argument = self.attribute(name, begin) or argument
        self.at += 1
        if name == "span" and argument != "tg-spoiler":
            raise _wrong(f'Tag "span" must have class "tg-spoiler" at byte offset {begin}')
        self.open.append(_Open(name, argument, self.length, len(self.parts)))

    def attribute(self, tag: str, begin: int) -> str:
        """Reads one attribute; returns its value if it is the one that the tag is read for."""
        start = self.at
        while not self.ended() and self.peek() not in _SPACE and self.peek() not in b"=>":
            self.at += 1
        name = self.source[start : self.at].decode("utf-8", "replace").lower()
        if not name:
            raise _wrong(f'Empty attribute name in the tag "{tag}" at byte offset {begin}')
        self.spaces()
        if self.ended():
            raise _wrong(f'Unclosed start tag "{tag}" at byte offset {begin}')
        if self.peek() != b"=":
            if tag == "blockquote" and name == "expandable":
                return ""
            raise _wrong(
                f'Expected equal sign in declaration of an attribute of the tag "{tag}" at byte offset {begin}'
            )
        self.at += 1
        self.spaces()
        if self.ended():
            raise _wrong(f'Unclosed start tag "{tag}" at byte offset {begin}')
        value = self.quoted() if self.peek() in b"'\"" else self.bare()
        if self.ended():
            raise _wrong(f"Unclosed start tag at byte offset {begin}")
        wanted = {"a": "href", "span": "class", "tg-emoji": "emoji-id", "code": "class"}
        return value if wanted.get(tag) == name else ""

    def quoted(self) -> str:
        quote = self.peek()
        self.at += 1
        parts = []
        while not self.ended() and self.peek() != quote:
            if self.peek() == b"&":
                parts.append(self.reference())
                continue
            start = self.at
            while not self.ended() and self.peek() != quote and self.peek() != b"&":
                self.at += 1
            parts.append(self.source[start : self.at].decode("utf-8", "replace"))
        self.at += not self.ended()
        return "".join(parts)

    def bare(self) -> str:
        start = self.at
        while not self.ended() and self.peek() in _NAME:
            self.at += 1
        if self.peek() not in _SPACE and self.peek() != b">":
            raise _wrong(f"Unexpected end of name token at byte offset {start}")
        return self.source[start : self.at].decode().lower()

    def end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise _wrong(f"Unexpected end tag at byte offset {begin}")
        self.at += 2
        name = self.until_space_or_end().decode("utf-8", "replace").lower()
        self.spaces()
        if self.peek() != b">":
            raise _wrong(f"Unclosed end tag at byte offset {begin}")
        self.at += 1
        opened = self.open[-1]
        if name and name != opened.tag:
            raise _wrong(f'Unmatched end tag at byte offset {begin}, expected "</{opened.tag}>", found "</{name}>"')
        self.open.pop()
        if self.length == opened.at:
            return
        entity: Json = {"type": _TYPES[opened.tag], "offset": opened.at, "length": self.length - opened.at}
        if opened.tag == "a":
            entity["url"] = opened.argument or "".join(self.parts[opened.start :])
            if not entity["url"].startswith(("http://", "https://", "tg://")):
                return  # shown without a link
        if opened.tag == "tg-emoji":
            if not opened.argument.isdigit():
                raise _wrong("Invalid custom emoji identifier specified")
            entity["custom_emoji_id"] = opened.argument
        self.found.append(entity)


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Plain text and entities."""
    return _Reader(source.encode("utf-8", "surrogatepass")).read()


def tidy(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """What the server does to every text: control characters become blanks, the edges are trimmed."""
    text = "".join(" " if ord(sign) < 32 and sign != "\n" else sign for sign in text.replace("\r", ""))
    kept = text.lstrip()
    lead = units(text[: len(text) - len(kept)])
    kept = kept.rstrip()
    shifted = []
    for one in entities:
        start = max(one["offset"] - lead, 0)
        end = min(one["offset"] + one["length"] - lead, units(kept))
        if end > start:
            shifted.append(one | {"offset": start, "length": end - start})
    return kept, shifted


def of_a_client(text: str) -> list[Json]:
    """The entities that a person's app finds: only commands matter to a bot."""
    if not text.startswith("/") or len(text.split(maxsplit=1)[0]) < 2:
        return []
    return [{"type": "bot_command", "offset": 0, "length": units(text.split(maxsplit=1)[0])}]
