"""Published versions and signatures, put into the database as the product puts them there."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from csc_hub import kernel
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import chain
from csc_hub.process.agreements.records import Signature, Version
from csc_hub.process.agreements.rules import Document, Signed, Way
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import Invitation
from csc_hub.db import db, next_number

BODY = "## What we share\n\nWhat we know of a place, and never of one young person."


def published(now: dt.datetime, number: int | None = None, **more: Any) -> Version:
    """A version of the agreement that can be signed. The caller is writing."""
    on = now.date()
    number = number or (db.session.scalar(db.select(db.func.max(Version.number)).where(Version.document == Document.AGREEMENT)) or 0) + 1
    facts: dict[str, Any] = {
        "document": Document.AGREEMENT, "number": number, "title": "Information sharing agreement", "body": BODY, "shown": BODY,
        "sha256": hashlib.sha256(BODY.encode()).hexdigest(), "effective_on": on, "review_on": on + dt.timedelta(days=365),
        "approved_by": "The partnership board", "approved_on": on, "published_at": now, "published_by": "Meera Patel"}
    version = Version(**facts | more)
    db.session.add(version)
    db.session.flush()
    return version


def signed(version: Version, agency: Agency, now: dt.datetime, person: Person | None = None, **more: Any) -> Signature:
    """A signature for an agency, at the end of the chain. The caller is writing."""
    name = person.name if person else agency.contact_name or "Somebody There"
    facts: dict[str, Any] = {
        "code": f"T{next_number('test codes'):09}", "signed": Signed.AGREEMENT, "way": Way.LINK, "version_id": version.id, "version_number": version.number,
        "text_sha256": version.sha256, "agency_id": agency.id, "organisation": agency.name, "person_id": person.id if person else None, "name": name,
        "typed_name": name, "job_title": "Manager", "email": agency.contact_email or "somebody@example.org", "authority": f"I am authorised to sign for {agency.name}",
        "everybody": True, "named": [], "verified": "A link and a code were mailed to this address", "witness": "", "signed_at": now,
        "signed_local": now.isoformat(), "until": now.date() + dt.timedelta(days=365), "ip": "192.0.2.1", "agent": "A browser"}
    signature = Signature(**facts | more)
    chain.append(signature)
    return signature


def later_today(minutes: int) -> dt.datetime:
    """So many minutes from now, or the last minute of the day in London if that comes first."""
    last = kernel.in_london(kernel.today(kernel.now()), dt.time(23, 59))
    assert last is not None
    return min(kernel.now() + dt.timedelta(minutes=minutes), last)


def meets_soon(name: str = "Sal Rossi") -> str:
    """The register of a conference to come, which asked this person and now meets in twenty minutes. The caller is writing."""
    conference = db.session.scalar(db.select(Conference).join(Invitation, Invitation.conference_id == Conference.id).where(
        Invitation.person.has(name=name), Conference.starts_at > kernel.now()))
    conference.starts_at = later_today(20)
    return f"/contexts/{conference.context_id}/register/{conference.id}"
