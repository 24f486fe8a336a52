"""One account on WhatsApp and Telegram: joined by a code, with one deposit and one history, found again on either.

And people whose number is hidden, shown, changed, or out of reach.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import ledger
from tests.street import faster
from tests.telegram import double as tg
from tests.whatsapp.conftest import proper
from tests.whatsapp.double import Person
from tests.whatsapp.street import AGENT, OTHER, OWNER, SHOP, Street, street
from tests.whatsapp.talk import (
    AGAIN,
    FROZEN,
    METER,
    STALE,
    bought,
    card,
    digits,
    invitation,
    is_card,
    is_done,
    later,
    named,
    new,
    pay_label,
    sale,
    says,
    speaks,
    taps,
)

BUDI = 22  # on Telegram
ADDED = {"id": "Chat ini ikut akun Agen 22. 24 jam pertama", "en": "This chat has joined account Agen 22."}
SHORT = "Saldo kurang Rp52.000"


@asynccontextmanager
async def both(folder: Path, *, shop: Shop = SHOP, deposit: int = 500_000) -> AsyncIterator[tuple[Street, tg.Person]]:
    """A shop on both platforms, and its agent, whom it knows on Telegram."""
    async with (
        tg.BotApi(clock=tg.Clock(factor=20)) as api,
        street(folder, telegram=api, shop=shop, deposit=deposit, agents=(("telegram", str(BUDI)),)) as town,
    ):
        api.state.pace.off()
        town.api.state.pace.off()
        yield town, api.person(BUDI, "Budi")
        await town.settled()
        await proper(town)
        assert api.unsupported == []


async def joined(town: Street, budi: tg.Person, language: str = "id") -> Person:
    """The agent's WhatsApp, linked by the code that his Telegram asked for."""
    code = await invitation(budi, "kasir chat")
    phone = await speaks(town, AGENT, language)
    await says(phone, f"AGEN {code}", ADDED[language])
    return phone


async def test_an_agent_on_telegram_links_his_whatsapp_and_has_one_deposit_and_one_history(
    tmp_path: Path, language: str
) -> None:
    async with both(tmp_path) as (town, budi):
        phone = await joined(town, budi, language)
        here, there = await bought(phone), await bought(budi, "54123456780 20")
        for person in (phone, budi):
            await says(person, "saldo", "Rp426.000")
            listed = await says(person, "riwayat", "🧾")
            assert all(f"{sale(done)} " in listed.text for _, done in (here, there))
        again = await says(budi, f"token {sale(here[1])}", AGAIN["id"])
        assert digits(again) == digits(here[0])
        await says(phone, f"token {sale(there[1])}", lambda one: digits(one) == digits(there[0]))
        await says(phone, f"struk {sale(there[1])}", lambda one: one.kind == "document")


async def test_an_agent_on_whatsapp_links_his_telegram_by_the_same_word(tmp_path: Path) -> None:
    async with tg.BotApi(clock=tg.Clock(factor=20)) as api, street(tmp_path, telegram=api) as town:
        api.state.pace.off()
        phone, budi = town.person(AGENT), api.person(BUDI, "Budi")
        await named(town)
        await budi.until(lambda: api.count("setMyCommands") > 0)
        shown = await says(phone, "kasir chat", "AGEN ")
        assert "Telegram: https://t.me/" in shown.text
        assert "WhatsApp: https://wa.me/" in shown.text
        start = next(line for line in shown.text.split("\n") if "t.me/" in line).partition("start=")[2]
        budi.start(start)
        await budi.sees(f"Chat ini ikut akun Agen {AGENT}")
        token, done = await bought(budi)
        await says(phone, f"token {sale(done)}", lambda one: digits(one) == digits(token))
        await says(phone, "saldo", "Rp448.000")
        await town.settled()
        await proper(town)


