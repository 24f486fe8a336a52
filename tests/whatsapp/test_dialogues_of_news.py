"""An owner tells his agents something on WhatsApp: by buttons within a day, by a template or not at all after it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pyrage
import pytest

from bot.channels.whatsapp.look import Dressing, mark
from bot.channels.whatsapp.templates import Templates, news
from bot.domain.rules import Shop
from bot.i18n import Catalogues, Renderer
from bot.messaging.channel import Outcome, Result
from bot.messaging.outbox import Class, Outgoing, Variant
from bot.messaging.policy import Policy
from bot.services import broadcasts
from tests.whatsapp.conftest import proper
from tests.whatsapp.street import AGENT, OWNER, SHOP, Street, street
from tests.whatsapp.talk import says, speaks, taps
from tests.world import ZONE

KEY = pyrage.x25519.Identity.generate()
PREVIEW = {"id": "Kirim ke 1 agen (1 WhatsApp)?", "en": "Agents who get it: 1 (1 WhatsApp). Send?"}
DONE = {"id": "Selesai. Terkirim 1 dari 1.", "en": "Done. Delivered 1 of 1."}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Street]:
    """A shop with a key for backups."""
    async with street(tmp_path, shop=replace(SHOP, backup_recipient=str(KEY.to_public()))) as made:
        made.api.state.pace.off()
        yield made
        await proper(made)


async def test_an_owner_tells_all_agents_and_has_a_backup_sent(town: Street, language: str) -> None:
    owner, agent = await speaks(town, OWNER, language), await speaks(town, AGENT, language)
    await says(agent, "menu", "")
    asked = await says(owner, "umumkan Besok tutup jam 3", PREVIEW[language])
    assert asked.kind == "button"
    before = agent.mark()
    await taps(owner, asked.labels[0], DONE[language], asked)
    await agent.sees("Besok tutup jam 3", after=before)
    await says(owner, "cadangan malam 02.00", "💾")
    sent = await says(owner, "cadangan sekarang", lambda one: one.kind == "document")
    assert sent.document is not None
    assert sent.document.startswith(b"-----BEGIN AGE ENCRYPTED FILE-----")


def test_after_a_day_of_silence_a_broadcast_is_a_template_or_nothing() -> None:
    dressing = Dressing(Renderer(Catalogues(), mark=mark), Renderer(Catalogues()), ZONE)
    message = broadcasts.message(Shop(name="Toko Uji"), "Besok  tutup jam 3. " + "x " * 300)
    assert news(message, "id", Templates(), dressing) is None
    made = news(message, "en", Templates(news="kabar_agen", languages=("id",)), dressing)
    assert made is not None
    (parameter,) = made["components"][0]["parameters"]
    assert (made["name"], made["language"]) == ("kabar_agen", {"code": "id"})
    assert parameter["text"] == "Besok tutup jam 3. " + "x " * 299 + "x."


def test_a_broadcast_that_comes_too_late_is_tried_once_as_a_template_and_then_let_go() -> None:
    policy, closed = Policy(SHOP.waits, statuses=True), Result(Outcome.CLOSED)
    row = Outgoing(1, 1, "62812", "id", Class.NOTICE, "", None, "", None, 0, 0, broadcast_id=1)
    again = policy.after(row, closed, 0)
    assert (again.state, again.variant) == ("queued", Variant.TEMPLATE)
    assert policy.after(replace(row, variant=Variant.TEMPLATE), closed, 0).state == "dropped"
    assert policy.after(replace(row, broadcast_id=None), closed, 0).state == "dropped"
