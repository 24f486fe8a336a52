"""The supplier's report against our books: each kind of mismatch, in each state of ours, and what it does to money."""

import dataclasses
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.clock import DAY, HOUR, MINUTE, SECOND
from bot.domain.ledger import Account
from bot.domain.proof import Condition, read_span
from bot.domain.purchase import OPEN, Purchase, State
from bot.domain.report import Stated, layout
from bot.sandbox import Behaviour
from bot.sandbox.ledger import Sold
from bot.services import by_hand, ledger, purchases, reconciliation, standing, strays
from bot.services.absence import Claim
from bot.services.by_hand import Word
from bot.services.decisions import DecisionError
from bot.services.reconciliation import Outcome
from bot.services.standing import StandingError
from bot.services.strays import Stray
from bot.settings import Settings
from tests.statement import OPENING, report_of
from tests.world import NOON, SHOP, World, world

METER = "54123456789"
SUCCESS = Settings.model_fields["recon_success"].default
LAYOUT = layout(Settings.model_fields["recon_columns"].default, SUCCESS)
NO_TRXID = layout("msn=NO METER,total=TOTAL,token=TOKEN,paid_at=TANGGAL", "")
COVERS = read_span("2026-11-25..2026-11-26")


class Dead(RuntimeError):
    """The process ends here."""


class Points:
    """Where the process dies, if anywhere."""

    def __init__(self) -> None:
        self.dies_at = ""
        self.passed: list[str] = []

    def __call__(self, name: str) -> None:
        self.passed.append(name)
        if name == self.dies_at:
            raise Dead(name)


POINTS = Points()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    POINTS.dies_at, POINTS.passed = "", []
    async with world(tmp_path, point=POINTS, pay_seconds=30.0) as made:
        yield made


async def buy(shop: World, meter: str = METER, nominal: int = 50, behaviour: Behaviour | None = None) -> Purchase:
    if behaviour is not None:
        shop.sandbox.force(behaviour)
    await shop.say(f"{meter} {nominal}")
    await shop.say("bayar")
    return (await shop.purchases())[-1]


async def in_state(shop: World, state: State) -> Purchase:
    """A purchase in the state, whose sale stands in the supplier's books and nobody here knows it, if not sold."""
    match state:
        case State.CONFIRMED:
            POINTS.dies_at = "before T3"
        case State.SENDING:
            POINTS.dies_at = "answer read"
    bought = await buy(
        shop,
        behaviour={
            State.UNKNOWN: Behaviour.DROP_SOLD,
            State.MANUAL: Behaviour.DROP_SOLD,
            State.VERIFY: Behaviour.REFUSED_SOLD,
            State.FAILED: Behaviour.KWH_LIMIT,
            State.LATE: Behaviour.KWH_LIMIT,
        }.get(state),
    )
    POINTS.dies_at = ""
    if state is State.MANUAL:
        shop.clock.forward(2 * HOUR + MINUTE)
        await shop.setrum.purchasing.tend()
    if state in (State.FAILED, State.LATE):
        for _ in range(4):
            await shop.later(40 * SECOND)
    if not any(one.trxid == bought.trxid for one in shop.sandbox.sales()):
        sell(shop, bought.trxid)
    if state is State.LATE:
        await reconcile(shop)
    (found,) = await shop.purchases()
    assert found.state is state
    return found


def sell(shop: World, trxid: str, meter: str = METER, nominal: int = 50_000, adm: int = 1_600, groups: int = 1) -> Sold:
    return shop.sandbox.books.sell(trxid, meter, f"5{meter}", nominal, adm, groups, 0, shop.clock())


async def change(shop: World, column: str, value: int | str) -> None:
    """The newest purchase, behind the shop's back."""
    (*_, newest) = await shop.purchases()
    changed = dataclasses.replace(newest, **{column: value})  # type: ignore[arg-type]  # by name
    await shop.store.write(purchases.save, newest, changed)


async def reconcile(
    shop: World, data: bytes | None = None, claim: Claim | None = None, how: Any = LAYOUT, **options: Any
) -> Outcome:
    what = reconciliation.filed(report_of(shop.sandbox.sales()) if data is None else data, "r.csv", how, "Ibu Sri")
    return await reconciliation.reconcile(shop.store, what, claim or Claim(), shop.shop, shop.clock, **options)


def results(outcome: Outcome) -> dict[str, int]:
    return {one.result: one.count for one in outcome.sums}


async def tell(shop: World) -> list[str]:
    """What the owner and the agent then read, and the audit is clean."""
    before = len(shop.phone.read)
    for sender in shop.setrum.senders:
        await sender.work()
    assert await shop.violations() == []
    return [f"{said.to} {said.key}" for said in shop.phone.read[before:]]


