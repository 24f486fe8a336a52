import asyncio
import hashlib
import hmac
import json
from typing import Any

import pytest

from tests.whatsapp.double import ACCESS, CloudApi, Mail, Person
from tests.whatsapp.double.conftest import Ear, Wire, names, text

MORE = 4  # of the people in a crowd


def crowd(api: CloudApi) -> list[Person]:
    return [api.person(f"62812000001{number}", f"Orang {number}") for number in range(MORE)]


def shape(document: dict[str, Any]) -> list[list[int]]:
    """How many items stand in each change of each entry."""
    return [
        [
            len(change["value"].get("messages", [])) + len(change["value"].get("statuses", []))
            for change in one["changes"]
        ]
        for one in document["entry"]
    ]


async def test_nothing_is_delivered_before_the_address_repeated_its_challenge(
    api: CloudApi, ear: Ear, budi: Person
) -> None:
    ear.token = "another"
    assert not await api.verified()
    assert ear.bodies == []
    ear.token = ACCESS.verify_token
    assert await api.verified()
    await api.idle()
    assert ear.texts == ["halo"]


async def test_an_address_is_asked_by_itself_until_it_answers(api: CloudApi, ear: Ear, budi: Person) -> None:
    api.deliver_to("http://127.0.0.1:9/nobody")
    await api.until(lambda: not api.webhook.is_verified)
    api.deliver_to(ear.url)
    await api.idle()
    assert ear.texts == ["halo"]


async def test_bytes_are_signed_as_they_are_sent(api: CloudApi, ear: Ear) -> None:
    api.person("628110000011", "Señor / 😀").say("é/ü")
    await api.idle()
    raw = ear.bodies[0]
    assert rb"\u00e9\/\u00fc" in raw
    assert rb"Se\u00f1or \/ \ud83d\ude00" in raw
    assert raw.isascii()
    assert ear.signatures == ["sha256=" + hmac.new(ACCESS.app_secret.encode(), raw, hashlib.sha256).hexdigest()]
    assert ear.texts == ["é/ü"]


async def test_a_persons_messages_come_in_order_and_nobody_waits_for_another(
    api: CloudApi, ear: Ear, budi: Person
) -> None:
    await api.idle()
    ear.gate = asyncio.Event()
    for one in "abc":
        budi.say(one)
    await ear.hears(2)
    api.person("628110000011").say("d")
    await ear.hears(3)
    assert ear.texts == ["halo", "a", "d"]
    ear.gate.set()
    await api.idle()
    assert ear.texts == ["halo", "a", "d", "b", "c"]


async def test_many_items_share_a_post_in_entries_changes_and_lists(wire: Wire, api: CloudApi, ear: Ear) -> None:
    people = crowd(api)
    api.mail.hold()
    for number in range(5):
        for one in people:
            one.say(f"{number}")
    for one in people:
        await wire.ok(one.key, **text("x"))
    assert api.is_busy
    assert ear.bodies == []
    api.mail.flush(28)
    await api.idle()
    shapes = [shape(one) for one in ear.documents]
    assert [sum(map(sum, one)) for one in shapes] == [28, 4]
    assert any(len(one) > 1 for one in shapes)  # several entries
    assert any(len(entry) > 1 for one in shapes for entry in one)  # several changes
    assert any(count > 1 for one in shapes for entry in one for count in entry)  # several items
    assert (len(ear.messages), len(ear.statuses)) == (20, 12)
    assert any("messages" in value and "statuses" in value for value in ear.values)
    for value in ear.values:
        numbers = {one["from"] for one in value.get("messages", [])}
        assert {one["wa_id"] for one in value.get("contacts", [])} == numbers


async def test_batches_may_go_on(api: CloudApi, ear: Ear) -> None:
    api.mail.batch(3)
    for one in crowd(api):
        one.say("a")
    await api.idle()
    assert [sum(map(sum, shape(one))) for one in ear.documents] == [3, 1]


