"""Plans written elsewhere are read as they are meant, and what cannot be read says what to do."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csc_hub.adapters.sandbox import Unreadable
from csc_hub.exchange.outgoing import PrintedAction, PrintedPlan, PrintedWorry
from csc_hub.exchange.plan_document import plan_document
from csc_hub.exchange.plan_workbook import plan_workbook
from csc_hub.exchange.whole_plans import drafts
from csc_hub.exchange.whole_plans.columns import key_of, meaning
from csc_hub.exchange.whole_plans.entry import read_plan
from tests.exchange.test_plan_workbook import PLAN as PRINTED
from tests.exchange.test_safe_text import soffice_convert
from tests.exchange.whole_plans.corpus import FACTS, PLAN, ROWS, TITLES, WORD, word


def plan_of(content: bytes, name: str = "plan") -> drafts.DraftPlan:
    return drafts.interpret(read_plan(io.BytesIO(content), name))


def shape(plan: drafts.DraftPlan) -> list[Any]:
    return [(w.worry, w.helping, w.goal, [(a.intervention, a.agency) for a in w.actions]) for w in plan.worries]


@pytest.mark.parametrize("name", WORD)
def test_a_plan_in_word_is_read_as_it_is_meant(name: str) -> None:
    content, said = WORD[name]
    plan = plan_of(content)
    assert shape(plan) == PLAN
    assert said in " ".join(plan.notes)
    assert plan.facts == ({} if name == "no header block" else FACTS)


@pytest.mark.office
@pytest.mark.parametrize("name", ["blank cells under a worry", "cells merged down, the agency too", "tracked insertions and deletions", "cells over two columns"])
def test_the_same_plan_saved_by_libreoffice_is_the_same(name: str, tmp_path: Path) -> None:
    (tmp_path / "in.docx").write_bytes(WORD[name][0])
    (tmp_path / "again").mkdir()
    again = soffice_convert(tmp_path / "in.docx", "docx", tmp_path / "again")
    plan = plan_of(again.read_bytes())
    assert shape(plan) == PLAN and plan.facts == FACTS


@pytest.mark.office
def test_an_opendocument_text_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "in.docx").write_bytes(word())
    with pytest.raises(Unreadable, match="OpenDocument text.*choose Save As, Word Document"):
        read_plan(io.BytesIO(soffice_convert(tmp_path / "in.docx", "odt", tmp_path).read_bytes()), "in.odt")


def sheet(rows: Any, title_row: int = 1) -> bytes:
    book = openpyxl.Workbook()
    for number, row in enumerate(rows, title_row):
        for column, text in enumerate(row, 2):
            book.active.cell(number, column, text or None)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_appendix_a_in_a_sheet_is_read_in_every_format(tmp_path: Path) -> None:
    content = sheet((TITLES, *ROWS), 7)
    assert shape(plan_of(content)) == PLAN
    lines = "\r\n".join(";".join('"' + text.replace("\n", " ") + '"' for text in row) for row in (TITLES, *ROWS))
    assert shape(plan_of(lines.encode("utf-8-sig"))) == PLAN and shape(plan_of(lines.encode("cp1252"))) == PLAN


def merged_down() -> bytes:
    """Appendix A in a sheet, the worry's three cells and the agency of two interventions merged down."""
    book = openpyxl.load_workbook(io.BytesIO(sheet((TITLES, ROWS[0], ("", "", "", ROWS[1][3], "", ROWS[1][5]), ROWS[2]))))
    for column in "BCDF":
        book.active.merge_cells(f"{column}2:{column}3")
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_an_agency_merged_down_in_a_sheet_counts_for_each_intervention() -> None:
    assert [a.agency for a in plan_of(merged_down()).actions][:2] == [ROWS[0][4]] * 2
    alone = plan_of(sheet((TITLES, ROWS[0], ("", "", "", ROWS[1][3], "", ROWS[1][5]), ROWS[2])))
    assert [a.agency for a in alone.actions][:2] == [ROWS[0][4], ""]  # an empty cell of its own says nothing


@pytest.mark.office
@pytest.mark.parametrize("ending", ["ods", "xls", "xlsx"])
def test_cells_merged_down_are_read_alike_in_every_format(ending: str, tmp_path: Path) -> None:
    (tmp_path / "in.xlsx").write_bytes(merged_down())
    (tmp_path / "out").mkdir()
    assert shape(plan_of(soffice_convert(tmp_path / "in.xlsx", ending, tmp_path / "out").read_bytes())) == shape(plan_of(merged_down()))


@pytest.mark.office
@pytest.mark.parametrize("ending", ["ods", "xls", "xlsx"])
def test_our_own_workbook_saved_by_libreoffice_is_the_same(ending: str, tmp_path: Path) -> None:
    (tmp_path / "in.xlsx").write_bytes(plan_workbook(PRINTED))
    (tmp_path / "out").mkdir()
    saved = soffice_convert(tmp_path / "in.xlsx", ending, tmp_path / "out")
    assert shape(plan_of(saved.read_bytes())) == shape(plan_of(plan_workbook(PRINTED)))


words = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=3, max_size=60).map(lambda text: " ".join(text.split())).filter(
    lambda text: sum(c.isalnum() for c in text) > 2 and key_of(text) not in drafts._OURS and not text.startswith(("-", "–", "•", "●", "*", "(", "'"))
    and meaning(text, {}) == "" and "impact" not in text.lower() and not drafts._BULLET.match(text) and text == drafts.tidy(text))
printed_worries = st.lists(st.tuples(words, st.one_of(st.just(""), words), st.one_of(st.just(""), words), st.one_of(st.just(""), words), st.lists(
    st.tuples(words, words, st.sampled_from(["", "Annually", "By Friday 8 January 2027"])), max_size=3)), min_size=1, max_size=4, unique_by=lambda worry: key_of(worry[0]))


@settings(max_examples=25, deadline=None)
@given(printed_worries)
def test_our_own_workbook_and_document_come_back_as_they_went_out(worries: Any) -> None:
    plan = PrintedPlan("CSC-2026-014", "Harbour Road", "Anyshire", "OFFICIAL-SENSITIVE", "", "", "", "", "", "Draft, not yet issued", tuple(
        PrintedWorry(worry, impact, helping, goal, tuple(PrintedAction(f"CSC-2026-014/{n:02d}", *action) for n, action in enumerate(actions, 1)))
        for worry, impact, helping, goal, actions in worries))
    meant = [(worry, impact, helping, goal, actions) for worry, impact, helping, goal, actions in worries]
    for made in (plan_workbook, plan_document):
        back = plan_of(made(plan))
        assert [(w.worry, w.impact, w.helping, w.goal, [(a.intervention, a.agency, a.timescale[1]) for a in w.actions]) for w in back.worries] == meant
        assert back.facts == {"context": "Harbour Road"}


@pytest.mark.parametrize("title", ["What are we worried about?", "WHAT ARE WE WORRIED ABOUT (AND IMPACT)", "Worry", "Concerns"])
def test_a_worry_goes_by_many_titles(title: str) -> None:
    assert meaning(title, {}) == "worry"
    assert meaning(title, {key_of(title): "ignore"}) == "ignore", "what the council said before counts first"


def test_american_and_british_spelling_are_one() -> None:
    assert key_of("Neighborhood behavior program") == key_of("Neighbourhood behaviour programme")
    assert meaning("Organization responsible", {}) == meaning("Organisation responsible", {}) == "agency"


def _zip(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name.replace("__", "/").replace("_dot_", "."), content)
    return file.getvalue()


def _with(part: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(word())) as old:
        parts = {name: old.read(name) for name in old.namelist()} | {part: content}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return file.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BODY = b"<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body>%s</w:body></w:document>"
BAD = {
    "an old Word file": (OLE + "WordDocument".encode("utf-16-le"), "old Word format"),
    "an encrypted file": (OLE + "EncryptedPackage".encode("utf-16-le"), "protected with a password"),
    "macros": (_with("word/vbaProject.bin", b"x"), "holds macros"),
    "a bomb": (_with("word/media/image1.png", bytes(130 * 1024 * 1024)), "unpacks to"),
    "an entity": (_with("word/document.xml", b"<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]>" + BODY % b"&b;"), "declarations that no word processor writes"),
    "tables without end": (_with("word/document.xml", BODY % (b"<w:tbl><w:tr><w:tc>" * 40 + b"</w:tc></w:tr></w:tbl>" * 40)), "far longer than a plan"),
    "no table": (word(rows=(("Only a letter",),), head=False), "There is no table"),
    "too many rows": (word(rows=[("a", "b")] * 1_001, head=False), "more than 1,000 rows"),
    "a PDF": (b"%PDF-1.7\n", "a PDF document, which the hub cannot read a plan from"),
    "nothing": (b"", "empty"),
    "cut short": (word()[:3_000], "damaged"),
    "another zip": (_zip(a_dot_txt=b"x"), "Save As"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_file_that_is_no_plan_is_refused_with_what_to_do(name: str) -> None:
    content, said = BAD[name]
    with pytest.raises(Unreadable) as refusal:
        read_plan(io.BytesIO(content), "plan")
    assert said in refusal.value.sentence and len(refusal.value.sentence) > 40
    assert "workbook" not in refusal.value.sentence or name in ("nothing",)


def test_several_tasks_in_a_cell_are_told_apart() -> None:
    plan = plan_of(word(rows=(TITLES, ("Dark", "", "", "1. Light the stairs\n2. Cut the hedge", "Housing", ""))))
    assert plan.actions[0].tasks == ["Light the stairs", "Cut the hedge"] and "2 tasks" in plan.actions[0].notes[0]
