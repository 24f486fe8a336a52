"""Updates are cut into rows whatever the bytes, and understood or parked: nothing that is sent to us raises."""

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.channels.telegram import reading
from bot.messaging.event import Event, Kind, Malformed
from bot.messaging.inbox import Inbound, InboxRow

BOT, NOW = "7000000001", 1_795_582_800_000
CHAT = {"id": 22, "type": "private", "first_name": "Budi"}
SENDER = {"id": 22, "is_bot": False, "first_name": "Budi", "language_code": "en-GB"}
SAID = {"message_id": 5, "date": NOW // 1000, "chat": CHAT, "from": SENDER, "text": "saldo"}
CARD = {"message_id": 4, "date": 0, "chat": CHAT}
TAP = {"id": "9", "from": SENDER, "message": CARD, "data": "abcdefgh.pay"}
MEMBER = {"user": {"id": 7_000_000_001, "is_bot": True}, "status": "kicked"}
CHANGE = {"chat": CHAT, "from": SENDER, "date": NOW // 1000, "old_chat_member": MEMBER, "new_chat_member": MEMBER}
GROUP = {"id": -5, "type": "group"}
SHAPES: list[dict[str, Any]] = [
    {"update_id": 1, "message": SAID},
    {"update_id": 2, "edited_message": SAID},
    {"update_id": 3, "callback_query": TAP},
    {"update_id": 4, "my_chat_member": CHANGE},
    {"update_id": 5, "message": {**SAID, "text": None, "contact": {"phone_number": "+628", "user_id": 22}}},
    {"update_id": 6, "message": {**SAID, "chat": GROUP}},
    {"update_id": 7, "my_chat_member": {**CHANGE, "chat": GROUP, "new_chat_member": {**MEMBER, "status": "member"}}},
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def row(item: Inbound) -> InboxRow:
    return InboxRow(1, item.channel, item.ext_id, item.kind, item.address, item.body, item.said_at, NOW, 0)


def through(raw: bytes) -> list[Event | None]:
    """Cut, checked as the database will hold it, understood; None for what is parked."""
    events: list[Event | None] = []
    for item in reading.split(raw, BOT, NOW):
        for text in (item.ext_id, item.address, item.body):
            assert text.isascii()
        assert len(item.ext_id) <= 300
        assert len(item.address) <= 300
        assert 0 <= item.order_key < 2**63
        assert -(2**63) <= item.said_at < 2**63
        reading.courtesy(item.body)
        try:
            events.append(reading.parse(row(item)))
        except (Malformed, RecursionError):  # the lane parks either
            events.append(None)
    return events


def event(update: dict[str, Any]) -> Event | None:
    (found,) = through(json.dumps(update).encode())
    return found


@settings(max_examples=300)
@given(st.binary(max_size=200))
@example(b"")
@example(b"\xff\xfe\x00")
@example(b"1" * 5_000)
@example(b"[" * 100_000)
@example(b'{"result":' * 3_000)
@example(b'{"update_id": 1, "message": {"chat": {"id": 1e999}}}')
@example(b'{"update_id": NaN}')
def test_no_bytes_make_cutting_fail(raw: bytes) -> None:
    through(raw)


@pytest.mark.parametrize("depth", range(900, 1_010, 2))
def test_nesting_up_to_the_limit_of_the_reader_is_kept(depth: int) -> None:
    deep = b"[" * depth + b"]" * depth
    for raw in (
        deep,
        b'{"update_id":1,"callback_query":{"data":' + deep + b"}}",
        b'{"ok":true,"result":[' + deep + b"]}",
    ):
        assert len(reading.split(raw, BOT, NOW)) >= 1
        through(raw)


@settings(max_examples=200)
@given(JSON)
def test_no_json_makes_cutting_fail(document: object) -> None:
    through(json.dumps(document).encode())
    through(json.dumps({"ok": True, "result": [document, document]}).encode())


@settings(max_examples=300)
@given(st.data())
def test_a_known_shape_with_anything_in_any_place_is_understood_or_parked(data: st.DataObject) -> None:
    update = json.loads(json.dumps(data.draw(st.sampled_from(SHAPES))))
    place: Any = update
    while True:
        key = data.draw(st.sampled_from(sorted(place)))
        if isinstance(place[key], dict) and place[key] and data.draw(st.booleans()):
            place = place[key]
            continue
        break
    if data.draw(st.booleans()):
        del place[key]
    else:
        place[key] = data.draw(JSON)
    events = through(json.dumps(update).encode())
    assert len(events) == 1


def test_a_batch_gives_a_row_for_each_update_in_its_order() -> None:
    batch = [{"update_id": number, "message": SAID} for number in (9, 3, 7)]
    batch.insert(1, {"nonsense": True})
    rows = reading.split(json.dumps({"ok": True, "result": batch}).encode(), BOT, NOW)
    assert [one.kind for one in rows] == ["message", "dead", "message", "message"]
    assert [one.ext_id for one in rows if one.kind != "dead"] == [f"{BOT}:{number}" for number in (9, 3, 7)]
    assert reading.split(b'{"ok":true,"result":[]}', BOT, NOW) == []


def test_the_same_update_in_other_bytes_has_the_same_name() -> None:
    update = SHAPES[0]
    spelt = [json.dumps(update), json.dumps(update, indent=1, sort_keys=True), json.dumps(update).replace("/", "\\/")]
    assert len({reading.split(one.encode(), BOT, NOW)[0].ext_id for one in spelt}) == 1


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (0, "message"),
        (2**62 - 1, "message"),
        (2**62, "dead"),
        (-1, "dead"),
        ("7", "dead"),
        (1.5, "dead"),
        (None, "dead"),
    ],
)
def test_an_update_without_a_number_of_the_platforms_is_parked(number: object, kind: str) -> None:
    rows = reading.split(json.dumps({"update_id": number, "message": SAID}).encode(), BOT, NOW)
    assert [one.kind for one in rows] == [kind]


def test_surrogates_nul_and_long_names_are_made_harmless() -> None:
    chat = {"id": "\ud800\u0000" + "9" * 1_000, "type": "private"}
    (item,) = reading.split(json.dumps({"update_id": 1, "message": {**SAID, "chat": chat}}).encode(), BOT, NOW)
    item.address.encode()
    assert len(item.address) == 300


def test_a_message_counts_from_when_it_was_said_and_a_tap_from_its_arrival() -> None:
    said = {**SAID, "date": NOW // 1000 - 100}
    (message,) = reading.split(json.dumps({"update_id": 1, "message": said}).encode(), BOT, NOW)
    (tap,) = reading.split(json.dumps({"update_id": 2, "callback_query": TAP}).encode(), BOT, NOW)
    assert (message.said_at, tap.said_at) == (NOW - 100_000, NOW)
    assert (message.kind, tap.kind) == ("message", "tap")


def test_what_people_do_is_read_for_what_it_is() -> None:
    assert event(SHAPES[0]) == Event(Kind.WORDS, "saldo", "5", "en-GB")
    assert event(SHAPES[1]) == Event(Kind.EDITED, "", "5", "en-GB")
    assert event(SHAPES[2]) == Event(Kind.TAP, "abcdefgh.pay", "4", "en-GB")
    assert event(SHAPES[3]) == Event(Kind.LEFT)
    assert event(SHAPES[4]) == Event(Kind.CONTACT, "", "5", "en-GB", "+628", own=True)
    assert event(SHAPES[5]) == Event(Kind.GROUP, "saldo")


SIZES = [
    {"file_id": "small", "width": 90, "height": 67},
    {"file_id": "large", "width": 1280, "height": 960},
    {"file_id": "middle", "width": 320, "height": 240},
]


def test_a_photo_is_named_by_its_largest_size_and_a_picture_sent_as_a_file_is_a_photo() -> None:
    words = {name: value for name, value in SAID.items() if name != "text"}
    photo = {"update_id": 8, "message": {**words, "photo": SIZES, "caption": "50"}}
    assert event(photo) == Event(Kind.PHOTO, "50", "5", "en-GB", file="large")
    as_file = {"file_id": "whole", "mime_type": "image/jpeg"}
    named = {"update_id": 9, "message": {**words, "document": as_file}}
    assert event(named) == Event(Kind.PHOTO, "", "5", "en-GB", file="whole")
    pdf = {**as_file, "mime_type": "application/pdf", "file_name": "a.pdf"}
    other = {"update_id": 10, "message": {**words, "document": pdf}}
    assert event(other) == Event(Kind.FILE, "", "5", "en-GB", file="whole", name="a.pdf")
    odd: list[dict[str, Any]] = [
        {"document": {"mime_type": "application/pdf"}},
        {"photo": []},
        {"photo": [{"width": 9}, 7]},
    ]
    for attached in odd:
        assert event({"update_id": 10, "message": {**words, **attached}}) == Event(Kind.MEDIA, "", "5", "en-GB")


@pytest.mark.parametrize("user", [23, None, "22"])
def test_a_contact_is_ones_own_by_the_platforms_word_alone(user: object) -> None:
    contact = {"phone_number": "+628", "user_id": user}
    found = event({"update_id": 1, "message": {**SAID, "text": None, "contact": contact}})
    assert found is not None
    assert not found.own


def test_a_contact_without_a_sender_is_nobodys_own() -> None:
    said = {name: value for name, value in SAID.items() if name not in ("from", "text")}
    found = event({"update_id": 1, "message": {**said, "contact": {"phone_number": "+628"}}})
    assert found is not None
    assert not found.own


@pytest.mark.parametrize("where", ["group", "supergroup", "channel"])
def test_in_a_group_taps_edits_and_words_are_nothing_but_a_word_in_a_group(where: str) -> None:
    chat = {"id": -5, "type": where}
    assert event({"update_id": 1, "edited_message": {**SAID, "chat": chat}}) == Event(Kind.NOTHING)
    tapped = {**TAP, "message": {**CARD, "chat": chat}}
    assert event({"update_id": 1, "callback_query": tapped}) == Event(Kind.NOTHING)
    found = event({"update_id": 1, "message": {**SAID, "chat": chat}})
    assert found is not None
    assert found.kind is Kind.GROUP


def test_a_command_that_names_the_bot_is_the_command() -> None:
    found = event({"update_id": 1, "message": {**SAID, "text": "/saldo@SetrumUjiBot"}})
    assert found is not None
    assert found.text == "/saldo"
    assert reading.split(b"x", BOT, NOW)[0].kind == "dead"


def test_only_taps_and_the_arrival_in_a_group_ask_for_a_courtesy() -> None:
    def courtesy(update: dict[str, Any]) -> reading.Courtesy | None:
        return reading.courtesy(reading.split(json.dumps(update).encode(), BOT, NOW)[0].body)

    assert courtesy(SHAPES[0]) is None
    assert courtesy(SHAPES[3]) is None
    assert courtesy(SHAPES[2]) == reading.Courtesy("9", "en-GB", pays=True)
    assert courtesy(SHAPES[6]) == reading.Courtesy(chat=-5, leave=True)
    assert courtesy({"update_id": 1, "message": {**SAID, "text": '"callback_query" "my_chat_member"'}}) is None
