"""The agents: people who buy by taps or by typing, ask in between, tap twice, and wait for what their phones show.

They know nothing but their phones, of which one may have several. What they do is written down with what they expect;
nobody is patient for ever.
"""

import asyncio
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from tests.campaign.evidence import Chat, Deed, Intent, sale_of
from tests.double.clock import Clock

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


@dataclass(frozen=True, slots=True)
class Seen:
    """A message as its reader takes it in. `id` grows with time, `keys` are what its buttons choose.

    `shown` is the platform's own, for tapping on it.
    """

    id: int
    text: str
    keys: frozenset[str]
    reply_to: int | None
    shown: Any
    is_template: bool = False

    def has(self, *keys: str) -> bool:
        """Whether there is a button for any of them."""
        return not self.keys.isdisjoint(keys)


class Phone(Protocol):
    """One chat with the shop, in its owner's hand; `number` is a short one that tells him from others."""

    @property
    def chat(self) -> Chat: ...

    @property
    def number(self) -> int: ...

    @property
    def clock(self) -> Clock: ...

    def mark(self) -> int:
        """Now: what `sees` is given so that it overlooks all that was there before."""

    def say(self, words: str) -> int:
        """Type; the id of what was typed."""

    def tap(self, seen: Seen, key: str, *, copies: int = 1, new_ids: bool = False) -> None:
        """Press a button, also one that was there once."""

    async def sees(self, fits: Callable[[Seen], bool], *, after: int, timeout: float) -> Seen:  # noqa: ASYNC109
        """The newest message that fits; `AssertionError` if none comes."""

    def drawn(self) -> str:
        """The screen for whoever reads a failure."""


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
    """One person with his customers: each purchase is for another meter, named by the agent's own number.

    An order is ended on the phone on which it was begun.
    """

    phones: tuple[Phone, ...]
    chance: random.Random
    temper: Temper
    amounts: tuple[int, ...] = (20_000, 50_000)
    deeds: list[Deed] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    busy: bool = False
    phone: Phone = field(init=False)  # in his hand

    def __post_init__(self) -> None:
        self.phone = self.phones[0]

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
        self.take()
        meter = meter or f"7{self.phones[0].number:03d}{number:07d}"
        amount = amount or self.chance.choice(self.amounts)
        by_taps = self.chance.random() < 0.5
        card = await self.order(meter, amount, by_taps=by_taps)
        if card is None:
            return self.intents[-1]
        await self._pay(self.intents[-1], card)
        return self.intents[-1]

    def take(self) -> None:
        """Another phone, if there is one; who has but one draws no lot."""
        if len(self.phones) > 1:
            self.phone = self.chance.choice(self.phones)

    # to the payment's card

    async def order(self, meter: str, amount: int, *, by_taps: bool = False) -> Seen | None:
        """The payment's card; None if something stands in the way of it, which is said."""
        first = "beli" if by_taps else f"{meter} {amount // 1000}"
        mark = self.phone.mark()
        self.intents.append(Intent(self.phone.chat, meter, amount))
        self._say(first)
        wanted = ("pay", "correct", str(amount))
        shown = await self._answer(
            first, mark, lambda one: _asks_meter(one) if by_taps else one.has(*wanted), lambda: self._say(first)
        )
        if by_taps and shown is not None:
            mark = self.phone.mark()
            self._say(meter)
            shown = await self._answer(meter, mark, lambda one: one.has(*wanted), lambda: self._say(meter))
        while shown is not None and not shown.has("pay"):
            shown = await self._choose(shown, amount, wanted)
        return shown

    async def _choose(self, shown: Seen, amount: int, wanted: tuple[str, ...]) -> Seen | None:
        key = "correct" if shown.has("correct") else str(amount)
        wanted = tuple(one for one in wanted if one != key)
        mark = self.phone.mark()
        self.tap(shown, key)
        return await self._answer(f"tap {key}", mark, lambda one: one.has(*wanted), lambda: self.tap(shown, key))

    async def _answer(
        self, what: str, mark: int, fits: Callable[[Seen], bool], again: Callable[[], object]
    ) -> Seen | None:
        """What was wanted; None if it was refused in words."""
        shown = await self._seen(what, mark, lambda one: fits(one) or _is_refusal(one), again)
        if fits(shown):
            return shown
        self.intents[-1].ended = "refused"
        return None

    # to its end

    async def _pay(self, intent: Intent, card: Seen) -> None:
        chance, mark = self.chance, self.phone.mark()
        if chance.random() < 0.25:
            mark = await self._say_pay(intent, card, mark)
        else:
            copies = 2 if chance.random() < self.temper.doubles else 1
            self.tap(card, "pay", copies=copies, new_ids=chance.random() < 0.5)
            intent.taps += copies

        if chance.random() < self.temper.asks / 3:
            self.phone.say("saldo")
        shown = await self.end(intent, mark, lambda: self.tap(card, "pay"))
        number = sale_of(shown.text)
        if intent.ended == "sold" and number and chance.random() < self.temper.asks / 2:
            await self.ask(f"{chance.choice(('token', 'cek'))} {number}", number)

    async def _say_pay(self, intent: Intent, card: Seen, mark: int) -> int:
        """By the word. Where the card was sent again meanwhile, the word is asked to be a tap, and is."""
        self._say("bayar")
        intent.taps += 1
        said = intent.orders[-1]

        def fits(one: Seen) -> bool:
            return self._ends(one, intent) or (one.id > said and one.has("pay"))

        shown = await self._seen("bayar", mark, fits, lambda: self.tap(card, "pay"))
        if self._ends(shown, intent):
            return mark
        mark = self.phone.mark()
        self.tap(shown, "pay")
        return mark

    async def end(self, intent: Intent, mark: int, again: Callable[[], object]) -> Seen:
        """Wait for the word about the money."""

        shown = await self._seen("pay", mark, lambda one: self._ends(one, intent), again)
        is_mine = self._is_about(shown, intent)
        intent.ended = ENDS.get(_without_head(shown.text)[:1], "refused") if is_mine else "refused"
        intent.sale = sale_of(shown.text) if is_mine else ""
        return shown

    def _ends(self, seen: Seen, intent: Intent) -> bool:
        """Whether it says what became of the money: done, given back, in doubt, or never taken."""
        mine = self._is_about(seen, intent) and _without_head(seen.text)[:1] in ENDS
        return mine or (_is_refusal(seen) and not seen.has("pay"))

    def _is_about(self, seen: Seen, intent: Intent) -> bool:
        """It answers the order; what can answer nothing is of a sale that no other order of his is known to be."""
        if not seen.is_template:
            return seen.reply_to in intent.orders
        return sale_of(seen.text) not in {"", *(one.sale for one in self.intents if one is not intent)}

    def _say(self, words: str) -> None:
        """A word of the order that is under way: whatever comes of it answers one of these."""
        self.intents[-1].orders.append(self.phone.say(words))

    def tap(self, shown: Seen, key: str, *, copies: int = 1, new_ids: bool = False) -> None:
        """Press a button of this order's; what it leads to may answer the message that it was on."""
        self.phone.tap(shown, key, copies=copies, new_ids=new_ids)
        self.intents[-1].orders.append(shown.id)

    # questions

    async def ask_last(self) -> None:
        """On every phone, and nobody minds if there is no answer: whoever looks at the deeds does."""
        for one in self.phones:
            self.phone = one
            await asyncio.gather(self.ask("saldo"), return_exceptions=True)

    async def ask(self, words: str, wanted: str = "") -> Seen:
        """Something that is answered at once."""
        mark, form = self.phone.mark(), re.compile(wanted or QUESTIONS[words])
        self.phone.say(words)
        return await self._seen(words, mark, lambda one: bool(form.search(one.text)), lambda: self.phone.say(words))

    async def _seen(self, what: str, mark: int, fits: Callable[[Seen], bool], again: Callable[[], object]) -> Seen:
        """The answer. Who may try again does so; who may not, or did too often, gives up."""
        phone, clock = self.phone, self.phone.clock
        for attempt in range(self.temper.again + 1):
            began = clock.now()
            deed = Deed(phone.chat, began, what)
            try:
                shown = await phone.sees(fits, after=mark, timeout=self.temper.patience)
            except AssertionError:
                self.deeds.append(deed)
                if attempt < self.temper.again:
                    again()
                continue
            self.deeds.append(replace(deed, seconds=clock.now() - began))
            return shown
        raise Unanswered(f"{phone.chat}: {what}\n{phone.drawn()}")


def _asks_meter(shown: Seen) -> bool:
    return shown.has("cancel") and not shown.has("pay", "correct", "change_meter")


def _is_refusal(shown: Seen) -> bool:
    return bool(REFUSED.search(shown.text)) and not _without_head(shown.text).startswith("⏳")


def _without_head(text: str) -> str:
    first, newline, rest = text.partition("\n")
    return rest if newline and first.startswith(("KIRIM ULANG", "SENT AGAIN")) else text
