"""Sending to Telegram: one outbox row, the calls that it takes, and what their end means to the sender.

The Bot API has no idempotent send: whatever is not answered clearly is unknown, and only the sender repeats.
"""

import re

import structlog
from telegram import Bot, InlineKeyboardMarkup, InputFile, ReplyParameters
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from bot.channels.telegram.look import Dressing, Look
from bot.channels.telegram.request import NotSent, Throttled
from bot.documents import picture
from bot.domain.message import Message
from bot.messaging.channel import NOT_SENT, UNKNOWN, Outcome, Result
from bot.messaging.outbox import Class, Outgoing

log = structlog.get_logger(__name__)

_MARGIN = 0.1  # seconds beyond what the platform asks to wait
_SAME = re.compile(r"message is not modified", re.IGNORECASE)
_GONE = re.compile(r"message to edit not found|message can't be edited|message_id_invalid", re.IGNORECASE)
_STRANGER = re.compile(r"chat not found|user not found|peer_id_invalid", re.IGNORECASE)
_MARKUP = re.compile(r"can't parse entities|EFFECT_ID_INVALID|button|style|copy_text|keyboard", re.IGNORECASE)


class Sending:
    """One bot's voice. Nothing here raises for what the network or the platform does."""

    def __init__(self, bot: Bot, dressing: Dressing, shut_seconds: float) -> None:
        self._bot = bot
        self._dressing = dressing
        self._shut_seconds = shut_seconds

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        """Deliver the row, or change the message that it edits."""
        try:
            if outgoing.edits is not None:
                return await self._edit(outgoing, message)
            look = self._dressing.rich(message, outgoing.language, outgoing.nonce)
            return await self._say(outgoing, look, html=True)
        except BadRequest as error:
            return await self._again(outgoing, message, error)
        except TelegramError as error:
            return await self._end(error)

    async def _say(self, outgoing: Outgoing, look: Look, *, html: bool) -> Result:
        mode = "HTML" if html else None
        reply = _reply(outgoing)
        sent = ""
        *before, last = look.parts
        for part in before:
            await self._bot.send_message(int(outgoing.address), part, parse_mode=mode, reply_parameters=reply)
        chat = int(outgoing.address)
        if look.sheet is None:
            answer = await self._bot.send_message(
                chat, last, parse_mode=mode, reply_markup=look.keyboard, reply_parameters=reply
            )
            sent = str(answer.message_id)
        else:
            photo = InputFile(picture.png(look.sheet.text), filename=f"{look.sheet.name}.png")
            keyboard = look.keyboard if isinstance(look.keyboard, InlineKeyboardMarkup) else None
            answer = await self._bot.send_photo(
                chat, photo, caption=last, parse_mode=mode, reply_markup=keyboard, reply_parameters=reply
            )
            sent = str(answer.message_id)
            paper = InputFile(look.sheet.text.encode(), filename=f"{look.sheet.name}.txt")
            await self._bot.send_document(chat, paper)
        return Result(Outcome.SENT, sent)

    async def _edit(self, outgoing: Outgoing, message: Message) -> Result:
        """Change what stands there; what cannot be changed is said anew, unless only buttons were to go."""
        chat = int(outgoing.address)
        only_buttons = not message.key
        try:
            if only_buttons:
                if outgoing.edits:
                    await self._bot.edit_message_reply_markup(chat, int(outgoing.edits))
                return Result(Outcome.SENT)
            look = self._dressing.rich(message, outgoing.language, outgoing.nonce)
            if not outgoing.edits:
                return await self._say(outgoing, look, html=True)
            keyboard = look.keyboard if isinstance(look.keyboard, InlineKeyboardMarkup) else None
            await self._bot.edit_message_text(
                look.parts[0], chat, int(outgoing.edits), parse_mode="HTML", reply_markup=keyboard
            )
            return Result(Outcome.SENT, outgoing.edits)
        except BadRequest as error:
            if _SAME.search(error.message) or (only_buttons and not _STRANGER.search(error.message)):
                return Result(Outcome.SENT)
            if not _GONE.search(error.message):
                raise
            look = self._dressing.rich(message, outgoing.language, outgoing.nonce)
            return await self._say(outgoing, look, html=True)

    async def _again(self, outgoing: Outgoing, message: Message, error: BadRequest) -> Result:
        """Refused as it was: a stranger's chat, or a mistake of ours, which must not cost a person his message."""
        if _STRANGER.search(error.message):
            return Result(Outcome.AWAY, note=error.message)
        log.error("the platform would not take a message", outbox=outgoing.id, key=message.key, why=error.message)
        is_markup = bool(_MARKUP.search(error.message))
        if not is_markup and outgoing.message_class is not Class.CRITICAL:
            return Result(Outcome.REFUSED, note=error.message)
        if not message.key:
            return Result(Outcome.REFUSED, note=error.message)
        try:
            look = self._dressing.plain(message, outgoing.language, outgoing.nonce, buttons=is_markup)
            said = await self._say(outgoing, look, html=False)
        except BadRequest as second:
            return Result(Outcome.REFUSED, note=second.message)
        except TelegramError as second:
            return await self._end(second)
        return Result(said.outcome, said.ext_id, note=f"plain, for: {error.message}")

    async def _end(self, error: TelegramError) -> Result:
        match error:
            case Throttled(seconds=seconds):
                return Result(Outcome.LATER, seconds=seconds + _MARGIN)
            case NotSent():
                return NOT_SENT
            case Forbidden():
                return Result(Outcome.AWAY, note=error.message)
            case ChatMigrated():
                return Result(Outcome.REFUSED, note="the chat became another")
            case InvalidToken():
                return await self._confirmed()
            case _:
                return UNKNOWN

    async def _confirmed(self) -> Result:
        """401 or 404: a proxy can say so once. Only if `getMe` agrees are we shut out."""
        try:
            await self._bot.get_me()
        except InvalidToken:
            note = "TELEGRAM_TOKEN is refused"
            return Result(Outcome.SHUT, seconds=self._shut_seconds, whole_channel=True, note=note)
        except TelegramError:
            return NOT_SENT
        return NOT_SENT


def _reply(outgoing: Outgoing) -> ReplyParameters | None:
    """Results answer their order, so that they are found; everything else follows what was said anyway."""
    if outgoing.message_class is not Class.CRITICAL or not outgoing.reply_to.isdecimal():
        return None
    return ReplyParameters(int(outgoing.reply_to), allow_sending_without_reply=True)
