"""Writes every page and important state of a fresh demonstration to build/screenshots, at desktop and phone width.

Run as `python -m tests.screenshots`, or with words of names to write only those: `python -m tests.screenshots plan`.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import browser
from tests.browser import PHONE, ROOT, WIDE, Server, Watch
from tests.hub import CAST, NAMES

OUT = ROOT / "build" / "screenshots"
LONG = "Northside-and-Seaward leisure, retail and transport quarter between Old Harbourmaster’s Quay and the Wellesley-Featherstonehaugh footbridge"[:118]


class Gallery:
    """People at browsers of one width after the other, each page looked at in a page of its own."""

    def __init__(self, server: Server, chromium: Any, width: dict[str, int], only: list[str]):
        self.server, self.chromium, self.width, self.only = server, chromium, width, only
        self.watch, self.people, self.written = Watch(), {}, 0

    def close(self) -> None:
        """Everybody leaves."""
        for context in self.people.values():
            context.close()

    def page(self, who: str | None) -> Any:
        """A new page of somebody who has signed in."""
        if who not in self.people:
            context = self.chromium.new_context(viewport=self.width, accept_downloads=True)
            self.watch.over(context)
            self.people[who] = context
            if who:
                page = context.new_page()
                browser.sign_in(page, self.server, CAST[who])
                page.close()
        return self.people[who].new_page()

    def take(self, name: str, who: str | None, where: str, do: Callable[[Any], Any] | None = None) -> str:
        """Goes there, does something, and takes the picture of the whole page; the address it ended at."""
        page = self.page(who)
        page.goto(where if where.startswith("http") else self.server.url + where)
        if do:
            do(page)
        page.wait_for_load_state()
        url = page.url
        if not self.only or any(word in name for word in self.only):
            page.screenshot(path=str(OUT / f"{name}-{self.width['width']}.png"), full_page=True, animations="disabled")
            self.written += 1
        page.close()
        return url


def context(gallery: Gallery, name: str) -> str:
    """The address of a context, found as the coordinator finds it."""
    page = gallery.page("coordinator")
    page.goto(f"{gallery.server.url}/contexts?show=all")
    url = page.get_by_role("link", name=name).get_attribute("href")
    page.close()
    return url


def send(page: Any) -> None:
    """Presses the form's own button."""
    page.locator("main form button[type=submit]").last.click()


def long_names(gallery: Gallery) -> str:
    """A context in which every name is as long as it may be."""
    page = gallery.page("coordinator")
    page.goto(f"{gallery.server.url}/contexts/refer")
    page.get_by_label("Name of the context").fill(LONG)
    page.get_by_label("Neighbourhood").check()
    page.get_by_label("Where it is").fill("Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch Parade, " * 3)
    page.get_by_label("What triggered the referral").fill("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft " * 3)
    for words in ("Child criminal exploitation", "Serious youth violence", "Drugs and alcohol", "Harm that carries on online"):
        page.get_by_label(words).check()
    page.get_by_role("button", name="Refer this context").click()
    url = page.url
    page.close()
    return url.removeprefix(gallery.server.url)


def upload(gallery: Gallery, who: str, url: str, file: Path | dict[str, Any], agency: str = "") -> str:
    """Sends a workbook in; the address of its preview, or of the refusal."""
    page = gallery.page(who)
    page.goto(gallery.server.url + url)
    if agency:
        page.get_by_label("Whose workbook is it?").select_option(label=agency)
    page.get_by_label("The workbook").set_input_files(file)
    page.get_by_role("button", name="Show what would change").click()
    page.wait_for_load_state()
    found = page.url
    page.close()
    return found.removeprefix(gallery.server.url)


def conflict(gallery: Gallery, url: str) -> Callable[[Any], None]:
    """While somebody has a form open, somebody else saves it."""

    def both(page: Any) -> None:
        other = gallery.page("lead")
        other.goto(gallery.server.url + url)
        other.get_by_label("Where it is").fill(f"Harbour Road, at the old ticket office ({time.monotonic():.0f})")
        send(other)
        other.close()
        page.get_by_label("Where it is").fill("Harbour Road, Seaward ward, beside the café")
        send(page)

    return both


