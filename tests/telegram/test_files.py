"""Files on Telegram: an owner's export comes as two documents, and the supplier's report goes in as one."""

import io

import openpyxl
import pytest

from tests.double.clock import PATIENCE
from tests.telegram.street import AGENT, OWNER, Street
from tests.telegram.talk import bought, says

MEDIA = "Saya baru bisa membaca teks"


async def test_an_owner_gets_his_export_as_documents_below_the_words(town: Street) -> None:
    await bought(town.person(AGENT))
    owner = town.person(OWNER)
    said = await says(owner, "ekspor hari ini", "XLSX dan CSV")
    await owner.until(lambda: sum(one.kind == "document" for one in owner.screen) == 2, PATIENCE)
    book, flat = [one.file for one in owner.screen if one.kind == "document"]
    assert book is not None
    assert flat is not None
    assert (book.name[-5:], flat.name[-4:]) == (".xlsx", ".csv")
    assert len(openpyxl.load_workbook(io.BytesIO(book.data)).sheetnames) == 3
    assert flat.data.startswith(b"\xef\xbb\xbfNo,")
    assert "📊 Rekap" in said.labels
    await town.settled()
    assert list(town.setrum.spool.folder.iterdir()) == []


@pytest.mark.parametrize("name", ["lap.csv", "lap.csv.txt"])
async def test_an_owners_document_is_the_suppliers_report_and_nobody_elses_is_fetched(town: Street, name: str) -> None:
    report = b"TRXID,TOTAL,STATUS\nX1,51600,GAGAL\n"
    agent, owner = town.person(AGENT), town.person(OWNER)
    mark = agent.mark()
    agent.send_document(name, report, mime="text/csv")
    await agent.sees(MEDIA, after=mark)
    assert town.api.count("getFile") == 0
    mark = owner.mark()
    owner.send_document(name, report, mime="text/csv")
    await owner.sees(f"🧾 {name}: 0 penjualan", after=mark)
    assert town.api.count("getFile") == 1
