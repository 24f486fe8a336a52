import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.double import story
from tests.whatsapp.double import Clock, CloudApi, Kind, Mail, Person, Shown, careless
from tests.whatsapp.double.checker import Account, findings
from tests.whatsapp.double.tiny import Books, Careful

FACTOR = 40.0
PATIENCE = 2.5  # real seconds in which whoever waits for nobody is served
ENDLESS = 60.0  # for a bot that serves everybody, however slow the machine is
# what was turned away is not known: here that a token failed
FOLLOWS: dict[type[Careful], set[str]] = {careless.OverOtherBytes: {"lost a token"}}
SLOW = {"let one chat wait for another", "halted everybody for one limit"}  # as anybody may seem on a slow machine
BURST = 45  # of a person


class Story(story.Story[Person, Shown]):
    """What happens to every bot: people, faults, a kill, a night."""

    def __init__(self, api: CloudApi, kind: type[Careful], patience: float) -> None:
        super().__init__(api.clock, patience)
        self.api, self.kind = api, kind
        self.books = Books()
        self.account = Account(self.books.orders)
        self.bot = kind(api, self.books)
        self.number = 0

    def person(self, name: str) -> Person:
        self.number += 1
        return self.api.person(f"62812000{self.number:05d}", name)

    async def play(self) -> set[str]:
        self.api.statuses.early = self.api.statuses.shuffled = self.api.statuses.repeated = 0.3
        away = self.person("Away")
        away.say("beli")
        await self.bot.start()
        try:
            await self.crowd()
            await asyncio.gather(
                self.is_answered(away), self.doubled(), self.taps(), self.questions_cut(), self.tokens_cut(),
                self.failed(), self.forged(),
            )  # fmt: skip
            await self.api.clock.wait(15)
            await self.untold()
            await self.supplier_hangs()
            await self.killed()
            await self.limited()
            await self.reached(lambda: "left somebody unanswered" not in findings(self.api, self.account))
            await self.night()
            return findings(self.api, self.account)
        finally:
            await self.bot.kill()

    async def doubled(self) -> None:
        person = self.person("Señor A/B")
        item = person.say("beli")
        await self.is_answered(person)
        self.api.again(item)
        self.api.again(item)

    async def questions_cut(self) -> None:
        person = self.person("Cut")
        self.api.fault("send", Kind.DROP_APPLIED, person=person, count=4)
        person.say("beli")
        await self.is_answered(person)

    async def tokens_cut(self) -> None:
        for kind in (Kind.RESET, Kind.DROP_APPLIED, Kind.OK_WITHOUT_WAMID):
            person = self.person(kind.value)
            person.say("beli")
            card = await self.is_answered(person)
            if card is not None:
                self.api.fault("text", kind, person=person)
                self.intend(person, card)
                person.tap("Bayar", card)

    async def failed(self) -> None:
        """The platform accepts a token and then finds the window closed."""
        person = self.person("Failed")
        person.say("beli")
        card = await self.is_answered(person)
        if card is not None:
            self.api.statuses.fail(person, 131047, kind="text")
            self.intend(person, card)
            person.tap("Bayar", card)

    async def crowd(self) -> None:
        """Many items in one post, one of them for somebody else."""
        self.api.mail.hold()
        people = [self.person(f"Crowd {number}") for number in range(6)]
        for person in people:
            person.say("beli")
        stranger = "6289900000001"
        self.account.strangers.add(stranger)
        self.api.foreign("beli", stranger)
        self.api.mail.flush(30)
        await asyncio.gather(*(self.is_answered(one) for one in people))
        self.api.mail.batch(1)

    async def forged(self) -> None:
        person = self.person("Forged")
        self.api.fault("message", Mail.FORGED, person=person)
        person.say("beli")
        await self.is_answered(person)

    async def untold(self) -> None:
        """A token whose call breaks while the platform tells nothing."""
        self.api.statuses.auto = ()
        person = self.person("Untold")
        person.say("beli")
        card = await self.is_answered(person)
        if card is not None:
            self.api.fault("text", Kind.DROP_APPLIED, person=person)
            self.intend(person, card)
            mark = person.mark()
            person.tap("Bayar", card)
            await self.reached(lambda: sum(one.serial > mark for one in person.screen) > 1)
        self.api.statuses.auto = ("sent", "delivered", "read")

    async def supplier_hangs(self) -> None:
        slow, other = self.person("Slow"), self.person("Other")
        item = slow.say("lambat")
        await self.reached(lambda: item.handed > 0)
        other.say("beli")
        if await self.is_answered(other) is None:
            self.account.waited.append("let one chat wait for another")
        self.books.supplier.set()

    async def killed(self) -> None:
        self.books.supplier.clear()
        person = self.person("Killed")
        items = [person.say("lambat"), person.say("beli")]
        await self.reached(lambda: all(one.state != "pending" for one in items))
        await self.bot.kill()
        self.books.supplier.set()
        self.bot = self.kind(self.api, self.books)
        await self.bot.start()
        await self.is_answered(person)

    async def limited(self) -> None:
        refused, other = self.person("Refused"), self.person("Free")
        self.api.fault("send", Kind.ERROR, code=131056, person=refused, count=4)
        refused.say("beli")
        await self.reached(lambda: self.api.count("button", refused) >= 3)
        self.api.clock.forward(64)
        await self.reached(lambda: self.api.count("button", refused) >= 4)
        other.say("beli")
        if await self.is_answered(other) is None:
            self.account.waited.append("halted everybody for one limit")
        self.api.clock.forward(257)
        await self.is_answered(refused)
        await self.is_answered(other)

    async def night(self) -> None:
        """A payment is done when its person has not written for a day."""
        self.books.supplier.clear()
        person = self.person("Late")
        person.say("beli slow")
        card = await self.is_answered(person)
        if card is None:
            return
        self.intend(person, card)
        (tap,) = person.tap("Bayar", card)
        await self.reached(lambda: tap.state != "pending")
        self.account.late.add(person.key)
        self.api.clock.forward(25 * 3_600)
        self.books.supplier.set()
        mark = person.mark()
        await self.reached(lambda: any(one.serial > mark for one in person.screen))

    def intend(self, person: Person, card: Shown) -> None:
        self.account.intended.append((person.key, card.options[0].id.partition(".")[0]))


