"""Where a call becomes its answer: the method is found, run, and the record of it is kept.

Knows nothing of connections; the server decides whether the answer gets there.
"""

from tests.double.faults import Faults
from tests.telegram.double import polling, wire
from tests.telegram.double.methods import METHODS
from tests.telegram.double.settings import Said
from tests.telegram.double.state import Call, State
from tests.telegram.double.wire import Given, Json, Refused


class Desk:
    """Serves one bot."""

    def __init__(self, state: State, mail: Faults) -> None:
        self.state = state
        self.poller = polling.Poller(state, mail)

    def open(self, name: str, given: Given, *, via_webhook: bool = False) -> Call:
        """Write down that a call came in."""
        state = self.state
        known = METHODS.get(name.lower())
        call = Call(
            len(state.calls) + 1, known.name if known else name, given.spoken(), chat_of(state, given),
            state.clock.now(), state.clock.ticks(), via_webhook=via_webhook,
        )  # fmt: skip
        state.calls.append(call)
        state.heard.fire()
        return call

    async def serve(self, call: Call, given: Given) -> Json:
        """Run the method; its answer as the envelope."""
        known = METHODS.get(call.method.lower())
        try:
            if known is None:
                self.state.unsupported.append(f"method {call.method}")
                raise Refused(404, "Not Found: method not found")
            attached = {
                str(one).removeprefix("attach://") for one in given.values.values() if str(one).startswith("attach://")
            }
            for name in given.values.keys() - known.params - attached:
                self.state.unsupported.append(f"{known.name} parameter {name}")
            result = await self.poller.poll(given) if known.run is None else known.run(self.state, given)
        except Refused as refused:
            call.status, call.outcome = refused.code, refused.description
            return wire.refusal(refused)
        call.status, call.outcome, call.applied = 200, "ok", True
        if isinstance(result, dict):
            call.message_id = result.get("message_id")
        return wire.answer(True, result.description) if isinstance(result, Said) else wire.answer(result)


def chat_of(state: State, given: Given) -> int | None:
    """The chat that a call is about; for an answer to a tap, that of the tap."""
    if "callback_query_id" in given:
        query = state.queries.get(given.text("callback_query_id"))
        return query.chat if query else None
    return given.integer("chat_id") or None
