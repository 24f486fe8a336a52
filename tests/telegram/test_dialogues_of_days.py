"""The owner's morning on Telegram: yesterday in figures below its picture, and what its buttons lead to."""

import io
from pathlib import Path

from PIL import Image

from bot import clock
from bot.clock import HOUR, day_span
from tests.double.clock import Clock
from tests.telegram.conftest import proper
from tests.telegram.double import BotApi
from tests.telegram.street import AGENT, OWNER, street
from tests.telegram.talk import bought, says, taps
from tests.world import ZONE

SUCCESS = {"id": "Sukses 1 · Penjualan Rp52.000", "en": "Success 1 · Sales Rp52.000"}
FULL = {"id": "📋 Lengkap", "en": "📋 Full report"}
BUSY = {"id": "Ramai", "en": "Busy"}


async def test_yesterday_comes_with_its_picture_and_leads_to_the_rest(tmp_path: Path, mode: str, language: str) -> None:
    ahead = 0
    async with (
        BotApi(clock=Clock(factor=20)) as api,
        street(tmp_path, mode, api=api, now=lambda: clock.now() + ahead) as town,
    ):
        api.state.pace.off()
        owner, agent = town.person(OWNER, language), town.person(AGENT, language)
        for one in (owner, agent):
            await says(one, "/start", "")
        await bought(agent)
        await town.settled()
        ahead = day_span(clock.now(), ZONE)[1] + 7 * HOUR - clock.now()
        api.clock.forward(ahead / 1000)
        mark = owner.mark()
        assert await town.setrum.tell_yesterday() == 1
        told = await owner.sees(SUCCESS[language], after=mark)
        assert told.kind == "photo"
        assert told.file is not None
        assert Image.open(io.BytesIO(told.file.data)).size == (1080, 900)
        assert FULL[language] in told.labels
        full = await taps(owner, FULL[language], BUSY[language], told)
        assert "👤 Agen 22" in full.labels
        assert await town.setrum.tell_yesterday() == 0
        await proper(town)
