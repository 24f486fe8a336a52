"""Rare orders of events, each of which once went wrong: crashes, copies, reports and the owner across one another."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR, MINUTE, SECOND
from bot.domain.proof import read_span
from bot.domain.purchase import Purchase, State
from bot.domain.report import Stated, layout
from bot.domain.supply import Sale
from bot.ports import Tx
from bot.sandbox import Behaviour, Raw, Readings
from bot.services import breaker, by_hand, ledger, purchases, reconciliation, settlement, standing, strays
from bot.services.absence import Claim
from bot.services.breaker import Position
from bot.services.decisions import DecisionError
from bot.services.reconciliation import Outcome
from bot.store import backup
from bot.store.sqlite import SqliteStore
from bot.verbs.pending import _stray_facts
from tests.services.test_reconciliation import LAYOUT
from tests.statement import report_of
from tests.world import NOON, SHOP, World, execute, world

METER = "54123456789"
IDPEL = "531234567890"
REFUSAL = "<root><status>ERROR</status><rc>{0:04}</rc><rcm>[{0}] TIDAK BISA ke:1</rcm></root>"


class Held(RuntimeError):
    """The process does not come past this point."""


def refuses(shop: World, command: str, rc: int) -> None:
    shop.sandbox.script(command, Raw(REFUSAL.format(rc).encode()))


def until(point: str) -> Callable[[str], None]:
    def pass_point(name: str) -> None:
        if name == point:
            raise Held

    return pass_point


async def buy(shop: World, meter: str = METER, amount: int = 50) -> Purchase:
    await shop.say(f"{meter} {amount}")
    await shop.say("bayar")
    return (await shop.purchases())[-1]


async def confirmed(shop: World) -> Purchase:
    """Confirmed, and nothing of it on the wire."""
    await shop.say(f"{METER} 50")
    await shop.put("bayar")
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()
    placed = (await shop.purchases())[-1]
    assert placed.state is State.CONFIRMED
    return placed


def sells_late(shop: World, purchase: Purchase, groups: int = 1) -> tuple[str, ...]:
    now = shop.clock()
    sold = shop.sandbox.books.sell(purchase.trxid, purchase.msn, IDPEL, purchase.denomination, 1_600, groups, 0, now)
    return sold.tokens


async def reported(shop: World, data: bytes, columns: str = "", claim: Claim | None = None) -> Outcome:
    how = layout(columns, "") if columns else LAYOUT
    filed = reconciliation.filed(data, "r.csv", how, "Ibu Sri")
    return await reconciliation.reconcile(shop.store, filed, claim or Claim(), shop.shop, shop.clock)


def nothing_sold(span: str) -> Claim:
    return Claim(Stated(total=0, count=0, opening=5, closing=5), read_span(span))


def back_up(shop: World, folder: Path) -> None:
    backup.back_up(folder / "setrum.db", folder / "copy.sqlite", shop.clock(), lambda _, __: None)


def restore(folder: Path, now: int) -> None:
    backup.restore(folder / "copy.sqlite", folder / "setrum.db", now, key_file=None, replace=True, dated="before")


async def balance(shop: World) -> tuple[int, int]:
    account = await shop.store.read(ledger.agent_account, 1)
    return account.posted, account.held


def boss(shop: World) -> list[str]:
    return [said.key for said in shop.phone.read if said.to == "boss"]


def release(tx: Tx, now: int) -> None:
    """As `setrum release` does it."""
    settlement.doubt_restored(tx, SHOP, now, 0)
    standing.lift(tx, "Ibu Sri", "compared by hand", now)


async def test_a_restored_copy_does_not_know_the_days_until_it_was_put_in_place(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        back_up(shop, tmp_path)
    restore(tmp_path, NOON + 4 * DAY)
    async with world(tmp_path, at=NOON + 4 * DAY) as shop:
        assert not (await reported(shop, report_of([]), claim=nothing_sold("2026-11-25..2026-11-26"))).lifted
        shop.clock.forward(2 * DAY)
        assert (await reported(shop, report_of([]) + b"\n", claim=nothing_sold("2026-11-25..2026-11-30"))).lifted


async def test_a_copy_that_was_merely_moved_into_place_counts_from_its_first_start(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        back_up(shop, tmp_path)
    for name in ("setrum.db", "setrum.db-wal", "setrum.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "copy.sqlite").rename(tmp_path / "setrum.db")
    async with world(tmp_path, at=NOON + 4 * DAY) as shop:
        found = await shop.store.read(standing.restriction)
        assert found is not None
        assert (found.copied_at, found.since) == (NOON, NOON + 4 * DAY)


@pytest.mark.parametrize("age", [20 * SECOND, HOUR])
async def test_released_before_its_first_start_a_copy_neither_pays_again_nor_refunds(tmp_path: Path, age: int) -> None:
    async with world(tmp_path) as shop:
        await confirmed(shop)
        back_up(shop, tmp_path)
        await shop.settle()  # the original goes on and sells it
        assert shop.sandbox.count("PAY") == 1
    restore(tmp_path, NOON + age)
    store = await SqliteStore.open(tmp_path / "setrum.db", NOON + age)
    await store.write(release, NOON + age)
    await store.close()
    async with world(tmp_path, at=NOON + age) as shop:
        for _ in range(4):
            await shop.later(MINUTE)
        assert shop.sandbox.count("PAY") == 0
        assert [one.state for one in await shop.purchases()] == [State.SUCCESS]
        assert await balance(shop) == (448_000, 0)
        assert await shop.violations() == []


async def test_released_by_a_report_before_its_first_start_a_copy_neither_pays_again_nor_refunds(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as shop:
        await confirmed(shop)
        back_up(shop, tmp_path)
        await shop.settle()  # the original goes on and sells it
    later = NOON + 2 * DAY
    restore(tmp_path, later)
    store = await SqliteStore.open(tmp_path / "setrum.db", later)
    filed = reconciliation.filed(report_of([]), "r.csv", LAYOUT, "Ibu Sri")
    claim = nothing_sold("2026-11-25..2026-11-28")
    outcome = await reconciliation.reconcile(store, filed, claim, SHOP, lambda: later + 3 * DAY)
    await store.close()
    assert outcome.lifted
    async with world(tmp_path, at=later + 3 * DAY) as shop:
        assert shop.sandbox.count("PAY") == 0
        assert [one.state for one in await shop.purchases()] == [State.MANUAL]  # in doubt for days
        assert await balance(shop) == (500_000, 52_000)


async def test_a_report_never_releases_a_copy_whose_books_are_wrong(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await execute(shop, "UPDATE account SET posted = posted + 1 WHERE id = 'agent:1'")
        await shop.setrum.audit()
        back_up(shop, tmp_path)
    restore(tmp_path, NOON + DAY)
    async with world(tmp_path, at=NOON + 3 * DAY) as shop:
        outcome = await reported(shop, report_of([]), claim=nothing_sold("2026-11-25..2026-11-27"))
        assert not outcome.lifted


async def test_a_trial_that_was_settled_otherwise_keeps_sales_closed_for_nobody(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        refuses(shop, "PAY", 46)
        await buy(shop, "54123456780", 20)
        shop.sandbox.script("PAY", None)
        await shop.store.write(breaker.try_again, "Ibu Sri", "deposit filled", shop.clock())
        await confirmed(shop)
        with pytest.raises(DecisionError, match="on trial already"):
            await shop.store.write(breaker.try_again, "Ibu Sri", "again", shop.clock())
        await shop.store.write(standing.restrict, "restored", "a copy", shop.clock(), shop.clock())
    async with world(tmp_path, at=NOON + MINUTE) as shop:
        await shop.store.write(release, shop.clock())
        assert (await shop.purchases())[-1].state is State.UNKNOWN
        assert "pay.done" in [said.key for said in [*await shop.say("54123456781 20"), *await shop.say("bayar")]]
        assert (await shop.store.read(breaker.read)).state is Position.CLOSED


async def test_the_owner_hears_that_his_trial_failed_and_never_that_sales_go_on(shop: World) -> None:
    await shop.say("menu", "boss")
    refuses(shop, "PAY", 46)
    await buy(shop, "54123456780", 20)
    await shop.store.write(breaker.try_again, "Ibu Sri", "deposit filled", shop.clock())
    await buy(shop, "54123456781", 20)
    await shop.store.write(breaker.try_again, "Ibu Sri", "deposit filled", shop.clock())
    shop.sandbox.script("PAY", Raw(b""))
    await buy(shop, "54123456782", 20)
    assert boss(shop) == ["start.owner", "alarm.stop", "alarm.stop", "alarm.trial"]


async def test_a_reference_that_the_supplier_cannot_be_asked_by_stops_no_advice(shop: World) -> None:
    shop.sandbox.force(Behaviour.DROP_SOLD)
    purchase = await buy(shop)
    data = f"TRXID;REF;TOTAL\n{purchase.trxid};VSI2026112500017;51600\n".encode()
    await reported(shop, data, "trxid=TRXID,payref=REF,total=TOTAL")
    await shop.later(MINUTE)
    assert (await shop.purchases())[0].state is State.SUCCESS


@pytest.mark.parametrize("behaviour", [Behaviour.REFUSED_SOLD, Behaviour.DROP_SOLD])
async def test_our_own_sale_in_a_report_that_leaves_things_out_is_never_made_a_strangers(
    shop: World, behaviour: Behaviour
) -> None:
    shop.sandbox.force(behaviour)
    await buy(shop)
    [sold] = shop.sandbox.sales()
    data = f"REF;METER;TOTAL;TOKEN\n{sold.payref};{METER};51600;{sold.tokens[0]}\n".encode()
    outcome = await reported(shop, data, "payref=REF,msn=METER,total=TOTAL,token=TOKEN")
    assert [one.result for one in outcome.sums] == ["held"]
    for _ in range(10):
        await shop.later(40 * SECOND)
    assert (await shop.purchases())[0].state is State.SUCCESS
    assert await balance(shop) == (448_000, 0)


async def test_a_strays_token_never_counts_against_a_purchase_that_it_might_be(shop: World) -> None:
    shop.sandbox.force(Behaviour.REFUSED_SOLD)
    await buy(shop)
    [sold] = shop.sandbox.sales()
    sale = Sale(msn=METER, total=51_600, tokens=sold.tokens, payref=sold.payref, paid_at=sold.sold_at)
    await shop.store.write(strays.found, "unknown", sale, shop.clock(), source="report")
    for _ in range(10):
        await shop.later(40 * SECOND)
    assert (await shop.purchases())[0].state is State.VERIFY
    assert await balance(shop) == (500_000, 52_000)


async def test_the_owner_hears_of_doubt_even_where_the_machine_was_off_when_it_was_due(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.say("menu", "boss")
        shop.sandbox.forced = Behaviour.DROP_UNSOLD
        await buy(shop)
    async with world(tmp_path, at=NOON + 9 * HOUR) as shop:
        await shop.later(SECOND)
        assert [one.state for one in await shop.purchases()] == [State.MANUAL]
        assert boss(shop) == ["own.manual"]


async def test_the_owners_credit_token_and_the_advices_three_groups_are_one_sale(tmp_path: Path) -> None:
    held = [until("advice stored")]

    def point(name: str) -> None:
        held[0](name)

    async with world(tmp_path, point=point) as shop:
        shop.sandbox.script("PAY", Raw(b""))
        purchase = await buy(shop)
        tokens = sells_late(shop, purchase, groups=3)
        await shop.later(11 * MINUTE)  # the advice is answered and stored, not applied

        def settle(tx: Tx) -> Purchase:
            word = by_hand.Word("Ibu Sri", "their mail")
            stated = by_hand.Stated(tokens[-1])
            return by_hand.settle_sold(tx, purchases.by_id(tx, purchase.id), stated, word, shop.shop, shop.clock())

        assert (await shop.store.write(settle)).state is State.SUCCESS
        held[0] = until("")
        await shop.later(SECOND)
        assert await shop.store.read(strays.opened) == []
        assert await shop.violations() == []


async def test_no_list_shows_a_strays_token(shop: World) -> None:
    sale = Sale(msn=METER, total=51_600, tokens=("12345678901234567890",))
    await shop.store.write(strays.found, "unknown", sale, shop.clock(), source="report")
    [stray] = await shop.store.read(strays.opened)
    assert "12345678901234567890" not in json.dumps(_stray_facts(stray))


async def test_three_refused_advices_name_the_setting_that_is_probably_wrong(shop: World) -> None:
    await shop.say("menu", "boss")
    shop.sandbox.forced = Behaviour.DROP_UNSOLD
    refuses(shop, "ADV", 30)
    await buy(shop)
    for _ in range(8):
        await shop.later(MINUTE)
    told = [said.text for said in shop.phone.read if said.key == "own.refused"]
    assert len(told) == 1
    assert "VSI_ADV_TRXID" in told[0]


async def test_a_successor_that_never_sold_bounds_nobodys_late_sale(shop: World) -> None:
    await buy(shop, "54123456781")  # measures the clock
    refuses(shop, "PAY", 47)
    first = await buy(shop)
    for _ in range(5):
        await shop.later(40 * SECOND)
    assert (await shop.purchases())[-1].state is State.FAILED
    refuses(shop, "PAY", 77)
    assert (await buy(shop)).state is State.FAILED
    await shop.later(20 * MINUTE)
    sells_late(shop, first)
    for _ in range(3):
        await shop.later(HOUR)
    assert [one.state for one in await shop.purchases()] == [State.SUCCESS, State.LATE, State.FAILED]


async def test_a_clock_that_was_wrong_when_it_was_measured_refunds_nothing_that_was_sold(shop: World) -> None:
    """Our clock was ten minutes slow for the payments that measured the supplier's, then it was set right."""
    await buy(shop, "54123456781")
    await execute(shop, "UPDATE purchase SET clock_offset = 600000 WHERE id = 10001")
    refuses(shop, "PAY", 47)
    purchase = await buy(shop)
    sells_late(shop, purchase)
    for _ in range(10):
        await shop.later(40 * SECOND)
    assert (await shop.purchases())[-1].state is State.VERIFY


