"""The register of signatures, and what the council does with them."""

from __future__ import annotations

import io
import uuid
from typing import Any

from flask import Blueprint, Response, current_app, g, request, url_for
from flask_login import current_user

from csc_hub.audit import service as audit
from csc_hub.db import db, start_writing
from csc_hub.exchange.handouts import Handout, handout
from csc_hub.exchange.safe_text import write
from csc_hub.kernel import NotFound, count, day_short, moment_in_words
from csc_hub.overview import signed
from csc_hub.people import mergers
from csc_hub.people.records import Person
from csc_hub.people.rules import May, capabilities
from csc_hub.process.agreements import asking, receipts, records, service
from csc_hub.process.agreements.records import Request, Signature
from csc_hub.process.agreements.rules import Deed
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("signatures", __name__, url_prefix="/agreements/signatures")
MARKING = "Official-sensitive. Personal data of signatories."
TYPES = {"xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
         "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document"}


class EndForm(forms.Form):
    """Why a signature ends."""

    reason = forms.Paragraphs("Why does it end?", hint="The reason is kept for ever. Do not write anything about a case.", rows=3, most=1000, wanted=True)


def signature_of(signature_id: uuid.UUID) -> Signature:
    """A signature of the register. Raises `NotFound`."""
    found = db.session.get(Signature, signature_id)
    if found is None:
        raise NotFound
    return found


def _request(request_id: uuid.UUID) -> Request:
    found = db.session.get(Request, request_id)
    if found is None:
        raise NotFound
    return found


def _can(capability: May) -> bool:
    return capability in capabilities(current_user.roles)


@bp.get("")
@guards.may(May.READ_AGREEMENTS)
def show() -> Any:
    """Who has signed, until when, who waits, and who is not covered before the next meeting."""
    words, state, below = forms.asked("q"), forms.asked("state", 12), forms.asked("below", 9)
    kind, (kinds, waiting) = forms.asked_id("kind"), signed.kinds()
    found = signed.lines(words, state, int(below) if below.isascii() and below.isdecimal() else None, g.today, signed.ROWS + 1, kind)
    return page("agreements/register.html", lines=found[:signed.ROWS], more=len(found) > signed.ROWS, words=words, state=state, states=signed.STATES,
                requests=signed.requests(g.now), gap=signed.gap(g.now), pace=signed.pace(), keeps=_can(May.KEEP_AGREEMENTS), records_paper=_can(May.RECORD_SIGNATURES), waiting=waiting, kinds=kinds, kind=kind)


@bp.get("/download/<any(xlsx, docx):ending>")
@guards.may(May.READ_AGREEMENTS)
def download(ending: str) -> Any:
    """The register in Excel or Word, as it is filtered."""
    lines = [signed.cells(line) for line in signed.lines(forms.asked("q"), forms.asked("state", 12), None, g.today, 10_000, forms.asked_id("kind"))]
    content = _workbook(lines) if ending == "xlsx" else handout(Handout(
        title="Register of signatures", marking=MARKING, council=current_app.config["CSC"].council, facts=(("On", day_short(g.today)),),
        columns=tuple((heading, 1.4) for heading in signed.HEADINGS), rows=tuple(lines)))
    if request.method == "GET":
        by = audit.Named(current_user.id, current_user.name)
        start_writing()
        audit.record("exported_signatures", by, g.now, ending=ending)
    answer = Response(content, content_type=TYPES[ending])
    answer.headers["Content-Disposition"] = f'attachment; filename="signatures.{ending}"'
    return answer


def _workbook(lines: list[tuple[str, ...]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.properties.creator = current_app.config["CSC"].council
    sheet = book.active
    sheet.title = "Signatures"
    sheet.oddHeader.center.text = MARKING
    sheet.append([MARKING])
    sheet.append(list(signed.HEADINGS))
    for number, line in enumerate(lines, 3):
        for place, text in enumerate(line, 1):
            write(sheet.cell(number, place), text)
    sheet.freeze_panes = "A3"
    for column in "ABCDEFGHIJKL":
        sheet.column_dimensions[column].width = 24
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@bp.get("/<uuid:signature_id>")
@guards.may(May.READ_AGREEMENTS)
def signature(signature_id: uuid.UUID) -> Any:
    """One signature with all its evidence."""
    found = signature_of(signature_id)
    part = mergers.merger_of(found.agency_id)
    return page("agreements/signature.html", signature=found, today_called=f"Part of {part.into.name} since {moment_in_words(part.at)}" if part else found.agency.name, acts=records.acts_of([found.id]).get(found.id, {}), covers=receipts.covers(found), keeps=_can(May.KEEP_AGREEMENTS), records_paper=_can(May.RECORD_SIGNATURES), deeds=Deed)


@bp.post("/<uuid:signature_id>/countersign")
@guards.may(May.KEEP_AGREEMENTS)
def countersign(signature_id: uuid.UUID) -> Any:
    """Countersigns one signature for the council."""
    service.act(signature_of(signature_id), Deed.COUNTERSIGNED, "", current_user, g.now)
    say("The signature is countersigned.")
    return see(url_for("signatures.signature", signature_id=signature_id))


@bp.post("/countersign")
@guards.may(May.KEEP_AGREEMENTS)
def countersign_all() -> Any:
    """Countersigns all that wait."""
    number = service.countersign_all(current_user, g.now)
    say(f"{count(number, 'signature')} countersigned.")
    return see(url_for("signatures.show"))


@bp.route("/<uuid:signature_id>/end", methods=["GET", "POST"])
@guards.may(May.KEEP_AGREEMENTS)
def end(signature_id: uuid.UUID) -> Any:
    """Ends a signed agreement at once."""
    found, form = signature_of(signature_id), EndForm()
    if form.sent and form.attempt(lambda: service.act(found, Deed.REVOKED, form.reason.data or "", current_user, g.now)):
        say(f"The agreement with {found.organisation} is ended.")
        return see(url_for("signatures.signature", signature_id=signature_id))
    return form_page(form, f"End the agreement with {found.organisation}", back=url_for("signatures.signature", signature_id=signature_id), button="End it now",
                     danger=True, intro="From this moment nobody is covered by this signature, and no paper opens by it. The signature itself is kept.")


@bp.post("/requests/<uuid:request_id>/again")
@guards.may(May.READ_AGREEMENTS)
def again(request_id: uuid.UUID) -> Any:
    """Asks somebody again who has not signed, once a day at most."""
    found = _request(request_id)
    person = db.session.get(Person, found.person_id) if found.person_id else None
    asking.ask(found.agency, found.name, found.email, person, found.conference_id, current_user, g.now)
    say(f"{found.name} is asked again, with a new link.")
    return see(url_for("signatures.show") + "#waiting")


@bp.post("/requests/<uuid:request_id>/close")
@guards.may(May.KEEP_AGREEMENTS)
def close(request_id: uuid.UUID) -> Any:
    """Takes a request back."""
    found = _request(request_id)
    asking.close(found, current_user, g.now)
    say(f"The request to {found.name} is taken back.")
    return see(url_for("signatures.show") + "#waiting")
