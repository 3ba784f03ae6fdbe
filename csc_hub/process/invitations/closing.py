"""What becomes of a register when its conference is given another day: it stays in the history, and is counted with the others."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from sqlalchemy import select

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import today
from csc_hub.people.records import Person
from csc_hub.process.conferences.records import Change, Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import attending, records, register, sending
from csc_hub.process.invitations.records import Attendance, Earlier
from csc_hub.process.invitations.register import How
from csc_hub.process.invitations.rules import Reply


def obstacle_to_moving(conference: Conference, now: dt.datetime) -> str | None:
    """Why a conference can neither be put off nor given another date, or None."""
    came = sum(How(row.how) in register.HERE for row in records.attendances(conference.id))
    return register.obstacle_to_moving(came, conference.day, today(now), conference.sufficient)


def conference_changed(context: Context, conference: Conference, by: Person, now: dt.datetime) -> tuple[int, int]:
    """After a conference was moved: a register of the day it had goes into its history in words, and everybody asked is told; how many by mail, and how many not."""
    if conference.day is None or conference.day > today(now):
        close(context, conference, by, now)
    return sending.tell_change(context, conference, by, now)


def close(context: Context, conference: Conference, by: Person, now: dt.datetime) -> None:
    """Writes the register into the conference's history and empties it, for the day on which the conference is held again."""
    rows = records.attendances(conference.id)
    change = db.session.scalar(select(Change).where(Change.conference_id == conference.id).order_by(Change.at.desc()).limit(1))
    if change is None or not (rows or conference.sufficient or conference.young_people is not None):
        return
    said = register.in_words(attending.lines(context, conference), conference.sufficient, conference.sufficient_words, conference.young_people)
    if any(How(row.how) in register.HERE for row in rows):
        _count_by_agency(context, conference, change, rows)
    db.session.add(Change(conference_id=conference.id, at=now, by_name=by.name, move=change.move, reason=f"The register of that day, kept in words.\n{said}"))
    for row in rows:
        db.session.delete(row)
    conference.sufficient = conference.sufficient_words = conference.sufficient_by = ""
    conference.sufficient_at = conference.young_people = None
    db.session.flush()
    audit.record("closed_register", by, now, subject=conference.id, context_id=context.id, number=len(rows))


def _count_by_agency(context: Context, conference: Conference, change: Change, rows: Sequence[Attendance]) -> None:
    """Keeps one line for each agency of a meeting that was held: whether it was invited, came, or sent apologies."""
    found: dict[uuid.UUID, Earlier] = {}

    def note(agency_id: uuid.UUID | None, *, invited: bool = False, came: bool = False, excused: bool = False) -> None:
        if agency_id is None:
            return
        line = found.setdefault(agency_id, Earlier(change_id=change.id, agency_id=agency_id, invited=False, came=False, excused=False))
        line.invited, line.came, line.excused = line.invited or invited, line.came or came, line.excused or excused

    for person in (conference.chair, context.lead):
        note(person.agency_id if person else None, invited=True)
    for invitation in records.of_conference(conference.id):
        if not invitation.withdrawn_at:
            note(invitation.agency_id, invited=True, excused=invitation.reply_ is Reply.DECLINED)
    for row in rows:
        note(row.agency_id, came=How(row.how) in register.HERE, excused=How(row.how) is How.APOLOGIES)
    db.session.add_all(found.values())
