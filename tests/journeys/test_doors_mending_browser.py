"""An agency's contact on another device: a file with faults goes out and back, what was held is settled, an upload is undone or set aside, and doors that are shut."""

from __future__ import annotations

import io
import re
import sqlite3
from contextlib import closing
from typing import Any

import openpyxl
import pytest

from tests import browser
from tests.browser import PHONE, Server
from tests.journeys.hands import downloaded, file, fits, follow, press, says
from tests.journeys.test_doors_browser import asked, good, updates
from tests.mailbox import link_in, mail_to

pytestmark = pytest.mark.browser
TRIAL = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])


def by_code(chromium: Any, server: Server, scripts: bool, look: Any) -> Any:
    """Somebody's phone, which has not got the mail: they type the address and the code that stand in it."""
    page = chromium.new_context(viewport=PHONE, base_url=server.url, java_script_enabled=scripts, accept_downloads=True).new_page()
    words = mail_to(server, "Joy Okafor").get_body(("plain",)).get_content()
    page.goto(re.search(r"http://\S+/code", words)[0])  # type: ignore[index]
    look(page)
    code = re.search(r"code (\d{3} \d{3})", words)[1]  # type: ignore[index]
    page.get_by_label("Your e-mail address").fill("contact@housing.example")
    page.get_by_label("Six-digit code").fill("000 000" if code != "000 000" else "111 111")
    press(page, "Continue")
    says(page, "That address and code do not belong together")
    look(page)
    page.get_by_label("Six-digit code").fill(code)
    press(page, "Continue")
    says(page, "What Housing agreed to do")
    return page


def book_of(page: Any, words: str) -> Any:
    """A workbook that somebody gets from a page."""
    return openpyxl.load_workbook(io.BytesIO(downloaded(page, page.get_by_role("link", name=words))))


def sent(page: Any, book: Any, name: str = "Housing.xlsx") -> None:
    """The workbook goes in by the door."""
    if not isinstance(book, bytes):
        content = io.BytesIO()
        book.save(content)
        book = content.getvalue()
    page.goto(f"{page.url.partition('/report')[0]}/report/upload")
    page.locator("input[type=file]").set_input_files(file(name, book))
    press(page, "Show what would change")


def said_by_phone(lead: Any, server: Server, number: int, words: str) -> None:
    """The lead practitioner writes down an update of an action meanwhile."""
    updates(lead, server)
    lead.get_by_role("link", name="Plan", exact=True).click()
    lead.locator(f"#action-{number} a").first.click()
    follow(lead, "Record an update")
    lead.get_by_label("Update", exact=False).first.fill(words)
    press(lead, "Save this update")


