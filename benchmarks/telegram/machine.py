"""Processes from outside: started, stopped and killed, with what they cost according to the kernel."""

import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_STOP_SECONDS = 60.0
_START_SECONDS = 20.0
_SLOW_DISK = Path(__file__).with_name("slow_disk.c")


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def resident_mebibytes(pid: int) -> float:
    """Resident memory of a process."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def slowness() -> float:
    """Milliseconds of a fixed sum, the median of several: where it differs between bots, others used the machine."""
    spent = []
    for _ in range(9):
        began = time.perf_counter()
        sum(number * number for number in range(100_000))
        spent.append(1000 * (time.perf_counter() - began))
    return statistics.median(spent)


def free_port() -> int:
    """A port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def listens(port: int) -> None:
    """Return once somebody listens on this port of loopback. Raises `TimeoutError`."""
    async with asyncio.timeout(_START_SECONDS):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                return


class Process:
    """One process of a bot or of what it needs; its output goes to a file."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    @classmethod
    async def start(cls, words: list[str], environment: dict[str, str], log: Path) -> "Process":
        """Start it with nothing of our environment but what is needed to find programs."""
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        with log.open("ab") as output:
            process = await asyncio.create_subprocess_exec(
                *words, env=kept | environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
        return cls(process)

    @property
    def runs(self) -> bool:
        """Whether it has not ended."""
        return self._process.returncode is None

    async def stop(self) -> None:
        """Ask it to end, and wait; end it if it does not."""
        if self.runs:
            self._process.terminate()
            try:
                async with asyncio.timeout(_STOP_SECONDS):
                    await self._process.wait()
            except TimeoutError:
                await self.kill()

    async def kill(self) -> None:
        """End it at once, in the midst of whatever it does."""
        if self.runs:
            self._process.kill()
            await self._process.wait()


async def slow_disk(folder: Path) -> Path | None:
    """A library to preload that makes each fsync take 8 ms longer; None where there is no compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    library = folder / "slow_disk.so"
    process = await asyncio.create_subprocess_exec(
        compiler, "-shared", "-fPIC", "-O2", "-o", str(library), str(_SLOW_DISK), "-ldl"
    )
    return library if await process.wait() == 0 else None
