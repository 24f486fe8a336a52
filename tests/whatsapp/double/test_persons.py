from tests.whatsapp.double import ACCESS, CloudApi, Person
from tests.whatsapp.double.conftest import NOON, Ear, Wire, buttons, names, rows, text


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
