"""What happens to every tiny shop, careful or careless, on any platform; and what is true of orders on each."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from tests.double.clock import Clock

C = TypeVar("C")
S = TypeVar("S")


@dataclass(slots=True)
class Account(Generic[C]):
    """What people wanted and what they had to suffer, as the story noted it."""

    orders: list[tuple[C, str]]  # the bot's business table
    intended: list[tuple[C, str]] = field(default_factory=list)
    waited: list[str] = field(default_factory=list)  # who had to wait for somebody else

    def noted(self) -> set[str]:
        """Who waited, and whether the orders are those that were meant, each once."""
        found = set(self.waited)
        placed = Counter(self.orders)
        if placed.keys() - set(self.intended):
            found.add("acted on a stale tap")
        if any(count > 1 for count in placed.values()):
            found.add("doubled an order")
        if set(self.intended) - placed.keys():
            found.add("lost an order")
        return found


class Person(Protocol[S]):
    """Somebody with a phone."""

    def mark(self) -> int: ...

    def say(self, text: str) -> object: ...

    def tap(self, wanted: str, message: S, *, copies: int = 1, new_ids: bool = False) -> object: ...

    async def sees(self, wanted: str, *, after: int, timeout: float) -> S: ...  # noqa: ASYNC109


P = TypeVar("P", bound=Person[Any])


class Story(Generic[P, S]):
    """`patience` is how many real seconds whoever waits for nobody is given to be served."""

    def __init__(self, clock: Clock, patience: float) -> None:
        self.clock, self.patience = clock, patience

    def person(self, name: str) -> P:
        """Somebody new."""
        raise NotImplementedError

    def intend(self, person: P, card: S) -> None:
        """Note that this is meant to be paid."""
        raise NotImplementedError

    async def reached(self, condition: Callable[[], bool]) -> None:
        """The story has come so far, or never will."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience):
                while not condition():
                    await self.clock.wait(0.2)

    async def is_answered(self, person: P, after: int = 0) -> S | None:
        """A question appears; if it does not, the checker will say so."""
        with suppress(AssertionError):
            shown: S = await person.sees("Bayar", after=after, timeout=self.patience)
            return shown
        return None

    async def taps(self) -> None:
        """An old question, then the newest, again and again."""
        person = self.person("Tapper")
        person.say("beli")
        first = await self.is_answered(person)
        mark = person.mark()
        person.say("beli")
        second = await self.is_answered(person, mark)
        if first is None or second is None:
            return
        person.tap("Bayar", first)
        self.intend(person, second)
        person.tap("Bayar", second, copies=3, new_ids=True)
        person.tap("Bayar", second, copies=3)
