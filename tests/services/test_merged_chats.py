"""Two chats that turn out to be one person's: the older one goes on, and nothing that was said or bought is lost."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from bot.domain.message import Message, Text
from bot.domain.people import Role
from bot.domain.purchase import State
from bot.messaging import outbox
from bot.messaging.channel import Outcome
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import addresses, invitations, people
from bot.services.invitations import Declined
from bot.services.people import Conversation
from tests.services.sightings import (
    CHANNEL,
    METER,
    N1,
    N2,
    N3,
    P1,
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
    trail,
    who,
)
from tests.world import SHOP, World, execute, world


@pytest.mark.parametrize("numbered_first", [True, False])
async def test_two_chats_that_turn_out_to_be_one_persons_become_the_older_one(
    shop: World, numbered_first: bool
) -> None:
    first = await settle(shop, *((N1, "") if numbered_first else ("", P1)))
    second = await settle(shop, *(("", P1) if numbered_first else (N1, "")))
    assert second.id > first.id
    assert await settle(shop, N1, P1) == first
    assert await names(shop, first) == {N1: "sure", P1: "sure"}
    assert (await who(shop, first)).address == N1

    def found(tx: Tx) -> list[Conversation]:
        return [people.conversation(tx, CHANNEL, name, "en", shop.clock()) for name in (first.handle, second.handle)]

    assert await shop.store.write(found) == [first, first]


async def test_what_was_asked_in_the_younger_chat_is_let_go_and_what_was_said_there_goes_over(shop: World) -> None:
    await says(shop, "beli", N1)
    younger = await put(shop, "menu", person=P1)
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()  # answered, and not sent yet
    ((menu,),) = await rows(shop, "SELECT MAX(id) FROM outbox")
    older = await settle(shop, N1)
    await put(shop, "bantuan", person=P1)  # stored, and not understood yet
    assert (await put(shop, "id", N1, P1)).id == older.id
    await shop.setrum.drain()
    said = [one.key for one in shop.phone.read if one.to in (N1, P1)]
    assert Counter(said[1:]) == Counter(["start.customer", "help.customer", "id.chat"])
    assert set(await rows(shop, "SELECT conversation_id FROM outbox WHERE id >= ?", menu)) == {(older.id,)}
    assert younger.id != older.id


async def test_an_open_question_of_the_younger_chat_is_not_sent_and_its_answer_never_comes(shop: World) -> None:
    older = await settle(shop, N1)
    await member(shop, "Siti Cell", person=P1)
    await put(shop, f"{METER} 50", person=P1)
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()  # the meter is to be asked about
    await put(shop, "beli", person=P1)
    assert (await settle(shop, N1, P1)).id == older.id
    assert await rows(shop, "SELECT kind FROM effect WHERE state = 'open'") == []
    assert await rows(shop, "SELECT flow FROM session WHERE state = 'open'") == []
    assert await rows(shop, "SELECT DISTINCT address FROM inbox WHERE state = 'new'") == [(N1,)]
    heard = await says(shop, "id", N1, P1)
    assert "buy.pay" not in [one.key for one in heard]
    assert await keys(shop, f"{METER} 50", N1, P1) == ["buy.pay"]


async def test_a_question_of_the_younger_chat_that_has_not_left_is_taken_back(shop: World) -> None:
    await settle(shop, N1)
    await member(shop, "Siti Cell", person=P1)
    await put(shop, "beli", person=P1)
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()
    await settle(shop, N1, P1)
    before = len(shop.phone.read)
    await shop.setrum.drain()
    assert shop.phone.read[before:] == []


@pytest.mark.parametrize("waits", [3_000, 0], ids=["quick", "slow"])
async def test_an_inquiry_that_is_under_way_when_chats_merge_says_no_more(tmp_path: Path, waits: int) -> None:
    patient = replace(SHOP, waits=replace(SHOP.waits, inquiry_notice=waits))
    async with world(tmp_path, shop=patient) as shop:
        await settle(shop, N1)
        await member(shop, "Siti Cell", person=P1)
        await put(shop, f"{METER} 50", person=P1)
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
        assert await shop.setrum.effects.work() == 1  # begins with the next step of the loop, after the merge
        await settle(shop, N1, P1)
        await shop.setrum.effects.idle()
        before = len(shop.phone.read)
        await shop.setrum.drain()
        assert shop.phone.read[before:] == []


async def test_a_token_that_comes_after_its_chat_was_merged_reaches_its_person(shop: World) -> None:
    older = await settle(shop, N1)
    await member(shop, "Siti Cell", person=P1)
    await says(shop, f"{METER} 50", person=P1)
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await says(shop, "bayar", person=P1)
    await settle(shop, N1, P1)
    before = len(shop.phone.read)
    await shop.later(10_000)
    assert "token.only" in [one.key for one in shop.phone.read[before:] if one.to == N1]
    assert await rows(shop, "SELECT state, conversation_id FROM purchase") == [(State.SUCCESS, older.id)]
    assert await keys(shop, "riwayat", N1, P1) == ["hist.list"]
    assert await shop.violations() == []


async def test_what_was_parked_in_the_younger_chat_comes_with_the_next_word(shop: World) -> None:
    older, younger = await settle(shop, N1), await settle(shop, person=P1)
    token = Message(Text("in.media"))
    await shop.store.write(
        outbox.put, younger.id, token, shop.clock(), cause="token", message_class=Class.CRITICAL
    )  # fmt: skip
    shop.phone.outcomes.append(Outcome.AWAY)
    await shop.setrum.drain()
    assert await rows(shop, "SELECT state FROM outbox WHERE cause = 'token'") == [("parked",)]
    assert "in.media" in await keys(shop, "menu", N1, P1)
    assert await rows(shop, "SELECT away FROM conversation WHERE id = ?", older.id) == [(0,)]


async def test_what_is_being_sent_while_chats_merge_is_the_older_ones_when_it_has_to_be_sent_again(shop: World) -> None:
    older, younger = await settle(shop, N1), await settle(shop, person=P1)
    token = Message(Text("in.media"))
    await shop.store.write(
        outbox.put, younger.id, token, shop.clock(), cause="token", message_class=Class.CRITICAL
    )  # fmt: skip
    await execute(shop, "UPDATE outbox SET state = 'sending'")
    await settle(shop, N1, P1)
    assert await rows(shop, "SELECT conversation_id FROM outbox") == [(older.id,)]


async def test_wrong_codes_of_both_chats_count_together(shop: World) -> None:
    chats = await settle(shop, N1), await settle(shop, person=P1)
    for chat in (*chats, *chats, chats[0]):
        await shop.store.write(invitations.missed, await who(shop, chat), shop.shop, shop.clock())
    merged, code = await settle(shop, N1, P1), await invited(shop, "Budi Cell")
    joined = await shop.store.write(invitations.join, code, await who(shop, merged), shop.shop, shop.clock())
    assert joined is Declined.UNKNOWN


@pytest.mark.parametrize("watching", ["older", "younger", "both"])
async def test_who_asked_in_either_chat_is_told_once_that_sales_open_again(shop: World, watching: str) -> None:
    older, younger = await settle(shop, N1), await settle(shop, person=P1)
    for name, chat in (("older", older), ("younger", younger)):
        if watching in (name, "both"):
            await execute(shop, f"INSERT INTO opening_watch VALUES ({chat.id})")  # noqa: S608  # a number of ours
    await settle(shop, N1, P1)
    assert await rows(shop, "SELECT conversation_id FROM opening_watch") == [(older.id,)]


async def test_buttons_of_the_younger_chat_still_work_after_the_merge(shop: World) -> None:
    await settle(shop, N1)
    (menu,) = await says(shop, "menu", person=P1)
    await settle(shop, N1, P1)
    (_, label, tap) = menu.options[2]
    assert await keys(shop, label, N1, P1) == ["help.customer"]
    assert await keys(shop, tap, N1, P1) == ["help.customer"]


@pytest.mark.parametrize("numbered_first", [True, False])
async def test_of_two_agents_in_one_chat_the_older_chats_stays_and_the_other_is_noted(
    shop: World, numbered_first: bool
) -> None:
    first, second = ((N1, ""), ("", P1)) if numbered_first else (("", P1), (N1, ""))
    older = await member(shop, "Siti Cell", *first)
    await member(shop, "Ani Cell", *second)
    said = await says(shop, "saldo", N1, P1)
    assert [one.key for one in said if one.to == N1] == ["chat.removed", "bal.card"]
    assert "Ani Cell" in said[0].text
    assert (await who(shop, older)).agent == await agent(shop, "Siti Cell")
    lost = f"console:{second[0] or second[1]}"
    assert await trail(shop, "Ani Cell") == [("removed", lost, "one chat speaks for one agent")]
    assert await trail(shop, "Siti Cell") == []
    assert await shop.violations() == []


async def test_two_chats_of_one_account_become_one_line_of_it_without_a_word(shop: World) -> None:
    older = await member(shop, "Siti Cell", N1)
    assert await keys(shop, f"AGEN {await invited(shop, 'Siti Cell')}", person=P1) == ["invite.added"]
    assert await keys(shop, "saldo", N1, P1) == ["bal.card"]
    (only,) = await shop.store.read(people.chats, (await agent(shop, "Siti Cell")).id)
    assert only.chat == f"console:{N1}"
    assert (await who(shop, older)).role is Role.AGENT


async def test_a_chat_that_was_merged_twice_leads_to_the_oldest(shop: World) -> None:
    first = await settle(shop, N1)
    second = await settle(shop, person=P1)
    third = await settle(shop, N2)
    await settle(shop, N2, P1)  # third into second
    await renumber(shop, N2, N3)
    assert (await settle(shop, N3)).id == second.id
    await shop.store.write(addresses.heard, third.id, 500)
    assert dict(await rows(shop, "SELECT id, heard_at FROM conversation")) == {first.id: 0, second.id: 500, third.id: 0}


async def test_when_a_person_wrote_last_is_kept_of_both_chats_and_never_goes_back(shop: World) -> None:
    older, younger = await settle(shop, N1), await settle(shop, person=P1)
    for chat, at in ((older, 100), (younger, 300), (younger, 200)):
        await shop.store.write(addresses.heard, chat.id, at)
    await settle(shop, N1, P1)
    assert await rows(shop, "SELECT heard_at FROM conversation WHERE id = ?", older.id) == [(300,)]


async def test_an_answer_comes_once_however_many_names_its_chat_has(shop: World) -> None:
    await settle(shop, N1, P1)
    await member(shop, "Siti Cell", N1, P1)
    assert await keys(shop, f"{METER} 50", N1, P1) == ["buy.pay"]
    assert await keys(shop, "bayar", person=P1) == []
    assert read_by(shop, N1).count("token.only") == 1
    assert len(await rows(shop, "SELECT id FROM inbox WHERE kind = 'internal'")) == 1


async def test_an_owners_pin_goes_with_the_chat_that_it_was_set_in(shop: World) -> None:
    first, second = await settle(shop, N1, ""), await settle(shop, "", P1)
    kept = "INSERT INTO pin (holder, hash, wrong, paused_until, set_at) VALUES ('chat:{}', 'hash', 3, 0, 0)"
    await execute(shop, kept.format(second.id))
    assert await settle(shop, N1, P1) == first
    assert await rows(shop, "SELECT holder, wrong FROM pin") == [(f"chat:{first.id}", 3)]
