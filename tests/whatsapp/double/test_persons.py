import asyncio

import pytest

from tests.whatsapp.double import ACCESS, CloudApi, Mail, Person
from tests.whatsapp.double.conftest import NOON, Ear, Wire, buttons, names, rows, template, text


async def test_what_a_person_says_is_delivered_with_both_names(api: CloudApi, ear: Ear, budi: Person) -> None:
    await api.idle()
    (value,) = ear.values
    assert value["metadata"]["phone_number_id"] == ACCESS.phone_number_id
    assert value["contacts"] == [{"profile": {"name": "Budi"}, "wa_id": "6281234567890", "user_id": "ID.1"}]
    assert value["messages"] == [
        {
            "from": "6281234567890", "from_user_id": "ID.1", "id": budi.said[0].wamid, "timestamp": str(int(NOON)),
            "type": "text", "text": {"body": "halo"},
        }
    ]  # fmt: skip
    assert ear.signatures == [api.signed(ear.bodies[0])]


async def test_a_message_is_shown_and_its_statuses_follow(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    wamid = await wire.ok(budi.key, **text("Halo juga"), biz_opaque_callback_data="01J")
    shown = await budi.sees("Halo juga")
    assert (shown.wamid, shown.kind, shown.opaque, shown.to) == (wamid, "text", "01J", "6281234567890")
    await api.idle()
    assert names(ear.statuses) == ["sent", "delivered", "read"]
    assert {one["biz_opaque_callback_data"] for one in ear.statuses} == {"01J"}
    assert {one["recipient_id"] for one in ear.statuses} == {"6281234567890"}


async def test_a_button_and_a_row_are_tapped(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    asked = await wire.ok(budi.key, **buttons(("aaaa.pay", "Bayar"), ("aaaa.no", "Batal")))
    chosen = await wire.ok(budi.key, **rows(("bbbb.a20", "Rp20.000", "Anda bayar Rp22.500"), ("bbbb.a50", "Rp50.000")))
    budi.tap("Bayar")
    budi.tap("bbbb.a20")
    await api.idle()
    _, tap, row = ear.messages
    assert tap["interactive"] == {"type": "button_reply", "button_reply": {"id": "aaaa.pay", "title": "Bayar"}}
    assert tap["context"] == {"from": ACCESS.display_phone_number, "id": asked}
    assert row["interactive"] == {
        "type": "list_reply",
        "list_reply": {"id": "bbbb.a20", "title": "Rp20.000", "description": "Anda bayar Rp22.500"},
    }
    assert row["context"]["id"] == chosen
    assert api.unsupported == api.refused == []


async def test_the_newest_option_is_tapped_unless_an_older_message_is_given(wire: Wire, budi: Person) -> None:
    first = await wire.ok(budi.key, **buttons(("aaaa.pay", "Bayar"), ("aaaa.no", "Batal")))
    await wire.ok(budi.key, **buttons(("bbbb.pay", "Bayar")))
    budi.api.clock.forward(30 * 86_400)

    def tapped(label: str, message: str | None = None) -> str:
        return str(budi.tap(label, message)[0].payload["interactive"]["button_reply"]["id"])

    assert tapped("Bayar") == "bbbb.pay"
    assert tapped("Batal") == "aaaa.no"
    assert tapped("Bayar", first) == "aaaa.pay"
    with pytest.raises(AssertionError, match="finds no option"):
        budi.tap("Struk")


async def test_one_tap_comes_several_times_under_old_or_new_ids(
    wire: Wire, api: CloudApi, ear: Ear, budi: Person
) -> None:
    await wire.ok(budi.key, **buttons(("aaaa.pay", "Bayar")))
    await api.idle()
    (tap,) = budi.tap("Bayar", copies=3)
    await api.idle()
    assert [one["id"] for one in ear.messages[1:]] == [tap.id] * 3
    taps = budi.tap("Bayar", copies=20, new_ids=True)
    assert len({one.id for one in taps}) == 20
    assert {one.payload["interactive"]["button_reply"]["id"] for one in taps} == {"aaaa.pay"}
    api.mail.chance(Mail.TWIN, 1.0)
    one, other = budi.tap("Bayar")
    assert one.id != other.id
    assert one.payload["interactive"] == other.payload["interactive"]
    assert api.fired == {"twin": 1}


async def test_a_templates_button_may_not_say_whose_it_is(wire: Wire, api: CloudApi, budi: Person) -> None:
    api.templates.register("tanya", "id", "Beli lagi untuk {{1}}?", buttons=("Ya",))
    wamid = await wire.ok(budi.key, **template("tanya", "Budi S."))
    told = budi.template_tap("Ya").payload
    assert (told["type"], told["button"], told["context"]["id"]) == ("button", {"payload": "Ya", "text": "Ya"}, wamid)
    assert budi.tap("Ya")[0].payload["button"]["text"] == "Ya"
    assert "context" not in budi.template_tap("Ya", with_context=False).payload


async def test_somebody_with_a_forged_id_taps_it(wire: Wire, api: CloudApi, budi: Person) -> None:
    siti = api.person("628110000011", "Siti")
    await wire.ok(budi.key, **buttons(("aaaa.pay", "Bayar")))
    told = siti.forge("aaaa.pay", budi.screen[0]).payload
    assert (told["from"], told["interactive"]["button_reply"]["id"]) == ("628110000011", "aaaa.pay")


async def test_what_is_no_text_has_its_own_fields(wire: Wire, api: CloudApi, budi: Person) -> None:
    await wire.ok(budi.key, **text("x"))
    photo = budi.send_photo("meter").payload
    assert (photo["type"], photo["image"]["caption"], photo["image"]["mime_type"]) == ("image", "meter", "image/jpeg")
    assert "caption" not in budi.send_photo().payload["image"]
    assert budi.voice().payload["audio"]["voice"] is True
    assert budi.sticker().payload["sticker"]["animated"] is False
    assert budi.send_document("a.pdf").payload["document"]["filename"] == "a.pdf"
    assert budi.location().payload["location"]["latitude"] == -6.2
    assert budi.reaction().payload["reaction"] == {"message_id": budi.screen[0].wamid, "emoji": "👍"}
    unsupported = budi.unsupported().payload
    assert (unsupported["type"], unsupported["errors"][0]["code"]) == ("unsupported", 131051)
    assert budi.unknown("hologram").payload["type"] == "hologram"
    own, asked, other = (
        one.payload for one in (budi.contact(), budi.contact(via="contact_request"), budi.contact(own=False))
    )
    assert own["contacts"][0]["phones"][0]["wa_id"] == "6281234567890"
    assert ("origin" in own, asked["origin"]) == (False, "contact_request")
    assert other["contacts"][0]["phones"][0]["wa_id"] != "6281234567890"


async def test_a_name_may_be_hidden_or_there_may_be_none(wire: Wire, api: CloudApi, ear: Ear) -> None:
    hidden = api.person(None, "Diam", user_id="ID.5")
    plain = api.person("628120000012", "Polos", user_id=None)
    both = api.person()
    told = [one.say("halo") for one in (hidden, plain, both)]
    assert [("from" in one.payload, "from_user_id" in one.payload) for one in told] == [
        (False, True), (True, False), (True, True),
    ]  # fmt: skip
    assert [set(one.contact or {}) for one in told] == [
        {"profile", "user_id"}, {"profile", "wa_id"}, {"profile", "wa_id", "user_id"},
    ]  # fmt: skip
    await wire.ok("ID.5", **text("x"))
    await api.idle()
    await wire.ok("628120000012", **text("y"))
    await api.idle()
    assert ["recipient_id" in one for one in ear.statuses] == [False] * 3 + [True] * 3
    assert ["recipient_user_id" in one for one in ear.statuses] == [True] * 3 + [False] * 3
    assert api.person("628120000012") is plain
    assert api.person(None, user_id="ID.5") is hidden


async def test_a_number_is_hidden_and_shown_again(wire: Wire, api: CloudApi, budi: Person) -> None:
    budi.hide_number()
    assert "from" not in budi.say("a").payload
    await wire.ok("6281234567890", **text("x"))  # whoever knows it may still use it
    assert len(budi.screen) == 1
    budi.show_number()
    assert budi.say("b").payload["from"] == "6281234567890"


async def test_whoever_changes_the_number_has_new_names_and_the_same_phone(
    wire: Wire, api: CloudApi, ear: Ear, budi: Person
) -> None:
    await api.idle()
    budi.change_number("6281299999999")
    later = budi.say("ini saya").payload
    assert later["from"] == "6281299999999"
    assert later["from_user_id"] not in {None, "ID.1"}
    await api.idle()
    system = ear.values[1]
    assert "contacts" not in system
    assert system["messages"][0]["from"] == "6281234567890"
    assert system["messages"][0]["system"]["type"] == "user_changed_number"
    assert system["messages"][0]["system"]["wa_id"] == "6281299999999"
    await wire.ok("6281299999999", **text("x"))
    for old in ("6281234567890", "ID.1"):
        await wire.ok(old, **text("y"))
        assert api.calls[-1].failed == 131026
    assert [one.text for one in budi.screen] == ["x"]
    heir = api.person("6281234567890", "Ahli")
    assert heir is not budi
    assert (heir.key, api.person("6281299999999")) == ("6281234567890'", budi)


async def test_whoever_blocks_gets_nothing_and_cannot_write(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    budi.block()
    await wire.ok(budi.key, **text("x"))
    await api.idle()
    assert (budi.screen, names(ear.statuses)) == ([], ["failed"])
    assert ear.statuses[0]["errors"][0]["code"] == 131026
    with pytest.raises(AssertionError, match="unblock"):
        budi.say("x")
    budi.unblock()
    await wire.ok(budi.key, **text("y"))
    assert [one.text for one in budi.screen] == ["y"]


async def test_a_person_sees_what_appears(wire: Wire, api: CloudApi, budi: Person) -> None:
    seeing = asyncio.create_task(budi.sees("Token"))
    sent = await wire.ok(budi.key, **text("Token: 1234"))
    assert (await seeing).wamid == sent
    mark = budi.mark()
    seeing = asyncio.create_task(budi.sees("Token", after=mark))
    await wire.ok(budi.key, **text("lain"))
    await wire.ok(budi.key, **text("Token: 5678"))
    assert (await seeing).text == "Token: 5678"
    assert (await budi.sees(lambda one: one.kind == "text", after=mark)).text == "Token: 5678"
    with pytest.raises(AssertionError, match="text 'Token: 5678'"):
        await budi.sees("struk", timeout=0.01)
    assert api.shown(sent).text == "Token: 1234"
