"""Agencies' workbooks back in: uploaded, looked at, applied, settled and undone, by the team of a context and by the agency itself."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from flask import g, request, url_for
from flask_login import current_user

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.exchange import beside, headers, incoming, merging, records, returning, service
from csc_hub.exchange.incoming import Choices
from csc_hub.exchange.merging import Outcome
from csc_hub.exchange.records import Batch, BatchState, Held
from csc_hub.exchange.routes import bp, our_context
from csc_hub.kernel import NotFound, Refused, count
from csc_hub.papers.service import Infected
from csc_hub.people.records import Agency
from csc_hub.people.rules import May
from csc_hub.privacy import identifying
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import many
from csc_hub.process.plans import records as plans
from csc_hub.process.plans.rules import FIELD_WORDS
from csc_hub.process.plans.statuses import Status
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

SHOWN = 100
"""Rows of a workbook on one page."""


class UploadForm(forms.Form):
    """An agency's workbook."""

    agency_id = forms.Choice("Whose workbook is it?", radios=False, needed="Choose the agency")
    file = forms.File("The workbook", hint="Excel (xlsx, xlsm, xls), OpenDocument (ods) or CSV, up to 20 MB. Nothing is changed until you have seen what would change.", needed="Choose the workbook")


class OwnUploadForm(forms.Form):
    """Our own workbook."""

    file = UploadForm.file


class ApplyForm(forms.Form):
    """What was looked at, and that hidden content and whatever looked wrong were looked at too."""

    seen = forms.Line("What was shown")
    hidden = forms.Tick("I have looked at the hidden content in the file, and it may be read")
    checked = forms.Tick("I have checked the file, and it is as it was meant")
    rest = forms.Tick("In every cell where I choose nothing, and where the hub knows no earlier state, take what the workbook says")


class Door(NamedTuple):
    """One workbook as somebody came to it: the team of its context, the agency that sent it, or a partner without an account."""

    batch: Batch
    context: Context
    ours: bool
    by: audit.Named
    partner: bool = False

    def url(self, page_: str, **ids: Any) -> str:
        """The address of one of its pages."""
        if self.partner:
            return url_for(f"doors.{page_}", batch_id=self.batch.id, **ids)
        if self.ours:
            return url_for(f"exchange.our_{page_}", batch_id=self.batch.id, **ids)
        return url_for(f"exchange.{page_}", context_id=self.context.id, batch_id=self.batch.id, **ids)

    @property
    def back(self) -> str:
        """Where one goes back to."""
        if self.partner:
            return url_for("doors.show")
        return url_for("our_actions.show") if self.ours else url_for("exchange.show", context_id=self.context.id)

    @property
    def every(self) -> str:
        """Where all workbooks stand that one may see."""
        if self.partner:
            return url_for("doors.sent")
        return url_for("exchange.our_workbooks") if self.ours else self.back

    def action(self, action_id: uuid.UUID) -> str:
        """The page on which an update of one action is recorded."""
        if self.partner:
            return url_for("doors.update", action_id=action_id)
        return url_for("our_actions.update", action_id=action_id) if self.ours else url_for("plans.update", context_id=self.context.id, action_id=action_id)


def _by() -> audit.Named:
    return audit.Named(current_user.id, current_user.name)


def team(batch_id: uuid.UUID) -> Door:
    """A workbook as the team of its context comes to it. Raises `NotFound` for another context's."""
    batch = db.session.get(Batch, batch_id)
    if batch is None or batch.context_id != g.context.id:
        raise NotFound
    return Door(batch, g.context, False, _by())


def ours(batch_id: uuid.UUID) -> Door:
    """A workbook as its agency comes to it. Raises `NotFound` for another agency's."""
    batch = db.session.get(Batch, batch_id)
    if batch is None or current_user.agency_id is None or batch.agency_id != current_user.agency_id:
        raise NotFound
    return Door(batch, our_context(batch.context_id), True, _by())


@bp.route("/contexts/<uuid:context_id>/updates/upload", methods=["GET", "POST"])
@guards.on_context(May.BRING_IN_UPDATES, large=True)
def upload(context_id: uuid.UUID) -> Any:
    """Reads an agency's workbook and shows what it would change."""
    if fault := incoming.obstacle_to_updates(g.context):
        raise Refused(fault)
    form = UploadForm()
    offered = plans.agencies_in(context_id)
    form.agency_id.offer([("", "Choose an agency"), *((a.id, a.name) for a, _ in offered)])
    if request.method == "GET" and forms.asked("agency"):
        form.agency_id.data = forms.asked("agency")
    batch = take(form, g.context, lambda: next(a for a, _ in offered if a.id == form.agency_id.uuid))
    if batch:
        return see(url_for("exchange.preview", context_id=context_id, batch_id=batch.id))
    return form_page(form, "Upload an agency’s workbook", button="Show what would change", multipart=True,
                     back=url_for("exchange.show", context_id=context_id))