def pictures(gallery: Gallery, cases: dict[str, str], long: str) -> None:
    """All pages and states at one width."""
    take, s = gallery.take, cases
    take("sign-in", None, "/sign-in")
    take("sign-in-wrong", None, "/sign-in", send)
    take("link-spent", None, "/choose-password/xyz")
    take("not-found", "coordinator", "/nowhere")
    take("not-allowed", "coordinator", f"{s['school']}/threshold")
    take("contexts", "coordinator", "/")
    take("contexts-all", "coordinator", "/contexts?show=all")
    take("contexts-none-found", "coordinator", "/contexts?q=zebra")
    take("contexts-lead", "lead", "/")
    take("contexts-chair-with-one", "other chair", "/")
    take("contexts-reader", "reader", "/")
    take("refer", "coordinator", "/contexts/refer")
    take("refer-wrong", "coordinator", "/contexts/refer", send)
    take("refer-a-persons-name", "coordinator", "/contexts/refer", lambda p: (p.get_by_label("Name of the context").fill("Kyle Smith"), send(p)))
    for which in ("school", "interchange", "peers", "park", "centre"):
        take(f"context-{which}", "coordinator", s[which])
    take("context-school-lead", "lead", s["school"])
    take("context-long-names", "coordinator", long)
    take("contexts-long-names", "coordinator", "/contexts?q=Northside-and")
    take("context-edit", "coordinator", f"{s['interchange']}/edit")
    take("context-conflict", "coordinator", f"{s['interchange']}/edit", conflict(gallery, f"{s['interchange']}/edit"))
    take("context-counts", "coordinator", f"{s['school']}/young-people")
    take("context-counts-wrong", "coordinator", f"{s['school']}/young-people", lambda p: (p.get_by_label("Early help").fill("a few"), send(p)))
    take("context-team", "coordinator", f"{s['park']}/team")
    take("context-team-peers", "coordinator", f"{s['peers']}/team")
    take("context-threshold", "lead", f"{s['school']}/threshold")
    take("context-threshold-wrong", "lead", f"{s['peers']}/threshold", send)
    take("context-move", "coordinator", f"{s['park']}/move/send_elsewhere")
    take("context-move-wrong", "coordinator", f"{s['park']}/move/withdraw", send)
    take("history", "coordinator", f"{s['school']}/history")
    for which in ("school", "interchange", "peers", "park", "centre"):
        take(f"assessment-{which}", "coordinator", f"{s[which]}/assessment")
    take("assessment-peers-lead", "lead", f"{s['peers']}/assessment")
    own = f"{s['peers']}/assessment"
    for name, path in (("dates", "dates"), ("finding", "findings/add"), ("involvement", "involvement/add"), ("referral", "referrals/add"), ("report", "reports/add")):
        take(f"assessment-{name}", "lead", f"{own}/{path}")
    take("assessment-dates-wrong", "lead", f"{own}/dates", lambda p: (p.locator("input[name=period_from-day]").fill("31"), p.locator("input[name=period_from-month]").fill("2"), p.locator("input[name=period_to-day]").fill("3"), send(p)))
    take("assessment-finding-wrong", "lead", f"{own}/findings/add", send)
    take("assessment-involvement-wrong", "lead", f"{own}/involvement/add", send)
    take("assessment-referral-wrong", "lead", f"{own}/referrals/add", send)
    take("assessment-report-wrong", "lead", f"{own}/reports/add", send)
    take("assessment-priorities", "lead", f"{own}/priorities")
    take("assessment-closed", "lead", f"{s['school']}/assessment/dates")
    for which in ("school", "interchange", "peers", "park"):
        take(f"plan-{which}", "coordinator", f"{s[which]}/plan")
    take("plan-interchange-lead", "lead", f"{s['interchange']}/plan")
    take("plan-dates", "lead", f"{s['school']}/plan/header")
    take("plan-dates-wrong", "lead", f"{s['school']}/plan/header", lambda p: (p.locator("input[name=review_on-year]").fill("2029"), send(p)))
    take("plan-worry", "lead", f"{s['peers']}/plan/worries/add")
    take("plan-worry-wrong", "lead", f"{s['peers']}/plan/worries/add", send)
    page = gallery.page("lead")
    page.goto(f"{gallery.server.url}{s['school']}/plan")
    action = page.locator("td a.csc-kept").nth(6).get_attribute("href")
    add = page.get_by_role("link", name="Add an intervention").first.get_attribute("href")
    page.close()
    take("plan-action", "lead", action)
    take("plan-action-edit", "lead", f"{action}/edit")
    take("plan-action-add", "lead", add)
    take("plan-action-add-wrong", "lead", add, send)
    take("plan-action-update", "lead", f"{action}/update")
    take("plan-action-update-wrong", "lead", f"{action}/update", lambda p: (p.locator("input[name=completed_on-year]").fill("2040"), p.locator("input[name=completed_on-day]").fill("1"), p.locator("input[name=completed_on-month]").fill("1"), send(p)))
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
    apply = lambda p: p.get_by_role("button", name="Apply").click()  # noqa: E731
    take("preview-hidden-not-ticked", "coordinator", mistakes, apply)
    good = upload(gallery, "coordinator", to, samples["filled-in.xlsx"], "Housing")
    take("preview", "coordinator", good)
    take("our-actions", "agency contact", "/")
    page = gallery.page("agency contact")
    page.goto(f"{gallery.server.url}/our-actions")
    ours = page.get_by_role("link", name="Update").first.get_attribute("href")
    back = page.get_by_role("link", name="Send it back").first.get_attribute("href")
    page.close()
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
    take("set-aside", "coordinator", again, lambda p: p.get_by_role("button", name="Set this workbook aside").click())
    take("updates", "coordinator", f"{s['school']}/updates")
    take("updates-reader", "reader", f"{s['school']}/updates")
    take("our-actions-of-nobody", "partner", "/")
    take("our-actions-police", "other agency", "/")
    take("people", "administrator", "/people")
    take("people-none-found", "administrator", "/people?q=zebra")
    take("person-add", "administrator", "/people/add")
    take("person-add-wrong", "administrator", "/people/add", send)
    page = gallery.page("administrator")
    page.goto(f"{gallery.server.url}/people")
    person = page.get_by_role("link", name="Joy Okafor").get_attribute("href")
    page.goto(f"{gallery.server.url}/agencies")
    agency = page.get_by_role("link", name="Housing").get_attribute("href")
    page.close()
    take("person", "administrator", person)
    take("person-end-access", "administrator", person, lambda p: p.get_by_text("End access", exact=True).click())
    take("person-link", "administrator", person, lambda p: p.get_by_role("button", name="Make a link").click())
    take("person-edit", "administrator", f"{person}/edit")
    take("agencies", "administrator", "/agencies")
    take("agency", "administrator", agency)
    take("agency-add-wrong", "administrator", "/agencies/add", send)
    take("agency-kind", "administrator", "/agencies/kinds/add")
    take("audit", "ig officer", "/")


def printed(gallery: Gallery, cases: dict[str, str]) -> None:
    """How the pages look on paper."""
    for name, where in (("plan", "/plan"), ("context", ""), ("assessment", "/assessment")):
        page = gallery.page("coordinator")
        page.goto(gallery.server.url + cases["school"] + where)
        page.pdf(path=str(OUT / f"print-{name}.pdf"), format="A4", margin={side: "15mm" for side in ("top", "bottom", "left", "right")})
        page.close()


def main(only: list[str]) -> int:
    """Takes all pictures; 1 where a page had a fault."""
    OUT.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    written, faults = 0, []
    with browser.chromium() as chromium:
        for width in (WIDE, PHONE):
            with browser.demonstration() as server:
                gallery = Gallery(server, chromium, width, only)
                try:
                    cases = {key: context(gallery, name) for key, name in NAMES.items()}
                    pictures(gallery, cases, long_names(gallery))
                    if width is WIDE:
                        printed(gallery, cases)
                finally:
                    gallery.close()
                written, faults = written + gallery.written, faults + gallery.watch.faults
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{written} pictures in {OUT.relative_to(ROOT)}, {time.monotonic() - begun:.0f} seconds.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
