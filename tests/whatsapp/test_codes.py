"""Every code of the Graph API, at once under any HTTP status or later by status: what becomes of each class of message.

For every code and class somebody of his own has the row; then it is looked at his phone, the row and the alerts.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bot.domain.message import Message, Text
from bot.messaging.outbox import Class
from tests.talk import RECEIPT, bought, says, taps
from tests.whatsapp.double import Clock, CloudApi, Kind, Person, Shown
from tests.whatsapp.street import AGENT, Street, street
from tests.whatsapp.traffic import queue, row, token_message, told

GROUPED = "7718 2105 9224 7663 6094"
CODES: dict[str, tuple[int, ...]] = {
    "shut": (0, 190, 3, 10, 200, 299, 131045, 133010, 33),  # 33 is a subcode: no such number
    "bare": (100, 131008, 131009, 131051, 131052, 131053),
    "closed": (131047, 132000, 132012, 132018, 132001, 132005, 132007, 132015, 132016, 131042),
    "away": (131026, 131062),
    "pair": (131056,),
    "crowd": (130429, 4, 80007, 131057),
    "held": (131048, 131049, 368, 131031, 130497),
    "transient": (1, 2, 131000, 131016),
    "refused": (131021, 131030, 130472, 999_999),
}
UNHEARD_OF = {130472, 999_999}
# what the phone shows in the end, the state of the row, and what is told to the operator: by class
AS_IT_IS, PLAIN, TEMPLATE, HEADED, NOTHING = "as it is", "plain", "template", "headed", "nothing"
CRITICAL, PROMPT, NOTICE = Class.CRITICAL, Class.PROMPT, Class.NOTICE
End = tuple[str, str, str]
SENT, DROPPED = (AS_IT_IS, "sent", ""), (NOTHING, "dropped", "")
UNSENDABLE, HELD = (NOTHING, "dropped", "own.unsendable"), (NOTHING, "dropped", "own.held")
ENDS: dict[str, tuple[End, End, End]] = {
    "shut": (SENT, SENT, SENT),
    "bare": ((PLAIN, "sent", "own.unsendable"), (PLAIN, "sent", "own.unsendable"), UNSENDABLE),
    "closed": ((TEMPLATE, "sent", ""), DROPPED, DROPPED),
    "away": ((NOTHING, "parked", "own.undelivered"), DROPPED, DROPPED),
    "pair": (SENT, SENT, SENT),
    "crowd": (SENT, SENT, SENT),
    "held": ((AS_IT_IS, "sent", "own.held"), HELD, HELD),
    "transient": ((HEADED, "sent", ""), SENT, DROPPED),
    "refused": ((NOTHING, "parked", "own.undelivered"), UNSENDABLE, UNSENDABLE),
}
# a status that says that it failed is no doubt: it is simply sent again
BY_STATUS = ENDS | {"transient": (SENT, SENT, SENT)}


@dataclass
class Row:
    """A message to somebody, and what is to become of it."""

    number: int
    person: Person
    message_class: Class
    code: int


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Street]:
    async with CloudApi(clock=Clock(factor=20)) as api:
        api.pace.off()
        async with street(tmp_path, api=api) as made:
            yield made
            await made.settled()
            assert await made.violations() == []
            assert api.unsupported == []


def said(message_class: Class) -> Message:
    return token_message() if message_class is CRITICAL else Message(Text("in.media"))


async def newcomers(town: Street, codes: tuple[int, ...]) -> list[Row]:
    """Somebody for each code and class, who has just written; his row is not there yet."""
    rows = [
        Row(0, town.person(f"62899{code:06d}{number}"), one, code)
        for code in codes
        for number, one in enumerate((CRITICAL, PROMPT, NOTICE))
    ]
    for one in rows:
        await says(one.person, "menu", "Halo!")
    await town.settled()
    return rows


async def put(town: Street, one: Row) -> None:
    """Queue the row."""
    sale = 10_001 if one.message_class is CRITICAL else None
    one.number = await queue(town, one.person, said(one.message_class), one.message_class, sale)


async def end(town: Street, one: Row) -> End:
    """What the phone shows, the row's state and what was told of it."""
    (state,) = await row(town, one.number)
    return looks(one.person.screen[1:]), state, await told(town, one.number)


