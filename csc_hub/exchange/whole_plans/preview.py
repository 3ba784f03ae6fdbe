"""What adding a file's plan would do now: each worry and intervention beside the hub's plan, with notes at its place."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from csc_hub.exchange.typed_dates import is_month_first
from csc_hub.exchange.whole_plans import timescales
from csc_hub.exchange.whole_plans.agencies import Matcher, Named
from csc_hub.exchange.whole_plans.columns import key_of
from csc_hub.exchange.whole_plans.drafts import DraftAction, DraftPlan, DraftWorry
from csc_hub.exchange.whole_plans.identifying import signs
from csc_hub.exchange.whole_plans.timescales import When
from csc_hub.process.contexts.rules import FIRST_NAMES, PLACES
from csc_hub.process.plans import rules
from csc_hub.process.plans.records import Worry
from csc_hub.process.plans.rules import MOST_TEXT

MOST_INTERVENTION, MOST_NAME = 2000, 160
THERE = "This is in the plan already, so it is left out"
TEXTS = {"worry": "worry", "impact": "impact", "helping": "text on what is helping", "goal": "safety goal"}


@dataclass
class ShownAction:
    """One intervention as it would be added."""

    draft: DraftAction
    named: Named
    when: When
    owner: str
    held: str = ""  # why it cannot be added, if it cannot
    notes: list[str] = field(default_factory=list)

    @property
    def timescale(self) -> str:
        """The timescale in words."""
        return rules.timescale_in_words(self.when.due_on, self.when.words)


@dataclass
class ShownWorry:
    """One worry as it would be added, or the worry of the plan under which its interventions would go."""

    draft: DraftWorry
    there: uuid.UUID | None
    held: str = ""
    notes: list[str] = field(default_factory=list)
    actions: list[ShownAction] = field(default_factory=list)


@dataclass
class Preview:
    """All that would be added, and which agencies the file names."""

    worries: list[ShownWorry]
    names: list[tuple[Named, int]]  # each agency named, with how many interventions
    orphans: int  # interventions without a worry
    identifying: int  # places that may identify a young person
    plan: DraftPlan

    @property
    def actions(self) -> list[ShownAction]:
        """All interventions."""
        return [action for worry in self.worries for action in worry.actions]

    def digest(self) -> str:
        """A mark of all that is shown, by which a change in between is noticed."""
        facts = [(w.draft.key, str(w.there), w.held, [(a.draft.key, a.held, a.named.key, str(a.named.agency_id), a.timescale) for a in w.actions]) for w in self.worries]
        return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]


def lay_beside(plan: DraftPlan, now: list[Worry], agencies: list[tuple[uuid.UUID, str]], remembered: Mapping[str, uuid.UUID], date1904: bool, days: Mapping[str, Any]) -> Preview:
    """What of a file is new to the plan as it is now. `days`: the conference's, the review's and today, for the hints."""
    matcher = Matcher(agencies, remembered)
    known = {key_of(worry.worry): worry for worry in now}
    american = is_month_first([action.timescale for action in plan.actions])
    shown = []
    for draft in plan.worries:
        there = known.get(key_of(draft.worry)) if draft.worry else None
        worry = _worry(draft, there)
        done = {key_of(action.intervention) for action in there.actions} if there else set()
        for action in draft.actions:
            one = _action(action, matcher, date1904, american, days)
            if key_of(action.intervention) in done or (action.tasks and all(key_of(task) in done for task in action.tasks)):
                one.held = THERE
            worry.actions.append(one)
        shown.append(worry)
    names: dict[str, tuple[Named, int]] = {}
    for shown_action in (a for w in shown for a in w.actions if not a.held):
        first, number = names.get(shown_action.named.key, (shown_action.named, 0))
        names[shown_action.named.key] = (first, number + 1)
    orphans = sum(len([a for a in w.actions if not a.held]) for w in shown if not w.draft.worry)
    found = sum(note.startswith(_LOOK) for w in shown for note in (*w.notes, *(n for a in w.actions if not a.held for n in a.notes)))
    return Preview(shown, list(names.values()), orphans, found, plan)


_LOOK = "May be about one young person"


def _look(words: str) -> list[str]:
    found = signs(words, FIRST_NAMES, PLACES)
    return [f"{_LOOK}: {', '.join(found)}"] if found else []


def _worry(draft: DraftWorry, there: Worry | None) -> ShownWorry:
    shown = ShownWorry(draft, there.id if there else None)
    if there:
        shown.notes.append("This worry is in the plan already. What is new under it is added there; the plan’s own words stay as they are")
        return shown
    for name, words in TEXTS.items():
        if len(getattr(draft, name)) > MOST_TEXT:
            shown.held = f"The {words} has {len(getattr(draft, name)):,} characters; the hub takes up to {MOST_TEXT:,}. Shorten it in the file and bring it in again"
    if not draft.worry and (draft.goal or draft.helping):
        shown.notes.append("The goal and what is helping go with a new worry. They are left out where you choose a worry of the plan")
    if draft.worry and not draft.goal:
        shown.notes.append("No safety goal yet: write it before the plan is issued")
    shown.notes += _look("\n".join((draft.worry, draft.impact, draft.helping, draft.goal)))
    return shown


def _action(draft: DraftAction, matcher: Matcher, date1904: bool, american: bool, days: Mapping[str, Any]) -> ShownAction:
    named = matcher.match(draft.agency)
    when = timescales.read(draft.timescale, date1904, american)
    owner = ", ".join(filter(None, (named.owner, draft.owner)))
    shown = ShownAction(draft, named, when, owner)
    for what, text, most in (("intervention", draft.intervention, MOST_INTERVENTION), ("team", named.team, MOST_NAME), ("owner", owner, MOST_NAME)):
        if len(text) > most:
            shown.held = f"The {what} has {len(text):,} characters; the hub takes up to {most:,}. Shorten it in the file and bring it in again"
    if named.others:
        shown.notes.append(f"This cell names {named.words}. An action belongs to one agency: add another for {', '.join(named.others)}")
    shown.notes += draft.notes + ([when.said] if when.said else [])
    several = bool(draft.tasks)
    shown.notes += [note for note in rules.nudges(draft.intervention, owner, when.due_on, when.words, days["review"], days["conference"], days["today"])
                    if not note.startswith("No named owner") and not (several and note.startswith("This reads like several"))]
    shown.notes += _look(draft.intervention)
    return shown
