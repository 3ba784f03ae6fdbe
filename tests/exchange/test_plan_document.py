"""The Appendix A plan in Word is right as it comes out, without anybody touching it."""

from __future__ import annotations

import io
import time
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as WordDocument
from docx.enum.section import WD_ORIENT
from docx.oxml.ns import qn
from docx.shared import Mm
from docx.table import Table

from csc_hub.exchange.outgoing import PrintedAction, PrintedPlan, PrintedWorry
from csc_hub.exchange.plan_document import plan_document
from tests.exchange.test_plan_workbook import LABELS, PLAN, TITLES, missing_words, printed, worry_with
from tests.exchange.test_safe_text import HOSTILE, as_kept, soffice_convert


def opened(plan: PrintedPlan) -> WordDocument:
    return Document(io.BytesIO(plan_document(plan)))


def texts_of(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def flags(table: Table, name: str) -> list[bool]:
    """Which rows of a table carry a mark such as w:cantSplit."""
    return [row._tr.find(f"{qn('w:trPr')}/{qn(name)}") is not None for row in table.rows]


def test_the_title_is_a_heading_and_the_issue_stands_below() -> None:
    first, second = opened(PLAN).paragraphs[:2]
    assert (first.style.name, first.text) == ("Heading 1", "Context Safeguarding Conference: intervention plan")
    assert second.text == "Harbourshire Council · CSC-2026-014 · Issue 2, Monday 23 November 2026"


def test_the_six_labels_stand_as_the_form_prints_them_beside_what_is_known() -> None:
    known = (PLAN.assessment_period, PLAN.mapping_meeting_date, PLAN.conference_date, PLAN.context, PLAN.review_date, PLAN.attendees)
    assert texts_of(opened(PLAN).tables[0]) == [list(pair) for pair in zip(LABELS, known, strict=True)]


def test_the_plan_has_the_six_columns_and_each_worry_runs_beside_its_interventions() -> None:
    table = opened(PLAN).tables[1]
    rows = texts_of(table)
    worry = PLAN.worries[0]
    assert tuple(rows[0]) == TITLES
    assert [row[0] for row in rows[1:4]] == [f"{worry.worry}\nImpact: {worry.impact}"] * 3
    assert rows[2][1:] == [worry.helping, worry.goal, "CSC-2026-014/02\nBrighten the walkway.", "Community Safety", "by Friday 29 January 2027"]
    assert rows[4][0] == PLAN.worries[1].worry
    first = [cells[0]._tc for cells in (row.cells for row in table.rows)]
    assert first[1] is first[2] is first[3] is not first[4]


def test_the_titles_repeat_and_rows_of_ordinary_length_stay_whole() -> None:
    table = opened(PLAN).tables[1]
    assert flags(table, "w:tblHeader") == [True, False, False, False, False]
    assert all(flags(table, "w:cantSplit"))


def test_a_row_longer_than_half_a_page_may_break() -> None:
    long = replace(PLAN.worries[1], actions=(PrintedAction("R/1", "repair " * 500, "Housing", ""),))
    assert flags(opened(replace(PLAN, worries=(long,))).tables[1], "w:cantSplit") == [True, False]


def test_what_is_not_known_or_not_there_is_said() -> None:
    bare = PrintedWorry("A worry", "", "", "", ())
    plan = replace(PLAN, review_date="", worries=(bare, replace(PLAN.worries[1], actions=(PrintedAction("", "Do it.", "", ""),))))
    document = opened(plan)
    assert texts_of(document.tables[0])[4] == ["Date of review:", "Not recorded"]
    rows = texts_of(document.tables[1])
    assert rows[1] == ["A worry", "Not recorded", "Not recorded", *["No intervention agreed."] * 3]
    assert rows[2][3:] == ["Do it.", "None agreed", "None agreed"]
    assert set(texts_of(opened(replace(PLAN, worries=())).tables[1])[1]) == {"No worries are recorded in this plan."}


def test_it_is_a4_landscape_with_marking_and_page_numbers_on_every_page() -> None:
    section = opened(PLAN).sections[0]
    assert section.orientation == WD_ORIENT.LANDSCAPE
    assert (round(section.page_width / Mm(1)), round(section.page_height / Mm(1))) == (297, 210)
    assert section.header.paragraphs[0].text == "OFFICIAL-SENSITIVE"
    footer = section.footer.paragraphs[0]
    assert footer.text.startswith("CSC-2026-014 · Harbourshire Council\tOFFICIAL-SENSITIVE\tPage ")
    assert [field.get(qn("w:instr")).strip() for field in footer._p.iter(qn("w:fldSimple"))] == ["PAGE", "NUMPAGES"]
    assert not section.different_first_page_header_footer


def test_it_is_in_british_english_and_names_the_council_and_no_person() -> None:
    document = opened(PLAN)
    assert {language.get(qn("w:val")) for language in document.styles.element.iter(qn("w:lang"))} == {"en-GB"}
    facts = document.core_properties
    assert (facts.title, facts.author, facts.last_modified_by) == ("Intervention plan CSC-2026-014", PLAN.council, PLAN.council)
    assert (facts.category, facts.language, facts.comments) == ("OFFICIAL-SENSITIVE", "en-GB", "")
    with zipfile.ZipFile(io.BytesIO(plan_document(PLAN))) as parts:
        assert not [name for name in parts.namelist() if "thumbnail" in name]


def test_the_tables_have_titles_for_those_who_cannot_see_them() -> None:
    captions = [table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) for table in opened(PLAN).tables]
    assert captions == ["Dates, context and attendees", "Intervention plan: worries, goals and interventions"]


def test_hostile_texts_emoji_and_right_to_left_writing_stay_words() -> None:
    for text in (*HOSTILE, "👩‍👧 اللغة العربية עברית café", "{{ 7*7 }} {% raw %}", "x" * 10_000):
        worry = PrintedWorry(text, text, text, text, (PrintedAction(text, text, text, text),))
        document = opened(PrintedPlan(text, text, text, text, text, text, text, text, text, text, (worry,)))
        assert texts_of(document.tables[1])[1][3].endswith(as_kept(text).strip())
        assert not list(document.element.iter(qn("w:instrText")))


def test_two_hundred_interventions_take_no_longer_than_a_moment() -> None:
    start = time.perf_counter()
    document = opened(replace(PLAN, worries=(worry_with(200),)))
    assert len(document.tables[1].rows) == 201
    assert time.perf_counter() - start < 10


@pytest.mark.office
def test_libreoffice_prints_every_text(tmp_path: Path) -> None:
    long = replace(PLAN.worries[1], worry="worried " * 150 + "lastworry", goal="aim " * 90 + "lastgoal", actions=(
        PrintedAction("CSC-2026-014/05", "repair " * 900 + "lastrepair", "Street Lighting", "Weekly"),
    ))  # fmt: skip
    plan = replace(PLAN, worries=(*PLAN.worries, long))
    source = tmp_path / "plan.docx"
    source.write_bytes(plan_document(plan))
    assert missing_words(printed(plan), soffice_convert(source, "pdf", tmp_path / "pdf")) == set()
