"""A lost token on WhatsApp: the number that somebody writes from, the list of proofs, the seller's tap."""

from pathlib import Path

from bot import clock
from bot.services import retention
from tests import file
from tests.street import faster
from tests.whatsapp.conftest import proper
from tests.whatsapp.street import AGENT, SHOP, STRANGER, Street, street
from tests.whatsapp.talk import METER, bought, card, digits, pay_label, says, speaks, taps

UNKNOWN = "54123456780"
PROOF = {"id": "pilih satu bukti", "en": "choose one proof"}
MY_PHONE = {"id": "📱 Nomor HP saya", "en": "📱 My phone number"}
NONE = {"id": "Belum ada token yang cocok", "en": "No matching token"}
ASK_SELLER = {"id": "🙋 Minta ke penjual", "en": "🙋 Ask the seller"}
ASKED = {"id": "Permintaan dicatat", "en": "Request noted"}
TELL_ME = {"id": "🔔 Kabari saya", "en": "🔔 Tell me"}
SUBSCRIBED = {"id": "token dikirim ke sini", "en": "the token will come here"}
ERASE = {"id": "🗑 Ya, hapus", "en": "🗑 Yes, delete"}
ERASED = {"id": "Sudah dihapus", "en": "Deleted"}
PENDING = {"id": "sedang diproses PLN", "en": "being processed by PLN"}


async def test_the_number_that_he_writes_from_is_the_proof(town: Street, language: str) -> None:
    token, _ = await bought(town.person(AGENT), f"50.{METER}.1234.0{STRANGER[2:]}")
    customer, other = await speaks(town, STRANGER, language), await speaks(town, "628190000099", language)
    asked = await says(customer, METER, PROOF[language])
    assert (asked.kind, len(asked.labels)) == ("list", 4)
    found = await taps(customer, MY_PHONE[language], lambda one: bool(digits(one)), asked)
    assert digits(found) == digits(token)
    asked = await says(other, METER, PROOF[language])
    await taps(other, MY_PHONE[language], NONE[language], asked)
    await says(other, "0" + STRANGER[2:], {"id": "Bagikan nomor", "en": "Share your own"}[language])


async def test_a_card_of_the_recorded_number_is_no_proof_where_nobody_asked_for_it(town: Street) -> None:
    await bought(town.person(AGENT), f"50.{METER}.1234.081234567890")
    thief = town.person("628190000099")
    await says(thief, METER, PROOF["id"])
    for own in (False, True):
        thief.contact(own=own, number="6281234567890")
    await town.settled()
    assert not any(digits(one) for one in thief.screen)


async def test_whoever_hides_his_number_is_offered_what_he_can_give(town: Street, language: str) -> None:
    hidden = await speaks(town, STRANGER, language)
    await says(hidden, "menu", "Setrum")
    ghost = town.api.person("628177777777", "Siti", user_id="ID.7")
    ghost.hide_number()
    await says(ghost, f"bahasa {language}", {"id": "bahasa Indonesia", "en": "English"}[language])
    asked = await says(ghost, METER, PROOF[language])
    assert (asked.kind, MY_PHONE[language] in asked.labels) == ("button", False)
    await taps(ghost, ASK_SELLER[language], ASKED[language], asked)


async def test_a_pending_token_comes_to_the_customer_whom_the_seller_knows(tmp_path: Path, language: str) -> None:
    async with street(tmp_path, shop=faster(SHOP, pending=50, janitor=50)) as town:
        town.api.state.pace.off()
        agent, customer = town.person(AGENT), await speaks(town, STRANGER, language)
        payment = await card(agent, "11111111106 50")  # sold, and the connection drops before anybody hears of it
        await says(customer, "11111111106", PROOF[language])
        mark, at_agent = customer.mark(), agent.mark()
        agent.tap(pay_label(payment), payment)
        await agent.sees("⏳", after=at_agent)
        await says(customer, ASK_SELLER[language], ASKED[language])
        request = await agent.sees(f"🙋 Pelanggan (whatsapp:{STRANGER})", after=at_agent)
        agent.tap("✅ Kirim", request)
        shown = await customer.sees(lambda one: PENDING[language] in one.text or bool(digits(one)), after=mark)
        if not digits(shown):  # as quick as the supplier is asked again
            await taps(
                customer, TELL_ME[language], lambda one: SUBSCRIBED[language] in one.text or bool(digits(one)), shown
            )
        found = await customer.sees(lambda one: bool(digits(one)), after=mark)
        assert digits(found) == town.sandbox.sales()[0].tokens[0]
        await town.settled()
        await proper(town)


async def test_a_customer_is_forgotten_with_the_number_that_he_writes_from(town: Street, language: str) -> None:
    await bought(town.person(AGENT), f"50.{METER}.1234.0{STRANGER[2:]}")
    customer = await speaks(town, STRANGER, language)
    asked = await says(customer, METER, PROOF[language])
    await taps(customer, MY_PHONE[language], lambda one: bool(digits(one)), asked)
    question = await says(customer, {"id": "hapus", "en": "delete"}[language], "🗑")
    assert len(question.labels) == 2
    await taps(customer, ERASE[language], ERASED[language], question)
    await town.settled()
    while await town.store.write(retention.forget, town.shop, clock.now()):
        pass
    await town.store.scrub()
    assert file.traces(town.store.path, STRANGER, customer.name) == []
    asked = await says(customer, METER, PROOF["id"])  # nobody knows any more how he speaks
    await taps(customer, MY_PHONE["id"], NONE["id"], asked)
    await proper(town)


async def test_a_number_proves_no_sale_once_its_owner_is_forgotten_though_he_fetched_none(town: Street) -> None:
    await bought(town.person(AGENT), f"50.{METER}.1234.0{STRANGER[2:]}")
    customer = town.person(STRANGER)
    await taps(customer, ERASE["id"], ERASED["id"], await says(customer, "hapus", "🗑"))
    await town.settled()
    asked = await says(customer, METER, PROOF["id"])
    await taps(customer, MY_PHONE["id"], NONE["id"], asked)
