"""Those on the list who are not covered by the agreement: asked to sign, or let read one paper by the chair with a reason."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import select

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import Refused, today
from csc_hub.people.records import Person
from csc_hub.process.agreements import asking, covering
from csc_hub.process.agreements.rules import Cover, Standing
from csc_hub.process.assessments.records import ReportVersion
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import records
from csc_hub.process.invitations.records import Invitation, Leave
from csc_hub.process.invitations.rules import ASKED


def to_sign(invitations: Sequence[Invitation], standings: Mapping[uuid.UUID, Standing]) -> list[Invitation]:
    """Those still expected whose organisation must sign, or sign again, before papers open to them."""
    return [i for i in invitations if i.agency and not i.left and not i.withdrawn_at and i.reply_ in ASKED
            and (not standings[i.person_id].covered or standings[i.person_id].cover is Cover.GRACE)]


def ask_all(conference: Conference, by: Person, now: dt.datetime) -> int:
    """Asks everybody on the list who must sign and was not asked today; how many were."""
    invitations = records.of_conference(conference.id)
    waiting = to_sign(invitations, covering.standings(invitations, conference.id, today(now)))
    return asking.ask_all([(i.agency, i.person) for i in waiting if i.agency], conference.id, by, now, conference.context_id)


def ask_one(conference: Conference, invitation: Invitation, by: Person, now: dt.datetime) -> None:
    """Asks one person on the list to sign for their organisation."""
    if not to_sign([invitation], covering.standings([invitation], conference.id, today(now))) or invitation.agency is None:
        raise Refused(f"{invitation.person.name} does not have to sign")
    asking.ask(invitation.agency, invitation.person.name, invitation.person.email or "", invitation.person, conference.id, by, now, context_id=conference.context_id)


def must_chair(context: Context, conference: Conference, by: Person) -> None:
    """Raises `Refused` for all but the chair of this context or its conference."""
    if by.id not in (context.chair_id, conference.chair_id):
        raise Refused("Only the chair may let somebody read a paper without the agreement. Ask the chair")


def give_leave(context: Context, conference: Conference, version: ReportVersion, invitation: Invitation, reason: str, by: Person, now: dt.datetime) -> None:
    """The chair lets one person read one paper without cover, for a reason that is kept."""
    must_chair(context, conference, by)
    if not version.released_at or version.recalled_at or version.paper.withdrawn_at:
        raise Refused("This paper is not released, or was taken back. Release it first")
    if invitation.withdrawn_at:
        raise Refused(f"The invitation of {invitation.person.name} was withdrawn")
    if not reason:
        raise Refused("Give the reason, so that somebody who reads this in a year understands it", "reason")
    leave = _leave(invitation, version) or Leave(invitation_id=invitation.id, version_id=version.id)
    leave.reason, leave.by_name, leave.at, leave.ended_at = reason, by.name, now, None
    db.session.add(leave)
    db.session.flush()
    audit.record("gave_leave", by, now, subject=version.paper_id, context_id=context.id)


def end_leave(context: Context, conference: Conference, version: ReportVersion, invitation: Invitation, by: Person, now: dt.datetime) -> None:
    """Ends it at once."""
    must_chair(context, conference, by)
    leave = _leave(invitation, version)
    if leave is None or leave.ended_at:
        raise Refused("There is no such leave any more")
    leave.ended_at = now
    db.session.flush()
    audit.record("ended_leave", by, now, subject=version.paper_id, context_id=context.id)


def _leave(invitation: Invitation, version: ReportVersion) -> Leave | None:
    return db.session.scalar(select(Leave).where(Leave.invitation_id == invitation.id, Leave.version_id == version.id))
