"""What a script may do about a markup: look what is asked for, preview it, set it. One call each, within the turn."""

import dataclasses
import json
from dataclasses import dataclass

from bot.conversation import pricing
from bot.conversation.command import need_owner
from bot.conversation.pricing import DROP, Bounds, Wanted
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Effect, Says, Turn
from bot.domain import stored
from bot.domain.message import Message, Option, Text
from bot.services import people, prices


@dataclass(frozen=True, slots=True)
class Named:
    """A change as its order named it: the agent's code ('' for everybody) and the amount (0 for all)."""

    agent: str
    denomination: int

    def wanted(self, turn: Turn) -> Wanted:
        """With the agent as he is now."""
        return Wanted(people.find_agent(turn.tx, self.agent) if self.agent else None, self.denomination)


@dataclass(frozen=True, slots=True)
class Question:
    """The question for a markup, and what it may be. Rupiah."""

    message: Message
    bounds: Bounds


class AskedFor(Effect[Question]):
    """The question for the markup."""

    def __init__(self, named: Named) -> None:
        self.name = "asked_for"
        self.named = named

    def perform(self, turn: Turn) -> Question:
        """With what holds now."""
        return Question(pricing.asked(turn, self.named.wanted(turn)), Bounds.of(turn.shop))

    def dump(self, value: Question) -> str:
        """All of it."""
        return json.dumps([stored.encode(value.message), value.bounds.rebate, value.bounds.cap])

    def load(self, turn: Turn, logged: str) -> Question:
        """All of it back."""
        message, *bounds = json.loads(logged)
        return Question(stored.decode(message), Bounds(*bounds))


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
        was = prices.own(turn.tx, wanted.scope)
        said = pricing.preview(turn, wanted, typed)
        return Looked(said, not said.options, was)

    def dump(self, value: Looked) -> str:
        """All of it."""
        return json.dumps([stored.encode(value.message), value.is_possible, value.was])

    def load(self, turn: Turn, logged: str) -> Looked:
        """All of it back."""
        message, is_possible, was = json.loads(logged)
        return Looked(stored.decode(message), is_possible, was)


class Set(Says):
    """The change, once whoever was shown its preview says so."""

    def __init__(self, named: Named, answer: str, was: int | None) -> None:
        self.name = "set"
        self.named = named
        self.answer = answer
        self.was = was

    def perform(self, turn: Turn) -> Message:
        """One unit with the turn; a chat that is an owner's no more changes nothing."""
        need_owner(turn)
        return pricing.changed(turn, self.named.wanted(turn), _typed(self.answer), self.was)


def how_much(question: Question) -> Ask:
    """The markup: one of the usual ones, any other that is typed within the bounds, or none of its own."""
    message = dataclasses.replace(question.message, options=(*question.message.options, CANCEL))

    def parse(text: str) -> str | None:
        return None if question.bounds.refusal(text) else pricing.rupiah(text)

    def refusal(text: str) -> Text:
        return question.bounds.refusal(text) or Text("mark.ask_how")

    return Ask("mark.ask", message, parse=parse, given="rupiah", refusal=refusal)


def sure(preview: Message) -> Ask:
    """Whether it is to be so."""
    message = dataclasses.replace(preview, options=(Option("correct", Text("btn.keep")), CANCEL))
    return Ask("mark.preview", message, refusal=lambda _: preview.text)


def _typed(answer: str) -> int | None:
    return None if answer == DROP else int(answer)
