"""What people type, read: orders in every form that servers of this trade ever accepted, commands, and mishaps.

Reads only; never guesses. What is not exactly one number and at most one amount is no order.
"""

import difflib
import re
import unicodedata
from dataclasses import dataclass

from bot.domain.meter import REGISTRATION_DIGITS
from bot.domain.token import DIGITS as TOKEN_DIGITS


@dataclass(frozen=True, slots=True)
class Order:
    """A meter number or IDPEL, with what else was given. `repeat` is the deliberate n-th purchase of the day."""

    number: str
    denomination: int | None = None
    repeat: int | None = None
    phone: str = ""
    pin: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """What would be an order if the name were a favourite of whoever types it; otherwise as in `Order`."""

    alias: str
    denomination: int | None = None
    repeat: int | None = None
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Command:
    """A command by its Indonesian name, with the rest of the line."""

    name: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Mishap:
    """Something that is recognised and not sold to: the key of what to say, and a count of digits."""

    key: str
    digits: int = 0


_COMMANDS = {
    "menu": "menu start mulai",
    "bantuan": "bantuan bantu help ?",
    "bahasa": "bahasa language lang",
    "batal": "batal cancel",
    "beli": "beli buy",
    "saldo": "saldo balance s sal cek.saldo",
    "mutasi": "mutasi ledger statement",
    "tiket": "tiket ticket tickets dep",
    "isi": "isi topup top-up",
    "saldo+": "saldo+ adjust+",
    "saldo-": "saldo- adjust-",
    "terima": "repay",
    "piutang": "piutang utang hutang owed debts receivables",
    "sudah": "sudah paid done",
    "setuju": "setuju approve",
    "tolak": "tolak reject",
    "usulan": "usulan proposal proposals",
    "harga": "harga price prices h ch hrg",
    "biaya": "biaya fee",
    "toko": "toko shop",
    "riwayat": "riwayat history list",
    "cek": "cek check",
    "token": "token sn",
    "struk": "struk receipt",
    "salin": "salin copy",
    "kabari": "kabari tell",
    "rekap": "rekap report r lap",
    "komplain": "komplain complain keluhan k cs info",
    "ditolak": "ditolak refused",
    "catatan": "catatan notes",
    "umumkan": "umumkan broadcast announce",
    "cadangan": "cadangan backup",
    "jejak": "jejak trail audit",
    "pending": "pending",
    "selesai": "selesai resolve settle",
    "tebus": "tebus redeem",
    "buka": "buka open",
    "tutup": "tutup close",
    "alarm": "alarm alarms alert alerts",
    "deposit": "deposit",
    "klaim": "klaim claim",
    "cari": "cari find",
    "minta": "minta ask",
    "ingat": "ingat remember",
    "hapus": "hapus delete erase",
    "fav": "fav favorit favourite favourites favorite favorites",
    "kirim": "kirim send",
    "bukan": "bukan not",
    "rincian": "rincian details",
    "bayar": "bayar pay",
    "agen": "agen agent agents",
    "undang": "undang invite",
    "beku": "beku bekukan freeze",
    "aktif": "aktif aktifkan unfreeze unlock",
    "keluar": "keluar keluarkan remove",
    "kasir": "kasir cashier cashiers",
    "id": "id",
    "pin": "pin gp gpin g",
    "kunci": "kunci lock",
    "blokir": "blokir block",
    "batas": "batas limit",
    "markup": "markup markups",
    "rekon": "rekon rekonsiliasi reconcile",
    "ekspor": "ekspor export unduh download",
}
_BY_WORD = {word: name for name, words in _COMMANDS.items() for word in words.split()}
_PHRASES = {
    "token hilang": "cari",
    "lost token": "cari",
    "token ditolak": "ditolak",
    "token refused": "ditolak",
    "kode klaim": "klaim",  # what a keyboard goes on showing after its question
    "claim code": "klaim",
    "nomor hp saya": "cari",
    "my phone number": "cari",
    "no ref + nominal": "cari",
    "no ref + amount": "cari",
}
_TO_WHOM = r"(?:,? (?:kak|min|admin|mas|mbak|pak|bu|bang|there))?[!.,]*"
_GREETING = re.compile(  # how a chat begins that no link and no button opened
    r"(?:halo|hallo|hai|hi|hello|permisi|assalamu ?'?alaikum|selamat (?:pagi|siang|sore|malam)"
    rf"|good (?:morning|afternoon|evening)){_TO_WHOM}"
)
_ABOUT = r"(?=.*\b(?:token|stroom|strum|setrum|struk|resi|receipt|slip)(?:nya|ku)?\b)"
_LOST = re.compile(  # a customer's sentence about what he lost
    rf"{_ABOUT}.*\b(?:hilang|ilang|kehilangan|terhapus|kehapus|lupa|lost|lose|missing|gone|deleted|forgot)\b.*"
)
_REFUSED = re.compile(  # and about what his meter does not take
    rf"{_ABOUT}.*\b(?:ditolak|menolak|gagal|salah|refused?|rejected|wrong|failed"
    r"|(?:tidak|tdk|ga|gak|nggak|tak|ga'?k) (?:bisa|bs|masuk|diterima)|(?:does not|doesn'?t|not|can'?t) work)\b.*"
)
_BUYING = re.compile(r".*\b(?:beli|membeli|isi|buy|harga|price)\b.*")
_NEW_AGENT = re.compile(r"(?:new|add|tambah) (?:agent|agen)s?\b\s*(?P<name>.*)", re.IGNORECASE)
_NAMES_A_SALE = ("cek", "token", "struk")  # of sellers; with a meter number a customer means his own
_THANKS = re.compile(rf"(?:terima ?kasih|makasih?|trims|thanks|thank you|thx){_TO_WHOM}")

