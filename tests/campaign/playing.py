"""Runs one after another or side by side: each in a folder of its own, which is kept where something was found."""

import asyncio
import logging
import shutil
import tempfile
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import partial
from pathlib import Path

from tests.campaign.checker import Found, Violation
from tests.campaign.outcome import Outcome

Play = Callable[[Path, int, str], Awaitable[Outcome]]
_MOST_TOLD = 20
Planned = tuple[Play, int, str]  # what, from which seed, in which mode


def played(name: str, play: Play, seed: int, mode: str) -> Outcome:
    """One run, told in a line."""
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # connections break on purpose here
    folder, began = Path(tempfile.mkdtemp(prefix=f"{name}-campaign-")), time.monotonic()
    try:
        outcome = asyncio.run(_told(play, folder, seed, mode))
    except Exception as error:  # noqa: BLE001  # a run that breaks off is a finding, and the others go on
        traceback.print_exc()
        outcome = Outcome(name, seed, mode, found=[Found(Violation.BROKEN, f"{type(error).__name__}: {error}"[:300])])
    outcome.seconds = time.monotonic() - began
    counts = ", ".join(f"{outcome.counts[one]} {one}" for one in ("kills", "purchases", "sales", "taps", "faults"))
    lines = [f"{outcome.label}: {counts}; {len(outcome.found)} violations; {outcome.seconds:.0f} s"]
    lines += [f"  VIOLATION {found}" for found in outcome.found[:_MOST_TOLD]]
    if outcome.found:
        lines.append(f"  kept in {folder}")
    else:
        shutil.rmtree(folder)
    print("\n".join(lines), flush=True)
    outcome.evidence = None
    return outcome


async def _told(play: Play, folder: Path, seed: int, mode: str) -> Outcome:
    return await play(folder, seed, mode)


def all_of(name: str, plays: Iterable[Planned], jobs: int = 1) -> Iterator[Outcome]:
    """Every run, so many side by side; as they end. What is played side by side has to be a module's own function."""
    if jobs == 1:
        yield from (played(name, *one) for one in plays)
        return
    with ProcessPoolExecutor(jobs) as pool:
        try:
            for ended in as_completed([pool.submit(partial(played, name), *one) for one in plays]):
                yield ended.result()
        finally:
            pool.shutdown(cancel_futures=True)  # whoever ends the campaign waits for what has begun, and no longer