async def books(shop: World) -> dict[str, tuple[int, int]]:
    def unit(tx: Any) -> list[Account]:
        return [ledger.account(tx, name) for name in ("agent:1", "vsi:deposit", "income:margin", "expense:adm")]

    return {one.id: (one.posted, one.held) for one in await shop.store.read(unit)}


async def suspense(shop: World) -> int:
    def unit(tx: Any) -> int:
        ledger.open_account(tx, "suspense:late", guarded=False)
        return -ledger.account(tx, "suspense:late").posted

    return await shop.store.write(unit)


async def found_strays(shop: World) -> list[Stray]:
    return await shop.store.read(strays.opened)


# theirs and ours


async def test_a_sale_that_both_know_matches_and_nothing_moves(shop: World) -> None:
    await buy(shop)
    before = await books(shop)
    outcome = await reconcile(shop)
    assert results(outcome) == {"matched": 1}
    assert await books(shop) == before
    assert await tell(shop) == []


@pytest.mark.parametrize("state", OPEN)
@pytest.mark.parametrize("by", ["trxid", "payref", "meter"])
async def test_theirs_and_ours_open_is_sold_with_its_token(shop: World, state: State, by: str) -> None:
    await shop.say("halo", "boss")
    bought = await in_state(shop, state)
    if by == "meter" and state is State.CONFIRMED:
        return  # provably unsent: nothing but its trxid says otherwise
    if by == "payref":
        await change(shop, "payref", shop.sandbox.sales()[0].payref)
    data = report_of(shop.sandbox.sales(), without={"trxid": (), "payref": ["TRXID"], "meter": ["TRXID", "NO REF"]}[by])
    outcome = await reconcile(shop, data)
    assert results(outcome) == {"sold": 1}
    (sold,) = await shop.purchases()
    assert (sold.id, sold.state) == (bought.id, State.SUCCESS)
    assert (await books(shop))["agent:1"] == (500_000 - 52_000, 0)
    told = await tell(shop)
    assert "budi token.only" in told
    # what the supplier answers meanwhile changes nothing
    await shop.later(HOUR)
    assert (await books(shop))["agent:1"] == (500_000 - 52_000, 0)
    assert await shop.violations() == []
    assert len(shop.sandbox.sales()) == 1


async def test_theirs_and_ours_failed_is_late_and_stays_refunded(shop: World) -> None:
    await shop.say("halo", "boss")
    await in_state(shop, State.FAILED)
    outcome = await reconcile(shop)
    assert results(outcome) == {"late": 1}
    assert (await shop.purchases())[0].state is State.LATE
    assert (await books(shop))["agent:1"] == (500_000, 0)
    assert "boss own.late" in await tell(shop)


async def test_theirs_and_ours_late_matches(shop: World) -> None:
    await in_state(shop, State.LATE)
    assert results(await reconcile(shop, report_of(shop.sandbox.sales(), totals=False))) == {"matched": 1}
    assert await shop.violations() == []


@pytest.mark.parametrize("state", [*OPEN, State.SUCCESS, State.FAILED, State.LATE])
@pytest.mark.parametrize("has_token", [True, False])
async def test_theirs_twice_for_one_trxid_is_a_double_sale_in_suspense(
    shop: World, state: State, has_token: bool
) -> None:
    bought = await in_state(shop, state) if state is not State.SUCCESS else await buy(shop)
    shop.clock.forward(3 * SECOND)
    sell(shop, bought.trxid)
    without = () if has_token else ("TOKEN",)
    outcome = await reconcile(shop, report_of(shop.sandbox.sales(), without=without))
    if has_token or state in (State.SUCCESS, State.LATE):
        assert results(outcome)["double"] == 1
        assert await suspense(shop) == 51_600
        (stray,) = await found_strays(shop)
        assert (stray.kind, stray.purchase_id) == ("double", bought.id)
    else:  # nothing of it is attributed before a token is known
        assert results(outcome) == {"no token": 2}
    assert await shop.violations() == []
    assert (await reconcile(shop, report_of(shop.sandbox.sales(), without=without))).was_known
    again = await reconcile(shop, report_of(shop.sandbox.sales(), without=[*without, "NAMA"]))
    assert results(again).get("double", 0) == results(outcome).get("double", 0)
    assert await suspense(shop) == (51_600 if has_token or state in (State.SUCCESS, State.LATE) else 0)


