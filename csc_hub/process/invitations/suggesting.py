"""Whom to think of: agencies that took part in the assessment, that hold actions here, or that came last time (guidance: Attendance)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import func, literal, select

from csc_hub.db import db
from csc_hub.people.mergers import Merger
from csc_hub.people.records import Agency
from csc_hub.process.assessments.records import Involvement
from csc_hub.process.conferences.records import Change, Conference
from csc_hub.process.invitations.records import Attendance, Earlier
from csc_hub.process.invitations.register import HERE


@dataclass
class Suggested:
    """An agency to think of, and why; the reasons joined where there are several."""

    name: str
    why: str = ""


def suggested(conference: Conference) -> dict[uuid.UUID, Suggested]:
    """agency -> why to think of it."""
    own, found = conference.context_id, {}

    def add(agencies: Iterable[tuple[uuid.UUID, str]], reason: str) -> None:
        for agency, name in dict(agencies).items():
            one = found.setdefault(agency, Suggested(name))
            one.why = f"{one.why}, {reason}" if one.why else reason

    involved = select(literal(False), Agency.id, Agency.name).join(Involvement, Involvement.agency_id == Agency.id).where(Involvement.context_id == own)
    came = select(literal(True), Agency.id, Agency.name).join(Attendance, Attendance.agency_id == Agency.id).join(
        Conference, Conference.id == Attendance.conference_id).where(
        Conference.context_id == own, Conference.id != conference.id, Attendance.how.in_(HERE))
    before = select(literal(True), Agency.id, Agency.name).select_from(Earlier).outerjoin(Merger, Merger.from_id == Earlier.agency_id).join(
        Agency, Agency.id == func.coalesce(Merger.into_id, Earlier.agency_id)).join(Change, Change.id == Earlier.change_id).join(
        Conference, Conference.id == Change.conference_id).where(Conference.context_id == own, Earlier.came)  # to a meeting that was then held again on another day
    rows = [tuple(row) for row in db.session.execute(involved.union_all(came, before))]
    add(((key, name) for later, key, name in rows if not later), "took part in the assessment")
    add(current_app.extensions["csc_holders"](own), "holds actions here")
    add(((key, name) for later, key, name in rows if later), "came to an earlier conference")
    return found