@bp.route("/our-actions/upload/<uuid:plan_of>", methods=["GET", "POST"])
@guards.may(May.UPDATE_OWN_ACTIONS, large=True)
def our_upload(plan_of: uuid.UUID) -> Any:
    """Reads our workbook and shows what it would change."""
    context, form = our_context(plan_of), OwnUploadForm()
    batch = take(form, context, lambda: current_user.agency, own_only=True)
    if batch:
        return see(url_for("exchange.our_preview", batch_id=batch.id))
    return form_page(form, "Send your workbook", caption=context.reference, button="Show what would change", multipart=True,
                     back=url_for("our_actions.show"))


def take(form: Any, context: Context, agency: Callable[[], Agency], own_only: bool = False, by: audit.Named | None = None) -> Batch | None:
    """Reads and keeps an uploaded workbook; None where the form must be put right."""
    if not form.sent:
        return None
    try:
        read = service.read_workbook(form.file.data, g.today)
    except Refused as refusal:
        if isinstance(refusal, Infected):
            guards.record_alone("refused_paper", subject=context.id, context_id=context.id, actor_name=by.name if by else "")
        form.refuse(refusal)
        return None
    kept: list[tuple[Batch, bool]] = []
    if form.attempt(lambda: kept.append(incoming.keep(read, context, agency(), by or _by(), g.now, own_only))):
        batch, new = kept[0]
        if not new:
            service.discard(read)
            say("This file has been sent already and waits to be applied. Here it is.")
        return batch
    service.discard(read)
    return None


@bp.route("/contexts/<uuid:context_id>/updates/<uuid:batch_id>", methods=["GET", "POST"])
@guards.on_context(May.BRING_IN_UPDATES)
def preview(context_id: uuid.UUID, batch_id: uuid.UUID) -> Any:
    """What a workbook would change; POST applies it."""
    return preview_of(team(batch_id))


@bp.route("/our-actions/updates/<uuid:batch_id>", methods=["GET", "POST"])
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_preview(batch_id: uuid.UUID) -> Any:
    """What our workbook would change; POST applies it."""
    return preview_of(ours(batch_id))


def preview_of(door: Door) -> Any:
    """What a workbook would change, or what became of it; POST applies it."""
    batch = door.batch
    if batch.state_ is BatchState.WAITING and batch.read.get("questions"):
        return _columns_of(door)
    form = ApplyForm()
    picked = {name.removeprefix("cell-"): way for name, way in request.form.items() if name.startswith("cell-")}
    if request.method == "POST":
        choices = Choices(form.seen.data or "", form.hidden.data, form.checked.data, picked, form.rest.data)
        if form.attempt(lambda: incoming.apply(batch, door.context, choices, door.by, g.now, g.today)):
            return see(request.path)
    found = incoming.preview(batch, door.context, g.today, door.ours)
    after = forms.asked("after", 9)
    rows = [line for line in found.lines if line.cells and line.row > (int(after) if after.isascii() and after.isdecimal() else 0)]
    obstacle = incoming.obstacle_to_applying(batch, found, None)
    return page(
        "exchange/preview.html", status=422 if form.wrong else 200, form=form, batch=batch, context=door.context, door=door,
        left=found.left, rows=rows[:SHOWN], more=rows[SHOWN - 1].row if len(rows) > SHOWN else None, lines=found.lines, counts=found.counts, alarms=found.alarms,
        picked=picked, last=beside.of_lines(rows[:SHOWN]), uid=uuid.UUID, key_of=incoming.key_of, seen=merging.digest(found.lines),
        words=FIELD_WORDS, titles=merging.TITLES, said=merging.in_words, typed=many.typed, read=batch.read, obstacle=obstacle[0] if obstacle else None,
        before=records.same_file(batch.context_id, batch.agency_id, batch.sha256), understood=headers.understood(), outcomes=Outcome,
        in_place=batch.format in returning.IN_PLACE, receipt=_receipt(batch), held=beside.of_held(batch, door.context, 5 * SHOWN), most=SHOWN,
        signs=sum(cell.marked for line in found.lines for cell in line.cells), pieces=lambda said: identifying.pieces(said, g.today))


def _columns_of(door: Door) -> Any:
    """Asks which of several columns is meant; POST reads the workbook by what was chosen."""
    batch, questions = door.batch, door.batch.read["questions"]
    form = type("ColumnsForm", (forms.Form,), {question["field"]: _column(question) for question in questions})()
    if form.sent:
        try:
            found = service.read_again(batch, g.today, {question["field"]: int(form[question["field"]].data) for question in questions})
        except Refused as refusal:
            form.refuse(refusal)
        else:
            if form.attempt(lambda: incoming.choose_columns(batch, door.context, found, door.by, g.now, door.ours)):
                return see(request.path)
    return page("exchange/columns.html", status=422 if form.wrong else 200, form=form, batch=batch, context=door.context, door=door, questions=questions, titles=merging.TITLES)


