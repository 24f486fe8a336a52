"""What a script may do about a markup: look what is asked for, preview it, set it. One call each, within the turn."""

import dataclasses
import json
from dataclasses import dataclass

from bot.conversation import pricing
from bot.conversation.pricing import DROP, Wanted
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Effect, Turn
from bot.domain import stored
from bot.domain.message import Message, Option, Text
from bot.domain.people import Role
from bot.services import people, prices


@dataclass(frozen=True, slots=True)
class Named:
    """A change as its order named it: the agent's code ('' for everybody) and the amount (0 for all)."""

    agent: str
    denomination: int

    def wanted(self, turn: Turn) -> Wanted:
        """With the agent as he is now."""
        return Wanted(people.find_agent(turn.tx, self.agent) if self.agent else None, self.denomination)


class AskedFor(Effect[Message]):
    """The question for the markup."""

    def __init__(self, named: Named) -> None:
        self.name = "asked_for"
        self.named = named

    def perform(self, turn: Turn) -> Message:
        """With what holds now."""
        return pricing.asked(turn, self.named.wanted(turn))

    def dump(self, value: Message) -> str:
        """The message."""
        return stored.encode(value)

    def load(self, turn: Turn, logged: str) -> Message:
        """The message back."""
        return stored.decode(logged)


@dataclass(frozen=True, slots=True)
class Looked:
    """What a change would do, whether it can be made, and what was set for just that before."""

    message: Message
    is_possible: bool
    was: int | None


class Look(Effect[Looked]):
    """The preview of a change, or why it is none."""

    def __init__(self, named: Named, answer: str) -> None:
        self.name = "look"
        self.named = named
        self.answer = answer

    def perform(self, turn: Turn) -> Looked:
        """By what is set now."""
        wanted, typed = self.named.wanted(turn), _typed(self.answer)
        refusal = None if typed is None else pricing.refused(typed, turn.shop)
        was = prices.own(turn.tx, wanted.scope)
        said = refusal or pricing.preview(turn, wanted, typed)
        return Looked(said, not said.options, was)

    def dump(self, value: Looked) -> str:
        """All of it."""
        return json.dumps([stored.encode(value.message), value.is_possible, value.was])

    def load(self, turn: Turn, logged: str) -> Looked:
        """All of it back."""
        message, is_possible, was = json.loads(logged)
        return Looked(stored.decode(message), is_possible, was)


class Set(Effect[Message]):
    """The change, once whoever was shown its preview says so."""

    def __init__(self, named: Named, answer: str, was: int | None) -> None:
        self.name = "set"
        self.named = named
        self.answer = answer
        self.was = was

    def perform(self, turn: Turn) -> Message:
        """One unit with the turn; a chat that is an owner's no more changes nothing."""
        if turn.person.role is not Role.OWNER:
            raise LookupError(f"no markups for {turn.person.acting}")
        return pricing.changed(turn, self.named.wanted(turn), _typed(self.answer), self.was)

    def dump(self, value: Message) -> str:
        """The message."""
        return stored.encode(value)

    def load(self, turn: Turn, logged: str) -> Message:
        """The message back."""
        return stored.decode(logged)


def how_much(question: Message) -> Ask:
    """The markup: one of the usual ones, any other that is typed, or none of its own."""
    options = (*question.options, CANCEL)
    message = dataclasses.replace(question, options=options)
    return Ask("mark.ask", message, parse=pricing.rupiah, given="rupiah", refusal=lambda _: Text("mark.ask_how"))


def sure(preview: Message) -> Ask:
    """Whether it is to be so."""
    message = dataclasses.replace(preview, options=(Option("correct", Text("btn.keep")), CANCEL))
    return Ask("mark.preview", message, refusal=lambda _: preview.text)


def _typed(answer: str) -> int | None:
    return None if answer == DROP else int(answer)