async def test_theirs_and_unknown_to_us_is_known_from_now_on_and_pages_once(shop: World) -> None:
    await shop.say("halo", "boss")
    await buy(shop)
    for meter in ("54123456780", "54123456781"):
        sell(shop, "P01KB2N8QZJ0V5T3W9X7Y6R4M2A" if meter[-1] == "0" else "SOMEBODY", meter)
    outcome = await reconcile(shop)
    assert results(outcome) == {"matched": 1, "unknown": 2}
    assert await suspense(shop) == 2 * 51_600
    assert await tell(shop) == ["boss own.unknown_sales"]
    again = await reconcile(shop, report_of(shop.sandbox.sales(), totals=False))
    assert results(again) == {"matched": 1, "unknown": 2}
    assert await suspense(shop) == 2 * 51_600
    assert await tell(shop) == []


@pytest.mark.parametrize("trxid", ["P01KB2N8QZJ0V5T3W9X7Y6R4M2A", "SOMEBODY"])
async def test_a_stranger_is_the_same_whether_a_file_names_its_token_or_not(shop: World, trxid: str) -> None:
    sell(shop, trxid)
    for without in (["TOKEN", "NO REF"], ["NO REF"], ["TOKEN"], [], ["TRXID"]):
        outcome = await reconcile(shop, report_of(shop.sandbox.sales(), without=without))
        assert results(outcome) == {"unknown": 1}
    shop.clock.forward(SECOND)
    sell(shop, trxid)
    assert results(await reconcile(shop, report_of(shop.sandbox.sales(), without=["TOKEN", "NO REF"]))) == {
        "unknown": 2
    }
    assert await suspense(shop) == 2 * 51_600
    assert await shop.violations() == []


async def test_a_token_of_a_stray_sale_is_never_handed_out(shop: World) -> None:
    bought = await buy(shop, behaviour=Behaviour.DROP_UNSOLD)
    sell(shop, "P01KB2N8QZJ0V5T3W9X7Y6R4M2A")
    assert results(await reconcile(shop)) == {"unknown": 1}
    await shop.later(MINUTE)  # the advice answers with the stray's token
    assert (await shop.purchases())[0].state is bought.state is State.UNKNOWN
    assert await shop.violations() == []


# amounts


async def test_another_admin_fee_is_booked_once_and_the_agents_price_stays(shop: World) -> None:
    await shop.say("halo", "boss")
    await buy(shop)
    (sold,) = shop.sandbox.sales()
    data = report_of([dataclasses.replace(sold, adm=2_500)])
    before = await books(shop)
    assert results(await reconcile(shop, data)) == {"differs": 1}
    after = await books(shop)
    assert after["agent:1"] == before["agent:1"]
    assert after["vsi:deposit"][0] - before["vsi:deposit"][0] == 900
    assert after["expense:adm"][0] == -900
    assert await tell(shop) == ["boss own.differs"]
    assert results(await reconcile(shop, data.replace(b"NAMA", b"NAME"))) == {"matched": 1}
    third = report_of([dataclasses.replace(sold, adm=3_000)])
    assert results(await reconcile(shop, third)) == {"differs": 1}
    assert await books(shop) == after
    assert await shop.violations() == []


async def test_less_admin_fee_is_booked_the_other_way(shop: World) -> None:
    await buy(shop)
    (sold,) = shop.sandbox.sales()
    await reconcile(shop, report_of([dataclasses.replace(sold, adm=1_000)]))
    assert (await books(shop))["expense:adm"][0] == 600
    assert await shop.violations() == []


@pytest.mark.parametrize("decided", [False, True])
async def test_another_admin_fee_of_a_late_sale_is_booked_with_its_decision_or_after_it(
    shop: World, decided: bool
) -> None:
    late = await in_state(shop, State.LATE)
    (sold,) = shop.sandbox.sales()
    before = (await books(shop))["vsi:deposit"][0]
    word = Word("Ibu Sri", "ours")
    if decided:
        await shop.store.write(by_hand.settle_late, late, word, shop.clock(), agent_pays=False)
    assert results(await reconcile(shop, report_of([dataclasses.replace(sold, adm=2_500)]))) == {"differs": 1}
    if not decided:
        assert (await books(shop))["vsi:deposit"][0] == before
        (late,) = await shop.purchases()
        await shop.store.write(by_hand.settle_late, late, word, shop.clock(), agent_pays=False)
    assert (await books(shop))["vsi:deposit"][0] - before == 52_500
    assert await shop.violations() == []


