"""A plan comes in from Word and from sheets in a real browser: at a desk, on a phone, and without scripts."""

from __future__ import annotations

from typing import Any

import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests import browser
from tests.browser import NARROW, PHONE, WIDE
from tests.exchange.whole_plans.corpus import TITLES, word
from tests.journeys.hands import file, fits, follow, press, says
from tests.parts import soffice_convert

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("width", "scripts"), [(WIDE, True), (PHONE, True), (PHONE, False)], ids=["desk", "phone", "no-scripts"])
def test_a_plan_is_brought_in_looked_at_added_and_taken_back(width: dict[str, int], scripts: bool, visit: Any) -> None:
    page = visit("Priya Nair", viewport=width, java_script_enabled=scripts)
    follow(page, "Harbour Road bus interchange")
    page.goto(f"{page.url}/plan")
    follow(page, "Bring in a plan")
    own = f"{width['width']} {scripts}"
    rows = (TITLES, (f"The ramp is dark {own}", "", "It is lit", "Light the ramp", "Street lights", "w/c 12/4/27"), ("", "", "", "Sweep the ramp", "Housing", "Termly"))
    page.locator("input[type=file]").set_input_files(file("plan.docx", word(rows=rows)))
    press(page, "Read the plan")
    says(page, "1 worry and 2 interventions were found. Nothing has been added yet.")
    says(page, "“w/c 12/4/27” was read as Monday 12 April 2027")
    fits(page)
    if scripts:
        page.set_viewport_size(NARROW)
        assert browser.axe(page) == []
        fits(page)
    page.get_by_label("Street lights").select_option(label="Street Lighting")
    press(page, "Add 1 worry and 2 interventions to the draft plan")
    says(page, "1 worry and 2 interventions added")
    follow(page, "See the plan")
    says(page, f"The ramp is dark {own}")
    page.go_back()
    follow(page, "Take back what this file brought")
    press(page, "Take it back")
    says(page, "What the file brought is no longer in the plan.")
    assert page.get_by_text(f"The ramp is dark {own}").count() == 0


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_several_files_are_read_one_after_the_other(scripts: bool, visit: Any) -> None:
    page = visit("Priya Nair", java_script_enabled=scripts)
    follow(page, "Harbour Road bus interchange")
    page.goto(f"{page.url}/plan/bring-in")
    sheet = file("actions.csv", b"What;Whom;Until\r\nLight the stairs;Housing;8/1/27\r\n", "text/csv")
    page.locator("input[type=file]").set_input_files([file("one.docx", word()), file("two.pdf", b"%PDF-1.7\n", "application/pdf"), sheet])
    press(page, "Read the plan")
    if scripts:
        page.get_by_text("3 files were read").wait_for()
    says(page, "two.pdf: This file is a PDF document")
    read = page.locator("#read a")
    assert read.all_inner_texts() == ["one.docx", "actions.csv"]
    read.last.click()
    follow(page, "Say which column is what")
    page.get_by_label("What", exact=True).select_option(label="Intervention")
    page.get_by_label("Whom").select_option(label="Agency or team responsible")
    page.get_by_label("Until").select_option(label="Timescale or due date")
    press(page, "Show the plan")
    says(page, "1 intervention without a worry")
    if scripts:
        assert browser.axe(page) == []


def _awkward(document: Any, table: Any) -> None:
    """Worries merged down over their interventions, a cell split in two, and American titles."""
    table.cell(0, 4).text = "Organization responsible"
    for column in range(3):
        kept = table.cell(1, column).text
        table.cell(1, column).merge(table.cell(2, column)).text = kept
    for row in table.rows:
        row.cells[3]._tc.get_or_add_tcPr().append(parse_xml(f"<w:gridSpan {nsdecls('w')} w:val='2'/>"))


def test_a_merged_document_from_libreoffice_and_sheets_whose_columns_are_remembered(visit: Any, tmp_path: Any) -> None:
    page = visit("Priya Nair", viewport=PHONE)
    follow(page, "Harbour Road bus interchange")
    page.goto(f"{page.url}/plan/bring-in")
    rows = (TITLES, ("Harmful behavior in the program", "The café", "Everybody is at ease", "Train the ushers", "Housing", "Annually"),
            ("", "", "", "Put up a notice", "Housing", "Termly"), ("The arcade is feared", "The caretaker", "People walk there", "Patrol the arcade", "Anyshire Police", ""))
    (tmp_path / "made.docx").write_bytes(word(_awkward, rows))
    document = soffice_convert(tmp_path / "made.docx", "docx", tmp_path / "saved").read_bytes()
    page.locator("input[type=file]").set_input_files(file("Plan (final).docx", document))
    press(page, "Read the plan")
    says(page, "2 worries and 3 interventions were found. Nothing has been added yet.")
    says(page, "The dates and attendees above it")
    fits(page)
    assert browser.axe(page) == []
    press(page, "Add these 2 worries and 3 interventions to the draft plan")
    says(page, "2 worries and 3 interventions added")
    page.goto(page.url.partition("/bring-in")[0] + "/bring-in")
    titles = b"Deed;Lead body;When due\r\n"
    page.locator("input[type=file]").set_input_files(file("first.csv", titles + b"Light the arcade;Housing;8/1/27\r\n", "text/csv"))
    press(page, "Read the plan")
    says(page, "Which column is what?")
    fits(page)
    for title, meaning in (("Deed", "Intervention"), ("Lead body", "Agency or team responsible"), ("When due", "Timescale or due date")):
        page.get_by_label(title, exact=True).select_option(label=meaning)
    press(page, "Show the plan")
    says(page, "1 intervention without a worry")
    page.goto(page.url.partition("/bring-in")[0] + "/bring-in")
    page.locator("input[type=file]").set_input_files([file(f"{n}.csv", titles + f"Sweep the arcade {n};Housing;Termly\r\n".encode(), "text/csv") for n in range(1, 5)])
    page.evaluate("said => { window.told = []; new MutationObserver(() => told.push(said.textContent)).observe(said, {childList: true}) }", page.locator("[data-said]").element_handle())
    press(page, "Read the plan")
    page.get_by_text("4 files were read").wait_for()
    assert [words for words in page.evaluate("told") if "Reading" in words] == [f"Reading {n}.csv, {n} of 4 …" for n in range(1, 5)]
    assert browser.axe(page) == []
    page.locator("#read a").last.click()
    says(page, "Sweep the arcade 4")
    says(page, "1 intervention without a worry")
