import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from tests.double.clock import PATIENCE, Signal
from tests.telegram.double import BotApi, Mail
from tests.telegram.double.conftest import Wire
from tests.telegram.double.webhook import SECRET


@dataclass
class Ear:
    """A bot's webhook that notes what arrives and answers as it is told."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    heard: Signal = field(default_factory=Signal)
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    gated: set[int] = field(default_factory=set)  # chats that are answered only when the gate opens

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.bodies.append(body)
        self.secrets.append(request.headers.get(SECRET, ""))
        self.heard.fire()
        if chat(json.loads(body)) in self.gated:
            await self.gate.wait()
        return self.answers.pop(0) if self.answers else web.Response()

    @property
    def updates(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body in self.bodies]

    @property
    def texts(self) -> list[str]:
        return [one["message"]["text"] if "message" in one else "tap" for one in self.updates]

    async def hears(self, count: int) -> None:
        async with asyncio.timeout(PATIENCE):
            while len(self.bodies) < count:
                await self.heard.future()


def chat(update: dict[str, Any]) -> int:
    return int(update["message"]["chat"]["id"]) if "message" in update else 0


@pytest.fixture
async def ear() -> AsyncIterator[Ear]:
    made = Ear()
    application = web.Application()
    application.router.add_post("/t", made.take)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    made.url = f"http://127.0.0.1:{runner.addresses[0][1]}/t"
    yield made
    made.gate.set()
    await runner.cleanup()


async def settled(api: BotApi, count: int) -> None:
    """So many deliveries were answered."""
    await until(api, lambda: len(api.webhook.posts) >= count)


async def until(api: BotApi, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await api.webhook.answered.future()


async def test_updates_are_posted_with_the_secret_and_in_order(wire: Wire, api: BotApi, ear: Ear) -> None:
    budi = api.person()
    budi.say("a")
    await wire.ok("setWebhook", url=ear.url, secret_token="rahasia")
    budi.say("b")
    budi.say("c")
    await settled(api, 3)
    assert ear.texts == ["a", "b", "c"]
    assert ear.secrets == ["rahasia"] * 3
    assert [one.state for one in api.state.updates.log] == ["confirmed"] * 3


async def test_a_chat_waits_for_its_answer_and_others_do_not(wire: Wire, api: BotApi, ear: Ear) -> None:
    budi, siti = api.person(id=5), api.person(id=6)
    ear.gated = {5}
    await wire.ok("setWebhook", url=ear.url)
    budi.say("a")
    await ear.hears(1)
    budi.say("b")
    siti.say("c")
    await ear.hears(2)
    assert ear.texts == ["a", "c"]
    ear.gate.set()
    await ear.hears(3)
    assert ear.texts == ["a", "c", "b"]


async def test_a_tap_overtakes_the_text_before_it(wire: Wire, api: BotApi, ear: Ear) -> None:
    budi = api.person(id=5)
    budi.start()
    keyboard = {"inline_keyboard": [[{"text": "Bayar", "callback_data": "a"}]]}
    await wire.ok("sendMessage", chat_id=5, text="x", reply_markup=keyboard)
    ear.gated = {5}
    await wire.ok("setWebhook", url=ear.url)
    await ear.hears(1)
    budi.say("teks")
    budi.tap("Bayar")
    await ear.hears(2)
    assert ear.texts == ["/start", "tap"]


async def test_what_is_refused_comes_again_on_the_ladder(wire: Wire, api: BotApi, ear: Ear) -> None:
    ear.answers = [web.Response(status=500) for _ in range(4)]
    await wire.ok("setWebhook", url=ear.url)
    api.person().say("a")
    await settled(api, 2)  # the first repeat comes at once
    for seconds in (2, 4, 8):
        before = len(api.webhook.posts)
        update = api.state.updates.log[0]
        assert update.wakes == api.clock.ticks() + seconds
        api.clock.forward(seconds)
        await settled(api, before + 1)
    info = await wire.ok("getWebhookInfo")
    assert (info["pending_update_count"], info["last_error_message"]) == (
        0,
        "Wrong response from the webhook: 500",
    )
    assert [one.status for one in api.webhook.posts] == [500] * 4 + [200]


async def test_retry_after_is_honoured(wire: Wire, api: BotApi, ear: Ear) -> None:
    ear.answers = [web.Response(status=503, headers={"Retry-After": "30"})]
    await wire.ok("setWebhook", url=ear.url)
    update = api.person().say("a")[0]
    await settled(api, 1)
    assert update.wakes == api.clock.ticks() + 30
    assert (await wire.ok("getWebhookInfo"))["pending_update_count"] == 1
    api.clock.forward(30)
    await settled(api, 2)
    assert update.state == "confirmed"


async def test_a_bot_that_is_away_gets_its_updates_when_it_is_back_unless_they_are_too_old(
    wire: Wire, api: BotApi, ear: Ear
) -> None:
    budi = api.person(id=5)
    await wire.ok("setWebhook", url="http://127.0.0.1:1/t")
    update = budi.start()
    keyboard = {"inline_keyboard": [[{"text": "Bayar", "callback_data": "a"}]]}
    await wire.ok("sendMessage", chat_id=5, text="x", reply_markup=keyboard)
    tap = budi.tap("Bayar")[0]
    await settled(api, 4)
    api.clock.forward(151)
    await wire.ok("setWebhook", url=ear.url)
    await ear.hears(1)
    assert ear.texts == ["/start"]
    await until(api, lambda: (update.state, tap.state) == ("confirmed", "expired"))


async def test_gone_for_23_hours_removes_the_webhook(wire: Wire, api: BotApi, ear: Ear) -> None:
    ear.answers = [web.Response(status=410) for _ in range(5)]
    await wire.ok("setWebhook", url=ear.url)
    api.person().say("a")
    await settled(api, 2)
    api.clock.forward(23 * 3_600 + 1)
    await settled(api, 3)
    assert (await wire.ok("getWebhookInfo"))["url"] == ""


async def test_an_answer_that_names_a_method_is_carried_out_and_noted(wire: Wire, api: BotApi, ear: Ear) -> None:
    budi = api.person(id=5)
    ear.answers = [web.json_response({"method": "sendMessage", "chat_id": 5, "text": "halo"})]
    await wire.ok("setWebhook", url=ear.url)
    budi.start()
    await budi.sees("halo")
    assert [one["method"] for one in api.webhook.executed] == ["sendMessage"]
    assert api.calls[-1].via_webhook


async def test_a_delivery_is_doubled_in_other_bytes(wire: Wire, api: BotApi, ear: Ear) -> None:
    await wire.ok("setWebhook", url=ear.url)
    api.fault("message", Mail.DUPLICATE)
    api.fault("message", Mail.CONCURRENT, nth=2)
    budi = api.person()
    budi.say("a/b é")
    budi.say("c")
    await settled(api, 4)
    assert ear.updates[0] == ear.updates[1]
    assert ear.bodies[0] != ear.bodies[1]
    assert ear.updates[2] == ear.updates[3]
    assert api.fired == {"duplicate": 1, "concurrent": 1}


async def test_a_lost_ack_brings_an_update_again(wire: Wire, api: BotApi, ear: Ear) -> None:
    await wire.ok("setWebhook", url=ear.url)
    api.fault("message", Mail.LOST_ACK)
    update = api.person().say("a")[0]
    await settled(api, 2)
    assert (ear.texts, update.state, update.handed) == (["a", "a"], "confirmed", 2)
    assert [one.status for one in api.webhook.posts] == [200, 200]


async def test_two_updates_of_a_chat_change_places(wire: Wire, api: BotApi, ear: Ear) -> None:
    await wire.ok("setWebhook", url=ear.url)
    api.webhook.hold()
    api.fault("message", Mail.REORDER)
    budi = api.person()
    for text in "abc":
        budi.say(text)
    api.webhook.release()
    await settled(api, 3)
    assert ear.texts == ["b", "a", "c"]


async def test_an_update_is_delayed_beyond_its_life(wire: Wire, api: BotApi, ear: Ear) -> None:
    await wire.ok("setWebhook", url=ear.url)
    api.fault("message", Mail.DELAY, seconds=90_000)
    fired = api.person().say("a")[0]
    async with asyncio.timeout(PATIENCE):
        while not api.fired:
            await wire.ok("getMe")
    api.clock.forward(90_000)
    await settled(api, 1)
    assert fired.state == "confirmed"
    assert api.clock.now() > fired.expires


async def test_an_update_is_delivered_once_more_at_will(wire: Wire, api: BotApi, ear: Ear) -> None:
    await wire.ok("setWebhook", url=ear.url)
    update = api.person().say("a")[0]
    await settled(api, 1)
    api.again(update)
    api.again(update)
    await settled(api, 3)
    assert ear.updates[0] == ear.updates[1] == ear.updates[2]


async def test_a_wrong_secret_can_be_tried(wire: Wire, api: BotApi, ear: Ear) -> None:
    await wire.ok("setWebhook", url=ear.url, secret_token="rahasia")
    update = api.person().say("a")[0]
    await settled(api, 1)
    assert await api.webhook.post(update, secret="salah") == (200, 0)
    assert ear.secrets == ["rahasia", "salah"]
