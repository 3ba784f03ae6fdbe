"""Signatures on paper: recorded with their scan from the register of signatures, and the scan opened again."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, g, request, url_for
from flask_login import current_user

from csc_hub.db import db, start_writing
from csc_hub.kernel import NotFound, Refused
from csc_hub.overview.signatures import bp, signature_of
from csc_hub.papers import service as papers
from csc_hub.people import records as people
from csc_hub.people.records import Agency
from csc_hub.people.rules import May
from csc_hub.process.agreements import on_paper, signing
from csc_hub.process.agreements.on_paper import OnPaper
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import attachment, form_page, page, see


class PaperForm(forms.Form):
    """What stands on the paper, and its scan."""

    version_id = forms.Choice("Which version was signed?", needed="Choose the version that was signed")
    name = forms.Line("Name of whoever signed", needed="Enter the name of whoever signed", most=160)
    job_title = forms.Line("Their job title", needed="Enter their job title", most=160)
    signed_on = forms.Day("Signed on", hint="The date on the paper.", needed="Enter the day it was signed")
    email = forms.Email("Their e-mail address", hint="A receipt and reminders are sent there.")
    covers = forms.Choice("Whom does it cover?", needed="Say whom it covers")
    named = forms.Choices("The people it covers", hint="Choose them if it does not cover everybody.")
    file = forms.File("The scan", hint=f"PDF, JPG or PNG, up to {on_paper.MOST // 1024 ** 2} MB.", needed="Choose the scan")

    def draft(self) -> OnPaper:
        """What was typed."""
        return OnPaper(self.version_id.uuid, self.name.data or "", self.job_title.data or "", self.signed_on.data, self.email.data or "",
                       self.covers.data if self.covers else "everybody", list(self.named.data or ()) if self.named else [])


@bp.get("/paper")
@guards.may(May.RECORD_SIGNATURES)
def choose_paper() -> Any:
    """For which organisation a signature on paper is recorded."""
    return page("agreements/paper.html", agencies=[agency for agency in people.agencies() if not agency.statutory])


@bp.route("/paper/<uuid:agency_id>", methods=["GET", "POST"])
@guards.may(May.RECORD_SIGNATURES, large=True)
def record_paper(agency_id: uuid.UUID) -> Any:
    """Records a signature on paper with its scan."""
    agency, form = db.session.get(Agency, agency_id), PaperForm()
    if agency is None or not agency.active:
        raise NotFound
    if agency.statutory:
        raise Refused(f"{agency.name} is covered by the procedures for child protection conferences and does not sign")
    there = signing.people_of(agency)
    form.version_id.offer([(v.id, f"Version {v.number}: {v.title}") for v in on_paper.versions()])
    form.covers.offer([("everybody", f"Everybody at {agency.name}"), ("named", "Only the people I choose here")])
    form.named.offer([(person.id, person.name) for person in there])
    if not form.is_sent():
        form.version_id.data, form.covers.data = (form.version_id.choices or [("", "")])[0][0], "everybody"
    if not there:
        del form.covers, form.named
    kept: list[uuid.UUID] = []
    if form.sent and _taken_in(form, agency_id, kept):
        say("The signature is recorded with its scan.")
        return see(url_for("signatures.signature", signature_id=kept[0]))
    return form_page(form, "Record a signature on paper", caption=agency.name, back=url_for("signatures.choose_paper"), button="Record the signature", multipart=True,
                     intro="It counts from the day on the paper. The coordinator, chairs and the information governance officer can open the scan. Your name stands beside it.")


def _taken_in(form: PaperForm, agency_id: uuid.UUID, kept: list[uuid.UUID]) -> bool:
    """Whether all of it is kept; if not, the form says why and nothing of the scan is left."""
    try:
        taken = papers.take_in(form.file.data, on_paper.MOST)
    except Refused as refusal:
        form.refuse(refusal)
        return False
    done = form.attempt(lambda: kept.append(on_paper.record(db.session.get_one(Agency, agency_id), form.draft(), taken, current_user, g.now).id))
    if not done:
        papers.discard(taken)
    return done


@bp.get("/<uuid:signature_id>/scan")
@guards.may(May.RECORD_SIGNATURES)
def scan(signature_id: uuid.UUID) -> Any:
    """Streams the scan of a signature on paper, and records who opened it."""
    paper = signature_of(signature_id).paper
    if paper is None or paper.withdrawn_at:
        raise NotFound
    if request.method == "HEAD":
        return Response(status=200)
    content = papers.content_of(paper)
    start_writing()
    papers.record_opening(paper, current_user, g.now)
    return attachment(content, paper.name, paper.content_type, paper.size)
