"""Alerts on WhatsApp, as three reply buttons: taken on by one owner, quietened by the other, opened by taps."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.alarms import (
    CLOSED,
    NOT_CONFIGURED,
    OPEN,
    OPENED,
    ORDER_AGAIN,
    QUIET,
    SHUT,
    SOUND,
    STOPPED,
    TAKE,
    TRIED,
    TRY,
)
from tests.whatsapp.conftest import proper
from tests.whatsapp.street import AGENT, OTHER, OWNER, SHOP, Street, street
from tests.whatsapp.talk import METER, bought, card, pay_label, says, speaks, taps

OWNERS = (("whatsapp", OWNER), ("whatsapp", OTHER))
WAITS = dataclasses.replace(SHOP.waits, advice=(600_000,))  # what is refused so stays in doubt for longer than a test


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Street]:
    """A shop with two owners."""
    async with street(tmp_path, shop=dataclasses.replace(SHOP, owners=OWNERS, waits=WAITS)) as made:
        made.api.state.pace.off()
        yield made
        await proper(made)


async def test_sales_stop_one_owner_takes_it_on_and_opens_the_other_has_quiet(town: Street, language: str) -> None:
    agent, first, second = [await speaks(town, number, language) for number in (AGENT, OWNER, OTHER)]
    for one in (agent, first, second):
        await says(one, "menu", "")
    town.sandbox.script("PAY", NOT_CONFIGURED)
    shown = await card(agent)
    marks = first.mark(), second.mark()
    agent.tap(pay_label(shown), shown)
    told, theirs = [await one.sees(STOPPED[language], after=at) for one, at in zip((first, second), marks, strict=True)]
    assert told.kind == "button"
    assert told.labels == [TRY[language], TAKE[language], QUIET[language]]
    mark = second.mark()
    await taps(first, TAKE[language], {"id": "Anda yang mengurus", "en": "you take on"}[language], told)
    await second.sees(f"whatsapp:{OWNER}", after=mark)
    quiet = await taps(second, QUIET[language], "🔕", theirs)
    await taps(second, SOUND[language], "🔔", quiet)
    town.sandbox.script("PAY", None)
    await taps(first, TRY[language], TRIED[language], told)
    marks = first.mark(), second.mark()
    await bought(agent, f"{METER[:-1]}0 50")
    for one, mark in zip((first, second), marks, strict=True):
        await one.sees(OPENED[language], after=mark)


async def test_at_the_counter_a_closed_shop_offers_what_opens_it(town: Street, language: str) -> None:
    owner = await speaks(town, OWNER, language)
    await says(owner, SHUT[language], CLOSED[language])
    refused = await says(owner, f"{METER} 50", "stok opname")
    assert refused.labels == [OPEN[language], ORDER_AGAIN[language]]
    await taps(owner, OPEN[language], OPENED[language], refused)
    await card(owner)