async def played(kind: type[Careful], patience: float = PATIENCE) -> set[str]:
    async with CloudApi(seed=11, clock=Clock(factor=FACTOR)) as api:
        return await Story(api, kind, patience).play()


async def test_a_careful_bot_is_found_without_fault() -> None:
    assert await played(Careful, ENDLESS) == set()


@pytest.mark.parametrize(
    ("kind", "finding"),
    [
        (careless.NoDedupe, "handled a message twice"),
        (careless.AckBeforeCommit, "left somebody unanswered"),
        (careless.FirstItemOnly, "left somebody unanswered"),
        (careless.OverOtherBytes, "turned a signed delivery away"),
        (careless.AdmitsAnySignature, "accepted a wrong signature"),
        (careless.ServesAnyNumber, "answered for another number"),
        (careless.BlindRetry, "repeated a question blindly"),
        (careless.NoRetryOfTokens, "lost a token"),
        (careless.UnmarkedRepeat, "sent an unmarked copy"),
        (careless.DeafToStatuses, "sent a needless copy"),
        (careless.TrustsAccepted, "lost a token"),
        (careless.FreeFormAlways, "sent free-form outside of the window"),
        (careless.OneQueue, "let one chat wait for another"),
        (careless.HaltsEverybody, "halted everybody for one limit"),
        (careless.ActsOnStaleTaps, "acted on a stale tap"),
        (careless.ActsOnEveryTap, "doubled an order"),
    ],
)
async def test_a_careless_bot_is_caught(kind: type[Careful], finding: str) -> None:
    found = await played(kind)
    assert finding in found
    allowed = {finding, *FOLLOWS.get(kind, ()), *SLOW, "left somebody unanswered"}
    assert found <= allowed  # and of nothing that it did not do


@asynccontextmanager
async def burst(api: CloudApi, kind: type[Careful]) -> AsyncIterator[Person]:
    """Somebody orders more at once than may be answered at once, while time stands still."""
    api.pace.overall = False
    bot = kind(api, Books())
    await bot.start()
    person = api.person(name="Burst")
    for _ in range(BURST + 1):
        person.say("beli")
    try:
        yield person
    finally:
        await bot.kill()


async def test_a_careful_bot_keeps_a_persons_pace(api: CloudApi) -> None:
    async with burst(api, Careful) as person:
        for count in range(10, BURST + 2):
            await person.until(lambda so_far=count: len(person.screen) == so_far)  # type: ignore[misc]
            api.clock.forward(6)
        assert findings(api, Account([])) == set()


async def test_a_bot_without_a_pace_is_caught(api: CloudApi) -> None:
    async with burst(api, careless.NoPacing) as person:
        await person.until(lambda: len(person.screen) == BURST)
        await api.until(lambda: api.pace.refused > 0)
        assert "was too fast for a person" in findings(api, Account([]))
