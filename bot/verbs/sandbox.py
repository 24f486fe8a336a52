"""`setrum sandbox`: a supplier to practise against, in a process of its own."""

import argparse
import asyncio
import signal
from pathlib import Path

from bot import ids
from bot.sandbox import Sandbox, SandboxConfig


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where it listens, and what it keeps."""
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--ledger", metavar="FILE", help="keep its books in a file")
    parser.add_argument("--latency", type=int, default=0, metavar="MS", help="answer no sooner than this")


async def run(arguments: argparse.Namespace) -> int:
    """Run the practice supplier until SIGTERM or SIGINT."""
    secret = ids.nonce()
    ledger_file = Path(arguments.ledger) if arguments.ledger else None
    config = SandboxConfig(
        host=arguments.host,
        port=arguments.port,
        cid="practice",
        secret=secret,
        ledger=ledger_file,
        latency_ms=arguments.latency,
    )
    supplier = Sandbox(config)
    url = await supplier.start()
    try:
        print(f"VSI_URL={url}\nVSI_CID=practice\nVSI_SECRET={secret}", flush=True)
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await stopped.wait()
    finally:
        await supplier.stop()
    return 0
