"""The steps of a flow: what a script may await. A flow is a plain `async def` that is replayed from its log.

A step does nothing by itself; the engine performs it, logs its result, and feeds the log back at the next turn.
"""

from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from bot.domain import stored
from bot.domain.message import Message, Text
from bot.domain.people import Person
from bot.domain.rules import Shop
from bot.ports import Tx

T = TypeVar("T")

Flow = Callable[[], Awaitable[None]]

PHONE = "phone"  # the option that is answered with one's own phone number, shared or typed


@dataclass(frozen=True, slots=True)
class Turn:
    """What an effect works with: the unit, who is talking, and which message of theirs this answers."""

    tx: Tx
    person: Person
    shop: Shop
    now: int
    order_id: str


class Step(Generic[T]):
    """Something that a script awaits; `name` stands in the log and must not change while talks are open."""

    name: str

    def __await__(self) -> Generator["Step[Any]", Any, T]:
        """Hand the step to the engine and return what it made of it."""
        result: T = yield self
        return result

    def dump(self, value: T) -> str:
        """The result as the log keeps it."""
        return "" if value is None else str(value)

    def load(self, turn: Turn, logged: str) -> T:
        """The result back from the log."""
        raise LookupError(self.name)


class Say(Step[None]):
    """Say something; `progress` may change the question that was just answered, where a channel can."""

    def __init__(self, message: Message, *, progress: bool = False) -> None:
        self.name = "say"
        self.message = message
        self.progress = progress

    def load(self, turn: Turn, logged: str) -> None:
        """Nothing comes of saying."""


class Ask(Step[str]):
    """Ask, and wait for an option's key or for what `parse` makes of typed words.

    `given` names the answer that an order may have brought along; `yes` is asked instead after a plain yes; `refusal`
    answers what is neither; `quote_id` marks a payment, which takes its button or its own word and nothing else;
    `secret` a secret number, whose answer is the mark that stands for it; `values` are answers that options stand for
    which their keys must not say; `shared` a question that a shared phone answers, too, though no option says so.
    """

    def __init__(
        self,
        name: str,
        message: Message,
        *,
        parse: Callable[[str], str | None] | None = None,
        given: str = "",
        yes: Message | None = None,
        refusal: Callable[[str], Text] | None = None,
        quote_id: str | None = None,
        detail: tuple[Text, ...] = (),
        secret: bool = False,
        values: Mapping[str, str] | None = None,
        shared: bool = False,
    ) -> None:
        self.name = name
        self.message = message
        self.parse = parse
        self.given = given
        self.yes = yes
        self.refusal = refusal
        self.quote_id = quote_id
        self.detail = detail
        self.secret = secret
        self.values = values or {}
        self.takes_phone = shared or any(option.key == PHONE for option in message.options)

    def load(self, turn: Turn, logged: str) -> str:
        """The answer as it was accepted."""
        return logged


class Known(Step[bool]):
    """Whether the order brought this answer along."""

    def __init__(self, given: str) -> None:
        self.name = "known"
        self.given = given

    def load(self, turn: Turn, logged: str) -> bool:
        """As it was."""
        return logged == "True"


class Given(Step[str]):
    """What the order brought along under this name, or ''."""

    def __init__(self, given: str) -> None:
        self.name = "given"
        self.given = given

    def load(self, turn: Turn, logged: str) -> str:
        """As it was."""
        return logged


class Effect(Step[T]):
    """Something that the business does at once, within the turn's own unit."""

    def perform(self, turn: Turn) -> T:
        """Do it."""
        raise LookupError(self.name)


class Says(Effect[Message]):
    """An effect that ends in something to say."""

    def dump(self, value: Message) -> str:
        """The message."""
        return stored.encode(value)

    def load(self, turn: Turn, logged: str) -> Message:
        """The message back."""
        return stored.decode(logged)


class MaySay(Effect[Message | None]):
    """An effect that ends in something to say, or in None where the script goes on."""

    def dump(self, value: Message | None) -> str:
        """The message, or ''."""
        return stored.encode(value) if value else ""

    def load(self, turn: Turn, logged: str) -> Message | None:
        """The message back, or None."""
        return stored.decode(logged) if logged else None


class Remote(Step[T]):
    """Something that waits for the network: done outside the turn, answered by a later one. `input` is its order."""

    input: str
