"""Messages on their way out: what the network and the platform do to them, and what then stands on the phones."""

from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.street import alerts, faster
from tests.talk import RECEIPT, bought, card, digits, has_token, is_done, pay_label, says, taps
from tests.whatsapp.double import Clock, CloudApi, Kind
from tests.whatsapp.street import AGENT, OWNER, SHOP, STRANGER, Street, street
from tests.whatsapp.traffic import HEAD, copies, fired, sends

APPLIED = (
    Kind.DROP_APPLIED,
    Kind.HANG_APPLIED,
    Kind.TRUNCATED,
    Kind.HTML_200,
    Kind.JSON_500,
    Kind.HTML_502,
    Kind.EMPTY_503,
    Kind.JSON_LIST_500,
    Kind.OK_WITHOUT_WAMID,
    Kind.ERROR,  # of which the code, 131000, says nothing
)
NOT_APPLIED = (Kind.RESET, Kind.HANG, Kind.JSON_500, Kind.HTML_502, Kind.EMPTY_503, Kind.JSON_LIST_500, Kind.ERROR)


# unclear ends


@pytest.mark.parametrize("kind", APPLIED)
async def test_a_token_that_was_taken_and_never_confirmed_comes_again_with_a_heading(town: Street, kind: Kind) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    town.api.statuses.auto = ()
    town.api.fault("send", kind, person=agent, applied=True, seconds=1.0)  # the next is the token's
    agent.tap(pay_label(payment), payment)
    again = await agent.sees(HEAD)
    await town.settled()
    assert digits(again) == town.sandbox.sales()[0].tokens[0]
    assert copies(agent) == [False, True]
    assert [is_done(one) for one in agent.screen].count(True) == 1
    town.api.refused.clear()


@pytest.mark.parametrize("kind", NOT_APPLIED)
async def test_a_token_of_which_nobody_knows_whether_it_left_arrives_headed(town: Street, kind: Kind) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    town.api.fault("send", kind, person=agent, seconds=1.0)
    await taps(agent, pay_label(payment), is_done, payment)
    await town.settled()
    assert copies(agent) == [True]
    assert [has_token(one) for one in agent.screen[-2:]] == [True, False]


@pytest.mark.parametrize("kind", APPLIED)
async def test_a_status_proves_that_it_left_and_makes_a_second_copy_needless(town: Street, kind: Kind) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    town.api.fault("send", kind, person=agent, applied=True, seconds=1.0)
    await taps(agent, pay_label(payment), is_done, payment)
    await town.settled()
    assert copies(agent) == [False]
    assert len(sends(town, agent)) == 3