@pytest.mark.parametrize("changed", [{"nominal": 20_000}, {"msn": "54123456780"}])
@pytest.mark.parametrize("state", [State.SUCCESS, State.UNKNOWN, State.FAILED])
async def test_another_amount_or_meter_only_alerts(shop: World, state: State, changed: dict[str, Any]) -> None:
    await shop.say("halo", "boss")
    bought = await buy(shop) if state is State.SUCCESS else await in_state(shop, state)
    await tell(shop)
    (sold,) = shop.sandbox.sales()
    before = await books(shop)
    outcome = await reconcile(shop, report_of([dataclasses.replace(sold, **changed)]))
    assert results(outcome) == {"differs" if state is State.SUCCESS else "held": 1}
    assert await books(shop) == before
    assert (await shop.purchases())[0].state is bought.state
    assert "boss own." in " ".join(await tell(shop))


# a report without tokens


@pytest.mark.parametrize("state", [State.UNKNOWN, State.VERIFY, State.MANUAL, State.FAILED])
async def test_without_a_token_the_sale_is_proven_kept_and_asked_about_by_its_reference(
    shop: World, state: State
) -> None:
    await shop.say("halo", "boss")
    await in_state(shop, state)
    held = (await books(shop))["agent:1"]
    outcome = await reconcile(shop, report_of(shop.sandbox.sales(), without=["TOKEN"]))
    assert results(outcome) == {"no token": 1}
    (kept,) = await shop.purchases()
    assert kept.payref == shop.sandbox.sales()[0].payref
    assert (kept.next_at or 0) <= shop.clock()
    assert kept.state is (State.MANUAL if state is State.VERIFY else state)
    assert (await books(shop))["agent:1"] == held
    assert "boss own.tokenless" in await tell(shop)
    await shop.later(SECOND)
    (sold,) = await shop.purchases()
    assert sold.state is (State.LATE if state is State.FAILED else State.SUCCESS)
    assert await shop.violations() == []


# matched by meter, amount and time


async def test_a_sale_long_after_ours_is_not_proven_to_be_ours_and_blocks_its_absence(shop: World) -> None:
    await buy(shop, behaviour=Behaviour.DROP_UNSOLD)
    shop.clock.forward(10 * MINUTE)
    sell(shop, "WHOSE")
    data = report_of(shop.sandbox.sales(), without=["TRXID", "NO REF"])
    shop.clock.at = NOON + 3 * DAY
    outcome = await reconcile(shop, data, proven(data, 51_600))
    assert results(outcome) == {"held": 1}
    assert outcome.absent == []
    assert await found_strays(shop) == []
    assert (await shop.purchases())[0].state is State.UNKNOWN
    assert await shop.violations() == []


async def test_a_failed_purchase_never_takes_the_token_of_its_successor(shop: World) -> None:
    failed = await in_state(shop, State.FAILED)
    shop.clock.forward(2 * HOUR)
    await buy(shop)
    first, second = shop.sandbox.sales()
    first = dataclasses.replace(first, sold_at=(failed.sent_at or 0) + 90 * SECOND)
    outcome = await reconcile(shop, report_of([second], without=["TRXID", "NO REF"]))
    assert results(outcome) == {"matched": 1}
    outcome = await reconcile(shop, report_of([first, second], without=["TRXID", "NO REF"]))
    assert [one.state for one in await shop.purchases()] == [State.LATE, State.SUCCESS]
    assert await shop.violations() == []


async def test_a_supplier_whose_clock_is_an_hour_ahead_is_matched_around_its_measured_offset(tmp_path: Path) -> None:
    POINTS.dies_at = ""
    async with world(tmp_path, point=POINTS, pay_seconds=30.0) as shop:
        await buy(shop, "54123456780")
        await change(shop, "clock_offset", HOUR)
        await change(shop, "paid_at", shop.clock() + HOUR)
        await buy(shop, behaviour=Behaviour.DROP_SOLD)
        ahead = [dataclasses.replace(one, sold_at=one.sold_at + HOUR) for one in shop.sandbox.sales()]
        outcome = await reconcile(shop, report_of(ahead, without=["TRXID", "NO REF"]))
        assert results(outcome) == {"matched": 1, "sold": 1}
        assert await shop.violations() == []


async def test_a_trxid_of_another_making_attributes_nothing(shop: World) -> None:
    await in_state(shop, State.UNKNOWN)
    (sold,) = shop.sandbox.sales()
    outcome = await reconcile(shop, report_of([dataclasses.replace(sold, trxid="778899", payref="ABC")]))
    assert results(outcome) == {"held": 1}
    assert (await shop.purchases())[0].state is State.UNKNOWN
    assert await found_strays(shop) == []


