"""Attendance by agency across conferences: how often each came to the meetings it was invited to."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g
from flask_login import current_user
from sqlalchemy import func, join, or_, select

from csc_hub.db import db
from csc_hub.kernel import today
from csc_hub.overview.tallies import Meeting, tallies
from csc_hub.people.mergers import Merger
from csc_hub.people.records import Agency, Person
from csc_hub.people.rules import May
from csc_hub.process.conferences.records import Change, Conference
from csc_hub.process.conferences.rules import State
from csc_hub.process.contexts import service as contexts
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations.records import Attendance, Earlier, Invitation
from csc_hub.process.invitations.register import HERE, How
from csc_hub.process.invitations.rules import Reply
from csc_hub.web import guards
from csc_hub.web.pages import page

bp = Blueprint("attendance", __name__)
COUNTED = 200
"""Conferences that are counted, the newest first; and as many meetings that were held and then given up."""


@bp.get("/attendance")
@guards.may(May.READ_CASE)
def show() -> Any:
    """Each agency’s attendance at the meetings that this person may see."""
    held = [row for row in _held() if row.starts_at + dt.timedelta(minutes=row.minutes) <= g.now]
    counted, earlier = [row for row in held if row.registered][:COUNTED], _earlier()
    return page("overview/attendance.html", tallies=tallies([*_rows(counted), *earlier]), counted=len(counted), without=len([1 for row in held if not row.registered]),
                adjourned=len({m.adjourned for _, m in earlier}), most=COUNTED)


def _held() -> Sequence[Any]:
    """(id, starts_at, minutes, context_id, reference, registered: whether anybody is in its register) of what was held and this person may see, newest first."""
    has = select(Attendance.id).where(Attendance.conference_id == Conference.id).exists().label("registered")
    query = select(Conference.id, Conference.starts_at, Conference.minutes, Conference.context_id, Context.reference, has).join(Context, Context.id == Conference.context_id).where(
        Conference.state == State.PLANNED, Conference.starts_at < g.now).order_by(Conference.starts_at.desc()).limit(2 * COUNTED)
    return db.session.execute(_visible(query)).all()


def _visible(query: Any) -> Any:
    """Only contexts that this person may open."""
    where = contexts.within(current_user, g.now)
    if where["within"] is None:
        return query
    within, but_not = where["within"].params(where["given"]), where["but_not"]
    if but_not is None:
        return query.where(Context.id.in_(within))
    return query.where(or_(Context.type != but_not, Context.id.in_(within)))


def _earlier() -> list[tuple[str, Meeting]]:
    """(agency, meeting) of meetings that were held and then given up, with their own attendance; the newest ones."""
    newest = _visible(select(Change.id).join(Conference, Conference.id == Change.conference_id).join(Context, Context.id == Conference.context_id).where(
        select(Earlier.change_id).where(Earlier.change_id == Change.id).exists())).order_by(Change.was_at.desc()).limit(COUNTED)
    rows = db.session.execute(select(
        Agency.name, Earlier.invited, Earlier.came, Earlier.excused, Earlier.change_id, Change.was_at, Conference.id, Conference.context_id, Context.reference).outerjoin(
        Merger, Merger.from_id == Earlier.agency_id).join(Agency, Agency.id == func.coalesce(Merger.into_id, Earlier.agency_id)).join(
        Change, Change.id == Earlier.change_id).join(Conference, Conference.id == Change.conference_id).join(Context, Context.id == Conference.context_id).where(
        Change.id.in_(newest.scalar_subquery())))
    return [(name, Meeting(str(conference_id), str(context_id), reference, today(was_at), invited, came, excused, str(change_id)))
            for name, invited, came, excused, change_id, was_at, conference_id, context_id, reference in rows]


def _rows(counted: Sequence[Any]) -> list[tuple[str, Meeting]]:
    """(agency, meeting) for everybody invited, for the chair and the lead practitioner, and for everybody noted."""
    known = {row.id: (str(row.id), str(row.context_id), row.reference, today(row.starts_at)) for row in counted}

    def meeting(conference_id: uuid.UUID, *, invited: bool = False, came: bool = False, excused: bool = False) -> Meeting:
        return Meeting(*known[conference_id], invited, came, excused)

    asked = db.session.execute(select(Agency.name, Invitation.conference_id, Invitation.reply).join(Agency, Agency.id == Invitation.agency_id).where(
        Invitation.conference_id.in_(known), Invitation.withdrawn_at.is_(None)))
    noted = db.session.execute(select(Agency.name, Attendance.conference_id, Attendance.how).join(Agency, Agency.id == Attendance.agency_id).where(
        Attendance.conference_id.in_(known)))
    offices = [(Conference.chair_id, Conference), (Context.lead_id, join(Conference, Context, Context.id == Conference.context_id))]
    by_office = [row for person, table in offices for row in db.session.execute(select(Agency.name, Conference.id).select_from(table).join(
        Person, Person.id == person).join(Agency, Agency.id == Person.agency_id).where(Conference.id.in_(known)))]
    return [*((agency, meeting(conference, invited=True)) for agency, conference in by_office),
            *((agency, meeting(conference, invited=True, excused=reply == Reply.DECLINED)) for agency, conference, reply in asked),
            *((agency, meeting(conference, came=how in HERE, excused=how == How.APOLOGIES)) for agency, conference, how in noted)]
