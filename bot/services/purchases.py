"""Quotes and purchases: from a price offered to money held, and every later move of a purchase's state.

Placing is one unit: the quote is used up, the hold opened and the purchase written, or nothing of it. No call to the
supplier happens here.
"""

import dataclasses
from collections.abc import Collection
from dataclasses import dataclass

from bot import ids
from bot.clock import MINUTE, day_span
from bot.domain.ledger import COUNTER
from bot.domain.message import Clock, Message, Option, Rupiah, Text, Value
from bot.domain.people import Agent
from bot.domain.purchase import Event, Purchase, Quote, State, after
from bot.domain.rules import Shop
from bot.domain.supply import Inquiry, Sale
from bot.ports import Tx
from bot.services import breaker, ledger, notices, people, prices, safety

_FIRST_SALE = 10_001
# what is settled at placing never changes; these do
_FIXED = frozenset(field.name for field in dataclasses.fields(Quote)) | {
    "trxid", "quote_id", "order_id", "price", "rebate", "confirmed_at", "ver",
}  # fmt: skip
_CHANGING = tuple(field.name for field in dataclasses.fields(Purchase) if field.name not in _FIXED)


class PurchaseError(Exception):
    """A move that the table of transitions does not know: a bug."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was bought; no money moved. `fresh` is the quote at the price that now holds."""

    message: Message
    fresh: Quote | None = None


def quote(
    tx: Tx, conversation_id: int, agent: Agent, inquiry: Inquiry, denomination: int, shop: Shop, now: int
) -> Quote | Refused:
    """Offer a price for ten minutes, or say at once what stands in the way of paying it."""
    made = priced(tx, conversation_id, agent, inquiry, denomination, shop, now)
    if refusal := obstacle(tx, made, agent, shop, now):
        return refusal
    keep(tx, made)
    return made


def priced(
    tx: Tx, conversation_id: int, agent: Agent, inquiry: Inquiry, denomination: int, shop: Shop, now: int
) -> Quote:
    """A price, not yet written down."""
    return Quote(
        id=ids.ulid(),
        conversation_id=conversation_id,
        agent_id=agent.id,
        msn=inquiry.msn,
        idpel=inquiry.idpel,
        name=inquiry.name,
        tariff_power=inquiry.tariff_power,
        refnum=inquiry.refnum,
        unsold_tokens=inquiry.unsold_tokens,
        denomination=denomination,
        adm=inquiry.adm,
        markup=prices.surcharge(tx, agent, denomination, shop),
        fee=agent.fee,
        created_at=now,
        expires_at=now + shop.waits.quote,
    )


def place(
    tx: Tx, quote_id: str, order_id: str, shop: Shop, now: int, beside: Collection[int] = ()
) -> Purchase | Refused:
    """Use up the quote: hold the price and write the purchase. Placed again it is the same purchase.

    `beside` are the purchases that the same press has just placed: they do not count towards too many.
    """
    if existing := tx.one(Purchase, "purchase_by_quote", quote_id=quote_id):
        return existing
    offered = tx.one(Quote, "quote_by_id", id=quote_id)
    if offered is None:
        raise PurchaseError(f"no quote {quote_id}")
    agent = people.agent(tx, offered.agent_id)
    if offered.expires_at <= now:
        return lapsed(offered)
    if refusal := obstacle(tx, offered, agent, shop, now, beside):
        return refusal
    if (markup := prices.surcharge(tx, agent, offered.denomination, shop)) != offered.markup:
        changed = dataclasses.replace(offered, id=ids.ulid(), markup=markup)
        keep(tx, changed)
        args: dict[str, Value] = {"old": Rupiah(offered.price), "new": Rupiah(changed.price)}
        return Refused(Message(Text("pay.changed", args)), fresh=changed)
    made = _write(tx, offered, order_id, shop, now)
    ledger.hold(tx, made.id, made.agent_id, made.price)
    breaker.took(tx, made)
    tx.signal("purchase")
    return made


def lapsed(offered: Quote) -> Refused:
    """Too late for this quote, whatever the reason: the check begins anew."""
    again = notices.option("recheck", f"{offered.msn} {offered.denomination}")
    return Refused(Message(Text("pay.expired"), options=(again,)))


