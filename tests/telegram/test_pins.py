"""Secret numbers on Telegram: pressed on a masked keypad or typed and taken away, and nowhere kept."""

import dataclasses
import logging
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.messaging import vault
from tests.telegram.conftest import proper
from tests.telegram.double import Person, Shown
from tests.telegram.street import AGENT, SHOP, Street, street
from tests.telegram.talk import CANCEL, CANCELLED, DONE, METER, card, is_done, pay_label, says, taps

PIN, WRONG = "590417", "771204"
EMPTY = "○ ○ ○ ○ ○ ○"
ASKED = {"id": "🔐 PIN untuk bayar Rp102.000", "en": "🔐 PIN to pay Rp102.000"}
NEW, AGAIN = {"id": "🔐 PIN baru", "en": "🔐 New PIN"}, {"id": "🔐 Sekali lagi", "en": "🔐 The same PIN once more"}
SAVED = {"id": "PIN tersimpan. Ditanyakan mulai Rp60.000.", "en": "PIN saved. It is asked from Rp60.000 upwards."}
LEFT = {"id": "PIN salah. Sisa 4 percobaan.", "en": "Wrong PIN. 4 tries left."}
GUARDED = dataclasses.replace(SHOP, pin_from=60_000)


@pytest.fixture
async def town(tmp_path: Path, mode: str) -> AsyncIterator[Street]:
    """A shop that asks from a price that a small purchase does not reach."""
    async with street(tmp_path, mode, shop=GUARDED, deposit=5_000_000) as made:
        made.api.state.pace.off()
        yield made
        await proper(made)


async def keyed(person: Person, keypad: Shown, keys: str) -> None:
    """Press key by key, as fast as it is shown."""
    entered = 0
    for key in keys:
        entered = entered - 1 if key == "⌫" else entered + 1
        person.tap(key, keypad)
        if entered < 6:
            dots = " ".join("●" * entered + "○" * (6 - entered))
            await person.until(lambda wanted=dots: wanted in keypad.text)  # type: ignore[misc]


def asks(words: str) -> Callable[[Shown], bool]:
    """A fresh keypad under these words."""
    return lambda shown: words in shown.text and EMPTY in shown.text and bool(shown.labels)


async def with_pin(town: Street, language: str = "id") -> Person:
    """The agent, who has set his number by keys."""
    agent = town.person(AGENT, language)
    first = await says(agent, "pin", asks(NEW[language]))
    await keyed(agent, first, PIN)
    second = await agent.sees(asks(AGAIN[language]))
    await keyed(agent, second, PIN)
    await agent.sees(SAVED[language])
    return agent


async def asked(person: Person, language: str = "id", order: str = f"{METER} 100") -> tuple[Shown, Shown]:
    """The card that was paid, and the keypad."""
    payment = await card(person, order)
    return payment, await taps(person, pay_label(payment), asks(ASKED[language]), payment)


def everything(town: Street, folder: Path) -> bytes:
    """What the shop has on its disk, the journal included, and whatever it said to the platform."""
    disk = b"".join(one.read_bytes() for one in sorted(folder.glob("setrum.db*")) if one.is_file())
    return disk + "".join(repr(one) for one in town.api.calls).encode()


async def test_a_pin_is_pressed_on_a_keypad_that_shows_only_how_far_it_is(town: Street, language: str) -> None:
    agent = await with_pin(town, language)
    _, keypad = await asked(agent, language)
    assert [[one.label for one in row] for row in keypad.buttons] == [
        ["1", "2", "3"], ["4", "5", "6"], ["7", "8", "9"], ["⌫", "0", CANCEL[language]],
    ]  # fmt: skip
    assert keypad.text == f"{ASKED[language]}\n{EMPTY}"
    await keyed(agent, keypad, "77⌫⌫")
    assert EMPTY in keypad.text
    await keyed(agent, keypad, PIN)
    await agent.sees(lambda shown: is_done(shown) and DONE[language] in shown.text)
    await town.settled()
    assert keypad.buttons == ()
    assert len(town.sandbox.sales()) == 1


async def test_a_wrong_one_shows_a_fresh_keypad(town: Street, language: str) -> None:
    agent = await with_pin(town, language)
    _, keypad = await asked(agent, language)
    await keyed(agent, keypad, WRONG)
    fresh = await agent.sees(asks(LEFT[language]))
    assert fresh.message_id != keypad.message_id
    await keyed(agent, fresh, PIN)
    await agent.sees(is_done)
    await town.settled()
    assert (keypad.buttons, fresh.buttons) == ((), ())


async def test_keys_say_nothing_and_each_keypad_names_them_anew(town: Street) -> None:
    agent = await with_pin(town)
    _, keypad = await asked(agent)
    first = {one.label: one.data for row in keypad.buttons for one in row}
    await keyed(agent, keypad, "5")
    second = {one.label: one.data for row in keypad.buttons for one in row}
    for label in "1234567890⌫":
        assert re.fullmatch(r"[A-Za-z0-9_-]{8}\.p[0-9a-f]{12}", first[label])
        assert first[label].split(".")[1] != second[label].split(".")[1]
    assert len(set(first.values())) == 12


