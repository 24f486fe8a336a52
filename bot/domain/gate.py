"""The attribution gate: whether a sale that the supplier reports is the sale of this purchase.

Advice without a reference can answer with an earlier purchase's token, so a veto here is no error, merely no
information: it neither settles a purchase nor counts against it. Pure: what has to be known of other
purchases is passed in.
"""

from dataclasses import dataclass
from enum import StrEnum

from bot.domain.purchase import Purchase
from bot.domain.supply import Sale


class Rule(StrEnum):
    """The rows of the gate (money rules §1.5); G6, the lock on meter and amount, is the store's."""

    METER = "G1"
    DENOMINATION = "G2"
    TOKEN = "G3"
    KNOWN = "G4"
    TIME = "G5"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the gate must know beyond the sale: times in epoch milliseconds, `offset` is the supplier's clock ahead.

    `offset` is None until a payment measured it; `bounded_by` is the sending of a later purchase of the same meter
    and amount; `elsewhere` says that the token or the PAYREF already belongs to another purchase, or to
    a sale whose owner nobody knows.
    """

    now: int
    skew: int
    offset: int | None = None
    elsewhere: bool = False
    bounded_by: int | None = None
    direct: bool = False  # PAY's own answer, or an advice by PAYREF


@dataclass(frozen=True, slots=True)
class Attribution:
    """The gate's answer: held by `veto`, or passed with the alerts that it raises and the admin fee that was taken."""

    veto: Rule | None = None
    alerts: tuple[str, ...] = ()
    adm: int = 0


def attribute(sale: Sale, purchase: Purchase, around: Surroundings) -> Attribution:
    """Whether the sale is this purchase's, by the first rule that refuses it."""
    if sale.msn != purchase.msn:
        return Attribution(Rule.METER, ("another meter in the answer",))
    adm = purchase.adm if sale.adm is None else sale.adm
    if sale.total is None or purchase.denomination not in (sale.total - adm, sale.total):
        return Attribution(Rule.DENOMINATION, ("another amount in the answer",))
    if sale.tokens is None or sale.tokens_in_text not in (None, sale.tokens):
        return Attribution(Rule.TOKEN, ("token unreadable or at odds with the text",))
    if around.elsewhere:
        return Attribution(Rule.KNOWN, ("the token or reference belongs to another sale",))
    alerts: list[str] = []
    if not _in_time(sale, purchase, around):
        if not around.direct:
            return Attribution(Rule.TIME, ("dated outside the purchase",))
        alerts.append("dated outside the purchase")
    if adm != purchase.adm:
        alerts.append(f"admin fee {adm} instead of {purchase.adm}")
    return Attribution(alerts=tuple(alerts), adm=adm)


def _in_time(sale: Sale, purchase: Purchase, around: Surroundings) -> bool:
    if sale.paid_at is None or purchase.sent_at is None:
        return False
    paid_at = sale.paid_at - (around.offset or 0)
    if around.bounded_by is not None and paid_at >= around.bounded_by - around.skew:
        return False
    return purchase.sent_at - around.skew <= paid_at <= around.now + around.skew
