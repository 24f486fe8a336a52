"""Makes docs/receipts.md and its pictures from a practice shop at work: `python docs/receipts.py --write`.

Nothing in them is typed by hand: the shop sells to its built-in supplier, and what people read is drawn as it was said.
Tokens, references and codes differ from run to run; a test compares the rest with what a fresh run says.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path
from textwrap import wrap

sys.path.insert(0, str(Path(__file__).parents[1]))

from bot.channels.options import Caps, arrange, labelled  # found beside this folder
from bot.channels.parts import without_blocks
from bot.documents import picture
from bot.domain.message import Sheet
from bot.i18n import Renderer
from bot.ports import Tx
from bot.sandbox import Behaviour
from tests.world import CATALOGUES, ZONE, Said, World, world

HERE = Path(__file__).parent
METER, THREE_TOKENS = "54123456789", "11111111125"
_MINUTES_2 = 120_000
_WIDE, _BUBBLE, _LINE, _GAP, _COLUMNS = 420, 340, 19, 12, 42
_INK, _SHOP, _MINE, _BUTTON = "#1c2733", "#ffffff", "#d9f2c7", "#cfe0ee"
_HEADINGS = {
    "purchase": "A purchase, its receipt, and the copy for the customer",
    "pending": "A purchase that stays unclear for a while",
    "recovery": "A customer gets his token again",
}


@dataclass(frozen=True, slots=True)
class Bubble:
    """What one side said, with the buttons below it."""

    lines: list[str]
    rows: list[list[str]]
    is_mine: bool = False


class Talk:
    """One person's chat with the shop, drawn as it goes."""

    def __init__(self, shop: World, who: str) -> None:
        self._shop = shop
        self._who = who
        self.bubbles: list[Bubble] = []

    async def says(self, text: str) -> list[Said]:
        """Type, and read what comes."""
        self.bubbles.append(Bubble(_folded(text), [], is_mine=True))
        return self.reads(await self._shop.say(text, self._who))

    async def taps(self, label: str) -> list[Said]:
        """Press the newest button of that label."""
        shown = [one for said in reversed(self._shop.phone.read) if said.to == self._who for one in said.options]
        self.bubbles.append(Bubble([f"👆 {label}"], [], is_mine=True))
        return self.reads(await self._shop.say(next(tap for _, text, tap in shown if text == label), self._who))

    def reads(self, said: list[Said]) -> list[Said]:
        """What the shop says by itself, too."""
        self.bubbles += [_bubble(one) for one in said]
        return said


async def made(folder: Path) -> dict[str, str | bytes]:
    """Every file of the page by its name below docs/, from a shop that is opened in the folder."""
    async with world(folder) as shop:
        await shop.store.write(_publish)
        chats, sheets = await _run(shop)
    files: dict[str, str | bytes] = {f"receipts/{name}.svg": drawn(bubbles) for name, bubbles in chats.items()}
    files |= {f"receipts/{name}.png": picture.png(sheet.text, sheet.qr) for name, sheet in sheets.items()}
    return files | {"receipts.md": _page(sheets)}


def masked(text: str) -> str:
    """Without what differs from run to run."""
    return re.sub(r"[0-9A-Z]{4,}", lambda found: "#" * len(found[0]), text)


def _publish(tx: Tx) -> None:
    tx.run("published_set", channel="whatsapp", subject="number", value="6281234567890")


async def _run(shop: World) -> tuple[dict[str, list[Bubble]], dict[str, Sheet]]:
    agent = Talk(shop, "budi")
    await agent.says(f"{METER} 50")
    await agent.taps("✅ Bayar Rp52.000")
    first = await agent.taps("🧾 Struk")
    await agent.taps("📤 Untuk pelanggan")
    sale = (await shop.purchases())[-1]
    unclear = Talk(shop, "budi")
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await unclear.says("41008812210 20")
    await unclear.taps("✅ Bayar Rp22.000")
    unclear.reads(await shop.later(_MINUTES_2))
    customer = Talk(shop, "siti")
    await customer.says(METER)
    await customer.taps("🔢 NO REF + nominal")
    await customer.says(f"{(sale.payref or '')[-4:]} 50")
    await shop.say("toko Berkah Cell")
    await shop.say("toko pesan Terima kasih sudah belanja")
    await shop.say(f"{THREE_TOKENS} 100")
    await shop.say("bayar")
    several = await shop.say(f"struk {(await shop.purchases())[-1].sale} 2000")
    chats = {"purchase": agent.bubbles, "pending": unclear.bubbles, "recovery": customer.bubbles}
    return chats, {"first": _sheet(first), "several": _sheet(several)}


