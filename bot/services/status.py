"""The shop's status in one line, as every seller's menu says it: whether sales go on, and since when they do not."""

from dataclasses import dataclass

from bot.clock import MINUTE
from bot.domain.message import Text
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import breaker, closing, notices, standing
from bot.services.breaker import Position

_LAST = 5
_LATELY = 30 * MINUTE


@dataclass(frozen=True, slots=True)
class _Payment:
    requested_at: int
    completed_at: int  # 0 while no answer came


def line(tx: Tx, shop: Shop, now: int) -> Text:
    """What stops sales, the strongest first; else whether most of the last payments were slow."""
    if (restricted := standing.restriction(tx)) is not None:
        return _since("status.books", restricted.since, shop, now)
    if (shut := closing.closing(tx)) is not None:
        return _since("status.by_hand", shut.since, shop, now)
    found = breaker.read(tx)
    if found.state is not Position.CLOSED:
        if found.is_cut_off:
            return Text("status.closed")
        return _since("status.trying" if found.state is Position.HALF else "status.down", found.since, shop, now)
    slow = _slow_since(tx, shop, now)
    return Text("status.ok") if slow is None else _since("status.slow", slow, shop, now)


def _since(key: str, at: int, shop: Shop, now: int) -> Text:
    return Text(key, {"time": notices.when(at, shop, now)})


def _slow_since(tx: Tx, shop: Shop, now: int) -> int | None:
    """When the first slow one of the last payments began, if their median is slow; what still waits counts so far."""
    last = [
        one for one in tx.all(_Payment, "exchange_latest_payments", most=_LAST) if one.requested_at >= now - _LATELY
    ]
    slow = [one.requested_at for one in last if (one.completed_at or now) - one.requested_at >= shop.waits.slow]
    return min(slow) if len(last) == _LAST and len(slow) * 2 > _LAST else None
