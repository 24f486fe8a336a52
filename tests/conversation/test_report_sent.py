"""The supplier's report sent to the chat: only an owner's, held against the books, absence confirmed as a list."""

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path

import openpyxl
import pytest

from bot.channels import console
from bot.clock import DAY, WIB, local
from bot.domain.people import Owner
from bot.domain.purchase import Purchase, State
from bot.messaging.event import Event
from bot.messaging.inbox import InboxRow
from bot.sandbox import Behaviour
from bot.services import reconciliation, standing
from tests.conversation.test_export import Desk
from tests.conversation.test_supplier_deposit import with_a_pin
from tests.world import SHOP, World, world

METER = "54123456789"
HEADER = "TRXID,NO REF,NO METER,TOTAL,ADMIN,TOKEN,TANGGAL,STATUS"


@dataclass
class FileDesk(Desk):
    """A terminal at which files are sent, as the console reads them."""

    def parse(self, row: InboxRow) -> Event:
        return console.parse(row)

    async def fetch(self, file: str, most: int) -> bytes:
        return await console.fetched(file, most)


@pytest.fixture
def desk() -> FileDesk:
    return FileDesk()


@pytest.fixture
async def shop(tmp_path: Path, desk: FileDesk) -> AsyncIterator[World]:
    async with world(tmp_path, phone=desk) as made:
        yield made


async def sold(shop: World, order: str = f"{METER} 50") -> Purchase:
    await shop.say(order)
    await shop.say("bayar")
    return (await shop.purchases())[-1]


async def doubtful(shop: World, meter: str = "54123456700") -> Purchase:
    """A payment that the supplier never saw, and that nobody here knows so of."""
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    found = await sold(shop, f"{meter} 50")
    assert found.state is State.UNKNOWN
    return found


def line(one: Purchase, *, total: int = 51_600) -> str:
    at = local(one.paid_at or one.sent_at or 0, WIB).strftime("%Y-%m-%d %H:%M:%S")
    return f"{one.trxid},{one.payref or ''},{one.msn},{total},1600,,{at},SUKSES"


def written(folder: Path, *lines: str, name: str = "lap.csv", header: str = HEADER) -> Path:
    path = folder / name
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


async def test_a_report_that_matches_says_so_and_brings_no_workbook(
    shop: World, desk: FileDesk, tmp_path: Path
) -> None:
    path = written(tmp_path, line(await sold(shop)))
    [said] = await shop.say(f"rekon {path}", "boss")
    assert said.text == "🧾 lap.csv: 1 penjualan, Rp51.600\n✅ Cocok: 1 · Rp51.600"
    assert desk.files == {}
    assert list(shop.setrum.spool.folder.iterdir()) == []
    [again] = await shop.say(f"rekon {path}", "boss")
    assert "File ini sudah pernah dicocokkan; tidak ada yang berubah." in again.text
    assert "mencocokkan laporan: lap.csv" in (await shop.say("jejak", "boss"))[0].text


async def test_what_does_not_match_is_counted_and_listed_in_a_workbook(
    shop: World, desk: FileDesk, tmp_path: Path
) -> None:
    ours, missing = await sold(shop), await sold(shop, "54123456700 20")
    stranger = "P00000000000000000000000001,,54999999999,51600,1600,,2026-11-25 12:00:00,SUKSES"
    path = written(tmp_path, line(ours, total=61_600), stranger)
    [*_, said] = await shop.say(f"rekon {path}", "boss")
    assert "⚠️ Jumlah atau admin berbeda: 1 · Rp61.600" in said.text
    assert "🚨 Bukan pembelian kita: 1 · Rp51.600" in said.text
    book = openpyxl.load_workbook(io.BytesIO(desk.files["rekon-R1.xlsx"]))
    [head, *rows] = list(book["Selisih"].iter_rows(values_only=True))
    assert head[:3] == ("Baris", "Hasil", "Penjualan")
    assert [row[1] for row in rows][:2] == ["jumlah berbeda", "bukan milik kita"]
    assert (rows[0][2], rows[0][6], rows[0][7]) == (ours.sale, 61_600, 51_600)
    assert missing.sale not in said.text


async def test_what_the_workbook_leaves_out_is_said(
    shop: World, desk: FileDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reconciliation, "MOST_LISTED", 2)
    strangers = [
        f"P0000000000000000000000000{n},,5499999999{n},51600,1600,,2026-11-25 12:00:00,SUKSES" for n in (1, 2, 3)
    ]
    path = written(tmp_path, line(await sold(shop)), *strangers)
    [*_, said] = await shop.say(f"rekon {path}", "boss")
    assert "dan 1 baris lain: file Excel memuat 2 yang pertama" in said.text
    book = openpyxl.load_workbook(io.BytesIO(desk.files["rekon-R1.xlsx"]))
    assert [row[1] for row in list(book["Selisih"].iter_rows(values_only=True))[1:]].count("bukan milik kita") == 2


