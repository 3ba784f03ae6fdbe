"""Actions as rows of lists: every word of a row is put together here, so that its template only prints it."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from csc_hub.db import PAGES, known
from csc_hub.kernel import count, day_short
from csc_hub.process.plans import listed, rules
from csc_hub.process.plans.listed import Head, OwnAction, PlanAction, PlanWorry
from csc_hub.process.plans.statuses import COLOURS, Status
from csc_hub.web import quick
from csc_hub.web.lines import printed


_TOKEN = Markup("\x02token\x03")


class PlanPage(NamedTuple):
    """A page of a plan: its head, every worry, those of this page with their rows, and the number of its last action where more follow."""

    plan: Head
    every: list[PlanWorry]
    worries: list[PlanWorry]
    last: int | None
    rows: dict[uuid.UUID, Markup]


def plan_page(context_id: uuid.UUID, after: int | None, nudged: bool, today: dt.date) -> PlanPage:
    """A page of a plan from behind an action on; `nudged` for those who may follow a nudge."""
    def find() -> PlanPage:
        plan = listed.head(context_id)
        every = listed.worries(plan.id) if plan.id else []
        worries, last = listed.page_of_plan(context_id, every, after) if plan.id else ([], None)
        return PlanPage(plan, every, worries, last, of_plan(worries, plan, nudged, context_id, today))

    return known(("plan pages", today), (context_id, after, nudged), find, PAGES)


class OwnPage(NamedTuple):
    """A page of an agency's own actions: the plans they are in, a row for each action, and the last one where more follow."""

    plans: Markup
    rows: Markup
    last: str | None


NOTHING = OwnPage(Markup(), Markup(), None)


def own_page(agency_id: uuid.UUID, after: uuid.UUID | None, today: dt.date) -> OwnPage:
    """An agency's own actions from behind a given one on, with forms for whoever asks."""
    def find() -> OwnPage:
        found = listed.own_actions(agency_id, after, listed.ROWS + 1)
        actions = found[:listed.ROWS]
        return OwnPage(own_plans(actions), _own(actions, today), actions[-1].id if len(found) > listed.ROWS else None)

    page = known(("own pages", today), (agency_id, after), find, PAGES)
    return page._replace(rows=_for_this_person(page.rows))


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
            bool(action.owner), action.owner, action.when or "–", bool(check), check, _stands(action.status, action.due_on, bool(plan.issue), bool(plan.issue) and action.issued_in is None, today))


@lru_cache(maxsize=500)
def _nudge(words: str) -> str:
    return f'<p class="csc-nudge csc-noprint">{escape(words)}.</p>'


def own(actions: list[OwnAction], today: dt.date) -> Markup:
    """A row for each of an agency's own actions, with forms for whoever asks."""
    return _for_this_person(_own(actions, today))


def _for_this_person(rows: Markup) -> Markup:
    return Markup(str(rows).replace(_TOKEN, quick.hidden(quick.csrf_token())))


def _own(actions: list[OwnAction], today: dt.date) -> Markup:
    update, nothing = quick.around("our_actions.update", "action_id"), quick.around("our_actions.nothing", "action_id")
    rows = []
    for action in actions:
        key = action.id
        rows.append((key, f"{action.reference}/{action.number:02d}", _stands(action.status, action.due_on, True, False, today), action.issued_facts["intervention"], _said(action),
                     str(action.number), update.format(key), nothing.format(key), _TOKEN, action.updated_on == today))
    return printed("plans/_our_row.html", "key reference stands! intervention said number update_url nothing_url token! recorded?", rows)


def own_plans(actions: list[OwnAction]) -> Markup:
    """The plans that these actions are in, with where our workbook is and where it is sent back."""
    workbook, upload = quick.around("exchange.our_workbook", "plan_of"), quick.around("exchange.our_upload", "plan_of")
    contexts = {action.context_id: action for action in actions}
    return printed("plans/_our_plan.html", "reference name workbook_url upload_url", [
        (action.reference, action.context, workbook.format(key), upload.format(key)) for key, action in contexts.items()])


@lru_cache(maxsize=5_000)
def _stands(word: str, due: dt.date | None, issued: bool, new: bool, today: dt.date) -> Markup:
    status = Status(word)
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
