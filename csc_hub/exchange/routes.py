"""Downloads of a plan and of agencies' workbooks, for the team of a context and for the agency itself."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import Blueprint, Response, g, request
from flask_login import current_user

from csc_hub.audit import service as audit
from csc_hub.db import db, pause, start_writing
from csc_hub.exchange import exports, incoming, records, service
from csc_hub.exchange.doors import letters
from csc_hub.exchange.doors import records as doors
from csc_hub.exchange.doors import service as doors_service
from csc_hub.exchange.doors.chores import REMIND_AFTER
from csc_hub.exchange.records import BatchState
from csc_hub.kernel import NotFound, Refused, today
from csc_hub.outbox import service as outbox
from csc_hub.people.records import Agency
from csc_hub.people.rules import May
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences import service as conferences_service
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import records as plans
from csc_hub.web import guards
from csc_hub.web.pages import page

bp = Blueprint("exchange", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


def download(content: bytes, name: str, content_type: str) -> Response:
    """A file made just now, as a download."""
    answer = Response(content, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def file_name(*words: str) -> str:
    """Words as the name of a file that every system takes."""
    plain = "-".join("".join(c if c.isascii() and c.isalnum() else " " for c in word).strip() for word in words)
    return "-".join(plain.split())[:90]


@bp.get("/contexts/<uuid:context_id>/plan/download/<any(xlsx, docx):ending>")
@guards.on_context(May.READ_CASE)
def download_plan(context_id: uuid.UUID, ending: str) -> Any:
    """The plan as Appendix A lays it out, in Excel or Word."""
    plan, by = service.printed(g.context), audit.Named(current_user.id, current_user.name)  # asked now, so that it need not be asked again
    pause()
    content = exports.plan_file(plan, ending)
    if request.method == "GET":
        start_writing()
        audit.record("exported_plan", by, g.now, subject=context_id, context_id=context_id, ending=ending)
    return download(content, f"{file_name(plan.reference, 'intervention plan')}.{ending}", XLSX if ending == "xlsx" else DOCX)


HANDOUTS = {"agenda": (service.agenda_page, "agenda"), "list": (lambda context, conference: service.list_page(context, conference, g.today), "people asked"), "register": (service.register_page, "register")}


def _handout(context_id: uuid.UUID, kind: str, conference: Conference | None) -> Response:
    from csc_hub.exchange.handouts import handout

    if conference is None:
        raise Refused("Plan the conference first")
    made, name = HANDOUTS[kind]
    content = handout(made(g.context, conference))
    if request.method == "GET":
        start_writing()
        audit.record("exported_handout", current_user, g.now, subject=conference.id, context_id=context_id, kind=kind)
    return download(content, f"{file_name(g.context.reference, name)}.docx", DOCX)


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

    name = f"{file_name(context.reference, agency.name, 'actions')}.xlsx"
    if request.method == "GET":
        content = exports.hand_out(context, agency, audit.Named(current_user.id, current_user.name), g.now, g.today)
    else:
        content = update_workbook(exports.peek(context, agency, g.today))
    return download(content, name, XLSX)


def our_context(context_id: uuid.UUID) -> Context:
    """A context in whose issued plan our agency has actions. Raises `NotFound` for any other."""
    if not (current_user.agency_id and plans.owns_issued(context_id, current_user.agency_id)):
        raise NotFound
    return db.session.get_one(Context, context_id)


@bp.get("/contexts/<uuid:context_id>/updates")
@guards.on_context(May.READ_CASE)
def show(context_id: uuid.UUID) -> Any:
    """Each agency's workbook to send out, and those that came back."""
    plan = plans.of_context(context_id)
    batches, agencies, open_ = records.of_context(context_id), plans.agencies_in(context_id), doors.open_doors(context_id)
    mail = outbox.of([door.id for door in open_.values()])

    def reminded(door: doors.UpdateDoor) -> dt.datetime | None:
        return next((letter.queued_at for letter in mail.get(door.id, ()) if letter.kind == "report_again" and letter.queued_at > door.asked_at), None)

    return page("exchange/show.html", context=g.context, plan=plan, agencies=agencies, doors=open_, batches=batches, states=BatchState, waits={batch.agency_id for batch in batches if batch.state_ is BatchState.WAITING},
                standings=doors_service.standings([agency for agency, _ in agencies], open_, g.today), mail=mail,
                asking=incoming.obstacle_to_updates_of(plan, g.context) is None, open=records.open_held([batch.id for batch in batches]),
                reminded=reminded, after=REMIND_AFTER, asked_today=lambda door: any(letter.kind in letters.ASKS and today(letter.queued_at) == g.today for letter in mail.get(door.id, ())))


@bp.get("/contexts/<uuid:context_id>/updates/workbook/<uuid:agency_id>")
@guards.on_context(May.READ_CASE)
def agency_workbook(context_id: uuid.UUID, agency_id: uuid.UUID) -> Any:
    """One agency's actions, to fill in and send back."""
    for agency, _ in plans.agencies_in(context_id):
        if agency.id == agency_id:
            return _agency_workbook(g.context, agency)
    raise NotFound


@bp.get("/our-actions/workbook/<uuid:plan_of>")
@guards.may(May.UPDATE_OWN_ACTIONS)
def our_workbook(plan_of: uuid.UUID) -> Any:
    """Our actions in one plan, to fill in and send back."""
    return _agency_workbook(our_context(plan_of), current_user.agency)
