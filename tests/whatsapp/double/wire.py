"""What goes over the wire: how the Graph API says no, its codes with their titles, and JSON as Meta writes it.

Knows no call and no state.
"""

import hashlib
import hmac
import json
import random
from typing import Any

from tests.double.delivering import shuffled

Json = dict[str, Any]
SIGNATURE = "X-Hub-Signature-256"
# code → the status that usually carries it, and its title
CODES: dict[int, tuple[int, str]] = {
    0: (401, "AuthException"),
    1: (500, "API Unknown"),
    2: (503, "API Service"),
    3: (500, "API Method"),
    4: (400, "API Too Many Calls"),
    10: (403, "Permission Denied"),
    100: (400, "Invalid parameter"),
    190: (401, "Access token has expired"),
    200: (403, "API Permission"),
    368: (403, "Temporarily blocked for policies violations"),
    2500: (400, "Unknown path components"),
    80007: (400, "Rate limit issues"),
    130429: (429, "Rate limit hit"),
    130472: (400, "User's number is part of an experiment"),
    130497: (403, "Business account is restricted from messaging users in this country"),
    131000: (500, "Something went wrong"),
    131005: (403, "Access denied"),
    131008: (400, "Required parameter is missing"),
    131009: (400, "Parameter value is not valid"),
    131016: (500, "Service unavailable"),
    131021: (400, "Recipient cannot be sender"),
    131026: (400, "Message undeliverable"),
    131030: (400, "Recipient phone number not in allowed list"),
    131031: (403, "Business Account locked"),
    131042: (400, "Business eligibility payment issue"),
    131045: (500, "Incorrect certificate"),
    131047: (400, "Re-engagement message"),
    131048: (400, "Spam rate limit hit"),
    131049: (400, "Meta chose not to deliver"),
    131051: (400, "Unsupported message type"),
    131052: (400, "Media download error"),
    131053: (400, "Media upload error"),
    131056: (400, "(Business Account, Consumer Account) pair rate limit hit"),
    131057: (500, "Business Account is in maintenance mode"),
    131062: (400, "Business-scoped user IDs are not supported for this message"),
    132000: (400, "Number of parameters does not match the expected number of params"),
    132001: (404, "Template name does not exist in the translation"),
    132005: (400, "Translated text too long"),
    132007: (400, "Template format character policy violated"),
    132012: (400, "Parameter format does not match format in the created template"),
    132015: (400, "Template is paused"),
    132016: (400, "Template is disabled"),
    132018: (400, "There was an issue with the parameters in your template"),
    133010: (400, "Phone number not registered"),
}


class Refused(Exception):
    """The Graph API says no. `is_limit`: for its rate, not for what was asked."""

    def __init__(
        self, code: int, details: str = "", *, status: int = 0, subcode: int = 0, message: str = "",
        type: str = "OAuthException", is_limit: bool = False,  # noqa: A002  # the field's name
    ) -> None:  # fmt: skip
        usual, title = CODES.get(code, (400, "Unknown error"))
        super().__init__(f"{code} {details or message or title}")
        self.code, self.details, self.subcode, self.type = code, details, subcode, type
        self.status = status or usual
        self.message = message or f"(#{code}) {title}"
        self.is_limit = is_limit


def param(words: str) -> Refused:
    """The Graph API's own complaint, before WhatsApp's are looked for."""
    return Refused(100, message=f"(#100) {words}")


def missing(details: str) -> Refused:
    return Refused(131008, details)


def invalid(details: str) -> Refused:
    return Refused(131009, details)


def no_object(name: str, verb: str) -> Refused:
    """An id that the token cannot see."""
    return Refused(
        100, subcode=33, type="GraphMethodException",
        message=f"Unsupported {verb} request. Object with ID '{name}' does not exist, cannot be loaded due to missing "
        "permissions, or does not support this operation",
    )  # fmt: skip


def refusal(refused: Refused, trace: str) -> Json:
    error: Json = {"message": refused.message, "type": refused.type, "code": refused.code}
    if refused.subcode:
        error["error_subcode"] = refused.subcode
    if refused.details:
        error["error_data"] = {"messaging_product": "whatsapp", "details": refused.details}
    return {"error": error | {"fbtrace_id": trace}}


def problem(code: int, details: str = "") -> Json:
    """An error as a webhook tells it."""
    title = CODES.get(code, (400, "Unknown error"))[1]
    told: Json = {"code": code, "title": title, "message": title, "error_data": {"details": details or title}}
    return told | {"href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/"}


def escaped(document: Json) -> bytes:
    """JSON in the bytes that Meta signs: ASCII only, slashes escaped, no blanks."""
    return json.dumps(document, separators=(",", ":")).replace("/", "\\/").encode()


def respelled(document: Json, chance: random.Random) -> bytes:
    """The same JSON in other bytes: another order of keys, other blanks."""
    return json.dumps(shuffled(document, chance), indent=chance.choice((None, 1))).replace("/", "\\/").encode()


def signed(raw: bytes, secret: str) -> str:
    """The signature header over exactly these bytes."""
    return "sha256=" + hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
