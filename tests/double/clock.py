"""The double's time: a calendar that tests set, and waits that one factor compresses.

Dates and ages are read from the calendar, which is never compressed: the bot's own clock must agree with it. Nobody
sleeps here, whoever waits can be woken by a signal or by the calendar being moved.
"""

import asyncio
import time
from collections.abc import Callable

# seconds that a test waits for what has to come: a slow machine may need them, and only a failure takes them all
PATIENCE = 30.0

_HOUR, _DAY = 3_600, 86_400
# back to noon WIB, whatever the hour: PLN's closing, the supplier's midnight and a new day are far
_BACK = int((time.time() + (7 - 12) * _HOUR) % _DAY // _HOUR) * _HOUR


def by_day() -> float:
    """Epoch seconds as they run, but between noon and one o'clock WIB when the tests begin."""
    return time.time() - _BACK


class Signal:
    """Something happened: wakes all who wait for it now, remembers nothing."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()

    def fire(self) -> None:
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def future(self) -> asyncio.Future[None]:
        """Done at the next firing; whoever stops waiting cancels it."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        future.add_done_callback(self._waiting.discard)
        return future


class Clock:
    """`now` is the calendar in epoch seconds, `ticks` the compressed running time in seconds; `forward` moves both."""

    def __init__(
        self,
        calendar: Callable[[], float] = time.time,
        ticks: Callable[[], float] = time.monotonic,
        factor: float = 1.0,
    ) -> None:
        self.factor = factor
        self._calendar = calendar
        self._ticks = ticks
        self._ahead = 0.0
        self._moved = Signal()

    def now(self) -> float:
        return self._calendar() + self._ahead

    def date(self) -> int:
        """The calendar as messages carry it."""
        return int(self.now())

    def ticks(self) -> float:
        return self._ticks() * self.factor + self._ahead

    def forward(self, seconds: float) -> None:
        self._ahead += seconds
        self._moved.fire()

    async def until(self, deadline: float, *signals: Signal) -> bool:
        """Wait until the ticks reach the deadline (true) or one of the signals fires first (false)."""
        while (remaining := deadline - self.ticks()) > 0:
            heard = [signal.future() for signal in signals]
            moved = self._moved.future()
            real = max(remaining / self.factor, 0.001)
            try:
                await asyncio.wait((moved, *heard), timeout=real, return_when=asyncio.FIRST_COMPLETED)
                if any(future.done() for future in heard):
                    return False
            finally:
                for future in (moved, *heard):
                    future.cancel()
        return True

    async def wait(self, seconds: float, *signals: Signal) -> bool:
        return await self.until(self.ticks() + seconds, *signals)
