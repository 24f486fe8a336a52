"""A hostile stranger guesses: no token, no name, and nothing by which to tell a number that the shop knows.

What he reads is compared word by word and button by button, and what the shop does for it statement by statement.
"""

import random
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.clock import DAY, HOUR
from bot.messaging import inbox
from bot.messaging.inbox import Inbound
from bot.ports import Tx
from bot.services import settlement
from tests.services import sightings
from tests.services.sightings import N1, N2
from tests.world import SHOP, Said, World, world

KNOWN, IDPEL, UNKNOWN, UNKNOWN_IDPEL = "54123456789", "531234567890", "54123456780", "531234567899"
_LITERAL = re.compile(r"x?'(?:[^']|'')*'|\b\d+(?:\.\d+)?\b")
_SECRET = re.compile(r"\d{4}(?: \d{4}){4}|BUDI|SANTOSA|\*\*\*|T\d{5}")
_OF_COMMITS = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "-- ")  # how many turns share one is chance
AMOUNTS = (20, 50, 100, 200, 500, 1000)


@asynccontextmanager
async def watched(shop: World) -> AsyncIterator[list[str]]:
    """Every statement that turns make meanwhile, in order, without its values."""
    statements: list[str] = []
    writer = shop.store._writer
    await writer.run(lambda one: one.set_trace_callback(lambda made: statements.append(_LITERAL.sub("?", made))))
    yield statements
    await writer.run(lambda one: one.set_trace_callback(None))


def looked(statements: Iterable[str]) -> int:
    """How often a sale was looked for."""
    return sum("* FROM purchase" in one for one in statements)


async def turn(shop: World, text: str, who: str) -> tuple[list[str], list[tuple[str, tuple[str, ...]]]]:
    """What a line makes the shop do in the turn that answers it, and what is read then."""
    await shop.put(text, who)
    async with watched(shop) as statements:
        await shop.setrum.inbox.work()
        await shop.setrum.inbox.idle()
    return statements, [read(one) for one in await shop.settle(who)]


def read(said: Said) -> tuple[str, tuple[str, ...]]:
    return said.text, tuple(label for _, label, _ in said.options)


WAYS = {
    "NO REF": ["0000 50"],
    "NO REF, step by step": ["2", "0000 50"],
    "NO REF of another sale": ["{another}"],
    "six times": ["0000 50"] * 7,
    "claim code": ["3", "AAAAAAAAAA"],
    "typed phone": ["1", "081234567890"],
    "seller": ["4"],
    "seller by a word": ["minta"],
    "after a miss": ["0000 50", "🙋 Minta ke penjual"],
    "nonsense": ["apa", "batal"],
    "another way after a miss": ["0000 50", "🎟 Kode klaim", "🔢 NO REF + nominal", "🙋 Minta ke penjual"],
    "refused": ["ditolak", "gagal"],
    "refused, of a sale": ["ditolak {sale}", "GAGAL / SALAH", "struk {sale}"],
    "refused, in a sentence": ["tokennya gak bisa masuk {number}", "over", "salin data"],
    "check": ["cek {number}", "cek {sale}", "cek {ref}"],
    "token": ["{token}", "cek {token}", "token ditolak", "used"],
    "commands of sellers": ["token {sale}", "salin {sale}", "riwayat {number}", "komplain {sale}", "kirim 1"],
    "what a proof opens": ["ingat {sale}", "kabari {sale}", "lupakan meter", "kirim token"],
    "order": ["{number} 50", "50.{number}.1234.081234567890", "bayar", "beli {number}"],
    "sentence": ["token saya hilang {number}", "struk kemarin hilang"],
}
_COUNTED = {"NO REF": 1, "six times": 5, "claim code": 1, "another way after a miss": 1}


@pytest.mark.parametrize("way", WAYS)
async def test_a_wrong_proof_and_an_unknown_number_are_one_case_in_words_buttons_and_work(
    shop: World, way: str
) -> None:
    sales = []
    for order in (f"50.{KNOWN}.1234.081234567890", "54123456781 50"):
        await shop.say(order)
        await shop.say("bayar")
        sales.append((await shop.purchases())[-1])
    another = f"{(sales[1].payref or '')[-4:]} 50"
    (token,) = await shop.store.read(settlement.tokens_of, sales[0].id)
    seen = []
    for chat, number in enumerate((KNOWN, UNKNOWN, IDPEL, UNKNOWN_IDPEL)):
        await shop.say("halo", f"s{chat}")  # the same chat, but for its number
        shop.clock.forward(DAY)
        facts = {"another": another, "number": number, "sale": sales[0].sale, "token": token, "ref": sales[0].payref}
        made = [await turn(shop, words.format(**facts), f"s{chat}") for words in (number, *WAYS[way])]
        seen.append(made)
    for known, unknown in ((0, 1), (2, 3), (0, 2)):
        assert [said for _, said in seen[known]] == [said for _, said in seen[unknown]]
        assert [done for done, _ in seen[known]] == [done for done, _ in seen[unknown]]
    done = [statement for statements, _ in seen[0] for statement in statements]
    assert len(done) > 10 * len(seen[0])
    assert looked(done) == _COUNTED.get(way, looked(done))
    read_then = [text for made in seen for _, said in made for text, _ in said]
    assert read_then
    assert not any(map(_SECRET.search, read_then))


