"""What makes a conference: who is expected to chair, what fits in the time, and what must be ready by when. Pure."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from csc_hub import kernel
from csc_hub.kernel import count, day_in_words
from csc_hub.process.contexts.rules import State as ContextState
from csc_hub.process.contexts.rules import Type

AGENDA = (
    # Headings of the guidance's suggested agenda, in short; minutes suggested for a meeting of two hours.
    ("Introduction and brief overview of meeting aim (Chair)", 10),
    ("Current concerns: what triggered the referral, how many young people are known to be affected (Lead practitioner)", 15),
    ("Overarching contextual vulnerability, risk and resilience factors", 20),
    ("Contextual strengths", 10),
    ("Current professional involvement with the context", 15),
    ("Agreed plan of priority interventions and actions", 50),
)
PLAN_ITEM = 5
REVIEW_DAYS = 140
"""The guidance's one hard limit: review no longer than 20 weeks after the conference. Calendar days."""
LONGEST_MINUTES = 8 * 60
SHORTEST_MINUTES = 30


class State(StrEnum):
    """What has become of a conference."""

    PLANNED = "planned"
    POSTPONED = "postponed"
    CANCELLED = "cancelled"
    ADJOURNED = "adjourned"

    @property
    def label(self) -> str:
        """The state as people read it."""
        return {"planned": "Planned", "postponed": "Postponed", "cancelled": "Cancelled",
                "adjourned": "Adjourned: not enough agencies"}[self]


class Move(StrEnum):
    """What somebody does with a conference."""

    MOVE_DATE = "move_date"
    POSTPONE = "postpone"
    ADJOURN = "adjourn"
    CANCEL = "cancel"

    @property
    def label(self) -> str:
        """The words on the button."""
        return {"move_date": "Set a new date", "postpone": "Postpone without a date", "cancel": "Cancel this conference",
                "adjourn": "Adjourn: not enough agencies"}[self]


MOVES: dict[State, dict[Move, State]] = {
    State.PLANNED: {Move.MOVE_DATE: State.PLANNED, Move.POSTPONE: State.POSTPONED, Move.ADJOURN: State.ADJOURNED, Move.CANCEL: State.CANCELLED},
    State.POSTPONED: {Move.MOVE_DATE: State.PLANNED, Move.CANCEL: State.CANCELLED},
    State.ADJOURNED: {Move.MOVE_DATE: State.PLANNED, Move.CANCEL: State.CANCELLED},
    State.CANCELLED: {},
}


class Near(StrEnum):
    """How near the venue is to the context (guidance: Location)."""

    IN = "in"
    NEAR = "near"
    ELSEWHERE = "elsewhere"

    @property
    def label(self) -> str:
        """The nearness as people read it."""
        return {"in": "In the context itself", "near": "Close to it", "elsewhere": "Somewhere else"}[self]


EXPECTED_CHAIR = {
    Type.PEER_GROUP: "Independent Safeguarding and Reviewing Officer",
    Type.NEIGHBOURHOOD: "Community Safety Partnership chair",
    Type.SCHOOL: "headteacher or Designated Safeguarding Lead",
    Type.OTHER: "Community Safety Partnership chair",
}
"""Who chairs, by the context's type (guidance: Structure of meeting)."""
_TITLES = {
    Type.PEER_GROUP: ("independent safeguarding and reviewing", "isro"),
    Type.NEIGHBOURHOOD: ("community safety partnership", "csp chair"),
    Type.OTHER: ("community safety partnership", "csp chair"),
    Type.SCHOOL: ("headteacher", "head teacher", "designated safeguarding lead", "dsl", "principal"),
}


def is_expected_chair(type_: Type, job_title: str) -> bool:
    """Whether somebody with this job title is whom the guidance expects to chair."""
    return any(title in job_title.lower() for title in _TITLES[type_])


@dataclass(frozen=True)
class ConferenceDraft:
    """A conference as typed. `starts_at` is a moment; `minutes` its length."""

    starts_at: dt.datetime | None
    minutes: int
    chair_id: object = None
    chair_reason: str = ""
    independence_note: str = ""
    venue: str = ""
    address: str = ""
    access: str = ""
    near: Near | None = None
    near_reason: str = ""
    online_link: str = ""


def obstacle_to_planning(state: ContextState, assessment_begun: bool) -> str | None:
    """Why no conference can be planned for a context in this state, or None."""
    if state in (ContextState.IN_ASSESSMENT, ContextState.ASSESSED, ContextState.PLAN_IN_PROGRESS):
        return None
    return "A conference can be planned once the assessment has begun"


