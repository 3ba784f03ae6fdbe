"""Where cases stand: every fact that lists, frames and countdowns are computed from, in two queries for any number of contexts."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Date, Integer, bindparam, cast, func, literal, null, or_, select, type_coerce, union_all
from sqlalchemy.orm import aliased

from csc_hub.db import DayOf, Moment, rows_of
from csc_hub.kernel import LONDON
from csc_hub.people.records import Person
from csc_hub.papers.records import Check, Paper
from csc_hub.process.assessments.records import Assessment, Finding, Report, ReportVersion
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences.records import Change, Conference, CouncilFigure, PreMeeting
from csc_hub.process.conferences.rules import Move, State
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations.records import STAYED, Answer, Invitation
from csc_hub.process.invitations.rules import ASKED, Reply
from csc_hub.process.plans.records import Action, Plan, Worry
from csc_hub.process.plans.statuses import ENDED


class Standing(NamedTuple):
    """One context: what there is of its assessment, conference and plan."""

    context_id: uuid.UUID
    lead: str | None
    context_chair: str | None
    period_from: dt.date | None
    period_to: dt.date | None
    mapping_date: dt.date | None
    signed_off: dt.date | None
    conference_id: uuid.UUID | None
    conference_state: str | None
    day: dt.date | None
    """Of the conference in hand."""
    minutes: int | None
    chair: str | None
    chair_active: bool | None
    venue: str | None
    near: str | None
    near_reason: str | None
    agenda: list[int] | None
    lead_agreed: bool | None
    chair_agreed: bool | None
    review_on: dt.date | None
    issue: int | None
    changed: bool | None
    priorities_told: bool | None
    met_on: dt.date | None
    """From which the 20 weeks count: of the last conference that has a date."""
    priorities: int
    kinds: str | None
    actions: int
    late: int
    unsent: int
    released: int
    adjourned_on: dt.date | None
    """The day of the meeting that was adjourned and is to be held again."""
    findings: int | None = None
    worries: int | None = None
    asked: int | None = None
    """These three only where the frame of one context asks for them."""

    @property
    def reports(self) -> list[str]:
        """The kinds of report that are there."""
        return self.kinds.split(",") if self.kinds else []


@dataclass
class Gathered:
    """What was gathered for one conference: how many on the list are still there to be asked, which questions have an answer, which meetings were held."""

    invitees: int = 0
    answered: set[int] = field(default_factory=set)
    held: dict[str, dt.date] = field(default_factory=dict)


def of(contexts: Collection[uuid.UUID], today: dt.date, framed: bool = False) -> dict[uuid.UUID, Standing]:
    """Where each of these contexts stands; `framed`: with what only a frame says."""
    if not contexts:
        return {}
    return {row[0]: Standing(*row) for row in rows_of(_standing(framed), {"ids": list(contexts), "today": today})}


@cache
def _standing(framed: bool) -> Any:
    """The query, put together once: that takes longer than the database needs for its answer."""
    lead, named, chair = (aliased(Person, flat=True) for _ in range(3))
    return select(
        Context.id, lead.name, named.name, Assessment.period_from, Assessment.period_to, Assessment.mapping_date, type_coerce(Assessment.signed_off_at, DayOf),
        Conference.id, Conference.state, type_coerce(Conference.starts_at, DayOf), Conference.minutes, chair.name, chair.active, Conference.venue, Conference.near, Conference.near_reason, Conference.agenda,
        Conference.lead_agreed_at.is_not(None), Conference.chair_agreed_at.is_not(None), Conference.review_on, Plan.issue, Plan.changed_since,
        Conference.priorities_told_at.is_not(None), type_coerce(_conference("starts_at", dated=True), DayOf), *_counts(framed),
    ).select_from(Context).outerjoin(lead, lead.id == Context.lead_id).outerjoin(named, named.id == Context.chair_id).outerjoin(
        Assessment, Assessment.context_id == Context.id).outerjoin(
        Plan, Plan.context_id == Context.id).outerjoin(
        Conference, Conference.id == _conference("id", dated=False)).outerjoin(
        chair, chair.id == Conference.chair_id).where(Context.id.in_(bindparam("ids", expanding=True)))


def _conference(name: str, *, dated: bool) -> Any:
    """A column of the last conference of a context: of the one in hand, or of the last that was planned for a date."""
    other = aliased(Conference)
    which = (other.state == State.PLANNED, other.starts_at.is_not(None)) if dated else (other.state != State.CANCELLED,)
    return select(getattr(other, name)).where(other.context_id == Context.id, *which).order_by(
        other.number.desc()).limit(1).correlate(Context).scalar_subquery()


def _counts(framed: bool) -> list[Any]:
    """What is counted of a context, each by an index."""
    def of_context(table: Any, *where: Any, what: Any = None) -> Any:
        counted = select(func.count() if what is None else what).select_from(table)
        return counted.where(table.context_id == Context.id, *where).correlate(Context).scalar_subquery()

    def of_conference(*where: Any) -> Any:
        return select(func.count()).select_from(Invitation).where(Invitation.conference_id == Conference.id, *where).correlate(Conference).scalar_subquery()

    ended = [str(status) for status in ENDED]
    there = select(ReportVersion.id).join(Paper, Paper.id == ReportVersion.paper_id).where(
        ReportVersion.report_id == Report.id, Paper.withdrawn_at.is_(None), Paper.check != Check.INFECTED).correlate(Report).exists()
    counts = [
        of_context(Finding, Finding.priority), of_context(Report, there, what=func.aggregate_strings(Report.kind, ",")),
        of_context(Action), of_context(Action, Action.issued_in.is_not(None), Action.due_on < bindparam("today", type_=Date()), Action.status.not_in(ended)),
        select(func.count()).select_from(Invitation).join(Person, Person.id == Invitation.person_id).where(
            Invitation.conference_id == Conference.id, Invitation.sent_at.is_(None), Invitation.withdrawn_at.is_(None), Invitation.reply == Reply.NONE,
            Invitation.person_id.is_distinct_from(Conference.chair_id), STAYED).correlate(Conference).scalar_subquery(),
        select(func.count()).select_from(ReportVersion).join(Report, Report.id == ReportVersion.report_id).join(Paper, Paper.id == ReportVersion.paper_id).where(
            Report.context_id == Context.id, Paper.withdrawn_at.is_(None), ReportVersion.released_at.is_not(None), ReportVersion.recalled_at.is_(None)).correlate(Context).scalar_subquery(),
        type_coerce(select(Change.was_at).where(
            Change.conference_id == Conference.id, Conference.state == State.ADJOURNED, Change.move == Move.ADJOURN, Change.was_at.is_not(None)).order_by(
            Change.at.desc()).limit(1).correlate(Conference).scalar_subquery(), DayOf),
    ]
    worries = select(func.count()).select_from(Worry).where(Worry.plan_id == Plan.id).correlate(Plan).scalar_subquery()
    return [*counts, of_context(Finding), worries, of_conference(Invitation.withdrawn_at.is_(None))] if framed else counts


def gathered(ids: Sequence[uuid.UUID], today: dt.date) -> tuple[dict[uuid.UUID, Gathered], dict[str, int]]:
    """What was gathered for each of these conferences, and the council's figures. Whoever has left before the meeting answers no question."""
    found: dict[uuid.UUID, Gathered] = defaultdict(Gathered)
    changed: dict[str, int] = {}
    for conference_id, what, text, number, why, on in rows_of(_gathered(), {"ids": ids, "morning": dt.datetime.combine(today, dt.time(), LONDON)}):
        if what == "asked":
            found[conference_id].invitees += 1
            if text in ASKED:
                found[conference_id].answered.update(why)
        elif what == "answer":
            found[conference_id].answered.add(number)
        elif what == "held":
            found[conference_id].held[text] = on
        else:
            changed[text] = number
    return found, conferences.figures(changed)


@cache
def _gathered() -> Any:
    ids = bindparam("ids", expanding=True)

    def rows(conference: Any, what: str, text: Any = null(), number: Any = null(), why: Any = null(), on: Any = null()) -> Any:
        return select(conference, literal(what), text, number, why, on)

    return union_all(
        rows(Invitation.conference_id, "asked", Invitation.reply, cast(null(), Integer), Invitation.why, cast(null(), Date)).join(
            Person, Person.id == Invitation.person_id).join(Conference, Conference.id == Invitation.conference_id).where(
            Invitation.conference_id.in_(ids), Invitation.withdrawn_at.is_(None), or_(STAYED, Conference.starts_at < bindparam("morning", type_=Moment()))),
        rows(Answer.conference_id, "answer", number=Answer.question).where(
            Answer.conference_id.in_(ids), Answer.question.is_not(None), Answer.text != ""),
        rows(PreMeeting.conference_id, "held", PreMeeting.kind, on=PreMeeting.done_on).where(
            PreMeeting.conference_id.in_(ids), PreMeeting.done_on.is_not(None)),
        rows(null(), "figure", CouncilFigure.name, CouncilFigure.value))
