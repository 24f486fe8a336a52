"""Named points around every commit, call and message of a shop's process, without a hook in it: its store, supplier
and channel are wrapped. Each passage is on record; at the chosen one the process kills itself.
"""

import asyncio
import contextvars
import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from bot.domain.message import Message
from bot.domain.supply import Reply, Request
from bot.messaging.channel import Channel, Local, Result
from bot.messaging.inbox import Inbound, InboxRow
from bot.messaging.outbox import Outgoing
from bot.store.sqlite import SqliteStore, SqliteTx
from bot.vsi import messages
from bot.vsi.client import VsiClient

T = TypeVar("T")
P = ParamSpec("P")

Unit = Callable[Concatenate[SqliteTx, P], T]

# what the running task asked the supplier last: tells the storing of a payment's answer from an advice's
_asked = contextvars.ContextVar("_asked", default="")


class Points:
    """Counts passages by name and writes each down; ends the process at the n-th of the chosen name."""

    def __init__(self, record: Path, name: str = "", passage: int = 0) -> None:
        self._descriptor = os.open(record, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self._chosen = (name, passage)
        self._passed: Counter[str] = Counter()

    def __call__(self, name: str) -> None:
        self._passed[name] += 1
        os.write(self._descriptor, f"{name}\n".encode())
        if (name, self._passed[name]) == self._chosen:
            os.kill(os.getpid(), signal.SIGKILL)


class PointedStore(SqliteStore):
    """A store whose every unit passes a point before it, inside its transaction, and after its commit."""

    def __init__(self, store: SqliteStore, point: Points) -> None:
        super().__init__(store.path, store._writer, store._reader)
        self._point = point

    async def write(self, unit: Unit[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        name = _name(unit, args)

        def passed(tx: SqliteTx, /, *rest: P.args, **named: P.kwargs) -> T:
            result = unit(tx, *rest, **named)
            if inner := _inner(name, result):
                self._point(f"inside {inner}")
            return result

        self._point_unless_idle(f"before {name}", name)
        result = await super().write(passed, *args, **kwargs)
        if inner := _inner(name, result):
            self._point(f"after {inner}")
        return result

    async def settle(self) -> None:
        """Let the units that wait be written; the store underneath, which does not know of them, closes afterwards."""
        while self._flusher is not None:
            await asyncio.wait([self._flusher])

    def _point_unless_idle(self, point: str, name: str) -> None:
        if name not in _MOSTLY_IDLE:
            self._point(point)


class PointedSupplier(VsiClient):
    """A client that passes a point before it asks and after it has read the answer."""

    point: Points

    async def send(self, request: Request) -> Reply:
        command = messages.parameters(request)["command"]
        _asked.set(command)
        self.point(f"before {command} is sent")
        reply = await super().send(request)
        self.point(f"after {command} was answered")
        return reply


class PointedChannel(Local):
    """A channel that passes a point before a message is shown and after."""

    def __init__(self, channel: Channel, point: Points) -> None:
        self.name = channel.name
        self._channel = channel
        self._point = point

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        self._point(f"before {message.key} is shown")
        outcome = await self._channel.send(outgoing, message)
        self._point(f"after {message.key} was shown")
        return outcome


# these run on every scan and mostly find nothing; only where they do something are they points
_MOSTLY_IDLE = ("purchasing.begin_probe", "purchasing.doubt_restored", "retention.forget")


def _name(unit: Callable[..., Any], args: tuple[Any, ...]) -> str:
    """The unit by module and function, with what tells its uses apart."""
    name = f"{unit.__module__.rpartition('.')[2]}.{unit.__name__.lstrip('_')}"
    rest = [one for one in args if not callable(one)]
    match name, rest:
        case "inbox.put", [Inbound() as item, *_]:
            return f"{name} {_sort(item.kind, item.text)}"
        case "inbox.handle", [InboxRow() as row, *_]:
            return f"{name} {_sort(row.kind, row.text)}"
        case "sender.note_and_claim", [[(Outgoing() as first, _, _), *_], *_]:
            return f"sender.note {first.message.key}"
        case "sender.note_and_claim", [[], [Outgoing() as first, *_], *_]:
            return f"sender.claim {first.message.key}"
        case _ if name.endswith(".complete"):
            return f"{name} {_asked.get()}"
    return name


def _inner(name: str, result: object) -> str:
    """The point within and after a unit; none where it found nothing to do."""
    return "" if name in _MOSTLY_IDLE and not result else name


def _sort(kind: str, text: str) -> str:
    if kind == "internal":
        return "effect"
    word = text.partition(" ")[0]
    return "order" if word.isdigit() else "tap" if "." in word else word
