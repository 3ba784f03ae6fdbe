"""An agency's contact reports by a link on a phone, with scripts and without; the lead practitioner asks, and settles what both changed."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest

from tests import browser
from tests.browser import PHONE, Server
from tests.journeys.hands import downloaded, file, fits, follow, press, says
from tests.mailbox import link_in, mail_to

pytestmark = pytest.mark.browser
SCHOOL = "Coastlands Academy corridors"


def good(page: Any) -> None:
    """It fits the screen, and axe finds nothing."""
    fits(page)
    assert not browser.axe(page), (page.url, browser.axe(page))


def updates(page: Any, server: Server) -> None:
    """The page from which agencies are asked."""
    page.goto(f"{server.url}/contexts?show=all")
    page.get_by_role("link", name=SCHOOL).first.click()
    page.get_by_role("link", name="Updates").first.click()
    page.wait_for_load_state()


def asked(chromium: Any, server: Server, look: Any) -> tuple[Any, str]:
    """The lead practitioner asks Housing; her page, and the link in the mail."""
    lead = chromium.new_context(viewport=browser.WIDE, base_url=server.url).new_page()
    browser.sign_in(lead, server, "Priya Nair")
    updates(lead, server)
    look(lead)
    press(lead, "Ask to report for Housing")
    says(lead, "Joy Okafor is asked to report for Housing")
    look(lead)
    return lead, link_in(mail_to(server, "Joy Okafor"))


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_an_agencys_contact_reports_on_a_phone(scripts: bool, demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        look = good if scripts else fits
        lead, link = asked(chromium, server, good)
        context = chromium.new_context(viewport=PHONE, base_url=server.url, java_script_enabled=scripts, accept_downloads=True)
        page = context.new_page()
        page.goto(link)
        look(page)
        press(page, "Continue")
        says(page, "What Housing agreed to do")
        assert "/u/" not in page.url
        look(page)
        page.get_by_role("link", name="Update action 7").click()
        look(page)
        page.get_by_label("Update", exact=False).first.fill("Spoke to AB (14) about the hedges")
        press(page, "Send this update")
        says(page, "What is marked may identify a young person")
        assert page.locator("mark").inner_text() == "AB (14)"
        look(page)
        page.get_by_label("Update", exact=False).first.fill("Spoke to tenants about the hedges")
        page.get_by_label("Reported complete").check()
        page.get_by_label("Evidence", exact=False).fill("The path can be seen")
        press(page, "Send this update")
        says(page, "Thank you. Action 7 is updated.")
        look(page)
        press(page, "Nothing to report on action 8")
        says(page, "Everything that is open was reported on today")
        look(page)
        follow(page, "What you sent")
        says(page, "Action 7")
        look(page)
        updates(lead, server)
        says(lead, "Reported")
        page.goto(f"{server.url}/report")
        press(page, "Close this page on this device")
        page.goto(f"{server.url}/report")
        says(page, "This page opens by a link in a mail")
        for one in (context, lead.context):
            one.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_workbook_goes_round_by_the_door_and_the_lead_practitioner_settles_what_both_changed(
        scripts: bool, demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        look = good if scripts else fits
        lead, link = asked(chromium, server, good)
        context = chromium.new_context(viewport=PHONE, base_url=server.url, java_script_enabled=scripts, accept_downloads=True)
        page = context.new_page()
        page.goto(link)
        press(page, "Continue")
        book = openpyxl.load_workbook(io.BytesIO(downloaded(page, page.get_by_role("link", name="Get the workbook"))))
        book.worksheets[0]["I2"], book.worksheets[0]["I3"] = "Both hedges are cut", "The panel is ordered"
        content = io.BytesIO()
        book.save(content)
        updates(lead, server)
        lead.get_by_role("link", name="Plan", exact=True).click()
        lead.locator("#action-7 a").first.click()
        follow(lead, "Record an update")
        lead.get_by_label("Update", exact=False).first.fill("Said by phone: one hedge is left")
        press(lead, "Save this update")
        follow(page, "Send the workbook")
        look(page)
        press(page, "Show what would change")
        says(page, "Choose the workbook")
        look(page)
        page.locator("input[type=file]").set_input_files(file("Housing.xlsx", content.getvalue()))
        press(page, "Show what would change")
        says(page, "You both changed this")
        look(page)
        page.get_by_role("button", name="Apply").first.click()
        says(page, "1 action changed")
        says(page, "Receipt: the file’s SHA-256 is")
        look(page)
        updates(lead, server)
        says(lead, "1 cell to settle")
        good(lead)
        lead.get_by_role("link", name="Housing.xlsx").first.click()
        says(lead, "You both changed this")
        good(lead)
        lead.get_by_role("button", name="Take the workbook’s for action 7").click()
        says(lead, "Taken from the workbook")
        good(lead)
        page.goto(f"{server.url}/report/sent")
        says(page, "1 cell of 1 action")
        look(page)
        for one in (context, lead.context):
            one.close()


def test_somebody_drops_the_file_on_the_page(demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        lead, link = asked(chromium, server, fits)
        page = chromium.new_context(viewport=browser.WIDE, base_url=server.url, accept_downloads=True).new_page()
        page.goto(link)
        press(page, "Continue")
        dropped = tmp_path / "dropped.xlsx"
        dropped.write_bytes(downloaded(page, page.get_by_role("link", name="Get the workbook")))
        follow(page, "Send the workbook")
        good(page)
        box, browser_itself = page.get_by_label("Your workbook").bounding_box(), page.context.new_cdp_session(page)
        for deed in ("dragEnter", "dragOver", "drop"):  # as if dragged from the desktop
            browser_itself.send("Input.dispatchDragEvent", {
                "type": deed, "x": box["x"] + box["width"] / 2, "y": box["y"] + 8, "data": {"items": [], "files": [str(dropped)], "dragOperationsMask": 1}})
        assert page.get_by_label("Your workbook").evaluate("input => input.files[0].name") == "dropped.xlsx"
        press(page, "Show what would change")
        says(page, "dropped.xlsx")
        says(page, "nothing to apply")
        page.context.close()
        lead.context.close()


def test_every_other_page_of_the_door(demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        lead, link = asked(chromium, server, good)
        press(lead, "Ask all that have not reported")
        says(lead, "agencies asked")
        good(lead)
        follow(lead, re.compile("Somebody else at Street Lighting"))
        good(lead)
        press(lead, "Ask them to report")
        says(lead, "Enter their name")
        good(lead)
        page = chromium.new_context(viewport=PHONE, base_url=server.url).new_page()
        page.goto(link_in(mail_to(server, "Leanne Foss")))
        press(page, "Continue")
        says(page, "First, the information sharing agreement")
        good(page)
        press(page, "Read and sign the agreement")
        says(page, "Step 1 of 3")
        page.goto(f"{server.url}/u/wrong")
        says(page, "This link does not work")
        good(page)
        page.goto(link)
        press(page, "Continue")
        follow(page, "Nothing to report on any")
        says(page, "A new date, or what is in the way, would help the council more")
        good(page)
        press(page, "Nothing to report on any")
        says(page, "“Nothing to report” is recorded for 2 actions")
        good(page)
        updates(lead, server)
        press(lead, "Close the link for Housing")
        says(lead, "The link for Housing is closed")
        page.goto(f"{server.url}/report")
        says(page, "This page opens by a link in a mail")
        good(page)
        for one in (page.context, lead.context):
            one.close()
