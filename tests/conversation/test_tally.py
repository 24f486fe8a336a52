"""A day's figures are kept by the database as purchases settle; the audit holds each of them against its purchases."""

from bot.clock import DAY, HOUR
from bot.domain.purchase import Purchase
from bot.sandbox import Behaviour
from bot.services import audit, by_hand, watch
from bot.services.by_hand import Stated, Word
from tests.filled import fill
from tests.world import NOON, World, execute

METER = "54123456789"
TOKEN = "11112222333344445555"
RULE = "I12 the tally of a day is its purchases"


async def sells(shop: World, line: str = f"{METER} 50") -> Purchase:
    await shop.say(line)
    await shop.say("bayar")
    return (await shop.purchases())[-1]


CHANGES = (
    "UPDATE tally_agent SET sold = sold + 1",
    "UPDATE tally_agent SET failed = failed + 1",
    "UPDATE tally_agent SET sales = sales - 1",
    "UPDATE tally_agent SET profit = profit + 1",
    "UPDATE tally_agent SET kwh = kwh - 1",
    "UPDATE tally_denomination SET sold = sold - 1",
    "UPDATE tally_denomination SET sales = sales + 1",
    "DELETE FROM tally_agent",
    "DELETE FROM tally_denomination",
    "UPDATE tally_agent SET agent_id = 99",
    "UPDATE tally_denomination SET slot = slot + 1",
    "INSERT INTO tally_denomination VALUES (1, 20000, 1, 22000)",
)
MENDED = (
    "DELETE FROM tally_agent",
    "DELETE FROM tally_denomination",
    "INSERT INTO tally_agent SELECT slot, agent_id, sold, failed, sales, profit, kwh FROM tally_of",
    "INSERT INTO tally_denomination SELECT slot, denomination, sold, sales FROM tally_of",
)


async def test_a_tally_that_is_not_its_purchases_is_a_violation(shop: World) -> None:
    await sells(shop)
    report = await shop.store.read(audit.check)
    assert (report.violations, report.verified[RULE]) == ([], 2)
    for change in CHANGES:
        await execute(shop, change)
        found = await shop.violations()
        assert [one.startswith(RULE) for one in found] in ([True], [True, True]), change
        for statement in MENDED:
            await execute(shop, statement)
        assert await shop.violations() == []


async def test_the_nightly_audit_looks_at_the_tally_of_forty_days_and_stops_on_it(shop: World) -> None:
    await sells(shop)
    await execute(shop, "UPDATE tally_agent SET sales = 0")
    now = shop.clock()
    assert await shop.store.read(watch.find_violations, now + 39 * DAY)
    assert await shop.store.read(watch.find_violations, now + 41 * DAY) == []
    await shop.setrum.audit()
    assert (await shop.say(f"{METER} 50"))[-1].key != "pay.card"
    assert await shop.store.read(lambda tx: tx.one(int, "metric_read_only")) == 1


async def test_whatever_becomes_of_a_purchase_later_its_tally_follows(shop: World) -> None:
    """Failed and given back, then found to be sold; another fee than was quoted; a refusal."""
    shop.sandbox.force(Behaviour.DROP_SOLD)
    unclear = await sells(shop)
    assert (await shop.store.read(audit.check)).verified[RULE] == 0
    word = Word("boss", "the supplier's letter")
    await shop.store.write(by_hand.settle_unsold, unclear, word, shop.shop, NOON + HOUR)
    assert await figures(shop) == [(0, 1, 0, 0)]
    shop.clock.forward(HOUR)
    for _ in range(3):
        await shop.later(HOUR)
    [late] = await shop.purchases()
    assert late.state == "LATE"
    assert await figures(shop) == [(0, 1, 0, 0)]
    shop.sandbox.force(Behaviour.DROP_SOLD)
    again = await sells(shop, f"{METER} 20")
    stated = Stated(tokens=TOKEN, adm=2_000)
    await shop.store.write(by_hand.settle_sold, again, stated, word, shop.shop, shop.clock() + DAY)
    shop.sandbox.force(Behaviour.REFUSED)
    refused = await sells(shop, f"{METER} 100")
    await shop.store.write(by_hand.settle_unsold, refused, word, shop.shop, shop.clock() + DAY)
    assert {one.state for one in await shop.purchases()} == {"LATE", "SUCCESS", "FAILED"}
    assert await shop.violations() == []


async def figures(shop: World) -> list[tuple[int, ...]]:
    """Sold, failed, sales and profit of each row."""
    query = "SELECT sold, failed, sales, profit FROM tally_agent"
    return await shop.store.raw(lambda connection: connection.execute(query).fetchall())


async def test_sales_that_come_in_settled_are_tallied_too(shop: World) -> None:
    """A shop's books that are brought along."""
    fill(shop.store.path, 500, NOON - 40 * DAY, days=40)
    report = await shop.store.read(audit.check)
    assert report.verified[RULE] > 500
    assert [one for one in report.violations if one.startswith("I12")] == []