async def test_every_copy_after_the_first_is_headed_and_after_five_it_is_parked_with_an_alert(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    town.api.statuses.auto = ()
    town.api.fault("text", Kind.DROP_APPLIED, person=agent, count=5)
    agent.tap(pay_label(payment), payment)
    await agent.until(lambda: len(copies(agent)) == 5)
    await town.settled()
    assert copies(agent) == [False, True, True, True, True]
    assert await town.read(alerts) == 1
    await says(agent, "menu", "Rp448.000")
    await town.settled()
    assert copies(agent) == [False, True, True, True, True, True]


@pytest.mark.parametrize("kind", [Kind.DROP_APPLIED, Kind.TRUNCATED, Kind.HTML_502, Kind.OK_WITHOUT_WAMID])
async def test_a_question_is_shown_twice_at_most_and_once_if_a_status_proves_it(town: Street, kind: Kind) -> None:
    agent = town.person(AGENT)
    for auto, most in (((), 2), (("sent",), 1)):
        town.api.statuses.auto = auto
        town.api.fault("send", kind, applied=True, count=2)
        before = len(agent.screen)
        agent.say("harga")
        await town.settled()
        assert len(agent.screen) - before == most
        town.api.faults.clear()
    await says(agent, "riwayat", "🧾")


async def test_a_question_that_was_answered_meanwhile_is_not_sent_again(tmp_path: Path) -> None:
    async with street(tmp_path, shop=faster(SHOP, resend_prompt=400)) as town:
        agent = town.person(AGENT)
        town.api.statuses.auto = ()
        town.api.fault("send", Kind.DROP_APPLIED, person=agent)
        payment = await card(agent)
        await taps(agent, pay_label(payment), is_done, payment)
        await town.settled()
        assert [one.text.startswith("*💳") for one in agent.screen].count(True) == 1


async def test_what_proves_that_nothing_left_makes_no_copies(town: Street) -> None:
    agent, other = town.person(AGENT), town.person(STRANGER)
    payment = await card(agent)
    await town.settled()
    async with town.api.down():
        agent.tap(pay_label(payment), payment)
        other.say("menu")
        await town.sells(1)
    await agent.sees(is_done)
    await other.sees("Halo!")
    await town.settled()
    assert copies(agent) == [False]
    assert len(other.screen) == 1


async def test_neither_does_a_proxy_that_leads_elsewhere(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    town.api.fault("text", Kind.REDIRECT, count=2)
    await taps(agent, pay_label(payment), is_done, payment)
    await town.settled()
    assert copies(agent) == [False]
    assert town.api.fired[Kind.REDIRECT] == 2
    assert town.api.followed == 0


async def test_an_edit_is_nothing_where_nothing_can_be_changed(town: Street) -> None:
    agent = town.person(AGENT)
    await bought(agent)
    await town.settled()
    assert [one.kind for one in sends(town, agent)] == ["button", "text", "button"]
    assert len(agent.screen[0].options) == 3


# too fast


@pytest.mark.parametrize("status", [400, 429])
async def test_who_is_written_to_too_fast_waits_longer_each_time_and_nobody_else_does(
    tmp_path: Path, status: int
) -> None:
    async with street(tmp_path, shop=faster(SHOP, whatsapp_pair=(200, 400, 800))) as town:
        agent, other = town.person(AGENT), town.person(STRANGER)
        payment = await card(agent)
        town.api.fault("send", Kind.ERROR, person=agent, code=131056, status=status, count=2)
        agent.tap(pay_label(payment), payment)
        await fired(town, Kind.ERROR)
        await says(other, "menu", "Halo!")
        await agent.sees(is_done)
        await town.settled()
        assert copies(agent) == [False]
        assert [has_token(one) for one in agent.screen[-2:]] == [True, False]
        first, second, third = sends(town, agent)[1:4]
        assert (first.status, second.status, third.status) == (status, status, 200)
        gaps = [second.at - first.at, third.at - second.at]
        assert gaps[0] >= 0.2
        assert gaps[1] >= 0.4
        assert sends(town, other)[0].number < third.number


async def test_many_people_who_are_written_to_too_fast_make_nobody_else_wait(tmp_path: Path) -> None:
    """The platform means each of them alone: it is no sign that the number is too fast."""
    async with street(tmp_path, shop=faster(SHOP, whatsapp_pair=(1_500,))) as town:
        crowd, other = [town.person(f"62899{number:08d}") for number in range(4)], town.person(STRANGER)
        for one in crowd:
            town.api.fault("send", Kind.ERROR, person=one, code=131056)
            one.say("menu")
        await fired(town, Kind.ERROR, len(crowd))
        await says(other, "menu", "Halo!")
        assert not any(one.screen for one in crowd)
        for one in crowd:
            await one.sees("Halo!")
        await town.settled()


@pytest.mark.parametrize(("code", "status"), [(130429, 400), (130429, 429), (4, 400), (80007, 429), (131057, 500)])
async def test_when_the_number_is_too_fast_everybody_waits(tmp_path: Path, code: int, status: int) -> None:
    async with street(tmp_path, shop=faster(SHOP, whatsapp_crowd=(600,))) as town:
        agent, other = town.person(AGENT), town.person(STRANGER)
        town.api.fault("send", Kind.ERROR, person=agent, code=code, status=status)
        agent.say("saldo")
        await fired(town, Kind.ERROR)
        other.say("menu")
        await other.sees("Halo!")
        await agent.sees("Rp500.000")
        await town.settled()
        refused = sends(town, agent)[0]
        assert sends(town, other)[0].at - refused.at >= 0.45
        assert sends(town, agent)[1].at - refused.at >= 0.45


async def test_calls_that_were_refused_together_make_one_step_of_the_wait(tmp_path: Path) -> None:
    """All were under way when the first refusal came: that is no reason to wait as if it had come ten times."""
    async with street(tmp_path, shop=faster(SHOP, whatsapp_crowd=(100, 60_000))) as town:
        crowd = [town.person(f"62899{number:08d}") for number in range(10)]
        town.api.mail.hold()
        for one in crowd:
            town.api.fault("send", Kind.ERROR, person=one, code=130429)
            one.say("menu")
        town.api.mail.flush(30)
        for one in crowd:
            await one.sees("Halo!")
        await town.settled()
        assert town.api.fired[Kind.ERROR] >= 2


async def test_thirty_messages_to_one_person_leave_at_the_pace_and_are_never_refused(tmp_path: Path) -> None:
    shop = faster(SHOP, whatsapp_chat=100, whatsapp_all=1)  # a sixtieth, as the platform's own limits here
    async with CloudApi(clock=Clock(factor=60)) as api, street(tmp_path, api=api, shop=shop) as town:
        agent, other = town.person(AGENT), town.person(STRANGER)
        for _ in range(15):
            agent.say("saldo")
            agent.say("harga")
        other.say("menu")
        await other.sees("Halo!")
        assert len(agent.screen) < 30
        await agent.until(lambda: len(agent.screen) == 30, timeout=20)
        times = [one.at for one in sends(town, agent)]
        assert times[-1] - times[0] >= 20 * 0.1 * 0.9  # when a call is read is not quite when it left
        assert [one.text[:5] for one in agent.screen] == ["Saldo", "*Harg"] * 15
        assert api.pace.refused == 0
        await town.settled()


async def test_a_burst_that_has_to_be_paid_back_delays_that_person_alone_and_loses_nothing(tmp_path: Path) -> None:
    async with street(tmp_path, shop=faster(SHOP, whatsapp_pair=(100, 200, 400))) as town:
        town.api.pace.off()
        agent, other = town.person(AGENT), town.person(STRANGER)
        for nth in (11, 16):
            town.api.fault("send", Kind.ERROR, person=agent, code=131056, nth=nth, count=3)
        for _ in range(15):
            agent.say("saldo")
            agent.say("harga")
        await fired(town, Kind.ERROR)
        await says(other, "menu", "Halo!")
        await agent.until(lambda: len(agent.screen) == 30, timeout=20)
        await town.settled()
        assert town.api.fired[Kind.ERROR] == 6
        assert [one.text[:5] for one in agent.screen] == ["Saldo", "*Harg"] * 15
        assert sends(town, other)[0].number < sends(town, agent)[-1].number


async def test_whatever_fails_on_the_way_messages_of_a_person_keep_their_order(town: Street) -> None:
    agent = town.person(AGENT)
    for number in range(4):
        payment = await card(agent, f"5412345678{number} 20")
        for kind in (Kind.RESET, Kind.JSON_500, Kind.ERROR, Kind.HTML_200, Kind.DROP_APPLIED):
            town.api.chance(kind, 0.12)
        town.api.faults.spared = {"read", "number"}
        town.api.faults.codes = (131056, 130429, 131000, 190)
        await taps(agent, pay_label(payment), is_done, payment)
        await town.settled()
        town.api.faults.clear()
    for number, sold in enumerate(town.sandbox.sales(), 10_001):
        first = next(one for one in agent.screen if digits(one) == sold.tokens[0])
        done = next(one for one in agent.screen if is_done(one) and f"T{number}" in one.text)
        assert first.serial < done.serial
    assert sum(town.api.fired.values()) > 0


# out of reach


async def test_whoever_blocks_gets_no_more_notices_and_his_token_when_he_writes_again(tmp_path: Path) -> None:
    async with street(tmp_path, shop=faster(SHOP, janitor=50)) as town:
        agent, owner = town.person(AGENT), town.person(OWNER)
        payment = await card(agent, "11111111102 50")
        agent.tap(pay_label(payment), payment)
        agent.block()  # nobody tells the shop: its message is accepted, and fails
        await town.settled()
        assert await town.read(alerts) >= 1
        calls = len(sends(town, agent))
        assert calls > 1
        await says(owner, "keluar A001 1 ya", "sudah keluar")
        await town.settled()
        assert len(sends(town, agent)) == calls
        agent.unblock()
        agent.say("menu")
        await agent.sees(has_token)
        await agent.sees(is_done)
        await town.settled()
        assert copies(agent) == [False]


async def test_somebody_who_cannot_be_reached_stops_nobody(town: Street) -> None:
    gone = town.person(STRANGER)
    await says(gone, "menu", "Halo!")
    gone.say("menu")
    gone.block()
    await bought(town.person(AGENT))
    await town.settled()


async def test_a_refused_access_stops_the_sender_keeps_every_message_and_is_cured_by_itself(tmp_path: Path) -> None:
    with capture_logs() as logs:
        async with street(tmp_path) as town:
            agent, other = town.person(AGENT), town.person(STRANGER)
            payment = await card(agent)
            await town.settled()
            town.api.fault("send", Kind.UNAUTHORIZED, count=1_000)
            agent.tap(pay_label(payment), payment)
            other.say("menu")
            await fired(town, Kind.UNAUTHORIZED, 6)
            assert town.sandbox.sales()
            assert copies(agent) == []
            town.api.faults.clear()
            await agent.sees(is_done)
            await other.sees("Halo!")
            await town.settled()
            assert copies(agent) == [False]
            assert await town.read(alerts) == 0
    said = [one for one in logs if one["event"].startswith("the platform refuses our access")]
    assert [one["log_level"] for one in said] == ["critical"]


# of two parts


@pytest.mark.parametrize(
    ("what", "kind", "fields"),
    [
        ("document", Kind.ERROR, {"code": 131056}),
        ("document", Kind.RESET, {}),
        ("document", Kind.HTML_502, {}),
        ("document", Kind.REDIRECT, {}),
        ("upload", Kind.HTML_502, {"nth": 2}),
        ("upload", Kind.DROP_APPLIED, {"nth": 2}),
        ("upload", Kind.UNAUTHORIZED, {"nth": 2}),
    ],
)
async def test_a_receipts_paper_that_fails_prints_no_second_picture(
    town: Street, what: str, kind: Kind, fields: dict[str, Any]
) -> None:
    agent = town.person(AGENT)
    _, done = await bought(agent)
    town.api.fault(what, kind, **fields)
    await taps(agent, RECEIPT["id"], lambda one: one.kind == "document", done)
    await town.settled()
    assert town.api.fired[kind] == 1
    assert [one.kind for one in agent.screen[-2:]] == ["image", "document"]
    assert town.api.count("image") == 1
