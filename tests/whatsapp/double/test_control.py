import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.double.remote import Remote
from tests.whatsapp.double import ACCESS, CloudApi
from tests.whatsapp.double.conftest import Ear, addressed, buttons

ROOT = Path(__file__).parents[3]
BUDI = "6281234567890"


@pytest.fixture
def process() -> Iterator[dict[str, str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.whatsapp.double", "--seed", "3", "--factor", "50", "--no-pace"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as started:  # fmt: skip
        assert started.stdout is not None
        printed = [started.stdout.readline().strip().partition("=") for _ in range(6)]
        yield {name: value for name, _, value in printed}
        started.terminate()


class Bot:
    """Sends what it is told to, to a double that it only knows by what that printed."""

    def __init__(self, session: aiohttp.ClientSession, printed: dict[str, str]) -> None:
        self._session = session
        self._url = (
            f"{printed['WHATSAPP_API_URL']}/{ACCESS.version}/{printed['WHATSAPP_PHONE_NUMBER_ID']}/messages"
        )  # fmt: skip
        self._headers = {"Authorization": f"Bearer {printed['WHATSAPP_TOKEN']}"}

    async def send(self, **message: Any) -> int:
        async with self._session.post(self._url, json=addressed(BUDI, **message), headers=self._headers) as response:
            return response.status


async def test_a_double_of_its_own_process_is_driven_and_read_from_outside(process: dict[str, str]) -> None:
    async with Remote(process["CONTROL_URL"]) as remote, aiohttp.ClientSession() as session:
        bot = Bot(session, process)
        assert await remote.do("person", number=BUDI, name="Budi", user_id="ID.1") == BUDI
        said = await remote.act(BUDI, "say", text="halo")
        await remote.do("fault", what="send", kind="502_html", applied=True)
        assert await bot.send(**buttons(("n.pay", "Bayar"))) == 502
        seen = await remote.sees(BUDI, "Bayar?")
        assert seen["options"] == [{"id": "n.pay", "label": "Bayar", "description": ""}]
        assert len(await remote.act(BUDI, "tap", wanted="Bayar", copies=20, new_ids=True)) == 20
        await remote.do("fail", person=BUDI, code=131047)
        assert await bot.send(**buttons(("n.pay", "Bayar"))) == 200
        assert [(one["fault"], one["failed"]) for one in await remote.do("calls")] == [("502_html", 0), ("", 131047)]
        screen = await remote.do("screen", person=BUDI)
        assert (len(screen["screen"]), len(screen["said"]), screen["user_id"]) == (1, 21, "ID.1")
        await remote.do("set", what="statuses", early=0.5, auto=["sent"])
        await remote.do("template", name="tanya", language="id", body="Beli {{1}} lagi?")
        await remote.do("news", what="template_event", name="tanya", language="id", event="PAUSED")
        items = await remote.do("items")
        assert (items[0]["id"], items[0]["state"], len(items)) == (said, "pending", 26)
        before = (await remote.do("clock"))["now"]
        assert (await remote.do("clock", forward=100))["now"] >= before + 100
        summary = await remote.do("summary")
        assert summary["fired"] == {"502_html": 1}
        assert summary["items"] == {"pending": 26}
        for do, wrong in (("act", {"person": BUDI, "act": "fly"}), ("set", {"what": "mood"}), ("dance", {})):
            with pytest.raises(AssertionError):
                await remote.do(do, **wrong)


async def test_the_network_and_chance_are_moved_from_outside(process: dict[str, str]) -> None:
    async with Remote(process["CONTROL_URL"]) as remote, aiohttp.ClientSession() as session:
        bot = Bot(session, process)
        await remote.do("person", number=BUDI)
        await remote.act(BUDI, "say", text="halo")
        await remote.do("net", state="down")
        with pytest.raises(aiohttp.ClientConnectionError):
            await bot.send(text={"body": "x"})
        await remote.do("net", state="up")
        assert await bot.send(text={"body": "x"}) == 200
        await remote.do("chance", kinds={"reset": 1.0, "lost_ack": 0.5}, spared=["read"], codes=[131056])
        with pytest.raises(aiohttp.ClientError):
            await bot.send(text={"body": "y"})
        await remote.do("chance")
        assert await bot.send(text={"body": "z"}) == 200
        assert (await remote.do("summary"))["fired"] == {"reset": 1}


async def test_deliveries_are_moved_from_outside(api: CloudApi, ear: Ear) -> None:
    async with Remote(api.control_url) as remote:
        await remote.do("deliver_to", url=ear.url)
        assert await remote.do("verified")
        await remote.do("person", number=BUDI)
        await remote.do("mail", act="hold", batch=5)
        said = [await remote.act(BUDI, "say", text=text) for text in ("a", "b")]
        await remote.do("mail", act="flush")
        await remote.do("idle")
        await remote.do("again", id=said[0])
        await remote.do("mail", act="hurry")
        await remote.do("idle", timeout=5)
    assert [one["id"] for one in ear.messages] == [*said, said[0]]
    assert len(ear.bodies) == 2