async def test_a_meter_with_leading_zeros_and_a_key_change_settle_whole(shop: World) -> None:
    bought = await buy(shop, "01234567890", behaviour=Behaviour.DROP_UNSOLD)
    sold = sell(shop, bought.trxid, "01234567890", groups=3)
    assert results(await reconcile(shop)) == {"sold": 1}
    credit_only = dataclasses.replace(sold, tokens=sold.tokens[-1:])
    assert results(await reconcile(shop, report_of([credit_only]))) == {"matched": 1}
    assert await found_strays(shop) == []
    assert await shop.violations() == []


# files


async def test_the_same_file_twice_changes_nothing_and_says_so(shop: World) -> None:
    await in_state(shop, State.UNKNOWN)
    sell(shop, "SOMEBODY", "54123456780")
    first = await reconcile(shop)
    before = await books(shop), len(await found_strays(shop)), await outbox(shop)
    second = await reconcile(shop)
    assert (first.was_known, second.was_known) == (False, True)
    assert results(first) == results(second) == {"sold": 1, "unknown": 1}
    assert (await books(shop), len(await found_strays(shop)), await outbox(shop)) == before


async def outbox(shop: World) -> int:
    return await shop.store.raw(lambda connection: int(connection.execute("SELECT COUNT(*) FROM outbox").fetchone()[0]))


@pytest.mark.parametrize("dies_at", ["opened", "piece kept", "piece applied"])
async def test_killed_between_units_the_same_file_finishes_what_was_left(shop: World, dies_at: str) -> None:
    await in_state(shop, State.UNKNOWN)
    for number in range(5):
        sell(shop, f"X{number}", f"5412345678{number}")
    data = report_of(shop.sandbox.sales())
    points = Points()
    points.dies_at = dies_at
    with pytest.raises(Dead):
        await reconcile(shop, data, most=2, point=points)
    assert await shop.violations() == []
    points.dies_at = ""
    outcome = await reconcile(shop, data, most=2, point=points)
    assert not outcome.was_known
    assert outcome.report.applied_at is not None
    assert results(outcome) == {"sold": 1, "unknown": 5}
    assert await suspense(shop) == 5 * 51_600
    assert await shop.violations() == []
    assert (await reconcile(shop, data)).was_known


async def test_the_same_bytes_read_by_other_columns_are_refused(shop: World) -> None:
    await buy(shop)
    data = report_of(shop.sandbox.sales())
    await reconcile(shop, data)
    with pytest.raises(DecisionError, match="RECON_COLUMNS"):
        await reconcile(shop, data, how=layout("trxid=TRXID,total=ADMIN", ""))


# absence


def proven(data: bytes, spent: int, covers: str = "2026-11-25..2026-11-26", **changed: int) -> Claim:
    figures = {"opening": OPENING, "closing": OPENING - spent} | changed
    return Claim(Stated(**figures), read_span(covers))


async def unsold(shop: World, at: int = NOON) -> Purchase:
    """A purchase in doubt, sent then and never sold; three days later."""
    shop.clock.at = at - MINUTE  # the client waits around midnight
    await buy(shop, behaviour=Behaviour.DROP_UNSOLD)
    await change(shop, "sent_at", at)
    (*_, found) = await shop.purchases()
    shop.clock.at = NOON + 3 * DAY
    return found


async def test_a_complete_report_lists_what_it_lacks_and_moves_nothing(shop: World) -> None:
    await buy(shop, "54123456780", 20)
    bought = await unsold(shop)
    data = report_of(shop.sandbox.sales())
    outcome = await reconcile(shop, data, proven(data, 21_600))
    assert outcome.verdict.shortcomings == []
    assert [str(day) for day in outcome.verdict.days] == ["2026-11-25"]
    assert [one.id for one in outcome.absent] == [bought.id]
    assert (await shop.purchases())[-1].state is State.UNKNOWN
    assert (await books(shop))["agent:1"][1] == 52_000
    assert await shop.violations() == []


async def test_the_hold_is_given_back_by_a_second_call_with_name_and_reason(shop: World) -> None:
    bought = await unsold(shop)
    data = report_of([])
    what = reconciliation.filed(data, "r.csv", LAYOUT, "Ibu Sri")

    async def void(wanted: frozenset[int] | None = None, actor: str = "Ibu Sri", reason: str = "not there") -> Any:
        args = (what.sha256, wanted, actor, reason, shop.shop, shop.clock())
        return await shop.store.write(reconciliation.void_absent, *args)

    with pytest.raises(DecisionError, match="not imported"):
        await void()
    await reconcile(shop, data, proven(data, 0))
    for actor, reason in (("", "x"), ("x", " ")):
        with pytest.raises(DecisionError, match="name of who takes it and a reason"):
            await void(actor=actor, reason=reason)
    with pytest.raises(DecisionError, match="T99 is not on the list"):
        await void(frozenset({99, bought.id}))
    assert (await books(shop))["agent:1"] == (500_000, 52_000)
    (voided,) = await void(frozenset({bought.id}))
    assert voided.state is State.FAILED
    assert (await books(shop))["agent:1"] == (500_000, 0)
    assert await tell(shop) == ["budi late.failed"]
    with pytest.raises(DecisionError, match="not on the list"):
        await void(frozenset({bought.id}))
    with pytest.raises(DecisionError, match="nothing is on the list"):
        await void()
    # and if it turns up after all, it is late
    sell(shop, bought.trxid)
    assert results(await reconcile(shop)) == {"late": 1}
    assert await shop.violations() == []


