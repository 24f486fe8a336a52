"""Messages on their way out: what the network and the platform do to them, and what then stands on the phones."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.double.clock import PATIENCE
from tests.street import alerts
from tests.talk import has_token
from tests.telegram.double import BotApi, Call, Clock, Kind, Person, Shown
from tests.telegram.street import AGENT, OWNER, SHOP, STRANGER, Street, faster, street
from tests.telegram.talk import bought, card, digits, is_card, is_done, pay_label, says, taps

UNCLEAR = (
    Kind.DROP_APPLIED,
    Kind.HANG_APPLIED,
    Kind.TRUNCATED,
    Kind.HTML_200,
    Kind.JSON_500,
    Kind.HTML_502,
    Kind.EMPTY_503,
    Kind.JSON_LIST_500,
    Kind.RESET,
)
INTAKE = {"getupdates", "getwebhookinfo", "deletewebhook", "setwebhook"}
HEAD = "KIRIM ULANG · T10001"


def tokens(person: Person) -> list[str]:
    """The messages with a token, by their first line: its digits or a heading."""
    return [one.text.split("\n")[0] for one in person.screen if has_token(one)]


async def paid(person: Person, payment: Shown) -> None:
    """Pay, and wait for the end of it."""
    await taps(person, pay_label(payment), is_done, payment)


def sends(town: Street, chat: int) -> list[Call]:
    """The calls that were made to send to the chat, whatever came of them."""
    return [one for one in town.api.calls if one.method == "sendMessage" and one.chat == chat]


# unclear ends


@pytest.mark.parametrize("kind", UNCLEAR)
async def test_a_token_whose_sending_is_unclear_comes_again_with_a_heading(town: Street, kind: Kind) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    town.api.fault("sendMessage", kind, chat=AGENT, applied=True, seconds=1.0)  # the next is the token's
    agent.tap(pay_label(payment), payment)
    again = await agent.sees(HEAD)
    await town.settled()
    assert digits(again) == town.sandbox.sales()[0].tokens[0]
    copies = 1 if kind is Kind.RESET else 2
    assert [line.startswith("KIRIM") for line in tokens(agent)] == [False, True][2 - copies :]
    assert [is_done(one) for one in agent.screen].count(True) == 1


async def test_every_copy_after_the_first_is_headed_and_after_five_it_is_parked_with_an_alert(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    town.api.faults.chance(Kind.DROP_APPLIED, 1.0)
    agent.tap(pay_label(payment), payment)
    await agent.until(lambda: len(tokens(agent)) == 5)
    await town.settled()
    assert [line.startswith("KIRIM") for line in tokens(agent)] == [False, True, True, True, True]
    assert await town.read(alerts) >= 1
    town.api.faults.clear()
    await says(agent, "saldo", "Rp448.000")
    await town.settled()
    assert len(tokens(agent)) == 6
    assert tokens(agent)[-1] == HEAD


@pytest.mark.parametrize("kind", [Kind.DROP_APPLIED, Kind.TRUNCATED, Kind.HTML_502])
async def test_a_question_is_shown_twice_at_most(town: Street, kind: Kind) -> None:
    agent = town.person(AGENT)
    town.api.faults.chance(kind, 1.0)
    town.api.faults.spared = INTAKE
    agent.say("saldo")
    await town.settled()
    assert len(agent.screen) <= 2
    assert town.api.count("sendMessage", AGENT) == 2
    town.api.faults.clear()
    await says(agent, "harga", "Harga")


async def test_a_question_that_was_answered_meanwhile_is_not_sent_again(tmp_path: Path, mode: str) -> None:
    async with BotApi(clock=Clock(factor=20)) as api:
        api.state.pace.off()
        shop, now = faster(SHOP, resend_prompt=600_000), lambda: round(api.clock.now() * 1000)
        async with street(tmp_path, mode, api=api, shop=shop, now=now) as town:
            agent = town.person(AGENT)
            api.fault("sendMessage", Kind.DROP_APPLIED, chat=AGENT)
            payment = await card(agent)
            agent.tap(pay_label(payment), payment)
            await town.sells(1)
            api.clock.forward(601)
            await agent.sees(is_done)
            await town.settled()
            assert [one.text.startswith("💳") for one in agent.screen].count(True) == 1
            assert payment.buttons == ()


async def test_what_proves_that_nothing_left_makes_no_copies(tmp_path: Path) -> None:
    async with street(tmp_path, "webhook") as town:  # where updates still come in
        town.api.state.pace.off()
        agent, other = town.person(AGENT), town.person(STRANGER)
        payment = await card(agent)
        await town.settled()
        async with town.api.down():
            agent.tap(pay_label(payment), payment)
            other.start()
            await town.sells(1)
        await agent.sees(is_done)
        await other.sees("Halo!")
        await town.settled()
        assert len(tokens(agent)) == 1
        assert len(other.screen) == 1
        assert "KIRIM" not in tokens(agent)[0]


# too fast


async def test_a_chat_that_is_too_fast_waits_as_long_as_it_is_told_and_nobody_else_does(
    tmp_path: Path, mode: str
) -> None:
    async with BotApi(clock=Clock(factor=20)) as api:
        api.state.pace.off()
        async with street(tmp_path, mode, api=api, now=lambda: round(api.clock.now() * 1000)) as town:
            agent, other = town.person(AGENT), town.person(STRANGER)
            payment = await card(agent)
            api.fault("sendMessage", Kind.FLOOD, chat=AGENT, retry_after=600)
            agent.tap(pay_label(payment), payment)
            await agent.until(lambda: api.fired.get(Kind.FLOOD, 0) == 1)
            for word in ("hm", "apa ini"):
                await says(other, word, "Saya belum paham")
                (refused,) = sends(town, AGENT)[1:]
                assert refused.status == 429
                api.clock.forward(300)
            await agent.sees(is_done)
            await town.settled()
            assert tokens(agent) == [line for line in tokens(agent) if "KIRIM" not in line]
            assert [has_token(one) for one in agent.screen[-2:]] == [True, False]
            assert [one.status for one in sends(town, AGENT)].count(429) == 1
            assert await town.violations() == []


async def test_when_many_chats_are_too_fast_everybody_waits(town: Street) -> None:
    crowd = [town.person(number) for number in range(100, 103)]
    for one in crowd:
        town.api.fault("sendMessage", Kind.FLOOD, chat=one.id, retry_after=1)
        one.start()
    await town.person(99).until(lambda: town.api.fired.get(Kind.FLOOD, 0) == 3)
    await says(town.person(STRANGER), "apa ini", "Saya belum paham")
    assert sends(town, STRANGER)[0].at - sends(town, crowd[0].id)[0].at >= 1.0
    for one in crowd:
        await one.sees("Halo!")


async def test_thirty_messages_to_one_chat_leave_at_the_pace_and_are_never_refused(tmp_path: Path, mode: str) -> None:
    shop = faster(SHOP, telegram_chat=50, telegram_all=2)  # a twentieth, as the platform's own limits here
    async with street(tmp_path, mode, shop=shop) as town:
        agent, other = town.person(AGENT), town.person(STRANGER)
        began = town.api.clock.now()
        for _ in range(15):
            agent.say("saldo")
            agent.say("harga")
        other.start()
        await other.sees("Halo!")
        assert len(agent.screen) < 30
        await agent.until(lambda: len(agent.screen) == 30)
        assert sends(town, AGENT)[-1].at - began >= 27 * 0.05 - 0.01
        assert [one.text[:5] for one in agent.screen] == ["Saldo", "Harga"] * 15
        assert town.api.state.pace.refused == 0


async def test_whatever_fails_on_the_way_messages_of_a_chat_keep_their_order(town: Street) -> None:
    agent = town.person(AGENT)
    chances = {Kind.RESET: 0.1, Kind.JSON_500: 0.1, Kind.FLOOD: 0.1, Kind.REFUSE: 0.1, Kind.HTML_200: 0.1}
    for kind, chance in chances.items():
        town.api.faults.chance(kind, chance)
    town.api.faults.retry_after = 0
    town.api.faults.spared = INTAKE | {"sendmessage"}
    for number in range(3):
        payment = await card(agent, f"5412345678{number} 20")
        town.api.faults.spared.discard("sendmessage")
        await paid(agent, payment)
        town.api.faults.spared.add("sendmessage")
    await town.settled()
    town.api.faults.clear()
    for number, sold in enumerate(town.sandbox.sales(), 10_001):
        first = next(one for one in agent.screen if digits(one) == sold.tokens[0])
        done = next(one for one in agent.screen if is_done(one) and f"T{number}" in one.text)
        assert first.message_id < done.message_id


# out of reach


async def test_whoever_blocks_gets_no_more_notices_and_his_token_when_he_writes_again(
    tmp_path: Path, mode: str
) -> None:
    async with street(tmp_path, mode, shop=faster(SHOP, janitor=50)) as town:
        town.api.state.pace.off()
        agent, owner = town.person(AGENT), town.person(OWNER)
        payment = await card(agent, "11111111102 50")
        agent.tap(pay_label(payment), payment)
        agent.chat.blocked = True  # nobody tells the bot
        await town.settled()
        assert await town.read(alerts) >= 1
        calls = town.api.count("sendMessage", AGENT)
        await says(owner, "keluar A001 1 ya", "sudah keluar")
        await town.settled()
        assert town.api.count("sendMessage", AGENT) == calls
        agent.chat.blocked = False
        await says(agent, "apa ini", "Saya belum paham")
        await agent.sees(has_token)
        await agent.sees(is_done)
        await town.settled()
        assert len(tokens(agent)) == 1


async def test_an_account_that_is_gone_stops_nobody(town: Street) -> None:
    gone = town.person(STRANGER)
    gone.start()
    await gone.sees("Halo!")
    gone.deactivate()
    gone.say("halo")
    await bought(town.person(AGENT))
    await town.settled()


async def test_a_refused_token_of_the_bot_stops_the_sender_keeps_every_message_and_is_cured_by_itself(
    tmp_path: Path, mode: str
) -> None:
    with capture_logs() as logs:
        async with street(tmp_path, mode) as town:
            town.api.state.pace.off()
            agent, other = town.person(AGENT), town.person(STRANGER)
            payment = await card(agent)
            for method in ("sendMessage", "getMe", "editMessageText"):
                town.api.fault(method, Kind.UNAUTHORIZED, count=1_000)
            agent.tap(pay_label(payment), payment)
            other.start()
            calls = town.api.count("sendMessage")
            async with asyncio.timeout(PATIENCE):
                while town.api.count("getMe") < 3 or town.api.count("sendMessage") < calls + 1:
                    await town.api.state.heard.future()
            assert tokens(agent) == []
            town.api.faults.clear()
            await agent.sees(is_done)
            await other.sees("Halo!")
            await town.settled()
            assert len(tokens(agent)) == 1
            assert "KIRIM" not in tokens(agent)[0]
    said = [one for one in logs if one["event"].startswith("the platform refuses our access")]
    assert len(said) == 1


@pytest.mark.parametrize("kind", [Kind.UNAUTHORIZED, Kind.NOT_FOUND])
async def test_a_single_401_or_404_of_a_proxy_stops_nothing(town: Street, kind: Kind) -> None:
    town.api.fault("sendMessage", kind)
    with capture_logs() as logs:
        await says(town.person(AGENT), "saldo", "Rp500.000")
    assert [one for one in logs if one["log_level"] == "critical"] == []


# edits


async def test_what_can_no_longer_be_edited_is_said_anew(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    payment.deleted = True
    agent.tap(pay_label(payment), payment)
    processing = await agent.sees("⏳ Mengirim ke PLN")
    token = await agent.sees(has_token)
    assert processing.message_id < token.message_id


async def test_buttons_that_cannot_be_taken_away_make_no_noise(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    payment.deleted = True
    agent.tap("✖️ Batal", payment)
    await agent.sees("Dibatalkan")
    await town.settled()
    assert len(agent.screen) == 1
    assert await town.read(alerts) == 0


async def test_an_edit_that_changes_nothing_counts_as_done(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    town.api.fault("editMessageText", Kind.DROP_APPLIED)
    await paid(agent, payment)
    await town.settled()
    assert town.api.count("editMessageText") == 2
    assert len([one for one in agent.screen if "⏳" in one.text]) == 1
    assert await town.read(alerts) == 0


# mistakes of ours


@pytest.mark.parametrize(
    ("words", "has_buttons"),
    [
        ("can't parse entities: Unsupported start tag", True),
        ("BUTTON_DATA_INVALID", True),
        ("message is too long", False),
    ],
)
async def test_a_token_that_the_platform_would_not_take_as_it_is_arrives_plain(
    town: Street, words: str, has_buttons: bool
) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    town.api.fault("sendMessage", Kind.BAD, chat=AGENT, words=words)
    agent.tap(pay_label(payment), payment)
    token = await agent.sees(has_token)
    await town.settled()
    assert token.entities == []
    assert token.text.split("\n")[0].replace(" ", "") == town.sandbox.sales()[0].tokens[0]
    assert (await agent.sees(is_done)).labels


async def test_a_notice_or_question_that_the_platform_refuses_is_told_to_the_operator_and_let_go(town: Street) -> None:
    agent = town.person(AGENT)
    town.api.fault("sendMessage", Kind.BAD, words="message is too long")
    with capture_logs() as logs:
        agent.say("saldo")
        await town.settled()
    assert agent.screen == []
    assert await town.read(alerts) == 1
    assert [one["key"] for one in logs if one["event"] == "the platform would not take a message"] == ["bal.card"]
    await says(agent, "saldo", "Rp500.000")


async def test_a_receipts_paper_that_is_refused_for_the_rate_prints_no_second_picture(town: Street) -> None:
    agent = town.person(AGENT)
    _, done = await bought(agent)
    town.api.fault("sendDocument", Kind.FLOOD, chat=AGENT, retry_after=0)
    await taps(agent, "🧾 Struk", lambda one: one.kind == "document", done)
    await town.settled()
    assert [one.kind for one in agent.screen[-2:]] == ["photo", "document"]
    assert town.api.count("sendPhoto") == 1


# stopping


async def test_a_stop_in_the_middle_of_traffic_loses_nothing_and_sends_nothing_twice(tmp_path: Path, mode: str) -> None:
    people = tuple(range(200, 212))
    async with BotApi(clock=Clock(factor=20)) as api:
        api.state.pace.off()
        async with street(tmp_path, mode, api=api, agents=people, latency_ms=30) as town:
            for number in people:
                town.person(number).say(f"54123456{number} 20")
            cards = [await town.person(number).sees(is_card) for number in people]
            api.faults.chance(Kind.DRIP, 1.0)
            api.faults.seconds = 1.0
            for number, payment in zip(people, cards, strict=True):
                town.person(number).tap(pay_label(payment), payment)
            await town.sells(len(people))
        async with street(tmp_path, mode, api=api, agents=people, latency_ms=30) as town:
            for number in people:
                await town.person(number).sees(is_done)
            await town.settled()
            sold = sorted(one.tokens[0] for one in town.sandbox.sales())
            shown = sorted(digits(one) for number in people for one in town.person(number).screen if has_token(one))
            assert shown == sold
            assert len(sold) == len(people)
            assert await town.violations() == []
