"""What people type, form by form, and what it is read as."""

import pytest

from bot.conversation.grammar import Command, Mishap, Order, amount, claim_code, clean, read, reference

METER = "54123456789"


@pytest.mark.parametrize(
    "line",
    [
        f"{METER} 50", f"50 {METER}", f"{METER} 50rb", f"{METER} 50k", f"{METER} 50.000", f"{METER} Rp50.000",
        f"{METER}  50 ribu", f"{METER} rp 50000", f"PLN50.{METER}", f"50.{METER}", f"PLN {METER} 50", f"{METER}*50",
        f"pln50.{METER}", f"{METER},50", f"{METER}-50", f"beli {METER} 50", f"50.{METER}.1234",
        f"PLN {METER} 50 1234", "tolong isi 50 ribu no 5412-3456-789", "5412 3456 789 50rb",
        "isi 50rb ke 5412 3456 789 ya",
    ],
)  # fmt: skip
def test_every_form_of_an_order_reaches_the_same(line: str) -> None:
    found = read(clean(line))
    assert isinstance(found, Order)
    assert (found.number, found.denomination, found.repeat) == (METER, 50_000, None)


@pytest.mark.parametrize("line", [f"{METER} 50#2", f"PLN#2 {METER} 50", f"50.2.{METER}.1234"])
def test_the_deliberate_repeat(line: str) -> None:
    found = read(clean(line))
    assert isinstance(found, Order)
    assert (found.number, found.denomination, found.repeat) == (METER, 50_000, 2)


def test_a_customers_phone_comes_along() -> None:
    found = read(f"50.{METER}.1234.081234567890")
    assert isinstance(found, Order)
    assert (found.denomination, found.phone) == (50_000, "081234567890")


@pytest.mark.parametrize(
    ("text", "rupiah"),
    [("50", 50_000), ("1000", 1_000_000), ("50000", 50_000), ("1jt", 1_000_000), ("50.000", 50_000),
     ("Rp20.000", 20_000),
     ("2 juta", 2_000_000), ("100k", 100_000), ("1.000.000", 1_000_000), ("", None), ("x", None), ("-50", None),
     ("5e3", None), ("999999999999", None)],
)  # fmt: skip
def test_amounts(text: str, rupiah: int | None) -> None:
    assert amount(text) == rupiah


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        (METER, Order(METER)),
        ("531234567890", Order("531234567890")),
        ("5412 3456 789", Order(METER)),
        ("01234567890", Order("01234567890")),
        ("5412345678901", Mishap("num.registration")),
        ("541234567", Mishap("num.length", 9)),
        ("2593 0960 8106 1072 1376", Command("cek", "25930960810610721376")),
        ("❓ Token ditolak", Command("ditolak")),
        ("token refused", Command("ditolak")),
        ("K T10482", Command("komplain", "T10482")),
        ("refused T10482 used", Command("ditolak", "T10482 used")),
        ("complain T10482", Command("komplain", "T10482")),
        ("notes", Command("catatan")),
        (f"{METER} atau 54123456780 50rb", Mishap("num.which")),
        (f"{METER} 54123456780 50rb", Mishap("num.which")),
        ("saldo", Command("saldo")),
        ("💰 Saldo", Command("saldo")),
        ("✏️ 54123456789", Order(METER)),
        ("/saldo", Command("saldo")),
        ("CEK.SALDO", Command("saldo")),
        ("S", Command("saldo")),
        ("T10482", Command("cek", "T10482")),
        ("cek T10482", Command("cek", "T10482")),
        ("token hilang", Command("cari")),
        ("LOST TOKEN", Command("cari")),
        ("Halo", Command("menu")),
        ("selamat pagi, kak!", Command("menu")),
        ("Assalamualaikum", Command("menu")),
        ("makasih kak", Command("makasih")),
        ("Terima kasih!", Command("makasih")),
        ("terima kasih 50", None),
        ("K7Q2M9XT4B", Command("gabung", "K7Q2M9XT4B")),
        ("AGEN K7Q2M9XT4B", Command("gabung", "a_K7Q2M9XT4B")),
        ("agent k7q2m9xt4b", Command("gabung", "a_k7q2m9xt4b")),
        ("/start a_K7Q2M9XT4B", Command("gabung", "a_K7Q2M9XT4B")),
        ("/start a_nonsense", Command("gabung", "a_nonsense")),
        ("/start c_K7Q2M9XT4B", Command("klaim", "K7Q2M9XT4B")),
        ("/start", Command("menu")),
        ("/start b_K7Q2M9XT4B", Command("menu", "b_K7Q2M9XT4B")),
        ("agen", Command("agen")),
        ("agents Budi Cell", Command("agen", "Budi Cell")),
        ("new agent Budi Cell", Command("agen", "baru Budi Cell")),
        ("Tambah agen", Command("agen", "baru")),
        ("add agents", Command("agen", "baru")),
        ("agent add Budi Cell", Command("agen", "add Budi Cell")),
        ("freeze A017 yes", Command("beku", "A017 yes")),
        ("kasir undang", Command("kasir", "undang")),
        ("klaim K7Q2M9XT4B", Command("klaim", "K7Q2M9XT4B")),
        ("T10482 081234567890", Command("hp", "t10482 081234567890")),
        ("t10482 +62 812-3456-7890", Command("hp", "t10482 +6281234567890")),
        ("T10482 50", None),
        ("minta 54123456789", Command("minta", METER)),
        ("🙋 ask", Command("minta")),
        ("kirim 17", Command("kirim", "17")),
        ("not 17", Command("bukan", "17")),
        ("remember T10482", Command("ingat", "T10482")),
        ("halo apa kabar", None),
        ("💰", None),
        ("50", None),
    ],
)
def test_everything_else(line: str, wanted: object) -> None:
    assert read(clean(line)) == wanted


def test_full_width_digits_and_invisible_marks_do_not_matter() -> None:
    assert clean("\u202e\uff15\uff14\u200b123456789\u0000 50") == f"{METER} 50"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("A94C 50", ("A94C", 50_000)), ("a94c 51600", ("A94C", 51_600)), ("0000 Rp53.000", ("0000", 53_000)),
        ("A94C, 50rb", ("A94C", 50_000)), ("A94C/50", ("A94C", 50_000)), ("1234 1.001.600", ("1234", 1_001_600)),
        ("A94C", None), ("A94C50", None), ("G94C 50", None), ("A94C x", None), ("50 A94C", None), ("", None),
    ],
)  # fmt: skip
def test_the_end_of_no_ref_with_an_amount(text: str, wanted: tuple[str, int] | None) -> None:
    assert reference(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("k7q2m9xt4b", "K7Q2M9XT4B"), (" K7Q2-M9XT 4B", "K7Q2M9XT4B"), ("K7Q2M9XT4", None), ("0812345678", None),
     ("KIQ2M9XT4B", None)],
)  # fmt: skip
def test_a_claim_code_is_read_however_it_is_grouped(text: str, wanted: str | None) -> None:
    assert claim_code(text) == wanted
