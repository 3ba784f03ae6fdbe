"""Downloads of a plan, agencies' workbooks out and in: for the team of a context and for the agency itself."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_login import current_user

from csc_hub.audit import service as audit
from csc_hub.db import db, start_writing
from csc_hub.exchange import headers, matching, records, returning, service
from csc_hub.exchange.matching import Outcome
from csc_hub.exchange.records import Batch, BatchState
from csc_hub.kernel import NotFound, Refused
from csc_hub.papers.service import Infected
from csc_hub.people.records import Agency
from csc_hub.people.rules import May
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences import service as conferences_service
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import records as plans
from csc_hub.process.plans.rules import FIELD_WORDS
from csc_hub.process.plans.statuses import Status
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("exchange", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class UploadForm(forms.Form):
    """An agency's workbook."""

    agency_id = forms.Choice("Whose workbook is it?", radios=False, needed="Choose the agency")
    file = forms.File("The workbook", hint="Excel (xlsx, xlsm, xls), OpenDocument (ods) or CSV, up to 20 MB. Nothing is changed until you have seen what would change.", needed="Choose the workbook")


class OwnUploadForm(forms.Form):
    """Our own workbook."""

    file = UploadForm.file


class ApplyForm(forms.Form):
    """What was looked at, and that hidden content was looked at too."""

    seen = forms.Line("What was shown")
    hidden = forms.Tick("I have looked at the hidden content in the file, and it may be read")


def _download(content: bytes, name: str, content_type: str) -> Response:
    answer = Response(content, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _file_name(*words: str) -> str:
    plain = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in word).strip() for word in words)
    return "-".join(plain.split())[:90]


@bp.get("/contexts/<uuid:context_id>/plan/download/<any(xlsx, docx):ending>")
@guards.on_context(May.READ_CASE)
def download_plan(context_id: uuid.UUID, ending: str) -> Any:
    """The plan as Appendix A lays it out, in Excel or Word."""
    from csc_hub.exchange.plan_document import plan_document
    from csc_hub.exchange.plan_workbook import plan_workbook

    plan = service.printed(g.context)
    content = plan_workbook(plan) if ending == "xlsx" else plan_document(plan)
    if request.method == "GET":
        by = audit.Named(current_user.id, current_user.name)  # asked before, so that it need not be asked again
        start_writing()
        audit.record("exported_plan", by, g.now, subject=context_id, context_id=context_id, ending=ending)
    return _download(content, f"{_file_name(plan.reference, 'intervention plan')}.{ending}", XLSX if ending == "xlsx" else DOCX)


HANDOUTS = {"agenda": (service.agenda_page, "agenda"), "list": (service.list_page, "people asked"), "register": (service.register_page, "register")}


def _handout(context_id: uuid.UUID, kind: str, conference: Conference | None) -> Response:
    from csc_hub.exchange.handouts import handout

    if conference is None:
        raise Refused("Plan the conference first")
    made, name = HANDOUTS[kind]
    content = handout(made(g.context, conference))
    if request.method == "GET":
        start_writing()
        audit.record("exported_handout", current_user, g.now, subject=conference.id, context_id=context_id, kind=kind)
    return _download(content, f"{_file_name(g.context.reference, name)}.docx", DOCX)


@bp.get("/contexts/<uuid:context_id>/conference/download/agenda")
@guards.on_context(May.READ_CASE)
def download_agenda(context_id: uuid.UUID) -> Any:
    """The agenda in Word, to hand out: it names no priority issue."""
    return _handout(context_id, "agenda", conferences.current(context_id))


@bp.get("/contexts/<uuid:context_id>/invitations/download/list")
@guards.on_context(May.READ_CASE)
def download_list(context_id: uuid.UUID) -> Any:
    """The list of people with the reasons, in Word."""
    return _handout(context_id, "list", conferences.current(context_id))


@bp.get("/contexts/<uuid:context_id>/register/<uuid:conference_id>/download/register")
@guards.on_context(May.READ_CASE)
def download_register(context_id: uuid.UUID, conference_id: uuid.UUID) -> Any:
    """The register in Word, to sign by hand where no device can be used."""
    return _handout(context_id, "register", conferences_service.found(conference_id, g.context))


def _agency_workbook(context: Context, agency: Agency) -> Response:
    from csc_hub.exchange.update_workbook import update_workbook

    content = update_workbook(service.update_sheet(context, agency, g.today))
    if request.method == "GET":
        start_writing()
        audit.record("exported_updates", current_user, g.now, subject=agency.id, context_id=context.id)
    return _download(content, f"{_file_name(context.reference, agency.name, 'actions')}.xlsx", XLSX)


