"""The checker: what the chats saw and what the supplier's books say, held against each other. It knows no internals.

An order ends sold, refunded, late (refunded, then a sale turned up: its token is parked) or open, and open may still
become anything (Jepsen's `info`). Every violation has a name, and each name is proved by planting it.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.sandbox import Sold
from tests.crash.history import Read, Record, Typed
from tests.crash.story import Intent, Story, rupiah
from tests.crash.supplier import FOREIGN

_CLOCKS = 3_000  # milliseconds: the gate's tolerance and the supplier's whole seconds


class Violation(StrEnum):
    """What must never happen."""

    OWNERLESS = "a sale that nobody owns"
    INVENTED = "a token that the supplier never sold here"
    GIVEN_TWICE = "a token given to two purchases"
    OTHER_METER = "a token of another meter or amount"
    REFUNDED = "a sold purchase refunded"
    SOLD_TWICE = "more sales than confirmed intents"
    BOUGHT_TWICE = "two purchases for one confirmed intent"
    PAID_TWICE = "two payments for one trxid"
    SECOND_SALE = "two sales for one trxid"
    NO_TOKEN = "a sold purchase whose token was never shown"
    NOT_TOLD = "a purchase whose agent was not told how it stands"
    CONTRADICTED = "a purchase told failed and sold"
    LATE_UNSOLD = "a late sale that the supplier does not know"
    UNHEADED = "a repeat without its heading"
    BALANCE = "a balance that does not add up"
    DEPOSIT = "the supplier's deposit does not add up"
    OPEN_SOLD = "an open purchase whose sale exists"
    STILL_OPEN = "a purchase still open after everything was settled"
    UNANSWERED = "a line that was never answered"
    AUDIT = "the audit complains"
    PROCESS = "the process came to an end of its own"


@dataclass(frozen=True, slots=True)
class Found:
    """One violation."""

    name: Violation
    detail: str

    def __str__(self) -> str:
        return f"{self.name}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that the checker may know. `deposits` are what was paid in before, by chat, and `""` at the supplier.

    `refunded` are refunds that came after the sale, `in_reach` the sales that an advice would now be answered with;
    `all_settled` says that the supplier's report and a person have settled whatever was left; `superseded` are the
    lines whose question never left because a newer one had taken its place.
    """

    history: list[Record]
    sales: list[Sold]
    payments: Mapping[str, int]
    deposits: Mapping[str, int]
    audit: list[str]
    refunded: list[str]
    in_reach: frozenset[int]
    owner: str
    all_settled: bool = False
    superseded: frozenset[str] = frozenset()


def check(evidence: Evidence) -> list[Found]:
    """Every violation."""
    story = Story.of(evidence.history)
    found = [Found(Violation.AUDIT, line) for line in evidence.audit]
    found += [Found(Violation.REFUNDED, line) for line in evidence.refunded]
    for part in (_on_the_wire, _tokens, _sales, _intents, _repeats, _balances, _deposit, _answers):
        found += part(evidence, story)
    return found


def _on_the_wire(evidence: Evidence, _: Story) -> Iterator[Found]:
    for trxid, count in evidence.payments.items():
        if count > 1:
            yield Found(Violation.PAID_TWICE, f"{trxid} {count} times")
    for trxid, count in Counter(one.trxid for one in evidence.sales).items():
        if count > 1 and trxid != FOREIGN:
            yield Found(Violation.SECOND_SALE, f"{trxid} {count} times")


def _tokens(evidence: Evidence, story: Story) -> Iterator[Found]:
    """Each token that was shown is a sale's of that meter and amount, shown for one purchase only."""
    by_token = {digits: one for one in evidence.sales for digits in one.tokens}
    owners: dict[str, set[str]] = defaultdict(set)
    for intent in story.intents:
        for digits in sorted(intent.tokens):
            owners[digits].add(intent.sale)
            sold = by_token.get(digits)
            if sold is None or sold.trxid == FOREIGN:
                yield Found(Violation.INVENTED, f"{intent.sale} {digits}")
            elif (sold.msn, sold.nominal) != intent.goods:
                yield Found(
                    Violation.OTHER_METER, f"{intent.sale} {intent.goods} got {digits} of {sold.msn} {sold.nominal}"
                )
            elif digits == sold.tokens[-1] and set(sold.tokens) - intent.tokens:
                yield Found(Violation.NO_TOKEN, f"{intent.sale} lacks a group of {sold.tokens}")
    for digits, sales in (owners | {key: owners[key] | more for key, more in story.asked_for.items()}).items():
        if len(sales) > 1:
            yield Found(Violation.GIVEN_TWICE, f"{digits} to {', '.join(sorted(sales))}")


def _sales(evidence: Evidence, story: Story) -> Iterator[Found]:
    """Each sale of the supplier is somebody's: given to him, or told late to him, or still open with him; or the owner
    was told of two sales for one purchase.
    """
    shown = {digits for intent in story.intents for digits in intent.tokens}
    goods: dict[tuple[str, int], list[Sold]] = defaultdict(list)
    for one in evidence.sales:
        if one.trxid != FOREIGN:
            goods[one.msn, one.nominal].append(one)
    asked = {intent.goods for intent in story.intents}
    for key in goods.keys() | asked:
        taken = [intent for intent in story.intents if intent.goods == key and intent.was_taken]
        late = sum(intent.is_late and not intent.tokens for intent in taken)
        hidden = [one for one in goods[key] if one.tokens[-1] not in shown]
        if len(goods[key]) > len(taken) > 0:
            yield Found(Violation.SOLD_TWICE, f"{key}: {len(goods[key])} sales, {len(taken)} intents")
        if late > len(hidden):
            yield Found(Violation.LATE_UNSOLD, f"{key}: {late} told late, {len(hidden)} sold and not given")
        double = sum(bool(intent.sales & story.doubles) for intent in taken)
        for one in _unexplained(hidden, taken, evidence)[late + double :]:
            yield Found(_blame(taken), f"{key} {one.trxid} token {one.tokens[-1]}")


