"""Yesterday in figures, told to the owners by itself: once a day, at their time or at the first chance after it.

It must arrive: it is tried for a day, and waits for an owner who cannot be reached until the next one is made.
"""

from datetime import timedelta

from bot.clock import day_span, local
from bot.domain.ledger import COUNTER
from bot.domain.rules import Shop
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import alerts, charts, digest, people, summary


def is_due(tx: Tx, shop: Shop, now: int) -> bool:
    """Whether yesterday is to be told: its time has come today, a chat is there to hear it, and nobody told it yet."""
    minute = summary.minute(tx)
    moment = local(now, shop.zone)
    if minute is None or moment.hour * 60 + moment.minute < minute:
        return False
    return not is_over(tx, shop, now) and bool(alerts.owners_chats(tx, shop))


def is_over(tx: Tx, shop: Shop, now: int) -> bool:
    """Whether nothing is told today any more: yesterday was, or the shop opened today."""
    yesterday, today = day_span(now, shop.zone, 1)
    if people.agent(tx, COUNTER).created_at >= today:
        return True
    return tx.one(int, "days_told", day=local(yesterday, shop.zone).date().isoformat()) is not None


def look(tx: Tx, shop: Shop, now: int) -> int:
    """Tell yesterday if that is due; how many chats were told."""
    if not is_due(tx, shop, now):
        return 0
    day = local(now, shop.zone).date() - timedelta(days=1)
    tx.run("days_tell", day=day.isoformat(), at=now)  # first: what is summed up below is what it was then
    found = summary.of_days(tx, shop, now, day, day)
    words = f"{day.day}/{day.month}/{day.year}"
    message = charts.beside(digest.short(found, shop, now, words), found, shop)
    if tx.run("days_outdated"):  # whoever could not be reached since yesterday reads the newest, not all of them
        tx.signal("unparked")
    chats = alerts.owners_chats(tx, shop)
    for chat in chats:
        outbox.put(tx, chat, message, now, cause=f"summary:{day}:{chat}", message_class=Class.CRITICAL)
    return len(chats)