def fault_of(
    draft: ConferenceDraft, type_: Type, chair_title: str, chair_is_lead: bool, same_school: bool, now: dt.datetime,
) -> tuple[str, str] | None:
    """(field, sentence) of what is wrong with a conference as typed, or None."""
    if draft.starts_at is not None and draft.starts_at <= now:
        return "day", "The conference must be in the future"
    if not SHORTEST_MINUTES <= draft.minutes <= LONGEST_MINUTES:
        return "ends", "The conference must last between half an hour and 8 hours"
    if chair_is_lead:
        return "chair_id", "The lead practitioner presents the assessment, so somebody else must chair"
    if draft.chair_id and not is_expected_chair(type_, chair_title) and not draft.chair_reason:
        return "chair_reason", f"The guidance expects the {EXPECTED_CHAIR[type_]} to chair. Say why somebody else does"
    if draft.chair_id and same_school and not draft.independence_note:
        return "independence_note", "This chair leads the school the conference is about. Say how the meeting stays independent"
    if draft.near is Near.ELSEWHERE and not draft.near_reason:
        return "near_reason", "The guidance asks for a venue in or close to the context. Say why this one is not"
    return None


def fault_of_review(conference: dt.date, review: dt.date, last: dt.date) -> str | None:
    """Why the review cannot be on this day, or None (guidance: Follow-up and review)."""
    if review <= conference:
        return "The review must be after the conference"
    if review > last:
        return f"The guidance allows no more than 20 weeks: by {day_in_words(last)}, 20 weeks after the conference"
    return None


def clock(conference: dt.date | None, today: dt.date) -> str:
    """'Day 61 of 140': how much of the 20 weeks up to the review is gone. Nothing before the conference."""
    if conference is None or today < conference:
        return ""
    day = (today - conference).days
    return f"day {day} of {REVIEW_DAYS}" if day <= REVIEW_DAYS else f"{count(day - REVIEW_DAYS, 'day')} past the 20 weeks"


def remarks_on(day: dt.date, holidays: dict[dt.date, str]) -> list[str]:
    """What is said, and not refused, about a conference's date."""
    if day in holidays:
        return [f"{day_in_words(day)} is a bank holiday ({holidays[day]})"]
    return [f"{day_in_words(day)} is at a weekend"] if day.weekday() > 4 else []


