"""Owners, agents, cashiers and strangers in talk about who may sell: by taps and by words, in both languages."""

import re
from pathlib import Path

import pytest

from bot.clock import DAY
from bot.domain.ledger import account_of
from bot.domain.message import Option
from bot.domain.people import Role
from bot.domain.purchase import State
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import ledger, people
from tests.test_i18n import RENDERER, columns
from tests.world import ZONE, Said, World

METER = "54123456789"
CODE = re.compile(r"AGEN ([0-9A-Z]{10})")


def keys(said: list[Said]) -> list[str]:
    return [one.key for one in said]


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


async def tap(shop: World, said: Said, label: str, who: str = "boss") -> list[Said]:
    return await shop.say(next(tap_id for _, text, tap_id in said.options if label in text), who)


async def only(shop: World, text: str, who: str = "boss") -> Said:
    (said,) = await shop.say(text, who)
    return said


async def code_for(shop: World, text: str = "undang A001", who: str = "boss") -> str:
    match = CODE.search((await only(shop, text, who)).text)
    assert match is not None
    return match[1]


async def cashier(shop: World) -> None:
    """Siti at the counter of Budi Cell."""
    await shop.say(f"AGEN {await code_for(shop, 'kasir undang', 'budi')}", "siti")


async def test_an_owner_makes_an_agent_and_the_agent_sells_with_the_code_alone(shop: World) -> None:
    made = await only(shop, "agen baru  Berkah   Cell")
    assert made.key == "agent.invite_code"
    assert made.text.startswith("Undangan untuk Berkah Cell, 24 jam, sekali pakai.")
    code = CODE.search(made.text)
    assert code is not None
    welcome = await only(shop, f"agen {code[1].lower()}", "dewi")
    assert welcome.key == "invite.done"
    assert welcome.text.startswith("Akun Berkah Cell aktif di chat ini.")
    await shop.store.write(_credit, shop, "Berkah Cell")
    await shop.say(f"{METER} 50", "dewi")
    assert keys(await shop.say("bayar", "dewi")) == ["buy.processing", "token.only", "pay.done"]


def _credit(tx: Tx, shop: World, name: str) -> None:
    people.top_up(tx, people.find_agent(tx, name), 700_000, name, "test", shop.shop, shop.clock())


@pytest.mark.parametrize("form", ["/start a_{code}", "start a_{code}", "AGEN {code}", "agent {code}", "{code}"])
async def test_every_form_of_an_invitation_opens_the_account(shop: World, form: str) -> None:
    code = await code_for(shop)
    said = await only(shop, form.format(code=code), "siti")
    assert said.key == "invite.added"
    assert said.text == "Chat ini ikut akun Budi Cell. 24 jam pertama batasnya Rp500.000."
    assert (await only(shop, "menu", "siti")).key == "start.agent"


async def test_the_link_is_made_of_the_name_that_the_platform_knows(shop: World) -> None:
    await shop.store.write(lambda tx: tx.run("published_set", channel="telegram", subject="name", value="toko_uji_bot"))
    said = await only(shop, "undang Budi Cell")
    assert re.search(
        r"sekali pakai:\nhttps://t\.me/toko_uji_bot\?start=a_[0-9A-Z]{10}\n.* AGEN [0-9A-Z]{10}$", said.text
    )


def _published(tx: Tx, subject: str, channel: str, value: str) -> None:
    tx.run("published_set", channel=channel, subject=subject, value=value)


async def test_an_invitation_shows_the_way_on_every_platform_that_knows_the_shop(shop: World) -> None:
    await shop.store.write(_published, "number", "whatsapp", "628110001")
    said = await only(shop, "undang Budi Cell")
    assert said.key == "agent.invite"
    assert re.search(r":\nhttps://wa\.me/628110001\?text=AGEN%20([0-9A-Z]{10})\n.* AGEN \1$", said.text)
    await shop.store.write(_published, "name", "telegram", "toko_uji_bot")
    said = await only(shop, "undang Budi Cell")
    assert said.key == "agent.invite_both"
    telegram, whatsapp, typed = said.text.splitlines()[1:]
    code = typed[-10:]
    assert telegram == f"Telegram: https://t.me/toko_uji_bot?start=a_{code}"
    assert whatsapp == f"WhatsApp: https://wa.me/628110001?text=AGEN%20{code}"
    assert (await only(shop, f"AGEN {code}", "siti")).key == "invite.added"


