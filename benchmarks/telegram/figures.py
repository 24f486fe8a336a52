"""What is measured of one bot, each on a stand of its own: speed, steadiness, memory, start and sudden death."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.telegram import load, machine
from benchmarks.telegram.bots import Kind, Peers, Stand, standing
from benchmarks.telegram.people import Person

RATE = 40.0
CONTINUED = 20
_WARM = 20
_LONGEST_SECONDS = 180.0
_SOLD_BEFORE_KILL = 0.5  # of the payments

Figures = dict[str, float]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured, and where things are. `known` and `plain` are Setrum's databases to copy."""

    peers: Peers
    known: Path
    plain: Path
    bare: float
    chats: int = 1500
    turns: int = 2
    steady_seconds: int = 15
    open_conversations: int = 10_000
    payments: int = 100
    silence_seconds: int = 30

    @property
    def warm_turn(self) -> int:
        """The purchase by which a bot is warmed up; it is not measured."""
        return self.turns


async def speed(kind: Kind, plan: Plan, preload: Path | None = None) -> Figures:
    """Everybody at once."""
    async with standing(kind, plan.peers, plan.chats, database=plan.known, preload=preload) as stand:
        people = await _warm(stand, plan)
        slowness = machine.slowness()
        result = await load.together(stand, people, range(plan.turns))
        ended = max(1, len(result.purchases))
        return {
            "purchases/s": result.a_second,
            "purchases that never ended": result.asked - len(result.purchases),
            "CPU ms an update": result.cpu_an_update,
            "p50 of a purchase, s": load.percentile(result.purchases, 50),
            "p99 of a purchase, s": load.percentile(result.purchases, 99),
            "calls of the Bot API a purchase": result.calls / ended,
            "share of a core, bot": result.bot_cpu / result.seconds,
            "share of a core, load": result.driver_cpu / result.seconds,
            "the machine: ms for a fixed sum": (slowness + machine.slowness()) / 2,
        }


async def steadiness(kind: Kind, plan: Plan) -> Figures:
    """Forty purchases a second."""
    count = int(RATE * plan.steady_seconds)
    async with standing(kind, plan.peers, plan.chats, database=plan.known) as stand:
        people = await _warm(stand, plan)
        result = await load.steadily(stand, people, RATE, count)
        return {
            "added p50 ms": result.added(50, plan.bare),
            "added p99 ms": result.added(99, plan.bare),
            "steady CPU ms an update": result.cpu_an_update,
            "steady purchases that never ended": result.asked - len(result.purchases),
        }


async def memory(kind: Kind, plan: Plan) -> Figures:
    """Start, thousands of conversations that stop before the payment, and a restart with them."""
    count = plan.open_conversations
    async with standing(kind, plan.peers, count, database=plan.plain) as stand:
        start = await stand.up()
        before = stand.resident_mebibytes()
        people = [Person(stand.api, number) for number in range(count)]
        await load.order(people, 0)
        await asyncio.sleep(1)
        resident = stand.resident_mebibytes()
        assert stand.bot is not None
        began = time.perf_counter()
        await stand.bot.stop()
        stopped = time.perf_counter() - began
        restart = await stand.up()
        return {
            "start s": start,
            "MiB at start": before,
            "MiB with open conversations": resident,
            "stop s": stopped,
            "restart s": restart,
            f"of {CONTINUED} conversations went on": await _continued(people[:CONTINUED]),
        }


async def death(kind: Kind, plan: Plan) -> Figures:
    """SIGKILL amid payments, a restart, and who was forgotten; the supplier's books are the truth."""
    async with standing(kind, plan.peers, plan.payments, database=plan.plain, books=True) as stand:
        await stand.up()
        people = [Person(stand.api, number) for number in range(plan.payments)]
        await load.order(people, 0)
        for person in people:
            person.press_pay()
        assert stand.bot is not None
        async with asyncio.timeout(_LONGEST_SECONDS):
            while len(stand.supplier.sold()) < plan.payments * _SOLD_BEFORE_KILL:  # noqa: ASYNC110  # another process
                await asyncio.sleep(0.002)
        await stand.bot.kill()
        had = sum(bool(person.tokens) for person in people)
        killed = time.perf_counter()
        await stand.up()
        await _until_silent(people, killed, plan.silence_seconds)
        arrived = {token for person in people for token in person.tokens}
        answered = [person for person in people if person.tokens or person.heard_at > killed]
        sold = stand.supplier.sold()
        return {
            "tokens before SIGKILL": had,
            "paid": len(sold),
            "paid tokens never sent": len(set(sold) - arrived),
            "chats never answered": len(people) - len(answered),
            "seconds until the last answer": max(0.0, max(person.heard_at for person in people) - killed),
        }


async def _warm(stand: Stand, plan: Plan) -> list[Person]:
    await stand.up()
    people = [Person(stand.api, number) for number in range(plan.chats)]
    await load.together(stand, people[:_WARM], [plan.warm_turn])
    return people


async def _continued(people: list[Person]) -> int:
    """How many of them get their token by a tap on what is still on their screens."""

    async def one(person: Person) -> bool:
        try:
            async with asyncio.timeout(10):
                await person.pay()
        except TimeoutError:
            return False
        return True

    return sum(await asyncio.gather(*(one(person) for person in people)))


async def _until_silent(people: list[Person], since: float, silence: float) -> None:
    """Until everybody has a token, or nobody has heard anything for long."""
    while not all(person.tokens for person in people):
        now = time.perf_counter()
        heard = max(since, *(person.heard_at for person in people))
        if now - heard > silence or now - since > _LONGEST_SECONDS:
            return
        await asyncio.sleep(0.1)


def known(chats: int, turns: int) -> list[tuple[int, int]]:
    """The purchases that are to meet meters which the shop knows."""
    measured = [(number, turn) for number in range(chats) for turn in range(turns)]
    return measured + [(number, turns) for number in range(_WARM)]
