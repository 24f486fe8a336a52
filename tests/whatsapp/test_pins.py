"""Secret numbers on WhatsApp: typed, for it has no keypad, and nowhere kept."""

import dataclasses
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.whatsapp.conftest import proper
from tests.whatsapp.street import AGENT, SHOP, Street, street
from tests.whatsapp.talk import CANCEL, CANCELLED, METER, card, is_done, pay_label, says, speaks, taps

PIN, WRONG = "590417", "771204"
ASKED = {"id": "🔐 PIN untuk bayar Rp102.000", "en": "🔐 PIN to pay Rp102.000"}
NEW, AGAIN = {"id": "🔐 PIN baru", "en": "🔐 New PIN"}, {"id": "🔐 Sekali lagi", "en": "🔐 The same PIN once more"}
SAVED = {"id": "PIN tersimpan. Ditanyakan mulai Rp60.000.", "en": "PIN saved. It is asked from Rp60.000 upwards."}
VISIBLE = {"id": "PIN terlihat di chat ini", "en": "The PIN is visible in this chat"}
LEFT = {"id": "PIN salah. Sisa 4 percobaan.", "en": "Wrong PIN. 4 tries left."}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Street]:
    """A shop that asks from a price that a small purchase does not reach."""
    shop = dataclasses.replace(SHOP, pin_from=60_000)
    async with street(tmp_path, shop=shop, deposit=5_000_000) as made:
        made.api.state.pace.off()
        yield made
        await made.settled()
        await proper(made)


async def test_set_asked_wrong_and_right_by_typing(town: Street, language: str, tmp_path: Path) -> None:
    agent = await speaks(town, AGENT, language)
    await says(agent, "pin", NEW[language])
    await says(agent, PIN, AGAIN[language])
    await says(agent, PIN, SAVED[language])
    payment = await card(agent, f"{METER} 100")
    question = await taps(agent, pay_label(payment), ASKED[language], payment)
    assert (question.kind, question.labels) == ("button", [CANCEL[language]])
    assert "●" not in question.text
    await says(agent, WRONG, LEFT[language])
    await says(agent, PIN, is_done)
    await town.settled()
    assert len(town.sandbox.sales()) == 1
    assert sum(VISIBLE[language] in shown.text for shown in agent.screen) == 1, "once a chat"


async def test_cancelled_at_the_pin_and_a_pin_in_the_order(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    await says(agent, "pin", NEW[language])
    await says(agent, PIN, AGAIN[language])
    await says(agent, PIN, SAVED[language])
    payment = await card(agent, f"{METER} 100")
    question = await taps(agent, pay_label(payment), ASKED[language], payment)
    await taps(agent, CANCEL[language], CANCELLED[language], question)
    assert await town.purchases() == []
    payment = await card(agent, f"100.{METER}.{PIN}")
    await taps(agent, pay_label(payment), is_done, payment)


async def test_neither_disk_nor_logs_ever_say_a_pin(
    town: Street, tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    agent = await speaks(town, AGENT, "id")
    await says(agent, "pin", NEW["id"])
    await says(agent, PIN, AGAIN["id"])
    await says(agent, PIN, SAVED["id"])
    payment = await card(agent, f"100.{METER}.{WRONG}")
    await taps(agent, pay_label(payment), LEFT["id"], payment)
    await says(agent, "59-04-17", is_done)
    await town.settled()
    written = b"".join(one.read_bytes() for one in sorted(tmp_path.glob("setrum.db*")) if one.is_file())
    said = caplog.text + "".join(capfd.readouterr())
    for number in (PIN, WRONG, "59-04-17"):
        assert number.encode() not in written
        assert number not in said
