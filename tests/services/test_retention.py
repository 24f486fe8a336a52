"""What is forgotten is past its time and needed by nothing, and what comes after it is answered like any other."""

import dataclasses
from pathlib import Path

from bot.clock import DAY, HOUR
from bot.domain.rules import Keeps
from bot.messaging.channel import Outcome
from bot.services import retention
from tests.services.sightings import rows
from tests.world import NOON, SHOP, World, execute, world


async def forgotten(shop: World) -> int:
    return await shop.store.write(retention.forget, shop.shop, shop.clock())


async def all_forgotten(shop: World) -> None:
    while await forgotten(shop):
        pass


async def test_a_shop_that_nobody_wrote_to_for_weeks_answers_the_next_word(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.keys("menu")
        await shop.keys("saldo")
        shop.clock.forward(15 * DAY)
        assert await forgotten(shop) == 1
        assert await shop.keys("menu") == ["start.agent"]


async def test_messages_are_kept_for_two_weeks_and_those_that_nobody_could_handle_for_ninety_days(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as shop:
        await shop.keys("menu")
        await execute(shop, "UPDATE inbox SET state = 'dead'")
        await shop.keys("saldo")
        shop.clock.forward(14 * DAY - 1_000)
        await shop.keys("saldo")
        assert await forgotten(shop) == 0
        shop.clock.forward(2_000)
        assert await forgotten(shop) == 1
        assert await rows(shop, "SELECT id FROM inbox") == [(1,), (3,)]
        shop.clock.forward(77 * DAY)
        await shop.keys("saldo")
        await all_forgotten(shop)
        assert await rows(shop, "SELECT id FROM inbox") == [(4,)]


async def test_an_inquiry_is_kept_while_a_talk_stands_on_it_and_the_talk_for_two_weeks(tmp_path: Path) -> None:
    short = dataclasses.replace(SHOP, keeps=Keeps(inquiries=2))
    async with world(tmp_path, shop=short) as shop:
        await shop.keys("54123456789")
        shop.clock.forward(13 * DAY)
        await all_forgotten(shop)
        assert await shop.keys("50") == ["buy.pay"]
        shop.clock.forward(DAY)
        await all_forgotten(shop)
        assert await rows(shop, "SELECT id FROM inquiry") == []
        assert await shop.keys("bayar") == ["pay.none"]


async def test_what_was_said_in_a_talk_goes_with_what_was_typed(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.keys("50.54123456789.1234.081234567890")
        await shop.keys("batal")
        await shop.keys("54123456780")
        shop.clock.forward(14 * DAY - 1_000)
        await shop.keys("54123456781")
        await all_forgotten(shop)
        assert len(await rows(shop, "SELECT id FROM session")) == 3
        shop.clock.forward(2_000)
        await all_forgotten(shop)
        assert await rows(shop, "SELECT flow, state, given FROM session") == [
            ("buy", "open", '{"meter": "54123456781"}')
        ]
        assert await rows(shop, "SELECT DISTINCT session_id FROM session_log") == [(3,)]
        assert await rows(shop, "SELECT input FROM effect") == [("54123456781",)]
        shop.clock.forward(15 * DAY)
        await all_forgotten(shop)
        assert await rows(shop, "SELECT id, state FROM session") == [(3, "replaced")]  # its number is not given again
        assert await rows(shop, "SELECT * FROM session_log") == []


async def test_an_answer_loses_its_words_after_ninety_days_and_the_books_still_know_that_it_was_said(
    tmp_path: Path,
) -> None:
    async with world(tmp_path) as shop:
        await shop.keys("54123456789 50")
        receipt = (await shop.say("bayar"))[-1].options[0][2]
        shop.clock.forward(89 * DAY)
        await all_forgotten(shop)
        assert "pay.done" not in await shop.keys(receipt)
        said = await rows(shop, "SELECT COUNT(*) FROM outbox")
        assert await rows(shop, "SELECT name FROM quote") == [("",)]  # the purchase has it
        shop.clock.forward(2 * DAY)
        await all_forgotten(shop)
        assert await rows(shop, "SELECT COUNT(*) FROM outbox") == said
        assert await rows(
            shop, "SELECT COUNT(*) FROM outbox WHERE content LIKE '%BUDI%' AND created_at < ?", NOON + DAY
        ) == [(0,)]
        assert await shop.keys(receipt) == ["in.stale", "start.agent"]
        assert await shop.keys("struk T10001") == ["receipt.sent"]
        assert await shop.violations() == []


async def test_a_token_that_still_waits_for_its_reader_keeps_its_words(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.keys("54123456789 50")
        shop.phone.outcomes = [Outcome.SENT, Outcome.AWAY, Outcome.AWAY]
        await shop.say("bayar")
        shop.clock.forward(100 * DAY)
        await all_forgotten(shop)
        assert "token.only" in await shop.keys("menu")


async def test_a_slice_is_bounded_and_the_rest_goes_with_the_next(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.keys("menu")
        await execute(
            shop,
            """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
            INSERT INTO outbox (conversation_id, channel, class, cause, reply_to, content, state, attempts, unknowns,
              next_at, last_error, created_at)
            SELECT 1, 'console', 'prompt', 'old' || i, '', '{}', 'sent', 1, 0, 0, '', 1 FROM n""",
        )
        assert [await forgotten(shop) for _ in range(4)] == [500, 500, 200, 0]


async def test_proofs_tries_phones_and_requests_are_kept_no_longer_than_they_serve(tmp_path: Path) -> None:
    count = """SELECT (SELECT COUNT(*) FROM proof_try), (SELECT COUNT(*) FROM proved_meter),
      (SELECT COUNT(*) FROM sale_phone), (SELECT COUNT(*) FROM token_request)"""

    async def left() -> tuple[int, ...]:
        await all_forgotten(shop)
        found: tuple[int, ...] = await shop.store.raw(lambda one: one.execute(count).fetchone())
        return found

    async with world(tmp_path) as shop:
        await shop.say("50.54123456789.1234.081234567890")
        await shop.say("bayar")
        code = (await shop.purchases())[0].claim_code
        for words in ("54123456789", "0000 50", "minta 54123456789", f"klaim {code}"):
            await shop.say(words, "siti")
        await shop.say(f"klaim {code}", "ani")
        await shop.say("ingat T10001", "ani")
        assert await left() == (1, 2, 1, 1)
        shop.clock.forward(HOUR)
        assert await left() == (0, 2, 1, 1)
        shop.clock.forward(DAY)
        assert await left() == (0, 1, 1, 1)  # which is remembered
        shop.clock.forward(89 * DAY)
        assert await left() == (0, 0, 0, 0)
        assert await shop.violations() == []
