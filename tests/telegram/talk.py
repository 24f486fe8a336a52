"""Turns of talk on Telegram: what platforms share, and menus, links and buttons that are taken away once answered."""

import re

from tests.talk import (
    AGAIN,
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
    bought,
    card,
    digits,
    is_card,
    is_done,
    is_receipt,
    sale,
    says,
    scanned,
    taps,
)
from tests.telegram.double import Person, Shown
from tests.telegram.street import Street

__all__ = [
    "AGAIN", "ASKS_METER", "BUY", "CANCEL", "CANCELLED", "DONE", "FOR_CUSTOMER", "FROZEN", "LINK", "METER", "PAY",
    "RECEIPT", "STALE", "bought", "card", "copied", "digits", "invitation", "is_card", "is_done", "is_receipt", "menu",
    "named", "pay_label", "sale", "says", "scanned", "taps",
]  # fmt: skip

LINK = re.compile(r"https://t\.me/SetrumUjiBot\?start=(a_[0-9A-Z]{10})")


def pay_label(shown: Shown) -> str:
    """Of the button that pays, which an answered card no longer shows."""
    looks = [shown.buttons, *(edit.buttons for edit in reversed(shown.edits))]
    return next(one.label for look in looks for row in look for one in row if one.label.startswith("✅"))


def copied(shown: Shown) -> list[str]:
    """What the message's buttons copy."""
    return [button.copy for row in shown.buttons for button in row if button.copy]


async def menu(town: Street, person: Person, words: str) -> None:
    """Wait until these commands stand in the person's menu, in their order."""
    chat, language = person.id, (person.language or "")[:2]
    await person.until(lambda: [one["command"] for one in town.api.menu(chat, language)] == words.split())


async def invitation(town: Street, owner: Person, command: str) -> str:
    """The payload of a fresh invitation's link, once the bot knows its own name."""
    await named(town)
    shown = await says(owner, command, "https://t.me/")
    found = LINK.search(shown.text)
    assert found is not None, shown.text
    return found[1]


async def named(town: Street) -> None:
    """Wait until the bot has learnt its name: it publishes menus after that."""
    somebody = town.person(99)
    await somebody.until(lambda: town.api.count("setMyCommands") > 0)
