"""What stands in the way of a purchase on WhatsApp, and what people send that is no order at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.street import faster
from tests.whatsapp.conftest import proper
from tests.whatsapp.double import Button, Person
from tests.whatsapp.street import AGENT, SHOP, STRANGER, Street, street
from tests.whatsapp.talk import (
    AGAIN_TODAY,
    ASKS_METER,
    BUY,
    METER,
    STALE,
    bought,
    card,
    is_card,
    is_done,
    later,
    new,
    pay_label,
    sale,
    says,
    speaks,
    taps,
)

MEDIA = {"id": "Saya baru bisa membaca teks", "en": "I can only read text"}
UNKNOWN = {"id": "Saya belum paham. Untuk beli", "en": "I did not understand. To buy"}
NOT_CHARGED = {"id": "Belum ada yang dipotong.", "en": "Nothing was charged."}
NOT_OFFERED = {"id": "Nominal Rp30.000 tidak tersedia.", "en": "Rp30.000 is not available."}
BUY_AGAIN = {"id": "🔁 Beli lagi #2", "en": "🔁 Buy again #2"}
TWIN = {"id": "Pembelian yang sama", "en": "The same purchase"}
SHORT = {"id": "Saldo kurang Rp22.000", "en": "Balance short by Rp22.000"}
CHANGE_AMOUNT = {"id": "✏️ Ganti nominal", "en": "✏️ Change amount"}


async def test_the_same_again_today_asks_and_a_second_one_is_bought_on_purpose(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    _, first = await bought(agent)
    asked = await says(agent, f"{METER} 50", AGAIN_TODAY[language])
    assert (asked.kind, asked.labels[0], sale(asked)) == ("button", BUY_AGAIN[language], sale(first))
    for see in (lambda label: agent.tap(label, asked), lambda label: agent.say(label.partition(" ")[2].casefold())):
        mark = agent.mark()
        see(asked.labels[1])  # and the question waits on
        shown = await agent.sees(lambda one: AGAIN_TODAY[language] in one.text, after=mark)
        assert is_done(new(agent, mark)[0])
        assert shown.labels == asked.labels
    payment = await taps(agent, BUY_AGAIN[language], is_card, asked)
    await taps(agent, pay_label(payment), is_done, payment)
    await card(agent, f"{METER} 50#3")  # whoever types the number is not asked
    assert len(await town.purchases()) == 2


async def test_a_purchase_without_its_result_holds_up_the_same_and_no_other(tmp_path: Path, language: str) -> None:
    async with street(tmp_path, shop=faster(SHOP, pending=100, janitor=50)) as town:
        agent = await speaks(town, AGENT, language)
        payment = await card(agent, "11111111103 50")
        pending = await taps(agent, pay_label(payment), "⏳", payment)
        refused = await says(agent, "11111111103 50", TWIN[language])
        assert (refused.kind, refused.labels) == ("button", [pending.labels[0], CHANGE_AMOUNT[language]])
        other = await says(agent, "11111111103 20", is_card)
        assert pay_label(other)
        assert (len(await town.purchases()), town.sandbox.count("PAY")) == (1, 1)


@pytest.mark.parametrize("words", ["bayar sekarang", "bayar 52000", "✅ bayar", "✅ Bayar Rp52.000"])
async def test_more_than_the_word_is_no_payment_and_the_card_comes_again(town: Street, words: str) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    later(town)
    again = await says(agent, words, "Untuk membayar, tekan tombolnya")
    await town.settled()
    assert (agent.screen, town.sandbox.count("PAY")) == ([payment, again], 0)


async def test_a_short_balance_holds_nothing_and_offers_a_smaller_amount(tmp_path: Path, language: str) -> None:
    async with street(tmp_path, deposit=30_000) as town:
        agent = await speaks(town, AGENT, language)
        short = await says(agent, f"{METER} 50", SHORT[language])
        amounts = await taps(agent, CHANGE_AMOUNT[language], "BUDI SANTOSA", short)
        payment = await taps(agent, "20rb", is_card, amounts)
        await taps(agent, pay_label(payment), is_done, payment)
        await town.settled()
        assert town.sandbox.count("PAY") == 1
        await proper(town)


@pytest.mark.parametrize(
    ("number", "id_", "en"),
    [
        ("11111111108 50", "Nomor meter/IDPEL tidak ditemukan", "Meter or customer ID not found"),
        ("11111111112 50", "tidak terdaftar sebagai prabayar", "not registered as prepaid"),
        ("11111111109 50", "Ada tunggakan di ID ini", "This ID has arrears"),
        ("11111111110 50", "diblokir PLN", "PLN has blocked this meter"),
        ("11111111136 50", "Pengecekan meter gagal", "The meter check failed"),
    ],
)
async def test_a_meter_that_cannot_be_bought_for_costs_nothing(
    town: Street, language: str, number: str, id_: str, en: str
) -> None:
    agent = await speaks(town, AGENT, language)
    refused = await says(agent, number, {"id": id_, "en": en}[language])
    assert NOT_CHARGED[language] in refused.text
    assert refused.labels, "a way on"
    await town.settled()
    assert (town.sandbox.count("PAY"), await town.purchases()) == (0, [])


@pytest.mark.parametrize(
    ("number", "id_", "en"),
    [
        ("1234567890123", "Itu 13 angka: nomor registrasi", "That is 13 digits"),
        ("123456789", "Ada 9 angka", "I count 9 digits"),
        (
            "12345678901234567890",
            "Token itu bukan dari penjualan akun ini",
            "That token is not from a sale of this account",
        ),
        ("54123456789 54123456780 50rb", "Ada beberapa nomor", "There are several numbers"),
    ],
)
async def test_a_number_that_is_no_meter_is_named_for_what_it_is(
    town: Street, language: str, number: str, id_: str, en: str
) -> None:
    agent = await speaks(town, AGENT, language)
    await says(agent, number, {"id": id_, "en": en}[language])
    await town.settled()
    assert town.sandbox.count("INQ") == 0


async def test_an_amount_that_is_not_offered_brings_the_list_again_under_its_own_opener(
    town: Street, language: str
) -> None:
    agent = await speaks(town, AGENT, language)
    amounts = await says(agent, f"{METER} 30", NOT_OFFERED[language])
    again = await says(agent, "30", NOT_OFFERED[language])
    assert (amounts.kind, amounts.opener, amounts.labels) == ("list", again.opener, again.labels)
    assert amounts.opener == {"id": "Pilih nominal", "en": "Choose amount"}[language]
    assert amounts.options[1].description.endswith("Rp52.000")
    await taps(agent, "50rb", is_card, amounts)


# what is no order


UNREADABLE: dict[str, Callable[[Person], object]] = {
    "document": lambda person: person.send_document(),
    "voice": lambda person: person.voice(),
    "sticker": lambda person: person.sticker(),
    "location": lambda person: person.location(),
    "own card": lambda person: person.contact(own=True),
    "another's card": lambda person: person.contact(own=False),
    "poll": lambda person: person.unsupported(),
}


@pytest.mark.parametrize("what", UNREADABLE)
async def test_what_cannot_be_read_gets_one_hint_and_leaves_the_question(town: Street, what: str) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    mark = agent.mark()
    UNREADABLE[what](agent)
    await agent.sees(MEDIA["id"], after=mark)
    await town.settled()
    assert len(new(agent, mark)) == 1
    await taps(agent, pay_label(payment), is_done, payment)


@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_a_picture_with_the_order_below_it_is_an_order(town: Street, kind: str) -> None:
    agent = town.person(AGENT)
    mark = agent.mark()
    agent.send_photo(f"{METER} 50") if kind == "photo" else agent.send_document(caption=f"{METER} 50")
    await agent.sees(is_card, after=mark)


async def test_a_reaction_or_something_of_the_future_is_answered_by_nobody(town: Street) -> None:
    agent = town.person(AGENT)
    payment = await card(agent)
    mark = agent.mark()
    agent.reaction(payment, "👍")
    agent.unknown()
    await town.settled()
    assert (new(agent, mark), await town.purchases()) == ([], [])
    await taps(agent, pay_label(payment), is_done, payment)


async def test_an_edited_message_orders_nothing(town: Street) -> None:
    agent = town.person(AGENT)
    await card(agent)
    mark = agent.mark()
    agent.unknown("edit")
    await agent.sees("Pesan yang diedit tidak saya proses", after=mark)
    await town.settled()
    assert (len(new(agent, mark)), await town.purchases()) == (1, [])


@pytest.mark.parametrize("text", ["x" * 4096, "halo " * 819, "9" * 4096, "\U0001f4a1" * 2048, "\n" * 4096])
async def test_a_text_as_long_as_the_platform_takes_is_answered_and_disturbs_nothing(town: Street, text: str) -> None:
    agent = town.person(AGENT)
    shown = await says(agent, text, "")
    assert len(shown.text) < 300
    await bought(agent)


@pytest.mark.parametrize(
    "text", ["*54123456789 50*", "_54123456789_ *50*", "```54123456789 50```", "5 4 1 2 3 4 5 6 7 8 9 50"]
)
async def test_whatever_is_typed_in_bold_or_code_is_not_guessed_at(town: Street, text: str) -> None:
    agent = town.person(AGENT)
    await says(agent, text, lambda one: is_card(one) or UNKNOWN["id"] in one.text or bool(one.labels))
    await town.settled()
    assert town.sandbox.count("PAY") == 0


# taps that are not what they seem


async def test_an_option_of_another_chat_does_nothing(town: Street) -> None:
    agent, thief = town.person(AGENT), town.person(STRANGER)
    await says(thief, "menu", "bot token listrik")
    payment = await card(agent)
    thief.forge(payment.options[0].id, thief.screen[-1])
    await thief.sees(STALE["id"])
    for forged in ("AAAAAAAA.pay", payment.options[0].id.replace(".pay", ".payx"), "x" * 200, "."):
        agent.forge(forged, payment)
    await town.settled()
    assert (town.sandbox.sales(), await town.purchases()) == ([], [])
    await agent.sees(is_card)
    await taps(agent, pay_label(agent.screen[-1]), is_done)


@pytest.mark.parametrize("with_context", [True, False])
async def test_a_templates_button_is_its_words_whether_or_not_it_names_its_message(
    town: Street, language: str, *, with_context: bool
) -> None:
    agent = await speaks(town, AGENT, language)
    words = [Button(word, word) for word in ("Saldo", BUY[language])]
    promised = town.api.state.show(agent.phone, "template", "Toko buka lagi.", mine=False, options=words)
    mark = agent.mark()
    agent.template_tap("Saldo", promised, with_context=with_context)
    await agent.sees("Rp500.000", after=mark)
    agent.template_tap(BUY[language], promised, with_context=with_context)
    await agent.sees(ASKS_METER[language], after=mark)
