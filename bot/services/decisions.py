"""What a person decided: kept with who, why and what it rests on, and never changed. Decides nothing itself."""

from dataclasses import dataclass

from bot.domain.people import Agent
from bot.ports import Tx
from bot.services import trail


class DecisionError(Exception):
    """A decision that cannot be taken as asked; the text is for the person who took it, and nothing changed."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about a purchase. `evidence_bytes` is the size of what was attached, `created_at` epoch ms."""

    kind: str
    actor: str
    reason: str
    evidence_bytes: int
    created_at: int


def record(
    tx: Tx,
    kind: str,
    *,
    actor: str,
    reason: str,
    now: int,
    purchase_id: int | None = None,
    stray_id: int | None = None,
    agent: Agent | None = None,
    evidence: bytes | None = None,
) -> None:
    """Write the decision down. Raises `DecisionError` without a name or a reason: nothing is settled anonymously."""
    actor, reason = " ".join(actor.split()), " ".join(reason.split())
    if not actor or not reason:
        raise DecisionError("a decision needs the name of who takes it and a reason")
    tx.run(
        "decision_add",
        kind=kind,
        purchase_id=purchase_id,
        stray_id=stray_id,
        actor=actor[:100],
        reason=reason[:1000],
        evidence=evidence,
        now=now,
    )
    subject = trail.SHOP
    if purchase_id is not None:
        subject = f"T{purchase_id}"
    elif stray_id is not None:
        subject = f"S{stray_id}"
    elif agent is not None:
        subject = agent.code
    trail.note(tx, actor, kind, subject, now, agent_id=agent.id if agent else None, reason=reason)


def of_purchase(tx: Tx, purchase_id: int) -> list[Decision]:
    """Every decision about the purchase, oldest first."""
    return tx.all(Decision, "decision_of_purchase", purchase_id=purchase_id)


def of_stray(tx: Tx, stray_id: int) -> list[Decision]:
    """Every decision about the stray sale, oldest first."""
    return tx.all(Decision, "stray_decided", stray_id=stray_id)
