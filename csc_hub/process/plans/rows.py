"""Actions as rows of lists: every word of a row is put together here, so that its template only prints it."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import lru_cache

from markupsafe import Markup, escape

from csc_hub.kernel import count, day_short
from csc_hub.process.plans import rules
from csc_hub.process.plans.listed import Head, OwnAction, PlanAction, PlanWorry
from csc_hub.process.plans.statuses import COLOURS
from csc_hub.web import quick
from csc_hub.web.lines import printed


def of_plan(worries: list[PlanWorry], plan: Head, nudged: bool, context_id: uuid.UUID, today: dt.date) -> dict[uuid.UUID, Markup]:
    """The rows of a plan's page under each worry; `nudged` for those who may follow a nudge."""
    place = quick.around("plans.action", "action_id", context_id=context_id)
    return {worry.id: printed(
        "plans/_action_row.html", "number url intervention nudges! who owned? owner when checked? check stands!",
        [_of_plan(action, plan, nudged, place, today) for action in worry.actions]) for worry in worries}


def _of_plan(action: PlanAction, plan: Head, nudged: bool, place: str, today: dt.date) -> tuple[object, ...]:
    nudges = rules.nudges(action.intervention, action.owner, action.due_on, action.timescale, plan.review_on, *(
        (plan.day, today) if action.issued_in is None else ())) if nudged else []
    check = f"next check {day_short(action.due_on)}" if action.timescale and action.due_on else ""
    return (str(action.number), place.format(action.id), action.intervention, Markup("".join([_nudge(nudge) for nudge in nudges])), action.who,
            bool(action.owner), action.owner, action.when or "–", bool(check), check, _stands(action, bool(plan.issue), bool(plan.issue) and action.issued_in is None, today))


@lru_cache(maxsize=500)
def _nudge(words: str) -> str:
    return f'<p class="csc-nudge csc-noprint">{escape(words)}.</p>'


def own(actions: list[OwnAction], today: dt.date) -> Markup:
    """A row for each of an agency's own actions."""
    update, nothing = quick.around("our_actions.update", "action_id"), quick.around("our_actions.nothing", "action_id")
    token, rows = quick.hidden(quick.csrf_token()), []
    for action in actions:
        key = action.id
        rows.append((key, f"{action.reference}/{action.number:02d}", _stands(action, True, False, today), action.issued_facts["intervention"], _said(action),
                     str(action.number), update.format(key), nothing.format(key), token, action.updated_on == today))
    return printed("plans/_our_row.html", "key reference stands! intervention said number update_url nothing_url token! recorded?", rows)


def own_plans(actions: list[OwnAction]) -> Markup:
    """The plans that these actions are in, with where our workbook is and where it is sent back."""
    workbook, upload = quick.around("exchange.our_workbook", "plan_of"), quick.around("exchange.our_upload", "plan_of")
    contexts = {action.context_id: action for action in actions}
    return printed("plans/_our_plan.html", "reference name workbook_url upload_url", [
        (action.reference, action.context, workbook.format(key), upload.format(key)) for key, action in contexts.items()])


def _stands(action: PlanAction | OwnAction, issued: bool, new: bool, today: dt.date) -> Markup:
    status, due = action.status_, action.due_on
    said = quick.tag(status.label, COLOURS[status])
    if new:
        return Markup(f"{said} {quick.tag('Not issued yet', 'yellow')}")
    if issued and due and rules.is_late(status, due, today):
        return Markup(f"{said} {quick.tag(count((today - due).days, 'day') + ' late', 'red')}")
    return said


def _said(action: OwnAction) -> str:
    """By when, whose, what for, and how long ago anybody heard of it."""
    facts = action.issued_facts
    words = facts["when"] or "No date agreed"
    if facts["timescale"] and action.due_on:
        words += f", next check {day_short(action.due_on)}"
    words += f". Owner: {facts['owner']}." if facts["owner"] else "."
    if goal := facts["goal"]:
        words += f" Goal: {goal}" if goal[-1] in ".!?" else f" Goal: {goal}."
    return f"{words} Last update {day_short(action.updated_on)}." if action.updated_on else f"{words} No update yet."
