import pytest

from tests.whatsapp.double import CloudApi, Person
from tests.whatsapp.double.conftest import Ear, Wire, addressed, buttons, names, template, text

HOUR = 3_600


async def codes(wire: Wire, name: str, count: int) -> list[int]:
    """So many messages in one breath: 0 or the code of each."""
    found = []
    for _ in range(count):
        status, envelope = await wire.post(addressed(name, **text("x")))
        found.append(0 if status == 200 else envelope["error"]["code"])
    return found


# the window


async def test_outside_of_the_window_only_templates_are_shown(
    wire: Wire, api: CloudApi, ear: Ear, budi: Person
) -> None:
    api.clock.forward(24 * HOUR - 1)
    await wire.ok(budi.key, **text("noch"))
    api.clock.forward(2)
    await wire.ok(budi.key, **buttons(("a", "Bayar")))
    await wire.ok(budi.key, **template("status_pembelian", "T1", "selesai"))
    assert [one.kind for one in budi.screen] == ["text", "template"]
    assert [one.failed for one in api.calls] == [0, 131047, 0]
    await api.idle()
    (failed,) = [one for one in ear.statuses if one["status"] == "failed"]
    assert failed["errors"][0]["code"] == 131047
    budi.say("lagi")
    await wire.ok(budi.key, **text("wieder"))
    assert len(budi.screen) == 3


async def test_the_window_may_be_told_at_once(wire: Wire, api: CloudApi) -> None:
    silent = api.person("628110000011")
    api.window.synchronous = True
    assert (await wire.refused(silent.key, **text("x")))[0] == 131047
    await wire.ok(silent.key, **template("status_pembelian", "T1", "selesai"))
    api.window.on = False
    await wire.ok(silent.key, **text("x"))
    assert len(silent.screen) == 2
    assert api.refused == ["131047 More than 24 hours have passed since the customer last replied to this number"]


async def test_whatever_a_person_does_opens_the_window(wire: Wire, api: CloudApi, budi: Person) -> None:
    asked = await wire.ok(budi.key, **buttons(("a", "Bayar")))
    for act in (budi.voice, budi.unsupported, budi.reaction, lambda: budi.tap("Bayar", asked)):
        api.clock.forward(25 * HOUR)
        act()
        await wire.ok(budi.key, **text("x"))
    assert len(budi.screen) == 5


# the speed


async def test_a_person_gets_one_message_in_six_seconds_after_a_burst(wire: Wire, api: CloudApi, budi: Person) -> None:
    assert await codes(wire, budi.key, 46) == [0] * 45 + [131056]
    api.person("628110000011").say("x")
    assert await codes(wire, "628110000011", 1) == [0]
    api.clock.forward(6)
    assert await codes(wire, budi.key, 2) == [0, 131056]
    assert (len(budi.screen), api.pace.refused, api.refused) == (46, 2, [])


async def test_a_burst_has_to_be_paid_back_where_the_limit_is_strict(wire: Wire, api: CloudApi, budi: Person) -> None:
    api.pace.strict = True
    assert await codes(wire, budi.key, 20) == [0] * 20
    api.clock.forward(119)
    assert await codes(wire, budi.key, 1) == [131056]
    api.clock.forward(1)
    assert await codes(wire, budi.key, 1) == [0]
    api.clock.forward(6)
    assert await codes(wire, budi.key, 46) == [0] * 45 + [131056]


async def test_the_whole_number_has_a_speed_in_both_directions(wire: Wire, api: CloudApi, budi: Person) -> None:
    api.pace.pair = False
    budi.say("y")
    assert await codes(wire, budi.key, 80) == [0] * 78 + [130429] * 2
    api.clock.forward(0.5)
    assert await codes(wire, budi.key, 41) == [0] * 40 + [130429]
    api.pace.off()
    assert await codes(wire, budi.key, 100) == [0] * 100


@pytest.mark.parametrize("status", [400, 429])
async def test_a_limit_comes_under_either_status(wire: Wire, api: CloudApi, budi: Person, status: int) -> None:
    api.pace.pair_status = api.pace.overall_status = status
    await codes(wire, budi.key, 45)
    for code in (131056, 130429):
        answered, envelope = await wire.post(addressed(budi.key, **text("x")))
        assert (answered, envelope["error"]["code"]) == (status, code)
        api.pace.pair, api.pace.overall_rate = False, 0


# templates


async def test_what_happens_to_a_template_is_told(wire: Wire, api: CloudApi, ear: Ear, budi: Person) -> None:
    await api.idle()
    api.template_event("token_siap", "id", "PAUSED", "LOW_QUALITY")
    assert (await wire.refused(budi.key, **template("token_siap", "1", "2", "3", "4")))[0] == 132015
    api.template_event("token_siap", "id", "APPROVED")
    await wire.ok(budi.key, **template("token_siap", "1", "2", "3", "4"))
    await api.idle()
    told = [value for value in ear.values if "message_template_name" in value]
    assert [(one["event"], one["reason"]) for one in told] == [("PAUSED", "LOW_QUALITY"), ("APPROVED", "NONE")]
    assert names(ear.statuses) == ["sent", "delivered", "read"]
    api.templates.forget("token_siap", "id")
    assert (await wire.refused(budi.key, **template("token_siap", "1", "2", "3", "4")))[0] == 132001


@pytest.mark.parametrize("body", ["{{1}} adalah token Anda.", "Token Anda {{1}}"])
def test_a_variable_neither_opens_nor_closes_a_body(api: CloudApi, body: str) -> None:
    with pytest.raises(ValueError, match="open or close"):
        api.templates.register("x", "id", body)
