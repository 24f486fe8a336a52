"""The only source of randomness: identifiers, nonces and codes. Nothing here repeats after a restored backup."""

import re
import secrets

from ulid import ULID

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # base 32 without I, L, O, U: read aloud without doubt
_CODE_LENGTH = 10


def ulid() -> str:
    """26 characters `[0-9A-Z]`, 80 of the 128 bits random."""
    return str(ULID())


def payment_trxid() -> str:
    """The supplier's id of a purchase: `P` and a ULID, 27 of the 50 characters allowed. # VSI §1"""
    return f"P{ulid()}"


def inquiry_trxid() -> str:
    """An inquiry is no transaction: each call its own id."""
    return f"I{ulid()}"


def advice_trxid() -> str:
    """A fresh advice id, for suppliers that want one a request (`VSI_ADV_TRXID=fresh`)."""
    return f"A{ulid()}"


TAP = re.compile(r"[A-Za-z0-9_-]{8}\.[a-z0-9_]{1,40}")  # what a tap says: a nonce, and the key of an option


def nonce() -> str:
    """8 characters `[A-Za-z0-9_-]`: names one set of options, and says nothing."""
    return secrets.token_urlsafe(6)


def claim_code() -> str:
    """50 random bits that prove a sale: 10 characters of base 32."""
    return _code()


def invitation_code() -> str:
    """50 random bits that let one chat in, once; as long as a claim code and typed into the same place."""
    return _code()


def _code() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))


def jitter() -> float:
    """A number in [-1, 1], so that many purchases in doubt do not ask at the same moment."""
    return secrets.SystemRandom().uniform(-1, 1)