async def test_a_clock_set_back_sends_nothing_late(shop: World) -> None:
    await confirmed(shop)
    await execute(shop, "INSERT INTO breaker VALUES (1, 'open', 'probe', 90, 0, 0, NULL, NULL)")
    await shop.settle()
    shop.clock.at -= HOUR
    await execute(shop, "UPDATE breaker SET state = 'closed'")
    await shop.settle()
    assert shop.sandbox.count("PAY") == 0
    assert (await shop.purchases())[0].state is State.FAILED


async def test_an_advice_that_answers_with_the_earliest_sale_refunds_no_later_one(tmp_path: Path) -> None:
    """The supplier says no in words, has sold all the same, and its advices know only the day's first sale."""
    async with world(tmp_path, readings=Readings(advice_matches="earliest")) as shop:
        await buy(shop)
        shop.sandbox.force(Behaviour.REFUSED_SOLD)
        await shop.say(f"{METER} 50")
        await shop.say("#2")
        await shop.say("bayar")
        assert len(shop.sandbox.sales()) == 2
        for _ in range(12):
            await shop.later(40 * SECOND)
        assert (await shop.purchases())[-1].state is State.VERIFY
        assert await balance(shop) == (448_000, 52_000)
        await shop.later(2 * HOUR)
        assert (await shop.purchases())[-1].state is State.MANUAL


