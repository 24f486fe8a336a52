"""The console channel: a line in, messages out; for a person at a terminal or a script on a pipe.

A line is read only after the last answer is out. What is said passes inbox and outbox like on any channel.
"""

import asyncio
import json
import re
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import TextIO

from bot.channels.options import PHONE, Caps, arrange, labelled, links
from bot.domain.message import File, Message
from bot.i18n import Renderer
from bot.messaging.channel import NOT_SENT, SENT, Local, Result, UnfetchedError
from bot.messaging.event import Event, Kind
from bot.messaging.inbox import InboxRow, plain
from bot.messaging.outbox import Outgoing

NAME = "console"
_SENDS = re.compile(r"(?:rekon|rekonsiliasi|reconcile)\s+(?P<path>[./~]\S+)(?:\s+(?P<caption>.+))?", re.IGNORECASE)
_MOST_CHARACTERS = 65_536
_CAPS = Caps(lacks=frozenset({PHONE}))  # whoever sits there has no number to share


@dataclass(frozen=True, slots=True)
class Look:
    """How messages are shown: JSON lines for scripts, colours for a terminal, plain text otherwise."""

    as_json: bool = False
    coloured: bool = False


def parse(row: InboxRow) -> Event:
    """Typed words; `rekon ./report.csv` is that file, sent: whoever sits here may read it anyway."""
    said = _SENDS.fullmatch(row.text.strip())
    if said is None:
        return plain(row)
    path, caption = said["path"], said["caption"] or ""
    return Event(Kind.FILE, caption, file=path, name=Path(path).name)


async def fetched(file: str, most: int) -> bytes:
    """The bytes of a file of this machine, of at most so many. Raises `UnfetchedError`."""
    return await asyncio.to_thread(_read, Path(file).expanduser(), most)


class Console(Local):
    """Renders messages to a text stream. Its address is the person's name (`budi`)."""

    name = NAME
    parse = staticmethod(parse)

    async def fetch(self, file: str, most: int) -> bytes:
        """The bytes of a file of this machine."""
        return await fetched(file, most)

    def __init__(self, output: TextIO, renderer: Renderer, zone: tzinfo, look: Look) -> None:
        self._output = output
        self._renderer = renderer
        self._zone = zone
        self._look = look
        self.is_broken = False  # nobody reads any longer
        self.prompt = ""  # what stands on the line that waits for input; a late message steps around it

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        """Write and flush; a broken stream is not sent. Files are put where the person works."""
        taken = [await asyncio.to_thread(_put_here, *one) for one in zip(message.files, outgoing.paths, strict=True)]
        show = self._json if self._look.as_json else self._text
        text = show(outgoing, message, taken)
        try:
            before, after = (f"\r\x1b[K{text}\n", self.prompt) if self.prompt else (f"{text}\n", "")
            print(before, end=after, file=self._output, flush=True)
        except (OSError, ValueError):
            self.is_broken = True
            return NOT_SENT
        return SENT

    def _options(self, outgoing: Outgoing, message: Message) -> list[tuple[str, str, str]]:
        """Number, label, id. A payment has no number: it is shown with its word."""
        choices = arrange(labelled(message, self._renderer, outgoing.language, self._zone), _CAPS).choices
        return [(choice.number, choice.label, choice.name(outgoing.nonce)) for choice in choices]

    def _words(self, outgoing: Outgoing, message: Message) -> str:
        text = self._renderer.message(message, outgoing.language, self._zone)
        return "\n".join([text, *links(labelled(message, self._renderer, outgoing.language, self._zone))])

    def _json(self, outgoing: Outgoing, message: Message, taken: list[str]) -> str:
        text = self._words(outgoing, message)
        options = [
            {"number": number, "label": label, "id": name} for number, label, name in self._options(outgoing, message)
        ]
        said = {"key": message.key, "text": text, "options": options} | ({"files": taken} if taken else {})
        return json.dumps(said, ensure_ascii=False)

    def _text(self, outgoing: Outgoing, message: Message, taken: list[str]) -> str:
        lines = [*self._words(outgoing, message).split("\n"), *(f"📎 {one}" for one in taken)]
        options = self._options(outgoing, message)
        if not self._look.coloured:
            return "\n".join([*lines, *(f"  {number}. {label}" for number, label, _ in options), ""])
        lines[0] = f"\x1b[1m{lines[0]}\x1b[0m"
        shown = [f"  \x1b[36m{number}\x1b[0m  {label}" for number, label, _ in options]
        return "\n".join([*lines, *shown, ""])


def _read(path: Path, most: int) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise UnfetchedError(error.strerror or "cannot be read") from None
    if len(content) > most:
        raise UnfetchedError("too large")
    return content


def _put_here(file: File, path: Path) -> str:
    """A copy in the working directory, for its owner alone; where it lies, or why not."""
    here = Path.cwd() / file.name
    try:
        here.unlink(missing_ok=True)
        here.touch(0o600)
        shutil.copyfile(path, here)
    except OSError as error:
        return f"{file.name}: {error.strerror}"
    return str(here)


class Lines:
    """Lines of a text stream, read on a thread of their own and only when asked for: nothing is read ahead."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._wanted = threading.Semaphore(0)
        self._found: asyncio.Queue[str | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        if stream is not None:
            threading.Thread(target=self._read, name="lines", daemon=True).start()

    async def next(self) -> str | None:
        """The next line without its end, or None at the end of input (a closed one is at its end)."""
        if self._stream is None:
            return None
        self._wanted.release()
        return await self._found.get()

    def _read(self) -> None:
        while True:
            self._wanted.acquire()
            try:
                line = self._stream.readline(_MOST_CHARACTERS) if self._stream is not None else ""
            except (OSError, ValueError):
                line = ""
            found = line.rstrip("\r\n") if line else None
            try:
                self._loop.call_soon_threadsafe(self._found.put_nowait, found)
            except RuntimeError:  # the loop has ended; so does this daemon thread
                return
            if found is None:
                return


def readable(stream: TextIO | None) -> TextIO | None:
    """The stream with undecodable bytes replaced: hostile input is still input."""
    if stream is not None and hasattr(stream, "reconfigure"):
        stream.reconfigure(errors="replace")
    return stream


class Spinner:
    """A sign of life while the supplier works: a line that erases itself, on a terminal only."""

    def __init__(self, words: Callable[[], str], *, visible: bool) -> None:
        self._words = words
        self._visible = visible
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin after a moment, so that quick answers show nothing."""
        if self._visible:
            self._task = asyncio.create_task(self._turn())

    async def stop(self) -> None:
        """End, and leave the line clean."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _turn(self) -> None:
        await asyncio.sleep(0.4)
        try:
            for beat in range(1_000_000):
                sys.stdout.write(f"\r\x1b[2m{self._words()} {'.' * (beat % 4):<3}\x1b[0m")
                sys.stdout.flush()
                await asyncio.sleep(0.3)
        finally:
            sys.stdout.write("\r\x1b[K")
            sys.stdout.flush()
