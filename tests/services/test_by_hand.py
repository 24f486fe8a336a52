"""What an owner settles himself: never too early, never without a name, and no token past the gate."""

import dataclasses
from pathlib import Path

import pytest

from bot.clock import HOUR, MINUTE, SECOND
from bot.domain.purchase import Purchase, State
from bot.domain.supply import Sale
from bot.sandbox import Behaviour, Raw, Sold
from bot.services import by_hand, decisions, ledger, settlement, strays
from bot.services.by_hand import Stated, Word
from bot.services.decisions import DecisionError
from tests.world import World, world

METER = "54123456789"
WORD = Word("Ibu Sri", "VSI wrote on 25 November that it is sold", b"the mail")
NO_SALE = Raw(b"<root><status>ERROR</status><rc>0096</rc><rcm>[96] TIDAK DITEMUKAN ke:1</rcm></root>")
TOKEN = "12345678901234567890"


async def in_doubt(shop: World, behaviour: Behaviour = Behaviour.DROP_SOLD) -> Purchase:
    """A purchase whose answer never came and whose advices find nothing."""
    shop.sandbox.force(behaviour)
    shop.sandbox.script("ADV", NO_SALE)
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    [*_, purchase] = await shop.purchases()
    assert purchase.state is State.UNKNOWN
    return purchase


async def sold_at_supplier(shop: World) -> Sold:
    return shop.sandbox.books.sales()[-1]


async def settle(shop: World, purchase: Purchase, stated: Stated | None, word: Word = WORD) -> Purchase:
    now = shop.clock()
    if stated is None:
        return await shop.store.write(by_hand.settle_unsold, purchase, word, shop.shop, now)
    return await shop.store.write(by_hand.settle_sold, purchase, stated, word, shop.shop, now)


async def current(shop: World) -> Purchase:
    return (await shop.purchases())[-1]


async def balance(shop: World) -> tuple[int, int]:
    account = await shop.store.read(ledger.agent_account, 1)
    return account.posted, account.held


async def test_nothing_is_settled_before_it_is_ten_minutes_old(shop: World) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(9 * MINUTE)
    for stated in (None, Stated(TOKEN)):
        with pytest.raises(DecisionError, match="advice may still answer"):
            await settle(shop, purchase, stated)
    assert await balance(shop) == (500_000, 52_000)
    shop.clock.forward(2 * MINUTE)
    assert (await settle(shop, purchase, None)).state is State.FAILED


async def test_sold_the_token_that_the_supplier_names_goes_out_like_any_other(shop: World) -> None:
    purchase = await in_doubt(shop)
    sold = await sold_at_supplier(shop)
    shop.clock.forward(11 * MINUTE)
    stated = Stated(sold.tokens[0], sold.payref, METER, 51_600, sold.sold_at)
    settled = await settle(shop, purchase, stated)
    read = await shop.settle()
    assert (settled.state, settled.payref) == (State.SUCCESS, sold.payref)
    assert [said.key for said in read] == ["token.only", "late.done"]
    assert read[0].text.replace(" ", "").startswith(sold.tokens[0])
    assert await balance(shop) == (448_000, 0)
    assert await shop.violations() == []
    [taken] = await shop.store.read(decisions.of_purchase, purchase.id)
    assert (taken.kind, taken.actor, taken.reason, taken.evidence_bytes) == ("sold", "Ibu Sri", WORD.reason, 8)


async def test_sold_with_another_admin_fee_the_difference_is_booked_and_the_price_stays(shop: World) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    with pytest.raises(DecisionError, match="G2"):
        await settle(shop, purchase, Stated(TOKEN, total=52_500))
    settled = await settle(shop, purchase, Stated(TOKEN, total=52_500, adm=2_500))
    assert (settled.state, settled.sold_adm) == (State.SUCCESS, 2_500)
    assert await balance(shop) == (448_000, 0)
    assert await shop.store.read(ledger.supplier_deposit) == 10_000_000 - 52_500
    assert await shop.violations() == []


