"""The page of the owner's morning is what a shop says today, word for word, and its pictures are drawn from that."""

import importlib.util
from pathlib import Path

from bot.documents import chart

DOCS = Path(__file__).parents[2] / "docs"


async def test_the_page_of_the_morning_is_as_a_fresh_run_makes_it(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("owner", DOCS / "owner.py")
    assert spec is not None
    assert spec.loader is not None
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    fresh = await page.made(tmp_path)
    written = (DOCS / "owner.md").read_text(encoding="utf-8")
    assert page.placed(written, fresh.pop("owner.md")) == written, "something changed: python docs/owner.py --write"
    for name, picture in fresh.items():
        assert (DOCS / name).read_bytes() == picture
        assert f"({name})" in written


def test_words_of_a_picture_are_in_its_readers_language() -> None:
    sums = (0, 850_000, 1_240_000, 35_000_000)
    assert [chart.short(amount, ("k", "M")) for amount in sums] == ["0", "850k", "1,2M", "35M"]
