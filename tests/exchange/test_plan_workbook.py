"""The Appendix A plan in Excel is right as it comes out, without anybody touching it."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from csc_hub.exchange.outgoing import PrintedAction, PrintedPlan, PrintedWorry
from csc_hub.exchange import exports
from csc_hub.exchange.plan_workbook import plan_workbook, text_height
from tests.exchange.test_safe_text import HOSTILE, as_kept, formulas, soffice_convert

LABELS = ("Assessment period:", "Mapping meeting date:", "Conference date:", "Context:", "Date of review:", "Attendees:")
TITLES = (
    "What are we worried about? (and impact)", "What is helping to keep children safe?", "What is the safety goal?",
    "Intervention to be offered", "Agency/Team responsible", "Timescale",
)  # fmt: skip
PLAN = PrintedPlan(
    reference="CSC-2026-014",
    context="Harbour Road bus interchange",
    council="Harbourshire Council",
    marking="OFFICIAL-SENSITIVE",
    assessment_period="7 September to 16 October 2026",
    mapping_meeting_date="Thursday 24 September 2026",
    conference_date="Thursday 19 November 2026",
    review_date="Thursday 8 April 2027",
    attendees="Chair, Community Safety Partnership; Housing Officer; Owner, Quayside Café",
    issued="Issue 2, Monday 23 November 2026",
    worries=(
        PrintedWorry(
            "The covered walkway cannot be seen from the road.", "Young people wait alone at unlit stops.",
            "The café owner lets young people wait inside.", "Everybody who waits can be seen by a trusted adult.",
            (
                PrintedAction("CSC-2026-014/01", "Staff at the interchange after school.", "Westway Buses", "by Friday 8 January 2027"),
                PrintedAction("CSC-2026-014/02", "Brighten the walkway.", "Community Safety", "by Friday 29 January 2027"),
                PrintedAction("CSC-2026-014/03", "The café becomes a named safe place.", "Quayside Café", "Annually"),
            ),
        ),
        PrintedWorry(
            "The stairwells are used for dealing.", "", "The caretaker is trusted.", "Shared spaces are safe to walk through.",
            (PrintedAction("CSC-2026-014/04", "Fit door closers.", "Housing (Estates team)", ""),),
        ),
    ),
)  # fmt: skip


def opened(plan: PrintedPlan) -> Worksheet:
    return load_workbook(io.BytesIO(plan_workbook(plan))).active


def rows_of(sheet: Worksheet) -> list[tuple[str | None, ...]]:
    """The rows of the plan table, below its titles."""
    rows = [row[:6] for row in sheet.iter_rows(values_only=True)]
    return rows[rows.index(TITLES) + 1 :]


def printed(plan: PrintedPlan) -> list[str]:
    """Every text of a plan that must be on the paper."""
    texts = [plan.reference, plan.context, plan.council, plan.marking, plan.assessment_period, plan.mapping_meeting_date]
    texts += [plan.conference_date, plan.review_date, plan.attendees, plan.issued, *LABELS, *TITLES]
    for worry in plan.worries:
        texts += [worry.worry, worry.impact, worry.helping, worry.goal]
        texts += [text for a in worry.actions for text in (a.reference, a.intervention, a.agency, a.timescale)]
    return texts


def missing_words(texts: list[str], pdf: Path) -> set[str]:
    """Words that are in the texts and not on the printed pages."""
    shown = subprocess.run(["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True).stdout.decode()
    return set(" ".join(texts).split()) - set(shown.split())


def worry_with(number: int) -> PrintedWorry:
    return PrintedWorry("A worry", "", "", "A goal", tuple(
        PrintedAction(f"CSC-2026-014/{n:02}", f"Intervention {n}", "Housing", "Annually") for n in range(1, number + 1)
    ))  # fmt: skip


def test_the_six_labels_stand_as_the_form_prints_them_beside_what_is_known() -> None:
    block = [(row[0], row[1]) for row in opened(PLAN).iter_rows(min_row=3, max_row=8, values_only=True)]
    known = (PLAN.assessment_period, PLAN.mapping_meeting_date, PLAN.conference_date, PLAN.context, PLAN.review_date, PLAN.attendees)
    assert block == list(zip(LABELS, known, strict=True))


def test_the_title_the_issue_and_the_marking_come_first() -> None:
    sheet = opened(PLAN)
    assert sheet["A1"].value == "Context Safeguarding Conference: intervention plan"
    assert sheet["E1"].value == "OFFICIAL-SENSITIVE"
    assert sheet["A2"].value == "Harbourshire Council · CSC-2026-014 · Issue 2, Monday 23 November 2026"


def test_the_table_has_the_six_columns_of_the_form() -> None:
    assert TITLES in [row[:6] for row in opened(PLAN).iter_rows(values_only=True)]
    assert opened(PLAN).max_column == 6


def test_a_worry_runs_down_beside_all_its_interventions() -> None:
    sheet = opened(PLAN)
    assert {"A11:A13", "B11:B13", "C11:C13"} <= {str(area) for area in sheet.merged_cells.ranges}
    assert sheet["A11"].value == f"{PLAN.worries[0].worry}\n\nImpact: {PLAN.worries[0].impact}"
    assert [row[3] for row in rows_of(sheet)][:2] == [
        "CSC-2026-014/01\nStaff at the interchange after school.", "CSC-2026-014/02\nBrighten the walkway.",
    ]  # fmt: skip
    assert rows_of(sheet)[1][4:] == ("Community Safety", "by Friday 29 January 2027")


def test_what_is_not_known_is_said_and_not_left_blank() -> None:
    plan = replace(PLAN, review_date="", worries=(replace(PLAN.worries[1], helping="", goal=" "),))
    sheet = opened(plan)
    assert sheet["B7"].value == "Not recorded"
    assert rows_of(sheet)[0][:3] == (plan.worries[0].worry, "Not recorded", "Not recorded")
    assert rows_of(sheet)[0][5] == "None agreed"


def test_a_plan_without_worries_says_so() -> None:
    assert [row[0] for row in rows_of(opened(replace(PLAN, worries=())))] == ["No worries are recorded in this plan."]


def test_a_worry_without_interventions_says_so() -> None:
    sheet = opened(replace(PLAN, worries=(replace(PLAN.worries[0], actions=()),)))
    assert rows_of(sheet)[0][3] == "No intervention agreed."
    assert "D11:F11" in {str(area) for area in sheet.merged_cells.ranges}


def test_it_prints_on_a4_landscape_one_page_wide_with_titles_on_each_page() -> None:
    sheet = opened(PLAN)
    assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", sheet.PAPERSIZE_A4)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
    assert sheet.print_title_rows == "$10:$10"
    assert sheet.print_area.endswith("!$A$1:$F$14")
    assert sheet.freeze_panes == "A11"


def test_every_page_carries_the_marking_the_source_and_its_number() -> None:
    sheet = opened(PLAN)
    assert sheet.oddHeader.center.text == sheet.oddFooter.center.text == "OFFICIAL-SENSITIVE"
    assert sheet.oddFooter.left.text == "CSC-2026-014 · Harbourshire Council"
    assert sheet.oddFooter.right.text == "Page &P of &N"


def test_a_long_council_name_leaves_room_in_the_footer() -> None:
    sheet = opened(replace(PLAN, council="Health & Safety & " * 40, marking="OFFICIAL & " * 40))
    assert len(str(sheet.HeaderFooter.oddFooter)) <= 255


def test_a_tall_heading_is_not_frozen_over_the_plan() -> None:
    assert opened(replace(PLAN, attendees="Housing Officer; " * 150)).freeze_panes is None


def test_the_properties_name_the_council_and_no_person() -> None:
    facts = load_workbook(io.BytesIO(plan_workbook(PLAN))).properties
    assert (facts.title, facts.creator, facts.lastModifiedBy) == ("Intervention plan CSC-2026-014", PLAN.council, PLAN.council)
    assert (facts.category, facts.language) == ("OFFICIAL-SENSITIVE", "en-GB")


def test_nothing_is_hidden_and_the_sheet_has_a_name_excel_accepts() -> None:
    book = load_workbook(io.BytesIO(plan_workbook(replace(PLAN, reference="CSC/2026:014" * 4))))
    assert [sheet.sheet_state for sheet in book] == ["visible"]
    assert re.fullmatch(r"[^\[\]:*?/\\]{1,31}", book.active.title)
    assert not any(row.hidden for row in book.active.row_dimensions.values())
    assert not book.defined_names


def test_hostile_texts_stay_words() -> None:
    for text in HOSTILE:
        worry = PrintedWorry(text, text, text, text, (PrintedAction(text, text, text, text), PrintedAction("", text, text, text)))
        plan = PrintedPlan(text, text, text, text, text, text, text, text, text, text, (worry,))
        file = plan_workbook(plan)
        assert formulas(file) == []
        shown = load_workbook(io.BytesIO(file)).active["D12"].value
        assert (shown or "").replace("_x005F_", "_") == as_kept(text).strip()


def test_no_row_is_taller_than_excel_allows_and_long_texts_get_the_height_they_need() -> None:
    long = "supervision of the walkway " * 370
    worry = PrintedWorry(long, long, long, long, (PrintedAction("R/1", long, "Housing", "Annually"), PrintedAction("R/2", "Short.", "", "")))
    sheet = opened(replace(PLAN, worries=(worry,)))
    heights = [sheet.row_dimensions[row].height for row in range(11, sheet.max_row + 1)]
    assert max(heights) <= 409
    assert sum(heights) >= text_height(f"{long}\n\nImpact: {long}", 26)
    assert any(str(area).startswith("D11:D") for area in sheet.merged_cells.ranges)


def test_emoji_and_right_to_left_writing_are_kept() -> None:
    text = "👩‍👧 اللغة العربية עברית café"
    assert opened(replace(PLAN, context=text))["B6"].value == text


def test_two_hundred_interventions_fit_under_one_worry() -> None:
    sheet = opened(replace(PLAN, worries=(worry_with(200),)))
    assert len(rows_of(sheet)) == 200
    assert "A11:A210" in {str(area) for area in sheet.merged_cells.ranges}


@pytest.mark.office
def test_libreoffice_prints_every_text(tmp_path: Path) -> None:
    long = replace(PLAN.worries[1], worry="worried " * 150 + "lastworry", goal="aim " * 90 + "lastgoal", actions=(
        PrintedAction("CSC-2026-014/05", "repair " * 300 + "lastrepair", "Street Lighting", "Weekly"),
    ))  # fmt: skip
    plan = replace(PLAN, worries=(*PLAN.worries, long))
    source = tmp_path / "plan.xlsx"
    source.write_bytes(plan_workbook(plan))
    assert missing_words(printed(plan), soffice_convert(source, "pdf", tmp_path / "pdf")) == set()


@pytest.mark.office
def test_libreoffice_saves_it_again_with_the_same_values(tmp_path: Path) -> None:
    source = tmp_path / "plan.xlsx"
    worries = (PrintedWorry(*HOSTILE[:4], (PrintedAction("R/1", HOSTILE[1], HOSTILE[5], HOSTILE[8]),)), *PLAN.worries)
    source.write_bytes(plan_workbook(replace(PLAN, worries=worries)))
    again = soffice_convert(source, "xlsx", tmp_path / "again")
    assert formulas(again.read_bytes()) == []
    before, after = load_workbook(source).active, load_workbook(again).active
    assert list(after.iter_rows(max_row=before.max_row, max_col=6, values_only=True)) == list(before.iter_rows(values_only=True))


def test_a_long_plan_is_made_elsewhere_and_is_the_same() -> None:
    plan = replace(PLAN, worries=(worry_with(exports.AT_ONCE + 1),))
    made = exports.plan_file(plan, "xlsx")
    assert list(load_workbook(io.BytesIO(made)).active.iter_rows(values_only=True)) == list(opened(plan).iter_rows(values_only=True))
    assert exports.plan_file(plan, "docx").startswith(b"PK")
