"""What the double of any platform needs to be a process of its own: its arguments, its chances, and its end."""

import argparse
import asyncio
import signal
from collections.abc import Iterable

from tests.double.faults import kind_of
from tests.double.server import Server


def arguments(prog: str, what: str | None) -> argparse.ArgumentParser:
    """What any of them is told; a platform adds its own."""
    parser = argparse.ArgumentParser(prog=prog, description=what)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--control-port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--factor", type=float, default=1.0, help="by how much every wait is compressed")
    parser.add_argument("--no-pace", action="store_true", help="without the platform's speed limits")
    parser.add_argument("--chance", action="append", default=[], metavar="KIND=P", help="a fault by chance")
    return parser


def spoil(api: Server, chances: Iterable[str]) -> None:
    """Let these faults happen by chance, each given as `KIND=P`."""
    for one in chances:
        kind, _, probability = one.partition("=")
        api.chance(kind_of(kind), float(probability))


def ended() -> asyncio.Event:
    """Set when the process is told to end."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    return stopped
