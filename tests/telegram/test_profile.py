"""What Telegram shows of the bot beside its messages, and what becomes of it with another bot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import tzinfo
from pathlib import Path

import pytest
from aiohttp import web

from bot import books
from bot.channels.telegram import Access, Telegram
from bot.channels.telegram.profile import Profile
from bot.domain.message import Text
from bot.i18n import Catalogues, Renderer
from bot.ports import Tx
from bot.services import people
from tests.double.clock import PATIENCE, Clock
from tests.telegram import talk
from tests.telegram.double import BotApi
from tests.telegram.street import AGENT, SHOP, faster, street
from tests.world import NOON


async def test_another_bot_of_the_same_shop_gets_its_menus_and_descriptions_too(tmp_path: Path) -> None:
    shop = faster(SHOP, menus=50)
    for token in ("1111111:" + "a" * 35, "2222222:" + "b" * 35):
        async with BotApi(clock=Clock(factor=20), token=token) as api, street(tmp_path, api=api, shop=shop) as town:
            agent = town.person(AGENT)
            agent.start()
            await agent.sees("Halo")
            await talk.menu(town, agent, "beli saldo tiket riwayat komplain harga rekap kasir pin kunci bantuan bahasa")
            assert api.count("setMyDescription") == 3


@asynccontextmanager
async def proxy(answer: bytes) -> AsyncIterator[tuple[str, asyncio.Queue[str]]]:
    """Something between us and the platform that answers every call alike; the calls that came."""
    calls: asyncio.Queue[str] = asyncio.Queue()

    async def called(request: web.Request) -> web.Response:
        calls.put_nowait(request.path.rpartition("/")[2])
        return web.Response(body=answer, content_type="application/json")

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", called)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", calls
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("answer", [b"{}", b"[]", b'{"ok": true, "result": {}}', b'{"ok": true, "result": null}'])
async def test_no_answer_about_a_menu_ends_anything_else(tmp_path: Path, answer: bytes) -> None:
    async with books.opened(tmp_path / "a.db", SHOP) as store, proxy(answer) as (url, calls):
        access = Access("1111111:" + "a" * 35, url)
        async with Telegram(access, store, SHOP, lambda: NOON) as channel:
            loops = [asyncio.ensure_future(loop) for loop in channel.loops()]
            async with asyncio.timeout(PATIENCE):
                assert [await calls.get() for _ in range(2)] == ["getMe"] * 2
            assert not any(loop.done() for loop in loops)
            for loop in loops:
                loop.cancel()
            await asyncio.wait(loops)


async def test_the_texts_of_a_menu_are_made_once_for_thousands_of_chats(tmp_path: Path) -> None:
    made: list[str] = []

    class Counting(Renderer):
        def render(self, text: Text, locale: str, zone: tzinfo) -> str:
            made.append(text.key)
            return super().render(text, locale, zone)

    def fill(tx: Tx) -> None:
        for number in range(101, 121):
            people.conversation(tx, "telegram", str(number), "id", NOON)
            people.add_agent(tx, f"Agen {number}", ("telegram", str(number)), SHOP, NOON)

    me = b'{"ok": true, "result": {"id": 1111111, "is_bot": true, "first_name": "Uji", "username": "uji_bot"}}'
    async with books.opened(tmp_path / "a.db", SHOP) as store, proxy(me) as (url, calls):
        await store.write(fill)
        async with Telegram(Access("1111111:" + "a" * 35, url), store, SHOP, lambda: NOON) as channel:
            profile = asyncio.ensure_future(Profile(channel.bot, store, SHOP, Counting(Catalogues())).run())
            while await calls.get() != "setMyCommands":
                pass
            profile.cancel()
            await asyncio.wait([profile])
    assert made.count("cmd.balance") == 1