LACKING = {
    "one day": (Condition.DAYS, {"covers": "2026-11-25"}),
    "the wrong days": (Condition.DATES, {"covers": "2026-11-26..2026-11-27"}),
    "days that are not over": (Condition.DAYS, {"covers": "2026-11-27..2026-11-28"}),
    "another closing": (Condition.DEPOSIT, {"closing": OPENING - 21_601}),
    "a top-up that was not": (Condition.DEPOSIT, {"top_ups": 1}),
    "another total": (Condition.TOTALS, {"total": 21_601}),
    "another count": (Condition.TOTALS, {"count": 2}),
}


@pytest.mark.parametrize("what", LACKING)
async def test_each_condition_that_fails_is_named_and_proves_nothing(shop: World, what: str) -> None:
    await buy(shop, "54123456780", 20)
    await unsold(shop)
    condition, changed = LACKING[what]
    data = report_of(shop.sandbox.sales())
    outcome = await reconcile(shop, data, proven(data, 21_600, **changed))  # type: ignore[arg-type]
    assert condition in [one.condition for one in outcome.verdict.shortcomings]
    assert (outcome.absent, outcome.verdict.days) == ([], [])
    args = (reconciliation.filed(data, "r", LAYOUT, "x").sha256, None, "Ibu Sri", "gone", shop.shop, shop.clock())
    with pytest.raises(DecisionError, match="nothing is on the list"):
        await shop.store.write(reconciliation.void_absent, *args)
    assert await shop.violations() == []


async def test_nothing_stated_proves_nothing(shop: World) -> None:
    await buy(shop, "54123456780", 20)
    await unsold(shop)
    outcome = await reconcile(shop, report_of(shop.sandbox.sales(), totals=False))
    assert {one.condition for one in outcome.verdict.shortcomings} == {
        Condition.DAYS, Condition.TOTALS, Condition.DEPOSIT,
    }  # fmt: skip
    assert outcome.absent == []


async def test_a_truncated_or_filtered_file_proves_presence_only(shop: World) -> None:
    await shop.say("halo", "boss")
    await buy(shop, "54123456780", 20)
    await buy(shop, "54123456781", 20)
    await buy(shop, "54123456782", 20, Behaviour.DROP_SOLD)
    bought = await unsold(shop)
    sales = shop.sandbox.sales()
    await tell(shop)
    # truncated: the totals are gone, or are those of the whole
    cut = report_of(sales[:1], totals=False)
    outcome = await reconcile(shop, cut, proven(cut, 3 * 21_600, total=3 * 21_600, count=3))
    assert (outcome.absent, outcome.verdict.days) == ([], [])
    # filtered, with totals of its own: the deposit does not agree
    filtered = report_of([sales[0], sales[2]])
    outcome = await reconcile(shop, filtered, proven(filtered, 3 * 21_600))
    assert results(outcome) == {"matched": 1, "sold": 1}
    assert [one.condition for one in outcome.verdict.shortcomings] == [Condition.DEPOSIT, Condition.SALES]
    assert outcome.absent == []
    assert "boss own.ours_only" not in await tell(shop)
    # everything agrees and yet a sale of ours is missing: that is a page, and still no proof
    outcome = await reconcile(shop, filtered.replace(b"NAMA", b"NAME"), proven(filtered, 2 * 21_600))
    assert [one.condition for one in outcome.verdict.shortcomings] == [Condition.SALES]
    assert [one.msn for one in outcome.verdict.ours_only] == ["54123456781"]
    assert (outcome.absent, outcome.verdict.days) == ([], [])
    assert [one.id for one in outcome.unlisted] == [bought.id]
    assert await tell(shop) == ["boss own.ours_only"]
    await reconcile(shop, filtered.replace(b"NAMA", b"NAME"), proven(filtered, 2 * 21_600))
    assert await tell(shop) == []


MIDNIGHT = NOON + 12 * HOUR


