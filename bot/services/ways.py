"""What an owner may do about a sale that a person has to look at, as options that stand for typed words.

Says what can be chosen, never whether it may: that is asked again when it is chosen.
"""

from dataclasses import replace

from bot.domain.ledger import COUNTER
from bot.domain.message import Option
from bot.domain.purchase import Purchase
from bot.services import notices


def on(kind: str, purchase: Purchase) -> tuple[Option, ...]:
    """Below an alert of this kind."""
    match kind:
        case "own.manual":
            return out(purchase)
        case "own.late":
            return late(purchase)
        case _:
            return (see(purchase),)


def see(purchase: Purchase) -> Option:
    """Its evidence."""
    return notices.option("see", f"pending {purchase.sale}", sale=purchase.sale)


def out(purchase: Purchase) -> tuple[Option, ...]:
    """The two ways out of doubt, and to wait."""
    return (
        notices.option("token_issued", f"selesai {purchase.sale} keluar"),
        notices.option("failed_there", f"selesai {purchase.sale} gagal"),
        notices.option("wait", f"selesai {purchase.sale} tunggu"),
    )


def late(purchase: Purchase) -> tuple[Option, ...]:
    """Who bears a sale that turned up late: at the counter there is no agent to offer it to."""
    loss = notices.option("shop_bears", f"selesai {purchase.sale} tanggung")
    if purchase.agent_id == COUNTER:
        return (loss, notices.option("till_takes", f"selesai {purchase.sale} dibayar"), see(purchase))
    return (loss, notices.option("offer", f"selesai {purchase.sale} tawarkan"), see(purchase))


def claimed_or_lost(stray: str) -> tuple[Option, ...]:
    """A sale that nobody owns, by its number `S3`."""
    return (
        notices.option("claimed", f"selesai {stray} diganti"),
        notices.option("shop_bears", f"selesai {stray} tanggung"),
    )


def for_supplier(case: str) -> Option:
    """Words about it, ready for the supplier."""
    return notices.option("for_vsi", f"pending {case} vsi")


def numbered(options: list[Option]) -> list[Option]:
    """The same, with keys that differ."""
    return [replace(one, key=f"{one.key}{number}") for number, one in enumerate(options, 1)]
