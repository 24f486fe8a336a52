"""What is said about prices: the list of one's own, and the owner's markups with what each change would do.

`markup 500`, `markup A017 500`, `markup 100rb 700`, `markup A017 100rb hapus`; without the last word it is asked for.
Nothing is set before its preview was confirmed: that is the flow `markup`.
"""

import re
from dataclasses import dataclass

from bot.conversation import grammar
from bot.conversation.command import Begin, seller
from bot.conversation.owner import agents
from bot.conversation.script import Turn
from bot.domain.ledger import COUNTER
from bot.domain.message import Amount, Lines, Message, Nominal, Option, Parts, Rupiah, Text, Value
from bot.domain.people import Agent, Role
from bot.domain.rules import Shop
from bot.services import notices, people, prices
from bot.services.prices import ADM, EVERYBODY, Scope

_ALL = ("semua", "all", "everybody")
_COUNTER = ("konter", "counter")
_DROP = ("hapus", "remove", "-")
_RUPIAH = re.compile(r"([-−])?(?:rp\.?\s?)?(\d{1,3}(?:\.\d{3})+|\d{1,7})(rb|ribu|k)?")
_EXAMPLE = 50_000
_SMALL = 10_000  # an amount below it is a markup, unless it says that it means thousands
_MOST_ROWS = 40
_USUAL = (300, 400, 500, 700, 1_000, 1_500)
_MOST_USUAL = 5
DROP = "hapus"  # the answer that takes a markup away


def listed(turn: Turn, rest: str) -> list[Message]:
    """`harga`, one's own; an owner's `harga A017`, an agent's."""
    if rest and turn.person.role is Role.OWNER:
        return agents.about_agent(turn, rest, lambda whom: [_list(turn, whom)])
    return [_list(turn, seller(turn))]


def _list(turn: Turn, agent: Agent) -> Message:
    rows = []
    for amount in turn.shop.denominations:
        sell = amount + ADM + agent.fee
        is_counter = agent.id == COUNTER
        pay = amount + ADM + (-turn.shop.rebate if is_counter else prices.surcharge(turn.tx, agent, amount, turn.shop))
        row: dict[str, Value] = {"rp": Nominal(amount), "pay": Amount(pay), "sell": Amount(sell)}
        rows.append(Text("price.row", row | {"profit": Amount(sell - pay)}))
    args: dict[str, Value] = {"n": len(rows)}
    own = agent.id == seller(turn).id
    head = Text("price.list", args) if own else Text("price.of", args | {"agent": agent.name})
    options = [notices.option("buy", "beli")]
    if not own:
        options = [notices.option("markup", f"markup {agent.code}"), agents.see(agent)]
    elif turn.person.role is Role.OWNER:
        options.append(notices.option("markup", "markup"))
    return Message(head, (Text("line.parts", {"parts": Lines(tuple(rows))}),), tuple(options))


# reading what the owner types


@dataclass(frozen=True, slots=True)
class Wanted:
    """A change that is asked for: whose, which amount (0 for all), and the typed markup, '' if it has to be asked."""

    whom: Agent | None
    denomination: int
    typed: str = ""

    @property
    def scope(self) -> Scope:
        """What it is for."""
        return Scope(EVERYBODY if self.whom is None else self.whom.id, self.denomination)


def rupiah(text: str) -> str | None:
    """A markup as it is typed, in whole rupiah: `500`, `Rp1.500`, `-300`, `2rb`; or `DROP`; None for anything else."""
    word = re.sub(r"\s", "", text.casefold())
    if word in _DROP:
        return DROP
    found = _RUPIAH.fullmatch(word)
    if found is None:
        return None
    value = int(found[2].replace(".", "")) * (1_000 if found[3] else 1)
    if word == str(value) and 0 < value < 10:
        return None  # the number of an option, or a slip of the hand
    return str(-value if found[1] else value)


def read(turn: Turn, rest: str) -> Wanted | None:
    """What the line asks for; the longest name of an agent that leaves something sensible behind it wins."""
    words = rest.split()
    for end in range(len(words), -1, -1):
        name, tail = " ".join(words[:end]), words[end:]
        is_everybody = name.casefold() in ("", *_ALL)
        whom = None if is_everybody else _whom(turn, name)
        found = _terms(tail, turn.shop) if is_everybody or whom is not None else None
        if found is not None:
            return Wanted(whom, *found)
    return None


