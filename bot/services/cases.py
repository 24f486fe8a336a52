"""What waits for an owner: purchases in doubt, sales that turned up late, sales that nobody owns; listed and shown.

Changes nothing. What may be done about a case is offered only where it may be done now.
"""

from bot.clock import DAY, WIB, local
from bot.domain.ledger import COUNTER
from bot.domain.message import Draft, Message, MeterNumber, Nominal, Option, Parts, Rupiah, Text, Value
from bot.domain.purchase import IN_DOUBT, Purchase, State
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import (
    by_hand,
    decisions,
    evidence,
    exchanges,
    late,
    ledger,
    notes,
    notices,
    people,
    strays,
    ways,
)
from bot.services.strays import Stray

_ROWS = 7  # a page: with the ways on below they fit the longest list of a channel
_NOTES = 3
NOTED = 7  # days that a note is shown here
_STRAYS = {"double": "stray.double", "unknown": "stray.unknown"}
_STANDS = {
    "open": "stray.is_open",
    "claimed": "stray.is_claimed",
    "loss": "stray.is_loss",
    "adopted": "stray.is_adopted",
}


def listed(tx: Tx, shop: Shop, now: int, page: int = 1) -> Message:
    """*own.open*: what is unresolved, the oldest first; below it the notes that nobody has dealt with."""
    doubtful = tx.all(Purchase, "purchase_open_list")
    undecided = tx.all(Purchase, "purchase_late_undecided")
    cases: list[Purchase | Stray] = [*sorted(doubtful, key=_since), *undecided, *strays.opened(tx)]
    noted = notes.latest(tx, now - NOTED * DAY, most=_NOTES + 1)
    if not cases and not noted:
        return Message(Text("own.open_none"), options=(notices.option("report", "rekap"),))
    pages = max(1, -(-len(cases) // _ROWS))
    page = min(max(page, 1), pages)
    shown = cases[(page - 1) * _ROWS : page * _ROWS]
    held = Rupiah(sum(one.price for one in doubtful))
    heads = [Text("own.open_head", {"n": len(doubtful), "rp": held})] if doubtful else []
    if len(cases) > len(doubtful):
        heads.append(Text("own.open_decide", {"n": len(cases) - len(doubtful)}))
    head, *more = heads or [Text("own.open_none")]
    rows = [*more, *(_row(tx, one, shop, now) for one in shown)]
    if page == pages and noted:
        rows += [Text("own.notes_head", {"n": NOTED}), *(text for _, text in noted[:_NOTES])]
    options = ways.numbered([_see(one) for one in shown])
    if any(one.state in IN_DOUBT for one in doubtful):
        options.append(notices.option("check_all", "pending cek"))
    if noted:
        options.append(notices.option("notes", "catatan"))
    if page < pages:
        options.append(notices.option("next", f"pending hal {page + 1}"))
    return Message(head, tuple(rows), tuple(options))


def _since(purchase: Purchase) -> int:
    return purchase.sent_at or purchase.confirmed_at


def _see(one: Purchase | Stray) -> Option:
    return notices.option("see", f"pending {one.sale}", sale=one.sale)


def _row(tx: Tx, one: Purchase | Stray, shop: Shop, now: int) -> Text:
    """One case in one line."""
    if isinstance(one, Stray):
        facts = [Text(_STRAYS[one.kind]), notices.age(now - one.found_at)]
        who: Value = Text("stray.nobody")
        amount: Value = Rupiah(one.total)
        if one.purchase_id is not None and (owner := tx.one(Purchase, "purchase_by_id", id=one.purchase_id)):
            who = owner.sale
    else:
        facts = _facts(tx, one, shop, now)
        who, amount = people.agent(tx, one.agent_id).name, Nominal(one.denomination)
    args: dict[str, Value] = {"sale": one.sale, "agent": who, "rp": amount}
    return Text("own.open_row", args | {"meter": MeterNumber(one.msn, short=True), "facts": Parts(tuple(facts))})


def _facts(tx: Tx, one: Purchase, shop: Shop, now: int) -> list[Text]:
    facts = [notices.age(now - _since(one))]
    if one.state is State.LATE:
        return [*facts, Text("case.row_offered" if late.is_open(tx, one) else "case.row_late")]
    if one.state not in IN_DOUBT:
        return [*facts, Text("case.row_sending")]
    if one.advices:
        facts.append(Text("case.row_checks", {"n": one.advices}))
    answered = [row.code for row in exchanges.of_purchase(tx, one.id) if row.completed_at is not None]
    if answered and answered[-1] is not None:
        facts.append(Text("case.row_code", {"code": answered[-1]}))
    if one.next_at is not None:
        facts.append(Text("case.row_next", {"time": notices.when(max(one.next_at, now), shop, now)}))
    return facts


def shown(tx: Tx, purchase: Purchase, shop: Shop, now: int) -> Message:
    """One sale with its evidence in words, and what may be done about it now."""
    case = by_hand.case(tx, purchase)
    args: dict[str, Value] = {"sale": purchase.sale, "agent": case.agent, "rp": Rupiah(purchase.price)}
    head = Text(_HEADS[purchase.state], args)
    lines = [*evidence.lines(tx, case, shop, now), *notes.lines(tx, purchase)]
    if late.is_open(tx, purchase):
        lines.append(Text("case.row_offered"))
    return Message(head, tuple(lines), (*_ways(tx, purchase, shop, now), notices.option("pending", "pending")))


_HEADS = {
    State.CONFIRMED: "case.head_open",
    State.SENDING: "case.head_open",
    State.UNKNOWN: "case.head_open",
    State.VERIFY: "case.head_open",
    State.MANUAL: "case.head_open",
    State.SUCCESS: "case.head_sold",
    State.FAILED: "case.head_failed",
    State.LATE: "case.head_late",
}


def _ways(tx: Tx, purchase: Purchase, shop: Shop, now: int) -> tuple[Option, ...]:
    if purchase.state is State.LATE and not by_hand.is_decided(tx, purchase):
        offered = late.is_open(tx, purchase)
        return tuple(one for one in ways.late(purchase) if one.key != "see" and not (offered and one.key == "offer"))
    if purchase.state not in IN_DOUBT:
        return (notices.option("see_sale", f"catatan {purchase.sale}", sale=purchase.sale),)
    check = notices.option("check_now", f"pending {purchase.sale} cek")
    settles = ways.out(purchase)[:2] if by_hand.is_for_hand(purchase, shop, now) else ()
    return (*settles, check, ways.for_supplier(purchase.sale))


def late_card(tx: Tx, purchase: Purchase) -> Message:
    """*own.late*: who bears it, or what its agent was asked."""
    told = Text("own.late", {"sale": purchase.sale})
    if late.is_open(tx, purchase):
        agent = people.agent(tx, purchase.agent_id).name
        return Message(told, (Text("own.late_offered", {"agent": agent}),), ways.late(purchase)[:1])
    more = () if purchase.agent_id == COUNTER else (_offered_before(tx, purchase),)
    return Message(told, tuple(one for one in more if one), ways.late(purchase))


def _offered_before(tx: Tx, purchase: Purchase) -> Text | None:
    found = late.latest(tx, purchase)
    if found is not None and found.state == "declined":
        return Text("own.late_was_declined", {"agent": people.agent(tx, purchase.agent_id).name})
    usable = ledger.agent_account(tx, purchase.agent_id).available
    if usable >= purchase.price:
        return None
    return Text("own.late_short", {"usable": Rupiah(usable), "price": Rupiah(purchase.price)})


def stray_card(tx: Tx, stray: Stray, shop: Shop, now: int) -> Message:
    """A sale that nobody owns: what it is, where its money stands, what to do."""
    args: dict[str, Value] = {"stray": stray.sale, "rp": Rupiah(stray.total), "meter": MeterNumber(stray.msn)}
    owner = tx.one(Purchase, "purchase_by_id", id=stray.purchase_id) if stray.purchase_id is not None else None
    lines = [Text("stray.facts", args | {"tail": stray.token[-4:] or "–", "ref": stray.payref or "–"})]
    if stray.kind == "double":
        lines.append(Text("stray.why_double", {"sale": owner.sale if owner else "–"}))
    else:
        lines.append(Text("stray.why_unknown"))
    lines.append(Text(_STANDS[stray.state], {"rp": Rupiah(stray.total)}))
    lines += evidence.decided(tx, decisions.of_stray(tx, stray.id), shop, now)
    options = (*ways.claimed_or_lost(stray.sale), ways.for_supplier(stray.sale)) if stray.state == "open" else ()
    return Message(Text("stray.head", args), tuple(lines), (*options, notices.option("pending", "pending")))


# words for the supplier


def _wire_time(at: int | None) -> str:
    """As the supplier dates its own sales."""
    return local(at, WIB).strftime("%Y-%m-%d %H:%M:%S") + " WIB" if at else "–"


def for_supplier(tx: Tx, purchase: Purchase) -> Message:
    """What to ask the supplier about a sale: everything by which he finds it, and no token."""
    rows = [row for row in exchanges.of_purchase(tx, purchase.id) if row.completed_at is not None]
    codes = ", ".join(
        f"{row.command} {'–' if row.code is None else f'{row.code:04d}'}" for row in (rows[:1] + rows[-1:])
    )
    args: dict[str, Value] = {
        "trxid": purchase.trxid,
        "time": _wire_time(purchase.sent_at or purchase.confirmed_at),
        "meter": MeterNumber(purchase.msn, plain=True),
        "rp": Rupiah(purchase.denomination),
        "adm": Rupiah(purchase.adm),
        "codes": codes or "–",
    }
    return _to_send(Text("case.ask_vsi", args), purchase.sale)


def claim(tx: Tx, stray: Stray) -> Message:
    """What to claim from the supplier for a sale that nobody owns; of its token the end alone."""
    args: dict[str, Value] = {
        "trxid": stray.trxid or "–",
        "time": _wire_time(stray.paid_at),
        "meter": MeterNumber(stray.msn, plain=True),
        "rp": Rupiah(stray.total),
        "ref": stray.payref or "–",
        "tail": stray.token[-4:] or "–",
    }
    if stray.kind == "unknown" or stray.purchase_id is None:
        return _to_send(Text("case.claim_unknown", args), stray.sale)
    first = tx.one(Purchase, "purchase_by_id", id=stray.purchase_id)
    known = first.payref if first is not None and first.payref else "–"
    return _to_send(Text("case.claim_double", args | {"first": known}), stray.sale)


def _to_send(words: Text, case: str) -> Message:
    send = Option("send_whatsapp", Text("btn.send_whatsapp"), draft=Draft((words,)))
    return Message(words, options=(notices.option("see", f"pending {case}", sale=case), send))
