"""A new owner's first day: nothing is noted yet, much is mistyped, and each answer says what to do next."""

import dataclasses
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.clock import MINUTE
from bot.domain.people import Owner
from bot.services import watch
from tests.conversation.test_alarms import TWO, labels, said
from tests.world import SHOP, World, execute, world

METER = "54123456789"
NAMED = dataclasses.replace(TWO, partners=(Owner("Rina", (("console", "boss"),)), Owner("Sri", (("console", "ibu"),))))


@pytest.fixture
async def new(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with two named owners who have noted nothing about the supplier."""
    async with world(tmp_path, shop=NAMED, supplied=0) as made:
        await made.say("menu", "boss")
        await made.say("bahasa en", "ibu")
        yield made
        assert await made.violations() == []


async def test_a_deposit_that_nobody_noted_is_no_figure_and_no_alarm(new: World) -> None:
    menu = await said(new, "menu")
    assert "Deposit VSI belum dicatat" in menu.text
    assert labels(menu)[-1] == "🪫 Deposit VSI"
    card = (await new.say(f"{METER} 50", "boss"))[-1]
    assert "Harga Rp53.000\n" in card.text
    done = (await new.say("bayar", "boss"))[-1]
    assert "\nTerima Rp53.000" in done.text
    before = len(new.phone.read)
    new.clock.forward(MINUTE)
    await new.store.write(watch.look, new.shop, new.clock(), ())
    await new.settle()
    assert [one.key for one in new.phone.read[before:]] == []
    for line in ("menu", "saldo", "rekap", "deposit"):
        text = (await new.say(line, "boss"))[0].text
        assert "belum dicatat" in text, line
        assert "±" not in text, line


async def test_once_noted_the_deposit_counts_what_was_sold_before(new: World) -> None:
    await new.say(f"{METER} 50", "boss")
    await new.say("bayar", "boss")
    await new.say("deposit +5jt", "boss")
    await new.say("ya", "boss")
    menu = await said(new, "menu")
    assert "Deposit VSI ±Rp4.948.400" in menu.text
    assert "🪫 Deposit VSI" not in labels(menu)


async def test_a_bare_figure_is_what_was_sent_or_what_is_left_and_books_nothing(new: World) -> None:
    asked = await said(new, "deposit 5jt")
    assert labels(asked) == ["➕ Isi baru", "⚖️ Saldo di VSI", "✖️ Batal"]
    which = await said(new, "ya")  # to which of the two?
    assert (which.text, labels(which)) == ("Yang mana? Pilih salah satu.", labels(asked))
    assert (await said(new, "tidak")).key == "start.owner"
    assert (await said(new, "tidak")).key == "start.owner"  # though nothing is asked any more
    assert (await said(new, "ya")).key == "in.unknown"
    assert (await said(new, asked.options[0][2])).text == "Catat isi deposit VSI Rp5.000.000? Buku 0 → 5.000.000."
    await new.say("batal", "boss")
    assert (await said(new, asked.options[1][2])).key == "dep.more"
    assert "belum dicatat" in (await said(new, "menu")).text


async def test_an_agent_who_joins_reads_his_balance_and_the_owners_hear_of_it(new: World) -> None:
    invited = await said(new, "agen baru Cahaya Cell")
    code = re.search(r"AGEN ([0-9A-Z]{10})", invited.text)
    assert code is not None
    await new.say("isi Cahaya 200000", "boss")
    await new.say("ya", "boss")
    before = len(new.phone.read)
    [welcome] = await new.say(f"AGEN {code[1]}", "cahaya")
    assert "Saldo Rp200.000" in welcome.text
    told = {one.to: one.text for one in new.phone.read[before:] if one.key == "agent.joined"}
    assert told["boss"].startswith("👋 Cahaya Cell sudah masuk dari console:cahaya")
    assert told["ibu"].startswith("👋 Cahaya Cell has joined")


@pytest.mark.parametrize("line", ["markup Budi 700", "harga bud", "agen budi", "isi Budi 20o000"])
async def test_an_agent_goes_by_how_his_name_begins(new: World, line: str) -> None:
    assert "Budi Cell" in (await said(new, line)).text


async def test_a_markup_of_an_amount_is_never_taken_for_an_agent_whose_name_begins_so(new: World) -> None:
    await new.say("agen baru 500 Jaya", "boss")
    assert "semua agen Rp400 → Rp500" in (await said(new, "markup 500")).text


@pytest.mark.parametrize(("typed", "meant"), [("pendng", "pending"), ("reakp kemarin", "rekap kemarin")])
async def test_a_mistyped_command_is_offered_and_does_nothing_by_itself(new: World, typed: str, meant: str) -> None:
    offered = await said(new, typed)
    assert offered.text == f"Saya belum paham. Maksudnya {meant}?"
    assert labels(offered)[0] == meant
    assert [one.key for one in await new.say(offered.options[0][2], "boss")] == await new.keys(meant, "boss")


async def test_what_is_mistyped_beside_a_pin_or_for_another_role_is_not_repeated(new: World) -> None:
    assert (await said(new, "pinn 135790")).key == "in.unknown"
    assert (await said(new, "umumkn hai", "budi")).key == "in.unknown"


async def test_owners_read_each_other_by_name(new: World) -> None:
    before = len(new.phone.read)
    await new.say("tutup", "boss")
    assert next(one.text for one in new.phone.read[before:] if one.to == "ibu").startswith("🔧 Rina closed sales")
    await new.say("buka", "boss")
    trail = (await said(new, "jejak")).text
    assert "Rina (console:boss) menutup penjualan\n" in trail
    assert "opened in chat" not in trail


@pytest.mark.parametrize(("word", "time"), [("7", "07.00"), ("6.15", "06.15"), ("07:15 pagi", "07.15")])
async def test_the_hour_of_the_summary_may_be_said_short(new: World, word: str, time: str) -> None:
    assert f"tiap jam {time}" in (await said(new, f"rekap jam {word}")).text


async def test_the_hour_of_the_summary_is_told_as_the_reader_writes_it(new: World) -> None:
    await new.say("bahasa en", "boss")
    assert (await said(new, "report at 6.40 am")).text.startswith("⏰ Yesterday's report comes by itself at 06:40.")
    assert (await said(new, "report at")).text.startswith("⏰ Yesterday's report comes by itself at 06:40.")


async def test_before_there_is_an_owner_a_chat_is_told_the_line_that_makes_it_one(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, owners=(), partners=())) as made:
        assert (await said(made, "id", "calon")).text.endswith("\nOWNERS=console:calon")
    (tmp_path / "owned").mkdir()
    async with world(tmp_path / "owned", shop=TWO) as made:
        assert "OWNERS=console" not in (await said(made, "id", "calon")).text


async def test_an_owner_goes_by_his_name_whichever_of_his_chats_names_the_settings_have(tmp_path: Path) -> None:
    number = ("console", "62811")
    partners = (Owner("Rina", (number,)), NAMED.partners[1])
    shop = dataclasses.replace(NAMED, owners=(number, ("console", "ibu")), partners=partners)
    async with world(tmp_path, shop=shop) as made:
        await made.say("menu", "boss")
        await made.say("menu", "ibu")
        await execute(
            made,
            "INSERT INTO address (channel, value, kind, state, conversation_id)"
            " SELECT 'console', '62811', 'number', 'sure', conversation_id FROM address WHERE value = 'boss'",
        )
        before = len(made.phone.read)
        await made.say("tutup", "boss")
        assert "Rina menutup penjualan" in next(one.text for one in made.phone.read[before:] if one.to == "ibu")
