"""A day after his last word a person is reached by approved templates alone: what leaves, and in which form."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import clock
from bot.channels.whatsapp import Templates
from bot.domain.message import Message, Text
from bot.domain.rules import Shop
from bot.messaging.outbox import Class
from tests.street import alerts, faster
from tests.talk import METER, card, is_done, pay_label, says
from tests.whatsapp.double import Clock, CloudApi, Kind, Person
from tests.whatsapp.street import AGENT, SHOP, Street, street
from tests.whatsapp.traffic import copies, fired, queue, row, sends, token_message, told

MINUTE, HOUR = 60, 3_600
WINDOW = 23 * HOUR + 50 * MINUTE
GROUPED = "7718 2105 9224 7663 6094"
CRITICAL, PROMPT, NOTICE = Class.CRITICAL, Class.PROMPT, Class.NOTICE
HINT = Message(Text("in.media"))


@dataclass
class Days:
    """A town whose days pass as they are told to, for the shop and for the platform."""

    api: CloudApi
    ahead: int = 0
    town: Street | None = None

    def now(self) -> int:
        return clock.now() + self.ahead

    def pass_by(self, seconds: int) -> None:
        self.ahead += seconds * 1000
        self.api.clock.forward(seconds)

    async def agent(self, language: str = "id") -> Person:
        """The agent, who has just written."""
        assert self.town is not None
        person = self.town.person(AGENT)
        if language == "en":
            await says(person, "bahasa en", "English from now on")
        else:
            await says(person, "menu", "Halo Agen")
        await self.town.settled()
        return person

    async def says(self, message: Message, message_class: Class, sale: int | None = 10_001, cause: str = "") -> int:
        """Queue a message to the agent, and see what comes of it."""
        assert self.town is not None
        number = await queue(self.town, self.town.person(AGENT), message, message_class, sale, cause)
        await self.town.settled()
        return number


@asynccontextmanager
async def opened(folder: Path, shop: Shop = SHOP) -> AsyncIterator[tuple[Street, Days]]:
    async with CloudApi(clock=Clock(factor=20)) as api:
        api.pace.off()
        days = Days(api)
        async with street(folder, api=api, shop=shop, now=days.now) as town:
            days.town = town
            yield town, days
            await town.settled()
            assert await town.violations() == []
            assert api.unsupported == []


async def sold(town: Street) -> None:
    """Until the first purchase has its token."""
    stirred = asyncio.Event()
    town.store.on("outbox", stirred.set)
    async with asyncio.timeout(10):
        while [one.state for one in await town.purchases()] != ["SUCCESS"]:
            await stirred.wait()
            stirred.clear()


# which form


@pytest.mark.parametrize("passed", [0, WINDOW - 5])
async def test_within_the_window_everything_leaves_freely(tmp_path: Path, passed: int) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        days.pass_by(passed)
        for number, message_class in enumerate((CRITICAL, PROMPT, NOTICE)):
            message = token_message() if message_class is CRITICAL else HINT
            assert await row(town, await days.says(message, message_class, cause=f"{number}")) == ("sent",)
        assert [one.kind for one in agent.screen[1:]] == ["text"] * 3
        assert town.api.count("template") == 0


@pytest.mark.parametrize("passed", [WINDOW + 5, 24 * HOUR - 1, 24 * HOUR + 1, 30 * 24 * HOUR])
async def test_after_it_only_a_template_leaves_and_the_rest_is_dropped_in_silence(tmp_path: Path, passed: int) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        days.pass_by(passed)
        calls = len(sends(town, agent))
        for number, message_class in enumerate((PROMPT, NOTICE)):
            assert await row(town, await days.says(HINT, message_class, None, f"{number}")) == ("dropped",)
        assert len(sends(town, agent)) == calls
        assert await town.read(alerts) == 0
        token = await days.says(token_message(), CRITICAL)
        assert await row(town, token, "state, attempts") == ("sent", 1)
        assert [one.kind for one in agent.screen[1:]] == ["template"]
        assert town.api.refused == []


@pytest.mark.parametrize(
    ("language", "kwh", "words"),
    [("id", "34,6", "Token listrik 7718"), ("en", "34,6", "Electricity token 7718")],
)
async def test_a_tokens_template_says_digits_meter_energy_and_sale(
    tmp_path: Path, language: str, kwh: str, words: str
) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent(language)
        days.pass_by(25 * HOUR)
        await days.says(token_message(), CRITICAL)
        shown = agent.screen[-1]
        assert (shown.template, shown.language) == ("token_siap", language)
        assert shown.parameters == [GROUPED, "5412 3456 789", kwh, "T10001"]
        assert shown.text.startswith(words)
        assert town.api.refused == []


async def test_a_purchase_that_ends_after_the_window_says_its_token_and_its_result(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        payment = await card(agent)
        await town.settled()
        async with town.api.down():
            agent.tap(pay_label(payment), payment)
            await town.api.idle()
            await sold(town)
            days.pass_by(WINDOW + MINUTE)
        await agent.until(lambda: len(agent.screen) == 4)
        await town.settled()
        token, result = agent.screen[2:]
        assert (token.template, result.template) == ("token_siap", "status_pembelian")
        assert token.parameters[0].replace(" ", "") == town.sandbox.sales()[0].tokens[0]
        assert token.parameters[1:] == ["5412 3456 789", "34,6", "T10001"]
        assert result.parameters[0] == "T10001"
        assert result.parameters[1].startswith("✅ SUKSES T10001 · BUDI SANTOSA")
        assert town.api.refused == []


async def test_a_failure_says_by_template_where_the_money_is(tmp_path: Path) -> None:
    async with opened(tmp_path) as (_, days):
        agent = await days.agent()
        days.pass_by(25 * HOUR)
        reason = Text("late.failed", {"sale": "T10001", "reason": Text("err.refused")})
        await days.says(Message(reason, (Text("in.media"),)), CRITICAL)
        shown = agent.screen[-1]
        assert shown.template == "status_pembelian"
        assert shown.parameters[0] == "T10001"
        assert "T10001" in shown.parameters[1]
        assert "\n" not in shown.parameters[1]


async def test_a_reader_of_a_language_without_templates_gets_indonesian(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent("en")
        sending = town.whatsapp._sending
        assert sending is not None
        sending._templates = Templates(languages=("id",))  # as the settings would have it
        town.api.templates.forget("token_siap", "en")
        days.pass_by(25 * HOUR)
        await days.says(token_message(), CRITICAL)
        assert (agent.screen[-1].template, agent.screen[-1].language) == ("token_siap", "id")


async def test_a_template_that_comes_again_says_so_beside_the_sale(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        days.pass_by(25 * HOUR)
        town.api.statuses.auto = ()
        town.api.fault("template", Kind.DROP_APPLIED)
        await days.says(token_message(), CRITICAL)
        assert [one.parameters[3] for one in agent.screen[1:]] == ["T10001", "T10001 (kirim ulang)"]


# the platform says that it is closed


@pytest.mark.parametrize("synchronous", [True, False], ids=["at once", "by status"])
async def test_a_window_that_the_platform_holds_for_closed_turns_the_same_row_into_its_template_once(
    tmp_path: Path, synchronous: bool
) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        town.api.window.hours, town.api.window.synchronous = 1.0, synchronous
        days.pass_by(2 * HOUR)
        number = await days.says(token_message(), CRITICAL)
        assert [(one.kind, one.parameters[3]) for one in agent.screen[1:]] == [("template", "T10001")]
        assert [one.kind for one in sends(town, agent)[1:]] == ["text", "template"]
        assert await row(town, number, "state, variant") == ("sent", "template")
        assert await told(town, number) == ""
        for message_class in (PROMPT, NOTICE):
            dropped = await days.says(HINT, message_class, None, message_class)
            assert (await row(town, dropped), await told(town, dropped)) == (("dropped",), "")


@pytest.mark.parametrize("late", [False, True])
async def test_that_may_be_said_before_our_own_200_and_more_than_once(tmp_path: Path, late: bool) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        town.api.statuses.early, town.api.statuses.repeated = 1.0, 1.0
        town.api.statuses.fail(agent, 131047, late=late)
        number = await days.says(token_message(), CRITICAL)
        free = next(call for call in sends(town, agent) if call.failed)
        for _ in range(3):
            town.api.status(free.wamid, "failed", 131047)
        await town.settled()
        assert [one.kind for one in agent.screen[1:]] == ["template"]
        assert await row(town, number) == ("sent",)


# no template to say it in


@pytest.mark.parametrize("state", ["paused", "rejected", "disabled", "missing", "by status"])
async def test_without_its_template_a_token_is_parked_with_an_alert_and_comes_once_the_person_writes(
    tmp_path: Path, state: str
) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        days.pass_by(25 * HOUR)
        if state == "missing":
            town.api.templates.forget("token_siap")
        elif state == "by status":
            town.api.statuses.fail(agent, 132015, kind="template", count=2)
        else:
            town.api.templates.set("token_siap", state)
        number = await days.says(token_message(), CRITICAL)
        assert (await row(town, number), await told(town, number)) == (("parked",), "own.undelivered")
        assert len(agent.screen) == 1
        await says(agent, "menu", GROUPED)
        await town.settled()
        assert [one.kind for one in agent.screen[1:]].count("text") == 1
        assert copies(agent) == [False]
        assert await row(town, number) == ("sent",)


@pytest.mark.parametrize("code", [100, 131008, 131009])
async def test_a_template_that_is_a_mistake_of_ours_is_not_tried_for_ever(tmp_path: Path, code: int) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        town.api.window.hours, town.api.window.synchronous = 1.0, True
        days.pass_by(2 * HOUR)
        town.api.fault("template", Kind.ERROR, code=code, count=100)
        number = await days.says(token_message(), CRITICAL)
        assert await row(town, number) == ("parked",)
        assert town.api.count("template") == 1
        town.api.faults.clear()
        await says(agent, "menu", GROUPED)


async def test_what_no_template_fits_is_parked_until_the_person_writes(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        days.pass_by(25 * HOUR)
        number = await days.says(HINT, CRITICAL, None)
        assert (await row(town, number), await told(town, number)) == (("parked",), "own.undelivered")
        assert len(sends(town, agent)) == 1
        await says(agent, "menu", "Halo Agen")
        await agent.sees("Saya baru bisa membaca teks")


# and opens again


async def test_whoever_writes_again_is_written_to_freely(tmp_path: Path) -> None:
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        days.pass_by(25 * HOUR)
        await days.says(token_message(), CRITICAL)
        await says(agent, "saldo", "Rp500.000")
        await days.says(token_message(sale="T10002"), CRITICAL, 10_002, "second")
        assert [one.kind for one in agent.screen[1:]] == ["template", "button", "text"]
        days.pass_by(25 * HOUR)
        await days.says(token_message(sale="T10003"), CRITICAL, 10_003, "third")
        assert agent.screen[-1].kind == "template"
        assert town.api.refused == []


async def test_whoever_writes_before_the_template_left_gets_the_message_as_it_is(tmp_path: Path) -> None:
    """The platform said that the window is closed; until the row could be tried again its person had written."""
    async with opened(tmp_path, faster(SHOP, whatsapp_pair=(1_000,))) as (town, days):
        agent = await days.agent()
        town.api.statuses.fail(agent, 131047)
        town.api.fault("template", Kind.ERROR, code=131056)
        await queue(town, agent, token_message(), CRITICAL, 10_001)
        await fired(town, Kind.ERROR)
        agent.say("saldo")
        await agent.sees(GROUPED)
        await town.settled()
        assert [one.kind for one in agent.screen[1:]] == ["text", "button"]
        assert [call.kind for call in sends(town, agent)].count("template") == 1


async def test_a_message_in_the_middle_of_its_parts_leaves_as_a_template_when_the_window_closes(tmp_path: Path) -> None:
    async with opened(tmp_path, faster(SHOP, resend=(1_000,) * 4)) as (town, days):
        agent = await days.agent()
        town.api.statuses.auto = ()
        town.api.fault("text", Kind.RESET, person=agent, nth=2)
        long = Message(token_message().text, (Text("in.media"),) * 100)
        await queue(town, agent, long, CRITICAL, 10_001)
        await fired(town, Kind.RESET)
        days.pass_by(WINDOW + MINUTE)
        await agent.sees(lambda one: one.kind == "template")
        await town.settled()
        assert [one.kind for one in agent.screen[1:]] == ["text", "template"]


async def test_a_day_old_word_opens_nothing(tmp_path: Path) -> None:
    """It was delivered late: the window counts from when it was said, here as on the platform."""
    async with opened(tmp_path) as (town, days):
        agent = await days.agent()
        town.api.mail.hold()
        agent.say(f"{METER} 50")
        days.pass_by(25 * HOUR)
        calls = len(sends(town, agent))
        town.api.mail.flush()
        await town.settled()
        assert len(sends(town, agent)) == calls
        await days.says(token_message(), CRITICAL)
        assert [one.kind for one in agent.screen[1:]] == ["template"]
        assert not any(is_done(one) for one in agent.screen)
