"""Nothing secret and nothing personal in what the process prints: dialogues and troubles at DEBUG, then searched."""

import asyncio
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bot import app, clock
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.sandbox import Sandbox, SandboxConfig
from bot.services import people
from tests.double.clock import PATIENCE
from tests.e2e.test_commands import PLAIN
from tests.telegram.double import BotApi, Clock, Kind, Person
from tests.telegram.street import AGENT, OWNER, SECRET, STRANGER, free_port
from tests.telegram.talk import LINK, METER, bought, card, digits, pay_label, says, taps

SUPPLIER_SECRET, AGENTS_NAME, TYPED = "rahasia-pemasok", "Kios Mawar Jaya", "kata sandi saya tomat"
QUICK = {"WAIT_RESEND": "0.05", "WAIT_RESEND_PROMPT": "0.05", "WAIT_NOT_SENT": "0.05", "WAIT_INTAKE": "0.05"}
QUICK |= {"WAIT_TELEGRAM_CHAT": "0", "WAIT_TELEGRAM_ALL": "0", "WAIT_RIVAL": "0.1", "WAIT_SHUT": "0.1"}
QUICK |= {"WAIT_WEBHOOK": "0.2", "WAIT_MENUS": "0.05", "WAIT_JANITOR": "0.05", "WAIT_ADVICE": "0.1,0.2"}


@dataclass
class Served:
    """A shop in a process of its own, and what must not be found in its output."""

    api: BotApi
    sandbox: Sandbox
    printed: list[str]
    secrets: dict[str, str] = field(default_factory=dict)

    def person(self, number: int, name: str = "Rahayu Wulandari") -> Person:
        return self.api.persons.get(number) or self.api.person(number, name, "id", f"nama_samaran_{number}")


@asynccontextmanager
async def served(folder: Path, mode: str, level: str) -> AsyncIterator[Served]:
    shop = Shop(owners=(("telegram", str(OWNER)),))
    async with app.opened(folder / "setrum.db", shop) as store:
        await store.write(_furnish, shop)
    config = SandboxConfig(cid="uji", secret=SUPPLIER_SECRET, ledger=folder / "supplier.db", clock=clock.now)
    sandbox, port = Sandbox(config), free_port()
    url = await sandbox.start()
    async with BotApi(clock=Clock(factor=20)) as api:
        api.state.pace.off()
        environment = PLAIN | QUICK | {
            "DATABASE_URL": f"sqlite:///{folder / 'setrum.db'}", "VSI_URL": url, "VSI_CID": "uji",
            "VSI_SECRET": SUPPLIER_SECRET, "TELEGRAM_TOKEN": api.token, "TELEGRAM_API_URL": api.url,
            "TELEGRAM_MODE": mode, "TELEGRAM_SECRET": SECRET, "PUBLIC_URL": f"http://127.0.0.1:{port}",
            "PORT": str(port), "OWNERS": f"telegram:{OWNER}", "LOG_LEVEL": level,
        }  # fmt: skip
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bot", "serve", cwd=folder, env=environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert process.stdout is not None
        printed: list[str] = []
        try:
            while "Setrum works" not in (line := (await process.stdout.readline()).decode()):
                printed.append(line)
                assert line, printed
            reading = asyncio.create_task(_read(process.stdout, printed))
            yield Served(api, sandbox, printed)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(PATIENCE):
                assert await process.wait() == 0
                await reading
        finally:
            if process.returncode is None:
                process.kill()
            await sandbox.stop()


async def _read(stream: asyncio.StreamReader, printed: list[str]) -> None:
    printed.extend([line.decode() async for line in stream])


def _furnish(tx: Tx, shop: Shop) -> None:
    agent = people.add_agent(tx, AGENTS_NAME, ("telegram", str(AGENT)), shop, clock.now())
    people.top_up(tx, agent, 900_000, "uji", "test", shop, clock.now())
    people.top_up_supplier(tx, 10_000_000, "uji", "test", clock.now())


async def test_at_debug_whole_dialogues_and_troubles_tell_nothing_secret_or_personal(tmp_path: Path, mode: str) -> None:
    async with served(tmp_path, mode, "DEBUG") as shop:
        await dialogues(shop)
        await troubles(shop)
    text = "".join(shop.printed)
    assert len(shop.printed) > 20, "a silent process proves nothing"
    assert "supplier asked" in text
    assert "Traceback" not in text
    found = {what for what, secret in shop.secrets.items() if secret.casefold() in text.casefold()}
    assert found == set()
    bare = re.sub(r"(?<=\d)[ .\-](?=\d)", "", text)
    numbers = {what: re.sub(r"\D", "", secret) for what, secret in shop.secrets.items()}
    assert {what for what, number in numbers.items() if len(number) >= 10 and number in bare} == set()
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
