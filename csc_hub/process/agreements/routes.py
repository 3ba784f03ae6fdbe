"""The texts: read by everybody who is signed in or invited, written and published by the information governance officer."""

from __future__ import annotations

import tempfile
import uuid
from typing import Any

from flask import Blueprint, Response, g, url_for
from flask_login import current_user

from csc_hub.adapters import markdown
from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused, count
from csc_hub.people import records as people
from csc_hub.people.rules import May, capabilities
from csc_hub.process.agreements import records, rules, sample, service, word
from csc_hub.process.agreements.records import Version
from csc_hub.process.agreements.rules import Document, State
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("agreements", __name__)


class VersionForm(forms.Form):
    """A version of the agreement or of the terms of reference."""

    title = forms.Line("Title", needed="Enter the title", most=200)
    purpose = forms.Paragraphs("Purpose", hint="What it is for, in a sentence or two.", rows=3, wanted=True)
    parties = forms.Paragraphs("Parties", hint="Between whom it is made.", rows=3, wanted=True)
    body = forms.Paragraphs("Text", hint="Begin a heading with ## and a list item with a dash. Leave an empty line between paragraphs.", needed="Write the text", most=100_000, rows=20)
    changes = forms.Paragraphs("What changed since the last version", hint="Those who are asked to sign again read this first.", rows=3)
    effective_on = forms.Day("Takes effect on", ahead=7)
    review_on = forms.Day("To be reviewed by", ahead=372)
    months = forms.Number("How many months a signature counts", needed="Enter how many months a signature counts", largest=120, width="govuk-input--width-3")
    approved_by = forms.Line("Approved by", hint="The board or the people who approved it.", most=200, wanted=True)
    approved_on = forms.Day("Approved on")
    asks_again = forms.Tick("Ask those who signed an earlier version to sign this one")
    asks_kinds = forms.Choices("Which kinds of agency are asked again?", hint="Choose none to ask all of them.")
    grace_days = forms.Number("For how many days earlier signatures still count", needed="Enter how many days", largest=365, width="govuk-input--width-3")

    def __init__(self, record: Version):
        super().__init__(record)
        self.asks_kinds.offer([(kind.id, kind.name) for kind in people.kinds() if not kind.statutory])
        if record.document_ is Document.TERMS:  # nobody signs them
            for name in ("months", "asks_again", "asks_kinds", "grace_days"):
                del self[name]

    def draft(self, version: Version) -> service.VersionDraft:
        """The version as typed."""
        facts = {name: getattr(self, name).data or "" for name in ("title", "purpose", "parties", "body", "changes", "approved_by")}
        facts |= {name: getattr(self, name).data for name in ("effective_on", "review_on", "approved_on")}
        if version.document_ is Document.AGREEMENT:
            facts |= {"months": self.months.value, "grace_days": self.grace_days.value, "asks_again": self.asks_again.data, "asks_kinds": list(self.asks_kinds.data or ())}
            if not self.months.value:
                raise Refused("A signature must count for at least 1 month", "months")
        return service.VersionDraft(**facts)


class WordForm(forms.Form):
    """A Word file with the text."""

    file = forms.File("Word file", hint="A .docx file. Headings, lists, tables and bold words are kept. You can change the text afterwards.")


class PublishForm(forms.Form):
    """Publishing."""


class ReasonForm(forms.Form):
    """A reason that is kept."""

    reason = forms.Paragraphs("Reason", rows=3, most=1000, wanted=True)


class SigningKindsForm(forms.Form):
    """Which kinds of agency sign."""

    signing = forms.Choices("These kinds of agency sign the agreement")


def _version(text_id: uuid.UUID) -> Version:
    """A version that this person may see: a draft is the officer's."""
    version = db.session.get(Version, text_id)
    if version is None or (version.state is State.DRAFT and May.KEEP_AGREEMENTS not in capabilities(current_user.roles)):
        raise NotFound
    return version


def _back(version: Version) -> str:
    return url_for("agreements.text", text_id=version.id)


@bp.get("/agreements")
@guards.signed_in
def texts() -> Any:
    """The texts and their versions, each with what changed."""
    can = May.KEEP_AGREEMENTS in capabilities(current_user.roles)
    found = {document: [v for v in records.versions(document) if can or v.state is not State.DRAFT] for document in Document}
    return page("agreements/texts.html", texts=found, can=can, in_force={d: records.in_force(d, g.today) for d in Document},
                reads=May.READ_AGREEMENTS in capabilities(current_user.roles))


@bp.post("/agreements/begin/<any(agreement, terms):document>")
@guards.may(May.KEEP_AGREEMENTS)
def begin(document: str) -> Any:
    """Begins a draft."""
    version = service.begin(Document(document), current_user, g.now)
    return see(url_for("agreements.edit", text_id=version.id))


@bp.get("/agreements/<uuid:text_id>")
@guards.signed_in
def text(text_id: uuid.UUID) -> Any:
    """One version as people read it; a draft as they would read it."""
    version = _version(text_id)
    shown = markdown.html(version.shown or service.composed(version), top=1)
    return page("agreements/text.html", version=version, shown=shown, can=May.KEEP_AGREEMENTS in capabilities(current_user.roles),
                placeholder=sample.MARK in version.body, leant_on=service.leant_on(version) if version.state is State.PUBLISHED else 0)


