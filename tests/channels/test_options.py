"""Options in one place: what each channel makes of them, and that no message of a shop's day falls out of its form."""

import ast
import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.options import NUMBERS_ONLY, PHONE, Caps, Choice, Kind, arrange, labelled
from bot.clock import DAY, HOUR, MINUTE
from bot.conversation import prompts
from bot.conversation.effects import Card
from bot.domain import stored
from bot.domain.ledger import Transfer, account_of, receivable_of
from bot.domain.message import Lines, Message, Option, Parts, Rupiah, Text, Value
from bot.domain.rules import Bank
from bot.domain.supply import Inquiry, Sale
from bot.i18n import LOCALES
from bot.sandbox import Behaviour, Raw
from bot.services import alerts, backups, by_hand, ledger, strays, watch
from bot.services.by_hand import Word
from tests.channels.test_look import CATALOGUES, DRESSING, NONCE, PLAIN, WHATSAPP, read, shown_on_whatsapp
from tests.test_i18n import WIDEST_VALUES
from tests.world import SHOP, ZONE, World, world

METER = "54123456789"
INQUIRY = Inquiry(METER, "531234567890", "BUDI SANTOSA", "R1M/900", 1_600, "0" * 32, 0)
AMOUNTS = (10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000, 1_500_000)
SURCHARGES = (400,) * len(AMOUNTS)
SMALL = Caps(buttons=2, button_label=5, rows=4, row_label=8)
NO_SALE = Raw(b"<root><status>ERROR</status><rc>0096</rc><rcm>[96] TIDAK DITEMUKAN ke:1</rcm></root>")
UNCLEAR = (
    (Behaviour.KWH_LIMIT, "11111111160"),
    (Behaviour.REFUSED, "11111111161"),
    (Behaviour.DROP_UNSOLD, "11111111164"),
)
NAME = "PT WIJAYA KUSUMA ABADI SENTOSA JAYA RAYA"  # 40 characters: no name of an agent is longer, none of PLN's either


def choices(*labels: str) -> list[Choice]:
    return [Choice(f"k{number}", label, str(number)) for number, label in enumerate(labels, 1)]


def labels(kind: Kind, *texts: str, caps: Caps = SMALL) -> list[list[str]]:
    """The labels row by row, of an arrangement that has to be of this kind."""
    arranged = arrange(choices(*texts), caps)
    assert arranged.kind is kind
    return [[choice.label for choice in row] for row in arranged.rows]


def test_few_short_options_are_buttons_more_or_longer_ones_a_list_and_the_rest_numbers() -> None:
    assert labels(Kind.BUTTONS, "a", "bbbbb") == [["a"], ["bbbbb"]]
    assert labels(Kind.LIST, "a", "bbbbbb") == [["a"], ["bbbbbb"]]
    assert labels(Kind.LIST, "a", "b", "c", "d") == [["a"], ["b"], ["c"], ["d"]]
    assert labels(Kind.NUMBERS, "a", "b", "c", "d", "e") == [["a"], ["b"], ["c"], ["d"], ["e"]]
    assert labels(Kind.NUMBERS, "a", "bbbbbbbbb") == [["a"], ["bbbbbbbbb"]]
    assert labels(Kind.NUMBERS, "a", "b", caps=NUMBERS_ONLY) == [["a"], ["b"]]


@pytest.mark.parametrize("pair", [("a", "a"), ("a", " a "), ("a", ""), ("a", "  "), ("a", "b\nc")])
def test_labels_that_a_button_could_not_tell_apart_or_show_are_numbered(pair: tuple[str, str]) -> None:
    assert labels(Kind.NUMBERS, *pair) == [[pair[0]], [pair[1]]]


def test_nothing_to_choose_is_nothing_to_show() -> None:
    assert labels(Kind.NUMBERS) == []
    assert labels(Kind.ROWS, caps=Caps(keyboard=True)) == []


