import asyncio
import json
from collections import Counter

import aiohttp
import pytest

from tests.double.clock import PATIENCE
from tests.telegram.double import BotApi, Clock, Kind, Person
from tests.telegram.double.conftest import NOON, Wire

Outcome = tuple[int, bytes] | type[Exception]


@pytest.fixture
def budi(api: BotApi) -> Person:
    person = api.person(id=5)
    person.start()
    return person


async def send(wire: Wire, text: str = "x", seconds: float = 5.0) -> Outcome:
    """What a bot gets to hear of its message."""
    url = f"{wire.api.url}/bot{wire.api.token}/sendMessage"
    timeout = aiohttp.ClientTimeout(total=seconds)
    try:
        async with wire.session.post(
            url, json={"chat_id": 5, "text": text}, timeout=timeout, allow_redirects=False
        ) as response:
            return response.status, await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        return type(error)


def cut(outcome: Outcome) -> bool:
    return isinstance(outcome, type) and issubclass(outcome, aiohttp.ClientError)


@pytest.mark.parametrize("kind", [Kind.REFUSE, Kind.RESET, Kind.DROP_APPLIED])
async def test_a_cut_connection_may_or_may_not_have_had_its_effect(wire: Wire, budi: Person, kind: Kind) -> None:
    await wire.ok("getMe")  # a connection that is kept
    wire.api.fault("sendMessage", kind)
    async with aiohttp.ClientSession() as session:
        assert cut(await send(Wire(session, wire.api)))
    assert [one.text for one in budi.screen] == (["x"] if kind is Kind.DROP_APPLIED else [])
    assert (await send(wire, "y"))[0] == 200  # type: ignore[index]
    assert wire.api.fired == {kind.value: 1}


@pytest.mark.parametrize("kind", [Kind.HANG, Kind.HANG_APPLIED, Kind.DRIP])
async def test_an_answer_may_not_come_in_time(wire: Wire, budi: Person, kind: Kind) -> None:
    heard = wire.api.state.heard.future()
    wire.api.fault("sendMessage", kind)
    sending = asyncio.create_task(send(wire, seconds=PATIENCE))
    await heard
    await budi.until(lambda: len(budi.screen) == (kind is not Kind.HANG))
    await wire.ok("getMe")  # whoever is answered at all is answered by now
    assert not sending.done()
    assert len(budi.screen) == (kind is not Kind.HANG)
    sending.cancel()


@pytest.mark.parametrize("applied", [False, True])
@pytest.mark.parametrize(
    ("kind", "status", "body"),
    [
        (Kind.JSON_500, 500, b'"error_code": 500'),
        (Kind.HTML_502, 502, b"<html>"),
        (Kind.EMPTY_503, 503, b""),
        (Kind.JSON_LIST_500, 500, b"["),
    ],
)
async def test_a_server_error_says_nothing_of_its_effect(
    wire: Wire, budi: Person, kind: Kind, status: int, body: bytes, *, applied: bool
) -> None:
    wire.api.fault("sendMessage", kind, applied=applied)
    outcome = await send(wire)
    assert outcome[0] == status  # type: ignore[index]
    assert body in outcome[1]  # type: ignore[index]
    assert len(budi.screen) == applied
    assert [(one.fault, one.applied) for one in wire.api.calls] == [(kind.value, applied)]


@pytest.mark.parametrize("kind", [Kind.TRUNCATED, Kind.HTML_200])
async def test_a_success_may_be_unreadable(wire: Wire, budi: Person, kind: Kind) -> None:
    wire.api.fault("sendMessage", kind)
    outcome = await send(wire)
    assert outcome[0] == 200  # type: ignore[index]
    with pytest.raises(ValueError, match=r"."):
        json.loads(outcome[1])  # type: ignore[index]
    assert len(budi.screen) == 1


async def test_a_flood_wait_shuts_its_chat_for_its_time(wire: Wire, budi: Person) -> None:
    wire.api.person(id=6).start()
    wire.api.fault("sendMessage", Kind.FLOOD, retry_after=7)
    status, envelope = await wire.call("sendMessage", chat_id=5, text="x")
    assert (status, envelope["parameters"]) == (429, {"retry_after": 7})
    wire.api.clock.forward(6)
    assert await wire.refused("sendMessage", chat_id=5, text="x") == (429, "Too Many Requests: retry after 1")
    await wire.ok("sendMessage", chat_id=6, text="x")
    wire.api.clock.forward(1)
    await wire.ok("sendMessage", chat_id=5, text="x")


