"""Errors planted on purpose, to prove the checker: each in the evidence of a run in which nothing went wrong.

What the shop could do wrong is planted in what the chats saw; what the supplier could, in its books; what somebody
could do behind the shop's back, in the database, before the shop says its balances.
"""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

from tests.crash.checker import Evidence, Violation, check
from tests.crash.history import Read, Record, Typed
from tests.crash.victim import DATABASE

Plant = Callable[[Evidence], Evidence]


@dataclass(frozen=True, slots=True)
class Planted:
    """What came of a plant: whether the checker named it."""

    what: str
    is_named: bool
    said: str


def _reads(evidence: Evidence, key: str) -> list[Read]:
    return [one for one in evidence.history if isinstance(one, Read) and one.key == key]


def _history(evidence: Evidence, keep: Callable[[Record], Record | None]) -> Evidence:
    return replace(evidence, history=[kept for one in evidence.history if (kept := keep(one)) is not None])


def _victim(evidence: Evidence) -> Read:
    """The token's message of a sale that an advice would find: nothing excuses what is planted there."""
    tokens = {one.tokens[-1] for one in evidence.sales if one.id in evidence.in_reach}
    return next(one for one in _reads(evidence, "token.only") if _digits(one) in tokens)


def _digits(read: Read) -> str:
    return read.text.split("\n")[0].replace(" ", "")


def _number(read: Read) -> str:
    return next(word for word in read.text.split() if word.startswith("T1"))


def _sale_forgotten(evidence: Evidence) -> Evidence:
    """Nothing of the purchase is left on our side: no word, no token, no money."""
    order = _victim(evidence).reply_to
    lines = {one.id for one in evidence.history if isinstance(one, Typed) and one.intent == order}
    return _history(evidence, lambda one: None if isinstance(one, Read) and one.reply_to in lines else one)


def _token_doubled(evidence: Evidence) -> Evidence:
    first, second = _reads(evidence, "token.only")[:2]
    text = first.text.split("\n")[0] + "\n" + second.text.split("\n")[1]
    return _history(evidence, lambda one: replace(second, text=text) if one is second else one)


def _other_meter(evidence: Evidence) -> Evidence:
    """Two purchases got each other's token."""
    first = _victim(evidence)
    meter = first.text.split("\n")[1][:20]
    second = next(one for one in _reads(evidence, "token.only") if meter not in one.text)
    swapped = {first.reply_to: second, second.reply_to: first}

    def swap(one: Record) -> Record:
        if isinstance(one, Read) and one.key == "token.only" and one.reply_to in swapped:
            return replace(one, text=swapped[one.reply_to].text.split("\n")[0] + "\n" + one.text.split("\n")[1])
        return one

    return _history(evidence, swap)


def _invented(evidence: Evidence) -> Evidence:
    first = _reads(evidence, "token.only")[0]
    text = "0000 0000 0000 0000 0000\n" + first.text.split("\n")[1]
    return _history(evidence, lambda one: replace(first, text=text) if one is first else one)


def _refunded(evidence: Evidence) -> Evidence:
    """Told failed and paid back, though the supplier sold it."""
    return _told_instead(evidence, "late.failed", "↩️ {sale} gagal: PLN menolak transaksi ini.")


def _told_instead(evidence: Evidence, key: str, text: str) -> Evidence:
    """A sold purchase's token is not told, and another end of it is."""
    victim = _victim(evidence)
    order, number = victim.reply_to, _number(victim)

    def change(one: Record) -> Record | None:
        if isinstance(one, Read) and one.reply_to == order and one.key == "token.only":
            return None
        if isinstance(one, Read) and one.reply_to == order and one.key == "pay.done":
            return replace(one, key=key, text=text.format(sale=number))
        return one

    return _history(evidence, change)


def _second_sale(evidence: Evidence) -> Evidence:
    first = evidence.sales[0]
    again = replace(first, id=first.id + 1000, tokens=("11112222333344445555",), payref="F" * 32)
    return replace(evidence, sales=[*evidence.sales, again])


def _paid_twice(evidence: Evidence) -> Evidence:
    trxid = evidence.sales[0].trxid
    return replace(evidence, payments={**evidence.payments, trxid: 2})


def _without(key: str) -> Plant:
    """The first message of that key never arrived."""

    def plant(evidence: Evidence) -> Evidence:
        first = _reads(evidence, key)[0]
        return _history(evidence, lambda one: None if one is first else one)

    return plant


def _unheaded(evidence: Evidence) -> Evidence:
    return replace(evidence, history=[*evidence.history, _reads(evidence, "token.only")[0]])


def _wrong_balance(evidence: Evidence) -> Evidence:
    last = _reads(evidence, "bal.card")[-1]
    return _history(evidence, lambda one: replace(last, text="Saldo Rp1.234") if one is last else one)


def _wrong_deposit(evidence: Evidence) -> Evidence:
    return replace(evidence, deposits={**evidence.deposits, "": evidence.deposits[""] + 1})


