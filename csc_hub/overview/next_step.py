"""What is next in a context, whose move it is, and where it is settled: the same words in the list, the frame and for who waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from csc_hub.kernel import count, listed
from csc_hub.overview.countdown import Countdown
from csc_hub.overview.standing import Standing
from csc_hub.process.contexts.records import Context, Listed
from csc_hub.process.contexts.rules import OPEN, State
from csc_hub.process.conferences.countdown import TO_DO

LINES = {
    "assessment": ("assessments.show", ""), "priorities": ("assessments.show", "priorities"), "date": ("conferences.edit", ""),
    "chair": ("conferences.edit", ""), "consultation": ("conferences.show", "meetings"), "considerations": ("invitations.show", ""),
    "attendance": ("invitations.show", "agree"), "venue": ("conferences.edit", ""), "agenda": ("conferences.show", "agenda"),
    "workers": ("conferences.show", "meetings"), "issue": ("plans.show", ""),
    "lead": ("contexts.team", ""), "referral": ("contexts.show", ""),
    "told": ("sending.papers", ""), "invitations": ("invitations.show", ""), "papers": ("sending.papers", ""),
}
"""Where each line is settled: page and part of it."""


@dataclass(frozen=True)
class Step:
    """What is next: begun in the middle of a sentence, with the endpoint and part of the page where it is settled; `whose` and `by` where they are known."""

    words: str
    place: tuple[str, str]
    whose: str = ""
    by: dt.date | None = None


def place_of(key: str, edits: bool = True) -> tuple[str, str]:
    """Where a line of the countdown is settled; or where somebody who changes nothing can read of it."""
    endpoint, anchor = LINES[key]
    return (endpoint if edits else endpoint.replace(".edit", ".show")), anchor


def of(context: Context | Listed, stands: Standing, counted: Countdown | None, edits: bool) -> Step | None:
    """The next step of a context, or None once its case has ended. `edits`: whether the reader may change anything in it."""
    line = counted.next if counted else None
    if line:
        words = TO_DO[line.key]
        return Step(words[0].lower() + words[1:], place_of(line.key, edits), line.whose, line.by)
    return _moved(context, stands, edits) if context.state_ in OPEN else None


def _moved(context: Context | Listed, stands: Standing, edits: bool) -> Step:
    lead, state = stands.lead or "the lead practitioner", context.state_
    either = listed([stands.context_chair, lead] if stands.context_chair else [lead], "or")
    if state is State.REFERRED:
        if stands.lead is None:
            return Step("choose a lead practitioner, then accept the referral for assessment",
                        ("contexts.team" if edits else "contexts.show", ""), "the coordinator")
        return Step("decide whether to assess this context: accept the referral, or send it another way",
                    ("contexts.show", ""), f"the coordinator or {lead}")
    plan = ("plans.show", "")
    if state is State.IN_ASSESSMENT:
        return Step("finish the assessment and sign it off", ("assessments.show", ""), lead)
    if state is State.ASSESSED:
        if not stands.actions:
            return Step("write the intervention plan", plan, lead)
        return Step("issue the plan to the agencies", plan, either)
    if stands.changed:
        return Step("the plan has changed since it was issued; issue it again", plan, either)
    if stands.late:
        return Step(f"ask about {count(stands.late, 'late action')}", ("exchange.show", ""), lead)
    return Step("agencies work on their actions and send updates", ("exchange.show", ""))
