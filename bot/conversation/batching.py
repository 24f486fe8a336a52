"""What a script may do with several orders at once: inquire about all, fill the basket, pay it, go on with the rest."""

import json
from dataclasses import asdict, replace

from bot import ids
from bot.conversation.command import seller
from bot.conversation.effects import Means, keep_inquiry, loaded_inquiry, loaded_quote
from bot.conversation.prompts import CANCEL
from bot.conversation.script import Ask, Effect, Remote, Step, Turn
from bot.domain import stored
from bot.domain.ledger import COUNTER
from bot.domain.message import Clock, Message, Option, Rupiah, Text, Value
from bot.domain.supply import Inquiry
from bot.ports import Tx
from bot.services import batches, purchases
from bot.services.batches import Basket, Placed, Wanted
from bot.services.inquiries import NotFound
from bot.services.purchases import Refused

INQUIRE_ALL = "inquire_all"

Found = dict[str, Inquiry | NotFound]


def written(lines: list[Wanted]) -> str:
    """The lines as a talk keeps them."""
    return json.dumps([asdict(one) for one in lines])


def read(text: str) -> list[Wanted]:
    """The lines back."""
    return [Wanted(**one) for one in json.loads(text)]


def number_of(check: str) -> str:
    """The number of a check as `InquireAll` orders it."""
    return check.partition(" ")[0]


def _check(one: Wanted) -> str:
    """A check's reference serves one payment, so each amount of a meter has a check of its own."""
    return f"{one.number} {one.denomination or 0}"


class InquireAll(Remote[Found]):
    """Who stands behind each number, once for each amount."""

    def __init__(self, wanted: list[Wanted]) -> None:
        self.name = INQUIRE_ALL
        self.input = json.dumps(list(dict.fromkeys(_check(one) for one in wanted if one.number)))

    def load(self, turn: Turn, logged: str) -> Found:
        """The inquiries by their ids, or the refusals."""
        return {check: loaded_inquiry(turn.tx, answer) for check, answer in json.loads(logged).items()}


def keep_inquiries(tx: Tx, checks: list[str], found: list[Inquiry | NotFound], now: int) -> str:
    """Store the answers; returns what the log keeps of them."""
    kept = {check: keep_inquiry(tx, ids.ulid(), answer, now) for check, answer in zip(checks, found, strict=True)}
    return json.dumps(kept)


class Fill(Effect[Basket]):
    """The card's rows and quotes."""

    def __init__(self, wanted: list[Wanted], found: Found) -> None:
        self.name = "fill"
        self.wanted = wanted
        self.found = found

    def perform(self, turn: Turn) -> Basket:
        """By what the shop knows now."""
        found = [self.found.get(_check(one)) for one in self.wanted]
        return batches.fill(turn.tx, turn.person, seller(turn), self.wanted, found, turn.shop, turn.now)

    def dump(self, value: Basket) -> str:
        """Identifiers and texts."""
        return _dumped(value)

    def load(self, turn: Turn, logged: str) -> Basket:
        """The basket back."""
        return _loaded(turn.tx, json.loads(logged))


class PayAll(Effect[Placed | Refused | Basket]):
    """Place every line in the turn's unit; performed twice they are the same purchases."""

    def __init__(self, basket: Basket) -> None:
        self.name = "pay_all"
        self.basket = basket

    def perform(self, turn: Turn) -> Placed | Refused | Basket:
        """One unit with the turn."""
        return batches.place(turn.tx, self.basket, turn.person, turn.order_id, turn.shop, turn.now)

    def dump(self, value: Placed | Refused | Basket) -> str:
        """The purchases' numbers, the refusal, or the basket at its new price."""
        match value:
            case Basket():
                return _dumped(value)
            case Refused():
                return json.dumps({"refused": stored.encode(value.message)})
            case Placed():
                bought = [one.id for one in value.purchases]
                return json.dumps({"purchases": bought, "left": [stored.encode(one) for one in value.refused]})

    def load(self, turn: Turn, logged: str) -> Placed | Refused | Basket:
        """The same back."""
        answer = json.loads(logged)
        if "refused" in answer:
            return Refused(stored.decode(answer["refused"]))
        if "purchases" not in answer:
            return _loaded(turn.tx, answer)
        bought = tuple(purchases.by_id(turn.tx, number) for number in answer["purchases"])
        return Placed(bought, tuple(stored.decode(one) for one in answer["left"]))


