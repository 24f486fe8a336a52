"""Purchases as people make them on WhatsApp, by taps and by words, in both languages."""

import dataclasses
import re
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from bot.sandbox import customers
from bot.services import ledger
from tests.whatsapp.conftest import proper
from tests.whatsapp.double import Clock, CloudApi, Shown
from tests.whatsapp.street import AGENT, OTHER, SHOP, Street, street
from tests.whatsapp.talk import (
    AGAIN,
    AGAIN_TODAY,
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
    digits,
    is_card,
    is_done,
    is_receipt,
    later,
    named,
    new,
    pay_label,
    sale,
    says,
    scanned,
    speaks,
    stopped,
    taps,
)

HELLO = {"id": "Halo Agen", "en": "Hello Agen"}
OPENER = {"id": "Pilih nominal", "en": "Choose amount"}
CHANGE_AMOUNT = {"id": "✏️ Ganti nominal", "en": "✏️ Change amount"}
CHANGE_METER = {"id": "✏️ Ganti nomor", "en": "✏️ Change meter"}
PRICE = {"id": "Harga {}", "en": "Price {}"}
PAY_WORD = {"id": "Untuk membayar, tekan tombolnya", "en": "To pay, tap the button"}
AMOUNTS = ["20rb", "50rb", "100rb", "200rb", "500rb", "1jt"]
PASSING = re.compile(r"T\d{5}|\d{4}(?: \d{4}){4}|…\d{4}|\d\d[.:]\d\d|[0-9A-Z]{10}")


def lasting(shown: Shown) -> str:
    """What a message says whoever buys, and whenever."""
    return PASSING.sub("#", shown.text)


