import pytest

from tests.whatsapp.double import CloudApi, Person
from tests.whatsapp.double.conftest import NOON, Ear, Wire, names, template, text


async def statuses(wire: Wire, ear: Ear, budi: Person, count: int = 1) -> list[str]:
    """What is told of so many messages."""
    before = len(ear.statuses)
    for _ in range(count):
        await wire.ok(budi.key, **text("x"))
    await wire.api.idle()
    return names(ear.statuses[before:])


async def test_a_status_says_what_it_costs_and_when_it_was(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    await statuses(wire, ear, budi)
    sent, _, read = ear.statuses
    assert sent == {
        "id": budi.screen[0].wamid, "status": "sent", "timestamp": str(int(NOON)), "recipient_id": "6281234567890",
        "recipient_user_id": "ID.1",
        "pricing": {
            "billable": False, "pricing_model": "PMP", "category": "service", "type": "free_customer_service",
        },
    }  # fmt: skip
    assert "pricing" not in read
    api.clock.forward(25 * 3_600)
    await wire.ok(budi.key, **template("status_pembelian", "T1", "selesai"))
    await api.idle()
    assert ear.statuses[3]["pricing"] == {
        "billable": True, "pricing_model": "PMP", "category": "utility", "type": "regular",
    }  # fmt: skip
    api.statuses.priced = False
    await wire.ok(budi.key, **template("status_pembelian", "T1", "selesai"))
    await api.idle()
    assert "pricing" not in ear.statuses[6]


async def test_which_statuses_come_is_set(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    api.statuses.auto = ("sent", "delivered")
    assert await statuses(wire, ear, budi) == ["sent", "delivered"]
    api.statuses.auto = ()
    assert await statuses(wire, ear, budi) == []


async def test_statuses_are_shuffled_skipped_and_repeated(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    api.statuses.repeated = True
    assert await statuses(wire, ear, budi) == ["sent", "sent", "delivered", "delivered", "read", "read"]
    api.statuses.repeated, api.statuses.skipped = False, 0.5
    assert 0 < len(await statuses(wire, ear, budi, 10)) < 30
    api.statuses.skipped, api.statuses.shuffled = 0, True
    told = await statuses(wire, ear, budi, 10)
    assert len(told) == 30
    assert any(told[one : one + 3] != ["sent", "delivered", "read"] for one in range(0, 30, 3))


async def test_a_status_comes_before_the_call_is_answered(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    await api.idle()
    api.statuses.early = True
    await wire.ok(budi.key, **text("x"))
    assert names(ear.statuses) == ["sent", "delivered", "read"]


async def test_a_status_comes_after_a_while(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    api.statuses.delay = 10
    await wire.ok(budi.key, **text("x"))
    for count in range(3):
        await api.until(lambda: not any(one.busy for one in api.state.items.pending.values()))
        assert len(ear.statuses) == count
        api.clock.forward(10)
        await ear.hears(2 + count)
    await api.idle()


async def test_a_status_without_a_number_has_the_other_name(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    api.statuses.nameless = True
    await statuses(wire, ear, budi)
    assert {(one.get("recipient_id"), one["recipient_user_id"]) for one in ear.statuses} == {(None, "ID.1")}


async def test_an_accepted_message_fails_afterwards(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    siti = api.person("628110000011")
    siti.say("halo")
    await api.idle()
    api.statuses.fail(budi, 131053, details="Media upload error")
    await wire.ok(siti.key, **text("x"))
    await wire.ok(budi.key, **text("y"), biz_opaque_callback_data="01J")
    await wire.ok(budi.key, **text("z"))
    await api.idle()
    assert [one.text for one in budi.screen] == ["z"]
    (failed,) = [one for one in ear.statuses if one["status"] == "failed"]
    assert failed["biz_opaque_callback_data"] == "01J"
    assert failed["errors"][0]["code"] == 131053
    assert failed["errors"][0]["error_data"] == {"details": "Media upload error"}
    assert [one.failed for one in api.calls] == [0, 131053, 0]


async def test_the_next_messages_fail_whosever_they_are(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    api.statuses.fail(code=131026, count=2, kind="text", late=True)
    await wire.ok(budi.key, **template("status_pembelian", "T1", "selesai"))
    assert await statuses(wire, ear, budi, 3) == [
        "sent", "delivered", "read", "sent", "failed", "sent", "failed", "sent", "delivered", "read",
    ]  # fmt: skip
    assert len(budi.screen) == 2


async def test_who_is_not_on_whatsapp_is_found_out_later(wire: Wire, api: CloudApi, ear: Ear) -> None:
    wamid = await wire.ok("6289912345678", **text("x"))
    await api.idle()
    (failed,) = ear.statuses
    assert (failed["id"], failed["recipient_id"]) == (wamid, "6289912345678")
    assert failed["errors"][0]["code"] == 131026


@pytest.mark.parametrize("opaque", ["01J", ""])
async def test_any_status_is_told_at_will(wire: Wire, api: CloudApi, ear: Ear, budi: Person, opaque: str) -> None:
    api.statuses.auto = ()
    wamid = await wire.ok(budi.key, **text("x"), **({"biz_opaque_callback_data": opaque} if opaque else {}))
    api.status(wamid, "failed", 131049)
    api.status(wamid, "delivered")
    api.status("wamid.other", "delivered", opaque="of another app")
    await api.idle()
    mine = [one for one in ear.statuses if one["id"] == wamid]
    assert names(mine) == ["failed", "delivered"]
    assert {one.get("biz_opaque_callback_data", "") for one in mine} == {opaque}
    (other,) = [one for one in ear.statuses if one["id"] != wamid]
    assert other["biz_opaque_callback_data"] == "of another app"
