"""A partner of the supplier, as plain as can be: signs a request by hand, reads the answer by the standard library."""

import asyncio
import hashlib
import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import aiohttp

from bot.sandbox import Readings, Sandbox, SandboxConfig

NOON = 1_795_582_800_000  # 2026-11-25 12:00 WIB
DAY = 86_400_000
CID, SECRET = "mitra", "rahasia"
METER = "54123456789"
SAMPLES = Path(__file__).parents[1] / "vsi" / "samples"


class Time:
    """A clock that tests move. `read` is set when the server looks at it: a request has arrived."""

    def __init__(self, at: int = NOON) -> None:
        self.at = at
        self.read = asyncio.Event()

    def __call__(self) -> int:
        self.read.set()
        return self.at


def parsed(body: bytes) -> ET.Element:
    return ET.fromstring(body)  # noqa: S314 - the sandbox's own answers and the samples


@dataclass
class Said:
    """An answer as it came over the wire."""

    status: int
    body: bytes
    headers: dict[str, str]

    @property
    def root(self) -> ET.Element:
        return parsed(self.body)

    def __getitem__(self, name: str) -> str:
        return self.root.findtext(name) or ""

    @property
    def rc(self) -> int:
        return int(self["rc"])

    @property
    def tokens(self) -> tuple[str, ...]:
        digits = self["token"].replace("-", "")
        return tuple(digits[start : start + 20] for start in range(0, len(digits), 20))


def date(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC) + timedelta(hours=7):%Y%m%d}"


@dataclass
class Desk:
    """Requests to one sandbox. A parameter given as None is left out."""

    sandbox: Sandbox
    url: str
    time: Time
    session: aiohttp.ClientSession
    count: int = 0

    def query(self, command: str, **given: Any) -> dict[str, str]:
        self.count += 1
        dt = str(given.get("dt") or date(self.time.at))
        made: dict[str, Any] = {
            "modul": "PRE",
            "command": command,
            "cid": CID,
            "dt": dt,
            "hc": hashlib.sha256(f"{given.get('cid', CID)}{dt}{SECRET}".encode()).hexdigest(),
            "trxid": f"X{self.count}",
            "resp": "XML",
        } | given
        return {name: str(value) for name, value in made.items() if value is not None}

    async def ask(self, command: str, *, follow: bool = False, **given: Any) -> Said:
        async with self.session.get(self.url, params=self.query(command, **given), allow_redirects=follow) as response:
            return Said(response.status, await response.read(), dict(response.headers))

    async def inquire(self, msn: str = METER, **given: Any) -> Said:
        return await self.ask("INQ", msn=msn, **given)

    async def buy(self, msn: str = METER, nominal: int = 50_000, **given: Any) -> Said:
        """An inquiry and the payment by its reference."""
        refnum = (await self.inquire(msn))["refnum"]
        return await self.ask("PAY", refnum=refnum, nominal=nominal, **given)

    async def pay(self, msn: str = METER, nominal: int = 50_000, **given: Any) -> Said:
        """A payment by the meter's number alone."""
        return await self.ask("PAY", msn=msn, nominal=nominal, **given)

    async def advise(self, msn: str = METER, nominal: int = 50_000, **given: Any) -> Said:
        return await self.ask("ADV", msn=msn, nominal=nominal, **given)

    async def wire(self, command: str, method: str = "GET", **given: Any) -> bytes:
        """One request by hand, everything that comes back until the end: no HTTP library that repeats by itself."""
        parts = urlsplit(self.url)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        target = f"{parts.path}?{urlencode(self.query(command, **given))}"
        writer.write(f"{method} {target} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n\r\n".encode())
        try:
            return await reader.read()
        except ConnectionResetError:
            return b""
        finally:
            writer.close()


@asynccontextmanager
async def desk(ledger: Path | None = None, readings: Readings | None = None, **more: Any) -> AsyncIterator[Desk]:
    time = Time()
    config = SandboxConfig(cid=CID, secret=SECRET, ledger=ledger, clock=time, readings=readings or Readings(), **more)
    sandbox = Sandbox(config)
    url = await sandbox.start()
    try:
        async with aiohttp.ClientSession() as session:
            yield Desk(sandbox, url, time, session)
    finally:
        await sandbox.stop()
