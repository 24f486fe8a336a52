"""Shops with one safeguard taken out, to show that the model finds it: a test that cannot fail proves nothing."""

import dataclasses
from typing import Any, ClassVar

from bot.domain.purchase import Purchase, State
from bot.domain.supply import Pay
from bot.services import exchanges, purchases, settlement
from bot.services.purchasing import Purchasing
from tests.simulation.shop import RULES, Shop


class RefundsInDoubt(Shop):
    """Gives the money back when a payment's answer is unclear."""

    def run(self, unit: Any, *args: Any, **kwargs: Any) -> Any:
        made = super().run(unit, *args, **kwargs)
        if unit is settlement.apply_payment and made.state is State.UNKNOWN:
            super().run(settlement.unsold_by_hand, made, RULES, self.now, actor="nobody", reason="unclear")
        return made


class TrustsAdvice(Shop):
    """Takes whatever sale an advice reports for the one that was asked about."""

    def run(self, unit: Any, *args: Any, **kwargs: Any) -> Any:
        if unit is settlement.apply_advice and args[1].sale is not None:
            asked = self.view(_asked_about, args[0])
            total = asked.denomination + asked.adm
            sale = dataclasses.replace(args[1].sale, msn=asked.msn, total=total, adm=asked.adm, paid_at=self.now)
            args = (args[0], dataclasses.replace(args[1], sale=sale), *args[2:])
        return super().run(unit, *args, **kwargs)


class _PaysAgain(Purchasing):
    async def tend(self) -> int:
        for one in await self._store.read(_sending):
            if one.id not in self._live:
                await self._supplier.send(Pay(one.trxid, one.denomination, one.refnum))
        return await super().tend()


class PaysAgain(Shop):
    """Sends a payment once more if a restart finds it without an answer."""

    workers_made: ClassVar[type[Purchasing]] = _PaysAgain


class ForgetsStoredAnswers(Shop):
    """Never applies an answer that was stored before the process ended."""

    def view(self, unit: Any, *args: Any, **kwargs: Any) -> Any:
        found = super().view(unit, *args, **kwargs)
        return [] if getattr(unit, "__name__", "") == "_unapplied" else found


def _asked_about(tx: Any, exchange: int) -> Purchase:
    return purchases.by_id(tx, exchanges.by_id(tx, exchange).purchase_id or 0)


def _sending(tx: Any) -> list[Purchase]:
    found: list[Purchase] = tx.all(Purchase, "purchase_in_state", state=State.SENDING)
    return found


MUTANTS: tuple[type[Shop], ...] = (RefundsInDoubt, TrustsAdvice, PaysAgain, ForgetsStoredAnswers)
