"""What a request must carry, and the code that each breach of the contract is answered with."""

import hashlib

import pytest

from bot.sandbox import Readings
from tests.sandbox.desk import CID, DAY, METER, NOON, SECRET, Desk, date, desk

UPPER = hashlib.sha256(f"{CID}{date(NOON)}{SECRET}".encode()).hexdigest().upper()


@pytest.mark.parametrize(
    ("given", "rc"),
    [
        ({"cid": "lain"}, 34),
        ({"cid": None}, 34),
        ({"hc": "0" * 64}, 29),
        ({"hc": None}, 29),
        ({"hc": UPPER}, 29),
        ({"dt": date(NOON - DAY)}, 48),
        ({"dt": date(NOON + DAY)}, 48),
        ({"dt": "2026-11-25"}, 48),
        ({"trxid": None}, 30),
        ({"trxid": "X" * 51}, 30),
        ({"modul": None}, 30),
        ({"modul": "PULSA"}, 30),
        ({"command": "REV"}, 30),
        ({"msn": None}, 14),
        ({"msn": "5412345678"}, 14),
        ({"msn": "5412345678901"}, 14),
        ({"msn": "5412345678x"}, 14),
        ({"msn": "٥٤١٢٣٤٥٦٧٨٩"}, 14),  # digits, but of another script
        ({"msn": "<&>"}, 14),
    ],
)
async def test_a_breach_of_the_contract_is_refused(given: dict[str, str | None], rc: int) -> None:
    async with desk() as made:
        said = await made.ask(**({"command": "INQ", "msn": METER} | given))  # type: ignore[arg-type]
        assert (said["status"], said.rc) == ("ERROR", rc)
        assert said["rcm"].strip().startswith(f"[{rc}] ")


@pytest.mark.parametrize(
    ("nominal", "rc"),
    [("19999", 41), ("0", 13), ("1000001", 42), ("51600", 13), ("050000", 13), ("5e4", 13), ("-50000", 13), (None, 13)],
)
async def test_only_the_listed_denominations_sell(nominal: str | None, rc: int) -> None:
    async with desk() as made:
        assert (await made.ask("PAY", msn=METER, nominal=nominal)).rc == rc
        assert (await made.ask("ADV", msn=METER, nominal=nominal)).rc == rc
        assert made.sandbox.sales() == []


async def test_an_unknown_reference_and_a_payment_that_names_two_customers_sell_nothing() -> None:
    async with desk() as made:
        assert (await made.ask("PAY", refnum="F" * 32, nominal=50_000)).rc == 92
        refnum = (await made.inquire())["refnum"]
        assert (await made.ask("PAY", refnum=refnum, msn=METER, nominal=50_000)).rc == 30
        assert made.sandbox.sales() == []


async def test_trxids_of_fifty_characters_pass() -> None:
    async with desk() as made:
        assert (await made.inquire(trxid="X" * 50)).rc == 0


async def test_the_date_turns_at_midnight_in_western_indonesia() -> None:
    async with desk() as made:
        made.time.at = NOON + 12 * 3_600_000 - 1
        last = date(made.time.at)
        assert (await made.inquire(dt=last)).rc == 0
        made.time.at += 1
        assert (await made.inquire(dt=last)).rc == 48
        assert (await made.inquire(dt="20261126")).rc == 0


async def test_the_lenient_readings_take_yesterday_and_upper_case_hex() -> None:
    async with desk(readings=Readings(strict_date=False), strict_hc=False) as made:
        assert [(await made.inquire(dt=date(NOON + days * DAY))).rc for days in (-2, -1, 0, 1, 2)] == [48, 0, 0, 0, 48]
        assert (await made.inquire(hc=UPPER)).rc == 0
        assert (await made.inquire(hc="x" * 64)).rc == 29


@pytest.mark.parametrize("resp", [None, "", "xml"])
async def test_without_resp_xml_everything_is_plain_text(resp: str | None) -> None:
    async with desk() as made:
        refused = await made.inquire("1", resp=resp)
        assert refused.body == b"ERROR#0014#[14] IDPEL YANG ANDA MASUKKAN SALAH, MOHON TELITI KEMBALI. ke:1#"
        paid = await made.pay(resp=resp)
        assert paid.body.startswith(f"SUCCESS#0000#[0] PEMBAYARAN SUKSES ke:{METER} refnum:".encode())
        assert len(made.sandbox.sales()) == 1


async def test_a_parameter_given_twice_is_malformed() -> None:
    async with desk() as made:
        query = [*made.query("PAY", msn=METER, nominal=50_000).items(), ("nominal", "20000")]
        async with made.session.get(made.url, params=query) as response:
            assert b"<rc>0030</rc>" in await response.read()
        assert made.sandbox.sales() == []


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT"])
async def test_it_is_get_only(method: str) -> None:
    async with desk() as made:
        assert b" 405 " in (await made.wire("PAY", method, msn=METER, nominal=50_000)).split(b"\r\n")[0]
        assert made.sandbox.sales() == []


async def test_a_customer_is_the_same_by_meter_and_by_idpel_and_at_every_start() -> None:
    async def known(made: Desk, number: str) -> tuple[str, ...]:
        said = await made.inquire(number)
        return tuple(said[name] for name in ("msn", "idpel", "nama", "tarifdaya", "adm"))

    async with desk() as made:
        budi = (METER, "531234567890", "BUDI SANTOSA", "R1M/900", "1600")
        assert await known(made, METER) == await known(made, "531234567890") == budi
        first = await known(made, "41008812210")
        assert first == await known(made, first[1])
        assert (await known(made, "881111111111"))[0] == "88888888888"
        seen = {await known(made, f"{41_000_000_000 + number}") for number in range(40)}
        assert len({one[2] for one in seen}) > 5
        assert all(len(one[2]) <= 25 for one in seen)
    async with desk(adm=2_000) as made:
        assert await known(made, "41008812210") == (*first[:4], "2000")


async def test_requests_are_recorded_with_their_time() -> None:
    async with desk() as made:
        await made.inquire(trxid="A")
        made.time.at += 5
        await made.buy(trxid="B")
        assert [(one.command, one.at - NOON) for one in made.sandbox.requests] == [("INQ", 0), ("INQ", 5), ("PAY", 5)]
        assert [made.sandbox.count("INQ"), made.sandbox.count("PAY", "B"), made.sandbox.count("PAY", "A")] == [2, 1, 0]
        assert made.sandbox.requests[0].parameters["msn"] == METER
