"""A mutant: one safeguard taken out of a copy of the project, and the tests that ought to fail then.

Never touches the checkout. An old text that does not stand exactly once in its file is an error: the list follows the
code.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).parents[2]
_PARTS = ("bot", "tests", "locales", "docs")
_SINGLE = ("pyproject.toml", "README.md", "Makefile", ".env.example")
_MOST_SECONDS = 300
_SHORT = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Change:
    """In `file`, `old` (which stands there once) becomes `new`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Mutant:
    """`safeguard` is what is taken out, in a sentence; `tests` are pytest's arguments."""

    name: str
    safeguard: str
    tests: tuple[str, ...]
    changes: tuple[Change, ...]


class Fate(StrEnum):
    """What became of it."""

    KILLED = "killed"
    SURVIVED = "SURVIVED"
    BROKEN = "BROKEN"  # it does not even run, or its tests cannot: that proves nothing


@dataclass(frozen=True, slots=True)
class Result:
    """A mutant's fate, and the first test that noticed; for a broken one the end of what was printed."""

    mutant: Mutant
    fate: Fate
    by: str = ""


def faults(mutant: Mutant, root: Path = ROOT) -> list[str]:
    """Why the mutant does not fit the code any more."""
    found = []
    for change in mutant.changes:
        path = root / change.file
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if (times := text.count(change.old)) != 1:
            found.append(f"{mutant.name}: {change.old!r} stands {times} times in {change.file}")
    for test in mutant.tests:
        file, _, name = test.partition("::")
        path = root / file
        if not path.exists() or (name and f"def {name.partition('[')[0]}(" not in path.read_text(encoding="utf-8")):
            found.append(f"{mutant.name}: no test {test}")
    return found


def copy(folder: Path, source: Path = ROOT) -> None:
    """The project as its tests need it."""
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache", "*.db", "*.db-*")
    for part in _PARTS:
        shutil.copytree(source / part, folder / part, ignore=ignored)
    for name in _SINGLE:
        shutil.copyfile(source / name, folder / name)


def apply(mutant: Mutant, folder: Path) -> None:
    """Take the safeguard out of the copy. Raises `ValueError` where the copy is not what the mutant expects."""
    if found := faults(mutant, folder):
        raise ValueError("; ".join(found))
    for change in mutant.changes:
        path = folder / change.file
        path.write_text(path.read_text(encoding="utf-8").replace(change.old, change.new), encoding="utf-8")


def run(mutant: Mutant, folder: Path, source: Path = ROOT) -> Result:
    """Copy, mutate, test."""
    copy(folder, source)
    apply(mutant, folder)
    code, said = run_tests(folder, mutant.tests)
    failed = _SHORT.findall(said)
    if code == 0:
        return Result(mutant, Fate.SURVIVED)
    if code == 1 and failed:
        return Result(mutant, Fate.KILLED, failed[0])
    return Result(mutant, Fate.BROKEN, said[-2_000:])


def run_tests(folder: Path, tests: tuple[str, ...], seconds: int = _MOST_SECONDS) -> tuple[int, str]:
    """Run the tests in the copy; pytest's exit code and what it printed. 124 if they never ended."""
    # a folder of its own for what tests write: pytests that run beside one another clean up after one another
    own = ["-p", "no:cacheprovider", f"--basetemp={folder / 'tmp'}"]
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-rfE", "--no-header", "--tb=line", *own]
    environment = dict(os.environ, PYTHONPATH=str(folder), PYTHONDONTWRITEBYTECODE="1", COLUMNS="400")
    try:
        done = subprocess.run(
            [*command, *tests],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired as expired:
        return 124, f"no end within {seconds} s: {expired.stdout!r}"[-2_000:]
    return done.returncode, done.stdout + done.stderr
