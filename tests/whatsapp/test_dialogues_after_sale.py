"""After the sale on WhatsApp: typed where no button fits, lists that open, a link as a line, the token typed back."""

import dataclasses
from pathlib import Path

from tests.whatsapp.street import AGENT, OWNER, SHOP, STRANGER, Street, street
from tests.whatsapp.talk import METER, bought, digits, sale, says, speaks, taps

REASON = {"id": "Ada apa dengan", "en": "What is wrong with"}
REFUSED = {"id": "Token ditolak meter", "en": "Meter refuses it"}
NOT_HIS = {"id": "❓ Token ditolak", "en": "❓ Token refused"}
DISPLAY = {"id": "tulisan di layar", "en": "meter display say"}
FOR_PLN = {"id": "Untuk PLN 123", "en": "For PLN 123"}
NOTED = {"id": "📝 Sudah kami catat", "en": "📝 Noted on"}
CONTACT = {"id": "💬 Hubungi pemilik", "en": "💬 Contact owner"}
ARE_A_TOKEN = {"id": "Itu 20 angka token", "en": "Those are the 20 digits of a token"}


async def test_a_refused_token_is_typed_and_chosen_from_lists_and_the_link_is_a_line(
    tmp_path: Path, language: str
) -> None:
    shop = dataclasses.replace(SHOP, owner_contact="6281234567890")
    async with street(tmp_path, shop=shop) as town:
        owner, agent = town.person(OWNER), await speaks(town, AGENT, language)
        await says(owner, "menu", "Deposit VSI")
        at_owner = owner.mark()
        token, done = await bought(agent)
        assert (done.kind, len(done.labels)) == ("button", 3)  # the fourth option is typed here
        reasons = await says(agent, f"komplain {sale(done)}", REASON[language])
        assert (reasons.kind, len(reasons.labels)) == ("list", 5)
        question = await taps(agent, REFUSED[language], DISPLAY[language], reasons)
        assert (question.kind, len(question.labels)) == ("list", 6)
        mark = agent.mark()
        agent.tap("USED / TERPAKAI", question)
        text = await agent.sees(FOR_PLN[language], after=mark)
        assert digits(text) == digits(token)
        assert text.text.splitlines()[-1].endswith("USED")
        noted = await agent.sees(NOTED[language], after=mark)
        assert noted.text.splitlines()[-1] == f"{CONTACT[language]}: https://wa.me/6281234567890?text={sale(done)}"
        await owner.sees(f"📝 {sale(done)}", after=at_owner)


async def test_a_token_typed_back_is_its_sale_for_the_seller_and_nothing_for_anybody_else(
    town: Street, language: str
) -> None:
    agent, customer = await speaks(town, AGENT, language), await speaks(town, STRANGER, language)
    token, done = await bought(agent)
    typed = digits(token)
    shown = await says(agent, " ".join(typed[start : start + 4] for start in range(0, 20, 4)), "📤")
    assert f"{sale(done)} · BUDI SANTOSA" in shown.text
    assert (shown.kind, len(shown.labels)) == ("list", 5)
    answer = await says(customer, typed, ARE_A_TOKEN[language])
    assert "BUDI" not in answer.text
    question = await taps(customer, NOT_HIS[language], DISPLAY[language], answer)
    advice = await taps(customer, "BENAR", "kWh", question)
    assert not digits(advice)


async def test_the_history_is_a_list_of_nine_and_the_way_on(tmp_path: Path) -> None:
    async with street(tmp_path, deposit=2_000_000) as town:
        agent = town.person(AGENT)
        for number in range(11):
            await bought(agent, f"54123457{number:03d} 20")
        page = await says(agent, "riwayat", "🧾")
        assert (page.kind, len(page.labels), page.labels[-1]) == ("list", 10, "Berikutnya")
        rest = await taps(agent, "Berikutnya", lambda one: "T10001" in one.text, page)
        found = await taps(agent, "👁 Lihat T10001", "SUKSES T10001", rest)
        assert METER not in found.text
