"""What only WhatsApp leaves behind: every try of a message by its own name, and when windows closed."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

from tests.campaign.evidence import Evidence


class End(StrEnum):
    """How a call ended, as far as whoever made it can know."""

    TAKEN = "taken"
    OPEN = "open"  # no answer, or none that tells
    REFUSED = "refused"
    FAILED = "failed"  # taken, and told later not to have arrived


@dataclass(frozen=True, slots=True)
class Try:
    """A call for a message. `row` names the message; `settled_at` is when the shop took a status that it went out.

    `code` says why not; `is_denied` that a status said so, however the call had ended.
    """

    chat: str
    row: str
    at: float
    end: End
    code: int = 0
    is_template: bool = False
    settled_at: float | None = None
    is_denied: bool = False


@dataclass(frozen=True, slots=True)
class WhatsAppEvidence(Evidence):
    """The evidence of any platform, and more.

    `breaks` are the moments at which everything under way was cut off: kills, and the platform going away; at `cut_off`
    a connection was closed before anything came over it. `claimed` says when a message was first tried by our own
    account, for what never reached the platform; `elsewhere` are those that were said in another chat meanwhile.
    `forged` are the names under which false deliveries came in.
    """

    tries: list[Try] = field(default_factory=list)
    window: float = 86_400.0
    closings: list[tuple[str, float]] = field(default_factory=list)
    breaks: tuple[float, ...] = ()
    cut_off: tuple[float, ...] = ()
    claimed: dict[str, float] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()
    forged: list[str] = field(default_factory=list)
    stored: frozenset[str] = frozenset()
    admitted: int = 0
    turned_away: int = 0  # posts that were answered 403
    counted: int | None = None  # of those the shop counted; None where it was killed and began anew

    @property
    def by_row(self) -> dict[str, list[Try]]:
        """The tries of each message, in their order."""
        rows: dict[str, list[Try]] = defaultdict(list)
        for one in self.tries:
            rows[one.row].append(one)
        return rows

    @property
    def ends(self) -> Counter[str]:
        """How calls ended, for counting."""
        return Counter(f"{one.end} {one.code}".removesuffix(" 0") for one in self.tries)
