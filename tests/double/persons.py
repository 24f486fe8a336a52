"""What people with phones have in common on any platform: how they look at them, and a picture that they send.

Whoever waits for something to appear waits for an event, never for time to pass.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol, TypeVar

from tests.double.clock import Signal

# a JPEG's beginning and end: enough for everybody who only looks at what it is
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(64) + b"\xff\xd9"


class Shown(Protocol):
    """A message on a phone."""

    text: str


S = TypeVar("S", bound=Shown)
S_co = TypeVar("S_co", bound=Shown, covariant=True)


class Phone(Protocol[S_co]):
    """What somebody looks at; `changed` fires with everything that happens there."""

    changed: Signal

    def newest(self, fits: Callable[[S_co], bool], after: int = 0) -> S_co | None:
        """The newest message that fits, if it came or changed after that mark."""


class Person(Protocol):
    """Who looks."""

    @property
    def name(self) -> str:
        """What a failure calls this person."""

    def drawn(self) -> str:
        """The screen for whoever reads a failure."""


async def sees(
    person: Person, phone: Phone[S], wanted: str | Callable[[S], bool], after: int, seconds: float
) -> S:  # fmt: skip
    """The newest message that contains the words, or fits; waits until there is one."""
    fits = (lambda one: wanted in one.text) if isinstance(wanted, str) else wanted
    await until(person, phone, lambda: phone.newest(fits, after) is not None, seconds, wanted)
    shown = phone.newest(fits, after)
    assert shown is not None
    return shown


async def until(
    person: Person, phone: Phone[S], condition: Callable[[], bool], seconds: float,
    wanted: object = "what the test waits for",
) -> None:  # fmt: skip
    """Wait for anything that changes together with this phone."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                changed = phone.changed.future()
                if condition():
                    changed.cancel()
                    return
                await changed
    except TimeoutError:
        raise AssertionError(f"{person.name} does not see {wanted!r}, but:\n{person.drawn()}") from None