def test_a_label_is_as_long_as_the_platform_counts_it() -> None:
    twice = dataclasses.replace(SMALL, size=lambda label: 2 * len(label))
    assert labels(Kind.BUTTONS, "aa", caps=twice) == [["aa"]]
    assert labels(Kind.LIST, "aaa", caps=twice) == [["aaa"]]


def test_neighbours_share_a_row_of_a_keyboard_that_suits_both() -> None:
    keyboard = Caps(keyboard=True)
    rows = labels(Kind.ROWS, "20rb", "50rb", "100rb", "200rb", "✏️ Ganti nomor", "✖️ Batal", "x" * 15, caps=keyboard)
    assert rows == [["20rb", "50rb", "100rb"], ["200rb", "✏️ Ganti nomor"], ["✖️ Batal"], ["x" * 15]]
    assert [len(row) for row in labels(Kind.ROWS, *(f"{n}" * 15 for n in range(10, 23)), caps=keyboard)] == [3] * 4 + [
        1
    ]


def test_what_a_channel_cannot_offer_is_left_out_and_changes_no_number() -> None:
    arranged = arrange(choices("a", "b", "c"), dataclasses.replace(SMALL, lacks=frozenset({"k2"})))
    assert (arranged.kind, [choice.number for choice in arranged.choices]) == (Kind.BUTTONS, ["1", "3"])


CAPS = st.builds(
    Caps, st.booleans(), st.integers(0, 3), st.integers(0, 20), st.integers(0, 10), st.integers(0, 24), st.just(len),
    st.sets(st.sampled_from(["k1", "k2"])).map(frozenset),
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text("aW ✅<&\n", max_size=30), max_size=25), CAPS)
def test_every_option_is_offered_once_in_its_order_whatever_the_channel_can(texts: list[str], caps: Caps) -> None:
    given_, arranged = choices(*texts), arrange(choices(*texts), caps)
    assert list(arranged.choices) == [choice for choice in given_ if choice.key not in caps.lacks]
    assert arranged.kind is Kind.ROWS or all(len(row) == 1 for row in arranged.rows)


LINK = "https://wa.me/6281234567890?text=T10482"
BEYOND = Message(
    Text("buy.meter"),
    options=(
        Option("owner", Text("btn.menu"), url=LINK),
        Option("data", Text("btn.help"), copies="Token 2593"),
        Option("complain", Text("btn.history"), "komplain T10482", extra=True),
        Option("buy", Text("btn.buy"), "beli"),
    ),
)


def test_a_keyboard_has_links_copies_and_extras() -> None:
    looks = DRESSING.rich(BEYOND, "id", NONCE), DRESSING.plain(BEYOND, "id", NONCE, buttons=True)
    (_, _, rows), (bare, _, few) = (read(look) for look in looks)
    buttons = [one for row in rows for one in row]
    assert [(one.label, one.url, one.copy, one.data) for one in buttons] == [
        ("🏠 Menu", LINK, "", ""),
        ("❔ Bantuan", "", "Token 2593", ""),
        ("🧾 Riwayat", "", "", f"{NONCE}.complain"),
        ("⚡ Beli", "", "", f"{NONCE}.buy"),
    ]
    assert [one.label for row in few for one in row] == ["🧾 Riwayat", "⚡ Beli"]
    assert bare.splitlines()[-1] == f"🏠 Menu: {LINK}"


def test_where_no_button_opens_a_link_it_is_a_line_and_extras_are_typed() -> None:
    (shown,) = shown_on_whatsapp(WHATSAPP.rich(BEYOND, "id", NONCE))
    assert (shown.kind, [one.label for one in shown.options]) == ("button", ["⚡ Beli"])
    assert shown.text.splitlines()[-1] == f"🏠 Menu: {LINK}"
    numbered = labelled(BEYOND, PLAIN, "id", ZONE)
    assert [(one.number, one.label) for one in arrange(numbered, NUMBERS_ONLY).choices] == [("4", "⚡ Beli")]


def test_what_an_option_opens_or_copies_is_kept() -> None:
    assert stored.decode(stored.encode(BEYOND)) == BEYOND


