import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.double.remote import Remote

ROOT = Path(__file__).parents[3]


@pytest.fixture
def process() -> Iterator[dict[str, str]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.telegram.double", "--seed", "3", "--factor", "50"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as started:  # fmt: skip
        assert started.stdout is not None
        printed = [started.stdout.readline().strip().partition("=") for _ in range(3)]
        yield {name: value for name, _, value in printed}
        started.terminate()


async def test_a_double_of_its_own_process_is_driven_and_read_from_outside(process: dict[str, str]) -> None:
    bot = f"{process['TELEGRAM_API_URL']}/bot{process['TELEGRAM_TOKEN']}"
    async with Remote(process["CONTROL_URL"]) as remote, aiohttp.ClientSession() as session:
        assert await remote.do("person", id=5, name="Budi", language="en") == 5
        start = await remote.act(5, "start", payload="abc")
        async with session.get(f"{bot}/getUpdates") as response:
            assert (await response.json())["result"][0]["update_id"] == start
        row = [{"text": "Bayar", "callback_data": "a.pay"}]
        message = {"chat_id": 5, "text": "Bayar?", "reply_markup": {"inline_keyboard": [row]}}
        await remote.do("fault", method="sendMessage", kind="502_html", applied=True)
        async with session.post(f"{bot}/sendMessage", json=message) as response:
            assert response.status == 502
        seen = await remote.sees(5, "Bayar?")
        assert seen["buttons"] == [row]
        assert len(await remote.act(5, "tap", wanted="Bayar", copies=20, new_ids=True)) == 20
        await remote.do("again", update=start)
        screen = await remote.do("screen", person=5, all=True)
        assert (len(screen["screen"]), len(screen["all"]), screen["spinning"]) == (1, 2, 20)
        assert [one["fault"] for one in await remote.do("calls", after=1)] == ["502_html"]
        await remote.do("net", state="down")
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(f"{bot}/getMe")
        await remote.do("net", state="up")
        async with session.get(f"{bot}/getMe") as response:
            assert response.status == 200
        await remote.do("chance", kinds={"reset": 1.0, "lost_ack": 0.5}, spared=["getMe"])
        with pytest.raises(aiohttp.ClientError):
            await session.post(f"{bot}/getWebhookInfo")  # a GET would be tried twice
        await remote.do("chance")
        await remote.do("pace", chat_rate=0)
        before = (await remote.do("clock"))["now"]
        assert (await remote.do("clock", forward=100))["now"] >= before + 100
        assert len(await remote.do("updates")) == 21
        assert await remote.do("menu", chat=5, language="id") == []
        summary = await remote.do("summary")
        assert summary["fired"] == {"502_html": 1, "reset": 1}
        assert summary["updates"] == {"pending": 21}
        with pytest.raises(AssertionError, match="finds no button"):
            await remote.act(5, "tap", wanted="Batal")
