"""The owner's morning on WhatsApp: below its picture within a day of his last word, by a template or later after it."""

from pathlib import Path

import pytest

from bot import clock
from bot.channels.whatsapp import Templates
from bot.clock import DAY, HOUR, day_span
from tests.talk import bought, says, taps
from tests.whatsapp.conftest import proper
from tests.whatsapp.double import Clock, CloudApi
from tests.whatsapp.street import AGENT, OWNER, street
from tests.whatsapp.talk import speaks
from tests.world import ZONE

SUCCESS = {"id": "Sukses 1 · Penjualan Rp52.000", "en": "Success 1 · Sales Rp52.000"}
NONE = {"id": "Tidak ada penjualan", "en": "No sales"}
FULL = {"id": "📋 Lengkap", "en": "📋 Full report"}
BUSY = {"id": "Ramai", "en": "Busy"}
BODY = {"id": "Kabar toko: {{1}} Balas pesan ini untuk rincian.", "en": "Shop news: {{1}} Reply for details."}


@pytest.mark.parametrize("template", ["", "kabar_toko"])
async def test_yesterday_comes_with_its_picture_and_after_a_days_silence_by_a_template_or_once_he_writes(
    tmp_path: Path, language: str, template: str
) -> None:
    ahead = 0
    async with (
        CloudApi(clock=Clock(factor=20)) as api,
        street(tmp_path, api=api, now=lambda: clock.now() + ahead, templates=Templates(shop=template)) as town,
    ):
        api.pace.off()
        for name, body in BODY.items():
            api.templates.register("kabar_toko", name, body)
        owner, agent = await speaks(town, OWNER, language), await speaks(town, AGENT, language)
        await bought(agent)
        passed = day_span(clock.now(), ZONE)[1] + 7 * HOUR - clock.now()
        ahead += passed
        api.clock.forward(passed / 1000)
        await says(owner, "menu", "")
        mark = owner.mark()
        assert await town.setrum.tell_yesterday() == 1
        told = await owner.sees(SUCCESS[language], after=mark)
        assert told.image is not None
        assert told.image.startswith(b"\x89PNG")
        await taps(owner, FULL[language], BUSY[language], told)
        await town.settled()
        ahead += DAY
        api.clock.forward(DAY / 1000)
        mark = owner.mark()
        assert await town.setrum.tell_yesterday() == 1
        await town.settled()
        if template:
            short = await owner.sees(NONE[language], after=mark)
            assert (short.kind, short.template) == ("template", "kabar_toko")
            assert short.text.endswith(f". {BODY[language].partition('}} ')[2]}")  # sentences beside each other
        else:
            assert owner.mark() == mark
            late = await says(owner, "menu", NONE[language])
            assert late.kind != "template"
        await proper(town)
