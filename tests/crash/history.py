"""What people typed and what they read, one JSON record a line, appended by processes that may be killed at any byte.

The platform's side of a chat: it outlives every kill, and with the supplier's books it is all that the checker sees.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Typed:
    """A line as somebody typed it. `intent` names the order that it belongs to; `confirms` where it pays for one."""

    id: str
    who: str
    text: str
    at: int
    intent: str = ""
    confirms: bool = False
    copies: int = 1  # how often the platform delivers it at once


@dataclass(frozen=True, slots=True)
class Read:
    """A message as somebody read it; `pay` is the id of its payment button, `reply_to` the line that it answers."""

    to: str
    key: str
    text: str
    reply_to: str
    pay: str
    at: int


@dataclass(frozen=True, slots=True)
class Taken:
    """The shop acknowledged a line: the platform need not deliver it again."""

    id: str


@dataclass(frozen=True, slots=True)
class Noted:
    """What befell the process, and words of the campaign to it (`stop`)."""

    what: str
    life: int
    at: int


Record = Typed | Read | Taken | Noted
_KINDS: dict[str, type[Typed] | type[Read] | type[Taken] | type[Noted]] = {
    kind.__name__: kind for kind in (Typed, Read, Taken, Noted)
}


class Pen:
    """Appends records; a record that a kill cuts short spoils no other, for each begins on a line of its own."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, record: Record) -> None:
        """One write, durable against a kill of this process when it returns."""
        line = json.dumps([type(record).__name__, asdict(record)], ensure_ascii=False)
        os.write(self._descriptor, f"\n{line}\n".encode())

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._descriptor)


class Tail:
    """Reads what was appended since the last look."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self._file = path.open("rb")
        self._rest = b""

    def new(self) -> Iterator[Record]:
        """Every whole record that is new, in order; what a kill cut short was never read by anybody."""
        *lines, self._rest = (self._rest + self._file.read()).split(b"\n")
        for line in lines:
            if line and (record := _record(line)) is not None:
                yield record

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()


def load(path: Path) -> list[Record]:
    """The whole history."""
    tail = Tail(path)
    try:
        return list(tail.new())
    finally:
        tail.close()


def _record(line: bytes) -> Record | None:
    try:
        kind, fields = json.loads(line)
    except ValueError:
        return None
    return _KINDS[kind](**fields)
