"""What happens to which meter: the last digits of `111111111NN` pick a behaviour. Every other meter just buys.

The words beside each are shown in the practice. What each one does is `vending` and `server`.
"""

from dataclasses import dataclass
from enum import StrEnum

PREFIX = "111111111"


class Behaviour(StrEnum):
    """How the supplier acts on a meter."""

    SUCCESS = "success"
    PENDING_SUCCESS = "pending, then success"
    PENDING_FAILURE = "pending, never sold"
    TIMEOUT_SOLD = "sold, no answer"
    TIMEOUT_UNSOLD = "not sold, no answer"
    DROP_SOLD = "sold, connection dropped"
    DROP_UNSOLD = "not sold, connection dropped"
    UNKNOWN_METER = "unknown meter"
    ARREARS = "arrears"
    BLOCKED = "blocked"
    OLD_DEBT = "old debt"
    POSTPAID = "postpaid"
    KWH_LIMIT = "kWh limit"
    CUT_OFF = "cut-off"
    DEPOSIT_EMPTY = "supplier's deposit empty"
    REFUSED = "vending engine refuses"
    REFUSED_SOLD = "refused in words, yet sold"
    UNSOLD_TOKEN = "unsold token"
    TRUNCATED = "sold, malformed XML"
    PLAIN_TEXT = "sold, plain text"
    EARLIER_TOKEN = "advice answers an earlier token"
    INSTALMENT = "instalment"
    OTHER_ADM = "another admin fee"
    KEY_CHANGE = "key change, two tokens"
    KEY_CHANGES = "key change, three tokens"
    LATIN_NAME = "name in another charset"
    RAW_AMPERSAND = "raw ampersand in the name"
    HTML = "sold, HTML page"
    EMPTY = "sold, empty body"
    UNAVAILABLE_SOLD = "sold, 503"
    UNAVAILABLE = "not sold, 503"
    REDIRECT = "redirect that sells again"
    ALREADY_PAID = "sold, then 88"
    DEPOSIT_SERVICE = "sold, then 146"
    SLOW_INQUIRY = "slow inquiry"
    INQUIRY_TIMEOUT = "inquiry answers 68"


@dataclass(frozen=True, slots=True)
class Scenario:
    """A meter and what happens to it, in words for the practice."""

    meter: str
    behaviour: Behaviour
    words_id: str
    words_en: str


_WORDS: tuple[tuple[str, Behaviour, str, str], ...] = (
    ("01", Behaviour.SUCCESS, "sukses", "success"),
    ("02", Behaviour.PENDING_SUCCESS, "tertunda, lalu token keluar", "pending, then the token comes"),
    ("03", Behaviour.PENDING_FAILURE, "tertunda, tidak pernah keluar", "pending, never sold"),
    ("04", Behaviour.TIMEOUT_SOLD, "terjual, jawaban tidak datang", "sold, the answer never comes"),
    ("05", Behaviour.TIMEOUT_UNSOLD, "tidak terjual, tanpa jawaban", "not sold, no answer"),
    ("06", Behaviour.DROP_SOLD, "terjual, koneksi putus", "sold, the connection breaks"),
    ("07", Behaviour.DROP_UNSOLD, "koneksi putus sebelum terjual", "the connection breaks before the sale"),
    ("08", Behaviour.UNKNOWN_METER, "meter tidak dikenal", "unknown meter"),
    ("09", Behaviour.ARREARS, "ada tunggakan", "arrears"),
    ("10", Behaviour.BLOCKED, "diblokir PLN", "blocked by PLN"),
    ("11", Behaviour.OLD_DEBT, "tunggakan lama (PRR)", "old debt (PRR)"),
    ("12", Behaviour.POSTPAID, "pascabayar", "postpaid"),
    ("13", Behaviour.KWH_LIMIT, "melewati batas kWh", "above the kWh limit"),
    ("14", Behaviour.CUT_OFF, "PLN cut off", "PLN cut-off"),
    ("15", Behaviour.DEPOSIT_EMPTY, "deposit pemasok kosong", "supplier's deposit empty"),
    ("16", Behaviour.REFUSED, "ditolak mesin vending", "the vending engine refuses"),
    ("17", Behaviour.REFUSED_SOLD, "ditolak, ternyata terjual", "refused in words, yet sold"),
    ("18", Behaviour.UNSOLD_TOKEN, "ada token tertunda di PLN", "PLN lists an undelivered token"),
    ("19", Behaviour.TRUNCATED, "terjual, XML rusak", "sold, broken XML"),
    ("20", Behaviour.PLAIN_TEXT, "terjual, jawaban teks biasa", "sold, plain-text answer"),
    ("21", Behaviour.EARLIER_TOKEN, "cek dijawab token lama", "advice answers an earlier token"),
    ("22", Behaviour.INSTALMENT, "angsuran 24.000", "instalment 24.000"),
    ("23", Behaviour.OTHER_ADM, "biaya admin berbeda", "another admin fee"),
    ("24", Behaviour.KEY_CHANGE, "dua token (ganti kunci)", "two tokens (key change)"),
    ("25", Behaviour.KEY_CHANGES, "tiga token (ganti kunci)", "three tokens (key change)"),
    ("26", Behaviour.LATIN_NAME, "nama dengan charset lain", "a name in another charset"),
    ("27", Behaviour.RAW_AMPERSAND, "nama dengan & mentah", "a raw & in the name"),
    ("28", Behaviour.HTML, "terjual, jawaban HTML", "sold, an HTML page"),
    ("29", Behaviour.EMPTY, "terjual, jawaban kosong", "sold, an empty answer"),
    ("30", Behaviour.UNAVAILABLE_SOLD, "terjual, jawaban 503", "sold, answers 503"),
    ("31", Behaviour.UNAVAILABLE, "tidak terjual, jawaban 503", "not sold, answers 503"),
    ("32", Behaviour.REDIRECT, "dialihkan (302)", "redirected (302)"),
    ("33", Behaviour.ALREADY_PAID, "terjual, jawaban 88", "sold, answers 88"),
    ("34", Behaviour.DEPOSIT_SERVICE, "terjual, jawaban 146", "sold, answers 146"),
    ("35", Behaviour.SLOW_INQUIRY, "cek meter lambat", "slow meter check"),
    ("36", Behaviour.INQUIRY_TIMEOUT, "cek meter gagal", "the meter check fails"),
)

SCENARIOS: tuple[Scenario, ...] = tuple(
    Scenario(PREFIX + digits, behaviour, words_id, words_en) for digits, behaviour, words_id, words_en in _WORDS
)
_BY_METER = {scenario.meter: scenario.behaviour for scenario in SCENARIOS}


def behaviour_of(msn: str) -> Behaviour:
    """What happens to the meter."""
    return _BY_METER.get(msn, Behaviour.SUCCESS)
