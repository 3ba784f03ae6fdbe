"""The page on which an administrator makes one agency part of another."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_login import current_user

from csc_hub.db import db
from csc_hub.kernel import NotFound
from csc_hub.people import mergers
from csc_hub.people import records as people
from csc_hub.people.records import Agency
from csc_hub.people.rules import May
from csc_hub.process.agreements import merging
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import page, see

bp = Blueprint("merging", __name__, url_prefix="/agencies")


class MergeForm(forms.Form):
    """Which agency is left, and that somebody has looked at what moves."""

    into = forms.Choice("Which agency is it part of?", radios=False, needed="Choose the agency that it is part of")
    sure = forms.Tick("They are one organisation, and I have read what moves", needed="Say that you have read what moves")


@bp.route("/<uuid:agency_id>/merge", methods=["GET", "POST"])
@guards.may(May.KEEP_PEOPLE)
def merge_agency(agency_id: uuid.UUID) -> Any:
    """Chooses the other agency, shows what would move, and does it once somebody says that it is right."""
    agency, form = db.session.get(Agency, agency_id), MergeForm()
    if agency is None:
        raise NotFound
    merger = mergers.merger_of(agency_id)
    form.into.offer([("", "Choose an agency"), *((one.id, one.name) for one in people.agencies() if one.id != agency_id)])
    some_id = forms.asked_id("into")
    into = db.session.get(Agency, some_id) if some_id and str(some_id) in dict(form.into.choices) else None
    if into:
        form.into.data = str(into.id)
    elif form.is_sent() or "into" in request.args:
        form.into.errors = ["Choose the agency that it is part of"]
    if form.sent and into and form.attempt(lambda: merging.merge(agency, into, current_user, g.now)):
        say(f"{agency.name} is part of {into.name} now.")
        return see(url_for("people.agencies"))
    return page("people/merge.html", agency=agency, merger=merger, form=form, into=into, obstacle=merging.obstacle(agency, into) if into and not merger else None,
                outlook=merging.outlook(agency, g.now) if into and not merger else None, status=422 if form.wrong else 200)

