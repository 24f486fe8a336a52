"""The questions after a sale: what is wrong with it, what the meter shows; and what is typed instead of a tap."""

import re

from bot.conversation import grammar
from bot.conversation.command import Begin
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Turn
from bot.domain.message import Message, Option, Text
from bot.domain.purchase import Purchase
from bot.services.notes import LONGEST, Kind
from bot.services.refused import Display

_SALE = re.compile(r"(?P<sale>t?\d{1,9})(?:\s+(?P<words>.*))?", re.IGNORECASE)
_DISPLAYS = {
    Display.ACCEPTED: "benar accepted berhasil diterima",
    Display.WRONG: "gagal salah failed wrong incorrect reject rejected ditolak",
    Display.USED: "used terpakai bekas dipakai",
    Display.OVER: "over overload lebih limit",
    Display.CHECK: "periksa",
    Display.UNKNOWN: "lupa kosong",
}
_DISPLAY = {word: display for display, words in _DISPLAYS.items() for word in words.split()}
_DISPLAY |= dict.fromkeys(("tidak tahu", "gak tahu", "tak tahu", "don't know", "dont know"), Display.UNKNOWN)
_DISPLAY |= {"sudah terpakai": Display.USED, "sudah dipakai": Display.USED, "gagal / salah": Display.WRONG}
_KINDS = {
    Kind.REFUSED: ("ditolak", "token ditolak", "token ditolak meter", "refused", "meter refuses it"),
    Kind.MISSING: ("belum", "belum datang", "token belum datang", "missing", "no token", "no token yet"),
    Kind.WRONG: ("salah meter", "wrong meter"),
    Kind.OTHER: ("lainnya", "lain", "other"),
}
_KIND = {phrase: kind for kind, phrases in _KINDS.items() for phrase in phrases}
_DIGIT = re.compile(r"\d")
_OWN_WORDS = 4  # characters, of which a complaint in one's own words has at least so many


def given(rest: str) -> dict[str, str]:
    """What a command brought along: the sale's number, and the words behind it."""
    match = _SALE.fullmatch(rest)
    sale, words = (match["sale"], match["words"] or "") if match else ("", rest)
    return {name: value for name, value in (("sale", sale), ("words", words)) if value}


def begins(_turn: Turn, rest: str) -> Begin:
    """`komplain T10482`, with or without what is wrong."""
    return Begin("complain", given(rest))


def begins_advice(_turn: Turn, rest: str) -> Begin:
    """`ditolak`, `ditolak T10482`, `ditolak T10482 gagal`."""
    return Begin("refused", given(rest))


def display(given: str = "") -> Ask:
    """*wiz.ask*: what the meter shows; `given` names what may have been brought along."""
    options = tuple(Option(key, Text(f"btn.{name}")) for key, name in ((one.value, f"shows_{one}") for one in Display))
    message = Message(Text("wiz.ask"), options=options, opener=Text("btn.choose_display"))
    return Ask("wiz.ask", message, parse=_display, given=given, refusal=lambda _: Text("wiz.ask"))


def _display(text: str) -> str | None:
    found = _DISPLAY.get(" ".join(text.casefold().split()))
    return found.value if found is not None else None


def reason(sale: Purchase) -> Ask:
    """*cmp.reason*: a kind, or what is wrong in words; `kind_of` reads what was brought along."""
    options = tuple(Option(key, Text(f"btn.{name}")) for key, name in ((one.value, f"wrong_{one}") for one in Kind))
    message = Message(Text("cmp.reason", {"sale": sale.sale}), options=(*options, CANCEL))
    return Ask("cmp.reason", message, parse=_reason)


def _reason(text: str) -> str | None:
    found = kind_of(text)
    if found is None and _display(text) not in (None, Display.UNKNOWN):
        found = Kind.REFUSED  # the meter's word: what it means comes next
    return found.value if found is not None else _in_words(text)


def _in_words(text: str) -> str | None:
    """What is wrong, told instead of chosen; not what can be read as anything that names a sale or a meter."""
    read, line = grammar.read(text), " ".join(text.split())
    is_words = read is None or (isinstance(read, grammar.Command) and read.rest and not _DIGIT.search(read.rest))
    return line[:LONGEST] if is_words and len(line) >= _OWN_WORDS and not line.startswith("/") else None


def kind_of(words: str) -> Kind | None:
    """The reason that typed words name, if they are one."""
    return _KIND.get(" ".join(words.casefold().split()))


def own_words() -> Ask:
    """One line of the complainer's own; a bare command stays a command, a sentence that begins like one does not."""

    def parse(text: str) -> str | None:
        line = " ".join(text.split())
        read = grammar.read(line)
        is_command = isinstance(read, grammar.Command) and (not read.rest or line.startswith("/"))
        return None if is_command or len(line) < _OWN_WORDS else line[:LONGEST]

    return Ask(
        "cmp.text", Message(Text("cmp.text"), options=(CANCEL,)), parse=parse, refusal=lambda _: Text("cmp.text")
    )
