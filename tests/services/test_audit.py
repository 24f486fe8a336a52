"""The audit of the books, which looks at every row of a shop that may have ten million purchases."""

import tracemalloc

from bot.services import audit
from tests.world import World, execute

MOVES = "I10 purchases move only along the table"


async def buys(shop: World, meter: str) -> None:
    await shop.say(f"{meter} 20")
    await shop.say("bayar")


async def test_three_times_the_moves_take_no_more_memory(shop: World) -> None:
    await buys(shop, "54123456789")
    peaks = []
    for times in (1, 2):
        for _ in range(times):
            await execute(
                shop,
                "INSERT INTO movement (purchase_id, from_state, event, to_state, actor, reason, created_at)"
                " WITH RECURSIVE times (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM times WHERE n < 5000)"
                " SELECT p.id, 'LATE', 'owner: the shop''s loss', 'LATE', 'x', 'y', 0 FROM times, purchase p",
            )
        tracemalloc.start()
        found = await shop.store.read(audit.check)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert found.verified[MOVES] == 15_002
    assert len(found.violations) == 1  # its first move out of LATE
    assert peaks[1] < 1.3 * peaks[0]


async def test_a_purchase_that_left_a_state_it_was_not_in_is_found_among_others(shop: World) -> None:
    for meter in ("54123456789", "54123456780", "54123456781"):
        await buys(shop, meter)
    assert await shop.violations() == []
    await execute(
        shop,
        "INSERT INTO movement (purchase_id, from_state, event, to_state, actor, reason, created_at)"
        " SELECT purchase_id, from_state, event, to_state, actor, reason, created_at FROM movement"
        " WHERE from_state = 'SENDING' ORDER BY purchase_id LIMIT 1",
    )
    found = await shop.store.read(audit.check)
    why = "SENDING --sale through the gate--> SUCCESS, but it was SUCCESS"
    assert [one for one in found.violations if one.startswith(MOVES)] == [f"{MOVES}: T10001 {why}"]
    assert found.verified[MOVES] == 7
