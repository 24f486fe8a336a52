"""What the platform tells beside messages and their statuses: of the account, its number, its templates; and statuses
at will.
"""

from typing import TYPE_CHECKING, Any

from tests.whatsapp.double.envelope import FOREIGN
from tests.whatsapp.double.items import Item
from tests.whatsapp.double.statuses import Sending, status_of
from tests.whatsapp.double.wire import Json, problem

if TYPE_CHECKING:
    from tests.whatsapp.double.state import State

_EVENTS = {"APPROVED": "approved", "REJECTED": "rejected", "PAUSED": "paused", "DISABLED": "disabled"}


class News:
    """A part of the double: every method queues one item."""

    state: "State"

    def ops(self, field: str, value: Json) -> Item:
        """Any field of the webhook that is not messages."""
        state = self.state
        return state.items.add("ops", f"ops {state.serial()}", "", {"field": field, "value": value})

    def account_error(self, code: int = 131031, details: str = "") -> Item:
        """An error of the account: in the field of messages, with neither a message nor a status."""
        access = self.state.access
        metadata = {"display_phone_number": access.display_phone_number, "phone_number_id": access.phone_number_id}
        value = {"messaging_product": "whatsapp", "metadata": metadata, "errors": [problem(code, details)]}
        return self.ops("messages", value)

    def account_update(self, event: str = "ACCOUNT_RESTRICTION", **fields: Any) -> Item:
        return self.ops("account_update", {"event": event, **fields})

    def template_event(self, name: str, language: str, event: str, reason: str = "NONE") -> Item:
        """A template is approved, rejected, paused or disabled: from now on, and told."""
        if event in _EVENTS:
            self.state.templates.set(name, _EVENTS[event], language)
        return self.ops("message_template_status_update", {
            "event": event, "message_template_id": 900_000_000 + self.state.serial(), "message_template_name": name,
            "message_template_language": language, "reason": reason,
        })  # fmt: skip

    def template_quality(self, name: str, language: str, score: str = "YELLOW") -> Item:
        return self.ops("message_template_quality_update", {
            "previous_quality_score": "GREEN", "new_quality_score": score, "message_template_name": name,
            "message_template_language": language, "message_template_id": 900_000_000 + self.state.serial(),
        })  # fmt: skip

    def number_quality(self, event: str = "DOWNGRADE", limit: str = "TIER_250") -> Item:
        number = self.state.access.display_phone_number
        return self.ops(
            "phone_number_quality_update", {"display_phone_number": number, "event": event, "current_limit": limit}
        )

    def status(
        self, wamid: str, name: str, code: int = 0, *, details: str = "", opaque: str | None = None, to: str = "62800"
    ) -> Item:
        """A status of any message: one that was sent from here, or, with an id of its own, by another app."""
        state = self.state
        sending = state.sent.get(wamid) or Sending(wamid, to, "text", "", None, is_free=True)
        told = status_of(state, sending, name, code, details)
        if opaque is not None:
            told["biz_opaque_callback_data"] = opaque
        return state.items.add("status", wamid, sending.phone.key if sending.phone else to, told)

    def foreign(self, text: str = "halo", number: str = "6289900000001") -> Item:
        """A message to another number of the same account: nothing for whoever serves ours."""
        state = self.state
        told: Json = {"from": number, "id": state.wamid(), "timestamp": str(state.clock.date()), "type": "text"}
        contact = {"profile": {"name": "Orang Lain"}, "wa_id": number}
        item = state.items.add("message", told["id"], number, told | {"text": {"body": text}}, contact)
        item.phone_number_id = FOREIGN
        return item
