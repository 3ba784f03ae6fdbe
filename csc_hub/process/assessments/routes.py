"""Pages of the assessment."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, g, request, url_for
from flask_login import current_user

from csc_hub.kernel import Refused
from csc_hub.papers import service as papers
from csc_hub.people import records as people
from csc_hub.people.rules import May
from csc_hub.process.assessments import records, rules, service
from csc_hub.process.assessments.records import Finding, Involvement, ReferralOut
from csc_hub.process.assessments.rules import Category, Kind, Weight, Who
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("assessments", __name__, url_prefix="/contexts/<uuid:context_id>/assessment")


class DatesForm(forms.Form):
    """When the assessment was made."""

    period_from = forms.Day("Assessment period: first day")
    period_to = forms.Day("Assessment period: last day")
    mapping_date = forms.Day("Mapping meeting date")


class FindingForm(forms.Form):
    """Something the assessment found."""

    category = forms.Choice("What sort of finding is it?", [(c, c.label) for c in Category], needed="Choose what sort of finding it is")
    text = forms.Paragraphs("The finding", hint="About the place or group and what happens there, never about one young person.", needed="Write the finding", most=2000)
    weight = forms.Choice("How much does it matter to safety here?", [(Weight.HIGH, "High"), (Weight.MEDIUM, "Medium"), (Weight.LOW, "Low")], needed="Choose high, medium or low")


class PrioritiesForm(forms.Form):
    """One or two issues."""

    chosen = forms.Choices("Priority issues", hint="One or two. The conference talks about these, and about nothing else.")


class InvolvementForm(forms.Form):
    """Who took part, and how."""

    who = forms.Choice("Who took part?", [(w, w.label) for w in Who], needed="Choose who took part")
    agency_id = forms.Choice("Which agency?", radios=False, hint="Only if an agency or partner took part.")
    how = forms.Paragraphs("How they took part", hint="For example: safety mapping with two year groups. No names of young people.", needed="Write how they took part", most=1000, rows=3)
    on = forms.Day("When")

    def __init__(self) -> None:
        super().__init__()
        self.agency_id.offer([("", "Choose an agency"), *((a.id, a.name) for a in people.agencies())])


class ReferralOutForm(forms.Form):
    """That a concern about an individual was sent on."""

    on = forms.Day("Date it was sent", needed="Enter the date it was sent")
    by_name = forms.Line("Sent by", hint="The name of the practitioner, not of the young person.", needed="Enter who sent it", most=160)
    destination = forms.Choice("Where to", list(rules.DESTINATIONS.items()), needed="Choose where it was sent")
    confirmed_on = forms.Day("Date the receiving service confirmed it", hint="Leave empty until they do.")


class ReportForm(forms.Form):
    """A report, and the uploader's statement."""

    kind = forms.Choice("Which report is it?", [(k, k.label) for k in Kind], needed="Choose which report it is")
    file = forms.File("The file", needed="Choose the file")
    note = forms.Line("What changed since the last version", most=300)
    nobody = forms.Tick("I have read this file, and no young person can be identified in it", hint="Look at pictures, comments and tracked changes too.", needed="Read the file and tick the box. A file in which a young person can be identified must not come in")


@bp.get("")
@guards.on_context(May.READ_CASE)
def show(context_id: uuid.UUID) -> Any:
    """The whole assessment on one page, with what is left to do."""
    context = g.context
    assessment, findings, reports, opened, facts = service.read(context)
    return page(
        "assessments/show.html", context=context, assessment=assessment,
        findings=findings, involvements=records.involvements(context_id), kinds=Kind,
        referrals=records.referrals_out(context_id), reports={Kind(r.kind): r for r in reports}, needed=rules.needed_kinds(context.type_),
        tasks=rules.tasks(facts), obstacle=rules.obstacle_to_sign_off(facts), categories=Category, whos=Who,
        destinations=rules.DESTINATIONS, opened=opened, unsigned=context.state_ in service.UNSIGNED,
        choosing=context.state_ in service.UNTIL_THE_PLAN, writable=context.state_ in service.WRITTEN_IN,
        scanner=current_app.extensions["csc_scanner"] is not None)


def _back() -> str:
    return url_for("assessments.show", context_id=g.context.id)


@bp.route("/dates", methods=["GET", "POST"])
@guards.on_context(May.EDIT_ASSESSMENT)
def dates(context_id: uuid.UUID) -> Any:
    """The assessment period and the mapping meeting."""
    service.must_be_open(g.context, service.UNSIGNED)
    assessment = records.of_context(context_id)
    form = DatesForm(assessment)
    if form.sent and form.attempt(lambda: service.set_dates(
            g.context, form.period_from.data, form.period_to.data, form.mapping_date.data, current_user, g.now), assessment):
        say("The dates are saved.")
        return see(_back())
    return form_page(form, "Assessment dates", back=_back(), button="Save the dates")


@bp.route("/findings/add", methods=["GET", "POST"])
@guards.on_context(May.EDIT_ASSESSMENT)
def add_finding(context_id: uuid.UUID) -> Any:
    """Adds a finding."""
    return _finding(None, "Add a finding", "Add this finding")


@bp.route("/findings/<uuid:finding_id>", methods=["GET", "POST"])
@guards.on_context(May.EDIT_ASSESSMENT)
def edit_finding(context_id: uuid.UUID, finding_id: uuid.UUID) -> Any:
    """Changes a finding."""
    return _finding(service.found(Finding, finding_id, g.context), "Change a finding", "Save this finding")


