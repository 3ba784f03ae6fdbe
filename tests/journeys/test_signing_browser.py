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
from tests import browser
from tests.browser import PHONE, Server
from tests.hub import settings
from tests.journeys.hands import fits, press, says

pytestmark = pytest.mark.browser


def link_to_sign(server: Server) -> str:
    """A fresh link for the request to the café. Its mail is of three days ago in the demonstration, and not sent again."""
    app, moment = create_app(settings(server.data)), now()
    with app.app_context(), writing():
        request = db.session.scalar(db.select(Request).where(Request.name == "Sal Rossi"))
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
