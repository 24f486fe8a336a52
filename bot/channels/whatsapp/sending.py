"""Sending to WhatsApp: one outbox row, the calls that it takes, and what their end means to the sender.

Nothing that was sent can be changed, so an edit is nothing. Each call carries the row's name, which the platform gives
back with every status of it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import structlog

from bot.channels.plots import drawn
from bot.channels.several import Several
from bot.channels.whatsapp import codes, templates
from bot.channels.whatsapp.codes import GraphError
from bot.channels.whatsapp.graph import Graph, GraphRefusedError
from bot.channels.whatsapp.look import Dressing, Look
from bot.channels.whatsapp.templates import Templates
from bot.channels.wire import NotSentError, UnclearError
from bot.documents import picture
from bot.documents.chart import Plot
from bot.domain.message import File, Message, Sheet
from bot.domain.rules import Waits
from bot.messaging.channel import NOT_SENT, SENT, UNKNOWN, Outcome, Result
from bot.messaging.outbox import Class, Outgoing, Variant

log = structlog.get_logger(__name__)

_MOST_REMEMBERED = 10_000
_EVERYBODY = ""
# what is no fault of the message, and what is told once by whoever acts on it
_NO_FAULT = frozenset({Outcome.AWAY, Outcome.CLOSED, Outcome.SHUT, Outcome.UNKNOWN, Outcome.NOT_SENT, Outcome.LATER})

Json = dict[str, Any]
Call = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class _Refused:
    """How often in a row the rate was refused, and until when we wait for it; epoch milliseconds."""

    tries: int = 0
    until: int = 0


class Sending:
    """One number's voice. Nothing here raises for what the network or the platform does.

    `mark` begins the name of every row, so that the statuses of what another program sent are told apart.
    """

    def __init__(
        self, graph: Graph, dressing: Dressing, named: Templates, waits: Waits, now: Callable[[], int], mark: str
    ) -> None:
        self._graph = graph
        self._dressing = dressing
        self._templates = named
        self._waits = waits
        self._now = now
        self._mark = mark
        self._several = Several()
        self._refused: dict[str, _Refused] = {}  # by address

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        """Deliver the row: freely while the person's window is open, else by a template or not at all."""
        if outgoing.edits is not None:
            return SENT
        if not outgoing.address:
            return Result(Outcome.AWAY, note="no name that reaches this person")
        body = None
        if self._is_closed(outgoing):
            body = self._template(outgoing, message)
            if body is None:
                return Result(Outcome.CLOSED, note="the window is closed")
            self._several.forget(outgoing.id)
        try:
            calls = self._free(outgoing, message) if body is None else [self._posted(outgoing, body, 0)]
            wamid = (await self._several.in_turn(outgoing.id, calls))[-1]
        except GraphRefusedError as refused:
            return self._end(outgoing, message, refused.error)
        except NotSentError:
            return NOT_SENT
        except UnclearError:
            return UNKNOWN
        self._refused.pop(outgoing.address, None)
        self._refused.pop(_EVERYBODY, None)
        return Result(Outcome.SENT, wamid)

    def _is_closed(self, outgoing: Outgoing) -> bool:
        """By our own count of the day, or because the platform said so since the person last wrote."""
        return outgoing.variant is Variant.TEMPLATE or self._now() - outgoing.heard_at > self._waits.window

    def _template(self, outgoing: Outgoing, message: Message) -> Json | None:
        if outgoing.broadcast_id is not None:
            made = templates.news(message, outgoing.language, self._templates, self._dressing)
            return None if made is None else {"type": "template", "template": made}
        if outgoing.message_class is not Class.CRITICAL:
            return None
        if outgoing.purchase_id is None:
            if message.files:  # a template has no room for them
                return None
            made = templates.matter(message, outgoing.language, self._templates, self._dressing)
            return None if made is None else {"type": "template", "template": made}
        sale = f"T{outgoing.purchase_id}"
        made = templates.template(
            message, outgoing.language, sale, bool(outgoing.unknowns), self._templates, self._dressing
        )
        return None if made is None else {"type": "template", "template": made}

    def _free(self, outgoing: Outgoing, message: Message) -> list[Call]:
        look = (
            self._dressing.plain(message, outgoing.language)
            if outgoing.variant is Variant.PLAIN
            else self._dressing.rich(message, outgoing.language, outgoing.nonce)
        )
        if look.sheet is not None:
            return self._files(outgoing, look, look.sheet)
        if look.chart is not None:
            return self._pictured(outgoing, look, look.chart)
        bodies: list[Json] = [_text(part) for part in look.parts]
        if look.interactive is not None:
            bodies[-1] = {"type": "interactive", "interactive": look.interactive}
        if outgoing.variant is not Variant.PLAIN and (order := _answers(outgoing)):
            bodies[0]["context"] = {"message_id": order}
        left = len(bodies) + len(look.files)
        texts = [self._posted(outgoing, body, left - 1 - at) for at, body in enumerate(bodies)]
        spooled = zip(look.files, outgoing.paths, strict=True)
        files = [partial(self._filed, outgoing, *one, len(look.files) - at) for at, one in enumerate(spooled, 1)]
        return [*texts, *files]

    async def _filed(self, outgoing: Outgoing, file: File, path: Path, left: int) -> str:
        """A file of the spool, below its text."""
        kind = "text/plain" if file.kind.startswith("text/") else file.kind  # no other text may be handed over
        with path.open("rb") as content:
            media = await self._upload(file.name, kind, content, path.stat().st_size)
        return await self._post(outgoing, {"type": "document", "document": {"id": media, "filename": file.name}}, left)

    def _files(self, outgoing: Outgoing, look: Look, sheet: Sheet) -> list[Call]:
        """The sheet as a picture under its caption and above the buttons, then as a text file."""
        calls = [self._posted(outgoing, _text(part), len(look.parts) + 1 - at) for at, part in enumerate(look.parts)]

        async def pictured() -> str:
            image = picture.png(sheet.text, sheet.qr)
            return await self._post(outgoing, await self._captioned(look, f"{sheet.name}.png", image), 1)

        async def filed() -> str:
            name = f"{sheet.name}.txt"
            media = await self._upload(name, "text/plain", sheet.text.encode())
            return await self._post(outgoing, {"type": "document", "document": {"id": media, "filename": name}}, 0)

        return [*calls[:-1], pictured, filed]

    def _pictured(self, outgoing: Outgoing, look: Look, chart: Plot) -> list[Call]:
        """The chart above its text and buttons; what is too long for a caption goes before it."""
        calls = [self._posted(outgoing, _text(part), len(look.parts) - at) for at, part in enumerate(look.parts)]

        async def pictured() -> str:
            return await self._post(outgoing, await self._captioned(look, f"{chart.name}.png", await drawn(chart)), 0)

        return [*calls[:-1], pictured]

    async def _captioned(self, look: Look, name: str, image: bytes) -> Json:
        """The picture with the last text, and with its buttons where they are no list."""
        media = await self._upload(name, "image/png", image)
        if look.interactive is not None and look.interactive["type"] == "button":
            return {
                "type": "interactive",
                "interactive": {**look.interactive, "header": {"type": "image", "image": {"id": media}}},
            }
        return {"type": "image", "image": {"id": media, "caption": look.parts[-1]}}

    async def _upload(self, name: str, kind: str, content: bytes | BinaryIO, size: int = 0) -> str:
        """A file that was handed over is no message yet: whatever goes wrong, nothing was sent."""
        try:
            return await self._graph.upload(name, kind, content, size)
        except UnclearError as error:
            raise NotSentError(str(error)) from None

    def _posted(self, outgoing: Outgoing, body: Json, left: int) -> Call:
        return partial(self._post, outgoing, body, left)

    async def _post(self, outgoing: Outgoing, body: Json, left: int) -> str:
        to = "to" if outgoing.address.isdecimal() else "recipient"
        return await self._graph.send(
            {
                "messaging_product": "whatsapp",
                "recipient_type": "individual",
                to: outgoing.address,
                "biz_opaque_callback_data": name_of(self._mark, outgoing.id, outgoing.attempts + 1, left),
                **body,
            }
        )

    def _end(self, outgoing: Outgoing, message: Message, error: GraphError) -> Result:
        who = outgoing.address if error.code == codes.PAIR else _EVERYBODY
        before = self._refused.get(who, _Refused())
        is_under_way = self._now() < before.until  # it left before we began to wait: nothing new
        result = codes.end(error, self._waits, before.tries - is_under_way)
        if result.outcome is Outcome.LATER and not is_under_way:
            self._refused[who] = _Refused(before.tries + 1, self._now() + round(result.seconds * 1000))
            if len(self._refused) > _MOST_REMEMBERED:
                del self._refused[next(iter(self._refused))]
        if result.outcome not in _NO_FAULT:
            log.error("the platform would not take a message", outbox=outgoing.id, key=message.key, why=error.note)
        if result.outcome is Outcome.BARE:
            self._several.forget(outgoing.id)
        return result


def name_of(mark: str, row: int, attempt: int, left: int) -> str:
    """What a call is named: the row, which attempt at it, and how many calls of it are still to come."""
    return f"{mark}.{row}.{attempt}.{left}"


def _text(body: str) -> Json:
    return {"type": "text", "text": {"body": body, "preview_url": False}}


def _answers(outgoing: Outgoing) -> str:
    """Results answer their order, so that they are found; everything else follows what was said anyway."""
    is_known = outgoing.message_class is Class.CRITICAL and outgoing.reply_to.startswith("wamid.")
    return outgoing.reply_to if is_known else ""
