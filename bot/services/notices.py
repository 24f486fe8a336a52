"""What a purchase says to the person who made it, state by state: keys and arguments, never words.

Every message about a purchase says where the money is; the token stands first and alone.
"""

import dataclasses
from urllib.parse import quote

from bot.clock import HOUR, MINUTE, day_span
from bot.domain import energy
from bot.domain.denomination import listed
from bot.domain.ledger import COUNTER
from bot.domain.message import (
    Amount,
    Clock,
    Day,
    Message,
    MeterNumber,
    Option,
    Rupiah,
    Text,
    TokenDigits,
    Value,
)
from bot.domain.purchase import Purchase, State
from bot.domain.rules import Shop

_HINTS = {
    "err.cap_plain": "hint.cap",
    "err.refused": "hint.refused",
    "err.expired": "hint.expired",
    "err.closed": "hint.closed",
}


BACK = "back"  # the key of the way out of a question


def option(name: str, says: str, **args: Value) -> Option:
    """A lasting option: its label `btn.<name>`, and the typed message that it stands for."""
    return Option(name, Text(f"btn.{name}", args), says)


def back(says: str) -> Option:
    """The way out of a question that nothing waits behind: a plain no means it, too."""
    return Option(BACK, Text("btn.cancel"), says)


def age(milliseconds: int) -> Text:
    """`38 mnt`, `5 jam`, `3 hari`."""
    if milliseconds < 2 * HOUR:
        return Text("age.minutes", {"n": max(0, milliseconds) // MINUTE})
    hours = milliseconds // HOUR
    return Text("age.hours", {"n": hours}) if hours < 48 else Text("age.days", {"n": hours // 24})


def when(at: int, shop: Shop, now: int) -> Value:
    """A moment as it is said: today by its time, any other by its day, too."""
    start, end = day_span(now, shop.zone)
    return Clock(at) if start <= at < end else Text("line.when", {"day": Day(at), "time": Clock(at)})


def order_text(purchase: Purchase) -> str:
    """The one-line order that would buy the same again."""
    return f"{purchase.msn} {purchase.denomination}"


def token_messages(purchase: Purchase, tokens: tuple[str, ...], at: int) -> list[Message]:
    """The token in a message of its own; key-change groups before it, numbered, in the order to key them."""
    facts: dict[str, Value] = {
        "meter": MeterNumber(purchase.msn),
        "kwh": energy.said(purchase.kwh),
        "sale": purchase.sale,
        "time": Clock(at),
    }
    if len(tokens) == 1:
        return [Message(Text("token.only", {"token": TokenDigits(tokens[0])} | facts))]
    return [
        Message(
            Text(
                "token.group" if number == len(tokens) else "token.key",
                facts | {"n": number, "token": TokenDigits(digits)},
            )
        )
        for number, digits in enumerate(tokens, 1)
    ]


def done(purchase: Purchase, tokens: tuple[str, ...], balance: int | None, deposit: int | None, now: int) -> Message:
    """SUKSES, with the sum that the agent can check; `balance` and `deposit` are what is left after it.

    A chat that may not know the balance is given None, here and below; a deposit that nobody noted is None.
    """
    lines = [Text("pay.done", {"sale": purchase.sale, "name": purchase.name})]
    lines.append(_bought(purchase, tokens))
    lines.append(_money_taken(purchase, balance, deposit))
    if len(tokens) > 1:
        lines.append(Text("wiz.order", {"n": len(tokens)}))
    if purchase.told:
        lines.insert(0, Text("late.done", {"age": age(max(MINUTE, now - purchase.confirmed_at))}))
    return Message(lines[0], tuple(lines[1:]), after_sale(purchase, names=balance is not None))


def after_sale(purchase: Purchase, *, names: bool) -> tuple[Option, ...]:
    """What can be done with a finished sale; `names` where the chat may give its meter a short name."""
    save = Option("save", Text("btn.save"), f"fav {purchase.sale}", extra=True)
    return (
        option("receipt", f"struk {purchase.sale}"),
        option("customer_copy", f"salin {purchase.sale}"),
        option("buy_again", order_text(purchase)),
        *((save,) if names else ()),
        dataclasses.replace(complaint(purchase), extra=True),
    )


def complaint(purchase: Purchase) -> Option:
    """What is wrong with it."""
    return option("complain", f"komplain {purchase.sale}")


def contact_owner(shop: Shop, text: str) -> tuple[Option, ...]:
    """A link to whom the owner named for it, with the text put in; none where he named nobody."""
    if not shop.owner_contact:
        return ()
    contact = shop.owner_contact
    home = f"https://t.me/{contact[1:]}" if contact.startswith("@") else f"https://wa.me/{contact}"
    link = f"{home}?text={quote(text, safe='')}"
    return (Option("contact_owner", Text("btn.contact_owner"), url=link),)


def deposit(left: int | None) -> Text:
    """What is left at the supplier, or that nobody noted it yet."""
    return Text("part.deposit_unknown") if left is None else Text("part.deposit", {"rp": Rupiah(left)})


def _money_taken(purchase: Purchase, balance: int | None, deposit: int | None) -> Text:
    if purchase.agent_id == COUNTER:
        adm = purchase.adm if purchase.sold_adm is None else purchase.sold_adm
        cost = purchase.denomination + adm - purchase.rebate
        if deposit is None:
            return Text("done.till", {"retail": Rupiah(purchase.price)})
        before = Amount(deposit + cost)
        sums: dict[str, Value] = {"before": before, "cost": Amount(cost), "after": Amount(deposit)}
        return Text("done.deposit", {"retail": Rupiah(purchase.price)} | sums)
    if balance is None:
        return Text("pay.done_account", {"price": Rupiah(purchase.price)})
    before = Amount(balance + purchase.price)
    return Text("pay.done_money", {"before": before, "price": Amount(purchase.price), "after": Amount(balance)})


def _bought(purchase: Purchase, tokens: tuple[str, ...]) -> Text:
    kwh, tail = energy.said(purchase.kwh), tokens[-1][-4:]
    return Text("pay.done_facts", {"rp": Rupiah(purchase.denomination), "kwh": kwh, "tail": tail})


def failed(purchase: Purchase, shop: Shop, balance: int | None, deposit: int | None) -> Message:
    """Not sold, and the money given back: said only once the hold is voided."""
    text = Text("late.failed", {"sale": purchase.sale, "reason": reason(purchase, shop)})
    if purchase.agent_id == COUNTER:
        money = Text("fail.till", {"rp": Rupiah(purchase.price)})
        if deposit is not None:
            money = Text("fail.deposit", {"rp": Rupiah(purchase.price), "deposit": Rupiah(deposit)})
    elif balance is None:
        money = Text("late.failed_account", {"rp": Rupiah(purchase.price)})
    else:
        money = Text("late.failed_money", {"rp": Rupiah(purchase.price), "balance": Rupiah(balance)})
    return Message(text, (money,), (_way_on(purchase),))


def _way_on(purchase: Purchase) -> Option:
    match purchase.reason:
        case "err.number":
            return option("retype", "beli")
        case "err.cap_plain" | "err.amount":
            return option("change_amount", purchase.msn)
        case "err.expired":
            return option("recheck", order_text(purchase))
        case _:
            return option("retry", order_text(purchase))


def reason(purchase: Purchase, shop: Shop) -> Text:
    """Why it was not sold, in the catalogue's words and never the supplier's."""
    if purchase.reason == "err.amount":
        args: dict[str, Value] = {"rp": Rupiah(purchase.denomination), "list": listed(shop.denominations)}
        return Text("err.amount", args)
    return Text(purchase.reason)


def pending(purchase: Purchase, last: int | None) -> Message:
    """The card of a purchase without a clear answer; `last` is when it was asked about."""
    args: dict[str, Value] = {
        "sale": purchase.sale,
        "name": purchase.name,
        "meter": MeterNumber(purchase.msn),
        "rp": Rupiah(purchase.denomination),
        "price": Rupiah(purchase.price),
    }
    more: tuple[Text, ...] = ()
    if purchase.next_at is not None:
        following = Clock(purchase.next_at)
        checks = Text("pay.pending_checks", {"last": Clock(last), "next": following}) if last else None
        more = (checks or Text("pay.pending_next", {"next": following}),)
    return Message(Text("pay.pending", args), more, _while_open(purchase))


def _while_open(purchase: Purchase) -> tuple[Option, ...]:
    return (
        option("check_now", f"cek {purchase.sale}"),
        option("tell_customer", f"kabari {purchase.sale}"),
        option("sale_help", f"komplain {purchase.sale}"),
    )


def verify(purchase: Purchase, span: int) -> Message:
    """Refused, to be made certain: the likely reason and how long it takes."""
    hint = _HINTS.get(purchase.reason, "hint.trouble")
    args: dict[str, Value] = {
        "sale": purchase.sale,
        "name": purchase.name,
        "rp": Rupiah(purchase.denomination),
        "hint": Text(hint),
        "price": Rupiah(purchase.price),
        "minutes": -(-span // MINUTE),
    }
    options: tuple[Option, ...] = (option("check_now", f"cek {purchase.sale}"),)
    more: tuple[Text, ...] = ()
    if hint in ("hint.cap", "hint.refused"):
        more = (Text("hint.other"),)
        options += (option("change_amount", purchase.msn),)
    return Message(Text("pay.verify", args), more, options)


def waiting(purchase: Purchase, key: str) -> Message:
    """*pend.10min* or *pend.manual*: still open, still held."""
    return Message(Text(key, {"sale": purchase.sale, "rp": Rupiah(purchase.price)}), options=_while_open(purchase))


def as_it_stands(
    purchase: Purchase,
    shop: Shop,
    tokens: tuple[str, ...],
    balance: int | None,
    deposit: int | None,
    span: int,
    last: int | None,
) -> Message:
    """The present state of a sale as its agent reads it."""
    match purchase.state:
        case State.SUCCESS:
            head = [Text("pay.done", {"sale": purchase.sale, "name": purchase.name}), _bought(purchase, tokens)]
            again = option("token_again", f"token {purchase.sale}")
            kept = (one for one in after_sale(purchase, names=balance is not None) if one.key != "complain")
            return Message(head[0], tuple(head[1:]), (*kept, again, complaint(purchase)))
        case State.FAILED:
            return failed(purchase, shop, balance, deposit)
        case State.LATE:
            return Message(Text("late.sale", {"sale": purchase.sale}))
        case State.VERIFY:
            return verify(purchase, span)
        case State.MANUAL:
            return waiting(purchase, "pend.manual")
        case State.CONFIRMED | State.SENDING:
            return Message(Text("buy.processing", {"rp": Rupiah(purchase.price)}))
        case State.UNKNOWN:
            return pending(purchase, last)


def checked(purchase: Purchase, last: int) -> Message:
    """*pend.checked*: when it was asked about, and when it will be next."""
    following = Clock(purchase.next_at or last)
    args: dict[str, Value] = {"time": Clock(last), "rp": Rupiah(purchase.price), "next": following}
    return Message(Text("pend.checked", args), options=_while_open(purchase))


def noted_open(purchase: Purchase) -> Text:
    """*cmp.pending*: the note is kept, the money is on hold, and waiting is all there is."""
    return Text("cmp.pending", {"sale": purchase.sale, "rp": Rupiah(purchase.price)})


def noted_wrong(purchase: Purchase) -> Text:
    """*cmp.wrong*: no token works in another meter."""
    return Text("cmp.wrong", {"sale": purchase.sale, "meter": MeterNumber(purchase.msn)})
