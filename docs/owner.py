"""Makes the part of docs/owner.md about the morning, and its pictures: `python docs/owner.py --write`.

Some days of a practice shop are sold through its chats; what its owner then reads is written down. A test
compares page and pictures with what a fresh run says.
"""

import asyncio
import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.channels.plots import plotted  # found beside this folder
from bot.clock import DAY, MINUTE
from bot.documents import chart
from bot.domain.rules import Shop
from bot.i18n import Renderer
from bot.ports import Tx
from bot.sandbox import Behaviour
from bot.services import people
from tests.world import CATALOGUES, NOON, ZONE, Said, World, world

HERE = Path(__file__).parent
BEGINS, ENDS = "<!-- made by docs/owner.py -->\n", "<!-- until here -->\n"
_AGENTS = {"budi": "Budi Cell", "sri": "Sri Pulsa", "dewi": "Warung Dewi"}
_OPENS = NOON - 5 * 3_600_000  # 07.00
_SALES = {7: 9, 5: 3, 4: 2, 2: 4, 1: 3, 0: 12}  # so many days before the day that is told


async def made(folder: Path) -> dict[str, str | bytes]:
    """The page's part and each picture by its name below docs/, from a shop that is opened in the folder."""
    async with world(folder, at=_OPENS - 7 * DAY) as shop:
        await shop.store.write(_take_on, shop.shop, shop.clock())
        await shop.say("menu", "boss")
        for day, count in _SALES.items():
            shop.clock.forward(max(0, _OPENS - day * DAY - shop.clock()))
            await _sell(shop, count, random.Random(day))  # noqa: S311  # the same shop in each run
        shop.sandbox.force(Behaviour.DROP_UNSOLD)
        await _buy(shop, "sri", "54123456789 20")
        shop.clock.forward(NOON + 18 * 60 * MINUTE + 30 * MINUTE - shop.clock())
        await shop.setrum.tell_yesterday()
        told = {"id": (await shop.settle("boss"))[-1]}
        more = {"id": (await shop.say("rekap kemarin lengkap", "boss"))[-1]}
        await shop.say("bahasa en", "boss")
        told["en"] = (await shop.say("report yesterday", "boss"))[-1]
        more["en"] = (await shop.say("report yesterday full", "boss"))[-1]
        week = (await shop.say("report 7", "boss"))[-1]
    files: dict[str, str | bytes] = {
        f"owner/morning-{language}.png": _drawn(one, language) for language, one in told.items()
    }
    files["owner/week-en.png"] = _drawn(week, "en")
    return files | {"owner.md": _page(told, more)}


def placed(page: str, part: str) -> str:
    """The whole page with its made part in its place."""
    before, rest = page.split(BEGINS)
    return before + BEGINS + part + ENDS + rest.split(ENDS)[1]


def _take_on(tx: Tx, shop: Shop, now: int) -> None:
    for chat, name in list(_AGENTS.items())[1:]:
        agent = people.add_agent(tx, name, ("console", chat), shop, now)
        people.top_up(tx, agent, 2_000_000, f"start {chat}", "owner", shop, now)
    people.top_up(tx, people.agent(tx, 1), 2_000_000, "start", "owner", shop, now)


async def _sell(shop: World, count: int, chance: random.Random) -> None:
    for _ in range(count):
        shop.clock.forward(chance.randint(20, 70) * MINUTE)
        await _buy(
            shop,
            chance.choice(list(_AGENTS)),
            f"{chance.randint(2 * 10**10, 9 * 10**10)} {chance.choice((20, 50, 50, 100))}",
        )


async def _buy(shop: World, who: str, line: str) -> None:
    await shop.say(line, who)
    await shop.say("bayar", who)


def _drawn(said: Said, language: str) -> bytes:
    if said.message.chart is None:
        raise LookupError(said.text)
    return chart.png(plotted(said.message.chart, Renderer(CATALOGUES), language, ZONE))


def _page(told: dict[str, Said], more: dict[str, Said]) -> str:
    def shown(said: Said) -> str:
        buttons = " ".join(f"[{label}]" for _, label, _ in said.options)
        return f"```\n{said.text}\n\n{buttons}\n```\n"

    return "\n".join(
        [
            "At half past six the owner reads this below its picture, and the rest by [📋 Lengkap]:\n",
            "![a day by its hours](owner/morning-id.png)\n",
            shown(told["id"]),
            shown(more["id"]),
            "In English, and a week by its days:\n",
            "![the same day](owner/morning-en.png)\n",
            shown(told["en"]),
            shown(more["en"]),
            "![a week](owner/week-en.png)\n",
        ]
    )


def _write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in asyncio.run(made(Path(folder))).items():
            if isinstance(content, str):
                page = (HERE / name).read_text(encoding="utf-8")
                (HERE / name).write_text(placed(page, content), encoding="utf-8")
            else:
                (HERE / name).write_bytes(content)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        _write()
    else:
        sys.exit("usage: python docs/owner.py --write")
