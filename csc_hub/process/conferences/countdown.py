"""What must be ready before a conference, by when, and whose move it is: worked out, and never ticked by hand. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from csc_hub import kernel
from csc_hub.kernel import count, day_in_words


class Done(StrEnum):
    """How a line of the countdown stands."""

    DONE = "Done"
    WAITING = "To do"
    LATE = "Late"
    NOT_YET = "Cannot start yet"


class Line(NamedTuple):
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
    """All that the countdown is computed from. Nothing in it is ever ticked by hand.

    `elsewhere` says why the venue is somewhere else, if it is; `context_chair` is whom the context's page names;
    `chair_gone` is who was to chair and has no access any more.
    """

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
    elsewhere: str
    context_chair: str
    agenda_fits: bool
    workers_needed: bool
    workers_met: dt.date | None
    figures: dict[str, int]
    holidays: Collection[dt.date]
    last_review: dt.date | None = None
    told: bool = False
    unsent: int = 0
    released: int = 0
    adjourned_on: dt.date | None = None
    agenda_fault: str = ""
    chair_gone: str = ""


def countdown(facts: Facts) -> list[Line]:
    """Everything between the assessment and the meeting, in the order of the guidance."""
    lead, chair = facts.lead or "the lead practitioner", facts.chair or "the chair"
    both = f"{lead} and {chair}"

    with_chair, with_papers, with_invitations = (_before(facts, figure) for figure in ("chair_before", "papers_before", "invitations_before"))
    lines = [
        _line(facts, "assessment", "Assessment signed off", facts.signed_off is not None,
              f"Signed off on {day_in_words(facts.signed_off)}" if facts.signed_off else _first(facts.assessment_left), lead),
        _line(facts, "priorities", "One or two priority issues chosen", facts.priorities > 0,
              f"{count(facts.priorities, 'issue')} chosen" if facts.priorities else "None chosen yet", lead, *with_chair),
        _line(facts, "told", "Priority issues communicated", facts.told, "Those invited can see them" if facts.told else "Those invited have not been told",
              lead, *with_papers, blocked="choose them first" if not facts.priorities else "" if facts.invitees else "put people on the list"),
        _line(facts, "date", "Date set", facts.day is not None, day_in_words(facts.day) if facts.day else "No date yet", lead, _due(facts),
              f"within {facts.figures['redate_within']} working days of the meeting that was adjourned, local default" if facts.adjourned_on
              else f"within {facts.figures['conference_after']} working days of sign-off, local default"),
        _line(facts, "chair", "Chair chosen", bool(facts.chair), facts.chair or _named(facts), lead, *with_chair),
        _line(facts, "consultation", "Chair consulted", facts.chair_met is not None,
              f"On {day_in_words(facts.chair_met)}" if facts.chair_met else "Not yet", lead, *with_chair,
              blocked="" if facts.chair else "choose the chair first"),
        _line(facts, "considerations", "Attendance considerations answered", facts.unanswered == 0,
              "All five answered" if not facts.unanswered else f"{facts.unanswered} of 5 not answered yet", both, *with_invitations),
        _line(facts, "attendance", "Attendance agreed by lead practitioner and chair", facts.agreed_by_lead and facts.agreed_by_chair,
              _agreed(facts), _who_agrees(facts, lead, chair), *with_invitations,
              blocked=_before_agreeing(facts)),
        _line(facts, "venue", "Venue in or close to the context", bool(facts.venue), _where(facts), lead, *with_invitations),
        _line(facts, "agenda", "Agenda fits, with time for the plan", facts.agenda_fits,
              "It fits" if facts.agenda_fits else facts.agenda_fault or "Not yet", lead, *with_invitations),
    ]
    lines += [
        _line(facts, "invitations", "Invitations sent", facts.invitees > 0 and not facts.unsent, _asked(facts),
              chair, *with_invitations, blocked=_before_sending(facts)),
        _line(facts, "papers", "Assessment circulated", facts.released > 0,
              f"{count(facts.released, 'report')} released" if facts.released else "Nothing released yet", lead, *with_papers,
              blocked="" if facts.signed_off else "sign the assessment off first"),
    ]
    if facts.workers_needed:
        lines.append(_line(facts, "workers", "Young people’s workers met", facts.workers_met is not None,
                           f"On {day_in_words(facts.workers_met)}" if facts.workers_met else "Not yet: several young people are open to Children’s Services",
                           lead, *with_chair))
    return lines


def _before(facts: Facts, figure: str) -> tuple[dt.date | None, str]:
    """(by when, by which rule): so many working days before the conference."""
    days = facts.figures[figure]
    return (kernel.working_days_from(facts.day, -days, facts.holidays) if facts.day else None), f"{count(days, 'working day')} before, local default"


def _first(left: Collection[str]) -> str:
    return next(iter(left), "Ready to be signed off")


def _due(facts: Facts) -> dt.date | None:
    if facts.adjourned_on:
        return kernel.working_days_from(facts.adjourned_on, facts.figures["redate_within"], facts.holidays)
    if facts.last_review:
        return facts.last_review
    return kernel.working_days_from(facts.signed_off, facts.figures["conference_after"], facts.holidays) if facts.signed_off else None


def _named(facts: Facts) -> str:
    if facts.chair_gone:
        return f"The access of {facts.chair_gone} has ended. Choose somebody else"
    if facts.context_chair:
        return f"{facts.context_chair} is the chair of this context. Save the conference with them as its chair, or choose somebody else"
    return "Nobody yet"


def _where(facts: Facts) -> str:
    if facts.venue and facts.elsewhere:
        return f"{facts.venue}, somewhere else: {facts.elsewhere.rstrip(' .')}"
    return facts.venue or "None yet"


def _before_agreeing(facts: Facts) -> str:
    lacking = [words for words, there in (("choose the chair", facts.chair), ("put people on the list", facts.invitees)) if not there]
    return f"{' and '.join(lacking)} first" if lacking else ""


def _asked(facts: Facts) -> str:
    return f"{facts.unsent} of {facts.invitees} not asked yet" if facts.unsent else f"All {facts.invitees} asked"


def _before_sending(facts: Facts) -> str:
    lacking = [words for words, there in (
        ("set the date", facts.day), ("choose the chair", facts.chair), ("find a venue", facts.venue), ("put people on the list", facts.invitees)) if not there]
    return f"{kernel.listed(lacking)} first" if lacking else ""


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
        return Line(key, title, Done.NOT_YET, f"First {blocked.removesuffix(' first')}", whose, by, rule)
    late = by is not None and by < facts.today
    return Line(key, title, Done.LATE if late else Done.WAITING, said, whose, by, rule)


TO_DO = {
    "assessment": "Finish the assessment and sign it off", "priorities": "Choose one or two priority issues", "date": "Set the date",
    "chair": "Choose the chair", "consultation": "Consult the chair", "considerations": "Answer the attendance considerations",
    "attendance": "Agree who is asked", "venue": "Find a venue", "agenda": "Make the agenda fit", "workers": "Meet young people’s workers",
    "issue": "Issue the plan again", "told": "Tell those invited of the priority issues",
    "invitations": "Send the invitations", "papers": "Release the assessment to those invited",
    "lead": "Choose a lead practitioner", "referral": "Decide whether to assess it",
}
"""Each line as something to do, what a referral waits for, and the plan that changed since it was issued."""


def next_line(lines: Collection[Line]) -> Line | None:
    """What is next: the earliest that somebody can do now."""
    ready = [line for line in lines if line.done in (Done.LATE, Done.WAITING)]
    return min(ready, key=lambda line: line.by or dt.date.max, default=None)
