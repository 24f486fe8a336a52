"""The process ends at each named point of a purchase; the next one finds everything, and pays for nothing twice."""

from pathlib import Path

import pytest

from bot.clock import MINUTE, SECOND
from bot.domain.purchase import State
from bot.domain.supply import Pay, Reply, Request
from bot.messaging import inbox
from bot.messaging.inbox import Inbound
from bot.sandbox import Behaviour, Readings
from bot.vsi.client import VsiClient
from tests.world import NOON, World, execute, world

POINTS = [
    "before T3",
    "after T3",
    "answer read",
    "answer stored",
    "after T4",
    "before advice",
    "advice begun",
    "advice read",
    "advice stored",
]
HARSHEST = Readings(repeated_trxid="sells again", refnum_single_use=False)
BEHAVIOURS = [
    Behaviour.SUCCESS,
    Behaviour.PENDING_SUCCESS,
    Behaviour.DROP_SOLD,
    Behaviour.DROP_UNSOLD,
    Behaviour.UNAVAILABLE_SOLD,
    Behaviour.REFUSED_SOLD,
    Behaviour.KWH_LIMIT,
    Behaviour.EARLIER_TOKEN,
]


class Killed(BaseException):
    """The process is gone: nothing of it runs any further."""


class Killer:
    """Ends the process when it passes the point for the first time, and everything that it would do afterwards."""

    def __init__(self, point: str) -> None:
        self.point = point
        self.passed = 0

    def __call__(self, point: str) -> None:
        self.passed += point == self.point
        if self.passed:
            raise Killed


async def quiet(shop: World, rounds: int = 12) -> None:
    for _ in range(rounds):
        try:
            await shop.later(MINUTE)
        except Killed:
            return


@pytest.mark.parametrize("behaviour", BEHAVIOURS, ids=lambda one: one.name)
@pytest.mark.parametrize("point", POINTS)
async def test_a_crash_at_any_point_loses_nothing_and_pays_once(
    tmp_path: Path, point: str, behaviour: Behaviour
) -> None:
    killer = Killer(point)
    async with world(tmp_path, point=killer, readings=HARSHEST) as shop:
        shop.sandbox.forced = behaviour
        await shop.say("54123456789 50")
        await shop.say("bayar")
        await quiet(shop, 3)
        paid = shop.sandbox.count("PAY")
        began = shop.clock()
    async with world(tmp_path, readings=HARSHEST, at=began + SECOND) as shop:
        shop.sandbox.forced = behaviour
        await quiet(shop)
        paid += shop.sandbox.count("PAY")
        [purchase] = await shop.purchases()
        sold = [one for one in shop.sandbox.books.sales() if one.trxid == purchase.trxid]
        assert paid <= 1
        assert len(sold) <= 1
        if sold:
            assert purchase.state is State.SUCCESS
            [history] = await shop.say(f"token {purchase.sale}")
            assert sold[0].tokens[-1][:4] in history.text
        elif paid == 0 and point == "before T3":
            assert purchase.state is State.FAILED  # confirmed, and for too long unsent
        assert await shop.violations() == []


async def test_a_confirmed_purchase_that_is_still_fresh_is_sent_after_the_restart(tmp_path: Path) -> None:
    async with world(tmp_path, point=Killer("before T3")) as shop:
        await shop.say("54123456789 50")
        await shop.say("bayar")
        began = shop.clock()
        assert shop.sandbox.count("PAY") == 0
    async with world(tmp_path, at=began + 30 * SECOND) as shop:
        said = await shop.settle()
        assert [one.key for one in said] == ["token.only", "pay.done"]
        assert shop.sandbox.count("PAY") == 1


async def test_what_waited_too_long_is_given_back_and_never_sent(tmp_path: Path) -> None:
    async with world(tmp_path, point=Killer("before T3")) as shop:
        await shop.say("54123456789 50")
        await shop.say("bayar")
        began = shop.clock()
    async with world(tmp_path, at=began + MINUTE) as shop:
        said = await shop.settle()
        assert [one.key for one in said] == ["late.failed"]
        assert shop.sandbox.count("PAY") == 0
        assert await shop.violations() == []


class Dying(VsiClient):
    """The real client in a process that ends while a payment is under way: the answer never reaches the shop."""

    @classmethod
    def of(cls, client: VsiClient) -> "Dying":
        return cls(client._access, client._waits, client._now)

    async def send(self, request: Request) -> Reply:
        reply = await super().send(request)
        if isinstance(request, Pay):
            raise Killed
        return reply


async def test_a_payment_under_way_when_the_process_ends_is_never_made_again(tmp_path: Path) -> None:
    async with world(tmp_path, wrap=Dying.of, readings=HARSHEST) as shop:
        await shop.say("54123456789 50")
        await shop.say("bayar")
        began = shop.clock()
        assert shop.sandbox.count("PAY") == 1
    async with world(tmp_path, at=began + SECOND, readings=HARSHEST) as shop:
        await quiet(shop)
        assert shop.sandbox.count("PAY") == 0
        assert [one.state for one in await shop.purchases()] == [State.SUCCESS]
        assert len(shop.sandbox.books.sales()) == 1


async def test_a_stored_answer_is_applied_without_asking_again(tmp_path: Path) -> None:
    async with world(tmp_path, point=Killer("answer stored")) as shop:
        await shop.say("54123456789 50")
        await shop.say("bayar")
        assert (await shop.purchases())[0].state is State.SENDING
    async with world(tmp_path, at=NOON + MINUTE) as shop:
        said = await shop.settle()
        assert [one.key for one in said] == ["token.only", "pay.done"]
        assert shop.sandbox.count("ADV") == 0


async def test_a_message_cut_off_in_sending_comes_again_headed_as_such(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.say("54123456789 50")
        await shop.put("bayar")
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
        await shop.setrum.purchasing.dispatch()
        await shop.setrum.purchasing.idle()
        await execute(shop, "UPDATE outbox SET state = 'sending', attempts = 1 WHERE cause LIKE 'sale:%:token:%'")
    async with world(tmp_path, at=NOON + MINUTE) as shop:
        said = await shop.settle()
        assert [one.text.split("\n")[0] for one in said if one.key == "resend.head"] == ["KIRIM ULANG · T10001"]


@pytest.mark.parametrize("line", ["54123456789 50", "bayar"])
async def test_a_stored_message_whose_turn_never_came_is_handled_at_the_next_start(tmp_path: Path, line: str) -> None:
    async with world(tmp_path) as shop:
        if line == "bayar":
            await shop.say("54123456789 50")
        await shop.put(line)  # T0, and the process ends
    async with world(tmp_path, at=NOON + SECOND) as shop:
        said = await shop.settle()
        assert said[-1].key == ("pay.done" if line == "bayar" else "buy.pay")
        assert await shop.violations() == []


async def test_a_message_delivered_twice_is_one_message(shop: World) -> None:
    await shop.say("54123456789 50")
    item = Inbound("console", "the same", "budi", "bayar", 99, shop.clock())
    for _ in range(3):
        await shop.store.write(inbox.put, item, shop.clock())
    await shop.settle()
    await shop.store.write(inbox.put, item, shop.clock())
    await shop.settle()
    assert shop.sandbox.count("PAY") == 1
