"""Several orders paid by one press: what becomes of each line, the one sum, and how their purchases go out.

Every line is its own quote, purchase and hold, placed in the press's unit; they are sent one after another. A line
without a clear answer stops nobody; three of them pause the rest, which then lapse like any purchase that is not sent.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from bot import ids
from bot.domain.denomination import listed
from bot.domain.ledger import COUNTER
from bot.domain.message import Amount, Lines, Message, MeterNumber, Nominal, Option, Parts, Rupiah, Text, Value
from bot.domain.people import Agent, Person
from bot.domain.purchase import IN_DOUBT, Purchase, Quote, State
from bot.domain.rules import Shop
from bot.domain.supply import Inquiry
from bot.messaging import outbox
from bot.ports import Tx
from bot.services import cards, history, notices, prices, purchases, recovery, safety
from bot.services.inquiries import NotFound
from bot.services.purchases import Refused

MOST_LINES = 10


@dataclass(frozen=True, slots=True)
class Wanted:
    """A line as it was typed: '' for a number that cannot be read; `repeat` and `phone` as in any order."""

    number: str = ""
    denomination: int | None = None
    repeat: int | None = None
    phone: str = ""

    @property
    def text(self) -> str:
        """The line as one could type it again."""
        amount = "" if self.denomination is None else f" {self.denomination}"
        return f"{self.number}{amount}" + (f"#{self.repeat}" if self.repeat else "")


@dataclass(frozen=True, slots=True)
class Basket:
    """What one card shows: a row a line, the quotes that one press pays, the lines that are asked about alone.

    `places` are the lines that the quotes stand on, from 0. `refusal` is why nothing can be paid, `notice` heads the
    card where the price changed.
    """

    id: str
    wanted: tuple[Wanted, ...]
    rows: tuple[Text, ...]
    places: tuple[int, ...]
    quotes: tuple[Quote, ...]
    alone: tuple[Wanted, ...]
    refusal: Message | None = None
    notice: Text | None = None

    @property
    def total(self) -> int:
        """What one press pays, in rupiah."""
        return sum(one.price for one in self.quotes)


@dataclass(frozen=True, slots=True)
class Placed:
    """The purchases of one press, and what was refused after all, line by line."""

    purchases: tuple[Purchase, ...]
    refused: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class _Fate:
    row: Text
    quote: Quote | None = None
    is_alone: bool = False


def fill(
    tx: Tx, person: Person, agent: Agent, wanted: Sequence[Wanted], found: Sequence[Inquiry | NotFound | None],
    shop: Shop, now: int,
) -> Basket:  # fmt: skip
    """Give each line its fate, in their order; what can be paid gets a quote."""
    fates: list[_Fate] = []
    lines: dict[tuple[str, int], int] = {}  # what was asked for already, and on which line
    for place, (one, answer) in enumerate(zip(wanted, found, strict=True), 1):
        same = lines.get((answer.msn, one.denomination or 0)) if isinstance(answer, Inquiry) else None
        fates.append(_fate(tx, person, agent, one, answer, same, place, shop, now))
        if isinstance(answer, Inquiry):
            lines.setdefault((answer.msn, one.denomination or 0), place)
    quotes = tuple(fate.quote for fate in fates if fate.quote is not None)
    for offered in quotes:
        purchases.keep(tx, offered)
    basket = Basket(
        id=ids.ulid(),
        wanted=tuple(wanted),
        rows=tuple(fate.row for fate in fates),
        places=tuple(place for place, fate in enumerate(fates) if fate.quote is not None),
        quotes=quotes,
        alone=tuple(one for one, fate in zip(wanted, fates, strict=True) if fate.is_alone),
    )
    refusal = _obstacle(tx, person, agent, basket, shop, now)
    return dataclasses.replace(basket, refusal=refusal.message) if refusal else basket


def _obstacle(tx: Tx, person: Person, agent: Agent, basket: Basket, shop: Shop, now: int) -> Refused | None:
    """What stands in the way of the whole sum."""
    if not basket.quotes:
        return purchases.stopped(tx, agent)
    recheck = _recheck(basket.wanted)
    whole = purchases.barred(tx, agent, shop, recheck)
    return whole or purchases.hindrance(tx, person.conversation_id, agent, basket.total, (recheck,), shop, now)


def _fate(
    tx: Tx, person: Person, agent: Agent, one: Wanted, answer: Inquiry | NotFound | None, same: int | None, place: int,
    shop: Shop, now: int,
) -> _Fate:  # fmt: skip
    line: dict[str, Value] = {"line": place}
    if answer is None:
        return _Fate(Text("batch.unread", line))
    if isinstance(answer, NotFound):
        why = Text("batch.none") if answer.message.key == "err.number" else answer.message.text
        return _bad(place, one.number, why)
    if one.denomination not in shop.denominations:
        return _bad(place, answer.msn, Text("batch.amounts", {"list": listed(shop.denominations)}))
    what: dict[str, Value] = line | {
        "name": answer.name, "meter": MeterNumber(answer.msn, short=True), "rp": Nominal(one.denomination)
    }  # fmt: skip
    if same is not None:
        return _Fate(Text("batch.same", what | {"n": same}), is_alone=one.repeat is not None)
    if safety.is_blocked(tx, answer.msn, answer.idpel):
        return _bad(place, answer.msn, safety.blocked_refusal().text)
    if tx.one(Purchase, "purchase_open_twin", msn=answer.msn, denomination=one.denomination):
        return _Fate(Text("batch.twin", what))
    added, name_first = cards.added_line(tx, answer, agent.id, one.denomination, shop, now)
    if name_first:
        return _Fate(Text("batch.name", what), is_alone=True)
    bought = purchases.same_today(tx, agent.id, answer.msn, one.denomination, shop, now)
    if bought and one.repeat is None:
        return _Fate(Text("batch.again", what | {"sale": bought[-1].sale}), is_alone=True)
    offered = purchases.priced(tx, person.conversation_id, agent, answer, one.denomination, shop, now)
    row = _priced_row(place, offered)
    return _Fate(Text("line.parts", {"parts": Parts((row, added))}) if added else row, offered)


def _priced_row(place: int, offered: Quote) -> Text:
    meter, price = MeterNumber(offered.msn, short=True), Amount(offered.price)
    what: dict[str, Value] = {"line": place, "name": offered.name, "rp": Nominal(offered.denomination)}
    return Text("batch.row", what | {"meter": meter, "price": price})


def _bad(place: int, number: str, why: Text) -> _Fate:
    return _Fate(Text("batch.bad", {"line": place, "meter": MeterNumber(number, short=True), "why": why}))


def _recheck(wanted: Sequence[Wanted]) -> Option:
    return notices.option("recheck", "\n".join(one.text for one in wanted if one.number))


def place(tx: Tx, basket: Basket, person: Person, order_id: str, shop: Shop, now: int) -> Placed | Refused | Basket:
    """Place every line, or none where the sum cannot be paid; where the price changed, a basket at the new one."""
    agent = person.agent
    expired = any(one.expires_at <= now for one in basket.quotes)
    if agent is None or expired or any(one.agent_id != agent.id for one in basket.quotes):
        return Refused(Message(Text("pay.expired"), options=(_recheck(basket.wanted),)))
    if refusal := _obstacle(tx, person, agent, basket, shop, now):
        return refusal
    markups = [prices.surcharge(tx, agent, one.denomination, shop) for one in basket.quotes]
    if markups != [one.markup for one in basket.quotes]:
        return _at_new_price(tx, basket, markups)
    made: list[Purchase] = []
    refused: list[Message] = []
    for line, offered in zip(basket.places, basket.quotes, strict=True):
        placed = purchases.place(tx, offered.id, order_id, shop, now, [one.id for one in made])
        if isinstance(placed, Refused):
            said = placed.message
            refused.append(Message(basket.rows[line], (said.text, *said.more), said.options))
            continue
        made.append(placed)
        if phone := basket.wanted[line].phone:
            recovery.keep_phone(tx, placed, phone, person, now)
    if made:
        chat = person.conversation_id
        tx.run("batch_add", id=basket.id, conversation_id=chat, order_id=order_id, created_at=now)
    for one in made:
        tx.run("batch_line_add", purchase_id=one.id, batch_id=basket.id)
    return Placed(tuple(made), tuple(refused))


def _at_new_price(tx: Tx, basket: Basket, markups: Sequence[int]) -> Basket:
    new = tuple(
        dataclasses.replace(one, id=ids.ulid(), markup=markup)
        for one, markup in zip(basket.quotes, markups, strict=True)
    )
    rows = list(basket.rows)
    for line, offered in zip(basket.places, new, strict=True):
        purchases.keep(tx, offered)
        rows[line] = _priced_row(line + 1, offered)
    old, total = Rupiah(basket.total), Rupiah(sum(one.price for one in new))
    notice = Text("pay.changed", {"old": old, "new": total})
    return dataclasses.replace(basket, id=ids.ulid(), rows=tuple(rows), quotes=new, notice=notice)


# on their way


def has(tx: Tx, purchase: Purchase) -> bool:
    """Whether it is a line of a batch."""
    return bool(tx.one(int, "batch_has", purchase_id=purchase.id))


def will_tell(tx: Tx, purchase: Purchase) -> bool:
    """Whether it is a line of a batch whose end was not told yet."""
    return bool(tx.one(int, "batch_tells", purchase_id=purchase.id))


def turn_since(purchase: Purchase, ahead: Sequence[Purchase]) -> int:
    """Since when it could have been sent: when it was placed, or the last line before it was sent."""
    return max([purchase.confirmed_at, *(one.sent_at for one in ahead if one.sent_at is not None)])


def ahead_of(tx: Tx, purchase: Purchase) -> list[Purchase]:
    """The lines of its batch that go before it; none where it is alone."""
    return tx.all(Purchase, "batch_ahead", purchase_id=purchase.id)


def is_next(ahead: Sequence[Purchase], shop: Shop, now: int) -> bool:
    """Whether its turn has come: no line before it waits or is being answered, and fewer than three are unclear."""
    unclear = sum(_is_unclear(one, shop, now) for one in ahead)
    waiting = any(not _is_known(one, shop, now) for one in ahead)
    return not waiting and unclear < shop.most_open


def _is_unclear(purchase: Purchase, shop: Shop, now: int) -> bool:
    if purchase.state is State.SENDING:
        return now - (purchase.sent_at or now) >= shop.waits.pending
    return purchase.state in IN_DOUBT


def _is_known(purchase: Purchase, shop: Shop, now: int) -> bool:
    return not purchase.is_open or _is_unclear(purchase, shop, now)


# how it ended


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was paid."""

    id: str
    conversation_id: int
    order_id: str