async def test_keys_of_a_keypad_that_was_answered_press_nothing(town: Street) -> None:
    agent = await with_pin(town)
    _, keypad = await asked(agent)
    old = {one.label: one.data for row in keypad.buttons for one in row}
    await keyed(agent, keypad, WRONG)
    fresh = await agent.sees(asks(LEFT["id"]))
    for key in PIN:  # all of them once more, as they came over the wire
        agent.forge(old[key], keypad)
    await agent.sees("Tombol itu sudah lewat", after=fresh.changed)
    await town.settled()
    assert town.sandbox.sales() == []
    last = [shown for shown in agent.screen if EMPTY in shown.text and shown.buttons][-1]
    await keyed(agent, last, PIN)
    await agent.sees(is_done)


async def test_a_keypad_of_the_process_before_is_shown_anew(town: Street, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = await with_pin(town)
    _, keypad = await asked(agent)
    await keyed(agent, keypad, "590")
    monkeypatch.setattr(vault, "_key", b"another process's own")
    monkeypatch.setattr(vault, "_pressed", {})
    mark = agent.mark()
    agent.tap("4", keypad)
    fresh = await agent.sees(lambda shown: asks(ASKED["id"])(shown) and shown is not keypad, after=mark)
    await keyed(agent, fresh, PIN)
    await agent.sees(is_done)
    await town.settled()
    assert len(town.sandbox.sales()) == 1


async def test_a_typed_pin_is_taken_from_the_chat(town: Street, language: str) -> None:
    agent = await with_pin(town, language)
    await asked(agent, language)
    mine = agent.say(PIN)
    await agent.sees(is_done)
    await town.settled()
    assert len(mine) == 1
    assert not any(PIN in shown.text for shown in agent.screen if not shown.deleted)
    assert town.api.count("deleteMessage") == 1


async def test_a_pin_typed_twice_or_unasked_is_taken_from_the_chat_each_time(town: Street) -> None:
    agent = await with_pin(town)
    await asked(agent)
    agent.say(PIN)
    agent.say(PIN)
    await agent.sees(is_done)
    agent.say(PIN)
    await agent.until(lambda: town.api.count("deleteMessage") == 3)
    await town.settled()
    assert not any(PIN in shown.text for shown in agent.screen if not shown.deleted)
    assert len(town.sandbox.sales()) == 1


async def test_a_number_of_somebody_without_a_pin_stays_where_it_is(town: Street) -> None:
    agent = town.person(AGENT)
    await says(agent, PIN, "Saya belum paham")
    await town.settled()
    assert town.api.count("deleteMessage") == 0


async def test_a_pin_in_a_legacy_order_is_taken_from_the_chat_and_answers_its_own_question(town: Street) -> None:
    agent = await with_pin(town)
    payment = await card(agent, f"100.{METER}.{PIN}")
    await agent.until(lambda: town.api.count("deleteMessage") == 1)
    await taps(agent, pay_label(payment), is_done, payment)
    await town.settled()
    assert not any(PIN in shown.text for shown in agent.screen if not shown.deleted)
    assert len(town.sandbox.sales()) == 1


async def test_presses_again_and_again_of_pay_and_keys_buy_once(town: Street) -> None:
    agent = await with_pin(town)
    payment = await card(agent, f"{METER} 100")
    data = next(one.data for row in payment.buttons for one in row if one.data.endswith(".pay"))
    for _ in range(5):
        agent.forge(data, payment)
    await town.settled()
    keypads = [shown for shown in agent.screen if EMPTY in shown.text and shown.buttons]
    last = keypads[-1]
    for key in PIN[:5]:
        agent.tap(key, last)
    for _ in range(3):
        agent.tap(PIN[5], last)
    for _ in range(3):
        agent.forge(data, payment)
    await agent.sees(is_done)
    await town.settled()
    assert len(town.sandbox.sales()) == 1
    assert len(await town.purchases()) == 1


async def test_cancelled_on_the_keypad_nothing_is_bought(town: Street, language: str) -> None:
    agent = await with_pin(town, language)
    _, keypad = await asked(agent, language)
    await keyed(agent, keypad, "59")
    await taps(agent, CANCEL[language], CANCELLED[language], keypad)
    await town.settled()
    assert keypad.buttons == ()
    assert await town.purchases() == []


async def test_neither_disk_nor_logs_nor_wire_ever_say_a_pin(
    town: Street, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    agent = await with_pin(town)
    _, keypad = await asked(agent)
    await keyed(agent, keypad, WRONG)
    keypad = await agent.sees(asks(LEFT["id"]))
    agent.say("59041")
    agent.edit(agent.said[-1].message_id, f"pin {PIN}")
    await town.settled()
    mark = agent.mark()
    agent.say(PIN)
    await agent.sees(is_done, after=mark)
    agent.send_photo(caption=PIN)
    await town.settled()
    written = everything(town, tmp_path)
    said = caplog.text + "".join(capfd.readouterr())
    for number in (PIN, WRONG):
        assert number.encode() not in written
        assert number not in said
