from typing import Any

import aiohttp
import pytest

from tests.telegram.double import BotApi, Person
from tests.telegram.double.conftest import Wire

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x40\x00\x00\x00\x40"


def inline(*buttons: dict[str, Any]) -> dict[str, Any]:
    return {"inline_keyboard": [[one] for one in buttons]}


BUTTON = {"text": "x", "callback_data": "x"}
COPY: dict[str, Any] = {"text": "x"}
PAY = inline({"text": "Bayar", "callback_data": "abc.pay", "style": "success"})


@pytest.fixture
def budi(api: BotApi) -> Person:
    person = api.person(id=5)
    person.start()
    return person


async def test_a_message_is_on_the_phone_as_the_person_reads_it(wire: Wire, budi: Person) -> None:
    keyboard = inline(
        {"text": "Salin", "copy_text": {"text": "1234"}}, {"text": "WA", "url": "https://wa.me/62811?text=x"}
    )
    result = await wire.ok(
        "sendMessage", chat_id=5, text="<b>T&amp;C</b>", parse_mode="HTML", reply_markup=keyboard,
        reply_parameters={"message_id": budi.said[0].message_id},
    )  # fmt: skip
    (shown,) = budi.screen
    assert (shown.text, shown.html, shown.reply_to) == ("T&C", "<b>T&amp;C</b>", budi.said[0].message_id)
    assert [(one.label, one.copy, one.url) for row in shown.buttons for one in row] == [
        ("Salin", "1234", ""),
        ("WA", "", "https://wa.me/62811?text=x"),
    ]
    assert result["entities"] == [{"type": "bold", "offset": 0, "length": 3}]
    assert result["reply_to_message"]["text"] == "/start"
    assert result["reply_markup"] == keyboard


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": " \n "}, "message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "x" * 40_000}, "text is too long"),
        ({"text": "x</b>", "parse_mode": "HTML"}, "can't parse entities: Unexpected end tag at byte offset 1"),
        ({"chat_id": "", "text": "x"}, "chat_id is empty"),
        ({"chat_id": 99, "text": "x"}, "chat not found"),
        ({"text": "x", "reply_parameters": {"message_id": 99}}, "message to be replied not found"),
        ({"text": "x", "message_effect_id": "1"}, "EFFECT_ID_INVALID"),
        ({"text": "x", "reply_markup": inline({"text": "x", "callback_data": "é" * 33})}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": inline({"text": "x", "callback_data": ""})}, "BUTTON_DATA_INVALID"),
        ({"text": "x", "reply_markup": inline(COPY | {"copy_text": {"text": "x" * 257}})}, "BUTTON_COPY_TEXT_INVALID"),
        ({"text": "x", "reply_markup": inline({"text": "x", "copy_text": {"text": ""}})}, "BUTTON_COPY_TEXT_INVALID"),
        (
            {"text": "x", "reply_markup": inline({"text": "x"})},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "reply_markup": inline({"text": "x", "url": "javascript:1"})},
            "inline keyboard button URL 'javascript:1' is invalid: Unsupported URL protocol",
        ),
        ({"text": "x", "reply_markup": inline(*[BUTTON] * 101)}, "reply markup is too long"),
        ({"text": "x", "reply_markup": {"inline_keyboard": [[BUTTON] * 9]}}, "reply markup is too long"),
        (
            {"text": "x", "reply_markup": inline({"text": "x", "callback_data": "x", "style": "pink"})},
            "can't parse inline keyboard button: invalid button style specified",
        ),
        ({"text": "x", "reply_markup": "{"}, "can't parse reply markup JSON object"),
    ],
)  # fmt: skip
async def test_a_message_that_breaks_a_limit_is_refused(
    wire: Wire, budi: Person, params: dict[str, Any], words: str
) -> None:
    assert await wire.refused("sendMessage", **({"chat_id": 5} | params)) == (400, f"Bad Request: {words}")
    assert budi.screen == []


async def test_the_longest_message_is_counted_after_parsing(wire: Wire, budi: Person) -> None:
    await wire.ok("sendMessage", chat_id=5, text=f"<b>{'&amp;' * 4096}</b>", parse_mode="HTML")
    assert len(budi.screen[0].text) == 4096


async def test_nobody_is_written_to_before_he_writes_nor_after_he_blocks(wire: Wire, api: BotApi) -> None:
    siti = api.person(id=6)
    assert await wire.refused("sendMessage", chat_id=6, text="x") == (400, "Bad Request: chat not found")
    siti.start()
    siti.block()
    assert await wire.refused("sendMessage", chat_id=6, text="x") == (403, "Forbidden: bot was blocked by the user")
    assert (await wire.refused("sendChatAction", chat_id=6, action="typing"))[0] == 403
    siti.unblock()
    await wire.ok("sendMessage", chat_id=6, text="x")
    siti.deactivate()
    assert await wire.refused("sendMessage", chat_id=6, text="x") == (403, "Forbidden: user is deactivated")


