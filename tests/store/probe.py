"""A row that any store can write and count: what its tests look for on the disk."""

from bot.ports import Tx


def note(tx: Tx, detail: str) -> int:
    return tx.run("alert_add", kind="test", purchase_id=None, detail=detail, created_at=1)


def count(tx: Tx) -> int:
    return tx.one(int, "alert_count", start=0, end=10) or 0
