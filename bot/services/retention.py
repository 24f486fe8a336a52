"""What is forgotten, and when: handled inbox rows and old inquiries. Payments and advices are kept for ever."""

from bot.domain.rules import Shop
from bot.ports import Tx


def forget(tx: Tx, shop: Shop, now: int) -> int:
    """Delete what is past its time; how many rows went."""
    waits = shop.waits
    return (
        tx.run("inbox_prune", before=now - waits.keep_inbox)
        + tx.run("exchange_prune_inquiries", before=now - waits.keep_inquiries)
        + tx.run("inquiry_prune", before=now - waits.keep_inquiries)
    )
