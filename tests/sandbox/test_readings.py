"""The contract's open questions: each reading does what it says. And the books, which outlive everything."""

import sqlite3
from pathlib import Path

import pytest

from bot.sandbox import Behaviour, Books, Readings
from tests.sandbox.desk import DAY, METER, desk


async def test_a_repeated_trxid_replays_the_sale() -> None:
    async with desk() as made:
        refnum = (await made.inquire())["refnum"]
        first, second = [await made.ask("PAY", refnum=refnum, nominal=50_000, trxid="T") for _ in range(2)]
        assert first.body == second.body
        assert len(made.sandbox.sales()) == 1


async def test_a_repeated_trxid_sells_again() -> None:
    async with desk(readings=Readings(repeated_trxid="sells again", refnum_single_use=False)) as made:
        refnum = (await made.inquire())["refnum"]
        first, second = [await made.ask("PAY", refnum=refnum, nominal=50_000, trxid="T") for _ in range(2)]
        assert first.tokens != second.tokens
        assert [one.trxid for one in made.sandbox.sales()] == ["T", "T"]


@pytest.mark.parametrize("behaviour", [Behaviour.SUCCESS, Behaviour.PENDING_FAILURE])
async def test_a_repeated_trxid_is_refused_whether_it_sold_or_not(behaviour: Behaviour) -> None:
    async with desk(readings=Readings(repeated_trxid="is refused")) as made:
        made.sandbox.force(behaviour)
        await made.pay(trxid="T")
        assert (await made.pay(trxid="T")).rc == 30
        assert len(made.sandbox.sales()) == (behaviour is Behaviour.SUCCESS)


@pytest.mark.parametrize(("single_use", "rc", "sales"), [(True, 92, 1), (False, 0, 2)])
async def test_a_reference_buys_once_or_again(single_use: bool, rc: int, sales: int) -> None:
    async with desk(readings=Readings(refnum_single_use=single_use)) as made:
        refnum = (await made.inquire())["refnum"]
        assert (await made.ask("PAY", refnum=refnum, nominal=50_000)).rc == 0
        assert (await made.ask("PAY", refnum=refnum, nominal=50_000)).rc == rc
        assert len(made.sandbox.sales()) == sales


@pytest.mark.parametrize(("matches", "index"), [("latest", 1), ("earliest", 0)])
async def test_advice_answers_the_latest_or_the_earliest_sale(matches: str, index: int) -> None:
    async with desk(readings=Readings(advice_matches=matches)) as made:  # type: ignore[arg-type]
        sold = [(await made.pay()).tokens for _ in range(2)]
        await made.pay(nominal=20_000)
        await made.pay("41008812210")
        assert (await made.advise()).tokens == sold[index]


@pytest.mark.parametrize(("any_day", "rc"), [(False, 96), (True, 0)])
async def test_advice_sees_today_or_any_day(any_day: bool, rc: int) -> None:
    async with desk(readings=Readings(advice_any_day=any_day)) as made:
        payref = (await made.pay())["text"].split("\n")[1]
        made.time.at += DAY
        assert (await made.advise()).rc == rc
        assert (await made.ask("ADV", refnum=payref, nominal=50_000)).rc == 0


@pytest.mark.parametrize(("reading", "same", "fresh"), [("any", 0, 0), ("same", 0, 30), ("fresh", 30, 0)])
async def test_advice_wants_the_payments_trxid_or_a_fresh_one(
    tmp_path: Path, reading: str, same: int, fresh: int
) -> None:
    readings = Readings(advice_trxid=reading)  # type: ignore[arg-type]
    async with desk(tmp_path / "books.db", readings) as made:
        await made.pay(trxid="T")
    async with desk(tmp_path / "books.db", readings) as made:  # it knows them after a restart, too
        assert (await made.advise(trxid="T")).rc == same
        assert (await made.advise(trxid="U")).rc == fresh
        assert (await made.advise(trxid="U")).rc == (30 if reading == "fresh" else fresh)