async def test_a_code_joins_one_chat_once(tmp_path: Path, language: str) -> None:
    async with both(tmp_path) as (town, budi):
        code = await invitation(budi, "kasir chat")
        phone, other = await speaks(town, AGENT, language), await speaks(town, OTHER, language)
        await says(phone, f"AGEN {code}", ADDED[language])
        await says(phone, f"AGEN {code}", ADDED[language])  # tapped twice, joined once
        await says(other, f"AGEN {code}", {"id": "Kode itu tidak berlaku", "en": "That code does not work"}[language])


@pytest.mark.parametrize("first", ["whatsapp", "telegram"])
async def test_of_two_payments_at_the_same_moment_the_balance_buys_one(tmp_path: Path, first: str) -> None:
    async with both(tmp_path, deposit=52_000) as (town, budi):
        phone = await joined(town, budi)
        here, there = await card(phone), await card(budi, "54123456780 50")
        marks = phone.mark(), budi.mark()
        if first == "telegram":
            budi.tap(pay_label(there), there)
        phone.tap(pay_label(here), here)
        if first == "whatsapp":
            budi.tap(pay_label(there), there)
        await town.settled()
        on_phone = [one.text for one in new(phone, marks[0])]
        on_budi = [one.text for one in budi.screen if one.changed > marks[1]]
        ends = [any(word in text for text in said) for said in (on_phone, on_budi) for word in ("✅ SUKSES", SHORT)]
        assert sorted([ends[:2], ends[2:]]) == [[False, True], [True, False]]
        (sold,) = await town.purchases()
        account = await town.read(partial(ledger.agent_account, agent_id=sold.agent_id))
        assert (account.posted, account.held, town.sandbox.count("PAY")) == (0, 0, 1)


async def test_the_same_purchase_confirmed_on_both_at_the_same_moment_is_bought_once(tmp_path: Path) -> None:
    async with both(tmp_path, shop=faster(SHOP, pending=100, advice=(4_000, 200, 200, 200))) as (town, budi):
        phone = await joined(town, budi)
        here, there = await card(phone, "11111111102 50"), await card(budi, "11111111102 50")
        phone.tap(pay_label(here), here)
        budi.tap(pay_label(there), there)
        await town.settled()
        said = [one.text for person in (phone, budi) for one in person.screen]
        assert [sum(word in text for text in said) for word in ("✅ SUKSES", "Pembelian yang sama")] == [1, 1]
        assert (len(await town.purchases()), town.sandbox.count("PAY")) == (1, 1)


async def test_what_is_frozen_is_frozen_on_both(tmp_path: Path, language: str) -> None:
    async with both(tmp_path) as (town, budi):
        phone, owner = await joined(town, budi, language), town.person(OWNER)
        here, there = await card(phone), await card(budi)
        await says(owner, "beku A001 ya", "dibekukan")
        await taps(phone, pay_label(here), FROZEN[language], here)
        await taps(budi, pay_label(there), FROZEN["id"], there)
        await says(owner, "aktif A001", "bisa membeli")
        await bought(phone)
        assert len(town.sandbox.sales()) == 1


async def test_a_further_chat_buys_little_in_its_first_day_and_the_first_chat_what_it_likes(tmp_path: Path) -> None:
    async with both(tmp_path, deposit=3_000_000) as (town, budi):
        phone = await joined(town, budi)
        await says(phone, f"{METER} 1jt", "Ini batas 24 jam pertama chat yang baru ikut")
        await bought(budi, f"{METER} 1jt")


async def test_a_token_that_whatsapp_cannot_bring_comes_on_telegram_and_a_later_copy_is_headed(
    tmp_path: Path,
) -> None:
    async with both(tmp_path, shop=faster(SHOP, pending=100, janitor=50, advice=(600, 600, 600))) as (town, budi):
        phone = await joined(town, budi)
        payment = await card(phone, "11111111102 50")
        await taps(phone, pay_label(payment), "Sedang diproses PLN", payment)
        phone.block()
        token = await budi.sees(lambda one: bool(digits(one)))
        done = await budi.sees(is_done)
        assert AGAIN["id"] not in token.text
        await town.settled()
        assert not any(digits(one) for one in phone.screen)
        phone.unblock()
        later(town)
        copy = await says(phone, "saldo", lambda one: bool(digits(one)))
        assert copy.text.startswith(f"*{AGAIN['id']} · {sale(done)}*\n")
        assert digits(copy) == digits(token)
        await town.settled()
        assert [bool(digits(one)) for one in phone.screen].count(True) == 1
        assert [bool(digits(one)) for one in budi.screen].count(True) == 1


