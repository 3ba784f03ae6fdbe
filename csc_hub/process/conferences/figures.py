"""The council's own clocks and thresholds: local defaults that a council may change, and never statutory. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number a council decides: what it is for, where its default comes from, and how far it may go."""

    name: str
    words: str
    unit: str
    default: int
    least: int
    most: int
    origin: str


FIGURES = (
    Figure("conference_after", "Conference held after the assessment is signed off, within", "working days", 20, 1, 120,
           "Child protection practice: 15 working days after a strategy discussion"),
    Figure("chair_before", "Chair consulted before the conference, at least", "working days", 5, 0, 40,
           "The guidance asks for it ahead of the meeting and gives no number"),
    Figure("invitations_before", "Invitations sent before the conference, at least", "working days", 10, 0, 60,
           "The guidance gives no number"),
    Figure("papers_before", "Assessment circulated before the conference, at least", "working days", 5, 0, 40,
           "Child protection practice: 3 to 5 working days"),
    Figure("redate_within", "A conference without enough agencies held again, within", "working days", 10, 1, 60,
           "Child protection practice elsewhere: 10 working days"),
    Figure("plan_share", "Part of the meeting kept for the plan, at least", "per cent", 35, 10, 80,
           "The guidance asks for enough time and gives no number"),
    Figure("kinds_at_least", "How many kinds of agency should be there, at least", "kinds", 3, 1, 15,
           "Child protection practice elsewhere: social work and two more"),
    Figure("people_at_most", "How many can be in the room before numbers grow unmanageable", "people", 20, 5, 200,
           "The guidance asks for manageable numbers and gives none"),
)
BY_NAME = {figure.name: figure for figure in FIGURES}


def obstacle_to(figure: Figure, value: int) -> str | None:
    """Why a figure may not have this value, or None."""
    if not figure.least <= value <= figure.most:
        return f"Must be a whole number from {figure.least} to {figure.most}"
    return None
