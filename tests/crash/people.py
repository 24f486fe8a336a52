"""The people in the chats: each types orders, pays for what the card shows, taps twice, asks, and waits for answers.

They live in the campaign's process and know nothing but their phones. They never give up before they are answered.
"""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.crash.history import Pen, Read, Record, Tail, Typed

PATIENCE = 25.0  # seconds for one answer, across kills
_NO_ANSWER = Read("", "", "", "", "", 0)
_NO_END = ("buy.processing", "buy.replaced")  # said on the way, and not what an order ends in


@dataclass(slots=True)
class Phones:
    """Everybody's phone: what is typed goes out with the pen, what is shown comes in by the tail."""

    pen: Pen
    tail: Tail
    now: Callable[[], int]
    read: list[Read] = field(default_factory=list)
    _stirred: asyncio.Event = field(default_factory=asyncio.Event)
    _count: int = 0

    async def watch(self) -> None:
        """Look at the screen, for ever."""
        while True:
            new = [record for record in self.tail.new() if isinstance(record, Read)]
            if new:
                self.read += new
                self._stirred.set()
                self._stirred = asyncio.Event()
            await asyncio.sleep(0.003)

    def type(self, who: str, text: str, *, intent: str = "", confirms: bool = False, copies: int = 1) -> Typed:
        """Send a line."""
        self._count += 1
        number = f"{who}:{self._count}"
        typed = Typed(number, who, text, self.now(), intent or number, confirms, copies)
        self.pen.write(typed)
        return typed

    async def until(self, wanted: Callable[[Read], bool], since: int, seconds: float = PATIENCE) -> Read | None:
        """The first message from the `since`-th on that is wanted; None if none came in time."""
        deadline = time.monotonic() + seconds
        while True:
            for message in self.read[since:]:
                if wanted(message):
                    return message
            since, left = len(self.read), deadline - time.monotonic()
            if left <= 0:
                return None
            try:
                async with asyncio.timeout(left):
                    await self._stirred.wait()
            except TimeoutError:
                continue

    def note(self, record: Record) -> None:
        """Something that befell the shop."""
        self.pen.write(record)


@dataclass(slots=True)
class Person:
    """One chat. `meters` and `amounts` are what its customers ask for."""

    phones: Phones
    who: str
    chance: random.Random
    meters: tuple[str, ...]
    amounts: tuple[int, ...]
    unanswered: int = 0

    async def sell(self, meter: str = "", amount: int = 0) -> bool:
        """One order from the number to the first word about its payment; whether it was taken."""
        chance, phones = self.chance, self.phones
        meter, amount = meter or chance.choice(self.meters), amount or chance.choice(self.amounts)
        since = len(phones.read)
        order = phones.type(self.who, f"{meter} {amount // 1000} #2", copies=1 + (chance.random() < 0.2))
        card = await self._answer(order, since)
        if not card.pay or chance.random() < 0.05:
            return False
        for _ in range(3):
            since = len(phones.read)
            line = self._pay(order, card)
            said = await self._reply(line, since)
            if said is None or not said.pay:
                break
            card = said  # the payment's word came before its card was certainly out: it is shown again
        if said is None:
            self.unanswered += 1
            return False
        if said.key != "buy.processing":
            return False
        await self._reply(order, since, seconds=1.0)
        return True

    def _pay(self, order: Typed, card: Read) -> Typed:
        """By word or button, once or twice, delivered once or twice."""
        chance = self.chance
        words = chance.choice(("bayar", "bayar", card.pay))
        line = self.phones.type(self.who, words, intent=order.id, confirms=True, copies=1 + (chance.random() < 0.3))
        if chance.random() < 0.3:
            again = chance.choice(("bayar", card.pay))
            self.phones.type(self.who, again, intent=order.id, confirms=True)
        return line

    async def _reply(self, line: Typed, since: int, seconds: float = PATIENCE) -> Read | None:
        return await self.phones.until(lambda one: one.to == self.who and one.reply_to == line.id, since, seconds)

    async def _answer(self, order: Typed, since: int) -> Read:
        """The card, or whatever ends the order: it comes from the inquiry's turn, or from the line's own."""

        earlier = {one.reply_to for one in self.phones.read[:since]}  # whose answer may be shown once more

        def is_it(one: Read) -> bool:
            mine = one.to == self.who and one.key not in _NO_END
            return mine and (
                one.reply_to == order.id or (one.reply_to.startswith("effect:") and one.reply_to not in earlier)
            )

        found = await self.phones.until(is_it, since)
        if found is None:
            self.unanswered += 1
        return found or replace(_NO_ANSWER, to=self.who)

    async def ask(self, text: str) -> Read | None:
        """A question that is answered at once."""
        since = len(self.phones.read)
        line = self.phones.type(self.who, text)
        said = await self._reply(line, since)
        self.unanswered += said is None
        return said

    async def work(self, goes_on: Callable[[], bool]) -> None:
        """Sell while it goes on, with a question now and then."""
        while goes_on():
            await self.sell()
            if self.chance.random() < 0.2:
                await self.ask(self.chance.choice(("saldo", "riwayat", "rekap", "cek T10001", "token T10001")))
            await asyncio.sleep(self.chance.random() * 0.06)
