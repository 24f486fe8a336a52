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
from typing import Any

import aiohttp

from bot import app, clock
from bot.domain.rules import Shop
from bot.ports import Tx
from bot.sandbox import Sandbox, SandboxConfig
from bot.services import people
from tests.e2e.test_commands import PLAIN
from tests.street import free_port
from tests.talk import FOR_CUSTOMER, METER, RECEIPT, bought, card, digits, is_done, pay_label, says, taps
from tests.telegram.test_logs import AGENTS_NAME, QUICK, SUPPLIER_SECRET, TYPED
from tests.whatsapp.double import ACCESS, Clock, CloudApi, Kind, Mail, Person
from tests.whatsapp.street import AGENT, OWNER, STRANGER
from tests.whatsapp.traffic import delivery, message

NAME = "Rahayu Wulandari"
PACE = {"WAIT_WHATSAPP_CHAT": "0", "WAIT_WHATSAPP_ALL": "0", "WAIT_WHATSAPP_PAIR": "0.05", "WAIT_HELD": "0.1"}
PACE |= {"WAIT_STATUS": "0.05", "WAIT_WHATSAPP_CROWD": "0.05", "WAIT_WHATSAPP_TYPING": "0.2"}
UNCLEAR = (Kind.RESET, Kind.HTML_502, Kind.REDIRECT, Kind.DROP_APPLIED, Kind.OK_WITHOUT_WAMID, Kind.TRUNCATED)
CODES = (0, 190, 100, 131008, 131009, 131016, 131021, 131026, 131042, 131047, 131048, 131053, 131056, 130429, 132001)


@dataclass
class Served:
    """A shop in a process of its own, and what must not be found in its output."""

    api: CloudApi
    sandbox: Sandbox
    address: str
    printed: list[str]
    secrets: dict[str, str] = field(default_factory=dict)

    def person(self, number: str) -> Person:
        made = self.api.person(number, NAME, user_id=f"ID.{number[::-1]}", username="nama_samaran")
        self.secrets |= {f"number {number}": number, f"id {number}": str(made.user_id)}
        return made


