"""The workers that bring purchases to their end: dispatcher, advice and janitor.

A payment is put on the wire once, by `_pay`, after its row says so; everything after that is advice. No worker holds
a transaction while it waits, and each may die at any await: the rows say what is left to do.
"""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import structlog

from bot import ids
from bot.domain import schedule
from bot.domain.message import Message
from bot.domain.purchase import IN_DOUBT, Event, Purchase, State
from bot.domain.rules import Shop
from bot.domain.supply import Advise, Command, Inquire, InquiryAnswer, Pay, PayAnswer, Reply, is_reference
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Store, Supplier, Tx
from bot.services import alerts, batches, breaker, exchanges, notices, people, purchases, settlement, standing
from bot.services.exchanges import Exchange
from bot.underway import UnderWay

log = structlog.get_logger(__name__)

_MOST_ADVICES_A_ROUND = 20

Point = Callable[[str], None]


def _no_point(_: str) -> None:
    """Named places around every commit and call, where a test may end the process."""


class Purchasing:
    """Everything that happens to a purchase after it was placed. `now` is epoch milliseconds."""

    def __init__(
        self,
        store: Store,
        supplier: Supplier,
        shop: Shop,
        now: Callable[[], int],
        *,
        jitter: Callable[[], float] = ids.jitter,
        point: Point = _no_point,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._supplier = supplier
        self._shop = shop
        self._now = now
        self._jitter = jitter
        self._point = point
        self._pause = pause
        self._live: UnderWay[int] = UnderWay("the janitor takes over")
        self._asking: set[int] = set()

    # the dispatcher

    async def dispatch(self) -> int:
        """Start a task for every confirmed purchase, void those that waited too long; how many were found."""
        found, ended = await self._store.read(_look, self._shop, self._now())
        started = await self._store.write(batches.tell, self._shop, self._now()) if ended else 0
        for purchase in found:
            if purchase.id in self._live:
                continue
            started += 1
            if self._now() - purchase.since >= self._shop.waits.confirmed:
                await self._store.write(_expire, purchase.id, self._shop, self._now())
                continue
            self._live.begin(purchase.id, self._pay(purchase.id), f"pay {purchase.sale}")
        return started

    async def probe(self) -> int:
        """While sales are stopped, ask about one meter a minute whether the supplier works again; 1 if it was asked."""
        begun = await self._store.write(_begin_probe, self._supplier, self._shop, self._now())
        if begun is None:
            return 0
        exchange_id, request = begun
        reply = await self._supplier.send(request)
        answer = self._supplier.read_inquiry(reply)
        await self._store.write(_probed, exchange_id, reply, answer, self._now())
        log.info("supplier probed", code=answer.code, verdict=answer.verdict.value)
        return 1

    async def _pay(self, number: int) -> None:
        self._point("before T3")
        begun = await self._store.write(_begin_payment, number, self._supplier, self._shop, self._now())
        if begun is None:
            return
        exchange_id, request = begun
        self._point("after T3")
        reply = await self._supplier.send(request)
        self._point("answer read")
        answer = self._supplier.read_payment(reply)
        await self._complete(exchange_id, reply, answer.code, answer.verdict.value)
        self._point("answer stored")
        now, jitter = self._now(), self._jitter()
        await self._store.write(_settle, exchange_id, answer, self._shop, now, jitter)
        self._point("after T4")
        log.info(
            "payment answered",
            sale=f"T{number}",
            code=answer.code,
            verdict=answer.verdict.value,
            milliseconds=reply.milliseconds,
            note=answer.note,
        )

    async def _complete(self, exchange_id: int, reply: Reply, code: int | None, verdict: str) -> None:
        await self._store.write(exchanges.complete, exchange_id, reply, code, verdict, self._now(), final=False)

    # advice

    async def advise(self) -> int:
        """Ask about every purchase that is due, at most two a second and one at a time a purchase; how many."""
        due = [one for one in await self._store.read(_due_for_advice, self._now()) if one.id not in self._asking]
        asking = []
        for purchase in due:
            self._asking.add(purchase.id)
            asking.append(asyncio.create_task(self._ask_once(purchase.id), name=f"advice {purchase.sale}"))
            await self._pause(self._shop.waits.advice_gap / 1000)
        return sum(await asyncio.gather(*asking))

    async def _ask_once(self, number: int) -> bool:
        try:
            return await self._ask(number)
        except Exception as error:  # noqa: BLE001  # one purchase's trouble must not keep the others from being asked
            log.error("an advice died; its row is found again", sale=f"T{number}", error=type(error).__name__)
            return False
        finally:
            self._asking.discard(number)

    async def _ask(self, number: int) -> bool:
        self._point("before advice")
        begun = await self._store.write(_begin_advice, number, self._supplier, self._shop, self._now(), self._jitter())
        if begun is None:
            return False
        exchange_id, request = begun
        self._point("advice begun")
        reply = await self._supplier.send(request)
        self._point("advice read")
        answer = self._supplier.read_advice(reply, by_payref=request.payref is not None)
        await self._complete(exchange_id, reply, answer.code, answer.verdict.value)
        self._point("advice stored")
        await self._store.write(settlement.apply_advice, exchange_id, answer, self._shop, self._now())
        log.info(
            "advice answered",
            sale=f"T{number}",
            code=answer.code,
            verdict=answer.verdict.value,
            milliseconds=reply.milliseconds,
            note=answer.note,
        )
        return True

    # the janitor

    async def tend(self) -> int:
        """Apply stored answers that nobody applied, put ownerless payments in doubt, say what is due to be said."""
        mended = await self._store.write(settlement.doubt_restored, self._shop, self._now(), self._jitter())
        for row in await self._store.read(_unapplied):
            if row.purchase_id not in self._live and row.purchase_id not in self._asking:
                mended += await self._one(row.purchase_id, self._apply(row))
        for purchase in await self._store.read(_in_state, State.SENDING):
            if purchase.id not in self._live:
                unit = self._store.write(_orphaned, purchase.id, self._shop, self._now(), self._jitter())
                mended += await self._one(purchase.id, unit)
        for purchase in await self._store.read(_open):
            unit = self._store.write(_remind, purchase.id, self._shop, self._now())
            mended += await self._one(purchase.id, unit)
        return mended

    async def _one(self, number: int | None, work: Coroutine[Any, Any, int]) -> int:
        """One purchase's share of a round: its trouble is logged and must not keep the others from theirs."""
        try:
            return await work
        except Exception as error:  # noqa: BLE001  # see above
            log.error("the janitor could not mend a purchase", sale=f"T{number}", error=type(error).__name__)
            return 0

    async def _apply(self, row: Exchange) -> int:
        now = self._now()
        if row.command == Command.PAYMENT:
            answer = self._supplier.read_payment(row.reply)
            await self._store.write(settlement.apply_payment, row.id, answer, self._shop, now, self._jitter())
        else:
            advice = self._supplier.read_advice(row.reply, by_payref=bool(row.by_payref))
            await self._store.write(settlement.apply_advice, row.id, advice, self._shop, now)
        return 1

    async def idle(self) -> None:
        """Wait for the payments on the wire; their tasks tell the log what they raise."""
        await self._live.idle()

    async def stop(self) -> None:
        """Let go of the payments on the wire: their rows say SENDING, the next start asks about them."""
        await self._live.stop()


def check_now(tx: Tx, purchase: Purchase, shop: Shop, now: int) -> Message | None:
    """Join the advice queue at once, after 30 s of rest; what is said depends on whether it was asked just now."""
    last = tx.one(int, "exchange_last_advice_at", purchase_id=purchase.id) or 0
    if purchase.state in IN_DOUBT and purchase.next_at is not None and now - last >= shop.waits.check_rest:
        purchases.save(tx, purchase, dataclasses.replace(purchase, next_at=min(purchase.next_at, now)))
        tx.signal("advice")
        return None
    return notices.checked(purchase, last or purchase.confirmed_at)


@dataclasses.dataclass(frozen=True, slots=True)
class _Due:
    """A confirmed purchase that may be sent, or has waited too long; `since` its turn came, epoch milliseconds."""

    id: int
    sale: str
    since: int


def _look(tx: Tx, shop: Shop, now: int) -> tuple[list[_Due], bool]:
    """What is to be dispatched, and whether the end of a batch is to be told."""
    return _to_dispatch(tx, shop, now), batches.is_due(tx, shop, now)


def _to_dispatch(tx: Tx, shop: Shop, now: int) -> list[_Due]:
    """Confirmed ones that may be sent, or waited too long; the others wait for sales, or for another of a batch."""
    if standing.restriction(tx) is not None:
        return []
    found = _in_state(tx, State.CONFIRMED)
    due = []
    for one in found:
        ahead = batches.ahead_of(tx, one)
        since = batches.turn_since(one, ahead)
        if now - since >= shop.waits.confirmed or (batches.is_next(ahead, shop, now) and breaker.may_send(tx, one)):
            due.append(_Due(one.id, one.sale, since))
    return due


def _settle(tx: Tx, exchange_id: int, answer: PayAnswer, shop: Shop, now: int, jitter: float) -> None:
    """T4, and word to the next line of its batch."""
    if batches.has(tx, settlement.apply_payment(tx, exchange_id, answer, shop, now, jitter)):
        tx.signal("purchase")


def _in_state(tx: Tx, state: State) -> list[Purchase]:
    return tx.all(Purchase, "purchase_in_state", state=state)


def _open(tx: Tx) -> list[Purchase]:
    return tx.all(Purchase, "purchase_open_list")


def _unapplied(tx: Tx) -> list[Exchange]:
    if standing.restriction(tx) is not None:
        return []
    return tx.all(Exchange, "exchange_unapplied")


def _due_for_advice(tx: Tx, now: int) -> list[Purchase]:
    return tx.all(Purchase, "purchase_due_for_advice", now=now, most=_MOST_ADVICES_A_ROUND)


def _expire(tx: Tx, number: int, shop: Shop, now: int) -> None:
    purchase = purchases.by_id(tx, number)
    if purchase.state is State.CONFIRMED and standing.restriction(tx) is None:
        settlement.expire(tx, purchase, shop, now)


def _begin_payment(tx: Tx, number: int, supplier: Supplier, shop: Shop, now: int) -> tuple[int, Pay] | None:
    """T3: from its commit on a payment may exist at the supplier, so it is never made again."""
    purchase = purchases.by_id(tx, number)
    if purchase.state is not State.CONFIRMED or not breaker.may_send(tx, purchase):
        return None
    since = batches.turn_since(purchase, batches.ahead_of(tx, purchase))
    if abs(now - since) >= shop.waits.confirmed:  # also where the clock was set back meanwhile
        settlement.expire(tx, purchase, shop, now)
        return None
    if purchases.stopped(tx, people.agent(tx, purchase.agent_id)):  # since it was placed: provably unsent
        settlement.expire(tx, purchase, shop, now)
        tx.signal("purchase")  # the next line of its batch has waited for it
        return None
    purchase = purchases.move(tx, purchase, Event.SEND, now)
    purchases.save(tx, purchase, dataclasses.replace(purchase, sent_at=now))
    request = Pay(purchase.trxid, purchase.denomination, purchase.refnum)
    return exchanges.begin(tx, supplier, request, now, purchase_id=number), request


def _begin_advice(
    tx: Tx, number: int, supplier: Supplier, shop: Shop, now: int, jitter: float
) -> tuple[int, Advise] | None:
    """The advice's row, and the next one's time moved before the call, so that no crash makes a burst."""
    purchase = purchases.by_id(tx, number)
    if purchase.next_at is None or purchase.next_at > now:
        return None
    counted = dataclasses.replace(purchase, advices=purchase.advices + 1)
    if purchase.state is State.FAILED:
        twin = tx.one(Purchase, "purchase_open_twin", msn=purchase.msn, denomination=purchase.denomination)
        if twin is not None:  # its token could be the twin's: wait until that one is settled
            later = dataclasses.replace(purchase, next_at=now + shop.waits.advice_quarterly)
            purchases.save(tx, purchase, later)
            return None
        counted = dataclasses.replace(counted, rechecks=purchase.rechecks + 1)
    due = schedule.next_advice(counted, now, shop.waits, jitter)
    purchase = purchases.save(tx, purchase, dataclasses.replace(counted, next_at=due))
    if purchase.state is State.UNKNOWN:  # the card that says so may tell when it was asked last, and when it is next
        chat, card = purchase.conversation_id, notices.pending(purchase, now)
        outbox.change(
            tx, chat, f"sale:{number}:pending:{chat}", card, now, cause=f"sale:{number}:asked:{counted.advices}"
        )
    trxid = ids.advice_trxid() if shop.fresh_advice_id else purchase.trxid
    payref = purchase.payref if is_reference(purchase.payref or "") else None  # a report may bring another form
    request = Advise(trxid, purchase.msn, purchase.denomination, payref)
    return exchanges.begin(tx, supplier, request, now, purchase_id=number), request


def _orphaned(tx: Tx, number: int, shop: Shop, now: int, jitter: float) -> int:
    purchase = purchases.by_id(tx, number)
    if purchase.state is not State.SENDING:
        return 0
    purchase = settlement.unclear(tx, purchase, shop, now, jitter)
    breaker.after_payment(tx, purchase, None, shop, now)
    return 1


def _begin_probe(tx: Tx, supplier: Supplier, shop: Shop, now: int) -> tuple[int, Inquire] | None:
    meter = breaker.due(tx, shop, now)
    if meter is None:
        return None
    request = Inquire(ids.inquiry_trxid(), meter)
    return exchanges.begin(tx, supplier, request, now), request


def _probed(tx: Tx, exchange_id: int, reply: Reply, answer: InquiryAnswer, now: int) -> None:
    exchanges.complete(tx, exchange_id, reply, answer.code, answer.verdict.value, now, final=True)
    breaker.probed(tx, answer)


def _remind(tx: Tx, number: int, shop: Shop, now: int) -> int:
    """What is due to be said about an open purchase: only the latest of it, each once."""
    purchase, waits = purchases.by_id(tx, number), shop.waits
    age = now - (purchase.sent_at or purchase.confirmed_at)
    if purchase.state in (State.UNKNOWN, State.VERIFY) and age >= waits.manual:
        settlement.overdue(tx, purchase, shop, now)
        return 1
    if purchase.state not in (State.SENDING, State.UNKNOWN, State.VERIFY):
        return 0
    told = purchase.told
    if age >= waits.pending and told < 1 and purchase.state is State.SENDING:
        settlement.tell_pending(tx, purchase, now)
        return 1
    if age >= waits.owner_alert and told < 3:
        alerts.raise_alert(tx, "own.pending", purchase, "in doubt for long", shop, now)
        told = 3
    elif age >= waits.ten_minutes and told < 2:
        told = 2
    if told == purchase.told:
        return 0
    if purchase.told < 2:
        outbox.put(
            tx,
            purchase.conversation_id,
            notices.waiting(purchase, "pend.10min"),
            now,
            cause=f"sale:{number}:10min:{purchase.conversation_id}",
            message_class=Class.CRITICAL,
            reply_to=purchase.order_id,
            purchase_id=number,
        )
    purchases.save(tx, purchase, dataclasses.replace(purchase, told=told))
    return 1
