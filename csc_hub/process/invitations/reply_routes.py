"""The pages of somebody who was invited: the link, the code, and their own page. No account, one column, no menu."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, current_app, g, request, session, url_for

from csc_hub import db as database
from csc_hub.adapters import markdown
from csc_hub.db import start_writing
from csc_hub.kernel import NotFound, Refused
from csc_hub.papers import service as papers_service
from csc_hub.process.assessments.rules import Kind
from csc_hub.people import links as doors
from csc_hub.process.invitations import contributions, links, records, replying
from csc_hub.process.invitations.rules import Reply
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import attachment, form_page, page, see

bp = Blueprint("replies", __name__)
ANSWERS = [
    (Reply.ACCEPTED, "Yes"), (Reply.TENTATIVE, "Maybe"), (Reply.DECLINED, "No, because…"),
    (Reply.DEPUTY, "I cannot come, and a colleague comes in my place"), (Reply.PASSED, "Somebody else here is the right person to ask"),
]


class AnswerForm(forms.Form):
    """The answer of somebody who was invited."""

    reply = forms.Choice("Can you come?", ANSWERS, needed="Choose your answer")
    reason = forms.Line("If not, why?", hint="One line is enough.", most=500, wanted=True)
    colleague = forms.Line("If somebody else, who? Name and job", hint="For example, Mia Rossi, supervisor", most=160, wanted=True)
    address = forms.Email("Their work e-mail address", hint="The council sends them an invitation of their own.")
    needs = forms.Paragraphs("What do you need to take part?", hint="For example a hearing loop, step-free access, an interpreter, or to join by phone.", rows=2, most=1000)
    contribution = forms.Paragraphs("What should the meeting know from you?", hint="About the place or group. Never name or describe a young person.", rows=4, most=5000)


class FileForm(forms.Form):
    """What somebody invited sends for the meeting."""

    file = forms.File("The file", needed="Choose the file", hint="Word, PDF, Excel, OpenDocument, PNG, JPG, text or e-mail, up to {most} MB.")
    nobody = forms.Tick("I have read this file, and no young person can be identified in it", hint="Look at pictures, comments and tracked changes too.", needed="Read the file and tick the box. A file in which a young person can be identified must not come in")


class CodeForm(forms.Form):
    """The other way in, on a device that does not have the mail."""

    email = forms.Email("Your e-mail address", hint="The one the mail was sent to.", needed="Enter your e-mail address")
    code = forms.Line("Six-digit code", hint="It is in the mail, for example 123 456.", needed="Enter the code", most=12, width="govuk-input--width-10")


@bp.route("/i/<key>", methods=["GET", "POST"])
@guards.anyone
def link(key: str) -> Any:
    """What a link shows before a person presses Continue. Looking changes nothing, whoever or whatever looks."""
    found = links.of_token(key, g.now)
    if found is None:
        return page("replies/no_link.html", status=404)
    came, invitation = found
    if request.method == "POST":
        return came_by(came)
    return page("replies/link.html", day=invitation.conference.day)


def came_by(found: doors.Link) -> Response:
    """Lets somebody in by their link or code. Raises `NotFound` for a person who was stopped."""
    replying.come_in(found, g.now)
    session.pop("invited", None)
    session["invited"] = str(found.id)
    return see(url_for("replies.show"))


@bp.route("/code", methods=["GET", "POST"])
@guards.anyone
def code() -> Any:
    """The same by the address and the code in the mail."""
    form = CodeForm()
    if form.sent:
        try:
            found = doors.of_code(form.email.data or "", form.code.data or "", request.remote_addr or "", g.now)
            if found:
                return current_app.extensions["csc_came_by"][found.purpose_](found)
            database.finish(keep=True)  # the failure counts, whatever the answer
            form.refuse(doors.wrong())
        except NotFound:  # a stopped person, or a request that waits for nobody
            form.refuse(doors.wrong())
        except Refused as refusal:
            form.faults.append(refusal.sentence)
    return form_page(form, "Open your page with a code", button="Continue")


@bp.route("/invitation", methods=["GET", "POST"])
@guards.invited
def show() -> Any:
    """Somebody's own page: the meeting, their answer, and the papers that are open to them."""
    invitation = g.invitation
    conference = invitation.conference
    form = AnswerForm(invitation)
    fault = replying.obstacle(invitation, g.now)
    if not form.is_sent():
        form.needs.data = invitation.access_needs
        form.reply.data = "" if invitation.reply_ is Reply.NONE else invitation.reply
        form.colleague.data = invitation.deputy
    elif "reply" not in request.form:
        form.reply.data = ""
    if form.sent and form.attempt(lambda: replying.answer(
            invitation, Reply(form.reply.data), form.reason.data or "", form.colleague.data or "", form.address.data or "",
            form.needs.data or "", form.contribution.data or "", g.now), invitation):
        say("Thank you. Your answer has reached the council.")
        return see(url_for("replies.show"))
    begun = bool(fault and conference.starts_at and conference.starts_at <= g.now and not invitation.withdrawn_at)
    standing = replying.standing(invitation, g.now)
    return page(
        "replies/show.html", status=422 if form.wrong else 200, form=form, invitation=invitation, conference=conference, obstacle=fault, begun=begun,
        open_until=links.open_until(conference),
        papers=replying.papers(invitation, g.now), standing=standing, must_sign=replying.must_sign(invitation, g.now),
        kinds=Kind, issues=replying.issues(invitation, standing) if begun or not fault else None, answered=invitation.reply_ is not Reply.NONE)


