"""Each meter of the practice: what its buyer sees on the wire, and what the supplier has sold in truth."""

import asyncio

import pytest

from bot.sandbox import SCENARIOS, Asked, Behaviour, Raw, Readings
from tests.sandbox.desk import METER, NOON, Desk, desk

METERS = {one.behaviour: one.meter for one in SCENARIOS}
B = Behaviour


async def sold(made: Desk) -> int:
    return len(made.sandbox.sales())


def test_every_behaviour_has_one_memorable_meter_and_words_in_both_languages() -> None:
    assert {one.behaviour for one in SCENARIOS} == set(Behaviour)
    assert len({one.meter for one in SCENARIOS}) == len(SCENARIOS)
    for one in SCENARIOS:
        assert one.meter.startswith("111111111")
        assert len(one.meter) == 11
        assert one.words_id
        assert one.words_en
        assert "\n" not in one.words_id + one.words_en


async def test_the_meters_number_picks_and_every_other_meter_just_buys() -> None:
    async with desk() as made:
        for one in SCENARIOS:
            assert made.sandbox.behaviour_for(one.meter) is one.behaviour
        for meter in (METERS[B.SUCCESS], METER, "99999999999", "00000000000"):
            assert made.sandbox.behaviour_for(meter) is B.SUCCESS
            said = await made.buy(meter)
            assert (said["status"], said.rc, said["msn"]) == ("SUCCESS", 0, meter)


@pytest.mark.parametrize(
    ("behaviour", "rc"),
    [(B.UNKNOWN_METER, 14), (B.ARREARS, 17), (B.BLOCKED, 77), (B.OLD_DEBT, 16), (B.POSTPAID, 88)],
)
async def test_a_number_that_may_not_buy_is_refused_at_inquiry_and_at_payment(behaviour: Behaviour, rc: int) -> None:
    async with desk() as made:
        assert (await made.inquire(METERS[behaviour])).rc == rc
        assert (await made.pay(METERS[behaviour])).rc == rc
        assert await sold(made) == 0


@pytest.mark.parametrize(
    ("behaviour", "rc", "sales"),
    [
        (B.KWH_LIMIT, 47, 0),
        (B.CUT_OFF, 90, 0),
        (B.DEPOSIT_EMPTY, 46, 0),
        (B.REFUSED, 51, 0),
        (B.PENDING_FAILURE, 68, 0),
        (B.REFUSED_SOLD, 46, 1),
        (B.ALREADY_PAID, 88, 1),
        (B.DEPOSIT_SERVICE, 146, 1),
    ],
)
async def test_a_refused_payment_sold_or_did_not_and_advice_tells(behaviour: Behaviour, rc: int, sales: int) -> None:
    async with desk() as made:
        said = await made.buy(METERS[behaviour])
        assert (said["status"], said.rc) == ("ERROR", rc)
        assert await sold(made) == sales
        for _ in range(4):
            assert (await made.advise(METERS[behaviour])).rc == (0 if sales else 96)


@pytest.mark.parametrize("negatives", [0, 1, 3])
async def test_pending_sells_after_some_advices_and_once(negatives: int) -> None:
    async with desk(pending_advices=negatives) as made:
        meter = METERS[B.PENDING_SUCCESS]
        assert (await made.buy(meter, trxid="T")).rc == 68
        assert await sold(made) == 0
        said = [(await made.advise(meter)).rc for _ in range(negatives + 3)]
        assert said == [96] * negatives + [0] * 3
        assert [one.trxid for one in made.sandbox.sales()] == ["T"]


async def test_an_earlier_token_answers_the_advice_of_an_unsold_payment() -> None:
    async with desk() as made:
        meter = METERS[B.EARLIER_TOKEN]
        assert (await made.buy(meter)).rc == 68
        said = await made.advise(meter)
        assert said.rc == 0
        assert said["tanggal"] == "2026-11-24 12:00:00"
        [bait] = made.sandbox.sales()
        assert (bait.trxid, bait.sold_at < NOON) == ("EARLIER", True)