@bp.get("/contexts/<uuid:context_id>/updates")
@guards.on_context(May.READ_CASE)
def show(context_id: uuid.UUID) -> Any:
    """Each agency's workbook to send out, and those that came back."""
    plan = plans.of_context(context_id)
    return page("exchange/show.html", context=g.context, plan=plan, agencies=plans.agencies_in(context_id),
                batches=records.of_context(context_id), states=BatchState)


@bp.get("/contexts/<uuid:context_id>/updates/workbook/<uuid:agency_id>")
@guards.on_context(May.READ_CASE)
def agency_workbook(context_id: uuid.UUID, agency_id: uuid.UUID) -> Any:
    """One agency's actions, to fill in and send back."""
    for agency, _ in plans.agencies_in(context_id):
        if agency.id == agency_id:
            return _agency_workbook(g.context, agency)
    raise NotFound


@bp.route("/contexts/<uuid:context_id>/updates/upload", methods=["GET", "POST"])
@guards.on_context(May.BRING_IN_UPDATES, large=True)
def upload(context_id: uuid.UUID) -> Any:
    """Reads an agency's workbook and shows what it would change."""
    plan = plans.of_context(context_id)
    if plan is None or not plan.issue:
        raise Refused("Issue the plan first: agencies report on issued plans")
    form = UploadForm()
    offered = plans.agencies_in(context_id)
    form.agency_id.offer([("", "Choose an agency"), *((a.id, a.name) for a, _ in offered)])
    if request.method == "GET" and forms.asked("agency"):
        form.agency_id.data = forms.asked("agency")
    batch = _take(form, g.context, lambda: next(a for a, _ in offered if a.id == form.agency_id.uuid))
    if batch:
        return see(url_for("exchange.preview", context_id=context_id, batch_id=batch.id))
    return form_page(form, "Upload an agency’s workbook", button="Show what would change", multipart=True,
                     back=url_for("exchange.show", context_id=context_id))


def _take(form: Any, context: Context, agency: Any, own_only: bool = False) -> Batch | None:
    if not form.sent:
        return None
    try:
        read = service.read_workbook(form.file.data, g.today)
    except Refused as refusal:
        if isinstance(refusal, Infected):
            guards.record_alone("refused_paper", subject=context.id, context_id=context.id)
        form.refuse(refusal)
        return None
    kept: list[Batch] = []
    if form.attempt(lambda: kept.append(service.keep(read, context, agency(), current_user, g.now, own_only))):
        return kept[0]
    service.discard(read)
    return None


@bp.route("/contexts/<uuid:context_id>/updates/<uuid:batch_id>", methods=["GET", "POST"])
@guards.on_context(May.BRING_IN_UPDATES)
def preview(context_id: uuid.UUID, batch_id: uuid.UUID) -> Any:
    """What a workbook would change; POST applies it."""
    batch = db.session.get(Batch, batch_id)
    if batch is None or batch.context_id != context_id:
        raise NotFound
    return _preview(batch, g.context, url_for("exchange.show", context_id=context_id),
                    url_for("exchange.set_aside", context_id=context_id, batch_id=batch_id),
                    url_for("exchange.with_faults", context_id=context_id, batch_id=batch_id))


@bp.get("/contexts/<uuid:context_id>/updates/<uuid:batch_id>/faults")
@guards.on_context(May.BRING_IN_UPDATES)
def with_faults(context_id: uuid.UUID, batch_id: uuid.UUID) -> Any:
    """An agency's own workbook with its faults marked, to be put right and sent again."""
    batch = db.session.get(Batch, batch_id)
    if batch is None or batch.context_id != context_id:
        raise NotFound
    return _with_faults(batch, g.context)


def _with_faults(batch: Batch, context: Context, own_only: bool = False) -> Response:
    batch_id, context_id, stem = batch.id, context.id, batch.name.rpartition(".")[0] or batch.name
    faults = service.faults_of(batch, service.preview(batch, context, g.today, own_only))
    returned = returning.with_faults(batch, faults)
    if request.method == "GET":
        start_writing()
        audit.record("returned_updates", current_user, g.now, subject=batch_id, context_id=context_id, faults=len(faults))
    return _download(returned.content, f"{_file_name(stem, 'to mend')}.xlsx", XLSX)


def _receipt(batch: Batch) -> list[tuple[plans.Action, tuple[str, str] | None, list[str]]]:
    """(action, status before and after, other fields that are new) of everything a workbook changed."""
    found = []
    for update, action in plans.changed_by(batch.id):
        was = update.before.get("status") or update.status
        status = (Status(was).label, Status(update.status).label) if was != update.status else None
        found.append((action, status, [FIELD_WORDS[name].lower() for name in update.changed.split(",") if name != "status"]))
    return found


