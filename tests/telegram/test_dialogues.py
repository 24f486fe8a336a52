"""Purchases as people make them on Telegram, in both modes and, where words matter, in both languages."""

from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.telegram.street import AGENT, OTHER, SHOP, Street, faster, street
from tests.telegram.talk import (
    AGAIN,
    ASKS_METER,
    BUY,
    CANCEL,
    CANCELLED,
    DONE,
    FOR_CUSTOMER,
    METER,
    PAY,
    RECEIPT,
    STALE,
    bought,
    card,
    copied,
    digits,
    is_card,
    is_receipt,
    named,
    pay_label,
    sale,
    says,
    scanned,
    taps,
)

LANGUAGES = ("id", "en")
TOAST = {"id": "Diproses", "en": "In progress"}
ON_ITS_WAY = {"id": "⏳ Mengirim ke PLN… Rp52.000 ditahan.", "en": "⏳ Sending to PLN… Rp52.000 on hold."}
MEDIA, EDITED = "Saya baru bisa membaca teks", "Pesan yang diedit"
TWO_TOKENS = "11111111124"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_from_start_to_the_token_by_taps(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    agent.start()
    greeting = await agent.sees("Agen 22")
    question = await taps(agent, BUY[language], ASKS_METER[language], greeting)
    amounts = await says(agent, METER, "BUDI SANTOSA")
    assert [[button.label for button in row] for row in amounts.buttons[:2]] == [
        ["20rb", "50rb", "100rb"],
        ["200rb", "500rb", "1jt"],
    ]
    payment = await taps(agent, "50rb", "💳", amounts)
    assert pay_label(payment) == f"✅ {PAY[language]} Rp52.000"
    token = await taps(agent, pay_label(payment), lambda one: bool(digits(one)), payment)
    done = await agent.sees(DONE[language])
    await town.settled()
    assert token.message_id < done.message_id
    assert [question.buttons, amounts.buttons, payment.buttons] == [(), (), ()]
    assert payment.text.split("\n")[-1] == ON_ITS_WAY[language]
    assert payment.text.startswith("💳 BUDI SANTOSA · token Rp50.000\n")
    assert agent.toasts[-1].text == TOAST[language]
    assert agent.spinning == 0
    assert f"{DONE[language]} {sale(token)} · BUDI SANTOSA" in done.text


async def test_the_token_stands_alone_in_code_type_and_is_copied_by_a_button(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    payment = await card(agent)
    token = await taps(agent, pay_label(payment), lambda one: bool(digits(one)), payment)
    number = digits(token)
    assert [one.tokens for one in town.sandbox.sales()] == [(number,)]
    assert copied(token) == [number]
    assert [(one["type"], one["offset"], one["length"]) for one in token.entities] == [("code", 0, 24)]
    first, second = token.text.split("\n")
    assert first.replace(" ", "") == number
    assert second.startswith("Meter 5412 3456 789 · ")
    assert token.reply_to == payment.message_id, "the card that was paid is what it answers"
    agent.tap(token.labels[0], token)
    assert agent.clipboard == number


async def test_a_payment_is_confirmed_in_colour_and_ids_carry_no_business(town: Street) -> None:
    payment = await card(town.person(AGENT))
    buttons = {button.label: button for row in payment.buttons for button in row}
    assert buttons["✅ Bayar Rp52.000"].style == "success"
    assert buttons["✖️ Batal"].style == "danger"
    for button in buttons.values():
        nonce, _, key = button.data.partition(".")
        assert len(nonce) == 8
        assert key in {"pay", "change_amount", "cancel", "details"}
    assert payment.entities[0]["type"] == "bold"


async def test_the_parts_of_the_price_are_a_tap_away_and_the_card_comes_again(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    payment = await card(agent)
    mark = agent.mark()
    parts = await taps(agent, {"id": "📃 Rincian", "en": "📃 Details"}[language], "Rp50.000 + admin Rp1.600", payment)
    again = await agent.sees(lambda one: "💳" in one.text and bool(one.labels), after=mark)
    assert "Rp53.000" in parts.text
    await taps(agent, pay_label(again), DONE[language], again)
    await town.settled()
    assert len(town.sandbox.sales()) == 1


async def test_the_word_pays_as_the_button_does(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    payment = await card(agent)
    town.api.clock.forward(1)  # nobody reads a card within the second, and dates tell no less apart
    await says(agent, PAY[language].casefold(), DONE[language])
    await town.settled()
    assert payment.buttons == ()
    assert len(town.sandbox.sales()) == 1


async def test_a_receipt_is_a_picture_for_the_printer_and_a_paper_and_a_second_print_says_so(
    town: Street, language: str
) -> None:
    agent = town.person(AGENT, language)
    token, done = await bought(agent)
    for mark in ("CA", "CU"):
        paper = await taps(agent, RECEIPT[language], lambda one: one.kind == "document", done)
        photo = await agent.sees(lambda one: one.kind == "photo")
        assert photo.file is not None
        assert paper.file is not None
        assert is_receipt(photo.file.data, paper.file.data, digits(token), mark)
        assert paper.file.name == f"struk-{sale(done)}.txt"
        assert sale(done) in photo.text
        assert digits(token) not in photo.text.replace(" ", "")
    await town.settled()
    assert [one.kind for one in agent.screen[-4:]] == ["photo", "document", "photo", "document"]


async def test_the_picture_of_a_receipt_claims_the_token_by_its_code_and_a_typed_fee_is_on_it(
    town: Street, language: str
) -> None:
    agent = town.person(AGENT, language)
    await named(town)
    token, done = await bought(agent)
    paper = await says(agent, f"struk {sale(done)} 2000", lambda one: one.kind == "document")
    photo = await agent.sees(lambda one: one.kind == "photo")
    assert photo.file is not None
    assert paper.file is not None
    (sold,) = await town.purchases()
    link = scanned(photo.file.data)
    assert link == f"https://t.me/SetrumUjiBot?start=c_{sold.claim_code}"
    assert is_receipt(photo.file.data, paper.file.data, digits(token), "CA")
    assert "Grand Total             Rp53.600\n" in paper.file.data.decode()
    assert "Rp53.600" in photo.text
    customer = town.person(OTHER, language)
    claimed = await says(customer, f"/start {link.partition('start=')[2]}", lambda one: bool(digits(one)))
    assert digits(claimed) == digits(token)


async def test_the_customers_copy_opens_ones_own_whatsapp_with_the_same_words(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    await named(town)
    _, done = await bought(agent, f"50.{METER}.1234.081234567890")
    copy = await taps(agent, FOR_CUSTOMER[language], METER[:4], done)
    (button,) = [one for row in copy.buttons for one in row if one.url]
    assert button.label == {"id": "📲 Kirim ke WA", "en": "📲 Send on WhatsApp"}[language]
    address, _, words = button.url.partition("?text=")
    assert address == "https://wa.me/6281234567890"
    assert unquote(words) == copy.text
    (beside,) = [one for row in done.buttons for one in row if one.url]
    assert (beside.label, beside.url) == (button.label, button.url), "one tap from the sale itself"
    again = await says(agent, "1", lambda one: one.kind == "document")  # the buttons of the sale are still the last
    assert again.file is not None


async def test_a_token_asked_for_again_is_headed_as_a_repeat(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    token, done = await bought(agent)
    again = await says(agent, f"token {sale(done)}", AGAIN[language])
    assert again.text.startswith(f"{AGAIN[language]} · {sale(done)}\n")
    assert digits(again) == digits(token)
    assert copied(again) == [digits(token)]


async def test_the_customers_copy_is_one_message_without_the_agents_figures(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    token, done = await bought(agent)
    copy = await taps(agent, FOR_CUSTOMER[language], "BUDI SANTOSA", done)
    assert digits(copy) == digits(token)
    assert copied(copy) == [digits(token)]
    assert "448.000" not in copy.text
    (sold,) = await town.purchases()
    assert str(sold.claim_code) in copy.text


async def test_history_and_balance_agree_with_what_was_sold(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    _, done = await bought(agent)
    balance = await says(agent, "saldo", "Rp448.000")
    assert balance.text.startswith({"id": "Saldo", "en": "Balance"}[language])
    listed = await says(agent, "riwayat", "🧾")
    assert f"{sale(done)} BUDI SANTOSA 50rb" in listed.text
    see = await taps(agent, listed.labels[0], sale(done), listed)
    assert RECEIPT[language] in see.labels
    assert listed.labels, "what only opens something stays"


@pytest.mark.parametrize("language", ["id", "en"])
async def test_from_the_menu_on_balance_history_and_the_token_again_are_taps(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    token, done = await bought(agent)
    mark = agent.mark()
    agent.start()
    menu = await agent.sees(lambda one: "54123456789 50" in one.text, after=mark)
    await taps(agent, {"id": "💰 Saldo", "en": "💰 Balance"}[language], "Rp448.000", menu)
    listed = await taps(agent, {"id": "🧾 Riwayat", "en": "🧾 History"}[language], sale(done), menu)
    stands = await taps(agent, listed.labels[0], sale(done), listed)
    again = await taps(
        agent, {"id": "🔑 Kirim token lagi", "en": "🔑 Send token again"}[language], AGAIN[language], stands
    )
    assert digits(again) == digits(token)


async def test_a_cancelled_card_loses_its_buttons_and_takes_nothing(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    payment = await card(agent)
    await taps(agent, CANCEL[language], CANCELLED[language], payment)
    await town.settled()
    assert payment.buttons == ()
    assert "⏳" not in payment.text
    assert town.sandbox.sales() == []
    assert await town.purchases() == []


async def test_an_old_card_no_longer_pays_and_the_present_one_is_shown(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    old = await card(agent)
    fresh = await card(agent, "54123456780 20")
    stale = await taps(agent, pay_label(old), STALE[language], old)
    shown = await agent.sees(is_card, after=stale.changed)
    await town.settled()
    assert (await town.purchases(), town.sandbox.sales()) == ([], [])
    assert shown.text.split("\n")[:3] == fresh.text.split("\n")[:3]
    await taps(agent, pay_label(shown), DONE[language], shown)
    assert [one.msn for one in town.sandbox.sales()] == ["54123456780"]


async def test_a_second_tap_on_pay_shows_what_was_bought_and_buys_nothing(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    agent.tap(pay_label(payment), payment, copies=5, new_ids=True)
    await agent.sees("SUKSES")
    await town.settled()
    assert len(town.sandbox.sales()) == 1
    assert town.sandbox.count("PAY") == 1
    assert agent.spinning == 0


async def test_two_tokens_come_numbered_each_with_its_own_button(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent, f"{TWO_TOKENS} 50")
    await taps(agent, pay_label(payment), "SUKSES", payment)
    tokens = [one for one in agent.screen if digits(one)]
    assert [one.text[:3] for one in tokens] == ["1) ", "2) "]
    assert [copied(one) for one in tokens] == [[digits(one)] for one in tokens]
    assert tuple(digits(one) for one in tokens) == town.sandbox.sales()[0].tokens
    assert "Ada 2 token" in (await agent.sees("SUKSES")).text


async def test_names_are_shown_letter_by_letter(town: Street) -> None:
    agent = town.person(AGENT)
    sample = await card(agent, "88888888888 20")
    assert "TestDu''mmyPanjang" in sample.text or "TestDu'mmyPanjang" in sample.text
    assert "&#" not in sample.text


async def test_whoever_waits_for_the_supplier_sees_that_somebody_types(tmp_path: Path, mode: str) -> None:
    async with street(tmp_path, mode, agents=(AGENT, OTHER), shop=faster(SHOP, pending=600_000)) as town:
        town.api.state.pace.off()
        paying, asking = town.person(AGENT), town.person(OTHER)
        payment = await card(paying)
        before = paying.typing
        town.hang()
        paying.tap(pay_label(payment), payment)
        asking.say(f"{METER} 20")
        await paying.until(lambda: paying.typing >= before + 2)
        await asking.until(lambda: asking.typing >= 2)
        assert town.sandbox.sales() == []


async def test_no_clear_answer_is_said_and_the_token_follows_by_itself(tmp_path: Path, mode: str) -> None:
    async with street(tmp_path, mode, shop=faster(SHOP, pending=100, janitor=50)) as town:
        town.api.state.pace.off()
        agent = town.person(AGENT)
        payment = await card(agent, "11111111102 50")
        pending = await taps(agent, pay_label(payment), "Sedang diproses PLN", payment)
        assert pending.labels == ["🔄 Cek sekarang", "💬 Kabari pelanggan", "🆘 Bantuan"]
        assert pending.reply_to == payment.message_id
        done = await agent.sees("Token sudah keluar")
        token = await agent.sees(lambda one: bool(digits(one)))
        assert {token.reply_to, done.reply_to} == {payment.message_id}


@pytest.mark.parametrize("act", ["document", "sticker", "voice"])
async def test_what_cannot_be_read_gets_one_hint(town: Street, act: str) -> None:
    agent = town.person(AGENT)
    {"document": lambda: agent.send_document("a.pdf", b"%PDF-"), "sticker": agent.send_sticker, "voice": agent.voice}[
        act
    ]()
    await agent.sees(MEDIA)
    await town.settled()
    assert len(agent.screen) == 1


async def test_a_photo_with_the_order_below_it_is_an_order(town: Street) -> None:
    agent = town.person(AGENT)
    agent.send_photo(f"{METER} 50")
    await agent.sees("💳")


async def test_an_edited_message_orders_nothing_and_is_told_so_once(town: Street) -> None:
    agent = town.person(AGENT)
    await card(agent)
    order = agent.said[-1].message_id
    mark = agent.mark()
    agent.edit(order, f"{METER} 100")
    await agent.sees(EDITED, after=mark)
    agent.edit(order, f"{METER} 200")
    await town.settled()
    assert [EDITED in one.text for one in agent.screen].count(True) == 1
    assert len([one for one in agent.screen if "💳" in one.text]) == 1


async def test_a_contact_is_proof_of_nothing_where_nobody_asked_for_it(town: Street) -> None:
    agent = town.person(AGENT)
    for own in (False, True):
        mark = agent.mark()
        agent.contact(own=own)
        await agent.sees(MEDIA, after=mark)


async def test_a_text_beyond_the_limit_of_a_message_is_answered_and_disturbs_nothing(town: Street) -> None:
    agent = town.person(AGENT)
    agent.say("halo " * 2000)
    await agent.sees("Saya belum paham")
    await bought(agent)


async def test_menus_help_and_prices_have_their_buttons(town: Street) -> None:
    agent = town.person(AGENT)
    prices = await says(agent, "/harga", "Harga (6 nominal)")
    assert prices.labels == ["⚡ Beli"]
    assert "50rb: bayar 52.000 · jual 53.000 · untung 1.000" in prices.text
    await says(agent, "/bantuan@SetrumUjiBot", "Contoh yang bisa diketik")


SAVE, SAVED = {"id": "⭐ Simpan", "en": "⭐ Save"}, {"id": "⭐ Tersimpan", "en": "⭐ Saved"}
MISTAKEN = {"id": "Mirip favorit", "en": "Similar to favourite"}


async def test_a_customer_is_saved_by_a_button_sold_to_by_name_and_not_mistaken(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    _, done = await bought(agent)
    await taps(agent, SAVE[language], "BUDI SANTOSA (", done)
    await says(agent, "budi", SAVED[language])
    asked = await says(agent, {"id": "beli", "en": "buy"}[language], ASKS_METER[language])
    amounts = await taps(agent, "BUDI S. …6789", "R1M/900", asked)
    assert amounts.labels[:2] == ["20rb", "50rb"]
    payment = await card(agent, "budi 100")
    assert "BUDI SANTOSA · token Rp100.000" in payment.text
    await taps(agent, pay_label(payment), DONE[language], payment)
    mistaken = await says(agent, "54123456798 50", MISTAKEN[language])
    assert ("Rp" in mistaken.text, mistaken.labels[0]) == (False, {"id": "✅ Benar", "en": "✅ Correct"}[language])


async def test_several_lines_are_one_card_one_tap_and_a_token_each(town: Street, language: str) -> None:
    agent = town.person(AGENT, language)
    shown = await says(agent, f"{METER} 50\n54123456700 20\n{METER} 50rb", "🧺")
    assert pay_label(shown) == f"✅ {PAY[language]} Rp74.000"
    await taps(agent, pay_label(shown), {"id": "Selesai: 2 sukses", "en": "Done: 2 successful"}[language], shown)
    await town.settled()
    assert len(town.sandbox.sales()) == 2
    tokens = [digits(one) for one in agent.screen if digits(one)]
    assert sorted(tokens) == sorted(one.tokens[0] for one in town.sandbox.sales())
    assert shown.buttons == ()
    stale = agent.toasts
    agent.tap(pay_label(shown), shown)
    await town.settled()
    assert (len(town.sandbox.sales()), len(agent.toasts) >= len(stale)) == (2, True)
