"""Nothing secret and nothing personal in what the process prints: dialogues and troubles at DEBUG, then searched."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests import served
from tests.labels import photo
from tests.served import AGENTS_NAME, SUPPLIER_SECRET, TYPED
from tests.street import free_port
from tests.talk import FOR_CUSTOMER, METER, RECEIPT, bought, card, digits, is_done, pay_label, says, taps
from tests.whatsapp.double import ACCESS, Clock, CloudApi, Kind, Mail, Person
from tests.whatsapp.street import AGENT, OWNER, STRANGER
from tests.whatsapp.traffic import delivery, message

NAME = "Rahayu Wulandari"
QUICK = {"WAIT_WHATSAPP_CHAT": "0", "WAIT_WHATSAPP_ALL": "0", "WAIT_WHATSAPP_PAIR": "0.05", "WAIT_HELD": "0.1"}
QUICK |= {"WAIT_STATUS": "0.05", "WAIT_WHATSAPP_CROWD": "0.05", "WAIT_WHATSAPP_TYPING": "0.2"}
UNCLEAR = (Kind.RESET, Kind.HTML_502, Kind.REDIRECT, Kind.DROP_APPLIED, Kind.OK_WITHOUT_WAMID, Kind.TRUNCATED)
CODES = (0, 190, 100, 131008, 131009, 131016, 131021, 131026, 131042, 131047, 131048, 131053, 131056, 130429, 132001)


@dataclass
class Served(served.Served):
    """With its platform, and where that posts to."""

    api: CloudApi
    address: str

    def person(self, number: str) -> Person:
        made = self.api.person(number, NAME, user_id=f"ID.{number[::-1]}", username="nama_samaran")
        self.secrets |= {f"number {number}": number, f"id {number}": str(made.user_id)}
        return made


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Served]:
    port = free_port()
    async with CloudApi(clock=Clock(factor=20)) as api:
        api.pace.off()
        settings = QUICK | {
            "WHATSAPP_TOKEN": ACCESS.token, "WHATSAPP_API_URL": api.url, "WHATSAPP_APP_SECRET": ACCESS.app_secret,
            "WHATSAPP_PHONE_NUMBER_ID": ACCESS.phone_number_id, "WHATSAPP_VERIFY_TOKEN": ACCESS.verify_token,
        }  # fmt: skip
        async with served.served(folder, ("whatsapp", OWNER), ("whatsapp", AGENT), port, settings) as shop:
            address = f"http://127.0.0.1:{port}"
            api.deliver_to(f"{address}/whatsapp")
            yield Served(shop.sandbox, shop.printed, shop.secrets, api, address)


async def test_at_debug_whole_dialogues_and_troubles_tell_nothing_secret_or_personal(tmp_path: Path) -> None:
    async with serving(tmp_path) as shop:
        await dialogues(shop)
        await troubles(shop)
        await strangers_at_the_door(shop)
    text = shop.discreet()
    for line in ("supplier asked", "would not take a message", "refuses our access", "not the platform's", "account"):
        assert line in text
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
    for what, kind in (("media", Kind.ERROR), ("download", Kind.REDIRECT), ("media", Kind.UNAUTHORIZED)):
        api.fault(what, kind, code=131052, details=quoted)
        mark = agent.mark()
        agent.send_photo("", photo(METER))
        await agent.sees("tidak bisa saya buka", after=mark)
    mark = agent.mark()
    agent.send_photo("20", photo(METER))
    await agent.sees("💳", after=mark)
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