def _left_open(evidence: Evidence) -> Evidence:
    """In doubt for ever, though the supplier has the sale."""
    return _told_instead(evidence, "pay.pending", "⏳ Sedang diproses PLN · {sale}\nBUDI · Rp50.000")


def _not_told(evidence: Evidence) -> Evidence:
    """Taken, and then never a word of it: neither result nor doubt; the supplier never sold it."""
    victim = _victim(evidence)
    order, sold = victim.reply_to, _digits(victim)
    quiet = _history(
        evidence,
        lambda one: None if isinstance(one, Read) and one.reply_to == order and one.key != "buy.pay" else one,
    )
    return replace(quiet, sales=[one for one in evidence.sales if one.tokens[-1] != sold])


def _late_unsold(evidence: Evidence) -> Evidence:
    victim = _victim(evidence)
    text = f"🔎 {_number(victim)} dulu dinyatakan gagal, tetapi PLN ternyata mencatat penjualan."

    def late(one: Record) -> Record | None:
        if isinstance(one, Read) and one.reply_to == victim.reply_to and one.key == "pay.done":
            return None
        return replace(victim, key="late.sale", text=text) if one is victim else one

    sales = [one for one in evidence.sales if one.tokens[-1] != _digits(victim)]
    return replace(_history(evidence, late), sales=sales)


def _contradicted(evidence: Evidence) -> Evidence:
    victim = _victim(evidence)
    failed = replace(victim, key="late.failed", text=f"↩️ {_number(victim)} gagal: …")
    return replace(evidence, history=[*evidence.history, failed])


def _bought_twice(evidence: Evidence) -> Evidence:
    last = _reads(evidence, "pay.done")[-1]
    other = replace(last, text=last.text.replace("T1", "T2", 1))
    return replace(evidence, history=[*evidence.history, other])


PLANTS: tuple[tuple[str, Violation, Plant], ...] = (
    ("a sale that our side has forgotten", Violation.OWNERLESS, _sale_forgotten),
    ("a token given to a second purchase", Violation.GIVEN_TWICE, _token_doubled),
    ("a token of another meter handed out", Violation.OTHER_METER, _other_meter),
    ("a token that nobody sold", Violation.INVENTED, _invented),
    ("a sold purchase told failed", Violation.REFUNDED, _refunded),
    ("a second sale for a trxid in the supplier's books", Violation.SECOND_SALE, _second_sale),
    ("a second sale, more than were confirmed", Violation.SOLD_TWICE, _second_sale),
    ("a second payment for a trxid", Violation.PAID_TWICE, _paid_twice),
    ("two purchases for one order", Violation.BOUGHT_TWICE, _bought_twice),
    ("no token message", Violation.NO_TOKEN, _without("token.only")),
    ("a token and no word of the money", Violation.NOT_TOLD, _without("pay.done")),
    ("a purchase that nobody heard of again", Violation.NOT_TOLD, _not_told),
    ("failed and sold at once", Violation.CONTRADICTED, _contradicted),
    ("a late sale that the supplier does not have", Violation.LATE_UNSOLD, _late_unsold),
    ("a repeat without its heading", Violation.UNHEADED, _unheaded),
    ("a wrong balance", Violation.BALANCE, _wrong_balance),
    ("a rupiah too few at the supplier", Violation.DEPOSIT, _wrong_deposit),
    ("an unanswered line", Violation.UNANSWERED, _without("hist.list")),
    ("an open purchase whose sale exists", Violation.OPEN_SOLD, _left_open),
    (
        "an open purchase after all was settled",
        Violation.STILL_OPEN,
        lambda one: replace(_left_open(one), all_settled=True),
    ),
)


_MEDDLED = (
    ("a hold voided and paid back in the database, as the audit sees it", Violation.AUDIT),
    ("the same, as the agent's balance shows it", Violation.BALANCE),
)


def planted_in(evidence: Evidence, meddled: Evidence) -> list[Planted]:
    """Every plant of the evidence itself, first of all none; `meddled` is a run with `void_a_hold`."""
    found = check(evidence)
    results = [Planted("nothing", not found, ", ".join(map(str, found)) or "nothing")]
    for what, name in _MEDDLED:
        named = [one for one in check(meddled) if one.name is name]
        results.append(Planted(what, bool(named), str(named[0].name) if named else "nothing"))
    for what, name, plant in PLANTS:
        named = [one for one in check(plant(evidence)) if one.name is name]
        results.append(Planted(what, bool(named), str(named[0].name) if named else "nothing"))
    return results


def void_a_hold(folder: Path) -> None:
    """Behind the shop's back: a sold purchase's money is given back in the database."""
    with closing(sqlite3.connect(folder / DATABASE, isolation_level=None)) as connection:
        sold = "SELECT id, agent_id, price FROM purchase WHERE state = 'SUCCESS' LIMIT 1"
        number, agent, price = connection.execute(sold).fetchone()
        connection.execute("UPDATE hold SET state = 'voided' WHERE purchase_id = ?", (number,))
        connection.execute("UPDATE account SET posted = posted + ? WHERE id = ?", (price, f"agent:{agent}"))