async def test_advices_after_midnight_do_not_count_against_a_purchase_of_the_day_before(tmp_path: Path) -> None:
    """The supplier says no in words, has sold all the same, and its advices see their own day only."""
    async with world(tmp_path, at=NOON + 12 * HOUR - 20 * SECOND) as shop:
        shop.sandbox.force(Behaviour.REFUSED_SOLD)
        shop.sandbox.script("ADV", Raw(REFUSAL.format(68).encode()))
        await buy(shop)
        shop.clock.forward(30 * SECOND)
        shop.sandbox.script("ADV", None)
        for _ in range(12):
            await shop.later(40 * SECOND)
        assert (await shop.purchases())[-1].state is State.VERIFY
        assert await balance(shop) == (500_000, 52_000)


@pytest.mark.parametrize("ahead", [420, -300, 0])
@pytest.mark.parametrize("measured", [False, True])
async def test_no_clock_of_a_supplier_makes_midnight_refund_what_was_sold(
    tmp_path: Path, measured: bool, ahead: int
) -> None:
    """Whichever clock it dates by, and whichever it looks by: across midnight its advices may find nothing."""
    at = NOON + 12 * HOUR - (max(0, ahead)) * SECOND - 30 * SECOND
    async with world(tmp_path, at=at, readings=Readings(clock_ahead_seconds=ahead, strict_date=False)) as shop:
        if measured:
            await buy(shop, "54123456781")
        shop.sandbox.force(Behaviour.REFUSED_SOLD)
        purchase = await buy(shop)
        refuses(shop, "ADV", 96)  # its books are of the next day already
        for _ in range(8):
            await shop.later(40 * SECOND)
        assert (await shop.purchases())[-1].state is State.VERIFY
        assert purchase.trxid == shop.sandbox.sales()[-1].trxid