def _dumped(basket: Basket) -> str:
    refusal = stored.encode(basket.refusal) if basket.refusal else ""
    return json.dumps(
        {
            "id": basket.id,
            "wanted": written(list(basket.wanted)),
            "rows": stored.encode(Message(basket.rows[0], basket.rows[1:])),
            "places": basket.places,
            "quotes": [one.id for one in basket.quotes],
            "alone": written(list(basket.alone)),
            "refusal": refusal,
            "notice": stored.encode(Message(basket.notice)) if basket.notice else "",
        }
    )


def _loaded(tx: Tx, answer: dict[str, str]) -> Basket:
    rows = stored.decode(answer["rows"])
    return Basket(
        id=answer["id"],
        wanted=tuple(read(answer["wanted"])),
        rows=(rows.text, *rows.more),
        places=tuple(int(place) for place in answer["places"]),
        quotes=tuple(loaded_quote(tx, one) for one in answer["quotes"]),
        alone=tuple(read(answer["alone"])),
        refusal=stored.decode(answer["refusal"]) if answer["refusal"] else None,
        notice=stored.decode(answer["notice"]).text if answer["notice"] else None,
    )


class Afterwards(Step[None]):
    """What is asked about once this talk has ended, one after another: each an order as `buy` is given it."""

    def __init__(self, wanted: tuple[Wanted, ...]) -> None:
        self.name = "afterwards"
        self.orders = [given(one) for one in wanted]

    def load(self, turn: Turn, logged: str) -> None:
        """Nothing comes of it here."""


def given(one: Wanted) -> dict[str, str]:
    """An order as the flow `buy` is given it."""
    said = {"meter": one.number}
    if one.denomination is not None:
        said["amount"] = str(one.denomination)
    if one.repeat is not None:
        said["repeat"] = f"#{one.repeat}"
    return said | ({"phone": one.phone} if one.phone else {})


def card(basket: Basket, purse: Means) -> Ask:
    """Every line, the one sum, and the one question that moves money."""
    total: dict[str, Value] = {"price": Rupiah(basket.total)}
    first = basket.quotes[0]
    if first.agent_id == COUNTER and purse.deposit is not None:
        cost = sum(one.denomination + one.adm for one in basket.quotes)
        price = Text("pay.deposit", total | {"left": Rupiah(purse.deposit - cost)})
    elif first.agent_id != COUNTER and purse.shows_parts:
        price = Text("buy.pay_price", total | {"left": Rupiah(purse.balance - basket.total)})
    else:
        price = Text("buy.pay_only", total)
    valid = Text("buy.pay_valid", {"time": Clock(first.expires_at)})
    lines = [_head(basket), *basket.rows, price, Text("buy.pay_name"), valid]
    if basket.notice is not None:
        lines.insert(0, basket.notice)
    pay = Option("pay", Text("btn.pay", {"rp": Rupiah(basket.total)}))
    message = Message(lines[0], tuple(lines[1:]), (pay, CANCEL))
    return Ask("batch.card", message, quote_id=basket.id, detail=_detail(basket, purse))


def _detail(basket: Basket, purse: Means) -> tuple[Text, ...]:
    if not purse.shows_parts:
        return (Text("pay.word"),)
    sums = {name: sum(getattr(one, name) for one in basket.quotes) for name in ("denomination", "adm", "markup", "fee")}
    parts: dict[str, Value] = {
        "nominal": Rupiah(sums["denomination"]),
        "adm": Rupiah(sums["adm"]),
        "markup": Rupiah(sums["markup"]),
        "price": Rupiah(basket.total),
    }
    retail = Rupiah(sum(one.retail for one in basket.quotes))
    return Text("pay.detail", parts), Text("pay.detail_retail", {"retail": retail, "fee": Rupiah(sums["fee"])})


def _head(basket: Basket) -> Text:
    return Text("batch.card", {"n": len(basket.rows)})


def unpaid(basket: Basket) -> Message:
    """Every line, and why nothing of it is paid."""
    refusal = basket.refusal or Message(Text("err.nothing_charged"))
    said = Message(_head(basket), (*basket.rows, refusal.text, *refusal.more), refusal.options)
    return said if said.options else replace(said, options=(Option("buy_other", Text("btn.buy_other"), "beli"),))


def sending(placed: Placed) -> Message:
    """On their way, and where the money is."""
    held = Rupiah(sum(one.price for one in placed.purchases))
    return Message(Text("batch.sending", {"n": len(placed.purchases), "rp": held}))