def _preview(batch: Batch, context: Context, back: str, aside: str, faulty: str, own_only: bool = False) -> Any:
    form = ApplyForm()
    if request.method == "POST" and form.attempt(lambda: service.apply(
            batch, context, form.seen.data or "", form.hidden.data, current_user, g.now, g.today)):
        return see(request.path)
    lines = service.preview(batch, context, g.today, own_only)
    changing = [line for line in lines if line.outcome is Outcome.CHANGE]
    refused = [line for line in lines if line.outcome is Outcome.REFUSED]
    return page(
        "exchange/preview.html", status=422 if form.wrong else 200, form=form, batch=batch, context=context, back=back, aside=aside, faulty=faulty, in_place=batch.format in returning.IN_PLACE,
        receipt=_receipt(batch) if batch.state_ is BatchState.APPLIED else [],
        changing=changing, refused=refused, same=len(lines) - len(changing) - len(refused), stale=[line for line in lines if line.outcome is Outcome.SAME and line.action and line.why], seen=matching.digest(lines),
        words=FIELD_WORDS, said=matching.in_words, obstacle=service.obstacle_to_applying(batch, lines, True), read=batch.read,
        before=records.same_file(batch.context_id, batch.agency_id, batch.sha256), understood=headers.understood(), states=BatchState)


@bp.post("/contexts/<uuid:context_id>/updates/<uuid:batch_id>/set-aside")
@guards.on_context(May.BRING_IN_UPDATES)
def set_aside(context_id: uuid.UUID, batch_id: uuid.UUID) -> Any:
    """Keeps the record of a workbook and never applies it."""
    batch = db.session.get(Batch, batch_id)
    if batch is None or batch.context_id != context_id:
        raise NotFound
    service.set_aside(batch, current_user, g.now)
    say("The workbook is set aside. Nothing was changed.")
    return see(url_for("exchange.show", context_id=context_id))


def _our_context(context_id: uuid.UUID) -> Context:
    """A context in whose issued plan our agency has actions. Raises `NotFound` for any other."""
    if not (current_user.agency_id and plans.actions_of(context_id, current_user.agency_id, issued=True)):
        raise NotFound
    return db.session.get_one(Context, context_id)


@bp.get("/our-actions/workbook/<uuid:plan_of>")
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_workbook(plan_of: uuid.UUID) -> Any:
    """Our actions in one plan, to fill in and send back."""
    return _agency_workbook(_our_context(plan_of), current_user.agency)


@bp.route("/our-actions/upload/<uuid:plan_of>", methods=["GET", "POST"])
@guards.may(May.UPDATE_OWN_ACTIONS, large=True)
def our_upload(plan_of: uuid.UUID) -> Any:
    """Reads our workbook and shows what it would change."""
    context, form = _our_context(plan_of), OwnUploadForm()
    batch = _take(form, context, lambda: current_user.agency, own_only=True)
    if batch:
        return see(url_for("exchange.our_preview", batch_id=batch.id))
    return form_page(form, f"Send your workbook for {context.reference}", button="Show what would change", multipart=True,
                     back=url_for("our_actions.show"))


def _our_batch(batch_id: uuid.UUID) -> tuple[Batch, Context]:
    batch = db.session.get(Batch, batch_id)
    if batch is None or current_user.agency_id is None or batch.agency_id != current_user.agency_id:
        raise NotFound
    return batch, _our_context(batch.context_id)


@bp.route("/our-actions/updates/<uuid:batch_id>", methods=["GET", "POST"])
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_preview(batch_id: uuid.UUID) -> Any:
    """What our workbook would change; POST applies it."""
    batch, context = _our_batch(batch_id)
    return _preview(batch, context, url_for("our_actions.show"), url_for("exchange.our_set_aside", batch_id=batch_id),
                    url_for("exchange.our_faults", batch_id=batch_id), own_only=True)


@bp.get("/our-actions/updates/<uuid:batch_id>/faults")
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_faults(batch_id: uuid.UUID) -> Any:
    """Our own workbook with its faults marked, to be put right and sent again."""
    return _with_faults(*_our_batch(batch_id), own_only=True)


@bp.post("/our-actions/updates/<uuid:batch_id>/set-aside")
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_set_aside(batch_id: uuid.UUID) -> Any:
    """Keeps the record of our workbook and never applies it."""
    batch, _ = _our_batch(batch_id)
    service.set_aside(batch, current_user, g.now)
    say("The workbook is set aside. Nothing was changed.")
    return see(url_for("our_actions.show"))
