"""What makes a plan that can be issued, when an action is late, and gentle nudges. Pure. Guidance: Actions, Appendix A."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from csc_hub.kernel import count, day_in_words
from csc_hub.process.contexts.rules import State
from csc_hub.process.plans.statuses import ENDED, Status

DRAFTED_IN = frozenset({State.IN_ASSESSMENT, State.ASSESSED, State.PLAN_IN_PROGRESS})
ISSUED_IN = frozenset({State.ASSESSED, State.PLAN_IN_PROGRESS})
MOST_TEXT = 4000

_EVERY = (
    # (words that name the rhythm, months, days)
    (r"\b(annual|annually|yearly|every year|each year|once a year)\b", 12, 0),
    (r"\b(half[- ]yearly|six[- ]monthly|every six months|twice a year)\b", 6, 0),
    (r"\b(termly|every term|each term|once a term)\b", 4, 0),
    (r"\b(quarterly|every quarter|every three months)\b", 3, 0),
    (r"\b(half[- ]termly|every half[- ]term)\b", 0, 49),
    (r"\b(monthly|every month|each month)\b", 1, 0),
    (r"\b(fortnightly|every two weeks|every fortnight)\b", 0, 14),
    (r"\b(weekly|every week|each week)\b", 0, 7),
)


@dataclass(frozen=True)
class WorryDraft:
    """A worry as typed: what, with what impact, what helps, and what safety looks like."""

    worry: str
    impact: str = ""
    helping: str = ""
    goal: str = ""


@dataclass(frozen=True)
class ActionDraft:
    """An intervention as typed. It has a date, or words such as 'annually', or neither."""

    intervention: str
    agency_id: object
    team: str = ""
    owner: str = ""
    due_on: dt.date | None = None
    timescale: str = ""


@dataclass(frozen=True)
class UpdateDraft:
    """What somebody says of an action, from a page or from a workbook. None leaves a fact as it is; `clear` names
    the facts that somebody emptied on the page, where what they see is what they mean."""

    status: Status | None = None
    update: str | None = None
    updated_on: dt.date | None = None
    evidence: str | None = None
    barrier: str | None = None
    proposed_date: dt.date | None = None
    completed_on: dt.date | None = None
    clear: frozenset[str] = frozenset()


UPDATE_FIELDS = ("status", "update", "updated_on", "evidence", "barrier", "proposed_date", "completed_on")
FIELD_WORDS = {
    "status": "Status", "update": "Update", "updated_on": "Date of update", "evidence": "Evidence (what changed?)",
    "barrier": "Barrier / help needed", "proposed_date": "Proposed new date", "completed_on": "Date completed",
}


@lru_cache(maxsize=500)
def rhythm(timescale: str) -> tuple[int, int] | None:
    """(months, days) between checks where the words name a rhythm, such as 'Annually'."""
    if re.search(r"\bhalf[- ]term", timescale.lower()):
        return 0, 49
    for words, months, days in _EVERY:
        if re.search(words, timescale.lower()):
            return months, days
    return None


def next_check(timescale: str, start: dt.date) -> dt.date | None:
    """The first dated check of a recurring action, one rhythm after `start`."""
    found = rhythm(timescale)
    if found is None:
        return None
    months, days = found
    if days:
        return start + dt.timedelta(days=days)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return dt.date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def is_late(status: Status, due: dt.date | None, today: dt.date) -> bool:
    """Whether the date has passed and somebody still waits for the action."""
    return due is not None and due < today and status not in ENDED


def timescale_in_words(due: dt.date | None, timescale: str) -> str:
    """'By Friday 9 April 2027', 'Annually', or nothing where none is agreed."""
    if timescale:
        return timescale
    return f"By {day_in_words(due)}" if due else ""


WEAK = re.compile(r"^(to )?(continue to |keep )?(monitor|discuss|consider|raise awareness|liaise|explore|review|be aware|continue)\b", re.I)
STRONG = re.compile(r"\b(install|repair|deliver|train|write|open|run|survey|light|staff|patrol|move|remove|fund|map|hold|meet|visit|provide|put|fit|cut|change|introduce|publish|agree)", re.I)
YOUNG = re.compile(r"\b(their|his|her) behaviou?r\b|\bcurfew\b|\bban(ned)? (him|her|them)\b", re.I)


_TASK = r"(?:install|repair|deliver|train|write|open|run|survey|patrol|remove|fund|hold|meet|visit|provide|fit|cut|introduce|publish|agree|invite|ask|tell|send|print|check|arrange|organise)"
SEVERAL = re.compile(rf"^(?:to )?{_TASK}\b.*(?:;\s*\w|,? and (?:then |also |to )?{_TASK}\b|[.!]\s+(?:then )?{_TASK}\b)", re.I | re.S)
"""An action that begins with one task and goes on to another. Careful: “and” between things is no second task."""


def nudges(
    intervention: str, owner: str, due: dt.date | None, timescale: str, review: dt.date | None,
    conference: dt.date | None = None, today: dt.date | None = None,
) -> list[str]:
    """Gentle hints that make an action easier to do and to check. They never stop anybody.

    `conference` and `today` are given for an action nobody was asked for yet: its date should still be to come.
    """
    found = []
    if not owner:
        found.append("No named owner yet: a person, so that somebody knows it is theirs")
    if not due and not timescale:
        found.append("No date yet: a day, or words such as “annually”")
    elif not due and rhythm(timescale) is None:
        found.append(f"“{timescale}” is not a date, so nobody can be reminded")
    if due and review and due > review:
        found.append("The date is after the review")
    if due and today and due < today:
        found.append("The date has passed: choose a day that is still to come")
    elif due and conference and due < conference:
        found.append("The date is before the conference, at which the plan is agreed")
    return [*found, *_in_its_words(intervention)]


@lru_cache(maxsize=2_000)
def _in_its_words(intervention: str) -> list[str]:
    found = []
    if SEVERAL.search(intervention.strip()):
        found.append("This reads like several tasks: an action each is easier to finish and to check")
    if WEAK.match(intervention.strip()) and not STRONG.search(intervention):
        found.append(f"“{intervention.strip().split()[0].capitalize()}” alone is hard to finish: say what will be different and how you will know")
    if YOUNG.search(intervention):
        found.append("This aims at a young person’s behaviour. What could change in the place?")
    return found


def next_check_after_update(timescale: str, due_on: dt.date | None, today: dt.date) -> dt.date | None:
    """What comes round again is next checked one rhythm after it was reported on; any other date stays."""
    if timescale and due_on and due_on <= today + dt.timedelta(days=14):
        return next_check(timescale, max(today, due_on)) or due_on
    return due_on


def day_as_text(day: dt.date | None) -> str:
    """A date as `as_text` writes it."""
    return day.isoformat() if day else ""


def obstacle_to_drafting(state: State) -> str | None:
    """Why the plan cannot be written in now, or None."""
    return None if state in DRAFTED_IN else "A plan can be written once the assessment has begun"


def obstacle_to_issuing(state: State, worries: list[tuple[str, str, int]], issue: int = 0, changed: bool = True) -> str | None:
    """Why the plan cannot be issued, or None. `worries`: (worry, safety goal, number of actions)."""
    if issue and not changed:
        return f"Nothing has changed since issue {issue}"
    if state not in ISSUED_IN:
        return "The plan can be issued once the assessment is signed off"
    if not worries:
        return "Add at least one worry with an intervention first"
    if not any(actions for _, _, actions in worries):
        return "Add at least one intervention first"
    without = sum(1 for _, goal, _ in worries if not goal)
    if without:
        return f"Write the safety goal of {count(without, 'worry', 'worries')} first: it says what the plan is for"
    return None


def remark_on_issuing(conference: dt.date | None, today: dt.date) -> str:
    """What is said, and not refused, where a plan is issued before its conference; nothing otherwise."""
    return f"The conference is on {day_in_words(conference)}: the plan is usually agreed there" if conference and conference > today else ""


def fault_of_completion(draft: UpdateDraft) -> tuple[str, str] | None:
    """(field, sentence) where an action is reported complete and nothing says what was done or when, or None."""
    if draft.status is Status.REPORTED_COMPLETE and not (draft.update or draft.evidence or draft.completed_on):
        return "evidence", "Say what changed, or when it was completed"
    return None


def faults_of_update(draft: UpdateDraft, today: dt.date) -> list[tuple[str, str]]:
    """(field, sentence) of all that is wrong with an update."""
    days = {name: getattr(draft, name) for name in ("updated_on", "completed_on")}
    return [(name, f"{FIELD_WORDS[name]} cannot be in the future") for name, day in days.items() if day and day > today]


def fault_of_update(draft: UpdateDraft, today: dt.date) -> tuple[str, str] | None:
    """(field, sentence) of what is wrong with an update first, or None."""
    return next(iter(faults_of_update(draft, today)), None)


def as_text(facts: dict[str, object]) -> dict[str, str]:
    """An action's facts as plain text, to be compared with what an old workbook says."""
    return {name: "" if facts[name] in (None, "") else str(facts[name]) for name in UPDATE_FIELDS}


def changes(now: dict[str, object], draft: UpdateDraft) -> dict[str, tuple[object, object]]:
    """field -> (old, new) for what an update would change. Saying the same again changes nothing."""
    found = {}
    for name in UPDATE_FIELDS:
        new, old = getattr(draft, name), now[name]
        if new is not None and new != "" and new != old:
            found[name] = (old, new)
        elif name in draft.clear and old not in (None, ""):
            found[name] = (old, "" if isinstance(old, str) else None)
    return found
