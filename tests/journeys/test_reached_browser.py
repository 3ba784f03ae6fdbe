"""A file from somebody invited, and a letter that comes back: from the mail to the board, each page looked at with axe."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from csc_hub import create_app
from csc_hub.adapters.mailbox import FolderMailbox
from csc_hub.kernel import now
from csc_hub.process.invitations import incoming
from tests import browser
from tests.browser import PHONE, Server
from tests.hub import Hub, settings
from tests.journeys.hands import downloaded, file, fits, follow, press, says
from tests.journeys.test_invited_browser import case  # noqa: F401
from tests.mailbox import link_in, mail_to
from tests.process.invitations.test_incoming import bounce_of

__all__ = ["case"]
pytestmark = pytest.mark.browser
NOTE = b"On weekdays about thirty young people wait at the stop after eight. The shutters are down by then.\n"


def looked_at(page: Any) -> None:
    """Axe finds nothing, and nothing runs off the side."""
    assert browser.axe(page) == [], page.url
    fits(page)


def test_a_shop_manager_sends_a_file_and_the_coordinator_reads_it(server: Server, case: str, visit: Any) -> None:  # noqa: F811
    sal = visit(viewport=PHONE)
    sal.goto(link_in(mail_to(server, "Sal Rossi")))
    looked_at(sal)
    press(sal, "Continue")
    looked_at(sal)
    press(sal, "Send my answer")
    says(sal, "Choose your answer")
    looked_at(sal)
    sal.get_by_label("I cannot come, and a colleague").check()
    looked_at(sal)
    follow(sal, "Send a file for the meeting")
    looked_at(sal)
    sal.get_by_label("The file").set_input_files(file("the-stop.txt", NOTE, "text/plain"))
    press(sal, "Send this file")
    says(sal, "Read the file and tick the box")
    looked_at(sal)
    sal.get_by_label("The file").set_input_files(file("the-stop.txt", NOTE, "text/plain"))
    sal.get_by_label("I have read this file").check()
    press(sal, "Send this file")
    says(sal, "Thank you. Your file has reached the council.")
    looked_at(sal)
    grace = visit("Grace Mensah")
    grace.goto(f"{case}/invitations")
    follow(grace, "A file for the meeting from Sal Rossi")
    says(grace, "Nobody has opened it yet")
    assert downloaded(grace, grace.get_by_role("link", name="the-stop.txt")) == NOTE
    grace.reload()
    says(grace, "Opened by Grace Mensah.")
    looked_at(grace)
    press(sal, "Remove this file")
    says(sal, "Nobody can open it any more.")
    grace.reload()
    assert not grace.get_by_role("link", name="the-stop.txt").count()


def test_a_letter_that_comes_back_is_seen_and_sent_where_it_arrives(server: Server, case: str, visit: Any, tmp_path: Path) -> None:  # noqa: F811
    (tmp_path / "1.eml").write_bytes(bounce_of(mail_to(server, "Tom Ward"), "tom.ward@anyshire.example"))
    hub = Hub(create_app(settings(server.data)))
    with hub.inside():
        assert [said for _, said in incoming.read(FolderMailbox(tmp_path), now())] == ["a mail came back"]
    grace = visit("Grace Mensah")
    grace.goto(f"{case}/invitations")
    looked_at(grace)
    follow(grace, "1 not reached by mail")
    says(grace, "1 person on the list cannot be reached by mail")
    says(grace, "Came back")
    looked_at(grace)
    grace.goto(f"{case}/invitations/phone-list")
    says(grace, "Not reached by mail")
    looked_at(grace)


def test_a_letter_on_paper_has_a_square_that_a_phone_can_read(server: Server, case: str, visit: Any) -> None:  # noqa: F811
    grace = visit("Grace Mensah")
    grace.goto(f"{case}/invitations")
    grace.get_by_role("button", name=re.compile("Letter to print.*Kemi")).click()
    grace.wait_for_load_state()
    says(grace, "Dear Kemi Ajayi")
    looked_at(grace)
    link = re.search(r"http://\S+/i/\S+", grace.locator(".csc-letter").inner_text())
    assert link and grace.locator(".csc-qr svg").bounding_box()["width"] > 100
    kemi = visit(viewport=PHONE)
    kemi.goto(link[0])
    press(kemi, "Continue")
    says(kemi, "This page is for Kemi Ajayi")


def test_pages_of_links_that_do_not_work_and_of_codes(visit: Any) -> None:
    phone = visit(viewport=PHONE)
    for where in ("/i/wrong", "/code"):
        phone.goto(where)
        looked_at(phone)
    press(phone, "Continue")
    says(phone, "Enter the code")
    looked_at(phone)
