"""Deliveries made by hand, and what becomes of them: in the database, and as the metrics say it."""

from typing import Any

import aiohttp

from bot import clock
from bot.ports import Tx
from tests.whatsapp.double import ACCESS
from tests.whatsapp.double.wire import escaped
from tests.whatsapp.street import AGENT, Street


def stored(tx: Tx) -> int:
    found: int = tx._connection.execute("SELECT COUNT(*) FROM inbox").fetchone()[0]  # type: ignore[attr-defined]
    return found


def alerts(tx: Tx) -> int:
    return tx.one(int, "alert_count", start=0, end=2**62) or 0


def message(text: object = "saldo", *, number: str = "wamid.A", at: int | None = None, **fields: Any) -> dict[str, Any]:
    said = {"from": AGENT, "id": number, "timestamp": str(at or clock.now() // 1000), "type": "text"}
    return said | {"text": {"body": text}} | fields


def delivery(*messages: Any, **fields: Any) -> bytes:
    metadata = {"display_phone_number": ACCESS.display_phone_number, "phone_number_id": ACCESS.phone_number_id}
    value = {"messaging_product": "whatsapp", "metadata": metadata, "messages": list(messages)} | fields
    entry = {"id": ACCESS.account_id, "changes": [{"field": "messages", "value": value}]}
    return escaped({"object": "whatsapp_business_account", "entry": [entry]})


async def counted(town: Street, sort: str) -> float:
    """As the metrics say it."""
    async with aiohttp.ClientSession() as session, session.get(f"{town.address}/metrics") as response:
        lines = (await response.text()).splitlines()
    wanted = f'setrum_whatsapp_items_total{{as="{sort}"}} '
    return float(next((line.removeprefix(wanted) for line in lines if line.startswith(wanted)), 0))
