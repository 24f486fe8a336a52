"""What is said about receipts and what an agent puts on them: his heading, his own line, his service fee.

A fee is rupiah as it is typed, for nobody's fee is thousands of thousands; a selling price counts like any amount.
"""

import re

from bot.conversation import grammar
from bot.conversation.command import seller, sold
from bot.conversation.script import Turn
from bot.documents.receipt import printable
from bot.domain.ledger import COUNTER
from bot.domain.message import Message, Rupiah, Text, Value
from bot.domain.people import Role
from bot.domain.purchase import Purchase
from bot.services import notices, prices, receipts

_FEE = re.compile(r"(?:(?:biaya|layanan|fee)\s+)?(?:rp\.?\s?)?(\d{1,3}(?:\.\d{3})+|\d{1,7})\s?(rb|ribu|k)?")
_PRICE = re.compile(r"(?:jual|harga|total|sell)\s+(.+)")
_LEAST = 100  # below it a fee was meant in thousands, or is a slip of the hand
_NONE = ("-", "hapus", "remove")


def receipt(turn: Turn, rest: str) -> list[Message]:
    """`struk T10482`, `struk T10482 2000` with that fee, `struk T10482 jual 53000` at that price."""
    terms = rest.partition(" ")[2].strip().casefold()
    return sold(lambda turn, found: [_printed(turn, found, terms)])(turn, rest)


def _printed(turn: Turn, found: Purchase, terms: str) -> Message:
    tx, who, shop = turn.tx, turn.person, turn.shop
    if not terms:
        return receipts.print_out(tx, found, who, shop, turn.now)
    again = (notices.option("receipt", f"struk {found.sale}"),)
    if who.role is Role.CASHIER:
        return Message(Text("receipt.cashier"), options=again)
    price = _PRICE.fullmatch(terms)
    total = grammar.amount(price[1]) if price else None
    fee = total - found.total if total is not None else None if price else _fee(terms)
    args: dict[str, Value] = {"sale": found.sale, "total": Rupiah(found.total), "cap": Rupiah(shop.fee_cap)}
    if fee is None:
        return Message(Text("receipt.terms", args), options=again)
    if fee < 0:
        return Message(Text("receipt.below", args), options=again)
    if fee > shop.fee_cap:
        return Message(Text("receipt.above", args | {"most": Rupiah(found.total + shop.fee_cap)}), options=again)
    return receipts.print_out(tx, found, who, shop, turn.now, fee)


def _fee(text: str) -> int | None:
    found = _FEE.fullmatch(text)
    if found is None:
        return None
    fee = int(found[1].replace(".", "")) * (1_000 if found[2] else 1)
    return fee if fee == 0 or fee >= _LEAST else None


def service_fee(turn: Turn, rest: str) -> list[Message]:
    """`biaya`, `biaya 2000`."""
    agent, cap = seller(turn), turn.shop.fee_cap
    options = (notices.option("prices", "harga"), notices.option("menu", "menu"))
    fee = _fee(rest.casefold()) if rest else None
    if fee is None:
        now: dict[str, Value] = {"fee": Rupiah(agent.fee), "cap": Rupiah(cap)}
        return [Message(Text("fee.card", now), options=options)]
    if fee > cap:
        return [Message(Text("fee.above", {"cap": Rupiah(cap), "fee": Rupiah(agent.fee)}), options=options)]
    receipts.set_fee(turn.tx, agent, fee, turn.person, turn.now)
    loss = 0 if agent.id == COUNTER else prices.range_of(turn.tx, agent, turn.shop)[1] - fee
    warning = (Text("fee.loss", {"rp": Rupiah(loss)}),) if loss > 0 else ()
    return [Message(Text("fee.done", {"fee": Rupiah(fee)}), warning, options)]


def heading(turn: Turn, rest: str) -> list[Message]:
    """`toko`, `toko Berkah Cell`, `toko pesan Terima kasih`; `-` takes either away again."""
    agent = seller(turn)
    first, _, more = rest.partition(" ")
    is_footer = first.casefold() in ("pesan", "note")
    typed = more if is_footer else rest
    most = receipts.MOST_IN_FOOTER if is_footer else receipts.MOST_IN_OUTLET
    words = "" if typed.casefold() in _NONE else printable(typed)
    if typed:
        if len(words) > most or (not words and typed.casefold() not in _NONE):
            return [Message(Text("outlet.signs", {"n": most}), options=(notices.option("outlet", "toko"),))]
        change = receipts.set_footer if is_footer else receipts.set_outlet
        change(turn.tx, agent, words, turn.person, turn.now)
    lines = []
    shown_heading = words or agent.name if typed and not is_footer else agent.heading
    if footer := words if typed and is_footer else agent.footer:
        lines.append(Text("outlet.footer", {"footer": footer}))
    lines.append(Text("outlet.how"))
    options = (notices.option("service_fee", "biaya"), notices.option("menu", "menu"))
    key = "outlet.done" if typed else "outlet.card"
    return [Message(Text(key, {"outlet": shown_heading}), tuple(lines), options)]
