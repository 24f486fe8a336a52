"""What becomes of a message: by its class and what is proven, whatever a platform tells of it later, in any order."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot import books
from bot.domain.message import Message, Text
from bot.domain.rules import Waits
from bot.messaging import outbox, policy
from bot.messaging.channel import SENT, UNKNOWN, Outcome, Result
from bot.messaging.outbox import Class, Outgoing, Variant
from bot.messaging.policy import Next, Policy, Status
from bot.ports import Tx
from bot.services import people
from bot.store.sqlite import SqliteStore
from tests.world import NOON, SHOP

WAITS = Waits()
RULES, TOLD = Policy(WAITS), Policy(WAITS, statuses=True)
FAILED = Result(Outcome.NOT_SENT)
DAY = 24 * 60 * 60_000

CRITICAL, PROMPT, EDIT, NOTICE = Class.CRITICAL, Class.PROMPT, Class.EDIT, Class.NOTICE
# outcome -> state by class, in the order critical, prompt, edit, notice
FIRST_TRY = {
    Outcome.SENT: ("sent", "sent", "sent", "sent"),
    Outcome.NOT_SENT: ("queued", "queued", "queued", "queued"),
    Outcome.LATER: ("queued", "queued", "queued", "queued"),
    Outcome.SHUT: ("queued", "queued", "queued", "queued"),
    Outcome.UNKNOWN: ("unknown", "unknown", "unknown", "dropped"),
    Outcome.AWAY: ("parked", "dropped", "dropped", "dropped"),
    Outcome.REFUSED: ("parked", "dropped", "dropped", "dropped"),
    Outcome.HELD: ("queued", "dropped", "dropped", "dropped"),
    Outcome.CLOSED: ("queued", "dropped", "dropped", "dropped"),
    Outcome.BARE: ("queued", "queued", "dropped", "dropped"),
}


def row(
    message_class: Class = CRITICAL, *, age: int = 0, unknowns: int = 0, variant: Variant = Variant.WRITTEN
) -> Outgoing:
    return Outgoing(
        1, 1, "62812", "id", message_class, "{}", None, "", 1, 0, unknowns, created_at=NOON - age, variant=variant
    )  # fmt: skip


# one end of a call


@pytest.mark.parametrize("outcome", Outcome)
@pytest.mark.parametrize("rules", [RULES, TOLD], ids=["at once", "told later"])
def test_each_end_of_a_call_has_its_consequence_in_each_class(outcome: Outcome, rules: Policy) -> None:
    after = [rules.after(row(one), Result(outcome), NOON).state for one in (CRITICAL, PROMPT, EDIT, NOTICE)]
    assert tuple(after) == FIRST_TRY[outcome]


@pytest.mark.parametrize(
    ("message_class", "outcome", "wait"),
    [
        (CRITICAL, Outcome.NOT_SENT, WAITS.send_critical),
        (CRITICAL, Outcome.LATER, WAITS.send_critical),
        (CRITICAL, Outcome.UNKNOWN, WAITS.send_critical),
        (CRITICAL, Outcome.HELD, WAITS.send_critical),
        (PROMPT, Outcome.NOT_SENT, WAITS.send_prompt),
        (EDIT, Outcome.SHUT, WAITS.send_edit),
        (NOTICE, Outcome.LATER, WAITS.send_notice),
    ],
)
def test_nothing_is_tried_for_ever(message_class: Class, outcome: Outcome, wait: int) -> None:
    given_up = "parked" if message_class is CRITICAL else "dropped"
    assert RULES.after(row(message_class, age=wait - 1), Result(outcome), NOON).is_tried_again
    assert RULES.after(row(message_class, age=wait), Result(outcome), NOON).state == given_up


def test_an_unclear_token_comes_again_five_times_at_most_and_a_question_once() -> None:
    waits = [RULES.after(row(unknowns=number), UNKNOWN, NOON) for number in range(5)]
    assert [one.wait for one in waits[:4]] == list(WAITS.resend)
    assert [one.state for one in waits] == ["unknown"] * 4 + ["parked"]
    assert [RULES.after(row(PROMPT, unknowns=number), UNKNOWN, NOON).state for number in (0, 1)] == [
        "unknown",
        "dropped",
    ]


def test_where_a_status_may_still_prove_it_a_token_waits_for_that_and_a_question_does_not() -> None:
    assert TOLD.after(row(), UNKNOWN, NOON).wait == WAITS.status > WAITS.resend[0]
    assert TOLD.after(row(unknowns=1), UNKNOWN, NOON).wait == WAITS.resend[1]
    assert TOLD.after(row(PROMPT), UNKNOWN, NOON).wait == WAITS.resend_prompt


@pytest.mark.parametrize(("outcome", "variant"), [(Outcome.CLOSED, Variant.TEMPLATE), (Outcome.BARE, Variant.PLAIN)])
def test_another_form_is_tried_at_once_and_once(outcome: Outcome, variant: Variant) -> None:
    after = TOLD.after(row(unknowns=1), Result(outcome), NOON)
    assert (after.state, after.wait, after.variant) == ("unknown", 0, variant)
    assert TOLD.after(row(variant=variant), Result(outcome), NOON).state == "parked"


def test_however_forms_are_refused_there_is_an_end_to_them() -> None:
    """Plain and as a template would else be tried in turn, at once each time."""
    for order in itertools.product((Outcome.BARE, Outcome.CLOSED), repeat=6):
        variants: list[Variant | None] = [Variant.WRITTEN]
        while (tried := variants[-1]) is not None and len(variants) <= len(order):
            after = TOLD.after(row(variant=tried), Result(order[len(variants) - 1]), NOON)
            variants.append(after.variant)
        assert after.state == "parked", variants
        assert len(variants) <= 4


@pytest.mark.parametrize("outcome", Outcome)
def test_no_attempt_is_given_back_where_statuses_name_it_by_its_number(outcome: Outcome) -> None:
    assert not TOLD.after(row(), Result(outcome), NOON).given_back


# what is told later


@dataclass
class Sale:
    """One critical message in a real store: its calls, what is told of them, and what stands in its row."""

    store: SqliteStore
    number: int

    async def claim(self) -> None:
        assert await self.store.write(lambda tx: tx.run("outbox_claim", id=self.number, now=NOON)) == 1

    async def ends(self, result: Result) -> None:
        """The call that is under way ends."""

        def unit(tx: Tx) -> None:
            outgoing = self._row(tx)
            policy.note(tx, outgoing, result, TOLD.after(outgoing, result, NOON), NOON)

        await self.store.write(unit)

    async def told(
        self, proof: int, attempt: int = 1, result: Result | None = None, *, whole: bool = True, priced: str = ""
    ) -> bool:
        status = Status(self.number, attempt, whole, proof, NOON + proof, result, priced)
        return await self.store.write(policy.note_status, "whatsapp", status, TOLD.after, NOON)

    async def failed(self, attempt: int = 1, result: Result = FAILED) -> bool:
        return await self.told(0, attempt, result)

    async def happens(self, what: object) -> None:
        """Our own end of the call, a failure, or the status with this proof."""
        if what == "ends":
            await self.ends(SENT)
        else:
            assert await (self.told(what) if isinstance(what, int) else self.failed())

    async def reads(self, what: str) -> tuple[object, ...]:
        def unit(tx: Tx) -> tuple[object, ...]:
            query = f"SELECT {what} FROM outbox WHERE id = ?"  # noqa: S608  # columns of the test's own
            found: tuple[object, ...] = tx._connection.execute(query, (self.number,)).fetchone()  # type: ignore[attr-defined]
            return found

        return await self.store.read(unit)

    async def state(self) -> object:
        return (await self.reads("state"))[0]

    async def alerts(self) -> int:
        return await self.store.read(lambda tx: tx.one(int, "metric_alerts") or 0)

    async def is_away(self) -> bool:
        chat = await self.store.read(lambda tx: people.conversation(tx, "whatsapp", "62812", "id", NOON))
        return bool(chat.away)

    def _row(self, tx: Tx) -> Outgoing:
        found = tx.one(Outgoing, "outbox_row", id=self.number)
        assert found is not None
        return found


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    async with books.opened(tmp_path / "a.db", SHOP) as made:
        yield made


@pytest.fixture
async def sale(store: SqliteStore) -> Sale:
    return await made(store)


async def made(store: SqliteStore, cause: str = "sale", message_class: Class = CRITICAL) -> Sale:
    """A message that waits to be sent."""

    def unit(tx: Tx) -> int:
        chat = people.conversation(tx, "whatsapp", "62812", "id", NOON)
        outbox.put(tx, chat.id, Message(Text("in.media")), NOON, cause=cause, message_class=message_class)
        rows = tx.all(Outgoing, "outbox_waiting", channel="whatsapp", after=0, most=10_000)
        return max(one.id for one in rows)

    return Sale(store, await store.write(unit))


@pytest.mark.parametrize("result", [SENT, UNKNOWN], ids=["accepted", "unclear"])
async def test_statuses_in_any_order_and_as_often_as_they_come_end_the_same(store: SqliteStore, result: Result) -> None:
    """Our own end of the call comes anywhere among them, for a webhook can be faster than an answer."""
    for number, order in enumerate(itertools.permutations(("ends", 1, 2, 3, 2))):
        sale = await made(store, f"{number}")
        await sale.claim()
        for one in order:
            await (sale.ends(result) if one == "ends" else sale.happens(one))
        assert await sale.reads("state, proof, delivered_at, read_at") == ("sent", 3, NOON + 2, NOON + 3), order


async def test_a_proof_of_delivery_beats_a_failure_whichever_comes_first(store: SqliteStore) -> None:
    for number, order in enumerate(itertools.permutations(("ends", "failed", "failed", 1, 2))):
        sale = await made(store, f"{number}")
        await sale.claim()
        for one in order:
            await sale.happens(one)
        assert await sale.state() == "sent", order
        assert await sale.alerts() == 0


async def test_without_a_proof_of_delivery_a_failure_counts_whichever_comes_first(store: SqliteStore) -> None:
    """What was only taken and then failed is sent again, and its old `sent` proves nothing of the next attempt."""
    for number, order in enumerate(itertools.permutations(("ends", "failed", 1, 1))):
        sale = await made(store, f"{number}")
        await sale.claim()
        for one in order:
            await sale.happens(one)
        assert await sale.state() == "queued", order
        await sale.claim()
        await sale.ends(UNKNOWN)
        assert await sale.state() == "unknown", order


async def test_a_failure_acts_once_however_often_it_is_told(sale: Sale) -> None:
    await sale.claim()
    await sale.ends(SENT)
    for _ in range(3):
        await sale.failed(result=Result(Outcome.AWAY))
    assert (await sale.state(), await sale.alerts(), await sale.is_away()) == ("parked", 1, True)


@pytest.mark.parametrize(
    "refused", [Outcome.CLOSED, Outcome.BARE, Outcome.LATER, Outcome.HELD, Outcome.SHUT, Outcome.NOT_SENT]
)
async def test_a_refusal_that_is_told_at_once_and_again_by_status_acts_once(sale: Sale, refused: Outcome) -> None:
    await sale.claim()
    await sale.ends(Result(refused))
    before = await sale.alerts()
    await sale.claim()
    await sale.ends(SENT)
    await sale.failed(attempt=1, result=Result(refused))
    assert (await sale.state(), await sale.alerts()) == ("sent", before)


async def test_word_of_an_earlier_attempt_counts_only_where_it_proves_a_delivery(sale: Sale) -> None:
    await sale.claim()
    await sale.ends(UNKNOWN)
    await sale.claim()
    await sale.ends(UNKNOWN)
    await sale.failed(attempt=1)
    await sale.told(1, attempt=1)
    assert await sale.state() == "unknown"
    await sale.told(2, attempt=1)
    assert await sale.state() == "sent"
    await sale.failed(attempt=2)
    assert await sale.state() == "sent"


async def test_a_message_of_several_parts_is_proven_by_its_last(sale: Sale) -> None:
    await sale.claim()
    await sale.ends(UNKNOWN)
    await sale.told(3, whole=False)
    assert await sale.state() == "unknown"
    await sale.told(1)
    assert await sale.state() == "sent"


async def test_a_part_that_failed_is_not_made_good_by_the_last(store: SqliteStore) -> None:
    """A picture that cannot be shown, and the file below it that can: all of it comes again, in another form."""
    for number, order in enumerate(itertools.permutations(("ends", "part failed", 1, 2))):
        sale = await made(store, f"{number}")
        await sale.claim()
        for one in order:
            if one == "part failed":
                await sale.told(0, result=Result(Outcome.BARE), whole=False)
            else:
                await sale.happens(one)
        assert await sale.reads("state, variant") == ("queued", "plain"), order
        await sale.claim()
        await sale.ends(UNKNOWN)
        assert await sale.state() == "unknown"
        (attempt,) = await sale.reads("attempts")
        assert isinstance(attempt, int)
        await sale.told(1, attempt)
        assert await sale.state() == "sent"


async def test_what_is_proven_meanwhile_is_not_given_up_nor_told_to_anybody(sale: Sale) -> None:
    """The fifth unclear end would park it; but its status was faster."""
    for number in range(1, 6):
        await sale.claim()
        if number == 5:
            await sale.told(1, attempt=5)
        await sale.ends(UNKNOWN)
    assert (await sale.state(), await sale.alerts(), await sale.is_away()) == ("sent", 0, False)


async def test_a_parked_message_that_turns_out_delivered_is_not_brought_again(sale: Sale) -> None:
    for _ in range(5):
        await sale.claim()
        await sale.ends(UNKNOWN)
    assert await sale.state() == "parked"
    await sale.told(1, attempt=5)
    assert await sale.state() == "parked"
    await sale.told(2, attempt=5)
    assert await sale.state() == "sent"


async def test_a_question_that_failed_is_sent_again_only_while_it_is_the_last(store: SqliteStore) -> None:
    first = await made(store, "first", PROMPT)
    await first.claim()
    await first.ends(SENT)
    await first.failed()
    assert await first.state() == "queued"
    await first.claim()
    await first.ends(SENT)
    await first.failed(attempt=2, result=Result(Outcome.CLOSED))
    assert (await first.state(), await first.alerts()) == ("dropped", 0)


async def test_what_the_platform_takes_for_it_is_kept_in_its_words(sale: Sale) -> None:
    await sale.claim()
    await sale.told(1, priced="PMP utility regular")
    await sale.told(2)
    assert await sale.reads("priced") == ("PMP utility regular",)


async def test_a_status_of_no_row_of_ours_says_so(sale: Sale) -> None:
    status = Status(sale.number + 1, 1, True, 2, NOON)
    assert not await sale.store.write(policy.note_status, "whatsapp", status, TOLD.after, NOON)
    status = Status(sale.number, 1, True, 2, NOON)
    assert not await sale.store.write(policy.note_status, "telegram", status, TOLD.after, NOON)
    assert await sale.state() == "queued"


def test_an_endless_pause_is_a_day() -> None:
    assert policy.pause(Result(Outcome.LATER, seconds=float("inf"))) == DAY
    assert RULES.after(row(), Result(Outcome.LATER, seconds=4), NOON) == Next("queued", 4_000, given_back=True)
