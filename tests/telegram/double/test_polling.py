import asyncio
from typing import Any

from tests.telegram.double import BotApi, Mail
from tests.telegram.double.conftest import Wire


def ids(batch: list[dict[str, Any]]) -> list[int]:
    return [update["update_id"] for update in batch]


async def waiting(api: BotApi, wire: Wire, **params: Any) -> "asyncio.Task[tuple[int, dict[str, Any]]]":
    """A poll that has arrived at the server."""
    heard = api.state.heard.future()
    task = asyncio.create_task(wire.call("getUpdates", **params))
    await heard
    return task


async def test_updates_come_again_until_an_offset_confirms_them(wire: Wire, api: BotApi) -> None:
    budi = api.person()
    first, second, third = (budi.say(text)[0].id for text in "abc")
    assert ids(await wire.ok("getUpdates")) == [first, second, third]
    assert ids(await wire.ok("getUpdates", offset=second)) == [second, third]
    assert ids(await wire.ok("getUpdates", offset=first)) == [second, third]
    assert ids(await wire.ok("getUpdates", limit=1)) == [second]
    assert [one.state for one in api.state.updates.log] == ["confirmed", "pending", "pending"]


async def test_a_negative_offset_forgets_all_but_the_last(wire: Wire, api: BotApi) -> None:
    budi = api.person()
    updates = [budi.say(text)[0].id for text in "abc"]
    assert ids(await wire.ok("getUpdates", offset=-1)) == updates[-1:]
    assert ids(await wire.ok("getUpdates", offset=0, timeout=5)) == updates[-1:]


async def test_an_offset_far_above_the_tail_is_answered_from_the_head(wire: Wire, api: BotApi) -> None:
    update = api.person().say("a")[0].id
    assert ids(await wire.ok("getUpdates", offset=update + 1_000)) == [update]
    api.state.updates.jump()
    later = api.person().say("b")[0].id
    assert later != update + 1
    assert sorted(ids(await wire.ok("getUpdates", timeout=5))) == sorted([update, later])


async def test_a_long_poll_ends_with_the_first_update_or_with_its_time(wire: Wire, api: BotApi) -> None:
    task = await waiting(api, wire, timeout=25)
    update = api.person().say("a")[0].id
    status, envelope = await task
    assert (status, ids(envelope["result"])) == (200, [update])
    task = await waiting(api, wire, timeout=25, offset=update + 1)
    api.clock.forward(24)
    assert not task.done()
    api.clock.forward(1)
    assert (await task)[1]["result"] == []


async def test_a_repeated_offset_waits_three_seconds(wire: Wire, api: BotApi) -> None:
    assert await wire.ok("getUpdates", offset=1) == []
    task = await waiting(api, wire, offset=1)
    api.clock.forward(2.9)
    await wire.ok("getMe")
    assert not task.done()
    api.clock.forward(0.2)
    assert (await task)[1]["result"] == []


async def test_a_second_poller_ends_the_first(wire: Wire, api: BotApi) -> None:
    first = await waiting(api, wire, timeout=25)
    second = await waiting(api, wire, timeout=25)
    status, envelope = await first
    assert (status, envelope["description"]) == (
        409,
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
    )
    api.person().say("a")
    assert len((await second)[1]["result"]) == 1


async def test_there_is_no_polling_beside_a_webhook(wire: Wire, api: BotApi) -> None:
    task = await waiting(api, wire, timeout=25)
    await wire.ok("setWebhook", url="http://127.0.0.1:1/t")
    assert (await task)[0] == 409
    assert await wire.refused("getUpdates") == (
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
    )


async def test_a_poller_that_died_leaves_the_way_free(wire: Wire, api: BotApi) -> None:
    task = await waiting(api, wire, timeout=25)
    task.cancel()
    update = api.person().say("a")[0].id
    assert ids(await wire.ok("getUpdates", timeout=5)) == [update]
    assert api.state.updates.pending


async def test_kinds_that_are_not_allowed_are_dropped_and_the_list_is_remembered(wire: Wire, api: BotApi) -> None:
    budi = api.person()
    number = budi.say("a")[0].payload["message_id"]
    await wire.ok("getUpdates", allowed_updates=["message"])
    budi.edit(number, "b")
    budi.say("c")
    assert [one["message"]["text"] for one in await wire.ok("getUpdates", timeout=5)] == ["a", "c"]
    await wire.ok("getUpdates", allowed_updates=[], timeout=5)
    budi.edit(number, "d")
    assert "edited_message" in (await wire.ok("getUpdates", timeout=5))[-1]
    assert [one.state for one in api.state.updates.log] == ["pending", "filtered", "pending", "pending"]


async def test_messages_live_for_a_day_and_taps_for_150_seconds(wire: Wire, api: BotApi) -> None:
    budi = api.person(id=5)
    message = budi.start().id
    keyboard = {"inline_keyboard": [[{"text": "Bayar", "callback_data": "a"}]]}
    await wire.ok("sendMessage", chat_id=5, text="x", reply_markup=keyboard)
    tap = budi.tap("Bayar")[0].id
    api.clock.forward(149)
    assert ids(await wire.ok("getUpdates")) == [message, tap]
    api.clock.forward(2)
    assert ids(await wire.ok("getUpdates")) == [message]
    api.clock.forward(86_400)
    assert await wire.ok("getUpdates") == []
    assert [one.state for one in api.state.updates.log] == ["expired", "expired"]


async def test_a_lost_offset_brings_a_confirmed_update_back(wire: Wire, api: BotApi) -> None:
    budi = api.person()
    update = budi.say("a")[0]
    api.fault(None, Mail.LOST_ACK)
    await wire.ok("getUpdates")
    assert ids(await wire.ok("getUpdates", offset=update.id + 1)) == [update.id]
    api.again(update)
    assert ids(await wire.ok("getUpdates", offset=update.id + 1)) == [update.id]
    assert await wire.ok("getUpdates", offset=update.id + 2) == []
    assert (update.handed, api.fired) == (3, {"lost_ack": 1})
