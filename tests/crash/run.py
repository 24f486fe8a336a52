"""One run: a shop, its people and its supplier from the first order to the last balance, with kills in between.

The campaign's process is the world that survives: it types, reads, supplies, kills and restarts. What it finds at the
end goes to the checker.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot import clock
from bot.sandbox import Behaviour, Readings, SandboxConfig, Sold
from tests.crash import hand, quiet
from tests.crash.checker import Evidence, Found, Violation, check
from tests.crash.history import Noted, Pen, Tail, load
from tests.crash.people import Person, Phones
from tests.crash.plants import void_a_hold
from tests.crash.story import Story
from tests.crash.supplier import FOREIGN, Reach, Supplier, Weather
from tests.crash.victim import CID, HISTORY, LEDGER, LOG, OWNER, PASSAGES, SECRET, Orders, shop_of
from tests.crash.zygote import Zygote

NOON = 12 * clock.HOUR - 7 * clock.HOUR  # WIB, in milliseconds of a day in UTC
MIDNIGHT = 17 * clock.HOUR - 1_500
EVENING = (22 * 60 + 50) * clock.MINUTE - 7 * clock.HOUR
CALM_METER = "77700000000"
_LOOK = 0.003


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is: everything by chance from the seed comes out of `chance.plan_of`, everything else is ordered.

    `points` are where the first lives end by their own hand, `kills` how many more come at random moments.
    """

    seed: int
    name: str = "random"
    readings: Readings = field(default_factory=Readings)
    weather: Weather = field(default_factory=Weather)
    points: tuple[tuple[str, int], ...] = ()
    kills: int = 0
    people: int = 1
    orders: int = 1  # of each person; by chance, as long as kills go on, if there are any
    meters: tuple[str, ...] = ("54123456789",)
    amounts: tuple[int, ...] = (50_000,)
    flaky: float = 0.0
    fresh_advice_id: bool = False
    unclear_run: int = 1_000_000
    near_midnight: bool = False  # begin a second and a half before it, WIB
    meddles: bool = False  # pay a sold purchase back behind the shop's back, before balances are said
    settle: bool = False  # play the evening's round, and settle by hand what is left then


@dataclass(slots=True)
class Outcome:
    """What a run came to."""

    plan: Plan
    found: list[Found] = field(default_factory=list)
    killed: Counter[str] = field(default_factory=Counter)
    passages: list[str] = field(default_factory=list)  # of the last life
    reached: Counter[str] = field(default_factory=Counter)
    met: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    seconds: float = 0.0
    folder: str = ""
    evidence: Evidence | None = None  # of an undisturbed run, for the plants


