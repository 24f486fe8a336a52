"""What the platform tells of a message afterwards: proof or failure, in any order, early, late and from others."""

from pathlib import Path

import pytest

from bot.messaging.outbox import Class
from bot.ports import Tx
from tests.street import alerts, faster
from tests.talk import bought, card, is_done, pay_label, says, taps
from tests.whatsapp.double import ACCESS, Kind, Person
from tests.whatsapp.street import AGENT, SHOP, STRANGER, Street, street
from tests.whatsapp.traffic import (
    copies,
    counted,
    delivery,
    fired,
    queue,
    row,
    sends,
    stored,
    token_message,
    told,
)

EVERYTHING = {"shuffled": 1.0, "repeated": 1.0, "early": 0.5, "skipped": 0.3, "nameless": 0.5}


def states(tx: Tx) -> list[str]:
    found = tx._connection.execute("SELECT DISTINCT state FROM outbox")  # type: ignore[attr-defined]  # no query of ours
    return [state for (state,) in found.fetchall()]


async def newcomer(town: Street) -> Person:
    person = town.person(STRANGER)
    await says(person, "menu", "Halo!")
    await town.settled()
    return person


# any order


@pytest.mark.parametrize("settings", [{name: value} for name, value in EVERYTHING.items()] + [EVERYTHING], ids=str)
async def test_however_statuses_come_everybody_reads_everything_once(town: Street, settings: dict[str, float]) -> None:
    for name, value in settings.items():
        setattr(town.api.statuses, name, value)
    town.api.mail.batch(5)
    agent = town.person(AGENT)
    await bought(agent)
    await says(agent, "riwayat", "🧾")
    await town.settled()
    assert copies(agent) == [False]
    assert len(agent.screen) == len(sends(town, agent)) == 4
    assert await town.read(states) == ["sent"]
    assert await town.read(alerts) == 0


async def test_proof_and_price_of_a_message_are_kept(town: Street) -> None:
    person = await newcomer(town)
    number = await queue(town, person, token_message(), Class.CRITICAL, 10_001)
    await town.settled()
    proof, delivered, read, priced = await row(town, number, "proof, delivered_at, read_at, priced")
    assert (proof, priced) == (3, "PMP service free_customer_service")
    assert 0 < delivered <= read


async def test_whoever_hides_that_he_reads_has_it_delivered(town: Street) -> None:
    town.api.statuses.auto = ("sent", "delivered")
    person = await newcomer(town)
    number = await queue(town, person, token_message(), Class.CRITICAL, 10_001)
    await town.settled()
    assert await row(town, number, "state, proof, read_at") == ("sent", 2, None)


async def test_statuses_cost_no_row_and_no_turn(town: Street) -> None:
    agent = town.person(AGENT)
    await bought(agent)
    await town.settled()
    assert await town.read(stored) == 3  # his order, its answer from the supplier, and his tap
    assert await counted(town, "statuses") == 9


# unclear ends


async def test_a_status_of_an_earlier_attempt_ends_the_repeats(tmp_path: Path) -> None:
    async with street(tmp_path, shop=faster(SHOP, resend=(100, 2_000, 2_000, 2_000))) as town:
        person = await newcomer(town)
        town.api.statuses.auto = ()
        town.api.fault("send", Kind.DROP_APPLIED, person=person, count=2)
        number = await queue(town, person, token_message(), Class.CRITICAL, 10_001)
        await person.until(lambda: len(copies(person)) == 2)
        town.api.status(person.screen[1].wamid, "delivered")
        await town.settled()
        assert copies(person) == [False, True]
        assert await row(town, number, "state, proof") == ("sent", 2)


async def test_an_earlier_attempt_that_was_only_taken_proves_nothing_of_the_next(tmp_path: Path) -> None:
    async with street(tmp_path, shop=faster(SHOP, resend=(100, 600, 600, 600))) as town:
        person = await newcomer(town)
        town.api.statuses.auto = ()
        town.api.fault("send", Kind.RESET, person=person, count=2)
        await queue(town, person, token_message(), Class.CRITICAL, 10_001)
        await fired(town, Kind.RESET, 2)
        opaque = sends(town, person)[1].params["biz_opaque_callback_data"]
        town.api.status("wamid.first", "sent", opaque=opaque)
        await town.settled()
        assert copies(person) == [True]


async def test_a_repeat_is_proven_by_the_mildest_word_of_it(town: Street) -> None:
    """Each attempt is named by its number, so that what is said of one is not taken for another's."""
    person = await newcomer(town)
    town.api.statuses.auto = ("sent",)
    town.api.fault("send", Kind.RESET, person=person)
    town.api.fault("send", Kind.DROP_APPLIED, person=person, nth=2, count=3)
    number = await queue(town, person, token_message(), Class.CRITICAL, 10_001)
    await town.settled()
    assert copies(person) == [True]
    assert await row(town, number, "state, proof") == ("sent", 1)


async def test_what_is_unclear_is_kept_back_until_its_status_may_have_come(tmp_path: Path) -> None:
    async with street(tmp_path, shop=faster(SHOP, resend=(10, 10, 10, 10), status=3_000)) as town:
        person = await newcomer(town)
        town.api.statuses.delay = 6.0  # of the platform's time: longer than any wait but that one
        town.api.fault("send", Kind.DROP_APPLIED, person=person)
        number = await queue(town, person, token_message(), Class.CRITICAL, 10_001)
        await town.settled()
        assert copies(person) == [False]
        assert await row(town, number, "state, attempts") == ("sent", 1)


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "played"])
async def test_any_proof_of_a_parked_or_waiting_message_closes_it(town: Street, status: str) -> None:
    person = await newcomer(town)
    town.api.statuses.auto = ()
    town.api.fault("send", Kind.DROP_APPLIED, person=person)
    number = await queue(town, person, token_message(), Class.CRITICAL, 10_001)
    await person.until(lambda: len(copies(person)) == 1)
    town.api.status(person.screen[-1].wamid, status)
    await town.settled()
    assert copies(person) == [False]
    assert await row(town, number) == ("sent",)


