"""A lost token on Telegram: a number that is shared, buttons, the receipt's link, the seller's tap."""

from bot import clock
from bot.services import retention
from tests import file
from tests.telegram.double import Person
from tests.telegram.street import AGENT, STRANGER, Street
from tests.telegram.talk import METER, bought, digits, says, taps

UNKNOWN = "54123456780"
PROOF = {"id": "pilih satu bukti", "en": "choose one proof"}
MY_PHONE = {"id": "📱 Nomor HP saya", "en": "📱 My phone number"}
OWN = {"id": "Bagikan nomor Anda sendiri", "en": "Share your own number"}
NONE = {"id": "Belum ada token yang cocok", "en": "No matching token"}
REFERENCE = {"id": "🔢 NO REF + nominal", "en": "🔢 NO REF + amount"}
ASK_SELLER = {"id": "🙋 Minta ke penjual", "en": "🙋 Ask the seller"}
ASKED = {"id": "Permintaan dicatat", "en": "Request noted"}
REMEMBER = {"id": "⭐ Ingat meter ini", "en": "⭐ Remember meter"}
REMEMBERED = {"id": "Diingat 90 hari", "en": "Remembered for 90 days"}
SEND = {"id": "🔎 Kirim token", "en": "🔎 Send the token"}
RECEIPT = {"id": "🧾 Struk", "en": "🧾 Receipt"}
ERASE = {"id": "🗑 Ya, hapus", "en": "🗑 Yes, delete"}
ERASED = {"id": "Sudah dihapus", "en": "Deleted"}
PHONE = "6281234567890"


async def customer_of(town: Street, language: str, phone: str = PHONE) -> Person:
    """Somebody who has a number and has not lost it."""
    customer = town.person(STRANGER, language)
    customer.phone = f"+{phone}"
    customer.start()
    await customer.sees("Setrum")
    return customer


async def test_a_number_that_is_shared_and_stands_on_the_sale_brings_the_token(town: Street, language: str) -> None:
    token, _ = await bought(town.person(AGENT), f"50.{METER}.1234.081234567890")
    customer = await customer_of(town, language)
    await says(customer, METER, PROOF[language])
    mark = customer.mark()
    customer.tap(MY_PHONE[language])
    found = await customer.sees(lambda one: bool(digits(one)), after=mark)
    assert digits(found) == digits(token)
    shown = await customer.sees("B*** S******", after=mark)
    sheet = await taps(customer, RECEIPT[language], lambda one: one.kind == "document", shown)
    assert sheet is not None
    await taps(customer, REMEMBER[language], REMEMBERED[language], shown)
    known = await says(customer, METER, "…6789")
    again = await taps(customer, SEND[language], lambda one: bool(digits(one)), known)
    assert digits(again) == digits(token)
    await town.settled()
    assert await town.read(lambda tx: tx.one(int, "metric_alerts")) == 0


async def test_another_persons_contact_is_no_proof_even_if_its_number_is_the_recorded_one(
    town: Street, language: str
) -> None:
    await bought(town.person(AGENT), f"50.{METER}.1234.081234567890")
    thief = await customer_of(town, language, "6289999999999")
    await says(thief, METER, PROOF[language])
    mark = thief.mark()
    thief.contact(own=False, phone=f"+{PHONE}")
    await thief.sees(OWN[language], after=mark)
    mark = thief.mark()
    thief.tap(MY_PHONE[language])  # his own, which stands on no sale
    await thief.sees(NONE[language], after=mark)
    assert not any(digits(one) for one in thief.screen)


async def test_words_of_the_keyboard_choose_and_no_ref_brings_the_token(town: Street, language: str) -> None:
    token, _ = await bought(town.person(AGENT))
    (sold,) = await town.purchases()
    customer = await customer_of(town, language)
    for number in (UNKNOWN, METER):
        await says(customer, number, PROOF[language])
        await taps(customer, REFERENCE[language], "A94C 50")
        await says(customer, "0000 50", NONE[language])
    found = await says(customer, f"{(sold.payref or '')[-4:]} 51600", lambda one: bool(digits(one)))
    assert digits(found) == digits(token)


async def test_the_sellers_tap_answers_a_customer_who_has_nothing(town: Street, language: str) -> None:
    token, _ = await bought(town.person(AGENT))
    customer, agent = await customer_of(town, language), town.person(AGENT)
    mark = agent.mark()
    await says(customer, UNKNOWN, PROOF[language])
    await taps(customer, ASK_SELLER[language], ASKED[language])
    await says(customer, METER, PROOF[language])
    await taps(customer, ASK_SELLER[language], ASKED[language])
    request = await agent.sees("🙋 Pelanggan (telegram:33) minta token …6789 (BUDI SANTOSA, 50rb", after=mark)
    mark = customer.mark()
    await taps(agent, "✅ Kirim", "dikirim ke pelanggan", request)
    found = await customer.sees(lambda one: bool(digits(one)), after=mark)
    assert digits(found) == digits(token)
    await customer.sees("B*** S******", after=mark)


async def test_a_customer_is_forgotten_and_the_buttons_of_the_question_go(town: Street, language: str) -> None:
    await bought(town.person(AGENT), f"50.{METER}.1234.081234567890")
    customer = await customer_of(town, language)
    await says(customer, METER, PROOF[language])
    mark = customer.mark()
    customer.tap(MY_PHONE[language])
    await customer.sees("B*** S******", after=mark)
    question = await says(customer, {"id": "hapus", "en": "delete"}[language], "🗑")
    await taps(customer, ERASE[language], ERASED[language], question)
    await town.settled()
    assert question.labels == []
    while await town.store.write(retention.forget, town.shop, clock.now()):
        pass
    await town.store.scrub()
    assert file.traces(town.store.path, PHONE) == []
    known = await town.read(lambda tx: tx.one(str, "conversation_language", channel="telegram", value=str(STRANGER)))
    assert known is None
    await says(customer, METER, PROOF[language])
    await taps(customer, MY_PHONE[language], NONE[language])


async def test_the_keyboard_of_proofs_goes_on_working_after_another_was_tried(town: Street, language: str) -> None:
    token, _ = await bought(town.person(AGENT), f"50.{METER}.1234.081234567890")
    customer = await customer_of(town, language)
    await says(customer, METER, PROOF[language])
    await taps(customer, REFERENCE[language], "A94C 50")
    mark = customer.mark()
    customer.contact()
    assert digits(await customer.sees(lambda one: bool(digits(one)), after=mark)) == digits(token)
    await says(customer, METER, PROOF[language])
    await says(customer, "0000 50", NONE[language])
    mark = customer.mark()
    customer.tap(MY_PHONE[language])
    assert digits(await customer.sees(lambda one: bool(digits(one)), after=mark)) == digits(token)


async def test_the_keyboard_that_outlived_its_question_begins_again(town: Street, language: str) -> None:
    customer = await customer_of(town, language)
    await says(customer, METER, PROOF[language])
    await says(customer, ASK_SELLER[language], ASKED[language])
    for label in (MY_PHONE[language], REFERENCE[language]):
        await taps(customer, label, {"id": "Ketik nomor meter", "en": "Type the meter number"}[language])
        await says(customer, "batal", "Setrum")
