"""An agency's own page: its actions, late first, with the update in the row."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, g, make_response, url_for
from flask_login import current_user
from markupsafe import Markup

from csc_hub.kernel import Refused, count, day_short
from csc_hub.people.rules import May
from csc_hub.process.plans import listed, rules, service
from csc_hub.process.plans.listed import OwnAction
from csc_hub.process.plans.routes import COLOURS, UpdateForm
from csc_hub.web import forms, guards, quick
from csc_hub.web.errors import say
from csc_hub.web.lines import printed
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("our_actions", __name__, url_prefix="/our-actions")


@bp.get("")
@guards.may(May.UPDATE_OWN_ACTIONS)
def show() -> Any:
    """Our actions in issued plans."""
    found = listed.own_actions(current_user.agency_id, forms.asked_id("after"), listed.ROWS + 1) if current_user.agency_id else []
    actions = found[:listed.ROWS]
    return page("plans/our_actions.html", plans=_plans(actions), rows=_rows(actions), more=actions[-1].id if len(found) > listed.ROWS else None)


def _plans(actions: list[OwnAction]) -> Markup:
    """The plans that these actions are in, with where our workbook is and where it is sent back."""
    workbook, upload = quick.around("exchange.our_workbook", "plan_of"), quick.around("exchange.our_upload", "plan_of")
    contexts = {action.context_id: action for action in actions}
    return printed("plans/_our_plan.html", "reference name workbook_url upload_url", [
        (action.reference, action.context, workbook.format(key), upload.format(key)) for key, action in contexts.items()])


def _rows(actions: list[OwnAction]) -> Markup:
    """A row for each of our actions."""
    update, nothing = quick.around("our_actions.update", "action_id"), quick.around("our_actions.nothing", "action_id")
    today, token, rows = g.today, quick.hidden(quick.csrf_token()), []
    for action in actions:
        key, status, due = str(action.id), action.status_, action.due_on
        stands = quick.tag(status.label, COLOURS[status])
        if due and rules.is_late(status, due, today):
            stands = stands + " " + quick.tag(f"{count((today - due).days, 'day')} late", "red")
        rows.append((key, f"{action.reference}/{action.number:02d}", stands, action.issued_facts["intervention"], _said(action), str(action.number),
                     update.format(key), nothing.format(key), token, action.updated_on == today))
    return printed("plans/_our_row.html", "key reference stands! intervention said number update_url nothing_url token! recorded?", rows)


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


@bp.route("/<uuid:action_id>", methods=["GET", "POST"])
@guards.may(May.UPDATE_OWN_ACTIONS)
def update(action_id: uuid.UUID) -> Any:
    """Says how far one of our actions has got."""
    action = service.own_action(action_id, current_user)
    form = UpdateForm(action)
    if form.send(action, current_user, say_nothing_new):
        say(f"Thank you. Action {action.context.reference}/{action.number:02d} is updated.")
        return see(url_for("our_actions.show"))
    return form_page(form, f"Update action {action.context.reference}/{action.number:02d}", caption=action.issued_facts["intervention"],
                     button="Send this update", back=url_for("our_actions.show"), other=(url_for("our_actions.nothing", action_id=action_id), "Nothing to report"))


def say_nothing_new() -> None:
    """Refuses an update in which nothing was changed, and names the other way."""
    raise Refused("Nothing here is new, so nothing was recorded. Change what has changed, or choose “Nothing to report” below")


@bp.post("/<uuid:action_id>/nothing-to-report")
@guards.may(May.UPDATE_OWN_ACTIONS)
def nothing(action_id: uuid.UUID) -> Any:
    """Records that there is nothing new; htmx gets the row back."""
    action = service.own_action(action_id, current_user)
    service.nothing_to_report(action, current_user, g.now, g.today)
    if forms.wants_part():
        return make_response(_rows([listed.own_action(action_id)]))
    say(f"Thank you. “Nothing to report” is recorded for action {action.context.reference}/{action.number:02d}.")
    return see(url_for("our_actions.show"))
