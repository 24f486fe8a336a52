"""Alerts on Telegram: one owner takes it on, the other quietens it, and sales open again by taps."""

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
from tests.telegram.street import AGENT, OTHER, OWNER, SHOP, Street, street
from tests.telegram.talk import METER, bought, card, pay_label, says, taps

OWNERS = (("telegram", str(OWNER)), ("telegram", str(OTHER)))
WAITS = dataclasses.replace(SHOP.waits, advice=(600_000,))  # what is refused so stays in doubt for longer than a test


@pytest.fixture
async def town(tmp_path: Path, mode: str) -> AsyncIterator[Street]:
    """A shop with two owners."""
    async with street(tmp_path, mode, shop=dataclasses.replace(SHOP, owners=OWNERS, waits=WAITS)) as made:
        made.api.state.pace.off()
        yield made
        assert await made.violations() == []
        assert made.api.unsupported == []


async def test_sales_stop_one_owner_takes_it_on_and_opens_the_other_has_quiet(town: Street, language: str) -> None:
    agent, first, second = (town.person(number, language) for number in (AGENT, OWNER, OTHER))
    for one in (agent, first, second):
        one.start()
        await one.sees()
    town.sandbox.script("PAY", NOT_CONFIGURED)
    shown = await card(agent)
    marks = first.mark(), second.mark()
    agent.tap(pay_label(shown), shown)
    told, theirs = [await one.sees(STOPPED[language], after=at) for one, at in zip((first, second), marks, strict=True)]
    assert told.labels == [TRY[language], TAKE[language], QUIET[language]]
    mark = second.mark()
    await taps(first, TAKE[language], {"id": "Anda yang mengurus", "en": "you take on"}[language], told)
    await second.sees(f"telegram:{OWNER}", after=mark)
    quiet = await taps(second, QUIET[language], "🔕", theirs)
    await taps(second, SOUND[language], "🔔", quiet)
    town.sandbox.script("PAY", None)
    await taps(first, TRY[language], TRIED[language], told)
    marks = first.mark(), second.mark()
    await bought(agent, f"{METER[:-1]}0 50")
    for one, mark in zip((first, second), marks, strict=True):
        await one.sees(OPENED[language], after=mark)


async def test_at_the_counter_a_closed_shop_offers_what_opens_it(town: Street, language: str) -> None:
    owner = town.person(OWNER, language)
    owner.start()
    await owner.sees()
    await says(owner, SHUT[language], CLOSED[language])
    refused = await says(owner, f"{METER} 50", "stok opname")
    assert refused.labels == [OPEN[language], ORDER_AGAIN[language]]
    await taps(owner, OPEN[language], OPENED[language], refused)
    await card(owner)