async def test_a_customers_copy_names_whatsapp_wherever_it_knows_the_shop(shop: World) -> None:
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    (sold,) = await shop.purchases()
    await shop.store.write(_published, "name", "telegram", "toko_uji_bot")
    assert f"https://t.me/toko_uji_bot?start=c_{sold.claim_code}" in (await only(shop, "salin T10001", "budi")).text
    await shop.store.write(_published, "number", "whatsapp", "628110001")
    copy = (await only(shop, "salin T10001", "budi")).text
    assert f"https://wa.me/628110001?text=KLAIM%20{sold.claim_code}" in copy
    assert "t.me" not in copy
    assert keys(await shop.say(f"KLAIM {sold.claim_code}", "siti")) == ["token.only", "rec.found"]


async def test_start_alone_is_the_menu_and_a_receipts_link_is_a_claim(shop: World) -> None:
    assert keys(await shop.say("/start", "siti")) == ["start.customer"]
    assert keys(await shop.say("/start c_AAAAAAAAAA", "siti")) == ["rec.none"]
    assert keys(await shop.say("/start something-else", "siti")) == ["start.customer"]
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    (sold,) = await shop.purchases()
    assert keys(await shop.say(f"/start c_{sold.claim_code}", "siti")) == ["token.only", "rec.found"]
    assert keys(await shop.say(sold.claim_code or "", "siti")) == ["token.only", "rec.found"]


async def test_wrong_codes_are_answered_alike_and_the_sixth_is_not_even_tried(shop: World) -> None:
    code = await code_for(shop)
    await shop.say(f"AGEN {code}", "siti")
    texts = {(await only(shop, f"AGEN {wrong}", "ani")).text for wrong in (code, *["AAAAAAAAAA"] * 4)}
    fresh = await code_for(shop)
    texts.add((await only(shop, f"AGEN {fresh}", "ani")).text)
    assert len(texts) == 1
    assert keys(await shop.say(fresh, "ani")) == ["rec.none"]
    assert keys(await shop.say(f"AGEN {fresh}", "dewi")) == ["invite.added"]


async def test_claiming_is_never_locked_by_wrong_codes(shop: World) -> None:
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    (sold,) = await shop.purchases()
    for _ in range(7):
        assert keys(await shop.say("AAAAAAAAAA", "siti")) == ["rec.none"]
    assert keys(await shop.say(sold.claim_code or "", "siti")) == ["token.only", "rec.found"]


async def test_owners_and_agents_are_told_kindly_that_the_invitation_is_for_somebody_else(shop: World) -> None:
    await shop.say("agen baru Berkah Cell", "boss")
    code = await code_for(shop, "undang Berkah Cell")
    assert (await only(shop, f"AGEN {code}", "boss")).key == "invite.owner"
    taken = await only(shop, code, "budi")
    assert taken.text.startswith("Chat ini sudah ikut akun Budi Cell")
    await shop.say("beku Berkah Cell ya", "boss")
    assert keys(await shop.say(code, "siti")) == ["invite.frozen"]
    await shop.say("aktif Berkah Cell", "boss")
    assert keys(await shop.say(code, "siti")) == ["invite.done"]


async def test_a_talk_that_was_open_ends_when_the_chat_joins(shop: World) -> None:
    code = await code_for(shop)
    await shop.say("cari", "siti")
    assert "invite.added" in keys(await shop.say(f"/start a_{code}", "siti"))
    assert keys(await shop.say(f"{METER} 50", "siti")) == ["buy.pay"]


async def test_a_new_further_chat_buys_up_to_its_limit_and_the_first_chat_goes_on(shop: World) -> None:
    await shop.store.write(_credit, shop, "Budi Cell")
    await shop.say(f"AGEN {await code_for(shop)}", "siti")
    assert keys(await shop.say(f"{METER} 500", "siti")) == ["pay.limit"]
    await shop.say(f"{METER} 200", "siti")
    assert keys(await shop.say("bayar", "siti"))[-1] == "pay.done"
    await shop.say("54123456780 200", "siti")
    await shop.say("bayar", "siti")
    refused = await only(shop, f"{METER} 100", "siti")
    assert refused.text.startswith("Melebihi batas Rp500.000 per hari untuk akun ini.")
    assert "24 jam pertama" in refused.text
    assert keys(await shop.say(f"{METER} 100")) == ["buy.pay"]
    shop.clock.forward(DAY)
    assert keys(await shop.say(f"{METER} 100", "siti")) == ["buy.pay"]


