"""Links and codes by which somebody comes in without an account: bound to one purpose, one thing and one mailbox, kept as hashes.

A link is long and random, and looking at it changes nothing, so a scanner of mail cannot spend it. A code of six digits does
the same on another device, together with the address it was sent to. Wrong codes are counted for each address by the place
they come from: after ten in a quarter of an hour it waits, after twenty in ninety days that place is heard no more. So
nobody at one place or two can end somebody's code. A code that has met fifty wrong ones from anywhere fits no more: whoever
has three places and more gets one of a million with a chance of 1 in 20,000, of five codes that wait 1 in 4,000; the link,
and the code in the next mail, go on working.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask import current_app
from sqlalchemy import Index, String, select, update
from sqlalchemy.orm import Mapped, mapped_column

from csc_hub.db import Base, Moment, db
from csc_hub.kernel import Refused
from csc_hub.people import service as people
from csc_hub.people.records import Person

PLACE_TRIES, TRIES = 20, 50
"""Wrong codes for one address: from one place in `REMEMBERED`, and from anywhere since a code was mailed."""
REMEMBERED = dt.timedelta(days=90)
LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc)
ENOUGH = "Too many wrong codes came from here. Use the link in the mail, or ask the council for a new one"
WRONG = "That address and code do not belong together, or the code has expired. Check both, or use the link in the mail"


class Purpose(StrEnum):
    """What a link is for. It opens nothing else."""

    INVITATION = "invitation"
    SIGNING = "signing"
    UPDATES = "updates"


class Link(Base):
    """A link for one purpose about one record, and the code that does the same. Only their hashes are kept."""

    __tablename__ = "links"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    purpose: Mapped[str] = mapped_column(String(12))
    about_id: Mapped[uuid.UUID] = mapped_column()
    address: Mapped[str] = mapped_column(String(254))  # where it was mailed, in lower case; "" where it was not mailed
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[dt.datetime] = mapped_column(Moment)
    until: Mapped[dt.datetime] = mapped_column(Moment)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(Moment)

    __table_args__ = (Index("ix_links_about_id", "about_id"), Index("ix_links_address", "address"))

    @property
    def purpose_(self) -> Purpose:
        """What it is for, as a rule knows it."""
        return Purpose(self.purpose)


@dataclass(frozen=True)
class Key:
    """What goes into the mail, and nowhere else."""

    token: str
    code: str


def digest(token: str) -> str:
    """A link's secret as it is kept."""
    return hashlib.sha256(token.encode()).hexdigest()


def _code_digest(link_id: uuid.UUID, code: str) -> str:
    return hmac.new(current_app.config["CSC"].secret.encode(), f"{link_id}|{code}".encode(), hashlib.sha256).hexdigest()


def make(purpose: Purpose, about_id: uuid.UUID, address: str, until: dt.datetime, now: dt.datetime) -> Key:
    """A link and a code; those that were mailed before go on working."""
    key = Key(secrets.token_urlsafe(32), f"{secrets.randbelow(1_000_000):06}")
    link = Link(
        id=uuid.uuid4(), purpose=purpose, about_id=about_id, address=address.strip().lower(), token_hash=digest(key.token), made_at=now, until=until)
    link.code_hash = _code_digest(link.id, key.code)
    db.session.add(link)
    return key


def revoke(about_id: uuid.UUID, now: dt.datetime) -> None:
    """No link or code about this record works from now on."""
    db.session.execute(update(Link).where(Link.about_id == about_id, Link.revoked_at.is_(None)).values(revoked_at=now))


def revoke_address(address: str | None, now: dt.datetime) -> None:
    """No link or code that was mailed to this address works from now on, whatever it is about: somebody else may have it."""
    if address:
        db.session.execute(update(Link).where(Link.address == address.lower(), Link.revoked_at.is_(None)).values(revoked_at=now))


def lapse(now: dt.datetime) -> None:
    """Ends for good what ran out in the last day, links to choose a password too: a clock that goes back opens nothing again.

    Of the last day alone: a clock that is years ahead for a while does not end what is still good.
    """
    lately = now - dt.timedelta(days=1)
    db.session.execute(update(Link).where(Link.revoked_at.is_(None), Link.until.between(lately, now)).values(revoked_at=now))
    db.session.execute(update(Person).where(Person.link_until.between(lately, now)).values(link_hash=None, link_until=None))


def works(now: Any) -> tuple:
    """What a query asks of a link that works."""
    return Link.revoked_at.is_(None), Link.until > now


def of_token(token: str, now: dt.datetime, purpose: Purpose) -> Link | None:
    """The link, while it works and if it is for this."""
    return db.session.scalar(select(Link).where(Link.token_hash == digest(token), Link.purpose == purpose, *works(now)))


def is_about(token: str, about_id: uuid.UUID) -> bool:
    """Whether a link is about this record, also one that works no more."""
    return db.session.scalar(select(Link.about_id).where(Link.token_hash == digest(token))) == about_id


def found(link_id: uuid.UUID, now: dt.datetime, purpose: Purpose) -> Link | None:
    """The link somebody came in by, while it works and if it is for this."""
    return db.session.scalar(select(Link).where(Link.id == link_id, Link.purpose == purpose, *works(now)))


def of_code(email: str, code: str, place: str, now: dt.datetime) -> Link | None:
    """The link that was mailed with a code, whatever it is for; None is to be kept, as it counts the failure.

    Raises `Refused` when too many failed.
    """
    address = email.strip().lower()
    who = f"code|{address}"
    people.refuse_guessing(who, place, now)
    if people.tries(f"{who}|{place}", now - REMEMBERED) >= PLACE_TRIES:
        raise Refused(ENOUGH)
    spent = people.nth_try(who, TRIES) or LONG_AGO
    mailed = db.session.scalars(select(Link).where(
        Link.address == address, Link.address != "", Link.made_at > spent, *works(now)).order_by(Link.made_at.desc()))
    digits = "".join(c for c in code if c.isdecimal() and c.isascii())
    right = [link for link in mailed if hmac.compare_digest(link.code_hash, _code_digest(link.id, digits))]
    if right:
        return right[0]
    people.count_try(who, now)  # counted by address and not on the link: an address that the hub does not know costs the same
    people.count_guess(who, place, now)
    return None


def wrong() -> Refused:
    """What somebody reads whose code did not fit, whoever they are."""
    return Refused(WRONG, "code")