async def test_not_sold_the_money_is_given_back_and_the_agent_told(shop: World) -> None:
    purchase = await in_doubt(shop, Behaviour.DROP_UNSOLD)
    shop.clock.forward(11 * MINUTE)
    await settle(shop, purchase, None)
    [said] = await shop.settle()
    assert said.key == "late.failed"
    assert "Dipastikan tidak ada penjualan" in said.text
    assert await balance(shop) == (500_000, 0)
    assert await shop.violations() == []


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({"msn": "54123456780"}, "G1"),
        ({"total": 101_600}, "G2"),
        ({"paid_at": 0}, "G5"),
    ],
)
async def test_an_answer_about_another_sale_does_not_pass_the_gate(
    shop: World, changed: dict[str, object], rule: str
) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    with pytest.raises(DecisionError, match=rule):
        await settle(shop, purchase, dataclasses.replace(Stated(TOKEN), **changed))  # type: ignore[arg-type]  # by name
    assert (await current(shop)).state is State.UNKNOWN
    assert await balance(shop) == (500_000, 52_000)
    assert await shop.store.read(decisions.of_purchase, purchase.id) == []


async def test_a_token_that_belongs_to_another_sale_is_refused(shop: World) -> None:
    await shop.say(f"{METER} 20")
    await shop.say("bayar")
    theirs = (await sold_at_supplier(shop)).tokens[0]
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    with pytest.raises(DecisionError, match="G4"):
        await settle(shop, purchase, Stated(theirs))


@pytest.mark.parametrize("digits", ["", "1234", "1" * 19, "1" * 41, "1" * 80, "x" * 20, "１" * 20])
async def test_what_is_no_token_is_refused_in_words(shop: World, digits: str) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    with pytest.raises(DecisionError, match="20 digits"):
        await settle(shop, purchase, Stated(digits))


@pytest.mark.parametrize("word", [Word("", "why"), Word("Ibu Sri", ""), Word("  ", " ")])
async def test_nobody_settles_without_a_name_and_a_reason(shop: World, word: Word) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    with pytest.raises(DecisionError, match="name"):
        await settle(shop, purchase, None, word)
    assert await balance(shop) == (500_000, 52_000)


async def test_what_is_settled_or_never_sent_is_not_settled_again(shop: World) -> None:
    await shop.say(f"{METER} 20")
    await shop.say("bayar")
    for stated in (None, Stated(TOKEN)):
        with pytest.raises(DecisionError, match="nothing to settle"):
            await settle(shop, await current(shop), stated)


async def test_manual_may_be_settled_at_any_time(shop: World) -> None:
    purchase = await in_doubt(shop)
    await shop.later(2 * HOUR)
    purchase = await current(shop)
    assert purchase.state is State.MANUAL
    assert (await settle(shop, purchase, None)).state is State.FAILED


async def test_declared_unsold_it_is_asked_about_again_and_a_hit_opens_late(shop: World) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    await settle(shop, purchase, None)
    await shop.settle()
    shop.sandbox.script("ADV", None)
    said = await shop.later(HOUR)
    late = await current(shop)
    assert late.state is State.LATE
    assert [one.key for one in said] == ["late.sale"]
    assert not any("token" in one.key for one in said)  # parked, never sent by itself
    assert await balance(shop) == (500_000, 0)
    assert (await shop.keys(f"token {late.sale}")) == ["receipt.none"]


async def late_sale(shop: World) -> Purchase:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    await settle(shop, purchase, None)
    await shop.settle()
    shop.sandbox.script("ADV", None)
    await shop.later(HOUR)
    return await current(shop)


async def test_a_late_sale_is_the_shops_loss(shop: World) -> None:
    late = await late_sale(shop)
    before = await shop.store.read(ledger.supplier_deposit)
    await shop.store.write(by_hand.settle_late, late, WORD, shop.clock(), agent_pays=False)
    assert await shop.store.read(ledger.supplier_deposit) == before - 51_600
    assert (await shop.store.read(ledger.account, "expense:loss")).posted == -51_600
    assert await balance(shop) == (500_000, 0)
    assert (await shop.keys(f"token {late.sale}")) == ["receipt.none"]
    assert await shop.violations() == []
    with pytest.raises(DecisionError, match="decided before"):
        await shop.store.write(by_hand.settle_late, late, WORD, shop.clock(), agent_pays=True)


async def test_an_agent_who_agrees_pays_the_late_sale_and_reads_its_token(shop: World) -> None:
    late = await late_sale(shop)
    await shop.store.write(by_hand.settle_late, late, WORD, shop.clock(), agent_pays=True)
    read = await shop.settle()
    assert [said.key for said in read] == ["token.only", "late.paid"]
    assert await balance(shop) == (448_000, 0)
    assert (await shop.keys(f"token {late.sale}")) == ["resend.head"]
    assert await shop.violations() == []


