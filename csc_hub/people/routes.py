"""Administrators' pages: people, agencies and kinds of agency."""

from __future__ import annotations

import itertools
import uuid
from typing import Any

from flask import Blueprint, current_app, g, url_for
from flask_login import current_user
from markupsafe import Markup

from csc_hub.db import PAGES, db, known
from csc_hub.kernel import NotFound
from csc_hub.people import mergers, records, rules, service
from csc_hub.people.records import Agency, Kind, Person
from csc_hub.people.rules import May, Role
from csc_hub.web import forms, guards, quick
from csc_hub.web.errors import say
from csc_hub.web.lines import printed
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("people", __name__)
ROWS = 50


class PersonForm(forms.Form):
    """A person who works with the hub."""

    name = forms.Line("Full name", hint="Never a young person’s. For young people or a school council, add the adult who represents or accompanies them.", needed="Enter their full name", most=160)
    email = forms.Email("Work e-mail address", hint="Needed to sign in. Leave empty for somebody who is only asked to a conference and does not use e-mail.")
    job_title = forms.Line("Job title", most=160)
    phone = forms.Line("Work phone number", most=60, input_type="tel", width="govuk-input--width-20")
    access_needs = forms.Paragraphs("Access needs", hint="What they need to take part in a meeting, such as step-free access or large print. They decide what to tell.", most=1000, rows=2)
    agency_id = forms.Choice("Agency", radios=False)
    roles = forms.Choices("Roles", [(role.value, role.label, role.hint) for role in Role], hint="None for somebody who is only asked to conferences.")

    def __init__(self, record: Person | None = None):
        super().__init__(record)
        self.agency_id.offer([("", "No agency"), *((a.id, a.name) for a in records.agencies())])
        if record:
            self.now["roles"] = [role.value for role in record.roles]
            if not self.is_sent():
                self.roles.data = self.now["roles"]

    def draft(self) -> service.PersonDraft:
        """The person as typed."""
        return service.PersonDraft(
            name=self.name.data, email=self.email.data or "", job_title=self.job_title.data or "", phone=self.phone.data or "",
            access_needs=self.access_needs.data or "", agency_id=self.agency_id.uuid,
            roles=frozenset(Role(role) for role in self.roles.data))


class AgencyForm(forms.Form):
    """An agency, whom to ask there, and whom to ask when nobody answers."""

    name = forms.Line("Name", needed="Enter the name of the agency", most=160)
    kind_id = forms.Choice("Kind of agency", radios=False, needed="Choose the kind of agency", hint="The guidance lists 15 kinds. The council may add its own.")
    statutory = forms.Choice(
        "Is it a statutory partner?", [("1", "Yes", "Covered by the procedures for child protection conferences."), ("0", "No", "Signs the information sharing agreement.")],
        needed="Choose whether it is a statutory partner")
    contact_name = forms.Line("Contact: name", hint="For young people or a school council, the adult who represents or accompanies them.", most=160)
    contact_email = forms.Email("Contact: e-mail address")
    contact_phone = forms.Line("Contact: phone number", most=60, input_type="tel", width="govuk-input--width-20")
    escalation_name = forms.Line("Escalation contact: name", hint="A manager to turn to when actions are not done.", most=160)
    escalation_email = forms.Email("Escalation contact: e-mail address")
    escalation_phone = forms.Line("Escalation contact: phone number", most=60, input_type="tel", width="govuk-input--width-20")

    def __init__(self, record: Agency | None = None):
        super().__init__(record)
        self.kind_id.offer([("", "Choose a kind"), *((kind.id, kind.name) for kind in records.kinds())])
        if record:
            self.now["statutory"] = "1" if record.statutory else "0"
            if not self.is_sent():
                self.statutory.data = self.now["statutory"]

    def draft(self) -> service.AgencyDraft:
        """The agency as typed."""
        words = {name: getattr(self, name).data or "" for name in (
            "contact_name", "contact_email", "contact_phone", "escalation_name", "escalation_email", "escalation_phone")}
        return service.AgencyDraft(name=self.name.data, kind_id=self.kind_id.uuid, statutory=self.statutory.data == "1", **words)


class KindForm(forms.Form):
    """A kind of agency of the council's own."""

    name = forms.Line("Name of the kind", needed="Enter the name of the kind of agency", most=120)
    statutory = forms.Choice("Are agencies of this kind statutory partners?", [("1", "Yes"), ("0", "No")], needed="Choose yes or no")


