"""The team of a context asks agencies to report, chases them, and closes their doors."""

from __future__ import annotations

import uuid
from typing import Any

from flask import g, url_for
from flask_login import current_user

from csc_hub.exchange.doors import records, service
from csc_hub.exchange.routes import bp
from csc_hub.kernel import count
from csc_hub.people.rules import May
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, see


_SAID = 5  # reasons in one message: it travels in a cookie


class AskForm(forms.Form):
    """Who is asked to report for an agency."""

    name = forms.Line("Their full name", needed="Enter their name", most=160)
    email = forms.Email("Their work e-mail address", hint="The link is only for this mailbox. Whoever was asked before for this agency is shut out.", needed="Enter their e-mail address")


def _back() -> str:
    return url_for("exchange.show", context_id=g.context.id)


@bp.post("/contexts/<uuid:context_id>/updates/ask")
@guards.on_context(May.BRING_IN_UPDATES)
def ask_all(context_id: uuid.UUID) -> Any:
    """Asks every agency that has not reported."""
    number, left = service.ask_all(g.context, current_user, g.now)
    words = [f"{count(number, 'agency', 'agencies')} asked"] if number else [] if left else ["Nobody is left to ask: each was asked today, has reported, or has sent a workbook that waits to be applied"]
    if left:
        words.append(f"Not asked: {'. '.join(left[:_SAID])}")
    if len(left) > _SAID:
        words.append(f"{count(len(left) - _SAID, 'more agency', 'more agencies')} could not be asked: press “Ask to report” beside each to read why")
    say("".join(f"{sentence}. " for sentence in words).strip())
    return see(_back())


@bp.post("/contexts/<uuid:context_id>/updates/ask/<uuid:agency_id>")
@guards.on_context(May.BRING_IN_UPDATES)
def ask(context_id: uuid.UUID, agency_id: uuid.UUID) -> Any:
    """Asks whoever was asked before for an agency, or else its contact."""
    agency, door = service.agency_of(g.context, agency_id), records.open_doors(context_id).get(agency_id)
    asked = service.ask(g.context, agency, *service.whom(agency, door), current_user, g.now)
    say(f"{asked.name} is asked to report for {agency.name}.")
    return see(_back())


@bp.route("/contexts/<uuid:context_id>/updates/ask/<uuid:agency_id>/somebody", methods=["GET", "POST"])
@guards.on_context(May.BRING_IN_UPDATES)
def ask_somebody(context_id: uuid.UUID, agency_id: uuid.UUID) -> Any:
    """Asks somebody else at an agency."""
    agency, form = service.agency_of(g.context, agency_id), AskForm()
    if form.sent and form.attempt(lambda: service.ask(g.context, agency, form.name.data or "", form.email.data or "", current_user, g.now)):
        say(f"{form.name.data} is asked to report for {agency.name}.")
        return see(_back())
    return form_page(form, f"Who reports for {agency.name}?", caption=g.context.reference, button="Ask them to report", back=_back(),
                     intro="They get a mail with a link and a code. They see only this agency’s own actions in this plan, and need no account.")


@bp.post("/contexts/<uuid:context_id>/updates/doors/<uuid:door_id>/close")
@guards.on_context(May.BRING_IN_UPDATES)
def close_door(context_id: uuid.UUID, door_id: uuid.UUID) -> Any:
    """Closes an agency's door at once."""
    door = service.door_of(g.context, door_id)
    service.close(door, current_user, g.now)
    say(f"The link for {door.agency.name} is closed. It and its code open nothing any more.")
    return see(_back())