async def test_what_was_not_taken_comes_again_in_other_bytes_and_company(api: CloudApi, ear: Ear, budi: Person) -> None:
    await api.idle()
    api.mail.batch(3)
    ear.answers = [500, 403]
    for one in crowd(api)[:3]:
        one.say("a")
    budi.say("b")
    await ear.hears(3)  # 3 and 1, both refused
    await api.until(lambda: not any(one.busy for one in api.state.items.pending.values()))
    before = len(ear.bodies)
    assert {one.wakes for one in api.state.items.pending.values()} == {1.0}
    api.clock.forward(1)
    await api.idle()
    again = [one for document in ear.documents[before:] for one in names_of(document)]
    assert sorted(again) == ["a", "a", "a", "b"]
    first = [sorted(names_of(one)) for one in ear.documents[1:before]]
    assert [sorted(names_of(one)) for one in ear.documents[before:]] != first
    assert not set(ear.bodies[before:]) & set(ear.bodies[:before])
    assert ear.signatures == [api.signed(one) for one in ear.bodies]


def names_of(document: dict[str, Any]) -> list[str]:
    return [
        one["text"]["body"]
        for entry in document["entry"]
        for change in entry["changes"]
        for one in change["value"]["messages"]
    ]


async def test_the_ladder_grows_and_ends_after_a_week(api: CloudApi, ear: Ear, budi: Person) -> None:
    ear.answers = [500] * 50
    (item,) = api.state.items.pending.values()
    await ear.hears(1)
    for seconds in (1, 2, 5, 15, 60, 300, 1_800, 3_600, 3_600):
        await api.until(lambda: not item.busy)
        assert item.wakes == api.clock.ticks() + seconds
        before = len(ear.bodies)
        api.clock.forward(seconds)
        await ear.hears(before + 1)
    await api.until(lambda: not item.busy)
    api.clock.forward(7 * 86_400)
    await api.idle()
    assert item.state == "expired"


async def test_what_waits_can_be_hurried(api: CloudApi, ear: Ear, budi: Person) -> None:
    ear.answers = [500] * 3
    for count in (1, 2, 3):
        await ear.hears(count)
        await api.until(lambda: not any(one.busy for one in api.state.items.pending.values()))
        api.webhook.hurry()
    await api.idle()
    assert [one.status for one in api.webhook.posts] == [500, 500, 500, 200]


async def test_a_bot_that_is_away_gets_everything_later(api: CloudApi, ear: Ear, budi: Person) -> None:
    await api.verified()
    url = api.webhook.url
    api.deliver_to("http://127.0.0.1:9/away")
    api.webhook.is_verified = True
    budi.say("a")
    await api.until(lambda: len(api.webhook.posts) >= 1 and api.webhook.posts[-1].status == 0)
    api.deliver_to(url)
    api.clock.forward(1)
    await api.idle()
    assert sorted(ear.texts) == ["a", "halo"]


@pytest.mark.parametrize("kind", [Mail.DUPLICATE, Mail.CONCURRENT, Mail.LOST_ACK])
async def test_a_delivery_is_doubled_in_other_bytes(api: CloudApi, ear: Ear, budi: Person, kind: Mail) -> None:
    await api.idle()
    api.fault("message", kind)
    item = budi.say("a/b é")
    await ear.hears(3) if kind is not Mail.LOST_ACK else await ear.hears(2)
    await api.until(lambda: not item.busy)
    api.clock.forward(1)
    await api.idle()
    assert [one["id"] for one in ear.messages[1:]] == [item.id] * 2
    assert ear.bodies[1] != ear.bodies[2]
    assert api.fired == {kind.value: 1}


async def test_two_of_a_person_change_places(api: CloudApi, ear: Ear, budi: Person) -> None:
    await api.idle()
    api.fault("message", Mail.REORDER, person=budi)
    for one in "abc":
        budi.say(one)
    await api.idle()
    assert ear.texts == ["halo", "b", "a", "c"]


async def test_a_delivery_is_late_by_days_and_keeps_its_time(api: CloudApi, ear: Ear, budi: Person) -> None:
    await api.idle()
    api.fault("message", Mail.DELAY, seconds=3 * 86_400)
    late = budi.say("a")
    await api.until(lambda: late.late)
    budi.say("b")
    await ear.hears(2)
    api.clock.forward(3 * 86_400)
    await api.idle()
    assert ear.texts == ["halo", "b", "a"]
    assert int(ear.messages[2]["timestamp"]) == int(api.clock.now()) - 3 * 86_400