def looks(screen: list[Shown]) -> str:
    """How the one message looks, or that there is none."""
    if not screen:
        return NOTHING
    assert len(screen) == 1, screen
    shown = screen[0]
    if shown.kind == "template":
        assert shown.parameters[0] == GROUPED
        return TEMPLATE
    if "KIRIM ULANG" in shown.text:
        return HEADED
    is_plain = GROUPED in shown.text and "```" not in shown.text
    return PLAIN if is_plain else AS_IT_IS


def wanted(one: Row, ends: End) -> End:
    """A plain hint looks as it did before: it never had an ornament."""
    look, state, told = ends
    return (AS_IT_IS if look == PLAIN and one.message_class is not CRITICAL else look), state, told


@pytest.mark.parametrize("status", [400, 429, 403, 500])
@pytest.mark.parametrize("group", CODES)
async def test_a_refusal_at_once_has_its_meaning_under_any_http_status(town: Street, group: str, status: int) -> None:
    rows = await newcomers(town, CODES[group])
    for one in rows:
        code, subcode = (100, 33) if one.code == 33 else (one.code, 0)
        if code in UNHEARD_OF and status == 500:  # then the HTTP status says that it is unclear
            continue
        town.api.fault("send", Kind.ERROR, person=one.person, code=code, subcode=subcode, status=status)
        await put(town, one)
    await town.settled()
    for one in rows:
        if one.number:
            ends = ENDS[group][(CRITICAL, PROMPT, NOTICE).index(one.message_class)]
            assert await end(town, one) == wanted(one, ends), (one.code, one.message_class)
    assert town.api.refused == []


@pytest.mark.parametrize("late", [False, True], ids=["failed at once", "sent before"])
@pytest.mark.parametrize("group", CODES)
async def test_a_refusal_by_status_means_the_same(town: Street, group: str, late: bool) -> None:
    rows = await newcomers(town, CODES[group])
    for one in rows:
        if one.code != 33:  # statuses have no subcodes
            town.api.statuses.fail(one.person, one.code, late=late)
            await put(town, one)
    await town.settled()
    for one in rows:
        if one.number:
            ends = BY_STATUS[group][(CRITICAL, PROMPT, NOTICE).index(one.message_class)]
            assert await end(town, one) == wanted(one, ends), (one.code, one.message_class)


@pytest.mark.parametrize("group", ["away", "refused"])
async def test_what_was_parked_comes_once_the_person_writes(town: Street, group: str) -> None:
    for one in await newcomers(town, CODES[group]):
        if one.message_class is CRITICAL:
            town.api.fault("send", Kind.ERROR, person=one.person, code=one.code)
            await put(town, one)
            await town.settled()
            await says(one.person, "menu", GROUPED)
            await town.settled()
            texts = [shown.text for shown in one.person.screen]
            assert [GROUPED in text for text in texts].count(True) == 1
            assert not any("KIRIM ULANG" in text for text in texts)


@pytest.mark.parametrize("code", [131026, 131047, 131056, 131009, 131048, 190, 131030])
async def test_the_same_code_at_once_and_by_status_acts_once(town: Street, code: int) -> None:
    one = (await newcomers(town, (code,)))[0]
    town.api.fault("send", Kind.ERROR, person=one.person, code=code)
    await put(town, one)
    await town.settled()
    before = await end(town, one)
    refused = next(call for call in town.api.calls if call.code == code)
    for _ in range(2):
        town.api.status("wamid.refused", "failed", code, opaque=refused.params["biz_opaque_callback_data"])
    await town.settled()
    assert await end(town, one) == before


async def test_a_file_that_is_refused_later_arrives_as_text(town: Street) -> None:
    """131053 comes with the status of the picture, long after it was handed over."""
    agent = town.person(AGENT)
    _, done = await bought(agent)
    town.api.statuses.fail(agent, 131053, kind="image")
    receipt = await taps(agent, RECEIPT["id"], lambda one: one.kind == "text" and "NO METER" in one.text, done)
    await town.settled()
    assert [one.kind for one in agent.screen[-2:]] == ["document", "text"]
    assert receipt.text.count("\n") > 10


async def test_our_access_that_is_refused_is_said_once_and_nobodys_message_is_lost(town: Street) -> None:
    rows = await newcomers(town, (190,))
    town.api.fault("send", Kind.UNAUTHORIZED, count=9)
    with capture_logs() as logs:
        for one in rows:
            await put(town, one)
        await town.settled()
    lines = [one for one in logs if one["event"].startswith("the platform refuses our access")]
    assert len(lines) == 1
    assert [looks(one.person.screen[1:]) for one in rows] == [AS_IT_IS] * 3