@pytest.mark.parametrize(("behaviour", "sales"), [(B.TIMEOUT_SOLD, 1), (B.TIMEOUT_UNSOLD, 0)])
async def test_an_answer_that_never_comes(behaviour: Behaviour, sales: int) -> None:
    async with desk() as made:
        asking = asyncio.create_task(made.wire("PAY", msn=METERS[behaviour], nominal=50_000))
        await made.time.read.wait()
        done, _ = await asyncio.wait([asking], timeout=0.05)
        assert not done
        assert await sold(made) == sales
        assert (await made.advise(METERS[behaviour])).rc == (0 if sales else 96)
        asking.cancel()
    async with desk(hang_ms=1) as made:
        assert await made.wire("PAY", msn=METERS[behaviour], nominal=50_000) == b""


@pytest.mark.parametrize(("behaviour", "sales"), [(B.DROP_SOLD, 1), (B.DROP_UNSOLD, 0)])
async def test_a_connection_that_breaks_before_any_byte_of_the_answer(behaviour: Behaviour, sales: int) -> None:
    async with desk() as made:
        assert await made.wire("PAY", msn=METERS[behaviour], nominal=50_000) == b""
        assert await sold(made) == sales
        assert made.sandbox.count("PAY") == 1
        assert (await made.advise(METERS[behaviour])).rc == (0 if sales else 96)


@pytest.mark.parametrize(
    ("behaviour", "status", "start", "sales"),
    [
        (B.PLAIN_TEXT, 200, b"SUCCESS#0000#[0] PEMBAYARAN SUKSES", 1),
        (B.HTML, 200, b"<html>", 1),
        (B.EMPTY, 200, b"", 1),
        (B.UNAVAILABLE_SOLD, 503, b"Service", 1),
        (B.UNAVAILABLE, 503, b"Service", 0),
    ],
)
async def test_an_answer_that_is_no_xml(behaviour: Behaviour, status: int, start: bytes, sales: int) -> None:
    async with desk() as made:
        said = await made.buy(METERS[behaviour])
        assert said.status == status
        assert said.body.startswith(start)
        assert b"<root>" not in said.body
        assert await sold(made) == sales


async def test_an_empty_body_is_empty() -> None:
    async with desk() as made:
        assert (await made.buy(METERS[B.EMPTY])).body == b""


@pytest.mark.parametrize(
    ("behaviour", "piece"),
    [
        (B.TRUNCATED, b"</token>"),
        (B.RAW_AMPERSAND, b"<nama>TOKO A & B</nama>"),
        (B.LATIN_NAME, b"<nama>Ren\xe9 Dupr\xe9</nama>"),
    ],
)
async def test_xml_that_a_strict_reader_refuses_after_a_sale(behaviour: Behaviour, piece: bytes) -> None:
    async with desk() as made:
        said = await made.buy(METERS[behaviour])
        assert piece in said.body
        with pytest.raises(SyntaxError):  # what a parse error is
            _ = said.root
        [one] = made.sandbox.sales()
        assert (await made.advise(METERS[behaviour])).tokens == one.tokens


async def test_truncated_xml_shows_the_whole_token_all_the_same() -> None:
    async with desk() as made:
        said = await made.buy(METERS[B.TRUNCATED])
        assert made.sandbox.sales()[0].tokens[0] in said.body.replace(b"-", b"").decode()
        assert said.body.endswith(b"</token>")


@pytest.mark.parametrize("follow", [False, True])
async def test_whoever_follows_the_redirect_buys_twice(follow: bool) -> None:
    async with desk() as made:
        said = await made.ask("PAY", follow=follow, msn=METERS[B.REDIRECT], nominal=50_000)
        assert said.status == (200 if follow else 302)
        assert await sold(made) == made.sandbox.count("PAY") == 1 + follow


