"""What may be said after a day of silence: the approved templates, filled. Everything else waits until he writes.

A template has one line for everything: no heading, no lines, no buttons, and the platform refuses empty values.
"""

from dataclasses import dataclass
from typing import Any

from bot.channels import parts
from bot.channels.whatsapp.look import Dressing, size
from bot.domain.message import Message, Text, Value
from bot.i18n import DEFAULT_LOCALE, PRACTICE_HEAD

MOST_IN_TEMPLATE = 1_024
_SENTENCE = 160  # what the approved words around the values may need, in any language
_STOPS = (".", "!", "?", ":", "…")
_NOTHING = "-"
_REPEAT = "resend.head"
_FACTS = ("token", "meter", "kwh")  # of a token, in the order of its template

Payload = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Templates:
    """The approved templates by name, and the languages that all are approved in; `news` and `shop` may be missing."""

    token: str = "token_siap"
    status: str = "status_pembelian"
    news: str = ""
    shop: str = ""
    languages: tuple[str, ...] = ("id", "en")

    def language(self, wanted: str) -> str:
        """The reader's language if there are templates in it, else Indonesian, else the one that there is."""
        return next(one for one in (wanted, DEFAULT_LOCALE, *self.languages) if one in self.languages)


def template(
    message: Message, language: str, sale: str, resent: bool, templates: Templates, dressing: Dressing
) -> Payload | None:
    """The message as the `template` of a call; None for what belongs to no sale.

    A token goes with what identifies it, anything else as one line. A repeat says so beside the sale's number.
    """
    if not sale:
        return None
    language = templates.language(language)
    shown = message if message.sheet is None else parts.without_blocks(message)
    lines = dressing.lines(shown, language)
    practice = dressing.words(Text(PRACTICE_HEAD), language)
    is_practice, is_headed = lines[0] == practice, message.key == _REPEAT
    token = parts.token_text(message)
    named = _named(sale, token, language, dressing, is_repeat=resent or is_headed)
    named += f" · {practice}" if is_practice else ""
    if token is not None and set(_FACTS) <= token.args.keys():
        facts = [_value(token.args[fact], language, dressing) for fact in _FACTS]
        return _filled(templates.token, language, [*facts, named])
    said = _one_line(lines[is_practice + is_headed :])
    return _filled(templates.status, language, [named, _shortened(said, MOST_IN_TEMPLATE - _SENTENCE - size(named))])


def news(message: Message, language: str, templates: Templates, dressing: Dressing) -> Payload | None:
    """What is said to many as the `template` of a call: its words are the one value. None without such a template."""
    if not templates.news:
        return None
    language = templates.language(language)
    words = " ".join(_value(message.text.args["text"], language, dressing).split())
    return _filled(templates.news, language, [_sentence(_shortened(words, MOST_IN_TEMPLATE - _SENTENCE))])


def matter(message: Message, language: str, templates: Templates, dressing: Dressing) -> Payload | None:
    """What belongs to no sale as the `template` of a call, its lines as one value. None without such a template."""
    if not templates.shop:
        return None
    language = templates.language(language)
    said = _one_line(dressing.lines(message, language))
    return _filled(templates.shop, language, [_sentence(_shortened(said, MOST_IN_TEMPLATE - _SENTENCE))])


def _named(sale: str, token: Text | None, language: str, dressing: Dressing, *, is_repeat: bool) -> str:
    """`T10482`, which of its tokens where there are several, and whether it was sent before."""
    number = token.args.get("n") if token is not None else None
    named = sale if number is None else f"{sale} · {number}"
    return dressing.words(Text("resend.sale", {"sale": named}), language) if is_repeat else named


def _value(value: Value, language: str, dressing: Dressing) -> str:
    return dressing.words(Text("line.parts", {"parts": value}), language)


def _filled(name: str, language: str, values: list[str]) -> Payload:
    parameters = [{"type": "text", "text": " ".join(value.split()) or _NOTHING} for value in values]
    components = [{"type": "body", "parameters": parameters}]
    return {"name": name, "language": {"code": language}, "components": components}


def _one_line(lines: list[str]) -> str:
    """Lines as sentences beside each other; the template sets the last stop itself."""
    whole = ""
    for line in filter(str.strip, lines):
        gap = "" if not whole else " " if whole.endswith(_STOPS) else " · "
        whole += gap + line.strip()
    return whole.rstrip(". ")


def _sentence(text: str) -> str:
    """With a stop of its own: these templates go on with another sentence and set none."""
    return text if not text or text.endswith(_STOPS) else f"{text}."


def _shortened(text: str, most: int) -> str:
    """The beginning up to a word's end."""
    if size(text) <= most:
        return text
    text = text[:most]  # no character counts less than one
    while size(text) > most - 1:
        text = text.rpartition(" ")[0] if " " in text else text[: most // 2]
    return f"{text.rstrip(' ·.')}…"
