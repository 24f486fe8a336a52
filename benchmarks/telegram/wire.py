"""HTTP/1.1 on loopback with as little work as it can be done: the load must not compete with the bot for the machine.

Understands what HTTP libraries send and answer with a Content-Length; anything else fails loudly. Not for real use.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Answer = Callable[[str, str, bytes], bytes]  # path, content type, body → JSON
_HEAD_END = b"\r\n\r\n"
_RETRY_SECONDS = 0.02


class WireError(Exception):
    """A peer spoke HTTP that this module does not know."""


@dataclass(slots=True)
class _Message:
    first_line: str
    content_type: str
    length: int
    closes: bool
    body_at: int


def _head(data: bytearray) -> _Message | None:
    """The head of the message at the start of the data, once it is complete."""
    end = data.find(_HEAD_END)
    if end < 0:
        return None
    first, *lines = data[:end].decode("latin-1").split("\r\n")
    message = _Message(first, "", 0, False, end + len(_HEAD_END))
    for line in lines:
        name, _, value = line.partition(":")
        match name.lower():
            case "content-length":
                message.length = int(value)
            case "content-type":
                message.content_type = value.strip()
            case "connection":
                message.closes = value.strip().lower() == "close"
            case "transfer-encoding":
                raise WireError(f"a body in chunks: {first}")
    return message


class Listener(asyncio.Protocol):
    """One connection of the bot to its Bot API: each request is answered at once, with 200 and JSON."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._data = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._data += data
        while (request := _head(self._data)) and len(self._data) >= request.body_at + request.length:
            body = bytes(self._data[request.body_at : request.body_at + request.length])
            del self._data[: request.body_at + request.length]
            path = request.first_line.split(" ", 2)[1]
            answered = self._answer(path, request.content_type, body)
            head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(answered)}\r\n\r\n"
            assert self._transport is not None
            self._transport.write(head.encode() + answered)
            if request.closes:
                self._transport.close()


class _Line(asyncio.Protocol):
    """One connection to a webhook, one POST at a time."""

    def __init__(self, courier: "Courier") -> None:
        self._courier = courier
        self._data = bytearray()
        self.transport: asyncio.Transport | None = None
        self.carries: bytes | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def post(self, request: bytes) -> None:
        assert self.transport is not None
        self.carries = request
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self._data += data
        answer = _head(self._data)
        if answer is None or len(self._data) < answer.body_at + answer.length:
            return
        del self._data[: answer.body_at + answer.length]
        carried, self.carries = self.carries, None
        assert carried is not None
        status = answer.first_line.split(" ", 2)[1]
        if answer.closes and self.transport is not None:
            self.transport.close()
        self._courier.ended(self, None if status.startswith("2") else carried, closing=answer.closes)

    def connection_lost(self, exc: Exception | None) -> None:
        carried, self.carries = self.carries, None
        self._courier.lost(self, carried)


@dataclass(slots=True)
class Courier:
    """Takes updates to a webhook over at most so many connections, and again until they are taken."""

    url: str
    secret: str
    most: int = 40
    refused: int = 0
    _waiting: deque[bytes] = field(default_factory=deque)
    _idle: list[_Line] = field(default_factory=list)
    _lines: set[_Line] = field(default_factory=set)
    _connecting: set[asyncio.Task[None]] = field(default_factory=set)
    _again: set[asyncio.TimerHandle] = field(default_factory=set)
    _closed: bool = False

    def take(self, update: bytes) -> None:
        """Deliver, now or as soon as a connection is free."""
        parts = urlsplit(self.url)
        head = (
            f"POST {parts.path or '/'} HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\n"
            f"X-Telegram-Bot-Api-Secret-Token: {self.secret}\r\nContent-Length: {len(update)}\r\n\r\n"
        )
        self._waiting.append(head.encode() + update)
        self._go()

    def close(self) -> None:
        """Let go of every connection; what was not taken is dropped."""
        self._closed = True
        self._waiting.clear()
        for task in self._connecting:
            task.cancel()
        for handle in self._again:
            handle.cancel()
        for line in self._lines:
            if line.transport is not None:
                line.transport.abort()

    def ended(self, line: _Line, refused: bytes | None, *, closing: bool) -> None:
        """A POST was answered; what was not taken is offered again."""
        if refused is not None:
            self.refused += 1
            self._later(refused)
        if not closing:
            self._idle.append(line)
        self._go()

    def lost(self, line: _Line, carried: bytes | None) -> None:
        """A connection is gone, with what it carried or without."""
        self._lines.discard(line)
        if line in self._idle:
            self._idle.remove(line)
        if carried is not None:
            self._later(carried)

    def _later(self, request: bytes) -> None:
        if self._closed:
            return

        def again() -> None:
            self._again.discard(handle)
            self._waiting.append(request)
            self._go()

        handle = asyncio.get_running_loop().call_later(_RETRY_SECONDS, again)
        self._again.add(handle)

    def _go(self) -> None:
        while self._waiting and self._idle:
            self._idle.pop().post(self._waiting.popleft())
        missing = min(len(self._waiting), self.most - len(self._lines)) - len(self._connecting)
        for _ in range(0 if self._closed else missing):
            task = asyncio.ensure_future(self._connect())
            self._connecting.add(task)
            task.add_done_callback(self._connected)

    def _connected(self, task: asyncio.Task[None]) -> None:
        self._connecting.discard(task)
        if not task.cancelled():
            self._go()

    async def _connect(self) -> None:
        """One more connection; a webhook where nobody listens yet is tried again after a moment."""
        parts = urlsplit(self.url)
        try:
            _, line = await asyncio.get_running_loop().create_connection(
                lambda: _Line(self), parts.hostname or "", parts.port or 80
            )
        except OSError:
            await asyncio.sleep(_RETRY_SECONDS)
        else:
            self._lines.add(line)
            self._idle.append(line)
