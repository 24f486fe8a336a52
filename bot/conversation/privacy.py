"""`hapus`: a customer has what the shop knows of him forgotten; a seller hears what becomes of what he types."""

from bot.conversation import grammar
from bot.conversation.command import Begin
from bot.conversation.script import Ask, Effect, Turn
from bot.domain.message import Message, Option, Text
from bot.domain.people import Role
from bot.services import erasure, notices


def begins(turn: Turn, _: str) -> Begin | None:
    """A customer is asked first."""
    return Begin("erase", {}) if turn.person.role is Role.CUSTOMER else None


def sellers(turn: Turn, _: str) -> list[Message]:
    """An account's books are its owner's matter; what was typed goes by itself."""
    key = "privacy.owner" if turn.person.role is Role.OWNER else "privacy.seller"
    said = Text(key, {"texts": turn.shop.keeps.texts, "messages": turn.shop.keeps.messages})
    return [Message(said, options=(notices.option("menu", "menu"),))]


def sure() -> Ask:
    """What goes and what stays, before anything does."""
    options = (Option("erase", Text("btn.erase")), Option("cancel", Text("btn.cancel")))
    question = Message(Text("privacy.ask"), (Text("privacy.stays"), Text("privacy.first")), options)
    return Ask("erase.sure", question, parse=lambda text: "erase" if text.casefold() in grammar.YES else None)


class Erase(Effect[None]):
    """Forget the chat; the answer to it still arrives."""

    def __init__(self) -> None:
        self.name = "erase"

    def perform(self, turn: Turn) -> None:
        """One unit with the turn; whoever sells by now is an account's chat, and stays."""
        if turn.person.role is Role.CUSTOMER:
            erasure.erase(turn.tx, turn.person.conversation_id, turn.shop, turn.now)

    def load(self, turn: Turn, logged: str) -> None:
        """Nothing comes of it."""
