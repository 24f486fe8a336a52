import pytest

from tests.telegram.double import BotApi
from tests.telegram.double.conftest import Wire

START = {"command": "start", "description": "Mulai"}
BUY = {"command": "beli", "description": "Beli token"}
ALL = {"command": "semua", "description": "Semua"}


async def test_the_menu_is_the_narrowest_that_was_set(wire: Wire, api: BotApi) -> None:
    for number in (5, 6):
        api.person(id=number).start()
    await wire.ok("setMyCommands", commands=[START])
    await wire.ok("setMyCommands", commands=[BUY], language_code="id")
    assert (api.menu(5, "en"), api.menu(5, "id")) == ([START], [BUY])
    await wire.ok("setMyCommands", commands=[ALL], scope={"type": "all_private_chats"})
    assert api.menu(5, "id") == [ALL]
    await wire.ok("setMyCommands", commands=[BUY, START], scope={"type": "chat", "chat_id": 5})
    assert (api.menu(5, "id"), api.menu(6, "id")) == ([BUY, START], [ALL])
    assert await wire.ok("getMyCommands", scope={"type": "chat", "chat_id": 5}) == [BUY, START]
    await wire.ok("deleteMyCommands", scope={"type": "chat", "chat_id": 5})
    assert api.menu(5, "id") == [ALL]


@pytest.mark.parametrize(
    ("command", "description", "times", "words"),
    [
        ("Beli", "x", 1, "BOT_COMMAND_INVALID"),
        ("x" * 33, "x", 1, "BOT_COMMAND_INVALID"),
        ("beli", "", 1, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("beli", "x" * 257, 1, "BOT_COMMAND_DESCRIPTION_INVALID"),
        ("beli", "x", 101, "BOT_COMMANDS_TOO_MUCH"),
    ],
)
async def test_commands_that_break_a_limit_are_refused(
    wire: Wire, command: str, description: str, times: int, words: str
) -> None:
    commands = [{"command": command, "description": description}] * times
    assert await wire.refused("setMyCommands", commands=commands) == (400, f"Bad Request: {words}")


async def test_commands_for_a_stranger_are_refused(wire: Wire) -> None:
    scope = {"type": "chat", "chat_id": 99}
    assert await wire.refused("setMyCommands", commands=[BUY], scope=scope) == (400, "Bad Request: chat not found")


async def test_descriptions_are_kept_by_language_and_limited(wire: Wire) -> None:
    await wire.ok("setMyDescription", description="Token listrik")
    await wire.ok("setMyDescription", description="Electricity", language_code="en")
    assert await wire.ok("getMyDescription", language_code="en") == {"description": "Electricity"}
    assert await wire.ok("getMyDescription", language_code="id") == {"description": "Token listrik"}
    assert (await wire.refused("setMyDescription", description="x" * 513))[0] == 400
    await wire.ok("setMyShortDescription", short_description="x" * 120)
    assert (await wire.refused("setMyShortDescription", short_description="x" * 121))[0] == 400
    assert (await wire.refused("setMyDescription", description="x", language_code="indonesian"))[0] == 400


async def test_a_webhook_is_set_once_a_second_and_told_about(wire: Wire, api: BotApi) -> None:
    status, envelope = await wire.call(
        "setWebhook", url="https://example.org/t", secret_token="a_b-1", max_connections=7, allowed_updates=["message"]
    )
    assert (status, envelope["description"]) == (200, "Webhook was set")
    assert (await wire.refused("setWebhook", url="https://example.org/t")) == (429, "Too Many Requests: retry after 1")
    info = await wire.ok("getWebhookInfo")
    assert (info["url"], info["max_connections"], info["allowed_updates"]) == ("https://example.org/t", 7, ["message"])
    assert info["pending_update_count"] == 0
    _, envelope = await wire.call("deleteWebhook")
    assert envelope["description"] == "Webhook was deleted"
    _, envelope = await wire.call("deleteWebhook")
    assert envelope["description"] == "Webhook is already deleted"
    assert (await wire.ok("getWebhookInfo"))["url"] == ""


async def test_a_secret_of_other_signs_and_an_address_that_is_none_are_refused(wire: Wire, api: BotApi) -> None:
    assert (await wire.refused("setWebhook", url="https://example.org/t", secret_token="a b"))[0] == 400
    assert (await wire.refused("setWebhook", url="example.org"))[0] == 400
    api.state.strict_urls = True
    for url, words in (
        ("http://example.org/t", "An HTTPS URL must be provided for webhook"),
        ("https://example.org:8080/t", "Webhook can be set up only on ports 80, 88, 443 or 8443"),
    ):
        assert await wire.refused("setWebhook", url=url) == (400, f"Bad Request: bad webhook: {words}")


async def test_dropping_what_waits_is_carried_out_and_counted(wire: Wire, api: BotApi) -> None:
    api.person(id=5).start()
    await wire.ok("deleteWebhook", drop_pending_updates=True)
    assert await wire.ok("getUpdates") == []
    assert api.state.hook.drops_asked == 1
    assert [one.state for one in api.state.updates.log] == ["dropped"]


async def test_a_group_is_left_and_a_private_chat_is_not(wire: Wire, api: BotApi) -> None:
    api.person(id=5).group_say(-7, "halo")
    await wire.ok("sendMessage", chat_id=-7, text="x")
    await wire.ok("leaveChat", chat_id=-7)
    assert (await wire.refused("sendMessage", chat_id=-7, text="x"))[0] == 403
    api.person(id=5).start()
    assert (await wire.refused("leaveChat", chat_id=5))[0] == 400
