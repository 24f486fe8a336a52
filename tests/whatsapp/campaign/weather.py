"""The weather: what befalls calls, deliveries and statuses by chance, and what is planned to befall them; what people
do to their chats, and what forgers try.

Everything counts in seconds of the double's clock. What chance alone brings too rarely is planned once for certain.
"""

import asyncio
import json
import random
from collections import Counter
from dataclasses import dataclass, field

from tests.whatsapp.campaign.gathering import BATCH, EARLY, TRANSIENT
from tests.whatsapp.campaign.stage import Stage
from tests.whatsapp.double import ACCESS, Kind, Mail, Person
from tests.whatsapp.double.wire import Json

CALLS: dict[Kind | Mail, float] = {
    Kind.RESET: 0.01, Kind.DROP_APPLIED: 0.01, Kind.HANG: 0.002, Kind.HANG_APPLIED: 0.003, Kind.JSON_500: 0.01,
    Kind.HTML_502: 0.01, Kind.EMPTY_503: 0.005, Kind.JSON_LIST_500: 0.005, Kind.TRUNCATED: 0.01, Kind.HTML_200: 0.005,
    Kind.OK_WITHOUT_WAMID: 0.01, Kind.DRIP: 0.05, Kind.ERROR: 0.01,
}  # fmt: skip
MAIL: dict[Kind | Mail, float] = {
    Mail.DUPLICATE: 0.03, Mail.LOST_ACK: 0.03, Mail.TWIN: 0.15, Mail.CONCURRENT: 0.03, Mail.REORDER: 0.05,
    Mail.DELAY: 0.03, Mail.FOREIGN: 0.02, Mail.STRANGE: 0.02, Mail.NAMELESS: 0.02, Mail.FORGED: 0.02,
    Mail.UNSIGNED: 0.02,
}  # fmt: skip
_ON_TELEGRAM: dict[Kind | Mail, float] = {
    Kind.RESET: 0.01, Kind.DROP_APPLIED: 0.01, Kind.JSON_500: 0.01, Kind.TRUNCATED: 0.01, Kind.DRIP: 0.05,
    Mail.DUPLICATE: 0.03, Mail.LOST_ACK: 0.03, Mail.TWIN: 0.15,
}  # fmt: skip
# what refuses one call, and the statuses under which the platform has been seen to do so
_REFUSALS = ((131047, 400), (130429, 400), (130429, 429), (131056, 400), (131056, 429), (131026, 400))
_FAILURES = (131047, 131026, 131000)
_HANGS = 30.0
_DAY = 86_400
_GONE = 0.1  # of those who pay
_PEACE = 300.0  # seconds for which a person is left in peace on average
_STEPS = 24
_LOST = (0.15, 0.15, 1.0)  # of the statuses, in turn: in every third step nothing is told of what is sent
_BATCHES = (1, 1, 5, 30)
AWAY, CLOSED, BLOCKED, HIDDEN, FORGED = "away", "window closed", "blocked", "number hidden", "forged order"
TEMPLATE, COPY = "template shown", "result shown twice"
STATUSES = ("statuses out of order", "statuses repeated", "statuses lost")


