"""Runs every benchmark and prints one table; `--json` prints one object."""

import asyncio
import json
import sys

from benchmarks import purchase, store
from bot import logs


async def main() -> None:
    figures = await store.measure()
    figures |= await purchase.measure()
    if "--json" in sys.argv:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:<66} {value:>12,.2f}")


logs.set_up("ERROR")
asyncio.run(main())
