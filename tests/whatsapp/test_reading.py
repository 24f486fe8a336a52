"""Deliveries are proven, cut into items whatever the bytes, and understood or parked: nothing that is sent raises."""

import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels.whatsapp import reading
from bot.channels.whatsapp.reading import Delivery
from bot.messaging.event import Event, Kind, Malformed
from bot.messaging.inbox import Inbound, InboxRow
from bot.services.addresses import Name

PHONE, NOW = "106540352242922", 1_795_582_800_000
NUMBER, PERSON = "6281234567890", "ID.13491208655302741918"
META = {"display_phone_number": "628110000000", "phone_number_id": PHONE}
CONTACT = {"profile": {"name": "Budi"}, "wa_id": NUMBER, "user_id": PERSON}
SAID: dict[str, Any] = {
    "from": NUMBER,
    "from_user_id": PERSON,
    "id": "wamid.A1",
    "timestamp": str(NOW // 1000 - 60),
    "type": "text",
    "text": {"body": "saldo"},
}
REPLY = {"type": "button_reply", "button_reply": {"id": "abcdefgh.pay", "title": "Bayar"}}
ROW = {"type": "list_reply", "list_reply": {"id": "abcdefgh.50000", "title": "50rb"}}
MESSAGES: list[dict[str, Any]] = [
    SAID,
    {**SAID, "type": "interactive", "interactive": REPLY, "context": {"from": "628110000000", "id": "wamid.card"}},
    {**SAID, "type": "interactive", "interactive": ROW},
    {**SAID, "type": "button", "button": {"payload": "abcdefgh.buy", "text": "Beli"}},
    {**SAID, "type": "image", "image": {"id": "1", "caption": "54123456789 50"}},
    {**SAID, "type": "contacts", "contacts": [{"phones": [{"phone": "+62 812", "wa_id": "62812"}]}]},
    {**SAID, "type": "unsupported", "errors": [{"code": 131051}]},
    {**SAID, "type": "system", "system": {"type": "user_changed_number", "wa_id": "6289999999999"}},
    {**SAID, "type": "reaction", "reaction": {"emoji": "👍", "message_id": "wamid.card"}},
]
STATUS = {
    "id": "wamid.S1",
    "status": "failed",
    "timestamp": str(NOW // 1000),
    "recipient_id": NUMBER,
    "biz_opaque_callback_data": "mark.7.1.0",
    "errors": [{"code": 131047, "title": "Re-engagement message", "error_data": {"details": "24 hours"}}],
    "pricing": {"billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular"},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def change(*messages: Any, statuses: Any = (), contacts: Any = (CONTACT,), meta: Any = META) -> dict[str, Any]:
    value: dict[str, Any] = {"messaging_product": "whatsapp", "metadata": meta}
    if messages:
        value |= {"contacts": list(contacts), "messages": list(messages)}
    if statuses:
        value["statuses"] = list(statuses)
    return {"field": "messages", "value": value}


def delivery(*changes: Any) -> dict[str, Any]:
    return {"object": "whatsapp_business_account", "entry": [{"id": "5550001", "changes": list(changes)}]}


def cut(document: object) -> Delivery:
    return reading.split(json.dumps(document).encode(), PHONE, NOW)


def row(item: Inbound, address: str = NUMBER) -> InboxRow:
    return InboxRow(1, item.channel, item.ext_id, item.kind, address, item.body, item.said_at, NOW, 0)


def through(raw: bytes) -> Delivery:
    """Cut, checked as the database will hold it, understood or parked."""
    found = reading.split(raw, PHONE, NOW)
    for item in [*(heard.item for heard in found.heard), *(item for item, _ in found.notices)]:
        for text in (item.ext_id, item.body):
            assert text.isascii()
        assert 0 < len(item.ext_id) <= 300
        assert 0 <= item.order_key < 2**63
        assert 0 <= item.said_at < 2**63
    for heard in found.heard:
        try:
            reading.parse(row(heard.item))
        except (Malformed, RecursionError):  # the lane parks either
            continue
    for status in found.statuses:
        assert 0 <= status.at < 2**63
        list(reading.parts_of(status.opaque))
    return found


def event(message: dict[str, Any]) -> Event:
    (heard,) = cut(delivery(change(message))).heard
    return reading.parse(row(heard.item))


@settings(max_examples=300)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff\xfe\x00")
@example(b"[" * 100_000)
@example(b'{"entry":' * 3_000)
@example(b'{"entry":[{"changes":[{"value":{"messages":[{"timestamp":1e999}]}}]}]}')
def test_no_bytes_make_cutting_fail(raw: bytes) -> None:
    through(raw)


@pytest.mark.parametrize("depth", range(900, 1_010, 4))
def test_nesting_up_to_the_limit_of_the_reader_is_kept(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    for raw in (
        deep,
        b'{"entry":[{"changes":[{"value":{"messages":[{"id":"wamid.1","x":' + deep + b"}]}}]}]}",
        b'{"entry":[{"changes":[{"value":{"statuses":[{"id":"wamid.1","errors":' + deep + b"}]}}]}]}",
        b'{"entry":[{"changes":[{"value":{"x":' + deep + b"}}]}]}",
    ):
        through(raw)


@settings(max_examples=200)
@given(JSON)
def test_no_json_makes_cutting_fail(document: object) -> None:
    through(json.dumps(document).encode())
    through(json.dumps(delivery(document, change(document, statuses=[document]))).encode())


@settings(max_examples=400)
@given(st.data())
def test_a_known_shape_with_anything_in_any_place_is_understood_or_parked(data: st.DataObject) -> None:
    document = json.loads(json.dumps(delivery(change(data.draw(st.sampled_from(MESSAGES)), statuses=[STATUS]))))
    place: Any = document
    while True:
        keys = sorted(place) if isinstance(place, dict) else range(len(place))
        key = data.draw(st.sampled_from(list(keys)))
        if isinstance(place[key], dict | list) and place[key] and data.draw(st.integers(0, 4)):
            place = place[key]
            continue
        break
    if data.draw(st.booleans()) and isinstance(place, dict):
        del place[key]
    else:
        place[key] = data.draw(JSON)
    through(json.dumps(document).encode())


def test_a_batch_gives_every_item_of_every_change_of_every_entry_in_its_order() -> None:
    one, two, three = ({**SAID, "id": f"wamid.{name}"} for name in "abc")
    document = delivery(change(one, statuses=[STATUS]), change(two))
    document["entry"].append({"id": "5550001", "changes": [change("nonsense", three)]})
    found = cut(document)
    assert [heard.item.ext_id for heard in found.heard] == ["wamid.a", "wamid.b", "wamid.c"]
    assert [status.opaque for status in found.statuses] == ["mark.7.1.0"]
    assert found.account == "5550001"


def test_the_same_message_in_other_bytes_and_another_batch_has_the_same_name() -> None:
    nameless = {name: value for name, value in SAID.items() if name != "id"}
    for message in (SAID, nameless):
        spelt = [
            json.dumps(delivery(change(message))),
            json.dumps(delivery(change(message), change({**SAID, "id": "wamid.other"})), indent=1),
            json.dumps(delivery(change(dict(sorted(message.items()))))).replace("/", "\\/"),
        ]
        found = {reading.split(one.encode(), PHONE, NOW).heard[0].item.ext_id for one in spelt}
        assert len(found) == 1


def test_a_signature_is_over_exactly_the_bytes_that_came() -> None:
    raw = json.dumps({"text": "kopi é /"}).replace("/", "\\/").encode()
    signed = "sha256=" + hmac.new(b"secret", raw, hashlib.sha256).hexdigest()
    assert reading.is_genuine(raw, signed, "secret")
    assert not reading.is_genuine(json.dumps(json.loads(raw)).encode(), signed, "secret")
    for forged in ("", "sha256=", signed[:-1], signed.replace("sha256", "sha1"), signed.upper(), "é\ud800"):
        assert not reading.is_genuine(raw, forged, "secret")
    assert not reading.is_genuine(raw, signed, "another")


def test_what_people_do_is_read_for_what_it_is() -> None:
    assert [event(message) for message in MESSAGES] == [
        Event(Kind.WORDS, "saldo", "wamid.A1"),
        Event(Kind.TAP, "abcdefgh.pay", "wamid.card"),
        Event(Kind.TAP, "abcdefgh.50000"),
        Event(Kind.TAP, "abcdefgh.buy"),
        Event(Kind.PHOTO, "54123456789 50", "wamid.A1", file="1"),
        Event(Kind.CONTACT, "", "wamid.A1", phone="62812"),
        Event(Kind.MEDIA, "", "wamid.A1"),
        Event(Kind.NOTHING, "", "wamid.A1"),
        Event(Kind.NOTHING, "", "wamid.A1"),
    ]


def test_a_picture_sent_as_a_file_is_a_photo_and_another_file_is_not() -> None:
    as_file = {"id": "77", "mime_type": "image/png", "filename": "meter.png"}
    assert event({**SAID, "type": "document", "document": as_file}) == Event(Kind.PHOTO, "", "wamid.A1", file="77")
    pdf = {**as_file, "mime_type": "application/pdf"}
    found = event({**SAID, "type": "document", "document": pdf})
    assert found == Event(Kind.FILE, "", "wamid.A1", file="77", name="meter.png")
    for attached in ({**as_file, "id": None}, "nothing"):
        assert event({**SAID, "type": "document", "document": attached}).kind is Kind.MEDIA


def test_a_card_is_ones_own_only_where_we_asked_for_it() -> None:
    asked = {**MESSAGES[5], "origin": "contact_request"}
    assert (event(asked).own, event(MESSAGES[5]).own) == (True, False)


def test_a_button_without_an_id_of_ours_is_its_words() -> None:
    assert event({**MESSAGES[3], "button": {"payload": "Beli", "text": "beli"}}) == Event(
        Kind.WORDS, "beli", "wamid.A1"
    )


@pytest.mark.parametrize(
    ("message", "contacts", "names"),
    [
        (SAID, [CONTACT], (Name(NUMBER, "number"), Name(PERSON, "person"))),
        ({**SAID, "from_user_id": None}, [CONTACT], (Name(NUMBER, "number"), Name(PERSON, "person"))),
        ({**SAID, "from_user_id": None}, [], (Name(NUMBER, "number"),)),
        ({**SAID, "from": None}, [{"user_id": PERSON}], (Name(PERSON, "person"),)),
        ({**SAID, "from": None, "from_user_id": None}, [CONTACT], (Name(NUMBER, "number"), Name(PERSON, "person"))),
        (
            {**SAID, "from_user_id": None},
            [{"wa_id": "62999", "user_id": "ID.9"}, CONTACT][:1],
            (Name(NUMBER, "number"),),
        ),
        ({**SAID, "from": "+62 812", "from_user_id": "x\ud800"}, [], ()),
    ],
)
def test_a_sender_has_the_names_that_his_message_and_his_own_contact_carry(
    message: Any, contacts: Any, names: tuple[Name, ...]
) -> None:
    (heard,) = cut(delivery(change(message, contacts=contacts))).heard
    assert heard.names == names


def test_a_message_counts_from_when_it_was_said() -> None:
    (heard,) = cut(delivery(change(SAID))).heard
    assert (heard.item.said_at, heard.item.order_key) == (NOW - 60_000, NOW // 1000 - 60)
    (timeless,) = cut(delivery(change({**SAID, "timestamp": "soon"}))).heard
    assert (timeless.item.said_at, timeless.item.order_key) == (NOW, 0)


def test_what_was_written_to_another_number_of_the_account_is_foreign() -> None:
    (heard,) = cut(delivery(change(SAID, meta={**META, "phone_number_id": "1"}))).heard
    assert heard.is_foreign


def test_a_changed_number_names_the_new_one() -> None:
    (heard,) = cut(delivery(change(MESSAGES[7], contacts=[]))).heard
    assert (heard.names[0], heard.new_number) == (Name(NUMBER, "number"), "6289999999999")


def test_a_status_says_how_far_a_message_came_or_why_it_did_not() -> None:
    states = ("sent", "delivered", "read", "played")
    states_told = [{**STATUS, "status": state, "errors": None} for state in states]
    found = cut(delivery(change(statuses=[STATUS, *states_told, {**STATUS, "status": "warming"}]))).statuses
    assert [status.proof for status in found] == [0, 1, 2, 3, 3]
    assert found[0].error is not None
    assert (found[0].error.code, found[0].priced) == (131047, "PMP utility regular")
    assert list(reading.parts_of(found[0].opaque)) == [7, 1, 0]


def test_the_status_of_what_another_program_sent_is_none_of_ours() -> None:
    assert cut(delivery(change(statuses=[{**STATUS, "biz_opaque_callback_data": None}]))).statuses == ()


@pytest.mark.parametrize(
    ("told", "about"),
    [
        ({"field": "account_update", "value": {"event": "ACCOUNT_RESTRICTION"}}, "account_update ACCOUNT_RESTRICTION"),
        (
            {
                "field": "message_template_status_update",
                "value": {"event": "PAUSED", "message_template_name": "token_siap"},
            },
            "message_template_status_update PAUSED token_siap",
        ),
        ({"field": "messages", "value": {"metadata": META, "errors": [{"code": 131031}]}}, "messages 131031"),
    ],
)
def test_what_is_told_about_the_account_is_a_notice(told: dict[str, Any], about: str) -> None:
    found = cut(delivery(told))
    assert [words for _, words in found.notices] == [about]
    assert not found.heard
