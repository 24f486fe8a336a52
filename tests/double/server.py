"""What the double of any platform is as a server: its calls, its webhook, and control on a port of its own.

The second port stays reachable while the first is down.
"""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, ClassVar, Protocol, Self

from aiohttp import web

from tests.double import control
from tests.double.clock import Clock
from tests.double.delivering import Delivering
from tests.double.faults import Fault, Faults, Kind, Mail
from tests.double.network import Network


class State(Protocol):
    """What a server needs of all that its platform knows."""

    clock: Clock
    chance: random.Random
    fired: Counter[str]
    unsupported: list[str]


class Server(Network):
    """`async with` opens it. `faults` spoil calls, `mail` spoils deliveries."""

    largest: ClassVar[int]  # bytes of a call's body
    does: ClassVar[Mapping[str, Callable[[Any, dict[str, Any]], Awaitable[Any]]]]  # what control is asked for
    state: State
    mail: Faults
    webhook: Delivering

    def __init__(self, state: State, host: str, port: int, control_port: int) -> None:
        super().__init__(Faults(state.chance, state.fired), state.fired, host, port)
        self.state, self.clock = state, state.clock
        self.followed = 0  # redirects that somebody followed
        self.control_url = ""
        self._control_port = control_port
        self._control: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self._open_doors(self.largest)
        self._control = web.AppRunner(control.application(self, self.does), access_log=None, shutdown_timeout=0.1)
        await self._control.setup()
        await web.TCPSite(self._control, self._host, self._control_port).start()
        self.control_url = f"http://{self._host}:{self._control.addresses[0][1]}/control"
        await self.webhook.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.webhook.stop()
        if self._control is not None:
            await self._control.cleanup()
        await self._close_doors()

    def plan(self, fault: Fault) -> Fault:
        """Plan a fault for calls or, by its kind, for deliveries."""
        (self.mail if isinstance(fault.kind, Mail) else self.faults).plan(fault)
        if fault.kind is Kind.REFUSE:
            self.turn_idle_away()
        return fault

    def chance(self, kind: Kind | Mail, probability: float) -> None:
        """Let a fault meet calls, or deliveries, by chance; see `spared`, `seconds` and `codes` of `faults`, too."""
        (self.mail if isinstance(kind, Mail) else self.faults).chance(kind, probability)

    @property
    def unsupported(self) -> list[str]:
        """What was asked for that the double does not have."""
        return self.state.unsupported

    @property
    def fired(self) -> dict[str, int]:
        """The faults that were met, and how often."""
        return dict(self.state.fired)