def test_a_payment_has_its_word_and_never_a_number() -> None:
    pay = Option("pay", Text("btn.pay", {"rp": Rupiah(52_000)}))
    message = Message(Text("buy.pay"), options=(pay, Option("cancel", Text("btn.cancel"))))
    assert [one.number for one in labelled(message, PLAIN, "id", ZONE)] == ["bayar", "2"]
    assert [one.number for one in labelled(message, PLAIN, "en", ZONE)] == ["pay", "2"]


# what a message may say of its options


def test_a_message_from_before_options_said_more_is_read_as_ever() -> None:
    message = Message(Text("buy.meter"), options=(Option("cancel", Text("btn.cancel")),))
    kept = json.loads(stored.encode(message))
    del kept["opener"]
    for name in ("about", "url", "copies", "extra", "draft"):
        del kept["options"][0][name]
    assert stored.decode(json.dumps(kept)) == message


def test_what_opens_the_options_and_what_is_said_of_them_is_kept() -> None:
    question = prompts.denomination(INQUIRY, Card(None, False), AMOUNTS, shown=False, surcharges=SURCHARGES).message
    assert stored.decode(stored.encode(question)) == question
    assert question.opener is not None
    assert question.options[0].about is not None


@pytest.mark.parametrize(
    ("locale", "opener", "price"), [("id", "Pilih nominal", "Harga"), ("en", "Choose amount", "Price")]
)
@pytest.mark.parametrize("shown_before", [False, True])
def test_the_amounts_are_a_list_with_the_price_of_each(
    locale: str, opener: str, price: str, *, shown_before: bool
) -> None:
    ask = prompts.denomination(INQUIRY, Card(None, False), AMOUNTS, shown=shown_before, surcharges=SURCHARGES)
    (shown,) = shown_on_whatsapp(WHATSAPP.rich(ask.message, locale, NONCE))
    assert (shown.kind, shown.opener, len(shown.options)) == ("list", opener, 10)
    assert [(one.label, one.description) for one in shown.options[1:3]] == [
        ("20rb", f"{price} Rp22.000"),
        ("50rb", f"{price} Rp52.000"),
    ]
    assert [one.description for one in shown.options[8:]] == ["", ""]
    assert ask.yes is not None
    assert ask.yes.opener == ask.message.opener


def test_where_the_price_is_not_given_none_is_said() -> None:
    ask = prompts.denomination(INQUIRY, Card(None, False), AMOUNTS, shown=False)
    assert {option.about for option in ask.message.options} == {None}


# every message of a day