async def complete(shop: World, tmp_path: Path) -> tuple[Purchase, Path, str]:
    """Two days later: a doubtful purchase, and the whole file of its day and the next."""
    ours, doubt = await sold(shop), await doubtful(shop)
    shop.clock.forward(2 * DAY)
    total = "JUMLAH,,,51600,,,,"
    return doubt, written(tmp_path, line(ours), total), "25/11-26/11 awal 10.000.000 akhir 9.948.400"


async def test_absence_is_given_back_by_the_owners_word_on_the_list(shop: World, tmp_path: Path) -> None:
    doubt, path, claim = await complete(shop, tmp_path)
    [*_, said] = await shop.say(f"rekon {path} {claim}", "boss")
    assert "↩️ Terbukti tidak terjual: 1 · Rp52.000 tertahan." in said.text
    assert next(label for _, label, _ in said.options) == "↩️ Kembalikan"
    [asked] = await shop.say("↩️ Kembalikan", "boss")
    assert asked.text.startswith(
        "Kembalikan Rp52.000 untuk 1 pembelian yang tidak ada di lap.csv? Tidak bisa dibatalkan."
    )
    assert doubt.sale in asked.text
    assert (await shop.purchases())[-1].state is State.UNKNOWN
    [*_, done] = await shop.say("ya", "boss")
    assert done.text == "↩️ 1 pembelian dinyatakan gagal, Rp52.000 kembali ke saldo agennya."
    assert (await shop.purchases())[-1].state is State.FAILED
    assert await shop.violations() == []


async def test_without_proof_nothing_can_be_given_back_and_what_is_missing_is_named(
    shop: World, tmp_path: Path
) -> None:
    doubt, path, _ = await complete(shop, tmp_path)
    [*_, said] = await shop.say(f"rekon {path} 25/11-26/11", "boss")
    assert "saldo deposit tidak disebut" in said.text
    assert "Kembalikan" not in str(said.options)
    assert await shop.keys("rekon R1 kembalikan", "boss") == ["recon.none"]
    assert (await shop.purchases())[-1].id == doubt.id
    assert (await shop.purchases())[-1].state is State.UNKNOWN


async def test_a_list_that_changed_meanwhile_gives_nothing_back(shop: World, tmp_path: Path) -> None:
    doubt, path, claim = await complete(shop, tmp_path)
    await shop.say(f"rekon {path} {claim}", "boss")
    await shop.say("rekon R1 kembalikan", "boss")
    await shop.store.write(
        lambda tx: tx.run("report_row_add", report_id=1, line=99, trxid="", payref="", msn="", total=0, adm=0, token="",
                          paid_at=0)
    )  # fmt: skip
    await shop.store.write(
        lambda tx: tx.run("report_row_result", report_id=1, line=99, result="held", purchase_id=doubt.id)
    )
    assert await shop.keys("ya", "boss") == ["recon.changed"]
    assert (await shop.purchases())[-1].state is State.UNKNOWN


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"NAMA,UMUR\nBudi,3\n", "recon.no_header"),
        (b"\n", "recon.empty"),
        (b"PK\x03\x04rest", "recon.xlsx"),
        (b"%PDF-1.7\n\x00", "recon.no_csv"),
        (f"{HEADER}\nX1,,5412345678,51600,1600,,2026-11-25 12:00:00,SUKSES\n".encode(), "recon.bad_cell"),
        (f"{HEADER}\nX1,51600\n".encode(), "recon.bad_line"),
        (f"{HEADER},STATUS\n".encode(), "recon.bad_header"),
    ],
)
async def test_a_wrong_file_says_what_is_wrong_and_books_nothing(
    shop: World, tmp_path: Path, content: bytes, key: str
) -> None:
    path = tmp_path / "salah.csv"
    path.write_bytes(content)
    [said] = await shop.say(f"rekon {path}", "boss")
    assert said.key == key
    assert "Belum ada yang dicatat." in said.text
    assert "line" not in said.text
    assert [label for _, label, _ in said.options] == ["❓ Caranya"]


async def test_another_shops_report_is_refused(shop: World, tmp_path: Path) -> None:
    rows = [f"P{n:026d},,54{n:09d},51600,1600,,2026-11-25 12:00:00,SUKSES" for n in range(20)]
    assert await shop.keys(f"rekon {written(tmp_path, *rows)}", "boss") == ["recon.foreign"]


