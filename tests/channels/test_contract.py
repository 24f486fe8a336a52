"""The contract that every channel meets, a sentence a test: the console, Telegram in both modes, and WhatsApp.

A sentence that another module proves is not proven again here: `ELSEWHERE` says where, for each platform. `SKIPPED`
says on which channel a sentence means nothing, for want of what it is about. Both are held to be true and complete.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot import books
from bot.clock import MINUTE
from bot.domain import stored
from bot.domain.message import Text
from bot.domain.purchase import Purchase
from bot.messaging import inbox
from bot.ports import Tx
from bot.services import audit, ledger
from tests.channels import ends
from tests.channels.elsewhere import ELSEWHERE, NEEDS, SKIPPED, TELEGRAM, WHATSAPP
from tests.channels.ends import ENDS, End, OnWhatsApp, Seen, answers, tapped
from tests.telegram.double import Kind
from tests.telegram.street import AGENT, OTHER, OWNER, SHOP, STRANGER, street
from tests.telegram.talk import card, is_done, pay_label, taps

ROOT = Path(__file__).parents[2]
METER = "54123456789"
OPTION = re.compile(r"[A-Za-z0-9_-]{8}\.[a-z0-9_]{1,40}")
GROUPED = re.compile(r"\d{4}(?: \d{4}){4}")


@pytest.fixture(params=ENDS)
async def end(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[End]:
    async with ends.opened(tmp_path, str(request.param)) as made:
        yield made
        await made.settled()
        assert (await made.store.read(audit.check)).violations == []


def test_every_sentence_is_proven_here_or_elsewhere_or_skipped_for_a_reason() -> None:
    source = Path(__file__).read_text(encoding="utf-8")
    here = {
        int(number) for name in re.findall(r"def test_((?:\d+_)+)", source) for number in name.strip("_").split("_")
    }
    assert sorted(here | ELSEWHERE.keys()) == list(range(1, 45))
    assert not here & ELSEWHERE.keys()
    for tests in ELSEWHERE.values():
        for module, words in tests:
            assert re.search(rf"def test_\w*{words}", (ROOT / module).read_text(encoding="utf-8")), (module, words)


def test_a_sentence_is_skipped_just_where_the_channel_lacks_what_it_is_about() -> None:
    lacking = {(number, kind) for number, what in NEEDS.items() for kind in ENDS if ends.lacks(kind, what)}
    assert set(SKIPPED) == lacking
    assert ends.lacks("whatsapp", "edits")  # there an edit is nothing, which is proven, too
    assert not ends.lacks("polling", "edits")


@pytest.mark.parametrize(("folder", "kinds"), [(TELEGRAM, ("polling", "webhook")), (WHATSAPP, ("whatsapp",))])
def test_what_is_proven_beside_a_platform_is_proven_beside_each(folder: str, kinds: tuple[str, ...]) -> None:
    """A second process is one of the shop's own, whichever platform it serves; only a poller has a rival besides."""
    for number, tests in ELSEWHERE.items():
        beside = {module.rpartition("/")[0] for module, _ in tests}
        if beside & {TELEGRAM, WHATSAPP} and number != 43 and not all((number, kind) in SKIPPED for kind in kinds):
            assert folder in beside, number


# intake


@pytest.mark.parametrize("kind", ENDS)
async def test_1_16_what_was_stored_before_a_stop_is_handled_after_the_next_start(tmp_path: Path, kind: str) -> None:
    """Stored and acknowledged by a process that did nothing else."""
    async with ends.platform(kind) as api:
        async with ends.opened(tmp_path, kind, api=api) as end:
            await answers(end, AGENT, "saldo")
            now = end.setrum.now()
            line = end.line(AGENT, "harga", now)
        async with books.opened(tmp_path / "setrum.db", SHOP) as store:
            await store.write(inbox.put, line, now)
        async with ends.opened(tmp_path, kind, api=api) as end:
            await end.settled()
            assert [one.text.startswith("Harga") for one in end.shown(AGENT)].count(True) == 1


