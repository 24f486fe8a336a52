"""The command line as operators and scripts use it: real processes, a sandbox in a process of its own."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.e2e import forks

ROOT = Path(__file__).parents[2]
PLAIN = {name: value for name, value in os.environ.items() if not name.startswith(("VSI_", "WAIT_"))} | {
    "PYTHONPATH": str(ROOT),
    "EPHEMERAL_DISK": "1",  # where tests run, /tmp may be in memory
}


def setrum(folder: Path, *arguments: str, lines: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    done = forks.run(folder, list(arguments), PLAIN | settings, lines)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def test_a_purchase_through_pipes_against_a_supplier_named_by_three_settings(
    tmp_path: Path, supplier: dict[str, str]
) -> None:
    added = setrum(tmp_path, "agents", "add", "Budi", "--on", "console:budi", "--deposit", "500000", "--json")
    assert json.loads(added.stdout)["agent"] == "A001"
    talk = setrum(
        tmp_path, "chat", "--as", "console:budi", "--json", lines="54123456789 50\nbayar\nriwayat\n", **supplier
    )
    said = [json.loads(line) for line in talk.stdout.splitlines()]
    assert [one["key"] for one in said] == ["buy.pay", "buy.processing", "token.only", "pay.done", "hist.list"]
    assert said[0]["options"][0]["number"] == "bayar"
    assert re.fullmatch(r"[\w-]{8}\.pay", said[0]["options"][0]["id"])
    check = setrum(tmp_path, "check", "--json")
    assert (check.returncode, json.loads(check.stdout)["violations"]) == (0, [])
    day = json.loads(setrum(tmp_path, "summary", "--json").stdout)
    assert (day["count"], day["sales"], day["profit"]) == (1, 52_000, 400)
    log = setrum(tmp_path, "log", "T10001")
    assert "command=PAY" in log.stdout
    assert "class S" in log.stdout
    token = said[2]["text"].split("\n")[0].replace(" ", "-")
    assert token not in log.stdout
    assert token in setrum(tmp_path, "log", "T10001", "--raw").stdout
    assert (tmp_path / "data" / "setrum.db").stat().st_mode & 0o077 == 0
    assert supplier["VSI_SECRET"] not in log.stdout + talk.stderr


def test_a_token_still_expected_at_the_end_of_input_is_waited_for(tmp_path: Path, supplier: dict[str, str]) -> None:
    setrum(tmp_path, "agents", "add", "Budi", "--on", "console:budi", "--deposit", "500000")
    fast = {"WAIT_ADVICE": "0.1,0.1,0.1,0.1", "WAIT_JANITOR": "0.1", "WAIT_ADVICE_GAP": "0.01"}
    talk = setrum(
        tmp_path, "chat", "--as", "console:budi", "--json", lines="11111111102 50\nbayar\n", **supplier, **fast
    )
    keys = [json.loads(line)["key"] for line in talk.stdout.splitlines()]
    assert keys == ["buy.pay", "buy.processing", "pay.pending", "token.only", "late.done"]
    left = setrum(
        tmp_path, "chat", "--as", "console:budi", "--json", "--wait", "0", lines="11111111103 20\nbayar\n", **supplier
    )
    assert json.loads(left.stdout.splitlines()[-1])["key"] == "con.pending"


@pytest.mark.parametrize(
    ("verb", "settings", "words"),
    [
        ("chat", {}, "VSI_URL, VSI_CID, VSI_SECRET: not set"),
        ("serve", {}, "VSI_URL, VSI_CID, VSI_SECRET: not set"),
        ("chat", {"VSI_URL": "http://203.0.113.5/x", "VSI_CID": "a", "VSI_SECRET": "b"}, "VSI_INSECURE_HTTP=1"),
        ("check", {}, "no database at"),
        ("check", {"DATABASE_URL": "postgres://x"}, "only sqlite:///"),
        ("summary", {"TIMEZONE": "Mars"}, "TIMEZONE: is no time zone"),
        ("agents", {"WAIT_ADVICE": "a,b"}, "WAIT_ADVICE: a list of seconds"),
        ("agents", {"WAIT_QUOTE": "soon"}, "WAIT_QUOTE"),
        ("agents", {"OWNERS": "budi"}, "OWNERS: has 'budi'"),
        ("agents", {"DENOMINATIONS": "x"}, "DENOMINATIONS: is a list"),
        ("agents", {"PORT": "99999"}, "PORT"),
        ("migrate", {"DATABASE_URL": "sqlite:////proc/nowhere/x.db"}, "cannot make the lock"),
    ],
)
def test_a_wrong_setting_ends_in_one_sentence_that_names_it(
    tmp_path: Path, verb: str, settings: dict[str, str], words: str
) -> None:
    done = setrum(tmp_path, verb, **settings)
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_an_unreachable_supplier_costs_nothing_and_is_said_kindly(tmp_path: Path) -> None:
    nowhere = {"VSI_URL": "http://127.0.0.1:9/x", "VSI_CID": "a", "VSI_SECRET": "b"}
    setrum(tmp_path, "agents", "add", "Budi", "--on", "console:budi", "--deposit", "500000")
    talk = setrum(tmp_path, "chat", "--as", "console:budi", lines="54123456789 50\nsaldo\n", **nowhere)
    assert "Belum ada yang dipotong" in talk.stdout
    assert "Saldo Rp500.000" in talk.stdout
    assert talk.returncode == 0


def test_a_broken_database_is_named_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("nonsense " * 1000)
    done = setrum(tmp_path, "check", DATABASE_URL="sqlite:///x.db")
    assert done.returncode == 2
    assert "not a database" in done.stderr
    assert (tmp_path / "x.db").read_text().startswith("nonsense")


def test_check_ends_with_one_on_a_violation(tmp_path: Path) -> None:
    setrum(tmp_path, "agents", "add", "Budi", "--deposit", "500000")

    with sqlite3.connect(tmp_path / "data" / "setrum.db") as connection:
        connection.execute("UPDATE account SET posted = posted + 1 WHERE id = 'agent:1'")
    connection.close()
    done = setrum(tmp_path, "check")
    assert done.returncode == 1
    assert "VIOLATION  I1" in done.stdout


def test_a_top_up_is_booked_once_a_reference_and_a_repeat_is_asked_about(tmp_path: Path) -> None:
    setrum(tmp_path, "agents", "add", "Budi")
    assert setrum(tmp_path, "deposit", "add", "Budi", "1000", "--ref", "B1", "--by", "Ibu Sri").returncode == 0
    trail = json.loads(setrum(tmp_path, "agents", "trail", "Budi", "--json").stdout)
    assert (trail[-1]["action"], trail[-1]["by"]) == ("topped up", "command line (Ibu Sri)")
    assert "--again" in setrum(tmp_path, "deposit", "add", "Budi", "1000").stderr
    assert "booked already" in setrum(tmp_path, "deposit", "add", "A001", "1000", "--ref", "B1").stderr
    again = setrum(tmp_path, "deposit", "add", "budi", "1000", "--again", "--json")
    assert json.loads(again.stdout)["balance"] == 2_000


def test_what_was_sold_on_credit_is_paid_back_by_the_command_line_too(tmp_path: Path) -> None:
    setrum(tmp_path, "agents", "add", "Budi")
    sold = setrum(tmp_path, "deposit", "credit", "Budi", "5000", "--ref", "B1", "--json")
    assert json.loads(sold.stdout) == {"agent": "Budi", "credited": 5_000, "balance": 5_000}
    assert "only 5000 is owed" in setrum(tmp_path, "deposit", "repay", "Budi", "6000").stderr
    repaid = setrum(tmp_path, "deposit", "repay", "Budi", "4000", "--json")
    assert json.loads(repaid.stdout) == {"agent": "Budi", "repaid": 4_000, "balance": 5_000}


def test_the_demo_needs_nothing_and_prints_a_token(tmp_path: Path) -> None:
    lines = "54123456789 50\nbayar\n/as owner\nrekap\n/as nobody\n/as customer\napa ini\n"
    talk = setrum(tmp_path, "demo", "--json", lines=lines)
    said = [json.loads(line) for line in talk.stdout.splitlines()]
    keys = [one["key"] for one in said]
    assert keys[:5] == ["demo.welcome", "buy.pay", "buy.processing", "token.only", "pay.done"]
    assert keys[5:] == ["demo.as", "start.owner", "sum.head", "demo.roles", "demo.as", "start.customer", "in.customer"]
    assert all(one["text"].startswith("🧪 UJI COBA") for one in said)
    again = setrum(tmp_path, "demo", "--json", lines="riwayat\n")
    assert "T10004" in again.stdout  # its database is kept


def test_each_call_of_the_contract_can_be_made_by_hand(tmp_path: Path, supplier: dict[str, str]) -> None:
    def call(*arguments: str) -> dict[str, dict[str, object]]:
        done = setrum(tmp_path, "vsi", "--json", *arguments, **supplier)
        assert done.returncode == 0, done.stderr
        found: dict[str, dict[str, object]] = json.loads(done.stdout)
        assert supplier["VSI_SECRET"] not in done.stdout
        return found

    inquiry = call("inquire", "54123456789")["read"]
    assert inquiry["verdict"] == "ok"
    refnum = re.search(r"refnum>([0-9A-F]{32})", str(call("inquire", "54123456789")["answer"]))
    assert refnum is not None
    assert call("pay", "50000", refnum[1], "--yes")["read"]["verdict"] == "S"
    assert call("auto-pay", "54123456780", "20000", "--yes")["read"]["verdict"] == "S"
    assert call("advise", "54123456789", "50000")["read"]["verdict"] == "S*"
    assert call("postpaid-inquire", "532110000060")["read"]["success"] is True
    assert call("postpaid-pay", "532110000060", "--yes")["read"]["success"] is True
    assert call("postpaid-pay", "532110000060", "--yes")["read"]["code"] == 88
    journal = (tmp_path / "data" / "vsi-by-hand.jsonl").read_text().splitlines()
    assert len(journal) == 8  # before and after each of four payments
    assert setrum(tmp_path, "vsi", "pay", "50000", "A" * 32, **supplier).returncode == 2  # without --yes
    setrum(tmp_path, "migrate")
    refused = setrum(tmp_path, "vsi", "pay", "50000", "A" * 32, "--yes", **supplier)
    assert "through the services only" in refused.stderr


def test_serve_answers_health_and_lets_go_on_a_signal(tmp_path: Path, supplier: dict[str, str]) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "serve"], cwd=tmp_path, env=PLAIN | supplier | {"PORT": "0"},
        stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        address = process.stdout.readline().strip().split(" ")[-1]
        try:
            for path, words in (("healthz", "ok"), ("readyz", "ready"), ("metrics", "setrum_waiting")):
                with urlopen(f"{address}/{path}") as answer:
                    assert words in answer.read().decode()
            held = setrum(tmp_path, "chat", **supplier)
            assert f"pid {process.pid}" in held.stderr
            beside = setrum(tmp_path, "agents", "add", "Budi", "--deposit", "1000")
            assert beside.returncode == 0
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=20) == 0
