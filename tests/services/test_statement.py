"""A statement adds up, whatever happened: opening and entries make the closing balance, and the days chain."""

import itertools
import random

import pytest

from bot.clock import DAY, HOUR, MINUTE
from bot.domain.ledger import ADJUSTMENT, CASH, DEPOSIT, MARGIN, Transfer
from bot.ports import Tx
from bot.services import ledger, statement
from tests.world import NOON, World

ACCOUNT = "agent:1"
DAYS = 9


def happens(tx: Tx, chance: random.Random, number: int, at: int) -> None:
    """One event of an account: a sale is two transfers of one purchase."""
    ledger.open_account(tx, ADJUSTMENT, guarded=False)
    amount = chance.randrange(1, 40) * 1_000
    usable = ledger.account(tx, ACCOUNT).available
    if chance.random() < 0.3 or usable <= amount + 400:
        made = [Transfer(f"topup:{number}", CASH, ACCOUNT, amount * 9, "topup")]
    elif chance.random() < 0.2:
        made = [Transfer(f"adjust:{number}", ACCOUNT, ADJUSTMENT, amount, "adjust", reason="salah catat")]
    else:
        pid = 20_000 + number
        made = [
            Transfer(f"sale:{pid}:cost", ACCOUNT, DEPOSIT, amount, "sale", pid),
            Transfer(f"sale:{pid}:margin", ACCOUNT, MARGIN, 400, "sale", pid),
        ]
    for transfer in made:
        ledger.post(tx, transfer, at)


@pytest.mark.parametrize("seed", range(12))
async def test_opening_and_entries_make_the_closing_balance_and_the_days_chain(shop: World, seed: int) -> None:
    chance = random.Random(seed)
    at = NOON
    for number in range(60):
        at += chance.choice((0, MINUTE, 3 * HOUR, 11 * HOUR))
        await shop.store.write(happens, chance, number, at)
    count = (at - NOON) // DAY + 2

    def read(tx: Tx) -> list[statement.Day]:
        return [statement.of_day(tx, ACCOUNT, shop.shop, at, back) for back in range(count, -2, -1)]

    days = await shop.store.read(read)
    for day in days:
        assert day.opening + sum(one.amount for one in day.entries) == day.closing
        assert day.opening + day.added - day.taken == day.closing
        assert all(day.at <= one.at < day.at + DAY for one in day.entries)
    for day, following in itertools.pairwise(days):
        assert day.closing == following.opening
        assert following.at == day.at + DAY
    assert days[0].opening == 0
    account = await shop.store.read(ledger.account, ACCOUNT)
    assert days[-1].closing == account.posted
    assert sum(len(day.entries) for day in days) == 61  # each event once, and the deposit that the shop began with
    sales = [one for day in days for one in day.entries if one.kind == "sale"]
    assert len({one.purchase_id for one in sales}) == len(sales)


async def test_an_entry_at_midnight_belongs_to_the_day_that_begins(shop: World) -> None:
    midnight = NOON + 12 * HOUR
    for number, at in enumerate((midnight - 1, midnight)):
        await shop.store.write(ledger.post, Transfer(f"topup:{number}", CASH, ACCOUNT, number + 1, "topup"), at)
    first, second = [await shop.store.read(statement.of_day, ACCOUNT, shop.shop, midnight, back) for back in (1, 0)]
    assert [one.amount for one in first.entries][-1] == 1
    assert [one.amount for one in second.entries] == [2]
    assert (first.closing, second.opening, second.closing) == (500_001, 500_001, 500_003)
