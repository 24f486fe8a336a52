"""The owner at the end of a run: the supplier's report is held against the books, and what is left is settled by hand.

Works beside the shop's database as `setrum reconcile` and `setrum settle` do, while the process is down.
"""

import random
from collections import Counter
from pathlib import Path

from bot import clock
from bot.domain import report
from bot.domain.purchase import Purchase, State
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.sandbox import Sold
from bot.services import by_hand, reconciliation, strays
from bot.services.absence import Claim
from bot.services.by_hand import Stated, Word
from bot.services.decisions import DecisionError
from bot.settings import Settings
from bot.store.sqlite import SqliteStore
from tests.crash.victim import DATABASE
from tests.statement import report_of

_ACTOR = "crash campaign"
_WORD = Word(_ACTOR, "the supplier's written answer")
_FIELDS = Settings.model_fields
_LAYOUT = report.layout(_FIELDS["recon_columns"].default, _FIELDS["recon_success"].default)


async def settle(folder: Path, shop: Shop, sales: list[Sold], now: clock.Now, chance: random.Random) -> Counter[str]:
    """Settle everything that is open or late; how many of which kind, and as `refused` what could not be settled."""
    sold = {one.trxid: one for one in sales}
    done: Counter[str] = Counter()
    store = await SqliteStore.open(folder / DATABASE, now(), migrating=False)
    try:
        filed = reconciliation.filed(report_of(sales), "report.csv", _LAYOUT, _ACTOR)
        outcome = await reconciliation.reconcile(store, filed, Claim(), shop, now, strangers=True)
        done.update({f"report: {one.result}": one.count for one in outcome.sums})
        for case in await store.read(by_hand.pending):
            agent_pays = chance.random() < 0.5
            try:
                done[
                    await store.write(_settle, case.purchase, sold.get(case.purchase.trxid), agent_pays, shop, now())
                ] += 1
            except DecisionError as error:
                done[f"refused: {error}"] += 1
        for stray in await store.read(strays.opened):
            await store.write(strays.settle, stray.id, claimed=False, actor=_ACTOR, reason=_WORD.reason, now=now())
            done[f"by hand: a {stray.kind} sale, the shop's loss"] += 1
        return done
    finally:
        await store.close()


def _settle(tx: Tx, purchase: Purchase, sold: Sold | None, agent_pays: bool, shop: Shop, now: int) -> str:
    if purchase.state is State.LATE:
        return _decide(tx, purchase, agent_pays, now)
    if sold is None or tx.one(int, "token_owner", digits=sold.tokens[-1]) is not None:
        # where the token is known it went to the next purchase of the same, and that one was not sold itself
        by_hand.settle_unsold(tx, purchase, _WORD, shop, now)
        return "by hand: not sold"
    stated = Stated(" ".join(sold.tokens), sold.payref, sold.msn, sold.nominal + sold.adm, adm=sold.adm)
    by_hand.settle_sold(tx, purchase, stated, _WORD, shop, now)
    return "by hand: sold"


def _decide(tx: Tx, late: Purchase, agent_pays: bool, now: int) -> str:
    if agent_pays:
        try:
            by_hand.settle_late(tx, late, _WORD, now, agent_pays=True)
            return "by hand: late, the agent pays"
        except DecisionError:  # he has not so much left
            pass
    by_hand.settle_late(tx, late, _WORD, now, agent_pays=False)
    return "by hand: late, the shop's loss"