async def test_its_clock_may_be_off_in_what_it_writes() -> None:
    async with desk(readings=Readings(clock_ahead_seconds=-3_600)) as made:
        said = await made.pay()
        assert said["tanggal"] == "2026-11-25 11:00:00"
        assert said["text"].startswith("25/11/26 11:00\n")


async def test_another_admin_fee_in_the_answer_is_what_it_takes() -> None:
    async with desk(readings=Readings(adm_in_answer=3_000)) as made:
        assert (await made.inquire())["adm"] == "1600"
        said = await made.pay()
        assert (said["nominal"], said["adm"]) == ("53000", "3000")
        assert made.sandbox.sales()[0].adm == 3_000


@pytest.mark.parametrize("groups", [1, 2, 3])
async def test_every_sale_may_carry_several_tokens(groups: int) -> None:
    async with desk(readings=Readings(token_groups=groups)) as made:  # type: ignore[arg-type]
        said = await made.pay()
        assert len(said.tokens) == groups
        assert said.tokens == made.sandbox.sales()[0].tokens


async def test_the_partners_deposit_runs_out_and_only_then() -> None:
    async with desk(deposit=2 * 51_600 + 21_600) as made:
        said = [(await made.pay(nominal=nominal)).rc for nominal in (50_000, 50_000, 50_000, 20_000, 20_000)]
        assert said == [0, 0, 46, 0, 46]
        assert len(made.sandbox.sales()) == 3


async def test_an_advice_by_payref_finds_just_that_sale() -> None:
    async with desk() as made:
        first, _ = await made.pay(), await made.pay()
        payref = first["text"].split("\n")[1]
        assert (await made.ask("ADV", refnum=payref, nominal=50_000)).tokens == first.tokens
        assert (await made.ask("ADV", refnum=payref, nominal=20_000)).rc == 96
        assert (await made.ask("ADV", refnum="0" * 32, nominal=50_000)).rc == 96


async def test_the_arithmetic_of_a_sale_holds() -> None:
    async with desk() as made:
        for meter, nominal in (("88888888888", 200_000), ("11111111122", 50_000), (METER, 1_000_000)):
            said = await made.pay(meter, nominal)
            parts = ("adm", "materai", "ppn", "ppj", "angsuran")
            energy = int(said["nominal"]) - sum(int(said[name]) for name in parts)
            assert int(said["nominal"]) == nominal + int(said["adm"])
            assert 400 < energy / int(said["jmlkwh"]) < 1_500
            assert said["token"].replace("-", " ") in said["text"]


async def test_the_books_outlive_the_server(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "books.db"
    async with desk(path) as made:
        first = await made.pay(trxid="T")
        refnum = (await made.inquire())["refnum"]
        await made.pay("11111111102")
        await made.ask("PAY", modul="pln", idpel="532110000060")
        before = made.sandbox.sales()
    async with desk(path) as made:
        assert made.sandbox.sales() == before
        assert (await made.pay(trxid="T")).body == first.body
        assert (await made.ask("PAY", refnum=refnum, nominal=50_000)).rc == 0
        assert [(await made.advise("11111111102")).rc for _ in range(2)] == [96, 0]
        assert (await made.ask("PAY", modul="pln", idpel="532110000060")).rc == 88


async def test_a_sale_is_in_the_file_before_its_answer_has_left(tmp_path: Path) -> None:
    path = tmp_path / "books.db"
    async with desk(path) as made:
        assert await made.wire("PAY", msn="11111111106", nominal=50_000) == b""
        with sqlite3.connect(path) as other:  # another process would read the same
            assert other.execute("SELECT count(*) FROM sold").fetchone() == (1,)
        other.close()


def test_a_unit_of_the_books_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    books = Books(tmp_path / "books.db")

    def break_off() -> None:
        with books.unit():
            books.sell("T", METER, "531234567890", 50_000, 1_600, 3, 0, 1)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()
    assert books.sales() == []
    sold = [books.sell("T", METER, "531234567890", 50_000, 1_600, 3, 0, 1) for _ in range(50)]
    assert len({token for one in sold for token in one.tokens}) == 150
    assert len({one.payref for one in sold}) == 50
    assert books.taken() == 50 * 51_600
    books.close()