async def test_instalment_other_adm_and_unsold_token_stand_in_the_answer() -> None:
    async with desk() as made:
        assert (await made.buy(METERS[B.INSTALMENT]))["angsuran"] == "24000"
        other = await made.buy(METERS[B.OTHER_ADM])
        assert (other["nominal"], other["adm"]) == ("52500", "2500")
        assert (await made.inquire(METERS[B.OTHER_ADM]))["adm"] == "1600"
        unsold = await made.inquire(METERS[B.UNSOLD_TOKEN])
        assert unsold["jmltokenunsold"] == "1"
        assert "Token Unsold: 1\n" in unsold["text"]


@pytest.mark.parametrize(("behaviour", "groups"), [(B.KEY_CHANGE, 2), (B.KEY_CHANGES, 3)])
async def test_a_key_change_carries_forty_or_sixty_digits(behaviour: Behaviour, groups: int) -> None:
    async with desk() as made:
        said = await made.buy(METERS[behaviour])
        assert len(said.tokens) == groups
        assert said["token"].count("-") == groups * 5 - 1
        assert said.tokens == made.sandbox.sales()[0].tokens


async def test_the_inquirys_own_scenarios() -> None:
    async with desk(slow_inquiry_ms=30) as made:
        assert (await made.inquire(METERS[B.INQUIRY_TIMEOUT])).rc == 68
        began = asyncio.get_running_loop().time()
        assert (await made.inquire(METERS[B.SLOW_INQUIRY])).rc == 0
        assert asyncio.get_running_loop().time() - began >= 0.029  # the loop counts in milliseconds


async def test_a_forced_behaviour_holds_for_so_many_payments() -> None:
    async with desk() as made:
        made.sandbox.force(B.CUT_OFF, times=2)
        made.sandbox.force_advice(91)
        assert [(await made.buy()).rc for _ in range(3)] == [90, 90, 0]
        assert [(await made.advise()).rc for _ in range(2)] == [91, 0]
        made.sandbox.forced = B.KWH_LIMIT
        assert [(await made.buy()).rc for _ in range(2)] == [47, 47]


@pytest.mark.parametrize(
    ("raw", "wire"),
    [
        (Raw(wire=b""), b""),
        (Raw(wire=b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n<root>"), b"<root>"),
        (Raw(b"\xff\xfe", 404, (("X-Proxy", "1"),)), b"\xff\xfe"),
    ],
)
async def test_a_script_answers_with_any_bytes_instead_of_serving(raw: Raw, wire: bytes) -> None:
    async with desk() as made:
        made.sandbox.script("PAY", raw)
        got = await made.wire("PAY", msn=METER, nominal=50_000)
        assert got.endswith(wire)
        if raw.wire is not None:
            assert got == raw.wire
        else:
            assert got.startswith(b"HTTP/1.1 404 ")
            assert b"X-Proxy: 1" in got
        assert await sold(made) == 0
        made.sandbox.script("PAY", None)
        assert (await made.pay()).rc == 0


async def test_a_script_may_let_the_sale_happen_and_spoil_only_its_answer() -> None:
    async with desk() as made:

        def doubled(asked: Asked, usual: bytes) -> Raw | None:
            return Raw(usual + usual) if asked.parameters["msn"] == METER else None

        made.sandbox.script("PAY", doubled, acts=True)
        assert (await made.pay()).body.count(b"<root>") == 2
        assert (await made.pay("41008812210")).rc == 0
        assert await sold(made) == 2


async def test_a_script_may_keep_the_answer_back() -> None:
    async with desk(hang_ms=1) as made:
        made.sandbox.script("INQ", Raw(hangs=True))
        assert await made.wire("INQ", msn=METER) == b""


async def test_latency_delays_every_answer() -> None:
    async with desk(latency_ms=20) as made:
        began = asyncio.get_running_loop().time()
        assert (await made.inquire()).rc == 0
        assert asyncio.get_running_loop().time() - began >= 0.02


async def test_stopping_lets_go_of_whoever_hangs() -> None:
    async with desk(readings=Readings()) as made:
        asking = asyncio.create_task(made.wire("PAY", msn=METERS[B.TIMEOUT_SOLD], nominal=50_000))
        await made.time.read.wait()
    assert await asyncio.wait_for(asking, 2) == b""