@pytest.mark.parametrize("kind", [Mail.FORGED, Mail.UNSIGNED])
async def test_a_forger_tries_first(api: CloudApi, ear: Ear, budi: Person, kind: Mail) -> None:
    await api.idle()
    api.fault("message", kind)
    ear.answers = [403]
    budi.say("a")
    await api.idle()
    assert ear.signatures[1] == ("sha256=" + "0" * 64 if kind is Mail.FORGED else "")
    assert ear.signatures[2] == api.signed(ear.bodies[2])
    assert api.admitted == 0
    api.fault("message", kind)
    budi.say("b")
    await api.idle()
    assert api.admitted == 1


async def test_a_message_for_another_number_comes_along(api: CloudApi, ear: Ear, budi: Person) -> None:
    await api.idle()
    api.fault("message", Mail.FOREIGN)
    budi.say("a")
    await api.idle()
    foreign, ours = ear.values[1:]
    assert foreign["metadata"]["phone_number_id"] != ACCESS.phone_number_id
    assert ours["metadata"]["phone_number_id"] == ACCESS.phone_number_id
    assert foreign["messages"][0]["id"] != ours["messages"][0]["id"]
    api.foreign("b")
    await api.idle()
    assert ear.values[-1]["metadata"]["phone_number_id"] != ACCESS.phone_number_id


async def test_unknown_fields_are_everywhere(api: CloudApi, ear: Ear, budi: Person) -> None:
    await api.idle()
    api.fault("message", Mail.STRANGE)
    budi.say("a")
    await api.idle()
    document = ear.documents[1]
    assert "x_new" in document
    assert "x_new" in document["entry"][0]["changes"][0]["value"]["messages"][0]["text"]
    assert document["entry"][1]["changes"][0]["field"] == "dreams"


async def test_a_contact_lacks_one_of_its_names(api: CloudApi, ear: Ear, budi: Person) -> None:
    api.chance(Mail.NAMELESS, 1.0)
    for one in range(10):
        budi.say(f"{one}")
    await api.idle()
    contacts = [value["contacts"][0] for value in ear.values]
    assert {frozenset(one) for one in contacts} == {frozenset({"profile", "wa_id"}), frozenset({"profile", "user_id"})}
    assert all("from" in one and "from_user_id" in one for one in ear.messages)


async def test_news_of_the_account_come_in_fields_of_their_own(api: CloudApi, ear: Ear) -> None:
    api.account_error(131031)
    api.account_update()
    api.template_quality("token_siap", "id")
    api.number_quality()
    await api.idle()
    changes = [one["entry"][0]["changes"][0] for one in ear.documents]
    assert [one["field"] for one in changes] == [
        "messages", "account_update", "message_template_quality_update", "phone_number_quality_update",
    ]  # fmt: skip
    assert changes[0]["value"]["errors"][0]["code"] == 131031
    assert "messages" not in changes[0]["value"]


async def test_any_bytes_are_posted_and_signed(api: CloudApi, ear: Ear) -> None:
    assert await api.post(b"{") == 200
    ear.answers = [403, 403]
    assert await api.post(b"{}", signature="sha256=é") == 403
    assert await api.post(b"{}", signature=None) == 403
    assert ear.bodies == [b"{", b"{}", b"{}"]
    assert ear.signatures[0] == api.signed(b"{")
    assert (ear.signatures[2], api.admitted) == ("", 0)


async def test_an_item_is_delivered_once_more_at_will(api: CloudApi, ear: Ear, budi: Person) -> None:
    item = budi.say("a")
    await api.idle()
    api.again(item)
    api.again(item)
    await api.idle()
    assert ear.texts == ["halo", "a", "a", "a"]
    assert len(set(ear.bodies)) > 2
    assert json.loads(ear.bodies[2]) == json.loads(ear.bodies[1])


async def test_statuses_have_a_lane_of_their_own(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    await api.idle()
    ear.gate = asyncio.Event()
    budi.say("a")
    await ear.hears(2)
    await wire.ok(budi.key, **text("x"))
    await ear.hears(3)
    assert names(ear.statuses) == ["sent"]
    ear.gate.set()
    await api.idle()
    assert names(ear.statuses) == ["sent", "delivered", "read"]