def _column(question: dict[str, Any]) -> forms.Choice:
    """The choice between columns that mean the same."""
    title = merging.TITLES[question["field"]]
    offered = [(c["column"], f"“{c['title']}” (column {c['cell'].rstrip('0123456789')})", f"{count(c['filled'], 'cell')} filled in") for c in question["columns"]]
    return forms.Choice(f"Which column is “{title}”?", offered, needed=f"Choose the column to read as “{title}”")


def _receipt(batch: Batch) -> list[tuple[plans.Action, str, tuple[str, str] | None, list[str]]]:
    """(action, its words as the agency knows them, status before and after, other fields that are new) of everything a workbook changed."""
    found = []
    if batch.state_ is BatchState.APPLIED:
        for update, action in plans.changed_by(batch.id, SHOWN):
            was = update.before.get("status") or update.status
            status = (Status(was).label, Status(update.status).label) if was != update.status else None
            words = action.issued_facts["intervention"] if action.issued_agency_id == batch.agency_id else many.NO_LONGER
            found.append((action, words, status, [FIELD_WORDS[name].lower() for name in update.changed.split(",") if name != "status"]))
    return found


@bp.post("/contexts/<uuid:context_id>/updates/<uuid:batch_id>/set-aside")
@guards.on_context(May.BRING_IN_UPDATES)
def set_aside(context_id: uuid.UUID, batch_id: uuid.UUID) -> Any:
    """Keeps the record of a workbook and never applies it."""
    return set_aside_of(team(batch_id))


@bp.post("/our-actions/updates/<uuid:batch_id>/set-aside")
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_set_aside(batch_id: uuid.UUID) -> Any:
    """Keeps the record of our workbook and never applies it."""
    return set_aside_of(ours(batch_id))


def set_aside_of(door: Door) -> Any:
    """Keeps the record of a workbook, and never applies it."""
    incoming.set_aside(door.batch, door.by, g.now)
    say("The workbook is set aside. Nothing was changed.")
    return see(door.back)


@bp.post("/contexts/<uuid:context_id>/updates/<uuid:batch_id>/held/<uuid:held_id>")
@guards.on_context(May.BRING_IN_UPDATES)
def settle(context_id: uuid.UUID, batch_id: uuid.UUID, held_id: uuid.UUID) -> Any:
    """Decides one held cell of a workbook."""
    return settle_of(team(batch_id), held_id)


@bp.post("/our-actions/updates/<uuid:batch_id>/held/<uuid:held_id>")
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_settle(batch_id: uuid.UUID, held_id: uuid.UUID) -> Any:
    """Decides one held cell of our workbook."""
    return settle_of(ours(batch_id), held_id)


def settle_of(door: Door, held_id: uuid.UUID) -> Any:
    """Decides one held cell."""
    held = db.session.get(Held, held_id)
    if held is None or held.batch_id != door.batch.id:
        raise NotFound
    way = request.form.get("way", "")
    incoming.settle(held, door.batch, door.context, way, request.form.get("stands", "").replace("\r\n", "\n"), door.by, g.now, g.today)
    say("Left as it is in the plan." if way == "ours" else "Taken from the workbook.")
    return see(door.url("preview") + "#held")


@bp.route("/contexts/<uuid:context_id>/updates/<uuid:batch_id>/undo", methods=["GET", "POST"])
@guards.on_context(May.BRING_IN_UPDATES)
def undo(context_id: uuid.UUID, batch_id: uuid.UUID) -> Any:
    """Shows what undoing a workbook would put back; POST does it."""
    return undo_of(team(batch_id))


@bp.route("/our-actions/updates/<uuid:batch_id>/undo", methods=["GET", "POST"])
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_undo(batch_id: uuid.UUID) -> Any:
    """Shows what undoing our workbook would put back; POST does it."""
    return undo_of(ours(batch_id))


def undo_of(door: Door) -> Any:
    """Shows what undoing a workbook would put back; POST does it."""
    if fault := incoming.obstacle_to_undoing(door.batch):
        raise Refused(fault)
    if request.method == "POST":
        told = incoming.undo(door.batch, door.context, door.by, g.now)
        kept = sum(bool(r.kept) for r in told)
        say(f"The workbook is undone: {count(len(told) - kept, 'cell')} put back" + (f", {kept} kept. The reasons are below." if kept else "."))
        return see(door.url("preview"))
    cells = [(reversal, before) for reversal, before in many.reversals(door.batch.id, door.batch.agency_id) if reversal.field != "due_on"]
    return page("exchange/undo.html", door=door, batch=door.batch, context=door.context, cells=cells[:5 * SHOWN], total=len(cells), words=FIELD_WORDS,
                said=lambda name, text: merging.in_words(many.typed(name, text)))


@bp.get("/our-actions/sent")
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_workbooks() -> Any:
    """The workbooks that our agency sent, and what became of each."""
    found = records.of_agency(current_user.agency_id) if current_user.agency_id else []
    return page("exchange/our_workbooks.html", batches=found, open=records.open_held([batch.id for batch in found]))
