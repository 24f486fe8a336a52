"""The table of what may be typed, as the design has it: each row through the reader of each channel and the engine.

A row is what somebody types and the keys of what he then reads, as an agent and as a customer. Before each row nothing
is asked, but for the rows that begin at a question.
"""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.channels.telegram import Access as TelegramAccess
from bot.channels.telegram import Telegram
from bot.channels.telegram import reading as telegram
from bot.channels.whatsapp import Access as WhatsAppAccess
from bot.channels.whatsapp import Templates, WhatsApp
from bot.channels.whatsapp import reading as whatsapp
from bot.clock import SECOND
from bot.ports import Tx
from bot.services import people
from tests.world import SHOP, Phone, World, world

METER, REGULAR = "54123456789", "54123456700"
CARD, AMOUNTS, WHERE = ["buy.pay"], ["buy.customer"], ["start.buy_at"]

# input, what an agent reads, what a customer reads
ROWS: list[tuple[str, list[str], list[str]]] = [
    (f"{METER} 50", CARD, WHERE),
    (f"50 {METER}", CARD, WHERE),
    (f"{METER} 50rb", CARD, WHERE),
    (f"{METER} 50k", CARD, WHERE),
    (f"{METER} 50.000", CARD, WHERE),
    (f"{METER} Rp50.000", CARD, WHERE),
    (f"{METER} 1jt", CARD, WHERE),
    (f"{METER} 1000", CARD, WHERE),
    (f"{METER}  50", CARD, WHERE),
    ("５４１２３４５６７８９ ５０", CARD, WHERE),
    (f"PLN50.{METER}", CARD, WHERE),
    (f"50.{METER}.1234", CARD, WHERE),
    (f"{METER}*50", CARD, WHERE),
    (f"PLN {METER} 50", CARD, WHERE),
    (f"PLN#2 {METER} 50", CARD, WHERE),
    (f"50.2.{METER}.1234", CARD, WHERE),
    (f"50.{METER}.1234.081234567890", CARD, WHERE),
    ("tolong isi 50 ribu no 5412-3456-789", CARD, WHERE),
    (f"{METER} 50#2", CARD, WHERE),
    (f"beli {METER} 50", CARD, WHERE),
    (f"{METER}\n50", CARD, WHERE),
    (f"selamat pagi\n{METER} 50", CARD, WHERE),
    (f"{METER} 50\n{REGULAR} 20", ["batch.card"], ["num.which"]),
    (f"budi 50\nkata lain\n20 {REGULAR}", ["batch.card"], ["rec.proof"]),
    (f"{METER}\n{REGULAR}", ["num.which"], ["num.which"]),
    (f"{METER} 7", ["err.amount"], WHERE),
    (METER, AMOUNTS, ["rec.proof"]),
    ("5412 3456 789", AMOUNTS, ["rec.proof"]),
    ("531234567890", AMOUNTS, ["rec.proof"]),
    (f"beli {METER}", AMOUNTS, WHERE),
    ("beli", ["buy.meter"], WHERE),
    ("budi 100", CARD, ["in.customer"]),
    ("100 budi", CARD, ["in.customer"]),
    ("budi", AMOUNTS, ["in.customer"]),
    ("budi 20#2", CARD, ["in.customer"]),
    ("2593 0960 8106 1072 1376", ["token.unknown"], ["token.typed"]),
    ("5412345678901", ["num.registration"], ["num.registration"]),
    ("541234567", ["num.length"], ["num.length"]),
    ("081234567890", AMOUNTS, ["rec.proof"]),
    (f"{METER} atau {REGULAR} 50rb", ["num.which"], ["num.which"]),
    ("ya", ["in.unknown"], ["in.customer"]),
    ("batal", ["start.agent"], ["start.customer"]),
    ("0", ["in.unknown"], ["in.customer"]),
    ("bayar", ["pay.none"], ["start.customer"]),
    ("50", ["in.unknown"], ["in.customer"]),
    ("T10001", ["pay.done"], ["start.customer"]),
    ("T99999", ["hist.none"], ["start.customer"]),
    ("T10001 081234567890", ["rec.phone"], ["start.customer"]),
    ("menu", ["start.agent"], ["start.customer"]),
    ("/start", ["start.agent"], ["start.customer"]),
    ("bantuan", ["help.agent"], ["help.customer"]),
    ("?", ["help.agent"], ["help.customer"]),
    ("bahasa", ["lang.ask"], ["lang.ask"]),
    ("S", ["bal.card"], ["start.customer"]),
    ("CEK.SALDO", ["bal.card"], ["start.customer"]),
    ("HRG", ["price.list"], WHERE),
    ("fav", ["fav.list"], ["start.customer"]),
    ("token hilang", ["start.agent"], ["rec.meter"]),
    ("klaim", ["rec.code"], ["rec.code"]),
    ("halo kak", ["start.agent"], ["start.customer"]),
    ("jam berapa", ["in.unknown"], ["in.customer"]),
]  # fmt: skip