async def test_3_the_same_update_five_times_is_one_row_and_one_turn(end: End) -> None:
    await end.say(AGENT, "saldo")
    await end.repeat(4)
    await end.settled()
    assert [one.text for one in end.shown(AGENT)] == ["Saldo Rp500.000"]


@pytest.mark.parametrize("kind", ENDS)
async def test_8_11_a_hanging_supplier_and_a_long_queue_keep_nobody_else_waiting(tmp_path: Path, kind: str) -> None:
    async with ends.opened(tmp_path, kind, latency_ms=600_000) as end:
        for number in range(20):
            await end.say(OTHER, f"5412345{number:04d} 20")
        await end.say(AGENT, "saldo")
        await end.until(AGENT, 1)
        assert not any("💳" in one.text for one in end.shown(OTHER))
        await end.say(STRANGER, "halo")
        await end.until(STRANGER, 1)


# order and turns


async def test_10_messages_of_one_chat_are_handled_in_their_order(end: End) -> None:
    words = ["saldo", "harga", "riwayat"] * 5
    for one in words:
        await end.say(AGENT, one)
    await end.until(AGENT, len(words))
    assert [one.text[:5] for one in end.shown(AGENT)] == ["Saldo", "Harga", "🧾 Bel"] * 5


async def test_12_a_tap_and_a_text_that_race_have_the_effect_of_one_order_of_them(end: End) -> None:
    (card,) = await answers(end, AGENT, f"{METER} 50")
    pay = option(card, "Bayar")
    await asyncio.gather(end.tap(AGENT, pay, card), end.say(AGENT, "batal"))
    await end.settled()
    bought_texts = [one for one in end.shown(AGENT) if "SUKSES" in one.text]
    cancelled = [one for one in end.shown(AGENT) if "Dibatalkan" in one.text]
    assert len(bought_texts) == len(end.sandbox.sales()) == 1 - len(cancelled)
    assert await balance(end) == 500_000 - 52_000 * len(end.sandbox.sales())


@pytest.mark.parametrize("kind", ENDS)
async def test_15_what_was_said_long_ago_confirms_nothing(tmp_path: Path, kind: str) -> None:
    async with ends.opened(tmp_path, kind) as end:
        await answers(end, AGENT, f"{METER} 50")
        now = end.setrum.now()
        await end.store.write(inbox.put, end.line(AGENT, "bayar", now - 16 * MINUTE), now)
        await end.settled()
        assert any("lebih dari 15 menit" in one.text for one in end.shown(AGENT))
        assert end.sandbox.count("PAY") == 0


# options


async def test_17_ids_of_options_are_short_opaque_and_carry_no_business(end: End) -> None:
    await answers(end, AGENT, "menu")
    await answers(end, AGENT, "beli")
    await answers(end, AGENT, METER)
    (card,) = await answers(end, AGENT, "50")
    await tapped(end, AGENT, option(card, "Bayar"), card)
    await answers(end, AGENT, "riwayat")
    await answers(end, OWNER, "agen")
    found = [name for who in (AGENT, OWNER) for one in end.shown(who) for name in one.options.values() if name]
    assert len(found) > 5
    for name in found:
        assert OPTION.fullmatch(name)
        assert len(name.encode()) <= 64
        for business in (METER, "52000", "448000", "T10001", "Agen"):
            assert business not in name


@pytest.mark.parametrize("way", ["tap", "label", "number"])
async def test_18_an_option_is_tapped_typed_or_numbered_to_the_same_effect(end: End, way: str) -> None:
    (asked,) = await answers(end, AGENT, "bahasa")
    if way == "tap":
        said = await tapped(end, AGENT, option(asked, "English"), asked)
    else:
        said = await answers(end, AGENT, {"label": "english", "number": "2"}[way])
    assert [one.text for one in said] == ["Fine, English from now on."]


async def test_18_a_questions_own_grammar_comes_before_the_numbers(end: End) -> None:
    (amounts,) = await answers(end, AGENT, METER)
    assert "20rb" in amounts.options
    (card,) = await answers(end, AGENT, "20")
    assert "token Rp20.000" in card.text


