"""Sign in, sign out, and choose a password from a one-time link."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, g, request, session, url_for
from flask_login import current_user, login_user, logout_user

from csc_hub import db as database
from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused
from csc_hub.people import records, service
from csc_hub.people.records import Person
from csc_hub.people.rules import LINK_HOURS, PASSWORD_LEAST, Role
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("signing_in", __name__)


class SignIn(forms.Form):
    """E-mail and password."""

    email = forms.Line("E-mail address", needed="Enter your e-mail address", input_type="email", autocomplete="username", most=254, width="govuk-!-width-one-half")
    password = forms.Secret("Password", needed="Enter your password")


class NewPassword(forms.Form):
    """A password, typed once: it can be shown."""

    password = forms.Secret(
        "New password", hint=f"At least {PASSWORD_LEAST} characters. Three or more unrelated words work well.",
        needed="Enter a password", autocomplete="new-password")


def _after() -> str:
    """Where to go after signing in: only ever a page of this hub."""
    wanted = request.values.get("next", "")
    parts = urlsplit(wanted)
    plain = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and wanted.isprintable() and "\\" not in wanted
    return wanted if plain and not parts.scheme and not parts.netloc else url_for("overview.home")


def _let_in(person: Person) -> None:
    guards.take_back()
    login_user(person)
    session["since"] = session["seen"] = g.now.timestamp()


@bp.route("/sign-in", methods=["GET", "POST"])
@guards.anyone
def sign_in() -> Any:
    """The way in for everybody who has an account."""
    form = SignIn()
    if form.sent:
        try:
            person = service.sign_in(form.email.data, form.password.data, request.remote_addr or "", g.now)
            if person:
                _let_in(person)
                return see(_after())
            database.finish(keep=True)  # the failure counts, whatever the answer
            form.faults.append(service.WRONG)
        except Refused as refusal:
            form.faults.append(refusal.sentence)
    if request.method == "GET" and current_user.is_authenticated:
        return see(_after())
    cast = records.people(roles=True) if current_app.config["CSC"].demonstration else []
    return page("people/sign_in.html", form=form, cast=sorted((p for p in cast if p.role_rows), key=lambda p: min(list(Role).index(role) for role in p.roles)), after=_after() if request.values.get("next") else "", status=422 if form.wrong else 200)


@bp.post("/sign-in/as")
@guards.anyone
def sign_in_as() -> Any:
    """In a demonstration only: signs in as one of its people."""
    try:
        person = db.session.get(Person, uuid.UUID(request.form.get("person", "")))
    except ValueError:
        raise NotFound from None
    if not current_app.config["CSC"].demonstration or person is None or not person.active:
        raise NotFound
    audit.record("signed_in", person, g.now, subject=person.id, demonstration=True)
    _let_in(person)
    return see(_after())


@bp.post("/sign-out")
@guards.signed_in
def sign_out() -> Any:
    """Ends the session and clears what the browser kept."""
    service.sign_out(db.session.get_one(Person, current_user.id), g.now)
    logout_user()
    session.clear()
    answer = see(url_for("signing_in.sign_in"))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@bp.route("/choose-password/<token>", methods=["GET", "POST"])
@guards.anyone
def choose_password(token: str) -> Any:
    """Where a one-time link leads. Looking at it changes nothing; choosing a password spends it."""
    person = service.person_of_link(token[:200], g.now)
    if person is None:
        return page("people/link_spent.html", status=404)
    form = NewPassword()
    if form.sent:
        try:
            hashed = service.hashed(form.password.data, person)
        except Refused as refusal:
            form.refuse(refusal)
        else:
            if form.attempt(lambda: service.choose_password(token[:200], hashed, g.now)):
                session.clear()
                say("Your password is set. Sign in with it.")
                return see(url_for("signing_in.sign_in"))
    return form_page(
        form, "Choose your password", button="Set my password",
        intro=f"For {person.name}, {person.email}. This link works once, within {LINK_HOURS} hours of being made.")
