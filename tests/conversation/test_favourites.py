"""Selling again to whom one sold before: short names, recent customers, and buying again."""

import dataclasses
from pathlib import Path

import pytest

from bot.sandbox import customers
from tests.world import SHOP, Said, World, world

METER, OTHER = "54123456789", "54123456700"
NAMES = {METER: "BUDI SANTOSA", OTHER: customers.customer(OTHER).name}


def keys(said: list[Said]) -> list[str]:
    return [one.key for one in said]


def labels(said: Said) -> list[str]:
    return [label for _, label, _ in said.options]


async def sold(shop: World, order: str = f"{METER} 50", who: str = "budi") -> None:
    await shop.say(order, who)
    assert "token.only" in await shop.keys("bayar", who)


async def saved(shop: World, alias: str = "budi", meter: str = METER) -> None:
    """A sale to the meter, and a name for it."""
    await sold(shop, f"{meter} 20")
    assert await shop.keys(f"fav {meter} {alias}") == ["fav.saved"]


async def test_after_a_sale_a_name_is_given_by_the_button_and_used_the_next_day(shop: World) -> None:
    await shop.say(f"{METER} 50")
    done = (await shop.say("bayar"))[-1]
    save = next(option for _, label, option in done.options if label == "⭐ Simpan")
    [asked] = await shop.say(save)
    assert asked.text == "Nama pendek untuk BUDI SANTOSA (contoh: budi)."
    [kept] = await shop.say("Budi")
    assert kept.text == "⭐ Tersimpan. Lain kali cukup ketik: budi 50"
    [card] = await shop.say("budi 20")
    assert card.key == "buy.pay"
    assert "BUDI SANTOSA · token Rp20.000" in card.text
    assert "token.only" in await shop.keys("bayar")


async def test_in_english_the_same(shop: World) -> None:
    await shop.say("bahasa en")
    await shop.say(f"{METER} 50")
    done = (await shop.say("pay"))[-1]
    [asked] = await shop.say(next(option for _, label, option in done.options if label == "⭐ Save"))
    assert asked.text == "Short name for BUDI SANTOSA (e.g. budi)."
    [odd] = await shop.say("budi santosa")
    assert odd.text.startswith("A short name is 1–20 letters or digits")
    assert (await shop.say("budi"))[0].text == "⭐ Saved. Next time just type: budi 50"
    [listed] = await shop.say("favourites")
    assert listed.text == "Favourites (1): type the name or choose.\n⭐ budi · BUDI SANTOSA · 5412 3456 789"
    assert labels(listed) == ["budi", "✏️ Rename", "🗑 Delete a name"]


@pytest.mark.parametrize(
    "line", ["budi 50", "50 budi", "Budi 50rb", "budi Rp50.000", "50.budi", "budi*50", "beli budi 50"]
)
async def test_a_name_stands_for_its_meter_in_every_form_of_an_order(shop: World, line: str) -> None:
    await saved(shop)
    [card] = await shop.say(line)
    assert (card.key, "token Rp50.000" in card.text, "5412 3456 789" in card.text) == ("buy.pay", True, True)


async def test_a_name_alone_leads_to_the_amounts_also_from_the_question_for_a_meter(shop: World) -> None:
    await saved(shop)
    assert await shop.keys("budi") == ["buy.customer"]
    await shop.say("batal")
    await shop.say("beli")
    assert await shop.keys("budi") == ["buy.customer"]
    assert await shop.keys("50") == ["buy.pay"]


async def test_a_name_typed_at_a_payment_takes_its_place_and_pays_nothing(shop: World) -> None:
    await saved(shop)
    await shop.say(f"{OTHER} 50")
    replaced, card = await shop.say("budi 50")
    assert (replaced.key, card.key) == ("buy.replaced", "buy.pay")
    assert "BUDI SANTOSA" in card.text
    assert len(await shop.purchases()) == 1


async def test_the_same_order_by_name_is_asked_about_like_any_other_and_repeated_on_purpose(shop: World) -> None:
    await saved(shop)
    [asked] = await shop.say("budi 20")
    assert (asked.key, labels(asked)[0]) == ("pay.again", "🔁 Beli lagi #2")
    assert await shop.keys("🔁 Beli lagi #2") == ["buy.pay"]
    await shop.say("batal")
    assert await shop.keys("budi 20#2") == ["buy.pay"]


