"""The supplier's report: bytes of a CSV file into rows, streamed, each checked before anybody uses it.

Refuses what a spreadsheet has damaged rather than guess, and names the line and the column. Matches nothing and
knows no purchase.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta, timezone

from bot.domain import token
from bot.domain.meter import METER_DIGITS

MOST_BYTES = 32 * 1024 * 1024
WIB = timezone(timedelta(hours=7), "WIB")

COLUMNS = (
    "trxid=TRXID,payref=NO REF,msn=NO METER,total=TOTAL,nominal=NOMINAL,adm=ADMIN,token=TOKEN,"
    "paid_at=TANGGAL,status=STATUS"
)
SUCCESS = "SUKSES,SUCCESS,0,0000"
FIELDS = ("trxid", "payref", "msn", "total", "nominal", "adm", "token", "paid_at", "status")
_DELIMITERS = ",;\t|"
_MOST_LINES_ABOVE = 20  # titles above the header
_MOST_AMOUNT = 1_000_000_000
_PIECE = 64 * 1024
_DIGITS = re.compile(r"[0-9][0-9-]{6,}")

_TRXID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_./:-]{0,49}")
_METER = re.compile(rf"[0-9]{{{METER_DIGITS}}}")
_PAYREF = re.compile(r"[0-9A-Za-z]{1,64}")
_SCIENTIFIC = re.compile(r"[0-9][.,][0-9]+[eE][+-]?[0-9]{1,3}|[0-9]+[eE][+-][0-9]{1,3}|[0-9]{1,3}[eE][0-9]{1,3}")
# a spreadsheet keeps 15 digits of a number and fills up with zeros; of genuine tokens one in 100,000 ends so
_ROUNDED = "00000"
_AMOUNT = re.compile(
    r"(?:[0-9]{1,13}|[0-9]{1,3}(?:\.[0-9]{3}){1,4})(?:,00?)?"
    r"|(?:[0-9]{1,13}|[0-9]{1,3}(?:,[0-9]{3}){1,4})(?:\.00?)?"
)
_CENTS = re.compile(r"[.,]00?")
_RUPIAH = re.compile(r"(?:Rp|IDR)\.?\s*", re.IGNORECASE)
_ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_LOCAL = re.compile(r"([0-9]{2})/([0-9]{2})/([0-9]{4}) ([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?")
_FOOTERS = (
    ("total", re.compile(r"(?:grand )?(?:total|jumlah)\b")),
    ("opening", re.compile(r"(?:saldo awal|opening)\b")),
    ("closing", re.compile(r"(?:saldo akhir|closing)\b")),
    ("top_ups", re.compile(r"(?:top[ -]?ups?|isi deposit)\b")),
    ("rebates", re.compile(r"(?:rebates?|komisi)\b")),
)


class ReportError(Exception):
    """The file, or the setting that describes it, cannot be used; the text is for the operator.

    `lacking` are the headers that were looked for in vain, where that is what is wrong; `line` and `column` where it
    is, 0 and '' for nowhere in particular; `is_csv` is whether it can be a table at all.
    """

    def __init__(self, why: str, lacking: str = "", *, line: int = 0, column: str = "", is_csv: bool = True) -> None:
        place = f"line {line}" + (f", column {column}" if column else "")
        super().__init__(f"{place}: {why}" if line else why)
        self.lacking, self.line, self.column, self.is_csv = lacking, line, column, is_csv


@dataclass(frozen=True, slots=True)
class Layout:
    """Which header stands over which field, and which words in the status column mean a sale."""

    headers: Mapping[str, str]
    success: frozenset[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One sale that the supplier lists. `total` is rupiah with admin, `paid_at` epoch milliseconds; '' is unstated.

    `token` is one to three groups of 20 digits without anything between them, the credit token last.
    """

    line: int
    trxid: str
    payref: str
    msn: str
    total: int
    adm: int | None
    token: str
    paid_at: int | None


@dataclass(frozen=True, slots=True)
class Stated:
    """What the file says about itself, or the operator about the file; rupiah, None where nobody said it."""

    count: int | None = None
    total: int | None = None
    opening: int | None = None
    top_ups: int | None = None
    rebates: int | None = None
    closing: int | None = None


