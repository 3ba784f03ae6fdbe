"""The pages of an agency's contact without an account: the link, their agency's own actions of one plan, and its workbook."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, current_app, g, request, session, url_for

from csc_hub.exchange import checking, exports, incoming_routes, records, returning_routes
from csc_hub.exchange.doors import letters, service
from csc_hub.exchange.doors import records as doors
from csc_hub.exchange.doors.service import Came
from csc_hub.exchange.incoming_routes import Door, OwnUploadForm
from csc_hub.exchange.records import Batch, BatchState
from csc_hub.exchange.routes import XLSX, download, file_name
from csc_hub.kernel import NotFound, Refused, count
from csc_hub.people import links
from csc_hub.people.links import Link, Purpose
from csc_hub.process.agreements import records as agreements
from csc_hub.process.agreements.rules import Document
from csc_hub.process.plans import records as plans
from csc_hub.process.plans.rules import FIELD_WORDS
from csc_hub.process.plans.statuses import COLOURS, Status
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("doors", __name__)
ROWS = 50


class NothingForm(forms.Form):
    """That there is nothing new."""


@bp.route("/u/<door_key>", methods=["GET", "POST"])
@guards.anyone
def link(door_key: str) -> Any:
    """What a link shows before a person presses Continue. Looking changes nothing, whoever or whatever looks."""
    found = links.of_token(door_key, g.now, Purpose.UPDATES)
    came = service.came(found, g.now) if found else None
    if found is None or came is None:
        return page("doors/no_link.html", status=404)
    return came_by(found) if request.method == "POST" else page("doors/link.html")


def came_by(link: Link) -> Response:
    """Lets somebody in by their link or code. Raises `NotFound` where it opens nothing any more."""
    service.come_in(link, g.now)
    session["door"] = str(link.id)
    return see(url_for("doors.show"))


@bp.route("/report/before", methods=["GET", "POST"])
@guards.at_update_door
def before() -> Any:
    """What stands between somebody and the page: the agreement, which they can sign here, or the end of the plan."""
    came: Came = g.door
    text = agreements.in_force(Document.AGREEMENT, g.today)
    if came.may:
        return see(url_for("doors.show"))
    if request.method == "POST":
        if came.over or text is None:
            raise Refused(came.over or "There is no agreement to sign yet. The council writes to you when there is")
        begun = service.begin_to_sign(came, uuid.UUID(session["door"]), g.now)
        session["signing"], session["began"] = str(begun.id), "door"
        return see(url_for("signing.read"))
    return page("doors/before.html", came=came, can_sign=text is not None)


@bp.post("/report/leave")
@guards.at_update_door
def leave() -> Any:
    """Closes these pages on this device. The link in the mail opens them again."""
    session.pop("door", None)
    return see(url_for("replies.code"))


@bp.get("/report")
@guards.reporting
def show() -> Any:
    """The agency's own actions, the most urgent first, and the three ways to report on them."""
    came: Came = g.door
    every = service.actions(came, g.today)
    after = forms.asked("after", 9)
    start = int(after) if after.isascii() and after.isdecimal() else 0
    since = came.door.before_at
    plan, batches = plans.of_context(came.context.id), records.of_context(came.context.id, came.door.agency_id)
    return page(
        "doors/show.html", came=came, waits=[batch for batch in batches if batch.state_ is BatchState.WAITING],
        batches=batches, held=records.open_held([batch.id for batch in batches]), actions=every[start:start + ROWS], total=len(every), more=start + ROWS if len(every) > start + ROWS else None,
        waiting=sum(service.is_waiting(action, g.today) for action in every), late=sum(service.is_waiting(action, g.today) and service.is_late(action, g.today) for action in every),
        since=since, new_issue=bool(since and plan and plan.issued_at and plan.issued_at > since),
        news=doors.said_since(came.context.id, came.door.agency_id, since, came.door.name) if since else {},
        is_waiting=service.is_waiting, is_late=service.is_late, states=Status, colours=COLOURS, words=FIELD_WORDS, on=g.today)


@bp.route("/report/<uuid:action_id>", methods=["GET", "POST"])
@guards.reporting
def update(action_id: uuid.UUID) -> Any:
    """Says how far one action has got."""
    came: Came = g.door
    action = service.own_action(came, action_id)
    form = current_app.extensions["csc_update_form"](action)
    if form.send(action, came.by, _nothing_new):
        service.reported_here(came, g.now)
        say(f"Thank you. Action {action.number} is updated.")
        return see(url_for("doors.show") + f"#action-{action.id}")
    return form_page(form, f"Update action {action.number}", caption=action.issued_facts["intervention"], button="Send this update", back=url_for("doors.show"),
                     other=(url_for("doors.nothing", action_id=action_id), "Nothing to report"))


def _nothing_new() -> None:
    raise Refused("Nothing here is new, so nothing was recorded. Change what has changed, or choose “Nothing to report” below")


@bp.post("/report/<uuid:action_id>/nothing-to-report")
@guards.reporting
def nothing(action_id: uuid.UUID) -> Any:
    """Records that there is nothing new on one action."""
    action = service.own_action(g.door, action_id)
    service.nothing_to_report(g.door, action, g.now)
    say(f"Thank you. “Nothing to report” is recorded for action {action.number}.")
    return see(url_for("doors.show") + f"#action-{action.id}")