async def test_a_late_sale_that_its_successors_advice_brought_first_is_its_own_by_the_report(shop: World) -> None:
    """Given up, bought again, sold twice: the first token came as the successor's second one, and the report knows."""
    await buy(shop, "54123456781")
    refuses(shop, "PAY", 47)
    first = await buy(shop)
    for _ in range(5):
        await shop.later(40 * SECOND)
    assert (await shop.purchases())[-1].state is State.FAILED
    shop.sandbox.script("PAY", None)
    second = await buy(shop)
    assert second.state is State.SUCCESS
    sells_late(shop, first)
    late = shop.sandbox.sales()[-1]
    sale = Sale(msn=METER, total=51_600, tokens=late.tokens, adm=1_600, payref=late.payref, paid_at=late.sold_at)
    await shop.store.write(settlement.apply_sale, second, sale, shop.shop, shop.clock(), exact=False, source="ADV")
    assert [one.kind for one in await shop.store.read(strays.opened)] == ["double"]
    await reported(shop, report_of(shop.sandbox.sales()))
    assert [one.state for one in await shop.purchases()] == [State.SUCCESS, State.LATE, State.SUCCESS]
    assert await shop.store.read(strays.opened) == []
    assert (await shop.store.read(ledger.account, "suspense:late")).posted == 0
    assert await shop.violations() == []


