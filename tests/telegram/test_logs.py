"""Nothing secret and nothing personal in what the process prints: dialogues and troubles at DEBUG, then searched."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import served
from tests.labels import photo
from tests.served import AGENTS_NAME, SUPPLIER_SECRET, TYPED
from tests.telegram.double import BotApi, Clock, Kind, Person
from tests.telegram.street import AGENT, OWNER, SECRET, STRANGER, free_port
from tests.telegram.talk import LINK, METER, bought, card, digits, pay_label, says, taps

QUICK = {"WAIT_TELEGRAM_CHAT": "0", "WAIT_TELEGRAM_ALL": "0", "WAIT_RIVAL": "0.1", "WAIT_WEBHOOK": "0.2"}
QUICK |= {"WAIT_MENUS": "0.05"}


@dataclass
class Served(served.Served):
    """With its platform."""

    api: BotApi

    def person(self, number: int, name: str = "Rahayu Wulandari") -> Person:
        return self.api.persons.get(number) or self.api.person(number, name, "id", f"nama_samaran_{number}")


@asynccontextmanager
async def serving(folder: Path, mode: str) -> AsyncIterator[Served]:
    port = free_port()
    async with BotApi(clock=Clock(factor=20)) as api:
        api.state.pace.off()
        settings = QUICK | {
            "TELEGRAM_TOKEN": api.token, "TELEGRAM_API_URL": api.url, "TELEGRAM_MODE": mode, "TELEGRAM_SECRET": SECRET,
            "PUBLIC_URL": f"http://127.0.0.1:{port}",
        }  # fmt: skip
        owner, agent = ("telegram", str(OWNER)), ("telegram", str(AGENT))
        async with served.served(folder, owner, agent, port, settings) as shop:
            yield Served(shop.sandbox, shop.printed, shop.secrets, api)


async def test_at_debug_whole_dialogues_and_troubles_tell_nothing_secret_or_personal(tmp_path: Path, mode: str) -> None:
    async with serving(tmp_path, mode) as shop:
        await dialogues(shop)
        await troubles(shop)
    text = shop.discreet()
    assert "supplier asked" in text
    assert re.search(r"\d{3,20}:[A-Za-z0-9_-]{30,}", text) is None


async def dialogues(shop: Served) -> None:
    agent, owner, stranger = shop.person(AGENT), shop.person(OWNER), shop.person(STRANGER)
    token, done = await bought(agent)
    await taps(agent, "🧾 Struk", lambda one: one.kind == "document", done)
    await says(agent, "token T10001", "KIRIM ULANG")
    await says(agent, TYPED, "Saya belum paham")
    agent.contact()
    await agent.sees("Saya baru bisa membaca teks")
    await bought(agent, "11111111102 20")
    await says(owner, "agen baru Toko Melati", "https://t.me/")
    link = LINK.search(owner.screen[-1].text)
    assert link is not None
    stranger.start(link[1])
    await stranger.sees("Toko Melati")
    copy = await taps(agent, "📤 Untuk pelanggan", "Token listrik", done)
    claim = re.search(r"start=c_([0-9A-Z]{10})", copy.text)
    assert claim is not None
    code = claim[1]
    other = shop.person(77)
    other.start(f"c_{code}")
    await other.sees(digits(token)[:4])
    await says(other, "AAAAAAAAAA", "Belum ada token yang cocok")
    sold = shop.sandbox.sales()
    shop.secrets |= {f"token {number}": one.tokens[0] for number, one in enumerate(sold)}
    shop.secrets |= {"bot token": shop.api.token, "its secret half": shop.api.token.partition(":")[2]}
    shop.secrets |= {"webhook": SECRET, "supplier": SUPPLIER_SECRET, "meter": METER, "idpel": sold[0].idpel}
    shop.secrets |= {"customer": "BUDI SANTOSA", "agent": AGENTS_NAME, "new agent": "Toko Melati", "typed": TYPED}
    shop.secrets |= {"invitation": link[1].removeprefix("a_"), "claim": code, "phone": agent.phone, "name": agent.name}
    shop.secrets |= {"user name": "nama_samaran", "payref": sold[0].payref}


async def troubles(shop: Served) -> None:
    """Everything that is worth a line in the log, with secrets in whatever could be quoted."""
    agent, api = shop.person(AGENT), shop.api
    if not api.state.hook.url:
        for kind in (Kind.UNAUTHORIZED, Kind.NOT_FOUND, Kind.REDIRECT, Kind.RESET, Kind.HTML_502, Kind.TRUNCATED):
            api.fault("getUpdates", kind)
            await says(agent, "saldo", "Saldo")
            await says(agent, "harga", "Harga")
    for kind in (Kind.RESET, Kind.HTML_502, Kind.REDIRECT, Kind.DROP_APPLIED, Kind.FLOOD, Kind.NOT_FOUND):
        payment = await card(agent, f"5412345{len(shop.sandbox.sales()):04d} 20")
        api.fault("sendMessage", kind, chat=AGENT, retry_after=0)
        api.fault("answerCallbackQuery", kind, retry_after=0)
        await taps(agent, pay_label(payment), "SUKSES", payment)
    for method, kind in (("getFile", Kind.BAD), ("file", Kind.UNAUTHORIZED), ("file", Kind.REDIRECT)):
        api.fault(method, kind, words=f"wrong file {digits_of(shop)}")
        mark = agent.mark()
        agent.send_photo("", photo(METER))
        await agent.sees("tidak bisa saya buka", after=mark)
    mark = agent.mark()
    agent.send_photo("20", photo(METER))
    await agent.sees("💳", after=mark)
    for method in ("sendMessage", "getMe", "setWebhook", "getWebhookInfo"):
        api.fault(method, Kind.UNAUTHORIZED, count=2)
    await says(agent, "saldo", "Saldo")
    api.fault("sendMessage", Kind.BAD, words=f"can't parse entities: {digits_of(shop)}")
    await says(agent, "token T10001", "KIRIM ULANG")
    for payload in ({"text": TYPED, "chat": 5}, {"chat": {"id": AGENT, "type": "private"}, "text": [digits_of(shop)]}):
        api.state.updates.add("message", json.loads(json.dumps(payload)), f"chat {AGENT}", AGENT)
    async with api.down():
        agent.say("saldo")
    await says(agent, "harga", "Harga")
    await says(agent, "11111111109 20", "tunggakan")


def digits_of(shop: Served) -> str:
    return shop.sandbox.sales()[0].tokens[0]
