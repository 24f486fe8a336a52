"""Each alert that is told once: what happened, what both owners read, in both languages, and that it is remembered.

What must be played is read from the code: a message of `alerts` that no dialogue plays fails the last test.
"""

import ast
import dataclasses
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from bot.clock import HOUR, MINUTE
from bot.domain.purchase import Purchase, State
from bot.domain.supply import Sale
from bot.i18n import Catalogues
from bot.messaging.channel import Outcome
from bot.sandbox import Behaviour, Raw, answers
from bot.sandbox.answers import Shape
from bot.services import alerts, backups, facts, settlement
from bot.services.alerts import Kind
from tests.conversation.test_alarm_kinds import OWNERS, TROUBLES
from tests.conversation.test_alarms import METERS, TWO, buy, labels, minute, said, tap
from tests.conversation.test_doubt import late_sale
from tests.conversation.test_staff import code_for
from tests.services.sightings import N1, N2, P1, P2, member, says
from tests.services.test_reconciliation import proven, reconcile, sell
from tests.statement import report_of
from tests.world import World, world

ROOT = Path(__file__).resolve().parent.parent.parent / "bot"
NO_SALE = Raw(b"<root><status>ERROR</status><rc>0096</rc><rcm>[96] TIDAK DITEMUKAN ke:1</rcm></root>")
Happens = Callable[[World], Awaitable[object]]


@pytest.fixture
async def two(tmp_path: Path) -> AsyncIterator[World]:
    """A shop that guards large payments, with a good backup and two owners who have spoken, the second in English.

    A third owner is known by a number that can change hands.
    """
    shop = dataclasses.replace(TWO, pin_from=60_000, owners=(*TWO.owners, ("console", N2)))
    async with world(tmp_path, shop=shop, deposit=5_000_000) as made:
        await made.store.write(backups.noted, True, "setrum.age", made.clock())
        await made.say("menu", "boss")
        await made.say("bahasa en", "ibu")
        yield made
        assert await made.violations() == []


async def bought(shop: World, behaviour: Behaviour | None = None, order: str = f"{METERS[0]} 50") -> Purchase:
    await shop.say(order)
    if behaviour is not None:
        shop.sandbox.force(behaviour)
    await shop.say("bayar")
    return (await shop.purchases())[-1]


async def two_hours_open(shop: World) -> None:
    shop.sandbox.script("ADV", NO_SALE)
    await bought(shop, Behaviour.DROP_SOLD)
    for _ in range(5):
        await shop.later(30 * MINUTE)
    assert [one.state for one in await shop.purchases()] == [State.MANUAL]


async def sold_twice(shop: World) -> None:
    purchase = await bought(shop)
    second = Sale(msn=purchase.msn, total=51_600, tokens=("9" * 20,), adm=1_600, payref="A" * 32, paid_at=shop.clock())
    await shop.store.write(settlement.apply_sale, purchase, second, shop.shop, shop.clock(), exact=True, source="PAY")


async def an_earlier_sale_is_answered(shop: World) -> None:
    await bought(shop)
    [first] = shop.sandbox.books.sales()
    await bought(shop, Behaviour.DROP_UNSOLD, f"{METERS[0]} 50#2")
    answer = dataclasses.replace(first, sold_at=shop.clock(), payref="A" * 32)
    shop.sandbox.script("ADV", Raw(answers.sale(answer, 0, Shape.ADVICE)))
    await shop.later(MINUTE)


async def another_fee(shop: World) -> None:
    await bought(shop, Behaviour.OTHER_ADM)


async def a_token_does_not_arrive(shop: World) -> None:
    await shop.say(f"{METERS[0]} 50")
    shop.phone.outcomes = [Outcome.SENT, Outcome.AWAY]  # what comes first is that it is being sent
    await shop.say("bayar")


async def an_agent_locks_himself(shop: World) -> None:
    await shop.say("kunci")
    await shop.say("kunci ya")


async def a_cashier_guesses(shop: World) -> None:
    await shop.say(f"AGEN {await code_for(shop, 'kasir undang', 'budi')}", "siti")
    await shop.say("pin", "siti")
    for _ in range(2):
        await shop.say("246813", "siti")
    for number in range(10):
        shop.clock.forward(HOUR)
        await shop.say(f"{METERS[0]} 100", "siti")
        await shop.say("bayar", "siti")
        await shop.say(f"77{number}204", "siti")


async def a_number_changes_hands(shop: World) -> None:
    await member(shop, "Siti Cell", N1, P1)
    await says(shop, "halo", N1, P2)


async def an_owners_number_changes_hands(shop: World) -> None:
    await says(shop, "menu", N2, P1)
    await says(shop, "halo", N2, P2)


async def theirs_alone(shop: World) -> None:
    await bought(shop)
    sell(shop, "SOMEBODY", METERS[1])
    await reconcile(shop)


async def another_fee_is_reported(shop: World) -> None:
    await bought(shop)
    [sold] = shop.sandbox.sales()
    await reconcile(shop, report_of([dataclasses.replace(sold, adm=2_500)]))


async def reported_without_its_token(shop: World) -> None:
    shop.sandbox.script("ADV", NO_SALE)
    await bought(shop, Behaviour.DROP_SOLD)
    await reconcile(shop, report_of(shop.sandbox.sales(), without=["TOKEN"]))


async def ours_alone(shop: World) -> None:
    await bought(shop, order=f"{METERS[0]} 20")
    await bought(shop, order=f"{METERS[1]} 20")
    shop.clock.forward(72 * HOUR)
    data = report_of(shop.sandbox.sales()[:1])
    await reconcile(shop, data, proven(data, 21_600))


