"""The agreement: its texts and register, the three steps of signing, at the door, and what says whether a signature is genuine."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from csc_hub import create_app
from csc_hub.db import db, writing
from csc_hub.kernel import now
from csc_hub.people import links
from csc_hub.process.agreements.records import Request
from tests import agreement
from tests.hub import settings
from tests.papers.test_filetypes import GOOD
from tests.screenshots.gallery import Gallery


def meets_today(server: Any, name: str = "Sal Rossi") -> str:
    """The register of a conference to come, which asked this person and now meets in twenty minutes."""
    app = create_app(settings(server.data))
    with app.app_context(), writing():
        return agreement.meets_soon(name)


def link_to_sign(server: Any, name: str = "Sal Rossi") -> str:
    """A fresh link for somebody's request. Its mail is of three days ago in the demonstration, and not sent again."""
    app, moment = create_app(settings(server.data)), now()
    with app.app_context(), writing():
        request = db.session.scalar(db.select(Request).where(Request.name == name, Request.closed_at.is_(None)).order_by(Request.asked_at.desc()))
        made = links.make(links.Purpose.SIGNING, request.id, request.email, moment + dt.timedelta(days=1), moment)
    return f"{server.url}/s/{made.token}"


def _press(words: str) -> Any:
    return lambda page: page.get_by_role("button", name=words).click()


def door(gallery: Gallery) -> None:
    """The register on the day, the code on the screen, and the device that is handed over."""
    take, at = gallery.take, meets_today(gallery.server, "Nick Penrose")
    take("door-register", "coordinator", at)

    def choose(page: Any) -> None:
        page.get_by_role("link", name=re.compile("Let them sign.*Nick Penrose")).click()

    url = take("door-choose", "coordinator", at, choose)
    take("door-code", "coordinator", url, _press("Show a code for their phone"))
    page = gallery.page("coordinator")
    page.goto(url)
    page.get_by_role("button", name="Hand over this device").click()
    take("door-handed-read", "coordinator", "/sign")
    take("door-handed-about", "coordinator", "/sign", _press("I have read it. Continue"))
    take("door-handed-undertaking", "coordinator", "/sign/about", lambda p: (
        p.get_by_label("Your job title").fill("Driver"), p.get_by_label("I sign for myself").check(), _press("Save and continue")(p)))
    _steps(gallery, "coordinator", "door-handed", "Nick Penrose")
    gallery.leave("coordinator")
    take("door-register-signed", "coordinator", at)


def _about(page: Any) -> None:
    page.get_by_label("Your job title").fill("Manager")
    page.get_by_label("I am authorised to sign for").check()
    page.get_by_role("button", name="Save and continue").click()


def _steps(gallery: Gallery, who: str | None, name: str, signs: str = "Sal Rossi") -> None:
    def sign(page: Any) -> None:
        page.get_by_label("Type your full name").fill(signs)
        page.get_by_role("button", name="Sign the agreement").click()

    take = gallery.take
    take(f"{name}-about-wrong", who, "/sign/about", _press("Save and continue"))
    take(f"{name}-sign", who, "/sign/about", _about)
    take(f"{name}-done", who, "/sign/name", sign)
    take(f"{name}-receipt", who, "/sign/receipt")


def kept(gallery: Gallery) -> None:
    """What the officer and the coordinator see: first pages, texts, register, one signature, a signature on paper."""
    take, officer = gallery.take, "ig officer"
    take("officer", officer, "/")
    take("coordinator-unsigned", "coordinator", "/")
    take("agreements", officer, "/agreements")
    take("agreement-text", officer, "/agreements", lambda p: p.locator("main .csc-list a").first.click())
    take("agreement-draft", officer, "/agreements", _press("Begin a new version of the information sharing agreement"))
    for name, words in (("publish", "Publish it"), ("from-word", "Take the text from a Word file")):
        take(f"agreement-{name}", officer, "/agreements", lambda p, words=words: (p.get_by_role("link", name="Version 2").click(), p.get_by_role("link", name=words).click()))
    take("agreement-withdraw", officer, "/agreements", lambda p: (p.get_by_role("link", name="Version 1").first.click(), p.get_by_role("link", name="Withdraw it").click()))
    take("signatures", officer, "/agreements/signatures")
    take("signatures-none", officer, "/agreements/signatures?q=zebra")
    take("signature", officer, "/agreements/signatures", lambda p: p.locator("tbody a").first.click())
    take("signature-end", officer, "/agreements/signatures", lambda p: (
        p.get_by_role("row", name="Anyshire Parent Voice").get_by_role("link").click(), p.get_by_role("link", name="End this agreement").click()))
    take("who-signs", officer, "/agreements/who-signs")
    take("paper-choose", officer, "/agreements/signatures/paper")
    url = take("paper", officer, "/agreements/signatures/paper", lambda p: p.get_by_role("link", name="Harbour Youth Project").click())
    take("paper-wrong", officer, url, lambda p: p.locator("main form button[type=submit]").last.click())
    take("paper-recorded", officer, url, _paper)


def _paper(page: Any) -> None:
    page.get_by_label("Name of whoever signed").fill("Leanne Foss")
    page.get_by_label("Their job title").fill("Owner")
    for part, value in (("Day", now().day), ("Month", now().month), ("Year", now().year)):
        page.get_by_label(part, exact=True).fill(str(value))
    page.get_by_label("The scan").set_input_files({"name": "signed.pdf", "mimeType": "application/pdf", "buffer": GOOD["letter.pdf"]})
    page.get_by_role("button", name="Record the signature").click()


def signed(gallery: Gallery) -> None:
    """From the link in the mail to the receipt, and the ways beside it."""
    take, link = gallery.take, link_to_sign(gallery.server)
    take("sign-link", None, link)
    take("sign-link-wrong", None, "/s/wrong")
    take("sign-read", None, link, _press("Continue"))
    take("sign-decline", None, "/sign/decline")
    take("sign-pass-on", None, "/sign/pass-on")
    take("sign-passed", None, "/sign/pass-on", lambda p: (
        p.get_by_label("Their full name").fill("Ann Hill"), p.get_by_label("Their work e-mail address").fill("ann.hill@anyshire.example"), _press("Pass it on")(p)))
    take("sign-about", None, "/sign", _press("I have read it. Continue"))
    _steps(gallery, None, "sign")
    take("invited-signed", None, "/invitation")
    take("invited-signed-text", None, "/invitation", lambda p: p.get_by_role("link", name="Read what was signed").click())
