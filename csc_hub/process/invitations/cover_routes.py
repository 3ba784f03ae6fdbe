"""Asking those on the list to sign, and the chair's leave to read one paper without the agreement."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, g, url_for
from flask_login import current_user

from csc_hub.kernel import Refused, count
from csc_hub.people.rules import May
from csc_hub.process.agreements import covering
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations import circulation, cover, records, service
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, see

bp = Blueprint("cover", __name__, url_prefix="/contexts/<uuid:context_id>/invitations")


class LeaveForm(forms.Form):
    """Whom the chair lets read a paper, and why."""

    person = forms.Choice("Who may read it?", needed="Choose who may read it")
    reason = forms.Paragraphs("Reason", hint="It is kept with the paper. No names of young people.", needed="Give the reason, so that somebody who reads this in a year understands it", rows=3, most=1000)


def _conference() -> Conference:
    conference = conferences.current(g.context.id)
    if conference is None:
        raise Refused("Begin with the conference’s date, chair and venue")
    return conference


@bp.post("/ask-to-sign")
@guards.on_context(May.EDIT_CASE)
def ask_all(context_id: uuid.UUID) -> Any:
    """Asks everybody on the list who must sign."""
    number = cover.ask_all(_conference(), current_user, g.now)
    say(f"{count(number, 'person', 'people')} asked to sign." if number else "Everybody who must sign and uses e-mail was asked today. Ring them, or let them sign at the door.")
    return see(url_for("invitations.show", context_id=context_id) + "#list")


@bp.post("/<uuid:invitation_id>/ask-to-sign")
@guards.on_context(May.EDIT_CASE)
def ask_one(context_id: uuid.UUID, invitation_id: uuid.UUID) -> Any:
    """Asks one person on the list to sign."""
    conference = _conference()
    invitation = service.found(invitation_id, conference)
    cover.ask_one(conference, invitation, current_user, g.now)
    say(f"{invitation.person.name} is asked to sign.")
    return see(url_for("invitations.show", context_id=context_id) + "#list")


@bp.route("/papers/<uuid:version_id>/leave", methods=["GET", "POST"])
@guards.on_context(May.DECIDE)
def give_leave(context_id: uuid.UUID, version_id: uuid.UUID) -> Any:
    """The chair lets one person read one paper without the agreement."""
    conference, version, form = _conference(), circulation.version_of(g.context, version_id), LeaveForm()
    cover.must_chair(g.context, conference, current_user)
    asked = records.of_conference(conference.id)
    standings = covering.standings(asked, conference.id, g.today)
    form.person.offer([(i.id, f"{i.person.name}{', ' + i.agency.name if i.agency else ''}", standings[i.person_id].cover.label)
                       for i in asked if not standings[i.person_id].covered and not i.withdrawn_at])
    if form.sent and form.attempt(lambda: cover.give_leave(
            g.context, conference, version, service.found(uuid.UUID(form.person.data), conference), form.reason.data, current_user, g.now)):
        reader = service.found(uuid.UUID(form.person.data), conference).person.name
        say(f"{reader} may read this paper now. Others who are not covered may not.")
        return see(url_for("sending.papers", context_id=context_id))
    return form_page(form, "Let somebody read this paper without the agreement", caption=circulation.title_of(version), back=url_for("sending.papers", context_id=context_id), button="Let them read it",
                     intro="It opens this one paper to this one person. It is better to ask them to sign, which takes two minutes.")


@bp.post("/papers/<uuid:version_id>/leave/<uuid:invitation_id>/end")
@guards.on_context(May.DECIDE)
def end_leave(context_id: uuid.UUID, version_id: uuid.UUID, invitation_id: uuid.UUID) -> Any:
    """Ends the chair's leave."""
    conference = _conference()
    cover.end_leave(g.context, conference, circulation.version_of(g.context, version_id), service.found(invitation_id, conference), current_user, g.now)
    say("The leave is ended. They can no longer open this paper.")
    return see(url_for("sending.papers", context_id=context_id))
