"""People by the command line, beside each other and a chat: invite, freeze, unfreeze, remove, and what was done."""

import json
import sqlite3
from pathlib import Path

from bot.store import migrate
from bot.store.migrate import statements, steps
from tests.e2e.test_commands import setrum


def said(folder: Path, lines: str, who: str, **settings: str) -> list[str]:
    talk = setrum(folder, "chat", "--as", who, "--json", lines=lines, **settings)
    return [json.loads(line)["key"] for line in talk.stdout.splitlines()]


def test_an_agent_is_added_invited_frozen_and_removed_without_a_chat_of_the_owner(
    tmp_path: Path, supplier: dict[str, str]
) -> None:
    setrum(tmp_path, "agents", "add", "Budi", "--deposit", "500000")
    invited = json.loads(setrum(tmp_path, "agents", "invite", "budi", "--json").stdout)
    assert (invited["agent"], invited["role"], len(invited["code"]), invited["link"]) == ("A001", "agent", 10, "")
    assert said(tmp_path, f"AGEN {invited['code']}\nsaldo\n", "console:hp", **supplier) == ["invite.done", "bal.card"]
    cashier = json.loads(setrum(tmp_path, "agents", "invite", "A001", "--cashier", "--json").stdout)
    assert said(tmp_path, f"{cashier['code']}\nsaldo\n", "console:siti", **supplier) == [
        "invite.cashier",
        "start.agent",
    ]
    listed = json.loads(setrum(tmp_path, "agents", "--json").stdout)[1]
    assert listed["chats"] == [
        {"chat": "console:hp", "role": "agent"},
        {"chat": "console:siti", "role": "cashier"},
    ]
    assert "chats console:hp, console:siti (cashier)" in setrum(tmp_path, "agents").stdout
    frozen = setrum(tmp_path, "agents", "freeze", "Budi", "--reason", "phone lost", "--json")
    assert json.loads(frozen.stdout) == {"agent": "A001", "name": "Budi", "state": "frozen"}
    assert said(tmp_path, "54123456789 50\n", "console:hp", **supplier) == ["pay.frozen"]
    assert json.loads(setrum(tmp_path, "agents", "unfreeze", "Budi", "--json").stdout)["state"] == "active"
    removed = setrum(tmp_path, "agents", "remove", "Budi", "--on", "console:hp", "--json")
    assert json.loads(removed.stdout) == {"agent": "A001", "name": "Budi", "removed": "console:hp"}
    assert said(tmp_path, "saldo\n", "console:hp", **supplier)[-1] == "start.customer"
    trail = json.loads(setrum(tmp_path, "agents", "trail", "Budi", "--json").stdout)
    assert [one["action"] for one in trail] == [
        "added", "topped up", "invited", "joined", "invited", "joined", "frozen", "unfrozen", "removed",
    ]  # fmt: skip
    assert trail[6]["reason"] == "phone lost"
    assert trail[6]["by"].startswith("command line (")
    assert invited["code"] not in json.dumps(trail)
    assert setrum(tmp_path, "check").returncode == 0


def test_a_locked_account_is_unlocked_and_a_forgotten_pin_taken_away_without_a_chat_of_the_owner(
    tmp_path: Path, supplier: dict[str, str]
) -> None:
    setrum(tmp_path, "agents", "add", "Budi", "--on", "console:budi", "--deposit", "500000")
    guarded = supplier | {"PIN_FROM": "1000"}
    lines = "pin\n590417\n590417\n54123456789 50\nbayar\n771204\nkunci\n54123456789 50\n"
    assert said(tmp_path, lines, "console:budi", **guarded) == [
        "pin.new", "pin.visible", "pin.again", "pin.set", "buy.pay", "pin.ask", "pin.wrong", "lock.done", "pin.wrong",
        "buy.replaced", "pin.locked",
    ]  # fmt: skip
    unlocked = json.loads(setrum(tmp_path, "agents", "unlock", "Budi", "--json").stdout)
    assert unlocked == {"agent": "A001", "name": "Budi", "unlocked": True, "pin": "kept"}
    lines = "54123456789 50\nbayar\nbatal\n"
    assert said(tmp_path, lines, "console:budi", **guarded) == ["buy.pay", "pin.ask", "buy.cancelled"]
    forgotten = json.loads(setrum(tmp_path, "agents", "unlock", "A001", "--forget-pin", "--json").stdout)
    assert (forgotten["unlocked"], forgotten["pin"]) == (False, "removed")
    assert said(tmp_path, "54123456789 50\nbayar\n", "console:budi", **guarded)[-1] == "pay.done"
    trail = json.loads(setrum(tmp_path, "agents", "trail", "Budi", "--json").stdout)
    assert [one["action"] for one in trail][3:] == ["set a PIN", "locked", "unlocked", "took the PIN away"]
    databases = list(tmp_path.rglob("setrum.db"))
    assert [b"590417" in one.read_bytes() for one in databases] == [False]


