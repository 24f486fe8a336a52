"""What cannot be taken, by a mistake of ours: kept for itself, in nobody's line, and in nobody's way."""

from pathlib import Path

import pytest

from bot.services import addresses
from bot.services.people import Conversation
from tests.talk import says
from tests.whatsapp.street import AGENT, OTHER, street


async def test_one_name_that_breaks_something_costs_that_message_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = addresses.settle

    def breaks(*given: object) -> Conversation:
        if any(one.value == OTHER for one in given[2]):  # type: ignore[attr-defined]
            raise RuntimeError("a mistake of ours")
        return settle(*given)  # type: ignore[arg-type]

    async with street(tmp_path, agents=(AGENT, OTHER)) as town:
        await says(town.person(AGENT), "saldo", "Rp500.000")
        await says(town.person(OTHER), "saldo", "Rp500.000")
        await town.settled()
        monkeypatch.setattr(addresses, "settle", breaks)
        town.api.mail.hold()
        town.person(OTHER).say("54123456789 50")
        town.person(AGENT).say("harga")
        town.api.mail.flush()
        await town.person(AGENT).sees("Harga")
        await town.settled()
        assert town.whatsapp.counts["kept"] == 1
        assert len(town.person(OTHER).screen) == 1
        assert {post.status for post in town.api.webhook.posts} == {200}
        parked = await town.read(lambda tx: tx.one(int, "alert_count_of_kind", kind="own.unreadable", since=0))
        assert parked == 1
        assert await town.violations() == []
