import pytest

from tests.telegram.double.entities import parse_html, tidy
from tests.telegram.double.wire import Json, Refused


@pytest.mark.parametrize(
    ("html", "text", "entities"),
    [
        ("a &lt; b &amp; c &gt; d &quot;", 'a < b & c > d "', []),
        ("&#65;&#x42; &nbsp; &", "AB &nbsp; &", []),
        ("<b>tebal</b>", "tebal", [("bold", 0, 5)]),
        ("⚡ <code>1234</code>", "⚡ 1234", [("code", 2, 4)]),
        ("😀<b>x</b>", "😀x", [("bold", 2, 1)]),
        ("<b>a<i>b</i></b>", "ab", [("bold", 0, 2), ("italic", 1, 1)]),
        ('<span class="tg-spoiler">x</span>', "x", [("spoiler", 0, 1)]),
        ("<B>x</b>", "x", [("bold", 0, 1)]),
        ("<b></b>x", "x", []),
        ("<blockquote expandable>x</blockquote>", "x", [("blockquote", 0, 1)]),
        ('<pre><code class="language-c">x</code></pre>', "x", [("code", 0, 1), ("pre", 0, 1)]),
    ],
)
def test_html_becomes_text_and_entities(html: str, text: str, entities: list[tuple[str, int, int]]) -> None:
    plain, found = parse_html(html)
    assert plain == text
    assert sorted((one["type"], one["offset"], one["length"]) for one in found) == entities


@pytest.mark.parametrize(
    ("html", "words"),
    [
        ("<b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("x</b>", "Unexpected end tag at byte offset 1"),
        ("<b>x</i>", 'Unmatched end tag at byte offset 4, expected "</b>", found "</i>"'),
        ("é<p>x</p>", 'Unsupported start tag "p" at byte offset 2'),
        ("harga < 5", 'Unsupported start tag "" at byte offset 6'),
        ("x <b", "Unclosed start tag at byte offset 2"),
        ("<b>x</b", "Unclosed end tag at byte offset 4"),
        ("<a href>x</a>", 'Expected equal sign in declaration of an attribute of the tag "a" at byte offset 0'),
        ("<a =x>x</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<a href=", 'Unclosed start tag "a" at byte offset 0'),
        ('<a href="x', "Unclosed start tag at byte offset 0"),
        ("<a href=x/y>x</a>", "Unexpected end of name token at byte offset 8"),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<tg-emoji emoji-id=x>x</tg-emoji>", "Invalid custom emoji identifier specified"),
    ],
)
def test_broken_html_is_refused_in_the_servers_words(html: str, words: str) -> None:
    with pytest.raises(Refused) as refused:
        parse_html(html)
    assert refused.value.description == f"Bad Request: can't parse entities: {words}"


def test_a_link_keeps_its_address_and_loses_one_that_is_none() -> None:
    assert parse_html('<a href="https://wa.me/62?text=a&amp;b">x</a>')[1][0]["url"] == "https://wa.me/62?text=a&b"
    assert parse_html("<a href='nonsense'>x</a>") == ("x", [])


def test_edges_are_trimmed_and_entities_move_along() -> None:
    bold: Json = {"type": "bold", "offset": 0, "length": 6}
    assert tidy(" \n a\tb\r ", [bold]) == ("a b", [{"type": "bold", "offset": 0, "length": 3}])
