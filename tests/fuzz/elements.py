"""Mutations of an answer's elements: what a confused supplier, or somebody between, might write. None judges."""

import re
from collections.abc import Callable

from tests.fuzz.corpus import Family, codes
from tests.fuzz.draft import Draft

Mutation = Callable[[Draft], None]

MONEY = ("status", "rc", "rcm", "text", "msn", "nominal", "adm", "token", "tanggal")
_CODES = tuple(codes())
_BLANKS = (" ", "\n", "\t", "\r\n", "\u00a0", "\u2003", "\u200b", "&#32;", "&#10;", "&#13;", "  \n ")
_OTHER_DIGITS = ("٠١٢٣٤٥٦٧٨٩", "０１２３４５６７８９", "०१२३४५६७८९", "𝟎𝟏𝟐𝟑𝟒𝟓𝟔𝟕𝟖𝟗")
_GROUP = re.compile(r"[0-9]{4}(?:[ -][0-9]{4}){4}")


def duplicate_an_element(d: Draft) -> None:
    place = d.index()
    if place is not None:
        d.elements.insert(d.chance.randrange(len(d.elements) + 1), d.elements[place])


def duplicate_with_another_value(d: Draft) -> None:
    place = d.index(*MONEY)
    if place is not None:
        name = d.elements[place][0]
        others = [inside for known, inside in d.another(d.chance.choice(list(Family))).elements if known == name]
        d.elements.insert(d.chance.randrange(len(d.elements) + 1), (name, (others or [""])[0]))


def reorder(d: Draft) -> None:
    d.chance.shuffle(d.elements)


def remove_an_element(d: Draft) -> None:
    place = d.index(*(MONEY if d.chance.random() < 0.6 else ()))
    if place is not None:
        del d.elements[place]


def rename_an_element(d: Draft) -> None:
    place = d.index(*(MONEY if d.chance.random() < 0.6 else ()))
    if place is not None:
        name, inside = d.elements[place]
        names = (name.upper(), f"{name}x", f"x:{name}", f"_{name}", name[:-1] or "a", d.chance.choice(MONEY))
        d.elements[place] = (d.chance.choice(names), inside)


def swap_two_values(d: Draft) -> None:
    one, two = d.index(), d.index()
    if one is not None and two is not None:
        (a, inside_a), (b, inside_b) = d.elements[one], d.elements[two]
        d.elements[one], d.elements[two] = (a, inside_b), (b, inside_a)


def take_a_value_of_another_answer(d: Draft) -> None:
    others = dict(d.another(d.chance.choice(list(Family))).elements)
    place = d.index(*others)
    if place is not None:
        d.change(place, lambda _: others.get(d.elements[place][0], ""))


def empty_a_value(d: Draft) -> None:
    place = d.index()
    if place is not None:
        name = d.elements[place][0]
        d.raw[place] = d.chance.choice((f"<{name}/>", f"<{name}></{name}>", f"<{name} />", f"<{name}>\n</{name}>"))


def blanks_in_a_value(d: Draft) -> None:
    def spaced(inside: str) -> str:
        where, blank = d.chance.choice((0, len(inside), d.chance.randrange(len(inside) + 1))), d.chance.choice(_BLANKS)
        return inside[:where] + blank + inside[where:]

    d.change(d.index(*MONEY), spaced)


def nest_a_value(d: Draft) -> None:
    d.change(d.index(), lambda inside: d.chance.choice((f"<x>{inside}</x>", f"{inside}<x/>", f"<x/>{inside}")))


def nest_everything(d: Draft) -> None:
    inner = "".join(f"<{name}>{inside}</{name}>" for name, inside in d.elements)
    name = d.chance.choice(("root", "data", "status", "x"))
    d.elements = [(name, inner)]


def another_root(d: Draft) -> None:
    name = d.chance.choice(("Root", "ROOT", "roots", "html", "response", "x:root", "_root", "ROOT"))
    d.open_tag, d.close_tag = f"<{name}>", f"</{name}>\n"


def attributes(d: Draft) -> None:
    more = d.chance.choice(
        (' a="b"', " a='>'", ' status="SUCCESS"', ' xmlns="urn:x"', ' xmlns:x="urn:x"', ' rc="0000"')
    )
    if d.chance.random() < 0.5:
        d.open_tag = f"<root{more}>"
    elif (place := d.index(*MONEY)) is not None:
        name, inside = d.elements[place]
        d.raw[place] = f"<{name}{more}>{inside}</{name}>"


