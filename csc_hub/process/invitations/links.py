"""The links and codes of an invitation: until four weeks after the meeting, and only while the person is not stopped."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.sql.elements import ColumnElement

from csc_hub.db import db
from csc_hub.kernel import today
from csc_hub.people import links
from csc_hub.people.links import Key, Purpose
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations.records import ASKED, Invitation

STAYS_OPEN = dt.timedelta(days=28)
WITHOUT_A_DATE = dt.timedelta(days=90)


def open_until(conference: Conference) -> dt.date | None:
    """The last day on which the page of an invitation opens; None while the meeting has no date."""
    return today(conference.ends_at + STAYS_OPEN) if conference.ends_at else None


def make(invitation: Invitation, conference: Conference, now: dt.datetime) -> Key:
    """A link and a code for one invitation; those that were mailed before go on working. They lapse four weeks after the meeting."""
    until = conference.ends_at + STAYS_OPEN if conference.ends_at else now + WITHOUT_A_DATE
    return links.make(Purpose.INVITATION, invitation.id, invitation.person.email or "", until, now)


def revoke(invitation: Invitation, now: dt.datetime) -> None:
    """No link or code of this invitation works from now on."""
    links.revoke(invitation.id, now)


def of_token(token: str, now: dt.datetime) -> tuple[links.Link, Invitation] | None:
    """The link and its invitation, while it works and the person is not stopped."""
    both = select(links.Link, Invitation).join(Invitation, Invitation.id == links.Link.about_id)
    row = db.session.execute(_working(both, links.Link.token_hash == links.digest(token), now)).first()
    return (row[0], row[1]) if row and row[1].person.active else None


def still_works(link_id: uuid.UUID, now: dt.datetime) -> Invitation | None:
    """The invitation whose link somebody came in by, as long as that link works and the person is not stopped."""
    invitation = db.session.scalar(_working(select(Invitation).join(links.Link, links.Link.about_id == Invitation.id), links.Link.id == link_id, now))
    return invitation if invitation and invitation.person.active else None


def _working(query: Select[Any], which: ColumnElement[bool], now: dt.datetime) -> Select[Any]:
    """Asked for together: every request of a guest begins with it."""
    return query.where(which, links.Link.purpose == Purpose.INVITATION, *links.works(now)).options(*ASKED)
