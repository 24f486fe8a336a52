"""An owner's export as he asks for it and reads it: workbook and CSV, read back as programs would."""

import asyncio
import csv
import dataclasses
import io
import tracemalloc
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bot.clock import DAY, WIB
from bot.conversation.owner import spans
from bot.documents.workbook import guarded
from bot.domain.message import Message
from bot.domain.proof import Span
from bot.messaging.channel import Result
from bot.messaging.outbox import Outgoing
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import errands, export, settlement
from bot.services.export import Progress, StoppedError
from tests import filled
from tests.world import NOON, SHOP, Phone, World, execute, world

METER = "54123456789"
TODAY = date(2026, 11, 25)


@dataclass
class Desk(Phone):
    """Whoever takes files keeps them."""

    files: dict[str, bytes] = field(default_factory=dict)

    async def send(self, outgoing: Outgoing, message: Message) -> Result:
        self.files |= {file.name: path.read_bytes() for file, path in zip(message.files, outgoing.paths, strict=True)}
        return await super().send(outgoing, message)

    def sheets(self, name: str) -> dict[str, list[tuple[Any, ...]]]:
        """The workbook by its sheets, values only."""
        book = openpyxl.load_workbook(io.BytesIO(self.files[name]))
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}

    def lines(self, name: str) -> list[list[str]]:
        return list(csv.reader(io.StringIO(self.files[name].decode("utf-8-sig"), newline="")))


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.fixture
async def shop(tmp_path: Path, desk: Desk) -> AsyncIterator[World]:
    async with world(tmp_path, phone=desk) as made:
        yield made


async def sold(shop: World, order: str = f"{METER} 50") -> None:
    await shop.say(order)
    await shop.say("bayar")


async def renamed(shop: World, name: str) -> None:
    await shop.store.raw(lambda connection: connection.execute("UPDATE purchase SET name = ?", (name,)))


async def test_a_day_comes_as_a_workbook_and_a_csv_that_agree_with_the_books(shop: World, desk: Desk) -> None:
    await sold(shop)
    [sale] = await shop.purchases()
    [said] = await shop.say("ekspor hari ini", "boss")
    assert said.text.split("\n")[0] == "Ekspor Rab 25 Nov 2026: 1 baris, XLSX dan CSV."
    sheets = desk.sheets("setrum-2026-11-25.xlsx")
    assert list(sheets) == ["Penjualan", "Buku besar", "Agen"]
    [token] = await shop.store.read(settlement.tokens_of, sale.id)
    [head, row] = sheets["Penjualan"]
    assert head[6:8] == ("Meter", "IDPEL")
    assert row == (
        sale.sale, datetime(2026, 11, 25), time(12), "WIB", "A001 Budi Cell", None, METER, "531234567890",  # noqa: DTZ001
        "BUDI SANTOSA", "R1M/900", 50_000, 1_600, 400, 52_000, 1_400, "Sukses", float(sale.kwh.replace(",", ".")),
        token, sale.payref,
    )  # fmt: skip
    amounts = {(one[5], one[6]): one[7] for one in sheets["Buku besar"][1:]}
    assert amounts["Saldo A001 Budi Cell", "Deposit VSI"] == 51_600
    assert amounts["Saldo A001 Budi Cell", "Pendapatan markup"] == 400
    assert sheets["Agen"][2] == ("A001", "Budi Cell", "aktif", 448_000, 0, 0, None, 1, 52_000, 400)
    [_, flat] = desk.lines("setrum-2026-11-25.csv")
    assert flat[:4] == [sale.sale, "2026-11-25", "12:00:00", "WIB"]
    assert (flat[6], flat[17], flat[18]) == (METER, token, sale.payref)
    assert list((shop.setrum.spool.folder).iterdir()) == []
    trail = await shop.say("jejak", "boss")
    assert "mengekspor: 25/11/2026" in trail[0].text


async def test_an_export_speaks_the_owners_language(shop: World, desk: Desk) -> None:
    await sold(shop)
    await shop.say("bahasa en", "boss")
    [said] = await shop.say("export today", "boss")
    assert said.text.split("\n")[0] == "Export Wed 25 Nov 2026, XLSX and CSV. Rows: 1."
    sheets = desk.sheets("setrum-2026-11-25.xlsx")
    assert list(sheets) == ["Sales", "Ledger", "Agents"]
    assert sheets["Sales"][1][15] == "Success"