def _unexplained(hidden: list[Sold], taken: list[Intent], evidence: Evidence) -> list[Sold]:
    """Sales not given to anybody, without those that only the supplier's report could bring to light."""
    return [one for one in hidden if not _left_to_the_report(one, taken, evidence)]


def _left_to_the_report(sold: Sold, taken: list[Intent], evidence: Evidence) -> bool:
    """No advice is answered with it, or it is dated after the next purchase of the same and could be that one's.

    An open purchase may wait for it so; a refund is excused only if the sale came after it. Nothing is left once
    a person has settled the rest.
    """
    if evidence.all_settled:
        return False
    in_reach = sold.id in evidence.in_reach
    if not in_reach and any(intent.is_open for intent in taken):
        return True
    for intent in taken:
        if not intent.is_failed or intent.is_late or intent.failed_at > sold.sold_at:
            continue
        followed = any(intent.confirmed_at < one.confirmed_at <= sold.sold_at + _CLOCKS for one in taken)
        if followed or not in_reach:
            return True
    return False


def _blame(taken: list[Intent]) -> Violation:
    if any(intent.is_open for intent in taken):
        return Violation.OPEN_SOLD
    return (
        Violation.REFUNDED if any(intent.is_failed and not intent.is_late for intent in taken) else Violation.OWNERLESS
    )


def _intents(evidence: Evidence, story: Story) -> Iterator[Found]:
    """Each confirmed intent is one purchase at most, its end is told, and told once for all."""
    for intent in story.intents:
        label = f"{intent.sale or intent.order.id} {intent.goods}"
        if len(intent.sales) > 1:
            yield Found(Violation.BOUGHT_TWICE, f"{label}: {sorted(intent.sales)}")
        if intent.is_failed and (intent.is_done or intent.tokens) and not (intent.is_late and intent.is_paid):
            yield Found(Violation.CONTRADICTED, label)
        if intent.is_done and not intent.tokens:
            yield Found(Violation.NO_TOKEN, label)
        if intent.tokens and not (intent.is_done or intent.is_paid):
            yield Found(Violation.NOT_TOLD, f"{label}: a token and no word of the money")
        if intent.is_open and not intent.is_told:
            yield Found(Violation.NOT_TOLD, label)
        if intent.is_open and evidence.all_settled:
            yield Found(Violation.STILL_OPEN, label)


def _repeats(_: Evidence, story: Story) -> Iterator[Found]:
    for (sale, kind), count in story.plain_copies.items():
        if count > 1:
            yield Found(Violation.UNHEADED, f"{sale} {kind} {count} times")


def _balances(evidence: Evidence, story: Story) -> Iterator[Found]:
    """What each chat was told last: its deposit less what was sold to it, and on hold what is open."""
    for who, deposit in evidence.deposits.items():
        if who in ("", evidence.owner):
            continue
        mine = [intent for intent in story.intents if intent.order.who == who]
        left = deposit - sum(intent.price for intent in mine if intent.is_sold)
        held = sum(intent.price for intent in mine if intent.is_open)
        said = _last(evidence.history, who, "bal.card")
        if said is None:
            yield Found(Violation.UNANSWERED, f"{who}: no balance was shown")
            continue
        shown = rupiah(said.text)
        if shown[:2] != ([left, held] if held else [left]):
            yield Found(Violation.BALANCE, f"{who}: {left} and {held} on hold, but was told {shown}")


def _deposit(evidence: Evidence, story: Story) -> Iterator[Found]:
    """What is gone is what was sold to somebody; once everything is settled, simply what was sold."""
    shown = {digits for intent in story.intents for digits in intent.tokens}
    ours = [one for one in evidence.sales if one.trxid != FOREIGN]
    spent = sum(one.nominal + one.adm for one in ours if evidence.all_settled or one.tokens[-1] in shown)
    said = _last(evidence.history, evidence.owner, "bal.counter")
    if said is None:
        yield Found(Violation.UNANSWERED, "the owner was shown no deposit")
    elif rupiah(said.text)[1] != evidence.deposits[""] - spent:
        yield Found(
            Violation.DEPOSIT, f"{evidence.deposits[''] - spent}, but the owner was told {rupiah(said.text)[1]}"
        )


def _last(history: list[Record], who: str, key: str) -> Read | None:
    said = [one for one in history if isinstance(one, Read) and one.to == who and one.key == key]
    return said[-1] if said else None


def _answers(evidence: Evidence, _: Story) -> Iterator[Found]:
    """Each line has a reply of its own; an order's may come from its inquiry, and is then the next new one."""
    said = [one for one in evidence.history if isinstance(one, Read)]
    direct = {(one.to, one.reply_to) for one in said if one.key != "buy.replaced"}
    waiting: dict[str, list[Typed]] = defaultdict(list)
    seen: set[str] = set()
    for record in evidence.history:
        match record:
            case Typed() if (record.who, record.id) not in direct:
                waiting[record.who].append(record)
            case Read() if record.reply_to.startswith("effect:") and record.reply_to not in seen:
                seen.add(record.reply_to)
                orders = [one for one in waiting[record.to] if one.intent == one.id]
                if orders:
                    waiting[record.to].remove(orders[0])
    for who, lines in waiting.items():
        for line in lines:
            later = [one for one in evidence.history if isinstance(one, Typed) and one.who == who and one.at > line.at]
            if line.id in evidence.superseded and any((who, one.id) in direct for one in later):
                continue
            yield Found(Violation.UNANSWERED, f"{who} {line.id}: {line.text}")
