"""A purchase that takes long: its card tells when PLN was asked, in place, and the result is a message of its own."""

from pathlib import Path

from bot.sandbox.scenarios import PREFIX
from tests.telegram import talk
from tests.telegram.street import AGENT, SHOP, faster, street


async def test_the_pending_card_tells_when_it_was_asked_last_and_the_token_comes_as_a_new_message(
    tmp_path: Path,
) -> None:
    async with street(tmp_path, shop=faster(SHOP, advice=(300, 300, 300))) as town:
        agent = town.person(AGENT)
        shown = await talk.card(agent, f"{PREFIX}02 50")
        agent.tap(talk.pay_label(shown), shown)
        pending = await agent.sees("Sedang diproses PLN")
        assert "Cek pertama" in (pending.edits[0].text if pending.edits else pending.text)
        asked = await agent.sees("Cek terakhir")
        assert asked.message_id == pending.message_id
        assert asked.labels == ["🔄 Cek sekarang", "💬 Kabari pelanggan", "🆘 Bantuan"]
        done = await agent.sees(talk.is_done)
        assert done.message_id > pending.message_id
        assert len([one for one in agent.screen if "Sedang diproses PLN" in one.text]) == 1
        await town.settled()
        assert await town.violations() == []
