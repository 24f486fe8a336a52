"""Who may act for an agent: a code lets one chat in, once; freezing and removing take effect at once; all is kept."""

import asyncio
import dataclasses
from collections.abc import Sequence

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.people import Agent, Member, Person, Role
from bot.ports import Tx
from bot.services import invitations, people
from bot.services.invitations import Declined, Joined
from bot.services.people import PeopleError
from bot.services.trail import Deed
from bot.store.errors import StoreError
from tests.world import World, execute

OWNER = "owner in chat 1"


async def agent(shop: World) -> Agent:
    return await shop.store.read(people.find_agent, "Budi Cell")


async def invited(shop: World, role: Role = Role.AGENT, name: str = "Budi Cell") -> str:
    def make(tx: Tx) -> str:
        return invitations.make(tx, people.find_agent(tx, name), role, OWNER, shop.shop, shop.clock())

    return await shop.store.write(make)


async def added(shop: World, name: str = "Siti Cell") -> Agent:
    return await shop.store.write(people.add_agent, name, None, shop.shop, shop.clock())


async def person(shop: World, who: str, channel: str = "console") -> Person:
    def find(tx: Tx) -> Person:
        chat = people.conversation(tx, channel, who, "id", shop.clock())
        return people.person(tx, chat, shop.shop)

    return await shop.store.write(find)


async def join(shop: World, code: str, who: str, channel: str = "console") -> Joined | Declined:
    return await shop.store.write(invitations.join, code, await person(shop, who, channel), shop.shop, shop.clock())


async def chats(shop: World, agent_id: int = 1) -> list[Member]:
    return await shop.store.read(people.chats, agent_id)


async def deeds(shop: World, agent_id: int = 1) -> list[Deed]:
    return await shop.store.read(people.deeds, agent_id)


async def test_a_code_makes_a_strangers_chat_speak_for_the_agent(shop: World) -> None:
    assert (await person(shop, "siti")).role is Role.CUSTOMER
    joined = await join(shop, (await invited(shop)).lower(), "siti")
    assert isinstance(joined, Joined)
    now = await person(shop, "siti")
    assert (now.role, now.agent, now.channel, now.address) == (Role.AGENT, await agent(shop), "console", "siti")


async def test_the_first_chat_is_free_and_a_further_one_is_limited_for_a_day(shop: World) -> None:
    siti = await added(shop)
    first = await join(shop, await invited(shop, name="Siti Cell"), "siti")
    further = await join(shop, await invited(shop, name="Siti Cell"), "siti too")
    assert isinstance(first, Joined)
    assert isinstance(further, Joined)
    assert (first.is_limited, further.is_limited) == (False, True)
    assert [one.limited_until for one in await chats(shop, siti.id)] == [0, shop.clock() + DAY]


async def test_a_cashier_is_limited_even_as_the_first_chat(shop: World) -> None:
    await added(shop)
    joined = await join(shop, await invited(shop, Role.CASHIER, "Siti Cell"), "siti")
    assert isinstance(joined, Joined)
    assert (joined.role, joined.is_limited) == (Role.CASHIER, True)
    assert (await person(shop, "siti")).role is Role.CASHIER


@pytest.mark.parametrize("crowd", [2, 5, 20])
async def test_a_code_lets_one_chat_in_however_many_try_at_once(shop: World, crowd: int) -> None:
    code = await invited(shop)
    people_there = [await person(shop, f"chat {number}") for number in range(crowd)]
    answers: Sequence[Joined | Declined] = await asyncio.gather(
        *(shop.store.write(invitations.join, code, one, shop.shop, shop.clock()) for one in people_there)
    )
    assert sum(isinstance(one, Joined) for one in answers) == 1
    assert answers.count(Declined.UNKNOWN) == crowd - 1
    assert len(await chats(shop)) == 2


async def test_a_used_an_old_and_a_made_up_code_are_answered_alike(shop: World) -> None:
    used, old = await invited(shop), await invited(shop)
    await join(shop, used, "siti")
    assert await join(shop, used, "ani") is Declined.UNKNOWN
    shop.clock.forward(DAY)
    assert await join(shop, old, "ani") is Declined.UNKNOWN
    assert await join(shop, "AAAAAAAAAA", "ani") is Declined.UNKNOWN
    assert (await person(shop, "ani")).role is Role.CUSTOMER


async def test_the_link_tapped_twice_by_its_own_chat_is_no_mistake(shop: World) -> None:
    code = await invited(shop)
    await join(shop, code, "siti")
    again = await join(shop, code, "siti")
    assert isinstance(again, Joined)
    assert again.is_limited
    assert len(await chats(shop)) == 2


async def test_who_cannot_take_an_invitation_leaves_it_for_another(shop: World) -> None:
    await added(shop)
    code = await invited(shop, name="Siti Cell")
    assert await join(shop, code, "boss") is Declined.OWNER
    assert await join(shop, code, "budi") is Declined.TAKEN
    siti = await shop.store.read(people.find_agent, "Siti Cell")
    await shop.store.write(people.freeze, siti, OWNER, shop.clock())
    assert await join(shop, code, "siti") is Declined.FROZEN
    await shop.store.write(people.unfreeze, siti, OWNER, shop.clock())
    assert isinstance(await join(shop, code, "siti"), Joined)


