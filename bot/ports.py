"""The protocols that services and conversations need of the outside world; each says its locking and durability.

Only what has two implementations, or a test's own, stands here. No protocol knows a concrete class.
"""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from bot.domain.supply import (
    AdviceAnswer,
    Identity,
    InquiryAnswer,
    PayAnswer,
    Reply,
    Request,
)

T = TypeVar("T")
P = ParamSpec("P")

Parameter = str | int | bytes | None


class Unavailable(Exception):
    """The store could not, whatever the unit was: nobody's message is to blame, and later it may work."""


class Tx(Protocol):
    """One unit of work on the store's own thread: atomic, alone, and never held across the network.

    Queries go by name; rows become dataclasses whose fields are the columns. A unit never catches a database error.
    """

    def one(self, shape: type[T], name: str, /, **parameters: Parameter) -> T | None:
        """The first row as `shape`, or None."""

    def all(self, shape: type[T], name: str, /, **parameters: Parameter) -> list[T]:
        """Every row as `shape`."""

    def run(self, name: str, /, **parameters: Parameter) -> int:
        """Execute and return how many rows it touched."""

    def signal(self, topic: str) -> None:
        """Wake whoever works on `topic` (inbox, outbox, errand, …) once this unit is durable; may be lost."""


class Store(Protocol):
    """A database. A unit is a plain function of a `Tx`; it is run whole, and its return means that it is durable."""

    async def write(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run the unit atomically; what it raises is raised here and leaves nothing behind."""

    async def read(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a unit that only reads, beside the writer, on a consistent view."""


class ReadableStore(Store, Protocol):
    """A database that can be read at length beside everything else."""

    async def aside(self, unit: Callable[Concatenate[Tx, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run a long read on a thread and a connection of its own: nobody waits behind it."""


class Supplier(Protocol):
    """A supplier of tokens: one request in, one raw reply out, and the pure readings of a reply.

    `send` never raises for what the network does, and puts a payment on the wire at most once.
    """

    identity: Identity

    async def send(self, request: Request) -> Reply:
        """Make the call; the caller has committed its row before."""

    def masked(self, request: Request) -> str:
        """The request as the exchange log keeps it: no secret, no hash, meter numbers masked."""

    def read_inquiry(self, reply: Reply) -> InquiryAnswer:
        """What an inquiry's reply says."""

    def read_payment(self, reply: Reply) -> PayAnswer:
        """What a payment's reply says."""

    def read_advice(self, reply: Reply, by_payref: bool = False) -> AdviceAnswer:
        """What an advice's reply says."""