def offered() -> Iterator[tuple[Path, ast.expr]]:
    """Every label that an option is made with, as it stands in the code."""
    for path in sorted(Path(prompts.__file__).parents[1].rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Option":
                named = {keyword.arg: keyword.value for keyword in node.keywords}
                yield path, named.get("label") or node.args[1]


def test_every_option_has_a_label_whose_length_is_known() -> None:
    """`btn.…` is measured in `test_i18n`, amounts, meters and days are short, agents and words are cut."""
    found = {ast.unparse(label) for _, label in offered()}
    copies = {"option.label"}  # the same option under a further key
    texts = {re.match(r"Text\(f?'([a-z.]+)", label) for label in found - copies}
    assert None not in texts
    assert {match[1] for match in texts if match} >= {"btn.", "btn.cancel"}
    others = {match[1] for match in texts if match and not match[1].startswith("btn.")}
    assert others == {
        "line.amount",
        "line.agent",
        "line.day",
        "line.favourite",
        "line.meant",
        "line.meter",
        "line.recent",
    }


async def lines(shop: World, who: str, *texts: str) -> None:
    for text in texts:
        await shop.say(text, who)


async def invited(shop: World, text: str, by: str, who: str) -> None:
    said = "\n".join(one.text for one in await shop.say(text, by))
    match = re.search(r"AGEN ([0-9A-Z]{10})", said)
    assert match is not None, said
    await shop.say(f"AGEN {match[1]}", who)


async def owners_morning(shop: World) -> None:
    """Strangers write, eleven agents are made, one is looked at, frozen and freed."""
    await lines(
        shop, "siti", "halo", "bahasa", "klaim", "batal", "bantuan", f"{METER} 50", "AGEN AAAAAAAAAA", "bahasa id"
    )
    await lines(shop, "boss", "agen baru", *(f"agen baru {NAME[:36]} {number:02d}" for number in range(11)))
    await lines(
        shop,
        "boss",
        "menu",
        "bantuan",
        "agen",
        "agen hal 2",
        "agen A002",
        "agen x",
        "agen konter",
        "id",
        "rekap",
        "saldo",
    )
    await lines(shop, "boss", "ekspor entah", "ekspor hari ini", "rekon", "rekon R9 kembalikan")
    await lines(shop, "boss", "beku A001", "beku A001 ya", "undang A001", "agen A001")
    await lines(shop, "budi", "menu", f"{METER} 20")
    await lines(shop, "boss", "aktif A001", "harga", f"{METER} 20", "bayar")
    for number in range(10):
        await invited(shop, "undang A001", "boss", f"chat{number}")
        await invited(shop, "kasir undang", "budi", f"kasir{number}")
    await lines(shop, "boss", "agen A001", "keluar A001", "keluar A001 3", "keluar A001 99")
    await lines(shop, "boss", "markup", "markup semua", "500", "ya", "markup A001 700", "ya", "markup A001", "batal")
    await lines(shop, "boss", "markup A001 9000", "markup x y", "harga A001", "markup A001 hapus", "ya")
    await lines(shop, "boss", "batas A001 9jt", "batas A001", "batas A001 0", "agen A001 nama", "agen cari a")
    await lines(shop, "boss", "agen A001 zona WITA", "agen A001 zona", "agen A001 zona toko", "agen diam", "agen utang")
    await lines(shop, "budi", "kasir", "kasir keluar 4", "kasir keluar 4 ya", "kasir undang", "kasir chat")


async def agents_noon(shop: World) -> None:
    """An agent buys in every way, is refused in many, and looks at what was sold."""
    await lines(shop, "budi", "menu", "bantuan", "saldo", "harga", "riwayat", "rekap", "bayar", "apa", "batal")
    await lines(shop, "budi", "beli", "123", METER, "ya", "9", "50", "ya", "rincian", "2", "50", "bayar")
    await lines(
        shop, "budi", f"{METER} 50", "2", f"{METER} 50", "1", "batal", METER, "ya", "batal", f"{METER} 1jt", "bayar"
    )
    sold = (await shop.purchases())[0].sale
    await lines(
        shop, "budi", "fav", "batal", f"fav {sold} budi", "fav", "fav ganti", "fav ganti budi andi", "fav hapus"
    )
    await lines(
        shop,
        "budi",
        "54123456783 20",
        "ya",
        "bayar",
        "fav",
        "fav 54123456783 andi",
        "batal",
        "fav andi",
        "fav hapus andi",
    )
    await lines(
        shop, "budi", "54123456711 20\n54123456722 20\n111\n54123456733 1jt", f"{METER} 20\n{METER} 100", "bayar"
    )
    await lines(shop, "budi", *(f"{word} {sold}" for word in ("cek", "token", "salin", "struk", "kabari")), "cek T1")
    await lines(shop, "budi", "riwayat 1 jan", "riwayat zainudin", "riwayat hal 9", "rekap entah", "rekap 1 jan")
    await lines(shop, "budi", "biaya", "biaya 99999", "toko", "toko 電", f"struk {sold} 2000", f"struk {sold} 99999")
    await lines(shop, "budi", *(f"111111111{end} 20" for end in ("08", "09", "12", "18")), "batal")
    await lines(shop, "budi", "11111111124 20", "ya", "bayar", "25930960810610721376")
    shop.clock.forward(MINUTE)  # meters are not checked faster than that
    for behaviour, meter in UNCLEAR:
        await lines(shop, "budi", f"{meter} 20", "ya")
        shop.sandbox.force(behaviour)
        await lines(shop, "budi", "bayar", f"{meter} 20", "ya", "batal")
    numbers = [one.sale for one in await shop.purchases() if one.is_open]
    for pause in (0, MINUTE, 11 * MINUTE, 31 * MINUTE, 3 * HOUR):
        for _ in range(6):
            await shop.later(pause)
        await lines(shop, "budi", *(f"cek {number}" for number in numbers))
    await lines(shop, "budi", "54123456780 20", "ya")
    shop.clock.forward(HOUR)
    await lines(
        shop, "budi", "bayar", "saldo", "mutasi", "mutasi 7", "riwayat", *(f"struk {number}" for number in numbers)
    )


async def complaints(shop: World) -> None:
    """What is wrong with a sale, in every way; the owner reads the notes."""
    sold = (await shop.purchases())[0].sale
    await lines(
        shop, "budi", "komplain", "komplain T1", f"komplain {sold}", "1", "2", f"komplain {sold}", "4", "x" * 300
    )
    await lines(shop, "budi", f"komplain {sold} salah meter", f"komplain {sold} belum", f"ditolak {sold} over")
    await lines(shop, "boss", "catatan", f"catatan {sold}", "notes", "jejak", "jejak A001")
    await lines(shop, "boss", "umumkan", "Besok tutup", "batal", "umumkan Besok", "1", "umumkan status", "umumkan stop")
    await lines(
        shop, "boss", "cadangan", "cadangan malam", "cadangan mati", "cadangan besok", "struk teks", "struk teks x"
    )
    await lines(shop, "boss", "struk teks kepala Toko", "ya")
    await lines(shop, "siti", "ditolak", "periksa", "25930960810610721376")


async def doubts(shop: World) -> None:
    """The owner looks at what is open, asks about it, and settles one of each kind; an agent is offered a late sale."""
    await lines(shop, "budi", "54123456770 20", "ya", "bayar")  # a good one: too many unclear in a row stop sales
    for meter in ("54123456771", "54123456772", "54123456773"):
        shop.sandbox.force(Behaviour.DROP_SOLD)
        await lines(shop, "budi", f"{meter} 20", "ya", "bayar")
    sales = [one.sale for one in (await shop.purchases())[-3:]]
    shop.sandbox.force(Behaviour.DROP_SOLD)
    await lines(shop, "boss", "54123456774 20", "ya", "bayar")
    sales.append(f"T{int(sales[-1][1:]) + 1}")  # at the counter
    shop.sandbox.script("ADV", NO_SALE)
    await lines(shop, "boss", "pending", "pending cek", f"pending {sales[0]}", f"pending {sales[0]} vsi")
    await lines(shop, "boss", f"selesai {sales[0]}")
    for _ in range(3):
        await shop.later(10 * MINUTE)
    await lines(shop, "boss", f"selesai {sales[0]}", f"selesai {sales[0]} keluar", "2593 0960 8106 1072 1376")
    await lines(shop, "boss", "1", "VSI menulis terjual", "ya", f"pending {sales[0]}", f"selesai {sales[1]} tunggu")
    for number in sales[1:]:
        await lines(shop, "boss", f"selesai {number} gagal VSI menulis gagal", "ya")
    shop.sandbox.script("ADV", None)
    await shop.later(2 * HOUR)
    await lines(shop, "boss", "pending", f"selesai {sales[1]}", f"selesai {sales[1]} tawarkan", f"pending {sales[1]}")
    await lines(shop, "budi", f"tebus {sales[1]}", "tidak")
    await lines(shop, "boss", f"selesai {sales[1]} tanggung salah kami menilai", "ya")
    await lines(shop, "boss", f"selesai {sales[3]}", f"selesai {sales[3]} dibayar uangnya sudah di laci", "ya")
    sale = Sale(msn=METER, total=51_600, tokens=("9" * 20,), paid_at=shop.clock())
    await shop.store.write(strays.found, "unknown", sale, shop.clock(), source="report")
    await lines(shop, "boss", "pending S1", "pending S1 vsi", "selesai S1 diganti surat VSI kemarin", "ya")
    await lines(shop, "boss", f"catatan {sales[0]} jawab", "batal")


async def owners_figures(shop: World) -> None:
    """The owner looks into every figure; something that was open since yesterday is settled, and corrects it."""
    await lines(
        shop, "boss", "rekap", "rekap entah", "rekap kemarin", "rekap kemarin gagal", "rekap 7", "rekap 7 lengkap"
    )
    still = next(one for one in await shop.purchases() if one.is_open)
    shop.clock.forward(20 * HOUR)
    word = Word("boss", "the supplier says so")
    await shop.store.write(by_hand.settle_unsold, still, word, shop.shop, shop.clock())
    await lines(
        shop, "boss", "rekap", "rekap lengkap", "rekap koreksi", "rekap bulan agen", "rekap 7 jam", "rekap 7 nominal"
    )
    await lines(shop, "boss", "rekap 7 A001", "rekap 7 A001 hal 2", "rekap jam 99", "rekap jam mati", "rekap jam 06.30")


async def customers_afternoon(shop: World) -> None:
    """A customer looks for tokens by every proof, waits for one, and has a meter remembered."""
    sold = (await shop.purchases())[0]
    assert sold.payref is not None
    await lines(shop, "siti", "cari", METER, "1", "2", f"{sold.payref[-4:]} 50", f"struk {sold.sale}")
    await lines(shop, "siti", f"ingat {sold.sale}", METER, "1", METER, "2", METER, "3", "0000 50", "minta", METER)
    await lines(shop, "siti", *["0000 50"] * 6, "4", f"klaim {sold.claim_code}", "klaim AAAAAAAAAA")
    await lines(shop, "budi", "kirim 1", "bukan 1", f"{sold.sale} 081234567890")
    shop.sandbox.force(Behaviour.DROP_UNSOLD)
    await lines(shop, "budi", "11111111170 20", "ya", "bayar")
    waits = (await shop.purchases())[-1].sale
    await lines(shop, "siti", "minta", "11111111170")
    await lines(shop, "budi", "kirim 2", f"cek {waits}")
    await lines(shop, "siti", f"kabari {waits}", f"struk {waits}")


async def evening(shop: World) -> None:
    """The supplier's deposit runs dry: sales stop, the owner tries, and sells again."""
    await lines(shop, "budi", "11111111162 20", "ya")
    shop.sandbox.force(Behaviour.DEPOSIT_EMPTY)
    await lines(shop, "budi", "bayar", "11111111163 20", "ya", "kabari", "menu")
    await lines(shop, "boss", "menu", "buka", "menu", "54123456781 20", "ya", "bayar", "menu")
    await lines(
        shop, "boss", "tutup", "alarm", "alarm 1", "alarm urus 1", "alarm diam 1", "alarm 99", "buka", "buka coba"
    )
    await shop.store.write(backups.noted, False, "no space left", shop.clock())
    await shop.store.write(watch.look, shop.shop, shop.clock())
    await lines(shop, "boss", *(f"alarm diam {one.id}" for one in await shop.store.read(alerts.standing)))
    await lines(
        shop, "boss", "deposit", "deposit 5jt", "deposit +5jt", "ya", "deposit cek 20jt", "deposit cek 1", "batal"
    )
    await lines(shop, "boss", "ekspor entah", "alarm riwayat")
    await lines(shop, "boss", "blokir 54123456782", "blokir buka 54123456782")
    await lines(shop, "budi", "pin", "135792", "135792", "pin", "batal", "kunci", "kunci ya")
    credit = Transfer("credit:day", receivable_of(2), account_of(2), 50_000, "credit")
    await shop.store.write(ledger.open_account, receivable_of(2), guarded=False)
    await shop.store.write(ledger.post, credit, shop.clock())
    shop.clock.forward(8 * DAY)
    await lines(shop, "boss", "agen", "agen diam", "agen utang")


async def money_comes(shop: World) -> None:
    """An agent asks for tickets, pays one, lets one go; an owner approves, rejects, and credits another amount."""
    await lines(shop, "budi", "tiket", "1", "200000", "tiket", "tiket jumlah", "tiket batal", "tiket sudah", "tiket 9")
    await lines(shop, "boss", "tiket", "tiket 1", "setuju 1 beda", "150000", "ya", "setuju 1", "tolak 1")
    await lines(shop, "budi", "tiket 500000", "tiket sudah", "tiket batal 1")
    await lines(shop, "boss", "tolak 2", "1", "tiket", "setuju 99", "usulan", "usulan P9")
    await lines(shop, "boss", "isi", "A002", "200000", "utang", "ya", "isi A002 200000", "batal", "piutang", "saldo")
    await lines(
        shop, "boss", "bayar A002", "50000", "ya", "saldo- A002 2jt x", "saldo+ A002 950000 salah", "ya", "usulan"
    )


def widened(value: Value, name: str = "") -> Value:
    """The value, as wide as it realistically gets."""
    match value:
        case Text():
            return text_widened(value)
        case Parts(texts):
            return Parts(tuple(text_widened(text) for text in texts))
        case Lines(texts):
            return Lines(tuple(text_widened(text) for text in texts))
        case str() if name in ("name", "agent", "outlet", "shop"):
            return NAME
        case _:
            return value


def text_widened(text: Text) -> Text:
    return Text(text.key, {name: widened(value, name) for name, value in text.args.items()})


def label_widened(option: Option) -> Option:
    """A label's sums and numbers; a name in it was cut by whoever made it."""
    args = {name: WIDEST_VALUES.get(name, value) for name, value in option.label.args.items()}
    shown = option.label if option.label.key.startswith("line.") else Text(option.label.key, args)
    return dataclasses.replace(option, label=shown)


def is_told_apart(message: Message) -> bool:
    """Widened, several sales of a list would be the same one."""
    return len({option.label.key for option in message.options}) == len(message.options)


BANK = Bank("Bank Central Asia", "0123456789", NAME)
BUSY = dataclasses.replace(
    SHOP,
    known_after_sales=0,
    owner_contact="@tokouji",
    second_approver=950_000,
    bank=BANK,
    backup_recipient="age1",
)
NO_LABELS = {
    "btn.choose",
    "btn.choose_amount",
    "btn.choose_day",
    "btn.choose_display",
    "btn.choose_proof",
    "btn.copy_token",
    "btn.erase",
    "btn.pay_plain",
}  # made by channels, or typed


async def test_every_message_of_a_day_keeps_its_buttons_and_its_lists_on_whatsapp(tmp_path: Path) -> None:
    async with world(tmp_path, shop=BUSY, deposit=9_000_000) as shop:
        for part in (
            owners_morning,
            agents_noon,
            complaints,
            doubts,
            customers_afternoon,
            money_comes,
            owners_figures,
            evening,
        ):
            await part(shop)
        said = {stored.encode(one.message): one.message for one in shop.phone.read}.values()
    labels_seen = {option.label.key for message in said for option in message.options}
    assert {key for key in CATALOGUES.texts("id") if key.startswith("btn.")} - labels_seen == NO_LABELS
    for message in said:
        wide = dataclasses.replace(
            message,
            text=text_widened(message.text),
            more=tuple(text_widened(text) for text in message.more),
            options=tuple(map(label_widened, message.options)) if is_told_apart(message) else message.options,
        )
        # a number is what the platform cannot ask for
        asked = [one for one in wide.options if one.key != PHONE and one.is_answered and not one.extra]
        for locale in LOCALES:
            last = shown_on_whatsapp(WHATSAPP.rich(wide, locale, NONCE))[-1]
            assert last.kind == ("text" if not asked else "button" if len(asked) <= 3 else "list"), wide
            assert len(last.options) == len(asked)
