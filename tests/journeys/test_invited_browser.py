"""A shop manager on a phone: from the mail to the answer and the paper; and a scanner that follows every link."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import PHONE, Server
from tests.mailbox import link_in, mail_to
from tests.journeys.hands import fits, follow, press, says

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def case(server: Server, chromium: Any) -> str:
    """The bus interchange, whose invitations the coordinator has sent with one press; its address."""
    from tests import browser

    context = chromium.new_context(base_url=server.url)
    page = context.new_page()
    browser.sign_in(page, server, "Grace Mensah")
    page.get_by_role("link", name="Harbour Road bus interchange").click()
    url = str(page.url)
    page.goto(f"{url}/invitations")
    follow(page, re.compile("^Send 3 invitations"))
    press(page, "Send the invitations")
    says(page, "3 invitations on the way.")
    context.close()
    return url


def test_a_scanner_with_scripts_that_stays_ten_seconds_changes_nothing(server: Server, case: str, visit: Any) -> None:
    link = link_in(mail_to(server, "Sal Rossi"))
    for _ in range(3):
        robot = visit(viewport=PHONE)
        robot.goto(link)
        robot.wait_for_timeout(3500)
        robot.mouse.move(100, 300)
    grace = visit("Grace Mensah")
    grace.goto(f"{case}/invitations")
    assert "Opened their page" not in grace.locator("body").inner_text()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_shop_manager_answers_on_a_phone(scripts: bool, server: Server, case: str, visit: Any) -> None:
    sal = visit(viewport=PHONE, java_script_enabled=scripts)
    sal.goto(link_in(mail_to(server, "Sal Rossi")))
    fits(sal)
    press(sal, "Continue")
    assert "/i/" not in sal.url, "the link is not left in the address"
    says(sal, "St Anne’s Hall")
    fits(sal)
    if not scripts:
        sal.get_by_text("Change your answer, or add to it").click()
    sal.get_by_label("No, because…").check()
    press(sal, "Send my answer")
    says(sal, "Write in a line why you cannot come")
    sal.get_by_label("Yes", exact=True).check()
    sal.get_by_label("What do you need to take part?").fill("Step-free access")
    press(sal, "Send my answer")
    says(sal, "Thank you. Your answer has reached the council. ")
    says(sal, "Your answer: Coming")
    fits(sal)
    grace = visit("Grace Mensah", viewport=PHONE, java_script_enabled=scripts)
    grace.goto(f"{case}/invitations")
    says(grace, "Needs: Step-free access")
    fits(grace)
    press(sal, "Close this page on this device")
    sal.goto("/invitation")
    says(sal, "Open the link in the mail that you got")


def test_the_code_works_on_another_device(server: Server, case: str, visit: Any) -> None:
    found = re.search(r"the code (\d{3} \d{3})", mail_to(server, "Tom Ward").get_body(("plain",)).get_content())
    assert found
    tablet = visit(viewport=PHONE)
    tablet.goto("/code")
    tablet.get_by_label("Your e-mail address").fill("TOM.WARD@anyshire.example ")
    tablet.get_by_label("Six-digit code").fill(found[1])
    press(tablet, "Continue")
    says(tablet, "You are invited to a meeting about making a place safer")
