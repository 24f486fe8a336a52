"""Whose a chat is where people have two names: numbers change hands, and no deposit goes along with them."""

import random
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
import structlog

from bot.domain.people import Role, dialled
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import addresses, invitations, ledger, people
from bot.services.addresses import Name
from bot.services.invitations import Declined, Joined
from bot.services.people import Conversation, PeopleError
from tests.services.sightings import (
    CHANNEL,
    METER,
    N1,
    N2,
    N3,
    P1,
    P2,
    agent,
    invited,
    keys,
    member,
    names,
    put,
    read_by,
    renumber,
    rows,
    says,
    settle,
    told,
    trail,
    who,
)
from tests.world import SHOP, World, world

# which chat


@pytest.mark.parametrize(
    ("first", "handle"), [((N1, ""), N1), (("", P1), P1), ((N1, P1), N1)], ids=["number", "person", "both"]
)
@pytest.mark.parametrize("then", [(N1, P1), (N1, ""), ("", P1)])
async def test_a_person_has_one_chat_whichever_names_are_shown_first(
    shop: World, first: tuple[str, str], handle: str, then: tuple[str, str]
) -> None:
    chat = await settle(shop, *first)
    assert (chat.handle, chat.language) == (handle, "id")
    assert await settle(shop, N1, P1) == chat
    assert await settle(shop, *then) == chat
    assert await names(shop, chat) == {N1: "sure", P1: "sure"}


async def test_a_new_chat_speaks_the_language_of_its_first_word_or_the_shops(shop: World) -> None:
    def settled(tx: Tx, tag: str, number: str) -> str:
        return addresses.settle(tx, CHANNEL, [Name(number, "number")], tag, shop.shop, shop.clock()).language

    assert await shop.store.write(settled, "en-GB", N1) == "en"
    assert await shop.store.write(settled, "in", N2) == "id"
    assert await shop.store.write(settled, "en", N2) == "id"  # it has one already


async def test_where_people_have_one_name_a_chat_is_found_by_it_as_ever(shop: World) -> None:
    def both(tx: Tx) -> tuple[Conversation, Conversation]:
        one = addresses.settle(tx, CHANNEL, [Name("budi")], "", shop.shop, shop.clock())
        return one, people.conversation(tx, CHANNEL, "budi", "id", shop.clock())

    one, other = await shop.store.write(both)
    assert one == other
    assert (await who(shop, one)).role is Role.AGENT


@pytest.mark.parametrize(
    "seen",
    [
        [],
        [Name("", "number")],
        [Name("\ud800\udfff", "number"), Name("\ud800", "person")],
        [Name("1\x002", "number"), Name("x" * 5000, "person")],
        [Name("x" * 5000, "person")],
        [Name(N1, "number"), Name(N1, "person")],
        [Name(N1, "number"), Name(N2, "number"), Name(P1, "person"), Name(P2, "person")],
        [Name(P1, "number"), Name(N1, "person")],
        [Name(N1), Name(N2, "number"), Name(P1, "person")],
    ],
    ids=[
        "none",
        "empty",
        "surrogates",
        "nul and long",
        "long",
        "one twice",
        "many",
        "the other way round",
        "all kinds",
    ],
)
async def test_any_names_lead_to_a_chat_and_to_the_same_again(shop: World, seen: list[Name]) -> None:
    await settle(shop, N1, P1)
    await settle(shop, N3, P2)

    def twice(tx: Tx) -> tuple[Conversation, Conversation]:
        first = addresses.settle(tx, CHANNEL, seen, "", shop.shop, shop.clock())
        return first, addresses.settle(tx, CHANNEL, seen, "", shop.shop, shop.clock())

    first, again = await shop.store.write(twice)
    assert (first == again) is any(one.value for one in seen)
    assert len(first.handle) <= 300


async def test_a_handle_is_its_chats_for_ever(shop: World) -> None:
    first = await settle(shop, N1, P1)
    await renumber(shop, N1, N2)  # N1 and P1 are nobody's now
    second = await settle(shop, N1)
    await renumber(shop, N1, N3)
    third = await settle(shop, N1)
    assert [first.handle, second.handle, third.handle] == [N1, f"{N1}/2", f"{N1}/3"]
    assert [one.id for one in (await settle(shop, N2), await settle(shop, N3))] == [first.id, second.id]
    await put(shop, "menu", N3)
    await shop.setrum.drain()
    assert shop.phone.read[-1].to == N3