def _whom(turn: Turn, name: str) -> Agent | None:
    if name.casefold() in _COUNTER:
        return people.agent(turn.tx, COUNTER)
    if grammar.amount(name) is not None:
        return agents.known(turn, name)  # `markup 500` is not about an agent whose name begins with 500
    return people.called(turn.tx, name)


def _terms(words: list[str], shop: Shop) -> tuple[int, str] | None:
    """Amount and markup of what stands behind the name: `100rb 700`, `700`, `100rb`, or nothing."""
    match words:
        case []:
            return 0, ""
        case [one]:
            amount = grammar.amount(one)
            if amount in shop.denominations and (not one.isdecimal() or int(one) >= _SMALL):
                return amount, ""
            return (0, one) if rupiah(one) is not None else None
        case [first, last]:
            amount = grammar.amount(first)
            return (amount, last) if amount in shop.denominations and rupiah(last) is not None else None
    return None


def begins(turn: Turn, rest: str) -> Begin | None:
    """Any change that can be read; the rest is answered."""
    found = read(turn, rest) if rest else None
    if found is None or (found.whom is not None and found.whom.id == COUNTER):
        return None
    code = "" if found.whom is None else found.whom.code
    given = {"agent": code, "denomination": str(found.denomination)}
    return Begin("markup", given | ({"rupiah": found.typed} if found.typed else {}))


def markups(turn: Turn, rest: str) -> list[Message]:
    """`markup`: what is set; and what no change can be read in."""
    if rest:
        found = read(turn, rest)
        if found is not None:
            return [Message(Text("mark.counter"), options=(notices.option("service_fee", "biaya"), _LIST))]
        return [Message(Text("mark.how"), options=(_LIST, notices.option("agents", "agen")))]
    rows = [_row(Text("mark.everybody"), prices.holds(turn.tx, Scope(), turn.shop))]
    known = {one.id: one for one in people.agents(turn.tx)}
    for one in prices.markups(turn.tx):
        if one.scope != Scope():
            whom = None if one.agent_id == EVERYBODY else known[one.agent_id]
            rows.append(_row(scope(whom, one.denomination), prices.holds(turn.tx, one.scope, turn.shop)))
    lines = [Text("line.parts", {"parts": Lines(tuple(rows[:_MOST_ROWS]))})]
    if len(rows) > _MOST_ROWS:
        lines.append(Text("mark.more", {"n": len(rows) - _MOST_ROWS}))
    bounds: dict[str, Value] = {"least": Rupiah(-turn.shop.rebate), "cap": Rupiah(turn.shop.markup_cap)}
    lines.append(Text("mark.bounds", bounds))
    options = (notices.option("markup_all", "markup semua"), notices.option("agents", "agen"))
    return [Message(Text("mark.list"), tuple(lines), options)]


_LIST = notices.option("markup", "markup")


def _row(what: Text, markup: int) -> Text:
    return Text("mark.row", {"scope": what, "rp": Rupiah(markup)})


def scope(whom: Agent | None, denomination: int) -> Text:
    """How a markup's people and amount are called."""
    who = Text("mark.everybody") if whom is None else Text("line.agent", {"agent": f"{whom.code} {whom.name}"})
    if not denomination:
        return who
    return Text("mark.amount", {"scope": who, "amount": Nominal(denomination)})


# what a change would do


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a markup may be: from minus the rebate to the cap. Rupiah."""

    rebate: int
    cap: int

    @classmethod
    def of(cls, shop: Shop) -> "Bounds":
        """By today's settings."""
        return cls(shop.rebate, shop.markup_cap)

    def refusal(self, text: str) -> Text | None:
        """*mark.refused*: why no price may have the markup that was typed, and what it may be."""
        typed = rupiah(text)
        if typed is None or typed == DROP:
            return None
        args: dict[str, Value] = {"least": Rupiah(-self.rebate), "cap": Rupiah(self.cap)}
        if int(typed) < -self.rebate:
            key = "mark.loss_rebate" if self.rebate else "mark.loss"
            return Text(key, args | {"rebate": Rupiah(self.rebate)})
        return Text("mark.above", args) if int(typed) > self.cap else None


