"""A person with a phone who buys: what he sends, what he waits for, and how long each answer took.

Recognises a bot's answer by its buttons and by the digits of a token, never by its words. Whoever hears nothing for a
minute gives up, with `TimeoutError`.
"""

import asyncio
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks.telegram.botapi import BotApi, Shown

AMOUNT = "20rb"
_TOKEN = re.compile(r"\d{4}(?: \d{4}){4}")
_FIRST_CHAT = 100_000
_PATIENCE_SECONDS = 60.0
_FIRST_METER = 54_100_000_000


def chat_id(number: int) -> int:
    """The chat of the person with this number."""
    return _FIRST_CHAT + number


def meter(number: int, turn: int) -> str:
    """The meter that a person buys for in his so manieth purchase: never the same twice."""
    return str(_FIRST_METER + number * 100 + turn)


@dataclass
class Person:
    """`answers` are seconds from an update to its answer; `tokens` what arrived, digits alone."""

    api: BotApi
    number: int
    answers: list[float] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)
    updates: int = 0
    heard_at: float = 0.0
    _newest: Shown | None = None
    _highest: int = 0
    _wanted: Callable[[Shown], bool] | None = None
    _waits: asyncio.Future[Shown] | None = None

    def __post_init__(self) -> None:
        self.api.phones[chat_id(self.number)] = self._see

    async def buy(self, turn: int) -> float:
        """Four messages and taps, up to the token; seconds of waiting in all."""
        before = len(self.answers)
        await self.order(turn)
        await self.pay()
        return sum(self.answers[before:])

    async def order(self, turn: int) -> None:
        """The first three: now the bot asks for the payment."""
        await self.greet()
        await self._say(meter(self.number, turn), lambda shown: _button(shown, AMOUNT) is not None)
        await self._tap(AMOUNT, lambda shown: _button(shown, "✅") is not None)

    async def pay(self) -> None:
        """The fourth, up to the token."""
        await self._tap("✅", lambda shown: _TOKEN.search(shown.text) is not None)

    def press_pay(self) -> None:
        """The fourth, without waiting for anything."""
        assert self._newest is not None
        self.updates += 1
        self.heard_at = 0.0
        self.api.tap(chat_id(self.number), self._newest.message_id, _button(self._newest, "✅") or "")

    async def greet(self) -> None:
        """Any word, up to any new message; what is still being changed in older ones is no answer."""
        newest = self._highest
        await self._say("beli", lambda shown: bool(shown.text) and shown.message_id > newest)

    async def _say(self, text: str, wanted: Callable[[Shown], bool]) -> None:
        await self._wait(lambda: self.api.say(chat_id(self.number), text), wanted)

    async def _tap(self, label: str, wanted: Callable[[Shown], bool]) -> None:
        shown = self._newest
        data = _button(shown, label) if shown else None
        assert shown is not None
        assert data is not None
        await self._wait(lambda: self.api.tap(chat_id(self.number), shown.message_id, data), wanted)

    async def _wait(self, act: Callable[[], None], wanted: Callable[[Shown], bool]) -> None:
        self._wanted = wanted
        self._waits = asyncio.get_running_loop().create_future()
        self.updates += 1
        began = time.perf_counter()
        act()
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                self._newest = await self._waits
        finally:
            self._wanted = self._waits = None
        self.answers.append(time.perf_counter() - began)

    def _see(self, shown: Shown) -> None:
        if shown.text:
            self.heard_at = time.perf_counter()
            self.tokens |= {found.replace(" ", "") for found in _TOKEN.findall(shown.text)}
        if self._waits is not None and not self._waits.done() and self._wanted is not None and self._wanted(shown):
            self._waits.set_result(shown)
        self._highest = max(self._highest, shown.message_id)


def _button(shown: Shown, label: str) -> str | None:
    return next((data for text, data in shown.buttons if text.startswith(label)), None)
