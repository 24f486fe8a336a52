"""Who may do what on Telegram: owners, agents, cashiers, customers and strangers, by taps, links and words."""

import asyncio
import re
from pathlib import Path

import pytest

from tests.double.clock import PATIENCE
from tests.telegram.double import Person
from tests.telegram.street import AGENT, OTHER, OWNER, SHOP, STRANGER, Street, faster, street
from tests.telegram.talk import FROZEN, METER, bought, card, digits, invitation, menu, pay_label, sale, says, taps

CASHIER = 44
MENUS = {
    "customer": {"id": "cari ditolak klaim bantuan bahasa", "en": "find refused claim help language"},
    "agent": {
        "id": "beli saldo tiket riwayat komplain harga rekap kasir pin kunci bantuan bahasa",
        "en": "buy balance topup history complain price report cashier pin lock help language",
    },
    "cashier": {"id": "beli riwayat komplain pin bantuan bahasa", "en": "buy history complain pin help language"},
    "owner": {
        "id": "beli rekap agen catatan saldo riwayat harga pin bantuan bahasa",
        "en": "buy report agents notes balance history price pin help language",
    },
}
LANGUAGES = ("id", "en")
JOINED = {"id": "aktif di chat ini", "en": "now works in this chat"}


async def arrives(town: Street, number: int, language: str | None = "id", name: str = "") -> Person:
    """Somebody presses Start."""
    person = town.person(number, language, name)
    person.start()
    await person.sees()
    return person


@pytest.mark.parametrize("language", LANGUAGES)
async def test_an_owner_invites_and_the_link_makes_an_agent_with_a_menu(town: Street, language: str) -> None:
    owner = await arrives(town, OWNER, language)
    await menu(town, owner, MENUS["owner"][language])
    payload = await invitation(town, owner, "agen baru Berkah Cell")
    dewi = town.person(STRANGER, language)
    await menu(town, dewi, MENUS["customer"][language])
    dewi.start(payload)
    welcome = await dewi.sees(JOINED[language])
    assert "Berkah Cell" in welcome.text
    assert welcome.labels[0] in {"⚡ Beli", "⚡ Buy"}
    await menu(town, dewi, MENUS["agent"][language])
    listed = await says(owner, "agen", "Berkah Cell")
    seen = await taps(owner, next(label for label in listed.labels if "Berkah Cell" in label), f"telegram:{STRANGER}")
    assert "Berkah Cell" in seen.text
    late = town.person(OTHER, language)
    late.start(payload)
    await late.sees({"id": "Kode itu tidak berlaku", "en": "That code does not work"}[language])


async def test_an_owner_sees_the_day_and_sells_from_his_own_deposit(town: Street) -> None:
    owner = await arrives(town, OWNER)
    assert (await owner.sees("Deposit VSI")).labels[:3] == ["⚡ Beli", "📊 Rekap", "👥 Agen"]
    agent = town.person(AGENT)
    await bought(agent)
    await bought(owner, "54123456780 20")
    day = await taps(owner, "📊 Rekap", "Sukses 2", owner.screen[0])
    assert "Agen 22 1" in day.text


async def test_a_cashier_sells_sees_his_own_sales_and_no_money(town: Street) -> None:
    agent = await arrives(town, AGENT)
    for meter in (METER, "54123456780"):
        await bought(agent, f"{meter} 200")
    empty = await says(agent, "kasir", "Belum ada kasir")
    payload = await invitation(town, agent, "kasir undang")
    assert empty.labels[0] == "➕ Undang kasir"
    siti = town.person(CASHIER)
    siti.start(payload)
    assert "Rp500.000" in (await siti.sees("kasir akun Agen 22")).text
    await menu(town, siti, MENUS["cashier"]["id"])
    payment = await card(siti, "54123456780 20")
    await taps(siti, pay_label(payment), "SUKSES", payment)
    await says(siti, "54123456780 100", "Saldo akun ini tidak cukup")
    assert not [one.text for one in siti.screen if re.search(r"[Ss]aldo (?:Rp)?\d|sisa saldo", one.text)]
    listed = await says(siti, "riwayat", "🧾")
    assert ("ANDI PRASETYO" in listed.text, "BUDI SANTOSA" in listed.text) == (True, False)
    assert "saldo" not in (await says(siti, "saldo", "Halo Agen 22")).text.casefold()
    await taps(agent, "➕ Undang kasir", "https://t.me/", empty)
    gone = await says(agent, "kasir", "1 kasir")
    asked = await taps(agent, gone.labels[0], f"telegram:{CASHIER}", gone)
    await taps(agent, asked.labels[0], "sudah keluar", asked)
    await siti.sees("tidak lagi ikut akun Agen 22")
    await menu(town, siti, MENUS["customer"]["id"])
    await says(siti, f"{METER} 20", "Beli lewat agen kami")


