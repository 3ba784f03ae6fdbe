"""Signing while somebody of the hub looks on: on the person's own phone by a code on the screen, or on a device handed over."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import Select, select, update

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused, today
from csc_hub.people import links
from csc_hub.people.links import Link, Purpose
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import asking, records
from csc_hub.process.agreements.records import Request
from csc_hub.process.agreements.rules import Document, Way

CODE_LASTS = dt.timedelta(minutes=30)
"""How long a code on a screen can be scanned. It opens once."""
HERE_LASTS = dt.timedelta(hours=2)
"""How long the phone that scanned it, or the device that was handed over, may take to sign."""


@dataclass(frozen=True)
class Signer:
    """Somebody at the door: a person the hub knows, or else a line of the register."""

    agency: Agency
    name: str
    email: str
    person_id: uuid.UUID | None
    line_id: uuid.UUID | None


def last(signer: Signer, conference_id: uuid.UUID) -> Request | None:
    """The newest request that was made to them at the door of this meeting."""
    return db.session.scalar(_of(signer, conference_id).order_by(Request.asked_at.desc()).limit(1))


def _of(signer: Signer, conference_id: uuid.UUID) -> Select[tuple[Request]]:
    return select(Request).where(
        Request.agency_id == signer.agency.id, Request.conference_id == conference_id, Request.way.in_((Way.DOOR, Way.DEVICE)),
        Request.person_id == signer.person_id, Request.line_id == signer.line_id)


def ask(
    signer: Signer, conference_id: uuid.UUID, way: Way, by: Person, now: dt.datetime, context_id: uuid.UUID,
) -> tuple[Request, links.Key]:
    """Lets somebody sign here and now, under the eyes of `by`; whatever was shown to them before opens nothing any more."""
    version = records.in_force(Document.AGREEMENT, today(now))
    if version is None:
        raise Refused(asking.NO_TEXT)
    if signer.agency.statutory:
        raise Refused(f"{signer.agency.name} is covered by the procedures for child protection conferences and does not sign")
    request = None
    for one in db.session.scalars(_of(signer, conference_id).where(Request.signed_at.is_(None), Request.declined_at.is_(None), Request.closed_at.is_(None))).unique().all():
        links.revoke(one.id, now)
        if one.way_ is way:
            request = one
        else:
            one.closed_at = now
    if request is None:
        request = Request(
            agency_id=signer.agency.id, agency=signer.agency, person_id=signer.person_id, line_id=signer.line_id, conference_id=conference_id,
            email=signer.email.strip().lower(), version_id=version.id, name=signer.name, way=way, asked_at=now, asked_by=by.name, typed={})
        db.session.add(request)
    if request.version_id != version.id:
        request.version_id, request.read_at, request.read_sha256 = version.id, None, ""
    request.asked_at, request.asked_by, request.witness, request.opened_at = now, by.name, by.name, None
    db.session.flush()
    key = links.make(Purpose.SIGNING, request.id, "", now + (CODE_LASTS if way is Way.DOOR else HERE_LASTS), now)
    db.session.flush()
    audit.record("let_sign_here", by, now, subject=request.id, context_id=context_id, about=request.way_.label)
    return request, key


def bind(request: Request, link: Link, now: dt.datetime) -> Link:
    """The code on the screen is spent by the first phone that scanned it, which goes on by a link that nobody else has."""
    spent = db.session.execute(update(Link).where(Link.id == link.id, Link.revoked_at.is_(None)).values(revoked_at=now))
    if spent.rowcount != 1:  # another phone was quicker
        raise NotFound
    return own_link(links.make(Purpose.SIGNING, request.id, "", now + HERE_LASTS, now), now)


def own_link(key: links.Key, now: dt.datetime) -> Link:
    """The link itself, of a key that never leaves the hub."""
    db.session.flush()
    link = links.of_token(key.token, now, Purpose.SIGNING)
    assert link is not None
    return link
