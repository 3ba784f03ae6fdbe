"""Asking an organisation to sign: one open request for each person asked, a fresh link each time, one mail a day at most."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import select

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import Refused, today
from csc_hub.outbox import service as outbox
from csc_hub.people import links, mergers
from csc_hub.people.links import Purpose
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import letters, records
from csc_hub.process.agreements.records import Act, Request, Signature, Version
from csc_hub.process.agreements.rules import Deed, Document, Signed, Way

STAYS_OPEN = dt.timedelta(days=30)
NO_TEXT = "There is no published agreement to sign yet. The information governance officer publishes it first"


def ask(
    agency: Agency, name: str, email: str, person: Person | None, conference_id: uuid.UUID | None, by: Person | audit.Named | None, now: dt.datetime,
    kind: str = "sign", until: dt.date | None = None, context_id: uuid.UUID | None = None,
) -> Request:
    """Asks somebody to sign for an organisation; the newest open request to them is used again, with a fresh link."""
    version = records.in_force(Document.AGREEMENT, today(now))
    if version is None:
        raise Refused(NO_TEXT)
    if agency.statutory:
        raise Refused(f"{agency.name} is covered by the procedures for child protection conferences and does not sign")
    if not email:
        raise Refused(f"{name} has no e-mail address. Let them sign at the door, or on paper")
    request = _open(agency, email, conference_id)
    if request and kind == "sign" and asked_today(request, now):
        raise Refused(f"{name} was asked today. Ask again tomorrow, or ring them")
    if request is None:
        request = _new(agency, name, email, person, conference_id, version, by.name if by else "The hub itself", now)
    if request.version_id != version.id:  # they read another text than they are asked to sign now
        request.version_id, request.read_at, request.read_sha256 = version.id, None, ""
    db.session.flush()
    key = links.make(Purpose.SIGNING, request.id, request.email, now + STAYS_OPEN, now)
    letters.post_request(kind, request, version, key, now, until)
    db.session.flush()
    audit.record("asked_to_sign", by, now, subject=request.id, context_id=context_id)
    return request


def _new(
    agency: Agency, name: str, email: str, person: Person | None, conference_id: uuid.UUID | None, version: Version, by: str, now: dt.datetime,
) -> Request:
    request = Request(agency_id=agency.id, agency=agency, person_id=person.id if person else None, conference_id=conference_id, email=email.strip().lower(),
                      version_id=version.id, name=name, asked_at=now, asked_by=by, typed={})
    db.session.add(request)
    db.session.flush()
    return request


def of_here(
    agency: Agency, name: str, email: str, person: Person | None, conference_id: uuid.UUID | None, came: str, now: dt.datetime,
) -> links.Link:
    """The request of somebody who stands on a page of their own and wants to sign: no second mail, and a link that was never mailed.

    `came` says how it is known who they are.
    """
    version = records.in_force(Document.AGREEMENT, today(now))
    if version is None:
        raise Refused(NO_TEXT)
    request = (records.request_of(agency.id, person, conference_id) if person else _open(agency, email, conference_id)) or _new(
        agency, name, email, person, conference_id, version, name, now)
    request.typed = {**request.typed, "came": came}
    key = links.make(Purpose.SIGNING, request.id, "", now + dt.timedelta(days=1), now)
    db.session.flush()
    link = links.of_token(key.token, now, Purpose.SIGNING)
    assert link is not None
    return link


def _open(agency: Agency, email: str, conference_id: uuid.UUID | None) -> Request | None:
    return db.session.scalar(select(Request).where(
        Request.agency_id == agency.id, Request.email == email.strip().lower(), Request.conference_id == conference_id, Request.way == Way.LINK,
        Request.signed_at.is_(None), Request.declined_at.is_(None), Request.closed_at.is_(None)).order_by(Request.asked_at.desc()).limit(1))


def asked_today(request: Request, now: dt.datetime) -> bool:
    """Whether a mail about this request was written on this day already."""
    return outbox.written_on(request.id, None, today(now))


def ask_all(people: list[tuple[Agency, Person]], conference_id: uuid.UUID | None, by: Person, now: dt.datetime, context_id: uuid.UUID | None = None) -> int:
    """Asks each of these who can be asked by mail and was not asked today; how many were."""
    if records.in_force(Document.AGREEMENT, today(now)) is None:
        raise Refused(NO_TEXT)
    number = 0
    for agency, person in people:
        request = _open(agency, person.email or "", conference_id) if person.email else None
        if person.email and person.active and not agency.statutory and not (request and asked_today(request, now)):
            ask(agency, person.name, person.email, person, conference_id, by, now, context_id=context_id)
            number += 1
    return number


def close(request: Request, by: Person, now: dt.datetime) -> None:
    """Takes a request back; its links open nothing any more."""
    if not request.open:
        raise Refused("This request does not wait any more")
    request.closed_at = now
    links.revoke(request.id, now)
    db.session.flush()
    audit.record("closed_request", by, now, subject=request.id)


def ask_again(version: Version, by: Person | audit.Named | None, now: dt.datetime) -> int:
    """Asks those who are covered by an earlier version to sign this one, where it asks their kind; how many were asked.

    Whoever was asked to sign this version before is not asked again, so it may be called at any time.
    """
    if not version.asks_again:
        return 0
    ended = select(Act.id).where(Act.signature_id == Signature.id, Act.deed == Deed.REVOKED).exists()
    valid = select(Signature).where(Signature.signed == Signed.AGREEMENT, Signature.until >= today(now), ~ended)
    had = {(request.agency_id, request.email) for request in db.session.scalars(select(Request).where(Request.version_id == version.id)).unique()}
    signed = {signature.agency_id for signature in db.session.scalars(valid.where(Signature.version_number >= version.number)).unique()}
    number, heirs = 0, mergers.heirs()
    earlier = valid.where(Signature.version_number < version.number, Signature.email != "").order_by(Signature.number.desc())
    for signature in db.session.scalars(earlier).unique().all():
        agency = heirs.get(signature.agency_id, signature.agency)
        who = (agency.id, signature.email.lower())
        person = db.session.get(Person, signature.person_id) if signature.person_id else None
        gone = person is not None and (not person.active or person.agency_id != agency.id)
        asks = not version.asks_kinds or {str(agency.kind_id), str(signature.agency.kind_id)} & set(version.asks_kinds)
        if who in had or agency.id in signed or agency.statutory or gone or not asks:
            continue
        had.add(who)
        ask(agency, signature.name, signature.email, person, None, by, now, "sign_new")
        number += 1
    return number
