"""The shop's own words on every receipt: a heading, its address and phone, a line at the end. Kept as they were set.

A sale that was printed before keeps the words under which it was printed first.
"""

import dataclasses

from bot.documents import receipt
from bot.documents.receipt import WIDTH, Words
from bot.ports import Tx
from bot.services import trail

MOST = {"heading": 64, "address": 96, "phone": 24, "footer": 96}  # characters of each


def current(tx: Tx) -> Words:
    """What new receipts say."""
    return tx.one(Words, "receipt_words_latest") or Words()


def of_sale(tx: Tx, purchase_id: int) -> Words:
    """What the receipts of this sale say."""
    if not tx.one(int, "receipt_printed", purchase_id=purchase_id):
        return current(tx)
    return tx.one(Words, "receipt_words_of", purchase_id=purchase_id) or Words()


def clean(field: str, text: str) -> str | None:
    """The words in the signs that printers have; None for what is too long, has a word that would break, or none left.

    What could be taken for a token, or for a part of PLN's form, is refused, too.
    """
    words = receipt.printable(text)
    is_wide = any(len(word) > WIDTH for word in words.split())
    return None if not words or len(words) > MOST[field] or is_wide or receipt.misleads(words) else words


def changed(tx: Tx, field: str, text: str) -> Words:
    """What receipts would say with this instead; '' takes it away."""
    return dataclasses.replace(current(tx), **{field: text})


def keep(tx: Tx, field: str, text: str, actor: str, now: int) -> Words:
    """Say so from now on."""
    words = changed(tx, field, text)
    tx.run("receipt_words_set", set_at=now, **dataclasses.asdict(words))
    trail.note(tx, actor, f"set the receipts' {field}", trail.SHOP, now, reason=text or "-")
    return words
