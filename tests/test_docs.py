"""What the documents say of the code is compared with the code."""

import importlib.util
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.__main__ import VERBS
from bot.settings import Settings
from bot.store import migrate

ROOT = Path(__file__).parents[1]


def test_the_state_diagram_is_the_table_of_transitions() -> None:
    spec = importlib.util.spec_from_file_location("states", ROOT / "docs" / "states.py")
    assert spec is not None
    assert spec.loader is not None
    states = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(states)
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert states.block(page) == states.diagram()


def test_every_setting_stands_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    missing = [name.upper() for name in Settings.model_fields if f"`{name.upper()}`" not in readme]
    assert missing == []


def test_every_verb_is_written_down() -> None:
    pages = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "docs/operations.md"))
    assert [verb for verb in VERBS if verb not in pages] == []


def test_the_page_on_privacy_goes_through_every_table() -> None:
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8").partition("## Table by table")[2]
    cells = [line.split("|")[1] for line in page.splitlines() if line.startswith("| ")]
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate.migrate(connection, 1)
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == tables
