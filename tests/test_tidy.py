"""What a linter cannot see: the size of modules and functions, dead modules, and the keys of the texts."""

import ast
import re
import string
from pathlib import Path

import pytest

from bot.__main__ import VERBS
from bot.i18n import LOCALES, Catalogues
from bot.store import queries

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "bot").rglob("*.py"))
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}
CATALOGUES = Catalogues()
KEYS = set(CATALOGUES.texts("id"))
KEY = re.compile(r"[a-z]+(\.[a-z0-9_]+)+")
# keys that are put together from two parts, each beside the code that does it
COMPOSED = re.compile(
    r"btn\..*|cmd\..*|help\.(agent|cashier|customer|owner)|role\..*|note\.(missing|refused|wrong)|wiz\.(benar|gagal|used|over|periksa)"
)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_small_and_modules_say_what_they_are_for(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
    tree = TREES[path]
    assert ast.get_docstring(tree), path
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 50, node.name


def test_every_module_is_used() -> None:
    imported = {"bot", "bot.__main__"} | {f"bot.verbs.{verb}" for verb in VERBS}
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                imported.add(node.module)
                imported |= {f"{node.module}.{alias.name}" for alias in node.names}
    names = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__") for path in MODULES}
    packages = {name for name in names if any(other.startswith(f"{name}.") for other in imported)}
    assert names - imported - packages == set()


def test_every_text_is_used_and_every_used_text_exists() -> None:
    prefixes = {key.split(".")[0] for key in KEYS}
    words = {
        word
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in node.value.split()  # a table of codes names several in one string
    }
    used = {word for word in words if KEY.fullmatch(word) and word.split(".")[0] in prefixes}
    assert used - KEYS == set()
    assert {key for key in KEYS - used if not COMPOSED.fullmatch(key)} == set()


def test_every_query_is_used() -> None:
    words = {
        node.value
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {name for name in queries.load() if name not in words and not name.startswith("metric_")} == set()


def test_every_language_says_everything_with_the_same_placeholders() -> None:
    def placeholders(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for locale in LOCALES:
        texts = CATALOGUES.texts(locale)
        assert set(texts) == KEYS
        for key, text in texts.items():
            assert placeholders(text) == placeholders(CATALOGUES.text(key, "id")), key
