import asyncio

import pytest

from tests.telegram.double import BotApi, Mail
from tests.telegram.double.conftest import Wire

BUTTONS = [{"text": "Bayar", "callback_data": "aaaa.pay"}, {"text": "Batal", "callback_data": "aaaa.no"}]
PAY = {"inline_keyboard": [BUTTONS]}
NEXT = {"inline_keyboard": [[{"text": "Bayar", "callback_data": "bbbb.pay"}]]}
SHARE = {"keyboard": [[{"text": "Bagikan nomor", "request_contact": True}], ["Batal"]]}


async def test_a_persons_language_and_name_are_told_or_absent(api: BotApi) -> None:
    siti, anonymous = api.person(name="Siti", language="en-US", username="siti"), api.person(language=None)
    sender = siti.start("undangan1").payload["from"]
    assert (sender["first_name"], sender["language_code"], sender["username"]) == ("Siti", "en-US", "siti")
    assert "language_code" not in anonymous.start().payload["from"]
    message = siti.start("undangan1").payload
    assert message["text"] == "/start undangan1"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["chat"] == {"id": siti.id, "first_name": "Siti", "type": "private", "username": "siti"}


async def test_a_long_text_leaves_as_several_messages(api: BotApi) -> None:
    updates = api.person().say("x" * 5_000)
    assert [len(one.payload["text"]) for one in updates] == [4096, 904]


async def test_what_is_no_text_has_its_own_fields(api: BotApi) -> None:
    budi = api.person(id=5)
    assert budi.send_photo("meter").payload["photo"][-1]["width"] == 1280
    assert budi.send_sticker().payload["sticker"]["emoji"]
    assert budi.voice().payload["voice"]["mime_type"] == "audio/ogg"
    assert budi.send_document("a.csv", b"1").payload["document"]["file_name"] == "a.csv"
    assert budi.contact().payload["contact"]["user_id"] == 5
    assert budi.contact(own=False).payload["contact"]["user_id"] != 5


async def test_an_edit_carries_its_date(api: BotApi) -> None:
    budi = api.person()
    number = budi.say("/beli 20")[0].payload["message_id"]
    api.clock.forward(5)
    update = budi.edit(number, "/beli 50")
    assert (update.kind, update.payload["text"]) == ("edited_message", "/beli 50")
    assert update.payload["edit_date"] == update.payload["date"] + 5


async def test_blocking_is_told_and_whoever_blocks_cannot_write(api: BotApi) -> None:
    budi = api.person()
    budi.start()
    statuses = [(one.kind, one.payload["new_chat_member"]["status"]) for one in (budi.block(), budi.unblock())]
    assert statuses == [("my_chat_member", "kicked"), ("my_chat_member", "member")]
    budi.block()
    with pytest.raises(AssertionError, match="unblock"):
        budi.say("x")


async def test_a_group_speaks_under_its_own_chat(api: BotApi) -> None:
    added = api.person(id=5).add_to_group(-7)
    assert (added.kind, added.payload["chat"]["id"], added.chat) == ("my_chat_member", -7, -7)
    update = api.person(id=5).group_say(-7, "/beli")
    assert (update.payload["chat"]["type"], update.payload["chat"]["id"], update.payload["from"]["id"]) == (
        "group",
        -7,
        5,
    )


async def test_the_newest_button_is_tapped_unless_an_older_message_is_given(wire: Wire, api: BotApi) -> None:
    budi = api.person(id=5)
    budi.start()
    first = await wire.ok("sendMessage", chat_id=5, text="a", reply_markup=PAY)
    await wire.ok("sendMessage", chat_id=5, text="b", reply_markup=NEXT)
    assert budi.tap("Bayar")[0].payload["data"] == "bbbb.pay"
    assert budi.tap("Batal")[0].payload["data"] == "aaaa.no"
    assert budi.tap("Bayar", first["message_id"])[0].payload["data"] == "aaaa.pay"
    await wire.ok("editMessageText", chat_id=5, message_id=first["message_id"], text="selesai")
    stale = budi.tap("Bayar", first["message_id"])[0].payload
    assert (stale["data"], stale["message"]["text"], "reply_markup" in stale["message"]) == (
        "aaaa.pay",
        "selesai",
        False,
    )
    await wire.ok("deleteMessage", chat_id=5, message_id=first["message_id"])
    assert budi.tap("Bayar", first["message_id"])[0].payload["message"]["date"] == 0
    with pytest.raises(AssertionError, match="finds no button"):
        budi.tap("Batal")


