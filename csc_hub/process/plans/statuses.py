"""How far an action has got: the words shown, and which of them an agency may choose itself."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """The state of one action. 'Overdue' is never a status: it is worked out from the date."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    REPORTED_COMPLETE = "reported_complete"
    NOT_POSSIBLE = "not_possible"
    NOT_UNDERTAKEN = "not_undertaken"

    @property
    def label(self) -> str:
        """The status as people read it, in pages and in workbooks."""
        return LABELS[self]


LABELS = {
    Status.NOT_STARTED: "Not started",
    Status.IN_PROGRESS: "In progress",
    Status.REPORTED_COMPLETE: "Reported complete",
    Status.NOT_POSSIBLE: "Not possible – circumstances changed",
    Status.NOT_UNDERTAKEN: "Not undertaken",
}
AGENCY_STATUSES = tuple(Status)
"""What an agency may choose. Acceptance is never an agency's: an upload can report complete and no more."""

ENDED = frozenset({Status.REPORTED_COMPLETE, Status.NOT_POSSIBLE, Status.NOT_UNDERTAKEN})
"""Statuses after which nobody waits for the action any more."""

COLOURS = {
    Status.NOT_STARTED: "grey", Status.IN_PROGRESS: "blue", Status.REPORTED_COMPLETE: "green",
    Status.NOT_POSSIBLE: "purple", Status.NOT_UNDERTAKEN: "orange"}
"""The colour in which a status is shown beside its words."""