async def test_from_the_menu_to_the_token_by_taps(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    menu = await says(agent, "menu", HELLO[language])
    await taps(agent, BUY[language], ASKS_METER[language], menu)
    amounts = await says(agent, METER, "BUDI SANTOSA")
    assert (amounts.kind, amounts.opener) == ("list", OPENER[language])
    assert amounts.labels == [*AMOUNTS, CHANGE_METER[language], CANCEL[language]]
    prices = [PRICE[language].format(f"Rp{rp}") for rp in ("22.000", "52.000", "102.000")]
    assert [one.description for one in amounts.options[:3]] == prices
    payment = await taps(agent, "50rb", is_card, amounts)
    assert (payment.kind, pay_label(payment)) == ("button", f"✅ {PAY[language]} Rp52.000")
    mark = agent.mark()
    agent.tap(pay_label(payment), payment)
    await agent.sees(DONE[language])
    await town.settled()
    token, done = new(agent, mark)  # two messages and no chatter
    assert (bool(digits(token)), is_done(done)) == (True, True)
    assert f"*✅ {DONE[language]} {sale(token)} · BUDI SANTOSA*\n" in done.text
    assert {token.context, done.context} == {payment.wamid}, "the card that was paid is what they answer"


async def test_the_token_stands_alone_in_fours_so_that_it_can_be_forwarded(town: Street, language: str) -> None:
    token, _ = await bought(await speaks(town, AGENT, language))
    ((number,),) = [one.tokens for one in town.sandbox.sales()]
    fours = " ".join(number[at : at + 4] for at in range(0, 20, 4))
    first, second = token.text.split("\n")
    assert (first, token.kind, token.labels) == (f"```{fours}```", "text", [])
    assert second.startswith("Meter 5412 3456 789 · ")


async def test_word_by_word_it_is_the_same_purchase_in_the_same_words(tmp_path: Path, language: str) -> None:
    async with street(tmp_path, agents=(AGENT, OTHER)) as town:
        town.api.state.pace.off()
        tapping, typing = await speaks(town, AGENT, language), await speaks(town, OTHER, language)
        tapped: list[Shown] = []
        typed: list[Shown] = []
        tapped.append(await says(tapping, "beli", ASKS_METER[language]))
        tapped.append(await says(tapping, METER, "BUDI SANTOSA"))
        tapped.append(await taps(tapping, "50rb", is_card))
        tapped.append(await taps(tapping, pay_label(tapped[-1]), is_done))
        typed.append(await says(typing, "beli", ASKS_METER[language]))
        typed.append(await says(typing, "5412-3456-789", "BUDI SANTOSA"))
        typed.append(await says(typing, "50", is_card))
        later(town)
        typed.append(await says(typing, PAY[language].casefold(), is_done))
        await town.settled()
        assert [lasting(one) for one in typed] == [lasting(one) for one in tapped]
        assert [one.labels for one in typed] == [one.labels for one in tapped]
        one, two = await town.purchases()
        assert (one.price, one.retail, one.denomination) == (two.price, two.retail, two.denomination)
        for sold in (one, two):
            account = await town.read(partial(ledger.agent_account, agent_id=sold.agent_id))
            assert (account.posted, account.held) == (448_000, 0)
        await proper(town)


@pytest.mark.parametrize("typed", ["50", "50rb", "Rp50.000", "2"])  # amounts as they are written, a label, a row
async def test_a_typed_amount_is_as_good_as_a_tap(town: Street, typed: str) -> None:
    agent = town.person(AGENT)
    await says(agent, METER, "BUDI SANTOSA")
    assert pay_label(await says(agent, typed, is_card)) == "✅ Bayar Rp52.000"


@pytest.mark.parametrize(
    "order",
    [f"{METER} 50", "PLN50.54123456789", "50.54123456789.1234", f"{METER}*50", "tolong isi 50 ribu no 5412-3456-789"],
)
async def test_every_form_of_an_order_in_one_line_is_one_card(town: Street, order: str) -> None:
    agent = town.person(AGENT)
    shown = await card(agent, order)
    await town.settled()
    assert [one for one in agent.screen if "PIN" not in one.text] == [shown]
    assert shown.text.split("\n")[3:5] == [
        "Harga Rp52.000 · sisa saldo Rp448.000",
        "Namanya cocok? Belum ada yang dipotong.",
    ]
    assert shown.labels == ["✅ Bayar Rp52.000", "✏️ Ganti nominal", "✖️ Batal"]


async def test_only_its_button_or_its_word_after_the_card_pays(tmp_path: Path, language: str) -> None:
    async with CloudApi(clock=stopped()) as api, street(tmp_path, api=api) as town:
        api.state.pace.off()
        agent = await speaks(town, AGENT, language)
        await card(agent)
        for word in ("ya", "1", "ok", PAY[language].casefold()):  # the last within the second of the card
            again = await says(agent, word, PAY_WORD[language])
            assert is_card(again)
        await town.settled()
        assert (town.sandbox.count("PAY"), await town.purchases()) == (0, [])
        later(town, 60)
        await says(agent, PAY[language].casefold(), DONE[language])


async def test_the_card_is_changed_by_taps_and_by_typed_labels(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    first = await card(agent)
    amounts = await taps(agent, CHANGE_AMOUNT[language], "BUDI SANTOSA", first)
    assert (amounts.kind, amounts.opener) == ("list", OPENER[language])
    dearer = await says(agent, "100rb", is_card)
    await says(agent, CHANGE_AMOUNT[language].partition(" ")[2].casefold(), lambda one: one.kind == "list")
    await taps(agent, CHANGE_METER[language], ASKS_METER[language])
    await says(agent, "54123456780", "ANDI PRASETYO")
    last = await taps(agent, "20rb", is_card)
    await taps(agent, pay_label(dearer), STALE[language], dearer)
    await taps(agent, pay_label(last), DONE[language], last)
    assert [(one.msn, one.denomination) for one in await town.purchases()] == [("54123456780", 20_000)]


async def test_the_parts_of_a_price_are_told_to_who_types_for_them(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    payment = await card(agent)
    assert "1.600" not in payment.text
    parts = await says(agent, {"id": "rincian", "en": "details"}[language], "Rp50.000 + admin Rp1.600")
    assert "Rp1.400" in parts.text
    await agent.sees(is_card, after=parts.serial)


async def test_a_receipt_is_a_picture_for_the_printer_and_a_paper_and_a_second_print_says_so(
    town: Street, language: str
) -> None:
    agent = await speaks(town, AGENT, language)
    token, done = await bought(agent)
    for mark in ("CA", "CU"):
        paper = await taps(agent, RECEIPT[language], lambda one: one.kind == "document", done)
        image = await agent.sees(lambda one: one.kind == "image")
        assert image.image is not None
        assert paper.document is not None
        assert is_receipt(image.image, paper.document, digits(token), mark)
        assert paper.filename == f"struk-{sale(done)}.txt"
        assert image.text.split("\n")[0] == f"*🧾 {RECEIPT[language][2:]} {sale(done)}*"
    await town.settled()
    assert [one.kind for one in agent.screen[-4:]] == ["image", "document", "image", "document"]


async def test_the_picture_of_a_receipt_claims_the_token_by_its_code_and_a_typed_fee_is_on_it(
    town: Street, language: str
) -> None:
    agent = await speaks(town, AGENT, language)
    await named(town)
    token, done = await bought(agent)
    paper = await says(agent, f"struk {sale(done)} 2000", lambda one: one.kind == "document")
    image = await agent.sees(lambda one: one.kind == "image")
    assert image.image is not None
    assert paper.document is not None
    (sold,) = await town.purchases()
    assert scanned(image.image) == f"https://wa.me/6281100009999?text=KLAIM%20{sold.claim_code}"
    assert is_receipt(image.image, paper.document, digits(token), "CA")
    lines = paper.document.decode().split("\n")
    assert "Grand Total             Rp53.600" in lines
    assert lines[-3:-1] == [f"kirim KLAIM {sold.claim_code} ke", "wa.me/6281100009999"]
    customer = town.person(OTHER)
    claimed = await says(customer, " ".join(lines[-3].split()[1:3]), lambda one: bool(digits(one)))
    assert digits(claimed) == digits(token)


async def test_a_token_asked_for_again_is_headed_as_a_repeat(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    token, done = await bought(agent)
    again = await says(agent, f"token {sale(done)}", AGAIN[language])
    assert again.text == f"*{AGAIN[language]} · {sale(done)}*\n{token.text}"


async def test_the_customers_copy_is_one_message_that_claims_by_a_tap(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    await named(town)
    token, done = await bought(agent)
    mark = agent.mark()
    copy = await taps(agent, FOR_CUSTOMER[language], "BUDI SANTOSA", done)
    (sold,) = await town.purchases()
    await town.settled()
    assert new(agent, mark) == [copy]
    assert (digits(copy), "Rp53.000" in copy.text) == (digits(token), True)
    assert copy.text.endswith(f"https://wa.me/6281100009999?text=KLAIM%20{sold.claim_code}")
    for inside in ("52.000", "448.000", "Saldo"):
        assert inside not in copy.text


async def test_balance_prices_history_and_report_agree_with_what_was_sold(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    _, done = await bought(agent)
    balance = await says(agent, "saldo", "Rp448.000")
    prices = await says(agent, {"id": "harga", "en": "price"}[language], "50rb")
    assert "52.000" in prices.text
    listed = await taps(agent, {"id": "🧾 Riwayat", "en": "🧾 History"}[language], "🧾", balance)
    assert f"{sale(done)} BUDI SANTOSA 50rb" in listed.text
    stands = await taps(agent, listed.labels[0], sale(done), listed)
    assert stands.labels[:3] == done.labels
    again = await taps(agent, stands.labels[3], AGAIN[language], stands)
    assert digits(again)
    report = await says(agent, "rekap", "📊")
    assert "Rp53.000" in report.text


async def test_what_can_be_tapped_on_a_finished_sale_can_be_typed(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    _, done = await bought(agent)
    receipt, copy, again = (label.partition(" ")[2] for label in done.labels)
    for typed in (receipt, receipt.casefold(), done.labels[0], "1"):
        paper = await says(agent, typed, lambda one: one.kind == "document")
        assert paper.filename == f"struk-{sale(done)}.txt"
    await says(agent, copy, "BUDI SANTOSA")
    await says(agent, again, AGAIN_TODAY[language])


async def test_names_are_shown_letter_by_letter(town: Street) -> None:
    agent = town.person(AGENT)
    sample = await card(agent, "88888888888 20")
    assert "TestDu'mmyPanjang" in sample.text
    for tail in ("126", "127"):  # another charset, a raw ampersand
        shown = await says(agent, f"11111111{tail} 20", f"Meter 1111 1111 {tail}")
        assert not re.search(r"&#|&amp;|\ufffd", shown.text)


async def test_help_and_prices_lead_on_by_buttons(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    shown = await says(agent, "bantuan", "54123456789 50 →")
    assert shown.labels == [BUY[language], "🏠 Menu"]
    assert len((await taps(agent, "🏠 Menu", HELLO[language], shown)).labels) == 3
    await taps(agent, BUY[language], ASKS_METER[language], await says(agent, "harga", "50rb"))


async def test_a_change_of_language_changes_words_and_buttons(town: Street) -> None:
    agent = town.person(AGENT)
    asked = await says(agent, "bahasa", "Which language?")
    await taps(agent, "English", "English from now on", asked)
    assert pay_label(await card(agent)) == "✅ Pay Rp52.000"
    await taps(agent, "Bahasa Indonesia", "mulai sekarang dalam bahasa Indonesia", asked)
    assert "Halo" in (await says(agent, "menu", "Agen")).text


async def test_a_cancelled_card_takes_nothing(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    payment = await card(agent)
    gone = await taps(agent, CANCEL[language], CANCELLED[language], payment)
    await card(agent, "54123456780 20")
    assert CANCELLED[language] in (await says(agent, "batal", CANCELLED[language])).text
    await taps(agent, gone.labels[0], ASKS_METER[language], gone)
    await taps(agent, pay_label(payment), STALE[language], payment)
    await town.settled()
    assert (town.sandbox.sales(), await town.purchases()) == ([], [])


async def test_an_old_card_no_longer_pays_and_the_present_one_is_shown(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    old = await card(agent)
    fresh = await card(agent, "54123456780 20")
    stale = await taps(agent, pay_label(old), STALE[language], old)
    shown = await agent.sees(is_card, after=stale.serial)
    await town.settled()
    assert (await town.purchases(), town.sandbox.sales()) == ([], [])
    assert shown.text == fresh.text
    await taps(agent, pay_label(shown), DONE[language], shown)
    assert [one.msn for one in town.sandbox.sales()] == ["54123456780"]


async def test_taps_on_pay_again_and_again_buy_once_and_show_what_was_bought(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    agent.tap(pay_label(payment), payment, copies=5, new_ids=True)
    _, done = await agent.sees(is_done), await agent.sees("SUKSES")
    await town.settled()
    assert (len(town.sandbox.sales()), town.sandbox.count("PAY")) == (1, 1)
    shown = await taps(agent, pay_label(payment), sale(done), payment)
    assert RECEIPT["id"] in shown.labels


async def test_buttons_of_weeks_ago_open_what_is_finished_and_pay_nothing(tmp_path: Path) -> None:
    clock = Clock(factor=20)
    async with CloudApi(clock=clock) as api, street(tmp_path, api=api, now=lambda: int(clock.now() * 1000)) as town:
        api.state.pace.off()
        agent = town.person(AGENT)
        payment = await card(agent)
        await taps(agent, "✏️ Ganti nominal", "Pilih nominal", payment)
        _, done = await bought(agent, f"{METER} 20")
        clock.forward(timedelta(weeks=3).total_seconds())
        await taps(agent, pay_label(payment), STALE["id"], payment)
        await taps(agent, RECEIPT["id"], lambda one: one.kind == "document", done)
        order = await taps(agent, "🔁 Beli lagi", is_card, done)
        await town.settled()
        assert pay_label(order) == "✅ Bayar Rp22.000"
        assert (len(town.sandbox.sales()), town.sandbox.count("PAY")) == (1, 1)
        await proper(town)


async def test_two_tokens_come_numbered_each_in_its_own_message(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent, "11111111124 50")
    done = await taps(agent, pay_label(payment), is_done, payment)
    tokens = [one for one in agent.screen if digits(one)]
    assert [one.text[:6] for one in tokens] == ["1) ```", "2) ```"]
    assert tuple(digits(one) for one in tokens) == town.sandbox.sales()[0].tokens
    assert "Ada 2 token" in done.text


async def test_whoever_waits_for_the_supplier_sees_that_his_message_was_read_and_somebody_types(
    tmp_path: Path,
) -> None:
    async with street(tmp_path, latency_ms=900) as town:
        agent = town.person(AGENT)
        agent.say(f"{METER} 50")
        await agent.until(lambda: agent.typing > 0)
        payment = await agent.sees(is_card)
        before = agent.typing
        agent.tap(pay_label(payment), payment)
        await agent.until(lambda: agent.typing > before)
        await agent.sees(is_done)
        assert agent.said[-1].wamid in agent.read


async def test_a_renamed_meter_is_asked_about_before_any_price(
    town: Street, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    agent = await speaks(town, AGENT, language)
    await bought(agent)
    renamed = dataclasses.replace(customers.customer(METER), name="HALIM PERDANA")
    monkeypatch.setitem(customers._KNOWN, METER, renamed)
    asked = await says(agent, f"{METER} 20", "⚠️")
    assert ("HALIM PERDANA" in asked.text, "(BUDI SANTOSA)" in asked.text, "Rp" in asked.text) == (True, True, False)
    assert (asked.kind, asked.labels[0]) == ("button", {"id": "✅ Benar", "en": "✅ Correct"}[language])
    payment = await says(agent, {"id": "ya", "en": "yes"}[language], is_card)
    assert ("⚠️" in payment.text, pay_label(payment)) == (False, f"✅ {PAY[language]} Rp22.000")


async def test_a_meter_new_to_an_old_shop_is_compared_first(tmp_path: Path, language: str) -> None:
    async with street(tmp_path, shop=dataclasses.replace(SHOP, known_after_sales=1)) as town:
        agent = await speaks(town, AGENT, language)
        await bought(agent)
        asked = await says(agent, "54123456780", {"id": "Pertama kali", "en": "First purchase"}[language])
        amounts = await taps(agent, asked.labels[0], "ANDI PRASETYO", asked)
        assert (amounts.kind, amounts.labels[:6]) == ("list", AMOUNTS)
        await town.settled()
        await proper(town)


async def test_a_customer_is_saved_by_a_word_sold_to_by_name_and_chosen_from_a_list(
    town: Street, language: str
) -> None:
    agent = await speaks(town, AGENT, language)
    _, done = await bought(agent)
    assert len(done.labels) == 3  # what is typed takes no button
    await says(agent, "fav", "BUDI SANTOSA (")
    saved = await says(agent, "budi", "⭐")
    assert saved.kind == "button"
    listed = await says(agent, "fav", "⭐ budi · BUDI SANTOSA")
    amounts = await taps(agent, "budi", "R1M/900", listed)
    assert amounts.kind == "list"
    asked = await says(agent, {"id": "beli", "en": "buy"}[language], ASKS_METER[language])
    assert asked.labels == ["BUDI S. …6789", CANCEL[language]]
    payment = await card(agent, "100 budi")
    assert "BUDI SANTOSA · token Rp100.000" in payment.text
    await taps(agent, pay_label(payment), is_done, payment)


async def test_several_lines_are_one_card_one_tap_and_a_token_each(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    shown = await says(agent, f"{METER} 50\n54123456700 20\n54123456711 100", "🧺")
    assert (shown.kind, pay_label(shown)) == ("button", f"✅ {PAY[language]} Rp176.000")
    mark = agent.mark()
    await taps(agent, pay_label(shown), {"id": "Selesai: 3 sukses", "en": "Done: 3 successful"}[language], shown)
    await town.settled()
    tokens = [digits(one) for one in new(agent, mark) if digits(one)]
    assert sorted(tokens) == sorted(one.tokens[0] for one in town.sandbox.sales())
    assert len(tokens) == 3
