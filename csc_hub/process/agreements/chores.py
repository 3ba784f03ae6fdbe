"""What the worker does for agreements about once a minute: reminders 60, 30 and 7 days before, once each, asking for a
version that has come into effect, and writing down the head of the chain of signatures once a day."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from csc_hub.audit import service as audit
from csc_hub.db import db, writing
from csc_hub.kernel import LONDON, today
from csc_hub.outbox.records import Outgoing
from csc_hub.people import mergers
from csc_hub.people import records as people
from csc_hub.people.records import Person
from csc_hub.people.rules import Role
from csc_hub.process.agreements import asking, heads, letters, records
from csc_hub.process.agreements.rules import Document

DAYS = (7, 30, 60)
HUB = audit.Named(None, "The hub itself")  # type: ignore[arg-type]


def run(now: dt.datetime) -> None:
    """Everything that is due."""
    with writing():
        version = records.in_force(Document.AGREEMENT, today(now))
        if version is not None:
            asking.ask_again(version, HUB, now)
            remind_signatories(now)
        remind_officers(now)
    heads.write_daily(now)


def stage(last: dt.date, day: dt.date) -> dt.date | None:
    """The day on which the reminder fell due that counts now: 60, 30 or 7 days before the last day; None before and after."""
    left = (last - day).days
    return next((last - dt.timedelta(days=days) for days in DAYS if 0 <= left <= days), None)


def _written(kind: str, address: str, since: dt.date) -> bool:
    """Whether a letter of this kind was written to this address since the beginning of a day."""
    begin = dt.datetime.combine(since, dt.time(), LONDON)
    return db.session.scalar(select(Outgoing.id).where(Outgoing.kind == kind, Outgoing.to_address == address, Outgoing.queued_at >= begin).limit(1)) is not None


def remind_signatories(now: dt.datetime) -> int:
    """Reminds those whose signature runs out and was neither renewed nor ended; how many. One mail a person."""
    day = today(now)
    heirs = mergers.heirs()
    due = [signature for signature in records.running_out(day, max(DAYS)) if signature.email]
    told: set[str] = set()
    for signature in due:
        since, person = stage(signature.until, day), db.session.get(Person, signature.person_id) if signature.person_id else None
        agency = heirs.get(signature.agency_id, signature.agency)
        gone = person is not None and (not person.active or person.agency_id != agency.id)
        if since is None or gone or agency.statutory or signature.email in told or _written("sign_ending", signature.email, since):
            continue
        told.add(signature.email)
        asking.ask(agency, signature.name, signature.email, person, None, HUB, now, "sign_ending", signature.until)
    return len(told)


def remind_officers(now: dt.datetime) -> int:
    """Tells the information governance officers that a text in force is due for review; how many letters."""
    number = 0
    for document in Document:
        version = records.in_force(document, today(now))
        since = stage(version.review_on, today(now)) if version and version.review_on else None
        for officer in people.people_with(Role.IG_OFFICER) if since and version else ():
            if officer.email and since and version and not _written("agreement_review", officer.email, since):
                letters.post_review(officer.name, officer.email, version, now)
                number += 1
    db.session.flush()
    return number
