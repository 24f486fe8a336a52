"""Sending to Telegram: one outbox row, the calls that it takes, and what their end means to the sender.

The Bot API has no idempotent send: whatever is not answered clearly is unknown, and only the sender repeats.
"""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

import structlog
from telegram import Bot, InlineKeyboardMarkup, InputFile, ReplyParameters
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError

from bot.channels.plots import drawn
from bot.channels.several import Several
from bot.channels.telegram.look import Dressing, Look
from bot.channels.telegram.request import Api, NotSent, Refused, Throttled
from bot.documents import picture
from bot.documents.chart import Plot
from bot.domain.message import File, Message
from bot.messaging import outbox
from bot.messaging.channel import NOT_SENT, UNKNOWN, Outcome, Result
from bot.messaging.outbox import Class, Outgoing

log = structlog.get_logger(__name__)

_MARGIN = 0.1  # seconds beyond what the platform asks to wait
_SAME = re.compile(r"message is not modified", re.IGNORECASE)
_GONE = re.compile(r"message to edit not found|message can't be edited|message_id_invalid", re.IGNORECASE)
_STRANGER = re.compile(r"chat not found|user not found|peer_id_invalid", re.IGNORECASE)
_MARKUP = re.compile(r"can't parse entities|EFFECT_ID_INVALID|button|style|copy_text|keyboard", re.IGNORECASE)


