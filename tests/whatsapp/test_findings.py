"""What somebody found who read with hostile eyes: each sentence was false once."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot import books
from bot.channels.courtesy import Courtesies
from bot.channels.whatsapp import Templates
from bot.clock import HOUR, MINUTE
from bot.domain.message import Message, Text
from bot.domain.rules import Waits
from bot.messaging import outbox, policy
from bot.messaging.channel import SENT, UNKNOWN, Outcome, Result
from bot.messaging.outbox import Class, Outgoing
from bot.messaging.policy import Policy, Status
from bot.ports import Tx
from bot.services import addresses, alerts, people, settlement, standing, watch
from bot.settings import Settings, SettingsError
from bot.store import backup
from bot.store.sqlite import SqliteStore
from bot.verbs import doctor
from tests.services.sightings import N1, N2, P1, invited, member, rows, says, settle, told
from tests.talk import METER
from tests.whatsapp.double import CloudApi, Kind
from tests.whatsapp.street import SHOP, STRANGER, street
from tests.whatsapp.traffic import queue, row, sends, token_message
from tests.world import NOON, World, world

RULES = Policy(Waits(), statuses=True)
CLOSED = Result(Outcome.CLOSED)


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    async with world(tmp_path) as made:
        yield made
        assert await made.violations() == []


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with books.opened(tmp_path / "a.db", SHOP) as made:
        yield made


# statuses of a repeat


async def repeated(store: SqliteStore) -> int:
    """A token whose first send was unclear, and whose headed second was taken; its row."""

    def unit(tx: Tx) -> int:
        chat = people.conversation(tx, "whatsapp", "62812", "id", NOON)
        outbox.put(tx, chat.id, Message(Text("in.media")), NOON, cause="sale", message_class=Class.CRITICAL)
        (number,) = [one.id for one in tx.all(Outgoing, "outbox_waiting", channel="whatsapp", after=0, most=9)]
        for end in (UNKNOWN, SENT):
            assert tx.run("outbox_claim", id=number, now=NOON)
            outgoing = of(tx, number)
            policy.note(tx, outgoing, end, RULES.after(outgoing, end, NOON), NOON)
        return number

    return await store.write(unit)


def of(tx: Tx, number: int) -> Outgoing:
    found = tx.one(Outgoing, "outbox_row", id=number)
    assert found is not None
    return found


async def status(store: SqliteStore, number: int, proof: int, result: Result | None = None) -> None:
    """Word of its second attempt."""
    word = Status(number, 2, True, proof, NOON, result)
    assert await store.write(policy.note_status, "whatsapp", word, RULES.after, NOON)


async def stands(store: SqliteStore, number: int) -> tuple[object, ...]:
    query = "SELECT state, variant FROM outbox WHERE id = ?"
    found: tuple[object, ...] = await store.raw(lambda one: one.execute(query, (number,)).fetchone())
    return found


@pytest.mark.parametrize("failure", [Outcome.CLOSED, Outcome.HELD, Outcome.LATER, Outcome.BARE])
async def test_a_repeat_that_failed_is_not_taken_for_sent_by_what_was_said_of_it_before(
    store: SqliteStore, failure: Outcome
) -> None:
    number = await repeated(store)
    await status(store, number, 0, Result(failure))
    await status(store, number, 1)
    assert (await stands(store, number))[0] == "queued"


@pytest.mark.parametrize(("failure", "form"), [(Outcome.CLOSED, "template"), (Outcome.BARE, "plain")])
async def test_a_failure_of_a_repeat_that_is_told_twice_acts_once(
    store: SqliteStore, failure: Outcome, form: str
) -> None:
    number = await repeated(store)
    for _ in range(3):
        await status(store, number, 0, Result(failure))
    assert await stands(store, number) == ("queued", form)


async def test_a_token_that_is_held_back_again_and_again_is_one_alert(store: SqliteStore) -> None:
    number = await repeated(store)

    def held(tx: Tx) -> None:
        end, outgoing = Result(Outcome.HELD, note="code 131031"), of(tx, number)
        assert tx.run("outbox_claim", id=number, now=NOON)
        policy.note(tx, outgoing, end, RULES.after(outgoing, end, NOON), NOON)

    await status(store, number, 0, Result(Outcome.HELD, note="code 131031"))
    for _ in range(5):
        await store.write(held)
    assert await store.read(alerts.count, "own.held", 0) == 1


@pytest.mark.parametrize(("wrote", "form"), [(-1_000, "template"), (1_000, "")])
async def test_a_window_that_was_shut_is_open_for_whoever_has_written_since(
    store: SqliteStore, wrote: int, form: str
) -> None:
    """The word that it was shut came late, and perhaps no template is registered."""
    number = await repeated(store)

    def heard(tx: Tx) -> None:
        addresses.heard(tx, of(tx, number).conversation_id, NOON + wrote)

    await store.write(heard)
    await status(store, number, 0, CLOSED)
    assert await stands(store, number) == ("queued", form)


# forms


async def test_a_token_that_the_platform_takes_in_no_form_is_parked_and_not_tried_for_ever(tmp_path: Path) -> None:
    """Free words: the window is closed. The template: a parameter is wrong. Plain words: the window is closed."""
    async with CloudApi() as api, street(tmp_path, api=api) as town:
        person = town.person(STRANGER)
        person.say("menu")
        await person.sees("Halo!")
        api.fault("text", Kind.ERROR, person=person, code=131047, count=20)
        api.fault("template", Kind.ERROR, person=person, code=100, count=20)
        number = await queue(town, person, token_message(), Class.CRITICAL, 10_001)
        await town.settled()
        assert (await row(town, number))[0] == "parked"
        assert len(sends(town, person)) <= 1 + 4


# chats that are one person's


async def test_what_is_parked_after_its_chat_was_merged_comes_with_the_next_word(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was claimed for the younger chat; when its call has ended there is only the older one."""
    older, younger = await settle(shop, N1), await settle(shop, person=P1)

    async def send(outgoing: Outgoing, message: Message) -> Result:
        await settle(shop, N1, P1)
        return Result(Outcome.AWAY)

    with monkeypatch.context() as patched:
        patched.setattr(shop.phone, "send", send)
        token = Message(Text("in.media"))
        await shop.store.write(
            outbox.put, younger.id, token, shop.clock(), cause="token", message_class=Class.CRITICAL
        )  # fmt: skip
        await shop.setrum.drain()
    assert await rows(shop, "SELECT state, conversation_id FROM outbox") == [("parked", older.id)]
    assert "in.media" in [one.key for one in await says(shop, "menu", N1)]


