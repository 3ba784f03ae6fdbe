"""Answers that people give by pressing Accept or Decline in their own calendar: read from mails, and never believed blindly.

A mail can be forged, so an answer counts only when it comes from the invited address, about an invitation that was sent, and not
about an older state of the meeting. It is an answer to an invitation and never a signature.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path

from csc_hub.adapters import calendar
from csc_hub.db import db, writing
from csc_hub.kernel import Refused, today
from csc_hub.process.invitations import replying, service
from csc_hub.process.invitations.records import Invitation
from csc_hub.process.invitations.rules import Reply, Source

ANSWERS = {"ACCEPTED": Reply.ACCEPTED, "TENTATIVE": Reply.TENTATIVE, "DECLINED": Reply.DECLINED}
NO_REASON = "No reason given in the calendar"


def take(raw: bytes, now: dt.datetime) -> str:
    """Takes one mail; what became of it, in words without names. Needs a writing transaction, and writes only where it counts."""
    found = calendar.read_reply(raw)
    if found is None:
        return "no calendar answer in it"
    reply = ANSWERS.get(found.partstat)
    invitation = _invitation(found.uid)
    if invitation is None or reply is None:
        return "not about an invitation of this hub" if invitation is None else "an answer that the hub does not take"
    address = (invitation.person.email or "").lower()
    if address != found.attendee or address != found.from_address:
        return "not from the invited address"
    if found.sequence < invitation.sequence:
        return "about an older date of the meeting"
    conference, context = replying.conference_of(invitation)
    fault = replying.obstacle(invitation, conference, now)
    if fault:
        return fault
    if invitation.reply_ is reply:
        return "the same answer as before"
    reason = (found.comment[:500] or NO_REASON) if reply is Reply.DECLINED else ""
    try:
        service.record_reply(context, invitation, reply, reason, "", today(now), invitation.person, now, Source.CALENDAR)
    except Refused as refusal:
        return refusal.sentence
    return "taken"


def _invitation(uid: str) -> Invitation | None:
    try:
        return db.session.get(Invitation, uuid.UUID(uid.removesuffix("@csc-hub")))
    except ValueError:
        return None


def read_folder(folder: Path, now: dt.datetime) -> Iterator[tuple[str, str]]:
    """Reads every mail of a folder (`*.eml`, or a Maildir's `new`), each in a transaction of its own, and moves it into `read`.

    Yields (file, what became of it).
    """
    source, done = (folder / "new" if (folder / "new").is_dir() else folder), folder / "read"
    for path in sorted(p for p in source.iterdir() if p.is_file() and (source.name == "new" or p.suffix == ".eml")):
        with writing():
            said = take(path.read_bytes()[: calendar.REPLY_BYTES + 1], now)
        done.mkdir(exist_ok=True)
        path.replace(done / path.name)
        yield path.name, said
