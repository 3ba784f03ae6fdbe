"""Plan a conference, move it, agree its attendance, and keep the council's figures."""

from __future__ import annotations

import datetime as dt
import uuid

from flask import current_app

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused
from csc_hub.kernel import today as date_of
from csc_hub.people import service as people_service
from csc_hub.people.records import Person
from csc_hub.people.rules import Role
from csc_hub.process.assessments import records as assessments
from csc_hub.process.conferences import figures, records, rules
from csc_hub.process.conferences.records import Change, Conference, CouncilFigure, PreMeeting
from csc_hub.process.conferences.rules import ConferenceDraft, Move, State
from csc_hub.process.contexts.records import Context
from csc_hub.process.contexts.rules import Type

KEPT = ("starts_at", "minutes", "chair_id", "chair_reason", "independence_note", "venue", "address", "access", "near", "near_reason", "online_link", "place_hidden")


def _record(verb: str, context: Context, by: Person, now: dt.datetime, subject: uuid.UUID, **detail: object) -> None:
    db.session.flush()
    audit.record(verb, by, now, subject=subject, context_id=context.id, **detail)


def found(conference_id: uuid.UUID, context: Context) -> Conference:
    """A conference of this context. Raises `NotFound` for another's."""
    conference = db.session.get(Conference, conference_id)
    if conference is None or conference.context_id != context.id:
        raise NotFound
    return conference


def begin(context: Context, by: Person, now: dt.datetime) -> Conference:
    """The conference in hand, begun if there is none yet. Raises `Refused` while none may be planned."""
    conference = records.current(context.id)
    if conference is not None:
        return conference
    fault = rules.obstacle_to_planning(context.state_, assessments.of_context(context.id) is not None)
    if fault:
        raise Refused(fault)
    number = max((c.number for c in records.of_context(context.id)), default=0) + 1
    conference = Conference(
        context_id=context.id, number=number, minutes=120, chair_id=context.chair_id,
        agenda=rules.suggested_agenda(120, records.figures()["plan_share"]))
    db.session.add(conference)
    _record("planned_conference", context, by, now, conference.id)
    return conference


def _checked(context: Context, draft: ConferenceDraft, conference: Conference, now: dt.datetime) -> ConferenceDraft:
    """The conference as it is kept. Raises `Refused` at the field at fault."""
    chair = db.session.get(Person, draft.chair_id) if draft.chair_id else None
    if draft.chair_id and (chair is None or not chair.active or Role.CHAIR not in chair.roles):
        gone = f"{chair.name} no longer chairs: the access has ended. " if chair and chair.id == conference.chair_id else ""
        raise Refused(f"{gone}Choose somebody who is a chair", "chair_id")
    own = bool(chair and context.type == Type.SCHOOL and chair.agency and chair.agency.kind.number == 4)
    unmoved, title = draft.starts_at == conference.starts_at, chair.job_title if chair else ""
    fault = rules.fault_of(
        draft, context.type_, title, bool(chair and chair.id == context.lead_id), own,
        dt.datetime.min.replace(tzinfo=dt.timezone.utc) if unmoved else now)
    if fault:
        raise Refused(fault[1], fault[0])
    day = date_of(draft.starts_at) if draft.starts_at else None
    moved = rules.fault_of_new_date(day, conference.review_on) if day and day != conference.day else None
    if moved:
        raise Refused(moved, "day")
    return rules.without_idle_reasons(draft, context.type_, title, own)


def save(context: Context, draft: ConferenceDraft, by: Person, now: dt.datetime) -> tuple[Conference, tuple[int, int]]:
    """Keeps a conference's details; with it, how many are told by mail and how many cannot be. A new date of one that had a date is kept in its history."""
    conference = begin(context, by, now)
    draft = _checked(context, draft, conference, now)
    if conference.starts_at and draft.starts_at is None:
        raise Refused("Enter the date. If there is to be none for now, go back and postpone the conference: that asks for the reason", "day")
    if conference.starts_at and draft.starts_at != conference.starts_at:
        fault = obstacle_to_moving(conference, now)
        if fault:
            raise Refused(fault, "day")
        _change(conference, Move.MOVE_DATE, "", by, now)
    before = _where_and_when(conference)
    if draft.minutes != conference.minutes:
        conference.agenda = rules.agenda_for(conference.agenda, conference.minutes, draft.minutes, records.figures()["plan_share"])
    if conference.chair_id and draft.chair_id != conference.chair_id:
        _keep_consultations(conference)
    changed = [name for name in KEPT if getattr(conference, name) != getattr(draft, name)]
    for name in changed:
        setattr(conference, name, getattr(draft, name))
    if draft.starts_at and conference.state_ in (State.POSTPONED, State.ADJOURNED):
        conference.state = State.PLANNED
    if draft.chair_id and draft.chair_id != context.chair_id:
        people_service.close_doors(context.id, Role.CHAIR, now)
        db.session.flush()
        people_service.open_door(uuid.UUID(str(draft.chair_id)), context.id, Role.CHAIR, "conferences", now)
        context.chair_id = uuid.UUID(str(draft.chair_id))
        conference.chair_agreed_at = None
    db.session.flush()
    db.session.expire(conference, ["chair"])
    db.session.expire(context, ["chair"])
    _record("changed_conference", context, by, now, conference.id, changed=changed)
    told = current_app.extensions["csc_conference_changed"](context, conference, by, now) if _where_and_when(conference) != before else (0, 0)
    return conference, told


