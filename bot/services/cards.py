"""What a customer's card adds to the name: one line at the most, the first that applies, and which ask the name first.

Reads the shop's own records; warns, and never stands in the way of a sale.
"""

from dataclasses import dataclass

from bot.clock import MINUTE, month_span
from bot.domain import energy
from bot.domain.message import MeterNumber, Text
from bot.domain.purchase import Purchase
from bot.domain.rules import Shop
from bot.domain.supply import Inquiry
from bot.ports import Tx
from bot.services import favourites


@dataclass(frozen=True, slots=True)
class Sold:
    """Energy as a receipt states it, and what it was sold for in rupiah."""

    kwh: str
    denomination: int


def added_line(
    tx: Tx, inquiry: Inquiry, agent_id: int, denomination: int | None, shop: Shop, now: int
) -> tuple[Text | None, bool]:
    """The one added line of a card, and whether the name must be asked about before any price."""
    if doubt := _doubt(tx, inquiry, agent_id, shop):
        return doubt, True
    for twin in tx.all(Purchase, "purchase_open_of_meter", msn=inquiry.msn):
        if twin.agent_id == agent_id:
            return Text("card.unsold_own", {"sale": twin.sale}), False
    if over := over_cap(tx, inquiry, denomination, shop, now):
        return over, False
    if _near_cut_off(now):
        return Text("card.cutoff"), False
    if inquiry.unsold_tokens:
        return Text("card.unsold", {"n": inquiry.unsold_tokens}), False
    return None, False


def over_cap(tx: Tx, inquiry: Inquiry, denomination: int | None, shop: Shop, now: int) -> Text | None:
    """The shop's own sales of the month with this one, where they come to more than PLN sells to the connection.

    What this one brings is reckoned by what the meter got for its money before; without an amount, the smallest.
    """
    cap = energy.monthly_cap(inquiry.tariff_power)
    start, end = month_span(now, shop.zone)
    sold = tx.all(Sold, "meter_sold", msn=inquiry.msn, start=start, end=end)
    used, paid = sum(energy.tenths(one.kwh) for one in sold), sum(one.denomination for one in sold if one.kwh)
    if cap is None or not used:
        return None
    expected = used * (denomination or min(shop.denominations)) // paid
    if used + expected <= cap * 10:
        return None
    return Text("card.cap", {"used": round(used / 10), "cap": cap})


def _doubt(tx: Tx, inquiry: Inquiry, agent_id: int, shop: Shop) -> Text | None:
    """Why it may be the wrong meter."""
    earlier = tx.one(Purchase, "purchase_latest_of_meter", msn=inquiry.msn)
    if earlier is not None and earlier.name != inquiry.name:
        return Text("card.renamed", {"name": earlier.name})
    if meant := favourites.mistaken_for(tx, agent_id, inquiry.msn, shop):
        number = MeterNumber(meant.msn)
        if meant.alias:
            return Text("card.similar", {"alias": meant.alias, "meter": number})
        return Text("card.similar_regular", {"name": meant.name, "meter": number})
    if earlier is None and (tx.one(int, "purchase_success_count") or 0) >= shop.known_after_sales:
        return Text("card.first")
    return None


def _near_cut_off(now: int) -> bool:
    minutes = (now // MINUTE + 7 * 60) % (24 * 60)  # of the day in WIB: PLN's closing knows no other zone
    return minutes >= 22 * 60 + 55 or minutes < 45