@pytest.mark.parametrize("who", ["budi", "siti"])
async def test_nobody_elses_file_is_looked_at(shop: World, desk: FileDesk, tmp_path: Path, who: str) -> None:
    path = written(tmp_path, line(await sold(shop)))
    assert await shop.keys(f"rekon {path}", who) == ["in.media"]
    assert not shop.setrum.spool.folder.exists()


async def test_a_file_that_cannot_be_had_and_the_word_alone_say_how(shop: World, tmp_path: Path) -> None:
    assert await shop.keys(f"rekon {tmp_path}/nowhere.csv", "boss") == ["file.unopened"]
    assert await shop.keys("rekon", "boss") == ["recon.how"]
    await shop.say("bahasa en", "boss")
    [said] = await shop.say("reconcile", "boss")
    assert said.text.startswith("Send the VSI report")


async def test_words_below_a_file_that_order_something_are_the_order(shop: World, tmp_path: Path) -> None:
    assert await shop.keys(f"rekon {written(tmp_path)} {METER} 50", "boss") == ["buy.pay"]


async def test_a_report_that_a_kill_interrupted_is_finished_at_the_next_start(tmp_path: Path) -> None:
    desk = FileDesk()
    async with world(tmp_path, phone=desk) as shop:
        path = written(tmp_path, line(await sold(shop)))
        await shop.put(f"rekon {path}", "boss")
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
    path.unlink()
    async with world(tmp_path, phone=desk) as again:
        [said] = await again.settle("boss")
        assert "✅ Cocok: 1" in said.text


PAIR = replace(
    SHOP,
    owners=(("console", "boss"), ("console", "ibu")),
    partners=(Owner("Pak Budi", (("console", "boss"),)), Owner("Ibu Sri", (("console", "ibu"),))),
    second_approver=50_000,
)


async def test_from_a_sum_on_what_a_report_gives_back_is_another_owners_word_too(
    tmp_path: Path, desk: FileDesk
) -> None:
    async with world(tmp_path, phone=desk, shop=PAIR) as shop:
        for who in ("boss", "ibu"):
            await shop.say("menu", who)
        doubt, path, claim = await complete(shop, tmp_path)
        await shop.say(f"rekon {path} {claim}", "boss")
        [listed] = await shop.say("rekon R1 kembalikan", "boss")
        assert listed.text.endswith("🔏 Setelah ini pemilik lain yang menyetujui.")
        assert [one.key for one in await shop.say("ya", "boss")] == ["prop.sent"]
        assert (await shop.purchases())[-1].is_open
        asked = [one for one in shop.phone.read if one.to == "ibu"][-1]
        assert "Kembalikan Rp52.000 untuk 1 pembelian yang tidak ada di lap.csv?" in asked.text
        assert f"{doubt.sale} · " in asked.text
        assert await shop.keys("setuju P1", "boss") == ["prop.own"]
        [done] = await shop.say("setuju P1", "ibu")
        assert done.text.splitlines()[-1] == "↩️ 1 pembelian dinyatakan gagal, Rp52.000 kembali ke saldo agennya."
        assert (await shop.purchases())[-1].state is State.FAILED
        assert await shop.violations() == []


async def test_what_ended_before_the_other_owner_says_yes_is_not_given_back(tmp_path: Path, desk: FileDesk) -> None:
    async with world(tmp_path, phone=desk, shop=PAIR) as shop:
        for who in ("boss", "ibu"):
            await shop.say("menu", who)
        _, path, claim = await complete(shop, tmp_path)
        await shop.say(f"rekon {path} {claim}", "boss")
        for number in (1, 2):  # the same list is proposed once
            await shop.say("rekon R1 kembalikan", "boss")
            assert (await shop.keys("ya", "boss")) == ["prop.sent" if number == 1 else "prop.again"]
        await shop.store.write(standing.restrict, "violation", "test", shop.clock())
        assert await shop.keys("setuju P1", "ibu") == ["prop.closed"]
        await shop.store.write(standing.lift, "boss", "test", shop.clock())
        late = line((await shop.purchases())[-1])
        await shop.say(f"rekon {written(tmp_path, late, name='late.csv')}", "boss")
        assert await shop.keys("setuju P1", "ibu") == ["recon.changed"]


async def test_an_owner_who_has_a_pin_gives_it_before_holds_go_back(shop: World, tmp_path: Path) -> None:
    await with_a_pin(shop)
    doubt, path, claim = await complete(shop, tmp_path)
    await shop.say(f"rekon {path} {claim}", "boss")
    await shop.say("rekon R1 kembalikan", "boss")
    assert await shop.keys("ya", "boss") == ["pin.book"]
    assert (await shop.purchases())[-1].is_open
    assert (await shop.say("590417", "boss"))[-1].key == "recon.given_back"
    assert (await shop.purchases())[-1].state is State.FAILED
    assert doubt.sale in (await shop.say("jejak", "boss"))[0].text
