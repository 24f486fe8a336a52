import asyncio
import json
from collections import Counter
from typing import Any

import aiohttp
import pytest

from tests.double.persons import PICTURE
from tests.whatsapp.double import Clock, CloudApi, Kind, Person
from tests.whatsapp.double.conftest import NOON, Ear, Wire, addressed, buttons, names, text

Outcome = tuple[int, bytes] | type[Exception]


async def send(wire: Wire, words: str = "x", seconds: float = 5.0, to: str = "6281234567890") -> Outcome:
    """What a bot gets to hear of its message."""
    timeout = aiohttp.ClientTimeout(total=seconds)
    body = addressed(to, **text(words), biz_opaque_callback_data="01J")
    try:
        async with wire.session.post(
            wire.messages, json=body, headers=wire.headers, timeout=timeout, allow_redirects=False
        ) as response:
            return response.status, await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error)


def heard(outcome: Outcome) -> tuple[int, bytes]:
    assert isinstance(outcome, tuple)
    return outcome


def cut(outcome: Outcome) -> bool:
    return isinstance(outcome, type) and issubclass(outcome, aiohttp.ClientError)


@pytest.mark.parametrize("kind", [Kind.REFUSE, Kind.RESET, Kind.DROP_APPLIED])
async def test_a_cut_connection_may_or_may_not_have_had_its_effect(wire: Wire, budi: Person, kind: Kind) -> None:
    await wire.ok(budi.key, **text("zuvor"))  # a connection that is kept
    wire.api.fault("send", kind)
    async with aiohttp.ClientSession() as session:
        assert cut(await send(Wire(session, wire.api)))
    assert [one.text for one in budi.screen[1:]] == (["x"] if kind is Kind.DROP_APPLIED else [])
    assert heard(await send(wire, "y"))[0] == 200
    assert wire.api.fired == {kind.value: 1}


@pytest.mark.parametrize("kind", [Kind.HANG, Kind.HANG_APPLIED, Kind.DRIP])
async def test_an_answer_may_not_come_in_time_but_its_statuses_do(
    wire: Wire, ear: Ear, budi: Person, kind: Kind
) -> None:
    await wire.api.idle()
    wire.api.fault("text", kind, person=budi)
    assert await send(wire, seconds=0.2) is TimeoutError
    await wire.api.idle()
    assert len(budi.screen) == (kind is not Kind.HANG)
    assert names(ear.statuses) == ([] if kind is Kind.HANG else ["sent", "delivered", "read"])
    assert {one["biz_opaque_callback_data"] for one in ear.statuses} <= {"01J"}


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        (Kind.JSON_500, 500, b'"code": 131000'),
        (Kind.HTML_502, 502, b"<html>"),
        (Kind.EMPTY_503, 503, b""),
        (Kind.JSON_LIST_500, 500, b"["),
    ],
)
async def test_a_server_error_says_nothing_of_its_effect(
    wire: Wire, budi: Person, kind: Kind, status: int, body: bytes, *, applied: bool
) -> None:
    wire.api.fault("send", kind, applied=applied)
    answered = heard(await send(wire))
    assert (answered[0], body in answered[1]) == (status, True)
    assert len(budi.screen) == applied
    assert [(one.fault, one.applied, one.status) for one in wire.api.calls] == [(kind.value, applied, status)]


@pytest.mark.parametrize("kind", [Kind.TRUNCATED, Kind.HTML_200])
async def test_a_success_may_be_unreadable(wire: Wire, budi: Person, kind: Kind) -> None:
    wire.api.fault("send", kind)
    status, body = heard(await send(wire))
    assert status == 200
    with pytest.raises(ValueError, match=r"."):
        json.loads(body)
    assert len(budi.screen) == 1


async def test_a_success_may_not_name_the_message(wire: Wire, budi: Person) -> None:
    wire.api.fault("send", Kind.OK_WITHOUT_WAMID)
    status, body = heard(await send(wire))
    assert (status, set(json.loads(body))) == (200, {"messaging_product", "contacts"})
    assert len(budi.screen) == 1


@pytest.mark.parametrize(
    ("code", "status", "usual"),
    [(130429, 0, 429), (130429, 400, 400), (131056, 429, 429), (131048, 0, 400), (133010, 0, 400), (4711, 0, 400)],
)
async def test_any_code_comes_under_any_status(wire: Wire, budi: Person, code: int, status: int, usual: int) -> None:
    wire.api.fault("send", Kind.ERROR, code=code, status=status, details="so it is", subcode=7)
    answered, body = heard(await send(wire))
    error = json.loads(body)["error"]
    assert (answered, error["code"], error["error_data"]["details"]) == (usual, code, "so it is")
    assert error["error_subcode"] == 7
    assert (budi.screen, wire.api.refused, wire.api.calls[0].code) == ([], [], code)
    wire.api.fault("send", Kind.ERROR, code=131000, applied=True)
    assert heard(await send(wire))[0] == 500
    assert len(budi.screen) == 1