@bp.get("/agreements/<uuid:text_id>/text.txt")
@guards.signed_in
def download(text_id: uuid.UUID) -> Any:
    """The exact text that is signed, so that anybody can work out its hash."""
    version = _version(text_id)
    if not version.shown:
        raise NotFound
    answer = Response(version.shown.encode(), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{version.document}-version-{version.number}.txt"'
    return answer


@bp.route("/agreements/<uuid:text_id>/edit", methods=["GET", "POST"])
@guards.may(May.KEEP_AGREEMENTS)
def edit(text_id: uuid.UUID) -> Any:
    """Changes a draft."""
    version = _version(text_id)
    if version.state is not State.DRAFT:
        raise Refused("This version is published, so its text stays as it is. Begin a new version")
    form = VersionForm(version)
    if form.sent and form.attempt(lambda: service.change(version, form.draft(version), current_user, g.now), version):
        say("The draft is saved. Read it through before you publish it.")
        return see(_back(version))
    return form_page(form, f"{version.document_.label}: version {version.number}", back=_back(version), button="Save the draft")


@bp.route("/agreements/<uuid:text_id>/word", methods=["GET", "POST"])
@guards.may(May.KEEP_AGREEMENTS, large=True)
def from_word(text_id: uuid.UUID) -> Any:
    """Takes the text of a draft from a Word file."""
    version, form = _version(text_id), WordForm()
    if version.state is not State.DRAFT:
        raise Refused("This version is published, so its text stays as it is. Begin a new version")

    def take() -> None:
        with tempfile.TemporaryFile() as file:
            form.file.data.save(file)
            body = word.text_of(file, form.file.data.filename or "")
        facts = {name: getattr(version, name) for name in service.VersionDraft.__dataclass_fields__}
        service.change(version, service.VersionDraft(**facts | {"body": body}), current_user, g.now)

    if form.sent and form.attempt(take):
        say("The text is taken from the file. Read it through: only headings, lists, tables and bold words are kept.")
        return see(_back(version))
    return form_page(form, "Take the text from a Word file", back=_back(version), button="Take the text", multipart=True,
                     intro="It replaces the text of this draft. Nothing is published yet.")


@bp.route("/agreements/<uuid:text_id>/publish", methods=["GET", "POST"])
@guards.may(May.KEEP_AGREEMENTS)
def publish(text_id: uuid.UUID) -> Any:
    """Publishes a draft, after which its text stays as it is."""
    version, form = _version(text_id), PublishForm()
    asked: list[int] = []
    if form.sent and form.attempt(lambda: asked.append(service.publish(version, current_user, g.now))):
        say(f"Version {version.number} is published." + (f" {count(asked[0], 'organisation')} asked to sign it." if asked[0] else ""))
        return see(_back(version))
    return form_page(form, f"Publish version {version.number}", caption=version.document_.label, back=_back(version), button="Publish it",
                     intro="From then on its text cannot be changed. Those who signed an earlier version are asked to sign this one, if you chose so.")


@bp.route("/agreements/<uuid:text_id>/withdraw", methods=["GET", "POST"])
@guards.may(May.KEEP_AGREEMENTS)
def withdraw(text_id: uuid.UUID) -> Any:
    """Takes a published version back."""
    version, form = _version(text_id), ReasonForm()
    if form.sent and form.attempt(lambda: service.withdraw(version, form.reason.data or "", current_user, g.now)):
        say(f"Version {version.number} is {'a draft again' if version.state is State.DRAFT else 'withdrawn'}.")
        return see(_back(version))
    return form_page(form, f"Withdraw version {version.number}", caption=version.document_.label, back=_back(version), button="Withdraw it", danger=True,
                     intro="While nobody was asked to sign it, it becomes a draft again. Otherwise it stays to be read, nobody can sign it, and the reason is kept.")


@bp.route("/agreements/who-signs", methods=["GET", "POST"])
@guards.may(May.KEEP_AGREEMENTS)
def who_signs() -> Any:
    """Which kinds of agency sign, and which are covered by statutory procedures."""
    form, kinds = SigningKindsForm(), people.kinds()
    form.signing.offer([(kind.id, kind.name) for kind in kinds])
    if not form.is_sent():
        form.signing.data = [str(kind.id) for kind in kinds if not kind.statutory]
    carried: list[int] = []
    if form.sent and form.attempt(lambda: carried.append(service.set_kinds({uuid.UUID(k) for k in form.signing.data or ()}, current_user, g.now))):
        say(f"Saved. {count(carried[0], 'agency', 'agencies')} changed with {'its' if carried[0] == 1 else 'their'} kind.")
        return see(url_for("agreements.who_signs"))
    other = service.deviating(kinds)
    odd = " These agencies stand otherwise than their kind: " + ", ".join(f"{a.name} ({'covered' if a.statutory else 'signs'})" for a in other) + "." if other else ""
    return form_page(form, "Who must sign", back=url_for("agreements.texts"), button="Save",
                     intro=f"{rules.STATUTORY_REASON}. A kind that you change carries its agencies over; an administrator can set one agency otherwise.{odd}")


@bp.get("/invitation/agreement/<any(agreement, terms):document>")
@guards.invited
def invited_text(document: str) -> Any:
    """The text in force, for somebody who is invited."""
    version = records.in_force(Document(document), g.today)
    if version is None or version.state is not State.PUBLISHED:
        raise NotFound
    return page("agreements/text.html", version=version, shown=markdown.html(version.shown, top=1), can=False, placeholder=False, leant_on=0)
