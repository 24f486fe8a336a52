"""A purchase that takes long on WhatsApp: nothing can be changed there, so little is said and results come anew."""

from pathlib import Path

import pytest

from bot.sandbox.scenarios import PREFIX
from tests.street import faster
from tests.whatsapp.conftest import proper
from tests.whatsapp.double import Person, Shown
from tests.whatsapp.street import AGENT, SHOP, street
from tests.whatsapp.talk import METER, card, digits, is_done, new, pay_label, sale, says, speaks, taps

PENDING = {"id": "Sedang diproses PLN", "en": "PLN is processing"}
HELD = {"id": "Rp52.000 DITAHAN", "en": "Rp52.000 is ON HOLD"}
CHECK_NOW = {"id": "🔄 Cek sekarang", "en": "🔄 Check now"}
TELL = {"id": "💬 Kabari pelanggan", "en": "💬 Tell customer"}
HELP = {"id": "🆘 Bantuan", "en": "🆘 Help"}
LATE = {"id": "Token sudah keluar", "en": "The token is out"}
RETURNED = {"id": "kembali ke saldo. Saldo Rp500.000", "en": "back in your balance. Balance Rp500.000"}
FAILED = {"id": "gagal:", "en": "failed:"}


async def pays(person: Person, order: str, wanted: str) -> tuple[Shown, Shown]:
    """The card that was paid, and what is seen next."""
    payment = await card(person, order)
    return payment, await taps(person, pay_label(payment), wanted, payment)


async def test_a_late_token_comes_as_messages_of_its_own_and_nothing_is_said_between(
    tmp_path: Path, language: str
) -> None:
    async with street(tmp_path, shop=faster(SHOP, pending=100, janitor=50, advice=(300, 300, 300))) as town:
        agent = await speaks(town, AGENT, language)
        mark = agent.mark()
        payment, pending = await pays(agent, f"{PREFIX}02 50", PENDING[language])
        assert pending.labels == [CHECK_NOW[language], TELL[language], HELP[language]]
        assert HELD[language] in pending.text
        await agent.sees(LATE[language])
        await town.settled()
        _, _, token, done = said = new(agent, mark)
        assert said[:2] == [payment, pending]
        assert (bool(digits(token)), is_done(done)) == (True, True)
        assert {pending.context, token.context, done.context} == {payment.wamid}
        await proper(town)


async def test_the_customer_is_told_to_wait_in_words_to_forward(tmp_path: Path, language: str) -> None:
    async with street(tmp_path, shop=faster(SHOP, pending=100, janitor=50)) as town:
        agent = await speaks(town, AGENT, language)
        _, pending = await pays(agent, f"{PREFIX}03 50", PENDING[language])
        told = await taps(agent, TELL[language], "1111 1111 103", pending)
        assert told.labels == []
        for secret in ("52.000", "saldo", "balance"):
            assert secret not in told.text
        await says(agent, sale(pending), HELD[language].partition(" ")[0])


@pytest.mark.parametrize(
    ("meter", "reason", "way_on"),
    [
        ("13", {"id": "batas kWh bulanan PLN", "en": "monthly kWh limit"}, "✏️"),
        ("16", {"id": "PLN menolak transaksi ini", "en": "PLN refused this one"}, "🔁"),
    ],
)
async def test_what_was_not_sold_is_said_with_the_money_back_and_a_way_on(
    tmp_path: Path, language: str, meter: str, reason: dict[str, str], way_on: str
) -> None:
    quick = faster(SHOP, pending=100, janitor=50, verify=50, verify_long=50, advice=(50,) * 20)
    async with street(tmp_path, shop=quick) as town:
        agent = await speaks(town, AGENT, language)
        payment, pending = await pays(agent, f"{PREFIX}{meter} 50", "⏳")
        failed = await agent.sees(FAILED[language])
        assert (HELD[language].partition(" ")[0] in pending.text, RETURNED[language] in failed.text) == (True, True)
        assert (reason[language] in failed.text, failed.labels[0][:2].strip()) == (True, way_on[:2].strip())
        assert failed.context == payment.wamid
        await says(agent, "saldo", "Rp500.000")
        await town.settled()
        await proper(town)


async def test_an_open_purchase_shows_how_it_stands_as_often_as_it_is_asked_for(tmp_path: Path, language: str) -> None:
    async with street(tmp_path, shop=faster(SHOP, pending=100, janitor=50)) as town:
        agent = await speaks(town, AGENT, language)
        _, pending = await pays(agent, f"{PREFIX}03 50", PENDING[language])
        for words in (f"cek {sale(pending)}", sale(pending), f"struk {sale(pending)}", f"token {sale(pending)}"):
            shown = await says(agent, words, "Rp52.000")
            assert not digits(shown)
        listed = await says(agent, "riwayat", "⏳")
        assert sale(pending) in listed.text
        balance = await says(agent, "saldo", "Rp448.000")
        assert "Rp52.000 (1" in balance.text
        other = await card(agent, f"{METER} 20")
        await taps(agent, pay_label(other), is_done, other)
