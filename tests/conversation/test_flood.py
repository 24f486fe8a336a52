"""A chat that writes faster than it can be answered: it is told so, and its token waits behind no flood of its own."""

from bot.messaging.channel import Outcome
from tests.world import World


async def test_a_chat_whose_answers_pile_up_is_asked_to_slow_down_and_buys_nothing_meanwhile(shop: World) -> None:
    await shop.say("54123456789 50")
    shop.phone.outcomes = [Outcome.NOT_SENT] * 100_000  # nothing leaves
    for _ in range(100):
        await shop.put("saldo")
    await shop.put("bayar")
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()
    assert await shop.purchases() == []
    shop.phone.outcomes = []
    shop.clock.forward(120_000)
    said = [one.key for one in await shop.settle()]
    assert said.count("limit.slow") == 1
    assert 50 < said.count("bal.card") <= 60
    assert [one.key for one in await shop.say("bayar")][-1] == "pay.done"
