"""Photos of a meter or a receipt: looked at before their turn, and then as good as what their code says typed in.

Nothing of a photo is stored: the inbox keeps the platform's name of it, the codes live until their turn is over.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import structlog

from bot.clock import MINUTE, SECOND
from bot.conversation import grammar
from bot.documents import barcodes
from bot.domain.message import Message, MeterNumber, Option, Text
from bot.domain.people import Role
from bot.domain.rules import Waits
from bot.messaging.channel import UnfetchedError
from bot.messaging.event import Event, Sight
from bot.messaging.inbox import InboxRow

log = structlog.get_logger(__name__)

Fetch = Callable[[str, int], Awaitable[bytes]]

_MOST_BYTES = 10 << 20
_MOST_AT_ONCE = 4  # held in memory
_MOST_A_MINUTE = 10  # of one chat; an album is ten photos
_MOST_KEPT = 256
_MOST_METERS = 8
_LINK_HOSTS = frozenset({"t.me", "telegram.me", "wa.me", "api.whatsapp.com"})
_COURTESIES = ("menu", "makasih")  # a greeting below a photo is no command
_ASK_A_METER = ("beli", "cari")  # which the photo names, where the words do not
_ASK_A_SALE = ("cek", "token", "struk")  # likewise


class Photos:
    """Looks at photos, each channel's by its own `fetch`: few at once, one unpacked at a time, off the event loop."""

    def __init__(self, fetch: Mapping[str, Fetch], waits: Waits, now: Callable[[], int]) -> None:
        self._fetch = fetch
        self._waits = waits
        self._now = now
        self._places = asyncio.Semaphore(_MOST_AT_ONCE)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="photo")
        self._known: dict[int, Event] = {}  # rows that were looked at and wait: not fetched again
        self._recent: dict[str, list[int]] = {}

    async def look(self, row: InboxRow, event: Event) -> Event:
        """The event with what there is to be seen. Never raises for what the file or the platform does."""
        if row.id in self._known:
            return self._known[row.id]
        if _is_said(event.text) or self._now() - row.said_at > self._waits.stale:
            return event
        if not barcodes.available():
            return replace(event, sight=Sight.BLIND)
        if self._is_often(f"{row.channel}:{row.address}"):
            return replace(event, sight=Sight.OFTEN)
        seen = await self._seen(row, event)
        if len(self._known) >= _MOST_KEPT:
            del self._known[next(iter(self._known))]
        self._known[row.id] = seen
        return seen

    async def _seen(self, row: InboxRow, event: Event) -> Event:
        try:
            async with asyncio.timeout(self._waits.photo / SECOND), self._places:
                content = await self._fetched(row.channel, event.file)
                loop = asyncio.get_running_loop()
                codes = await loop.run_in_executor(self._thread, barcodes.read, content)
        except (UnfetchedError, barcodes.UnreadableError, TimeoutError) as error:
            why = str(error) or type(error).__name__
            log.info("a photo cannot be opened", inbox=row.id, channel=row.channel, why=why)
            return replace(event, sight=Sight.UNOPENED)
        return replace(event, sight=Sight.READ, codes=codes)

    async def _fetched(self, channel: str, file: str) -> bytes:
        """Once more where that may help, and never a third time: a platform shuts out whoever asks on and on."""
        try:
            return await self._fetch[channel](file, _MOST_BYTES)
        except UnfetchedError as error:
            if not error.again:
                raise
        return await self._fetch[channel](file, _MOST_BYTES)

    def _is_often(self, chat: str) -> bool:
        now = self._now()
        if len(self._recent) > _MOST_KEPT:
            self._recent = {one: at for one, at in self._recent.items() if now - at[-1] < MINUTE}
        recent = [at for at in self._recent.get(chat, []) if now - at < MINUTE]
        if len(recent) >= _MOST_A_MINUTE:
            return True
        self._recent[chat] = [*recent, now]
        return False


def _is_said(caption: str) -> bool:
    """Whether the words below a photo say all that it takes, so that nobody need look at it."""
    text = grammar.clean(caption)
    read = grammar.read(text)
    if isinstance(read, grammar.Command):
        asks = read.name in _ASK_A_METER and grammar.number(read.rest) is None
        asks |= read.name in _ASK_A_SALE and not any(map(str.isdigit, read.rest))
        return not asks and read.name not in _COURTESIES
    return read is not None or text.casefold() in grammar.YES | grammar.NO


def understood(event: Event, role: Role) -> str | Message:
    """What a photo says, as its sender would have typed it; or what he is told where it says nothing.

    A customer's receipt proves his sale, a seller's photo names a meter.
    """
    match event.sight:
        case Sight.NONE:
            return event.text
        case Sight.BLIND:
            return Message(Text("in.text_only"))
        case Sight.OFTEN:
            return Message(Text("limit.slow", {"seconds": MINUTE // SECOND}))
        case Sight.UNOPENED:
            return Message(Text("in.photo_unopened"))
    numbers = tuple(dict.fromkeys(found for code in event.codes if (found := grammar.number(grammar.clean(code)))))
    claims = [found for code in event.codes if (found := _claim(code))]
    if claims and (role is Role.CUSTOMER or not numbers):
        return f"klaim {claims[0]}"
    if len(numbers) == 1:
        return _order(numbers[0], event.text)
    if not numbers:
        return Message(Text("in.photo_none"))
    options = [
        Option(f"meter_{place}", Text("line.meter", {"meter": MeterNumber(number)}), _kept(number, event.text))
        for place, number in enumerate(numbers[:_MOST_METERS], 1)
    ]
    return Message(Text("num.which"), options=tuple(options))


def _order(number: str, caption: str) -> str:
    """With the amount that the caption names, if it is one; other words below a photo are no order."""
    together = f"{number} {grammar.clean(caption)}"
    read = grammar.read(together)
    return together if isinstance(read, grammar.Order) and read.denomination is not None else number


def _kept(number: str, caption: str) -> str:
    """The same for an option, which is stored: without a PIN that stood beside the amount."""
    read = grammar.read(_order(number, caption))
    return f"{number} {read.denomination}" if isinstance(read, grammar.Order) and read.denomination else number


def _claim(code: str) -> str | None:
    """The claim code in a receipt's link to the shop's chat, or None."""
    try:
        link = urlsplit(code.strip())
        asked = parse_qs(link.query)
    except ValueError:
        return None
    if link.scheme not in ("http", "https") or (link.hostname or "") not in _LINK_HOSTS:
        return None
    payload = re.fullmatch(r"c_(.+)", asked.get("start", [""])[0])
    words = re.fullmatch(r"klaim\s+(.+)", grammar.clean(asked.get("text", [""])[0]), re.IGNORECASE)
    found = payload or words
    return grammar.claim_code(found[1]) if found else None
