"""The real process, killed with SIGKILL at random moments, against a sandbox that keeps its own books.

`setrum chat` buys; it is killed; it is started again until quiet. Then the audit, the supplier's books and the
agent's history are held against each other. The seed is printed; `CRASH_SEED` repeats a run.
"""

import asyncio
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from bot.sandbox import Sandbox, SandboxConfig

ROOT = Path(__file__).parents[2]
KILLS = 10
FAST = {
    "WAIT_ADVICE": "0.2,0.2,0.2,0.2,0.2,0.2,0.2,0.2",
    "WAIT_ADVICE_GAP": "0.01",
    "WAIT_ADVICE_QUARTERLY": "0.2",
    "WAIT_JANITOR": "0.1",
    "WAIT_VERIFY": "0.5",
    "WAIT_DEADLINE_PAY": "1",
    "WAIT_DEADLINE_OTHER": "1",
    "LOG_LEVEL": "ERROR",
}
# some of everything that can go wrong with an answer, and plain success; each is settled by advice at last
METERS = [
    "54123456781", "11111111102", "11111111106", "54123456784", "54123456782",
    "11111111119", "11111111130", "11111111117", "54123456783", "11111111113",
]  # fmt: skip


def environment(folder: Path, url: str) -> dict[str, str]:
    return os.environ | FAST | {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": f"sqlite:///{folder / 'setrum.db'}",
        "VSI_URL": url,
        "VSI_CID": "uji",
        "VSI_SECRET": "rahasia",
    }  # fmt: skip


async def setrum(folder: Path, url: str, *arguments: str, lines: str = "", kill_after: float | None = None) -> str:
    """Run the command line; with `kill_after`, kill it so many seconds after its start."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", *arguments, cwd=folder, env=environment(folder, url),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    talk = asyncio.create_task(process.communicate(lines.encode()))
    if kill_after is not None:
        done, _ = await asyncio.wait([talk], timeout=kill_after)
        if not done:
            process.send_signal(signal.SIGKILL)
    out, err = await talk
    assert b"Traceback" not in err, err.decode()
    return out.decode()


async def test_killed_at_random_moments_no_token_is_lost_and_no_purchase_doubled(tmp_path: Path) -> None:
    seed = int(os.environ.get("CRASH_SEED", "0")) or random.SystemRandom().randrange(1, 1_000_000)
    print(f"CRASH_SEED={seed}")
    chance = random.Random(seed)
    sandbox = Sandbox(SandboxConfig(cid="uji", secret="rahasia", ledger=tmp_path / "supplier.db", latency_ms=15))
    url = await sandbox.start()
    try:
        await setrum(tmp_path, url, "agents", "add", "Budi", "--on", "console:budi", "--deposit", "5000000")
        for _ in range(KILLS):
            script = "".join(f"{meter} 20\nbayar\n" for meter in chance.sample(METERS, len(METERS)))
            kill_after = 0.6 + chance.random() * 0.8
            await setrum(tmp_path, url, "chat", "--as", "console:budi", lines=script, kill_after=kill_after)
        await setrum(tmp_path, url, "chat", "--as", "console:budi", "--wait", "15")
        report = json.loads(await setrum(tmp_path, url, "check", "--json"))
        assert report["violations"] == []
        sold = sandbox.books.sales()
        history = await tokens_of_the_agent(tmp_path, url)
        assert {one.tokens[-1] for one in sold} == history
        assert len({one.trxid for one in sold}) == len(sold)
        assert still_open(tmp_path) == []
        print(f"{len(sold)} sold, {KILLS} kills")
        assert sold, "a run in which nothing was sold proves nothing"
    finally:
        await sandbox.stop()


async def tokens_of_the_agent(folder: Path, url: str) -> set[str]:
    """Every token that the agent can read by `token T…` in his own chat."""
    connection = sqlite3.connect(folder / "setrum.db")
    numbers = [row[0] for row in connection.execute("SELECT id FROM purchase ORDER BY id")]
    connection.close()
    lines = "".join(f"token T{number}\n" for number in numbers)
    out = await setrum(folder, url, "chat", "--as", "console:budi", "--json", "--wait", "0", lines=lines)
    found = set()
    for line in out.splitlines():
        said = json.loads(line)
        if said["key"] == "resend.head":
            found.add(said["text"].split("\n")[1].replace(" ", ""))
    return found


def still_open(folder: Path) -> list[str]:
    """Open purchases that advice could settle: whose sale the supplier has."""
    connection = sqlite3.connect(folder / "setrum.db")
    supplier = sqlite3.connect(folder / "supplier.db")
    sold = {row[0] for row in supplier.execute("SELECT trxid FROM sold")}
    rows = connection.execute("SELECT trxid FROM purchase WHERE state NOT IN ('SUCCESS', 'FAILED', 'LATE')")
    found = [row[0] for row in rows if row[0] in sold]
    connection.close()
    supplier.close()
    return found