@pytest.mark.parametrize(("kind", "status", "code"), [(Kind.UNAUTHORIZED, 401, 190), (Kind.NOT_FOUND, 404, 100)])
async def test_the_app_is_unknown_for_a_while(wire: Wire, budi: Person, kind: Kind, status: int, code: int) -> None:
    wire.api.fault(None, kind, count=2)
    answered, told = await wire.get("106540352242922")
    assert (answered, told["error"]["code"]) == (status, code)
    assert heard(await send(wire))[0] == status
    assert (await wire.get("106540352242922"))[0] == 200
    assert budi.screen == []


async def test_a_redirect_leads_to_a_second_message_for_whoever_follows(wire: Wire, budi: Person) -> None:
    wire.api.fault("send", Kind.REDIRECT)
    assert heard(await send(wire))[0] == 307
    assert (budi.screen, wire.api.followed) == ([], 0)
    wire.api.fault("send", Kind.REDIRECT)
    async with wire.session.post(wire.messages, json=addressed(budi.key, **text("x")), headers=wire.headers) as one:
        assert one.status == 200
    assert (len(budi.screen), wire.api.followed) == (1, 1)


async def test_a_plan_names_kind_person_and_turn(wire: Wire, api: CloudApi, budi: Person) -> None:
    siti = api.person("628110000011")
    siti.say("halo")
    api.fault("text", Kind.JSON_500, person=budi, nth=2, count=2)
    statuses = []
    for person in (budi, siti, budi, siti, budi, siti, budi):
        statuses.append(heard(await send(wire, to=person.key))[0])
        await wire.ok(person.key, **buttons(("a", "Bayar")))
    assert statuses == [200, 200, 500, 200, 500, 200, 200]
    with pytest.raises(AssertionError):
        api.fault("sendMessage", Kind.JSON_500)
    with pytest.raises(AssertionError):
        api.fault("send", Kind.FLOOD)


async def test_files_meet_faults_of_their_own(wire: Wire, api: CloudApi) -> None:
    api.fault("upload", Kind.JSON_500)
    assert (await wire.upload(PICTURE, "image/jpeg"))[0] == 500
    number = (await wire.upload(PICTURE, "image/jpeg"))[1]["id"]
    api.fault("media", Kind.ERROR, code=131052)
    assert (await wire.get(number))[1]["error"]["code"] == 131052
    url = (await wire.get(number))[1]["url"]
    api.fault("download", Kind.TRUNCATED)
    async with wire.session.get(url, headers=wire.headers) as response:
        assert await response.read() == PICTURE[: len(PICTURE) // 2]
    api.fault("download", Kind.RESET, count=2)  # a GET is tried twice by the client
    with pytest.raises(aiohttp.ClientError):
        await wire.session.get(url, headers=wire.headers)
    async with wire.session.get(url, headers=wire.headers) as response:
        assert await response.read() == PICTURE


async def test_chance_is_the_same_for_the_same_seed() -> None:
    async def run(seed: int) -> tuple[list[Any], dict[str, int]]:
        async with (
            CloudApi(seed=seed, clock=Clock(lambda: NOON, lambda: 0.0)) as api,
            aiohttp.ClientSession() as session,
        ):
            api.person("6281234567890").say("halo")
            api.pace.off()
            api.chance(Kind.JSON_500, 0.2)
            api.chance(Kind.ERROR, 0.2)
            api.faults.codes = (131056, 130429)
            api.faults.spared.add("number")
            mine = Wire(session, api)
            outcomes = [heard(await send(mine)) for _ in range(60)]
            assert {(await mine.get("106540352242922"))[0] for _ in range(20)} == {200}
            return [(one[0], json.loads(one[1]).get("error", {}).get("code")) for one in outcomes], api.fired

    first, again, other = await run(1), await run(1), await run(2)
    assert first == again
    assert first != other
    found = Counter(first[0])
    assert found[500, 131000] == first[1]["500_json"] > 3
    assert found[400, 131056] + found[429, 130429] == first[1]["error"] > 3
    assert found[200, None] > 20


async def test_connections_are_refused_by_chance(wire: Wire, budi: Person) -> None:
    wire.api.pace.off()
    wire.api.chance(Kind.REFUSE, 0.5)
    outcomes = [await send(wire) for _ in range(30)]
    refused = sum(cut(one) for one in outcomes)
    assert refused == wire.api.fired["refuse"] > 5
    assert len(budi.screen) == 30 - refused


async def test_the_platform_goes_away_and_comes_back_on_the_same_port(wire: Wire, budi: Person) -> None:
    wire.api.fault("send", Kind.HANG)
    hanging = asyncio.create_task(send(wire))
    await wire.api.state.heard.future()
    async with wire.api.down():
        assert cut(await hanging)
        assert await send(wire) is aiohttp.ClientConnectorError
    await wire.ok(budi.key, **text("x"))
    assert [one.text for one in budi.screen] == ["x"]
    assert wire.api.calls[0].outcome in {"gone", "not applied"}
