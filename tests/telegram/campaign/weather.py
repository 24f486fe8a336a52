"""The weather of an hour: what befalls calls and deliveries by chance, and what is planned to befall them.

Everything counts in seconds of the double's clock, but for what the bot itself is asked to wait: a 429 names real
seconds.
"""

import random
from dataclasses import dataclass, field

from tests.telegram.campaign.stage import Stage
from tests.telegram.double import Kind, Mail

_CALLS: dict[Kind | Mail, float] = {
    Kind.RESET: 0.01, Kind.DROP_APPLIED: 0.01, Kind.HANG: 0.002, Kind.HANG_APPLIED: 0.003, Kind.JSON_500: 0.01,
    Kind.HTML_502: 0.01, Kind.EMPTY_503: 0.005, Kind.JSON_LIST_500: 0.005, Kind.TRUNCATED: 0.01, Kind.HTML_200: 0.005,
    Kind.DRIP: 0.05, Kind.FLOOD: 0.004, Kind.FLOOD_BARE: 0.002,
}  # fmt: skip
_ANYWAY: dict[Kind | Mail, float] = {Mail.DUPLICATE: 0.03, Mail.LOST_ACK: 0.03, Mail.TWIN: 0.15}
_POSTED: dict[Kind | Mail, float] = {Mail.CONCURRENT: 0.03, Mail.REORDER: 0.05, Mail.DELAY: 0.03}
_HANGS = 30.0  # seconds for which what hangs hangs, a delivery is delayed and an answer drips
AWAY = "away"  # the whole platform, for minutes
_RETRY_AFTER = 1
_LONG = 1_800.0
_BEYOND_PATIENCE = 22.0


@dataclass(slots=True)
class Weather:
    """Over one stage. `away` are the spans in which nobody could be reached, by the double's calendar."""

    stage: Stage
    chance: random.Random
    away: list[tuple[float, float]] = field(default_factory=list)

    @property
    def planned(self) -> set[str]:
        """Every kind that has to come about."""
        return {kind.value for kind in (*_CALLS, *self._mail, Kind.REFUSE)} | {AWAY}

    @property
    def _mail(self) -> dict[Kind | Mail, float]:
        return _ANYWAY | (_POSTED if self.stage.mode == "webhook" else {})

    def begin(self) -> None:
        """From now on."""
        api = self.stage.api
        for kind, probability in _CALLS.items():
            api.faults.chance(kind, probability)
        for kind, probability in self._mail.items():
            api.mail.chance(kind, probability)
        api.faults.seconds = api.mail.seconds = _HANGS
        api.faults.retry_after = _RETRY_AFTER
        self.one_of_each()

    def one_of_each(self) -> None:
        """What chance has not brought yet is planned for one of the next calls or deliveries."""
        api = self.stage.api
        kinds = [kind for kind in _CALLS if kind.value not in api.fired]
        self.chance.shuffle(kinds)
        for number, kind in enumerate(kinds, 1):
            api.fault("sendMessage", kind, nth=2 * number, retry_after=_RETRY_AFTER, seconds=_HANGS)
        mail = [kind for kind in self._mail if kind is not Mail.TWIN and kind.value not in api.fired]
        for number, kind in enumerate(mail, 1):
            api.fault(None, kind, nth=2 * number, seconds=_HANGS)
        if Mail.REORDER in mail:
            api.fault("message", Mail.REORDER, chat=self.stage.agents[-1], nth=3, count=6)  # where two wait in line

    async def run(self, seconds: float) -> None:
        """So many seconds: new connections are refused now and then, and twice the platform is away."""
        step, api = seconds / 12, self.stage.api
        for number in range(12):
            if number == 6:
                self.one_of_each()
            if number in {2, 7}:  # one in each half, one with and one without a flood
                await self._be_away(min(step, 120 + 120 * self.chance.random()))
                continue
            if number == 4 and step * 12 >= _LONG:  # longer than the bot waits for an answer, which is in real seconds
                api.fault("sendMessage", Kind.HANG_APPLIED, seconds=_BEYOND_PATIENCE * api.clock.factor)
            if number % 3 == 0:
                api.fault(None, Kind.REFUSE, count=self.chance.randint(2, 6))
            await api.clock.wait(step)

    async def _be_away(self, seconds: float) -> None:
        api = self.stage.api
        began = api.clock.now()
        await api.cut()
        await api.clock.wait(seconds)
        await api.up()
        api.state.fired[AWAY] += 1
        self.away.append((began, api.clock.now()))

    def end(self) -> None:
        """Blue sky."""
        self.stage.api.faults.clear()
        self.stage.api.mail.clear()
