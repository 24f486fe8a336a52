"""Whether a database may sell: whose supplier it is bound to, and what a read-only one does and never does."""

import dataclasses
from pathlib import Path

import pytest

from bot.clock import HOUR, MINUTE, SECOND
from bot.domain.purchase import State
from bot.domain.supply import Identity
from bot.sandbox import Behaviour, Readings
from bot.services import ledger, people, settlement, standing, watch
from bot.services.decisions import DecisionError
from bot.services.standing import StandingError
from tests.world import NOON, SHOP, World, execute, world

METER = "54123456789"
SANDBOX = Identity("127.0.0.1", "uji")
OTHER = Identity("vsi.example", "uji")


async def restrict(shop: World, kind: str = "restored") -> None:
    await shop.store.write(standing.restrict, kind, "a copy of 25 November", shop.clock(), shop.clock() - HOUR)


async def balance(shop: World) -> tuple[int, int]:
    account = await shop.store.read(ledger.agent_account, 1)
    return account.posted, account.held


async def test_the_first_exchange_binds_the_database_to_its_supplier(shop: World) -> None:
    await shop.store.read(standing.hold_to, OTHER)  # nobody's yet
    await shop.say(METER)
    await shop.store.read(standing.hold_to, SANDBOX)
    for identity in (OTHER, Identity("127.0.0.1", "live")):
        with pytest.raises(StandingError, match="belongs to client uji"):
            await shop.store.read(standing.hold_to, identity)
        with pytest.raises(StandingError):
            await shop.store.write(standing.bind, identity, shop.clock())


