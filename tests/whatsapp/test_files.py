"""Files on WhatsApp: an owner's export comes as two documents, and the supplier's report goes in as one."""

import io

import openpyxl

from tests.talk import bought, says
from tests.whatsapp.street import AGENT, OWNER, Street


async def test_an_owner_gets_his_export_as_documents_below_the_words(town: Street) -> None:
    await bought(town.person(AGENT))
    owner = town.person(OWNER)
    await says(owner, "ekspor hari ini", "XLSX dan CSV")
    await owner.until(lambda: sum(one.kind == "document" for one in owner.screen) == 2)
    book, flat = [one for one in owner.screen if one.kind == "document"]
    assert book.filename.endswith(".xlsx")
    assert flat.filename.endswith(".csv")
    assert book.document is not None
    assert len(openpyxl.load_workbook(io.BytesIO(book.document)).sheetnames) == 3
    assert flat.document is not None
    assert flat.document.startswith(b"\xef\xbb\xbfNo,")
    await town.settled()
    assert list(town.setrum.spool.folder.iterdir()) == []


async def test_an_owners_document_is_the_suppliers_report(town: Street) -> None:
    owner = town.person(OWNER)
    mark = owner.mark()
    owner.send_document("lap.csv", b"TRXID,TOTAL,STATUS\nX1,51600,GAGAL\n", mime="text/csv")
    await owner.sees("🧾 lap.csv: 0 penjualan", after=mark)