# what a number may do once it changes hands


async def test_whoever_gets_an_agents_number_gets_nothing_of_his(shop: World) -> None:
    chat = await member(shop, "Siti Cell", N1, P1)
    heard = await says(shop, "saldo", N1, P2)
    assert [one.key for one in heard if one.to == P2] == ["start.customer"]
    assert [one.key for one in heard if one.to == P1] == ["chat.number_changed"]
    holder = await settle(shop, N1, P2)
    assert holder.id != chat.id
    assert (holder.handle, await names(shop, holder)) == (P2, {N1: "moved", P2: "sure"})
    assert await names(shop, chat) == {P1: "sure"}
    assert (await who(shop, chat)).role is Role.CUSTOMER
    assert await trail(shop, "Siti Cell") == [("removed", f"console:{N1}", "number changed hands")]
    account = await shop.store.read(ledger.agent_account, (await agent(shop, "Siti Cell")).id)
    assert (account.posted, account.held) == (700_000, 0)
    assert await shop.violations() == []


async def test_who_is_known_by_his_own_id_keeps_his_account_when_his_number_goes(shop: World) -> None:
    chat = await member(shop, "Siti Cell", person=P1)
    assert await settle(shop, N1, P1) == chat
    assert await keys(shop, "saldo", N1, P2) == ["start.customer"]
    assert await keys(shop, "saldo", person=P1) == ["bal.card"]
    assert await trail(shop, "Siti Cell") == []
    assert "chat.number_changed" not in read_by(shop, P1)


async def test_who_changes_his_number_keeps_his_chat_and_needs_a_new_invitation(shop: World) -> None:
    chat = await member(shop, "Siti Cell", N1, P1)
    await says(shop, "bahasa en", N1, P1)
    code = await invited(shop, "Siti Cell")
    assert await keys(shop, "balance", N2, P1) == ["chat.number_changed", "start.customer"]
    assert (await settle(shop, N2, P1)).id == chat.id
    assert (await settle(shop, person=P1)).language == "en"
    assert await names(shop, chat) == {N2: "moved", P1: "sure"}
    assert await trail(shop, "Siti Cell") == [("removed", f"console:{N1}", "number changed")]
    assert await keys(shop, f"AGEN {code}", N2, P1) == ["invite.none"]  # whoever held that number may have read it
    assert await keys(shop, f"AGEN {await invited(shop, 'Siti Cell')}", N2, P1) == ["invite.done"]
    (mine,) = await shop.store.read(people.chats, (await agent(shop, "Siti Cell")).id)
    assert mine.chat == f"console:{P1}"
    assert (await settle(shop, N1)).id != chat.id


async def test_the_owners_are_told_which_chat_lost_which_account(shop: World) -> None:
    await shop.say("menu", "boss")
    await member(shop, "Siti Cell", N1, P1)
    await says(shop, "halo", N1, P2)
    (alert,) = [one for one in shop.phone.read if one.key == "own.number"]
    assert (alert.to, f"console:{N1}" in alert.text, "Siti Cell" in alert.text) == ("boss", True, True)
    assert await told(shop, "own.number") == 1


async def test_an_order_that_was_not_paid_is_dropped_and_one_under_way_is_answered_in_its_chat(shop: World) -> None:
    await member(shop, "Siti Cell", N1, P1)
    await says(shop, f"{METER} 50", N1, P1)
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await says(shop, "bayar", N1, P1)
    await says(shop, "54123456780 20", N1, P1)
    assert await keys(shop, "bayar", N1, P2) == ["start.customer"]
    assert "start.customer" in await keys(shop, "bayar", person=P1)
    before = len(shop.phone.read)
    await shop.later(10_000)
    assert {one.to for one in shop.phone.read[before:] if one.key == "token.only"} == {P1}
    assert await shop.violations() == []


