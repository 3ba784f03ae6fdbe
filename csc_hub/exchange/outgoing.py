"""What leaves the hub on paper: plain facts about a plan, free of the database, for Excel and Word. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

NOT_RECORDED = "Not recorded"
NONE_AGREED = "None agreed"
NO_WORRIES = "No worries are recorded in this plan."
NO_INTERVENTION = "No intervention agreed."
"""What stands where there is nothing."""

@dataclass(frozen=True)
class PrintedAction:
    """One intervention of a plan as Appendix A prints it."""

    reference: str  # CSC-2026-014/07
    intervention: str
    agency: str  # "Housing (Estates team), Des Brown"
    timescale: str  # "by Friday 9 April 2027", "Annually, next check 23 September 2027", or "" where none is agreed


@dataclass(frozen=True)
class PrintedWorry:
    """One worry, what helps, its safety goal, and the interventions under it (at least none)."""

    worry: str
    impact: str
    helping: str
    goal: str
    actions: tuple[PrintedAction, ...] = ()


@dataclass(frozen=True)
class PrintedPlan:
    """An intervention plan in the layout of the guidance's Appendix A. Dates are already in words."""

    reference: str
    context: str
    council: str
    marking: str  # OFFICIAL-SENSITIVE
    assessment_period: str
    mapping_meeting_date: str
    conference_date: str
    review_date: str
    attendees: str
    issued: str  # "Issue 2, Monday 23 November 2026" or "Draft, not yet issued"
    worries: tuple[PrintedWorry, ...] = ()


@dataclass(frozen=True)
class SheetAction:
    """One action of one agency as its update workbook shows it."""

    reference: str
    context: str
    goal: str
    action: str
    agency: str
    owner: str
    due: dt.date | None
    due_words: str  # shown where there is no date: "Annually"
    status: str  # a label of csc_hub.process.plans.statuses.LABELS
    update: str = ""
    updated_on: dt.date | None = None
    evidence: str = ""
    barrier: str = ""
    proposed_date: dt.date | None = None
    completed_on: dt.date | None = None


@dataclass(frozen=True)
class UpdateSheet:
    """An agency's own actions in one plan, to fill in and send back."""

    reference: str  # of the context: CSC-2026-014
    context: str
    council: str
    agency: str
    marking: str
    made_on: dt.date
    reply_to: str  # who to send it back to, in words
    statuses: tuple[str, ...] = ()  # the labels an agency may choose
    actions: tuple[SheetAction, ...] = field(default=())
    number: int = 0  # of the download; 0 where nobody keeps it
    manifest: tuple[str, ...] = ()  # the lines of the sheet by which the hub knows the workbook again


UPDATE_COLUMNS = (
    # (field of SheetAction, column title, may the agency fill it in?)
    ("reference", "Action ref", False),
    ("context", "Context", False),
    ("goal", "Safety goal", False),
    ("action", "Action", False),
    ("agency", "Agency", False),
    ("owner", "Owner", False),
    ("due", "Due date", False),
    ("status", "Status", True),
    ("update", "Update", True),
    ("updated_on", "Date of update", True),
    ("evidence", "Evidence (what changed?)", True),
    ("barrier", "Barrier / help needed", True),
    ("proposed_date", "Proposed new date", True),
    ("completed_on", "Date completed", True),
)