async def test_19_an_old_question_changes_nothing_and_a_finished_thing_stays_open(end: End) -> None:
    (card,) = await answers(end, AGENT, f"{METER} 50")
    pay = option(card, "Bayar")
    await answers(end, AGENT, "54123456780 20")
    stale = await tapped(end, AGENT, pay, card)
    assert stale[0].text.startswith("Tombol itu sudah lewat")
    assert "54123" in stale[1].text.replace(" ", "")
    assert len(stale) == 2
    assert end.sandbox.count("PAY") == 0
    (cancelled,) = [one for one in await answers(end, AGENT, "batal") if "Dibatalkan" in one.text]
    await answers(end, AGENT, "saldo")
    again = await tapped(end, AGENT, option(cancelled, "Beli lain"), cancelled)
    assert again[-1].text.startswith("Ketik nomor meter")
    assert end.sandbox.count("PAY") == 0


async def test_20_the_same_tap_as_several_updates_makes_one_order(end: End) -> None:
    (card,) = await answers(end, AGENT, f"{METER} 50")
    await end.tap(AGENT, option(card, "Bayar"), card, copies=4)
    await end.settled()
    assert (end.sandbox.count("PAY"), len(end.sandbox.sales())) == (1, 1)
    assert len([one for one in end.shown(AGENT) if GROUPED.search(one.text)]) == 1
    assert await balance(end) == 448_000


async def test_21_an_id_of_another_chat_has_no_effect(end: End) -> None:
    (card,) = await answers(end, AGENT, f"{METER} 50")
    (own,) = await answers(end, OTHER, "menu")
    await tapped(end, OTHER, option(card, "Bayar"), own)
    await tapped(end, OTHER, "AAAAAAAA.pay", own)
    assert end.sandbox.count("PAY") == 0
    assert await end.store.read(lambda tx: tx.one(int, "metric_open_purchases")) == 0
    assert "SUKSES" in (await tapped(end, AGENT, option(card, "Bayar"), card))[-1].text


# rendering


async def test_24_what_people_and_the_supplier_wrote_is_shown_literally(end: End) -> None:
    name = "<b>A&B</b> _x_ *y* `z` 💥"
    hidden = name.replace("A", "A\u202e").replace(" _x", "\u0000 _x\u200b")
    await answers(end, OWNER, f"agen baru {hidden}")
    (shown,) = await answers(end, OWNER, "agen A003")
    literal = name.translate({ord(sign): "" for sign in end.taken})
    assert shown.text.split("\n")[0] == f"A003 {literal} · aktif · zona WIB"


async def test_26_a_tokens_message_is_its_digits_and_one_line(end: End) -> None:
    (card,) = await answers(end, AGENT, f"{METER} 50")
    said = await tapped(end, AGENT, option(card, "Bayar"), card)
    (token,) = [one for one in said if GROUPED.search(one.text)]
    digits, facts = token.text.split("\n")
    assert GROUPED.fullmatch(digits)
    assert digits.replace(" ", "") == end.sandbox.sales()[0].tokens[0]
    assert re.fullmatch(r"Meter 5412 3456 789 · [\d,]+ kWh · T10001 · \d\d\.\d\d", facts)
    (again,) = await answers(end, AGENT, "token T10001")
    assert again.text == f"KIRIM ULANG · T10001\n{token.text}"


# sending


async def test_27_without_faults_everybody_sees_the_outbox_once_in_its_order(end: End) -> None:
    for who in (AGENT, OTHER):
        for line in ("menu", f"5412345678{who % 10} 50", "bayar", "saldo", "riwayat"):
            await end.say(who, line)
            await end.settled()
    for who in (AGENT, OTHER):
        keys = await end.store.read(sent, end.address(who))
        heads = [end.setrum.renderer.render(one, "id", SHOP.zone).split("\n")[0] for one in keys]
        assert [one.text.split("\n")[0] for one in end.shown(who)] == heads


