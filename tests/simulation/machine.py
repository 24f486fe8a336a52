"""The state machine: what people, the supplier, the clock and the operating system may do, in any order.

Draws only; what a step does and what it must come to is the simulation's. Every rule is counted.
"""

import sys
from collections import Counter
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.services.breaker import Position
from tests.simulation import answers, ending, hearing, owner, reports
from tests.simulation.books import DOUBT, Bought
from tests.simulation.shop import CHATS, REBATE, Shop
from tests.simulation.simulation import METERS, MINUTE, NOMINALS, SECOND, Flight, Simulation
from tests.simulation.truth import ADM, Habits

HOUR = 60 * MINUTE
PICK = st.integers(0, 9_999)
CHAT = st.sampled_from(list(CHATS))
PAIR = st.sampled_from([(msn, nominal) for msn in METERS for nominal in NOMINALS])
FATE = st.sampled_from(["sells", "sells", "sells", "hangs", "hangs", "nothing", "nothing", "unsent", "sells twice",
                        "key change"])  # fmt: skip
PAY_ENDS = st.sampled_from(["", "", "", "", "", "", "answer read", "answer stored", "after T4"])
ADVICE_ENDS = st.sampled_from(["", "", "", "", "advice read", "advice stored"])
WAIT = st.sampled_from([5 * SECOND, 40 * SECOND, 100 * SECOND, 11 * MINUTE, 35 * MINUTE, 125 * MINUTE])
THEN = st.sampled_from(["", "not sold", "listed"])
DOWN = st.sampled_from([None, None, None, 0, 20 * SECOND, 2 * MINUTE, HOUR, 5 * HOUR])  # None: the janitor alone


class Counts:
    """What a campaign counts over all of its examples."""

    def __init__(self) -> None:
        self.rules: Counter[str] = Counter()
        self.seen: Counter[tuple[str, str]] = Counter()
        self.limits: Counter[str] = Counter()
        self.sales: Counter[str] = Counter()
        self.examples = 0
        self.steps = 0

    def add(self, ended: Simulation) -> None:
        """Take in a finished example."""
        self.seen.update(ended.books.seen)
        self.limits.update(ended.limits.values())
        self.sales["sold by the supplier"] += len(ended.truth.sales)
        self.sales["payments that reached the supplier"] += sum(ended.truth.payments.values())
        self.sales.update(f"ended {one.state}" for one in ended.books.bought.values())
        self.sales["strays"] += len(ended.books.strays)


