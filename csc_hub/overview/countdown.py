"""The countdown of each conference, computed from the whole record in a fixed number of queries, and who must move next."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.db import db
from csc_hub.kernel import today as date_of
from csc_hub.people.records import Agency, Person
from csc_hub.process.assessments import rules as assessment_rules
from csc_hub.process.assessments.records import Assessment, Finding, Report
from csc_hub.process.assessments.rules import AssessmentFacts, Kind
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences import rules
from csc_hub.process.conferences.records import Conference, PreMeeting
from csc_hub.process.conferences.rules import Facts, Line, State
from csc_hub.process.contexts.records import Context
from csc_hub.process.contexts.rules import State as ContextState
from csc_hub.process.invitations import rules as invitation_rules
from csc_hub.process.invitations.records import Answer, Invitation
from csc_hub.process.invitations.rules import Asked, Reply

COUNTED = frozenset({ContextState.IN_ASSESSMENT, ContextState.ASSESSED})
IN_SERVICES = ("early_help", "in_need", "protection", "looked_after", "youth_justice")


@dataclass(frozen=True)
class Countdown:
    """A conference and the lines up to it."""

    context: Context
    conference: Conference | None
    lines: list[Line]

    @property
    def next(self) -> Line | None:
        """What is next."""
        return rules.next_line(self.lines)

    @property
    def done(self) -> int:
        """How many lines are done."""
        return sum(line.done is rules.Done.DONE for line in self.lines)


def of(contexts: Sequence[Context], today: dt.date) -> list[Countdown]:
    """The countdowns of these contexts, of those that are on their way to a conference."""
    wanted = [context for context in contexts if context.state_ in COUNTED]
    ids = [context.id for context in wanted]
    if not ids:
        return []
    figures, holidays = conferences.figures(), bank_holidays()
    assessments = {a.context_id: a for a in db.session.scalars(select(Assessment).where(Assessment.context_id.in_(ids)))}
    priorities = {context_id: number for context_id, number in db.session.execute(select(Finding.context_id, func.count()).where(
        Finding.context_id.in_(ids), Finding.priority).group_by(Finding.context_id))}
    kinds: dict[uuid.UUID, list[Kind]] = defaultdict(list)
    for context_id, kind in db.session.execute(select(Report.context_id, Report.kind).where(Report.context_id.in_(ids))):
        kinds[context_id].append(Kind(kind))
    meetings = {c.context_id: c for c in db.session.scalars(select(Conference).where(
        Conference.context_id.in_(ids), Conference.state != State.CANCELLED).order_by(Conference.number))}
    held, lists, answers = _about([c.id for c in meetings.values()])
    leads = {person_id: name for person_id, name in db.session.execute(
        select(Person.id, Person.name).where(Person.id.in_([c.lead_id for c in wanted if c.lead_id])))}
    found = []
    for context in wanted:
        conference, assessment = meetings.get(context.id), assessments.get(context.id)
        facts = AssessmentFacts(
            context.state_, context.type_, assessment.period_from if assessment else None, assessment.period_to if assessment else None,
            context.threshold_met, priorities.get(context.id, 0), kinds[context.id])
        key = conference.id if conference else None
        asked, told = lists.get(key, []), answers.get(key, {})
        done = held.get(key, {})
        found.append(Countdown(context, conference, rules.countdown(Facts(
            today=today, day=conference.day if conference else None,
            signed_off=date_of(assessment.signed_off_at) if assessment and assessment.signed_off_at else None,
            assessment_left=assessment_rules.left_to_do(facts), priorities=priorities.get(context.id, 0),
            lead=leads.get(context.lead_id, ""), chair=conference.chair.name if conference and conference.chair else "",
            chair_met=done.get("chair"), agreed_by_lead=bool(conference and conference.lead_agreed_at),
            agreed_by_chair=bool(conference and conference.chair_agreed_at),
            unanswered=invitation_rules.unanswered(invitation_rules.questions(asked, told)), invitees=len(asked),
            venue=conference.venue if conference else "",
            agenda_fits=bool(conference and conference.day and not rules.fault_of_agenda(conference.agenda, conference.minutes, figures["plan_share"])),
            workers_needed=sum(context.counts.get(key, 0) for key in IN_SERVICES) > 1, workers_met=done.get("workers"),
            figures=figures, holidays=holidays))))
    return found


def _about(ids: list[uuid.UUID]) -> tuple[dict, dict, dict]:
    """(pre-meetings held, people asked, questions answered) of each conference."""
    held: dict[uuid.UUID, dict[str, dt.date]] = defaultdict(dict)
    lists: dict[uuid.UUID, list[Asked]] = defaultdict(list)
    answers: dict[uuid.UUID, dict[int, str]] = defaultdict(dict)
    if ids:
        for conference_id, kind, day in db.session.execute(select(PreMeeting.conference_id, PreMeeting.kind, PreMeeting.done_on).where(
                PreMeeting.conference_id.in_(ids), PreMeeting.done_on.is_not(None))):
            held[conference_id][kind] = day
        for conference_id, why, reply, name, agency, kind in db.session.execute(
                select(Invitation.conference_id, Invitation.why, Invitation.reply, Person.name, Agency.name, Agency.kind_id)
                .join(Person, Person.id == Invitation.person_id).outerjoin(Agency, Agency.id == Invitation.agency_id)
                .where(Invitation.conference_id.in_(ids))):
            lists[conference_id].append(Asked(name, agency or "", str(kind), why, Reply(reply)))
        for conference_id, question, text in db.session.execute(select(Answer.conference_id, Answer.question, Answer.text).where(
                Answer.conference_id.in_(ids), Answer.question.is_not(None))):
            answers[conference_id][question] = text
    return held, lists, answers


def waiting_for(person: Person, countdowns: Sequence[Countdown]) -> list[tuple[Countdown, Line]]:
    """What waits for this person, the earliest first: dated lines that name them, or else the next of a context."""
    rows = []
    for countdown in countdowns:
        own = [line for line in countdown.lines
               if line.done in (rules.Done.LATE, rules.Done.WAITING) and person.name in line.whose.split(" and ")]
        rows += [(countdown, line) for line in ([line for line in own if line.by] or own[:1])]
    return sorted(rows, key=lambda row: (row[1].by or dt.date.max, row[0].context.order))