@pytest.mark.parametrize("person", ["", P1])
async def test_the_platform_says_that_a_number_changed_and_the_chat_goes_along_without_its_rights(
    shop: World, person: str
) -> None:
    chat = await member(shop, "Siti Cell", N1, person)
    await renumber(shop, N1, N2)
    await shop.setrum.drain()
    assert read_by(shop, N2) == ["chat.number_changed"]
    assert await names(shop, chat) == {N2: "moved"}
    assert await keys(shop, "saldo", N2, P2) == ["start.customer"]
    assert await names(shop, chat) == {N2: "moved", P2: "sure"}
    assert await trail(shop, "Siti Cell") == [("removed", f"console:{N1}", "number changed")]
    assert (await settle(shop, N1, person)).id != chat.id
    await renumber(shop, N1, N2)  # delivered again
    await renumber(shop, "6281299999999", N3)
    assert await names(shop, chat) == {N2: "moved", P2: "sure"}


async def test_a_number_that_is_anothers_already_stays_his(shop: World) -> None:
    mine, his = await member(shop, "Siti Cell", N1), await member(shop, "Ani Cell", N2, P2)
    await renumber(shop, N1, N2)
    assert await names(shop, mine) == {}
    assert await names(shop, his) == {N2: "sure", P2: "sure"}
    assert (await who(shop, his)).agent == await agent(shop, "Ani Cell")
    assert (await who(shop, mine)).role is Role.CUSTOMER


async def test_two_chats_that_show_each_others_names_leave_the_number_to_the_sender_and_prove_nothing_by_it(
    shop: World,
) -> None:
    mine, his = await member(shop, "Siti Cell", N1, P1), await member(shop, "Ani Cell", N2, P2)
    assert (await settle(shop, N1, P2)).id == his.id
    assert (await names(shop, mine), await names(shop, his)) == ({P1: "sure"}, {N1: "moved", P2: "sure"})
    assert [(await who(shop, one)).role for one in (mine, his)] == [Role.CUSTOMER, Role.CUSTOMER]
    await shop.setrum.drain()
    assert sorted(one.to for one in shop.phone.read if one.key == "chat.number_changed") == sorted([P1, P2])
    assert await trail(shop, "Siti Cell") == [("removed", f"console:{N1}", "number changed hands")]
    assert await trail(shop, "Ani Cell") == [("removed", f"console:{N2}", "number changed")]


async def test_a_number_taken_from_a_chat_of_no_other_name_ends_that_chat_and_leaves_the_taker_his_own(
    shop: World,
) -> None:
    mine = await member(shop, "Siti Cell", N1)
    his = await settle(shop, N2, P2)
    assert (await settle(shop, N1, P2)).id == his.id
    assert (await names(shop, mine), await names(shop, his)) == ({}, {N1: "moved", P2: "sure"})
    assert (await settle(shop, N2)).id not in (mine.id, his.id)


async def test_an_order_is_dropped_that_waits_in_a_chat_which_loses_its_number_to_another(tmp_path: Path) -> None:
    async with world(tmp_path, shop=replace(SHOP, owners=(("console", N1),))) as shop:
        await says(shop, f"{METER} 50", N1, P1)
        await settle(shop, N2, P2)
        await settle(shop, N1, P2)
        assert await keys(shop, "bayar", person=P1) == ["chat.number_changed", "start.customer"]
        assert await shop.purchases() == []


async def test_a_name_that_comes_back_proves_nothing_any_more(shop: World) -> None:
    await settle(shop, N1, P1)
    await renumber(shop, N1, N2)
    back = await settle(shop, N1, P1)
    assert await names(shop, back) == {N1: "moved", P1: "moved"}
    assert (await who(shop, back)).address == ""


# owners


async def test_whoever_gets_an_owners_number_is_no_owner_and_that_is_said_once(tmp_path: Path) -> None:
    owned = replace(SHOP, owners=(("console", "boss"), ("console", N1)))
    async with world(tmp_path, shop=owned) as shop:
        await shop.say("menu", "boss")
        chat = await settle(shop, N1, P1)
        assert await keys(shop, "menu", N1, P1) == ["start.owner"]
        await says(shop, f"{METER} 50", N1, P1)
        with structlog.testing.capture_logs() as logged:
            heard = await says(shop, "bayar", N1, P2)
        assert [one.key for one in heard if one.to == P2] == ["start.customer"]
        assert [one.key for one in heard if one.to == P1] == ["chat.number_changed"]
        assert [one.key for one in heard if one.to == "boss"] == ["own.lost_owner"]
        assert [one["log_level"] for one in logged].count("warning") == 1
        assert (await who(shop, chat)).role is Role.CUSTOMER
        assert "start.customer" in await keys(shop, "bayar", person=P1)
        await says(shop, "menu", N1, P2)
        assert await told(shop, "own.lost_owner") == 1
        assert await shop.purchases() == []


