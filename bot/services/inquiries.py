"""Inquiries: who stands behind a meter number, asked as often as needed and paced per agent. No money is involved."""

from collections.abc import Callable
from dataclasses import dataclass

from bot import ids
from bot.clock import MINUTE, SECOND, day_span
from bot.domain.message import Clock, Message, Option, Text
from bot.domain.meter import IDPEL_DIGITS, looks_like_phone
from bot.domain.rules import Shop
from bot.domain.supply import Inquire, Inquiry, InquiryAnswer, InquiryVerdict
from bot.ports import Store, Supplier, Tx
from bot.services import exchanges, notices, safety

_MENU = (notices.option("menu", "menu"),)


@dataclass(frozen=True, slots=True)
class NotFound:
    """Why there is no customer to show; nothing was charged."""

    message: Message


async def inquire(
    store: Store, supplier: Supplier, shop: Shop, now: Callable[[], int], number: str, agent_id: int
) -> Inquiry | NotFound:
    """Ask the supplier, once more if the date rolled over in between. # VSI §2"""
    answer = InquiryAnswer(InquiryVerdict.REBUILD, "err.expired")
    for _ in range(2):
        begun = await store.write(_begin, supplier, shop, number, agent_id, now())
        if isinstance(begun, NotFound):
            return begun
        exchange_id, request = begun
        reply = await supplier.send(request)
        answer = supplier.read_inquiry(reply)
        await store.write(exchanges.complete, exchange_id, reply, answer.code, answer.verdict.value, now(), final=True)
        if answer.verdict is not InquiryVerdict.REBUILD:
            break
    if answer.inquiry is not None:
        return answer.inquiry
    return refused(number, answer.key if answer.verdict is not InquiryVerdict.REBUILD else "err.inquiry")


def refused(number: str, key: str) -> NotFound:
    """The text of §7 at once, with what may explain it, and that nothing was charged."""
    more: list[Text] = []
    if key == "err.number":
        if len(number) == IDPEL_DIGITS:
            more.append(Text("num.postpaid"))
        if looks_like_phone(number):
            more.append(Text("num.phone"))
    way_on: Option = notices.option("retype", "beli")
    if key not in ("err.number", "num.postpaid"):
        way_on = notices.option("recheck", number)
    if key != "err.inquiry":  # which says so itself
        more.append(Text("err.nothing_charged"))
    return NotFound(Message(Text(key), tuple(more), (way_on,)))


def _begin(
    tx: Tx, supplier: Supplier, shop: Shop, number: str, agent_id: int, now: int
) -> tuple[int, Inquire] | NotFound:
    if safety.is_blocked(tx, number):
        return NotFound(safety.blocked_refusal())
    if refusal := _too_many(tx, shop, agent_id, now):
        return NotFound(refusal)
    request = Inquire(ids.inquiry_trxid(), number)
    return exchanges.begin(tx, supplier, request, now, agent_id=agent_id), request


def _too_many(tx: Tx, shop: Shop, agent_id: int, now: int) -> Message | None:
    """Whether the account has asked enough for this minute, or for this day of the shop's; until when it waits."""
    start, end = day_span(now, shop.zone)
    if (tx.one(int, "exchange_inquiries_since", agent_id=agent_id, since=start) or 0) >= shop.inquiries_a_day:
        return Message(Text("limit.day", {"n": shop.inquiries_a_day, "time": Clock(end)}), options=_MENU)
    nth = tx.one(int, "exchange_inquiry_nth", agent_id=agent_id, since=now - MINUTE, before=shop.inquiries_a_minute - 1)
    if nth is None:
        return None
    return Message(Text("limit.slow", {"seconds": max(1, -(-(nth + MINUTE - now) // SECOND))}), options=_MENU)
