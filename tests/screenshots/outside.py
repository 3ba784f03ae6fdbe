"""Pictures of workbooks in and out, of agencies’ own pages, and of people and agencies."""

from __future__ import annotations

import io
from typing import Any

import openpyxl

from tests.screenshots.gallery import Gallery, send, upload


def exchange(gallery: Gallery, s: dict[str, str]) -> None:
    """Workbooks sent in: refused, previewed, applied, set aside."""
    take = gallery.take
    take("updates-not-issued", "coordinator", f"{s['interchange']}/updates")
    samples = {path.name.rpartition("Housing-")[2]: path for path in gallery.server.samples.glob("*.xlsx")}
    to = f"{s['school']}/updates/upload"
    take("updates-upload", "coordinator", to)
    take("updates-upload-wrong", "coordinator", to, send)
    take("updates-upload-not-a-workbook", "coordinator", to, lambda p: (
        p.get_by_label("Whose workbook is it?").select_option(label="Housing"),
        p.get_by_label("The workbook").set_input_files({"name": "update.xlsx", "mimeType": "application/octet-stream", "buffer": b"not a workbook"}), send(p)))
    mistakes = upload(gallery, "coordinator", to, samples["with-mistakes.xlsx"], "Housing")
    take("preview-mistakes", "coordinator", mistakes)
    apply = lambda p: p.get_by_role("button", name="Apply").first.click()  # noqa: E731
    take("preview-hidden-not-ticked", "coordinator", mistakes, apply)
    good = upload(gallery, "coordinator", to, samples["filled-in.xlsx"], "Housing")
    take("preview", "coordinator", good)
    take("our-actions", "agency contact", "/")
    page = gallery.page("agency contact")
    page.goto(f"{gallery.server.url}/our-actions")
    ours = page.get_by_role("link", name="Update").first.get_attribute("href")
    back = page.get_by_role("link", name="Send it back").first.get_attribute("href")
    take("our-action-update", "agency contact", ours)
    take("our-action-update-wrong", "agency contact", ours, lambda p: (p.locator("input[name=completed_on-day]").fill("40"), send(p)))
    take("our-upload", "agency contact", back)
    take("our-upload-wrong", "agency contact", back, send)
    take("our-actions-nothing-to-report", "agency contact", "/our-actions", lambda p: (
        p.get_by_role("button", name="Nothing to report").last.click(), p.get_by_text("Recorded today").first.wait_for()))
    take("preview-ours", "agency contact", upload(gallery, "agency contact", back, samples["filled-in.xlsx"]))
    take("applied", "coordinator", good, apply)
    again = upload(gallery, "coordinator", to, samples["filled-in.xlsx"], "Housing")
    take("preview-nothing-new", "coordinator", again)
    take("set-aside", "coordinator", mistakes, lambda p: p.get_by_role("button", name="Set this workbook aside").click())
    take("updates", "coordinator", f"{s['school']}/updates")
    take("updates-reader", "reader", f"{s['school']}/updates")
    both = _both_worked(gallery, s["school"], to)
    take("preview-both-changed", "coordinator", both)
    take("preview-both-changed-not-checked", "coordinator", both, apply)
    held = take("applied-with-held", "coordinator", both, lambda p: (p.get_by_label("I have checked the file").check(), apply(p)))
    take("first-page-held", "lead", "/")
    take("undo-workbook", "coordinator", f"{held.partition('#')[0]}/undo")
    take("our-workbooks", "agency contact", "/our-actions/sent")
    two = {"name": "two-columns.csv", "mimeType": "text/csv", "buffer": "Action ref,Status,Update,Comments\n/07,In progress,One hedge is left,Both hedges are cut and the bins moved\n/08,,,The panel is late\n".encode()}
    columns = upload(gallery, "coordinator", to, two, "Housing")
    take("updates-which-column", "coordinator", columns)
    take("updates-which-column-wrong", "coordinator", columns, lambda p: p.get_by_role("button", name="Show what would change").click())
    take("undone", "coordinator", f"{held.partition('#')[0]}/undo", lambda p: p.get_by_role("button", name="Undo the workbook").click())
    take("our-actions-of-nobody", "partner", "/")
    take("our-actions-police", "other agency", "/")