def _finding(finding: Finding | None, title: str, button: str) -> Any:
    service.must_be_open(g.context, service.UNSIGNED)
    form = FindingForm(finding)
    if form.sent and form.attempt(lambda: service.save_finding(
            g.context, finding, Category(form.category.data), form.text.data, Weight(form.weight.data), current_user, g.now), finding):
        say("The finding is saved.")
        return see(_back())
    return form_page(form, title, back=_back(), button=button)


@bp.post("/findings/<uuid:finding_id>/remove")
@guards.on_context(May.EDIT_ASSESSMENT)
def remove_finding(context_id: uuid.UUID, finding_id: uuid.UUID) -> Any:
    """Removes a finding."""
    service.remove("removed_finding", g.context, service.found(Finding, finding_id, g.context), current_user, g.now)
    say("The finding is removed.")
    return see(_back())


@bp.route("/priorities", methods=["GET", "POST"])
@guards.on_context(May.EDIT_ASSESSMENT)
def priorities(context_id: uuid.UUID) -> Any:
    """Chooses one or two priority issues."""
    service.must_be_open(g.context, service.UNTIL_THE_PLAN)
    findings = [f for f in records.findings(context_id) if f.category != Category.STRENGTH]
    if not findings:
        raise Refused("Add a risk, vulnerability or complicating factor first. The priority issues are chosen from them")
    form = PrioritiesForm(g.context)
    form.chosen.offer([(f.id, f.text, f"{Category(f.category).label}, {f.weight} weight") for f in findings])
    form.now["chosen"] = [str(f.id) for f in findings if f.priority]
    if not form.is_sent():
        form.chosen.data = form.now["chosen"]
    if form.sent and form.attempt(lambda: service.choose_priorities(
            g.context, [uuid.UUID(c) for c in form.chosen.data], current_user, g.now), g.context):
        say("The priority issues are chosen.")
        return see(_back())
    return form_page(form, "Choose one or two priority issues", back=_back(), button="Save the priority issues")


@bp.route("/involvement/add", methods=["GET", "POST"])
@guards.on_context(May.EDIT_ASSESSMENT)
def add_involvement(context_id: uuid.UUID) -> Any:
    """Records who took part."""
    service.must_be_open(g.context)
    form = InvolvementForm()
    if form.sent and form.attempt(lambda: service.involve(
            g.context, Who(form.who.data), form.agency_id.uuid, form.how.data, form.on.data, current_user, g.now)):
        say("Who took part is recorded.")
        return see(_back())
    return form_page(form, "Record who took part", back=_back(), button="Save")


@bp.post("/involvement/<uuid:involvement_id>/remove")
@guards.on_context(May.EDIT_ASSESSMENT)
def remove_involvement(context_id: uuid.UUID, involvement_id: uuid.UUID) -> Any:
    """Removes a record of who took part."""
    service.remove("removed_involvement", g.context, service.found(Involvement, involvement_id, g.context), current_user, g.now)
    say("The record is removed.")
    return see(_back())


@bp.route("/referrals/add", methods=["GET", "POST"])
@guards.on_context(May.EDIT_ASSESSMENT)
def add_referral(context_id: uuid.UUID) -> Any:
    """Records that a concern about an individual was sent on."""
    form = ReferralOutForm()
    if form.sent and form.attempt(lambda: service.refer_out(
            g.context, form.on.data, form.by_name.data, form.destination.data, form.confirmed_on.data, current_user, g.now, g.today)):
        say("The referral is recorded.")
        return see(_back())
    return form_page(form, "Record a referral about an individual", back=_back(), button="Record it",
                     warning="Record only when, by whom and where to. Nothing about the young person belongs here.")


@bp.post("/referrals/<uuid:referral_id>/confirm")
@guards.on_context(May.EDIT_ASSESSMENT)
def confirm_referral(context_id: uuid.UUID, referral_id: uuid.UUID) -> Any:
    """Records today as the day the receiving service confirmed it."""
    service.confirm_referral(g.context, service.found(ReferralOut, referral_id, g.context), g.today, current_user, g.now)
    say("The referral is confirmed.")
    return see(_back())


@bp.route("/reports/add", methods=["GET", "POST"])
@guards.on_context(May.EDIT_ASSESSMENT, large=True)
def add_report(context_id: uuid.UUID) -> Any:
    """Uploads a report as a new version."""
    service.must_be_open(g.context)
    form = ReportForm()
    most = current_app.config["CSC"].upload_bytes // 1024 ** 2
    form.file.description = f"Word, PDF, Excel, OpenDocument, PNG, JPG, text or e-mail, up to {most} MB."
    if request.method == "GET" and forms.asked("kind") in set(Kind):
        form.kind.data = forms.asked("kind")
    if form.sent:
        try:
            taken = papers.take_in(form.file.data)
        except Refused as refusal:
            if isinstance(refusal, papers.Infected):
                guards.record_alone("refused_paper", subject=context_id, context_id=context_id)
            form.refuse(refusal)
        else:
            if form.attempt(lambda: service.add_report(g.context, Kind(form.kind.data), taken, form.note.data or "", current_user, g.now)):
                say("The report is uploaded.")
                return see(_back())
            papers.discard(taken)
    return form_page(form, "Upload a report", back=_back(), button="Upload this report", multipart=True)


@bp.post("/sign-off")
@guards.on_context(May.DECIDE)
def sign_off(context_id: uuid.UUID) -> Any:
    """Signs the assessment off."""
    service.sign_off(g.context, current_user, g.now)
    say("The assessment is signed off. A conference is to be held.")
    return see(_back())
