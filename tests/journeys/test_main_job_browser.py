"""The main job and its hazards in a real browser: with scripts and without, on a desk and on a phone."""

from __future__ import annotations

import re
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from tests import browser, parts
from tests.browser import PHONE, WIDE, Server
from tests.journeys import main_job
from tests.journeys.hands import XLSX, day, downloaded, file, fits, follow, press, says
from tests.journeys.main_job import DAY, FINDINGS, NAME, REFUSAL, TODAY, TRIGGER, UPDATE, WORRIES

pytestmark = pytest.mark.browser
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@pytest.mark.parametrize(("width", "scripts"), [(WIDE, True), (PHONE, True), (WIDE, False)], ids=["desk", "phone", "no-scripts"])
def test_the_main_job(width: dict[str, int], scripts: bool, visit: Any) -> None:
    name = f"{NAME}, {'with' if scripts else 'no'} scripts, {width['width']}"
    grace = visit("Grace Mensah", viewport=width, java_script_enabled=scripts)
    priya = visit("Priya Nair", viewport=width, java_script_enabled=scripts)
    case = refer(grace, priya, name)
    if scripts:
        assess(priya, case, width)
        plan(priya, case)
        updates(grace, case)


def refer(grace: Any, priya: Any, name: str) -> str:
    follow(grace, "Refer a context")
    press(grace, "Refer this context")
    says(grace, "There is a problem")
    grace.get_by_role("link", name="Enter a neutral name for the place or group").click()
    assert grace.evaluate("document.activeElement.name") == "name"
    grace.get_by_label("Name of the context").fill(name)
    grace.get_by_label("Neighbourhood").check()
    grace.get_by_label("What triggered the referral").fill(TRIGGER)
    grace.get_by_label("Serious youth violence").check()
    fits(grace)
    press(grace, "Refer this context")
    says(grace, "has been referred.")
    case = grace.url
    assert grace.get_by_role("button", name="Accept for assessment").is_disabled()
    follow(grace, "Choose who leads")
    grace.get_by_label("Lead practitioner").select_option(label="Priya Nair, Senior social worker")
    press(grace, "Save")
    fits(grace)
    priya.goto("/")
    priya.get_by_role("link", name=name).click()
    press(priya, "Accept for assessment")
    says(priya, "The referral is accepted. The assessment can begin.")
    return case


def assess(priya: Any, case: str, width: dict[str, int]) -> None:
    priya.goto(f"{case}/assessment/dates")
    day(priya, "Assessment period: first day", TODAY - 40 * DAY)
    day(priya, "Assessment period: last day", TODAY - 5 * DAY)
    press(priya, "Save the dates")
    for sort, weight, text in FINDINGS[:3]:
        follow(priya, "Add a finding")
        priya.get_by_label(sort, exact=True).check()
        priya.get_by_label("The finding").fill(text)
        priya.get_by_label(weight, exact=True).check()
        press(priya, "Add this finding")
    follow(priya, "Choose one or two priority issues")
    for _, _, text in FINDINGS[:3]:
        priya.get_by_label(text).check()
    press(priya, "Save the priority issues")
    says(priya, REFUSAL)
    assert priya.evaluate("document.activeElement.className").startswith("govuk-error-summary"), "the summary takes the focus"
    priya.get_by_label(FINDINGS[2][2]).uncheck()
    press(priya, "Save the priority issues")
    for kind in ("Safer Me assessment", "Neighbourhood assessment"):
        priya.goto(f"{case}/assessment/reports/add")
        priya.get_by_label(kind).check()
        priya.get_by_label("The file").set_input_files(file("report.docx", main_job.report(kind), DOCX))
        priya.get_by_label("I have read this file").check()
        press(priya, "Upload this report")
        says(priya, "The report is uploaded.")
    fits(priya)
    priya.goto(f"{case}/threshold")
    priya.get_by_label("Yes").check()
    priya.get_by_label("Reasons").fill("Fights each week, and nobody steps in.")
    priya.get_by_label("Who decided").fill("Marion Teague, head of service")
    day(priya, "Date of the decision", TODAY)
    press(priya, "Record the decision")
    priya.goto(f"{case}/assessment")
    press(priya, "Sign off the assessment")
    says(priya, "The assessment is signed off. A conference is to be held.")


def plan(priya: Any, case: str) -> None:
    priya.goto(f"{case}/plan")
    for number, (worry, impact, helping, goal, actions) in enumerate(WORRIES, 1):
        follow(priya, "Add a worry")
        priya.get_by_label("What are we worried about?").fill(worry)
        priya.get_by_label("With what impact?").fill(impact)
        priya.get_by_label("What is helping").fill(helping)
        priya.get_by_label("What is the safety goal?").fill(goal)
        press(priya, "Add this worry")
        for text, agency, owner, days, timescale in actions:
            follow(priya, f"Add an intervention under worry {number}")
            priya.get_by_label("Intervention to be offered").fill(text)
            priya.get_by_label("Agency responsible").select_option(label=agency)
            priya.get_by_label("Named owner").fill(owner)
            if days:
                day(priya, "Timescale: by which day?", TODAY + days * DAY)
            else:
                priya.get_by_label("Or in words").fill(timescale)
            press(priya, "Add this intervention")
    press(priya, "Issue the plan")
    says(priya, "Issue 1 of the plan is out. Agencies now see their actions.")
    fits(priya)
    assert WORRIES[0][0] in main_job.words_of_workbook(downloaded(priya, priya.get_by_role("link", name="Download as Excel")))
    assert WORRIES[0][0] in main_job.words_of_document(downloaded(priya, priya.get_by_role("link", name="Download as Word")))