def _both_worked(gallery: Gallery, school: str, to: str) -> str:
    """Housing's workbook with a clash, a bad cell, two rows sorted apart and a grey cell changed; the address of its preview."""
    page = gallery.page("coordinator")
    page.goto(f"{gallery.server.url}{school}/updates" if school.startswith("/") else f"{school}/updates")
    link = page.get_by_role("link", name="Download Housing’s workbook").get_attribute("href")
    book = openpyxl.load_workbook(io.BytesIO(page.request.get(f"{gallery.server.url}{link}").body()))
    sheet = book.worksheets[0]
    lead = gallery.page("lead")
    lead.goto(f"{gallery.server.url}{school}/plan" if school.startswith("/") else f"{school}/plan")
    lead.locator("#action-7 a").first.click()
    lead.get_by_role("link", name="Record an update").click()
    lead.get_by_label("Update", exact=False).first.fill(f"Said by phone: one hedge is left. {gallery.width['width']}")
    lead.get_by_role("button", name="Save this update").click()
    sheet["I2"], sheet["K2"], sheet["F2"] = "Both hedges are cut and the bins moved.", "The path can be seen from the road.", "Somebody else"
    sheet["H3"], sheet["L3"] = "Nearly there", "The panel is late"
    sheet["D2"].value, sheet["D3"].value = sheet["D3"].value, sheet["D2"].value
    file = io.BytesIO()
    book.save(file)
    path = gallery.server.data / "both.xlsx"
    path.write_bytes(file.getvalue())
    return upload(gallery, "coordinator", to, path, "Housing")


def _merged(gallery: Gallery) -> None:
    """One agency becomes part of another: the choice, why not, and what moves. It is not done."""
    take = gallery.take

    def open_(page: Any) -> None:
        page.get_by_role("link", name="Tideway Buses").click()
        page.get_by_role("link", name="Make it part of another agency").click()

    def choose(page: Any, into: str = "Harbour Café") -> None:
        open_(page)
        page.get_by_label("Which agency is it part of?").select_option(label=into)
        page.get_by_role("button", name="Show what moves").click()

    take("merge", "administrator", "/agencies", open_)
    take("merge-refused", "administrator", "/agencies", lambda p: choose(p, "Anyshire Police"))
    take("merge-what-moves", "administrator", "/agencies", choose)
    take("merge-wrong", "administrator", "/agencies", lambda p: (choose(p), p.get_by_role("button", name="Make it part of Harbour Café").click()))


def _link_made(gallery: Gallery, person: str) -> str:
    """A link to choose a password, as the administrator hands it on."""
    page = gallery.page("administrator")
    page.goto(gallery.server.url + person)
    page.get_by_role("button", name="Make a link").click()
    return page.locator(".govuk-inset-text").first.inner_text().strip()


def _ended(page: Any) -> None:
    """Somebody whose access is ended, and may be given again."""
    page.get_by_role("link", name="Frances Cole").click()
    page.get_by_text("End access", exact=True).click()
    page.get_by_role("button", name="End Frances Cole").click()


def people(gallery: Gallery) -> None:
    """People, agencies, and the record of who did what."""
    take = gallery.take
    _merged(gallery)
    take("people", "administrator", "/people")
    take("people-none-found", "administrator", "/people?q=zebra")
    take("person-add", "administrator", "/people/add")
    take("person-add-wrong", "administrator", "/people/add", send)
    page = gallery.page("administrator")
    page.goto(f"{gallery.server.url}/people")
    person = page.get_by_role("link", name="Joy Okafor").get_attribute("href")
    page.goto(f"{gallery.server.url}/agencies")
    agency = page.get_by_role("link", name="Housing", exact=True).get_attribute("href")
    take("person", "administrator", person)
    take("person-end-access", "administrator", person, lambda p: p.get_by_text("End access", exact=True).click())
    take("person-link", "administrator", person, lambda p: p.get_by_role("button", name="Make a link").click())
    take("person-edit", "administrator", f"{person}/edit")
    take("choose-password", None, _link_made(gallery, person))
    take("person-ended", "administrator", "/people", _ended)
    take("agencies", "administrator", "/agencies")
    take("agency", "administrator", agency)
    take("agency-kind-change", "administrator", "/agencies", lambda p: p.locator("a[href*='/agencies/kinds/']").nth(1).click())
    take("agency-add-wrong", "administrator", "/agencies/add", send)
    take("agency-kind", "administrator", "/agencies/kinds/add")
    take("audit", "ig officer", "/audit")