async def test_one_agents_names_are_no_one_elses(shop: World) -> None:
    await saved(shop)
    assert await shop.keys("budi 50", "boss") == ["in.unknown"]
    assert await shop.keys("budi 50", "siti") == ["in.customer"]
    assert await shop.keys(f"fav {METER} budi", "boss") == ["fav.empty"]  # nor its sales
    await sold(shop, f"{OTHER} 20", "boss")
    assert await shop.keys(f"fav {OTHER} budi", "boss") == ["fav.saved"]
    [card] = await shop.say("budi 50", "boss")
    assert NAMES[OTHER] in card.text


async def test_a_cashier_uses_the_names_and_changes_none(shop: World) -> None:
    await saved(shop)
    code = (await shop.say("kasir undang"))[0].text.split("AGEN ")[1][:10]
    await shop.say(f"AGEN {code}", "dewi")
    [card] = await shop.say("budi 50", "dewi")
    assert card.key == "buy.pay"
    done = (await shop.say("bayar", "dewi"))[-1]
    assert "⭐ Simpan" not in labels(done)
    for words in ("fav", "fav hapus budi", "fav ganti budi andi", "fav hapus", "fav T10002 andi"):
        [said] = await shop.say(words, "dewi")
        assert said.key in ("fav.list", "fav.row")
        assert not {"✏️ Ganti nama", "🗑 Hapus nama"} & set(labels(said))
    assert await shop.keys("budi") == ["buy.customer"]
    assert await shop.keys("andi") != ["buy.customer"]


@pytest.mark.parametrize(
    "alias",
    ["50", "1jt", "rp50", "4ani", "a b", "x" * 21, "saldo", "fav", "ya", "bayar", "pln", "halo", "é", "t10001", ""],
)
async def test_what_has_a_meaning_already_is_no_name(shop: World, alias: str) -> None:
    await sold(shop)
    await shop.say("fav")
    before = await shop.say(f"fav T10001 {alias}") if alias else []
    assert keys(before) in ([], ["fav.rule"])
    assert keys(await shop.say("fav hapus")) in (["fav.empty"], ["fav.empty", "fav.ask"])


async def test_a_name_that_stands_for_another_meter_is_asked_about(shop: World) -> None:
    await saved(shop)
    await sold(shop, f"{OTHER} 20")
    [taken] = await shop.say(f"fav {OTHER} budi")
    assert taken.text == '"budi" sudah dipakai untuk 5412 3456 789. Ganti? Atau ketik nama lain.'
    assert await shop.keys("batal") == ["start.agent"]
    assert NAMES[METER] in (await shop.say("budi"))[0].text
    await shop.say(f"fav {OTHER} budi")
    assert await shop.keys("andi") == ["fav.saved"]
    await shop.say(f"fav {OTHER} budi")
    assert await shop.keys("ya") == ["fav.saved"]
    for alias in ("budi", "andi"):
        assert NAMES[OTHER] in (await shop.say(alias))[-1].text


async def test_a_name_is_changed_forgotten_and_given_again(shop: World) -> None:
    await saved(shop)
    [which] = await shop.say("fav ganti")
    assert labels(which) == ["budi", "⭐ Favorit"]
    assert await shop.keys(which.options[0][2]) == ["fav.ask"]
    assert await shop.keys("pakbudi") == ["fav.saved"]
    assert await shop.keys("budi 50") == ["in.unknown"]
    [gone] = await shop.say("fav hapus pakbudi")
    assert gone.text == "Dihapus: pakbudi (5412 3456 789). Meternya tetap bisa dibeli dengan nomornya."
    assert await shop.keys("pakbudi 50") == ["in.unknown"]
    assert await shop.keys(gone.options[0][2]) == ["fav.saved"]
    assert await shop.keys("pakbudi 50") == ["buy.pay"]


async def test_typing_fav_after_the_first_sale_asks_for_its_name_and_later_lists_them(shop: World) -> None:
    [nothing] = await shop.say("fav")
    assert (nothing.key, labels(nothing)) == ("fav.empty", ["⚡ Beli"])
    await sold(shop)
    assert await shop.keys("fav") == ["fav.ask"]
    await shop.say("budi")
    await sold(shop, f"{OTHER} 20")
    [listed] = await shop.say("fav")
    assert labels(listed) == ["budi", "⭐ Simpan …6700", "✏️ Ganti nama", "🗑 Hapus nama"]
    assert await shop.keys("⭐ Simpan …6700") == ["fav.ask"]


