"""An agency's own page: its actions, late first, with the update in the row."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, g, make_response, url_for
from flask_login import current_user

from csc_hub.kernel import Refused
from csc_hub.people.rules import May
from csc_hub.process.plans import listed, rows, service
from csc_hub.process.plans.routes import UpdateForm
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("our_actions", __name__, url_prefix="/our-actions")


@bp.get("")
@guards.may(May.UPDATE_OWN_ACTIONS)
def show() -> Any:
    """Our actions in issued plans."""
    own = rows.own_page(current_user.agency_id, forms.asked_id("after"), g.today) if current_user.agency_id else rows.NOTHING
    return page("plans/our_actions.html", plans=own.plans, rows=own.rows, more=own.last)


@bp.route("/<uuid:action_id>", methods=["GET", "POST"])
@guards.may(May.UPDATE_OWN_ACTIONS)
def update(action_id: uuid.UUID) -> Any:
    """Says how far one of our actions has got."""
    action = service.own_action(action_id, current_user)
    form = UpdateForm(action)
    if form.send(action, current_user, say_nothing_new):
        say(f"Thank you. Action {action.context.reference}/{action.number:02d} is updated.")
        return see(url_for("our_actions.show"))
    return form_page(form, f"Update action {action.number}", caption=f"{action.context.reference}, {action.issued_facts['intervention']}",
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
        return make_response(rows.own([listed.own_action(action_id)], g.today))
    say(f"Thank you. “Nothing to report” is recorded for action {action.context.reference}/{action.number:02d}.")
    return see(url_for("our_actions.show"))