class Run:
    """A run in a folder. `deposits` are what the template's agents own."""

    def __init__(self, plan: Plan, folder: Path, zygote: Zygote, deposits: dict[str, int]) -> None:
        self.plan = plan
        self.folder = folder
        self.outcome = Outcome(plan, folder=str(folder))
        self._zygote = zygote
        self._chance = random.Random(plan.seed)
        self._day = clock.now() // clock.DAY * clock.DAY
        self._ahead = self._day + (MIDNIGHT if plan.near_midnight else NOON) - clock.now()
        self._life = -1
        self._began_at = self._passages = 0
        self._stopping = self._settling = False
        self.by_hand: Counter[str] = Counter()
        self._people = [f"agent{number}" for number in range(1, plan.people + 1)]
        self._deposits = {who: deposits[who] for who in (*self._people, "")}
        config = SandboxConfig(
            cid=CID, secret=SECRET, ledger=folder / LEDGER, clock=self.now, hang_ms=400, readings=plan.readings
        )
        reach = Reach(lambda: zygote.victim)
        self._reach = reach
        self.supplier = Supplier(config, random.Random(plan.seed + 1), reach)
        self.supplier.weather = plan.weather
        self._url = ""
        self._phones = Phones(Pen(folder / HISTORY), Tail(folder / HISTORY), self.now)

    def now(self) -> int:
        """The run's clock, epoch milliseconds: noon of today when it begins, whatever the machine says."""
        return clock.now() + self._ahead

    async def play(self) -> Outcome:
        """From the first start to the checker's word."""
        began = time.monotonic()
        self._url = await self.supplier.start()
        watching = asyncio.create_task(self._phones.watch())
        self._keeping = asyncio.create_task(self._keep_alive())
        try:
            self._start()
            await self._talk()
            await self._settle()
            await self._ask()
            await self._quiet()
            await self._stop()
        finally:
            self._stopping = True
            for task in (watching, self._keeping):
                task.cancel()
            await asyncio.gather(watching, self._keeping, return_exceptions=True)
            if self._zygote.victim is not None:
                self._zygote.kill()
                self._zygote.reap()
            await self._judge()
            await self.supplier.stop()
            self._phones.pen.close()
            self._phones.tail.close()
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    # the process

    def _start(self) -> None:
        self._life += 1
        plan = self.plan
        point, passage = plan.points[self._life] if self._life < len(plan.points) else ("", 0)
        self._reach.kills = (point, passage)
        self._reach.passed.clear()
        orders = self._orders(point, passage)
        self._began_at = self.now()
        self._passages = len(self._passed())
        self._phones.note(Noted("start", self._life, self._began_at))
        self._zygote.start(orders.text, self.folder / LOG)

    def _orders(self, point: str = "", passage: int = 0) -> Orders:
        plan = self.plan
        return Orders(
            str(self.folder), self._url, self._life, self._ahead, plan.seed + self._life, point, passage, plan.flaky,
            plan.fresh_advice_id, plan.unclear_run,
        )  # fmt: skip

    async def _keep_alive(self) -> None:
        """Bring the process back whenever it has ended, after a pause as a supervisor makes it."""
        while not self._stopping:
            await asyncio.sleep(_LOOK)
            if self._zygote.has_ended() and not self._stopping:
                self._bury()
                if self._settling:
                    self.by_hand = await self._settle_by_hand()
                if self.plan.kills:
                    await asyncio.sleep(
                        self._chance.choice((0.0, self._chance.random() * 0.1, self._chance.random() * 0.4))
                    )
                self._start()

    def _bury(self) -> None:
        status = self._zygote.reap()
        if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
            self.outcome.found.append(Found(Violation.PROCESS, f"status {status} in life {self._life}"))
        self._phones.note(Noted("killed", self._life, self.now()))
        self.outcome.killed[self._where()] += 1

    def _where(self) -> str:
        """The point at which the life that just ended was ordered to end, or the last one that it passed."""
        if self._life < len(self.plan.points):
            return self.plan.points[self._life][0]
        return (self._passed()[self._passages :] or ["start"])[-1]

    def _passed(self) -> list[str]:
        """Every passage so far, of all lives."""
        passages = self.folder / PASSAGES
        return passages.read_text(encoding="utf-8").splitlines() if passages.exists() else []

    async def _kill_at_random(self) -> None:
        for _ in range(self.plan.kills):
            await asyncio.sleep(0.015 + self._chance.random() * 0.35)
            await self._kill()

    async def _kill(self) -> None:
        """Kill it, wherever it is, and wait until it is back."""
        life = self._life
        await self._until(lambda: self._zygote.victim is not None and not self._zygote.has_ended())
        self._zygote.kill()
        await self._until(lambda: self._life != life)

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():
            if self._keeping.done():
                self._keeping.result()  # nobody would bring it back
            await asyncio.sleep(_LOOK)

    # the people

    def _person(self, who: str) -> Person:
        plan = self.plan
        return Person(self._phones, who, random.Random(f"{plan.seed} {who}"), plan.meters, plan.amounts)

    async def _talk(self) -> None:
        """Orders, under kills, until both are done; the owner opens sales again whenever they are stopped."""
        people = [self._person(who) for who in self._people]
        opening = asyncio.create_task(self._reopen())
        await self._person(OWNER).ask("menu")
        if self.plan.people > 2:
            await people[-1].ask("bahasa en")
        killing = asyncio.create_task(self._kill_at_random())
        try:
            if self.plan.kills:
                await asyncio.gather(*(person.work(lambda: not killing.done()) for person in people))
            else:
                for _ in range(self.plan.orders):
                    await asyncio.gather(*(person.sell() for person in people))
            await killing
            self._calm()
            if self.plan.kills:
                await self._calm_sale(people[0])
        finally:
            killing.cancel()
            opening.cancel()
            await asyncio.gather(killing, opening, return_exceptions=True)

    def _calm(self) -> None:
        """From now on the supplier answers advices and inquiries as it should."""
        self.supplier.weather = Weather(behaviour=Behaviour.SUCCESS.value) if self.plan.kills else self.supplier.weather

    async def _calm_sale(self, person: Person) -> None:
        """One sale without trouble: it measures the supplier's clock, without which no advice is dated."""
        for _ in range(20):
            if await person.sell(CALM_METER, 20_000):
                return
            await asyncio.sleep(0.05)

    async def _reopen(self) -> None:
        """The owner's `buka`, each time an agent is told that nothing is sold now."""
        owner, since = self._person(OWNER), 0
        while True:
            await self._phones.until(lambda one: one.key.startswith("maint."), since, seconds=3_600)
            since = len(self._phones.read)
            await owner.ask("buka coba")

    # the end

    async def _settle(self) -> None:
        """Wait until nothing moves; then, if asked for, the evening, when failures are asked about once more, and the
        owner, who settles the rest by hand."""
        await self._quiet()
        if self.plan.settle:
            self.supplier.desk.sell_what_hangs()
            evening = self._day + EVENING + (clock.DAY if self.plan.near_midnight else 0)
            self._ahead += evening + clock.SECOND - self.now()
            await self._kill()
            await self._quiet()
            self._settling = True
            await self._kill()
            await self._quiet()

    async def _settle_by_hand(self) -> Counter[str]:
        self._settling = False
        shop = shop_of(self._orders())
        done = await hand.settle(self.folder, shop, self._sales(), self.now, self._chance)
        self.outcome.found += [Found(Violation.PROCESS, words) for words in done if words.startswith("refused")]
        return done

    def _sales(self) -> list[Sold]:
        """What the supplier sold to this shop; the bait that some behaviours lay is nobody's here."""
        return [one for one in self.supplier.books.sales() if one.trxid != FOREIGN]

    async def _quiet(self) -> None:
        left = await quiet.wait(self.folder, self.now)
        if left:
            self.outcome.found.append(Found(Violation.PROCESS, f"never came to rest: {left}"))

    async def _ask(self) -> None:
        """Everybody's history and balance, and the owner's deposit."""
        if self.plan.meddles:
            void_a_hold(self.folder)
        for question in ("riwayat", "saldo"):
            await asyncio.gather(*(self._person(who).ask(question) for who in (*self._people, OWNER)))

    async def _stop(self) -> None:
        self._stopping = True
        self._keeping.cancel()
        await asyncio.gather(self._keeping, return_exceptions=True)
        if self._zygote.victim is None:  # it was just being brought back
            self._start()
        while await self._told_to_stop() and self._life < len(self.plan.points):
            # its point came after everything that it had to do: a kill like any other, and the next life is told
            self._bury()
            self._start()
        if status := self._zygote.reap():
            self.outcome.found.append(Found(Violation.PROCESS, f"stopped with status {status}"))

    async def _told_to_stop(self) -> bool:
        """Whether it met its point instead of stopping as it was told."""
        self._phones.note(Noted("stop", self._life, 0))
        for _ in range(1000):
            if self._zygote.has_ended():
                return self._zygote.was_killed()
            await asyncio.sleep(_LOOK)
        self._zygote.kill()
        self.outcome.found.append(Found(Violation.PROCESS, "did not stop when told"))
        return False

    async def _judge(self) -> None:
        outcome = self.outcome
        evidence = await self.evidence()
        outcome.found += check(evidence)
        outcome.evidence = None if self.plan.kills or self.plan.points else evidence
        outcome.counts.update({f"settled · {words}": count for words, count in self.by_hand.items()})
        outcome.met = self.supplier.met
        outcome.reached = self._reach.passed
        story = Story.of(evidence.history)
        taken = [intent for intent in story.intents if intent.was_taken]
        sales = self._sales()
        outcome.counts.update(
            runs=1, kills=outcome.killed.total(), orders=len(story.intents), taken=len(taken), sales=len(sales),
            sold=sum(one.is_sold for one in taken), refunded=sum(one.is_failed for one in taken),
            late=sum(one.is_late for one in taken), open=sum(one.is_open for one in taken),
            doubted=sum(bool(one.kinds & {"pending", "verify"}) for one in taken), resent=story.resent,
            hidden=len(sales) - sum(one.is_sold for one in taken) - sum(one.is_late for one in taken),
        )  # fmt: skip
        outcome.passages = self._passed()[self._passages :] if not self.plan.kills else []
        log = self.folder / LOG
        outcome.complaints = log.read_text(encoding="utf-8").splitlines() if log.exists() else []

    async def evidence(self) -> Evidence:
        """What the checker may see."""
        books = self.supplier.books
        return Evidence(
            history=load(self.folder / HISTORY),
            sales=books.sales(),
            payments=self.supplier.payments(),
            deposits=self._deposits,
            audit=await quiet.audit(self.folder, self._began_at),
            refunded=quiet.refunded_though_sold(self.folder, books.sales()),
            in_reach=quiet.in_reach(books.sales(), self.plan.readings),
            owner=OWNER,
            all_settled=self.plan.settle,
            superseded=quiet.superseded(self.folder),
        )
