"""At the door: a code on the chair's screen opens the agreement on a phone, and a device is handed over and back; axe finds nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests import browser, qr
from tests.browser import PHONE, WIDE
from tests.journeys.hands import fits, follow, press, says
from tests.screenshots.signing import meets_today

pytestmark = pytest.mark.browser


def good(page: Any) -> None:
    """It fits the screen, and axe finds nothing."""
    fits(page)
    assert not browser.axe(page), page.url


def steps(page: Any, name: str) -> None:
    """The three steps, by somebody who can sign."""
    good(page)
    press(page, "I have read it. Continue")
    good(page)
    page.get_by_label("Your job title").fill("Manager")
    page.get_by_label("I am authorised to sign for").check()
    press(page, "Save and continue")
    good(page)
    page.get_by_label("Type your full name").fill(name)
    press(page, "Sign the agreement")
    says(page, "Your check code")
    good(page)


def test_a_code_on_the_screen_is_signed_on_a_phone_while_the_register_looks_on(demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        register = meets_today(server)
        screen = chromium.new_context(viewport=WIDE, base_url=server.url).new_page()
        browser.sign_in(screen, server, "Grace Mensah")
        screen.goto(register)
        good(screen)
        follow(screen, re.compile("Let them sign.*Sal Rossi"))
        good(screen)
        press(screen, "Show a code for their phone")
        good(screen)
        says(screen, "Waiting for the phone")
        phone = chromium.new_context(viewport=PHONE, base_url=server.url).new_page()
        phone.goto(qr.read(screen.locator(".csc-qr").inner_html()))
        good(phone)
        press(phone, "Continue")
        screen.get_by_text("Open since").wait_for()
        steps(phone, "Sal Rossi")
        screen.get_by_text("Sal Rossi signed for Harbour Café").wait_for()
        good(screen)
        follow(screen, "Back to the register")
        says(screen, "Covered by the agreement")


def test_a_device_is_handed_over_and_back(demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        register = meets_today(server)
        page = chromium.new_context(viewport=PHONE, base_url=server.url).new_page()
        browser.sign_in(page, server, "Grace Mensah")
        page.goto(register)
        follow(page, re.compile("Let them sign.*Sal Rossi"))
        good(page)
        press(page, "Hand over this device")
        says(page, "This device was handed to you by Grace Mensah")
        page.go_back()
        page.wait_for_load_state()
        assert "Harbour Road" not in page.content() and "/sign-in" in page.url, "the back button shows nothing of the case"
        page.goto(f"{server.url}/sign")
        steps(page, "Sal Rossi")
        press(page, "Hand the device back to Grace Mensah")
        assert "/sign-in" in page.url
        page.get_by_role("button", name="Sign in as Grace Mensah,").click()
        page.wait_for_load_state()
        says(page, "Covered by the agreement")
        assert register in page.url