async def test_39_the_books_are_the_same_whatever_became_of_the_messages(tmp_path: Path) -> None:
    books = []
    for number, kind in enumerate((None, Kind.DROP_APPLIED, Kind.JSON_500, Kind.BAD, Kind.TRUNCATED)):
        folder = tmp_path / str(number)
        async with street(folder, "webhook") as town:
            town.api.state.pace.off()
            agent = town.person(AGENT)
            payment = await card(agent)
            if kind is not None:
                town.api.fault("sendMessage", kind, count=3)
            agent.tap(pay_label(payment), payment)
            await town.settled()
            books.append(await town.read(purchases_and_accounts))
    assert books == [books[0]] * len(books)


async def test_39_they_are_on_whatsapp_too(tmp_path: Path) -> None:
    books = []
    kinds = (None, Kind.DROP_APPLIED, Kind.JSON_500, Kind.ERROR, Kind.TRUNCATED, Kind.UNAUTHORIZED)
    for number, kind in enumerate(kinds):
        async with ends.opened(tmp_path / str(number), "whatsapp") as end:
            assert isinstance(end, OnWhatsApp)
            (payment,) = await answers(end, AGENT, f"{METER} 50")
            if kind is not None:
                end.town.api.fault("send", kind, count=3, code=131026)
            await tapped(end, AGENT, option(payment, "Bayar"), payment)
            books.append(await end.store.read(purchases_and_accounts))
    assert books == [books[0]] * len(books)


async def test_41_redirects_are_not_followed_and_every_call_goes_where_it_should(tmp_path: Path) -> None:
    for number, mode in enumerate(("polling", "webhook")):
        async with street(tmp_path / str(number), mode) as town:
            town.api.state.pace.off()
            agent = town.person(AGENT)
            payment = await card(agent)
            for method in ("getUpdates", "getWebhookInfo", "sendMessage", "editMessageText", "answerCallbackQuery"):
                town.api.fault(method, Kind.REDIRECT)
            await taps(agent, pay_label(payment), is_done, payment)
            await town.settled()
            assert town.api.followed == 0
            assert town.api.fired[Kind.REDIRECT] >= 3


async def test_41_on_whatsapp_neither_for_messages_files_nor_courtesies(tmp_path: Path) -> None:
    async with ends.opened(tmp_path, "whatsapp") as end:
        assert isinstance(end, OnWhatsApp)
        api = end.town.api
        (payment,) = await answers(end, AGENT, f"{METER} 50")
        for kind in ("text", "button", "read", "upload", "image", "document", "number"):
            api.fault(kind, Kind.REDIRECT)
        done = (await tapped(end, AGENT, option(payment, "Bayar"), payment))[-1]
        await tapped(end, AGENT, option(done, "Struk"), done)
        assert api.followed == 0
        assert api.fired[Kind.REDIRECT] >= 6


def option(seen: Seen, words: str) -> str:
    """The id of the option whose label contains the words."""
    return next(name for label, name in seen.options.items() if words in label)


async def balance(end: End) -> int:
    return await end.store.read(lambda tx: ledger.agent_account(tx, 1).posted)


def sent(tx: Tx, address: str) -> list[Text]:
    rows = tx._connection.execute(  # type: ignore[attr-defined]  # no query of ours
        "SELECT o.content FROM outbox o JOIN address a ON a.conversation_id = o.conversation_id"
        " WHERE a.value = ? AND o.state = 'sent' AND o.class <> 'edit' ORDER BY o.id",
        (address,),
    )
    return [stored.decode(content).text for (content,) in rows.fetchall()]


def purchases_and_accounts(tx: Tx) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    found = tx.all(Purchase, "history_of", chat=0, start=0, end=2**62, skip=0, agent_id=1, most=10)
    accounts = tx._connection.execute(  # type: ignore[attr-defined]  # no query of ours
        "SELECT id, posted, held FROM account ORDER BY id"
    )
    return [(one.id, one.state, one.price, one.msn, one.denomination) for one in found], accounts.fetchall()