@dataclass(slots=True)
class Weather:
    """Over one stage. `away` are the spans in which nobody could be reached, `closings` when whose window closed."""

    stage: Stage
    chance: random.Random
    share: float = 0.0  # of all calls, and of all deliveries, that go wrong by chance; 0 is as the tables have it
    away: list[tuple[float, float]] = field(default_factory=list)
    closings: list[tuple[str, float]] = field(default_factory=list)
    forged: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)  # what is nobody's fault but befalls chats

    @property
    def planned(self) -> set[str]:
        """Every kind that has to come about."""
        kinds = {kind.value for kind in (*CALLS, *MAIL, Kind.REFUSE)}
        codes = {f"refused {code}" for code, _ in _REFUSALS} | {f"failed {code}" for code in _FAILURES}
        return kinds | codes | {AWAY, CLOSED, BLOCKED, HIDDEN, FORGED, TEMPLATE, COPY, BATCH, EARLY, *STATUSES}

    def begin(self) -> None:
        """From now on."""
        api = self.stage.api
        for kind, probability in (_scaled(CALLS, self.share) | _scaled(MAIL, self.share)).items():
            api.chance(kind, probability)
        api.faults.codes = TRANSIENT
        api.faults.seconds = api.mail.seconds = _HANGS
        told = api.statuses
        told.shuffled, told.repeated, told.early, told.nameless = 0.2, 0.2, 0.2, 0.3
        told.delay = 1.0
        if (bot := self.stage.telegram) is not None:
            for kind, probability in _ON_TELEGRAM.items():
                bot.chance(kind, probability)
            bot.faults.seconds = bot.mail.seconds = _HANGS
        self.one_of_each()

    def one_of_each(self) -> None:
        """What chance has not brought yet is planned for one of the next calls or deliveries."""
        api, agent = self.stage.api, self.stage.person(self.stage.agents[0][0])
        kinds = [kind for kind in CALLS if kind.value not in api.fired]
        self.chance.shuffle(kinds)
        for number, kind in enumerate(kinds, 1):
            who = agent if kind is Kind.RESET else None  # cut by name, so that it is known what was cut
            api.fault("send", kind, person=who, nth=2 * number, seconds=_HANGS, code=self.chance.choice(TRANSIENT))
        mail = [kind for kind in MAIL if kind is not Mail.TWIN and kind.value not in api.fired]
        for number, kind in enumerate(mail, 1):
            api.fault(None, kind, nth=2 * number, seconds=_HANGS)

    async def run(self, seconds: float) -> None:
        """So many seconds: refusals, failures, closed windows and forgers now and then; once the platform is away."""
        watching = asyncio.create_task(self._watch())
        try:
            await self._run(seconds)
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        """Of those who pay, some are gone from the chat before they are answered."""
        items = self.stage.api.state.items
        looked = len(items.log)
        while True:
            await items.stirred.future()
            for item in items.log[looked:]:
                reply = item.payload.get("interactive", {}).get("button_reply", {})
                if reply.get("id", "").endswith(".pay") and self.chance.random() < _GONE:
                    self._close(self.stage.person(item.person))
            looked = len(items.log)

    async def _run(self, seconds: float) -> None:
        step, api = seconds / _STEPS, self.stage.api
        lull = self.chance.randrange(6, _STEPS - 6)
        for number in range(_STEPS):
            if number in {_STEPS // 2, _STEPS - 4}:
                self.one_of_each()
            if number % 4 == 0:
                api.fault(None, Kind.REFUSE, count=self.chance.randint(2, 6))
                api.mail.batch(self.chance.choice(_BATCHES))
            if number == lull:
                await self._be_away(min(step, 60 + 60 * self.chance.random()))
            api.statuses.skipped = _LOST[number % len(_LOST)]
            (self._refuse if number % 2 else self._fail)(number // 2)
            for _ in range(2):
                for _ in range(self._befallen(step / 2)):
                    self._befall(self._somebody())
                await self._forge(self._somebody())
                await api.clock.wait(step / 2)

    def end(self) -> None:
        """Blue sky."""
        for api in (self.stage.api, self.stage.telegram):
            if api is not None:
                api.faults.clear()
                api.mail.clear()
        for person in self.stage.api.persons.values():
            person.unblock()
            person.show_number()
        self.stage.api.statuses.failures.clear()
        self.stage.api.statuses.skipped = 0.0
        self.stage.api.mail.batch(1)

    def _somebody(self) -> Person:
        return self.stage.person(self.chance.choice(self.stage.agents)[0])

    def _refuse(self, number: int) -> None:
        """One refusal, each sort in turn."""
        code, status = _REFUSALS[number % len(_REFUSALS)]
        count = self.chance.randint(1, 3) if code in {130429, 131056} else 1
        self.stage.api.fault("send", Kind.ERROR, code=code, status=status, nth=self.chance.randint(1, 8), count=count)

    def _fail(self, number: int) -> None:
        """One message that is accepted and does not arrive."""
        code = _FAILURES[number % len(_FAILURES)]
        self.stage.api.statuses.fail(code=code, late=self.chance.random() < 0.5)

    def _befallen(self, seconds: float) -> int:
        """How many are befallen by something in so many seconds."""
        expected = len(self.stage.agents) * seconds / _PEACE
        return int(expected) + (self.chance.random() < expected % 1)

    def _befall(self, person: Person) -> None:
        """His window closes, he blocks the shop until he writes again, or he hides his number, or shows it."""
        match self.chance.randrange(4):
            case 0:
                self._close(person)
            case 1:
                person.block()
                self.done[BLOCKED] += 1
            case 2 if person.screen:  # who hides it from the first word on is somebody whom nobody invited
                person.hide_number()
                self.done[HIDDEN] += 1
            case _:
                person.show_number()

    def _close(self, person: Person) -> None:
        """A day passes for him."""
        person.phone.heard_at = self.stage.clock.now() - _DAY
        self.closings.append((person.key, self.stage.clock.now()))
        self.done[CLOSED] += 1

    async def _be_away(self, seconds: float) -> None:
        clock, api = self.stage.clock, self.stage.api
        began = clock.now()
        await api.cut()
        await clock.wait(seconds)
        await api.up()
        self.done[AWAY] += 1
        self.away.append((began, clock.now()))

    # what forgers try

    async def _forge(self, person: Person) -> None:
        """An order, or a tap on a payment that is waiting, in somebody's name, under a wrong signature or none."""
        wamid = f"wamid.forged{len(self.forged):06d}"
        self.forged.append(wamid)
        cards = [one for shown in person.screen[-3:] for one in shown.options if one.id.endswith(".pay")]
        if cards and self.chance.random() < 0.7:
            reply = {"type": "button_reply", "button_reply": {"id": cards[-1].id, "title": cards[-1].label}}
            told: Json = {"type": "interactive", "interactive": reply}
        else:
            told = {"type": "text", "text": {"body": f"799{len(self.forged):08d} 20"}}
        message = {"from": person.key, "id": wamid, "timestamp": str(self.stage.clock.date())} | told
        raw = json.dumps(_delivered(message)).encode()
        signature = self.chance.choice((None, "sha256=" + "0" * 64, "sha1=0", self.stage.api.signed(raw + b" ")))
        await self.stage.api.post(raw, signature)
        self.done[FORGED] += 1


def _scaled(chances: dict[Kind | Mail, float], share: float) -> dict[Kind | Mail, float]:
    """The same chances beside each other, so that together they are this share."""
    by = share / sum(chances.values()) if share else 1.0
    return {kind: probability * by for kind, probability in chances.items()}


def _delivered(message: Json) -> Json:
    metadata = {"display_phone_number": ACCESS.display_phone_number, "phone_number_id": ACCESS.phone_number_id}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "messages": [message]}
    change = {"field": "messages", "value": value}
    return {"object": "whatsapp_business_account", "entry": [{"id": ACCESS.account_id, "changes": [change]}]}