async def test_a_chat_that_is_new_itself_lets_nobody_in(shop: World) -> None:
    await shop.say(f"AGEN {await code_for(shop, 'kasir chat', 'budi')}", "budi too")
    assert (await only(shop, "kasir undang", "budi too")).key == "cashier.too_new"
    shop.clock.forward(DAY)
    assert (await only(shop, "kasir undang", "budi too")).key == "agent.invite_code"


async def test_an_agent_invites_and_removes_a_cashier_by_taps(shop: World) -> None:
    empty = await only(shop, "kasir", "budi")
    assert empty.key == "cashier.empty"
    (invitation,) = await tap(shop, empty, "Undang kasir", "budi")
    assert invitation.text.startswith("Undangan untuk kasir Budi Cell, 24 jam")
    code = CODE.search(invitation.text)
    assert code is not None
    welcome = await only(shop, code[1], "siti")
    assert (welcome.key, welcome.text[:26]) == ("invite.cashier", "Chat ini kasir akun Budi C")
    listed = await only(shop, "kasir", "budi")
    assert "console:siti · kasir · sejak 25 Nov" in listed.text
    (question,) = await tap(shop, listed, "Keluarkan #", "budi")
    assert question.key == "agent.remove_ask"
    assert (await only(shop, "menu", "siti")).key == "start.agent"  # asked, not done
    (done,) = await tap(shop, question, "Ya, keluarkan", "budi")
    assert done.key == "agent.removed"
    assert [one.key for one in shop.phone.read if one.to == "siti"][-1] == "chat.removed"
    assert (await only(shop, "menu", "siti")).key == "start.customer"


async def test_a_cashier_buys_resends_and_prints_and_sees_neither_margin_nor_balance(shop: World) -> None:
    await shop.say(f"{METER} 20")
    await shop.say("bayar")
    await cashier(shop)
    greeted = await only(shop, "menu", "siti")
    assert greeted.key == "start.agent"
    assert "Saldo" not in greeted.text
    for word in ("saldo", "harga", "rekap", "kasir", "agen", "beku A001", "rekap kemarin"):
        assert keys(await shop.say(word, "siti")) == ["start.agent"], word
    assert keys(await shop.say("bantuan", "siti")) == ["help.cashier"]
    assert keys(await shop.say("riwayat", "siti")) == ["hist.empty"]
    await shop.say(f"{METER} 50", "siti")
    parts = await shop.say("rincian", "siti")
    assert not any("toko Rp400" in one.text for one in parts)
    assert keys(await shop.say("bayar", "siti"))[-1] == "pay.done"
    assert (await only(shop, "riwayat", "siti")).text.startswith("🧾 25 Nov · 1 sukses · Rp52.000")
    assert keys(await shop.say("token T10002", "siti")) == ["resend.head"]
    assert keys(await shop.say("struk T10002", "siti")) == ["receipt.sent"]
    assert keys(await shop.say("T10001", "siti")) == ["hist.none"]
    assert keys(await shop.say("T10002")) == ["pay.done"]  # the agent sees his cashier's
    assert await shop.violations() == []


async def test_an_owner_reads_his_agents_and_a_card_and_freezes_with_one_confirm(shop: World) -> None:
    menu = await only(shop, "menu", "boss")
    (listed,) = await tap(shop, menu, "Agen")
    assert listed.text == "👥 1 agen\nA001 Budi Cell · aktif · Rp500.000"
    (card,) = await tap(shop, listed, "A001 Budi Cell")
    assert card.text == (
        "A001 Budi Cell · aktif · zona WIB\nSaldo Rp500.000 · hari ini 0 trx\nMarkup Rp400\nBelum pernah jual\n"
        "#1 console:budi · agen · sejak 25 Nov"
    )
    assert labels(card) == [
        "➕ Isi saldo",
        "💳 Markup",
        "📒 Mutasi",
        "🧊 Bekukan",
        "➕ Undang chat",
        "📏 Batas",
        "🚪 Keluarkan chat",
        "💵 Harga",
        "🕐 Zona",
        "✏️ Nama agen",
        "👥 Agen",
    ]
    (question,) = await tap(shop, card, "Bekukan")
    assert question.key == "agent.freeze_ask"
    assert keys(await tap(shop, question, "Batal")) == ["agent.card"]
    assert keys(await shop.say(f"{METER} 50")) == ["buy.pay"]
    (frozen,) = await tap(shop, question, "Ya, bekukan")
    assert frozen.text == "Budi Cell dibekukan. Pembelian yang berjalan tetap diselesaikan."
    assert keys(await shop.say("bayar")) == ["pay.frozen"]  # between card and payment
    assert keys(await tap(shop, frozen, "Aktifkan")) == ["agent.unfrozen"]
    assert keys(await shop.say(f"{METER} 50")) == ["buy.pay"]
    actions = [(one.action, one.actor) for one in await shop.store.read(people.deeds, 1)]
    assert [action for action, _ in actions] == ["added", "joined", "topped up", "frozen", "unfrozen"]
    assert actions[-1][1].startswith("owner in chat ")