async def test_numbers_of_meters_and_tokens_stay_texts_with_their_zeros(shop: World, desk: Desk) -> None:
    await sold(shop, "01234567890 50")
    await execute(shop, "UPDATE vended_token SET digits = '00000000000000000001'")
    await shop.say("ekspor hari ini", "boss")
    [_, row] = desk.sheets("setrum-2026-11-25.xlsx")["Penjualan"]
    assert (row[6], row[17]) == ("01234567890", "00000000000000000001")
    [_, flat] = desk.lines("setrum-2026-11-25.csv")
    assert (flat[6], flat[17]) == ("01234567890", "00000000000000000001")


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+62812", "-5", "@SUM(A1)", '=HYPERLINK("http://a.id")', "http://a.id", "{=A1}", "'x", "ÄÉ 電", "a,b"],
)
async def test_a_name_is_never_a_formula_or_a_link(shop: World, desk: Desk, name: str) -> None:
    await sold(shop)
    await renamed(shop, name)
    await shop.say("ekspor hari ini", "boss")
    book = openpyxl.load_workbook(io.BytesIO(desk.files["setrum-2026-11-25.xlsx"]))
    cell = book["Penjualan"]["I2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (name, "s", None)
    [_, flat] = desk.lines("setrum-2026-11-25.csv")
    assert flat[8] == (f"'{name}" if name[0] in "=+-@" else name)


async def test_what_is_in_doubt_has_no_token_and_what_failed_says_so(shop: World, desk: Desk) -> None:
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await sold(shop)
    await shop.say("ekspor hari ini", "boss")
    [_, row] = desk.sheets("setrum-2026-11-25.xlsx")["Penjualan"]
    assert (row[15], row[17]) == ("Belum jelas", None)


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("ekspor", "exp.none"),
        ("ekspor 1/1-3/1", "exp.none"),
        ("ekspor entah", "exp.which"),
        ("ekspor besok", "exp.which"),
        ("ekspor 1/1/2024-1/1/2026", "exp.long"),
        ("ekspor batal", "exp.nothing"),
    ],
)
async def test_other_words_are_answered_with_a_way_on(shop: World, words: str, key: str) -> None:
    [said] = await shop.say(words, "boss")
    assert said.key == key
    assert [says for _, says, _ in said.options] == ["⬇️ Hari ini", "⬇️ Kemarin", "⬇️ Bulan ini"]


@pytest.mark.parametrize("who", ["budi", "siti"])
async def test_nobody_else_exports(shop: World, desk: Desk, who: str) -> None:
    await sold(shop)
    [said] = await shop.say("ekspor hari ini", who)
    assert said.key.startswith("start.")
    assert desk.files == {}


def open_errand(tx: Tx) -> None:
    """An owner asked, and the process died before it was done."""
    tx.run("errand_add", conversation_id=1, kind="export", actor="owner in chat 1", now=NOON,
           input='{"first": "2026-11-25", "last": "2026-11-25"}')  # fmt: skip


async def test_an_export_that_a_kill_interrupted_is_made_at_the_next_start(tmp_path: Path) -> None:
    async with world(tmp_path) as shop:
        await shop.say("menu", "boss")
        await sold(shop)
        await shop.store.write(open_errand)
    desk = Desk()
    async with world(tmp_path, phone=desk) as again:
        await again.settle("boss")
    assert sorted(desk.files) == ["setrum-2026-11-25.csv", "setrum-2026-11-25.xlsx"]


async def test_what_ends_the_process_each_time_is_given_up_and_said_so(shop: World, desk: Desk) -> None:
    await shop.say("menu", "boss")
    await shop.store.write(open_errand)
    await execute(shop, "UPDATE errand SET tries = 3")
    assert errands.MOST_TRIES == 3
    assert [said.key for said in await shop.settle("boss")] == ["errand.failed"]
    assert await shop.keys("ekspor batal", "boss") == ["exp.nothing"]


async def test_whoever_waits_is_told_and_may_call_it_off(tmp_path: Path) -> None:
    waits = dataclasses.replace(SHOP.waits, inquiry_notice=0)
    async with world(tmp_path, shop=dataclasses.replace(SHOP, waits=waits)) as shop:
        await shop.say("menu", "boss")
        filled.fill(shop.store.path, 2_000, NOON, 1)
        await shop.put("ekspor hari ini", "boss")
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
        await shop.setrum.errands.work()
        await asyncio.sleep(0)
        told = await shop.keys("ekspor kemarin", "boss")
        assert told[-1] in ("exp.busy", "exp.done", "exp.none")
        await shop.settle("boss")
        said = [one for one in shop.phone.read if one.key == "exp.wait"]
        assert [label for _, label, _ in said[0].options] == ["✖️ Batal"]


async def test_an_export_that_was_called_off_says_nothing_more(shop: World, desk: Desk) -> None:
    await shop.say("menu", "boss")
    filled.fill(shop.store.path, 2_000, NOON, 1)
    await shop.put("ekspor hari ini", "boss")
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()
    await shop.setrum.errands.work()
    await shop.put("ekspor batal", "boss")
    await shop.setrum.inbox.work()
    await shop.setrum.inbox.idle()
    assert [said.key for said in await shop.settle("boss")] == ["exp.stopped"]
    assert desk.files == {}


