"""Fixtures that every test may ask for."""

import asyncio
import functools
import os
import shutil
import sqlite3
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest
import structlog
import uvloop
from hypothesis import HealthCheck, settings

from bot.store import migrate
from bot.store.backup import unfinished
from bot.store.sqlite import SqliteStore
from tests.world import World, world

_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a directory of its own in it
_ROOM = 4 * 1024**3
_HOME = Path(__file__).parent
_LONG = (
    "crash/test_campaign.py", "telegram/test_campaign.py", "whatsapp/test_campaign.py", "conversation/test_guesses.py",
    "store/test_disk_faults.py", "fuzz/test_fuzz.py", "simulation/test_model.py", "domain/test_report.py",
    "mutants/test_mutants.py", "e2e/test_buying.py", "e2e/test_reconcile.py", "e2e/test_crashes.py",
)  # fmt: skip

# every test has a database, and each of its commits waits for the disk: in memory they take a third of the time
if "TMPDIR" not in os.environ and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ROOM:
    os.environ["TMPDIR"] = os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)

# how long an example takes says how busy the machine is, and nothing of what is tested
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

# a traceback with every local drawn in boxes takes seconds, in which the doubles of the platforms stop waiting
structlog.configure(
    processors=[
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


_opened = SqliteStore.__dict__["open"].__func__


async def _from_the_template(kind: type[SqliteStore], path: Path, now: int, *, migrating: bool = True) -> SqliteStore:
    if migrating and not path.exists() and path.parent.is_dir() and not unfinished(path):
        path.write_bytes(_template())
    made: SqliteStore = await _opened(kind, path, now, migrating=migrating)
    return made


@functools.cache
def _template() -> bytes:
    """A database as its first start leaves it, closed."""
    path = Path(tempfile.mkdtemp()) / "template.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    migrate.migrate(connection, 0)
    connection.close()
    made = path.read_bytes()
    shutil.rmtree(path.parent)
    return made


# thousands of tests begin with an empty database, and to write it down takes a twentieth of the time to migrate it
SqliteStore.open = classmethod(_from_the_template)  # type: ignore[assignment, method-assign]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first, so that no worker begins one when the others are done."""
    items.sort(key=lambda item: item.path.relative_to(_HOME).as_posix() not in _LONG)


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """The loop that the process itself runs on."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[World]:
    """A shop with the agent Budi, Rp500.000 in his deposit, and the sandbox as its supplier."""
    async with world(tmp_path) as made:
        yield made
