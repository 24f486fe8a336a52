"""The supplier's report as it would write it from its own books: an independent writer, for tests alone."""

import csv
import io
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from bot.sandbox.ledger import Sold

HEADER = ("TRXID", "NO REF", "NO METER", "NAMA", "NOMINAL", "ADMIN", "TOTAL", "TOKEN", "TANGGAL", "STATUS")
OPENING = 100_000_000


def wib(at: int) -> datetime:
    """The supplier's wall clock."""
    return datetime.fromtimestamp(at / 1000, UTC) + timedelta(hours=7)


def dotted(amount: int) -> str:
    """As people write it there."""
    return f"{amount:,}".replace(",", ".")


def line_of(sold: Sold) -> list[str]:
    """One row."""
    token = "-".join(group[at : at + 4] for group in sold.tokens for at in range(0, 20, 4))
    total = sold.nominal + sold.adm
    when = f"{wib(sold.sold_at):%Y-%m-%d %H:%M:%S}"
    amounts = [dotted(amount) for amount in (sold.nominal, sold.adm, total)]
    return [sold.trxid, sold.payref, sold.msn, 'A "B"; C', *amounts, token, when, "SUKSES"]


def report_of(
    sales: Iterable[Sold], *, without: Iterable[str] = (), totals: bool = True, delimiter: str = ";"
) -> bytes:
    """The file: every sale a row, then its totals; `without` leaves columns out."""
    sales, out = list(sales), io.StringIO()
    kept = [at for at, name in enumerate(HEADER) if name not in without]
    writer = csv.writer(out, delimiter=delimiter)
    rows = [list(HEADER), *(line_of(one) for one in sales)]
    total = sum(one.nominal + one.adm for one in sales)
    if totals:
        rows.append(["TOTAL", "", "", str(len(sales)), "", "", dotted(total), "", "", ""])
    writer.writerows([row[at] for at in kept] for row in rows)
    return out.getvalue().encode()