async def test_a_refusal_for_rate_may_not_say_how_long(wire: Wire, budi: Person) -> None:
    wire.api.fault("sendMessage", Kind.FLOOD_BARE)
    status, envelope = await wire.call("sendMessage", chat_id=5, text="x")
    assert (status, "parameters" in envelope) == (429, False)
    await wire.ok("sendMessage", chat_id=5, text="x")


@pytest.mark.parametrize(("kind", "status"), [(Kind.UNAUTHORIZED, 401), (Kind.NOT_FOUND, 404)])
async def test_the_token_is_unknown_for_a_while(wire: Wire, budi: Person, kind: Kind, status: int) -> None:
    wire.api.fault(None, kind, count=2)
    assert (await wire.refused("getMe"))[0] == status
    assert (await wire.refused("sendMessage", chat_id=5, text="x"))[0] == status
    await wire.ok("getMe")
    assert budi.screen == []


async def test_a_redirect_leads_to_a_second_message_for_whoever_follows(wire: Wire, budi: Person) -> None:
    wire.api.fault("sendMessage", Kind.REDIRECT)
    outcome = await send(wire)
    assert outcome[0] == 302  # type: ignore[index]
    assert (budi.screen, wire.api.followed) == ([], 0)
    wire.api.fault("sendMessage", Kind.REDIRECT)
    url = f"{wire.api.url}/bot{wire.api.token}/sendMessage"
    async with wire.session.get(url, params={"chat_id": 5, "text": "x"}) as response:
        assert response.status == 200
    assert (len(budi.screen), wire.api.followed) == (1, 1)


async def test_a_plan_names_method_chat_and_turn(wire: Wire, budi: Person) -> None:
    wire.api.person(id=6).start()
    wire.api.fault("sendMessage", Kind.JSON_500, chat=5, nth=2, count=2)
    statuses = []
    for chat in (5, 6, 5, 6, 5, 6, 5):
        statuses.append((await wire.call("sendMessage", chat_id=chat, text="x"))[0])
        await wire.ok("sendChatAction", chat_id=chat, action="typing")
    assert statuses == [200, 200, 500, 200, 500, 200, 200]


async def test_chance_is_the_same_for_the_same_seed(wire: Wire) -> None:
    async def run(seed: int) -> tuple[list[int], dict[str, int]]:
        clock = Clock(lambda: NOON, lambda: 0.0)
        async with BotApi(seed=seed, clock=clock) as api, aiohttp.ClientSession() as session:
            api.person(id=5).start()
            api.state.pace.off()
            api.faults.chance(Kind.JSON_500, 0.2)
            api.faults.chance(Kind.HTML_502, 0.2)
            api.faults.spared.add("getme")
            mine = Wire(session, api)
            outcomes = [await send(mine) for _ in range(60)]
            assert [await mine.ok("getMe") for _ in range(20)]
            return [one[0] for one in outcomes if isinstance(one, tuple)], api.fired

    first, again, other = await run(1), await run(1), await run(2)
    assert first == again
    assert first != other
    statuses = Counter(first[0])
    assert statuses[500] == first[1]["500_json"] > 3
    assert statuses[502] == first[1]["502_html"] > 3
    assert statuses[200] > 20


async def test_connections_are_refused_by_chance(wire: Wire, budi: Person) -> None:
    wire.api.state.pace.off()
    wire.api.faults.chance(Kind.REFUSE, 0.5)
    outcomes = [await send(wire) for _ in range(30)]
    refused = sum(cut(one) for one in outcomes)
    assert refused == wire.api.fired["refuse"] > 5
    assert len(budi.screen) == 30 - refused


async def test_telegram_goes_away_and_comes_back_on_the_same_port(wire: Wire, budi: Person) -> None:
    poll = asyncio.create_task(wire.call("getUpdates", timeout=25, offset=wire.api.state.updates.next_id))
    await wire.api.state.heard.future()
    async with wire.api.down():
        with pytest.raises(aiohttp.ClientError):
            await poll
        assert await send(wire) is aiohttp.ClientConnectorError
    await wire.ok("sendMessage", chat_id=5, text="x")
    assert [one.text for one in budi.screen] == ["x"]
