"""What is forgotten is past its time and needed by nothing, and what comes after it is answered like any other."""

from pathlib import Path

from bot.clock import DAY, HOUR
from bot.services import retention
from tests.world import World, execute, world


async def forgotten(shop: World) -> int:
    return await shop.store.write(retention.forget, shop.shop, shop.clock())


async def test_a_shop_that_nobody_wrote_to_for_weeks_answers_the_next_word(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.keys("menu")
        await shop.keys("saldo")
        shop.clock.forward(15 * DAY)
        assert await forgotten(shop) == 1
        assert await shop.keys("menu") == ["start.agent"]


async def test_messages_are_kept_for_two_weeks_and_those_that_nobody_could_handle_for_ever(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.keys("menu")
        await execute(shop, "UPDATE inbox SET state = 'dead'")
        await shop.keys("saldo")
        shop.clock.forward(14 * DAY - 1_000)
        await shop.keys("saldo")
        assert await forgotten(shop) == 0
        shop.clock.forward(2_000)
        assert await forgotten(shop) == 1
        assert await shop.store.raw(lambda connection: connection.execute("SELECT id FROM inbox").fetchall()) == [
            (1,),
            (3,),
        ]


async def test_an_inquiry_is_kept_while_a_talk_stands_on_it(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.keys("54123456789")
        shop.clock.forward(31 * DAY)
        await forgotten(shop)
        assert await shop.keys("50") == ["buy.pay"]
        await shop.keys("batal")
        assert await forgotten(shop) > 0
        assert await shop.store.raw(lambda connection: connection.execute("SELECT id FROM inquiry").fetchall()) == []


async def test_proofs_tries_phones_and_requests_are_kept_no_longer_than_they_serve(tmp_path: Path) -> None:
    count = """SELECT (SELECT COUNT(*) FROM proof_try), (SELECT COUNT(*) FROM proved_meter),
      (SELECT COUNT(*) FROM sale_phone), (SELECT COUNT(*) FROM token_request)"""

    async def left() -> tuple[int, ...]:
        while await forgotten(shop):
            pass
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
