"""Papers for those who are invited: released version by version, taken back, and who has opened them (guidance: Papers)."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import func, select, update

from csc_hub.audit import service as audit
from csc_hub.audit.records import Event
from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused, today
from csc_hub.papers.records import Check, Paper
from csc_hub.people.records import Person
from csc_hub.process.agreements import covering
from csc_hub.process.assessments import records as assessments
from csc_hub.process.assessments.records import Report, ReportVersion
from csc_hub.process.assessments.rules import Kind
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import letters, links, records, rules
from csc_hub.process.invitations.records import Invitation, Leave


@dataclass(frozen=True)
class Circulated:
    """One version of a report as the list of papers shows it."""

    version: ReportVersion
    title: str
    opened_by: tuple[str, ...]
    leaves: list[Leave] = field(default_factory=list)
    """What the chair lets somebody read without cover, as long as that lasts."""

    @property
    def open(self) -> bool:
        """Whether those invited can see it now."""
        return bool(self.version.released_at and not self.version.recalled_at)


def of_context(context: Context, conference: Conference) -> list[Circulated]:
    """Every version of every report, newest first within a report, with those invited who opened it and those whom the chair lets read it."""
    opened = select(func.aggregate_strings(Event.actor, "|")).where(
        Event.subject == ReportVersion.paper_id, Event.verb == "opened_paper").correlate(ReportVersion).scalar_subquery()
    on_list = select(Invitation.id).where(Invitation.conference_id == conference.id)
    query = select(Report.kind, ReportVersion, opened, Leave).join(ReportVersion, ReportVersion.report_id == Report.id).join(
        Paper, Paper.id == ReportVersion.paper_id).outerjoin(
        Leave, (Leave.version_id == ReportVersion.id) & Leave.ended_at.is_(None) & Leave.invitation_id.in_(on_list)).where(
        Report.context_id == context.id, Paper.withdrawn_at.is_(None)).order_by(Report.kind, ReportVersion.number.desc(), Leave.at)
    found: dict[uuid.UUID, Circulated] = {}
    for kind, version, names, leave in db.session.execute(query):
        opened_by = tuple(dict.fromkeys(names.split("|"))) if names else ()
        paper = found.setdefault(version.id, Circulated(version, f"{Kind(kind).label}, version {version.number}", opened_by))
        paper.leaves.extend([leave] if leave and not version.recalled_at else [])
    return list(found.values())


def openings(context: Context, invitations: Sequence[Invitation]) -> dict[uuid.UUID, list[tuple[str, dt.datetime]]]:
    """person -> (paper and version, when first opened) of every version of a report that they opened, the first first."""
    sent = [i.person_id for i in invitations if i.sent_at]
    query = select(Event.actor_id, Report.kind, ReportVersion.number, func.min(Event.at)).join(ReportVersion, ReportVersion.paper_id == Event.subject).join(
        Report, Report.id == ReportVersion.report_id).where(
        Report.context_id == context.id, Event.verb == "opened_paper", Event.actor_id.in_(sent)).group_by(
        Event.actor_id, Report.kind, ReportVersion.number).order_by(func.min(Event.at))
    found: dict[uuid.UUID, list[tuple[str, dt.datetime]]] = {}
    for person, kind, number, at in db.session.execute(query) if sent else ():
        found.setdefault(person, []).append((f"{Kind(kind).label}, version {number}", at))
    return found


def version_of(context: Context, version_id: uuid.UUID) -> ReportVersion:
    """A version of this context's reports. Raises `NotFound` for another's."""
    version = db.session.get(ReportVersion, version_id)
    report = db.session.get(Report, version.report_id) if version else None
    if version is None or report is None or report.context_id != context.id or version.paper.withdrawn_at:
        raise NotFound
    return version


def title_of(version: ReportVersion) -> str:
    """What a version is of, and which one it is."""
    return f"{Kind(db.session.get_one(Report, version.report_id).kind).label}, version {version.number}"


def readers(conference: Conference, version: ReportVersion, now: dt.datetime) -> list[Invitation]:
    """Those who may read a version as soon as it is released."""
    asked = [i for i in records.of_conference(conference.id) if i.sent_at and i.person.email and i.person.active]
    standings, leaves = covering.standings(asked, conference.id, today(now)), records.leaves(conference.id)
    return [i for i in asked if rules.obstacle_to_reading(
        True, False, standings[i.person_id], (i.id, version.id) in leaves, i.reply_, i.withdrawn_at is not None) is None]


def release(context: Context, conference: Conference, version: ReportVersion, by: Person, now: dt.datetime) -> int:
    """Opens a version to those invited who may read it, and tells them; how many were told. An earlier version is closed."""
    if version.paper.check_ in (Check.WAITING, Check.INFECTED):
        raise Refused("This paper has not been found clean of viruses, so it cannot be released yet")
    if version.released_at and not version.recalled_at:
        raise Refused("This version is released already")
    closed = [other for other in db.session.get_one(Report, version.report_id).versions if other.released_at and not other.recalled_at]
    for other in closed:  # taking the newer one back must not open an older one again
        other.recalled_at, other.recalled_by, other.recall_reason = now, by.name, f"Replaced by version {version.number}"
    version.released_at, version.released_by, version.recalled_at, version.recalled_by, version.recall_reason = now, by.name, None, "", ""
    told, had = readers(conference, version, now), _opened_before(version)
    for invitation in told:
        letters.post("newer" if invitation.person_id in had else "paper", invitation, conference, links.make(invitation, conference, now), now)
    db.session.flush()
    audit.record("released_paper", by, now, subject=version.paper_id, context_id=context.id, told=len(told))
    for other in closed:
        lost = _lose(conference, other, told, now)
        audit.record("recalled_paper", by, now, subject=other.paper_id, context_id=context.id, told=lost, about=f"replaced by version {version.number}")
    return len(told)


def _lose(conference: Conference, closed: ReportVersion, told: Sequence[Invitation], now: dt.datetime) -> int:
    """Ends the chair's leaves to read a version, and tells whoever read it by one alone that it was taken back; how many."""
    leaves = db.session.execute(select(Leave, Invitation).join(Invitation, Invitation.id == Leave.invitation_id).where(
        Invitation.conference_id == conference.id, Leave.version_id == closed.id, Leave.ended_at.is_(None))).unique().all()
    had, lost = {invitation.id for invitation in told}, 0
    for leave, invitation in leaves:
        leave.ended_at = now
        if invitation.id not in had and invitation.person.email and invitation.person.active:
            letters.post("recalled", invitation, conference, None, now)
            lost += 1
    db.session.flush()
    return lost


