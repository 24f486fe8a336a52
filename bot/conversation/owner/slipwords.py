"""What an owner puts on every receipt: shown on 32 columns before it is kept."""

import json
from collections.abc import Callable

from bot.conversation.command import Begin, need_owner
from bot.conversation.script import Ask, Effect, Turn
from bot.documents import receipt
from bot.domain.message import Block, Message, Option, Text
from bot.domain.people import Role
from bot.services import notices, wording

_NAMES = ("teks", "text", "words")
_FIELDS = {
    "kepala": "heading",
    "heading": "heading",
    "header": "heading",
    "alamat": "address",
    "address": "address",
    "telepon": "phone",
    "telp": "phone",
    "hp": "phone",
    "phone": "phone",
    "pesan": "footer",
    "kaki": "footer",
    "footer": "footer",
    "note": "footer",
}
_NONE = ("-", "hapus", "remove")


def _asked(turn: Turn, rest: str) -> str | None:
    """What follows `struk teks`; None for anybody but an owner, and for other words."""
    first, _, more = rest.partition(" ")
    return more.strip() if turn.person.role is Role.OWNER and first.casefold() in _NAMES else None


def begins(turn: Turn, rest: str) -> Begin | None:
    """`struk teks kepala Toko Induk` asks before it is kept; with words that cannot be printed it says so instead."""
    named = _change(_asked(turn, rest) or "")
    return Begin("slip", {"field": named[0], "text": named[1]}) if named is not None else None


def or_receipt(
    receipts: Callable[[Turn, str], list[Message]],
) -> Callable[[Turn, str], list[Message]]:
    """`struk teks` is about the words on all receipts, anything else about one of them."""

    def answer(turn: Turn, rest: str) -> list[Message]:
        asked = _asked(turn, rest)
        if asked is None:
            return receipts(turn, rest)
        menu = notices.option("menu", "menu")
        if asked:
            return [Message(Text("slip.signs"), (Text("slip.how"),), (notices.option("slip", "struk teks"), menu))]
        shown = receipt.words_alone(wording.current(turn.tx))
        lines = (Text("receipt.block", {"receipt": Block(shown)}),) if shown else (Text("slip.empty"),)
        return [Message(Text("slip.card"), (*lines, Text("slip.how")), (menu,))]

    return answer


def _change(asked: str) -> tuple[str, str] | None:
    """Which of them, and its words as they would be printed; '' takes it away."""
    first, _, text = asked.partition(" ")
    field = _FIELDS.get(first.casefold())
    if field is None or not text.strip():
        return None
    words = "" if text.strip().casefold() in _NONE else wording.clean(field, text)
    return None if words is None else (field, words)


class Shown(Effect[str]):
    """How it would look."""

    def __init__(self, field: str, text: str) -> None:
        self.name = "shown"
        self.field = field
        self.text = text

    def perform(self, turn: Turn) -> str:
        """The shop's words with this one changed."""
        return receipt.words_alone(wording.changed(turn.tx, self.field, self.text))

    def dump(self, value: str) -> str:
        """As lines."""
        return json.dumps(value)

    def load(self, turn: Turn, logged: str) -> str:
        """The lines back."""
        return str(json.loads(logged))


class Keep(Effect[None]):
    """Say so on every receipt from now on."""

    def __init__(self, field: str, text: str) -> None:
        self.name = "keep_words"
        self.field = field
        self.text = text

    def perform(self, turn: Turn) -> None:
        """One unit with the turn; a chat that is an owner's no more changes nothing."""
        need_owner(turn)
        wording.keep(turn.tx, self.field, self.text, turn.person.acting, turn.now)

    def load(self, turn: Turn, logged: str) -> None:
        """Nothing comes of it."""


def sure(shown: str) -> Ask:
    """The preview, and whether it is to be kept."""
    options = (Option("correct", Text("btn.slip_keep")), Option("cancel", Text("btn.cancel")))
    lines = (Text("receipt.block", {"receipt": Block(shown)}),) if shown else (Text("slip.empty"),)
    question = Text("slip.ask")
    return Ask("slip.ask", Message(question, lines, options), refusal=lambda _: question)


def kept() -> Message:
    """It is on every receipt from now on."""
    return Message(Text("slip.done"), options=(notices.option("slip", "struk teks"), notices.option("menu", "menu")))