def _keep_consultations(conference: Conference) -> None:
    """What was held with the chair so far was held with somebody else than with who chairs from now on."""
    name = conference.chair.name if conference.chair else ""
    for meeting in records.pre_meetings(conference.id):
        if meeting.kind == "chair" and meeting.done_on:
            meeting.kind, meeting.who = "earlier_chair", meeting.who or name


def _where_and_when(conference: Conference) -> tuple[object, ...]:
    """What people who were asked must hear of when it changes."""
    return conference.starts_at, conference.minutes, conference.venue, conference.address, conference.place_hidden


def _change(conference: Conference, move: Move, reason: str, by: Person, now: dt.datetime) -> None:
    db.session.add(Change(conference_id=conference.id, at=now, by_name=by.name, move=move, reason=reason, was_at=conference.starts_at))


def obstacle_to_moving(conference: Conference, now: dt.datetime) -> str | None:
    """Why a conference keeps its date, or None. A later step knows: it was held."""
    fault: str | None = current_app.extensions["csc_conference_held"](conference, now)
    return fault


def move(context: Context, conference: Conference, which: Move, reason: str, by: Person, now: dt.datetime) -> tuple[int, int]:
    """Postpones, adjourns or cancels, with the reason; how many are told by mail and how many cannot be. The date it had stays in the history."""
    fault = rules.fault_of_move(conference.state_, which, conference.day, date_of(now)) or obstacle_to_moving(conference, now)
    if fault:
        raise Refused(fault)
    if not reason:
        raise Refused("Give the reason, so that somebody who reads this in a year understands it", "reason")
    _change(conference, which, reason, by, now)
    conference.state = rules.MOVES[conference.state_][which]
    conference.starts_at = None
    _record("moved_conference", context, by, now, conference.id, move=which.value)
    told: tuple[int, int] = current_app.extensions["csc_conference_changed"](context, conference, by, now)
    return told


def set_agenda(context: Context, conference: Conference, minutes: list[int], by: Person, now: dt.datetime) -> None:
    """Allots minutes to the six items; the plan's share is protected."""
    fault = rules.fault_of_agenda(minutes, conference.minutes, records.figures()["plan_share"])
    if fault:
        raise Refused(fault[1], f"item{fault[0]}")
    conference.agenda = minutes
    _record("changed_agenda", context, by, now, conference.id)


def agree(context: Context, conference: Conference, by: Person, now: dt.datetime) -> None:
    """Records that the lead practitioner, or the chair, agrees to who is asked. Each agrees for themselves."""
    if by.id == context.lead_id:
        conference.lead_agreed_at = now
    elif by.id == conference.chair_id:
        conference.chair_agreed_at = now
    else:
        raise Refused("Only the lead practitioner and the chair of this conference agree to the list")
    _record("agreed_attendance", context, by, now, conference.id)


def unsettle(conference: Conference) -> None:
    """Takes both agreements back: the list has changed since."""
    conference.lead_agreed_at = conference.chair_agreed_at = None


def save_pre_meeting(
    context: Context, conference: Conference, meeting: PreMeeting | None, kind: str, who: str, planned: dt.date | None,
    done: dt.date | None, reported: dt.date | None, by: Person, now: dt.datetime, today: dt.date,
) -> None:
    """Adds or changes a pre-meeting."""
    fault = rules.fault_of_pre_meeting(kind, planned, done, reported, conference.day, today)
    if fault:
        raise Refused(fault[1], fault[0])
    meeting = meeting or PreMeeting(conference_id=conference.id)
    meeting.kind, meeting.who, meeting.planned_on, meeting.done_on, meeting.reported_on = kind, who, planned, done, reported
    db.session.add(meeting)
    db.session.flush()
    _record("kept_pre_meeting", context, by, now, meeting.id)


def set_outcome(context: Context, conference: Conference, review_on: dt.date | None, attendees: str, by: Person, now: dt.datetime) -> None:
    """Keeps what the plan's header needs: the date of review and who attended."""
    if review_on and conference.day:
        last = conference.day + dt.timedelta(days=rules.REVIEW_DAYS)
        fault = rules.fault_of_review(conference.day, review_on, last)
        if fault:
            raise Refused(fault, "review_on")
    conference.review_on, conference.attendees = review_on, attendees
    _record("changed_plan", context, by, now, conference.id)


def set_figure(name: str, value: int, by: Person, now: dt.datetime) -> bool:
    """Changes one of the council's figures; False where it is the same already."""
    fault = figures.obstacle_to(figures.BY_NAME[name], value)
    if fault:
        raise Refused(fault, name)
    row = records.figure_rows().get(name)
    before = row.value if row else figures.BY_NAME[name].default
    if before == value:
        return False
    row = row or CouncilFigure(name=name)
    row.value = value
    db.session.add(row)
    db.session.flush()
    audit.record("changed_figure", by, now, subject=row.id, figure=name, before=before, after=value)
    return True


def remarks(conference: Conference) -> list[str]:
    """What is said, and not refused, about the date."""
    return rules.remarks_on(conference.starts_at, bank_holidays()) if conference.starts_at else []