@pytest.mark.parametrize(
    ("sent", "sold", "covers", "absent"),
    [
        (MIDNIGHT - 10 * SECOND, None, "2026-11-25..2026-11-26", True),
        (MIDNIGHT - 10 * SECOND, MIDNIGHT + 5 * SECOND, "2026-11-25..2026-11-26", False),
        (MIDNIGHT - 10 * SECOND, None, "2026-11-24..2026-11-25", False),
        (MIDNIGHT + 10 * SECOND, None, "2026-11-25..2026-11-26", False),
        (MIDNIGHT + 10 * SECOND, None, "2026-11-26..2026-11-27", False),  # their clock may say the day before
        (MIDNIGHT + 10 * SECOND, None, "2026-11-25..2026-11-27", True),
        (MIDNIGHT + 3 * MINUTE, None, "2026-11-26..2026-11-27", True),
    ],
)
async def test_a_day_ends_at_midnight_in_wib_and_the_next_one_is_needed(
    shop: World, sent: int, sold: int | None, covers: str, absent: bool
) -> None:
    bought = await unsold(shop, sent)
    if sold is not None:
        shop.clock.at = sold
        sell(shop, bought.trxid)
    shop.clock.at = NOON + 3 * DAY
    data = report_of(shop.sandbox.sales())
    outcome = await reconcile(shop, data, proven(data, 51_600 if sold else 0, covers))
    assert outcome.verdict.shortcomings == []
    assert [one.id for one in outcome.absent] == ([bought.id] if absent else [])
    assert (await shop.purchases())[0].state is (State.SUCCESS if sold else State.UNKNOWN)


async def test_rows_alone_prove_only_the_days_between_the_first_and_the_last(shop: World) -> None:
    bought = await unsold(shop)
    for day in (-1, 2):
        shop.clock.at = NOON + day * DAY
        await buy(shop, f"5412345670{day + 1}", 20)
    data = report_of(shop.sandbox.sales())
    shop.clock.at = NOON + 5 * DAY
    outcome = await reconcile(shop, data, Claim(Stated(opening=OPENING, closing=OPENING - 2 * 21_600)))
    assert ([str(day) for day in outcome.verdict.days], outcome.verdict.shortcomings) == (["2026-11-25"], [])
    assert [one.id for one in outcome.absent] == [bought.id]


async def test_a_sale_that_another_file_named_is_not_absent(shop: World) -> None:
    bought = await unsold(shop)
    sell(shop, bought.trxid)
    whole = [dataclasses.replace(one, sold_at=NOON) for one in shop.sandbox.sales()]
    await reconcile(shop, report_of(whole, without=["TOKEN", "NO REF"]))
    data = report_of([])
    outcome = await reconcile(shop, data, proven(data, 0))
    assert [str(day) for day in outcome.verdict.days] == ["2026-11-25"]
    assert outcome.absent == []


async def test_what_was_sold_since_makes_the_proof_void(shop: World) -> None:
    bought = await unsold(shop)
    data = report_of([])
    outcome = await reconcile(shop, data, proven(data, 0))
    assert [one.id for one in outcome.absent] == [bought.id]
    await change(shop, "paid_at", NOON)
    await change(shop, "state", State.SUCCESS)
    args = (outcome.report.sha256, None, "Ibu Sri", "gone", shop.shop, shop.clock())
    with pytest.raises(DecisionError, match="no longer complete for 2026-11-25: T10001"):
        await shop.store.write(reconciliation.void_absent, *args)


# read-only


async def restrict(shop: World, kind: str = "restored", copied_at: int | None = NOON) -> None:
    await shop.store.write(standing.restrict, kind, "a copy", shop.clock(), copied_at)


async def test_read_only_rows_are_stored_strays_known_and_no_money_moves(shop: World) -> None:
    bought = await in_state(shop, State.UNKNOWN)
    sell(shop, "X", "54123456780")
    await restrict(shop)
    before = await books(shop)
    outcome = await reconcile(shop)
    assert results(outcome) == {"waiting": 1, "unknown": 1}
    assert outcome.report.applied_at is None
    assert await books(shop) == before
    assert (await found_strays(shop))[0].total == 51_600
    assert await suspense(shop) == 0
    assert await shop.violations() == []
    args = (outcome.report.sha256, frozenset({bought.id}), "x", "y", shop.shop, shop.clock())
    with pytest.raises(StandingError):
        await shop.store.write(reconciliation.void_absent, *args)

    def release(tx: Any) -> int:
        standing.lift(tx, "Ibu Sri", "checked", shop.clock())
        return reconciliation.apply_waiting(tx, shop.shop, shop.clock())

    assert await shop.store.write(release) == 1
    assert (await shop.purchases())[0].state is State.SUCCESS
    assert await suspense(shop) == 51_600
    assert await shop.violations() == []
    again = await reconcile(shop)
    assert (again.was_known, results(again)) == (True, {"sold": 1, "unknown": 1})