async def test_who_is_frozen_between_the_card_and_the_payment_buys_nothing(town: Street, language: str) -> None:
    owner, agent = await arrives(town, OWNER), town.person(AGENT, language)
    payment = await card(agent)
    await says(owner, "beku A001 ya", "dibekukan")
    await taps(agent, pay_label(payment), FROZEN[language], payment)
    await town.settled()
    assert (town.sandbox.sales(), town.sandbox.count("PAY"), await town.purchases()) == ([], 0, [])
    assert payment.buttons == ()
    await says(owner, "aktif A001", "bisa membeli")
    await bought(agent)


async def test_freezing_by_taps_asks_first(town: Street) -> None:
    owner = await arrives(town, OWNER)
    shown = await says(owner, "agen A001", "A001 Agen 22")
    asked = await taps(owner, "🧊 Bekukan", "Bekukan Agen 22?", shown)
    agent = town.person(AGENT)
    await card(agent)
    await taps(owner, "🧊 Ya, bekukan", "Agen 22 dibekukan.", asked)
    await says(agent, f"{METER} 20", FROZEN["id"])


async def test_a_stranger_is_a_customer_who_gets_a_lost_token_by_the_receipts_code(town: Street, language: str) -> None:
    token, _ = await bought(town.person(AGENT))
    (sold,) = await town.purchases()
    customer = await arrives(town, STRANGER, language)
    await menu(town, customer, MENUS["customer"][language])
    start = customer.screen[-1]
    asks_meter = {
        "id": "Ketik nomor meter (11 angka, di layar",
        "en": "Type the meter number (11 digits, on its display",
    }
    asked = await taps(customer, start.labels[0], asks_meter[language], start)
    await says(customer, "AAAAAAAAAA", {"id": "Belum ada token yang cocok", "en": "No matching token"}[language])
    mark = customer.mark()
    customer.start(f"c_{sold.claim_code}")
    found = await customer.sees(lambda one: bool(digits(one)), after=mark)
    assert digits(found) == digits(token)
    assert "B*** S******" in (await customer.sees("B***", after=mark)).text
    assert asked.message_id < found.message_id


async def test_a_stranger_who_orders_is_told_where_to_buy(town: Street) -> None:
    stranger = town.person(STRANGER)
    await says(stranger, f"{METER} 50", "Beli lewat agen kami: Agen 22")
    await says(stranger, "saldo", "bot token listrik Toko Uji")
    assert town.sandbox.sales() == []


async def test_a_change_of_language_changes_words_buttons_and_menu(town: Street) -> None:
    agent = await arrives(town, AGENT)
    await menu(town, agent, MENUS["agent"]["id"])
    asked = await says(agent, "/bahasa", "Which language?")
    await taps(agent, "English", "English from now on", asked)
    await menu(town, agent, MENUS["agent"]["en"])
    payment = await card(agent)
    assert pay_label(payment) == "✅ Pay Rp52.000"
    assert (await says(agent, "menu", "Hello Agen 22")).labels[0] == "⚡ Buy"
    await taps(agent, "Bahasa Indonesia", "mulai sekarang dalam bahasa Indonesia", asked)
    await menu(town, agent, MENUS["agent"]["id"])


@pytest.mark.parametrize(("tag", "words"), [("en-GB", "Hello Agen 22"), ("in", "Halo Agen 22"), (None, "Halo Agen 22")])
async def test_the_first_word_is_in_the_language_of_the_phone(town: Street, tag: str | None, words: str) -> None:
    agent = town.person(AGENT, tag)
    agent.start()
    await agent.sees(words)


