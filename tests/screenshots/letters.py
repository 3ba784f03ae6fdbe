"""Pictures of the mail itself, as HTML and as plain text, at the width of a mail program and of a phone."""

from __future__ import annotations

import datetime as dt
import tempfile
from html import escape
from pathlib import Path
from typing import Any

from csc_hub import create_app
from csc_hub.db import db, writing
from csc_hub.kernel import now, today
from csc_hub.outbox.records import Outgoing
from csc_hub.people.links import Key
from csc_hub.people.records import Person
from csc_hub.process.agreements import letters as signing_letters
from csc_hub.process.agreements import records as agreements
from csc_hub.process.agreements.records import Request, Signature
from csc_hub.process.agreements.rules import Document
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations import letters
from csc_hub.process.invitations.records import Invitation
from csc_hub.process.invitations.rules import Reply
from tests.hub import CAST, NAMES, Hub, settings
from tests.screenshots.gallery import OUT

WIDTHS = (600, 375)
KEY = Key("UD4IktshnAWiDK8g-wmDy7RdW88a48oaxxuFCLuIqyc", "090118")
TO_INVITED = ("invitation", "update", "reminder", "cancelled", "withdrawn", "passed", "paper", "newer", "recalled", "priorities")


def mails(chromium: Any, only: list[str]) -> int:
    """Takes them; how many were taken."""
    with tempfile.TemporaryDirectory(prefix="csc-hub-") as folder:
        written = _written(Hub(create_app(settings(Path(folder), url="https://csc-hub.anyshire.example"))).build())
    number = 0
    for width in WIDTHS:
        page = chromium.new_context(viewport={"width": width, "height": 700}).new_page()
        for kind, html, text in written:
            for name, content in ((f"mail-{kind}", html), (f"mail-{kind}-text", f"<pre style='white-space:pre-wrap;overflow-wrap:anywhere;font-size:15px'>{escape(text)}</pre>")):
                if not only or any(word in name for word in only):
                    page.set_content(content)
                    page.screenshot(path=str(OUT / f"{name}-{width}.png"), full_page=True)
                    number += 1
        page.context.close()
    return number


def _written(hub: Hub) -> list[tuple[str, str, str]]:
    """(kind, HTML, plain text) of one letter of each kind, written by the hub and never sent."""
    with hub.inside(), writing():
        before = set(db.session.scalars(db.select(Outgoing.id)))
        conference = db.session.scalar(db.select(Conference).join(Conference.chair).where(Person.name == "David Hollis"))
        sal = db.session.scalar(db.select(Person).where(Person.name == CAST["partner"]))
        assert conference and sal, NAMES["interchange"]
        invitation = db.session.scalar(db.select(Invitation).where(Invitation.conference_id == conference.id, Invitation.person_id == sal.id))
        assert invitation
        invitation.told_at = conference.starts_at
        for kind in TO_INVITED:
            letters.post(kind, invitation, conference, None if kind in ("cancelled", "withdrawn", "passed", "recalled") else KEY, now())
        _in_other_words(invitation, conference)
        _about_signing()
        return [(row.kind, row.html, row.text) for row in db.session.scalars(db.select(Outgoing)) if row.id not in before]


def _in_other_words(invitation: Invitation, conference: Conference) -> None:
    """The same letters where something differs: to a deputy, of a change that leaves an answer standing, with no place said."""
    invitation.deputy_for_id = db.session.scalar(db.select(Invitation.id).where(Invitation.conference_id == conference.id, Invitation.id != invitation.id))
    _post_as("deputy", "invitation", invitation, conference)
    invitation.deputy_for_id, invitation.reply, conference.place_hidden = None, Reply.ACCEPTED, True
    _post_as("update-answer-stands", "update", invitation, conference)


def _post_as(name: str, kind: str, invitation: Invitation, conference: Conference) -> None:
    """A letter that the gallery shows under a name of its own."""
    db.session.flush()
    letters.post(kind, invitation, conference, KEY, now())
    for row in db.session.new:
        if isinstance(row, Outgoing):
            row.kind = name
    db.session.flush()


def _about_signing() -> None:
    version = agreements.in_force(Document.AGREEMENT, today(now()))
    request, signature = db.session.scalar(db.select(Request)), db.session.scalar(db.select(Signature))
    assert version and request and signature
    for kind in ("sign", "sign_new", "sign_ending"):
        signing_letters.post_request(kind, request, version, KEY, now(), today(now()) + dt.timedelta(days=30))
    signing_letters.post_receipt(signature, now())
