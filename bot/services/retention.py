"""What is forgotten, and when: handled inbox rows, old inquiries, and what proved a customer's sale or tried to.

Payments and advices are kept for ever, and so is who fetched which token.
"""

from bot.clock import DAY
from bot.domain.rules import Shop
from bot.ports import Tx


def forget(tx: Tx, shop: Shop, now: int) -> int:
    """Delete what is past its time; how many rows went."""
    waits = shop.waits
    return (
        tx.run("inbox_prune", before=now - waits.keep_inbox)
        + tx.run("exchange_prune_inquiries", before=now - waits.keep_inquiries)
        + tx.run("inquiry_prune", before=now - waits.keep_inquiries)
        + tx.run("proof_try_prune", before=now - waits.proof_tries)
        + tx.run("proved_meter_prune", before=now - waits.proved, now=now)
        + tx.run("sale_phone_prune", before=now - shop.claim_days * DAY)
        + tx.run("token_request_prune", before=now - waits.keep_requests)
    )