async def test_an_owner_who_is_known_by_his_own_id_stays_one(tmp_path: Path) -> None:
    owned = replace(SHOP, owners=(("console", P1), ("console", N1)))
    async with world(tmp_path, shop=owned) as shop:
        assert await keys(shop, "menu", N1, P1) == ["start.owner"]
        assert await keys(shop, "menu", N2, P1) == ["own.lost_owner", "start.owner"]
        assert await keys(shop, "menu", N1) == ["start.customer"]


async def test_an_owners_number_that_was_moved_before_it_stood_in_the_settings_is_told_too(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await settle(shop, N1, P1)
        await settle(shop, N1, P2)
    async with world(tmp_path, shop=replace(SHOP, owners=(("console", N1),))) as shop:
        assert await keys(shop, "menu", N1, P2) == ["start.customer"]
        assert await told(shop, "own.lost_owner") == 1


async def test_id_says_the_name_that_proves_or_that_there_is_none(shop: World) -> None:
    (said,) = await says(shop, "id", N1, P1)
    assert f"console:{N1}" in said.text
    (said,) = await says(shop, "id", N1, P2)
    assert f"console:{P2}" in said.text
    await renumber(shop, N1, N2)
    assert await keys(shop, "id", N2) == ["id.unproven"]


# invitations and the command line


async def test_a_chat_without_a_name_that_proves_is_declined_kindly_and_the_code_stays_good(shop: World) -> None:
    await settle(shop, N1)
    await renumber(shop, N1, N2)
    code = await invited(shop, "Budi Cell")
    assert await keys(shop, f"AGEN {code}", N2) == ["invite.unproven"]
    assert await keys(shop, "AGEN AAAAAAAAAA", N2) == ["invite.none"]
    assert await keys(shop, f"AGEN {code}", N2, P1) == ["invite.added"]


async def test_a_link_that_is_tapped_twice_is_no_mistake_though_a_further_name_is_known_since(shop: World) -> None:
    chat = await settle(shop, person=P1)
    code = await invited(shop, "Budi Cell")

    async def join() -> Joined | Declined:
        return await shop.store.write(invitations.join, code, await who(shop, chat), shop.shop, shop.clock())

    assert isinstance(await join(), Joined)
    await settle(shop, N1, P1)
    assert isinstance(await join(), Joined)


async def test_an_agent_is_added_by_his_number_before_his_first_word(shop: World) -> None:
    added = await shop.store.write(people.add_agent, "Ani", ("console", N1), shop.shop, shop.clock())
    assert (await who(shop, await settle(shop, N1, P1))).agent == added
    assert (await who(shop, await settle(shop, N1, P2))).agent is None


async def test_a_number_that_was_given_in_advance_and_turns_up_moved_speaks_for_nobody(shop: World) -> None:
    await settle(shop, N1, P1)
    await shop.store.write(people.add_agent, "Ani", ("console", N2), shop.shop, shop.clock())
    assert (await who(shop, await settle(shop, N2, P1))).role is Role.CUSTOMER
    assert await trail(shop, "Ani") == [("removed", f"console:{N2}", "number changed hands")]


@pytest.mark.parametrize("first", [(N1, ""), ("", P1)], ids=["number", "person"])
async def test_a_chat_that_has_an_agent_keeps_him_though_its_further_name_was_given_to_another(
    shop: World, first: tuple[str, str]
) -> None:
    chat = await member(shop, "Siti Cell", *first)
    further = P1 if first[0] else N1
    await shop.store.write(people.add_agent, "Ani", ("console", further), shop.shop, shop.clock())
    await says(shop, METER, *first)
    assert await keys(shop, "50", N1, P1) == ["buy.pay"]  # the talk goes on
    assert (await who(shop, chat)).agent == await agent(shop, "Siti Cell")
    assert await trail(shop, "Ani") == [("removed", f"console:{further}", "one chat speaks for one agent")]


async def test_a_person_whose_names_were_given_to_two_agents_speaks_for_the_first(shop: World) -> None:
    for name, address in (("Ani", P1), ("Siti", N1)):
        await shop.store.write(people.add_agent, name, ("console", address), shop.shop, shop.clock())
    assert (await who(shop, await settle(shop, N1, P1))).agent == await agent(shop, "Ani")
    assert await trail(shop, "Siti") == [("removed", f"console:{N1}", "one chat speaks for one agent")]


async def test_a_name_that_proves_nothing_and_a_chat_that_has_an_agent_cannot_be_added(shop: World) -> None:
    await member(shop, "Siti Cell", N1, P1)
    await settle(shop, N2, P2)
    await settle(shop, N3, P2)  # N2 is nobody's now, N3 was somebody else's
    for name, words in (
        (P1, "belongs to an agent already"),
        (N2, "was another person's before"),
        (N3, "was another person's before"),
    ):
        with pytest.raises(PeopleError, match=words):
            await shop.store.write(people.add_agent, f"Ani {name}", ("console", name), shop.shop, shop.clock())


async def test_the_other_name_of_an_owner_is_an_owners_too(tmp_path: Path) -> None:
    async with world(tmp_path, shop=replace(SHOP, owners=(("console", P1),))) as shop:
        await settle(shop, N1, P1)
        with pytest.raises(PeopleError, match="an owner's chat"):
            await shop.store.write(people.add_agent, "Ani", ("console", N1), shop.shop, shop.clock())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("+62 812-3456-789", "628123456789"),
        ("08123456789", "628123456789"),
        ("628123456789", "628123456789"),
        ("ID.1349x", "ID.1349x"),
        ("", ""),
    ],
)
def test_a_number_is_understood_however_people_write_it(written: str, meant: str) -> None:
    assert dialled(written) == meant