async def test_an_edit_without_a_keyboard_takes_the_keyboard_away(wire: Wire, budi: Person) -> None:
    sent = await wire.ok("sendMessage", chat_id=5, text="Bayar?", reply_markup=PAY)
    await wire.ok("editMessageText", chat_id=5, message_id=sent["message_id"], text="Diproses")
    (shown,) = budi.screen
    assert (shown.text, shown.buttons) == ("Diproses", ())
    assert [(one.text, len(one.buttons)) for one in shown.edits] == [("Bayar?", 1)]
    assert len(shown.seen) == 2


async def test_an_edit_that_changes_nothing_is_refused(wire: Wire, budi: Person) -> None:
    sent = await wire.ok("sendMessage", chat_id=5, text="Bayar?", reply_markup=PAY)
    of = {"chat_id": 5, "message_id": sent["message_id"]}
    assert await wire.refused("editMessageText", **of, text="Bayar?", reply_markup=PAY) == (400, NOT_MODIFIED)
    assert await wire.refused("editMessageReplyMarkup", **of, reply_markup=PAY) == (400, NOT_MODIFIED)
    await wire.ok("editMessageReplyMarkup", **of)
    assert await wire.refused("editMessageReplyMarkup", **of) == (400, NOT_MODIFIED)


async def test_what_cannot_be_edited_is_refused(wire: Wire, budi: Person) -> None:
    keyboard = {"keyboard": [[{"text": "Bagikan", "request_contact": True}]]}
    below = await wire.ok("sendMessage", chat_id=5, text="Nomor?", reply_markup=keyboard)
    gone = await wire.ok("sendMessage", chat_id=5, text="x")
    await wire.ok("deleteMessage", chat_id=5, message_id=gone["message_id"])
    for number, words in (
        (below["message_id"], "message can't be edited"),
        (budi.said[0].message_id, "message can't be edited"),
        (gone["message_id"], "message to edit not found"),
        (99, "message to edit not found"),
        (0, "message identifier is not specified"),
    ):
        refused = await wire.refused("editMessageText", chat_id=5, message_id=number, text="y")
        assert refused == (400, f"Bad Request: {words}")
    assert (await wire.refused("editMessageText", chat_id=5, message_id=99, text="<b>", parse_mode="HTML"))[0] == 400


async def test_an_edit_has_its_own_words_for_too_long(wire: Wire, budi: Person) -> None:
    sent = await wire.ok("sendMessage", chat_id=5, text="x")
    of = {"chat_id": 5, "message_id": sent["message_id"]}
    assert await wire.refused("editMessageText", **of, text="x" * 4097) == (400, "Bad Request: MESSAGE_TOO_LONG")


async def test_a_typed_secret_can_be_deleted_for_two_days(wire: Wire, api: BotApi, budi: Person) -> None:
    budi.say("123456")
    budi.say("654321")
    first, second = (one.message_id for one in budi.said[1:])
    await wire.ok("deleteMessage", chat_id=5, message_id=first)
    assert [one.text for one in budi.said] == ["/start", "654321"]
    assert await wire.refused("deleteMessage", chat_id=5, message_id=first) == (
        400,
        "Bad Request: message to delete not found",
    )
    api.clock.forward(49 * 3_600)
    assert await wire.refused("deleteMessage", chat_id=5, message_id=second) == (
        400,
        "Bad Request: message can't be deleted",
    )


