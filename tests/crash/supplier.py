"""The supplier of a run: the sandbox, made to misbehave by chance or by order. What it sold stands in its own books.

Late sales, and payments that a hop on the way sends twice, are made here. It can end the shop's process at the moment
at which a request has reached it, or has been booked.
"""

import os
import random
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from bot.sandbox import Asked, Behaviour, Books, Raw, Sandbox, SandboxConfig, Sold
from bot.sandbox.checks import Query, Refusal
from bot.sandbox.customers import customer
from bot.sandbox.vending import Inquired, Paid, Vendor

# these two are the inquiry's own; what else an inquiry is refused for is forced on a payment, too
_OF_INQUIRY = {Behaviour.SLOW_INQUIRY, Behaviour.INQUIRY_TIMEOUT}
LATE = "refused, sold later"
REPLAYED = "sent twice by a hop, the second answer comes"
BEHAVIOURS = (*(one.value for one in Behaviour if one not in _OF_INQUIRY), LATE, REPLAYED)
_MET = (*BEHAVIOURS, *(4 * (LATE,)))  # late sales are the rarest ending and the dearest
FOREIGN = "EARLIER"  # the trxid of a sale that nobody here asked for

_DROP, _HANG = Raw(wire=b""), Raw(hangs=True)
_REFUSALS = (46, 47, 89, 90, 51, 72)
_ADVICE_CODES = (5, 18, 68, 70, 90, 91, 92, 13, 30, 96, 63)
_INQUIRY_CODES = (68, 90, 5)
_MOST_ASKED = 9


def _refused(code: int) -> Raw:
    text = f'<?xml version="1.0"?>\n<root><status>ERROR</status><rc>{code:04d}</rc><rcm>[{code}] UJI COBA</rcm></root>'
    return Raw(body=text.encode())


_TROUBLES = (
    _DROP,
    _HANG,
    Raw(status=503),
    Raw(body=b""),
    Raw(body=b"<html><body>Service</body></html>", headers=(("Content-Type", "text/html"),)),
    Raw(wire=b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<?xml version"),
)


@dataclass(slots=True)
class Weather:
    """How often a payment, an advice, an inquiry meets trouble; `behaviour` is what every payment meets instead."""

    pay: float = 0.0
    advice: float = 0.0
    inquiry: float = 0.0
    behaviour: str = ""


@dataclass(slots=True)
class Reach:
    """What passes at the supplier's, and the point at whose n-th passage it kills the shop's process."""

    pid: Callable[[], int | None]
    kills: tuple[str, int] = ("", 0)
    passed: Counter[str] = field(default_factory=Counter)

    def __call__(self, name: str) -> None:
        """Pass a point."""
        self.passed[name] += 1
        if (name, self.passed[name]) == self.kills and (pid := self.pid()) is not None:
            os.kill(pid, signal.SIGKILL)


class Supplier(Sandbox):
    """The sandbox under a weather."""

    def __init__(self, config: SandboxConfig, chance: random.Random, reach: Reach) -> None:
        super().__init__(config)
        self.weather = Weather()
        self.met: Counter[str] = Counter()
        self._chance = chance
        self._vendor = self.desk = Desk(config, self.books, self, chance, reach)

    def payments(self) -> Counter[str]:
        """How many payments arrived, by trxid."""
        return Counter(one.parameters["trxid"] for one in self.requests if one.command == "PAY")

    def behaviour(self) -> str:
        """What the next payment meets."""
        weather = self.weather
        troubled = self._chance.random() < weather.pay
        met = weather.behaviour or (self._chance.choice(_MET) if troubled else Behaviour.SUCCESS.value)
        self.met[met] += 1
        return met

    async def _usual(self, request: web.Request, asked: Asked) -> web.StreamResponse:
        trouble = self._trouble(asked)
        return await (super()._usual(request, asked) if trouble is None else self._raw(request, trouble))

    def _trouble(self, asked: Asked) -> Raw | None:
        by_chance, weather = self._chance, self.weather
        if asked.command == "ADV" and by_chance.random() < weather.advice:
            return by_chance.choice((*_TROUBLES, *map(_refused, _ADVICE_CODES)))
        if asked.command == "INQ" and by_chance.random() < weather.inquiry:
            return by_chance.choice((_DROP, _HANG, *map(_refused, _INQUIRY_CODES)))
        return None


@dataclass(slots=True)
class _Hanging:
    """A refused payment that sells after so many advices about its meter and amount."""

    trxid: str
    asked: int


class Desk(Vendor):
    """The vendor, with late sales, second copies, and points before and after every booking."""

    def __init__(
        self, config: SandboxConfig, books: Books, supplier: Supplier, chance: random.Random, reach: Reach
    ) -> None:
        super().__init__(config, books)
        self._supplier = supplier
        self._chance = chance
        self._reach = reach
        self._hanging: dict[tuple[str, int], _Hanging] = {}

    def inquire(self, query: Query) -> Inquired:
        self._reach("INQ reached the supplier")
        found = super().inquire(query)
        self._reach("INQ was noted by the supplier")
        return found

    def pay(self, query: Query, forced: Behaviour | None, *, again: bool = False) -> Paid:
        if again:
            return super().pay(query, forced, again=True)
        self._reach("PAY reached the supplier")
        try:
            return self._paid(query, self._supplier.behaviour())
        finally:
            self._reach("PAY was booked by the supplier")

    def _paid(self, query: Query, behaviour: str) -> Paid:
        if behaviour == LATE:
            return self._refuse_for_now(query)
        if behaviour == REPLAYED:
            readings = self._config.readings
            if readings.repeated_trxid != "sells again" or readings.refnum_single_use:
                super().pay(query, Behaviour.SUCCESS)
            behaviour = Behaviour.SUCCESS.value
        return super().pay(query, Behaviour(behaviour))

    def _refuse_for_now(self, query: Query) -> Paid:
        """No in words, and a sale after some advices: that is what money rules §1.6 ask about again for."""
        known = self._books.referred(query["refnum"])
        if known is None:
            raise Refusal(92, "NOMOR REFERENSI SWITCHING TIDAK DITEMUKAN")
        self._books.note(query["trxid"], "PAY")
        asked = self._chance.randint(2, _MOST_ASKED)
        self._hanging[known[0], int(query["nominal"])] = _Hanging(query["trxid"], asked)
        raise Refusal(self._chance.choice(_REFUSALS), "UJI COBA")

    def advise(self, query: Query) -> Sold:
        self._reach("ADV reached the supplier")
        if "msn" in query:
            self._sell_late(query["msn"], int(query["nominal"]))
        try:
            return super().advise(query)
        finally:
            self._reach("ADV was answered by the supplier")

    def _sell_late(self, msn: str, nominal: int, *, now: bool = False) -> None:
        hanging = self._hanging.get((msn, nominal))
        if hanging is None:
            return
        hanging.asked -= 1
        if hanging.asked <= 0 or now:
            del self._hanging[msn, nominal]
            groups, adm, at = self._config.readings.token_groups, self._adm(Behaviour.SUCCESS), self._config.clock()
            self._books.sell(hanging.trxid, msn, customer(msn).idpel, nominal, adm, groups, 0, at)

    def sell_what_hangs(self) -> int:
        """All of it now, unasked: just before the evening's round. How many."""
        hanging = list(self._hanging)
        for msn, nominal in hanging:
            self._sell_late(msn, nominal, now=True)
        return len(hanging)
