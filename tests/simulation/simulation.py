"""One shop, its model and the model supplier, moved step by step; each step says beforehand what it must come to.

A step does one thing to the shop, the same thing to the model, and compares what was answered. `check` compares all
the rest and runs the audit; it belongs after every step.
"""

from collections.abc import Coroutine
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

from bot.domain.message import Message
from bot.domain.purchase import Purchase, Quote
from bot.domain.supply import Advise, Inquiry, Pay
from bot.sandbox.ledger import Sold
from bot.services import breaker, people, purchases, purchasing, settlement
from bot.services.breaker import Breaker, Position
from bot.services.purchases import Refused
from bot.store.sqlite import _Unit
from tests.simulation import answers, checking
from tests.simulation.answers import Evidence, Shown
from tests.simulation.books import DOUBT, OPEN, Books, Bought, Offer, account
from tests.simulation.shop import CHATS, DEPOSITS, REBATE, RULES, START, SUPPLIER_DEPOSIT, Shop
from tests.simulation.truth import ADM, Habits, Truth

METERS = ("54000000001", "54000000002")
NOMINALS = (20_000, 50_000)
SECOND = 1_000
MINUTE = 60_000
_RUNS = cast("Any", SimpleNamespace(done=lambda: False))  # stands for the task of a payment that is stepped by hand
_SLOW = 60 * SECOND  # an answer that took longer measures no clock
_LATER = 10 * MINUTE


@dataclass(slots=True)
class Flight:
    """A request on the wire: its worker waits for the answer."""

    number: int
    worker: Coroutine[Any, Any, Any]
    exchange: int
    payref: str | None
    sent: int
    by_shop_clock: int


@dataclass(slots=True)
class Told:
    """An answer that is stored and not yet applied."""

    number: int
    evidence: Evidence
    pays: bool
    by_payref: bool
    read_at: int
    measures: bool