def _found(table: type, some_id: uuid.UUID) -> Any:
    found = db.session.get(table, some_id)
    if found is None:
        raise NotFound
    return found


@bp.get("/people")
@guards.may(May.KEEP_PEOPLE)
def people() -> Any:
    """Everybody who may sign in, and who may no longer."""
    words, after = forms.asked("q"), forms.asked_id("after")

    def find() -> dict[str, Any]:
        found = records.page_of(words, after, ROWS + 1)
        shown = found[:ROWS]
        return {"rows": _rows(shown), "number": len(shown), "more": shown[-1].id if len(found) > ROWS else None}

    return page("people/people.html", fragment="found", words=words, **(find() if words else known("people", after, find, PAGES)))


def _rows(people: list[records.Listed]) -> Markup:
    """A row for each person."""
    place = quick.around("people.person", "person_id")
    return printed("people/_person_row.html", "url name job_title roles agency sign_in!", [
        (place.format(one.id), one.name, one.job_title, one.roles_in_words, one.agency or "–", _sign_in(one)) for one in people])


def _sign_in(one: records.Listed) -> Markup:
    if not one.active:
        return quick.tag("Access ended", "red")
    if one.can_sign_in:
        return quick.tag("Can sign in", "green")
    return quick.tag("No password yet", "yellow") if one.roles else quick.tag("Does not sign in")


@bp.route("/people/add", methods=["GET", "POST"])
@guards.may(May.KEEP_PEOPLE)
def add_person() -> Any:
    """Adds a person and shows the link with which they choose a password."""
    form = PersonForm()
    made: list[Person] = []
    if form.sent and form.attempt(lambda: made.append(service.add_person(form.draft(), current_user, g.now))):
        say(f"{made[0].name} has been added. Make a link so that they can choose a password.")
        return see(url_for("people.person", person_id=made[0].id))
    return form_page(form, "Add a person", back=url_for("people.people"), button="Add this person")


@bp.get("/people/<uuid:person_id>")
@guards.may(May.KEEP_PEOPLE)
def person(person_id: uuid.UUID) -> Any:
    """One person: details, roles, and whether they can sign in."""
    return page("people/person.html", person=_found(Person, person_id), link=None, hours=rules.LINK_HOURS)


@bp.route("/people/<uuid:person_id>/edit", methods=["GET", "POST"])
@guards.may(May.KEEP_PEOPLE)
def edit_person(person_id: uuid.UUID) -> Any:
    """Changes details and roles."""
    person = _found(Person, person_id)
    form = PersonForm(person)
    if form.sent and form.attempt(lambda: service.change_person(person, form.draft(), _me(), g.now), person):
        say(f"{person.name}’s details are saved.")
        return see(url_for("people.person", person_id=person.id))
    return form_page(form, f"Change {person.name}’s details", back=url_for("people.person", person_id=person_id), button="Save changes")


def _me() -> Person:
    return db.session.get(Person, current_user.id)


@bp.post("/people/<uuid:person_id>/link")
@guards.may(May.KEEP_PEOPLE)
def make_link(person_id: uuid.UUID) -> Any:
    """Makes a one-time link and shows it once."""
    person = _found(Person, person_id)
    token = service.make_link(person, _me(), g.now)
    link = current_app.config["CSC"].url + url_for("signing_in.choose_password", token=token)
    return page("people/person.html", person=person, link=link, hours=rules.LINK_HOURS)


@bp.post("/people/<uuid:person_id>/end-access")
@guards.may(May.KEEP_PEOPLE)
def end_access(person_id: uuid.UUID) -> Any:
    """Closes every door to a person at once."""
    person = _found(Person, person_id)
    service.end_access(person, _me(), g.now)
    say(f"{person.name} can no longer sign in.")
    return see(url_for("people.person", person_id=person_id))


@bp.post("/people/<uuid:person_id>/restore-access")
@guards.may(May.KEEP_PEOPLE)
def restore_access(person_id: uuid.UUID) -> Any:
    """Lets a person in again."""
    person = _found(Person, person_id)
    service.restore_access(person, _me(), g.now)
    say(f"{person.name} can sign in again.")
    return see(url_for("people.person", person_id=person_id))