@dataclass(frozen=True, slots=True)
class Outline:
    """A whole report in figures: what its rows come to, what it states, and what it lacks."""

    count: int
    total: int
    skipped: int  # rows that the status column calls no sale
    undated: int
    first_at: int | None
    last_at: int | None
    stated: Stated
    lacking: tuple[str, ...]  # headers of the setting that the file does not have


def layout(columns: str, success: str) -> Layout:
    """From the settings: `trxid=TRXID,msn=NO METER,…` and `SUKSES,0`. Raises `ReportError`."""
    headers: dict[str, str] = {}
    for pair in columns.split(","):
        name, equals, header = (part.strip() for part in pair.partition("="))
        if name not in FIELDS or not equals or not header:
            raise ReportError(f"has {pair.strip()!r}; it is a list such as trxid=TRXID, and the names are {FIELDS}")
        if name in headers or _folded(header) in headers.values():
            raise ReportError(f"names {pair.strip()!r} twice")
        headers[name] = _folded(header)
    if "total" not in headers and not {"nominal", "adm"} <= set(headers):
        raise ReportError("needs total (with admin), or nominal (without) and adm")
    if not {"trxid", "payref"} & set(headers) and not {"msn", "paid_at"} <= set(headers):
        raise ReportError("needs trxid or payref, or else msn and paid_at")
    words = frozenset(word.strip().upper() for word in success.split(",") if word.strip())
    if "status" in headers and not words:
        raise ReportError("names a status column, but RECON_SUCCESS has no word for a sale")
    return Layout(headers, words)


@dataclass(slots=True)
class Reading:
    """One pass over a report: iterate it for its rows; what the file states is known at its end."""

    data: bytes = field(repr=False)
    layout: Layout
    skipped: int = 0
    stated: Stated = field(default_factory=Stated)
    lacking: tuple[str, ...] = ()
    _at: Mapping[str, int] = field(default_factory=dict)
    _width: int = 0

    def __iter__(self) -> Iterator[Row]:
        text = _text(self.data)
        above, delimiter = self._find_header(text)
        lines = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            for cells in lines:
                if (row := self._read(above + lines.line_num, [cell.strip() for cell in cells])) is not None:
                    yield row
        except csv.Error as error:
            raise ReportError(str(error), line=above + lines.line_num, is_csv=False) from None

    def _find_header(self, text: io.TextIOWrapper) -> tuple[int, str]:
        seen = ""
        for number in range(1, _MOST_LINES_ABOVE + 1):
            line = text.readline(_PIECE)
            seen = seen or _DIGITS.sub("…", line.strip()[:80])
            for delimiter in _DELIMITERS:
                if self._is_header(next(csv.reader([line.rstrip("\r\n")], delimiter=delimiter), [])):
                    return number, delimiter
        wanted = ", ".join(self.layout.headers.values()).upper()
        raise ReportError(f"no header with {wanted} (RECON_COLUMNS); the file begins with {seen!r}", wanted, line=1)

    def _is_header(self, cells: Sequence[str]) -> bool:
        names = [_folded(cell) for cell in cells]
        found = {name: names.index(header) for name, header in self.layout.headers.items() if header in names}
        if not _suffices(found):
            return False
        lacking = tuple(header.upper() for name, header in self.layout.headers.items() if name not in found)
        if "status" in self.layout.headers and "status" not in found:
            raise ReportError(
                f"no column {self.layout.headers['status'].upper()}: without it failed rows would count as sales; "
                "if the report lists sales only, leave status out of RECON_COLUMNS",
                column=self.layout.headers["status"].upper(),
            )
        if twice := [header for header in self.layout.headers.values() if names.count(header) > 1]:
            raise ReportError(f"two columns are called {twice[0].upper()}", column=twice[0].upper())
        self._at, self.lacking, self._width = found, lacking, len(names)
        return True

    def _read(self, line: int, cells: list[str]) -> Row | None:
        if not any(cells):
            return None
        if (name := self._footer(cells)) is not None:
            self._note_footer(line, name, cells)
            return None
        if self.stated.total is not None:
            raise ReportError("a row after the row of totals; are these two files in one?", line=line)
        if len(cells) < self._width or any(cells[self._width :]):
            raise ReportError(f"{len(cells)} columns where the header has {self._width}", line=line)
        cell = _Cells(line, {name: cells[at] for name, at in self._at.items()}, self.layout.headers)
        if "status" in self._at and cell.text("status").upper() not in self.layout.success:
            self.skipped += 1
            return None
        return _row(cell)

    def _footer(self, cells: list[str]) -> str | None:
        """What a row states about the whole; None for a sale, even if its first cell begins like a total."""
        at, meter = self._at.get("paid_at", len(cells)), self._at.get("msn", len(cells))
        if (meter < len(cells) and _METER.fullmatch(cells[meter])) or (at < len(cells) and _is_moment(cells[at])):
            return None
        return next((name for name, words in _FOOTERS if words.match(cells[0].casefold())), None)

    def _note_footer(self, line: int, name: str, cells: list[str]) -> None:
        if getattr(self.stated, name) is not None:
            raise ReportError(f"{cells[0]} is stated twice", line=line)
        count, value = self._totals(cells) if name == "total" else (self.stated.count, _last_amount(cells))
        if value is None:
            raise ReportError(f"{cells[0]} without an amount that can be read", line=line)
        known = {part.name: getattr(self.stated, part.name) for part in fields(Stated)}
        self.stated = Stated(**(known | {name: value, "count": count}))

    def _totals(self, cells: list[str]) -> tuple[int | None, int | None]:
        """Count and total of a row of totals: below their own columns, else the last amount and the one before it."""
        cells = cells + [""] * (self._width - len(cells))
        below = {name: amount(cells[self._at[name]]) for name in ("total", "nominal", "adm") if name in self._at}
        total = below.get("total")
        if total is None and "total" in self._at and cells[self._at["total"]]:
            return None, None
        if total is None and below.get("nominal") is not None and below.get("adm") is not None:
            total = (below["nominal"] or 0) + (below["adm"] or 0)
        taken = {self._at[name] for name, value in below.items() if value is not None}
        rest = [
            value for at, cell in enumerate(cells) if at and at not in taken and (value := amount(cell)) is not None
        ]
        if total is None and rest:
            total = rest.pop()
        return (rest[0] if len(rest) == 1 else None), total


