"""Makes the nightly backup that an owner wants in his chat, beside the shop at work, and hands it to the outbox.

It is made on a thread and a connection of its own, compressed and encrypted, into the spool. What is larger than the
platform takes stays on the server, the last seven of them. A kill before it is queued makes it again at the next start.
"""

import asyncio
from pathlib import Path

import structlog

from bot import clock
from bot.domain.message import File
from bot.domain.rules import Shop
from bot.messaging.spool import Spool
from bot.services import nightly
from bot.services.nightly import Made, Plan
from bot.store import backup
from bot.store.errors import StoreError
from bot.store.sqlite import SqliteStore

log = structlog.get_logger(__name__)

_KEPT = 7
_ENDING = ".db.gz.age"


async def work(store: SqliteStore, spool: Spool, shop: Shop, now: clock.Now) -> int:
    """Make the backup if one is due; how many were made."""
    found = await store.read(nightly.due, shop, now())
    if found is None:
        return 0
    at = now()
    name = f"setrum-{clock.local(at, shop.zone):%Y-%m-%d-%H%M}{_ENDING}"
    is_text = await store.read(nightly.is_text, found)
    kind = "text/plain" if is_text else "application/octet-stream"
    file = File(f"backup-{found.next_at}.age", name, kind)
    try:
        if not await store.read(nightly.is_owners, found, shop):
            await store.write(nightly.made, found, file, Made(0, 0), shop, at)
            return 0
        done = await _make(store, spool, found, file, shop, at)
    except (StoreError, OSError) as error:
        log.error("the nightly backup failed", error=str(error))
        spool.remove([file.key])
        await store.write(nightly.failed, found, str(error), shop, now())
        return 0
    if not await store.write(nightly.made, found, file, done, shop, now()):
        spool.remove([file.key])
    return 1


async def _make(store: SqliteStore, spool: Spool, found: Plan, file: File, shop: Shop, at: int) -> Made:
    target = spool.path(file.key)
    made = await asyncio.to_thread(
        backup.back_up,
        store.path,
        target,
        at,
        _unseen,
        recipient=shop.backup_recipient,
        force=True,
        packed=True,
        armored=file.kind == "text/plain",
    )
    most = await store.read(nightly.most, found)
    if most is None or made.size <= most:
        spool.finish(file.key, at)
        return Made(made.size, made.sales)
    folder = Path(shop.backup_dir) if shop.backup_dir else store.path.with_name("backups")
    kept = await asyncio.to_thread(_keep, target, folder, file.name)
    return Made(made.size, made.sales, str(kept.absolute()))


def _keep(made: Path, folder: Path, name: str) -> Path:
    """Move it where it stays, and let the oldest ones go."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = folder / name
    backup.move(made, kept)
    for old in sorted(folder.glob(f"setrum-*{_ENDING}"))[:-_KEPT]:
        old.unlink(missing_ok=True)
    return kept


def _unseen(_: int, __: int) -> None:
    """Nobody watches it."""
