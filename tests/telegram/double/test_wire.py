import json

import aiohttp

from tests.telegram.double import BotApi
from tests.telegram.double.conftest import Wire


async def test_parameters_come_as_json_form_multipart_or_query(api: BotApi, wire: Wire) -> None:
    budi = api.person()
    budi.start()
    url = f"{api.url}/bot{api.token}/sendMessage"
    keyboard = json.dumps({"inline_keyboard": [[{"text": "Bayar", "callback_data": "a.pay"}]]})
    multipart = aiohttp.FormData({"chat_id": str(budi.id), "text": "multipart", "reply_markup": keyboard})
    multipart.add_field("x", b"1", filename="x")
    await wire.session.post(url, data={"chat_id": budi.id, "text": "form", "reply_markup": keyboard})
    await wire.session.post(url, data=multipart)
    await wire.session.post(url, json={"chat_id": budi.id, "text": "json", "reply_markup": json.loads(keyboard)})
    await wire.session.get(url, params={"chat_id": budi.id, "text": "query", "reply_markup": keyboard})
    assert [one.text for one in budi.screen] == ["form", "multipart", "json", "query"]
    assert [one.labels for one in budi.screen] == [["Bayar"]] * 4


async def test_method_names_are_read_in_any_case(wire: Wire) -> None:
    assert (await wire.ok("GETME"))["is_bot"] is True
    assert wire.api.calls[0].method == "getMe"


async def test_a_wrong_token_is_unauthorized_and_a_malformed_one_not_found(api: BotApi, wire: Wire) -> None:
    other = api.token[:-1] + "z"
    for token, status, words in ((other, 401, "Unauthorized"), ("123:abc", 404, "Not Found")):
        for path in (f"/bot{token}/getMe", f"/file/bot{token}/photos/file_1.jpg"):
            async with wire.session.get(api.url + path) as response:
                assert response.status == status
                assert await response.json() == {"ok": False, "error_code": status, "description": words}


async def test_what_is_not_supported_is_refused_and_remembered(api: BotApi, wire: Wire) -> None:
    assert await wire.refused("sendDice", chat_id=1) == (404, "Not Found: method not found")
    api.person(id=5).start()
    await wire.ok("sendMessage", chat_id=5, text="a", disable_notifications=True)
    keyboard = {"inline_keyboard": [[{"text": "a", "callback_data": "b", "stile": "danger"}]]}
    await wire.ok("sendMessage", chat_id=5, text="a", reply_markup=keyboard)
    assert api.unsupported == [
        "method sendDice",
        "sendMessage parameter disable_notifications",
        "inline button field stile",
    ]


async def test_a_body_that_is_no_object_is_a_bad_request(api: BotApi, wire: Wire) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b"[1]", b"{"):
        async with wire.session.post(f"{api.url}/bot{api.token}/getMe", data=body, headers=headers) as response:
            assert response.status == 400


async def test_every_call_is_written_down_with_its_outcome(api: BotApi, wire: Wire) -> None:
    api.person(id=5).start()
    await wire.ok("sendMessage", chat_id=5, text="halo")
    await wire.refused("sendMessage", chat_id=6, text="halo")
    first, second = api.calls
    assert (first.number, first.method, first.chat, first.outcome, first.applied) == (1, "sendMessage", 5, "ok", True)
    assert first.params == {"chat_id": 5, "text": "halo"}
    assert first.message_id == api.persons[5].screen[0].message_id
    assert (second.status, second.outcome, second.applied) == (400, "Bad Request: chat not found", False)
    assert api.count("sendMessage") == 2
    assert api.count("sendMessage", 5) == 1
