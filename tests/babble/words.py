"""What comes to people's minds: every command with anything behind it, and orders, a line at a time, by chance."""

import random

from bot.conversation import grammar

_WORDS = sorted(word for words in grammar._COMMANDS.values() for word in words.split())
_METERS = ("54123456789", "54123456781", "54123456782", "541234567891", "32100000015")
_NAMES = ("Budi", "budi cell", "Tono Cell", "A001", "A002", "A003", "A000", "A999", "kios 3", "boss", "console:boss")
_WAYS = (
    "ya", "tidak", "yes", "no", "batal", "1", "2", "10", "0", "99", "hal 2", "page 2", "semua", "cek", "vsi",
    "buka", "kunci", "undang", "hapus", "tutup", "kembali", "dikirim", "sisa", "sent", "left", "tunai", "lunas",
    "kredit", "malam", "lengkap", "diam", "utang", "riwayat", "info", "id", "en", "xlsx", "rugi", "loss",
    "diganti", "agen bayar", "jawab sudah diganti", "gagal VSI menulis tidak ada",
    "keluar 25930960810610721376", "zona WITA", "nama Berkah Jaya", "teks kepala Toko Induk",
)  # fmt: skip
_DAYS = (
    "hari ini", "kemarin", "yesterday", "minggu", "bulan", "month", "12 nov", "2026-11-24", "20/11", "jam 07.00",
    "jam mati",
)  # fmt: skip
_NUMBERS = (
    "50", "50rb", "Rp50.000", "20", "1jt", "5jt", "500000", "-5000", "+1000000", "150.500", "#1", "#2", "P1",
    "S1", "S2", "T10001", "T10002", "T10009", "T99999", "123456", "739146", "1234", "081234567890",
    "+62 812-3456-7890", "A94C 50", "25930960810610721376", "2593 0960 8106 1072 1376", "T10001 081234567890",
)  # fmt: skip
_ODD = (
    "🙏", "👍", "<b>&amp;", "%s", "ñandú", "５４１２３４５６７８９", "a" * 400, "alasan panjang " * 9, "null", "'; --",
    "\u200b.",
)  # fmt: skip
_BESIDE = (_WAYS, _WAYS, _DAYS, _NUMBERS, _NUMBERS, _NAMES, _METERS, _ODD)
_ABOUT_A_SALE = ("cek", "token", "struk", "salin", "komplain", "kabari", "catatan", "pending", "selesai", "ditolak", "")
_AMOUNTS = ("", "20", "50", "100", "50rb", "1000", "7", "20#2", "50#2", "20 081234567890")


def line(chance: random.Random) -> str:
    """One message; now and then it has several lines."""
    what = chance.random()
    if what < 0.35:
        return order(chance)
    if what < 0.45:
        return chance.choice(("bayar", "pay", "bayar", "ya", "1"))
    if what < 0.55:
        return f"{chance.choice(_ABOUT_A_SALE)} T1000{chance.randint(1, 9)}".strip()
    if what < 0.6:
        return "\n".join(order(chance) for _ in range(chance.randint(2, 5)))
    beside = [chance.choice(chance.choice(_BESIDE)) for _ in range(chance.choice((0, 1, 1, 1, 2, 2, 3)))]
    return " ".join([chance.choice(_WORDS), *beside])


def order(chance: random.Random) -> str:
    """A meter, mostly with an amount."""
    return f"{chance.choice(_METERS)} {chance.choice(_AMOUNTS)}".strip()