async def test_a_database_of_another_supplier_does_not_start(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.say(METER)
        await execute(shop, "UPDATE binding SET cid = 'live'")
    with pytest.raises(StandingError, match="client live"):
        async with world(tmp_path, at=NOON + MINUTE):
            pass


async def test_it_is_bound_to_another_supplier_only_with_nothing_open_and_by_name(shop: World) -> None:
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    await shop.say(f"{METER} 20")
    await shop.say("bayar")
    with pytest.raises(DecisionError, match="T10001 first"):
        await shop.store.write(standing.rebind, OTHER, "Ibu Sri", "live now", shop.clock())
    await shop.store.write(settlement.absent, (await shop.purchases())[0], shop.shop, 1, actor="x", reason="y")
    with pytest.raises(DecisionError, match="needs the name"):
        await shop.store.write(standing.rebind, OTHER, "", "live now", shop.clock())
    assert await shop.store.write(standing.rebind, OTHER, "Ibu Sri", "live now", shop.clock()) == SANDBOX
    await shop.store.read(standing.hold_to, OTHER)


async def test_read_only_nothing_is_sold_and_no_money_moves(shop: World) -> None:
    await shop.say(f"{METER} 20")  # the card stands already
    await restrict(shop)
    assert await shop.keys("bayar") == ["maint.agent"]
    assert (await shop.keys(f"{METER} 50")) == ["maint.agent"]
    assert shop.sandbox.count("PAY") == 0
    agent = await shop.store.read(people.find_agent, "Budi Cell")
    with pytest.raises(StandingError, match="read-only"):
        await shop.store.write(people.top_up, agent, 1_000, "x", "test", shop.shop, shop.clock())
    with pytest.raises(StandingError, match="read-only"):
        await shop.store.write(people.top_up_supplier, 1_000, "x", "test", shop.clock())
    assert await balance(shop) == (500_000, 0)
    assert (await shop.keys("saldo"))[-1] == "bal.card"  # reading goes on


async def test_read_only_answers_are_stored_and_applied_once_it_is_released(shop: World) -> None:
    shop.sandbox.force(Behaviour.PENDING_SUCCESS)
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    await restrict(shop)
    for _ in range(3):
        await shop.later(MINUTE)
    assert shop.sandbox.books.sales()  # advice went on, and the supplier has told
    assert [one.state for one in await shop.purchases()] == [State.UNKNOWN]
    assert await balance(shop) == (500_000, 52_000)
    assert await shop.violations() == []
    await shop.store.write(standing.lift, "Ibu Sri", "compared by hand", shop.clock())
    said = await shop.later(SECOND)
    assert [one.key for one in said] == ["token.only", "late.done"]
    assert await balance(shop) == (448_000, 0)
    assert await shop.violations() == []


async def test_what_was_confirmed_before_the_books_were_found_wrong_is_neither_sent_nor_given_back(shop: World) -> None:
    await shop.say(f"{METER} 50")
    await shop.put("bayar")
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()
    await restrict(shop, "violation")
    for _ in range(3):
        await shop.setrum.drain()
        assert [one.state for one in await shop.purchases()] == [State.CONFIRMED]
        shop.clock.forward(MINUTE)
    assert shop.sandbox.count("PAY") == 0
    assert await balance(shop) == (500_000, 52_000)
    await shop.store.write(standing.lift, "Ibu Sri", "counted again", shop.clock())
    await shop.settle()
    assert [one.state for one in await shop.purchases()] == [State.FAILED]  # by now it is too old to be sent
    assert shop.sandbox.count("PAY") == 0
    assert await balance(shop) == (500_000, 0)


async def test_confirmed_in_a_restored_copy_is_no_proof_of_being_unsent(tmp_path: Path) -> None:
    """The original sold it after the copy was made: the copy must find that sale, never pay for it again."""
    async with world(tmp_path) as shop:
        await shop.say(f"{METER} 50")
        await shop.put("bayar")
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
        [placed] = await shop.purchases()
        assert placed.state is State.CONFIRMED
        shop.sandbox.books.sell(placed.trxid, METER, "531234567890", 50_000, 1_600, 1, 0, shop.clock() + SECOND)
        await restrict(shop)
    async with world(tmp_path, at=NOON + 30 * SECOND) as shop:
        assert [one.state for one in await shop.purchases()] == [State.UNKNOWN]
        await shop.setrum.drain()
        assert shop.sandbox.count("PAY") == 0
        await shop.store.write(standing.lift, "Ibu Sri", "nothing was sold since", shop.clock())
        for _ in range(3):
            await shop.later(MINUTE)
        assert shop.sandbox.count("PAY") == 0
        [found] = await shop.purchases()
        assert found.state is State.SUCCESS
        assert await shop.violations() == []


async def test_wrong_books_stop_sales_page_the_owner_and_are_released_only_by_name(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.say("menu", "boss")
        await execute(shop, "UPDATE account SET posted = posted + 1 WHERE id = 'agent:1'")
    async with world(tmp_path, at=NOON + MINUTE) as shop:
        await shop.settle()
        assert [said.key for said in shop.phone.read if said.to == "boss"] == ["own.violation"]
        assert (await shop.keys(f"{METER} 20")) == ["maint.agent"]
        assert shop.sandbox.count("PAY") == 0
        with pytest.raises(DecisionError):
            await shop.store.write(standing.lift, "", "", shop.clock())
    async with world(tmp_path, at=NOON + HOUR) as shop:  # the next start finds it again and pages nobody twice
        await shop.settle()
        assert [said.key for said in shop.phone.read if said.to == "boss"] == []


async def test_a_shop_of_many_sales_opens_at_once_and_its_books_are_verified_meanwhile(tmp_path: Path) -> None:
    large = dataclasses.replace(SHOP, verified_first=0)
    async with world(tmp_path) as shop:
        await shop.say(f"{METER} 20")
        await shop.say("bayar")
        await execute(shop, "UPDATE account SET posted = posted + 1 WHERE id = 'agent:1'")
    async with world(tmp_path, at=NOON + MINUTE, shop=large) as shop:
        assert await shop.keys(f"{METER} 50") == ["buy.pay"]
        assert await shop.setrum._audit_nightly() == 1  # what the loop does as soon as it runs
        assert await shop.keys("bayar") == ["maint.agent"]
        assert await shop.setrum._audit_nightly() == 0


async def test_the_nightly_audit_finds_what_the_start_could_not(shop: World) -> None:
    due = shop.setrum.audit_due
    assert (due + 7 * HOUR) % (24 * HOUR) == 90 * MINUTE  # 01.30 WIB, after PLN's closing
    await execute(shop, "UPDATE account SET posted = posted + 1 WHERE id = 'agent:1'")
    await shop.setrum.audit()
    found = await shop.store.read(standing.restriction)
    assert found is not None
    assert found.kind == "violation"
    assert "agent:1 has 500001" in found.detail


async def test_an_answer_between_storing_and_applying_is_no_violation_of_a_working_shop(shop: World) -> None:
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    await shop.say(f"{METER} 20")
    await shop.say("bayar")
    await execute(shop, "UPDATE exchange SET applied_at = NULL WHERE command = 'PAY'")
    assert await shop.store.read(watch.find_violations, shop.clock()) == []
    assert len(await shop.store.read(watch.find_violations, shop.clock() + 2 * MINUTE)) == 1


async def test_the_owner_hears_once_that_the_suppliers_deposit_runs_out(shop: World) -> None:
    await shop.say("menu", "boss")
    for amount in (1, 9_900_000):
        await shop.store.write(people.top_up_supplier, amount, f"r{amount}", "test", shop.clock())
    assert await shop.store.write(watch.look, shop.shop, shop.clock()) == 0  # nothing sold, nothing runs out
    await shop.say(f"{METER} 200")
    await shop.say("bayar")
    assert await shop.store.write(watch.look, shop.shop, shop.clock()) == 0
    await execute(shop, "UPDATE account SET posted = -50000 WHERE id = 'vsi:deposit'")
    for _ in range(3):
        await shop.store.write(watch.look, shop.shop, shop.clock())
        await shop.settle()
    told = [said.text for said in shop.phone.read if said.key == "dep.low"]
    assert told == ["🪫 Deposit VSI ±Rp50.000, cukup ±5 jam."]


@pytest.mark.parametrize(("ahead", "told"), [(0, 0), (59, 0), (-59, 0), (90, 1), (-3_600, 1)])
async def test_the_owner_hears_that_the_suppliers_clock_differs(tmp_path: Path, ahead: int, told: int) -> None:

    async with world(tmp_path, readings=Readings(clock_ahead_seconds=ahead)) as shop:
        await shop.say("menu", "boss")
        await shop.say(f"{METER} 20")
        await shop.say("bayar")
        for _ in range(2):
            await shop.store.write(watch.look, shop.shop, shop.clock())
        await shop.settle()
        assert len([said for said in shop.phone.read if said.key == "own.clock"]) == told


async def test_a_token_that_the_original_may_have_sent_is_headed_as_a_repeat_by_the_copy(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.say(f"{METER} 50")
        await shop.put("bayar")
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
        await shop.setrum.purchasing.dispatch()
        await shop.setrum.purchasing.idle()  # sold; the token is queued and not yet sent
        await shop.store.write(standing.restrict, "restored", "a copy", shop.clock(), shop.clock())
    async with world(tmp_path, at=NOON + MINUTE) as shop:
        read = await shop.settle()
        assert [said.key for said in read] == ["buy.processing", "resend.head", "resend.head"]