async def test_a_restored_copy_is_released_by_reports_that_cover_every_day_it_does_not_know(shop: World) -> None:
    bought = await in_state(shop, State.UNKNOWN)
    sell(shop, "P01KB2N8QZJ0V5T3W9X7Y6R4M2A", METER)  # sold by the original after the copy was made
    shop.clock.at = NOON + DAY
    await restrict(shop)
    shop.clock.at = NOON + 3 * DAY
    data = report_of(shop.sandbox.sales())
    outcome = await reconcile(shop, data, proven(data, 2 * 51_600))
    assert ([str(day) for day in outcome.verdict.days], outcome.lifted) == (["2026-11-25"], False)
    assert outcome.restriction is not None
    wider = report_of(shop.sandbox.sales(), delimiter=",")
    outcome = await reconcile(shop, wider, proven(data, 2 * 51_600, "2026-11-25..2026-11-27"))
    assert outcome.lifted
    assert outcome.restriction is None
    assert results(outcome) == {"matched": 1, "unknown": 1}  # the first file's rows were applied before
    (sold,) = await shop.purchases()
    assert (sold.id, sold.state) == (bought.id, State.SUCCESS)
    assert await suspense(shop) == 51_600
    assert await shop.violations() == []


async def test_a_violation_is_never_lifted_by_a_report(shop: World) -> None:
    await restrict(shop, "violation", None)
    shop.clock.at = NOON + 3 * DAY
    data = report_of([])
    assert not (await reconcile(shop, data, proven(data, 0))).lifted


# any order, any pieces


BEHAVIOURS = [None, Behaviour.DROP_SOLD, Behaviour.KWH_LIMIT, Behaviour.DROP_UNSOLD, Behaviour.REFUSED_SOLD]


@asynccontextmanager
async def busy(folder: Path) -> AsyncIterator[World]:
    """Sales of every kind: failed and sold, settled, in doubt, refused and sold, doubled, foreign, another fee."""
    POINTS.dies_at = ""
    async with world(folder, point=POINTS, shop=dataclasses.replace(SHOP, most_open=9), pay_seconds=30.0) as shop:
        failed = await in_state(shop, State.FAILED)
        bought = [await buy(shop, f"5412345670{number}", 20, one) for number, one in enumerate(BEHAVIOURS)]
        sell(shop, bought[0].trxid, bought[0].msn, 20_000)
        sell(shop, bought[1].trxid, bought[1].msn, 20_000, adm=2_000)
        sell(shop, bought[2].trxid, bought[2].msn, 20_000)
        sell(shop, failed.trxid)
        sell(shop, "P01KB2N8QZJ0V5T3W9X7Y6R4M2A", bought[3].msn, 20_000)
        sell(shop, "SOMEBODY", "54123456799", 20_000)
        yield shop


async def state_of(shop: World) -> Any:
    total = sorted(one.total for one in await found_strays(shop))
    states = [one.state for one in await shop.purchases()]
    return await books(shop), await suspense(shop), total, states


WHOLE: list[Any] = []  # what the whole file leads to, the same for every example


@given(data=st.data())
@settings(
    max_examples=12, deadline=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
async def test_any_pieces_in_any_order_lead_to_the_books_of_the_whole_file(data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        if not WHOLE:
            async with busy(Path(folder) / "whole") as shop:
                await reconcile(shop)
                assert await shop.violations() == []
                WHOLE.append(await state_of(shop))
        (expected,) = WHOLE
        async with busy(Path(folder)) as shop:
            sales = shop.sandbox.sales()
            first_of: dict[str, Sold] = {}
            for sold in sales:  # which of two sales for one trxid is the purchase's is what comes first
                first_of.setdefault(sold.trxid, sold)
            doubles = [sold for sold in sales if first_of[sold.trxid] is not sold]
            pieces = data.draw(st.lists(st.lists(st.sampled_from(list(first_of.values())), max_size=8), max_size=4))
            pieces = [*pieces, data.draw(st.permutations(list(first_of.values())))]
            pieces += [data.draw(st.permutations(sales)), doubles]
            for piece in pieces:
                await reconcile(shop, report_of(piece, totals=False, delimiter=data.draw(st.sampled_from(",;|\t"))))
                assert await shop.violations() == []
            assert await state_of(shop) == expected
            assert len(expected[2]) == 5  # strays: three doubles, two sales of nobody's
