"""Pages on which a plan written elsewhere comes in: choose files, say which column is what, look, add, take back."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_login import current_user

from csc_hub.db import start_writing
from csc_hub.exchange.reading.grid import letters
from csc_hub.exchange.whole_plans import columns, records, service
from csc_hub.exchange.whole_plans.columns import Columns
from csc_hub.exchange.whole_plans.drafts import text_of
from csc_hub.exchange.whole_plans.preview import Preview
from csc_hub.exchange.whole_plans.records import FileState, PlanFile
from csc_hub.exchange.whole_plans.service import LEAVE, Choices, ReadFile
from csc_hub.kernel import NotFound, Refused
from csc_hub.papers.service import Infected
from csc_hub.people import records as people
from csc_hub.people.rules import May
from csc_hub.process.plans import records as plans
from csc_hub.process.plans import rules as plan_rules
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("whole_plans", __name__, url_prefix="/contexts/<uuid:context_id>/plan/bring-in")
MOST_FILES = 20
FIELD_CHOICES = list(columns.FIELDS.items())


class BringForm(forms.Form):
    """Files of plans."""

    file = forms.File("The plan, in one file or several", several=True, needed="Choose the file of a plan", hint=(
        "Word (docx), Excel (xlsx, xlsm, xls), OpenDocument sheet (ods) or CSV, up to 20 MB each. Nothing is added before you have seen it."))


class AddForm(forms.Form):
    """What was looked at, and what should become of it. The agencies named in the file come as fields of their own."""

    seen = forms.Line("What was shown")
    under = forms.Choice("Under which worry do they belong?", radios=False)
    new_worry = forms.Paragraphs("The new worry", hint="In the place or group, not in one young person.", rows=2)
    leave = forms.Choices("Leave out")
    split = forms.Choices("An action for each task")
    looked = forms.Tick("I have looked at these places, and no young person is named or described")


class ColumnsForm(forms.Form):
    """Which table and row of titles was looked at. The columns come as fields of their own."""

    table = forms.Line("Table")
    row = forms.Line("Row")


def _back() -> str:
    return url_for("plans.show", context_id=g.context.id)


@bp.route("", methods=["GET", "POST"])
@guards.on_context(May.EDIT_PLAN, large=True)
def bring_in(context_id: uuid.UUID) -> Any:
    """Reads files of plans and lists what came in before."""
    fault = plan_rules.obstacle_to_drafting(g.context.state_)
    if fault:
        raise Refused(fault)
    form = BringForm()
    if form.sent:
        return _take(form)
    return _bring_page(form, [])


def _bring_page(form: BringForm, now: list[PlanFile]) -> Response:
    return page("whole_plans/bring_in.html", status=422 if form.wrong and not now else 200, form=form, context=g.context, back=_back(), now=now, lines=[],
                files=[file for file in records.of_context(g.context.id) if file.id not in {f.id for f in now}], colours=COLOURS)


COLOURS = {FileState.WAITING: "yellow", FileState.ADDED: "green", FileState.SET_ASIDE: "grey", FileState.TAKEN_BACK: "grey"}


def _take(form: BringForm) -> Response:
    """Reads every file first, then keeps those that could be read, all in one transaction."""
    uploads = [upload for upload in request.files.getlist("file") if upload.filename]
    if len(uploads) > MOST_FILES:
        form.refuse(Refused(f"Choose up to {MOST_FILES} files at once", "file"))
        return _bring_page(form, [])
    read: list[ReadFile] = []
    for upload in uploads:
        try:
            read.append(service.read_file(upload))
        except Refused as refusal:
            if isinstance(refusal, Infected):
                guards.record_alone("refused_paper", subject=g.context.id, context_id=g.context.id)
                start_writing()
            form.refuse(Refused(f"{service.name_of(upload)}: {refusal.sentence}" if len(uploads) > 1 else refusal.sentence, "file"))
    kept: list[PlanFile] = []
    if read and not form.attempt(lambda: kept.extend([service.keep(one, g.context, current_user, g.now) for one in read])):
        kept = []
        for one in read:
            service.discard(one)
    if forms.wants_part():
        return page("whole_plans/_lines.html", status=200 if kept else 422, files=kept, colours=COLOURS, context=g.context,
                    lines=[f"{service.name_of(uploads[0])}: {error}" for error in [*form.faults, *form.file.errors]])
    if len(uploads) == 1 and kept:
        unknown = not service.draft_of(kept[0]).tables
        return see(url_for("whole_plans.choose_columns" if unknown else "whole_plans.preview", context_id=g.context.id, plan_file_id=kept[0].id))
    return _bring_page(form, kept)


@bp.route("/<uuid:plan_file_id>", methods=["GET", "POST"])
@guards.on_context(May.EDIT_PLAN)
def preview(context_id: uuid.UUID, plan_file_id: uuid.UUID) -> Any:
    """What a file would add to the plan; POST adds it."""
    file = service.found(plan_file_id, g.context)
    shown = service.preview(file, g.context, g.today)
    form = _add_form(shown)
    if form.sent and form.attempt(lambda: service.add(file, g.context, _choices(form, shown), form.seen.data or "", current_user, g.now, g.today)):
        return see(request.path)
    if form.wrong:  # what is shown is what is now
        shown = service.preview(service.found(plan_file_id, g.context), g.context, g.today)
    return page(
        "whole_plans/preview.html", status=422 if form.wrong else 200, form=form, file=file, shown=shown, context=g.context, back=url_for("whole_plans.bring_in", context_id=context_id),
        facts=service.facts_beside(file, g.context, shown), obstacle=service.obstacle_to_adding(file, shown), seen=shown.digest(),
        before=records.same_file(context_id, file.sha256, file.id), groups=service.to_add(shown, _choices(form, shown)), colours=COLOURS)


def _add_form(shown: Preview) -> Any:
    """The form of a preview: one field for each agency that the file names."""
    fields = {
        f"agency_{number}": forms.Choice(named.words or "No agency in the file", radios=False, needed=f"Choose the agency for {f'“{named.words[:80]}”' if named.words else 'those without one'}, or leave them out")
        for number, (named, _) in enumerate(shown.names)}
    form = type("AddFormOfFile", (AddForm,), fields)()
    offered = [("", "Choose an agency"), *((a.id, a.name) for a in people.agencies()), (LEAVE, "Leave these interventions out for now")]
    for number, (named, _) in enumerate(shown.names):
        field = form[f"agency_{number}"]
        field.offer(offered)
        if not form.is_sent():
            field.data = str(named.agency_id) if named.agency_id else ""
    form.leave.offer([(row.draft.key, row.draft.where) for row in (*shown.worries, *shown.actions)])
    form.split.offer([(action.draft.key, action.draft.where) for action in shown.actions if action.draft.tasks])
    if shown.orphans:
        plan = plans.of_context(g.context.id)
        form.under.wanted = form.new_worry.wanted = True
        form.under.offer([("", "A new worry, written below"), *((w.id, w.worry[:100]) for w in (plans.worries(plan.id) if plan else []))])
    else:
        del form.under, form.new_worry
    if not shown.identifying:
        del form.looked
    return form


def _choices(form: Any, shown: Preview) -> Choices:
    said = {named.key: form[f"agency_{number}"].data or "" for number, (named, _) in enumerate(shown.names) if f"agency_{number}" in form}
    return Choices(
        said, frozenset(form.leave.data or ()), frozenset(form.split.data or ()), (form.under.data or "") if "under" in form else "",
        (form.new_worry.data or "") if "new_worry" in form else "", "looked" in form and bool(form.looked.data))


@bp.route("/<uuid:plan_file_id>/columns", methods=["GET", "POST"])
@guards.on_context(May.EDIT_PLAN)
def choose_columns(context_id: uuid.UUID, plan_file_id: uuid.UUID) -> Any:
    """Which column of a file is what: guessed from the titles and from what was said before."""
    file = service.found(plan_file_id, g.context)
    blocks = [(n, block) for n, block in enumerate(file.read["blocks"]) if block["kind"] != "text" and any(row for _, row in block["rows"])]
    if not blocks:
        raise NotFound
    place, table = _table(file, dict(blocks))
    shown = _columns(file.read["blocks"][place], table)
    form = _columns_form(shown, file, table)
    if form.sent and form.attempt(lambda: service.choose_columns(
            file, place, table.row, {column: form[f"column_{column}"].data or "ignore" for column, _, _ in shown}, current_user, g.now)):
        return see(url_for("whole_plans.preview", context_id=context_id, plan_file_id=plan_file_id))
    return page("whole_plans/columns.html", status=422 if form.wrong else 200, form=form, file=file, context=g.context, table=table, shown=shown,
                block=file.read["blocks"][place], others=[(n, block["name"]) for n, block in blocks if n != place], rows=_near_rows(file.read["blocks"][place], table),
                back=url_for("whole_plans.preview", context_id=context_id, plan_file_id=plan_file_id))


def _asked(name: str) -> int | None:
    word = (request.form.get(name) if request.method == "POST" else None) or forms.asked(name, 9)
    return int(word) if word.isascii() and word.isdecimal() and len(word) < 8 else None


def _table(file: PlanFile, blocks: dict[int, Any]) -> tuple[int, Columns]:
    """The table that is asked for and its row of titles; else the likeliest of both."""
    remembered = records.remembered("column")
    likely = {n: columns.likely(n, [row for row in block["rows"] if row[1]], remembered) for n, block in blocks.items()}
    asked = _asked("table")
    place = asked if asked in blocks else int(file.chosen["block"]) if file.chosen else max(blocks, key=lambda n: (blocks[n]["visible"], len(likely[n].known), len(blocks[n]["rows"]), -n))
    row = _asked("row") or (int(file.chosen["row"]) if file.chosen and place == file.chosen["block"] else None)
    cells = next((cells for number, cells in blocks[place]["rows"] if number == row and cells), None)
    return place, columns.columns_of(place, row or 0, cells, remembered) if cells else likely[place]


def _columns(block: dict[str, Any], table: Columns) -> list[tuple[int, str, list[str]]]:
    """(column, its title or place, values under it) of every column that holds something."""
    under = [cells for number, cells in block["rows"] if number > table.row]
    found = sorted({int(column) for cells in under for column, cell in cells.items() if cell[0] != "v"} | table.titles.keys())
    found = [column for column in found if column in table.titles or not table.holding(column)][:40]
    samples = {column: [" ".join(text_of(cells[str(column)]).split())[:60] for cells in under if str(column) in cells and text_of(cells[str(column)]).strip()][:3] for column in found}
    return [(column, table.titles.get(column) or f"Column {letters(column)}, which has no title", samples[column]) for column in found]


def _columns_form(shown: list[tuple[int, str, list[str]]], file: PlanFile, table: Columns) -> Any:
    fields = {f"column_{column}": forms.Choice(title, FIELD_CHOICES, radios=False, hint=f"For example: {'; '.join(samples)}" if samples else "Nothing stands under it.")
              for column, title, samples in shown}
    form = type("ColumnsFormOfFile", (ColumnsForm,), fields)()
    said = file.chosen["columns"] if file.chosen and (file.chosen["block"], file.chosen["row"]) == (table.block, table.row) else {}
    for column, _, _ in shown if not form.is_sent() else ():
        form[f"column_{column}"].data = said.get(str(column)) or table.fields.get(column) or "ignore"
    for column, _, _ in shown:
        form[f"column_{column}"].wanted = True
    form.table.data, form.row.data = str(table.block), str(table.row)
    return form


def _near_rows(block: dict[str, Any], table: Columns) -> list[int]:
    """The rows just above and below the one taken for the titles."""
    numbers = [number for number, cells in block["rows"] if cells]
    place = numbers.index(table.row) if table.row in numbers else 0
    return [*numbers[max(0, place - 1):place], *numbers[place + 1:place + 2]]


@bp.post("/<uuid:plan_file_id>/set-aside")
@guards.on_context(May.EDIT_PLAN)
def set_aside(context_id: uuid.UUID, plan_file_id: uuid.UUID) -> Any:
    """Keeps the record of a file and never adds it."""
    service.set_aside(service.found(plan_file_id, g.context), current_user, g.now)
    say("The file is set aside. Nothing was added.")
    return see(url_for("whole_plans.bring_in", context_id=context_id))


@bp.route("/<uuid:plan_file_id>/take-back", methods=["GET", "POST"])
@guards.on_context(May.EDIT_PLAN)
def take_back(context_id: uuid.UUID, plan_file_id: uuid.UUID) -> Any:
    """Removes what a file brought, if nothing of it was changed since."""
    file, form = service.found(plan_file_id, g.context), forms.Form()
    if file.state_ is not FileState.ADDED:
        raise Refused("Only a file that was added can be taken back")
    back = url_for("whole_plans.preview", context_id=context_id, plan_file_id=plan_file_id)
    if form.sent and form.attempt(lambda: service.take_back(file, g.context, current_user, g.now)):
        say("What the file brought is no longer in the plan.")
        return see(_back())
    return form_page(form, "Take back what this file brought", caption=file.name, button="Take it back", danger=True, back=back,
                     intro="The worries and interventions that came from this file are removed from the draft. It works as long as none of them was changed, reported on or issued.")
