"""A shop in a process of its own, as `serve` runs it, with its supplier; and what must not be found in its output.

Which platform it talks on is said by whoever starts it.
"""

import asyncio
import re
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from bot import books, clock
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.sandbox import Sandbox, SandboxConfig
from bot.services import people
from tests.double.clock import PATIENCE
from tests.e2e.test_commands import PLAIN

SUPPLIER_SECRET, AGENTS_NAME, TYPED = "rahasia-pemasok", "Kios Mawar Jaya", "kata sandi saya tomat"
QUICK = {"WAIT_RESEND": "0.05", "WAIT_RESEND_PROMPT": "0.05", "WAIT_NOT_SENT": "0.05", "WAIT_SHUT": "0.1"}
QUICK |= {"WAIT_INTAKE": "0.05", "WAIT_JANITOR": "0.05", "WAIT_ADVICE": "0.1,0.2"}


@dataclass
class Served:
    """The process at work. `secrets` are told by their names, so that a failure does not print them."""

    sandbox: Sandbox
    printed: list[str]
    secrets: dict[str, str]

    def discreet(self) -> str:
        """All that was printed, in which nothing is found that must not be."""
        text = "".join(self.printed)
        assert len(self.printed) > 20, "a silent process proves nothing"
        assert "Traceback" not in text
        found = {what for what, secret in self.secrets.items() if secret.casefold() in text.casefold()}
        assert found == set()
        bare = re.sub(r"(?<=\d)[ .\-](?=\d)", "", text)
        numbers = {what: re.sub(r"\D", "", secret) for what, secret in self.secrets.items()}
        assert {what for what, number in numbers.items() if len(number) >= 10 and number in bare} == set()
        return text


@asynccontextmanager
async def served(
    folder: Path, owner: tuple[str, str], agent: tuple[str, str], port: int, settings: Mapping[str, str]
) -> AsyncIterator[Served]:
    """The process, from its first words until it was told to stop; `settings` are its platform's and its waits."""
    shop = Shop(owners=(owner,))
    async with books.opened(folder / "setrum.db", shop) as store:
        await store.write(_furnish, shop, agent)
    config = SandboxConfig(cid="uji", secret=SUPPLIER_SECRET, ledger=folder / "supplier.db", clock=clock.now)
    sandbox = Sandbox(config)
    environment = PLAIN | QUICK | dict(settings) | {
        "DATABASE_URL": f"sqlite:///{folder / 'setrum.db'}", "VSI_URL": await sandbox.start(), "VSI_CID": "uji",
        "VSI_SECRET": SUPPLIER_SECRET, "PORT": str(port), "OWNERS": ":".join(owner), "LOG_LEVEL": "DEBUG",
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "serve", cwd=folder, env=environment,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    printed: list[str] = []
    try:
        while "Setrum works" not in (line := (await process.stdout.readline()).decode()):
            printed.append(line)
            assert line, printed
        reading = asyncio.create_task(_read(process.stdout, printed))
        yield Served(sandbox, printed, {})
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            assert await process.wait() == 0
            await reading
    finally:
        if process.returncode is None:
            process.kill()
        await sandbox.stop()


async def _read(stream: asyncio.StreamReader, printed: list[str]) -> None:
    printed.extend([line.decode() async for line in stream])


def _furnish(tx: Tx, shop: Shop, agent: tuple[str, str]) -> None:
    number = people.add_agent(tx, AGENTS_NAME, agent, shop, clock.now())
    people.top_up(tx, number, 2_000_000, "uji", "test", shop, clock.now())
    people.top_up_supplier(tx, 10_000_000, "uji", "test", clock.now())
