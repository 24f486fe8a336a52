"""The model: what the shop's books must say after every step, written from the money rules and from nothing else.

A dictionary of balances, one record a purchase, and the rules by which an answer moves it. It shares no code with the
services; names of states are strings here.
"""

import copy
from collections import Counter
from dataclasses import dataclass, field
from statistics import median

from bot.sandbox.ledger import Sold
from tests.simulation.answers import Evidence, Shown

MINUTE = 60_000
HOUR = 60 * MINUTE
SKEW = 120_000
DOUBT = ("UNKNOWN", "VERIFY", "MANUAL")
OPEN = ("CONFIRMED", "SENDING", *DOUBT)
FINAL = ("SUCCESS", "FAILED", "LATE")
COUNTER = 0


@dataclass(slots=True)
class Offer:
    """A quote."""

    id: str
    conversation: int
    agent: int
    msn: str
    nominal: int
    adm: int
    markup: int
    fee: int
    expires_at: int
    bought: int | None = None

    @property
    def price(self) -> int:
        return self.nominal + self.adm + self.markup


@dataclass(slots=True)
class Bought:
    """A purchase. `token` is its credit token, `cost` what the books took from the supplier's deposit for it."""

    number: int
    trxid: str
    agent: int
    msn: str
    nominal: int
    adm: int
    price: int
    confirmed_at: int
    state: str = "CONFIRMED"
    sent_at: int | None = None
    refused: str = ""
    negatives: int = 0
    first_negative: int | None = None
    payref: str | None = None
    token: str | None = None
    taken_adm: int | None = None
    offset: int | None = None
    decided: bool = False
    fee_mended: bool = False
    proven: bool = False  # that nothing was sold, by PAY's own answer


@dataclass(frozen=True, slots=True)
class Verdict:
    """The gate's answer: the rule that refused, or the admin fee taken."""

    veto: str = ""
    adm: int = 0


