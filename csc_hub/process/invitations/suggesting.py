"""Whom to think of: agencies that took part in the assessment, that hold actions here, or that came last time (guidance: Attendance)."""

from __future__ import annotations

import uuid

from flask import current_app
from sqlalchemy import literal, select

from csc_hub.db import db
from csc_hub.process.assessments.records import Involvement
from csc_hub.process.conferences.records import Change, Conference
from csc_hub.process.invitations.records import Attendance, Earlier
from csc_hub.process.invitations.register import HERE

def suggested(conference: Conference) -> dict[uuid.UUID, str]:
    """agency -> why to think of it; the reasons joined where there are several."""
    own, found = conference.context_id, {}

    def add(agencies: list[uuid.UUID | None], reason: str) -> None:
        for agency in dict.fromkeys(a for a in agencies if a):
            found.setdefault(agency, []).append(reason)

    involved = select(literal(False), Involvement.agency_id).where(Involvement.context_id == own)
    came = select(literal(True), Attendance.agency_id).join(Conference, Conference.id == Attendance.conference_id).where(
        Conference.context_id == own, Conference.id != conference.id, Attendance.how.in_(HERE))
    before = select(literal(True), Earlier.agency_id).join(Change, Change.id == Earlier.change_id).join(Conference, Conference.id == Change.conference_id).where(
        Conference.context_id == own, Earlier.came)  # to a meeting that was then held again on another day
    rows = [tuple(row) for row in db.session.execute(involved.union_all(came, before))]
    add([agency for later, agency in rows if not later], "took part in the assessment")
    add(current_app.extensions["csc_holders"](own), "holds actions here")
    add([agency for later, agency in rows if later], "came to an earlier conference")
    return {agency: ", ".join(reasons) for agency, reasons in found.items()}
