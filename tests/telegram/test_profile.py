"""What Telegram shows of the bot beside its messages, and what becomes of it with another bot."""

from pathlib import Path

from tests.telegram import talk
from tests.telegram.double import BotApi
from tests.telegram.double.clock import Clock
from tests.telegram.street import AGENT, SHOP, faster, street


async def test_another_bot_of_the_same_shop_gets_its_menus_and_descriptions_too(tmp_path: Path) -> None:
    shop = faster(SHOP, menus=50)
    for token in ("1111111:" + "a" * 35, "2222222:" + "b" * 35):
        async with BotApi(clock=Clock(factor=20), token=token) as api, street(tmp_path, api=api, shop=shop) as town:
            agent = town.person(AGENT)
            agent.start()
            await agent.sees("Halo")
            await talk.menu(town, agent, "beli saldo riwayat harga rekap kasir bantuan bahasa")
            assert api.count("setMyDescription") == 3