@asynccontextmanager
async def served(folder: Path, level: str) -> AsyncIterator[Served]:
    shop = Shop(owners=(("whatsapp", OWNER),))
    async with app.opened(folder / "setrum.db", shop) as store:
        await store.write(_furnish, shop)
    config = SandboxConfig(cid="uji", secret=SUPPLIER_SECRET, ledger=folder / "supplier.db", clock=clock.now)
    sandbox, port = Sandbox(config), free_port()
    url = await sandbox.start()
    async with CloudApi(clock=Clock(factor=20)) as api:
        api.pace.off()
        environment = PLAIN | QUICK | PACE | {
            "DATABASE_URL": f"sqlite:///{folder / 'setrum.db'}", "VSI_URL": url, "VSI_CID": "uji",
            "VSI_SECRET": SUPPLIER_SECRET, "WHATSAPP_TOKEN": ACCESS.token, "WHATSAPP_API_URL": api.url,
            "WHATSAPP_PHONE_NUMBER_ID": ACCESS.phone_number_id, "WHATSAPP_APP_SECRET": ACCESS.app_secret,
            "WHATSAPP_VERIFY_TOKEN": ACCESS.verify_token, "PORT": str(port), "OWNERS": f"whatsapp:{OWNER}",
            "LOG_LEVEL": level,
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
            api.deliver_to(f"http://127.0.0.1:{port}/whatsapp")
            yield Served(api, sandbox, f"http://127.0.0.1:{port}", printed)
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(20):
                assert await process.wait() == 0
                await reading
        finally:
            if process.returncode is None:
                process.kill()
            await sandbox.stop()


async def _read(stream: asyncio.StreamReader, printed: list[str]) -> None:
    printed.extend([line.decode() async for line in stream])


def _furnish(tx: Tx, shop: Shop) -> None:
    agent = people.add_agent(tx, AGENTS_NAME, ("whatsapp", AGENT), shop, clock.now())
    people.top_up(tx, agent, 2_000_000, "uji", "test", shop, clock.now())
    people.top_up_supplier(tx, 10_000_000, "uji", "test", clock.now())


async def test_at_debug_whole_dialogues_and_troubles_tell_nothing_secret_or_personal(tmp_path: Path) -> None:
    async with served(tmp_path, "DEBUG") as shop:
        await dialogues(shop)
        await troubles(shop)
        await strangers_at_the_door(shop)
    text = "".join(shop.printed)
    assert len(shop.printed) > 20, "a silent process proves nothing"
    for line in ("supplier asked", "would not take a message", "refuses our access", "not the platform's", "account"):
        assert line in text
    assert "Traceback" not in text
    found = {what for what, secret in shop.secrets.items() if secret.casefold() in text.casefold()}
    assert found == set()
    bare = re.sub(r"(?<=\d)[ .\-](?=\d)", "", text)
    numbers = {what: re.sub(r"\D", "", secret) for what, secret in shop.secrets.items()}
    assert {what for what, number in numbers.items() if len(number) >= 10 and number in bare} == set()
    assert re.search(r"EAA[A-Za-z0-9]{10,}|wamid\.", text) is None


async def dialogues(shop: Served) -> None:
    agent, owner, stranger, other = (shop.person(one) for one in (AGENT, OWNER, STRANGER, "628770000077"))
    token, done = await bought(agent)
    await taps(agent, RECEIPT["id"], lambda one: one.kind == "document", done)
    await says(agent, "token T10001", "KIRIM ULANG")
    await says(agent, TYPED, "Saya belum paham")
    agent.contact()
    await agent.sees("Saya baru bisa membaca teks")
    await bought(agent, "11111111102 20")
    invited = await says(owner, "agen baru Toko Melati", "AGEN ")
    code = re.search(r"AGEN ([0-9A-Z]{10})\b", invited.text)
    assert code is not None
    await says(stranger, f"AGEN {code[1]}", "Toko Melati")
    copy = await taps(agent, FOR_CUSTOMER["id"], "Token listrik", done)
    claim = re.search(r"KLAIM(?: |%20)([0-9A-Z]{10})", copy.text)
    assert claim is not None
    await says(other, f"KLAIM {claim[1]}", digits(token)[:4])
    await says(other, "KLAIM AAAAAAAAAA", "Belum ada token yang cocok")
    stranger.change_number("628770000088")
    await says(stranger, "menu", "")
    sold = shop.sandbox.sales()
    shop.secrets |= {f"token {number}": one.tokens[0] for number, one in enumerate(sold)}
    shop.secrets |= {"access": ACCESS.token, "app": ACCESS.app_secret, "verify": ACCESS.verify_token}
    shop.secrets |= {"supplier": SUPPLIER_SECRET, "meter": METER, "idpel": sold[0].idpel, "payref": sold[0].payref}
    shop.secrets |= {"customer": "BUDI SANTOSA", "agent": AGENTS_NAME, "new agent": "Toko Melati", "typed": TYPED}
    shop.secrets |= {"invitation": code[1], "claim": claim[1], "name": NAME, "user name": "nama_samaran"}
    shop.secrets |= {"new number": "628770000088", "number": ACCESS.display_phone_number}


async def troubles(shop: Served) -> None:
    """Everything that is worth a line in the log, with secrets in whatever could be quoted."""
    agent, api = shop.person(AGENT), shop.api
    quoted = f"{shop.sandbox.sales()[0].tokens[0]} {METER} +{AGENT[:2]} {AGENT[2:5]}-{AGENT[5:]}"
    for number, kind in enumerate(UNCLEAR):
        payment = await card(agent, f"5412345{number:04d} 20")
        api.fault("send", kind, person=agent)
        api.fault("read", kind)
        await taps(agent, pay_label(payment), is_done, payment)
    for number, code in enumerate(CODES):
        api.fault("send", Kind.ERROR, person=agent, code=code, details=quoted)
        agent.say("token T10001")
        await says(agent, f"token T1000{1 + number % 2}", "KIRIM ULANG")
        api.statuses.fail(agent, code, details=quoted)
        agent.say("saldo")
        await says(agent, "harga", "Harga")
    for mail in (Mail.FORGED, Mail.UNSIGNED, Mail.STRANGE, Mail.NAMELESS, Mail.FOREIGN):
        api.fault("message", mail)
        await says(agent, "saldo", "Saldo")
    for item in (message(7), message(None, number="wamid.B"), {"from": AGENT, "text": {"body": TYPED}}, quoted):
        assert await api.post(delivery(item)) == 200
    assert await api.post(json.dumps({"entry": quoted}).encode()) == 200
    assert await api.post(b'{"entry": "' + quoted.encode()) == 200
    api.account_error(131031, quoted)
    api.account_update("ACCOUNT_RESTRICTION", restriction_info=[{"remediation": quoted}], phone_number=AGENT)
    api.template_event("token_siap", "id", "PAUSED", quoted)
    await api.idle()
    async with api.down():
        agent.say("saldo")
    await says(agent, "harga", "Harga")


async def strangers_at_the_door(shop: Served) -> None:
    """Who knows a secret, or half of one, and writes it where it could be quoted."""
    query: dict[str, Any] = {"hub.mode": "subscribe", "hub.verify_token": ACCESS.verify_token + "x"}
    raw = delivery(message())
    async with aiohttp.ClientSession() as session:
        for given in (query, query | {"hub.mode": ACCESS.verify_token, "hub.verify_token": ACCESS.app_secret}):
            async with session.get(f"{shop.address}/whatsapp", params=given) as response:
                assert response.status == 403
        for header in (f"sha256={ACCESS.app_secret}", ACCESS.token):
            headers = {"X-Hub-Signature-256": header}
            async with session.post(f"{shop.address}/whatsapp", data=raw, headers=headers) as response:
                assert response.status == 403
        async with session.post(f"{shop.address}/whatsapp?token={ACCESS.token}", data=raw) as response:
            assert response.status == 403