@TRIAL
def test_a_file_with_faults_is_mended_what_is_held_is_settled_and_it_is_undone(scripts: bool, demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        look = good if scripts else fits
        lead, _ = asked(chromium, server, fits)
        page = by_code(chromium, server, scripts, look)
        book = book_of(page, "Get the workbook")
        sheet = book.worksheets[0]
        sheet["I2"], sheet["H3"], sheet["I3"] = "Both hedges are cut", "Nearly there", "The panel is ordered"
        said_by_phone(lead, server, 7, "Said by phone: one hedge is left")
        sent(page, book)
        says(page, "“Nearly there” is not a status the hub knows")
        look(page)
        page.get_by_role("button", name="Apply").first.click()
        says(page, "1 action changed")
        says(page, "2 cells to settle")
        look(page)
        page.get_by_role("button", name="Keep what is here for action 7, update", exact=True).click()
        says(page, "Left as it is in the plan")
        says(page, "Left as it was by Joy Okafor")
        look(page)
        back = book_of(page, "Get the file back with its faults")
        assert back.sheetnames[-1] == "To mend" and back.worksheets[0]["H3"].comment and back.worksheets[0]["I2"].comment is None, "what is settled is no fault"
        back.worksheets[0]["H3"] = "In progress"
        sent(page, back, "Housing-mended.xlsx")
        says(page, "1 action will change: 1 cell")
        says(page, "update: kept by Joy Okafor")
        look(page)
        page.get_by_role("button", name="Apply").first.click()
        says(page, "Status: Not started → In progress")
        page.goto(f"{server.url}/report/sent")
        look(page)
        page.get_by_role("link", name="Housing.xlsx").click()
        says(page, "Settled by a later workbook")
        says(page, "Everything is settled")
        look(page)
        said_by_phone(lead, server, 8, "The glazier comes on Monday")
        follow(page, "Undo this whole workbook")
        says(page, "Kept")
        look(page)
        press(page, "Undo the workbook")
        says(page, "This workbook was undone")
        says(page, "2 cells kept because somebody changed them since")
        look(page)
        for one in (page.context, lead.context):
            one.close()


@TRIAL
def test_an_upload_is_set_aside_and_the_same_held_cell_is_taken(scripts: bool, demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        look = good if scripts else fits
        lead, _ = asked(chromium, server, fits)
        page = by_code(chromium, server, scripts, look)
        book = book_of(page, "Get the workbook")
        book.worksheets[0]["I2"] = "Both hedges are cut, as AB (14) asked"
        said_by_phone(lead, server, 7, "Said by phone: one hedge is left")
        content = io.BytesIO()
        book.save(content)
        book = content.getvalue()
        sent(page, book)
        says(page, "1 cell may identify a young person")
        look(page)
        page.goto(f"{server.url}/report")
        says(page, "Housing.xlsx waits")
        look(page)
        sent(page, book)
        says(page, "This file has been sent already and waits to be applied")
        press(page, "Set this workbook aside")
        says(page, "The workbook is set aside. Nothing was changed.")
        look(page)
        follow(page, "What you sent")
        page.get_by_role("link", name="Housing.xlsx").click()
        says(page, "Nothing was changed")
        look(page)
        sent(page, book)
        page.get_by_role("button", name="Apply my choices").first.click()
        says(page, "1 cell to settle")
        page.get_by_role("button", name="Take it without what is marked for action 7, update", exact=True).click()
        says(page, "Taken from the workbook by Joy Okafor")
        look(page)
        page.goto(f"{server.url}/report")
        says(page, "Both hedges are cut, as")
        assert "AB (14)" not in page.locator("body").inner_text()
        for one in (page.context, lead.context):
            one.close()


def told(page: Any, server: Server, words: str, look: Any) -> None:
    """The page in hand and the link in the mail both say that the door is shut."""
    page.goto(f"{server.url}/report")
    says(page, "This page opens by a link in a mail")
    look(page)
    page.goto(link_in(mail_to(server, "Joy Okafor")))
    says(page, words)
    look(page)


@TRIAL
def test_links_that_ran_out_or_were_closed_and_a_plan_issued_again(scripts: bool, demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        look = good if scripts else fits
        lead, link = asked(chromium, server, fits)
        page = by_code(chromium, server, scripts, look)
        press(page, "Close this page on this device")
        lead.goto(f"{server.url}/contexts?show=all")
        lead.get_by_role("link", name="Coastlands Academy corridors").first.click()
        lead.get_by_role("link", name="Plan", exact=True).click()
        case = lead.url
        lead.locator("#action-8 a").first.click()
        follow(lead, "Change this intervention")
        lead.get_by_label("Intervention to be offered").first.fill("Fit two clear panels in the stairwell doors of Marsh Court")
        lead.locator(".csc-form button[type=submit]").last.click()
        lead.goto(case)
        lead.get_by_role("button", name="Issue the plan again").first.click()
        lead.wait_for_load_state()
        page.goto(link)
        press(page, "Continue")
        says(page, "the plan was issued again, so words and dates below may be new")
        says(page, "Fit two clear panels")
        look(page)
        with closing(sqlite3.connect(server.data / "csc.sqlite3")) as line:
            line.execute("UPDATE links SET until = '2020-01-01 00:00:00' WHERE purpose = 'updates'")
            line.commit()
        told(page, server, "This link does not work", look)
        updates(lead, server)
        with closing(sqlite3.connect(server.data / "csc.sqlite3")) as line:
            line.execute("UPDATE links SET until = '2090-01-01 00:00:00' WHERE purpose = 'updates'")
            line.commit()
        page.goto(link)
        press(page, "Continue")
        press(lead, "Close the link for Housing")
        told(page, server, "This link does not work", look)
        for one in (page.context, lead.context):
            one.close()