def is_due(tx: Tx, shop: Shop, now: int) -> bool:
    """Whether the end of a batch can be told."""
    return any(_all_known(tx, one, shop, now) for one in tx.all(Batch, "batch_untold"))


def tell(tx: Tx, shop: Shop, now: int) -> int:
    """Say once how each batch ended whose lines are all known; how many."""
    due = [one for one in tx.all(Batch, "batch_untold") if _all_known(tx, one, shop, now)]
    for one in due:
        tx.run("batch_told", id=one.id)
        said = result(tx, tx.all(Purchase, "batch_purchases", batch_id=one.id))
        cause = f"batch:{one.id}:result"
        outbox.put(tx, one.conversation_id, said, now, cause=cause, reply_to=one.order_id)
    return len(due)


def _all_known(tx: Tx, batch: Batch, shop: Shop, now: int) -> bool:
    return all(_is_known(one, shop, now) for one in tx.all(Purchase, "batch_purchases", batch_id=batch.id))


def status(tx: Tx, batch_id: str | None, person: Person) -> Message | None:
    """A batch as it stands, to whoever speaks for its account; None where there is none."""
    lines = tx.all(Purchase, "batch_purchases", batch_id=batch_id) if batch_id else []
    agent = person.agent
    return result(tx, lines) if lines and agent is not None and lines[0].agent_id == agent.id else None


def result(tx: Tx, lines: Sequence[Purchase]) -> Message:
    """*batch.result*: how many of each, line by line, and where the money is."""
    done = sum(one.state is State.SUCCESS for one in lines)
    held = [one.price for one in lines if one.is_open]
    counts: dict[str, Value] = {"done": done, "open": len(held), "failed": len(lines) - done - len(held)}
    money = [Text("part.held", {"rp": Rupiah(sum(held))})] if held else []
    balance = purchases.balance_for_chat(tx, lines[0])
    if balance is not None and lines[0].agent_id != COUNTER:
        money.insert(0, Text("part.balance", {"rp": Rupiah(balance)}))
    rows = Lines(tuple(history.row(tx, one, today=0) for one in lines))  # of one moment, however long ago
    more = [Text("line.parts", {"parts": rows})]
    if money:
        more.append(Text("line.parts", {"parts": Parts(tuple(money))}))
    options = (notices.option("history", "riwayat"), notices.option("buy_other", "beli"))
    return Message(Text("batch.result", counts), tuple(more), options)