async def test_many_names_are_listed_page_by_page_and_have_an_end(tmp_path: Path) -> None:
    async with world(tmp_path, shop=dataclasses.replace(SHOP, most_favourites=8)) as shop:
        await sold(shop)
        for letter in "abcdefgh":
            assert await shop.keys(f"fav {METER} nama{letter}") == ["fav.saved"]
        [first] = await shop.say("fav")
        assert labels(first)[:6] == [f"nama{letter}" for letter in "abcdef"]
        assert len(first.options) <= 10
        [second] = await shop.say("➡️ Berikutnya" if "➡️ Berikutnya" in labels(first) else "Berikutnya")
        assert labels(second)[:2] == ["namag", "namah"]
        assert await shop.keys(f"fav {METER} namai") == ["fav.full"]
        assert await shop.keys("fav ganti namaa namai") == ["fav.saved"]
        await shop.say("fav hapus namai")
        assert await shop.keys(f"fav {METER} namaj") == ["fav.saved"]


async def test_the_list_is_used_by_its_options_and_one_name_says_what_can_be_done_with_it(shop: World) -> None:
    await saved(shop)
    [listed] = await shop.say("fav")
    assert await shop.keys(listed.options[0][2]) == ["buy.customer"]
    await shop.say("batal")
    [one] = await shop.say("fav budi")
    assert labels(one) == ["⚡ Beli", "✏️ Ganti nama", "🗑 Hapus nama"]
    assert await shop.keys("1") == ["buy.customer"]


# recent customers


async def test_the_question_for_a_meter_offers_whom_one_sold_to_last(shop: World) -> None:
    [none] = await shop.say("beli")
    assert labels(none) == ["✖️ Batal"]
    for end in (7, 6, 5, 4, 3, 2):
        await sold(shop, f"5412345678{end} 20")
    await sold(shop, f"{METER} 20")
    [asked] = await shop.say("beli")
    assert len(asked.options) == 6
    assert [label[-5:] for label in labels(asked)[:5]] == ["…6789", "…6782", "…6783", "…6784", "…6785"]
    assert labels(asked)[0] == "BUDI S. …6789"
    assert METER not in asked.options[0][2]
    assert all(len(label) <= 20 for label in labels(asked))
    [amounts] = await shop.say(asked.options[0][2])
    assert (amounts.key, "BUDI SANTOSA" in amounts.text) == ("buy.customer", True)
    replaced, _ = await shop.say(f"{OTHER} 20")
    assert "5412 3456 789" in replaced.text  # the meter that was chosen by name


async def test_a_recent_customer_is_named_as_in_his_latest_sale_and_chosen_by_number(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sold(shop)
    renamed = dataclasses.replace(customers.customer(METER), name="HALIMATUSSADIYAH PERDANA")
    monkeypatch.setitem(customers._KNOWN, METER, renamed)
    await shop.say(f"{METER} 20")
    assert await shop.keys("ya") == ["buy.pay"]
    await shop.say("bayar")
    [asked] = await shop.say("beli")
    assert labels(asked) == ["HALIMATUSSADI… …6789", "✖️ Batal"]
    for typed in ("1", "halimatussadi …6789", "HALIMATUSSADI 6789"):
        assert (await shop.keys(typed))[-1] == "buy.customer"
        await shop.say("batal")
        await shop.say("beli")


async def test_two_customers_that_would_look_alike_are_told_apart_by_their_numbers(
    shop: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    twin = dataclasses.replace(customers.customer("51111116789"), name="BUDI SETIAWAN")
    monkeypatch.setitem(customers._KNOWN, "51111116789", twin)
    await sold(shop)
    await sold(shop, "51111116789 20")
    [asked] = await shop.say("beli")
    assert labels(asked) == ["5111 1116 789", "5412 3456 789", "✖️ Batal"]


async def test_a_cashier_is_offered_his_own_customers_only(shop: World) -> None:
    await sold(shop)
    code = (await shop.say("kasir undang"))[0].text.split("AGEN ")[1][:10]
    await shop.say(f"AGEN {code}", "dewi")
    assert labels((await shop.say("beli", "dewi"))[0]) == ["✖️ Batal"]
    await sold(shop, f"{OTHER} 20", "dewi")
    assert [label[-4:] for label in labels((await shop.say("beli", "dewi"))[0])] == ["6700", "atal"]


async def test_after_another_meter_is_asked_for_the_amount_of_the_order_is_kept(shop: World) -> None:
    await sold(shop)
    await shop.say(f"{OTHER} 100")
    await shop.say("batal")
    await shop.say("54123456798 100")  # looks like the one that was sold to, once: no regular yet
    assert (await shop.say("2"))[0].key == "buy.denomination"


async def test_buy_again_leads_to_the_one_card(shop: World) -> None:
    await shop.say(f"{METER} 50")
    done = (await shop.say("bayar"))[-1]
    again = next(option for _, label, option in done.options if label == "🔁 Beli lagi")
    shop.clock.forward(24 * 3_600_000)
    [card] = await shop.say(again)
    assert (card.key, "token Rp50.000" in card.text) == ("buy.pay", True)
