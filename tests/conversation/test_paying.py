"""Who may answer a payment question, and when: nobody pays for what he has not seen or no longer speaks for."""

import dataclasses
from pathlib import Path

from bot.clock import MINUTE, SECOND
from bot.messaging import inbox
from bot.messaging.inbox import Inbound
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import people
from tests.world import NOON, SHOP, Said, World, world

ORDER = "54123456789 50"


def pay_of(shown: list[Said]) -> str:
    return next(option for word, _, option in shown[-1].options if word == "bayar")


async def late(shop: World, text: str, said_at: int, who: str = "budi") -> list[Said]:
    """A line that was typed then and is delivered now."""
    item = Inbound("console", f"late:{text}:{said_at}", who, text, 10_000, said_at)
    await shop.store.write(inbox.put, item, shop.clock())
    return await shop.settle(who)


async def test_a_word_typed_before_the_card_and_delivered_after_it_pays_nothing(shop: World) -> None:
    typed_at = shop.clock() + SECOND
    shop.clock.forward(2 * SECOND)
    await shop.say(ORDER)
    shop.clock.forward(5 * SECOND)
    answered = await late(shop, "bayar", typed_at)
    assert [one.key for one in answered] == ["pay.word"]
    assert await shop.purchases() == []
    assert "token.only" in await shop.keys("bayar")


async def test_who_is_no_owner_any_more_does_not_pay_from_the_counter(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        pay = pay_of(await shop.say(ORDER, who="boss"))
    async with world(tmp_path, shop=dataclasses.replace(SHOP, owners=()), at=NOON + MINUTE) as shop:
        assert await shop.keys(pay, who="boss") == ["in.stale", "start.customer"]
        assert await shop.keys("bayar", who="boss") == ["start.customer"]
        assert shop.sandbox.sales() == []


async def test_an_agent_who_became_an_owner_does_not_pay_from_his_old_account(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        pay = pay_of(await shop.say(ORDER))
    made = dataclasses.replace(SHOP, owners=(("console", "budi"),))
    async with world(tmp_path, shop=made, at=NOON + MINUTE) as shop:
        assert await shop.keys(pay) == ["in.stale", "start.owner"]
        assert await shop.purchases() == []


async def test_an_old_payment_button_shows_a_removed_chat_neither_sale_nor_balance(shop: World) -> None:
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    pay = pay_of(await shop.say(ORDER))
    await shop.say("bayar")

    def remove(tx: Tx) -> None:
        whom = people.agent(tx, 1)
        people.remove(tx, whom, people.chats(tx, 1)[0], "test", shop.clock())

    assert await shop.keys(pay) == ["pay.pending"]
    await shop.store.write(remove)
    assert [key for key in await shop.keys(pay) if key != "chat.removed"] == ["in.stale", "start.customer"]


async def test_a_number_of_thousands_of_digits_is_no_option(shop: World) -> None:
    await shop.say("54123456789")
    assert await shop.keys("\u2469" * 4_096) == ["num.length"]  # a ten in a circle: two digits, made plain
