"""What becomes of an accepted message, told afterwards: sent, delivered, read, or failed; in order and otherwise."""

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.whatsapp.double.items import Item
from tests.whatsapp.double.phones import Phone
from tests.whatsapp.double.wire import Json, problem

if TYPE_CHECKING:
    from tests.whatsapp.double.state import State

AUTO = ("sent", "delivered", "read")


@dataclass(slots=True)
class Failure:
    """The next `count` messages (of this person, of this kind) are accepted and fail; `late`: after a `sent`."""

    code: int
    person: str | None = None
    kind: str | None = None
    count: int = 1
    details: str = ""
    late: bool = False


@dataclass(slots=True)
class Statuses:
    """Settings of the stream. What is a chance may be given as a bool; each is drawn per message."""

    auto: tuple[str, ...] = AUTO
    shuffled: float = 0.0
    skipped: float = 0.0  # drawn for every status
    repeated: float = 0.0  # drawn for every status
    early: float = 0.0  # posted before the call is answered
    nameless: float = 0.0  # without recipient_id, where there is a recipient_user_id
    priced: bool = True
    delay: float = 0.0  # seconds of the double's clock before each
    failures: list[Failure] = field(default_factory=list)

    def fail(
        self, person: object = None, code: int = 131026, *, kind: str | None = None, count: int = 1,
        details: str = "", late: bool = False,
    ) -> None:  # fmt: skip
        """Let the next message, or the next of this person, be accepted and then fail."""
        key = None if person is None else str(getattr(person, "key", person))
        self.failures.append(Failure(code, key, kind, count, details, late))

    def failure(self, person: str, kind: str) -> Failure | None:
        """The failure that this message meets."""
        for one in self.failures:
            if one.person in (None, person) and one.kind in (None, kind):
                one.count -= 1
                if one.count <= 0:
                    self.failures.remove(one)
                return one
        return None

    def draw(self, chance: random.Random) -> list[str]:
        """Which statuses a delivered message gets, in which order."""
        names = [name for name in self.auto if chance.random() >= self.skipped]
        names += [name for name in names if chance.random() < self.repeated]
        if self.repeated:
            names.sort(key=self.auto.index)
        if chance.random() < self.shuffled:
            chance.shuffle(names)
        return names


@dataclass(frozen=True, slots=True)
class Sending:
    """An accepted message as its statuses speak of it."""

    wamid: str
    to: str
    kind: str
    opaque: str
    phone: Phone | None
    is_free: bool


def status_of(state: "State", sending: Sending, name: str, code: int = 0, details: str = "") -> Json:
    """One status as it is told."""
    told: Json = {"id": sending.wamid, "status": name, "timestamp": str(state.clock.date())}
    phone = sending.phone
    number = phone.wa_id if phone else sending.to
    user_id = phone.user_id if phone else None
    if number and not (user_id and state.chance.random() < state.statuses.nameless):
        told["recipient_id"] = number
    if user_id:
        told["recipient_user_id"] = user_id
    if sending.opaque:
        told["biz_opaque_callback_data"] = sending.opaque
    if name in {"sent", "delivered"} and state.statuses.priced:
        told["pricing"] = _pricing(sending)
    if name == "failed":
        told["errors"] = [problem(code, details)]
    return told


def _pricing(sending: Sending) -> Json:
    category = "utility" if sending.kind == "template" else "service"
    kind = "free_customer_service" if sending.is_free else "regular"
    return {"billable": not sending.is_free, "pricing_model": "PMP", "category": category, "type": kind}


def follow(state: "State", sending: Sending, failure: Failure | None) -> list[Item]:
    """Queue what will be told of a message; it waits for the call to be answered."""
    settings, chance = state.statuses, state.chance
    if failure is None:
        told = [(name, 0, "") for name in settings.draw(chance)]
    else:
        told = [("sent", 0, "")] if failure.late else []
        told.append(("failed", failure.code, failure.details))
    person, items, wakes = sending.phone.key if sending.phone else sending.to, [], state.clock.ticks()
    for name, code, details in told:
        wakes += settings.delay
        payload = status_of(state, sending, name, code, details)
        items.append(
            state.items.add(
                "status", sending.wamid, person, payload, gated=True, wakes=wakes if settings.delay else 0.0
            )
        )
    return items
