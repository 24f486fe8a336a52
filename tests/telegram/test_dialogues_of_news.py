"""An owner tells his agents something by taps, sees how far it is, and has the database sent, encrypted."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pyrage
import pytest

from bot.store import backup
from tests.telegram.conftest import proper
from tests.telegram.street import AGENT, OWNER, SHOP, Street, street
from tests.telegram.talk import says, taps

KEY = pyrage.x25519.Identity.generate()
PREVIEW = {"id": "Kirim ke 1 agen (1 Telegram)?", "en": "Agents who get it: 1 (1 Telegram). Send?"}
DONE = {"id": "Selesai. Terkirim 1 dari 1.", "en": "Done. Delivered 1 of 1."}
STOP = {"id": "⏹ Hentikan", "en": "⏹ Stop"}
ON = {"id": "💾 Nyalakan 02.00", "en": "💾 Switch on, 02:00"}
NOW = {"id": "💾 Kirim sekarang", "en": "💾 Send it now"}


@pytest.fixture
async def town(tmp_path: Path, mode: str) -> AsyncIterator[Street]:
    """A shop with a key for backups."""
    async with street(tmp_path, mode, shop=dataclasses.replace(SHOP, backup_recipient=str(KEY.to_public()))) as made:
        made.api.state.pace.off()
        yield made
        await proper(made)


async def test_an_owner_tells_all_agents_and_has_a_backup_sent_by_taps(
    town: Street, language: str, tmp_path: Path
) -> None:
    agent, owner = town.person(AGENT, language), town.person(OWNER, language)
    for one in (agent, owner):
        one.start()
        await one.sees()
    asked = await says(owner, "umumkan Besok tutup <jam 3>", PREVIEW[language])
    mark = agent.mark()
    await taps(owner, asked.labels[0], DONE[language], asked)
    heard = await agent.sees("Besok tutup <jam 3>", after=mark)
    assert heard.text.startswith("📢")
    assert [one.labels for one in owner.screen if STOP[language] in one.labels]
    card = await says(owner, "cadangan", lambda one: ON[language] in one.labels)
    card = await taps(owner, ON[language], lambda one: NOW[language] in one.labels, card)
    sent = await taps(owner, NOW[language], lambda one: one.kind == "document", card)
    assert sent.file is not None
    assert sent.file.name.endswith(".db.gz.age")
    (tmp_path / "arrived").write_bytes(sent.file.data)
    (tmp_path / "key").write_text(str(KEY))
    done = backup.restore(
        tmp_path / "arrived",
        tmp_path / "drill.db",
        town.setrum.now(),
        key_file=tmp_path / "key",
        replace=False,
        dated="",
    )
    assert done.sales == 0
