"""Mutants about photos: where our access goes, how much is taken in, and which codes are a meter's."""

from tests.mutants.mutant import Change, Mutant

_BARCODES = "bot/documents/barcodes.py"
_PHOTOS = "bot/conversation/photos.py"
_WIRE = "bot/channels/wire.py"
_READS = ("tests/documents/test_barcodes.py",)
_TELEGRAM = ("tests/telegram/test_photos.py",)
_WHATSAPP = ("tests/whatsapp/test_photos.py",)

PHOTOS = (
    Mutant(
        "photos: hosts",
        "our access goes with a file's address to the platform's own hosts only",
        _WHATSAPP,
        (
            Change(
                "bot/channels/whatsapp/files.py",
                'return address.scheme == "https" and address.port == 443 and (address.host or "").endswith(_HOSTS)',
                "return True",
            ),
        ),
    ),
    Mutant(
        "photos: a file is asked for twice at most",
        "the HTTP library's own repeat of a platform's GET is stopped",
        _TELEGRAM,
        (Change(_WIRE, 'middlewares=(_Once(),) if method == "GET" else ()', "middlewares=()"),),
    ),
    Mutant(
        "photos: bytes",
        "a file of any size is not taken into memory",
        _TELEGRAM,
        (
            Change(_WIRE, "    if (answer.content_length or 0) > most:\n        raise TooLargeError\n", ""),
            Change(_WIRE, "        if len(body) > most:\n            raise TooLargeError\n", ""),
        ),
    ),
    Mutant(
        "photos: pixels",
        "a small file of a huge picture is not unpacked",
        _READS,
        (Change(_BARCODES, "(_MOST_PIXELS if is_jpeg else _MOST_PLAIN_PIXELS)", "10**12"),),
    ),
    Mutant(
        "photos: goods",
        "the code of some goods, twelve digits, is no meter's",
        _READS,
        (Change(_BARCODES, "kinds.DataMatrix]", "kinds.DataMatrix, kinds.EANUPC]"),),
    ),
    Mutant(
        "photos: links",
        "a link to anywhere is no claim code",
        _TELEGRAM,
        (Change(_PHOTOS, '(link.hostname or "") not in _LINK_HOSTS', "not link.hostname"),),
    ),
    Mutant(
        "photos: slow",
        "a slow server keeps a chat waiting for its limit only",
        _TELEGRAM,
        (Change(_PHOTOS, "asyncio.timeout(self._waits.photo / SECOND)", "asyncio.timeout(60)"),),
    ),
    Mutant(
        "photos: pace",
        "a chat that sends one photo after another does not keep everybody else's waiting",
        _TELEGRAM,
        (Change(_PHOTOS, "if len(recent) >= _MOST_A_MINUTE:", "if len(recent) >= 1000:"),),
    ),
    Mutant(
        "photos: fetched anew",
        "a photo that waits for the supplier's answer is not fetched again at each look",
        _TELEGRAM,
        (Change(_PHOTOS, "        self._known[row.id] = seen\n", ""),),
    ),
)