async def test_many_sales_come_in_parts_of_whole_days_and_none_is_lost_or_told_twice(shop: World) -> None:
    filled.fill(shop.store.path, 5_000, NOON - 10 * DAY, 10)
    days = Span(date(2026, 11, 15), TODAY)

    def read(tx: Tx) -> None:
        parts = export.plan(tx, days, WIB, most=6_000)
        assert len(parts) == 3
        assert max(part.rows for part in parts) <= 6_000
        assert sum(part.sales for part in parts) == 5_000
        progress = Progress()
        numbers, entries = [], []
        for part in parts:
            start, end = export.bounds(part.days, WIB)
            numbers += [sale.id for sale, _ in export.sales(tx, start, end, progress)]
            entries += [(one.created_at, one.id) for one in export.entries(tx, start, end, progress)]
        assert numbers == list(range(20_001, 25_001))
        assert len(entries) == 10_002
        assert entries == sorted(set(entries))
        assert progress.done == 15_002

    await shop.store.aside(read)


async def test_three_times_the_sales_take_no_more_memory(tmp_path: Path) -> None:
    """As blocks of Python's, which do not depend on the machine: pages of both, and never a list of all rows."""
    peaks = []
    for count in (1_000, 3_000):
        (tmp_path / str(count)).mkdir()
        async with world(tmp_path / str(count)) as shop:
            await shop.say("menu", "boss")
            filled.fill(shop.store.path, count, NOON - DAY, 1)
            tracemalloc.start()
            said = await shop.say("ekspor 24/11-25/11", "boss")
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
            assert f"{count // 1_000}.{count % 1_000:03} baris" in said[-1].text
    assert peaks[1] < 1.3 * peaks[0]


def test_an_export_that_is_stopped_ends_at_the_next_page() -> None:
    with pytest.raises(StoppedError):
        Progress(stopped=True).advance(1)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_text_of_a_csv_begins_like_a_formula(first: str) -> None:
    assert guarded(f"{first}1+1") == f"'{first}1+1"


async def test_whoever_is_an_owner_no_more_gets_nothing_of_what_he_ordered(tmp_path: Path, desk: Desk) -> None:
    async with world(tmp_path, phone=desk) as shop:
        await sold(shop)
        await shop.say("ekspor hari ini", "boss")
        again = "UPDATE outbox SET state = 'queued' WHERE instr(content, '\"File\"') > 0"
        await execute(shop, again)  # as if the platform had been away
        await execute(shop, "UPDATE errand SET state = 'open', tries = 0")  # as if it had been killed
    desk.files, read = {}, len(desk.read)
    left = dataclasses.replace(SHOP, owners=(("console", "ibu"),))
    async with world(tmp_path, phone=desk, shop=left, at=NOON + DAY) as later:
        await later.settle("boss")
        assert (desk.files, desk.read[read:]) == ({}, [])


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("hari ini", "2026-11-25", "2026-11-25"),
        ("kemarin", "2026-11-24", "2026-11-24"),
        ("7", "2026-11-19", "2026-11-25"),
        ("bulan", "2026-11-01", "2026-11-25"),
        ("last month", "2026-10-01", "2026-10-31"),
        ("okt", "2026-10-01", "2026-10-31"),
        ("nov", "2026-11-01", "2026-11-25"),
        ("februari 2024", "2024-02-01", "2024-02-29"),
        ("12/11", "2026-11-12", "2026-11-12"),
        ("1/11-15/11", "2026-11-01", "2026-11-15"),
        ("1-15/11", "2026-11-01", "2026-11-15"),
        ("1-15 nov", "2026-11-01", "2026-11-15"),
        ("1/11 s/d 15/11", "2026-11-01", "2026-11-15"),
        ("1 nov sampai kemarin", "2026-11-01", "2026-11-24"),
        ("2026-11-01..2026-11-15", "2026-11-01", "2026-11-15"),
        ("20/12-5/1", "2025-12-20", "2026-01-05"),
        ("senin-rabu", "2026-11-23", "2026-11-25"),
    ],
)
def test_spans_are_read_as_owners_type_them(words: str, first: str, last: str) -> None:
    assert spans.read(words, TODAY) == Span(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    "words", ["", "entah", "31/2", "1/12/2026", "15/11/2026-1/11/2026", "-", "1/11-", "13/13-14/14"]
)
def test_what_names_no_days_is_none(words: str) -> None:
    assert spans.read(words, TODAY) is None
