"""What the documents say of the code is compared with the code."""

import argparse
import importlib.util
from pathlib import Path

from bot.__main__ import _parser
from bot.settings import Settings

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
    for action in _parser()._actions:
        if isinstance(action, argparse._SubParsersAction):
            assert [verb for verb in action.choices if verb not in pages] == []
