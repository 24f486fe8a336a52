"""What tests of whole processes share: a supplier that runs as an operator would run it."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_commands import PLAIN


@pytest.fixture
def supplier(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of a sandbox in a process of its own."""
    with subprocess.Popen(
        [sys.executable, "-m", "bot", "sandbox", "--port", "0", "--ledger", str(tmp_path / "supplier.db")],
        cwd=tmp_path, env=PLAIN, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        printed = [process.stdout.readline().strip().partition("=") for _ in range(3)]
        yield {name: value for name, _, value in printed}
        process.terminate()
        process.wait()