async def test_one_tap_comes_several_times_under_old_or_new_ids(wire: Wire, api: BotApi) -> None:
    budi = api.person(id=5)
    start = budi.start()
    await wire.ok("sendMessage", chat_id=5, text="a", reply_markup=PAY)
    (tap,) = budi.tap("Bayar", copies=3)
    batch = await wire.ok("getUpdates", offset=start.id + 1)
    assert [one["update_id"] for one in batch] == [tap.id] * 3
    taps = budi.tap("Bayar", copies=20, new_ids=True)
    assert len({one.id for one in taps}) == len({one.payload["id"] for one in taps}) == 20
    api.mail.chance(Mail.TWIN, 1.0)
    one, other = budi.tap("Bayar")
    assert one.id != other.id
    assert one.payload["id"] != other.payload["id"]
    assert one.payload["data"] == other.payload["data"]


async def test_a_copy_button_copies_and_a_link_tells_the_bot_nothing(wire: Wire, api: BotApi) -> None:
    budi = api.person(id=5)
    budi.start()
    row = [{"text": "Salin", "copy_text": {"text": "1234"}}, {"text": "WA", "url": "https://wa.me/62"}]
    await wire.ok("sendMessage", chat_id=5, text="a", reply_markup={"inline_keyboard": [row]})
    assert budi.tap("Salin") == budi.tap("WA") == []
    assert budi.clipboard == "1234"


async def test_the_keyboard_below_shares_a_number_or_types_its_label(wire: Wire, api: BotApi) -> None:
    budi = api.person(id=5)
    budi.start()
    await wire.ok("sendMessage", chat_id=5, text="Nomor?", reply_markup=SHARE)
    assert budi.tap("Bagikan nomor")[0].payload["contact"]["user_id"] == 5
    assert budi.tap("Batal")[0].payload["text"] == "Batal"
    await wire.ok("sendMessage", chat_id=5, text="Terima kasih", reply_markup={"remove_keyboard": True})
    with pytest.raises(AssertionError, match="finds no button"):
        budi.tap("Batal")
    assert api.unsupported == []


async def test_a_person_sees_what_appears_and_what_changes(wire: Wire, api: BotApi) -> None:
    budi = api.person(id=5)
    budi.start()
    seeing = asyncio.create_task(budi.sees("Token"))
    sent = await wire.ok("sendMessage", chat_id=5, text="Token: 1234")
    assert (await seeing).message_id == sent["message_id"]
    mark = budi.mark()
    seeing = asyncio.create_task(budi.sees("Token", after=mark))
    await wire.ok("sendMessage", chat_id=5, text="lain")
    await wire.ok("editMessageText", chat_id=5, message_id=sent["message_id"], text="Token: 5678")
    assert (await seeing).text == "Token: 5678"
    assert (await budi.sees(lambda one: one.kind == "text", after=mark)).text == "lain"
    with pytest.raises(AssertionError, match="#2 'Token: 5678'"):
        await budi.sees("struk", timeout=0.01)


async def test_somebody_with_a_forged_id_taps_it(wire: Wire, api: BotApi) -> None:
    budi, siti = api.person(id=5), api.person(id=6)
    budi.start()
    siti.start()
    await wire.ok("sendMessage", chat_id=6, text="a", reply_markup=NEXT)
    payload = siti.forge("aaaa.pay", siti.screen[0]).payload
    assert (payload["data"], payload["from"]["id"]) == ("aaaa.pay", 6)
