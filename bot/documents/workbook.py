"""Workbooks and CSV files, written row by row in constant memory. Knows tables, and nothing of what is in them.

A text is always a text: never a formula, a link or a number, whatever it begins with.
"""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xlsxwriter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | float | date | time | None
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # what a spreadsheet begins a formula with
_FIRST_DAY = date(1899, 12, 30)  # from which workbooks count days
_DAY_SECONDS = 86_400
_MOST_CHARACTERS = 32_767  # in a cell


class Kind(StrEnum):
    """What stands in a column, by the format of its numbers."""

    TEXT = "@"
    WHOLE = "#,##0"
    DECIMAL = "#,##0.0#"
    DAY = "yyyy-mm-dd"
    TIME = "hh:mm:ss"


@dataclass(frozen=True, slots=True)
class Column:
    """A heading, how many characters wide, and what stands below it."""

    heading: str
    width: int
    kind: Kind = Kind.TEXT


class Workbook:
    """An XLSX file. Its sheets are filled one after another; until it is closed it lies in parts in its own folder."""

    def __init__(self, path: Path) -> None:
        made = {"constant_memory": True, "tmpdir": str(path.parent)}
        self._book = xlsxwriter.Workbook(str(path), made)
        self._heading = self._book.add_format({"bold": True, "bg_color": "#DDEBF7", "bottom": 1, "num_format": "@"})
        self._formats = {kind: self._book.add_format({"num_format": kind.value}) for kind in Kind}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._book.close()

    def fill(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> int:
        """A sheet with a heading that stays in sight and can be filtered by; how many rows it has below that."""
        sheet: Any = self._book.add_worksheet(name)
        formats = [self._formats[column.kind] for column in columns]
        for place, column in enumerate(columns):
            sheet.set_column(place, place, column.width, formats[place])
            sheet.write_string(0, place, column.heading, self._heading)
        sheet.freeze_panes(1, 1)
        number = 0
        for number, row in enumerate(rows, 1):
            for place, cell in enumerate(row):
                if isinstance(cell, str):
                    if cell:
                        sheet.write_string(number, place, cell[:_MOST_CHARACTERS], formats[place])
                elif cell is not None:
                    sheet.write_number(number, place, _numbered(cell), formats[place])
        sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
        return number


def _numbered(cell: float | date | time) -> float:
    """Days count from a day of their own, times are parts of a day."""
    if isinstance(cell, datetime):
        raise TypeError("a day and a time are two columns")
    if isinstance(cell, date):
        return (cell - _FIRST_DAY).days
    if isinstance(cell, time):
        return (cell.hour * 3600 + cell.minute * 60 + cell.second) / _DAY_SECONDS
    return cell


class CsvFile:
    """A CSV file: UTF-8 with its mark, so that spreadsheets read names rightly; commas, CRLF, quotes where needed."""

    def __init__(self, path: Path, columns: Sequence[Column]) -> None:
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow([guarded(column.heading) for column in columns])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _: BaseException | None, __: TracebackType | None) -> None:
        self._file.close()

    def add(self, row: Sequence[Cell]) -> None:
        """One row more."""
        self._writer.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])


def guarded(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe stands before what begins like one."""
    return f"'{text}" if text.startswith(_RISKY) else text