def _opened_before(version: ReportVersion) -> set[uuid.UUID | None]:
    """Those who opened an earlier version of the same report."""
    earlier = select(ReportVersion.paper_id).where(ReportVersion.report_id == version.report_id, ReportVersion.number < version.number)
    return set(db.session.scalars(select(Event.actor_id).where(Event.subject.in_(earlier), Event.verb == "opened_paper")))


def recall(context: Context, conference: Conference, version: ReportVersion, reason: str, by: Person, now: dt.datetime) -> list[str]:
    """Takes a version back at once, ends the chair's leaves to read it, and tells those who had opened it; their names."""
    if not version.released_at or version.recalled_at:
        raise Refused("This version is not released, so there is nothing to take back")
    if not reason:
        raise Refused("Give the reason, so that somebody who reads this in a year understands it", "reason")
    version.recalled_at, version.recalled_by, version.recall_reason = now, by.name, reason
    db.session.execute(update(Leave).where(Leave.version_id == version.id, Leave.ended_at.is_(None)).values(ended_at=now))
    opened = set(db.session.scalars(select(Event.actor_id).where(Event.subject == version.paper_id, Event.verb == "opened_paper")))
    told = [i for i in records.of_conference(conference.id) if i.person_id in opened]
    for invitation in told:
        if invitation.person.email and invitation.person.active:
            letters.post("recalled", invitation, conference, None, now)
    db.session.flush()
    audit.record("recalled_paper", by, now, subject=version.paper_id, context_id=context.id, told=len(told))
    return [i.person.name for i in told]


def tell_priorities(context: Context, conference: Conference, by: Person, now: dt.datetime) -> int:
    """Shows the priority issues to those invited on their own pages, and tells them; how many (guidance: Agenda)."""
    if not any(finding.priority for finding in assessments.findings(context.id)):
        raise Refused("Choose one or two priority issues first, on the assessment’s page")
    conference.priorities_told_at = now
    told = [i for i in records.of_conference(conference.id) if i.sent_at and not i.withdrawn_at and i.reply_ in rules.ASKED and i.person.email and i.person.active]
    for invitation in told:
        letters.post("priorities", invitation, conference, links.make(invitation, conference, now), now)
    db.session.flush()
    audit.record("told_priorities", by, now, subject=conference.id, context_id=context.id, told=len(told))
    return len(told)
