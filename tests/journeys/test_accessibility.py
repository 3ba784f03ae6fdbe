"""Every page that anybody of the cast can reach, and every form with its errors: axe finds nothing, nothing runs off
the side of a small screen, and paper carries no menus."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest

from tests import browser
from tests.browser import NARROW, WIDE, Server
from tests.hub import CAST
from tests.mailbox import link_in, mail_to

pytestmark = pytest.mark.browser
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
FILES = re.compile(r"/(workbook|download|papers)/|/static/|\.(txt|docx|xlsx)$|/faults$|/report/workbook$")
WHOLE = {"coordinator"}
"""For whom every context is looked at; for the others, and for forms, one page of each kind says enough."""


SENDING = {"lead", "agency contact", "administrator"}
"""Between them these have every form."""
EMPTY = """() => { for (const box of document.querySelectorAll('.csc-form input:not([type=hidden]), .csc-form textarea, .csc-form select')) {
    if (box.type === 'checkbox' || box.type === 'radio') box.checked = false; else if (box.tagName === 'SELECT') box.selectedIndex = 0; else box.value = ''; } }"""


class Walk:
    """One person's way through all the links they are given."""

    def __init__(self, page: Any, server: Server, every_context: bool):
        self.page, self.server, self.every = page, server, every_context
        self.seen: set[str] = set()
        self.kinds: set[str] = set()
        self.faults: list[str] = []
        self.forms: list[str] = []

    def kind(self, path: str) -> str:
        """Pages that differ only in whom or what they are about are of one kind."""
        main = self.every and re.fullmatch(r"/contexts/[0-9a-f-]{36}(/assessment|/plan|/updates|/history)?", path)
        return path if main else ID.sub("*", path)

    def all(self, start: str) -> Walk:
        """Follows every link from a page on."""
        left = [start]
        while left:
            path = left.pop()
            if self.kind(path) in self.kinds:
                continue
            self.kinds.add(self.kind(path))
            self.page.goto(self.server.url + path)
            self.look(path)
            found = self.page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
            for href in found:
                url = urlsplit(urljoin(self.page.url, href))
                if url.netloc == urlsplit(self.server.url).netloc and not FILES.search(url.path):
                    left.append(url.path + (f"?{url.query}" if url.query else ""))
            if self.page.locator(".csc-form").count():
                self.forms.append(path)
        return self

    def look(self, where: str) -> None:
        """Notes what is wrong with the page as it stands."""
        self.seen.add(where)
        self.faults += [f"{where}: {fault}" for fault in browser.axe(self.page)]
        self.page.set_viewport_size(NARROW)
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        if wide > NARROW["width"]:
            widest = self.page.evaluate("""() => [...document.querySelectorAll('main *, .csc-frame *')]
                .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.csc-table')).slice(0, 2).map(e => e.outerHTML.slice(0, 120))""")
            self.faults.append(f"{where}: {wide} px wide on a screen of 320: {widest}")
        self.page.set_viewport_size(WIDE)

    def wrong(self) -> None:
        """Sends every form empty and looks at what it says."""
        for path in self.forms:
            self.page.goto(self.server.url + path)
            self.page.evaluate(EMPTY)
            browser.press(self.page, self.page.locator(".csc-form button[type=submit]"))
            self.look(f"{path} sent empty")


@pytest.mark.parametrize("who", [role for role in CAST if not role.startswith("other ")])
def test_every_page_of(who: str, visit: Any, server: Server) -> None:
    page = visit(CAST[who])
    walk = Walk(page, server, who in WHOLE).all(urlsplit(page.url).path)
    assert walk.seen
    if who in SENDING:
        walk.wrong()
    assert not walk.faults, "\n".join(sorted(set(walk.faults)))


def test_every_page_of_an_agencys_door(visit: Any, server: Server) -> None:
    lead = visit(CAST["lead"])
    lead.goto(f"{server.url}/contexts")
    lead.get_by_role("link", name="Coastlands Academy corridors").click()
    lead.get_by_role("link", name="Updates").click()
    browser.press(lead, lead.get_by_role("button", name="Ask to report for Coastlands Academy"))
    page = visit()
    page.goto(link_in(mail_to(server, "Helen Marsh")))
    walk = Walk(page, server, False)
    walk.look("the link")
    browser.press(page, page.get_by_role("button", name="Continue"))
    browser.press(page, page.get_by_role("button", name="Nothing to report on action").first)
    page.goto(f"{server.url}/report/upload")
    page.get_by_label("Your workbook").set_input_files({"name": "two.csv", "mimeType": "text/csv", "buffer": b"Ref,Status,Barrier\n/01,Nearly,\n/02,In progress,The hall is let\n"})
    browser.press(page, page.get_by_role("button", name="Show what would change"))
    held = urlsplit(page.url).path
    walk.all("/report").wrong()
    assert {"/report", "/report/*", "/report/upload", "/report/sent", "/report/nothing-to-report", "/report/workbooks/*"} <= walk.kinds, walk.kinds
    page.goto(server.url + held)
    page.locator("input[value=theirs]").first.check()
    browser.press(page, page.get_by_role("button", name="Apply").first)
    walk.look("what was applied and held")
    browser.press(page, page.get_by_role("link", name="Undo this whole workbook"))
    walk.look("before undoing")
    browser.press(page, page.get_by_role("button", name="Undo the workbook"))
    walk.look("undone")
    browser.press(lead, lead.get_by_role("button", name="Close the link for Coastlands Academy"))
    page.goto(f"{server.url}/report")
    walk.look("the door is closed")
    assert not walk.faults, "\n".join(sorted(set(walk.faults)))


