"""How items are put into one document: entries, changes and values, as few or as many as chance makes of them."""

import copy
from typing import Any

from tests.double.faults import Kind, Mail
from tests.whatsapp.double.items import Item
from tests.whatsapp.double.state import State
from tests.whatsapp.double.wire import Json

FOREIGN = "209999999999999"  # another number of the same account


def document(state: State, items: list[Item]) -> Json:
    """One post's content; a single item stands alone, several share what chance lets them share."""
    entries: list[Json] = []
    for item in items:
        value = _value(state, item)
        change = {"value": value, "field": "messages"} if item.kind != "ops" else copy.deepcopy(item.payload)
        last = entries[-1]["changes"][-1] if entries else None
        if last is not None and _fits(last, change) and state.chance.random() < 0.6:
            _join(last["value"], value)
        elif entries and state.chance.random() < 0.5:
            entries[-1]["changes"].append(change)
        else:
            entries.append({"id": state.access.account_id, "changes": [change]})
    for entry in entries:
        if any(change["field"] != "messages" for change in entry["changes"]):
            entry["time"] = state.clock.date()
    return {"object": "whatsapp_business_account", "entry": entries}


def _value(state: State, item: Item) -> Json:
    value: Json = {
        "messaging_product": "whatsapp",
        "metadata": {
            "display_phone_number": state.access.display_phone_number, "phone_number_id": item.phone_number_id,
        },
    }  # fmt: skip
    if item.contact is not None:
        value["contacts"] = [copy.deepcopy(item.contact)]
    if item.kind != "ops":
        value["messages" if item.kind == "message" else "statuses"] = [copy.deepcopy(item.payload)]
    return value


def _fits(last: Json, change: Json) -> bool:
    """Whether both are about the same number's messages."""
    ids = {one["value"].get("metadata", {}).get("phone_number_id") for one in (last, change)}
    return last["field"] == change["field"] == "messages" and len(ids) == 1 and "errors" not in change["value"]


def _join(value: Json, other: Json) -> None:
    for name in ("contacts", "messages", "statuses"):
        for one in other.get(name, []):
            if name != "contacts" or one not in value.get(name, []):
                value.setdefault(name, []).append(one)


def spoilt(state: State, items: list[Item], kind: Kind | Mail) -> Json:
    """The document under a fault that changes what is in it."""
    made = document(state, items)
    match kind:
        case Mail.FOREIGN:
            made["entry"].insert(0, _foreign(state, items[0]))
        case Mail.STRANGE:
            _sprinkle(made)
            made["entry"].append(
                {"id": state.access.account_id, "changes": [{"field": "dreams", "value": {"event": "DREAMT"}}]}
            )
        case Mail.NAMELESS:
            for value in (change["value"] for entry in made["entry"] for change in entry["changes"]):
                for contact in value.get("contacts", []):
                    contact.pop(state.chance.choice(("wa_id", "user_id")), None)
    return made


def _foreign(state: State, item: Item) -> Json:
    """The same for another number of the account: nothing for whoever serves ours."""
    made = document(state, [item])["entry"][0]
    for change in made["changes"]:
        change["value"].setdefault("metadata", {})["phone_number_id"] = FOREIGN
        for name in ("messages", "statuses"):
            for one in change["value"].get(name, []):
                one["id"] = state.wamid()
    return dict(made)


def _sprinkle(value: Any) -> None:
    """An unknown field in every object."""
    if isinstance(value, dict):
        for one in list(value.values()):
            _sprinkle(one)
        value["x_new"] = {"since": "v99.0", "list": [None, 1, "é/"]}
    elif isinstance(value, list):
        for one in value:
            _sprinkle(one)
