"""Reading the supplier's report: what is taken, what is refused, and in which words."""

import contextlib
import re
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import report
from bot.domain.report import Layout, Reading, ReportError, Row, Stated, layout
from bot.settings import Settings

EXAMPLE = Path(__file__).parents[2] / "docs" / "reconciliation-example.csv"
DEFAULT = Settings.model_fields["recon_columns"].default
SUCCESS = Settings.model_fields["recon_success"].default
LAYOUT = layout(DEFAULT, SUCCESS)
SHORT = layout("trxid=TRXID,msn=METER,total=TOTAL,token=TOKEN,paid_at=TIME", "")
HEADER = "TRXID,METER,TOTAL,TOKEN,TIME\n"
TOKEN = "86661571573678958456"
LINE = f"P1,01234567890,51600,{TOKEN},2026-11-25 12:00:01\n"
NOON = 1_795_582_801_000


def rows(text: str | bytes, how: Layout = SHORT) -> list[Row]:
    return list(Reading(text.encode() if isinstance(text, str) else text, how))


def refused(text: str | bytes, how: Layout = SHORT) -> str:
    with pytest.raises(ReportError) as error:
        rows(text, how)
    return str(error.value)


def test_the_documented_example_is_read_as_it_says() -> None:
    data = EXAMPLE.read_bytes()
    first, second, third = rows(data, LAYOUT)
    assert first == Row(
        3, "P01KB2N8QZJ0V5T3W9X7Y6R4M2A", "0506E0A1B2C3D4E5F60718293A4B5C6D", "54123456789", 51_600, 1_600, TOKEN, NOON
    )
    assert (second.msn, second.token) == ("01234567890", "01234567890123456789")
    assert third.line == 6
    outline = report.outline(data, LAYOUT)
    assert (outline.count, outline.total, outline.skipped, outline.undated) == (3, 174_800, 1, 0)
    assert outline.stated == Stated(total=174_800, opening=10_000_000, closing=9_825_200)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("begin", ["", "\ufeff", "LAPORAN\n\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_header_shows_the_delimiter(delimiter: str, begin: str, newline: str) -> None:
    text = (begin + HEADER + LINE).replace(",", delimiter).replace("\n", newline)
    (row,) = rows(text)
    assert (row.trxid, row.msn, row.total, row.token, row.paid_at) == ("P1", "01234567890", 51_600, TOKEN, NOON)


def test_headers_are_found_in_any_case_and_order() -> None:
    (row,) = rows(
        f"time,total,Token, TrxId ,METER\n25/11/2026 12:00,Rp51.600,{TOKEN},P1,01234567890\n".replace(",", ";")
    )
    assert (row.trxid, row.paid_at) == ("P1", NOON - 1_000)


def test_a_name_in_another_charset_changes_nothing_but_the_name() -> None:
    how = layout("trxid=TRXID,msn=METER,total=TOTAL", "")
    text = "TRXID;METER;TOTAL;NAMA\nP1;01234567890;51600;JOS\u00c9\n"
    assert rows(text.encode("latin-1"), how) == rows(text, how)


@pytest.mark.parametrize(
    ("text", "rupiah"),
    [
        ("51.600", 51_600), ("51600", 51_600), ("Rp51.600,00", 51_600), ("Rp 51.600", 51_600), ("rp. 51.600", 51_600),
        ("51,600.00", 51_600), ("51600.00", 51_600), ("51600,00", 51_600), ("1.051.600", 1_051_600), ("0", 0),
        ("IDR 51600", 51_600), ("51.600,0", 51_600),
        ("51.60", None), ("51,6", None), ("51.600,50", None), ("-51.600", None), ("5,16E+04", None), ("", None),
        ("51.6000", None), ("1e19", None), ("0x10", None), ("٥١٦٠٠", None), ("51 600", None), ("=51600", None),
    ],
)  # fmt: skip
def test_amounts_are_whole_rupiah_or_refused(text: str, rupiah: int | None) -> None:
    assert report.amount(text) == rupiah


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("METER", "1234567890"),  # the leading zero is gone
        ("METER", "'01234567890"),
        ("METER", "1.23457E+09"),
        ("METER", "1,23457E+10"),
        ("METER", '="01234567890"'),
        ("METER", "012345678901"),  # an IDPEL
        ("METER", "0123456789０"),
        ("METER", "01234 567890"),
        ("TOKEN", "8.66616E+19"),
        ("TOKEN", "1e+19"),
        ("TOKEN", f"'{TOKEN}"),
        ("TOKEN", TOKEN[1:]),
        ("TOKEN", f"={TOKEN}"),
        ("TRXID", "1E+26"),
        ("TRXID", "=HYPERLINK(1)"),
        ("TRXID", "P" * 51),
        ("TOTAL", "5.16E+04"),
        ("TOTAL", "-51600"),
        ("TOTAL", "0"),
        ("TOTAL", "9999999999999"),
        ("TIME", "45986.5"),
        ("TIME", "11/25/2026 12:00"),
        ("TIME", "2026-02-30 12:00:00"),
        ("TIME", "2026-11-25"),
    ],
)
def test_what_a_spreadsheet_has_damaged_is_refused_by_line_and_column(column: str, cell: str) -> None:
    cells = dict(zip(HEADER.strip().split(","), LINE.strip().split(","), strict=True)) | {column: f'"{cell}"'}
    if '"' in cell:
        cells[column] = '"' + cell.replace('"', '""') + '"'
    message = refused(HEADER + LINE + ",".join(cells.values()) + "\n")
    assert message.startswith(f"line 3, column {column}: ")