def _sheet(said: list[Said]) -> Sheet:
    found = said[-1].message.sheet
    if found is None:
        raise LookupError(said[-1].text)
    return found


def _bubble(said: Said) -> Bubble:
    renderer = Renderer(CATALOGUES)
    sheet = said.message.sheet
    text = said.text if sheet is None else renderer.message(without_blocks(said.message), "id", ZONE)
    files = [] if sheet is None else [f"🖼 {sheet.name}.png", f"📄 {sheet.name}.txt"]
    choices = labelled(said.message, renderer, "id", ZONE)
    rows = [[one.label for one in row] for row in arrange(choices, Caps(keyboard=True)).rows]
    return Bubble([*files, *(line for one in text.split("\n") for line in _folded(one))], rows)


def _folded(line: str) -> list[str]:
    lines = line.replace(" https", "\nhttps").replace("?text", "\n?text").split("\n")  # an address in two lines
    return [piece for one in lines for piece in wrap(one, _COLUMNS) or [""]]


def drawn(bubbles: Iterable[Bubble]) -> str:
    """A chat as SVG: the shop's words on the left, one's own on the right."""
    shapes: list[str] = []
    top = _GAP
    for one in bubbles:
        height = _LINE * len(one.lines) + 12
        left, fill = (_WIDE - _BUBBLE - 10, _MINE) if one.is_mine else (10, _SHOP)
        shapes.append(_box(left, top, _BUBBLE, height, fill))
        shapes += [_text(left + 10, top + _LINE * n + 20, line) for n, line in enumerate(one.lines)]
        top += height + 4
        for row in one.rows:
            wide = (_BUBBLE - 4 * (len(row) - 1)) / len(row)
            for place, label in enumerate(row):
                shapes.append(_box(left + place * (wide + 4), top, wide, 26, _BUTTON))
                shapes.append(_text(left + place * (wide + 4) + wide / 2, top + 18, label, ' text-anchor="middle"'))
            top += 30
        top += _GAP - 4
    size = f'width="{_WIDE}" height="{top}" viewBox="0 0 {_WIDE} {top}"'
    font = f'font-family="sans-serif" font-size="13" fill="{_INK}"'
    back = f'<rect width="{_WIDE}" height="{top}" fill="#e8eef3"/>'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>', back, *shapes, "</svg>", ""])


def _box(left: float, top: float, wide: float, height: float, fill: str) -> str:
    return f'<rect x="{left:g}" y="{top:g}" width="{wide:g}" height="{height:g}" rx="8" fill="{fill}"/>'


def _text(left: float, top: float, words: str, more: str = "") -> str:
    return f'<text x="{left:g}" y="{top:g}"{more}>{escape(words)}</text>'


def _page(sheets: dict[str, Sheet]) -> str:
    parts = [
        "# Receipts and chats",
        "Made by `python docs/receipts.py --write` from a practice shop at work: its supplier sells nothing real.",
        "## The first print",
        "As a picture of 384 pixels for 58 mm printers, whose code claims the token, and as text of 32 columns.",
        "![the first print](receipts/first.png)",
        f"```\n{sheets['first'].text}\n```",
        "## Three tokens, a heading and a note of one's own, another fee",
        "After `toko Berkah Cell`, `toko pesan Terima kasih sudah belanja` and `struk … 2000`.",
        "![three tokens](receipts/several.png)",
        f"```\n{sheets['several'].text}\n```",
        "## Chats",
        "Drawn from the messages, with buttons as Telegram rows them; no screenshots.",
    ]
    parts += [f"### {words}\n\n![{name}](receipts/{name}.svg)" for name, words in _HEADINGS.items()]
    return "\n\n".join(parts) + "\n"


def _write() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in asyncio.run(made(Path(folder))).items():
            (HERE / name).write_bytes(content.encode() if isinstance(content, str) else content)


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        _write()
    else:
        sys.exit("usage: python docs/receipts.py --write")