def test_what_cannot_be_done_is_one_sentence_and_changes_nothing(tmp_path: Path) -> None:
    named = {"SHOP_NAME": "Toko", "OWNERS": "console:boss"}
    setrum(tmp_path, "agents", "add", "Budi", "--on", "console:budi", **named)
    before = setrum(tmp_path, "agents", "--json", **named).stdout
    for words, sentence in (
        ("invite", "which agent? setrum agents invite NAME"),
        ("invite Nobody", "no agent is called 'Nobody'"),
        ("invite Toko", "the counter belongs to the owners: their chats stand in OWNERS"),
        ("freeze Toko", "the counter belongs to the owners"),
        ("remove Budi", "which chat? setrum agents remove NAME --on telegram:123"),
        ("remove Budi --on nowhere", "--on has 'nowhere'"),
        ("remove Budi --on console:ani", "console:ani does not speak for Budi"),
        ("remove Budi --on console:boss", "console:boss is an owner's chat: owners stand in OWNERS"),
        ("add Ani --on console:budi", "console:budi belongs to an agent already"),
        ("add A002", "a name has 1 to 40 characters"),
    ):
        done = setrum(tmp_path, "agents", *words.split(), **named)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), words
        assert sentence in done.stderr
    assert setrum(tmp_path, "agents", "--json", **named).stdout == before


def test_a_number_is_added_and_removed_however_it_is_written_and_so_is_a_persons_own_id(tmp_path: Path) -> None:
    for name, address in (("Budi", "0812-3456-7890"), ("Siti", "+62 813 0000 111"), ("Ani", "ID.1349aB")):
        setrum(tmp_path, "agents", "add", name, "--on", f"whatsapp:{address}")
    listed = json.loads(setrum(tmp_path, "agents", "--json").stdout)[1:]
    assert [one["chats"][0]["chat"] for one in listed] == [
        "whatsapp:6281234567890", "whatsapp:628130000111", "whatsapp:ID.1349aB",
    ]  # fmt: skip
    assert "belongs to an agent" in setrum(tmp_path, "agents", "add", "Dewi", "--on", "whatsapp:+6281234567890").stderr
    assert setrum(tmp_path, "agents", "remove", "Budi", "--on", "whatsapp:081234567890").returncode == 0


def test_chats_that_a_shop_had_before_keep_their_account(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    connection = sqlite3.connect(tmp_path / "data" / "setrum.db")
    connection.execute("PRAGMA journal_mode = WAL")
    for number, script in steps().items():
        if number > 2:
            break
        for statement in statements(script):
            connection.execute(statement)
        connection.execute("INSERT INTO schema_version VALUES (?, 1)", (number,))
    connection.execute("INSERT INTO agent VALUES (0, 'Setrum', 'active', 0, 1400, 0, 1)")
    connection.execute("INSERT INTO agent VALUES (1, 'Budi', 'active', 400, 1400, 0, 1)")
    connection.execute("INSERT INTO account VALUES ('agent:1', 0, 0, 1)")
    connection.execute("INSERT INTO member VALUES ('telegram', '7', 1, 5), ('console', 'budi', 1, 3)")
    connection.commit()
    connection.close()
    done = setrum(tmp_path, "migrate", "--json")
    assert json.loads(done.stdout)["schema"] == migrate.latest()
    chats = json.loads(setrum(tmp_path, "agents", "--json").stdout)[1]["chats"]
    assert chats == [{"chat": "console:budi", "role": "agent"}, {"chat": "telegram:7", "role": "agent"}]
