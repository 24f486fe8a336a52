"""The agents: people who buy by taps or by typing, ask in between, tap twice, and wait for what their phones show.

They know nothing but their phones. What they do is written down with what they expect; nobody is patient for ever.
"""

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from tests.telegram.campaign.evidence import Deed, Intent
from tests.telegram.double import Person, Shown

REFUSED = re.compile(
    r"🔧|Masih ada 3|still have no result|belum jelas hasilnya|has no result yet|Waktu konfirmasi|"
    r"confirmation timed out|Terlalu cepat|Too fast|Pengecekan meter gagal|meter check failed|"
    r"Sistem kami lagi|Our system has"
)
ENDS = {"✅": "sold", "↩": "failed", "⏳": "in doubt"}
QUESTIONS = {
    "saldo": r"(Saldo|Balance) Rp",
    "riwayat": r"🧾",
    "harga": r"(Harga|Prices) \(",
}


class Unanswered(Exception):
    """A person's patience is over."""


@dataclass(slots=True)
class Temper:
    """How people are: how long they wait, how often they try again before they give up, how long they think."""

    patience: float = 45.0
    again: int = 0
    pause: float = 0.4
    asks: float = 0.3
    doubles: float = 0.3


@dataclass(slots=True)
class Agent:
    """One person with his customers: each purchase is for another meter, named by the agent's own number."""

    person: Person
    chance: random.Random
    temper: Temper
    amounts: tuple[int, ...] = (20_000, 50_000)
    deeds: list[Deed] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    busy: bool = False

    async def work(self, goes_on: Callable[[], bool], least: int) -> None:
        """Buy, at least so often, and as long as it goes on."""
        while len(self.intents) < least or goes_on():
            await asyncio.sleep(self.chance.random() * self.temper.pause)
            self.busy = True
            try:
                await self.buy()
                if self.chance.random() < self.temper.asks:
                    await self.ask(self.chance.choice(("saldo", "riwayat", "harga")))
            except Unanswered:
                continue
            finally:
                self.busy = False

    async def buy(self, meter: str = "", amount: int = 0) -> Intent:
        """From the first word to the purchase's end, by one way or another."""
        number = len(self.intents)
        meter = meter or f"7{self.person.id % 1000:03d}{number:07d}"
        amount = amount or self.chance.choice(self.amounts)
        by_taps = self.chance.random() < 0.5
        card = await self.order(meter, amount, by_taps=by_taps)
        if card is None:
            return self.intents[-1]
        await self._pay(self.intents[-1], card)
        return self.intents[-1]

    # to the payment's card

    async def order(self, meter: str, amount: int, *, by_taps: bool = False) -> Shown | None:
        """The payment's card; None if something stands in the way of it, which is said."""
        first = "beli" if by_taps else f"{meter} {amount // 1000}"
        mark = self.person.mark()
        self.intents.append(Intent(self.person.id, meter, amount))
        self._say(first)
        wanted = ("pay", "correct", str(amount))
        shown = await self._answer(
            first, mark, lambda one: _asks_meter(one) if by_taps else _has(one, *wanted), lambda: self._say(first)
        )
        if by_taps and shown is not None:
            mark = self.person.mark()
            self._say(meter)
            shown = await self._answer(meter, mark, lambda one: _has(one, *wanted), lambda: self._say(meter))
        while shown is not None and not _has(shown, "pay"):
            shown = await self._choose(shown, amount, wanted)
        return shown

    async def _choose(self, shown: Shown, amount: int, wanted: tuple[str, ...]) -> Shown | None:
        key = "correct" if _has(shown, "correct") else str(amount)
        wanted = tuple(one for one in wanted if one != key)
        mark = self.person.mark()
        self.tap(shown, key)
        return await self._answer(f"tap {key}", mark, lambda one: _has(one, *wanted), lambda: self.tap(shown, key))

    async def _answer(
        self, what: str, mark: int, fits: Callable[[Shown], bool], again: Callable[[], object]
    ) -> Shown | None:
        """What was wanted; None if it was refused in words."""
        shown = await self._seen(what, mark, lambda one: fits(one) or _is_refusal(one), again)
        if fits(shown):
            return shown
        self.intents[-1].ended = "refused"
        return None

    # to its end

    async def _pay(self, intent: Intent, card: Shown) -> None:
        chance, mark = self.chance, self.person.mark()
        if chance.random() < 0.25:
            mark = await self._say_pay(intent, card, mark)
        else:
            copies = 2 if chance.random() < self.temper.doubles else 1
            self.tap(card, "pay", copies=copies, new_ids=chance.random() < 0.5)
            intent.taps += copies

        if chance.random() < self.temper.asks / 3:
            self.person.say("saldo")
        shown = await self.end(intent, mark, lambda: self.tap(card, "pay"))
        number = re.search(r"T\d{5,}", shown.text)
        if intent.ended == "sold" and number and chance.random() < self.temper.asks / 2:
            await self.ask(f"{chance.choice(('token', 'cek'))} {number[0]}", number[0])

    async def _say_pay(self, intent: Intent, card: Shown, mark: int) -> int:
        """By the word. Where the card was sent again meanwhile, the word is asked to be a tap, and is."""
        self._say("bayar")
        intent.taps += 1
        said = intent.orders[-1]

        def fits(one: Shown) -> bool:
            return _ends(one, intent) or (one.message_id > said and _has(one, "pay"))

        shown = await self._seen("bayar", mark, fits, lambda: self.tap(card, "pay"))
        if _ends(shown, intent):
            return mark
        mark = self.person.mark()
        self.tap(shown, "pay")
        return mark

    async def end(self, intent: Intent, mark: int, again: Callable[[], object]) -> Shown:
        """Wait for the word about the money."""

        shown = await self._seen("pay", mark, lambda one: _ends(one, intent), again)
        intent.ended = ENDS[_without_head(shown.text)[:1]] if shown.reply_to in intent.orders else "refused"
        return shown

    def _say(self, words: str) -> None:
        """A word of the order that is under way: whatever comes of it answers one of these."""
        self.intents[-1].orders.append(int(self.person.say(words)[0].payload["message_id"]))

    def tap(self, shown: Shown, key: str, *, copies: int = 1, new_ids: bool = False) -> None:
        looks = [shown.buttons, *(edit.buttons for edit in reversed(shown.edits))]
        data = next(one.data for look in looks for row in look for one in row if one.data.endswith(f".{key}"))
        self.person.tap(data, shown, copies=copies, new_ids=new_ids)
        self.intents[-1].orders.append(shown.message_id)

    # questions

    async def ask(self, words: str, wanted: str = "") -> Shown:
        """Something that is answered at once."""
        mark, form = self.person.mark(), re.compile(wanted or QUESTIONS[words])
        self.person.say(words)
        return await self._seen(words, mark, lambda one: bool(form.search(one.text)), lambda: self.person.say(words))

    async def _seen(self, what: str, mark: int, fits: Callable[[Shown], bool], again: Callable[[], object]) -> Shown:
        """The answer. Who may try again does so; who may not, or did too often, gives up."""
        clock = self.person.api.clock
        for attempt in range(self.temper.again + 1):
            began = clock.now()
            deed = Deed(self.person.id, began, what)
            try:
                shown = await self.person.sees(fits, after=mark, timeout=self.temper.patience)
            except AssertionError:
                self.deeds.append(deed)
                if attempt < self.temper.again:
                    again()
                continue
            self.deeds.append(replace(deed, seconds=clock.now() - began))
            return shown
        raise Unanswered(f"{self.person.id}: {what}\n{self.person.drawn()}")


def _has(shown: Shown, *keys: str) -> bool:
    ends = tuple(f".{key}" for key in keys)
    return any(button.data.endswith(ends) for row in shown.buttons for button in row if button.data)


def _asks_meter(shown: Shown) -> bool:
    return _has(shown, "cancel") and not _has(shown, "pay", "correct", "change_meter")


def _ends(shown: Shown, intent: Intent) -> bool:
    """Whether it says what became of the money: done, given back, in doubt, or never taken."""
    mine = shown.reply_to in intent.orders and _without_head(shown.text)[:1] in "✅↩⏳"
    return mine or (_is_refusal(shown) and not _has(shown, "pay"))


def _is_refusal(shown: Shown) -> bool:
    return bool(REFUSED.search(shown.text)) and not _without_head(shown.text).startswith("⏳")


def _without_head(text: str) -> str:
    first, newline, rest = text.partition("\n")
    return rest if newline and first.startswith(("KIRIM ULANG", "SENT AGAIN")) else text
