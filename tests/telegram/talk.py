"""Turns of talk that dialogues share: act and see what comes of it, order, pay, and read a token off a phone.

Waits for what appears, never for time to pass.
"""

import re
from collections.abc import Callable

from tests.telegram.double import Person, Shown
from tests.telegram.street import Street

METER = "54123456789"
BUY, PAY, DONE = {"id": "⚡ Beli", "en": "⚡ Buy"}, {"id": "Bayar", "en": "Pay"}, {"id": "SUKSES", "en": "SUCCESS"}
LINK = re.compile(r"https://t\.me/SetrumUjiBot\?start=(a_[0-9A-Z]{10})")
_TOKEN = re.compile(r"\d{4}(?: \d{4}){4}")

Wanted = str | Callable[[Shown], bool]


async def says(person: Person, text: str, wanted: Wanted) -> Shown:
    """Type, and see something new."""
    mark = person.mark()
    person.say(text)
    return await person.sees(wanted, after=mark)


async def taps(person: Person, label: str, wanted: Wanted, message: Shown | None = None) -> Shown:
    """Press a button, and see something new."""
    mark = person.mark()
    person.tap(label, message)
    return await person.sees(wanted, after=mark)


async def card(person: Person, text: str = f"{METER} 50") -> Shown:
    """Order in one line, up to the question that takes the money."""
    return await says(person, text, is_card)


def is_card(shown: Shown) -> bool:
    """A question that takes money, with its buttons."""
    return "💳" in shown.text and bool(shown.labels)


def pay_label(shown: Shown) -> str:
    """Of the button that pays, which an answered card no longer shows."""
    looks = [shown.buttons, *(edit.buttons for edit in reversed(shown.edits))]
    return next(one.label for look in looks for row in look for one in row if one.label.startswith("✅"))


async def bought(person: Person, text: str = f"{METER} 50") -> tuple[Shown, Shown]:
    """Order and pay; the token's message and the one below it."""
    shown = await card(person, text)
    mark = person.mark()
    person.tap(pay_label(shown), shown)
    done = await person.sees(is_done, after=mark)
    token = await person.sees(lambda one: bool(digits(one)) and f"· {sale(done)} ·" in one.text, after=mark)
    return token, done


def is_done(shown: Shown) -> bool:
    return any(f"✅ {word}" in shown.text for word in DONE.values())


def sale(shown: Shown) -> str:
    """`T10001`, as it stands in the message."""
    found = re.search(r"T\d{5}", shown.text)
    assert found is not None, shown.text
    return found[0]


def digits(shown: Shown) -> str:
    """The 20 digits of a token's message, or nothing."""
    found = _TOKEN.search(shown.text)
    return found[0].replace(" ", "") if found else ""


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
