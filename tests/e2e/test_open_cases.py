"""The owner's verbs in processes of their own: what is open, settled with a reason, beside a shop or alone."""

import json
import sqlite3
from pathlib import Path

from bot.domain.purchase import State
from bot.services import standing
from tests.e2e.test_commands import setrum
from tests.world import world

HASTY = {"WAIT_OWNER_MAY_SETTLE": "0", "WAIT_ADVICE": "600"}


def in_doubt(folder: Path, supplier: dict[str, str], meter: str = "11111111106") -> str:
    """A sale that the supplier made and whose answer was lost; its number."""
    setrum(folder, "agents", "add", "Budi", "--on", "console:budi", "--deposit", "500000")
    setrum(folder, "chat", "--as", "console:budi", "--wait", "2", lines=f"{meter} 50\nbayar\n", **supplier, **HASTY)
    return "T10001"


def test_a_purchase_left_in_doubt_is_found_understood_and_settled(tmp_path: Path, supplier: dict[str, str]) -> None:
    sale = in_doubt(tmp_path, supplier)
    listed = setrum(tmp_path, "pending")
    assert sale in listed.stdout
    assert "to wait" in listed.stdout
    early = setrum(tmp_path, "settle", sale, "--not-sold", "--reason", "they said so")
    assert (early.returncode, early.stderr.count("\n")) == (2, 1)
    assert "advice may still answer" in early.stderr
    complaint = "komplain T10001 kWh kurang\n"
    setrum(tmp_path, "chat", "--as", "console:budi", "--wait", "2", lines=complaint, **supplier, **HASTY)
    shown = setrum(tmp_path, "pending", sale, **HASTY).stdout
    assert "noted 'other' by agent in chat 1: kWh kurang" in shown
    assert "setrum settle T10001 --sold" in shown
    assert "SENDING → UNKNOWN" in shown
    assert "PAY lost" in shown
    with sqlite3.connect(tmp_path / "supplier.db") as books:
        token, payref = books.execute("SELECT tokens, payref FROM sold").fetchone()
    books.close()
    (tmp_path / "mail.txt").write_text("VSI: sold")
    words = ("--reason", "their mail of today", "--by", "Ibu Sri", "--answer", "mail.txt", "--json")
    done = setrum(tmp_path, "settle", sale, "--sold", "--token", token, "--payref", payref, *words, **HASTY)
    assert json.loads(done.stdout)["state"] == "SUCCESS"
    talk = setrum(tmp_path, "chat", "--as", "console:budi", "--json", lines="saldo\n", **supplier)
    said = [json.loads(line) for line in talk.stdout.splitlines()]
    assert [one["key"] for one in said] == ["token.only", "late.done", "bal.card"]
    assert "448.000" in said[-1]["text"]
    assert setrum(tmp_path, "check").returncode == 0
    assert "nothing is open" in setrum(tmp_path, "pending").stdout
    after = json.loads(setrum(tmp_path, "pending", sale, "--json").stdout)
    assert after["decisions"][0]["actor"] == "Ibu Sri"
    assert after["decisions"][0]["evidence_bytes"] == 9


REFUSED = {
    "settle T10001 --sold --token 11111111111111111111 --answer mail.txt --reason x": "--answer mail.txt: No such file",
    "settle T10001 --sold --reason x": "--sold needs --token",
    "settle T10001 --sold --token 12 --reason x": "20 digits",
    "settle T10001 --sold --token 11111111111111111111 --at soon --reason x": "--at is a time",
    "settle T10001 --not-sold --by= --reason x": "name",
    "settle T10001 --loss --reason x": "not LATE",
    "settle T10001 --claimed --reason x": "stray",
    "settle S1 --not-sold --reason x": "--claimed or --loss",
    "settle S1 --loss --reason x": "stray 1 is unknown",
    "settle T99999 --not-sold --reason x": "there is no T99999",
    "pending budi": "is no sale",
    "release --reason x": "nothing to release",
    "release sales --reason x": "sales are not stopped",
    "rebind --reason x": "not set",
}