async def test_five_wrong_codes_within_an_hour_shut_a_chat_out_and_no_other(shop: World) -> None:
    code = await invited(shop)
    siti = await person(shop, "siti")
    for _ in range(5):
        await shop.store.write(invitations.missed, siti, shop.shop, shop.clock())
        shop.clock.forward(MINUTE)
    assert await join(shop, code, "siti") is Declined.UNKNOWN
    shop.clock.forward(HOUR - 5 * MINUTE)  # the first of them is an hour old
    assert isinstance(await join(shop, code, "siti"), Joined)
    for _ in range(5):
        await shop.store.write(invitations.missed, await person(shop, "ani"), shop.shop, shop.clock())
    assert isinstance(await join(shop, await invited(shop), "dewi"), Joined)


async def test_an_address_speaks_for_one_agent_and_an_owners_for_none(shop: World) -> None:
    siti = await added(shop)
    for address, words in ((("console", "budi"), "belongs to an agent already"), (("console", "boss"), "an owner's")):
        with pytest.raises(PeopleError, match=words):
            await shop.store.write(people.bind, siti.id, address, shop.shop, shop.clock(), actor=OWNER)


async def test_a_chat_is_known_by_its_platform_whatever_account_of_ours_it_wrote_to(shop: World) -> None:
    await join(shop, await invited(shop), "42", "telegram:1001")
    assert [one.chat for one in await chats(shop)] == ["console:budi", "telegram:42"]
    elsewhere = await person(shop, "42", "telegram:1002")
    assert elsewhere.role is Role.AGENT
    assert await shop.store.read(people.new_since, elsewhere.conversation_id, shop.clock()) == shop.clock()
    assert (await person(shop, "42")).role is Role.CUSTOMER


async def test_the_counter_is_never_frozen_and_nobody_is_invited_to_it(shop: World) -> None:
    counter = await shop.store.read(people.agent, 0)
    with pytest.raises(PeopleError, match="belongs to the owners"):
        await shop.store.write(people.freeze, counter, OWNER, shop.clock())
    with pytest.raises(PeopleError, match="stand in OWNERS"):
        await shop.store.write(invitations.make, counter, Role.AGENT, OWNER, shop.shop, shop.clock())


async def test_a_removed_chat_is_a_strangers_again_and_unused_invitations_are_void(shop: World) -> None:
    code = await invited(shop)
    (only,) = await chats(shop)
    budi = await agent(shop)
    assert await shop.store.write(people.remove, budi, only, OWNER, shop.clock())
    assert not await shop.store.write(people.remove, budi, only, OWNER, shop.clock())
    assert (await person(shop, "budi")).role is Role.CUSTOMER
    assert await join(shop, code, "budi") is Declined.UNKNOWN


async def test_a_chat_that_comes_back_has_another_number(shop: World) -> None:
    (only,) = await chats(shop)
    await shop.store.write(people.remove, await agent(shop), only, OWNER, shop.clock())
    await join(shop, await invited(shop), "budi")
    (back,) = await chats(shop)
    assert (back.chat, back.id > only.id) == (only.chat, True)


async def test_who_did_what_to_whom_is_kept_and_never_changed(shop: World) -> None:
    budi = await agent(shop)
    await join(shop, await invited(shop), "siti")
    await shop.store.write(people.freeze, budi, "command line (sri)", shop.clock(), "phone stolen")
    await shop.store.write(people.freeze, budi, "command line (sri)", shop.clock(), "again")
    await shop.store.write(people.unfreeze, budi, "command line (sri)", shop.clock())
    await shop.store.write(people.remove, budi, (await chats(shop))[1], OWNER, shop.clock())
    siti = await person(shop, "siti")
    assert [(one.action, one.actor, one.chat, one.reason) for one in (await deeds(shop))[3:]] == [
        ("invited", OWNER, "", "agent"),
        ("joined", f"customer in chat {siti.conversation_id}", "console:siti", f"agent, invited by {OWNER}"),
        ("frozen", "command line (sri)", "", "phone stolen"),
        ("unfrozen", "command line (sri)", "", ""),
        ("removed", OWNER, "console:siti", ""),
    ]
    for statement in ("UPDATE trail SET actor = 'x'", "DELETE FROM trail"):
        with pytest.raises(StoreError, match="append-only"):
            await execute(shop, statement)


@pytest.mark.parametrize("name", ["", "  ", "x" * 41, "A017", "a1"])
async def test_a_name_that_could_be_mistaken_is_refused(shop: World, name: str) -> None:
    with pytest.raises(PeopleError, match="a name has"):
        await shop.store.write(people.add_agent, name, None, shop.shop, shop.clock())


async def test_finding_a_person_takes_two_queries(shop: World) -> None:
    asked: list[str] = []

    class Counted:
        def __init__(self, tx: Tx) -> None:
            self._tx = tx

        def __getattr__(self, name: str) -> object:
            def call(*given: object, **parameters: object) -> object:
                asked.append(str(given[-1]))
                return getattr(self._tx, name)(*given, **parameters)

            return call

    def find(tx: Tx) -> Person:
        counted: Tx = Counted(tx)  # type: ignore[assignment]  # counts, and passes on
        chat = people.conversation(counted, "console", "budi", "id", shop.clock())
        return people.person(counted, chat, shop.shop)

    await shop.say("saldo")
    assert dataclasses.asdict(await shop.store.write(find))["role"] is Role.AGENT
    assert asked == ["conversation_by_handle", "proof_list"]
