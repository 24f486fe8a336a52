"""Accounts, transfers and what a sale posts: whole rupiah, every transfer one debit and one credit.

Says which accounts exist and which transfers an event makes; never reads a balance and never writes one.
"""

from dataclasses import dataclass

from bot.domain.purchase import Purchase

COUNTER = 0  # the agent id of the shop's own counter
DEPOSIT = "vsi:deposit"
MARGIN = "income:margin"
REBATE = "income:rebate"
ADM_DIFFERENCE = "expense:adm"
LOSS = "expense:loss"
ADJUSTMENT = "equity:adjust"
SUSPENSE = "suspense:late"
CASH = "cash:till"
BANK = "cash:bank"  # where agents transfer to


def account_of(agent_id: int) -> str:
    """The deposit account of an agent: what the shop owes him."""
    return "agent:counter" if agent_id == COUNTER else f"agent:{agent_id}"


def receivable_of(agent_id: int) -> str:
    """What an agent owes the shop for a deposit that was sold on credit."""
    return f"receivable:{agent_id}"


@dataclass(frozen=True, slots=True)
class Transfer:
    """`amount` rupiah (> 0) from `debit` to `credit`; `key` makes it happen once, whatever is repeated."""

    key: str
    debit: str
    credit: str
    amount: int
    kind: str
    purchase_id: int | None = None
    actor: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """A balance as the books have it. `posted` is credits minus debits, `held` the sum of open holds."""

    id: str
    posted: int
    held: int
    guarded: int  # 1 where available may never fall below zero

    @property
    def available(self) -> int:
        """What may be spent."""
        return self.posted - self.held


def sale_transfers(purchase: Purchase, taken_adm: int) -> list[Transfer]:
    """What a settled sale posts; `taken_adm` is the admin fee that the supplier really took (money rules §4.1)."""
    return _transfers("sale", purchase, taken_adm, account_of(purchase.agent_id), purchase.price)


def late_transfers(purchase: Purchase, *, agent_pays: bool) -> list[Transfer]:
    """What a LATE sale posts once the owner decided: the shop's loss, or the price with the agent's consent."""
    taken = purchase.adm if purchase.sold_adm is None else purchase.sold_adm
    if agent_pays:
        return _transfers("late", purchase, taken, account_of(purchase.agent_id), purchase.price)
    return _transfers("late", purchase, taken, LOSS, purchase.denomination + purchase.adm)


def _transfers(kind: str, purchase: Purchase, taken_adm: int, payer: str, paid: int) -> list[Transfer]:
    pid, cost = purchase.id, purchase.denomination + purchase.adm
    difference = taken_adm - purchase.adm
    wanted = [
        # below cost by the rebate: what the shop adds comes first, for the payer may have no more than the price
        Transfer(f"{kind}:{pid}:margin", MARGIN, payer, cost - paid, kind, pid),
        Transfer(f"{kind}:{pid}:cost", payer, DEPOSIT, cost, kind, pid),
        Transfer(f"{kind}:{pid}:margin", payer, MARGIN, paid - cost, kind, pid),
        Transfer(f"{kind}:{pid}:rebate", DEPOSIT, REBATE, purchase.rebate, kind, pid),
        Transfer(f"{kind}:{pid}:adm", ADM_DIFFERENCE, DEPOSIT, difference, kind, pid),
        Transfer(f"{kind}:{pid}:adm", DEPOSIT, ADM_DIFFERENCE, -difference, kind, pid),
    ]
    return [transfer for transfer in wanted if transfer.amount > 0]
