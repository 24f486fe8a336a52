"""Stops and kills in the middle of sending: nothing is lost, and what may have arrived is headed as a repeat."""

import asyncio
from pathlib import Path

import pytest

from bot import books, clock
from bot.channels.whatsapp import Access, Templates, WhatsApp
from bot.messaging.sender import Sender
from tests.talk import card, digits, has_token, is_card, is_done, pay_label
from tests.whatsapp.double import ACCESS, Clock, CloudApi, Kind
from tests.whatsapp.street import AGENT, SHOP, street
from tests.whatsapp.traffic import copies


async def test_a_stop_in_the_middle_of_traffic_loses_nothing_and_sends_nothing_twice(tmp_path: Path) -> None:
    crowd = [f"62812{number:08d}" for number in range(200, 212)]
    async with CloudApi(clock=Clock(factor=20)) as api:
        api.pace.off()
        async with street(tmp_path, api=api, agents=crowd, latency_ms=30) as town:
            for number in crowd:
                town.person(number).say(f"54123456{number[-3:]} 20")
            cards = [await town.person(number).sees(is_card) for number in crowd]
            api.chance(Kind.DRIP, 1.0)
            api.faults.seconds = 1.0
            for number, payment in zip(crowd, cards, strict=True):
                town.person(number).tap(pay_label(payment), payment)
            await town.sells(len(crowd))
        async with street(tmp_path, api=api, agents=crowd, latency_ms=30) as town:
            for number in crowd:
                await town.person(number).sees(is_done)
            await town.settled()
            sold = sorted(one.tokens[0] for one in town.sandbox.sales())
            shown = sorted(digits(one) for number in crowd for one in town.person(number).screen if has_token(one))
            assert shown == sold
            assert len(sold) == len(crowd)
            assert await town.violations() == []


@pytest.mark.parametrize("kind", [Kind.HANG_APPLIED, Kind.HANG])
async def test_what_a_killed_process_was_sending_comes_again_with_a_heading(tmp_path: Path, kind: Kind) -> None:
    """It was claimed, the call was under way, and nobody noted how it ended."""
    async with CloudApi(clock=Clock(factor=20)) as api:
        api.pace.off()
        api.statuses.auto = ()
        async with street(tmp_path, api=api) as town:
            agent = town.person(AGENT)
            payment = await card(agent)
            await town.settled()
            await api.cut()
            agent.tap(pay_label(payment), payment)
            await town.sells(1)
        await api.up()
        await killed_while_sending(tmp_path, api, kind)
        assert copies(agent) == ([False] if kind is Kind.HANG_APPLIED else [])
        async with street(tmp_path, api=api) as town:
            await agent.sees(is_done)
            await town.settled()
            assert copies(agent) == ([False, True] if kind is Kind.HANG_APPLIED else [True])
            assert await town.violations() == []


async def killed_while_sending(folder: Path, api: CloudApi, kind: Kind) -> None:
    """A process that claims, calls, and is no more: no outcome is noted."""
    access = Access(
        ACCESS.token, ACCESS.phone_number_id, ACCESS.app_secret, ACCESS.verify_token, api.url, ACCESS.version
    )
    async with (
        books.opened(folder / "setrum.db", SHOP) as store,
        WhatsApp(access, Templates(), store, SHOP, clock.now) as channel,
    ):
        sender = Sender(store, channel, clock.now, SHOP.waits)
        api.fault("text", kind, seconds=1_000.0)
        calls = api.count("text")
        working = asyncio.create_task(keeps_working(sender))
        async with asyncio.timeout(5):
            while api.count("text") == calls:
                await api.state.heard.future()
        if kind is Kind.HANG_APPLIED:
            await api.persons[AGENT].sees(has_token)
        dying = [working, *sender._live]
        for one in dying:
            one.cancel()
        await asyncio.gather(*dying, return_exceptions=True)


async def keeps_working(sender: Sender) -> None:
    """As the shop's loop does."""
    while True:
        await sender.work()
        await asyncio.sleep(sender.due_in() or 0)
