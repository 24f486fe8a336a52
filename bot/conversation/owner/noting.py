"""What an owner does about notes on a sale: answers them through the shop, or closes them."""

from bot.conversation import grammar
from bot.conversation.command import Begin, need_owner
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Says, Turn
from bot.domain.message import Message, Text
from bot.domain.purchase import Purchase
from bot.services import notes, notices

_ANSWER = ("jawab", "balas", "answer", "reply")
_CLOSE = ("tutup", "selesai", "close")
_SHORTEST = 2
_BACK = notices.option("notes", "catatan")


def begins(turn: Turn, rest: str) -> Begin | None:
    """`catatan T10482 jawab`, with or without the words."""
    number, word, words = _parts(rest)
    found = sale(turn, number)
    if found is None or word not in _ANSWER or not notes.waiting_of(turn.tx, found):
        return None
    return Begin("reply", {"sale": found.sale} | ({"words": words} if words else {}))


def done(turn: Turn, rest: str) -> Message | None:
    """`catatan T10482 tutup`; None for anything that only looks."""
    number, word, _ = _parts(rest)
    found = sale(turn, number)
    if found is None or word not in (*_CLOSE, *_ANSWER):
        return None
    if word in _CLOSE and notes.close(turn.tx, found, turn.person.acting, turn.now):
        return Message(Text("own.note_closed", {"sale": found.sale}), options=(_BACK,))
    return Message(Text("own.note_none", {"sale": found.sale}), options=(_BACK,))


def _parts(rest: str) -> tuple[str, str, str]:
    number, _, more = rest.partition(" ")
    word, _, words = more.strip().partition(" ")
    return number, word.casefold(), words.strip()


def sale(turn: Turn, number: str) -> Purchase | None:
    """Any sale of the shop, by its number."""
    digits = number.casefold().removeprefix("t")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9):
        return None
    return turn.tx.one(Purchase, "purchase_by_id", id=int(digits))


def question(sale: str) -> Ask:
    """One message of the owner's own."""
    asked = Text("own.note_ask", {"sale": sale})
    return Ask("own.note_ask", Message(asked, options=(CANCEL,)), parse=_words, given="words", refusal=lambda _: asked)


def _words(text: str) -> str | None:
    """Anything but a bare command, a yes or an order."""
    line = " ".join(text.split())
    read = grammar.read(line)
    is_command = isinstance(read, grammar.Command) and (not read.rest or line.startswith("/"))
    is_other = isinstance(read, grammar.Order) or line.casefold() in grammar.YES
    return None if is_command or is_other or len(line) < _SHORTEST else line[: notes.LONGEST]


class Reply(Says):
    """Answer what is noted on the sale, once: the note's chats read it, and the note is closed."""

    def __init__(self, sale: str, text: str) -> None:
        self.name = "note_reply"
        self.sale = sale
        self.text = text

    def perform(self, turn: Turn) -> Message:
        """One unit with the turn; a chat that is an owner's no more answers nothing."""
        need_owner(turn)
        found = sale(turn, self.sale)
        if found is None:
            raise LookupError(f"no sale {self.sale}")
        sent = notes.answer(turn.tx, found, self.text, turn.person.acting, turn.now)
        key = "own.note_answered" if sent else "own.note_none"
        return Message(Text(key, {"sale": found.sale}), options=(_BACK,))
