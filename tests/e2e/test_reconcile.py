"""`setrum reconcile` as an operator uses it: real processes, the practice supplier's own books as the report."""

import json
import os
import pty
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bot.sandbox.ledger import Books, Sold
from tests.e2e.test_commands import PLAIN, setrum
from tests.statement import OPENING, dotted, report_of

DAY = 86_400_000
MINUTE = 60_000


def sold(folder: Path) -> list[Sold]:
    books = Books(folder / "supplier.db")
    try:
        return books.sales()
    finally:
        books.close()


def buy(folder: Path, supplier: dict[str, str], *meters: str) -> None:
    setrum(folder, "agents", "add", "Budi", "--on", "console:budi", "--deposit", "500000")
    for meter in meters:
        talk = ("chat", "--as", "console:budi", "--json", "--wait", "0.2")
        setrum(folder, *talk, lines=f"{meter} 50\nbayar\n", WAIT_ADVICE="3600", **supplier)


def reconcile(folder: Path, data: bytes, *options: str, exits: int, **given: str) -> dict[str, Any]:
    (folder / "report.csv").write_bytes(data)
    done = setrum(folder, "reconcile", "report.csv", "--json", *options, **given)
    assert done.returncode == exits, done.stdout + done.stderr
    facts: dict[str, Any] = json.loads(done.stdout)
    return facts


def change(folder: Path, statement: str, *values: int) -> None:
    with sqlite3.connect(folder / "data" / "setrum.db") as connection:
        connection.execute(statement, values)
    connection.close()


def count(folder: Path, table: str) -> int:
    connection = sqlite3.connect(folder / "data" / "setrum.db")
    try:
        return int(connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0])  # noqa: S608  # names of this test
    finally:
        connection.close()


def test_a_report_settles_what_was_in_doubt_once_and_a_dry_run_writes_nothing(
    tmp_path: Path, supplier: dict[str, str]
) -> None:
    buy(tmp_path, supplier, "54123456789", "11111111106")
    data = report_of(sold(tmp_path))
    tried = reconcile(tmp_path, data, "--dry-run", exits=0)
    assert (tried["dry_run"], count(tmp_path, "report"), count(tmp_path, "vended_token")) == (True, 0, 1)
    facts = reconcile(tmp_path, data, exits=0)
    assert {name: one["count"] for name, one in facts["results"].items()} == {"matched": 1, "sold": 1}
    (row,) = facts["not_matched"]
    assert (row["sale"], row["state"], row["meter"], row["theirs"]) == ("T10002", "SUCCESS", "…1106", 51_600)
    assert tried["results"] == facts["results"]
    assert (facts["imported_before"], facts["finished"]) == (False, True)
    again = reconcile(tmp_path, data, exits=0)
    assert again["imported_before"]
    shown = setrum(tmp_path, "reconcile", "report.csv").stdout
    assert "imported before, nothing changed" in shown
    assert "11111111106" not in shown
    talk = setrum(tmp_path, "chat", "--as", "console:budi", "--json", lines="", **supplier)
    assert "token.only" in [json.loads(line)["key"] for line in talk.stdout.splitlines()]
    assert setrum(tmp_path, "check").returncode == 0


