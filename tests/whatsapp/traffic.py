"""What passes between the shop and the platform: deliveries made by hand, calls that were made, copies of a token.

And what is counted of all that, in the database and as the metrics say it.
"""

import asyncio
from typing import Any

import aiohttp

from bot import clock
from bot.domain.message import Message, MeterNumber, Text, TokenDigits, Value
from bot.messaging import outbox
from bot.messaging.outbox import Class
from bot.ports import Tx
from bot.services import people
from tests.talk import METER, has_token
from tests.whatsapp.double import ACCESS, Call, Kind, Person
from tests.whatsapp.double.wire import escaped
from tests.whatsapp.street import AGENT, Street

HEAD = "KIRIM ULANG · T10001"


def stored(tx: Tx) -> int:
    found: int = tx._connection.execute("SELECT COUNT(*) FROM inbox").fetchone()[0]  # type: ignore[attr-defined]
    return found


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


def copies(person: Person) -> list[bool]:
    """The messages with a token: whether each is headed as a repeat."""
    return [one.text.lstrip("*").startswith("KIRIM") for one in person.screen if has_token(one)]


def sends(town: Street, person: Person) -> list[Call]:
    """The calls that were made to send to somebody, whatever came of them."""
    kinds = {"text", "button", "list", "template", "image", "document"}
    return [one for one in town.api.calls if one.kind in kinds and one.person == person.key]


async def fired(town: Street, kind: Kind, times: int = 1) -> None:
    """Until the fault has met so many calls."""
    async with asyncio.timeout(5):
        while town.api.fired.get(kind, 0) < times:
            await town.api.state.heard.future()


def token_message(sale: str = "T10001") -> Message:
    """A token as a purchase says it."""
    facts: dict[str, Value] = {"meter": MeterNumber(METER), "kwh": "34,6", "sale": sale, "time": "14.02"}
    return Message(Text("token.only", {"token": TokenDigits("77182105922476636094")} | facts))


async def queue(
    town: Street, person: Person, message: Message, message_class: Class, sale: int | None = None, cause: str = ""
) -> int:
    """Queue a message to somebody who has written before; the number of its row."""

    def unit(tx: Tx) -> int:
        now, name = town.setrum.now(), cause or f"test:{person.number}"
        chat = people.conversation(tx, "whatsapp", str(person.number), "id", now)
        outbox.put(tx, chat.id, message, now, cause=name, message_class=message_class, purchase_id=sale)
        found: int = tx._connection.execute("SELECT id FROM outbox WHERE cause = ?", (name,)).fetchone()[0]  # type: ignore[attr-defined]
        return found

    return await town.store.write(unit)


async def row(town: Street, number: int, what: str = "state") -> tuple[Any, ...]:
    """What stands in an outbox row."""

    def unit(tx: Tx) -> tuple[Any, ...]:
        query = f"SELECT {what} FROM outbox WHERE id = ?"  # noqa: S608  # columns of the test's own
        found: tuple[Any, ...] = tx._connection.execute(query, (number,)).fetchone()  # type: ignore[attr-defined]
        return found

    return await town.read(unit)


async def told(town: Street, number: int) -> str:
    """What kinds of alerts there are about a row."""

    def unit(tx: Tx) -> str:
        query = "SELECT kind FROM alert WHERE detail LIKE ? ORDER BY id"
        found = tx._connection.execute(query, (f"message {number} %",)).fetchall()  # type: ignore[attr-defined]
        return " ".join(kind for (kind,) in found)

    return await town.read(unit)
