"""The page of receipts and chats is what a shop says today, but for what differs from run to run."""

import importlib.util
import re
from pathlib import Path

from bot.documents import picture
from tests.talk import scanned

DOCS = Path(__file__).parents[2] / "docs"


async def test_the_page_of_receipts_and_its_chats_are_as_a_fresh_run_makes_them(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("receipts", DOCS / "receipts.py")
    assert spec is not None
    assert spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    fresh = await page.made(tmp_path)
    texts = {name: content for name, content in fresh.items() if isinstance(content, str)}
    written = {name: (DOCS / name).read_text(encoding="utf-8") for name in texts}
    stale = [name for name, text in texts.items() if page.masked(written[name]) != page.masked(text)]
    assert stale == [], "a message on the page changed: python docs/receipts.py --write"
    assert {f"receipts/{path.name}" for path in (DOCS / "receipts").iterdir()} == fresh.keys() - {"receipts.md"}


def test_each_picture_of_the_page_is_the_text_beside_it_and_its_code_claims_that_sale() -> None:
    page = (DOCS / "receipts.md").read_text(encoding="utf-8")
    found = re.findall(r"!\[.+?\]\((receipts/\w+\.png)\)\n\n```\n(.+?)\n```", page, re.DOTALL)
    assert [name for name, _ in found] == ["receipts/first.png", "receipts/several.png"]
    for name, text in found:
        image = (DOCS / name).read_bytes()
        code = re.search(r"KLAIM (\w{10})", text)
        assert code is not None
        assert scanned(image) == f"https://wa.me/6281234567890?text=KLAIM%20{code[1]}"
        assert image == picture.png(text, scanned(image))
