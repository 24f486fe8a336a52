"""Owners' actions inside what is open to others, and inside talks that began while somebody was an owner.

And that the walk over all actions would notice each of them, were it opened.
"""

import dataclasses
import sqlite3
from pathlib import Path

import pytest

from bot.conversation import answers
from bot.conversation.command import ALL
from bot.sandbox import Behaviour
from tests.conversation.test_roles import ACTIONS, BEHIND, STARTS, books, furnish, leaks, walked, words_of
from tests.conversation.test_staff import code_for
from tests.world import SHOP, World, world

METER = "54123456789"
CONTACTS = ("start.buy_at", "start.customer", "help.customer")  # whom a customer may buy from is no secret
# what only owners mean by words that others may say, too
WITHIN = (
    "isi A002 5000",
    "isi A002 5000 utang",
    "topup A002 5000 credit",
    "bayar A002 5000",
    "repay A002 5000",
    "piutang A002",
    "harga A002",
    "mutasi A002",
    "mutasi A002 kemarin",
    "mutasi 98765432",
    "saldo A002",
    "rekap 7 lengkap",
    "rekap A002",
    "rekap 7 A002 hal 2",
    "rekap jam 06.30",
    "struk teks",
    "struk teks kepala Rahasia",
    "struk teks alamat hapus",
    "pin hapus A002",
    "pin hapus Rina Rahasia",
    "tiket 1",
    "tiket A002",
    "kasir A002",
    "kasir keluar A002 1",
    "toko A002 Rahasia",
    "biaya A002 5000",
    "riwayat A002",
    "hapus A002 ya",
    "komplain T10001",
    "cek T10001",
    "token T10001",
    "salin T10001",
    "struk T10001",
    "struk T10001 9000",
    "bantuan uang",
)
# begins a talk of an owner's each, and what he would then say
TALKS = (
    ("markup A002", "700", "ya"),
    ("markup semua 700", "ya", "1"),
    ("isi A002 50000", "ya", "1"),
    ("isi A002 50000 utang", "ya", "1"),
    ("bayar A002 1000", "ya", "1"),
    ("saldo+ A002 5000 salah", "ya", "1"),
    ("saldo- A002 5000 salah", "ya", "1"),
    ("deposit +5jt", "ya", "1"),
    ("deposit koreksi -12000", "salah catat", "ya"),
    ("umumkan Besok tutup", "1", "ya"),
    ("struk teks kepala Lain", "ya", "1"),
    ("selesai T10001 gagal", "VSI menulis gagal", "ya"),
    ("selesai T10001 keluar", "2593 0960 8106 1072 1376", "1"),
    ("catatan T10001 jawab", "sudah diurus", "ya"),
)


@pytest.mark.parametrize("who", ["siti", "budi", "kas", "beku", "bekas"])
async def test_an_owners_meaning_of_a_shared_word_is_open_to_nobody_else(tmp_path: Path, who: str) -> None:
    owners = (("console", "boss"), ("console", "bekas"))
    async with world(tmp_path, shop=dataclasses.replace(SHOP, owners=owners)) as made:
        await made.store.write(furnish, made)
        for words in ("isi A002 50000 utang", "ya"):
            await made.say(words, "boss")
        await made.say(f"AGEN {await code_for(made, 'kasir undang', 'budi')}", "kas")
        await made.say(f"{METER} 50", "boss")
        await made.say("bayar", "boss")
    async with world(tmp_path, shop=SHOP, at=made.clock()) as shop:
        await shop.say("menu", who)
        before = await books(shop)
        said = []
        for line in WITHIN:  # one by one, and agreed to: a question that the next line replaces is never read
            for words in (line, "ya"):
                shop.clock.forward(4_000)
                said += await shop.say(words, who)
        assert len(said) > len(WITHIN)
        assert leaks(said) == []
        assert [one.text for one in said if "Rina Rahasia" in one.text and one.key not in CONTACTS] == []
        assert [one.key for one in said if one.to != who] == []
        after = await books(shop)
        assert {name for name in before if before[name] != after[name]} <= {"trail", "wrong_code", "agent", "erasure"}
        of_others = [[row for row in one["agent"] if row[1] in ("Rina Rahasia", "Toko Uji")] for one in (before, after)]
        assert of_others[0] == of_others[1]


async def talks(shop: World) -> int:
    """How many are open."""

    def count(connection: sqlite3.Connection) -> int:
        found: int = connection.execute("SELECT COUNT(*) FROM session WHERE state = 'open'").fetchone()[0]
        return found

    return await shop.store.raw(count)


async def test_a_talk_that_began_as_an_owners_does_nothing_once_he_is_none(tmp_path: Path) -> None:
    were = [f"bekas{number}" for number in range(len(TALKS))]
    owners = (("console", "boss"), *(("console", one) for one in were))
    async with world(tmp_path, shop=dataclasses.replace(SHOP, owners=owners)) as made:
        await made.store.write(furnish, made)
        await made.say("isi A002 40000 utang", "boss")
        await made.say("ya", "boss")
        made.sandbox.forced = Behaviour.DROP_UNSOLD
        await made.say(f"{METER} 50")
        await made.say("bayar")
        made.sandbox.forced = None
        await made.say("komplain T10001 belum dapat token")
        made.clock.forward(11 * 60_000)
        for number, (one, (opening, *_)) in enumerate(zip(were, TALKS, strict=True), 1):
            await made.say("menu", one)
            said = await made.say(opening, one)
            assert said[-1].key not in ("start.owner", "in.unknown"), opening
            assert await talks(made) == number, opening
    async with world(tmp_path, shop=SHOP, at=made.clock()) as shop:
        before = await books(shop)
        for one, (opening, *more) in zip(were, TALKS, strict=True):
            said = await walked(shop, one, more)
            assert leaks(said) == [], opening
            assert await books(shop) == before, opening


async def test_the_walk_would_notice_each_action_that_was_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with world(tmp_path) as shop:
        await shop.store.write(furnish, shop)
        await shop.say("menu", "siti")
        blind = []
        for name in ACTIONS:
            opened = dataclasses.replace(answers.ANSWERS[name], roles=ALL)
            with monkeypatch.context() as patch:
                patch.setitem(answers.ANSWERS, name, opened)
                noticed = False
                for more in BEHIND[:8]:
                    try:
                        said = await shop.say(f"{words_of(name)[0]} {more}".strip(), "budi")
                    except Exception:  # noqa: BLE001  # it ran, which the walk does not survive either
                        noticed = True
                    else:
                        noticed = [one.key for one in said] != [STARTS.get("budi", "start.agent")]
                    if noticed:
                        break
                blind += [] if noticed else [name]
            await shop.say("batal", "budi")
        assert blind == []
