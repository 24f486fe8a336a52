import asyncio

import pytest

from tests.double import story
from tests.double.clock import PATIENCE
from tests.telegram.double import BotApi, Clock, Kind, Person, Shown, careless
from tests.telegram.double.checker import Account, findings
from tests.telegram.double.tiny import Books, Careful

FACTOR = 40.0
# real seconds in which whoever waits for nobody is served; a careless bot often takes all of them
HASTE = 1.5


class Story(story.Story[Person, Shown]):
    """What happens to every bot: people, faults, a kill."""

    def __init__(self, api: BotApi, kind: type[Careful], mode: str) -> None:
        super().__init__(api.clock, PATIENCE if kind is Careful else HASTE)
        self.api, self.kind, self.mode = api, kind, mode
        self.books = Books()
        self.account = Account(self.books.orders)
        self.bot = kind(api, self.books, mode)

    def person(self, name: str) -> Person:
        return self.api.person(name=name)

    async def play(self) -> set[str]:
        away = self.person("Away")
        away.say("beli")
        await self.bot.start()
        try:
            await asyncio.gather(
                self.is_answered(away),
                self.doubled(),
                self.taps(),
                self.questions_cut(),
                self.tokens_cut(),
                self.burst(),
            )
            await self.api.clock.wait(15)
            await self.reached(lambda: all(one.is_over for one in self.books.outbox))
            await self.supplier_hangs()
            await self.killed()
            await self.flooded()
            await self.probed()
            return findings(self.api, self.account)
        finally:
            await self.bot.kill()

    async def doubled(self) -> None:
        person = self.person("<A&B>")
        update = person.say("beli")[0]
        await self.is_answered(person)
        self.api.again(update)
        self.api.again(update)

    async def questions_cut(self) -> None:
        person = self.person("Cut")
        self.api.fault("sendMessage", Kind.DROP_APPLIED, chat=person.id, count=4)
        person.say("beli")
        await self.is_answered(person)

    async def tokens_cut(self) -> None:
        for kind in (Kind.RESET, Kind.DROP_APPLIED):
            person = self.person(kind.value)
            person.say("beli")
            card = await self.is_answered(person)
            if card is not None:
                self.api.fault("sendMessage", kind, chat=person.id)
                self.intend(person, card)
                person.tap("Bayar", card)

    async def burst(self) -> None:
        person = self.person("Burst")
        for _ in range(9):
            person.say("beli")

    async def supplier_hangs(self) -> None:
        slow, other = self.person("Slow"), self.person("Other")
        update = slow.say("lambat")[0]
        await self.reached(lambda: update.handed > 0)
        other.say("beli")
        if await self.is_answered(other) is None:
            self.account.waited.append("let one chat wait for another")
        self.books.supplier.set()

    async def killed(self) -> None:
        self.books.supplier.clear()
        person = self.person("Killed")
        updates = [*person.say("lambat"), *person.say("beli")]
        await self.reached(lambda: all(one.state != "pending" for one in updates))
        await self.bot.kill()
        self.books.supplier.set()
        self.bot = self.kind(self.api, self.books, self.mode)
        await self.bot.start()
        await self.is_answered(person)

    async def flooded(self) -> None:
        refused, other = self.person("Refused"), self.person("Free")
        self.api.fault("sendMessage", Kind.FLOOD, chat=refused.id, retry_after=400)
        refused.say("beli")
        await self.reached(lambda: "429" in self.api.fired)
        await self.api.clock.wait(1)
        other.say("beli")
        if await self.is_answered(other) is None:
            self.account.waited.append("halted everybody for one flood")
        self.api.clock.forward(401)
        await self.is_answered(refused)
        await self.is_answered(other)

    async def probed(self) -> None:
        if self.mode == "webhook":
            update = self.api.state.updates.log[0]
            self.account.probes.append((await self.api.webhook.post(update, secret="salah"))[0])

    def intend(self, person: Person, card: Shown) -> None:
        self.account.intended.append((person.id, card.buttons[0][0].data.partition(".")[0]))


async def played(kind: type[Careful], mode: str) -> set[str]:
    async with BotApi(seed=11, clock=Clock(factor=FACTOR)) as api:
        return await Story(api, kind, mode).play()


@pytest.mark.parametrize("mode", ["polling", "webhook"])
async def test_a_careful_bot_is_found_without_fault(mode: str) -> None:
    assert await played(Careful, mode) == set()


@pytest.mark.parametrize(
    ("kind", "mode", "finding"),
    [
        (careless.NoDedupe, "polling", "handled an update twice"),
        (careless.AckBeforeCommit, "polling", "left somebody unanswered"),
        (careless.AckBeforeCommit, "webhook", "left somebody unanswered"),
        (careless.BlindRetry, "polling", "repeated a question blindly"),
        (careless.NoRetryOfTokens, "webhook", "lost a token"),
        (careless.UnmarkedRepeat, "polling", "sent an unmarked copy"),
        (careless.OneQueue, "webhook", "let one chat wait for another"),
        (careless.NoPacing, "polling", "was too fast for a chat"),
        (careless.HaltsEverybody, "polling", "halted everybody for one flood"),
        (careless.ActsOnStaleTaps, "polling", "acted on a stale tap"),
        (careless.ActsOnEveryTap, "polling", "doubled an order"),
        (careless.DropsPending, "polling", "dropped what waited"),
        (careless.Unescaped, "polling", "sent broken markup"),
        (careless.AdmitsAnySecret, "webhook", "accepted a wrong secret"),
        (careless.NeverAnswersTaps, "polling", "left a tap unanswered"),
        (careless.AnswersInTheWebhook, "webhook", "answered a delivery with a method"),
    ],
)
async def test_a_careless_bot_is_caught(kind: type[Careful], mode: str, finding: str) -> None:
    found = await played(kind, mode)
    assert finding in found
    assert found <= {finding, "left somebody unanswered"}  # and of nothing that it did not do