async def test_what_was_under_way_is_settled_for_a_frozen_and_removed_chat(shop: World) -> None:
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await shop.say(f"{METER} 50")
    await shop.say("bayar")
    await shop.say("beku A001 ya", "boss")
    await shop.say("keluar A001 1 ya", "boss")
    assert "token.only" in keys(await shop.later(10_000))
    (bought,) = await shop.purchases()
    assert bought.state is State.SUCCESS
    account = await shop.store.read(ledger.account, account_of(1))
    assert (account.posted, account.held) == (448_000, 0)
    assert await shop.violations() == []


async def test_a_chat_removed_between_card_and_payment_buys_nothing(shop: World) -> None:
    (card,) = await shop.say(f"{METER} 50")
    (chats,) = await shop.say("keluar A001", "boss")
    (question,) = await tap(shop, chats, "Keluarkan #1")
    (done,) = await tap(shop, question, "Ya, keluarkan")
    assert done.text.startswith("console:budi sudah keluar dari akun Budi Cell.")
    told = [one for one in shop.phone.read if one.to == "budi"][-1]
    assert told.text.startswith("Chat ini tidak lagi ikut akun Budi Cell.")
    assert keys(await tap(shop, card, "Bayar", "budi")) == ["in.stale", "start.customer"]
    assert keys(await shop.say("bayar")) == ["start.customer"]
    assert keys(await shop.say(f"{METER} 50")) == ["start.buy_at"]
    assert await shop.purchases() == []


async def test_a_chat_removed_while_the_meter_is_asked_about_hears_no_more_of_it(shop: World) -> None:
    await shop.put(f"{METER} 50", "budi")
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()
    await shop.put("keluar A001 1 ya", "boss")
    assert keys(await shop.settle()) == ["chat.removed"]


async def test_an_old_removal_button_never_removes_another_chat(shop: World) -> None:
    (question,) = await shop.say("keluar A001 1", "boss")
    await shop.say("keluar A001 1 ya", "boss")
    await shop.say(f"AGEN {await code_for(shop)}", "siti")
    assert keys(await tap(shop, question, "Ya, keluarkan")) == ["agent.chat_none"]
    assert (await only(shop, "menu", "siti")).key == "start.agent"


async def test_nobody_the_counter_and_a_name_that_ends_in_yes(shop: World) -> None:
    assert keys(await shop.say("beku Nobody", "boss")) == ["agent.none"]
    assert keys(await shop.say("beku Toko Uji ya", "boss")) == ["agent.counter"]
    assert keys(await shop.say("beku", "boss")) == ["agent.list"]
    await shop.say("agen baru Bu Ya", "boss")
    assert keys(await shop.say("beku Bu Ya", "boss")) == ["agent.freeze_ask"]
    assert keys(await shop.say("beku Bu Ya ya", "boss")) == ["agent.frozen"]
    assert keys(await shop.say("undang Bu Ya", "boss")) == ["agent.frozen"]
    assert keys(await shop.say("agen baru bu ya", "boss")) == ["agent.exists"]
    assert keys(await shop.say("agen baru", "boss")) == ["agent.name"]
    await shop.say("agen baru MEGAHCERAH", "boss")  # ten letters of which a code could be made
    assert keys(await shop.say("agen megahcerah", "boss")) == ["agent.card"]
    assert keys(await shop.say("agen A001", "budi")) == ["start.agent"]


async def test_a_new_agents_name_is_asked_for_and_taken(shop: World) -> None:
    asked = await only(shop, "agen baru", "boss")
    assert (asked.key, labels(asked)) == ("agent.name", ["✖️ Batal"])
    assert keys(await shop.say("x" * 41, "boss")) == ["agent.name"]
    assert keys(await shop.say("agen", "boss")) == ["agent.list", "agent.name"]  # a line of its own is no name
    assert keys(await shop.say("isi A001 5000", "boss")) == ["isi.cash"]
    await shop.say("batal", "boss")
    for typed, called in (("Toko Melati", "Toko Melati"), ("agen baru Berkah Cell", "Berkah Cell")):
        await shop.say("agen baru", "boss")
        assert (await only(shop, typed, "boss")).text.startswith(f"Undangan untuk {called}, ")
    await shop.say("agen baru", "boss")
    assert keys(await shop.say("toko melati", "boss")) == ["agent.exists"]
    assert keys(await shop.say("berkah cell", "boss")) == ["in.unknown"]  # nothing is asked any more


