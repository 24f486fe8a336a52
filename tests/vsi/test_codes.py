"""Each row of the money rules' table, for each command, read from a reply as the supplier sends it."""

from pathlib import Path

import pytest

from bot.domain.supply import AdviceVerdict, InquiryVerdict, PayVerdict, Reply, Transport
from bot.vsi import reading

_TABLE = Path(__file__).with_name("code_table.txt").read_text(encoding="utf-8")
_SUCCESS = Path(__file__).with_name("samples") / "payment-success.xml"
ROWS = [[cell.strip() for cell in line.split("|")] for line in _TABLE.splitlines() if not line.startswith("#")]
REFUSALS = [row for row in ROWS if int(row[0])]


def refusal(code: int, rc: str | None = None) -> Reply:
    wire = f"<root><status>ERROR</status><rc>{rc or f'{code:04d}'}</rc><rcm>[{code}] SESUATU\nke:1</rcm></root>"
    return Reply(Transport.ANSWERED, 200, f'<?xml version="1.0"?>\n{wire}'.encode())


def test_the_table_is_whole() -> None:
    assert len(ROWS) == 58


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row[0])
def test_inquiry_says_what_the_table_says(row: list[str]) -> None:
    answer = reading.read_inquiry(refusal(int(row[0])))
    wanted = row[1].split()
    assert answer.verdict is InquiryVerdict(wanted[0])
    assert answer.alert is ("A" in wanted)
    assert answer.inquiry is None
    key = row[4]
    if int(row[0]) in (88, 89):
        key = "num.postpaid"
    elif int(row[0]) in (51, 72, 92, 93, 98) or key == "pay.pending":
        key = "err.inquiry"
    assert answer.key == key


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row[0])
def test_payment_is_classed_as_the_table_says(row: list[str]) -> None:
    answer = reading.read_payment(refusal(int(row[0])))
    wanted = row[2].split()
    assert answer.verdict is PayVerdict(wanted[0])
    assert answer.alert is ("A" in wanted)
    assert answer.breaker is ("B" in wanted)
    assert answer.key == row[4]
    assert answer.sale is None


@pytest.mark.parametrize("row", REFUSALS, ids=lambda row: row[0])
def test_advice_is_classed_as_the_table_says(row: list[str]) -> None:
    answer = reading.read_advice(refusal(int(row[0])), by_payref=True)
    wanted = row[3].split()
    assert answer.verdict is AdviceVerdict(wanted[0])
    # C: our request was refused, and O: the owner decides, are for people to look into
    assert answer.alert is (bool({"A", "O"} & set(wanted[1:])) or wanted[0] in ("C", "O"))


def test_success_is_success_for_each_command() -> None:
    reply = Reply(Transport.ANSWERED, 200, _SUCCESS.read_bytes())
    assert reading.read_payment(reply).verdict is PayVerdict.SETTLED
    assert reading.read_advice(reply).verdict is AdviceVerdict.SALE


@pytest.mark.parametrize("code", [1, 2, 3, 10, 19, 99, 147, 9999])
def test_an_unlisted_code_is_in_doubt_and_alerts(code: int) -> None:
    assert reading.read_inquiry(refusal(code)).verdict is InquiryVerdict.LATER
    paid = reading.read_payment(refusal(code))
    assert (paid.verdict, paid.alert, paid.breaker) == (PayVerdict.UNKNOWN, True, False)
    advised = reading.read_advice(refusal(code))
    assert (advised.verdict, advised.alert) == (AdviceVerdict.NOTHING, True)


@pytest.mark.parametrize("rc", ["68", "068", "0068"])
def test_codes_compare_as_whole_numbers(rc: str) -> None:
    assert reading.read_payment(refusal(68, rc)).code == 68


def test_a_wrong_reference_means_nothing_where_none_was_asked_about() -> None:
    assert reading.read_advice(refusal(92), by_payref=False).verdict is AdviceVerdict.NOTHING


@pytest.mark.parametrize("words", ["[15] SESUATU", "SESUATU", "", "[ 14] X"])
def test_a_refusal_whose_words_lack_its_code_declines_nothing(words: str) -> None:
    wire = f"<root><status>ERROR</status><rc>0014</rc><rcm>{words}</rcm></root>"
    answer = reading.read_payment(Reply(Transport.ANSWERED, 200, wire.encode()))
    assert (answer.verdict, answer.alert) == (PayVerdict.UNKNOWN, True)
