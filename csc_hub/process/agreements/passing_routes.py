"""What somebody does who was asked to sign and does not: decline, pass it on to who can, or give an undertaking for one meeting."""

from __future__ import annotations

from typing import Any

from flask import g, url_for

from csc_hub.kernel import NotFound, day_in_words
from csc_hub.process.agreements import rules, signing
from csc_hub.process.agreements import undertaking as undertakings
from csc_hub.process.agreements.signing_routes import began, bp, browser, elsewhere_to_go
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see


class DeclineForm(forms.Form):
    """Why somebody will not sign."""

    reason = forms.Paragraphs("Why do you not sign?", hint="Do not write anything about a case or a young person.", needed="Give the reason, so that the council can answer it", rows=3, most=1000)


class PassOnForm(forms.Form):
    """Who can sign instead."""

    name = forms.Line("Their full name", needed="Enter their name", most=160)
    email = forms.Email("Their work e-mail address", needed="Enter their e-mail address")


class UndertakingForm(forms.Form):
    """An undertaking for one meeting."""

    typed_name = forms.Line("Type your full name", needed="Type your name", most=160, autocomplete="name")


@bp.route("/sign/decline", methods=["GET", "POST"])
@guards.signing
def decline() -> Any:
    """Somebody will not sign."""
    elsewhere, form = elsewhere_to_go(), DeclineForm()
    if elsewhere:
        return elsewhere
    if form.sent and form.attempt(lambda: signing.decline(g.signing.request, form.reason.data or "", g.now)):
        say("Thank you. The council has your answer.")
        return see(url_for("signing.read"))
    return form_page(form, "Decline to sign", back=url_for("signing.read"), button="Decline to sign", danger=True,
                     intro="The council reads your reason and may ring you. Papers for meetings stay closed to your organisation.")


@bp.route("/sign/pass-on", methods=["GET", "POST"])
@guards.signing
def pass_on() -> Any:
    """Somebody else at the organisation signs."""
    elsewhere, form, asked = elsewhere_to_go(), PassOnForm(), g.signing.request
    if elsewhere:
        return elsewhere
    if form.sent and form.attempt(lambda: signing.pass_on(asked, form.name.data or "", form.email.data or "", g.now)):
        say(f"{form.name.data} gets a mail with a link to sign.")
        return see(url_for("signing.passed"))
    return form_page(form, f"Who can sign for {asked.agency.name}?", back=url_for("signing.about"), button="Pass it on",
                     intro="A manager or your head office, for example. They get a mail with a link of their own.")


@bp.get("/sign/passed")
@guards.signing
def passed() -> Any:
    """To whom it was passed on, and what can be signed for oneself meanwhile."""
    asked = g.signing.request
    elsewhere = elsewhere_to_go()
    if elsewhere:
        return elsewhere
    others = signing.passed_to(asked)
    if not others:
        return see(url_for("signing.pass_on"))
    day = undertakings.day_of_meeting(asked)
    return page("signing/passed.html", others=others, asked=asked, undertaking=undertakings.undertaking_of(asked), invited=began() == "invited",
                can_undertake=day is not None and day >= g.today)


@bp.route("/sign/undertaking", methods=["GET", "POST"])
@guards.signing
def undertaking() -> Any:
    """A confidentiality undertaking for one meeting, by somebody who cannot bind their organisation."""
    elsewhere, form, asked = elsewhere_to_go(), UndertakingForm(), g.signing.request
    if elsewhere:
        return elsewhere
    day = undertakings.day_of_meeting(asked)
    if day is None or day < g.today:
        raise NotFound
    if form.sent and form.attempt(lambda: undertakings.undertake(g.signing, form.typed_name.data or "", browser(), g.now)):
        return see(url_for("signing.done"))
    return form_page(form, "Confidentiality undertaking for one meeting", caption=day_in_words(day), back=url_for("signing.passed" if signing.passed_to(asked) else "signing.about"), button="Sign the undertaking",
                     intro=rules.UNDERTAKING)
