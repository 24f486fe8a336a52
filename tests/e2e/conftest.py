"""What tests of whole processes share: a supplier that runs as an operator would run it."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import forks
from tests.e2e.test_commands import PLAIN


@pytest.fixture
def supplier(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The settings of a sandbox in a process of its own."""
    ours, theirs = os.pipe()
    with Path(os.devnull).open(encoding="utf-8") as nothing, os.fdopen(ours, encoding="utf-8") as printed:
        with os.fdopen(theirs, "w", encoding="utf-8") as said:
            arguments = ["sandbox", "--port", "0", "--ledger", str(tmp_path / "supplier.db")]
            process = forks.Forked(tmp_path, arguments, PLAIN, (nothing, said, sys.stderr))
        lines = [printed.readline().strip().partition("=") for _ in range(3)]
        yield {name: value for name, _, value in lines}
        process.terminate()
        assert process.wait() == 0