def cdata(d: Draft) -> None:
    def wrapped(inside: str) -> str:
        half = len(inside) // 2
        forms = (
            f"<![CDATA[{inside}]]>",
            f"<![CDATA[{inside[:half]}]]>{inside[half:]}",
            f"<![CDATA[<status>]]>{inside}",
        )
        return d.chance.choice(forms)

    d.change(d.index(), wrapped)


def comments_and_instructions(d: Draft) -> None:
    noise = d.chance.choice(("<!-- x -->", "<?x y?>", "<!---->", "<!-- <rc>0000</rc> -->", "<?status SUCCESS?>"))

    def noisy(inside: str) -> str:
        where = d.chance.randrange(len(inside) + 1)
        return inside[:where] + noise + inside[where:]

    if d.chance.random() < 0.3:
        d.glue = f"\n{noise}\n"
    d.change(d.index(*MONEY), noisy)


def character_references(d: Draft) -> None:
    def referred(inside: str) -> str:
        if not inside or not inside.isalnum():
            return inside + d.chance.choice(("&amp;", "&#0;", "&nbsp;", "&x;", "&#x30;", "&#xD800;", "&"))
        where = d.chance.randrange(len(inside))
        form = d.chance.choice(("&#{};", "&#x{:x};"))
        return inside[:where] + form.format(ord(inside[where])) + inside[where + 1 :]

    d.change(d.index(*MONEY), referred)


def another_case(d: Draft) -> None:
    d.change(d.index("status", "rcm", "text"), d.chance.choice((str.lower, str.title, str.swapcase, str.casefold)))


def change_a_digit(d: Draft) -> None:
    def changed(inside: str) -> str:
        places = [place for place, one in enumerate(inside) if one in "0123456789"]
        if not places:
            return inside
        where = d.chance.choice(places)
        return inside[:where] + d.chance.choice("0123456789") + inside[where + 1 :]

    d.change(d.index("token", "msn", "nominal", "adm", "rc", "tanggal", "text", "rcm"), changed)


def drop_or_add_a_digit(d: Draft) -> None:
    def changed(inside: str) -> str:
        where = d.chance.randrange(len(inside) + 1)
        more = d.chance.choice(("", d.chance.choice("0123456789")))
        return inside[:where] + more + inside[where + (not more) :]

    d.change(d.index("token", "msn", "nominal", "adm", "rc", "tanggal"), changed)


def a_sign_or_a_fraction(d: Draft) -> None:
    forms = ("-{}", "+{}", "{}.0", "{},00", "{}e0", "0x{}", "{}-", "({})", "{} IDR", "Rp{}", "[{}]", "[{}", '"{}"')
    d.change(d.index("nominal", "adm", "rc", "msn", "token"), d.chance.choice(forms).format)


def digits_of_another_script(d: Draft) -> None:
    digits = d.chance.choice(_OTHER_DIGITS)
    only = d.chance.choice(("0123456789", d.chance.choice("0123456789")))
    table = {ord(one): digits[int(one)] for one in only}
    d.change(d.index("nominal", "adm", "rc", "msn", "token", "text"), lambda inside: inside.translate(table))


def leading_zeros(d: Draft) -> None:
    zeros = "0" * d.chance.choice((1, 2, 4, 11, 5_000))
    d.change(d.index("nominal", "adm", "rc", "msn", "token"), lambda inside: zeros + inside)


def another_code(d: Draft) -> None:
    code = d.chance.choice((*_CODES, d.chance.randrange(10_000)))
    said = d.chance.choice((code, code, code, d.chance.choice(_CODES)))
    width = d.chance.choice((4, 4, 1, 2))
    d.change(d.index("rc"), lambda _: f"{code:0{width}d}")
    d.change(d.index("rcm"), lambda inside: re.sub(r"\[[0-9]+\]", f"[{said}]", inside, count=1))


def status_against_code(d: Draft) -> None:
    d.change(
        d.index("status"), lambda _: d.chance.choice(("SUCCESS", "ERROR", "PENDING", "", "SUKSES", "SUCCESSERROR"))
    )
    if d.chance.random() < 0.4:
        d.change(d.index("rc"), lambda _: d.chance.choice(("0000", "0", "0068", "0014", "")))