def outline(data: bytes, how: Layout) -> Outline:
    """Read the whole file once, in constant memory. Raises `ReportError` at the first row that cannot be used."""
    reading = Reading(data, how)
    count = total = undated = 0
    first_at: int | None = None
    last_at: int | None = None
    for row in reading:
        count += 1
        total += row.total
        if row.paid_at is None:
            undated += 1
            continue
        first_at = row.paid_at if first_at is None else min(first_at, row.paid_at)
        last_at = row.paid_at if last_at is None else max(last_at, row.paid_at)
    return Outline(count, total, reading.skipped, undated, first_at, last_at, reading.stated, reading.lacking)


def amount(text: str) -> int | None:
    """`51.600`, `51600`, `Rp51.600,00` as whole rupiah; None for anything else, for cents and for what is negative."""
    bare = _RUPIAH.sub("", text, count=1) if _RUPIAH.match(text) else text
    if _AMOUNT.fullmatch(bare) is None:
        return None
    whole = bare
    if (cents := _CENTS.search(bare, max(0, len(bare) - 3))) is not None and cents.end() == len(bare):
        whole = bare[: cents.start()]
    return int(re.sub(r"[.,]", "", whole))


@dataclass(frozen=True, slots=True)
class _Cells:
    line: int
    values: Mapping[str, str]
    headers: Mapping[str, str]

    def text(self, name: str) -> str:
        return self.values.get(name, "")

    def refuse(self, name: str, why: str) -> ReportError:
        return ReportError(why, line=self.line, column=self.headers[name].upper())

    def plain(self, name: str, whole: re.Pattern[str], what: str) -> str:
        """The cell if it is empty or whole; what a spreadsheet does to numbers is named."""
        value = self.text(name)
        if value.startswith("'") or _SCIENTIFIC.fullmatch(value):
            raise self.refuse(name, f"{value[:30]!r} went through a spreadsheet; use the file as the supplier made it")
        if value and whole.fullmatch(value) is None:
            raise self.refuse(name, f"{value[:30]!r} is no {what}")
        return value

    def rupiah(self, name: str) -> int | None:
        value = self.text(name)
        if not value:
            return None
        found = amount(value)
        if found is None or found > _MOST_AMOUNT:
            raise self.refuse(name, f"{value[:30]!r} is no amount in whole rupiah")
        return found


