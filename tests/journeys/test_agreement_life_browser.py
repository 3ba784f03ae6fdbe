"""What happens to signing in real life, in a browser: half-done on another device, a text that changes meanwhile, going back, and the chair's leave."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import pytest

from csc_hub import create_app
from csc_hub.db import writing
from csc_hub.kernel import now
from tests import agreement, browser
from tests.browser import PHONE, WIDE, Server
from tests.hub import NAMES, settings
from tests.journeys.hands import fits, follow, press, says
from tests.mailbox import link_in, mail_to, mails_to

pytestmark = pytest.mark.browser
BODY = "# The agreement\n\nVersion 2\n\n## What is shared now\n\nOther words than before."


def good(page: Any) -> None:
    """It fits the screen, and axe finds nothing."""
    fits(page)
    assert not browser.axe(page), page.url


def asked_again(server: Server, chromium: Any) -> tuple[str, str]:
    """(link, code) of the mail that goes out when the officer asks the café again."""
    page = chromium.new_context(viewport=WIDE, base_url=server.url).new_page()
    browser.sign_in(page, server, "Meera Patel")
    page.goto("/agreements/signatures")
    page.get_by_role("button", name=re.compile("Ask again.*Sal Rossi")).click()
    page.wait_for_load_state()
    good(page)
    mail = mail_to(server, "Sal Rossi")
    code = re.search(r"the code (\d{3}) (\d{3})", mail.get_body(("plain",)).get_content())
    assert code
    return link_in(mail), code[1] + code[2]


def publish(server: Server) -> None:
    """The officer publishes a new version, which says what changed."""
    app = create_app(settings(server.data))
    with app.app_context(), writing():
        agreement.published(now(), shown=BODY, body=BODY, sha256=hashlib.sha256(BODY.encode()).hexdigest(), changes="Papers are read in the hub only.")


def about(page: Any) -> None:
    """Steps 1 and 2."""
    press(page, "I have read it. Continue")
    page.get_by_label("Your job title").fill("Night manager")
    page.get_by_label("I am authorised to sign for Harbour Café").check()
    press(page, "Save and continue")
    says(page, "Step 3 of 3")


def test_half_done_goes_on_elsewhere_and_a_text_that_changed_is_read_first(demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        link, code = asked_again(server, chromium)
        desk = chromium.new_context(viewport=WIDE, base_url=server.url).new_page()
        desk.goto(link)
        press(desk, "Continue")
        about(desk)
        phone = chromium.new_context(viewport=PHONE, base_url=server.url).new_page()
        phone.goto("/code")
        phone.get_by_label("Your e-mail address").fill("sal.rossi@anyshire.example")
        phone.get_by_label("Six-digit code").fill(code)
        press(phone, "Continue")
        phone.goto("/sign/name")
        says(phone, "Step 3 of 3")
        publish(server)
        phone.get_by_label("Type your full name").fill("Sal Rossi")
        press(phone, "Sign the agreement")
        says(phone, "The agreement was changed since you read it")
        says(phone, "What changed since the last version Papers are read in the hub only.")
        says(phone, "Other words than before.")
        good(phone)
        press(phone, "I have read it. Continue")
        assert phone.get_by_label("Your job title").input_value() == "Night manager", "what was typed is still there"
        press(phone, "Save and continue")
        phone.get_by_label("Type your full name").fill("Sal Rossi")
        press(phone, "Sign the agreement")
        check = phone.locator(".govuk-panel__body").inner_text()
        good(phone)
        phone.go_back()
        phone.wait_for_load_state()
        phone.goto("/sign/name")
        assert phone.locator(".govuk-panel__body").inner_text() == check, "the way back leads to what was signed"
        desk.get_by_label("Type your full name").fill("Sal Rossi")
        press(desk, "Sign the agreement")
        assert desk.locator(".govuk-panel__body").inner_text() == check, "two devices, one signature"
        receipt = mails_to(server, "Sal Rossi", 2)[0]
        assert check.split()[-1] in receipt.get_body(("plain",)).get_content()


def test_the_chairs_leave_opens_one_paper_to_one_person_and_ends_at_once(demo_folder: Any, tmp_path: Any, chromium: Any) -> None:
    with browser.copied(demo_folder, tmp_path / "data") as server:
        def enter(name: str, **more: Any) -> Any:
            page = chromium.new_context(viewport=PHONE, base_url=server.url, **more).new_page()
            browser.sign_in(page, server, name)
            page.goto("/contexts?show=all")
            page.get_by_role("link", name=NAMES["interchange"]).first.click()
            return page

        grace, priya, david = enter("Grace Mensah"), enter("Priya Nair"), enter("David Hollis")
        case = grace.url
        grace.goto(f"{case}/invitations/send")
        press(grace, "Send the invitations")
        priya.goto(f"{case}/invitations/papers")
        priya.get_by_role("button", name=re.compile("Release it")).first.click()
        priya.wait_for_load_state()
        says(priya, "The paper is released.")
        sal = chromium.new_context(viewport=PHONE, base_url=server.url).new_page()
        sal.goto(link_in(mail_to(server, "Sal Rossi")))
        press(sal, "Continue")
        says(sal, "Sign the agreement, which takes two minutes, and the paper opens by itself")
        david.goto(f"{case}/invitations/papers")
        follow(david, re.compile("Let somebody read it without the agreement"))
        good(david)
        press(david, "Let them read it")
        says(david, "Choose who may read it")
        david.get_by_label("Sal Rossi, Harbour Café").check()
        david.get_by_label("Reason").fill("Head office signs next week.")
        press(david, "Let them read it")
        says(david, "Sal Rossi may read this paper now.")
        good(david)
        grace.goto(f"{case}/invitations")
        says(grace, "May read one paper by leave of David Hollis: Head office signs next week.")
        good(grace)
        sal.reload()
        with sal.expect_download() as paper:
            sal.get_by_role("link", name="Neighbourhood assessment").click()
        assert paper.value.suggested_filename.endswith(".docx")
        good(sal)
        press(david, "End this leave of Sal Rossi")
        says(david, "The leave is ended.")
        sal.reload()
        assert not sal.get_by_role("link", name="Neighbourhood assessment").count()
        priya.goto(f"{case}/invitations/papers")
        assert not priya.get_by_role("link", name=re.compile("Let somebody read it")).count(), "the chair alone decides"