# any sequence at all


@pytest.mark.parametrize("seed", range(30))
async def test_no_sequence_of_sightings_gives_a_name_two_chats_or_anybody_an_agent(shop: World, seed: int) -> None:
    chance = random.Random(seed)
    numbers, ids = [f"62812{number}" for number in range(4)], [f"ID.{number}" for number in range(4)]
    for one in range(3):
        await shop.store.write(people.add_agent, f"Kios {one}", None, shop.shop, shop.clock())
    happened: Counter[str] = Counter()
    for _ in range(60):
        shop.clock.forward(1)
        number, person = chance.choice([(one, two) for one in ["", *numbers] for two in ["", *ids] if one or two])
        before = await _members(shop)
        match chance.choice(["sighted", "sighted", "renumbered", "joined"]):
            case "renumbered":
                await renumber(shop, chance.choice(numbers), chance.choice(numbers))
            case "joined":
                code = await invited(shop, f"Kios {chance.randrange(3)}")
                someone = await who(shop, await settle(shop, number, person))
                before = await _members(shop)
                joined = await shop.store.write(invitations.join, code, someone, shop.shop, shop.clock())
                if isinstance(joined, Joined):
                    happened["joined"] += 1
                    before.add((someone.address, joined.agent.id))
            case _:
                await settle(shop, number, person)
        now = await _members(shop)
        happened["ended"] += len(before - now)
        assert now <= before
        await _names_are_in_order(shop)
    assert min(happened["joined"], happened["ended"]) > 0
    assert await shop.violations() == []


async def _members(shop: World) -> set[tuple[str, int]]:
    return set(await rows(shop, "SELECT value, agent_id FROM member WHERE removed_at IS NULL"))


async def _names_are_in_order(shop: World) -> None:
    """A membership stands on a sure name; a chat has one agent and one name of a kind, one merged away has neither."""
    live = "SELECT a.conversation_id FROM address a WHERE a.state <> 'gone'"
    speaking = "FROM member m JOIN address a ON a.value = m.value AND a.channel = m.channel WHERE m.removed_at IS NULL"
    merged = "SELECT id FROM conversation WHERE merged_into IS NOT NULL"
    for offenders in (
        live + " GROUP BY a.conversation_id, a.kind HAVING COUNT(*) > 1",
        live + " AND a.conversation_id IN (" + merged + ")",
        "SELECT m.value " + speaking + " AND a.state <> 'sure'",
        "SELECT a.conversation_id " + speaking + " GROUP BY a.conversation_id HAVING COUNT(*) > 1",
        "SELECT handle FROM conversation GROUP BY handle, channel HAVING COUNT(*) > 1",
        merged + " AND (merged_into >= id OR merged_into IN (" + merged + "))",
    ):
        assert await rows(shop, offenders) == [], offenders