def test_what_needs_a_person_ends_with_three_and_is_said_line_by_line(tmp_path: Path, supplier: dict[str, str]) -> None:
    buy(tmp_path, supplier, "54123456789")
    (mine,) = sold(tmp_path)
    foreign = Sold(9, "SOMEBODY", "54123456780", "5", 20_000, 1_600, ("1" * 19 + "2",), "F" * 32, 0, mine.sold_at)
    (tmp_path / "report.csv").write_bytes(report_of([mine, foreign]))
    done = setrum(tmp_path, "reconcile", "report.csv")
    assert done.returncode == 3
    assert "line 3  unknown  –   meter …6780  theirs Rp21.600" in done.stdout
    assert "S1" in setrum(tmp_path, "pending").stdout
    assert setrum(tmp_path, "check").returncode == 0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("TRXID;NO METER;TOTAL;STATUS\nP1;1234567890;51.600;SUKSES\n", "line 2, column NO METER: '1234567890'"),
        ("TRXID;NO METER;TOTAL;STATUS\nP1;1,23E+10;51.600;SUKSES\n", "went through a spreadsheet"),
        ("nothing like it\n", "no header with TRXID"),
    ],
)
def test_a_bad_file_ends_with_two_and_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    setrum(tmp_path, "agents", "add", "Budi")
    (tmp_path / "report.csv").write_text(text)
    done = setrum(tmp_path, "reconcile", "report.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert count(tmp_path, "report") == 0


def test_a_file_or_a_setting_that_is_not_there_is_named(tmp_path: Path) -> None:
    setrum(tmp_path, "agents", "add", "Budi")
    assert "no-such.csv: No such file" in setrum(tmp_path, "reconcile", "no-such.csv").stderr
    wrong = setrum(tmp_path, "reconcile", "x", RECON_COLUMNS="trxid")
    assert (wrong.returncode, wrong.stderr[:36]) == (2, "setrum reconcile: RECON_COLUMNS: has")
    (tmp_path / "x").write_text("ID,RP\nP1,51600\n")
    assert "2026" in setrum(tmp_path, "reconcile", "x", "--covers", "soon", RECON_COLUMNS="trxid=ID,total=RP").stderr


def test_an_absent_sale_is_given_back_by_the_second_call_only(tmp_path: Path, supplier: dict[str, str]) -> None:
    buy(tmp_path, supplier, "11111111107", "11111111106")
    days_ago = 5 * DAY
    change(tmp_path, "UPDATE purchase SET sent_at = sent_at - ?", days_ago)
    now = time.time_ns() // 1_000_000
    first, last = (time.strftime("%Y-%m-%d", time.gmtime((now - back) / 1000)) for back in (7 * DAY, 3 * DAY))
    sales = [Sold(*[*vars_of(one)[:-1], one.sold_at - days_ago]) for one in sold(tmp_path)]
    data = report_of(sales)
    proof = ("--covers", f"{first}..{last}", "--opening", dotted(OPENING), "--closing", dotted(OPENING - 51_600))
    unproven = reconcile(tmp_path, data, exits=0)
    assert unproven["absent"] == []
    assert [one["sale"] for one in unproven["open_and_unlisted"]] == []
    facts = reconcile(tmp_path, data, *proof, exits=3)
    assert facts["not_proven"] == []
    assert [one["sale"] for one in facts["absent"]] == ["T10001"]
    without = setrum(tmp_path, "reconcile", "report.csv", "--void-absent", "all")
    assert (without.returncode, "--reason" in without.stderr) == (2, True)
    wrong = setrum(tmp_path, "reconcile", "report.csv", "--void-absent", "T10002", "--reason", "x")
    assert "T10002 is not on the list" in wrong.stderr
    words = ("--void-absent", "T10001", "--reason", "not in it", "--by", "Sri")
    assert "nothing was changed" in on_a_terminal(tmp_path, "no\n", "reconcile", "report.csv", *words)
    tried = setrum(tmp_path, "reconcile", "report.csv", *words, "--dry-run", "--json")
    assert json.loads(tried.stdout)["voided"][0]["state"] == "FAILED"
    two = {"OWNERS": "console:a,console:b", "SECOND_APPROVER": "50000"}
    alone = setrum(tmp_path, "reconcile", "report.csv", *words, **two)
    assert (alone.returncode, "another owner has to approve" in alone.stderr) == (2, True)
    done = setrum(tmp_path, "reconcile", "report.csv", *words)
    assert (done.returncode, "given back by Sri" in done.stdout) == (0, True)
    told = setrum(tmp_path, "pending", "T10001").stdout
    assert "by Sri" in told
    assert setrum(tmp_path, "check").returncode == 0
    assert reconcile(tmp_path, data, exits=0)["absent"] == []


def on_a_terminal(folder: Path, typed: str, *arguments: str) -> str:
    """What it says on standard error to somebody who types."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed.encode())
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments], cwd=folder, env=PLAIN, stdin=theirs, text=True,
            capture_output=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    assert "Give back these 1 holds?" in done.stdout
    return done.stderr


def vars_of(one: Sold) -> list[Any]:
    return [getattr(one, name) for name in one.__dataclass_fields__]


def test_killed_at_any_moment_the_same_file_finishes_the_import(tmp_path: Path) -> None:
    setrum(tmp_path, "agents", "add", "Budi", "--deposit", "1000")
    now = time.time_ns() // 1_000_000
    sales = [
        Sold(n, f"X{n}", f"541{n:08d}", "5", 20_000, 1_600, (f"{n:019d}7",), f"{n:032X}", 0, now) for n in range(3_000)
    ]
    (tmp_path / "report.csv").write_bytes(report_of(sales))
    refused = setrum(tmp_path, "reconcile", "report.csv")
    assert (refused.returncode, "none of its 3000 sales is ours" in refused.stderr) == (2, True)
    command = [sys.executable, "-m", "bot", "reconcile", "report.csv", "--strangers"]
    for reached in (1, 1_001, 3_000):  # killed once so many rows are kept
        with subprocess.Popen(command, cwd=tmp_path, env=PLAIN, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and count(tmp_path, "report_row") < reached:
                time.sleep(0.002)
            process.kill()
        assert setrum(tmp_path, "check").returncode == 0
    facts = reconcile(tmp_path, report_of(sales), exits=3)
    assert facts["results"] == {"unknown": {"count": 3_000, "total": 3_000 * 21_600}}
    assert (facts["finished"], count(tmp_path, "stray"), count(tmp_path, "transfer")) == (True, 3_000, 3_001)
    assert setrum(tmp_path, "check").returncode == 0
