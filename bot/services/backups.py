"""Backups as far as the shop knows of them: every try is noted, by whichever way it was made. Makes none itself."""

from dataclasses import dataclass

from bot.domain.message import Clock, Day, Text, Value
from bot.domain.rules import Shop
from bot.ports import Tx


@dataclass(frozen=True, slots=True)
class Try:
    """One try to back up: whether it succeeded (0 or 1), in a few words, at epoch milliseconds."""

    ok: int
    detail: str
    at: int


def noted(tx: Tx, ok: bool, detail: str, now: int) -> None:
    """Write down that a backup was made, or why it was not."""
    tx.run("backup_add", ok=int(ok), detail=" ".join(detail.split())[:200], now=now)


def trouble(tx: Tx, shop: Shop, now: int) -> Text | None:
    """What is wrong: the last try failed, the last good one is too old, or a shop that sells never made one."""
    latest = tx.one(Try, "backup_latest")
    if latest is not None and not latest.ok:
        return Text("own.backup_failed", _when(latest.at) | {"detail": latest.detail})
    good = tx.one(int, "backup_last_good") or 0
    since = good or tx.one(int, "purchase_first_at")
    if since is None or now - since < shop.waits.backup_old:
        return None
    return Text("own.backup_old", _when(good)) if good else Text("own.backup_none")


def _when(at: int) -> dict[str, Value]:
    return {"day": Day(at), "time": Clock(at)}
