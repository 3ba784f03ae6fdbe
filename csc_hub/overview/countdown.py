"""The countdown of each conference, computed from the whole record in a fixed number of queries, and who must move next."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.kernel import today as date_of
from csc_hub.overview import standing as standings
from csc_hub.overview.standing import Gathered, Standing
from csc_hub.people.records import Person
from csc_hub.process.assessments import rules as assessment_rules
from csc_hub.process.assessments.rules import AssessmentFacts, Kind
from csc_hub.process.conferences import rules
from csc_hub.process.conferences.rules import Facts, Line
from csc_hub.process.contexts.records import Context, Listed
from csc_hub.process.contexts.rules import State as ContextState
from csc_hub.process.invitations import rules as invitation_rules

COUNTED = frozenset({ContextState.IN_ASSESSMENT, ContextState.ASSESSED})
IN_SERVICES = ("early_help", "in_need", "protection", "looked_after", "youth_justice")


@dataclass(frozen=True)
class Countdown:
    """A conference and the lines up to it."""

    context: Context | Listed
    day: dt.date | None
    lines: list[Line]

    @property
    def next(self) -> Line | None:
        """What is next."""
        return rules.next_line(self.lines)

    @property
    def done(self) -> int:
        """How many lines are done."""
        return sum(line.done is rules.Done.DONE for line in self.lines)


def of(contexts: Sequence[Context | Listed], where: dict[uuid.UUID, Standing], today: dt.date) -> list[Countdown]:
    """The countdowns of these contexts, of those that are on their way to a conference; `where` says where each stands."""
    wanted = [context for context in contexts if context.state_ in COUNTED]
    if not wanted:
        return []
    gathered, figures = standings.gathered([key for key in (where[c.id].conference_id for c in wanted) if key])
    return [Countdown(c, where[c.id].day, _lines(c, where[c.id], gathered, figures, today)) for c in wanted]


def _lines(
    context: Context | Listed, stands: Standing, gathered: dict[uuid.UUID, Gathered], figures: dict[str, int], today: dt.date,
) -> list[Line]:
    got = gathered.get(stands.conference_id) or Gathered() if stands.conference_id else Gathered()
    facts = AssessmentFacts(
        context.state_, context.type_, stands.period_from, stands.period_to, context.threshold_met, stands.priorities,
        [Kind(kind) for kind in stands.reports])
    fits = stands.day and not rules.fault_of_agenda(stands.agenda or [], stands.minutes or 0, figures["plan_share"])
    return rules.countdown(Facts(
        today=today, day=stands.day, signed_off=date_of(stands.signed_off_at) if stands.signed_off_at else None,
        assessment_left=assessment_rules.left_to_do(facts), priorities=stands.priorities, lead=stands.lead or "", chair=stands.chair or "",
        chair_met=got.held.get("chair"), agreed_by_lead=bool(stands.lead_agreed_at), agreed_by_chair=bool(stands.chair_agreed_at),
        unanswered=invitation_rules.unanswered(invitation_rules.questions(got.asked, got.answers)), invitees=len(got.asked),
        venue=stands.venue or "", agenda_fits=bool(fits),
        workers_needed=sum(context.counts.get(key, 0) for key in IN_SERVICES) > 1, workers_met=got.held.get("workers"),
        figures=figures, holidays=bank_holidays()))


def waiting_for(person: Person, countdowns: Sequence[Countdown]) -> list[tuple[Countdown, Line]]:
    """What waits for this person, the earliest first: dated lines that name them, or else the next of a context."""
    rows, name = [], person.name
    for countdown in countdowns:
        own = [line for line in countdown.lines
               if line.done in (rules.Done.LATE, rules.Done.WAITING) and name in line.whose.split(" and ")]
        rows += [(countdown, line) for line in ([line for line in own if line.by] or own[:1])]
    return sorted(rows, key=lambda row: (row[1].by or dt.date.max, row[0].context.order))