async def test_a_sale_whose_token_is_known_to_have_come_by_a_status_alone_can_be_looked_at(town: Street) -> None:
    agent = town.person(AGENT)
    shown = await card(agent)
    town.api.statuses.delay = 1.0  # of the platform's time, in which the call has ended
    town.api.fault("send", Kind.DROP_APPLIED, person=agent, count=2)
    await taps(agent, pay_label(shown), is_done, shown)
    await town.settled()
    assert copies(agent) == [False]
    await says(agent, "cek T10001", "Token terkirim")


# failures


async def test_a_failure_that_is_told_before_our_own_200_counts(town: Street) -> None:
    person = await newcomer(town)
    town.api.statuses.early = 1.0
    town.api.statuses.fail(person, 131026)
    number = await queue(town, person, token_message(), Class.CRITICAL, 10_001)
    await town.settled()
    assert (await row(town, number), await told(town, number)) == (("parked",), "own.undelivered")
    await says(person, "menu", "7718")
    await town.settled()
    assert copies(person) == [False]


@pytest.mark.parametrize("code", [131026, 131047, 131053, 131000, 131056])
async def test_a_failure_that_is_told_again_and_again_acts_once(town: Street, code: int) -> None:
    person = await newcomer(town)
    town.api.statuses.fail(person, code, late=True)
    number = await queue(town, person, token_message(), Class.CRITICAL, 10_001)
    await town.settled()
    after = len(person.screen), await row(town, number), await told(town, number)
    failed = next(call for call in sends(town, person) if call.failed)
    for _ in range(3):
        town.api.status(failed.wamid, "failed", code)
        town.api.status(failed.wamid, "sent")
    await town.settled()
    assert (len(person.screen), await row(town, number), await told(town, number)) == after
    assert after[1] == (("parked",) if code == 131026 else ("sent",))
    assert after[0] == 1 + (code != 131026)


async def test_what_was_delivered_cannot_fail_any_more(town: Street) -> None:
    agent = town.person(AGENT)
    await bought(agent)
    await town.settled()
    for one in agent.screen:
        for code in (131026, 131047, 131000):
            town.api.status(one.wamid, "failed", code)
    await town.settled()
    assert len(agent.screen) == 3
    assert await town.read(alerts) == 0


async def test_a_failure_without_its_reason_is_sent_again(town: Street) -> None:
    person = await newcomer(town)
    town.api.statuses.auto = ("sent",)
    number = await queue(town, person, token_message(), Class.CRITICAL, 10_001)
    await town.settled()
    opaque = sends(town, person)[-1].params["biz_opaque_callback_data"]
    bare = {"id": "wamid.x", "status": "failed", "timestamp": "1", "biz_opaque_callback_data": opaque}
    assert await town.api.post(delivery(statuses=[bare, bare | {"errors": ["?"]}])) == 200
    await person.until(lambda: len(copies(person)) == 2)
    await town.settled()
    assert (copies(person), await row(town, number)) == ([False, False], ("sent",))


# of others


async def test_statuses_of_what_another_program_sent_are_counted_and_left_alone(town: Street) -> None:
    agent = town.person(AGENT)
    await bought(agent)
    await town.settled()
    ours = sends(town, agent)[-1].params["biz_opaque_callback_data"]
    mark, row_, attempt, left = ours.split(".")
    others = [
        f"ZZZZZZZZ.{row_}.{attempt}.{left}",
        f"{mark}.{row_}.{attempt}",
        f"{mark}.{row_}.{attempt}.{left}.1",
        f"{mark}.{10**12}.1.0",
        f"{mark}.one.two.three",
        f"{mark}.-1.1.0",
        mark,
        "order-1",
        "{}",
    ]
    for opaque in others:
        town.api.status("wamid.other", "failed", 131026, opaque=opaque)
        town.api.status("wamid.other", "delivered", opaque=opaque)
    town.api.status("wamid.nameless", "failed", 131026)
    await town.settled()
    assert await counted(town, "foreign statuses") == 2 * len(others)
    assert len(agent.screen) == 3
    assert await town.read(alerts) == 0
    assert await town.read(states) == ["sent"]


async def test_a_status_that_nobody_has_heard_of_changes_nothing(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    await town.settled()
    for name in ("deleted", "warning", "held_for_quality_assessment", ""):
        town.api.status(payment.wamid, name)
    await taps(agent, pay_label(payment), is_done, payment)
    await town.settled()
    assert len(agent.screen) == 3
    assert await town.read(alerts) == 0


async def test_every_call_names_its_row_in_a_way_that_says_nothing_of_the_business(town: Street) -> None:
    agent = town.person(AGENT)
    await bought(agent)
    await town.settled()
    for call in sends(town, agent):
        opaque = call.params["biz_opaque_callback_data"]
        assert len(opaque) <= 64
        for secret in (AGENT, ACCESS.token, "54123456789", "T10001", "52000"):
            assert secret not in opaque
