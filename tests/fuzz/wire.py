"""Mutations of an answer's bytes: what lines, proxies, charsets and attackers make of it. None judges."""

import gzip
import json
from collections.abc import Callable

from bot.sandbox import answers
from tests.fuzz.corpus import Family
from tests.fuzz.draft import Draft

Mutation = Callable[[Draft], None]

_EDGE = 64 * 1024
_PIECES = (
    b"<rc>0000</rc>",
    b"<status>SUCCESS</status>",
    b"<status>ERROR</status>",
    b"<rc>",
    b"</rc>",
    b"</root>",
    b"<root>",
    b"<![CDATA[",
    b"]]>",
    b"<!--",
    b"-->",
    b"<?",
    b"?>",
    b"&amp;",
    b"&lt;",
    b"&",
    b"<",
    b">",
    b"]]",
    b"[14]",
    b"STROOM/TOKEN",
    b"\xef\xbb\xbf",
)
_TYPES = (
    b"<!DOCTYPE root>",
    b"<!doctype html>",
    b"<! DOCTYPE root>",
    b'<!DOCTYPE root SYSTEM "file:///etc/passwd">',
    b'<!DOCTYPE root [<!ENTITY s "SUCCESS">]>',
    b'<!DOCTYPE root [<!ENTITY % p SYSTEM "http://127.0.0.1/x"> %p;]>',
    b'<!DOCTYPE root [<!ATTLIST root a CDATA "b">]>',
)


def flip_bits(d: Draft) -> None:
    body = bytearray(d.body)
    for _ in range(d.chance.choice((1, 1, 1, 2, 8))):
        if body:
            body[d.chance.randrange(len(body))] ^= 1 << d.chance.randrange(8)
    d.body = bytes(body)


def insert_bytes(d: Draft) -> None:
    where = d.chance.randrange(len(d.body) + 1)
    more = d.chance.randbytes(d.chance.choice((1, 1, 2, 20))) if d.chance.random() < 0.5 else d.chance.choice(_PIECES)
    d.body = d.body[:where] + more + d.body[where:]


def delete_bytes(d: Draft) -> None:
    where = d.chance.randrange(len(d.body) + 1)
    d.body = d.body[:where] + d.body[where + d.chance.choice((1, 1, 2, 10, 60)) :]


def cut_anywhere(d: Draft) -> None:
    d.body = d.body[: d.chance.randrange(len(d.body) + 1)]


def cut_at_a_tag(d: Draft) -> None:
    marks = [place for place, one in enumerate(d.body) if one in b"<>"]
    if marks:
        d.body = d.body[: d.chance.choice(marks) + d.chance.choice((0, 1))]


def cut_the_beginning(d: Draft) -> None:
    d.body = d.body[d.chance.randrange(len(d.body) + 1) :]


def repeat_a_piece(d: Draft) -> None:
    one, two = sorted((d.chance.randrange(len(d.body) + 1), d.chance.randrange(len(d.body) + 1)))
    d.body = d.body[:two] + d.body[one:two] + d.body[two:]


def splice_with_another_answer(d: Draft) -> None:
    other = d.another(d.chance.choice(list(Family))).body
    if d.chance.random() < 0.5:
        mark = b"</rcm>"
        d.body = d.body.partition(mark)[0] + mark + other.partition(mark)[2]
    else:
        d.body = d.body[: d.chance.randrange(len(d.body) + 1)] + other[d.chance.randrange(len(other) + 1) :]


def two_documents(d: Draft) -> None:
    other = d.chance.choice((d.body, d.another().body, d.another(Family.REFUSAL).body))
    d.body = d.chance.choice((d.body + other, other + d.body, d.body + b"\n" + other))


def something_behind(d: Draft) -> None:
    d.body += d.chance.choice((b"\n\n", b" ", b"x", b"\x00", b"<!-- x -->", b"<x/>", b"</root>", b"0\r\n\r\n", b"\x1a"))


def something_before(d: Draft) -> None:
    befores = (
        b"\xef\xbb\xbf",
        b"\r\n",
        b" \t",
        b"x",
        b"\xff\xfe",
        b"\xef\xbb\xbf\xef\xbb\xbf",
        b"<!-- x -->",
        b"1f\r\n",
    )
    d.body = d.chance.choice(befores) + d.body