# one person and his names


async def test_a_changed_number_keeps_the_chat_and_its_language_but_the_deposit_waits_for_a_new_code(
    town: Street, language: str
) -> None:
    owner, agent = town.person(OWNER), await speaks(town, AGENT, language)
    await says(owner, "menu", "Deposit")
    token, done = await bought(agent)
    payment = await card(agent, "54123456780 20")
    mark = agent.mark()
    agent.change_number("628129999999")
    await agent.sees({"id": "Nomor chat ini berganti", "en": "number of this chat has changed"}[language], after=mark)
    told = await owner.sees("undang A001")
    assert AGENT in told.text
    await taps(agent, pay_label(payment), STALE[language], payment)
    await says(agent, f"{METER} 50", {"id": "Beli lewat agen kami", "en": "Buy from one of our agents"}[language])
    await says(agent, f"token {sale(done)}", "Toko Uji")
    await town.settled()
    assert len(town.sandbox.sales()) == 1
    code = await invitation(owner, "undang A001")
    await says(agent, f"AGEN {code}", {"id": "aktif di chat ini", "en": "now works in this chat"}[language])
    await says(agent, "saldo", "Rp448.000")
    await says(agent, f"token {sale(done)}", lambda one: digits(one) == digits(token))


async def test_the_new_holder_of_an_agents_number_is_a_stranger(town: Street) -> None:
    agent = town.person(AGENT)
    _, done = await bought(agent)
    agent.change_number("628129999999")
    await town.settled()
    mark = agent.mark()
    stranger = town.api.person(AGENT, "Orang lain", user_id="ID.31")
    await says(stranger, "saldo", "bot token listrik Toko Uji")
    await says(stranger, f"token {sale(done)}", "bot token listrik Toko Uji")
    await says(stranger, f"{METER} 50", "Beli lewat agen kami")
    await town.settled()
    assert (new(agent, mark), len(town.sandbox.sales())) == ([], 1)


async def test_whoever_hides_his_number_buys_and_is_the_same_chat_once_he_shows_it(tmp_path: Path) -> None:
    async with street(tmp_path, agents=(("whatsapp", "ID.7"),)) as town:
        agent = town.api.person(AGENT, "Budi", user_id="ID.7", username="budi")
        agent.hide_number()
        token, done = await bought(agent)
        assert {token.to, done.to} == {"ID.7"}
        payment = await card(agent, "54123456780 20")
        agent.show_number()
        paid = await taps(agent, pay_label(payment), is_done, payment)
        assert paid.to == AGENT
        listed = await says(agent, "riwayat", sale(done))
        assert sale(paid) in listed.text
        assert await town.read(_chats) == 1
        await town.settled()
        await proper(town)


async def test_a_known_number_that_hides_later_goes_on_as_he_was(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    payment = await card(agent)
    agent.hide_number()
    await taps(agent, pay_label(payment), is_done, payment)
    await says(agent, "saldo", "Rp448.000")
    await town.settled()
    assert await town.read(_chats) == 1


async def test_an_id_that_nobody_has_seen_with_the_agents_number_is_a_stranger_until_it_is(town: Street) -> None:
    agent = town.person(AGENT)
    agent.hide_number()
    await says(agent, f"{METER} 50", "Beli lewat agen kami")
    agent.show_number()
    assert is_card(await card(agent))


def _chats(tx: Tx) -> int:
    """How many chats there ever were."""
    return tx.one(int, "conversation_last_id") or 0