@pytest.mark.parametrize("failure", [Outcome.AWAY, Outcome.NOT_SENT, Outcome.CLOSED])
async def test_what_fails_after_its_chat_was_merged_comes_from_the_older_chat(shop: World, failure: Outcome) -> None:
    """It had left before: the platform takes its time to say that it did not arrive."""
    older, younger = await settle(shop, N1), await settle(shop, person=P1)
    token = Message(Text("in.media"))
    await shop.store.write(
        outbox.put, younger.id, token, shop.clock(), cause="token", message_class=Class.CRITICAL
    )  # fmt: skip
    await shop.setrum.drain()
    await settle(shop, N1, P1)
    ((number,),) = await rows(shop, "SELECT id FROM outbox")
    word = Status(number, 1, True, 0, shop.clock(), Result(failure))
    assert await shop.store.write(policy.note_status, "console", word, RULES.after, shop.clock())
    assert await rows(shop, "SELECT conversation_id FROM outbox") == [(older.id,)]
    shop.clock.forward(60_000)
    assert "in.media" in [one.key for one in await says(shop, "menu", N1) if one.to == N1]


# what is said in an account's other chat


async def two_chats(shop: World) -> tuple[int, int]:
    """Two chats of one account; by the second one nothing was bought."""
    first = await member(shop, "Siti Cell", N1)
    assert [one.key for one in await says(shop, f"AGEN {await invited(shop, 'Siti Cell')}", N2)] == ["invite.added"]
    return first.id, (await settle(shop, N2)).id


async def test_a_token_that_comes_back_from_the_other_chat_is_no_second_copy(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The buyer was away, the copy found the other chat away as well; but by then the buyer was back."""
    first, _ = await two_chats(shop)
    await says(shop, f"{METER} 50", N1)
    shown: list[tuple[str, str]] = []

    async def send(outgoing: Outgoing, message: Message) -> Result:
        if outgoing.message_class is not Class.CRITICAL:
            return SENT
        if outgoing.address == N2:
            await shop.store.write(outbox.bring_back, first, shop.clock())
            return Result(Outcome.AWAY)
        if not outgoing.unknowns and not shown:
            return Result(Outcome.AWAY)
        shown.append((outgoing.address, message.key))
        return SENT

    with monkeypatch.context() as patched:
        patched.setattr(shop.phone, "send", send)
        await says(shop, "bayar", N1)
    assert [key for to, key in shown if to == N1 and key in ("token.only", "pay.done")] == []


async def test_a_token_whose_other_chat_nobody_serves_is_told_to_the_owners(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The account has a chat on a platform that was switched off since."""
    first, second = await two_chats(shop)
    await shop.store.raw(
        lambda one: one.executescript(
            f"UPDATE conversation SET channel = 'telegram' WHERE id = {second};"  # noqa: S608  # numbers of ours
            f"UPDATE address SET channel = 'telegram' WHERE conversation_id = {second};"
            f"UPDATE member SET channel = 'telegram' WHERE value = '{N2}';"
        )
    )
    await says(shop, f"{METER} 50", N1)

    async def send(outgoing: Outgoing, message: Message) -> Result:
        return Result(Outcome.AWAY) if outgoing.message_class is Class.CRITICAL else SENT

    with monkeypatch.context() as patched:
        patched.setattr(shop.phone, "send", send)
        await says(shop, "bayar", N1)
    assert first != second
    assert await told(shop, "own.undelivered") == 0
    shop.clock.forward(25 * HOUR + MINUTE)
    for _ in range(2):
        await shop.store.write(watch.look, shop.shop, shop.clock())
    assert await told(shop, "own.undelivered") == 2  # the token and what it cost, once each


# courtesies


async def test_however_many_taps_come_at_once_there_are_lines_left_for_tokens() -> None:
    courtesies, never, begun = Courtesies(), asyncio.Event(), 0

    async def call() -> None:
        nonlocal begun
        begun += 1
        await never.wait()

    for _ in range(1_000):
        courtesies.attempt(call())
    await asyncio.sleep(0)
    assert 0 < begun <= 100
    await courtesies.stop()


# settings

REQUIRED = {
    "WHATSAPP_TOKEN": "EAAG0123",
    "WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
    "WHATSAPP_APP_SECRET": "0123456789abcdef",
    "WHATSAPP_VERIFY_TOKEN": "fedcba98",
}


@pytest.mark.parametrize("name", REQUIRED)
@pytest.mark.parametrize("copied", ["{}\n", " {}", "{}\u200b", "{} "])
def test_a_secret_that_was_copied_with_its_surroundings_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, copied: str
) -> None:
    """In the middle of the work it would end the process, or send every delivery away."""
    for one, value in (REQUIRED | {name: copied.format(REQUIRED[name])}).items():
        monkeypatch.setenv(one, value)
    with pytest.raises(SettingsError, match=name):
        Settings().whatsapp()


