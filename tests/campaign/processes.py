"""Processes of a campaign: started, killed without a word, told to stop. Knows nothing of what they do.

What a process prints is kept line by line, what it logs goes to a file that lives as long as the folder.
"""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
_STOPS_WITHIN = 20.0


class Process:
    """One `python -m …`; again and again, if it is killed."""

    def __init__(self, arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path, name: str) -> None:
        self.lines: list[str] = []
        self.log = folder / f"{name}.log"
        self._command = (sys.executable, "-m", *arguments)
        self._environment = dict(environment) | {"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
        self._folder = folder
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._printed = asyncio.Event()

    @property
    def runs(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start it, and wait for nothing."""
        self.lines.clear()
        self._printed.clear()
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command, cwd=self._folder, env=self._environment, stdout=asyncio.subprocess.PIPE, stderr=log
            )
        self._reading = asyncio.create_task(self._read(self._process))

    async def until_printed(self, lines: int = 1, seconds: float = 30.0) -> list[str]:
        """The first lines that it prints; `AssertionError` with its log if it ends before."""
        async with asyncio.timeout(seconds):
            while len(self.lines) < lines:
                await self._printed.wait()
                self._printed.clear()
                if len(self.lines) < lines and not self.runs:
                    raise AssertionError(f"{self._command[2:]} ended: {self.log.read_text(encoding='utf-8')[-2000:]}")
        return self.lines

    async def kill(self) -> None:
        """SIGKILL, now."""
        process = self._process
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        if self._reading is not None:
            await self._reading

    async def stop(self) -> int:
        """SIGTERM; its exit code. One that does not stop in time is killed, and that code is told."""
        process = self._process
        if process is None:
            return 0
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOPS_WITHIN):
                await process.wait()
        await self.kill()
        return process.returncode or 0

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            self.lines.append(line.decode().rstrip("\n"))
            self._printed.set()
        await process.wait()
        self._printed.set()


def free_port() -> int:
    """A port for a process that is to keep it over several lives."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def output_of(arguments: tuple[str, ...], environment: Mapping[str, str], folder: Path) -> tuple[int, str]:
    """Run to the end: its exit code and what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *arguments, cwd=folder, env=dict(environment) | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()