def test_a_decision_that_cannot_be_taken_says_why_in_one_sentence(tmp_path: Path, supplier: dict[str, str]) -> None:
    in_doubt(tmp_path, supplier)
    for arguments, words in REFUSED.items():
        done = setrum(tmp_path, *arguments.split(" "), **HASTY)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert words in done.stderr
    two = {"OWNERS": "console:a,console:b", "SECOND_APPROVER": "50000"}
    for how in ("--not-sold", "--sold --token 11111111111111111111"):
        alone = setrum(tmp_path, "settle", "T10001", *how.split(" "), "--reason", "x", **HASTY, **two)
        assert (alone.returncode, "another owner has to approve" in alone.stderr) == (2, True)
    assert json.loads(setrum(tmp_path, "pending", "--json").stdout)["pending"][0]["state"] == "UNKNOWN"


def test_a_decision_always_asks_for_a_reason(tmp_path: Path) -> None:
    for verb in ("settle", "release", "rebind"):
        done = setrum(tmp_path, verb, "T1", "--not-sold") if verb == "settle" else setrum(tmp_path, verb)
        assert done.returncode == 2
        assert "--reason" in done.stderr


def test_another_supplier_is_refused_until_the_database_is_rebound(tmp_path: Path, supplier: dict[str, str]) -> None:
    setrum(tmp_path, "agents", "add", "Budi", "--on", "console:budi", "--deposit", "500000")
    setrum(tmp_path, "chat", "--as", "console:budi", lines="54123456789 50\nbayar\n", **supplier)
    live = supplier | {"VSI_CID": "live"}
    refused = setrum(tmp_path, "chat", "--as", "console:budi", lines="saldo\n", **live)
    assert refused.returncode == 2
    assert "belongs to client practice" in refused.stderr
    moved = setrum(tmp_path, "rebind", "--reason", "going live", "--by", "Ibu Sri", **live)
    assert "practice at 127.0.0.1" in moved.stdout
    assert setrum(tmp_path, "chat", "--as", "console:budi", lines="saldo\n", **live).returncode == 0


def test_wrong_books_are_shown_first_and_released_only_once_they_agree(
    tmp_path: Path, supplier: dict[str, str]
) -> None:
    setrum(tmp_path, "agents", "add", "Budi", "--on", "console:budi", "--deposit", "500000")

    def change(amount: int) -> None:
        with sqlite3.connect(tmp_path / "data" / "setrum.db") as connection:
            connection.execute("UPDATE account SET posted = posted + ? WHERE id = 'agent:1'", (amount,))
        connection.close()

    change(1)
    talk = setrum(tmp_path, "chat", "--as", "console:budi", "--json", lines="54123456789 50\n", **supplier)
    assert json.loads(talk.stdout.splitlines()[-1])["key"] == "maint.agent"
    assert "READ-ONLY" in setrum(tmp_path, "pending").stdout
    assert "do not agree yet" in setrum(tmp_path, "release", "--reason", "x").stderr
    assert "read-only" in setrum(tmp_path, "deposit", "add", "Budi", "1000").stderr
    change(-1)
    assert setrum(tmp_path, "release", "--reason", "the operator had changed a row by hand").returncode == 0
    talk = setrum(tmp_path, "chat", "--as", "console:budi", "--json", lines="54123456789 50\n", **supplier)
    assert json.loads(talk.stdout.splitlines()[-1])["key"] == "buy.pay"


async def test_released_before_it_ever_ran_a_copy_doubts_what_was_confirmed_in_it(tmp_path: Path) -> None:
    async with world(tmp_path / "data") as shop:
        await shop.say("54123456789 50")
        await shop.put("bayar")
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
        assert [one.state for one in await shop.purchases()] == [State.CONFIRMED]
        await shop.store.write(standing.restrict, "restored", "a copy", shop.clock(), shop.clock())
    released = setrum(tmp_path, "release", "--reason", "nothing was sold since")
    assert released.returncode == 0, released.stderr
    with sqlite3.connect(tmp_path / "data" / "setrum.db") as connection:
        states = connection.execute("SELECT state, next_at IS NOT NULL FROM purchase").fetchall()
    connection.close()
    assert states == [("UNKNOWN", 1)]


def test_every_verb_explains_itself(tmp_path: Path) -> None:
    for verb in ("pending", "settle", "release", "rebind"):
        done = setrum(tmp_path, verb, "--help")
        assert done.returncode == 0
        assert len(done.stdout) > 200