class Simulation:
    """`true` is the real time; the shop's clock is `error` beside it, the supplier's `habits.clock_ahead`."""

    def __init__(self, shop: Shop, habits: Habits) -> None:
        self.shop, self.books, self.truth = shop, Books(rebate=REBATE), Truth(habits)
        self.true, self.error = START, 0
        self.pays: dict[int, Flight] = {}
        self.asks: dict[int, Flight] = {}
        self.stored: dict[int, Told] = {}
        self.applied: dict[int, Told] = {}
        self.restricted = ""
        self.first: dict[tuple[str, int], int] = {}  # when the first purchase of a meter and amount was confirmed
        self.forgotten: tuple[int, int] | None = None  # what was sold from and until (real time) a copy does not know
        self.serial = 0
        self.limits: dict[tuple[str, int], str] = {}
        self.changes = -1
        self.position = Position.CLOSED
        for agent, amount in DEPOSITS.items():
            self.books.move("cash:till", account(agent), amount)
            self.books.references[f"first{agent}"] = (agent, amount)
            self.books.top_ups.append((agent, amount, START))
        self.books.move("vsi:deposit", "cash:till", SUPPLIER_DEPOSIT)
        for one in shop.view(people.agents):
            self.books.markup[one.id] = one.fee if one.id == 0 else RULES.markup

    @property
    def now(self) -> int:
        return self.shop.now

    def serve(self) -> str:
        """The next number, for whatever has to be unique."""
        self.serial += 1
        return str(self.serial)

    # time

    def wait(self, milliseconds: int) -> None:
        """Real time passes."""
        self.true += milliseconds
        self.shop.now = self.true + self.error

    def set_clock(self, error: int) -> None:
        """Somebody sets the shop's clock."""
        self.error = error
        self.shop.now = self.true + error

    # buying

    def closed(self) -> str:
        """The refusal's key while sales are stopped."""
        found = self.shop.view(breaker.read)
        is_free = found.state is Position.CLOSED or (found.state is Position.HALF and not self._is_on_trial(found))
        return "" if is_free and not self.restricted else "maint.agent"

    def _is_on_trial(self, found: Breaker) -> bool:
        """In half-open one payment at a time: until it has an answer, or is given up."""
        one = self.books.bought.get(found.probe_id or 0)
        return one is not None and one.state in ("CONFIRMED", "SENDING")

    def quote(self, chat: str, msn: str, nominal: int, adm: int = ADM) -> Offer | None:
        """Ask for a price."""
        agent, conversation = CHATS[chat], list(CHATS).index(chat) + 1
        found = Inquiry(msn, f"5{msn}", "BUDI", "R1M/900", adm, f"{int(self.serve()):032X}")
        wanted = Offer("", conversation, agent, msn, nominal, adm, self.books.markup[agent], 0, self.now + _LATER)
        refused = self.books.obstacle(wanted, self.closed(), self.now)
        made = self.shop.run(_quote, conversation, agent, found, nominal, self.now)
        if isinstance(made, Refused):
            assert made.message.key == refused
            return None
        assert not refused, f"quoted in spite of {refused}"
        assert made.price == wanted.price
        return self._offered(made)

    def _offered(self, made: Quote) -> Offer:
        offer = Offer(
            made.id,
            made.conversation_id,
            made.agent_id,
            made.msn,
            made.denomination,
            made.adm,
            made.markup,
            made.fee,
            made.expires_at,
        )
        self.books.offers[offer.id] = offer
        return offer

    def confirm(self, *offers: Offer) -> None:
        """Tap on Pay; several taps that arrive together share one commit."""
        taps = [(offer, self.serve()) for offer in offers]
        found = self.shop.view(breaker.read)
        stopped = bool(self.restricted) or found.state is Position.OPEN
        on_trial = found.state is Position.HALF and self._is_on_trial(found)
        units = [_Unit(_placing(offer.id, f"tap{tap}", self.now), cast("Any", None)) for offer, tap in taps]
        self.shop.commit(units)
        for offer, unit in zip(offers, units, strict=True):
            assert unit.error is None, unit.error
            is_new = offer.bought is None
            self._confirmed(offer, unit.result, "maint.agent" if stopped or on_trial else "")
            on_trial |= found.state is Position.HALF and is_new and offer.bought is not None

    def _confirmed(self, offer: Offer, made: Purchase | Refused, closed: str) -> None:
        if offer.bought is not None:
            assert isinstance(made, Purchase)
            assert made.id == offer.bought
            return
        refused = self._refusal(offer, closed)
        if isinstance(made, Refused):
            assert made.message.key == refused, (made.message.key, refused)
            if made.fresh is not None:
                self._offered(made.fresh)
            return
        assert not refused, f"sold in spite of {refused}"
        assert made.price == offer.price
        offer.bought = made.id
        self.first.setdefault((offer.msn, offer.nominal), self.true)
        self.books.hold(
            Bought(made.id, made.trxid, offer.agent, offer.msn, offer.nominal, offer.adm, offer.price, self.now)
        )

    def _refusal(self, offer: Offer, closed: str) -> str:
        if offer.expires_at <= self.now:
            return "pay.expired"
        if refused := self.books.obstacle(offer, closed, self.now):
            return refused
        return "" if self.books.markup[offer.agent] == offer.markup else "pay.changed"

    # paying

    def dispatch(self, one: Bought, fate: str) -> None:
        """The dispatcher finds a confirmed purchase: sent, voided as too old, or left while sales are stopped."""
        due = [each.id for each in self.shop.view(purchasing._to_dispatch, RULES, self.now)]
        position = self.shop.view(breaker.read).state
        if one.number not in due:
            assert self.restricted or position is not Position.CLOSED
            return
        if self.now - one.confirmed_at >= RULES.waits.confirmed:
            self.shop.run(purchasing._expire, one.number, RULES, self.now)
            self.books.fail(one)
            return
        worker = self.shop.workers._pay(one.number)
        request = self.shop.begin(worker)
        assert isinstance(request, Pay), "the dispatcher's view and its unit disagree"
        assert not self.restricted
        assert position is not Position.OPEN
        one.state, one.sent_at = "SENDING", self.now
        self.shop.workers._live._tasks[one.number] = _RUNS
        self.pays[one.number] = Flight(one.number, worker, self._last_exchange(), None, self.true, self.now)
        self.arrive(request, one, fate)

    def arrive(self, request: Pay, one: Bought, fate: str) -> None:
        """What the supplier does with a payment that reaches it."""
        if fate == "unsent":
            return
        self.truth.payments[request.trxid] += 1
        assert self.truth.payments[request.trxid] == 1, "a second payment for one purchase"
        if fate == "hangs":
            self.truth.hanging[request.trxid] = (one.msn, one.nominal)
        for _ in range({"sells": 1, "sells twice": 2, "key change": 1}.get(fate, 0)):
            self.truth.sell(request.trxid, one.msn, one.nominal, self.true, groups=3 if fate == "key change" else 1)

    def _last_exchange(self) -> int:
        return int(self.shop.rows("SELECT MAX(id) FROM exchange")[0][0])

    def answer_payment(self, flight: Flight, evidence: Evidence, ends: str = "") -> None:
        """PAY's answer arrives; `ends` is the point at which the worker dies with it."""
        del self.pays[flight.number]
        measures = 0 <= self.now - flight.by_shop_clock <= _SLOW
        told = Told(flight.number, evidence, pays=True, by_payref=False, read_at=self.now, measures=measures)
        self._answer(flight, told, ends)
        self.shop.workers._live._tasks.pop(flight.number, None)

    def answer_advice(self, flight: Flight, evidence: Evidence, ends: str = "") -> None:
        """An advice's answer arrives."""
        del self.asks[flight.number]
        by_payref = flight.payref is not None
        told = Told(flight.number, evidence, pays=False, by_payref=by_payref, read_at=self.now, measures=False)
        self._answer(flight, told, ends)
        self.shop.workers._asking.discard(flight.number)

    def _answer(self, flight: Flight, told: Told, ends: str) -> None:
        self.shop.finish(flight.worker, told.evidence.reply, ends)
        if ends in ("answer read", "advice read"):
            return
        self.stored[flight.exchange] = told
        if not ends or ends == "after T4":
            self._apply(flight.exchange)

    def _apply(self, exchange: int) -> None:
        """The model applies a stored answer, if it may be applied now."""
        if self.restricted:
            return
        told = self.applied[exchange] = self.stored.pop(exchange)
        one = self.books.bought[told.number]
        if told.pays:
            measured = told.read_at if told.measures else None
            self.books.apply_payment(one, told.evidence, self.now, measured)
            if told.evidence.stops:
                assert self.shop.view(breaker.read).state is Position.OPEN
            if self.books.unclear_run >= RULES.unclear_run:
                assert self.shop.view(breaker.read).state is not Position.CLOSED
        else:
            self.books.apply_advice(one, told.evidence, self.now, by_payref=told.by_payref)

    def apply_again(self, exchange: int) -> None:
        """An answer that was applied already is applied once more: nothing may come of it."""
        told = self.applied[exchange]
        before = self.shop.connection.total_changes
        if told.pays:
            answer = self.shop.wire.read_payment(told.evidence.reply)
            self.shop.run(settlement.apply_payment, exchange, answer, RULES, self.now, 0.0)
        else:
            advice = self.shop.wire.read_advice(told.evidence.reply, told.by_payref)
            self.shop.run(settlement.apply_advice, exchange, advice, RULES, self.now)
        assert self.shop.connection.total_changes == before

    # asking

    def advise(self, one: Bought) -> Flight | None:
        """The advice worker finds a purchase that is due."""
        due = [each.id for each in self.shop.view(purchasing._due_for_advice, self.now)]
        if one.number not in due or one.number in self.asks:
            return None
        self.shop.workers._asking.add(one.number)
        worker = self.shop.workers._ask_once(one.number)
        request = self.shop.begin(worker)
        if request is None:  # a FAILED waits while another of its meter and amount is open
            assert one.state == "FAILED"
            assert self.books.twin(one.msn, one.nominal) is not None
            return None
        assert isinstance(request, Advise)
        assert (request.msn, request.denomination) == (one.msn, one.nominal)
        assert request.payref == one.payref, "asked by another reference"
        flight = Flight(one.number, worker, self._last_exchange(), request.payref, self.true, self.now)
        self.asks[one.number] = flight
        return flight

    def honest(self, flight: Flight) -> Evidence:
        """What the supplier's books say to an advice."""
        one = self.books.bought[flight.number]
        by_payref = flight.payref is not None
        found = self.truth.honest(one.trxid, one.msn, one.nominal, flight.payref, self.true)
        if found is None:
            return answers.refusal(96, one.msn, advice=True, by_payref=by_payref)
        return answers.sale(found, self.truth.habits.clock_ahead, "", advice=True, by_payref=by_payref)

    def due_at(self) -> list[tuple[int, int]]:
        """When which purchase is asked about next."""
        return [(row[0], row[1]) for row in self.shop.rows("SELECT next_at, id FROM purchase WHERE next_at > 0")]

    def check_now(self, one: Bought) -> None:
        """The agent asks to look again."""
        found = self.shop.run(_check_now, one.number, self.now)
        assert found is None or isinstance(found, Message)

    # the janitor, and the end of a process

    def tend(self) -> None:
        """The janitor's round."""
        self.shop.whole(self.shop.workers.tend())
        self._doubt_restored()
        for exchange, told in sorted(self.stored.items()):
            if told.number not in self.pays and told.number not in self.asks:
                self._apply(exchange)
        for one in self.books.bought.values():
            if one.state == "SENDING" and one.number not in self.pays:
                self.books.orphan(one)
            self.books.overdue(one, self.now)

    def _doubt_restored(self) -> None:
        """In a restored copy `confirmed` proves nothing."""
        for one in self.books.bought.values() if self.restricted == "restored" else ():
            if one.state == "CONFIRMED":
                self.books.seen["JANITOR restored copy", one.state] += 1
                one.state, one.sent_at = "UNKNOWN", one.confirmed_at

    def restart(self, down: int) -> None:
        """The process ends; everything in memory is forgotten; the next one starts later."""
        self.drop_flights()
        self.shop.restart()
        self.wait(down)
        self.tend()

    def drop_flights(self) -> None:
        """Nobody waits for any answer any more."""
        for flight in (*self.pays.values(), *self.asks.values()):
            flight.worker.close()
        self.pays.clear()
        self.asks.clear()

    def released(self) -> None:
        """The read-only mode has ended: what waited is applied, rows of reports first."""
        self._doubt_restored()
        self.restricted = ""
        self.books.post_strays()
        rows, self.books.waiting = self.books.waiting, []
        for sold in rows:
            self.books.row(sold, self.listed(sold), self.now, read_only=False)

    def listed(self, sold: Sold) -> Shown:
        """A sale as the supplier's report lists it."""
        dated = sold.sold_at + self.truth.habits.clock_ahead
        return Shown(sold, sold.msn, sold.nominal + sold.adm, sold.adm, sold.tokens[-1], sold.payref, dated)

    # after every step

    def check(self, step: str = "") -> None:
        """Everything that must hold now: the audit, the model's books, and the supplier's truth."""
        assert not self.shop.unexpected, self.shop.unexpected
        changes = self.shop.connection.total_changes
        if changes == self.changes:
            return
        self.changes = changes
        checking.everything(self, step)

    def open(self) -> list[Bought]:
        """Purchases whose money is held."""
        return [one for one in self.books.bought.values() if one.state in OPEN]

    def in_doubt(self) -> list[Bought]:
        """Purchases whose payment has no proven answer."""
        return [one for one in self.books.bought.values() if one.state in DOUBT]


def _quote(tx: Any, conversation: int, agent: int, found: Inquiry, nominal: int, now: int) -> Quote | Refused:
    return purchases.quote(tx, conversation, people.agent(tx, agent), found, nominal, RULES, now)


def _placing(quote: str, order: str, now: int) -> Any:
    return lambda tx: purchases.place(tx, quote, order, RULES, now)


def _check_now(tx: Any, number: int, now: int) -> Message | None:
    return purchasing.check_now(tx, purchases.by_id(tx, number), RULES, now)
