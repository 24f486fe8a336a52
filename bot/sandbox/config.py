"""How a practice supplier is set up: where it listens, whom it lets in, and how it reads the contract's open questions.

Nothing here acts.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal


@dataclass(frozen=True, slots=True)
class Readings:
    """How this supplier understands what the contract leaves open; each default is the gentlest for the client.

    `is refused` is code 30. A reference that may buy once answers 92 afterwards. With `advice_trxid="same"` an advice
    must carry the trxid of a payment, with `fresh` one that nothing carried before; otherwise it is refused with 30.
    """

    repeated_trxid: Literal["replays", "sells again", "is refused"] = "replays"
    refnum_single_use: bool = True
    advice_matches: Literal["latest", "earliest"] = "latest"
    advice_any_day: bool = False
    advice_trxid: Literal["any", "same", "fresh"] = "any"
    strict_date: bool = True  # else yesterday and tomorrow pass, too
    clock_ahead_seconds: int = 0  # `tanggal` only
    adm_in_answer: int | None = None  # what a sale costs, whatever the inquiry said
    token_groups: Literal[1, 2, 3] = 1


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """One practice supplier. `clock` gives epoch milliseconds; without a `ledger` file its books live in memory.

    `deposit` is what the partner has paid in, once for the life of the books. `hang_ms` is how long an answer that
    never comes keeps its connection. A pending payment sells on the advice after `pending_advices` negative ones.
    """

    cid: str
    secret: str = field(repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    ledger: Path | None = None
    latency_ms: int = 0
    hang_ms: int = 120_000
    slow_inquiry_ms: int = 5_000
    pending_advices: int = 1
    deposit: int = 100_000_000
    adm: int = 1_600
    strict_hc: bool = True  # else upper-case hex passes, too
    clock: Callable[[], int] = lambda: time.time_ns() // 1_000_000
    readings: Readings = field(default_factory=Readings)