# said one after another by an agent, and what is read last
TALKS: list[tuple[tuple[str, ...], str]] = [
    ((METER, "ya"), "buy.denomination"),
    ((METER, "50"), "buy.pay"),
    ((METER, "1"), "pay.again"),  # the first row of the list, 20rb, as was sold today
    ((METER, "1000"), "buy.pay"),  # an amount wins over a row: 1jt
    ((METER, "9"), "err.amount"),
    ((METER, "2", "ya"), "pay.word"),
    ((METER, "2", "1"), "pay.word"),
    ((METER, "2", "ok"), "pay.word"),
    ((METER, "2", "apa ini"), "pay.word"),
    ((METER, "2", "✏️ Ganti nominal"), "buy.denomination"),
    ((METER, "2", "2"), "buy.denomination"),  # the second option
    ((METER, "2", "0"), "buy.cancelled"),
    ((METER, "2", "tidak"), "buy.cancelled"),
    ((METER, "2", "saldo"), "buy.pay"),  # answered, and the card again
    ((METER, "2", "budi 20"), "pay.again"),
    ((f"{METER} 50\n{REGULAR} 50", "ya"), "pay.word"),
    ((f"{METER} 50\n{REGULAR} 50", "batal"), "buy.cancelled"),
    ((f"{METER} 500\n{REGULAR} 50", "bayar"), "batch.result"),
    ((f"{METER} 50", "bayar"), "pay.done"),
    ((f"{METER} 100", "pay"), "pay.done"),
    (("beli", "541234567"), "num.length"),
    (("beli", "apa"), "buy.meter"),
    (("beli", "1"), "buy.customer"),  # the latest customer
]

AGENT, CUSTOMER = {"telegram": "22", "whatsapp": "6281200000022"}, {"telegram": "33", "whatsapp": "6281200000033"}


class Reading(Phone):
    """A phone whose words come in as its platform brings them."""

    def __init__(self, platform: str) -> None:
        super().__init__(name=platform)
        self.parse = {"telegram": telegram.parse, "whatsapp": whatsapp.parse}[platform]


@dataclass
class Talk:
    """A shop on one platform, with an agent who sold to Budi, and somebody else."""

    shop: World
    platform: str
    door: Telegram | WhatsApp
    count: int = 0

    async def keys(self, text: str, whose: dict[str, str]) -> list[str]:
        """What is read after a message that the platform delivers."""
        self.count += 1
        chat, phone = whose[self.platform], self.shop.phone
        self.shop.clock.forward(2 * SECOND)
        await self.door.ingest(json.dumps(self._delivery(chat, text, self.shop.clock() // SECOND)).encode())
        before = len(phone.read)
        await self.shop.setrum.drain()
        keys = [said.key for said in phone.read[before:]]
        return [key for key in keys if key != "pin.visible"]  # said once a chat where nothing can be taken back

    def _delivery(self, chat: str, text: str, seconds: int) -> dict[str, Any]:
        if self.platform == "telegram":
            whose = {"chat": {"id": int(chat), "type": "private"}, "from": {"id": int(chat), "language_code": "id"}}
            message = {"message_id": self.count, "date": seconds, "text": text}
            return {"update_id": self.count, "message": message | whose}
        message = {"from": chat, "id": f"wamid.{self.count}", "timestamp": str(seconds), "type": "text"}
        value = {"metadata": {"phone_number_id": "1"}, "messages": [message | {"text": {"body": text}}]}
        return {"entry": [{"id": "1", "changes": [{"field": "messages", "value": value}]}]}


@pytest.fixture(params=["telegram", "whatsapp"])
async def talk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Talk]:
    platform = request.param
    async with world(tmp_path, phone=Reading(platform)) as shop:
        door: Telegram | WhatsApp = Telegram(TelegramAccess("1:x", "http://127.0.0.1:1"), shop.store, SHOP, shop.clock)
        if platform == "whatsapp":
            access = WhatsAppAccess("x", "1", "x", "x", "http://127.0.0.1:1", "v21.0")
            door = WhatsApp(access, Templates(), shop.store, SHOP, shop.clock)

        def furnish(tx: Tx) -> None:
            agent = people.add_agent(tx, "Ani", (platform, AGENT[platform]), SHOP, shop.clock())
            people.top_up(tx, agent, 3_000_000, "ani", "test", SHOP, shop.clock())

        await shop.store.write(furnish)
        made = Talk(shop, platform, door)
        await made.keys(f"{METER} 20", AGENT)
        assert "token.only" in await made.keys("bayar", AGENT)
        assert await made.keys("fav T10001 budi", AGENT) == ["fav.saved"]
        yield made


async def test_every_form_means_to_an_agent_what_the_design_says(talk: Talk) -> None:
    read = {}
    for text, _, _ in ROWS:
        read[text] = await talk.keys(text, AGENT)
        await talk.keys("batal", AGENT)
    assert read == {text: keys for text, keys, _ in ROWS}
    assert len(talk.shop.sandbox.sales()) == 1  # nothing of it pays


async def test_every_form_means_to_a_customer_what_the_design_says(talk: Talk) -> None:
    read = {}
    for text, _, _ in ROWS:
        read[text] = await talk.keys(text, CUSTOMER)
        await talk.keys("batal", CUSTOMER)
    assert read == {text: keys for text, _, keys in ROWS}


async def test_every_answer_to_a_question_means_what_the_design_says(talk: Talk) -> None:
    read = {}
    for texts, _ in TALKS:
        for text in texts:
            read[texts] = (await talk.keys(text, AGENT))[-1]
        await talk.keys("batal", AGENT)
    assert read == dict(TALKS)
