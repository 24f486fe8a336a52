"""What every peer's bot shares: the supplier through the client that Setrum uses, a purse in memory, the words.

The bots differ in nothing but their library. No state of a talk is kept here.
"""

import asyncio
import os
from asyncio import Semaphore
from collections import defaultdict
from dataclasses import dataclass

from bot import clock, ids
from bot.domain.supply import Inquire, Inquiry, Pay
from bot.vsi.client import VsiAccess, VsiClient, Waits

AMOUNTS = (20, 50, 100, 200, 500, 1000)
ASK_METER = "Ketik nomor meter (11 angka) atau IDPEL (12 angka)."
PROCESSING = "⏳ Mengirim ke PLN…"
FAILED = "Maaf, pembelian ini gagal."
_MARKUP = 400
_CALLS_AT_ONCE = 64
_OPENING = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Api:
    """Where the bot is told to live: the Bot API, its token, its own port and secret, a folder of its own."""

    url: str = os.environ.get("TELEGRAM_API_URL", "")
    token: str = os.environ.get("TELEGRAM_TOKEN", "")
    secret: str = os.environ.get("TELEGRAM_SECRET", "")
    port: int = int(os.environ.get("PORT", "0"))
    folder: str = os.environ.get("FOLDER", ".")
    redis_url: str = os.environ.get("REDIS_URL", "")


def loop() -> asyncio.AbstractEventLoop:
    """The event loop that was asked for, set as the current one."""
    if os.environ.get("LOOP") == "uvloop":
        import uvloop  # noqa: PLC0415

        made: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    else:
        made = asyncio.new_event_loop()
    asyncio.set_event_loop(made)
    return made


class Till:
    """Sells through the supplier; every chat is an agent with a deposit."""

    def __init__(self) -> None:
        access = VsiAccess(os.environ["VSI_URL"], os.environ["VSI_CID"], os.environ["VSI_SECRET"])
        self._client = VsiClient(access, Waits(midnight_pause=0), clock.now)
        self._calls = Semaphore(_CALLS_AT_ONCE)
        self._purse: dict[int, int] = defaultdict(lambda: _OPENING)

    async def inquire(self, number: str) -> Inquiry | None:
        """Who stands behind the number; None for what is none."""
        if not number.isdecimal() or len(number) not in (11, 12):
            return None
        async with self._calls:
            reply = await self._client.send(Inquire(ids.inquiry_trxid(), number))
        return self._client.read_inquiry(reply).inquiry

    async def pay(self, chat: int, refnum: str, thousands: int) -> str | None:
        """Take the price from the purse and buy; the token's digits, or None with the price given back."""
        price = thousands * 1000 + _MARKUP
        if self._purse[chat] < price:
            return None
        self._purse[chat] -= price
        async with self._calls:
            reply = await self._client.send(Pay(ids.payment_trxid(), thousands * 1000, refnum))
        sale = self._client.read_payment(reply).sale
        if sale is None or not sale.tokens:
            self._purse[chat] += price
            return None
        return sale.tokens[-1]

    def left(self, chat: int, thousands: int) -> int:
        """What the purse would have left."""
        return self._purse[chat] - thousands * 1000 - _MARKUP


def card(inquiry: Inquiry) -> str:
    """The customer, before the amounts."""
    power = inquiry.tariff_power
    facts = f"⚡ {inquiry.name}\nMeter {inquiry.msn} · IDPEL {inquiry.idpel}\nTarif/daya {power} VA"
    return f"{facts}\n\nNamanya cocok? Pilih nominal."


def amount_rows() -> list[list[tuple[str, str]]]:
    """The amounts three a row, and a way out: (label, data)."""
    buttons = [(f"{amount}rb", f"amount:{amount}") for amount in AMOUNTS]
    return [buttons[:3], buttons[3:], [("✖️ Batal", "cancel")]]


def quote(name: str, number: str, thousands: int, left: int) -> str:
    """The payment question."""
    price = thousands * 1000 + _MARKUP
    cost = f"Harga Rp{price:,} · sisa saldo Rp{left:,}"
    return f"💳 {name} · token Rp{thousands}.000\nMeter {number}\n{cost}\nBelum ada yang dipotong."


def pay_rows(thousands: int) -> list[list[tuple[str, str]]]:
    """The payment's buttons."""
    return [[(f"✅ Bayar Rp{thousands * 1000 + _MARKUP:,}", "pay")], [("✖️ Batal", "cancel")]]


def token(digits: str, number: str) -> str:
    """The token as HTML, to be copied."""
    grouped = " ".join(digits[start : start + 4] for start in range(0, 20, 4))
    return f"<code>{grouped}</code>\nMeter {number}"