def obstacle(
    tx: Tx, offered: Quote, agent: Agent, shop: Shop, now: int, beside: Collection[int] = ()
) -> Refused | None:
    """What stands in the way of paying this quote now: what is stopped or closed, a twin, a limit, the money."""
    if refusal := stopped(tx, agent):
        return refusal
    if safety.is_blocked(tx, offered.msn, offered.idpel):
        return Refused(safety.blocked_refusal())
    if refusal := closed(tx, agent, shop, notices.option("recheck", f"{offered.msn} {offered.denomination}")):
        return refusal
    change = notices.option("change_amount", offered.msn)
    if twin := tx.one(Purchase, "purchase_open_twin", msn=offered.msn, denomination=offered.denomination):
        own = (notices.option("check_now", f"cek {twin.sale}"),) if twin.agent_id == agent.id else ()
        return Refused(Message(Text("pay.twin"), options=(*own, change)))
    return hindrance(tx, offered.conversation_id, agent, offered.price, (change,), shop, now, beside)


def stopped(tx: Tx, agent: Agent) -> Refused | None:
    """Whether nobody buys on this account."""
    if agent.state != "active":
        return Refused(Message(Text("pay.frozen")))
    return Refused(safety.refusal()) if safety.is_locked(tx, agent.id) else None


def barred(tx: Tx, agent: Agent, shop: Shop, *again: Option) -> Refused | None:
    """Whether this account buys nothing now, whatever it is."""
    return stopped(tx, agent) or closed(tx, agent, shop, *again)


def closed(tx: Tx, agent: Agent, shop: Shop, *again: Option) -> Refused | None:
    """Whether nobody buys at all; at the counter stands who can open it. `again` is the order, for afterwards."""
    reason = breaker.refusal(tx)
    if reason is None:
        return None
    more = (Text("demo.opens"),) if shop.practice else ()
    opens = breaker.way_in(tx) if agent.id == COUNTER else None
    options = (opens or notices.option("tell_me", "kabari"), *again)
    return Refused(Message(Text("maint.agent", {"reason": reason}), more, options))


