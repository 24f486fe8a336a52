"""Updates on their way in: nothing is acknowledged that is not stored, and no trouble ends the intake for good."""

import asyncio
import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot import clock
from bot.channels.telegram.intake import Health, Registration
from bot.channels.telegram.request import AiohttpRequest, Api
from bot.domain.rules import Waits
from bot.ports import Tx
from tests.double.clock import PATIENCE
from tests.store.probe import full
from tests.street import alerts
from tests.telegram.double import BotApi, Clock, Kind, Mail, Person
from tests.telegram.street import AGENT, OTHER, SECRET, Street, street
from tests.telegram.talk import METER, bought, card, pay_label, says

HEADER = "X-Telegram-Bot-Api-Secret-Token"
LONG = "halo " * 800  # more than the pages that the database has left over


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with BotApi(clock=Clock(factor=20)) as made:
        made.state.pace.off()
        yield made


def stored(tx: Tx) -> int:
    return tx.one(int, "inbox_last_order_key", channel="telegram", prefix="%") or 0


@asynccontextmanager
async def posting(town: Street, body: bytes, **headers: str) -> AsyncIterator[int]:
    """The status that a request to the webhook is answered with."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{town.address}/telegram", data=body, headers=headers) as response,
    ):
        assert await response.read() == b""
        yield response.status


def update(number: int = 7, text: str = "saldo") -> bytes:
    said = {"message_id": number, "date": clock.now() // 1000, "chat": {"id": AGENT, "type": "private"}, "text": text}
    return json.dumps({"update_id": number, "message": said}).encode()


# the webhook's door


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET[:-1], SECRET + "x", "gehe\u00efm", SECRET.upper()])
async def test_a_wrong_or_missing_secret_is_sent_away_and_nothing_is_stored(tmp_path: Path, secret: str | None) -> None:
    async with street(tmp_path, "webhook") as town:
        headers = {} if secret is None else {HEADER: secret}
        async with posting(town, update(), **headers) as status:
            assert status == 403
        assert await town.read(stored) == 0


async def test_without_webhook_mode_nobody_can_post_updates(tmp_path: Path) -> None:
    async with street(tmp_path, "polling") as town:
        for headers in ({}, {HEADER: ""}, {HEADER: SECRET}):
            async with posting(town, update(), **headers) as status:
                assert status == 403
        assert await town.read(stored) == 0


async def test_a_body_that_is_too_long_is_refused_whether_its_length_is_said_or_not(tmp_path: Path) -> None:
    async def in_pieces(megabytes: int) -> AsyncIterator[bytes]:
        for _ in range(megabytes):
            yield b"x" * (1024 * 1024 + 1)

    async with street(tmp_path, "webhook") as town, aiohttp.ClientSession(headers={HEADER: SECRET}) as session:
        for body in (io.BytesIO(b"x" * (1024 * 1024 + 1)), in_pieces(1), in_pieces(6)):
            async with session.post(f"{town.address}/telegram", data=body) as response:
                assert response.status == 413
        assert await town.read(stored) == 0


async def test_what_is_no_update_is_taken_once_and_kept(tmp_path: Path) -> None:
    async with street(tmp_path, "webhook") as town:
        for body in (b"", b"{", b"[]", b"null", b'"x"', b'{"update_id": "7"}', b"\xff\xfe", b'{"result": 5}', b"1e999"):
            for _ in range(2):
                async with posting(town, body, **{HEADER: SECRET}) as status:
                    assert status == 200
        async with posting(
            town, json.dumps({"update_id": 8, "chat_boost": {"x": 1}}).encode(), **{HEADER: SECRET}
        ) as status:
            assert status == 200
        await town.settled()
        await says(town.person(AGENT), "saldo", "Rp500.000")


# acknowledged after the commit only


async def test_what_a_full_disk_did_not_take_is_delivered_again_and_handled_once(town: Street) -> None:
    agent = town.person(AGENT)
    await says(agent, "saldo", "Rp500.000")
    async with full(town.store):
        (refused,) = agent.say(LONG)
        async with asyncio.timeout(PATIENCE):
            while refused.handed < 2:
                await (heard(town.api) if town.api.state.hook.url else town.api.state.heard.future())
        assert refused.state == "pending"
    await agent.sees("Saya belum paham")
    await town.settled()
    assert [one.text.startswith("Saya belum paham") for one in agent.screen].count(True) == 1
    if town.api.state.hook.url:
        assert {post.status for post in town.api.webhook.posts} == {200, 500}


async def heard(api: BotApi) -> None:
    """Until a delivery is over."""
    await api.webhook.answered.future()


@pytest.mark.parametrize("kind", [Mail.DUPLICATE, Mail.CONCURRENT, Mail.LOST_ACK, Mail.REORDER, Mail.DELAY])
async def test_whatever_happens_to_a_delivery_each_message_is_answered_once(town: Street, kind: Mail) -> None:
    agent = town.person(AGENT)
    town.api.fault(None, kind, count=2, seconds=2.0)
    for text in ("saldo", "harga", "riwayat", "kasir"):
        agent.say(text)
    await agent.until(lambda: len(agent.screen) == 4)
    await town.settled()
    assert sorted(one.text[:5] for one in agent.screen) == sorted(["Saldo", "Harga", "🧾 Bel", "👥 Bel"])


async def test_a_tap_that_comes_as_twins_pays_once(town: Street) -> None:
    agent = town.person(AGENT)
    town.api.mail.chance(Mail.TWIN, 1.0)
    await bought(agent)
    await town.settled()
    assert town.sandbox.count("PAY") == 1
    assert town.api.fired[Mail.TWIN] == 1


async def test_one_bad_update_in_a_batch_harms_no_other(town: Street) -> None:
    agent = town.person(AGENT)
    town.api.webhook.hold()
    updates = town.api.state.updates
    agent.say("saldo")
    for payload in ({"garbage": 1}, {"chat": 5}, {"chat": {"id": AGENT, "type": "private"}, "text": 7}):
        updates.add("message", payload, "chat x", AGENT)
    agent.say("harga")
    town.api.webhook.release()
    await agent.sees("Saldo")
    await agent.sees("Harga")
    await town.settled()
    assert await town.read(alerts) == 3


async def test_updates_of_a_kind_that_we_do_not_know_are_taken_and_left_alone(town: Street) -> None:
    agent = town.person(AGENT)
    town.api.state.updates.allowed = []
    town.api.state.updates.add("purchased_paid_media", {"from": agent.described}, "x", AGENT)
    await says(agent, "saldo", "Rp500.000")
    await town.settled()
    assert len(agent.screen) == 1
    assert await town.read(alerts) == 0


async def test_only_the_kinds_that_we_read_are_asked_for(town: Street) -> None:
    await says(town.person(AGENT), "saldo", "Rp500.000")
    assert town.api.state.updates.allowed == ["message", "edited_message", "callback_query", "my_chat_member"]


# restarts


async def test_what_was_typed_while_we_were_down_is_answered_at_the_next_start(
    tmp_path: Path, api: BotApi, mode: str
) -> None:
    async with street(tmp_path, mode, api=api) as town:
        agent, other = town.person(AGENT), town.person(OTHER)
        payment = await card(agent)
    agent.tap(pay_label(payment), payment)
    agent.say("saldo")
    other.start()
    async with street(tmp_path, mode, api=api) as town:
        await agent.sees("SUKSES")
        await agent.sees("Saldo")
        await other.sees("Halo!")
        await town.settled()
        assert town.sandbox.count("PAY") == 1
        assert api.state.hook.drops_asked == 0


async def test_what_was_said_long_ago_approves_nothing(tmp_path: Path, api: BotApi, mode: str) -> None:
    async with street(tmp_path, mode, api=api) as town:
        agent = town.person(AGENT)
        payment = await card(agent)
    agent.say("bayar")
    agent.tap(pay_label(payment), payment)
    api.clock.forward(16 * 60)  # the tap's time is over, too: the platform drops it
    async with street(tmp_path, mode, api=api, now=lambda: clock.now() + 16 * clock.MINUTE) as town:
        await agent.sees("lebih dari 15 menit yang lalu")
        await town.settled()
        assert (town.sandbox.count("PAY"), await town.purchases()) == (0, [])


async def test_ids_that_begin_anew_at_a_smaller_number_are_followed(town: Street) -> None:
    agent = town.person(AGENT)
    await says(agent, "saldo", "Rp500.000")
    town.api.state.updates.next_id = 1_000
    await says(agent, "harga", "Harga")
    await says(agent, "riwayat", "🧾")
    await town.settled()
    assert [one.handed for one in town.api.state.updates.log] == [1, 1, 1]


# trouble on the way


async def test_the_poller_outlives_every_answer_and_none_is_taken_for_an_update(tmp_path: Path) -> None:
    async with street(tmp_path, "polling") as town:
        town.api.state.pace.off()
        agent = town.person(AGENT)
        kinds = set(Kind) - {Kind.FLOOD_BARE}  # which is obeyed for five seconds
        for kind in sorted(kinds):
            town.api.fault("getUpdates", kind, retry_after=0, seconds=1.0)
            await says(agent, "saldo", "Saldo")  # taken by the call that waits, or by the one after the spoilt one
            await says(agent, "harga", "Harga")
            assert town.api.fired[kind] == 1, kind
        await town.settled()
        assert len(agent.screen) == 2 * len(kinds)
        assert await town.read(alerts) == 0


async def test_a_platform_that_is_away_is_waited_for(town: Street) -> None:
    agent = town.person(AGENT)
    async with town.api.down():
        agent.say("saldo")
        async with aiohttp.ClientSession() as session, session.get(f"{town.address}/healthz") as response:
            assert response.status == 200
    await agent.sees("Rp500.000")


async def test_a_refused_token_is_said_once_and_found_again_by_itself(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with street(tmp_path, "polling") as town:
            town.api.fault("getUpdates", Kind.UNAUTHORIZED, count=5)
            agent = town.person(AGENT)
            agent.say("saldo")
            await agent.sees("Rp500.000")
    said = [one for one in logs if one["log_level"] == "critical"]
    assert [one["why"] for one in said] == ["401 Unauthorized"]
    assert "TELEGRAM_TOKEN" in said[0]["event"]
    assert "updates come in again" in [one["event"] for one in logs]


async def test_another_process_that_polls_is_said_and_not_fought(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with street(tmp_path, "polling") as town:
            agent = town.person(AGENT)
            await says(agent, "saldo", "Rp500.000")
            polls = town.api.count("getUpdates")
            async with aiohttp.ClientSession() as rival:
                call: dict[str, Any] = {"timeout": 2}
                async with rival.post(f"{town.api.url}/bot{town.api.token}/getUpdates", json=call) as response:
                    assert response.status == 200
            assert town.api.count("getUpdates") <= polls + 2
            await says(agent, "harga", "Harga")
    said = [one for one in logs if one["log_level"] == "critical"]
    assert len(said) == 1
    assert "another process fetches" in said[0]["event"]


async def test_a_webhook_that_was_left_over_is_removed_with_its_address_in_the_log(tmp_path: Path, api: BotApi) -> None:
    api.state.hook.url = "https://old.example.org/hook"
    with capture_logs() as logs:
        async with street(tmp_path, "polling", api=api) as town:
            await says(town.person(AGENT), "saldo", "Rp500.000")
    assert api.state.hook.url == ""
    assert [one["url"] for one in logs if one["event"].startswith("removing a webhook")] == [
        "https://old.example.org/hook"
    ]


async def test_a_webhook_that_somebody_else_registers_is_registered_again_and_said(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with street(tmp_path, "webhook") as town:
            agent = town.person(AGENT)
            await says(agent, "saldo", "Rp500.000")
            hook = town.api.state.hook
            hook.url, hook.secret, hook.serial = "https://other.example.org/hook", "", hook.serial + 1
            hook.changed.fire()
            agent.say("harga")
            await agent.sees("Harga")
            assert hook.url == f"{town.address}/telegram"
    assert any("somebody else registered a webhook" in one["event"] for one in logs)


@pytest.mark.parametrize("info", [{"url": "https://shop.example.org/telegram"}, {}, True, [1], {"url": None}])
async def test_a_webhook_that_stands_is_not_registered_again_and_again(info: Any) -> None:
    calls: asyncio.Queue[str] = asyncio.Queue()

    async def called(request: web.Request) -> web.Response:
        method = request.path.rpartition("/")[2]
        calls.put_nowait(method)
        return web.json_response({"ok": True, "result": info if method == "getWebhookInfo" else True})

    application = web.Application()
    application.router.add_post("/{path:.*}", called)
    runner, pool = web.AppRunner(application, access_log=None), AiohttpRequest()
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await pool.initialize()
    api = Api(f"http://127.0.0.1:{runner.addresses[0][1]}", "1:a", pool)
    ours = "https://Shop.Example.org/telegram"  # the platform writes it in small letters
    registration = Registration(api, ours, SECRET, Health(), lambda: 1, Waits(webhook=20))
    running = asyncio.ensure_future(registration.run())
    try:
        async with asyncio.timeout(PATIENCE):
            seen = [await calls.get() for _ in range(4)]
    finally:
        running.cancel()
        await asyncio.wait([running])
        await pool.shutdown()
        await runner.cleanup()
    is_ours = not isinstance(info, dict) or bool(info.get("url"))
    assert seen == (["setWebhook", *["getWebhookInfo"] * 3] if is_ours else ["setWebhook", "getWebhookInfo"] * 2)


async def test_registering_the_webhook_is_tried_until_it_succeeds(tmp_path: Path, api: BotApi) -> None:
    kinds = (Kind.RESET, Kind.HTML_502, Kind.FLOOD, Kind.DROP_APPLIED)
    for number, kind in enumerate(kinds, 1):
        api.fault("setWebhook", kind, nth=number, retry_after=0)
    async with street(tmp_path, "webhook", api=api) as town:
        await says(town.person(AGENT), "saldo", "Rp500.000")
    assert set(api.fired) == set(kinds)


async def test_readiness_says_while_nothing_can_come_in(tmp_path: Path, api: BotApi, mode: str) -> None:
    for method in ("getUpdates", "setWebhook", "getWebhookInfo"):
        api.fault(method, Kind.HTML_502, count=1_000)
    async with street(tmp_path, mode, api=api) as town, aiohttp.ClientSession() as session:
        async with session.get(f"{town.address}/readyz") as response:
            assert (response.status, await response.text()) == (503, "nothing comes in from telegram\n")
        api.faults.clear()
        await says(town.person(AGENT), "saldo", "Rp500.000")
        async with session.get(f"{town.address}/readyz") as response:
            assert response.status == 200


async def test_every_tap_gets_its_answer_while_the_supplier_hangs(tmp_path: Path, mode: str) -> None:
    async with street(tmp_path, mode) as town:
        town.api.state.pace.off()
        agent: Person = town.person(AGENT)
        payment = await card(agent, f"{METER} 20")
        town.hang()
        agent.tap(pay_label(payment), payment)
        await agent.until(lambda: agent.spinning == 0 and bool(agent.toasts))
        assert agent.toasts[-1].text == "Diproses"
        assert town.sandbox.sales() == []
