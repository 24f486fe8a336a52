"""The copy of a sale for its customer: one message to forward, and a link that opens it in the seller's WhatsApp."""

import dataclasses

from bot.domain import energy
from bot.domain.message import Draft, Lines, Message, MeterNumber, Option, Rupiah, Text, TokenDigits, Value
from bot.domain.purchase import Purchase
from bot.ports import Tx
from bot.services import notices, people


def fee_of(tx: Tx, purchase: Purchase) -> int:
    """What the customer is charged beyond the total: as printed last, else as the sale was quoted."""
    printed = tx.one(int, "receipt_print_fee", purchase_id=purchase.id)
    return purchase.fee if printed is None else printed


def customer_copy(tx: Tx, purchase: Purchase, tokens: tuple[str, ...]) -> Message:
    """One message to forward: the token, and nothing that a customer should not read; a link hands it to WhatsApp."""
    args: dict[str, Value] = {
        "name": purchase.name,
        "rp": Rupiah(purchase.total + fee_of(tx, purchase)),
        "meter": MeterNumber(purchase.msn),
        "kwh": energy.said(purchase.kwh),
    }
    if len(tokens) == 1:
        head = Text("copy.customer", args | {"token": TokenDigits(tokens[0])})
    else:
        rows = tuple(
            Text("copy.token", {"n": number, "token": TokenDigits(digits)}) for number, digits in enumerate(tokens, 1)
        )
        head = Text("copy.customer_several", args | {"tokens": Lines(rows), "n": len(tokens)})
    code = purchase.claim_code or ""
    found = people.claim_link(tx, code)
    claim = Text("copy.claim_link", {"code": code, "link": found}) if found else Text("copy.claim", {"code": code})
    draft = Draft((head, claim), tx.one(str, "sale_phone_of", purchase_id=purchase.id) or "")
    send = dataclasses.replace(notices.option("send_whatsapp", ""), draft=draft)
    return Message(head, (claim,), (send,))


def offered(tx: Tx, done: Message, purchase: Purchase, tokens: tuple[str, ...]) -> Message:
    """What is said of a finished sale, with the copy's link beside the copy where a channel has such links."""
    options: list[Option] = []
    for one in done.options:
        options.append(one)
        if one.key == "buy_again":
            options.extend(customer_copy(tx, purchase, tokens).options)
    return dataclasses.replace(done, options=tuple(options))
