"""Pictures of agencies asked to report, and of the pages of somebody who reports without an account."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from typing import Any

import openpyxl

from tests.mailbox import link_in, mail_to
from tests.screenshots.gallery import Gallery, send


def press(page: Any, words: str) -> None:
    """Presses a button by all of its words."""
    page.get_by_role("button", name=words, exact=True).first.click()


def _filled_in(page: Any) -> bytes:
    """The agency's workbook as it leaves the door, filled in: one good row, one with words that may identify somebody, one clash."""
    book = openpyxl.load_workbook(io.BytesIO(page.request.get(page.url.partition("/report")[0] + "/report/workbook").body()))
    sheet = book.worksheets[0]
    sheet["I2"], sheet["K2"] = "Both hedges are cut. AB (14) was moved on, ring 07700 900123.", "The path can be seen from the road."
    sheet["H3"], sheet["I3"], sheet["L3"] = "Nearly there", "The panel is ordered", "The maker is late"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def doors(gallery: Gallery, s: dict[str, str]) -> None:
    """From the one press to the receipt."""
    take, at = gallery.take, f"{s['school']}/updates"
    take("ask", "lead", at)
    somebody = gallery.page("lead")
    somebody.goto(gallery.server.url + at)
    where = somebody.get_by_role("link", name="Somebody else at Housing").get_attribute("href")
    take("ask-somebody-wrong", "lead", where, send)
    take("ask-asked", "lead", at, lambda p: press(p, "Ask to report for Housing"))
    take("ask-all", "lead", at, lambda p: press(p, "Ask all that have not reported"))
    mail = mail_to(gallery.server, "Joy Okafor")
    gallery.mail("door-mail", mail.get_body(("html",)).get_content())
    take("door-list-open", None, link_in(mail_to(gallery.server, "Des Farrow")), lambda p: press(p, "Continue"))
    take("door-nothing-on-any", None, "/report/nothing-to-report")
    take("door-list-done", None, "/report/nothing-to-report", lambda p: (press(p, "Nothing to report on any"), p.goto(f"{gallery.server.url}/report")))
    link = link_in(mail)
    take("door-link", None, link)
    take("door-link-wrong", None, "/u/wrong")
    take("door-list", None, link, lambda p: press(p, "Continue"))
    page = gallery.page(None)
    page.goto(f"{gallery.server.url}/report")
    update = page.get_by_role("link", name="Update action").first.get_attribute("href")
    content = _filled_in(page)
    take("door-update", None, update)
    take("door-update-marked", None, update, lambda p: (
        p.get_by_label("In progress").check(), p.get_by_label("Update", exact=False).first.fill("Spoke to Child B and moved the bins."), send(p)))
    lead = gallery.page("lead")
    lead.goto(f"{gallery.server.url}{s['school']}/plan")
    lead.locator("#action-7 a").first.click()
    lead.get_by_role("link", name="Record an update").click()
    lead.get_by_label("Update", exact=False).first.fill("Said by phone: one hedge is left.")
    press(lead, "Save this update")
    take("door-upload", None, "/report/upload")
    take("door-upload-wrong", None, "/report/upload", send)
    preview = take("door-preview", None, "/report/upload", lambda p: (
        p.locator("input[type=file]").set_input_files({"name": "Housing.xlsx", "mimeType": "application/vnd.openxmlformats", "buffer": content}),
        press(p, "Show what would change"), p.wait_for_url("**/workbooks/**")))
    take("door-applied", None, preview, lambda p: p.get_by_role("button", name="Apply").first.click())
    take("door-list-later", None, link, lambda p: press(p, "Continue"))
    take("door-sent", None, "/report/sent")
    gallery.mail("door-receipt-mail", mail_to(gallery.server, "Joy Okafor").get_body(("html",)).get_content())
    take("ask-reported", "lead", at)
    take("door-settled", None, preview, lambda p: p.get_by_role("button", name="Keep what is here").first.click())
    take("door-undo", None, f"{preview}/undo")
    again = take("door-preview-again", None, "/report/upload", lambda p: (
        p.locator("input[type=file]").set_input_files({"name": "Housing-again.xlsx", "mimeType": "application/vnd.openxmlformats", "buffer": content}),
        press(p, "Show what would change"), p.wait_for_url("**/workbooks/**")))
    assert again != preview
    take("door-undone", None, f"{preview}/undo", lambda p: press(p, "Undo the workbook"))
    take("door-unsigned", None, link_in(mail_to(gallery.server, "Leanne Foss")), lambda p: press(p, "Continue"))
    with closing(sqlite3.connect(gallery.server.data / "csc.sqlite3")) as line:
        line.execute("UPDATE contexts SET state = 'withdrawn' WHERE name LIKE 'Coastlands%'")
        line.commit()
    take("door-over", None, "/report")
    with closing(sqlite3.connect(gallery.server.data / "csc.sqlite3")) as line:
        line.execute("UPDATE contexts SET state = 'plan_in_progress' WHERE name LIKE 'Coastlands%'")
        line.commit()
    take("door-closed", "lead", at, lambda p: press(p, "Close the link for Housing"))
    take("door-closed-link", None, link)
