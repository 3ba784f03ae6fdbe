"""A shop manager signs on a phone, with scripts and without, and axe finds nothing at any step."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from csc_hub import create_app
from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people import links
from csc_hub.process.agreements.records import Request
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import Invitation
from tests import browser
from tests.browser import PHONE, Server
from tests.hub import settings
from tests.journeys.hands import fits, press, says

pytestmark = pytest.mark.browser


def link_to_sign(server: Server, for_a_meeting: bool = False) -> str:
    """A fresh link for the request to the café. Its mail is of three days ago in the demonstration, and not sent again."""
    app, moment = create_app(settings(server.data)), now()
    with app.app_context(), writing():
        request = db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi"))
        if for_a_meeting:
            request.conference_id = db.session.scalar(db.select(Invitation.conference_id).join(Conference, Conference.id == Invitation.conference_id).where(
                Invitation.person_id == request.person_id, Conference.starts_at > moment))
        made = links.make(links.Purpose.SIGNING, request.id, request.email, moment + dt.timedelta(days=1), moment)
    return f"{server.url}/s/{made.token}"


def good(page: Any) -> None:
    """It fits the screen, and axe finds nothing."""
    fits(page)
    assert not browser.axe(page), page.url


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_shop_manager_signs_on_a_phone(scripts: bool, demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        context = chromium.new_context(viewport=PHONE, base_url=server.url, java_script_enabled=scripts)
        page = context.new_page()
        look = good if scripts else fits
        page.goto(link_to_sign(server))
        look(page)
        press(page, "Continue")
        says(page, "Step 1 of 3")
        assert "/s/" not in page.url
        look(page)
        press(page, "I have read it. Continue")
        says(page, "Step 2 of 3")
        look(page)
        press(page, "Save and continue")
        says(page, "Enter your job title")
        look(page)
        page.get_by_label("Your job title").fill("Manager")
        page.get_by_label("I am authorised to sign for Harbour Café").check()
        press(page, "Save and continue")
        says(page, "Step 3 of 3")
        look(page)
        page.get_by_label("Type your full name").fill("Sal Rossi")
        press(page, "Sign the agreement")
        says(page, "Your check code")
        look(page)
        page.get_by_role("link", name="Receipt to print").click()
        says(page, "SHA-256 of the text")
        look(page)
        context.close()


def tab_to(page: Any, words: str, most: int = 80) -> None:
    """Presses Tab until what these words name has the focus, as somebody without a mouse does."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate("""() => { const at = document.activeElement;
            return [at.innerText, at.getAttribute('aria-label'), ...[...(at.labels || [])].map(l => l.innerText)].join(' ') }""")
        if words in said:
            return
    raise AssertionError(f"the keyboard does not reach “{words}” on {page.url}")


def enter(page: Any) -> None:
    """Presses Enter and waits for the page that follows."""
    with page.expect_navigation():
        page.keyboard.press("Enter")


def key(page: Any, words: str, press: str = "Enter") -> None:
    """Goes there by keyboard, and presses."""
    tab_to(page, words)
    if press != "Enter":
        page.keyboard.press(press)
        return
    enter(page)


def test_a_shop_manager_signs_by_keyboard_alone(demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        page = chromium.new_context(viewport=PHONE, base_url=server.url).new_page()
        page.goto(link_to_sign(server))
        good(page)
        key(page, "Continue")
        says(page, "Step 1 of 3")
        good(page)
        key(page, "I have read it. Continue")
        says(page, "Step 2 of 3")
        good(page)
        tab_to(page, "Your job title")
        page.keyboard.type("Manager")
        key(page, "I am authorised to sign for Harbour Café", "Space")
        good(page)
        key(page, "Save and continue")
        says(page, "Step 3 of 3")
        good(page)
        tab_to(page, "Type your full name")
        page.keyboard.type("Sal Rossi")
        enter(page)
        says(page, "Your check code")
        good(page)
        key(page, "Receipt to print")
        says(page, "SHA-256 of the text")
        good(page)


def test_the_ways_beside_signing_are_clean_too(demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    """By keyboard again: passing it on, the undertaking for a meeting, declining, and coming back to it afterwards."""
    with browser.copied(demo_folder, tmp_path / "data") as server:
        link = link_to_sign(server, for_a_meeting=True)
        page = chromium.new_context(viewport=PHONE, base_url=server.url).new_page()
        page.goto(link)
        key(page, "Continue")
        key(page, "Pass it to somebody who can sign")
        good(page)
        tab_to(page, "Their full name")
        page.keyboard.type("Ann Hill")
        page.keyboard.press("Tab")
        page.keyboard.type("ann.hill@anyshire.example")
        enter(page)
        says(page, "Until they sign")
        good(page)
        key(page, "Read the undertaking")
        good(page)
        tab_to(page, "Type your full name")
        page.keyboard.type("Sal Rossi")
        enter(page)
        says(page, "Confidentiality undertaking for one meeting")
        good(page)
        page.goto(f"{server.url}/sign/decline")
        key(page, "Decline to sign")
        says(page, "Give the reason")
        good(page)
        tab_to(page, "Why do you not sign?")
        page.keyboard.type("Head office must see it")
        key(page, "Decline to sign")
        says(page, "You declined to sign")
        good(page)
        page.goto(link)
        says(page, "You declined to sign")
        good(page)
        page.goto(f"{server.url}/s/wrong")
        good(page)