@bp.get("/invitation/agreement/signed")
@guards.invited
def signed_text() -> Any:
    """The text that was signed for this person, as it was signed."""
    version = replying.signed_text(g.invitation, g.now)
    return page("agreements/text.html", version=version, shown=markdown.html(version.shown, top=1), can=False, placeholder=False, leant_on=0)


@bp.post("/invitation/sign")
@guards.invited
def sign() -> Any:
    """Begins to sign from one's own page: no second mail, and back here when it is done."""
    begun = replying.begin_to_sign(g.invitation, uuid.UUID(session["invited"]), g.now)
    session["signing"], session["began"] = str(begun.id), "invited"
    return see(url_for("signing.read"))


@bp.get("/invitation/papers/<uuid:version_id>")
@guards.invited
def read(version_id: uuid.UUID) -> Any:
    """Streams a paper that is open to this person, and records that they opened it."""
    version = replying.paper(g.invitation, version_id, g.now)
    if request.method == "HEAD":
        return Response(status=200)
    content = papers_service.content_of(version.paper)
    start_writing()
    papers_service.record_opening(version.paper, g.invitation.person, g.now)
    return attachment(content, version.paper.name, version.paper.content_type, version.paper.size)


@bp.route("/invitation/file", methods=["GET", "POST"])
@guards.invited_with_file(contributions.MOST)
def add_file() -> Any:
    """Takes a file for the meeting, in place of one that was sent before."""
    invitation, form = g.invitation, FileForm()
    fault = replying.obstacle(invitation, g.now)
    if fault:
        raise Refused(fault)
    form.file.description = form.file.description.format(most=guards.ceiling(contributions.MOST) // 1024 ** 2)
    if form.sent and _take_in(form, invitation):
        say("Thank you. Your file has reached the council.")
        return see(url_for("replies.show") + "#file")
    before = invitation.file if invitation.file and invitation.file.withdrawn_at is None else None
    return form_page(
        form, "Send a file for the meeting", back=url_for("replies.show"), button="Send this file", multipart=True,
        intro="The chair, the lead practitioner and the coordinator can open it. Nobody else who is invited can."
              + (f" It takes the place of {before.name}." if before else ""))


def _take_in(form: FileForm, invitation: records.Invitation) -> bool:
    """Whether the file is kept; if not, the form says why and nothing of the file is left."""
    try:
        contributions.refuse_flood(invitation, g.now)
    except Refused as refusal:
        form.refuse(refusal)
        return False
    try:
        taken = papers_service.take_in(form.file.data, contributions.MOST)
    except Refused as refusal:
        contributions.count_refused(invitation, isinstance(refusal, papers_service.Infected), g.now)
        form.refuse(refusal)
        return False
    kept: list[bool] = []
    done = form.attempt(lambda: kept.append(contributions.keep(invitation, taken, g.now)))
    if kept != [True]:
        papers_service.discard(taken)
    return done


@bp.get("/invitation/file/open")
@guards.invited
def open_file() -> Any:
    """Streams the file back to whoever sent it."""
    paper = contributions.file_of(g.invitation)
    if request.method == "HEAD":
        return Response(status=200)
    content = papers_service.content_of(paper)
    start_writing()
    papers_service.record_opening(paper, g.invitation.person, g.now)
    return attachment(content, paper.name, paper.content_type, paper.size)


@bp.post("/invitation/file/remove")
@guards.invited
def remove_file() -> Any:
    """Takes the file back that was sent for the meeting."""
    contributions.take_back(g.invitation, g.now)
    say("Your file is removed. Nobody can open it any more.")
    return see(url_for("replies.show") + "#file")


@bp.post("/invitation/leave")
@guards.invited
def leave() -> Any:
    """Closes somebody's page on this device. The link in the mail opens it again."""
    session.pop("invited", None)
    return see(url_for("replies.code"))