def preview(turn: Turn, wanted: Wanted, typed: int | None) -> Message:
    """*mark.preview*: old → new, an example price, what the agent keeps, and whom it leaves as he is."""
    tx, shop, where = turn.tx, turn.shop, wanted.scope
    old = prices.holds(tx, where, shop)
    new = prices.beneath(tx, where, shop) if typed is None else typed
    what = scope(wanted.whom, wanted.denomination)
    args: dict[str, Value] = {"scope": what, "old": Rupiah(old), "new": Rupiah(new)}
    if prices.own(tx, where) == typed:
        key = "mark.none" if typed is None else "mark.same"
        return Message(Text(key, {"scope": what, "rp": Rupiah(old)}), options=(_LIST,))
    lines = []
    if (amount := _example(turn, wanted)) is not None:
        fee = shop.fee if wanted.whom is None else wanted.whom.fee
        keeps = fee - new
        example: dict[str, Value] = {"rp": Nominal(amount), "pay": Amount(amount + ADM + new), "fee": Rupiah(fee)}
        key = "mark.keeps" if keeps >= 0 else "mark.loses"
        lines = [Text("mark.example", example), Text(key, {"rp": Rupiah(abs(keeps)), "fee": Rupiah(fee)})]
    if kept := _kept(turn, wanted):
        lines.append(Text("mark.kept", {"n": kept}))
    lines.append(Text("mark.from"))
    return Message(Text("mark.preview", args), tuple(lines))


def _example(turn: Turn, wanted: Wanted) -> int | None:
    """An amount whose price the change moves: a usual one, if it does; None where every amount has its own markup."""
    if wanted.denomination:
        return wanted.denomination
    where = wanted.scope
    others = {one.denomination for one in prices.markups(turn.tx) if one.agent_id == where.agent_id}
    moved = [one for one in turn.shop.denominations if one not in others]
    return _EXAMPLE if _EXAMPLE in moved else next(iter(moved), None)


def _kept(turn: Turn, wanted: Wanted) -> int:
    """How many agents have a markup of their own that a change for everybody leaves as it is."""
    if wanted.whom is not None:
        return 0
    amounts = {0, wanted.denomination}
    found = (one for one in prices.markups(turn.tx) if one.agent_id != EVERYBODY and one.denomination in amounts)
    return len({one.agent_id for one in found})


def asked(turn: Turn, wanted: Wanted) -> Message:
    """The question for a markup, with what holds now."""
    now = prices.holds(turn.tx, wanted.scope, turn.shop)
    args: dict[str, Value] = {"scope": scope(wanted.whom, wanted.denomination), "rp": Rupiah(now)}
    parts: list[Text] = []
    if not wanted.denomination:
        own = [one for one in prices.markups(turn.tx) if one.agent_id == wanted.scope.agent_id and one.denomination]
        parts = [_row(Text("line.amount", {"rp": Nominal(one.denomination)}), one.rupiah) for one in own]
    more = (Text("line.parts", {"parts": Parts(tuple(parts))}),) if parts else ()
    usual = [one for one in _USUAL if one != now and one <= turn.shop.markup_cap][:_MOST_USUAL]
    options = [Option(str(one), Text("line.amount", {"rp": Rupiah(one)})) for one in usual]
    if prices.own(turn.tx, wanted.scope) is not None:
        options.append(Option(DROP, Text("btn.markup_drop")))
    return Message(Text("mark.ask", args), (*more, Text("mark.ask_how")), tuple(options))


def changed(turn: Turn, wanted: Wanted, typed: int | None, was: int | None) -> Message:
    """Set or taken away, as it was previewed; not where another owner has changed it meanwhile."""
    where = wanted.scope
    what = scope(wanted.whom, wanted.denomination)
    if prices.own(turn.tx, where) != was:
        return Message(Text("mark.meanwhile", {"scope": what}), options=(_LIST,))
    if typed is not None and (refusal := Bounds.of(turn.shop).refusal(str(typed))) is not None:
        return Message(refusal, options=(_LIST,))  # the settings changed since
    prices.change(turn.tx, where, typed, turn.person.acting, turn.shop, turn.now)
    now = prices.holds(turn.tx, where, turn.shop)
    options = (_LIST,) if wanted.whom is None else (agents.see(wanted.whom), _LIST)
    return Message(Text("mark.done", {"scope": what, "rp": Rupiah(now)}), options=options)