async def test_the_bot_describes_itself_in_both_languages(town: Street) -> None:
    await menu(town, await arrives(town, AGENT), MENUS["agent"]["id"])  # is told after all that everybody may read
    texts = town.api.state.texts
    assert {language for _, language in texts} == {"", "id", "en"}
    assert "Toko Uji" in texts["description", "en"]
    assert texts["short_description", ""] == texts["short_description", "id"]


async def test_in_a_group_a_command_is_answered_once_and_nothing_is_shown(town: Street) -> None:
    agent = town.person(AGENT)
    await card(agent)
    group = town.api.group(-500)
    for text in (f"{METER} 50", "/saldo", "/beli", "bayar"):
        agent.group_say(-500, text)
    await town.settled()
    assert [one.text for one in group.screen] == ["Saya hanya melayani di chat pribadi."]
    assert town.sandbox.sales() == []


async def test_a_group_that_adds_the_bot_is_left_at_once(town: Street) -> None:
    agent = town.person(AGENT)
    group = town.api.group(-501)
    added = {
        "chat": group.described, "from": agent.described, "date": town.api.clock.date(),
        "old_chat_member": {"user": town.api.state.bot, "status": "left"},
        "new_chat_member": {"user": town.api.state.bot, "status": "member"},
    }  # fmt: skip
    town.api.state.updates.add("my_chat_member", added, "member 501", group.id)
    async with asyncio.timeout(PATIENCE):
        while not group.left:
            await group.changed.future()
    assert group.screen == []


async def test_a_tap_with_an_id_from_another_chat_does_nothing(town: Street) -> None:
    agent, thief = town.person(AGENT), await arrives(town, STRANGER)
    payment = await card(agent)
    data = payment.buttons[0][0].data
    mark = thief.mark()
    thief.forge(data, thief.screen[-1])
    await thief.sees("Tombol itu sudah lewat", after=mark)
    agent.forge("AAAAAAAA.pay", payment)
    agent.forge("x" * 64, payment)
    await town.settled()
    assert (town.sandbox.sales(), await town.purchases()) == ([], [])
    await taps(agent, pay_label(payment), "SUKSES", payment)


async def test_another_agent_knows_no_sale_but_his_own(tmp_path: Path, mode: str) -> None:
    async with street(tmp_path, mode, agents=(AGENT, OTHER)) as town:
        town.api.state.pace.off()
        _, done = await bought(town.person(AGENT))
        for word in ("token", "struk", "cek", "salin"):
            await says(town.person(OTHER), f"{word} {sale(done)}", "Tidak ada pembelian itu di akun ini.")


async def test_names_with_marks_are_shown_as_they_were_typed(tmp_path: Path, mode: str) -> None:
    name = "<b>A&B</b> _x_ *y* `z`"
    async with street(tmp_path, mode, shop=faster(SHOP)) as town:
        town.api.state.pace.off()
        owner = await arrives(town, OWNER)
        payload = await invitation(town, owner, f"agen baru {name}")
        dewi = town.person(STRANGER)
        dewi.start(payload)
        welcome = await dewi.sees(name)
        assert [one["type"] for one in welcome.entities if one["type"] != "bold"] == []
        await says(owner, "agen <i>none</i>", "Tidak ada agen <i>none</i>.")
        await says(owner, "agen A002", f"A002 {name} · aktif")


async def test_whoever_blocked_the_bot_and_comes_back_finds_his_token(tmp_path: Path, mode: str) -> None:
    async with street(tmp_path, mode, shop=faster(SHOP, janitor=50)) as town:
        agent = town.person(AGENT)
        payment = await card(agent, "11111111102 50")
        agent.tap(pay_label(payment), payment)
        agent.block()
        await town.settled()
        assert not any(digits(one) for one in agent.screen)
        agent.unblock()
        found = await agent.sees(lambda one: bool(digits(one)))
        assert digits(found) == town.sandbox.sales()[0].tokens[0]
        await agent.sees("SUKSES")
