"""The countdown of each conference, computed from the whole record in a fixed number of queries, and who must move next."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.overview import standing as standings
from csc_hub.overview.standing import Gathered, Standing
from csc_hub.process.assessments import rules as assessment_rules
from csc_hub.process.assessments.rules import AssessmentFacts, Kind
from csc_hub.process.conferences import countdown as lines
from csc_hub.process.conferences import rules
from csc_hub.process.conferences.countdown import Done, Facts, Line
from csc_hub.process.contexts.records import Context, Listed
from csc_hub.process.contexts.rules import State as ContextState
from csc_hub.process.invitations import rules as invitation_rules

COUNTED = frozenset({ContextState.IN_ASSESSMENT, ContextState.ASSESSED})
"""Up to the issue of the plan; and after it as long as the conference, at which a plan is usually agreed, is still to come."""
CHASED = frozenset({"invitations", "told"})
"""Lines that the coordinator may settle for chair and lead practitioner."""
IN_SERVICES = ("early_help", "in_need", "protection", "looked_after", "youth_justice")


@dataclass(frozen=True)
class Countdown:
    """A conference and the lines up to it."""

    context: Context | Listed
    day: dt.date | None
    lines: list[Line]
    before_sign_off: tuple[int, int] | None = None
    """How much of the assessment is done, and of how much; None once it is signed off."""

    @cached_property
    def open(self) -> list[Line]:
        """What somebody can do now."""
        return [line for line in self.lines if line.done in (Done.LATE, Done.WAITING)]

    @property
    def next(self) -> Line | None:
        """What is next."""
        return lines.next_line(self.lines)

    @property
    def done(self) -> int:
        """How many lines are done."""
        return sum(line.done is Done.DONE for line in self.lines)


def of(contexts: Sequence[Context | Listed], where: dict[uuid.UUID, Standing], today: dt.date) -> list[Countdown]:
    """The countdowns of these contexts, of those that are on their way to a conference; `where` says where each stands."""
    wanted = [context for context in contexts if context.state_ in COUNTED or _issued_early(context, where[context.id], today)]
    if not wanted:
        return []
    gathered, figures = standings.gathered([key for key in (where[c.id].conference_id for c in wanted) if key], today)
    return [_countdown(c, where[c.id], gathered, figures, today) for c in wanted]


def _issued_early(context: Context | Listed, stands: Standing, today: dt.date) -> bool:
    return context.state_ is ContextState.PLAN_IN_PROGRESS and stands.day is not None and stands.day >= today


def _countdown(
    context: Context | Listed, stands: Standing, gathered: dict[uuid.UUID, Gathered], figures: dict[str, int], today: dt.date,
) -> Countdown:
    facts = AssessmentFacts(
        context.state_, context.type_, stands.period_from, stands.period_to, context.threshold_met, stands.priorities,
        [Kind(kind) for kind in stands.reports])
    tasks = assessment_rules.tasks(facts)
    before = (sum(done for _, _, done in tasks), len(tasks)) if context.state_ is ContextState.IN_ASSESSMENT else None
    left = [words for _, words, done in tasks if not done]
    return Countdown(context, stands.day, _lines(context, stands, left, gathered, figures, today), before)


def _lines(
    context: Context | Listed, stands: Standing, left: list[str], gathered: dict[uuid.UUID, Gathered],
    figures: dict[str, int], today: dt.date,
) -> list[Line]:
    got = gathered.get(stands.conference_id) or Gathered() if stands.conference_id else Gathered()
    fault = rules.fault_of_agenda(stands.agenda or [], stands.minutes or 0, figures["plan_share"]) if stands.day else None
    there = stands.chair_active is not False
    return lines.countdown(Facts(
        today=today, day=stands.day, signed_off=stands.signed_off,
        assessment_left=left, priorities=stands.priorities, lead=stands.lead or "", chair=(stands.chair or "") if there else "", chair_gone="" if there else stands.chair or "",
        chair_met=got.held.get("chair"), agreed_by_lead=bool(stands.lead_agreed), agreed_by_chair=bool(stands.chair_agreed),
        unanswered=len(invitation_rules.QUESTIONS - got.answered), invitees=got.invitees,
        venue=stands.venue or "", elsewhere=stands.near_reason or "" if stands.near == rules.Near.ELSEWHERE else "",
        context_chair=stands.context_chair or "", agenda_fits=bool(stands.day and not fault), agenda_fault=fault[1] if fault else "",
        workers_needed=sum(context.counts.get(key, 0) for key in IN_SERVICES) > 1, workers_met=got.held.get("workers"),
        figures=figures, holidays=bank_holidays(), told=bool(stands.priorities_told), unsent=stands.unsent, released=stands.released,
        adjourned_on=stands.adjourned_on))


def waiting_in(context: Listed, stands: Standing, counted: Countdown | None, name: str, chases: bool) -> list[tuple[Listed, Line]]:
    """What waits in a context for somebody of this name: dated lines that name them, or else the next; a referral to decide; and a plan to issue again.

    To somebody who `chases`, a line that they may settle for others says whose move it is.
    """
    own = []
    for line in counted.open if counted else ():
        if name in line.whose.split(" and "):
            own.append(line)
        elif chases and line.key in CHASED:
            own.append(line._replace(said=f"{line.said}. It is {line.whose}’s move, and you may make it for them"))
    rows = [(context, line) for line in ([line for line in own if line.by] or own[:1])]
    if context.state_ is ContextState.REFERRED and (chases or name == stands.lead):
        rows.append((context, Line("referral", "Referral decided", Done.WAITING, "Referred, and not decided yet") if stands.lead
                     else Line("lead", "Lead practitioner chosen", Done.WAITING, "Referred, and nobody leads it yet")))
    if stands.changed and name in (stands.lead, stands.context_chair) and context.state_ is ContextState.PLAN_IN_PROGRESS:
        rows.append((context, Line("issue", "Plan issued again", Done.WAITING, f"The plan has changed since issue {stands.issue}")))
    return rows
