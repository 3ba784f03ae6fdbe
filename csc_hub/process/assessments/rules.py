"""What an assessment must hold before it is signed off. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from csc_hub.kernel import listed
from csc_hub.process.contexts.rules import State, Type


class Kind(StrEnum):
    """Which assessment a report is of (guidance: Pre-conference)."""

    SAFER_ME = "safer_me"
    SCHOOL = "school"
    NEIGHBOURHOOD = "neighbourhood"
    PEER_GROUP = "peer_group"

    @property
    def label(self) -> str:
        """The assessment as people say it."""
        return {"safer_me": "Safer Me assessment", "school": "School assessment",
                "neighbourhood": "Neighbourhood assessment", "peer_group": "Peer group assessment"}[self]


class Category(StrEnum):
    """What sort of finding it is."""

    RISK = "risk"
    VULNERABILITY = "vulnerability"
    COMPLICATING = "complicating"
    STRENGTH = "strength"

    @property
    def label(self) -> str:
        """One finding of this sort."""
        return {"risk": "Risk", "vulnerability": "Vulnerability", "complicating": "Complicating factor", "strength": "Strength"}[self]

    @property
    def heading(self) -> str:
        """All findings of this sort."""
        return {"risk": "Risks", "vulnerability": "Vulnerabilities", "complicating": "Complicating factors", "strength": "Strengths"}[self]


class Weight(StrEnum):
    """How much a finding matters to young people's safety here."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Who(StrEnum):
    """Who took part in the assessment."""

    AGENCY = "agency"
    YOUNG_PEOPLE = "young_people"
    PARENTS = "parents"
    COMMUNITY = "community"

    @property
    def label(self) -> str:
        """Who, as people say it."""
        return {"agency": "An agency or partner", "young_people": "Young people", "parents": "Parents or carers",
                "community": "People who live or work there"}[self]


DESTINATIONS = {"mash": "MASH", "social_care": "A social care team", "early_help": "Early help"}
"""Where a concern about an individual goes instead of being discussed (guidance: Referrals to social care)."""
MOST_PRIORITIES = 2


@dataclass(frozen=True)
class AssessmentFacts:
    """What is known when somebody wants to sign the assessment off."""

    state: State
    type: Type
    period_from: dt.date | None
    period_to: dt.date | None
    threshold_met: bool | None
    priorities: int
    kinds: Collection[Kind]


def needed_kinds(type_: Type) -> tuple[Kind, ...]:
    """The reports this type of context needs: school and neighbourhood have a tool of their own beside Safer Me."""
    own = {Type.SCHOOL: Kind.SCHOOL, Type.NEIGHBOURHOOD: Kind.NEIGHBOURHOOD}.get(type_)
    return (Kind.SAFER_ME, own) if own else (Kind.SAFER_ME,)


def missing_kinds(type_: Type, kinds: Collection[Kind]) -> list[Kind]:
    """The reports still to be uploaded."""
    return [kind for kind in needed_kinds(type_) if kind not in kinds]


def obstacle_to_period(start: dt.date | None, end: dt.date | None) -> tuple[str, str] | None:
    """(field, sentence) of what is wrong with the assessment's dates, or None."""
    if bool(start) != bool(end):
        return "period_to" if start else "period_from", "Give the first and the last day of the assessment period, or neither"
    if start and end and end < start:
        return "period_to", "The end of the assessment period must be the same day as its start or later"
    return None


def obstacle_to_priorities(chosen: int) -> str | None:
    """Why these may not be the priority issues, or None. Guidance: Agenda."""
    if chosen > MOST_PRIORITIES:
        return (f"Choose one or two issues. You chose {chosen}. The guidance asks for one or two, so that the conference "
                "has time to agree what to do about them")
    if chosen == 0:
        return "Choose one or two issues for the conference to talk about"
    return None


def tasks(facts: AssessmentFacts) -> list[tuple[str, str, bool]]:
    """(part of the page, what is to be done, is it done?) before sign-off, in the order of the page."""
    found = [("dates", "Give the assessment period", bool(facts.period_from and facts.period_to))]
    missing = missing_kinds(facts.type, facts.kinds)
    for kind in needed_kinds(facts.type):
        name = kind.label if kind is Kind.SAFER_ME else kind.label.lower()
        found.append(("reports", f"Upload the {name} report", kind not in missing))
    found.append(("priorities", "Choose one or two priority issues", facts.priorities > 0))
    found.append(("threshold", "Record the threshold decision", facts.threshold_met is not None))
    return found


def left_to_do(facts: AssessmentFacts) -> list[str]:
    """What is still to be done before sign-off, in the order of the page."""
    return [words for _, words, done in tasks(facts) if not done]


def obstacle_to_sign_off(facts: AssessmentFacts) -> str | None:
    """Why the assessment cannot be signed off, or None. Guidance: a conference follows a context assessment that
    finds young people at risk of significant harm."""
    if facts.state != State.IN_ASSESSMENT:
        return "Only an assessment that is under way can be signed off"
    left = [words[0].lower() + words[1:] for words in left_to_do(facts)]
    if left:
        return f"First {listed(left)}"
    if not facts.threshold_met:
        return "The threshold for a conference is not met. Send the context another way, or change the decision"
    return None