def fault_of_agenda(minutes: Collection[int], length: int, plan_share: int) -> str | None:
    """Why these minutes cannot be the agenda of a meeting of this length, or None."""
    total, least = sum(minutes), -(-length * plan_share // 100)
    if total > length:
        return f"The items take {count(total, 'minute')}, and the meeting lasts {length}. Take {total - length} away"
    if list(minutes)[PLAN_ITEM] < least:
        return (f"Keep {least} minutes or more for the plan, item 6: the council protects {plan_share} per cent of the meeting "
                "for it (a local default)")
    return None


def suggested_agenda(length: int, plan_share: int) -> list[int]:
    """Minutes for the six items of a meeting of this length, the plan's share kept."""
    plan = max(-(-length * plan_share // 100), length * 50 // 120)
    rest = [minutes for _, minutes in AGENDA[:PLAN_ITEM]]
    scaled = [(length - plan) * minutes // sum(rest) // 5 * 5 for minutes in rest]
    return [*scaled, length - sum(scaled)]


class Done(StrEnum):
    """How a line of the countdown stands."""

    DONE = "Done"
    WAITING = "To do"
    LATE = "Late"
    NOT_YET = "Cannot start yet"


@dataclass(frozen=True)
class Line:
    """One line of the countdown: what, how it stands, what is missing, whose move it is and by when, and by which rule."""

    key: str
    title: str
    done: Done
    said: str
    whose: str = ""
    by: dt.date | None = None
    rule: str = ""


@dataclass(frozen=True)
class Facts:
    """All that the countdown is computed from. Nothing in it is ever ticked by hand."""

    today: dt.date
    day: dt.date | None
    signed_off: dt.date | None
    assessment_left: Collection[str]
    priorities: int
    lead: str
    chair: str
    chair_met: dt.date | None
    agreed_by_lead: bool
    agreed_by_chair: bool
    unanswered: int
    invitees: int
    venue: str
    agenda_fits: bool
    workers_needed: bool
    workers_met: dt.date | None
    figures: dict[str, int]
    holidays: Collection[dt.date]
    last_review: dt.date | None = None


def countdown(facts: Facts) -> list[Line]:
    """Everything between the assessment and the meeting, in the order of the guidance."""
    lead, chair = facts.lead or "the lead practitioner", facts.chair or "the chair"
    both = f"{lead} and {chair}"

    @functools.cache
    def by(figure: str) -> dt.date | None:
        return kernel.working_days_from(facts.day, -facts.figures[figure], facts.holidays) if facts.day else None

    def before(figure: str) -> str:
        return f"{count(facts.figures[figure], 'working day')} before, local default"

    lines = [
        _line(facts, "assessment", "Assessment signed off", facts.signed_off is not None,
              f"Signed off on {day_in_words(facts.signed_off)}" if facts.signed_off else _first(facts.assessment_left), lead),
        _line(facts, "priorities", "One or two priority issues chosen", facts.priorities > 0,
              f"{count(facts.priorities, 'issue')} chosen" if facts.priorities else "None chosen yet", lead,
              by("chair_before"), before("chair_before")),
        _line(facts, "date", "Date set", facts.day is not None, day_in_words(facts.day) if facts.day else "No date yet", lead, _due(facts),
              f"within {facts.figures['conference_after']} working days of sign-off, local default"),
        _line(facts, "chair", "Chair chosen", bool(facts.chair), facts.chair or "Nobody yet", lead, by("chair_before"), before("chair_before")),
        _line(facts, "consultation", "Chair consulted", facts.chair_met is not None,
              f"On {day_in_words(facts.chair_met)}" if facts.chair_met else "Not yet", lead, by("chair_before"), before("chair_before"),
              blocked="" if facts.chair else "choose the chair first"),
        _line(facts, "considerations", "Attendance considerations answered", facts.unanswered == 0,
              "All five answered" if not facts.unanswered else f"{facts.unanswered} of 5 not answered yet", both,
              by("invitations_before"), before("invitations_before")),
        _line(facts, "attendance", "Attendance agreed by lead practitioner and chair", facts.agreed_by_lead and facts.agreed_by_chair,
              _agreed(facts), _who_agrees(facts, lead, chair), by("invitations_before"), before("invitations_before"),
              blocked="" if facts.invitees and facts.chair else "choose the chair and the people first"),
        _line(facts, "venue", "Venue in or close to the context", bool(facts.venue), facts.venue or "None yet", lead,
              by("invitations_before"), before("invitations_before")),
        _line(facts, "agenda", "Agenda fits, with time for the plan", facts.agenda_fits,
              "It fits" if facts.agenda_fits else "Not yet", lead, by("invitations_before"), before("invitations_before")),
    ]
    if facts.workers_needed:
        lines.append(_line(facts, "workers", "Young people’s workers met", facts.workers_met is not None,
                           f"On {day_in_words(facts.workers_met)}" if facts.workers_met else "Not yet: several young people are open to Children’s Services",
                           lead, by("chair_before"), before("chair_before")))
    return lines


def _first(left: Collection[str]) -> str:
    return next(iter(left), "Ready to be signed off")


def _due(facts: Facts) -> dt.date | None:
    if facts.last_review:
        return facts.last_review
    return kernel.working_days_from(facts.signed_off, facts.figures["conference_after"], facts.holidays) if facts.signed_off else None


def _agreed(facts: Facts) -> str:
    if facts.agreed_by_lead and facts.agreed_by_chair:
        return "Both agreed"
    if facts.agreed_by_lead or facts.agreed_by_chair:
        return f"{'The lead practitioner' if facts.agreed_by_lead else 'The chair'} has agreed"
    return "Nobody has agreed yet"


def _who_agrees(facts: Facts, lead: str, chair: str) -> str:
    waiting = [name for name, agreed in ((lead, facts.agreed_by_lead), (chair, facts.agreed_by_chair)) if not agreed]
    return " and ".join(waiting)


def _line(
    facts: Facts, key: str, title: str, done: bool, said: str, whose: str, by: dt.date | None = None, rule: str = "", blocked: str = "",
) -> Line:
    if done:
        return Line(key, title, Done.DONE, said)
    if blocked:
        return Line(key, title, Done.NOT_YET, f"Cannot start yet: {blocked}", whose, by, rule)
    late = by is not None and by < facts.today
    return Line(key, title, Done.LATE if late else Done.WAITING, said, whose, by, rule)


TO_DO = {
    "assessment": "Finish the assessment and sign it off", "priorities": "Choose one or two priority issues", "date": "Set the date",
    "chair": "Choose the chair", "consultation": "Consult the chair", "considerations": "Answer the attendance considerations",
    "attendance": "Agree who is asked", "venue": "Find a venue", "agenda": "Make the agenda fit", "workers": "Meet young people’s workers",
}
"""Each line as something to do."""


def next_line(lines: Collection[Line]) -> Line | None:
    """What is next: the earliest that somebody can do now."""
    ready = [line for line in lines if line.done in (Done.LATE, Done.WAITING)]
    return min(ready, key=lambda line: line.by or dt.date.max, default=None)
