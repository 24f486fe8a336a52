"""The exchange log: one row a request to the supplier, written before it and completed after it. Never optional.

A payment's and an advice's rows are kept for ever; the raw answer is stored before anybody acts on it, so that a crash
loses no answer and a dispute has its evidence.
"""

from dataclasses import dataclass

from bot.domain.supply import Advise, Reply, Request, Transport, command_of
from bot.ports import Supplier, Tx
from bot.services import standing


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request to the supplier: written before it, completed after it, kept for ever for payments and advices."""

    id: int
    trxid: str
    command: str
    purchase_id: int | None
    agent_id: int | None
    request: str
    by_payref: int
    requested_at: int
    completed_at: int | None
    transport: str | None
    status: int | None
    body: bytes | None
    milliseconds: int | None
    detail: str | None
    code: int | None
    verdict: str | None
    applied_at: int | None

    @property
    def reply(self) -> Reply:
        """The raw reply as it was stored, to be read again."""
        return Reply(Transport(self.transport or Transport.LOST), self.status, self.body or b"", self.milliseconds or 0)


def begin(
    tx: Tx,
    supplier: Supplier,
    request: Request,
    now: int,
    *,
    purchase_id: int | None = None,
    agent_id: int | None = None,
) -> int:
    """Write the row of a request that is about to be made; returns its id. The first binds the database (§4.7)."""
    standing.bind(tx, supplier.identity, now)
    tx.run(
        "exchange_add",
        trxid=request.trxid,
        command=command_of(request),
        purchase_id=purchase_id,
        agent_id=agent_id,
        request=supplier.masked(request),
        by_payref=int(isinstance(request, Advise) and request.payref is not None),
        requested_at=now,
    )
    return tx.one(int, "exchange_last_id") or 0


def complete(tx: Tx, exchange_id: int, reply: Reply, code: int | None, verdict: str, now: int, *, final: bool) -> None:
    """Store the answer before anybody acts on it; `final` where there is nothing to apply (an inquiry)."""
    tx.run(
        "exchange_complete",
        id=exchange_id,
        completed_at=now,
        transport=reply.transport,
        status=reply.status,
        body=reply.body,
        milliseconds=reply.milliseconds,
        detail=reply.detail,
        code=code,
        verdict=verdict,
        applied_at=now if final else None,
    )


def by_id(tx: Tx, exchange_id: int) -> Exchange:
    """The row; an unknown id is a programmer's error."""
    found = tx.one(Exchange, "exchange_by_id", id=exchange_id)
    if found is None:
        raise LookupError(f"no exchange {exchange_id}")
    return found


def of_purchase(tx: Tx, purchase_id: int) -> list[Exchange]:
    """Every request about a purchase, in the order it was made."""
    return tx.all(Exchange, "exchange_of_purchase", purchase_id=purchase_id)
