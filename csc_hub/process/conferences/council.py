"""Routes of the council's settings: its clocks and thresholds, on one audited page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask_login import current_user

from csc_hub.people.rules import May
from csc_hub.process.conferences import records, service
from csc_hub.process.conferences.figures import FIGURES
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, see

bp = Blueprint("council", __name__)


@bp.route("/settings", methods=["GET", "POST"])
@guards.may(May.KEEP_PEOPLE)
def settings() -> Any:
    """The council's clocks and thresholds."""
    now = records.figures()
    fields = {f.name: forms.Number(
        f"{f.words} ({f.unit})", hint=f"{f.origin}. From {f.least} to {f.most}, the hub’s default is {f.default}.",
        needed=f"Enter a number for “{f.words}”", width="govuk-input--width-3", least=f.least, largest=f.most) for f in FIGURES}
    form = type("FiguresForm", (forms.Form,), fields)()
    if request.method == "GET":
        for name, value in now.items():
            form[name].data = str(value)

    def keep() -> None:
        for figure in FIGURES:
            service.set_figure(figure.name, form[figure.name].value or 0, current_user, g.now)

    if form.sent and form.attempt(keep):
        say("The council’s settings are saved.")
        return see(url_for("council.settings"))
    return form_page(
        form, "Council settings", button="Save the settings",
        intro="Clocks and thresholds this council has chosen. None of them is in the guidance or in law: the hub calls each a local default. "
              "The one limit the guidance sets, review within 20 weeks of the conference, is not changed here. Kinds of agency are kept on the page Agencies.")
