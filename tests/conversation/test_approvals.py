"""A second approver: one owner proposes, another person says yes, and it is done once with both names."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR
from bot.conversation.owner import approving
from bot.conversation.script import Turn
from bot.domain.message import Message, Text
from bot.domain.people import Owner, Role
from bot.ports import Tx
from bot.services import approvals, decisions, people, standing, watch
from bot.services.approvals import Proposal
from tests.services import sightings
from tests.world import NOON, SHOP, Said, World, world

OWNERS = (("console", "sri"), ("console", "sri-hp"), ("console", "joko"))
PAIR = dataclasses.replace(
    SHOP, owners=OWNERS, partners=(Owner("Sri", OWNERS[:2]), Owner("", OWNERS[2:])), second_approver=1
)


def noted(turn: Turn, proposal: Proposal, actor: str) -> Message:
    """A deed of the tests: it writes a decision down, once a sale, unless its sale is none."""
    if proposal.given["sale"] == "T9":
        raise approvals.NotDone(Message(Text("in.stale")))
    decisions.record(turn.tx, "noted", actor=actor, reason=proposal.reason, now=turn.now)
    return Message(Text("maint.open"))


@pytest.fixture
async def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """A shop of two people, one of whom has two chats; all three have spoken."""
    monkeypatch.setitem(approving.DEEDS, "noted", noted)
    async with world(tmp_path, shop=PAIR) as made:
        for who in ("sri", "sri-hp", "joko"):
            await made.say("menu", who)
        yield made
        assert await made.violations() == []


async def proposed(shop: World, sale: str = "T1", who: str = "sri") -> Message:
    """What is said to the owner who proposes; the others have read it then."""

    def propose(tx: Tx) -> Message:
        chat = people.conversation(tx, "console", who, "id", shop.clock())
        person = people.person(tx, chat, shop.shop)
        what = Text("late.sale", {"sale": sale})
        return approvals.propose(tx, "noted", {"sale": sale}, what, "kata VSI", person, shop.shop, shop.clock())

    said = await shop.store.write(propose)
    await shop.settle()
    return said


async def done(shop: World) -> list[tuple[str, str]]:
    return [(str(who), str(why)) for who, why in await sightings.rows(shop, "SELECT actor, reason FROM decision")]


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


def last(shop: World, who: str) -> Said:
    return [one for one in shop.phone.read if one.to == who][-1]


async def tap(shop: World, message: Said, label: str, who: str) -> list[Said]:
    return await shop.say(next(name for _, shown, name in message.options if shown == label), who)


async def test_another_owner_approves_with_one_tap_and_both_names_are_kept(shop: World) -> None:
    assert (await proposed(shop)).key == "prop.sent"
    asked = last(shop, "joko")
    assert asked.text.splitlines()[0] == "🔏 P1 · Sri minta persetujuan · 12.00"
    assert asked.text.splitlines()[-2:] == ["Alasan: kata VSI", "Berlaku sampai 26 Nov 12.00. Belum ada yang berubah."]
    assert labels(asked) == ["✅ Setuju", "❌ Tolak"]
    assert await done(shop) == []
    [answer] = await tap(shop, asked, "✅ Setuju", "joko")
    assert answer.text == "✅ P1 disetujui joko 12.00\n🟢 Penjualan sedang buka."
    assert last(shop, "sri").text == answer.text
    assert await done(shop) == [("owner in chat 1, approved by owner in chat 3", "kata VSI")]


async def test_neither_the_same_chat_nor_the_same_persons_other_chat_approves(shop: World) -> None:
    await proposed(shop)
    assert last(shop, "sri-hp").key == "start.owner"  # he is not even asked
    for who in ("sri", "sri-hp"):
        [own] = await shop.say("setuju P1", who)
        assert own.text.startswith("P1 usulan Anda sendiri. Yang menyetujuinya pemilik lain.")
        assert labels(own) == ["✖️ Tarik usulan", "🔏 Usulan"]
    assert await done(shop) == []


async def test_two_taps_do_it_once_and_the_second_reads_how_it_ended(shop: World) -> None:
    await proposed(shop)
    asked = last(shop, "joko")
    for _ in range(2):
        await shop.put(next(name for _, shown, name in asked.options if shown == "✅ Setuju"), "joko")
    await shop.settle()
    assert last(shop, "joko").text.startswith("P1 sudah disetujui 25 Nov 12.00. Tidak ada yang berubah.")
    assert len(await done(shop)) == 1


async def test_a_refusal_and_a_withdrawal_change_nothing(shop: World) -> None:
    await proposed(shop)
    [refused] = await tap(shop, last(shop, "joko"), "❌ Tolak", "joko")
    assert refused.text.startswith("❌ P1 ditolak joko 12.00. Tidak ada yang berubah.")
    assert last(shop, "sri").text == refused.text
    await proposed(shop)
    [withdrawn] = await shop.say("tolak p2", "sri-hp")
    assert withdrawn.text.startswith("✖️ P2 ditarik lagi oleh Sri 12.00.")
    assert await shop.keys("setuju P2", "joko") == ["prop.twice"]
    assert await done(shop) == []


async def test_the_same_again_is_one_proposal_and_the_list_shows_what_waits(shop: World) -> None:
    await proposed(shop)
    assert (await proposed(shop)).key == "prop.again"
    await proposed(shop, "T2", "joko")
    await shop.say("bahasa en", "joko")
    [listed] = await shop.say("proposals", "joko")
    assert listed.text.splitlines()[0] == "🔏 Proposals that wait for approval: 2"
    [theirs] = await shop.say("usulan P2", "sri")
    assert (theirs.key, labels(theirs)) == ("prop.card", ["✅ Setuju", "❌ Tolak"])
    [mine] = await shop.say("usulan P1", "sri")
    assert labels(mine) == ["✖️ Tarik usulan", "🔏 Usulan"]
    await shop.say("approve P1", "joko")
    await shop.say("approve P2", "sri")
    assert await shop.keys("usulan", "sri") == ["prop.empty"]
    assert await shop.keys("usulan P7", "sri") == ["prop.none"]
    assert len(await done(shop)) == 2


@pytest.mark.parametrize("word", ["ya", "tidak", "setuju", "tolak", "usulan"])
async def test_a_bare_word_of_the_other_owner_shows_what_waits_for_him_and_decides_nothing(
    shop: World, word: str
) -> None:
    await proposed(shop)
    await shop.say("menu", "joko")
    [shown] = await shop.say(word, "joko")
    assert (shown.key, labels(shown)) == ("prop.card", ["✅ Setuju", "❌ Tolak"])
    assert await shop.keys("setuju", "sri") == ["appr.empty"]  # nothing waits for who proposed it
    assert await done(shop) == []


async def test_what_cannot_be_done_any_more_goes_on_waiting(shop: World) -> None:
    await proposed(shop, "T9")
    assert await shop.keys("setuju P1", "joko") == ["in.stale"]
    await shop.store.write(standing.restrict, "violation", "test", shop.clock())
    assert await shop.keys("setuju P1", "joko") == ["prop.closed"]
    assert await shop.keys("usulan P1", "joko") == ["prop.card"]


async def test_a_proposal_runs_out_and_its_owner_is_told(shop: World) -> None:
    await proposed(shop)
    shop.clock.forward(DAY - HOUR)
    assert await shop.store.write(approvals.look, shop.shop, shop.clock()) == 0
    shop.clock.forward(HOUR)
    await shop.store.write(watch.look, shop.shop, shop.clock())
    await shop.settle()
    assert last(shop, "sri").text.startswith("⌛ P1 lewat waktunya tanpa persetujuan.")
    assert await shop.keys("setuju P1", "joko") == ["prop.twice"]
    assert await done(shop) == []


async def test_what_was_proposed_by_somebody_who_is_an_owner_no_more_has_lapsed(tmp_path: Path) -> None:
    async with world(tmp_path, shop=PAIR) as shop:
        await proposed(shop)
    left = dataclasses.replace(PAIR, owners=OWNERS[2:], partners=(Owner("", OWNERS[2:]),))
    async with world(tmp_path, shop=left) as later:
        assert await later.keys("setuju P1", "joko") == ["prop.lapsed"]


async def test_whoever_stands_under_another_first_chat_by_now_still_approves_nothing_of_his_own(tmp_path: Path) -> None:
    async with world(tmp_path, shop=PAIR) as shop:
        await shop.say("menu", "sri-hp")
        await proposed(shop)
    turned = (Owner("Sri", (OWNERS[1], OWNERS[0])), Owner("", OWNERS[2:]))
    async with world(tmp_path, shop=dataclasses.replace(PAIR, partners=turned), at=NOON + HOUR) as later:
        for who in ("sri", "sri-hp"):
            assert await later.keys("setuju P1", who) == ["prop.own"]
        assert await later.keys("tolak P1", "sri-hp") == ["prop.withdrawn"]


async def test_nobody_but_owners_approves(shop: World) -> None:
    await proposed(shop)
    await shop.store.write(lambda tx: people.bind(tx, 1, ("console", "kasir"), PAIR, shop.clock(), role=Role.CASHIER))
    for who in ("budi", "kasir", "siti"):
        for line in ("setuju P1", "tolak P1", "usulan"):
            assert (await shop.keys(line, who))[0] in ("start.agent", "start.customer")
    assert await done(shop) == []


async def test_where_the_other_owner_was_never_here_it_is_said(tmp_path: Path) -> None:
    async with world(tmp_path, shop=PAIR) as shop:
        await shop.say("menu", "sri")
        said = await proposed(shop)
        assert [one.key for one in said.more] == ["late.sale", "prop.nobody"]


def test_a_decision_needs_approval_from_the_amount_that_was_set() -> None:
    for least, rupiah, needed in ((0, 10**9, False), (1, 1, True), (500_000, 499_999, False), (500_000, 500_000, True)):
        assert approvals.is_needed(dataclasses.replace(SHOP, second_approver=least), rupiah) is needed