@dataclass(slots=True)
class Books:
    """Everything that the shop should know, and `seen`: which evidence met which state."""

    balance: Counter[str] = field(default_factory=Counter)
    held: Counter[int] = field(default_factory=Counter)
    offers: dict[str, Offer] = field(default_factory=dict)
    bought: dict[int, Bought] = field(default_factory=dict)
    references: dict[str, tuple[int, int]] = field(default_factory=dict)
    top_ups: list[tuple[int, int, int]] = field(default_factory=list)  # agent, amount, when
    adjusted: list[tuple[str, int, int]] = field(default_factory=list)  # reference, rupiah without sign, when
    credited: set[tuple[str, str]] = field(default_factory=set)  # on credit or paid back, and the reference
    frozen: set[int] = field(default_factory=set)
    markup: dict[int, int] = field(default_factory=dict)
    strays: dict[str, int] = field(default_factory=dict)  # token → what it cost
    stray_references: set[str] = field(default_factory=set)
    settled_strays: set[str] = field(default_factory=set)
    unposted: list[int] = field(default_factory=list)  # what strays cost that became known while read-only
    waiting: list[Sold] = field(default_factory=list)  # rows of reports that came while read-only
    unclear_run: int = 0
    rebate: int = 0
    seen: Counter[tuple[str, str]] = field(default_factory=Counter)

    def snapshot(self) -> "Books":
        """What a backup would hold."""
        made = copy.deepcopy(self)
        made.seen = self.seen
        return made

    # what stands in the way

    def obstacle(self, offer: Offer, closed: str, now: int) -> str:
        """The key of the refusal; empty where nothing stands in the way. `closed` is why sales are stopped."""
        if offer.agent in self.frozen:
            return "pay.frozen"
        if closed:
            return closed
        if self.twin(offer.msn, offer.nominal) is not None:
            return "pay.twin"
        own = [one for one in self.bought.values() if one.agent == offer.agent and one.state in OPEN]
        if sum(one.confirmed_at >= now - 30 * MINUTE for one in own) >= 3:
            return "pay.many"
        if offer.agent != COUNTER and self.available(offer.agent) < offer.price:
            return "pay.short"
        return ""

    def twin(self, msn: str, nominal: int) -> Bought | None:
        """The open purchase of a meter and amount."""
        found = (one for one in self.bought.values() if one.state in OPEN)
        return next((one for one in found if (one.msn, one.nominal) == (msn, nominal)), None)

    def available(self, agent: int) -> int:
        return self.balance[account(agent)] - self.held[agent]

    # money

    def hold(self, made: Bought) -> None:
        self.bought[made.number] = made
        self.held[made.agent] += made.price

    def move(self, debit: str, credit: str, amount: int) -> None:
        self.balance[debit] -= amount
        self.balance[credit] += amount

    def pay_supplier(self, one: Bought, payer: str, paid: int) -> None:
        """What a sale posts: cost and margin from the payer, rebate and the difference of the admin fee."""
        cost = one.nominal + one.adm
        self.move(payer, "vsi:deposit", cost)
        self.move(payer, "income:margin", paid - cost)
        self.move("vsi:deposit", "income:rebate", self.rebate)
        self.move("expense:adm", "vsi:deposit", (one.taken_adm or 0) - one.adm)

    def fail(self, one: Bought) -> None:
        one.state = "FAILED"
        self.held[one.agent] -= one.price

    def stray(self, token: str, payref: str | None, total: int, *, read_only: bool = False) -> None:
        """A sale that no purchase owns: known at once, booked as soon as money may move."""
        if token in self.strays:
            return
        self.strays[token] = total
        if payref:
            self.stray_references.add(payref)
        self.unposted.append(total)
        if not read_only:
            self.post_strays()

    def post_strays(self) -> None:
        for total in self.unposted:
            self.move("suspense:late", "vsi:deposit", total)
        self.unposted.clear()

    # evidence

    def gate(self, one: Bought, shown: Shown, now: int, *, direct: bool) -> Verdict:
        """Whether the sale shown is the purchase's, by what the shop can know (money rules §1.5)."""
        if shown.msn != one.msn:
            return Verdict("G1")
        adm = one.adm if shown.adm is None else shown.adm
        if one.nominal not in (shown.total - adm, shown.total):
            return Verdict("G2")
        if shown.token is None:
            return Verdict("G3")
        if self.knows(shown.token, shown.payref, besides=one):
            return Verdict("G4")
        if not direct and not self.in_time(one, shown, now):
            return Verdict("G5")
        return Verdict(adm=adm)

    def knows(self, token: str, payref: str | None, besides: Bought | None = None) -> bool:
        """Whether the token or the reference belongs to another purchase or to a stray."""
        if token in self.strays or payref in self.stray_references:
            return True
        others = [one for one in self.bought.values() if one is not besides]
        return any(one.token == token or (payref is not None and one.payref == payref) for one in others)

    def offset(self) -> int | None:
        """How far the supplier's clock is ahead: the median of what the last nine payments showed."""
        latest = sorted((one.number, one.offset) for one in self.bought.values() if one.offset is not None)[-9:]
        return round(median(offset for _, offset in latest)) if latest else None

    def in_time(self, one: Bought, shown: Shown, now: int) -> bool:
        if shown.dated is None or one.sent_at is None:
            return False
        at = shown.dated - (self.offset() or 0)
        later = [
            other.sent_at
            for other in self.bought.values()
            if other.number > one.number
            and (other.msn, other.nominal) == (one.msn, one.nominal)
            and other.sent_at
            and not (other.state == "FAILED" and other.proven)  # it bought nothing, so it bounds nothing
        ]
        if later and at >= min(later) - SKEW:
            return False
        return one.sent_at - SKEW <= at <= now + SKEW

    def apply_payment(self, one: Bought, evidence: Evidence, now: int, measured: int | None) -> None:
        """PAY's own answer. `measured` is when it was read, None if too late to measure the supplier's clock by."""
        name, before = f"PAY {evidence.name}", one.state
        doubtful = evidence.pay in ("U", "N")
        if evidence.shown is not None:
            verdict = self.gate(one, evidence.shown, now, direct=True)
            name = f"PAY S {verdict.veto or 'passes'}"
            if not verdict.veto:
                self.sold(one, evidence.shown, verdict, measured=measured)
            else:
                self._keep_reference(one, evidence.shown, verdict)
                self._doubt(one)
                doubtful = one.state in DOUBT
        elif evidence.pay in ("F", "N"):
            if one.state in ("SENDING", *DOUBT):
                self.fail(one)
                one.proven = True
        elif evidence.pay in ("V", "V+") and one.state in ("SENDING", "UNKNOWN"):
            one.state, one.refused = "VERIFY", evidence.pay
        elif evidence.pay == "U":
            self._doubt(one)
        self.seen[name, before] += 1
        self.unclear_run = self.unclear_run + 1 if doubtful and not evidence.stops else 0

    def apply_advice(self, one: Bought, evidence: Evidence, now: int, *, by_payref: bool) -> None:
        """An advice's answer: a sale through the gate, or `not found` where the payment was refused in words."""
        name, before = f"ADV {evidence.name}", one.state
        if evidence.shown is not None:
            verdict = self.gate(one, evidence.shown, now, direct=by_payref)
            name = f"ADV S* {verdict.veto or 'passes'}"
            if not verdict.veto:
                self.sold(one, evidence.shown, verdict)
        elif evidence.advice == "N":
            self._negative(one, now)
        elif evidence.advice == "W" and one.state in DOUBT:
            one.payref = None
        elif evidence.advice == "O" and one.state in ("UNKNOWN", "VERIFY"):
            one.state = "MANUAL"
        self.seen[name, before] += 1

    def sold(self, one: Bought, shown: Shown, verdict: Verdict, *, measured: int | None = None) -> None:
        """A sale that passed the gate: SUCCESS, LATE, no news, or a second sale for one payment."""
        assert shown.token is not None
        if one.state in ("SUCCESS", "LATE"):
            if shown.token != one.token:
                self.stray(shown.token, shown.payref, shown.total)
            return
        one.token, one.taken_adm = shown.token, verdict.adm
        one.payref = shown.payref or one.payref
        if measured is not None and shown.dated is not None:
            one.offset = shown.dated - measured
        if one.state == "FAILED":
            one.state = "LATE"
            return
        one.state = "SUCCESS"
        self.held[one.agent] -= one.price
        self.pay_supplier(one, account(one.agent), one.price)

    def row(self, sold: Sold, shown: Shown, now: int, *, read_only: bool) -> None:
        """A row of the supplier's report (money rules §4.6)."""
        one = next((each for each in self.bought.values() if each.trxid == sold.trxid), None)
        one = one or next((each for each in self.bought.values() if each.token == sold.tokens[-1]), None)
        if one is None:
            self.stray(sold.tokens[-1], sold.payref, shown.total, read_only=read_only)
        elif read_only:
            self.waiting.append(sold)
        elif one.state in ("SUCCESS", "LATE"):
            self._row_again(one, sold)
        else:
            before = one.state
            if before == "CONFIRMED":  # somebody else sent it
                one.state, one.sent_at = "UNKNOWN", one.confirmed_at
            self._adopt(one, sold, shown, now)
            verdict = self.gate(one, shown, now, direct=True)
            self.seen[f"REPORT sale {verdict.veto or 'passes'}", before] += 1
            if not verdict.veto:
                self.sold(one, shown, verdict)

    def _adopt(self, one: Bought, sold: Sold, shown: Shown, now: int) -> None:
        """A stray that the report proves to be the purchase's own: nobody's no longer, unless it was settled."""
        token = sold.tokens[-1]
        if shown.token is None or token not in self.strays or token in self.settled_strays:
            return
        cost = self.strays.pop(token)
        self.stray_references.discard(sold.payref)
        if self.gate(one, shown, now, direct=True).veto:
            self.strays[token] = cost
            self.stray_references.add(sold.payref)
            return
        self.move("vsi:deposit", "suspense:late", cost)

    def _row_again(self, one: Bought, sold: Sold) -> None:
        self.seen["REPORT sale of a settled one", one.state] += 1
        if sold.tokens[-1] != one.token:
            if not self.knows(sold.tokens[-1], None, besides=one):
                self.stray(sold.tokens[-1], sold.payref, sold.nominal + sold.adm)
        elif one.taken_adm != sold.adm and not one.fee_mended:
            if one.state == "SUCCESS" or one.decided:
                self.move("expense:adm", "vsi:deposit", sold.adm - (one.taken_adm or 0))
                one.fee_mended = True
            one.taken_adm = sold.adm  # undecided, the decision books it

    def orphan(self, one: Bought) -> None:
        """Sent, and nobody waits for the answer any more."""
        self.seen["JANITOR no task", one.state] += 1
        self._doubt(one)

    def overdue(self, one: Bought, now: int) -> None:
        """In doubt for two hours: the owner looks at it."""
        if one.state in ("UNKNOWN", "VERIFY") and now - (one.sent_at or one.confirmed_at) >= 2 * HOUR:
            self.seen["JANITOR two hours", one.state] += 1
            one.state = "MANUAL"

    def _doubt(self, one: Bought) -> None:
        if one.state == "SENDING":
            one.state = "UNKNOWN"

    def _negative(self, one: Bought, now: int) -> None:
        offset = self.offset()
        ahead, margin = offset or 0, HOUR if offset is None else SKEW
        # an advice may see its own day only: it counts while the supplier's clock surely shows the payment's
        sent = one.sent_at or one.confirmed_at  # by our clock and by the supplier's
        is_its_day = len({_day(sent - margin), _day(sent + ahead - margin), _day(now + margin)}) == 1
        is_its_day = is_its_day and _day(now + ahead + margin) == _day(sent - margin)
        if one.state != "VERIFY" or not is_its_day:
            return
        one.negatives += 1
        one.first_negative = one.first_negative or now
        many, span = (5, 10 * MINUTE) if one.refused == "V+" else (3, 90_000)
        if one.negatives >= many and now - one.first_negative >= span:
            self.seen["ADV enough negatives", one.state] += 1
            self.fail(one)

    def _keep_reference(self, one: Bought, shown: Shown, verdict: Verdict) -> None:
        free = shown.payref and all(other.payref != shown.payref for other in self.bought.values() if other is not one)
        if verdict.veto == "G3" and one.state in ("SENDING", *DOUBT) and free:
            one.payref = shown.payref


def _day(at: int) -> int:
    return (at + 7 * HOUR) // (24 * HOUR)


def account(agent: int) -> str:
    """The name of an agent's account in the books."""
    return "agent:counter" if agent == COUNTER else f"agent:{agent}"
