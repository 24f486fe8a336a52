"""What an owner says about nightly backups in his chat: on and at what time, off, one at once, and how it stands."""

import dataclasses
import re

from bot.conversation.script import Turn
from bot.domain.message import Message, Text
from bot.services import nightly, notices

_TIME = re.compile(r"(?:(?:jam|pukul|at) )?([01]?\d|2[0-3])(?:[.:]([0-5]\d))?")
_NIGHTLY = ("malam", "nightly", "on", "nyala")
_OFF = ("mati", "off", "stop")
_NOW = ("sekarang", "now")
_TWO = 120  # minutes: at two in the night, unless another time is named


def answer(turn: Turn, rest: str) -> list[Message]:
    """`cadangan`, `cadangan malam`, `cadangan malam 02.30`, `cadangan mati`, `cadangan sekarang`."""
    words = rest.casefold()
    first, _, more = words.partition(" ")
    if not turn.shop.backup_recipient or not words:
        return [nightly.card(turn.tx, turn.shop)]
    if words in _OFF or (first in _NIGHTLY and more in _OFF):
        nightly.switch_off(turn.tx, turn.person.acting, turn.now)
        return [nightly.card(turn.tx, turn.shop)]
    if words in _NOW:
        return [_at_once(turn)]
    typed = more if first in _NIGHTLY else words
    minute = _TWO if not typed else _minute(typed)
    if minute is None:
        return [Message(Text("backup.how"), options=(notices.option("backup_settings", "cadangan"),))]
    nightly.switch_on(turn.tx, turn.person, minute, turn.shop, turn.now)
    card = nightly.card(turn.tx, turn.shop)
    return [dataclasses.replace(card, more=(Text("backup.keep_key"),))]


def _at_once(turn: Turn) -> Message:
    if nightly.at_once(turn.tx, turn.person, turn.now):
        return Message(Text("backup.soon"), options=(notices.option("menu", "menu"),))
    return nightly.card(turn.tx, turn.shop)


def _minute(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    return int(found[1]) * 60 + int(found[2] or 0) if found else None