def updates(grace: Any, case: str) -> None:
    grace.goto(f"{case}/updates")
    fits(grace)
    blank = downloaded(grace, grace.locator("li", has_text="Housing").get_by_role("link", name="Download"))
    follow(grace, "Upload an agency’s workbook")
    grace.get_by_label("Whose workbook is it?").select_option(label="Housing")
    grace.get_by_label("The workbook").set_input_files(file("housing.xlsx", main_job.fill_in(blank)))
    press(grace, "Show what would change")
    says(grace, "1 action will change")
    fits(grace)
    row = grace.locator("tr", has_text="Update").filter(has_text=UPDATE).first
    assert row.bounding_box()["height"] < 260, "words are not broken letter by letter"
    press(grace, "Apply 1 change")
    says(grace, "1 action changed")
    fits(grace)


def test_the_keyboard_alone_is_enough(visit: Any) -> None:
    page = visit()
    page.goto("/sign-in")

    def tab_to(words: str, most: int = 60) -> None:
        for _ in range(most):
            page.keyboard.press("Tab")
            if words in page.evaluate("document.activeElement === document.body ? '' : document.activeElement.innerText || document.activeElement.id || ''"):
                shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle + getComputedStyle(document.activeElement).boxShadow")
                assert shown != "nonenone", f"the focus on “{words}” cannot be seen"
                return
        raise AssertionError(f"Tab never reaches “{words}”")

    tab_to("Skip to main content", 1)
    page.keyboard.press("Enter")
    tab_to("Sign in as Grace Mensah")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Contexts").wait_for()
    tab_to("q")
    page.keyboard.type("skate")
    page.get_by_role("link", name="Coastlands Academy corridors").wait_for(state="detached")
    assert page.evaluate("document.activeElement.id") == "q", "the search keeps the focus"
    tab_to("Ferry Lane skate park")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="The context").wait_for()
    says(page, "CSC-2026-004")


def test_an_agency_contact_on_a_phone(visit: Any) -> None:
    page = visit("Joy Okafor", viewport={"width": 375, "height": 420}, has_touch=True, is_mobile=True)
    says(page, "What Housing has agreed to do")
    fits(page)
    assert page.get_by_role("navigation", name="Menu").count() == 0, "no menu: there is one page"
    button = page.get_by_role("button", name="Nothing to report on action 8").first
    button.scroll_into_view_if_needed()
    before = page.evaluate("scrollY")
    assert before > 0
    button.focus()
    page.keyboard.press("Enter")
    row = page.locator("li", has_text="Fit a clear panel")
    row.get_by_text("Recorded today. Thank you.").wait_for()
    assert abs(page.evaluate("scrollY") - before) < 60, "the page stays where it was"
    assert page.evaluate("document.activeElement.closest('li')?.innerText || ''").find("Fit a clear panel") >= 0, "the focus stays in the row"
    row.get_by_role("link", name="Update").click()
    fits(page)
    page.get_by_label("In progress").check()
    page.get_by_label("Update", exact=True).or_(page.get_by_label("Update (optional)")).fill("The panel is ordered.")
    press(page, "Send this update")
    says(page, "Thank you. Action CSC-2026-001/08 is updated.")
    page.goto("/our-actions")
    content = downloaded(page, page.get_by_role("link", name="Get our workbook for CSC-2026-001"))
    assert "The panel is ordered." in main_job.words_of_workbook(content)
    follow(page, "Send it back for CSC-2026-001")
    page.get_by_label("The workbook").set_input_files(file("ours.xlsx", main_job.report_complete(content, "Fit a clear panel")))
    press(page, "Show what would change")
    says(page, "1 action will change")
    fits(page)
    press(page, "Apply 1 change")
    says(page, "1 action changed")
    page.get_by_role("link", name="Back").click()
    says(page, "Reported complete")
    page.goto("/contexts")
    says(page, "Page not found")


def test_two_people_at_once(visit: Any) -> None:
    grace, priya = visit("Grace Mensah"), visit("Priya Nair")
    grace.get_by_role("link", name="Harbour Road bus interchange").click()
    case = grace.url
    for page in (grace, priya):
        page.goto(f"{case}/edit")
    priya.get_by_label("Where it is").fill("Harbour Road, at the ticket office")
    press(priya, "Save changes")
    grace.get_by_label("Where it is").fill("Harbour Road, beside the café")
    grace.get_by_label("Anything else").fill("Typed for ten minutes.")
    press(grace, "Save changes")
    says(grace, "Somebody else saved this while you were typing")
    says(grace, "Where it is Harbour Road, at the ticket office Harbour Road, beside the café")
    assert grace.get_by_label("Where it is").input_value() == "Harbour Road, beside the café"
    assert grace.get_by_label("Anything else").input_value() == "Typed for ten minutes."
    assert grace.evaluate("document.activeElement.id") == "conflict"
    press(grace, "Save changes")
    says(grace, "The context is saved.")
    says(grace, "Harbour Road, beside the café")