async def test_whether_to_freeze_is_answered_by_a_plain_yes_or_no(shop: World) -> None:
    await shop.say("beku A001", "boss")
    assert keys(await shop.say("tidak", "boss")) == ["agent.card"]
    assert keys(await shop.say("ya", "boss")) == ["in.unknown"]  # the question is gone
    await shop.say("beku A001", "boss")
    assert keys(await shop.say("ya", "boss")) == ["agent.frozen"]
    await shop.say("keluar A001 1", "boss")
    shop.clock.forward(shop.shop.waits.stale + 1)
    assert keys(await shop.say("ya", "boss")) == ["in.unknown"]  # who knows what to


@pytest.mark.parametrize(("typed", "key"), [("👍", "in.thanks"), ("🙏🏽 ❤️", "in.thanks"), ("…", "in.unknown")])
async def test_a_thumb_is_no_mistake(shop: World, typed: str, key: str) -> None:
    assert keys(await shop.say(typed)) == [key]


async def test_many_agents_stand_on_pages_of_which_every_channel_can_show_the_options(shop: World) -> None:
    assert keys(await shop.say("agen", "boss")) == ["agent.list"]
    for number in range(2, 21):
        await shop.store.write(people.add_agent, f"Kios Listrik Nomor {number}", None, shop.shop, shop.clock())
    (first,) = await shop.say("agen", "boss")
    assert len(first.options) == 9
    assert labels(first)[1] == "A002 Kios Listrik N…"
    (second,) = await tap(shop, first, "Berikutnya")
    (third,) = await tap(shop, second, "Berikutnya")
    assert labels(third)[-2:] == ["A020 Kios Listrik N…", "➕ Agen baru"]
    assert all(columns(label) <= 20 for one in (first, second, third) for label in labels(one))


async def test_all_of_it_in_english(shop: World) -> None:
    for who in ("boss", "budi", "siti"):
        await shop.say("bahasa en", who)
    invitation = await only(shop, "invite A001")
    assert invitation.text.startswith("Invitation for Budi Cell, 24 hours, one use.")
    match = CODE.search(invitation.text)
    assert match is not None
    welcome = await only(shop, f"/start a_{match[1]}", "siti")
    assert welcome.text == "This chat has joined account Budi Cell. Limit for the first 24 hours: Rp500.000."
    card = await only(shop, "agents Budi Cell")
    assert card.text.startswith(
        "A001 Budi Cell · active · zone WIB\nBalance Rp500.000 · today 0\nMarkup Rp400\nNo sale yet\n"
        "#1 console:budi · agent"
    )
    assert (await only(shop, "freeze A001")).text.startswith("Freeze Budi Cell?")
    assert (await only(shop, "freeze A001 yes")).text == "Budi Cell is frozen. Running purchases will be settled."
    assert (await only(shop, "unfreeze A001")).text == "Budi Cell is active and can buy."
    assert (await only(shop, "remove A001 2 yes")).text.startswith("console:siti is no longer in account Budi Cell.")
    told = [one for one in shop.phone.read if one.to == "siti"][-1]
    assert told.text.startswith("This chat no longer works for account Budi Cell.")
    assert (await only(shop, "cashier", "budi")).text.startswith("👥 No cashiers yet.")
    assert keys(await shop.say("agent new Berkah Cell", "boss")) == ["agent.invite_code"]


async def test_no_button_of_these_is_too_wide_for_any_channel(shop: World) -> None:
    await cashier(shop)
    for text, who in (("kasir", "budi"), ("agen", "boss"), ("agen A001", "boss"), ("keluar A001", "boss")):
        for option in (await only(shop, text, who)).message.options:
            for locale in ("id", "en"):
                assert columns(_label(option, locale)) <= 20


def _label(option: Option, locale: str) -> str:
    return RENDERER.label(option, locale, ZONE)


async def test_a_code_stands_in_no_log(shop: World, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code = await code_for(shop)
    await shop.say(f"AGEN {code}", "siti")
    await shop.say(f"AGEN {code}", "ani")
    said = capfd.readouterr()
    assert code not in said.out + said.err
    trail = await shop.store.read(people.deeds, 1)
    assert code not in str(trail)
    assert Role.AGENT in {one.role for one in await shop.store.read(people.chats, 1)}