async def test_an_agent_who_has_not_enough_left_cannot_be_made_to_pay(tmp_path: Path) -> None:
    async with world(tmp_path, deposit=52_000) as shop:
        late = await late_sale(shop)
        shop.sandbox.forced = None
        await shop.say("54123456780 20")
        await shop.say("bayar")
        with pytest.raises(DecisionError, match="to spend"):
            await shop.store.write(by_hand.settle_late, late, WORD, shop.clock(), agent_pays=True)
        assert await shop.violations() == []


async def test_a_failed_purchase_that_the_supplier_proves_sold_is_late_and_not_sent(shop: World) -> None:
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    await settle(shop, purchase, None)
    await shop.settle()
    sold = await sold_at_supplier(shop)
    failed = await current(shop)
    assert (await settle(shop, failed, Stated(sold.tokens[0], sold.payref))).state is State.LATE
    assert [said.key for said in await shop.settle()] == ["late.sale"]
    assert await shop.violations() == []


async def test_the_answer_that_comes_after_the_owners_word_never_bounces(shop: World) -> None:
    """The owner says sold; the payment's own answer arrives with another token: a second sale, kept and paged."""
    await shop.say("menu", "boss")
    purchase = await in_doubt(shop)
    shop.clock.forward(11 * MINUTE)
    settled = await settle(shop, purchase, Stated(TOKEN))
    second = Sale(msn=METER, total=51_600, tokens=("9" * 20,), adm=1_600, payref="A" * 32, paid_at=shop.clock())
    for _ in range(2):  # twice: the second changes nothing
        await shop.store.write(
            settlement.apply_sale, settled, second, shop.shop, shop.clock(), exact=True, source="PAY"
        )
    await shop.settle()
    assert [said.key for said in shop.phone.read if said.to == "boss"].count("own.double") == 1
    [stray] = await shop.store.read(strays.opened)
    assert (stray.kind, stray.purchase_id, stray.total) == ("double", purchase.id, 51_600)
    assert (await shop.store.read(ledger.account, "suspense:late")).posted == -51_600
    assert await shop.violations() == []


@pytest.mark.parametrize(("claimed", "loss"), [(True, 0), (False, -51_600)])
async def test_a_second_sale_is_claimed_from_the_supplier_or_borne(shop: World, claimed: bool, loss: int) -> None:
    purchase = await in_doubt(shop)
    before = await shop.store.read(ledger.supplier_deposit)
    sale = Sale(msn=METER, total=51_600, tokens=("9" * 20,), paid_at=shop.clock())
    await shop.store.write(strays.found, "double", sale, shop.clock(), source="report", purchase_id=purchase.id)
    [stray] = await shop.store.read(strays.opened)

    async def settle_it() -> None:
        now, actor, reason = shop.clock(), "Ibu Sri", "their mail"
        await shop.store.write(strays.settle, stray.id, claimed=claimed, actor=actor, reason=reason, now=now)

    await settle_it()
    assert (await shop.store.read(ledger.account, "suspense:late")).posted == 0
    assert (await shop.store.read(ledger.account, "expense:loss")).posted == loss
    assert await shop.store.read(ledger.supplier_deposit) == before + loss
    assert await shop.violations() == []
    with pytest.raises(DecisionError, match="is claimed" if claimed else "is loss"):
        await settle_it()


async def test_a_strays_token_is_known_and_never_handed_out(shop: World) -> None:
    """An advice that brings a token which nobody here bought under this purchase proves nothing about it."""
    purchase = await in_doubt(shop)
    sold = await sold_at_supplier(shop)
    stray = Sale(msn=METER, total=51_600, tokens=sold.tokens, payref=sold.payref, paid_at=sold.sold_at)
    await shop.store.write(strays.found, "unknown", stray, shop.clock(), source="report")
    shop.sandbox.script("ADV", None)
    for _ in range(4):
        await shop.later(30 * SECOND)
    assert (await current(shop)).state is State.UNKNOWN
    assert purchase.sale not in [said.text for said in shop.phone.read if said.key == "token.only"]


async def test_what_is_pending_is_listed_with_all_evidence_oldest_first(shop: World) -> None:
    first = await in_doubt(shop)
    await shop.later(MINUTE)
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    await shop.say("54123456780 20")
    await shop.say("bayar")
    cases = await shop.store.read(by_hand.pending)
    assert [case.purchase.id for case in cases] == [first.id, first.id + 1]
    assert [row.command for row in cases[0].exchanges][:2] == ["PAY", "ADV"]
    assert cases[0].last_code == 96
    assert [move.to_state for move in cases[0].movements] == ["SENDING", "UNKNOWN"]
    assert "to wait" in by_hand.what_can_be_done(cases[0].purchase, shop.shop, shop.clock())
