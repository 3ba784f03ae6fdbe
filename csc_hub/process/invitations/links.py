"""Links and codes by which an invited person comes in without an account: bound to one invitation, kept as hashes.

A link is long and random, and looking at it changes nothing, so a scanner of mail cannot spend it. A code of six digits does
the same on another device, together with the address it was sent to; ten wrong ones and that address takes no more codes.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import func, select, update

from csc_hub.db import db
from csc_hub.kernel import Refused
from csc_hub.people import service as people
from csc_hub.people.records import Person
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import Invitation, Link

TRIES = 10
STAYS_OPEN = dt.timedelta(days=28)
WITHOUT_A_DATE = dt.timedelta(days=90)
WRONG = "That address and code do not belong together, or the code has expired. Check both, or use the link in the mail"


@dataclass(frozen=True)
class Key:
    """What goes into the mail, and nowhere else."""

    token: str
    code: str


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _code_digest(link_id: uuid.UUID, code: str) -> str:
    return hmac.new(current_app.config["CSC"].secret.encode(), f"{link_id}|{code}".encode(), hashlib.sha256).hexdigest()


def make(invitation: Invitation, conference: Conference, now: dt.datetime) -> Key:
    """A link and a code for one invitation; those that were mailed before go on working. They lapse four weeks after the meeting."""
    key = Key(secrets.token_urlsafe(32), f"{secrets.randbelow(1_000_000):06}")
    until = conference.ends_at + STAYS_OPEN if conference.ends_at else now + WITHOUT_A_DATE
    link = Link(id=uuid.uuid4(), invitation_id=invitation.id, token_hash=_digest(key.token), made_at=now, until=until)
    link.code_hash = _code_digest(link.id, key.code)
    db.session.add(link)
    return key


def revoke(invitation: Invitation, now: dt.datetime) -> None:
    """No link or code of this invitation works from now on."""
    db.session.execute(update(Link).where(Link.invitation_id == invitation.id, Link.revoked_at.is_(None)).values(revoked_at=now))


def _works(now: dt.datetime) -> tuple:
    return Link.revoked_at.is_(None), Link.until > now


def of_token(token: str, now: dt.datetime) -> Link | None:
    """The link, while it works."""
    return db.session.scalar(select(Link).where(Link.token_hash == _digest(token), *_works(now)))


def still_works(link_id: uuid.UUID, now: dt.datetime) -> Invitation | None:
    """The invitation whose link somebody came in by, as long as that link works and the person is not stopped."""
    invitation = db.session.scalar(
        select(Invitation).join(Link, Link.invitation_id == Invitation.id).where(Link.id == link_id, *_works(now)))
    return invitation if invitation and invitation.person.active else None


def of_code(email: str, code: str, place: str, now: dt.datetime) -> Link | None:
    """The link that was mailed with a code; None is to be kept, as it counts the failure. Raises `Refused` when too many failed."""
    people.refuse_guessing(f"code|{email.strip().lower()}", place, now)
    found = list(db.session.scalars(
        select(Link).join(Invitation, Invitation.id == Link.invitation_id).join(Person, Person.id == Invitation.person_id)
        .where(func.lower(Person.email) == email.strip().lower(), Person.active, Link.tries < TRIES, *_works(now)).order_by(Link.made_at.desc())))
    digits = "".join(c for c in code if c.isdecimal() and c.isascii())
    right = [link for link in found if hmac.compare_digest(link.code_hash, _code_digest(link.id, digits))]
    if right:
        return right[0]
    for link in found:
        link.tries += 1
    people.count_guess(f"code|{email.strip().lower()}", place, now)
    return None


def wrong() -> Refused:
    """What somebody reads whose code did not fit, whoever they are."""
    return Refused(WRONG, "code")