@pytest.mark.parametrize("error", [{"message": "Malformed access token EAAG0123"}, "EAAG0123", None, {}, []])
async def test_the_doctor_shows_no_token_whatever_the_platform_says_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: object
) -> None:
    async def refuse(_: web.Request) -> web.Response:
        return web.json_response({"error": error}, status=400)

    platform = web.Application()
    platform.router.add_get("/{path:.*}", refuse)
    async with TestServer(platform) as server:
        monkeypatch.chdir(tmp_path)
        for one, value in (REQUIRED | {"WHATSAPP_API_URL": str(server.make_url("/"))}).items():
            monkeypatch.setenv(one, value)
        found = [one for one in await doctor.examine() if one.what == "whatsapp"]
    assert [one.state for one in found] == ["bad"]
    assert "the platform refuses us" in found[0].says
    assert "EAAG0123" not in found[0].says + found[0].advice


@pytest.mark.parametrize(("approved", "wanted", "language"), [(("en",), "id", "en"), (("en", "id"), "ms", "id")])
def test_a_template_leaves_in_a_language_that_it_is_approved_in(
    approved: tuple[str, ...], wanted: str, language: str
) -> None:
    assert Templates(languages=approved).language(wanted) == language


# copies of the database


@pytest.mark.parametrize("is_raw", [False, True], ids=["backup", "raw copy of a restored one"])
async def test_a_copy_of_the_database_takes_no_status_of_the_originals_messages_for_its_own(
    tmp_path: Path, is_raw: bool
) -> None:
    """Both count their rows on from the same number: what tells them apart must not be copied."""
    original, made, copy = tmp_path / "a.db", tmp_path / "made.db", tmp_path / "b.db"

    def furnish(tx: Tx) -> None:
        for subject, value in (("mark", "theFirst"), ("number", "62811")):
            tx.run("published_set", channel="whatsapp", subject=subject, value=value)
        if is_raw:
            standing.restrict(tx, "restored", "a copy", NOON, NOON)

    async with books.opened(original, SHOP) as store:
        await store.write(furnish)
    if is_raw:
        shutil.copyfile(original, made)
    else:
        backup.back_up(original, made, NOON, lambda _, __: None)
        assert published(made) == [("number", "62811")]
    backup.restore(made, copy, NOON, key_file=None, replace=False, dated="old")
    assert published(copy) == [("number", "62811")]
    assert ("mark", "theFirst") in published(original)


async def test_what_was_parked_when_the_copy_was_made_says_that_it_may_have_come_before(store: SqliteStore) -> None:
    """The original has sent it meanwhile, if its person wrote."""

    def parked(tx: Tx) -> list[int]:
        chat = people.conversation(tx, "whatsapp", "62812", "id", NOON)
        for cause in ("waits", "away"):
            outbox.put(tx, chat.id, Message(Text("in.media")), NOON, cause=cause, message_class=Class.CRITICAL)
        away = tx.all(Outgoing, "outbox_waiting", channel="whatsapp", after=0, most=9)[1]
        assert tx.run("outbox_claim", id=away.id, now=NOON)
        policy.note(tx, away, Result(Outcome.AWAY), RULES.after(away, Result(Outcome.AWAY), NOON), NOON)
        standing.restrict(tx, "restored", "a copy", NOON, NOON)
        for _ in range(3):  # the janitor looks every ten seconds
            settlement.doubt_restored(tx, SHOP, NOON, 0)
        outbox.bring_back(tx, chat.id, NOON + 1)
        found = tx.all(Outgoing, "outbox_waiting", channel="whatsapp", after=0, most=9)
        return [one.unknowns for one in found]

    assert await store.write(parked) == [1, 1]


def published(path: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT subject, value FROM published ORDER BY subject").fetchall()
    finally:
        connection.close()
