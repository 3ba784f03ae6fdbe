"""A plan comes in from Word and from sheets in a real browser: at a desk, on a phone, and without scripts."""

from __future__ import annotations

from typing import Any

import pytest

from tests import browser
from tests.browser import NARROW, PHONE, WIDE
from tests.exchange.whole_plans.corpus import TITLES, word
from tests.journeys.hands import file, fits, follow, press, says

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
