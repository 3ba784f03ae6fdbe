"""Signing by somebody who was asked: they read, say who they are and sign; or decline, or pass it on to somebody who can sign."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from flask import current_app
from sqlalchemy import func, select, update

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused, london, tidy, today
from csc_hub.people import links
from csc_hub.people import records as people
from csc_hub.people.links import Link, Purpose
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import asking, chain, letters, records, rules, witnessed
from csc_hub.process.agreements.records import Act, Request, Signature, Version
from csc_hub.process.agreements.rules import Deed, Document, Signed, Way

LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is taken for another
CHANGED = "The agreement was changed since you read it. This is the new text. Read it, then go on"
NOTHING = "There is nothing to sign just now. The council writes to you when there is"
MOST_PASSED_ON = 3


@dataclass(frozen=True)
class Came:
    """Somebody who came in to sign: what they were asked, and by which link they came."""

    request: Request
    link: Link


@dataclass(frozen=True)
class Browser:
    """Where a signature came from, as far as the hub can see."""

    ip: str
    agent: str


@dataclass(frozen=True)
class About:
    """Step 2 as typed: who they are, and whom their signature covers."""

    name: str
    job_title: str
    authority: str  # sign, or pass
    covers: str  # everybody, or named
    named: list[str]
    email: str = ""  # for the receipt, of somebody whose address the hub does not know


def who(said: Any, now: dt.datetime) -> Came | None:
    """Whose session this is, by the link they came in with. Asked at every request: a revoked link ends it at once."""
    try:
        link = links.found(uuid.UUID(str(said)), now, Purpose.SIGNING)
    except ValueError:
        return None
    return came(link) if link else None


def came(link: Link) -> Came | None:
    """What a link is about, unless the person was stopped."""
    request = db.session.get(Request, link.about_id)
    person = db.session.get(Person, request.person_id) if request and request.person_id else None
    return None if request is None or (person is not None and not person.active) else Came(request, link)


def come_in(link: Link, now: dt.datetime) -> Came:
    """Notes that somebody pressed Continue, or typed the code. Looking at the link alone is never noted."""
    found = came(link)
    if found is None:
        raise NotFound
    first = update(Request).where(Request.id == found.request.id, Request.opened_at.is_(None)).values(opened_at=now)
    db.session.execute(first)  # past the version: several who press one link at once are not in each other's way
    if found.request.way_ is Way.DOOR:
        found = Came(found.request, witnessed.bind(found.request, link, now))
    audit.record("came_to_sign", actor(found.request), now, subject=found.request.id, about=found.request.agency.name)
    return found


def actor(request: Request) -> audit.Named:
    """Who did it, as the record of events says."""
    return audit.Named(request.person_id, request.name)  # type: ignore[arg-type]


def version_now(now: dt.datetime) -> Version:
    """The text that is signed today."""
    version = records.in_force(Document.AGREEMENT, today(now))
    if version is None or version.placeholder:
        raise Refused(NOTHING)
    return version


def must_wait(request: Request) -> None:
    """Raises `Refused` where this request cannot be signed any more."""
    if request.declined_at:
        raise Refused("You declined to sign. If you changed your mind, ask the council to ask you again")
    if request.closed_at:
        raise Refused(f"Nothing is left to sign here: {request.agency.name} has signed already, the council took the request back, or the organisation is part of another now")
    if request.agency.statutory:
        raise Refused(f"{request.agency.name} is covered by the procedures for child protection conferences and does not sign")


def has_read(request: Request, version: Version) -> bool:
    """Whether they read exactly the text that is signed today."""
    return request.read_sha256 == version.sha256


def read(request: Request, seen: str, now: dt.datetime) -> None:
    """Step 1: they have read the text whose SHA-256 their page held."""
    must_wait(request)
    version = version_now(now)
    if seen != version.sha256:
        raise Refused(CHANGED)
    request.version_id, request.read_at, request.read_sha256 = version.id, now, version.sha256
    db.session.flush()
    audit.record("read_agreement", actor(request), now, subject=request.id, number=version.number)


def people_of(agency: Agency) -> list[Person]:
    """People the hub knows at an organisation, by name."""
    return list(db.session.scalars(select(Person).where(Person.agency_id == agency.id, Person.active).order_by(Person.name)))


def about(request: Request, draft: About, now: dt.datetime) -> None:
    """Step 2: who they are and whom it covers. Kept, so that it comes back where they left it."""
    must_wait(request)
    for name, what in (("name", "name"), ("job_title", "job title")):
        fault = rules.fault_of_name(getattr(draft, name), what)
        if fault:
            raise Refused(fault, name)
    if draft.authority == "sign" and draft.covers == "named" and not draft.named:
        raise Refused("Choose the people your signature covers", "named")
    request.typed = {**request.typed, **vars(draft)}
    db.session.flush()
    audit.record("said_who_signs", actor(request), now, subject=request.id)


def is_told(request: Request) -> bool:
    """Whether step 2 is done by somebody who can sign."""
    return request.typed.get("authority") == "sign" and bool(request.typed.get("name"))


def signature_of(request: Request) -> Signature | None:
    """What was signed through this request."""
    return db.session.scalar(select(Signature).where(Signature.request_id == request.id))


def hold(agency_id: uuid.UUID) -> None:
    """One at a time for each organisation, and none while a text is published or withdrawn."""
    db.session.execute(select(Agency.id).where(Agency.id == agency_id).with_for_update())
    records.lock_texts()


def lock(request: Request) -> None:
    """The same for a request; what others did meanwhile is seen."""
    hold(request.agency_id)
    db.session.refresh(request)


def sign(came_in: Came, typed_name: str, browser: Browser, now: dt.datetime) -> Signature:
    """Step 3: signs, receipts and closes what else was asked of the organisation, all at once. Pressed twice, it is one signature."""
    request = came_in.request
    lock(request)
    before = signature_of(request)
    if before:
        return before
    must_wait(request)
    version = version_now(now)
    if not has_read(request, version):
        raise Refused(CHANGED)
    if not is_told(request):
        raise Refused("Say first who you are")
    typed = request.typed
    if _plain(typed_name) != _plain(typed["name"]):
        raise Refused(f"Type your name as you gave it before: {typed['name']}", "typed_name")
    everybody = typed["covers"] == "everybody"
    there = {str(person.id) for person in people_of(request.agency)} | {str(request.who)}
    named = [] if everybody else [some_id for some_id in typed["named"] if some_id in there]
    if not everybody and not named:
        raise Refused("The people you chose are not with your organisation any more. Go back and choose who is covered")
    signature = written(came_in, version, browser, now, Signed.AGREEMENT, request_id=request.id, name=typed["name"], typed_name=typed_name,
                           job_title=typed["job_title"], authority=rules.authority_of(request.agency.name), everybody=everybody, named=named,
                           text_sha256=version.sha256, conference_id=None, until=rules.signature_until(today(now), version.months))
    chain.append(signature)
    request.signed_at = now
    for other in records.open_requests([request.agency_id]):
        if other.id != request.id and (everybody or (other.who == request.who and request.who)):
            other.closed_at = now
    db.session.flush()
    letters.post_receipt(signature, now)
    audit.record("signed_agreement", actor(request), now, subject=signature.id, about=signature.organisation)
    return signature


def _plain(name: str) -> str:
    return " ".join(name.casefold().split())


def new_code() -> str:
    """A check code: ten letters and digits that are not taken for one another."""
    return "".join(secrets.choice(LETTERS) for _ in range(10))


def written(came_in: Came, version: Version, browser: Browser, now: dt.datetime, signed: Signed, **more: Any) -> Signature:
    """A signature with all its evidence, which has no place in the chain yet."""
    request = came_in.request
    return Signature(
        code=new_code(), signed=signed, way=request.way, version_id=version.id, version_number=version.number,
        agency_id=request.agency_id, organisation=request.agency.name, person_id=request.person_id, email=request.email or request.typed.get("email", ""), verified=verified(came_in),
        witness=request.witness, opened_at=request.opened_at, signed_at=now, signed_local=f"{london(now):%d/%m/%Y %H:%M:%S %Z}", ip=tidy(browser.ip)[:60],
        agent=tidy(browser.agent)[:300], **more)


def verified(came_in: Came) -> str:
    """How it is known that the mailbox, or the person, is theirs."""
    request, link = came_in.request, came_in.link
    if link.address:
        return f"A link and a code were mailed to {link.address}, and one of them was used"
    if request.way_ is Way.LINK:
        return str(request.typed.get("came") or "They came by a link that was not mailed")
    seen = f"Signed {request.way_.label}" + (f", witnessed by {request.witness}" if request.witness else "")
    return seen if request.email or not request.typed.get("email") else f"{seen}. The e-mail address is as they typed it"


def decline(request: Request, reason: str, now: dt.datetime) -> None:
    """They will not sign, and say why. Whoever asked is told; the reason is in the register and in no mail."""
    lock(request)
    if request.signed_at:
        raise Refused("You have signed already. To end the agreement, write to the council")
    must_wait(request)
    if not reason:
        raise Refused("Give the reason, so that the council can answer it", "reason")
    request.declined_at, request.decline_reason = now, reason
    db.session.flush()
    askers = list(db.session.scalars(select(Person).where(Person.name == request.asked_by, Person.active, Person.email.is_not(None))))
    if len(askers) == 1:
        letters.post_declined(request, askers[0], now)
    audit.record("declined_agreement", actor(request), now, subject=request.id, about=request.agency.name)


def pass_on(request: Request, name: str, email: str, now: dt.datetime) -> Request:
    """Asks somebody else at the organisation, who can sign for it. They get a mail of their own."""
    must_wait(request)
    fault = rules.fault_of_name(name, "name")
    if fault:
        raise Refused(fault, "name")
    address = email.strip().lower()
    if address == request.email.lower():
        raise Refused("This is your own address. Enter theirs", "email")
    passed = db.session.scalar(select(func.count()).select_from(Request).where(Request.forwarded_from_id == request.id)) or 0
    if passed >= MOST_PASSED_ON:
        raise Refused(f"You passed this on {MOST_PASSED_ON} times already. Ring the council, who can ask others")
    known = people.person_by_email(address)
    there = known if known and known.agency_id == request.agency_id and known.active else None
    other = asking.ask(request.agency, name, address, there, request.conference_id, actor(request), now)
    other.forwarded_from_id = other.forwarded_from_id or request.id
    request.forwarded_at = now
    db.session.flush()
    audit.record("forwarded_agreement", actor(request), now, subject=request.id, about=request.agency.name)
    return other


def passed_to(request: Request) -> list[Request]:
    """To whom it was passed on."""
    return list(db.session.scalars(select(Request).where(Request.forwarded_from_id == request.id).order_by(Request.asked_at)))