async def test_a_number_of_ones_own_that_no_sale_names_is_that_case_too(shop: World) -> None:
    await shop.say(f"50.{KNOWN}.1234.081234567890")
    await shop.say("bayar")
    seen = []
    for number, meter in ((N1, KNOWN), (N2, UNKNOWN)):
        await sightings.says(shop, "halo", number)
        await sightings.says(shop, meter, number)
        await sightings.put(shop, "1", number)
        async with watched(shop) as statements:
            await shop.setrum.inbox.work()
            await shop.setrum.inbox.idle()
        seen.append((statements, [read(one) for one in await shop.settle(number)]))
    assert seen[0] == seen[1]
    assert looked(seen[0][0]) == 1
    assert "Belum ada token yang cocok" in seen[0][1][0][0]


METERS, ROUNDS, TRIES = 20, 50, 5  # 5 000 tries each at numbers that are known and that are not
DOORS = (  # besides; each chat tries two of them
    "ditolak",
    "ditolak {sale}",
    "tokennya ditolak {number}",
    "gagal",
    "{token}",
    "cek {token}",
    "cek {number}",
    "cek {sale}",
    "struk {sale}",
    "{number} 50",
    "token saya hilang {number}",
    "minta {number}",
)


async def test_ten_thousand_guesses_over_two_thousand_chats_yield_nothing(tmp_path: Path) -> None:
    chance = random.Random(20261127)
    async with world(tmp_path, shop=SHOP, deposit=9_000_000) as shop:
        known = [f"541234560{number}" for number in range(10, 10 + METERS)]
        unknown = [f"541234570{number}" for number in range(10, 10 + METERS)]
        for number in known:
            await shop.say(f"{number} 50")
            await shop.say("bayar")
        right = {f"{(one.payref or '')[-4:]} {amount}" for one in await shop.purchases() for amount in AMOUNTS}
        assert len(right) == METERS * len(AMOUNTS)
        tokens = [token for (token,) in await sightings.rows(shop, "SELECT digits FROM vended_token")]
        assert len(tokens) == METERS
        answers: Counter[str] = Counter()
        for round_number in range(ROUNDS):
            shop.clock.forward(HOUR)
            guesses = [[_guess(chance, right) for _ in range(TRIES + 1)] for _ in range(METERS)]
            doors = [[_door(chance, tokens) for _ in range(2)] for _ in range(METERS)]
            sides = []
            for name, numbers in (("k", known), ("u", unknown)):
                chats = [f"{name}{round_number}-{place}" for place in range(METERS)]
                asked = zip(numbers, doors, guesses, strict=True)
                said = [[*(door.format(number=one) for door in two), one, *tries] for one, two, tries in asked]
                sides.append(await _storm(shop, chats, said))
            assert sides[0] == sides[1]
            assert looked(sides[0][0].elements()) == METERS * TRIES
            answers += sides[0][1]
        assert not [one.text for one in shop.phone.read if one.to[0] in "ku" and _SECRET.search(one.text)]
        left = Counter({text: count for text, count in answers.items() if "Sisa" in text})
        assert sum(left.values()) == METERS * ROUNDS * TRIES
        assert sum(count for text, count in answers.items() if "Terlalu banyak" in text) == METERS * ROUNDS
        found = await sightings.rows(shop, "SELECT COUNT(*) FROM movement WHERE event = 'fetched'")
        assert found == [(0,)]
        last = (await shop.purchases())[0]
        assert "token.only" in await shop.keys(f"klaim {last.claim_code}", "owner of the first meter")
        assert await shop.violations() == []


def _guess(chance: random.Random, right: set[str]) -> str:
    while (guess := f"{chance.randrange(16**4):04X} {chance.choice(AMOUNTS)}") in right:
        pass
    return guess


def _door(chance: random.Random, tokens: list[str]) -> str:
    """With the number left out: a token or a sale may well be one of this shop's."""
    token = chance.choice([*tokens, f"{chance.randrange(10**20):020d}"])
    return chance.choice(DOORS).format(sale=f"T{10001 + chance.randrange(2 * METERS)}", token=token, number="{number}")


async def _storm(shop: World, chats: list[str], said: list[list[str]]) -> tuple[Counter[str], Counter[str]]:
    """Line by line, all chats at once; how often each statement was made, and how often each answer was read."""
    done: Counter[str] = Counter()
    before = len(shop.phone.read)
    for place, lines in enumerate(zip(*said, strict=True)):
        await shop.store.write(_put, dict(zip(chats, lines, strict=True)), place, shop.clock())
        async with watched(shop) as statements:
            await shop.setrum.inbox.work()
            await shop.setrum.inbox.idle()
        await shop.setrum.drain()
        done += Counter(one for one in statements if not one.startswith(_OF_COMMITS))
    by_them = (read(one) for one in shop.phone.read[before:] if one.to in chats)  # and not by whom they ask
    return done, Counter("\n".join((text, *buttons)) for text, buttons in by_them)


def _put(tx: Tx, lines: dict[str, str], place: int, now: int) -> None:
    for chat, text in lines.items():
        inbox.put(tx, Inbound("console", f"{chat}:{place}", chat, text, place, now), now)