def test_pages_for_nobody_and_errors(visit: Any, server: Server) -> None:
    page = visit()
    walk = Walk(page, server, False)
    for path in ("/sign-in", "/choose-password/xyz", "/contexts", "/check"):
        page.goto(server.url + path)
        walk.look(path)
    page.goto(f"{server.url}/sign-in")
    browser.press(page, page.get_by_role("button", name="Sign in", exact=True))
    walk.look("/sign-in sent empty")
    page.goto(f"{server.url}/check")
    browser.press(page, page.get_by_role("button", name="Check it"))
    walk.look("/check sent empty")
    page.get_by_label("Check code or SHA-256").fill("ABCD")
    browser.press(page, page.get_by_role("button", name="Check it"))
    page.get_by_text("Not known").wait_for()
    walk.look("/check, not known")
    page = walk.page = visit(CAST["coordinator"])
    page.goto(f"{server.url}/contexts?q=zebra")
    walk.look("nothing found")
    page.goto(f"{server.url}/nowhere")
    assert "Page not found" in page.title()
    walk.look("404")
    page.goto(f"{server.url}/contexts")
    page.get_by_role("link", name="Coastlands Academy corridors").click()
    case = page.url
    page.goto(f"{case}/threshold")
    walk.look("403")
    page.goto(f"{case}/updates/upload")
    for sample in sorted(server.samples.glob("*.xlsx"), reverse=True):
        page.goto(f"{case}/updates/upload")
        page.get_by_label("Whose workbook is it?").select_option(label="Housing")
        page.get_by_label("The workbook").set_input_files(sample)
        browser.press(page, page.get_by_role("button", name="Show what would change"))
        walk.look(f"preview of {sample.name}")
        browser.press(page, page.get_by_role("button", name="Apply"))
        if page.get_by_text("There is a problem").is_visible():
            walk.look(f"{sample.name} without a tick")
            page.get_by_label("I have looked at the hidden content").check()
            browser.press(page, page.get_by_role("button", name="Apply"))
        assert page.get_by_text("Receipt:").is_visible()
        walk.look(f"applied {sample.name}")
    page.goto(f"{case}/updates/upload")
    page.get_by_label("Whose workbook is it?").select_option(label="Housing")
    page.get_by_label("The workbook").set_input_files({"name": "two.csv", "mimeType": "text/csv", "buffer": b"Ref,Status,Update,Comments\n/07,Done,Cut,Not cut\n"})
    browser.press(page, page.get_by_role("button", name="Show what would change"))
    walk.look("which column")
    browser.press(page, page.get_by_role("button", name="Show what would change"))
    page.get_by_text("There is a problem").wait_for()
    walk.look("which column, none chosen")
    page.goto(f"{case}/edit")
    other = visit(CAST["lead"])
    other.goto(f"{case}/edit")
    other.get_by_label("Where it is").fill("The whole upper building")
    browser.press(other, other.get_by_role("button", name="Save changes"))
    page.get_by_label("Where it is").fill("Upper building, both floors")
    browser.press(page, page.get_by_role("button", name="Save changes"))
    page.get_by_text("Somebody else saved this while you were typing").wait_for()
    walk.look("two people at once")
    assert not walk.faults, "\n".join(walk.faults)


def test_paper_carries_no_menus(visit: Any, server: Server) -> None:
    page = visit(CAST["coordinator"])
    page.get_by_role("link", name="Coastlands Academy corridors").click()
    page.get_by_role("link", name="Plan", exact=True).click()
    page.emulate_media(media="print")
    for hidden in (".csc-steps", ".govuk-breadcrumbs", ".csc-demo", ".csc-footer", ".csc-header__who", ".govuk-skip-link"):
        assert page.locator(hidden).first.is_hidden(), hidden
    assert page.get_by_role("button").count() == 0
    assert page.get_by_text("OFFICIAL-SENSITIVE").is_visible() and page.get_by_text("Cut back the hedges").is_visible()
