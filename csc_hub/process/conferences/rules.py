"""What makes a conference: who is expected to chair, what fits in the time, and when it may be held. Pure."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from urllib.parse import urlsplit

from csc_hub.kernel import count, day_in_words, london, today
from csc_hub.process.contexts.rules import State as ContextState
from csc_hub.process.contexts.rules import SOMEBODY_ELSE_CHAIRS, Type

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

    @property
    def past(self) -> str:
        """What somebody did, in the history."""
        return {"move_date": "set a new date", "postpone": "postponed it without a date", "cancel": "cancelled it",
                "adjourn": "adjourned it, as there were not enough agencies"}[self]


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


def fault_of_move(state: State, move: Move, conference: dt.date | None, today: dt.date) -> str | None:
    """Why this cannot be done with a conference that is planned for this day, or None."""
    if move is Move.MOVE_DATE or move not in MOVES[state]:
        return f"A conference that is “{state.label.lower()}” cannot be changed like that"
    if move is Move.ADJOURN and conference and conference > today:
        return f"Whether enough agencies come shows on the day, {day_in_words(conference)}. Until then, postpone the conference"
    return None


def titles(states: Sequence[State]) -> list[str]:
    """'First conference', 'Review 1': what each of a context's conferences is, in their order. One that was cancelled is followed by the same again."""
    counted = [sum(other is not State.CANCELLED for other in states[:place]) for place in range(len(states))]
    return [f"Review {before}" if before else "First conference" for before in counted]


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
    place_hidden: bool = False


def obstacle_to_planning(state: ContextState, assessment_begun: bool) -> str | None:
    """Why no conference can be planned for a context in this state, or None."""
    if state in (ContextState.IN_ASSESSMENT, ContextState.ASSESSED, ContextState.PLAN_IN_PROGRESS):
        return None
    if state is not ContextState.REFERRED:
        return "This context is closed, so no conference is planned"
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
        return "chair_id", SOMEBODY_ELSE_CHAIRS
    if draft.chair_id and not is_expected_chair(type_, chair_title) and not draft.chair_reason:
        return "chair_reason", f"The guidance expects the {EXPECTED_CHAIR[type_]} to chair. Say why somebody else does"
    if draft.chair_id and same_school and not draft.independence_note:
        return "independence_note", "If this chair works at the school that the conference is about, say how the meeting stays independent. If not, say so"
    if draft.near is Near.ELSEWHERE and not draft.near_reason:
        return "near_reason", "The guidance asks for a venue in or close to the context. Say why this one is not"
    link = fault_of_link(draft.online_link)
    return ("online_link", link) if link else None


def without_idle_reasons(draft: ConferenceDraft, type_: Type, chair_title: str, same_school: bool) -> ConferenceDraft:
    """The conference without the reasons that are no longer asked for: the expected chair, a venue that is near."""
    return replace(
        draft, chair_reason="" if draft.chair_id and is_expected_chair(type_, chair_title) else draft.chair_reason,
        independence_note="" if draft.chair_id and not same_school else draft.independence_note,
        near_reason=draft.near_reason if draft.near in (None, Near.ELSEWHERE) else "")


def fault_of_link(link: str) -> str | None:
    """Why this is not the address of a meeting on the web, or None."""
    try:
        parts = urlsplit(link)
        fine = parts.scheme in ("https", "http") and bool(parts.hostname) and not re.search(r"[\s<>\"]", link)
    except ValueError:
        fine = False
    return None if fine or not link else "Enter the whole link, beginning with https://. Copy it from the invitation of the online meeting"


def fault_of_new_date(conference: dt.date, review: dt.date | None) -> str | None:
    """Why a conference cannot be moved to this day while its date of review stands, or None."""
    if review is None or conference < review <= conference + dt.timedelta(days=REVIEW_DAYS):
        return None
    why = "is not after this day" if review <= conference else "is more than 20 weeks after this day"
    return f"The date of review, {day_in_words(review)}, {why}. Change or empty the date of review in the plan first, then move the conference"


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


def remarks_on(starts_at: dt.datetime, holidays: dict[dt.date, str]) -> list[str]:
    """What is said, and not refused, about when a conference is held."""
    day, local = today(starts_at), london(starts_at)
    said = [f"{day_in_words(day)} is at a weekend"] if day.weekday() > 4 else []
    if day in holidays:
        said = [f"{day_in_words(day)} is a bank holiday ({holidays[day]})"]
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        said.append(f"Clocks go back that night, and {local:%H:%M} comes twice: the first is meant")
    return said


def fault_of_pre_meeting(
    kind: str, planned: dt.date | None, done: dt.date | None, reported: dt.date | None, conference: dt.date | None, today: dt.date,
) -> tuple[str, str] | None:
    """(field, sentence) of why a meeting before the conference cannot be on these days, or None."""
    for field, day in (("done_on", done), ("reported_on", reported)):
        if day and day > today:
            return field, "The date must be today or in the past"
    if not (planned or done):
        return "planned_on", "Enter when it is planned, or when it was held"
    if planned and not done and conference and planned > conference:
        return "planned_on", f"This meeting comes before the conference, which is on {day_in_words(conference)}. Choose an earlier day"
    if reported and kind != "workers":
        return "reported_on", "Only a meeting with young people’s workers is reported back"
    if reported and not done:
        return "done_on", "Enter when it was held, as it is reported back"
    if reported and (conference is None or reported < conference):
        when = f", which is on {day_in_words(conference)}" if conference else ""
        return "reported_on", f"They hear what was agreed after the conference{when}. Leave this empty until then"
    return None


def fault_of_agenda(minutes: Sequence[int], length: int, plan_share: int) -> tuple[int, str] | None:
    """(number of the item, sentence) of why these minutes cannot be the agenda of a meeting of this length, or None."""
    total, least = sum(minutes), -(-length * plan_share // 100)
    if total > length:
        longest = max(range(len(minutes)), key=lambda place: minutes[place])
        return longest + 1, f"The items take {count(total, 'minute')}, and the meeting lasts {length}. Take {total - length} away"
    if minutes[PLAN_ITEM] < least:
        return PLAN_ITEM + 1, (f"Keep {least} minutes or more for the plan, item 6: the council protects {plan_share} per cent of the "
                               "meeting for it (a local default)")
    return None


def suggested_agenda(length: int, plan_share: int) -> list[int]:
    """Minutes for the six items of a meeting of this length, in steps of five where that leaves each item some; the plan's share kept."""
    plan = max(-(-length * plan_share // 100), length * 50 // 120)
    rest = [minutes for _, minutes in AGENDA[:PLAN_ITEM]]
    exact = [(length - plan) * minutes // sum(rest) for minutes in rest]
    scaled = [minutes // 5 * 5 for minutes in exact] if min(exact) >= 5 else exact
    return [*scaled, length - sum(scaled)]


def agenda_for(minutes: Sequence[int], was: int, length: int, plan_share: int) -> list[int]:
    """The agenda once the meeting lasts `length` and no longer `was`: what somebody has allotted stays; what was suggested is suggested anew."""
    return suggested_agenda(length, plan_share) if list(minutes) == suggested_agenda(was, plan_share) else list(minutes)