@dataclasses.dataclass(frozen=True)
class Once:
    """What is told, in which words, how it is remembered, and how it comes about."""

    key: str
    words: tuple[str, str]
    name: str
    happens: Happens

    def __str__(self) -> str:
        return self.key


FACTS = (
    Once("own.manual", ("perlu", "needs a decision"), "own.manual", two_hours_open),
    Once("own.late", ("mencatat penjualan", "lists a sale"), "own.late", late_sale),
    Once("own.double", ("dua token", "two different tokens"), "own.double", sold_twice),
    Once("own.twin", ("token", "an older token"), "own.twin", an_earlier_sale_is_answered),
    Once("own.note", ("kode –", "code –"), "own.note", another_fee),
    Once("own.undelivered", ("belum sampai", "has not reached"), "own.undelivered", a_token_does_not_arrive),
    Once("own.locked", ("dikunci", "is locked"), "own.locked", an_agent_locks_himself),
    Once("own.locked_chat", ("Satu chat", "One chat"), "own.locked", a_cashier_guesses),
    Once("own.number", ("nomor", "has changed"), "own.number", a_number_changes_hands),
    Once("own.lost_owner", ("OWNERS", "changed hands"), "own.lost_owner", an_owners_number_changes_hands),
    Once("own.differs", ("tidak cocok", "do not agree"), "own.differs", another_fee_is_reported),
    Once("own.tokenless", ("tanpa token", "without its token"), "own.tokenless", reported_without_its_token),
    Once("own.unknown_sales", ("1 penjualan", "lists 1 sale ("), "own.unknown_sales", theirs_alone),
    Once("own.ours_only", ("1 penjualan", "lacks our sale"), "own.ours_only", ours_alone),
)


@pytest.mark.parametrize("once", FACTS, ids=str)
async def test_what_happened_is_told_to_each_owner_once_and_remembered(two: World, once: Once) -> None:
    before = len(two.phone.read)
    await once.happens(two)
    await minute(two)
    read = [one for one in two.phone.read[before:] if one.key == once.key and one.to in OWNERS]
    assert [one.to for one in read] == list(OWNERS)
    for message, words in zip(read, once.words, strict=True):
        assert words.casefold() in message.text.casefold()
    assert [one for one in await minute(two) if one.key == once.key] == []
    name = Catalogues().text(facts.NAMES[once.name], "en")
    history = await said(two, "alert history", "ibu")
    [line] = [line for line in history.text.splitlines() if name in line]
    sees = [label for label in labels(history) if label.startswith("👁 See T")]
    for sale in line.split(" · ")[1:]:  # what it was about is one tap away
        assert f"👁 See {sale}" in sees
        [shown] = await tap(two, history, f"👁 See {sale}")
        assert shown.key == "own.sale"
    assert (await two.say("alarm riwayat"))[-1].key == "start.agent"


async def test_a_trial_that_fails_is_news_of_the_alert_that_stands(two: World) -> None:
    timed_out = Raw(b"<root><status>ERROR</status><rc>0068</rc><rcm>[68] TIMEOUT ke:1</rcm></root>")
    await buy(two, METERS[0], rc=46)
    [told] = [one for one in two.phone.read if one.to == "boss" and one.key == "alarm.stop"]
    await tap(two, told, "✅ Saya urus")
    await two.say("buka coba", "boss")
    before = len(two.phone.read)
    two.sandbox.script("ADV", NO_SALE)
    two.sandbox.script("PAY", timed_out)
    await two.say(f"{METERS[1]} 20")
    await two.say("bayar")
    read = [one for one in two.phone.read[before:] if one.to in OWNERS]
    assert [(one.to, one.key) for one in read] == [(who, "alarm.trial") for who in OWNERS]
    assert "✅ I take it" in labels(read[1])  # whoever took it on may have thought that it was over
    assert len(await two.store.read(alerts.standing)) == 1


# read from the code

_RAISE = {"rise", "holds", "announce", "raise_alert", "_alarm", "_alert_once"}
_BESIDE = {"alarm.others", "own.manual_more"}  # lines below an alert
_ELSEWHERE = {"alarm.trial"}  # above


def told_by_the_code() -> set[str]:
    """The messages that stand in functions that raise an alert, or that say what is wrong with backups."""
    known = set(Catalogues().texts("id"))
    found: set[str] = set()
    for path in ROOT.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if not any(word in text for word in (*_RAISE, "alert_add", "def trouble")):
            continue
        for function in ast.walk(ast.parse(text)):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            nodes = list(ast.walk(function))
            calls = [one.func for one in nodes if isinstance(one, ast.Call)]
            names = {one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "") for one in calls}
            words = {one.value for one in nodes if isinstance(one, ast.Constant) and isinstance(one.value, str)}
            if names & _RAISE or "alert_add" in words or (path.stem, function.name) == ("backups", "trouble"):
                found |= {word for word in words & known if word.startswith(("own.", "alarm.", "dep."))}
    return found


def test_every_message_that_the_code_raises_is_played_above() -> None:
    played = {one.key for one in TROUBLES} | {one.key for one in FACTS}
    assert told_by_the_code() == played | _BESIDE | _ELSEWHERE


def test_every_kind_that_lasts_is_played_above() -> None:
    assert {one.kind for one in TROUBLES} == set(Kind)


def test_every_fact_has_a_name_in_the_history() -> None:
    assert {one.name for one in FACTS} == set(facts.NAMES)