_LEAST_GUESSED, _MOST_GUESSED, _ALIKE = 4, 60, 0.75  # letters of a word, characters of a line, likeness of words

YES = frozenset(["ya", "y", "benar", "yes", "ok"])
NO = frozenset(["tidak", "no", "batal", "cancel", "0"])
PAY = frozenset(["bayar", "pay"])

_AMOUNT = r"(?P<rp>rp\.?\s?)?(?P<digits>\d{1,3}(?:\.\d{3})+|\d{1,8})\s?(?P<unit>rb|ribu|k|jt|juta)?"
_NAMELESS = re.sub(r"\?P<\w+>", "", _AMOUNT)
_MARKED = re.compile(
    r"(?<![\d.])(?:rp\.?\s?(?:\d{1,3}(?:\.\d{3})+|\d{1,8})(?:\s?(?:rb|ribu|k|jt|juta))?"
    r"|\d{1,3}(?:\.\d{3})+|\d{1,8}\s?(?:rb|ribu|k|jt|juta))(?![\w.])"
)
_WORD = r"(?:(?:pln|beli|buy|token)\s*)?"
_TAIL = r"(?:[\s.*,-]+(?P<pin>\d{4,6}))?(?:[\s.*,-]+(?P<phone>(?:08|628)\d{7,12}))?(?:\s*#(?P<again>\d{1,2}))?"
_FORMS = tuple(
    re.compile(form)
    for form in (
        rf"{_WORD}(?:#(?P<repeat>\d{{1,2}})\s+)?(?P<number>\d{{11,12}})[\s.*,-]+(?P<amount>{_NAMELESS}){_TAIL}",
        rf"{_WORD}(?P<amount>{_NAMELESS})[\s.*,-]+(?:(?P<repeat>\d)[.*,-])?(?P<number>\d{{11,12}}){_TAIL}",
    )
)
_ALIAS = r"[a-z][a-z0-9]{0,19}"
_NAMED = tuple(
    re.compile(form)
    for form in (
        rf"(?:#(?P<repeat>\d{{1,2}})\s+)?(?P<alias>{_ALIAS})(?:[\s.*,-]+(?P<amount>{_NAMELESS}){_TAIL})?",
        rf"(?P<amount>{_NAMELESS})[\s.*,-]+(?:(?P<repeat>\d)[.*,-])?(?P<alias>{_ALIAS}){_TAIL}",
    )
)
_NO_ALIAS = frozenset(["pln", "rp", "rb", "ribu", "k", "jt", "juta"])  # parts of orders
_GROUPS = re.compile(r"(?<![\d.])\d+(?:[ -]\d+)*(?![\d.]*\d)")
_CORRECTION = re.compile(r"(?P<word>saldo|adjust)\s*(?P<sign>[+\-−–])\s*(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_METER = re.compile(r"(?<!\d)\d{11,12}(?!\d)")
_TICKET = re.compile(r"(?:tiket|dep)[.*](\S+)")  # how servers of this trade ask for one
_SALE = re.compile(r"t\d{1,9}")
_SALE_NAMED = re.compile(r"\bt\d{1,9}\b")
_SALE_AND_PHONE = re.compile(r"(?P<sale>t\d{1,9})\s+(?P<phone>(?:\+?62|0)[ -]?8[\d -]{7,14})")
CLAIM_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{10}")  # an invitation's code looks the same
_WHOLE_REFERENCE = re.compile(r"[0-9a-f]{14} ?[0-9a-f]{14} ?[0-9a-f]{4}(?![0-9a-f])", re.IGNORECASE)
_PAYLOAD = re.compile(r"(?P<kind>[ac])_(?P<code>[\w-]{1,60})", re.ASCII)  # what a link to the shop's chat carries
_PICTOGRAM = re.compile(r"^[^\x00-\x7f\w]+\s+(?=\w)")  # a button's label is as good as its words
INVITED = "a_"  # marks a code that was given as an invitation; without it, it may be a claim


def clean(text: str) -> str:
    """Full-width digits made plain; control, bidirectional and zero-width characters dropped; blanks collapsed."""
    plain = unicodedata.normalize("NFKC", text[:4096])[:4096]  # some characters are made plain as eighteen
    kept = (" " if unicodedata.category(char) == "Cc" else char for char in plain)
    return " ".join("".join(char for char in kept if unicodedata.category(char) not in ("Cf", "Cs", "Co")).split())


def lines(text: str) -> list[str]:
    """A message line by line, each cleaned; without those that say nothing, or greet and thank beside others."""
    found = [line for one in text[:4096].splitlines() if (line := clean(one))]
    polite = (_GREETING, _THANKS)
    return [line for line in found if not any(one.fullmatch(line.casefold()) for one in polite)] or found


def amount(text: str) -> int | None:
    """`50`, `50rb`, `50k`, `50.000`, `Rp50.000`, `1jt` in rupiah; a bare number below 10.000 counts in thousands."""
    match = re.fullmatch(_AMOUNT, text.strip().casefold())
    if match is None:
        return None
    value = int(match["digits"].replace(".", ""))
    if match["unit"] in ("jt", "juta"):
        return value * 1_000_000
    if match["unit"] in ("rb", "ribu", "k"):
        return value * 1_000
    has_dot = "." in match["digits"]
    return value if has_dot or match["rp"] or value >= 10_000 else value * 1_000


def rupiah(text: str) -> int | None:
    """`200000`, `200.000`, `Rp200.000`, `200rb`, `1,5jt` in rupiah; a bare number is whole rupiah, as books have it."""
    if re.fullmatch(r"[0-9]{1,10}", plain := text.strip()):
        return int(plain)
    if part := re.fullmatch(r"(?:rp\.?\s?)?([0-9]{1,3})[.,]([0-9]{1,2})\s?(?:jt|juta)", plain.casefold()):
        return int(part[1]) * 1_000_000 + int(part[2].ljust(2, "0")) * 10_000
    return amount(plain) if plain.isascii() else None


def number(text: str) -> str | None:
    """The meter number or IDPEL if the text is one and nothing else, in any grouping."""
    digits = re.sub(r"[\s.-]", "", text)
    return digits if re.fullmatch(r"[0-9]{11,12}", digits) else None


def reference(text: str) -> tuple[str, int] | None:
    """`A94C 50`, `a94c 51.600`: the last four of NO REF, or all of it, and an amount; None for anything else."""
    whole = _WHOLE_REFERENCE.match(text.strip())
    text = text.strip() if whole is None else f"{whole[0][-4:]}{text.strip()[whole.end() :]}"
    tail, gap, rest = text[:4], text[4:5], text[5:]
    rupiah = amount(rest.lstrip(" .,;:/-+")) if gap and gap in " .,;:/-+" else None
    return (tail.upper(), rupiah) if rupiah is not None and re.fullmatch(r"[0-9A-Fa-f]{4}", tail) else None


def claim_code(text: str) -> str | None:
    """The ten characters of a claim code, however they are typed; digits alone are none."""
    code = re.sub(r"[\s-]", "", text).upper()
    return code if CLAIM_CODE.fullmatch(code) and not code.isdigit() else None


def alias(text: str) -> str | None:
    """The short name, in small letters, if the text can be one: a letter first, and no meaning of its own yet."""
    word = text.strip().casefold()
    taken = word in _NO_ALIAS | YES | NO | PAY or amount(word) is not None
    return word if re.fullmatch(_ALIAS, word) and not taken and read(word) is None else None


def named(text: str) -> Named | None:
    """`budi`, `budi 100`, `100 budi`, `budi 100#2`: what a line means to whoever has that favourite."""
    line = _PICTOGRAM.sub("", text).casefold()
    for form in _NAMED:
        if match := form.fullmatch(line):
            rupiah = amount(match["amount"]) if match["amount"] else None
            again = match["repeat"] or match["again"]
            return Named(match["alias"], rupiah, int(again) if again else None, match["phone"] or "")
    return None


def read(text: str) -> Order | Command | Mishap | None:
    """What a cleaned line means outside any question; None where it means nothing known."""
    text = _PICTOGRAM.sub("", text)
    line = text.casefold()
    if line in _PHRASES:
        return Command(_PHRASES[line])
    if _GREETING.fullmatch(line):
        return Command("menu")
    if _THANKS.fullmatch(line):
        return Command("makasih")
    return _order(line) or _command(text) or _digits_alone(line) or _sentence(line)


def nods(text: str) -> bool:
    """Whether a line is pictograms alone, as 👍 and 🙏 are."""
    return bool(text) and all(unicodedata.category(char) in ("So", "Sk", "Mn", "Zs") for char in text)


def nearest(text: str) -> str:
    """The line with its first word replaced by the command that is spelt almost so; '' if none is.

    Never a guess that acts: it is only offered. What may stand beside a PIN is not repeated.
    """
    word, _, rest = text.removeprefix("/").partition(" ")
    if not word.isalpha() or len(word) < _LEAST_GUESSED or len(text) > _MOST_GUESSED:
        return ""
    found = difflib.get_close_matches(word.casefold(), _BY_WORD, 1, _ALIKE)
    return f"{found[0]} {rest}".strip() if found and _BY_WORD[found[0]] != "pin" else ""


def customers(text: str) -> Order | Command | Mishap | None:
    """What a cleaned line means to somebody who buys elsewhere: sentences, too, about a token that is lost or refused.

    A bare meter number, and one in such a sentence, is that of a lost token.
    """
    known, line = read(text), text.casefold()
    if isinstance(known, Command) and known.name == "isi":
        known = None  # "isi token 50": he wants to buy
    begins = known.name if isinstance(known, Command) else ""
    if _SALE_NAMED.search(line) or (begins and begins not in (*_NAMES_A_SALE, "cari", "minta", "komplain")):
        return known
    if _LOST.fullmatch(line):
        return Command("cari", named_meter(line))
    if _REFUSED.fullmatch(line):
        return Command("ditolak")
    if isinstance(known, Command) and known.name in _NAMES_A_SALE:
        found = number(known.rest)
        return Command("cari", found or "") if found or not any(map(str.isdigit, known.rest)) else known
    return Command("beli") if known is None and _BUYING.fullmatch(line) else known


def named_meter(line: str) -> str:
    """The one meter number or IDPEL in a sentence, or ''."""
    found = _sentence(line)
    return found.number if isinstance(found, Order) else ""


def _order(line: str) -> Order | None:
    for form in _FORMS:
        match = form.fullmatch(line)
        if match is not None and (rupiah := amount(match["amount"])) is not None:
            again = match["repeat"] or match["again"]
            repeat = int(again) if again else None
            return Order(match["number"], rupiah, repeat, match["phone"] or "", match["pin"] or "")
    return None


def _command(text: str) -> Command | None:
    if corrected := _CORRECTION.fullmatch(text.removeprefix("/")):
        return Command(f"saldo{'+' if corrected['sign'] == '+' else '-'}", corrected["rest"])
    word, _, rest = text.removeprefix("/").partition(" ")
    name = _BY_WORD.get(word.casefold())
    match name:
        case "isi" if _METER.search(re.sub(r"(?<=\d)[ .-](?=\d)", "", rest)):
            return None  # a sentence that orders
        case "bayar" if rest:
            return Command("terima", rest.strip())
        case "beli" if found := number(rest):
            return Command(name, found)
        case "menu" if payload := _PAYLOAD.fullmatch(rest):
            return Command("gabung", rest) if payload["kind"] == "a" else Command("klaim", payload["code"])
        case "agen" if CLAIM_CODE.fullmatch(rest.upper()):
            return Command("gabung", INVITED + rest)
        case str():
            return Command(name, rest.strip())
    return _formed(text)


def _formed(text: str) -> Command | None:
    """What is a command by its form, whatever word it begins with."""
    if new := _NEW_AGENT.fullmatch(text):
        return Command("agen", f"baru {new['name']}".strip())
    if asked := _TICKET.fullmatch(text.casefold()):
        return Command("tiket", asked[1])
    if _SALE.fullmatch(text.casefold()):
        return Command("cek", text)
    if noted := _SALE_AND_PHONE.fullmatch(text.casefold()):
        return Command("hp", f"{noted['sale']} {re.sub('[ -]', '', noted['phone'])}")
    if CLAIM_CODE.fullmatch(text.upper()) and not text.isdigit():
        return Command("gabung", text)
    return None


def _digits_alone(line: str) -> Order | Command | Mishap | None:
    digits = re.sub(r"[\s.-]", "", line)
    if not re.fullmatch(r"[0-9]+", digits):
        return None
    if number(line):
        return Order(digits)
    if sum(number(word) is not None for word in line.split()) > 1:
        return Mishap("num.which")
    if len(digits) == TOKEN_DIGITS:
        return Command("cek", digits)
    if len(digits) == REGISTRATION_DIGITS:
        return Mishap("num.registration")
    return Mishap("num.length", len(digits)) if len(digits) > 7 else None


def _sentence(line: str) -> Order | Mishap | None:
    """An order in a sentence: digit groups join only to exactly 11 or 12 digits, and the amount carries a marker."""
    amounts = list(_MARKED.finditer(line))
    rest = _MARKED.sub(" | ", line)
    found: set[str] = set()
    for group in _GROUPS.findall(rest):
        whole = number(group)
        found |= {whole} if whole else {digits for word in re.split("[ -]", group) if (digits := number(word))}
    if len(found) > 1:
        return Mishap("num.which")
    if not found:
        return None
    rupiah = amount(amounts[0].group()) if len(amounts) == 1 else None
    return Order(found.pop(), rupiah)
