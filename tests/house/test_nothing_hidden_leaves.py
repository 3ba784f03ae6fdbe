"""Every file that the hub makes leaves with neutral properties and nothing hidden in it but the sheet by which the hub knows it again."""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from docx import Document
from lxml import etree
from openpyxl import Workbook

from csc_hub.db import db
from csc_hub.exchange import manifest
from csc_hub.exchange.reading import workbook
from csc_hub.process.agreements import receipts
from csc_hub.process.agreements.records import Signature
from tests.house.ground import Ground, address

ROLES = ("lead", "coordinator", "ig officer", "agency contact", "signing", "reporting")
PASSED_ON = {"papers.open_paper", "sending.open_file", "replies.open_file", "replies.read"}
"""Doors at which somebody's own file is handed on as it came, byte for byte."""
DOORS = {
    "exchange.download_plan", "exchange.agency_workbook", "exchange.our_workbook", "exchange.with_faults", "exchange.our_with_faults", "exchange.download_agenda",
    "exchange.download_list", "exchange.download_register", "signatures.download",
    "doors.workbook", "doors.with_faults"}
NEUTRAL = {"", "CSC Hub", "Anyshire Council"}
PARTS = re.compile(r"docProps/(?!core\.xml|app\.xml)|customXml/|comments|people\.xml|persons/|embeddings/|externalLinks/|pivotCache|vbaProject|printerSettings|connections|revisions", re.IGNORECASE)
UNSEEN = re.compile(rb"<w:(vanish|del|ins|moveFrom|comment\w*)[ />]")


def test_every_file_that_is_made_leaves_neutral_and_hides_nothing(ground: Ground) -> None:
    seen, files, ids = set(), 0, {**ground.ids["school"]}
    sample = next((ground.app.config["CSC"].data / "samples").glob("*with-mistakes.xlsx")).read_bytes()
    sent = ground.seats["agency contact"].ask("POST", f"/our-actions/upload/{ids['context_id']}", {"file": (io.BytesIO(sample), "Housing.xlsx")})
    ids["batch_id"] = sent.headers["Location"].rpartition("/")[2]
    for route in (r for r in ground.routes if r.method == "GET" and r.endpoint not in PASSED_ON):
        for ending in ("xlsx", "docx") if "<any(xlsx, docx):ending>" in route.rule else ("",):
            for role in ROLES:
                answer = ground.seats[role].ask("GET", address(route, {**ids, "ending": ending}))
                if answer.data.startswith(b"PK"):
                    seen.add(route.endpoint)
                    files += 1
                    assert not hidden_in(answer.data), (route.endpoint, ending, hidden_in(answer.data))
                    break
    assert DOORS <= seen, DOORS - seen
    assert files >= len(DOORS) + 2


def test_a_receipt_in_word_leaves_neutral(ground: Ground) -> None:
    with ground.hub.inside():
        content = receipts.as_word(db.session.scalars(db.select(Signature)).first(), "Anyshire Council")
    assert not hidden_in(content)


def test_the_search_finds_what_is_hidden() -> None:
    book = Workbook()
    book.active.append(["Names"])
    book.active.row_dimensions[1].hidden = True
    file = io.BytesIO()
    book.save(file)
    assert hidden_in(file.getvalue()) == ["creator: openpyxl", "row 1 of “Sheet”"]
    document = Document()
    document.add_paragraph().add_run("Sam").font.hidden = True
    file = io.BytesIO()
    document.save(file)
    assert {"creator: python-docx", "docProps/thumbnail.jpeg", "customXml/item1.xml", "word/document.xml: b'<w:vanish/'"} <= set(hidden_in(file.getvalue()))


def hidden_in(data: bytes) -> list[str]:
    """What a file carries that nobody sees, or that names somebody."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        names = parts.namelist()
        book = "xl/workbook.xml" in names
        found += [name for name in names if PARTS.search(name) and not (book and "comment" in name.lower())]
        for name in ("docProps/core.xml", "docProps/app.xml"):
            for element in etree.fromstring(parts.read(name)).iter() if name in names else ():
                where, words = etree.QName(element).localname, (element.text or "").strip()
                if where in ("creator", "lastModifiedBy", "Manager", "Company") and words not in NEUTRAL or where in ("description", "keywords", "HyperlinkBase", "created") and words.startswith(("gen", "2013")):
                    found.append(f"{where}: {words}")
        found += [f"{name}: {unseen[0]!r}" for name in names if name.startswith("word/") and name.endswith(".xml") for unseen in [UNSEEN.search(parts.read(name))] if unseen]
    if book:
        found += _in_cells(workbook.read(io.BytesIO(data), "out.xlsx"))
    return found


def _in_cells(book: dict[str, Any]) -> list[str]:
    """Hidden rows, columns, sheets, names and what else a workbook can carry, but for the hub's own sheet."""
    own = [f"very hidden sheet “{sheet['name']}”" for sheet in book["sheets"] if manifest.in_sheet(sheet)]
    return [phrase for phrase in book["hidden"] if phrase not in own] + [note for note in book["notes"] if "not read" in note]
