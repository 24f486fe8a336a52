"""Turns of talk on WhatsApp: what platforms share, and a language that is asked for, codes, lists and the clock."""

import asyncio
import re
import time

from bot.ports import Tx
from tests.talk import (
    AGAIN,
    AGAIN_TODAY,
    ASKS_METER,
    BUY,
    CANCEL,
    CANCELLED,
    DONE,
    FOR_CUSTOMER,
    FROZEN,
    METER,
    PAY,
    RECEIPT,
    STALE,
    S,
    Seen,
    Talker,
    bought,
    card,
    digits,
    is_card,
    is_done,
    is_receipt,
    pay_label,
    sale,
    says,
    scanned,
    taps,
)
from tests.whatsapp.double import Clock, Person, Shown
from tests.whatsapp.street import Street

__all__ = [
    "AGAIN", "AGAIN_TODAY", "ASKS_METER", "BUY", "CANCEL", "CANCELLED", "DONE", "FOR_CUSTOMER", "FROZEN", "METER",
    "PAY", "RECEIPT", "STALE", "bought", "card", "code_of", "digits", "invitation", "is_card", "is_done",
    "is_receipt", "later", "named", "new", "pay_label", "sale", "says", "scanned", "speaks", "stopped", "taps",
]  # fmt: skip

_CODE = re.compile(r"AGEN ([0-9A-Z]{10})\b")


async def speaks(town: Street, number: str, language: str, name: str = "") -> Person:
    """Somebody who has chosen his language: the platform does not say which it is."""
    person = town.person(number, name)
    if language != "id":
        await says(person, f"bahasa {language}", "from now on")
    return person


def later(town: Street, seconds: float = 1) -> None:
    """Nobody reads a card within the second that it came in, and dates tell no less apart."""
    town.api.clock.forward(seconds)


def stopped() -> Clock:
    """A clock of the platform that only moves when it is told to; the rest of the world goes on."""
    now = float(int(time.time()))
    return Clock(calendar=lambda: now, factor=20)


def new(person: Person, mark: int) -> list[Shown]:
    """All that came since."""
    return [one for one in person.screen if one.serial > mark]


async def invitation(person: Talker[S], command: str) -> str:
    """The code of a fresh invitation."""
    return code_of(await says(person, command, "AGEN "))


def code_of(shown: Seen) -> str:
    """The code that a message invites with."""
    found = _CODE.search(shown.text)
    assert found is not None, shown.text
    return found[1]


async def named(town: Street) -> None:
    """Until the shop has learnt how its number is dialled: links are made of it."""
    async with asyncio.timeout(10):
        while not await town.read(_number):  # noqa: ASYNC110  # a row of the database, of which no event tells
            await asyncio.sleep(0.02)


def _number(tx: Tx) -> str | None:
    return tx.one(str, "published_value", channel="whatsapp", subject="number")
