"""What is known about a purchase in doubt, in words that an owner understands: what was asked, what was answered.

Reads rows only. A code's meaning here is for people; what an answer does to money is settled elsewhere, by its class.
"""

from collections.abc import Iterable
from itertools import groupby

from bot.domain.message import MeterNumber, Nominal, Rupiah, Text, Value
from bot.domain.purchase import Purchase, State
from bot.domain.rules import Shop
from bot.domain.supply import AdviceVerdict, Command, PayVerdict, Transport
from bot.ports import Tx
from bot.services import breaker, by_hand, notices, status, strays, trail
from bot.services.by_hand import Case
from bot.services.decisions import Decision
from bot.services.exchanges import Exchange

_APPROVED = ", approved by "  # as a proposal is signed
_MOST_ADVICES = 4  # groups of equal answers, the latest
_MEANS = {
    "means.none": (63, 96),
    "means.queued": (18, 52, 68, 73),
    "means.sold": (70, 88, 146),
    "means.closed": (8, 90),
    "means.deposit": (26, 46),
    "means.cap": (47,),
    "means.expired": (48, 92, 93, 98),
    "means.refused": (51, 72, 89),
}
_BY_CODE = {code: key for key, codes in _MEANS.items() for code in codes}


def lines(tx: Tx, case: Case, shop: Shop, now: int) -> tuple[Text, ...]:
    """Whom it is for, what was sent when and what came back, why it is in doubt, and what would settle it."""
    one = case.purchase
    facts: dict[str, Value] = {"name": one.name, "meter": MeterNumber(one.msn), "rp": Nominal(one.denomination)}
    found = [Text("case.facts", facts), Text("case.paid", {"time": notices.when(one.confirmed_at, shop, now)})]
    payments = [row for row in case.exchanges if row.command == Command.PAYMENT]
    found += [_payment(row, shop, now) for row in payments]
    found += _advices([row for row in case.exchanges if row.command == Command.ADVICE], shop, now)
    found += [Text("case.stray", {"stray": stray.sale}) for stray in strays.of_purchase(tx, one.id)]
    if one.is_open:
        found += _doubt(tx, one, shop, now)
    found.append(Text("case.trxid", {"trxid": one.trxid}))
    return (*found, *decided(tx, case.decisions, shop, now))


def _payment(row: Exchange, shop: Shop, now: int) -> Text:
    args: dict[str, Value] = {"time": notices.when(row.requested_at, shop, now)}
    if row.completed_at is None or row.transport == Transport.LOST:
        return Text("case.pay_lost", args)
    if row.transport == Transport.TIMEOUT:
        return Text("case.pay_silent", args)
    if row.transport == Transport.UNSENT:
        return Text("case.pay_unsent", args)
    if row.code is None:
        return Text("case.pay_unread", args)
    if row.verdict == PayVerdict.SETTLED:
        return Text("case.pay_sale", args)
    return Text("case.pay_code", args | {"code": row.code, "meaning": Text(meaning(row))})


def meaning(row: Exchange) -> str:
    """The key of what the answer's code says to a person."""
    if row.verdict == AdviceVerdict.REFUSED:
        return "means.ours"
    return _BY_CODE.get(-1 if row.code is None else row.code, "means.unsure")


def _answer(row: Exchange) -> tuple[str, int | None]:
    """What several advices may have in common: the text of their answer, and its code."""
    if row.completed_at is None or row.transport != Transport.ANSWERED:
        return "case.adv_silent", None
    if row.verdict == AdviceVerdict.SALE:
        return "case.adv_sale", None
    return ("case.adv_unread", None) if row.code is None else ("case.adv_code", row.code)


def _advices(rows: list[Exchange], shop: Shop, now: int) -> list[Text]:
    """The latest, equal neighbours in one line."""
    groups = [(answer, list(found)) for answer, found in groupby(rows, _answer)]
    earlier = sum(len(found) for _, found in groups[:-_MOST_ADVICES])
    said = [Text("case.adv_earlier", {"n": earlier})] if earlier else []
    for (key, code), found in groups[-_MOST_ADVICES:]:
        first, last = notices.when(found[0].requested_at, shop, now), notices.when(found[-1].requested_at, shop, now)
        span: Value = first
        if len(found) > 1:
            span = Text("case.span", {"first": first, "last": last, "n": len(found)})
        args: dict[str, Value] = {"time": span}
        if code is not None:
            args |= {"code": code, "meaning": Text(meaning(found[-1]))}
        said.append(Text(key, args))
    return said


def _doubt(tx: Tx, one: Purchase, shop: Shop, now: int) -> Iterable[Text]:
    why = {State.VERIFY: "case.why_verify", State.MANUAL: "case.why_manual", State.UNKNOWN: "case.why_unknown"}
    yield Text(why.get(one.state, "case.why_sending"), {"rp": Rupiah(one.price)})
    if one.next_at is not None:
        yield Text("case.next", {"time": notices.when(max(one.next_at, now), shop, now)})
    if breaker.read(tx).state is not breaker.Position.CLOSED:
        yield Text("case.breaker", {"status": status.line(tx, shop, now)})
    if by_hand.is_for_hand(one, shop, now):
        yield Text("case.now")
    else:
        yield Text("case.from", {"time": notices.when(by_hand.settled_from(one, shop), shop, now)})


def decided(tx: Tx, decisions: list[Decision], shop: Shop, now: int) -> Iterable[Text]:
    """What people decided: who, when, what and why."""
    for taken in decisions:
        args: dict[str, Value] = {"time": notices.when(taken.created_at, shop, now), "reason": taken.reason}
        yield Text("case.decided", args | {"actor": _actor(tx, taken.actor), "what": _what(taken.kind)})


def _actor(tx: Tx, actor: str) -> Value:
    """Who, and with a second approver both."""
    first, _, second = actor.partition(_APPROVED)
    if second:
        return Text("case.two", {"first": _actor(tx, first), "second": _actor(tx, second)})
    who = trail.doer(tx, actor)
    return Text("trail.by", {"role": Text(f"role.{who.role}"), "chat": who.name}) if who.role else who.name


def _what(kind: str) -> Text:
    keys = {
        "sold": "case.did_sold",
        "not sold": "case.did_unsold",
        "absent": "case.did_unsold",
        "late: loss": "case.did_loss",
        "late: agent pays": "case.did_paid",
        "stray:claimed": "case.did_claimed",
        "stray:loss": "case.did_loss",
    }
    return Text(keys[kind]) if kind in keys else Text("case.did_other", {"kind": kind})
