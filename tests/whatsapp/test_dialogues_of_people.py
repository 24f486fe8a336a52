"""Who may do what on WhatsApp: owners, agents, cashiers, customers and strangers, by taps, links and words."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.street import faster
from tests.whatsapp.conftest import proper
from tests.whatsapp.double import Person
from tests.whatsapp.street import AGENT, OTHER, OWNER, SHOP, STRANGER, Street, street
from tests.whatsapp.talk import (
    FROZEN,
    METER,
    bought,
    card,
    digits,
    invitation,
    is_card,
    is_done,
    named,
    new,
    pay_label,
    sale,
    says,
    speaks,
    taps,
)

CASHIER = "628140000044"
JOINED = {"id": "aktif di chat ini", "en": "now works in this chat"}
NO_CODE = {"id": "Kode itu tidak berlaku", "en": "That code does not work"}
NO_TOKEN = {"id": "Belum ada token yang cocok", "en": "No matching token"}
FIND = {"id": "🔎 Cari token saya", "en": "🔎 Find my token"}
ASKS_METER = {"id": "Ketik nomor meter (11 angka, di layar", "en": "Type the meter number (11 digits, on its display"}
PROOF = {"id": "pilih satu bukti", "en": "choose one proof"}
ASK_SELLER = {"id": "🙋 Minta ke penjual", "en": "🙋 Ask the seller"}
LINK = re.compile(r"^https://wa\.me/6281100009999\?text=(\S+)$", re.MULTILINE)


async def link(person: Person, words: str) -> str:
    """What the link of an invitation lets its reader send."""
    found = LINK.search((await says(person, words, "https://wa.me/")).text)
    assert found is not None
    return unquote(found[1])


async def test_an_owner_invites_and_what_the_link_types_makes_an_agent(town: Street, language: str) -> None:
    owner, dewi = await speaks(town, OWNER, language), await speaks(town, STRANGER, language)
    await named(town)
    typed = await link(owner, "agen baru Berkah Cell")
    welcome = await says(dewi, typed, JOINED[language])
    assert ("Berkah Cell" in welcome.text, welcome.kind) == (True, "button")
    await taps(dewi, welcome.labels[0], "11", welcome)
    listed = await says(owner, "agen", "Berkah Cell")
    row = next(label for label in listed.labels if "Berkah Cell" in label)
    await taps(owner, row, f"whatsapp:{STRANGER}", listed)
    await says(await speaks(town, OTHER, language), typed, NO_CODE[language])


async def test_an_owner_sees_the_day_and_sells_from_his_own_deposit(town: Street) -> None:
    owner = town.person(OWNER)
    menu = await says(owner, "menu", "Deposit VSI")
    assert (menu.kind, menu.labels) == ("button", ["⚡ Beli", "📊 Rekap", "👥 Agen"])
    await bought(town.person(AGENT))
    payment = await card(owner, "54123456780 20")
    assert "sisa deposit" in payment.text
    done = await taps(owner, pay_label(payment), is_done, payment)
    assert "Terima Rp23.000" in done.text
    day = await taps(owner, "📊 Rekap", "Sukses 2", menu)
    assert f"Agen {AGENT} 1" in day.text
    await taps(owner, "👥 Agen", "1 agen", menu)


async def test_a_cashier_sells_sees_his_own_sales_and_no_money(town: Street) -> None:
    agent = town.person(AGENT)
    _, sold = await bought(agent)
    empty = await says(agent, "kasir", "Belum ada kasir")
    code = await invitation(agent, "kasir undang")
    siti = town.person(CASHIER)
    await says(siti, f"agen {code.lower()}", f"kasir akun Agen {AGENT}")
    amounts = await says(siti, "54123456780", "ANDI PRASETYO")
    payment = await taps(siti, "20rb", is_card, amounts)
    await taps(siti, pay_label(payment), is_done, payment)
    listed = await says(siti, "riwayat", "🧾")
    assert ("ANDI PRASETYO" in listed.text, "BUDI SANTOSA" in listed.text) == (True, False)
    await says(siti, f"token {sale(sold)}", "Tidak ada pembelian itu di akun ini.")
    for secret in ("saldo", "harga", "rekap", "kasir", "agen"):
        shown = await says(siti, secret, f"Halo Agen {AGENT}")
        assert "Rp" not in shown.text
    assert "saldo" not in (await says(siti, "bantuan", "Contoh")).text
    await taps(agent, empty.labels[0], "AGEN ", empty)
    people = await says(agent, "kasir", "1 kasir")
    asked = await taps(agent, people.labels[0], f"whatsapp:{CASHIER}", people)
    await taps(agent, asked.labels[0], "sudah keluar", asked)
    await siti.sees(f"tidak lagi ikut akun Agen {AGENT}")
    await says(siti, f"{METER} 20", "Beli lewat agen kami")


async def test_who_is_frozen_between_the_card_and_the_payment_buys_nothing(town: Street, language: str) -> None:
    owner, agent = town.person(OWNER), await speaks(town, AGENT, language)
    payment = await card(agent)
    await says(owner, "beku A001 ya", "dibekukan")
    await taps(agent, pay_label(payment), FROZEN[language], payment)
    await town.settled()
    assert (town.sandbox.sales(), town.sandbox.count("PAY"), await town.purchases()) == ([], 0, [])
    await says(owner, "aktif A001", "bisa membeli")
    await bought(agent)


async def test_an_owner_freezes_invites_and_removes_by_taps_that_ask_first(town: Street) -> None:
    owner, agent = town.person(OWNER), town.person(AGENT)
    await card(agent)
    shown = await says(owner, "agen A001", f"A001 Agen {AGENT}")
    assert (shown.kind, len(shown.labels)) == ("list", 8)
    asked = await taps(owner, "🧊 Bekukan", f"Bekukan Agen {AGENT}?", shown)
    frozen = await taps(owner, "🧊 Ya, bekukan", "dibekukan.", asked)
    await says(agent, f"{METER} 20", FROZEN["id"])
    await taps(owner, "▶️ Aktifkan", "bisa membeli", frozen)
    await card(agent, f"{METER} 20")
    chats = await taps(owner, "🚪 Keluarkan chat", "#1 whatsapp:", shown)
    sure = await taps(owner, "🚪 Keluarkan #1", f"Keluarkan whatsapp:{AGENT}", chats)
    await taps(owner, "🚪 Ya, keluarkan", "sudah keluar", sure)
    await agent.sees(f"tidak lagi ikut akun Agen {AGENT}")
    await says(agent, "bayar", "bot token listrik")
    assert town.sandbox.count("PAY") == 0


async def test_an_owner_opens_sales_that_stopped_and_who_waited_is_told(tmp_path: Path, language: str) -> None:
    async with street(tmp_path, shop=faster(SHOP, pending=100, janitor=50, shut=50)) as town:
        town.api.state.pace.off()
        owner, agent = town.person(OWNER), await speaks(town, AGENT, language)
        await says(owner, "menu", "Deposit VSI")
        payment = await card(agent, "11111111115 20")  # the supplier says that our deposit there is empty
        await taps(agent, pay_label(payment), "⏳", payment)
        await owner.sees("penjualan BERHENTI")
        closed = await says(agent, f"{METER} 20", "🔧")
        assert "deposit" not in closed.text.casefold()
        await taps(agent, closed.labels[0], "🔔", closed)
        mark = agent.mark()
        await taps(owner, "▶️ Coba buka", "satu pembelian dulu", await says(owner, "menu", "Deposit VSI"))
        payment = await card(owner, f"{METER} 20")
        await taps(owner, pay_label(payment), is_done, payment)
        await agent.sees({"id": "Penjualan dibuka lagi", "en": "Sales are open again"}[language], after=mark)


# customers


async def test_a_customer_gets_a_lost_token_by_what_the_receipts_link_types(town: Street, language: str) -> None:
    token, _ = await bought(town.person(AGENT))
    (sold,) = await town.purchases()
    customer = await speaks(town, STRANGER, language)
    mark = customer.mark()
    found = await says(customer, f"KLAIM {sold.claim_code}", lambda one: bool(digits(one)))
    await town.settled()
    assert digits(found) == digits(token)
    assert [one.text.count("B•••") for one in new(customer, mark)] == [0, 1]


async def test_a_customer_searches_by_taps_and_the_code_he_reads_off(town: Street, language: str) -> None:
    token, _ = await bought(town.person(AGENT))
    (sold,) = await town.purchases()
    customer = await speaks(town, STRANGER, language)
    start = await says(customer, "menu", "Setrum")
    assert (start.kind, start.labels[0]) == ("button", FIND[language])
    await taps(customer, FIND[language], ASKS_METER[language], start)
    none = await says(customer, "AAAAAAAAAA", NO_TOKEN[language])
    assert none.labels == [FIND[language], ASK_SELLER[language]]
    await says(customer, {"id": "klaim", "en": "claim"}[language], "K7Q2M9XT4B")
    found = await says(customer, str(sold.claim_code).lower(), lambda one: bool(digits(one)))
    assert digits(found) == digits(token)
    for words, asked in (("token hilang", ASKS_METER), (METER, PROOF)):
        await says(customer, words, asked[language])
        await says(customer, "batal", "Setrum")


@pytest.mark.parametrize("words", ["halo", "Halo kak", "Assalamualaikum", "selamat pagi", "hi"])
async def test_whoever_says_hello_first_is_greeted_and_shown_what_there_is(town: Street, words: str) -> None:
    start = await says(town.person(STRANGER), words, "Halo! Saya Setrum")
    assert start.labels == ["🔎 Cari token saya", "❓ Token ditolak", "🛒 Cara beli"]
    await says(town.person(AGENT), words, f"Halo Agen {AGENT}")


async def test_thanks_are_taken_for_thanks(town: Street, language: str) -> None:
    agent = await speaks(town, AGENT, language)
    await bought(agent)
    words, answer = {"id": ("makasih", "Sama-sama"), "en": ("Thank you!", "You are welcome")}[language]
    shown = await says(agent, words, answer)
    assert shown.labels == ["🏠 Menu"]


async def test_a_stranger_who_orders_is_told_where_to_buy(town: Street, language: str) -> None:
    stranger = await speaks(town, STRANGER, language)
    where = {"id": f"Beli lewat agen kami: Agen {AGENT}.", "en": f"Buy from one of our agents: Agen {AGENT}."}[language]
    shown = await says(stranger, f"{METER} 50", where)
    assert shown.labels == [FIND[language]]
    start = await says(stranger, "saldo", "Toko Uji")
    await taps(stranger, {"id": "🛒 Cara beli", "en": "🛒 How to buy"}[language], where, start)
    assert town.sandbox.count("INQ") == 0


async def test_another_agent_knows_no_sale_but_his_own(tmp_path: Path) -> None:
    async with street(tmp_path, agents=(AGENT, OTHER)) as town:
        town.api.state.pace.off()
        _, done = await bought(town.person(AGENT))
        for word in ("token", "struk", "cek", "salin"):
            await says(town.person(OTHER), f"{word} {sale(done)}", "Tidak ada pembelian itu di akun ini.")


@pytest.mark.parametrize(
    "name", ["*A* _b_ ~c~ `d` ```e```", "<b>A&B</b> > c", "\u202eCell\u202c \u200b 💡💡💡", "- 1. A"]
)
async def test_names_cannot_format_and_fit_wherever_they_stand(town: Street, name: str) -> None:
    owner, dewi = town.person(OWNER), town.person(STRANGER)
    code = await invitation(owner, f"agen baru {name}")
    welcome = await says(dewi, f"AGEN {code}", "aktif di chat ini")
    for shown in (welcome, await says(owner, "agen", "2 agen"), await says(owner, "agen A002", "· aktif")):
        assert not re.search(r"[_~`]|\*\w+\*", shown.text.removeprefix("*"))
        assert all(0 < len(label) <= 24 for label in shown.labels)
    await says(owner, f"agen {name} tidak ada", "Tidak ada agen")


async def test_whoever_blocked_the_shop_and_comes_back_finds_his_token(tmp_path: Path) -> None:
    async with street(tmp_path, shop=faster(SHOP, janitor=50)) as town:
        agent = town.person(AGENT)
        payment = await card(agent, "11111111102 50")
        agent.tap(pay_label(payment), payment)
        agent.block()
        await town.settled()
        assert not any(digits(one) for one in agent.screen)
        agent.unblock()
        agent.say("halo")
        found = await agent.sees(lambda one: bool(digits(one)))
        assert digits(found) == town.sandbox.sales()[0].tokens[0]
        await agent.sees(is_done)
        await town.settled()
        await proper(town)