def words_without_their_code(d: Draft) -> None:
    forms = ("{}", "x [{}]", "[{}", "{}]", "[ {} ]", "[0{}]", "[00{}] x", "", "(%s)", "[{}][14]", "[14][{}]")
    form = d.chance.choice(forms)

    def worded(inside: str) -> str:
        return re.sub(r"\[([0-9]+)\]", lambda code: form.format(code[1]), inside, count=1)

    d.change(d.index("rcm"), worded)


def another_token_in_the_text(d: Draft) -> None:
    other = " ".join(f"{d.chance.randrange(10_000):04d}" for _ in range(5))
    match d.chance.randrange(4):
        case 0:
            d.change(d.index("text"), lambda inside: _GROUP.sub(other, inside, count=1))
        case 1:
            d.text_changed("\nADM", f"\nSTROOM/TOKEN {other}\nADM")
        case 2:
            d.text_changed("\nADM", f"\n{other}\nADM")
        case _:
            d.change(d.index("token"), lambda _: other.replace(" ", "-"))


def another_label_in_the_text(d: Draft) -> None:
    labels = ("STROOM/TOKEN:", "STROOM/TOKEN :\n", "STROOM/TOKEN\n", "TOKEN", "Stroom/Token", "STROOM / TOKEN", "")
    d.text_changed("STROOM/TOKEN", d.chance.choice(labels))


def groups_of_the_token(d: Draft) -> None:
    def regrouped(inside: str) -> str:
        digits = re.sub(r"[^0-9]", "", inside)
        groups = [digits[start : start + 20] for start in range(0, len(digits), 20)] or [""]
        match d.chance.randrange(4):
            case 0:
                groups = groups[:-1]
            case 1:
                groups = groups[::-1]
            case 2:
                groups.append(d.chance.choice(groups))
            case _:
                groups.append("".join(d.chance.choices("0123456789", k=20)))
        return d.chance.choice(("-", " ", "", "\n")).join(groups)

    d.change(d.index("token"), regrouped)


def separators_of_the_token(d: Draft) -> None:
    between = d.chance.choice((" ", "", "\n", "--", " - ", "\u2013", "\u2011", ".", "_", "\u00a0", "\t"))
    d.change(d.index("token", "text"), lambda inside: inside.replace("-", between))


def another_moment(d: Draft) -> None:
    moments = (
        "2026-11-25 11:57:59",
        "2026-11-25 12:02:10",
        "2026-02-30 25:61:61",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
    )
    forms = (
        lambda inside: inside.replace("2026", "2025"),
        lambda inside: inside[:10],
        lambda inside: inside.replace(" ", "T"),
        lambda inside: f"{inside}.000",
        lambda inside: f"{inside}+07:00",
    )
    if d.chance.random() < 0.5:
        moment = d.chance.choice(moments)
        d.change(d.index("tanggal"), lambda _: moment)
    else:
        d.change(d.index("tanggal"), d.chance.choice(forms))


def another_declaration(d: Draft) -> None:
    names = ("utf-16", "ISO-8859-1", "US-ASCII", "cp037", "UTF-7", "utf8", "windows-1252", "nonsense", "")
    version = d.chance.choice(("1.0", "1.0", "1.1", "2.0"))
    forms = ("", f'<?xml version="{version}" encoding="{d.chance.choice(names)}"?>\n', "<?xml?>", HEAD_TWICE)
    d.head = d.chance.choice(forms)


HEAD_TWICE = '<?xml version="1.0"?>\n<?xml version="1.0"?>\n'

ELEMENTS: dict[str, Mutation] = {
    made.__name__.replace("_", " "): made
    for made in (
        duplicate_an_element,
        duplicate_with_another_value,
        reorder,
        remove_an_element,
        rename_an_element,
        swap_two_values,
        take_a_value_of_another_answer,
        empty_a_value,
        blanks_in_a_value,
        nest_a_value,
        nest_everything,
        another_root,
        attributes,
        cdata,
        comments_and_instructions,
        character_references,
        another_case,
        change_a_digit,
        drop_or_add_a_digit,
        a_sign_or_a_fraction,
        digits_of_another_script,
        leading_zeros,
        another_code,
        status_against_code,
        words_without_their_code,
        another_token_in_the_text,
        another_label_in_the_text,
        groups_of_the_token,
        separators_of_the_token,
        another_moment,
        another_declaration,
    )
}
