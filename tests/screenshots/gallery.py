"""A gallery: people at browsers of one width, and the ways in which they get a page into the state that is to be seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests import browser
from tests.browser import ROOT, Server, Watch
from tests.hub import CAST

OUT = ROOT / "build" / "screenshots"
LONG = "Northside-and-Seaward leisure, retail and transport quarter between Old Harbourmaster’s Quay and the Wellesley-Featherstonehaugh footbridge"[:118]


class Gallery:
    """People at browsers of one width, each with one page that is kept open: closing pages one by one now and then never ends."""

    def __init__(self, server: Server, chromium: Any, width: dict[str, int], only: list[str]):
        self.server, self.chromium, self.width, self.only = server, chromium, width, only
        self.watch, self.pages, self.written = Watch(), {}, 0

    def close(self) -> None:
        """Everybody leaves."""
        for who in list(self.pages):
            self.leave(who)

    def leave(self, who: str | None) -> None:
        """Somebody's browser goes, and with it who they were."""
        self.pages.pop(who).context.close()

    def page(self, who: str | None) -> Any:
        """The page of somebody who has signed in, with nothing on it yet."""
        if who not in self.pages:
            context = self.chromium.new_context(viewport=self.width, accept_downloads=True)
            self.watch.over(context)
            self.pages[who] = context.new_page()
            if who:
                browser.sign_in(self.pages[who], self.server, CAST.get(who, who))
        self.pages[who].goto("about:blank")  # so that even an address that differs by its #part is loaded afresh
        return self.pages[who]

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
        return url

    def mail(self, name: str, html: str) -> None:
        """The picture of a letter that went out."""
        page = self.page(None)
        page.set_content(html)
        if not self.only or any(word in name for word in self.only):
            page.screenshot(path=str(OUT / f"{name}-{self.width['width']}.png"), full_page=True)
            self.written += 1


def context(gallery: Gallery, name: str) -> str:
    """The address of a context, found as the coordinator finds it."""
    page = gallery.page("coordinator")
    page.goto(f"{gallery.server.url}/contexts?show=all")
    url = page.get_by_role("link", name=name).get_attribute("href")
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
    return found.removeprefix(gallery.server.url)


def conflict(gallery: Gallery, url: str) -> Callable[[Any], None]:
    """While somebody has a form open, somebody else saves it."""

    def both(page: Any) -> None:
        other = gallery.page("lead")
        other.goto(gallery.server.url + url)
        other.get_by_label("Where it is").fill(f"Harbour Road, at the old ticket office ({time.monotonic():.0f})")
        send(other)
        page.get_by_label("Where it is").fill("Harbour Road, Seaward ward, beside the café")
        send(page)

    return both