def hindrance(
    tx: Tx,
    conversation_id: int,
    agent: Agent,
    price: int,
    change: tuple[Option, ...],
    shop: Shop,
    now: int,
    beside: Collection[int] = (),
) -> Refused | None:
    """What the account may not spend that much for now: too many unclear, a limit, the money."""
    since = now - shop.waits.counts_as_open
    fresh = tx.all(Purchase, "purchase_open_of_agent_since", agent_id=agent.id, since=since)
    fresh = [one for one in fresh if one.id not in beside]
    if len(fresh) >= shop.most_open:
        minutes = max(1, -(-(fresh[0].confirmed_at - since) // MINUTE))
        see = notices.option("see", f"cek {fresh[0].sale}", sale=fresh[0].sale)
        return Refused(Message(Text("pay.many", {"minutes": minutes}), options=(see,)))
    if refusal := _over_limit(tx, conversation_id, agent, price, shop, now):
        return refusal
    usable = ledger.agent_account(tx, agent.id).available
    if agent.id != COUNTER and usable < price:
        missing = price - usable
        if people.is_cashiers(tx, conversation_id):
            return Refused(Message(Text("pay.short_account"), options=change))
        args: dict[str, Value] = {"missing": Rupiah(missing), "usable": Rupiah(usable), "need": Rupiah(price)}
        wanted = -(-max(missing, shop.top_up_least) // 1_000) * 1_000
        top_up = notices.option("top_up", f"tiket {wanted}")
        return Refused(Message(Text("pay.short", args), options=(top_up, *change)))
    return None


def balance_for_chat(tx: Tx, purchase: Purchase) -> int | None:
    """What is left of the account's money, for the chat that bought; None where a cashier sits."""
    if people.is_cashiers(tx, purchase.conversation_id):
        return None
    return ledger.agent_account(tx, purchase.agent_id).posted


def _over_limit(tx: Tx, conversation_id: int, agent: Agent, price: int, shop: Shop, now: int) -> Refused | None:
    """The account's limit a day, and what a further chat of it may spend while it is new."""
    start, end = day_span(now, shop.zone)
    if agent.daily_limit:
        spent = tx.one(int, "purchase_spent", agent_id=agent.id, start=start, end=end) or 0
        if spent + price > agent.daily_limit:
            return Refused(Message(Text("pay.limit", {"limit": Rupiah(agent.daily_limit)})))
    since = people.new_since(tx, conversation_id, now)
    if since is not None:
        chat: dict[str, int] = {"conversation_id": conversation_id, "agent_id": agent.id, "since": since}
        spent = tx.one(int, "purchase_spent_in_chat", **chat) or 0
        if spent + price > shop.new_chat_limit:
            limit = Text("pay.limit", {"limit": Rupiah(shop.new_chat_limit)})
            return Refused(Message(limit, (Text("pay.limit_new"),)))
    return None


def same_today(tx: Tx, agent_id: int, msn: str, denomination: int, shop: Shop, now: int) -> list[Purchase]:
    """The agent's purchases of this meter and amount today, and within ten minutes across midnight; oldest first."""
    start, _ = day_span(now, shop.zone)
    start = min(start, now - shop.waits.repeat_across_midnight)
    return tx.all(Purchase, "purchase_same_since", agent_id=agent_id, msn=msn, denomination=denomination, since=start)


def again_question(purchases: list[Purchase]) -> Message:
    """*pay.again*: bought already today; the deliberate repeat is asked for by its number."""
    last = purchases[-1]
    args: dict[str, Value] = {"time": Clock(last.confirmed_at), "rp": Rupiah(last.denomination), "sale": last.sale}
    repeat = Option("again", Text("btn.again", {"n": len(purchases) + 1}))
    see = notices.option("see", f"cek {last.sale}", sale=last.sale)
    return Message(Text("pay.again", args), options=(repeat, see, Option("cancel", Text("btn.cancel"))))


def keep(tx: Tx, offered: Quote) -> None:
    """Write the quote down, so that it can be paid."""
    tx.run("quote_add", **{field.name: getattr(offered, field.name) for field in dataclasses.fields(offered)})


def count(tx: Tx) -> int:
    """How many there ever were, by the number of the last."""
    return max(0, (tx.one(int, "purchase_last_id") or 0) - _FIRST_SALE + 1)


def _write(tx: Tx, offered: Quote, order_id: str, shop: Shop, now: int) -> Purchase:
    number = tx.one(int, "purchase_last_id") or 0
    made = Purchase(
        id=max(number + 1, _FIRST_SALE),
        trxid=ids.payment_trxid(),
        quote_id=offered.id,
        conversation_id=offered.conversation_id,
        agent_id=offered.agent_id,
        order_id=order_id,
        state=State.CONFIRMED,
        ver=1,
        msn=offered.msn,
        idpel=offered.idpel,
        name=offered.name,
        tariff_power=offered.tariff_power,
        refnum=offered.refnum,
        denomination=offered.denomination,
        adm=offered.adm,
        markup=offered.markup,
        fee=offered.fee,
        price=offered.price,
        rebate=shop.rebate,
        confirmed_at=now,
        sent_at=None,
        settled_at=None,
        reason="",
        refused="",
        payref=None,
        advref=None,
        paid_at=None,
        sold_adm=None,
        kwh="",
        vat=0,
        local_tax=0,
        instalment=0,
        stamp_duty=0,
        clock_offset=None,
        next_at=None,
        advices=0,
        negatives=0,
        first_negative_at=None,
        rechecks=0,
        told=0,
        claim_code=None,
    )
    tx.run("purchase_add", **{field.name: getattr(made, field.name) for field in dataclasses.fields(made)})
    return made


def by_id(tx: Tx, purchase_id: int) -> Purchase:
    """The purchase; an unknown id is a programmer's error."""
    found = tx.one(Purchase, "purchase_by_id", id=purchase_id)
    if found is None:
        raise PurchaseError(f"no purchase {purchase_id}")
    return found


def is_anothers(tx: Tx, sale: Sale, purchase: Purchase) -> bool:
    """Whether the sale's credit token or reference belongs to another purchase."""
    owner = tx.one(int, "token_owner", digits=sale.tokens[-1]) if sale.tokens else None
    if owner is not None and owner != purchase.id:
        return True
    return bool(sale.payref and tx.one(int, "purchase_has_payref", payref=sale.payref, id=purchase.id))


def move(tx: Tx, purchase: Purchase, event: Event, now: int, *, actor: str = "", reason: str = "") -> Purchase:
    """Follow the table of transitions and write the changed purchase; what the table does not know raises."""
    state = after(purchase.state, event)
    if state is None:
        raise PurchaseError(f"{purchase.sale} is {purchase.state} and knows no '{event}'")
    moved = save(tx, purchase, dataclasses.replace(purchase, state=state))
    tx.run(
        "movement_add",
        purchase_id=purchase.id,
        from_state=purchase.state,
        event=event,
        to_state=state,
        actor=actor,
        reason=reason,
        created_at=now,
    )
    return moved


def save(tx: Tx, old: Purchase, new: Purchase) -> Purchase:
    """Write what changed, if nobody else has since `old` was read (state and version); a race raises."""
    new = dataclasses.replace(new, ver=old.ver + 1)
    values = {name: getattr(new, name) for name in _CHANGING}
    if tx.run("purchase_save", id=old.id, was=old.state, was_ver=old.ver, ver=new.ver, **values) != 1:
        raise PurchaseError(f"{old.sale} is no longer {old.state} v{old.ver}")
    return new
