"""What is forgotten, and when: words, talks, inquiries, and what proved a customer's sale or tried to.

Sales, payments and advices are kept for ever, and so is who fetched which token: docs/privacy.md, table by table.
"""

from dataclasses import dataclass

from bot.clock import DAY
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.services import erasure


@dataclass(frozen=True, slots=True)
class Kept:
    """When the oldest text was written that is still kept (epoch ms, 0 for none), and how many chats are leaving."""

    heard: int
    leaving: int


def kept(tx: Tx) -> Kept:
    """What there is still."""
    return tx.one(Kept, "kept") or Kept(0, 0)


def forget(tx: Tx, shop: Shop, now: int) -> int:
    """Delete a slice of what is past its time; how many rows went. Until it is none there may be more."""
    waits, keeps = shop.waits, shop.keeps
    written = now - keeps.texts * DAY
    if lapsed := tx.run("session_lapse", before=written):
        return lapsed  # before what such a talk stands on
    return (
        tx.run("inbox_prune", before=written)
        + tx.run("inbox_prune_dead", before=now - keeps.messages * DAY)
        + _talks(tx, written)
        + tx.run("outbox_prune", before=now - keeps.messages * DAY)
        + tx.run("step_prune", before=now - keeps.messages * DAY)
        + tx.run("exchange_prune_inquiries", before=now - keeps.inquiries * DAY)
        + tx.run("inquiry_prune", before=now - keeps.inquiries * DAY)
        + tx.run("quote_prune", before=now - max(keeps.texts, keeps.inquiries) * DAY)
        + tx.run("proof_try_prune", before=now - waits.proof_tries)
        + tx.run("wrong_code_prune", before=now - waits.wrong_codes)
        + tx.run("proved_meter_prune", before=now - waits.proved, now=now)
        + tx.run("sale_phone_prune", before=now - keeps.phones * DAY)
        + tx.run("token_request_prune", before=now - keeps.requests * DAY)
        + tx.run("errand_prune", before=written)
        + erasure.finish(tx, shop, now)
    )


def _talks(tx: Tx, before: int) -> int:
    """Talks that ended; the newest loses what was said in it, and stays."""
    went = tx.run("session_prune_log", before=before) + tx.run("session_prune_effects", before=before)
    return went + tx.run("session_prune", before=before)
