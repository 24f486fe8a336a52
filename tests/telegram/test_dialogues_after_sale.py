"""After the sale on Telegram: the refused token's buttons, what is copied, the owner's link, pages of the history."""

import dataclasses
from pathlib import Path

from tests.street import faster
from tests.telegram.double import Person
from tests.telegram.street import AGENT, OWNER, SHOP, STRANGER, Street, street
from tests.telegram.talk import METER, bought, digits, sale, says, taps

COMPLAIN = {"id": "🆘 Komplain", "en": "🆘 Complain"}
REASON = {"id": "Ada apa dengan", "en": "What is wrong with"}
REFUSED = {"id": "Token ditolak meter", "en": "Meter refuses it"}
NOT_HIS = {"id": "❓ Token ditolak", "en": "❓ Token refused"}
DISPLAY = {"id": "tulisan di layar", "en": "meter display say"}
FOR_PLN = {"id": "Untuk PLN 123", "en": "For PLN 123"}
NOTED = {"id": "📝 Sudah kami catat", "en": "📝 Noted on"}
COPY = {"id": "📋 Salin data", "en": "📋 Copy data"}
CONTACT = {"id": "💬 Hubungi pemilik", "en": "💬 Contact owner"}
FIND = {"id": "🔎 Cari token saya", "en": "🔎 Find my token"}


async def agent_of(town: Street, language: str) -> Person:
    """The agent in this language."""
    agent = town.person(AGENT)
    await says(agent, f"bahasa {language}", {"id": "bahasa Indonesia", "en": "English"}[language])
    return agent


async def test_a_refused_token_from_the_button_below_the_sale_to_the_owners_chat(tmp_path: Path, language: str) -> None:
    shop = dataclasses.replace(SHOP, owner_contact="@tokouji")
    async with street(tmp_path, shop=shop) as town:
        owner, agent = town.person(OWNER), await agent_of(town, language)
        await says(owner, "menu", "Deposit VSI")
        at_owner = owner.mark()
        token, done = await bought(agent)
        assert done.labels[-1] == COMPLAIN[language]
        reasons = await taps(agent, COMPLAIN[language], REASON[language], done)
        question = await taps(agent, REFUSED[language], DISPLAY[language], reasons)
        mark = agent.mark()
        agent.tap("GAGAL / SALAH", question)
        text = await agent.sees(FOR_PLN[language], after=mark)
        copied = next(one.copy for row in text.buttons for one in row if one.label == COPY[language])
        assert digits(token) in copied.replace(" ", "")
        assert digits(text) == digits(token)
        noted = await agent.sees(NOTED[language], after=mark)
        assert noted.text.startswith(NOTED[language])
        link = next(one.url for row in noted.buttons for one in row if one.label == CONTACT[language])
        assert link == f"https://t.me/tokouji?text={sale(done)}"
        told = await owner.sees(f"📝 {sale(done)}", after=at_owner)
        assert told.text.endswith("Token ditolak meter: GAGAL")
        whole = await taps(owner, f"👁 Lihat {sale(done)}", "trxid", told)
        assert f"{METER[:4]} {METER[4:8]} {METER[8:]}" in whole.text


async def test_a_customer_asks_from_the_start_and_again_once_he_has_proved_it(town: Street, language: str) -> None:
    token, _ = await bought(town.person(AGENT))
    (sold,) = await town.purchases()
    customer = town.person(STRANGER, language)
    customer.start()
    start = await customer.sees("Setrum")
    question = await taps(customer, NOT_HIS[language], DISPLAY[language], start)
    advice = await taps(customer, "PERIKSA", "PLN 123", question)
    assert not digits(advice)
    await taps(customer, FIND[language], "11 ", advice)
    await says(customer, METER, {"id": "pilih satu bukti", "en": "choose one proof"}[language])
    mark = customer.mark()
    customer.say(f"{(sold.payref or '')[-4:]} 50")
    found = await customer.sees("B*** S******", after=mark)
    question = await taps(customer, NOT_HIS[language], DISPLAY[language], found)
    text = await taps(customer, "OVER", FOR_PLN[language], question)
    assert digits(text) == digits(token)
    assert "BUDI" not in text.text


async def test_ten_sales_a_page_and_each_opens(tmp_path: Path) -> None:
    async with street(tmp_path, shop=faster(SHOP), deposit=2_000_000) as town:
        agent = town.person(AGENT)
        for number in range(11):
            await bought(agent, f"54123457{number:03d} 20")
        page = await says(agent, "riwayat", "🧾")
        assert (len(page.labels), page.labels[-1]) == (10, "Berikutnya")
        rest = await taps(agent, "Berikutnya", lambda one: "🧾" in one.text and "T10001" in one.text, page)
        opened = await taps(agent, "👁 Lihat T10001", "SUKSES T10001", rest)
        assert "📤 Token terkirim" in opened.text