async def test_a_tap_is_answered_once_in_time_and_briefly(wire: Wire, api: BotApi, budi: Person) -> None:
    await wire.ok("sendMessage", chat_id=5, text="Bayar?", reply_markup=PAY)
    first, second, third = (budi.tap("Bayar")[0].payload["id"] for _ in range(3))
    assert budi.spinning == 3
    await wire.ok("answerCallbackQuery", callback_query_id=first, text="Diproses", show_alert=True)
    assert [(one.text, one.is_alert) for one in budi.toasts] == [("Diproses", True)]
    too_old = (400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
    assert await wire.refused("answerCallbackQuery", callback_query_id=first) == too_old
    assert await wire.refused("answerCallbackQuery", callback_query_id="7") == too_old
    assert (await wire.refused("answerCallbackQuery", callback_query_id=second, text="x" * 201))[0] == 400
    api.clock.forward(16)
    assert await wire.refused("answerCallbackQuery", callback_query_id=third) == too_old
    assert budi.spinning == 2


async def test_typing_is_seen(wire: Wire, budi: Person) -> None:
    await wire.ok("sendChatAction", chat_id=5, action="typing")
    assert budi.typing == 1
    assert await wire.refused("sendChatAction", chat_id=5, action="dancing") == (
        400,
        "Bad Request: wrong parameter action in request",
    )


async def test_a_chat_takes_a_short_burst_and_then_one_message_a_second(wire: Wire, api: BotApi, budi: Person) -> None:
    api.person(id=6).start()
    for _ in range(5):
        await wire.ok("sendMessage", chat_id=5, text="x")
    status, envelope = await wire.call("sendMessage", chat_id=5, text="x")
    assert status == 429
    assert envelope == {
        "ok": False, "error_code": 429, "description": "Too Many Requests: retry after 1",
        "parameters": {"retry_after": 1},
    }  # fmt: skip
    await wire.ok("sendMessage", chat_id=6, text="others are not touched")
    await wire.ok("sendChatAction", chat_id=5, action="typing")
    api.clock.forward(1)
    await wire.ok("sendMessage", chat_id=5, text="x")
    assert (await wire.refused("sendMessage", chat_id=5, text="x"))[0] == 429
    assert api.state.pace.refused == 2


async def test_the_whole_bot_sends_thirty_messages_a_second(wire: Wire, api: BotApi) -> None:
    for number in range(1, 32):
        api.person(id=number).start()
    statuses = [(await wire.call("sendMessage", chat_id=number, text="x"))[0] for number in range(1, 32)]
    assert statuses == [200] * 30 + [429]
    api.state.pace.off()
    await wire.ok("sendMessage", chat_id=31, text="x")


async def test_photos_and_documents_go_out_as_uploads_and_again_by_their_id(wire: Wire, budi: Person) -> None:
    url = f"{wire.api.url}/bot{wire.api.token}"
    form = aiohttp.FormData({"chat_id": "5", "caption": "<b>Struk</b>", "parse_mode": "HTML", "photo": "attach://f"})
    form.add_field("f", PNG, filename="struk.png", content_type="image/png")
    async with wire.session.post(f"{url}/sendPhoto", data=form) as response:
        result = (await response.json())["result"]
    assert [(one.kind, one.text) for one in budi.screen] == [("photo", "Struk")]
    again = await wire.ok("sendPhoto", chat_id=5, photo=result["photo"][-1]["file_id"])
    assert again["photo"][-1]["file_unique_id"] == result["photo"][-1]["file_unique_id"]
    form = aiohttp.FormData({"chat_id": "5"})
    form.add_field("document", b"a;b", filename="laporan.csv", content_type="text/csv")
    async with wire.session.post(f"{url}/sendDocument", data=form) as response:
        assert (await response.json())["result"]["document"]["file_name"] == "laporan.csv"
    assert budi.screen[-1].file is not None
    assert budi.screen[-1].file.data == b"a;b"
    assert wire.api.unsupported == []


@pytest.mark.parametrize(
    ("method", "data", "words"),
    [
        ("photo", b"no picture", "IMAGE_PROCESS_FAILED"),
        ("photo", PNG[:16] + b"\x00\x00\x40\x00\x00\x00\x00\x40", "PHOTO_INVALID_DIMENSIONS"),
        ("document", b"", "file must be non-empty"),
    ],
)
async def test_files_that_are_none_are_refused(wire: Wire, budi: Person, method: str, data: bytes, words: str) -> None:
    form = aiohttp.FormData({"chat_id": "5"})
    form.add_field(method, data, filename="x.png")
    url = f"{wire.api.url}/bot{wire.api.token}/send{method.capitalize()}"
    async with wire.session.post(url, data=form) as response:
        assert (response.status, (await response.json())["description"]) == (400, f"Bad Request: {words}")
    assert (await wire.refused("sendPhoto", chat_id=5))[1] == "Bad Request: there is no photo in the request"
    assert (await wire.refused("sendPhoto", chat_id=5, photo="zz"))[1].startswith("Bad Request: wrong file identifier")
    assert (await wire.refused("sendPhoto", chat_id=5, photo="zz", caption="x" * 1025)) == (
        400,
        "Bad Request: message caption is too long",
    )


async def test_a_photo_that_a_person_sends_is_downloaded_within_an_hour(wire: Wire, api: BotApi, budi: Person) -> None:
    update = budi.send_photo("meter", b"\xff\xd8\xff picture")
    file = await wire.ok("getFile", file_id=update.payload["photo"][-1]["file_id"])
    url = f"{api.url}/file/bot{api.token}/{file['file_path']}"
    async with wire.session.get(url) as response:
        assert await response.read() == b"\xff\xd8\xff picture"
    api.clock.forward(3_601)
    async with wire.session.get(url) as response:
        assert response.status == 404
    assert (await wire.refused("getFile", file_id="nothing"))[0] == 400
    assert update.payload["caption"] == "meter"