@bp.get("/agencies")
@guards.may(May.KEEP_PEOPLE)
def agencies() -> Any:
    """All agencies by kind, in the guidance's order."""
    after = forms.asked_id("after")
    return page("people/agencies.html", **known("agencies", after, lambda: _by_kind(after), PAGES))


def _by_kind(after: uuid.UUID | None) -> dict[str, Any]:
    """Each kind with a line for each of its agencies, and where the next page begins."""
    found = records.agencies_by_kind(after, 2 * ROWS + 1)
    shown = found[:2 * ROWS]
    place = quick.around("people.edit_agency", "agency_id")
    kinds, parts = [], {str(key): f", now part of {merger.into.name}" for key, merger in mergers.mergers().items()}
    for _, rows in itertools.groupby(shown, key=lambda row: row.kind_id):
        of_kind = list(rows)
        kinds.append((of_kind[0], printed("people/_agency.html", "url name contact", [
            (place.format(row.id), row.name, parts.get(row.id) or (f", {row.contact_name}" if row.contact_name else "")) for row in of_kind if row.id])))
    return {"kinds": kinds, "more": (shown[-1].id or shown[-1].kind_id) if len(found) > len(shown) else None}


@bp.route("/agencies/add", methods=["GET", "POST"])
@guards.may(May.KEEP_PEOPLE)
def add_agency() -> Any:
    """Adds an agency."""
    return _agency(None, "Add an agency", "Add this agency")


@bp.route("/agencies/<uuid:agency_id>", methods=["GET", "POST"])
@guards.may(May.KEEP_PEOPLE)
def edit_agency(agency_id: uuid.UUID) -> Any:
    """Changes an agency."""
    agency = _found(Agency, agency_id)
    if not agency.active:
        return see(url_for("merging.merge_agency", agency_id=agency_id))
    return _agency(agency, f"Change {agency.name}", "Save changes", onward=(url_for("merging.merge_agency", agency_id=agency_id), "Make it part of another agency"))


def _agency(agency: Agency | None, title: str, button: str, **more: Any) -> Any:
    form = AgencyForm(agency)
    if form.sent and form.attempt(lambda: service.save_agency(agency, form.draft(), _me(), g.now), agency):
        say(f"{form.name.data} is saved.")
        return see(url_for("people.agencies"))
    return form_page(form, title, back=url_for("people.agencies"), button=button, **more)


@bp.route("/agencies/kinds/add", methods=["GET", "POST"])
@guards.may(May.KEEP_PEOPLE)
def add_kind() -> Any:
    """Adds a kind of agency of the council's own."""
    form = KindForm()
    if form.sent and form.attempt(lambda: service.add_kind(form.name.data, form.statutory.data == "1", _me(), g.now)):
        say(f"The kind “{form.name.data}” is added.")
        return see(url_for("people.agencies"))
    return form_page(form, "Add a kind of agency", back=url_for("people.agencies"), button="Add this kind")


@bp.route("/agencies/kinds/<uuid:kind_id>", methods=["GET", "POST"])
@guards.may(May.KEEP_PEOPLE)
def edit_kind(kind_id: uuid.UUID) -> Any:
    """Changes a kind of agency; the guidance's names stay as they are."""
    kind = _found(Kind, kind_id)
    form = KindForm(kind)
    if kind.number is not None:
        del form.name
    form.now["statutory"] = "1" if kind.statutory else "0"
    if not form.is_sent():
        form.statutory.data = form.now["statutory"]
    if form.sent and form.attempt(lambda: service.change_kind(kind, form.name.data if kind.number is None else kind.name, form.statutory.data == "1", _me(), g.now), kind):
        say(f"The kind “{kind.name}” is saved.")
        return see(url_for("people.agencies"))
    return form_page(form, f"Change the kind “{kind.name}”", back=url_for("people.agencies"), button="Save this kind",
                     intro="The guidance’s own names are not changed." if kind.number else "",
                     other=None if kind.number else (url_for("people.remove_kind", kind_id=kind_id), "Remove this kind"))


@bp.post("/agencies/kinds/<uuid:kind_id>/remove")
@guards.may(May.KEEP_PEOPLE)
def remove_kind(kind_id: uuid.UUID) -> Any:
    """Removes a kind of the council's own that nothing uses."""
    kind = _found(Kind, kind_id)
    name = kind.name
    service.remove_kind(kind, _me(), g.now)
    say(f"The kind “{name}” is removed.")
    return see(url_for("people.agencies"))