def _row(cell: _Cells) -> Row:
    trxid = cell.plain("trxid", _TRXID, "trxid")
    payref = cell.plain("payref", _PAYREF, "payment reference").upper()
    msn = cell.plain("msn", _METER, f"meter number of {METER_DIGITS} digits")
    paid_at = _moment(cell)
    if not trxid and not payref and (not msn or paid_at is None):
        raise ReportError("neither a trxid nor a payment reference, nor a meter with its time", line=cell.line)
    total, adm = _amounts(cell)
    return Row(cell.line, trxid, payref, msn, total, adm, _token(cell), paid_at)


def _amounts(cell: _Cells) -> tuple[int, int | None]:
    total, nominal, adm = cell.rupiah("total"), cell.rupiah("nominal"), cell.rupiah("adm")
    if total is None and nominal is not None and adm is not None:
        total = nominal + adm
    if total is not None and nominal is not None and adm is None:
        adm = total - nominal
    column = "total" if cell.text("total") or "nominal" not in cell.values else "nominal"
    if not total:
        raise cell.refuse(column, "a sale needs an amount with admin")
    if adm is not None and not 0 <= adm < total:
        raise cell.refuse(column, f"{total} with an admin fee of {adm}")
    if nominal is not None and nominal + (adm or 0) != total:
        raise cell.refuse(column, f"{nominal} and an admin fee of {adm} do not make {total}")
    return total, adm


def _token(cell: _Cells) -> str:
    value = cell.text("token")
    if value.startswith("'") or _SCIENTIFIC.fullmatch(value):
        raise cell.refuse("token", "the digits went through a spreadsheet; use the file as the supplier made it")
    groups = token.read(value) if value else ()
    if groups is None:
        raise cell.refuse("token", "not 20, 40 or 60 digits")
    digits = "".join(groups)
    # taken for unstated: the row still proves the sale, and advice brings the token
    return "" if digits.endswith(_ROUNDED) else digits


def _moment(cell: _Cells) -> int | None:
    value = cell.text("paid_at")
    if not value:
        return None
    parts: tuple[str | None, ...]
    if found := _ISO.fullmatch(value):
        parts = found.groups()
    elif found := _LOCAL.fullmatch(value):
        day, month, year, *rest = found.groups()
        parts = (year, month, day, *rest)
    else:
        raise cell.refuse("paid_at", f"{value[:30]!r} is no time such as 2026-11-25 13:05:00 or 25/11/2026 13:05")
    year, month, day, hour, minute, second = (int(part or 0) for part in parts)
    try:
        moment = datetime(year, month, day, hour, minute, second, tzinfo=WIB)
    except ValueError:
        raise cell.refuse("paid_at", f"{value[:30]!r} is no time of any calendar") from None
    return int(moment.timestamp()) * 1000


def _is_moment(text: str) -> bool:
    return (_ISO.fullmatch(text) or _LOCAL.fullmatch(text)) is not None


def _last_amount(cells: Sequence[str]) -> int | None:
    filled = [cell for cell in cells[1:] if cell]
    return amount(filled[-1]) if filled else None


def _suffices(found: Mapping[str, int]) -> bool:
    """Whether a line with these columns can be the header: an amount, and something to match by."""
    paid = "total" in found or {"nominal", "adm"} <= set(found)
    return paid and ("trxid" in found or "payref" in found or {"msn", "paid_at"} <= set(found))


def _folded(header: str) -> str:
    return " ".join(header.strip("\ufeff \t").casefold().split())


def _text(data: bytes) -> io.TextIOWrapper:
    if len(data) > MOST_BYTES:
        raise ReportError(
            f"larger than {MOST_BYTES // 1024 // 1024} MiB: cut it at a midnight (WIB) and import the parts"
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ReportError("UTF-16; save it as CSV in UTF-8", line=1, is_csv=False)
    if (at := data.find(b"\0")) >= 0:
        number = data.count(b"\n", 0, at) + 1
        raise ReportError("a NUL byte; this is no CSV file, or a damaged one", line=number, is_csv=False)
    # the fallback can only change names: whatever is read here is ASCII
    encoding = "utf-8-sig" if _is_utf8(data) else "latin-1"
    return io.TextIOWrapper(io.BytesIO(data), encoding=encoding, newline="")


def _is_utf8(data: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(data), _PIECE):
            decoder.decode(data[start : start + _PIECE], final=start + _PIECE >= len(data))
    except UnicodeDecodeError:
        return False
    return True