@bp.route("/report/nothing-to-report", methods=["GET", "POST"])
@guards.reporting
def nothing_on_any() -> Any:
    """Records that there is nothing new on any open action."""
    came, form = g.door, NothingForm()
    if form.sent:
        told: list[int] = []
        if form.attempt(lambda: told.append(service.nothing_to_report_on_any(came, g.now))):
            say(f"Thank you. “Nothing to report” is recorded for {count(told[0], 'action')}.")
            return see(url_for("doors.sent"))
    waiting = [action for action in service.actions(came, g.today) if service.is_waiting(action, g.today)]
    if not waiting and not form.sent:
        return see(url_for("doors.show"))  # where it says that all was reported on
    late = sum(service.is_late(action, g.today) for action in waiting)
    return form_page(form, f"Nothing to report on {count(len(waiting), 'open action')}?" if waiting else "Everything open is reported on", back=url_for("doors.show"), button="Nothing to report on any",
                     intro="It tells the council that you looked, and that nothing has changed since your last update.",
                     warning=f"{count(late, 'action')} {'is' if late == 1 else 'are'} late. A new date, or what is in the way, would help the council more." if late else "")


@bp.get("/report/workbook")
@guards.reporting
def workbook() -> Any:
    """The agency's own actions as a workbook, to fill in and send back here."""
    from csc_hub.exchange.update_workbook import update_workbook

    came: Came = g.door
    name = f"{file_name(came.context.reference, came.door.agency.name, 'actions')}.xlsx"
    if request.method == "GET":
        return download(exports.hand_out(came.context, came.door.agency, came.by, g.now, g.today), name, XLSX)
    return download(update_workbook(exports.peek(came.context, came.door.agency, g.today)), name, XLSX)


class UploadForm(forms.Form):
    """The agency's own workbook, dropped on the page or chosen."""

    file = forms.File("Your workbook", hint=f"Drop it on this box, or choose it. {OwnUploadForm.file.kwargs['hint']}", needed="Choose the workbook", drop=True)


@bp.route("/report/upload", methods=["GET", "POST"])
@guards.reporting_with_file(checking.LARGEST)
def upload() -> Any:
    """Reads the agency's workbook and shows what it would change."""
    came, form = g.door, UploadForm()
    if form.sent and (batch := _take(came, form)):
        return see(url_for("doors.preview", batch_id=batch.id))
    return form_page(form, "Send your workbook", caption=came.context.reference, button="Show what would change", multipart=True, back=url_for("doors.show"))


def _take(came: Came, form: UploadForm) -> Batch | None:
    """The workbook that was sent, read and kept; None where the form says why not."""
    try:
        service.refuse_flood(came, g.now)
    except Refused as refusal:
        form.refuse(refusal)
        return None
    batch = incoming_routes.take(form, came.context, lambda: service.still(session.get("door"), g.now).door.agency, own_only=True, by=came.by)
    if batch is None:
        service.count_refused(came, g.now)
        g.door = service.who(session.get("door"), g.now)
        if g.door is None:
            raise NotFound
        return None
    if batch.uploaded_at == g.now:  # else it waits since an earlier time, and nothing is written
        service.count_file(came, g.now)
    if batch.state_ is BatchState.NOTHING_NEW:
        _received(came, batch)
    return batch


def _received(came: Came, batch: Batch) -> None:
    service.reported(came, g.now)
    letters.receipt(came.door, batch, g.now)


def own(batch_id: uuid.UUID) -> Door:
    """A workbook as whoever came in by the door comes to it. Raises `NotFound` for any but their agency's own for this plan."""
    came: Came = g.door
    return Door(service.own_batch(came, batch_id), came.context, True, came.by, partner=True)


@bp.route("/report/workbooks/<uuid:batch_id>", methods=["GET", "POST"])
@guards.reporting
def preview(batch_id: uuid.UUID) -> Any:
    """What the workbook would change, or what became of it; POST applies it, and a receipt goes out."""
    door = own(batch_id)
    waited = door.batch.state_ is BatchState.WAITING
    answer = incoming_routes.preview_of(door)
    if waited and door.batch.state in _RECEIVED:
        _received(g.door, door.batch)
    return answer


@bp.post("/report/workbooks/<uuid:batch_id>/set-aside")
@guards.reporting
def set_aside(batch_id: uuid.UUID) -> Any:
    """Keeps the record of the workbook and never applies it."""
    return incoming_routes.set_aside_of(own(batch_id))


@bp.post("/report/workbooks/<uuid:batch_id>/held/<uuid:held_id>")
@guards.reporting
def settle(batch_id: uuid.UUID, held_id: uuid.UUID) -> Any:
    """Decides one held cell of the workbook."""
    return incoming_routes.settle_of(own(batch_id), held_id)


@bp.route("/report/workbooks/<uuid:batch_id>/undo", methods=["GET", "POST"])
@guards.reporting
def undo(batch_id: uuid.UUID) -> Any:
    """Shows what undoing the workbook would put back; POST does it."""
    return incoming_routes.undo_of(own(batch_id))


@bp.get("/report/workbooks/<uuid:batch_id>/faults")
@guards.reporting
def with_faults(batch_id: uuid.UUID) -> Any:
    """The workbook with its faults marked, to be put right and sent again."""
    return returning_routes.with_faults_of(own(batch_id))


@bp.get("/report/sent")
@guards.reporting
def sent() -> Any:
    """The receipt: each workbook with its SHA-256, what was taken and what is held, and what was said on the page."""
    came: Came = g.door
    batches = records.of_context(came.context.id, came.door.agency_id)
    return page("doors/sent.html", came=came, batches=batches, rows={batch.id: letters.taken(batch) for batch in batches if batch.state in _RECEIVED},
                said=doors.said_by(came.context.id, came.door.agency_id, came.door.name), words=FIELD_WORDS, states=Status)


_RECEIVED = (BatchState.APPLIED, BatchState.NOTHING_NEW)
