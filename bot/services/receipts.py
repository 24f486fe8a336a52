"""Receipts: every print is recorded with its fee and grand total. Moves no money.

A fee is the seller's own, up to the owner's cap. Whatever total stood on a receipt of a sale proves that sale later.
"""

import dataclasses

from bot.documents import receipt
from bot.documents.receipt import Print
from bot.domain.message import (
    Block,
    Message,
    Rupiah,
    Sheet,
    Text,
    Value,
)
from bot.domain.people import Agent, Person, Role
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import people, sales, settlement, wording
from bot.services.copies import fee_of

MOST_IN_OUTLET = 40
MOST_IN_FOOTER = 96


def print_out(tx: Tx, purchase: Purchase, who: Person, shop: Shop, now: int, fee: int | None = None) -> Message:
    """The seller's receipt; his first print is marked CA, every later one CU. A `fee` holds until he prints another."""
    has_first = bool(tx.one(int, "receipt_print_first", purchase_id=purchase.id))
    charged = fee_of(tx, purchase) if fee is None else fee
    lines: list[Text] = []
    if charged:
        sums: dict[str, Value] = {"fee": Rupiah(charged), "total": Rupiah(purchase.total + charged)}
        lines.append(Text("receipt.fee", sums))
    if who.role is not Role.CASHIER:
        lines.append(Text("receipt.change", {"sale": purchase.sale}))
    return _printed(tx, purchase, "CU" if has_first else "CA", charged, who, shop, now, *lines)


def reprint(tx: Tx, purchase: Purchase, who: Person, shop: Shop, now: int) -> Message:
    """A customer's: always CU, with the name masked as everywhere, and never the seller's first."""
    copy = dataclasses.replace(purchase, name=sales.masked_name(purchase.name))
    return _printed(tx, copy, "CU", fee_of(tx, purchase), who, shop, now)


def _printed(
    tx: Tx, purchase: Purchase, kind: str, fee: int, who: Person, shop: Shop, now: int, *lines: Text
) -> Message:
    printed = Print(kind, fee, people.claim_address(tx), wording.of_sale(tx, purchase.id))
    terms: dict[str, int | str] = {"kind": kind, "fee": fee, "total": purchase.total + fee}
    tx.run("receipt_print_add", purchase_id=purchase.id, printed_by=who.acting, printed_at=now, **terms)
    agent = people.agent(tx, purchase.agent_id)
    tokens = settlement.tokens_of(tx, purchase.id)
    zone = people.seen_by(agent, shop).zone  # the seller's, whoever prints it
    text = receipt.text(purchase, tokens, agent, zone, printed, practice=bool(shop.practice))
    qr = people.claim_link(tx, purchase.claim_code) if purchase.claim_code else None
    caption = Text("receipt.sent", {"sale": purchase.sale})
    more = (Text("receipt.block", {"receipt": Block(text)}), *lines)
    return Message(caption, more, sheet=Sheet(f"struk-{purchase.sale}", text, qr or ""))


# what an agent puts on his receipts


def set_fee(tx: Tx, agent: Agent, fee: int, who: Person, now: int) -> None:
    """His own service fee from now on; whoever calls has compared it with the cap."""
    tx.run("agent_fee", id=agent.id, fee=fee)
    people.note(tx, who.acting, "fee", agent.id, now, reason=f"{agent.fee} → {fee}")


def set_outlet(tx: Tx, agent: Agent, outlet: str, who: Person, now: int) -> None:
    """The heading of his receipts; '' is his name."""
    tx.run("agent_outlet", id=agent.id, outlet=outlet)
    people.note(tx, who.acting, "outlet", agent.id, now, reason=outlet)


def set_footer(tx: Tx, agent: Agent, footer: str, who: Person, now: int) -> None:
    """A line of his own at the end of his receipts; '' is none."""
    tx.run("agent_footer", id=agent.id, footer=footer)
    people.note(tx, who.acting, "footer", agent.id, now, reason=footer)
