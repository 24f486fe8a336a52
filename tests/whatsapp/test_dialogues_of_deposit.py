"""Topping up on WhatsApp: a list of amounts, digits alone to copy, three buttons, words instead of taps."""

import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.domain.rules import Bank
from bot.services import ledger
from tests.whatsapp.conftest import proper
from tests.whatsapp.street import AGENT, OWNER, SHOP, Street, street
from tests.whatsapp.talk import says, speaks, taps

BANK = Bank("BCA", "0123456789", "Sri Wahyuni")
TOP_UP = {"id": "➕ Isi saldo", "en": "➕ Top up"}
CARD = {"id": "transfer TEPAT Rp200.138", "en": "transfer EXACTLY Rp200.138"}
COPY = {"id": "📋 Salin jumlah", "en": "📋 Copy amount"}
PAID = {"id": "✅ Sudah transfer", "en": "✅ I have paid"}
WAITING = {"id": "menunggu pengecekan", "en": "is being checked"}
FIND = {"id": "Cari angka ini", "en": "Find this figure"}
CREDITED = {"id": "Saldo masuk Rp200.138", "en": "Credited Rp200.138"}
REJECTED = {"id": "ditolak: nama pengirim lain", "en": "rejected: nama pengirim lain"}


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Street]:
    """A shop with a bank account."""
    async with street(tmp_path, shop=dataclasses.replace(SHOP, bank=BANK)) as made:
        made.api.state.pace.off()
        yield made
        await proper(made)


async def test_a_transfer_is_announced_by_a_list_and_buttons_and_approved_by_a_tap(town: Street, language: str) -> None:
    owner, agent = await speaks(town, OWNER, language), await speaks(town, AGENT, language)
    await says(owner, "menu", "Halo" if language == "id" else "Hello")
    balance = await says(agent, "saldo", "Rp500.000")
    question = await taps(agent, TOP_UP[language], {"id": "Isi saldo berapa", "en": "How much"}[language], balance)
    assert question.kind == "list"
    card = await taps(agent, "200rb", CARD[language], question)
    assert (card.kind, card.labels[:2]) == ("button", [COPY[language], PAID[language]])
    await taps(agent, COPY[language], lambda seen: seen.text == "200138", card)
    mark = owner.mark()
    await taps(agent, PAID[language], WAITING[language], card)
    asked = await owner.sees(FIND[language], after=mark)
    assert len(asked.labels) == 3
    mark = agent.mark()
    await taps(owner, asked.labels[0], "500.000 + 200.138 = 700.138", asked)
    await agent.sees(CREDITED[language], after=mark)
    await taps(owner, asked.labels[0], {"id": "Tidak ada yang berubah", "en": "Nothing changed"}[language], asked)
    assert (await town.read(lambda tx: ledger.agent_account(tx, 1))).posted == 700_138


async def test_by_words_alone_a_ticket_is_rejected_and_the_next_one_paid(town: Street, language: str) -> None:
    owner, agent = await speaks(town, OWNER, language), await speaks(town, AGENT, language)
    await says(owner, "menu", "Halo" if language == "id" else "Hello")
    await says(agent, "tiket 200000", CARD[language])
    await says(agent, "tiket sudah", WAITING[language])
    mark = agent.mark()
    await says(owner, "tolak 1 nama pengirim lain", "#1")
    await agent.sees(REJECTED[language], after=mark)
    await says(agent, "tiket 200000", "Rp200.275")
    await says(agent, "tiket sudah", WAITING[language])
    await says(owner, "tiket", "Rp200.275")
    await says(owner, "setuju 2", "500.000 + 200.275 = 700.275")
    await says(agent, "mutasi", "+200.275 → 700.275")


async def test_credit_and_its_repayment_by_lists_and_buttons(town: Street, language: str) -> None:
    owner, agent = await speaks(town, OWNER, language), await speaks(town, AGENT, language)
    await says(owner, "menu", "Halo" if language == "id" else "Hello")
    await says(agent, "saldo", "Rp500.000")
    book, line = {"id": "✅ Catat", "en": "✅ Book it"}[language], {"id": "utang", "en": "credit"}[language]
    sure = await says(owner, f"isi A001 200000 {line}", "500.000 → 700.000")
    assert (sure.kind, sure.labels[0]) == ("button", book)
    mark = agent.mark()
    await taps(owner, book, "700.000", sure)
    await agent.sees("500.000 + 200.000 = 700.000", after=mark)
    debts = await says(owner, {"id": "piutang", "en": "owed"}[language], "Rp200.000")
    much = await taps(owner, debts.labels[0], {"id": "berutang", "en": "owes"}[language], debts)
    assert much.labels[0] == {"id": "Semua Rp200.000", "en": "All Rp200.000"}[language]
    sure = await says(owner, "150000", "200.000 → 50.000")
    mark = agent.mark()
    await taps(owner, book, "50.000", sure)
    await agent.sees("Rp150.000", after=mark)
    assert await town.violations() == []