async def test_a_stray_that_was_never_booked_leaves_nothing_in_suspense_when_its_purchase_adopts_it(
    shop: World,
) -> None:
    """Found while the database was read-only: no money moved then, and none may come back from suspense."""
    sale = Sale(msn=METER, total=51_600, tokens=("1" * 20,), payref="A" * 32)
    await shop.store.write(standing.restrict, "restored", "a copy", shop.clock(), shop.clock())
    await shop.store.write(strays.found, "unknown", sale, shop.clock(), source="report")
    await shop.store.write(release, shop.clock())
    assert await shop.store.write(strays.adopt, sale, shop.clock())
    await shop.store.write(strays.post_waiting, shop.clock())
    assert (await shop.store.read(ledger.account, "suspense:late")).posted == 0
    assert await shop.violations() == []


async def test_a_sale_that_two_strays_know_is_adopted_by_nobody(shop: World) -> None:
    """One by its token, another by its reference: which of them it is, a person has to say."""
    sale = Sale(msn=METER, total=51_600, tokens=("1" * 20,), payref="A" * 32)
    other = Sale(msn=METER, total=51_600, tokens=("2" * 20,), payref="A" * 32)
    for one in (sale, other):
        await shop.store.write(strays.found, "unknown", one, shop.clock(), source="report")
    assert not await shop.store.write(strays.adopt, sale, shop.clock())
    assert len(await shop.store.read(strays.opened)) == 2
    assert await shop.violations() == []