class ShopMachine(RuleBasedStateMachine):
    """Agents, a supplier and a shop."""

    make_shop: ClassVar[type[Shop]] = Shop
    counts: ClassVar[Counts] = Counts()
    simulation: Simulation

    def __init__(self) -> None:
        super().__init__()
        self.simulation = Simulation(self.make_shop(), Habits())
        self.last = ""
        self.copy: owner.Backup | None = None

    def did(self, name: str) -> Simulation:
        """Count the step; returns what it happens to."""
        self.last = name
        self.counts.rules[name] += 1
        return self.simulation

    @initialize(
        ahead=st.sampled_from([0, 0, 40 * SECOND, -40 * SECOND, HOUR]),
        matches=st.sampled_from(["latest", "latest", "exact", "earliest"]),
        any_day=st.booleans(),
        adm=st.sampled_from([ADM, ADM, ADM, 2_500, 1_000]),
    )
    def a_supplier(self, ahead: int, matches: str, any_day: bool, adm: int) -> None:
        self.did("a supplier").truth.habits = Habits(ahead, matches, any_day, adm)

    # buying

    @rule(chat=CHAT, pair=PAIR, fate=FATE)
    def buy(self, chat: str, pair: tuple[str, int], fate: str) -> None:
        self._buy(self.did("buy"), chat, pair, fate)

    @rule(chat=CHAT, pair=PAIR, fate=FATE, how=PICK, ends=PAY_ENDS)
    def buy_and_hear(self, chat: str, pair: tuple[str, int], fate: str, how: int, ends: str) -> None:
        here = self.did("buy and hear")
        number = self._buy(here, chat, pair, fate)
        if flight := here.pays.get(number):
            here.check()
            here.answer_payment(flight, hearing.payment(here, flight, how), ends)

    @rule(chat=CHAT, pair=PAIR, adm=st.sampled_from([ADM, ADM, ADM, 2_500]))
    def ask_for_a_price(self, chat: str, pair: tuple[str, int], adm: int) -> None:
        self.did("quote").quote(chat, *pair, adm)

    @precondition(lambda self: self.simulation.books.offers)
    @rule(first=PICK, second=st.none() | PICK)
    def tap_pay(self, first: int, second: int | None) -> None:
        here = self.did("confirm" if second is None else "double tap")
        offers = list(here.books.offers.values())[-3:]
        taps = [first] if second is None else [first, second]
        here.confirm(*(offers[tap % len(offers)] for tap in taps))

    @precondition(lambda self: self._in("CONFIRMED"))
    @rule(which=PICK, fate=FATE)
    def dispatch(self, which: int, fate: str) -> None:
        here = self.did("dispatch")
        waiting = self._in("CONFIRMED")
        here.dispatch(waiting[which % len(waiting)], fate)

    def _buy(self, here: Simulation, chat: str, pair: tuple[str, int], fate: str) -> int:
        offer = here.quote(chat, *pair)
        if offer is None:
            return 0
        here.confirm(offer)
        here.dispatch(here.books.bought[offer.bought or 0], fate)
        return offer.bought or 0

    # the supplier

    @precondition(lambda self: self.simulation.pays)
    @rule(which=PICK, how=PICK, ends=PAY_ENDS)
    def payment_is_answered(self, which: int, how: int, ends: str) -> None:
        here = self.did("payment answered")
        flight = list(here.pays.values())[which % len(here.pays)]
        here.answer_payment(flight, hearing.payment(here, flight, how), ends)

    @precondition(lambda self: self.simulation.asks)
    @rule(which=PICK, how=PICK, ends=ADVICE_ENDS)
    def advice_is_answered(self, which: int, how: int, ends: str) -> None:
        here = self.did("advice answered")
        flight = list(here.asks.values())[which % len(here.asks)]
        here.answer_advice(flight, hearing.advice(here, flight, how), ends)

    @precondition(lambda self: self._asked_about())
    @rule(which=PICK)
    def advice_is_due(self, which: int) -> None:
        self._advise(self.did("advice begun"), which)

    @precondition(lambda self: self._asked_about())
    @rule(which=PICK, how=PICK)
    def advice_is_asked_and_answered(self, which: int, how: int) -> None:
        here = self.did("advice asked and answered")
        if flight := self._advise(here, which):
            here.answer_advice(flight, hearing.advice(here, flight, how))

    @precondition(lambda self: self._asked_about())
    @rule(which=PICK, how=PICK, sold=st.booleans())
    def advice_is_overtaken_by_the_owner(self, which: int, how: int, sold: bool) -> None:
        here = self.did("advice overtaken")
        if flight := self._advise(here, which):
            one = here.books.bought[flight.number]
            own = here.truth.of_payment(one.trxid)
            if own and sold:
                owner.settle_sold(here, one, own[0], detailed=False)
            else:
                owner.settle_unsold(here, one)
            here.check()
            here.answer_advice(flight, hearing.advice(here, flight, how))

    @precondition(lambda self: self.simulation.pays and not self.simulation.restricted)
    @rule(which=PICK, how=PICK, wait=st.sampled_from([0, 11 * MINUTE, 125 * MINUTE]), then=THEN)
    def payment_s_answer_waits_while_read_only(self, which: int, how: int, wait: int, then: str) -> None:
        here = self.did("answer waits while read-only")
        flight = list(here.pays.values())[which % len(here.pays)]
        one = here.books.bought[flight.number]
        owner.restrict(here)
        here.answer_payment(flight, hearing.payment(here, flight, how, late=bool(wait and then)))
        here.wait(wait)
        here.tend()
        here.check()
        owner.release(here)
        if then:  # faster than the janitor
            owner.settle_unsold(here, one)
        if then == "listed":
            here.wait(50 * HOUR)
            reports.import_one(here, days=3, kind="complete", which=0)
        here.check()
        here.tend()

    @precondition(lambda self: self._in("VERIFY"))
    @rule(which=PICK, times=st.integers(2, 6), code=st.sampled_from([96, 63]))
    def advice_finds_nothing_again_and_again(self, which: int, times: int, code: int) -> None:
        here = self.did("advice finds nothing")
        for _ in range(times):
            if flight := self._advise(here, which):
                by_payref = flight.payref is not None
                here.answer_advice(flight, answers.refusal(code, "1", advice=True, by_payref=by_payref))
                here.check()

    @precondition(lambda self: self.simulation.truth.hanging)
    @rule(which=PICK)
    def hanging_payment_sells(self, which: int) -> None:
        here = self.did("late sale")
        here.truth.wake(list(here.truth.hanging)[which % len(here.truth.hanging)], here.true)

    # time, processes, the janitor

    @rule(kind=st.sampled_from(["passes", "passes", "passes", "midnight", "clock"]), wait=WAIT, how=PICK)
    def time(self, kind: str, wait: int, how: int) -> None:
        if kind == "passes":
            self.did("time passes").wait(wait)
        elif kind == "clock":
            self.did("clock set").set_clock((how % 3 - 1) * 20 * SECOND)
        else:
            here, day = self.did("midnight"), 24 * HOUR
            left = day - (here.true + 7 * HOUR) % day + (how % 16 - 12) * MINUTE
            here.wait(left % day + how % 2 * day)

    @rule(down=DOWN)
    def janitor_or_restart(self, down: int | None) -> None:
        if down is None:
            self.did("janitor").tend()
        else:
            self.did("restart").restart(down)

    @precondition(lambda self: self.simulation.applied)
    @rule(which=PICK, applied=st.booleans())
    def something_comes_again(self, which: int, applied: bool) -> None:
        here = self.did("answer applied again" if applied else "check now")
        if not applied:
            here.check_now(self._any(which))
        elif not here.restricted:
            here.apply_again(list(here.applied)[which % len(here.applied)])

    # money, settings, and what others do

    @rule(
        kind=st.sampled_from(
            ["top up", "top up", "credit", "adjust", "freeze", "price changes", "foreign sale", "foreign sale"]
        ),
        agent=st.sampled_from([0, 1, 2]),
        pair=PAIR,
        how=PICK,
    )
    def elsewhere(self, kind: str, agent: int, pair: tuple[str, int], how: int) -> None:
        here = self.did(kind)
        match kind:
            case "top up" if agent and how % 3 == 2:
                owner.ticket(here, agent, 60_000 + how // 2 % 2 * 40_000)
            case "top up":
                owner.top_up(here, agent, 60_000 + how // 2 % 2 * 40_000, f"ref{how // 4 % 6}", again=how % 2 == 0)
            case "credit":
                owner.credit(here, agent, 30_000 + how // 2 % 2 * 20_000, f"ref{how // 4 % 6}", repaid=how % 2 == 0)
            case "adjust":
                amount = (-1 if how % 2 else 1) * (20_000, 90_000, 400_000)[how // 2 % 3]
                owner.adjust(here, agent, amount, f"ref{how // 6 % 4}")
            case "freeze":
                owner.freeze(here, agent)
            case "price changes":
                owner.set_markup(here, agent, (900, 1_400, -REBATE if agent else 0)[how % 3])
            case _:
                # inside a purchase's window no advice can tell it apart: docs/proof/model.md
                before = here.first.get(pair, here.true) - 15 * MINUTE - max(0, here.truth.habits.clock_ahead)
                here.truth.sell("", *pair, before - how % 4 * 20 * HOUR)

    # the owner

    @precondition(lambda self: self.simulation.books.bought)
    @rule(which=PICK, sale=PICK, detailed=st.booleans())
    def owner_says_sold(self, which: int, sale: int, detailed: bool) -> None:
        here = self.did("owner: sold")
        one = self._any(which)
        own = here.truth.of_payment(one.trxid)
        known = [sold for sold in here.truth.sales if here.books.knows(sold.tokens[-1], None)]
        if offered := own or known:
            owner.settle_sold(here, one, offered[sale % len(offered)], detailed=detailed)

    @precondition(lambda self: self.simulation.books.bought)
    @rule(which=PICK)
    def owner_says_not_sold(self, which: int) -> None:
        here = self.did("owner: not sold")
        owner.settle_unsold(here, self._any(which))

    @precondition(lambda self: self._in("LATE"))
    @rule(which=PICK, agent_pays=st.booleans())
    def owner_decides_a_late_sale(self, which: int, agent_pays: bool) -> None:
        here = self.did("owner: late")
        late = self._in("LATE")
        owner.settle_late(here, late[which % len(late)], agent_pays=agent_pays)

    @precondition(lambda self: self.simulation.books.strays)
    @rule(which=PICK, claimed=st.booleans())
    def owner_settles_a_stray(self, which: int, claimed: bool) -> None:
        owner.settle_stray(self.did("owner: stray"), which, claimed=claimed)

    @precondition(lambda self: self.simulation.position is Position.OPEN)
    @rule(by_probe=st.booleans())
    def sales_are_tried_again(self, by_probe: bool) -> None:
        owner.reopen(self.did("reopen"), by_probe=by_probe)

    @rule(kind=st.sampled_from(["backup", "backup", "restore", "violation"]))
    def disaster(self, kind: str) -> None:
        here = self.did(kind)
        if kind == "violation":
            owner.restrict(here)
        elif kind == "backup":
            self.copy = owner.backup(here)
        elif self.copy is not None:
            owner.restore(here, self.copy)

    @precondition(lambda self: self.simulation.restricted)
    @rule(then=st.sampled_from(["", "sold", "not sold", "not sold"]), which=PICK)
    def release(self, then: str, which: int) -> None:
        here = self.did("release")
        owner.release(here)
        here.check()
        for one in here.in_doubt() if then else []:  # before the janitor applies what waited
            own = here.truth.of_payment(one.trxid)
            if then == "not sold" and which % 2:
                owner.settle_unsold(here, one)
            elif own:
                owner.settle_sold(here, one, own[0], detailed=False)

    @rule(
        days=st.integers(1, 3),
        kind=st.sampled_from(["complete", "complete", "truncated", "filtered"]),
        which=PICK,
        after=st.sampled_from([0, 0, 26 * HOUR, 50 * HOUR]),
        confirmed=st.booleans(),
    )
    def report_comes(self, days: int, kind: str, which: int, after: int, confirmed: bool) -> None:
        here = self.did(f"report: {kind}")
        here.wait(after)
        file = reports.import_one(here, days=days, kind=kind, which=which)
        if confirmed:
            here.check("report")
            reports.void_absent(here, file)

    @invariant()
    def books_are_right(self) -> None:
        self.simulation.check(self.last)

    def teardown(self) -> None:
        if sys.exc_info()[0] is not None:  # the step itself failed: nothing may hide that
            return
        ending.settle(self.simulation)
        self.counts.examples += 1
        self.counts.add(self.simulation)

    # what may be answered, given what is true

    def _in(self, *states: str) -> list[Bought]:
        return [one for one in self.simulation.books.bought.values() if one.state in states]

    def _any(self, which: int) -> Bought:
        """Any purchase, those that wait for somebody more likely, above all if an answer is on its way."""
        bought = list(self.simulation.books.bought.values())
        waiting = [one for one in bought if one.state in DOUBT] * 3
        asked = [one for one in bought if one.number in self.simulation.asks] * 4
        return (asked + waiting + bought)[which % len(asked + waiting + bought)]

    def _asked_about(self) -> list[Bought]:
        here = self.simulation
        return [one for one in self._in("UNKNOWN", "VERIFY", "MANUAL", "FAILED") if one.number not in here.asks]

    def _advise(self, here: Simulation, which: int) -> Flight | None:
        due = sorted(one for one in here.due_at() if one[1] not in here.asks)
        if not due:
            return None
        at, number = due[which % min(len(due), 2)]
        here.wait(max(0, at - here.now))
        return here.advise(here.books.bought[number])
