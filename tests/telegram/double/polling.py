"""getUpdates: the long poll, what an offset confirms, and the quarrel between two pollers.

One poll at a time: a newer one ends an older one with 409, as the server does it. Never takes part in webhooks.
"""

import math
from typing import Any

from tests.double.faults import Faults, Mail
from tests.telegram.double.settings import remember
from tests.telegram.double.state import State
from tests.telegram.double.wire import Given, Json, Refused

_ACTIVE = "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
_OTHER = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
_LONGEST = 50
_LEAST = 3.0  # seconds that a repeated offset waits at least


class Poller:
    """The state of polling."""

    def __init__(self, state: State, mail: Faults) -> None:
        self._state = state
        self._mail = mail
        self._live: object = None
        self._offset: int | None = None
        self._started = -math.inf
        self.conflicts = 0

    async def poll(self, given: Given) -> list[Json]:
        state, updates = self._state, self._state.updates
        if state.hook.url:
            raise Refused(409, _ACTIVE)
        if self._live is not None:
            self.conflicts += 1
        mine = self._live = object()
        updates.stirred.fire()
        try:
            remember(state, given)
            offset, timeout = given.integer("offset"), min(max(given.integer("timeout"), 0), _LONGEST)
            started = state.clock.ticks()
            if offset == self._offset and timeout < _LEAST and started < self._started + _LEAST:
                timeout = math.ceil(_LEAST)
            self._offset, self._started = offset, started
            self._confirm(offset)
            return await self._wait(mine, started + timeout, min(max(given.integer("limit", 100), 1), 100))
        finally:
            if self._live is mine:
                self._live = None

    def _confirm(self, offset: int) -> None:
        updates = self._state.updates
        for update in updates.confirm(offset):
            fault = self._mail.pick(update.kind, update.chat)
            if fault is not None and fault.kind in {Mail.LOST_ACK, Mail.DUPLICATE}:
                self._mail.count(fault)
                updates.again.append(update)

    async def _wait(self, mine: Any, deadline: float, limit: int) -> list[Json]:
        state, updates = self._state, self._state.updates
        while True:
            if self._live is not mine:
                raise Refused(409, _OTHER)
            if state.hook.url:
                raise Refused(409, "Conflict: terminated by setWebhook request")
            if batch := updates.take(limit):
                return [update.json() for update in batch]
            if await state.clock.until(deadline, updates.stirred, state.hook.changed):
                return []
