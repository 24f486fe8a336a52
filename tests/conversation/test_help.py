"""Help is examples, so each of them has to work as it stands there."""

import re

import pytest

from bot.i18n import LOCALES, Catalogues
from tests.world import World

SUBJECTS = ("help.sell", "help.money", "help.agents", "help.shop")
PROSE = ("beberapa baris", "several such")
METER = "54123456789"
CATALOGUES = Catalogues()


def examples(key: str, language: str) -> list[str]:
    """What stands before the arrows, and the lines that are nothing but examples."""
    lines = [one for one in CATALOGUES.text(key, language).splitlines() if not one.startswith(PROSE)]
    explained = [part.split(" → ")[0] for line in lines if "→" in line for part in re.split("[;,] (?=.*→)", line)]
    bare = [line for line in lines if "→" not in line and " · " in line]
    return [part for one in (*explained, *bare) for part in one.split(" · ")]


def as_it_is_here(line: str) -> str:
    """With an agent and a sale that this shop has."""
    return line.replace("A017", "A001").replace("T10482", "T10001").replace("rina", "budi")


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize("key", ["help.owner", *SUBJECTS])
async def test_every_example_in_an_owners_help_works_as_it_is_typed(shop: World, key: str, language: str) -> None:
    for who in ("boss", "budi"):
        await shop.say(f"{METER} 50", who)
        await shop.say("bayar", who)
    await shop.say(f"bahasa {language}", "boss")
    lines = examples(key, language)
    assert len(lines) >= 8
    for line in lines:
        said = await shop.say(as_it_is_here(line), "boss")
        assert said, line
        assert said[-1].key not in ("start.owner", "in.unknown", "hist.none"), line
        assert not said[-1].key.endswith((".which", ".unknown", "_unknown", "_wrong")), (line, said[-1].text)
        if "A017" in line:
            assert "A017" not in said[-1].text, line
        await shop.say("batal", "boss")
        await shop.say("buka", "boss")


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(("key", "who"), [("help.agent", "budi"), ("help.cashier", "kas")])
async def test_every_example_in_a_sellers_help_works_as_it_is_typed(
    shop: World, key: str, who: str, language: str
) -> None:
    [invited, *_] = await shop.say("kasir undang", "budi")
    found = re.search(r"AGEN ([0-9A-Z]{10})", invited.text)
    assert found is not None
    await shop.say(f"AGEN {found[1]}", "kas")
    await shop.say(f"{METER} 50", who)
    await shop.say("bayar", who)
    await shop.say(f"bahasa {language}", who)
    for line in examples(key, language):
        if line in ("kunci", "lock"):
            continue  # it asks first, and after it nothing works
        said = await shop.say(as_it_is_here(line), who)
        assert said, line
        assert said[-1].key not in ("start.agent", "start.cashier", "in.unknown", "hist.none") or line == "menu", line
        await shop.say("batal", who)


async def test_an_owners_help_is_short_and_each_subject_leads_to_the_others(shop: World) -> None:
    [head] = await shop.say("bantuan", "boss")
    assert len(head.text.splitlines()) <= 9
    assert len(head.text) < 500
    for name, _, _ in head.options[:-1]:
        [head] = await shop.say("bantuan", "boss")
        [shown] = await shop.say(name, "boss")
        assert shown.key in SUBJECTS
        assert len(shown.text) < 800
        assert len(shown.options) == len(SUBJECTS)
    assert [one.key for one in await shop.say("help money", "boss")] == ["help.money"]
    assert [one.key for one in await shop.say("bantuan apa saja", "boss")] == ["help.owner"]
    assert [one.key for one in await shop.say("bantuan uang", "budi")] == ["help.agent"]
