"""Topping up on Telegram: an amount to copy, a tap that says paid, two owners' taps and one credit; a statement."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.rules import Bank
from bot.services import ledger
from tests.telegram.conftest import proper
from tests.telegram.double import Person, Shown
from tests.telegram.street import AGENT, OTHER, OWNER, SHOP, Street, street
from tests.telegram.talk import bought, copied, says, taps

BANK = Bank("BCA", "0123456789", "Sri Wahyuni")
OWNERS = (("telegram", str(OWNER)), ("telegram", str(OTHER)))
TOP_UP = {"id": "➕ Isi saldo", "en": "➕ Top up"}
CARD = {"id": "transfer TEPAT Rp200.138", "en": "transfer EXACTLY Rp200.138"}
PAID = {"id": "✅ Sudah transfer", "en": "✅ I have paid"}
WAITING = {"id": "menunggu pengecekan", "en": "is being checked"}
FIND = {"id": "Cari angka ini di mutasi bank", "en": "Find this figure in the bank statement"}
APPROVE = {"id": "✅ Setuju", "en": "✅ Approve"}
OTHER_AMOUNT = {"id": "✏️ Nominal beda", "en": "✏️ Other amount"}
CREDITED = {"id": "✅ Saldo masuk", "en": "✅ Credited"}
STATEMENT = {"id": "📒 Mutasi", "en": "📒 Ledger"}


@pytest.fixture
async def town(tmp_path: Path, mode: str) -> AsyncIterator[Street]:
    """A shop with a bank account and two owners."""
    shop = dataclasses.replace(SHOP, owners=OWNERS, bank=BANK, second_approver=100_000)
    async with street(tmp_path, mode, shop=shop) as made:
        made.api.state.pace.off()
        yield made
        await proper(made)


async def arrive(town: Street, language: str) -> tuple[Person, Person, Person]:
    """The agent and both owners have pressed Start."""
    people = [town.person(number, language) for number in (AGENT, OWNER, OTHER)]
    for one in people:
        one.start()
        await one.sees()
    return people[0], people[1], people[2]


def answers(shown: Shown) -> bool:
    """What is said to a tap, and not what the question became."""
    return "#1" in shown.text and "💰" not in shown.text


async def test_a_transfer_is_announced_by_taps_and_credited_once_by_two_owners(town: Street, language: str) -> None:
    agent, first, second = await arrive(town, language)
    question = await taps(agent, TOP_UP[language], {"id": "Isi saldo berapa", "en": "How much"}[language])
    card = await taps(agent, "200rb", CARD[language], question)
    assert copied(card) == ["200138"]
    marks = first.mark(), second.mark()
    await taps(agent, PAID[language], WAITING[language], card)
    asked = [await one.sees(FIND[language], after=mark) for one, mark in zip((first, second), marks, strict=True)]
    mark, marks = agent.mark(), (first.mark(), second.mark())
    for one, shown in zip((first, second), asked, strict=True):
        one.tap(APPROVE[language], shown)
    ends = [await one.sees(answers, after=since) for one, since in zip((first, second), marks, strict=True)]
    credited = await agent.sees(CREDITED[language], after=mark)
    assert "500.000 + 200.138 = 700.138" in credited.text
    await town.settled()
    assert (await town.read(lambda tx: ledger.agent_account(tx, 1))).posted == 700_138
    assert sum(word in one.text for one in ends for word in ("Tidak ada yang berubah", "Nothing changed")) == 1
    assert sum(CREDITED[language] in one.text for one in agent.screen) == 1


async def test_another_amount_came_and_the_statement_says_so(town: Street, language: str) -> None:
    agent, owner, other = await arrive(town, language)
    await bought(agent)
    mark = owner.mark()
    await says(agent, {"id": "tiket 200000", "en": "topup 200000"}[language], CARD[language])
    await taps(agent, PAID[language], WAITING[language])
    question, theirs = await owner.sees(FIND[language], after=mark), await other.sees(FIND[language])
    await taps(owner, OTHER_AMOUNT[language], {"id": "benar-benar masuk", "en": "really came in"}[language], question)
    sure = await says(owner, "150", "Rp150.000")
    mark = agent.mark()
    await taps(owner, APPROVE[language], "448.000 + 150.000 = 598.000", sure)
    credited = await agent.sees(CREDITED[language], after=mark)
    await other.until(lambda: not theirs.labels)  # the question is settled on the other phone, too
    day = await taps(agent, STATEMENT[language], "📒", credited)
    assert "−52.000 → 448.000" in day.text
    assert "+150.000 → 598.000" in day.text


async def test_credit_by_taps_and_a_correction_that_the_other_owner_approves(town: Street) -> None:
    agent, owner, other = await arrive(town, "id")
    whom = await says(owner, "/isi", "Isi saldo siapa")
    much = await taps(owner, f"A001 Agen {AGENT}", "berapa? Contoh: 200000", whom)
    how = await taps(owner, "200rb", "tunai sekarang", much)
    sure = await taps(owner, "📝 Utang", "utang 0 → 200.000", how)
    mark = agent.mark()
    booked = await taps(owner, "✅ Catat", "saldo 700.000 · utang 200.000", sure)
    assert "Utang sekarang Rp200.000" in (await agent.sees("dicatat utang", after=mark)).text
    owner.tap("✅ Catat", sure)  # once more
    await owner.sees(lambda one: one.text.endswith(f"\n{booked.text}") and one.message_id > booked.message_id)
    mark = other.mark()
    sure = await says(owner, f"saldo- agen {AGENT} 150000 dobel", "🔏 Setelah ini pemilik lain")
    await taps(owner, "✅ Catat", "🔏 P1 menunggu", sure)
    asked = await other.sees(f"Telegram …{OWNER} minta persetujuan", after=mark)
    mark = owner.mark()
    await taps(other, "✅ Setuju", "saldo 550.000 · utang 200.000", asked)
    await owner.sees("✅ P1 disetujui", after=mark)
    assert (await town.read(lambda tx: ledger.agent_account(tx, 1))).posted == 550_000
    assert await town.violations() == []