def test_a_token_rounded_to_fifteen_digits_is_taken_for_none() -> None:
    (row,) = rows(HEADER + LINE.replace(TOKEN, "86661571573678900000"))
    assert row.token == ""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no header"),
        ("a,b\n1,2\n", "no header"),
        (HEADER + "P1,01234567890,51600\n", "line 2: 3 columns where the header has 5"),
        (HEADER + LINE + LINE.strip() + ",x\n", "line 3: 6 columns"),
        (HEADER + '"P1,01234567890,51600\n' * 2, "line"),
        (HEADER + '"P1"x,01234567890,51600,,\n', "line 2"),
        (HEADER + f'P1,01234567890,51600,{TOKEN},"{"9" * 200_000}"\n', "line 2: field larger than"),
        (HEADER + LINE + "TOTAL,1,51600\n" + LINE, "two files in one"),
        (HEADER + LINE + "TOTAL,1,banyak\n", "line 3: TOTAL without an amount"),
        (HEADER + "SALDO AWAL,,1,,\nSALDO AWAL,,1,,\n", "stated twice"),
        (HEADER.replace("TIME", "TOTAL") + LINE, "two columns are called TOTAL"),
        (HEADER + ",,51600,,\n", "neither a trxid nor a payment reference"),
        (HEADER.encode() + b"P\x001,,,,\n", "line 2: a NUL byte"),
        ((HEADER + LINE).encode("utf-16"), "UTF-16"),
        (b"PK\x03\x04\0\0", "NUL"),
        (b"x" * (report.MOST_BYTES + 1), "larger than 32 MiB"),
    ],
)
def test_a_hostile_file_is_refused_in_one_sentence(text: str | bytes, words: str) -> None:
    assert words in refused(text)


def test_a_file_without_a_header_is_refused_without_showing_its_tokens() -> None:
    assert refused(LINE).endswith("the file begins with 'P1,…,51600,…,… 12:00:01'")


def test_a_missing_status_column_is_refused_for_failed_rows_would_count() -> None:
    how = layout("trxid=TRXID,msn=METER,total=TOTAL,status=STATUS", "SUKSES")
    assert "leave status out of RECON_COLUMNS" in refused("TRXID,METER,TOTAL\nP1,01234567890,51600\n", how)
    taken = rows("TRXID,METER,TOTAL,STATUS\nP1,01234567890,51600,sukses\nP2,bad,bad,GAGAL\nP3,bad,bad,\n", how)
    assert [row.trxid for row in taken] == ["P1"]


def test_a_total_is_made_of_nominal_and_admin_and_must_agree_with_them() -> None:
    how = layout("trxid=ID,nominal=N,adm=A,total=T", "")
    assert [(row.total, row.adm) for row in rows("ID,N,A\nP1,50000,1600\n", how)] == [(51_600, 1_600)]
    assert [(row.total, row.adm) for row in rows("ID,N,T\nP1,50000,51600\n", how)] == [(51_600, 1_600)]
    assert "do not make" in refused("ID,N,A,T\nP1,50000,1600,50000\n", how)
    assert "admin fee" in refused("ID,N,T\nP1,50000,40000\n", how)


@pytest.mark.parametrize(
    ("footer", "count", "total"),
    [
        ("TOTAL,2,103200", 2, 103_200),
        ("JUMLAH,,103.200,,".replace(".", ""), None, 103_200),
        ("Grand Total:,Rp103200", None, 103_200),
        ("total,2,103200,,", 2, 103_200),
    ],
)
def test_a_row_of_totals_states_what_the_rows_should_come_to(footer: str, count: int | None, total: int) -> None:
    stated = report.outline((HEADER + LINE + LINE.replace("P1", "P2") + footer + "\n").encode(), SHORT).stated
    assert (stated.count, stated.total) == (count, total)


def test_a_sale_whose_first_cell_begins_like_a_total_is_a_sale() -> None:
    assert [row.trxid for row in rows(HEADER + LINE.replace("P1", "TOTAL-1"))] == ["TOTAL-1"]


@pytest.mark.parametrize(
    "columns", ["", "trxid", "trxid=A,trxid=B", "trxid=A,msn=A,total=T", "name=NAMA", "trxid=A", "total=T,msn=M"]
)
def test_a_column_map_that_could_match_nothing_is_refused(columns: str) -> None:
    with pytest.raises(ReportError):
        layout(columns, "SUKSES")


def test_a_hundred_thousand_rows_are_read_in_bounded_memory() -> None:
    data = (HEADER + "".join(LINE.replace("P1", f"P{number}") for number in range(100_000))).encode()
    tracemalloc.start()
    assert report.outline(data, SHORT).count == 100_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * len(data)  # the file itself once more, no rows


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail_in_any_other_way(data: bytes) -> None:
    for text in (data, HEADER.encode() + data, HEADER.encode() + LINE.encode() + data):
        taken: list[Row] = []
        with contextlib.suppress(ReportError):
            taken = rows(text)
        assert all(re.fullmatch(r"([0-9]{11})?", row.msn) and 0 < row.total <= 10**9 for row in taken)