class Sending:
    """One bot's voice. Nothing here raises for what the network or the platform does.

    Texts leave by plain calls, files by the library's.
    """

    def __init__(self, api: Api, bot: Bot, dressing: Dressing, shut_seconds: float) -> None:
        self._api = api
        self._bot = bot
        self._dressing = dressing
        self._shut_seconds = shut_seconds
        self._several = Several()

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        """Deliver the row, or change the message that it edits."""
        try:
            if message == outbox.TAKEN_BACK:
                return await self._take_back(outgoing)
            if outgoing.edits is not None:
                return await self._edit(outgoing, message)
            look = self._dressing.rich(message, outgoing.language, outgoing.nonce)
            return await self._say(outgoing, look, html=True)
        except TelegramError as error:
            if (why := _mistake(error)) is None:
                return await self._end(error)
            return await self._again(outgoing, message, why)

    async def _say(self, outgoing: Outgoing, look: Look, *, html: bool) -> Result:
        shared: dict[str, Any] = {"chat_id": int(outgoing.address)}
        if html:
            shared["parse_mode"] = "HTML"
        if (answers := _answers(outgoing)) is not None:
            shared["reply_parameters"] = {"message_id": answers, "allow_sending_without_reply": True}
        if look.sheet is not None:
            return await self._files(outgoing, look, html=html)
        if look.chart is not None:
            return await self._pictured(outgoing, look, look.chart, shared)
        *before, last = look.parts
        below = {} if look.keyboard is None else {"reply_markup": look.keyboard}
        bodies: list[dict[str, Any]] = [*({"text": part} for part in before), {"text": last} | below]
        calls = [partial(self._said, shared | body) for body in bodies]
        calls += [partial(self._filed, outgoing.address, *one) for one in zip(look.files, outgoing.paths, strict=True)]
        return Result(Outcome.SENT, (await self._several.in_turn(outgoing.id, calls))[len(bodies) - 1])

    async def _said(self, parameters: dict[str, Any]) -> str:
        return str((await self._api.call("sendMessage", parameters))["message_id"])

    async def _filed(self, address: str, file: File, path: Path) -> str:
        """A file of the spool, below its text."""
        return str(
            (await self._api.upload("sendDocument", {"chat_id": address}, "document", file.name, path))["message_id"]
        )

    async def _files(self, outgoing: Outgoing, look: Look, *, html: bool) -> Result:
        """The sheet as a picture under its caption, then as a text file."""
        if look.sheet is None:
            raise LookupError("no sheet")
        chat, answers = int(outgoing.address), _answers(outgoing)
        reply = None if answers is None else ReplyParameters(answers, allow_sending_without_reply=True)
        photo = InputFile(picture.png(look.sheet.text, look.sheet.qr), filename=f"{look.sheet.name}.png")
        keyboard = None if look.keyboard is None else InlineKeyboardMarkup.de_json(look.keyboard, self._bot)
        mode = "HTML" if html else None
        below: dict[str, Any] = {"caption": look.parts[-1], "parse_mode": mode, "reply_markup": keyboard}
        paper = InputFile(look.sheet.text.encode(), filename=f"{look.sheet.name}.txt")

        async def pictured() -> str:
            return str((await self._bot.send_photo(chat, photo, reply_parameters=reply, **below)).message_id)

        async def filed() -> str:
            return str((await self._bot.send_document(chat, paper)).message_id)

        return Result(Outcome.SENT, (await self._several.in_turn(outgoing.id, [pictured, filed]))[0])

    async def _pictured(self, outgoing: Outgoing, look: Look, chart: Plot, shared: dict[str, Any]) -> Result:
        """The chart above its text; what is too long for a caption follows, with the buttons below the last of it."""
        caption, *rest = look.parts
        answers = shared.get("reply_parameters")
        words: dict[str, Any] = {"caption": caption, "parse_mode": shared.get("parse_mode")}
        if answers is not None:
            words["reply_parameters"] = ReplyParameters(**answers)
        if not rest and look.keyboard is not None:
            words["reply_markup"] = InlineKeyboardMarkup.de_json(look.keyboard, self._bot)
        photo = InputFile(await drawn(chart), filename=f"{chart.name}.png")

        async def shown() -> str:
            return str((await self._bot.send_photo(int(outgoing.address), photo, **words)).message_id)

        below = {} if look.keyboard is None else {"reply_markup": look.keyboard}
        bodies: list[dict[str, Any]] = [{"text": part} for part in rest]
        if bodies:
            bodies[-1] |= below
        calls: list[Callable[[], Awaitable[str]]] = [shown, *(partial(self._said, shared | body) for body in bodies)]
        return Result(Outcome.SENT, (await self._several.in_turn(outgoing.id, calls))[-1])

    async def _edit(self, outgoing: Outgoing, message: Message) -> Result:
        """Change what stands there; what cannot be changed is said anew, unless only buttons were to go."""
        only_buttons = not message.key
        if only_buttons and not outgoing.edits:
            return Result(Outcome.SENT)
        look = self._dressing.rich(message, outgoing.language, outgoing.nonce) if not only_buttons else None
        if look is not None and not outgoing.edits:
            return await self._say(outgoing, look, html=True)
        target: dict[str, Any] = {"chat_id": int(outgoing.address), "message_id": int(outgoing.edits or 0)}
        try:
            if look is None:
                await self._api.call("editMessageReplyMarkup", target)
            else:
                below = {} if look.keyboard is None else {"reply_markup": look.keyboard}
                text = {"text": look.parts[0], "parse_mode": "HTML"}
                await self._api.call("editMessageText", target | text | below)
            return Result(Outcome.SENT, outgoing.edits or "")
        except Refused as error:
            if error.status != HTTPStatus.BAD_REQUEST or _STRANGER.search(error.description):
                raise
            if look is None or _SAME.search(error.description):
                return Result(Outcome.SENT)
            if not _GONE.search(error.description):
                raise
            return await self._say(outgoing, look, html=True)

    async def _take_back(self, outgoing: Outgoing) -> Result:
        """Delete what the person wrote; what is gone already, or stays whatever we do, is no trouble."""
        target = {"chat_id": int(outgoing.address), "message_id": int(outgoing.reply_to)}
        try:
            await self._api.call("deleteMessage", target)
        except Refused as error:
            if error.status != HTTPStatus.BAD_REQUEST or _STRANGER.search(error.description):
                raise
            log.warning("a message stays in its chat", why=error.description)
        return Result(Outcome.SENT)

    async def _again(self, outgoing: Outgoing, message: Message, why: str) -> Result:
        """Refused as it was: a stranger's chat, or a mistake of ours, which must not cost a person his message."""
        if _STRANGER.search(why):
            return Result(Outcome.AWAY, note=why)
        log.error("the platform would not take a message", outbox=outgoing.id, key=message.key, why=why)
        is_markup = bool(_MARKUP.search(why))
        if not message.key or not (is_markup or outgoing.message_class is Class.CRITICAL):
            return Result(Outcome.REFUSED, note=why)
        try:
            look = self._dressing.plain(message, outgoing.language, outgoing.nonce, buttons=is_markup)
            self._several.forget(outgoing.id)
            said = await self._say(outgoing, look, html=False)
        except TelegramError as second:
            again = _mistake(second)
            return await self._end(second) if again is None else Result(Outcome.REFUSED, note=again)
        return Result(said.outcome, said.ext_id, note=f"plain, for: {why}")

    async def _end(self, error: TelegramError) -> Result:
        match error:
            case Throttled(seconds=seconds):
                return Result(Outcome.LATER, seconds=seconds + _MARGIN)
            case NotSent():
                return NOT_SENT
            case Forbidden() | Refused(status=HTTPStatus.FORBIDDEN):
                return Result(Outcome.AWAY, note=error.message)
            case InvalidToken() | Refused(status=HTTPStatus.UNAUTHORIZED | HTTPStatus.NOT_FOUND):
                return await self._confirmed()
            case Refused():
                return NOT_SENT  # an answer that says no: nothing was taken
            case _:
                return UNKNOWN

    async def _confirmed(self) -> Result:
        """401 or 404: a proxy can say so once. Only if `getMe` agrees are we shut out."""
        try:
            await self._api.call("getMe", {})
        except Refused as error:
            if error.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
                note = "TELEGRAM_TOKEN is refused"
                return Result(Outcome.SHUT, seconds=self._shut_seconds, whole_channel=True, note=note)
        except TelegramError:
            pass
        return NOT_SENT


def _mistake(error: TelegramError) -> str | None:
    """What the platform says where it would never take the message as it is; None for every other error."""
    if isinstance(error, Refused):
        return error.description if error.status == HTTPStatus.BAD_REQUEST else None
    return error.message if isinstance(error, BadRequest) else None


def _answers(outgoing: Outgoing) -> int | None:
    """Results answer their order, so that they are found; everything else follows what was said anyway."""
    if outgoing.message_class is not Class.CRITICAL or not outgoing.reply_to.isdecimal():
        return None
    return int(outgoing.reply_to)