def another_charset(d: Draft) -> None:
    text = d.body.decode("utf-8", "replace")
    name = d.chance.choice(("utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp037", "utf-7", "utf-8-sig"))
    d.body = text.encode(name, "replace")


def a_name_in_latin_1(d: Draft) -> None:
    d.body = d.body.replace(b"<nama>", b"<nama>Andr\xe9 ").replace(
        b"<rcm>[", d.chance.choice((b"<rcm>[", b"<rcm>\xe9["))
    )


def raw_markup_in_a_name(d: Draft) -> None:
    d.body = d.body.replace(
        b"<nama>", b"<nama>" + d.chance.choice((b"A & B ", b"A < B ", b"A > B ", b"A \x07 B ", b"]]>"))
    )


def a_document_type(d: Draft) -> None:
    kind = d.chance.choice(_TYPES)
    where = d.body.find(b"<root") if d.chance.random() < 0.8 else d.chance.randrange(len(d.body) + 1)
    body = d.body[: max(where, 0)] + kind + d.body[max(where, 0) :]
    d.body = body.replace(b"SUCCESS", b"&s;") if b"ENTITY s" in kind else body


def an_entity_bomb(d: Draft) -> None:
    levels = [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    kind = f'<!DOCTYPE root [<!ENTITY a0 "SUCCESS">{"".join(levels)}]>'
    body = b"<root><status>&a9;</status><rc>0000</rc></root>"
    d.body = kind.encode(d.chance.choice(("utf-8", "utf-8", "utf-16"))) + body


def huge(d: Draft) -> None:
    size = _EDGE - len(d.body) + d.chance.choice((-40, -1, 0, 1, 40, 40, _EDGE))
    size = max(0, size - 7)
    where = d.body.find(b"</root>")
    padding = d.chance.choice((b" " * (size + 7), b"<!--" + b"x" * size + b"-->", b"<x>" + b"9" * (size - 0) + b"</x>"))
    d.body = d.body[: max(where, 0)] + padding + d.body[max(where, 0) :]


def deep_and_wide(d: Draft) -> None:
    many = d.chance.choice((50, 600, 9_000))
    where = max(d.body.find(b"</root>"), 0)
    attributes = b" ".join(b'a%d="1"' % number for number in range(min(many, 5_000)))
    forms = (
        b"<a>" * many + b"</a>" * many,
        b"<a>" * many,
        b"<a/>" * many,
        b"<a " + attributes + b"/>",
        b"<a><b/></a>" * (many // 4),
    )
    d.body = d.body[:where] + d.chance.choice(forms) + d.body[where:]


def long_runs(d: Draft) -> None:
    runs = (
        b"1 " * 9_000,
        b"[" * 9_000,
        b"KWH" * 9_000,
        b"STROOM/TOKEN" * 2_000,
        b"\n" * 9_000,
        b"&amp;" * 4_000,
        b"<!" * 4_000,
    )
    mark = d.chance.choice((b"</text>", b"</token>", b"</rcm>", b"</nama>"))
    d.body = d.body.replace(mark, d.chance.choice(runs) + mark, 1)


def plain_text(d: Draft) -> None:
    forms = (answers.plain(d.base.body), b"SUCCESS#0000#[0] PEMBAYARAN SUKSES", b"[0] SUKSES", b"OK")
    d.body = d.chance.choice(forms)


def a_page_or_json(d: Draft) -> None:
    text = d.body.decode("utf-8", "replace")
    forms = (
        f"<html><body>{text}</body></html>",
        "<html><head/><body>503</body></html>",
        json.dumps({"rc": "0000", "x": text}),
        "",
    )
    d.body = d.chance.choice(forms).encode("utf-8", "replace")


def compressed(d: Draft) -> None:
    d.body = gzip.compress(d.body, 1, mtime=0)


HEAVY = ("huge", "deep and wide", "long runs")

BYTES: dict[str, Mutation] = {
    made.__name__.replace("_", " "): made
    for made in (
        flip_bits,
        insert_bytes,
        delete_bytes,
        cut_anywhere,
        cut_at_a_tag,
        cut_the_beginning,
        repeat_a_piece,
        splice_with_another_answer,
        two_documents,
        something_behind,
        something_before,
        another_charset,
        a_name_in_latin_1,
        raw_markup_in_a_name,
        a_document_type,
        an_entity_bomb,
        huge,
        deep_and_wide,
        long_runs,
        plain_text,
        a_page_or_json,
        compressed,
    )
}