def test_files_that_will_not_do(visit: Any, server: Server) -> None:
    page = visit("Grace Mensah")
    page.get_by_role("link", name="Coastlands Academy corridors").click()
    case = page.url

    def send(what: Any) -> None:
        page.goto(f"{case}/updates/upload")
        page.get_by_label("Whose workbook is it?").select_option(label="Housing")
        page.get_by_label("The workbook").set_input_files(what)
        press(page, "Show what would change")

    send(file("update.xlsx", b"Dear all, the lamps are repaired. Kind regards"))
    says(page, "There is a problem")
    says(page, "This file has the ending of a workbook, but it holds only text. Open it, save it as a workbook")
    send(file("plan.docx", main_job.report("Not a workbook"), DOCX))
    says(page, "There is a problem")
    send(next(server.samples.glob("*-with-mistakes.xlsx")))
    for words in (
        "2 actions will change", "3 rows cannot be used", "“Nearly there” is not a status the hub knows.",
        "Action 6 is Street Lighting’s, not this agency’s.", "“CSC-2026-001/41” is not one of this agency’s actions in the plan.",
        "This workbook has hidden content", "Old notes",
    ):
        says(page, words)
    page.get_by_role("button", name="Apply 2 changes").click()
    says(page, "Look at it in the file first, then confirm below that it may be read")
    page.get_by_label("I have looked at the hidden content").check()
    page.get_by_role("button", name="Apply 2 changes").click()
    says(page, "2 actions changed")
    says(page, "cells were held")
    fits(page)
    follow(page, "Undo this whole workbook")
    fits(page)
    press(page, "Undo the workbook")
    says(page, "This workbook was undone.")


def test_a_file_of_60_megabytes(visit: Any, tmp_path: Path) -> None:
    page = visit("Priya Nair")
    page.get_by_role("link", name="Group A – Marina").click()
    page.goto(f"{page.url}/assessment/reports/add")
    big = tmp_path / "scan.pdf"
    with big.open("wb") as out:
        out.write(b"%PDF-1.7\n")
        out.truncate(60 * 1024 * 1024)
    page.get_by_label("Safer Me assessment").check()
    page.get_by_label("The file").set_input_files(big)
    page.get_by_label("I have read this file").check()
    press(page, "Upload this report")
    says(page, "The file is too large")
    says(page, "Files can have up to 50 MB.")


def test_signing_out_leaves_nothing_behind(visit: Any) -> None:
    page = visit("Grace Mensah")
    page.get_by_role("link", name="Coastlands Academy corridors").click()
    says(page, "A pupil survey in the spring")
    press(page, "Sign out")
    page.get_by_role("heading", name="Sign in", exact=True).wait_for()
    for _ in range(2):
        page.go_back()
        page.wait_for_load_state()
        for words in ("A pupil survey", "CSC-2026-001", "corridors"):
            assert words not in page.content()
    visit.watch.expected.append("net::ERR_CACHE_MISS")


def test_the_store_is_down(demo_folder: Path, tmp_path: Path, chromium: Any) -> None:
    with ExitStack() as running, browser.copied(demo_folder, tmp_path / "data", **browser.s3_settings(running.enter_context(parts.s3_server()))) as server:
        watch = browser.Watch()
        context = chromium.new_context(base_url=server.url)
        watch.over(context)
        page = context.new_page()
        browser.sign_in(page, server, "Priya Nair")
        page.get_by_role("link", name="Group A – Marina").click()
        case = page.url

        def upload(name: str) -> None:
            page.goto(f"{case}/assessment/reports/add")
            page.get_by_label("Safer Me assessment").check()
            page.get_by_label("The file").set_input_files(file(name, main_job.report(name), DOCX))
            page.get_by_label("I have read this file").check()
            press(page, "Upload this report")

        upload("kept.docx")
        says(page, "The report is uploaded.")
        running.close()
        upload("lost.docx")
        says(page, "The place where papers are kept does not answer, so the file was not kept. Try again in a few minutes")
        page.goto(f"{case}/assessment")
        says(page, "kept.docx")
        assert "lost.docx" not in page.content()
        watch.nothing_wrong()
        watch.expected.append("503")
        page.get_by_role("link", name="kept.docx").click()
        says(page, "Papers cannot be reached just now")
        context.close()
        watch.nothing_wrong()
    with closing(sqlite3.connect(tmp_path / "data" / "csc.sqlite3")) as connection:
        assert connection.execute("SELECT count(*) FROM papers WHERE name = 'lost.docx'").fetchone() == (0,)
