"""Sending, reminding and withdrawing invitations; releasing papers; and lists for those who do not read mail."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, Response, current_app, g, request, url_for
from flask_login import current_user

from csc_hub.db import start_writing
from csc_hub.kernel import Refused, count
from csc_hub.outbox import service as outbox
from csc_hub.papers import service as papers_service
from csc_hub.people.rules import May
from csc_hub.process.assessments import records as assessments
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations import circulation, contributions, records, sending, service
from csc_hub.process.invitations.rules import ASKED, Reply
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import attachment, form_page, page, see

bp = Blueprint("sending", __name__, url_prefix="/contexts/<uuid:context_id>/invitations")


class SendForm(forms.Form):
    """Who is sent an invitation now."""

    chosen = forms.Choices("Send an invitation to", needed="Choose at least one person")


class AddressForm(forms.Form):
    """Where somebody's mail is to go."""

    email = forms.Email("E-mail address", hint="Ask them, or whoever answers the phone there.")


KINDS = {
    "invitation": "Invitation", "update": "Change of date or place", "reminder": "Reminder", "cancelled": "Cancelled", "withdrawn": "No longer expected", "passed": "Moved, after it was passed on",
    "paper": "A paper to read", "newer": "A newer version of a paper", "recalled": "A paper was taken back", "priorities": "What will be discussed"}


class ReasonForm(forms.Form):
    """Why a paper is taken back."""

    reason = forms.Paragraphs("Reason", needed="Give the reason, so that somebody who reads this in a year understands it", rows=3)


def _conference() -> Conference:
    conference = conferences.current(g.context.id)
    if conference is None:
        raise Refused("Begin with the conference’s date, chair and venue")
    return conference


def _back(anchor: str = "") -> str:
    return url_for("invitations.show", context_id=g.context.id) + anchor


@bp.route("/send", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def send(context_id: uuid.UUID) -> Any:
    """Sends all or chosen invitations in the chair's name."""
    conference, form = _conference(), SendForm()
    fault = sending.obstacle(conference, g.now)
    waiting = sending.to_send(records.of_conference(conference.id))
    if fault or not waiting:
        raise Refused(fault or "Everybody on the list who has an e-mail address was sent an invitation")
    form.chosen.offer([(i.id, f"{i.person.name}{', ' + i.agency.name if i.agency else ''}") for i in waiting])
    if not form.is_sent():
        form.chosen.data = [str(i.id) for i in waiting]

    def post() -> None:
        number = sending.send(g.context, conference, {uuid.UUID(chosen) for chosen in form.chosen.data or ()}, current_user, g.now)
        say(f"{count(number, 'invitation')} on the way.")

    if form.sent and form.attempt(post):
        return see(_back())
    chair = conference.chair.name if conference.chair else ""
    return form_page(
        form, "Send invitations", back=_back(), button="Send the invitations",
        intro=f"They go out in the name of {chair}. The mail says when and where, the six general headings of the agenda, and that the meeting is confidential. "
              "It does not say which context the meeting is about.")


@bp.post("/remind")
@guards.on_context(May.EDIT_CASE)
def remind(context_id: uuid.UUID) -> Any:
    """Reminds everybody who has not answered, once a day at most."""
    number = sending.chase(g.context, _conference(), current_user, g.now)
    say(f"{count(number, 'reminder')} on the way." if number else "Everybody who has not answered was written to today. Try the phone list.")
    return see(_back("#list"))


@bp.post("/<uuid:invitation_id>/again")
@guards.on_context(May.EDIT_CASE)
def again(context_id: uuid.UUID, invitation_id: uuid.UUID) -> Any:
    """Sends one invitation again, with a new link."""
    conference = _conference()
    invitation = service.found(invitation_id, conference)
    sending.send_again(g.context, conference, invitation, current_user, g.now)
    say(f"A new link is on the way to {invitation.person.name}. The old one no longer works.")
    return see(_back("#list"))


@bp.post("/<uuid:invitation_id>/withdraw")
@guards.on_context(May.EDIT_CASE)
def withdraw(context_id: uuid.UUID, invitation_id: uuid.UUID) -> Any:
    """Withdraws an invitation that was sent."""
    conference = _conference()
    invitation = service.found(invitation_id, conference)
    sending.withdraw(g.context, conference, invitation, current_user, g.now)
    told = ", and they are told." if invitation.person.email else ". They have no e-mail address: ring them, or write to them."
    say(f"The invitation of {invitation.person.name} is withdrawn{told}")
    return see(_back("#list"))


@bp.post("/<uuid:invitation_id>/letter")
@guards.on_context(May.EDIT_CASE)
def letter(context_id: uuid.UUID, invitation_id: uuid.UUID) -> Any:
    """A letter to print, with a QR code that leads to somebody's own page."""
    from io import BytesIO

    import segno

    conference = _conference()
    invitation = service.found(invitation_id, conference)
    if invitation.withdrawn_at and "anew" not in request.form:
        raise Refused("This invitation was withdrawn")
    key = sending.by_letter(g.context, conference, invitation, current_user, g.now)
    url, picture = f"{current_app.config['CSC'].url}/i/{key.token}", BytesIO()
    segno.make(url, error="m", micro=False).save(picture, kind="svg", scale=4, xmldecl=False, svgns=True, omitsize=True)
    return page("invitations/letter.html", frame=None, context=g.context, conference=conference, invitation=invitation, url=url, qr=picture.getvalue().decode())


@bp.route("/<uuid:invitation_id>/address", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def address(context_id: uuid.UUID, invitation_id: uuid.UUID) -> Any:
    """Corrects the address of somebody whom no mail reaches, and sends their invitation there."""
    conference = _conference()
    invitation = service.found(invitation_id, conference)
    person, form = invitation.person, AddressForm(invitation.person)
    sent: list[bool] = []
    if form.sent and form.attempt(lambda: sent.append(sending.correct_address(
            g.context, conference, invitation, form.email.data or "", current_user, g.now)), person):
        say(f"The address of {person.name} is corrected" + (", and the invitation is on its way there." if sent[-1] else "."))
        return see(_back("#list"))
    return form_page(form, f"The e-mail address of {person.name}", back=_back("#list"), button="Save, and send the invitation there" if invitation.sent_at else "Save",
                     intro="Links that went to the old address stop working. Leave the address empty if they do not use e-mail: ring them then, or print a letter.")


@bp.get("/mail")
@guards.on_context(May.READ_CASE)
def mail(context_id: uuid.UUID) -> Any:
    """Every letter about this conference, how far it has come, and what to do about those that did not arrive."""
    conference = _conference()
    invitations = records.of_conference(conference.id)
    letters = outbox.of([i.id for i in invitations])
    return page(
        "invitations/mail.html", context=g.context, conference=conference, invitations=invitations, letters=letters,
        not_reached=sending.not_reached(invitations, letters), obstacle=sending.obstacle(conference, g.now), kinds=KINDS)


@bp.get("/phone-list")
@guards.on_context(May.READ_CASE)
def phone_list(context_id: uuid.UUID) -> Any:
    """Whom to ring: those whom no mail reaches, and those who have not answered."""
    conference = _conference()
    asked = [i for i in records.of_conference(conference.id) if sending.waits(i) and i.reply_ in ASKED]
    not_reached = sending.not_reached(asked, outbox.of([i.id for i in asked]))
    rows = [i for i in asked if i.reply_ is Reply.NONE or i.id in not_reached]
    rows.sort(key=lambda i: i.id not in not_reached)
    return page("invitations/phone_list.html", context=g.context, conference=conference, invitations=rows, not_reached=not_reached)


@bp.get("/papers")
@guards.on_context(May.READ_CASE)
def papers(context_id: uuid.UUID) -> Any:
    """What those invited may read, who opened it, and whether they know the priority issues."""
    issues = [finding.text for finding in assessments.findings(context_id) if finding.priority]
    conference, invitations, _ = records.in_hand(context_id)
    conference = conference or _conference()
    sent_in = contributions.sent_in(invitations) if May.EDIT_CASE in g.may else []
    return page("invitations/papers.html", context=g.context, conference=conference, circulated=circulation.of_context(g.context, conference), issues=issues,
                sent_in=sent_in, invited={i.id: i for i in invitations}, chairs=current_user.id in (g.context.chair_id, conference.chair_id))


@bp.get("/<uuid:invitation_id>/file")
@guards.on_context(May.EDIT_CASE)
def open_file(context_id: uuid.UUID, invitation_id: uuid.UUID) -> Any:
    """Streams what somebody invited has sent for the meeting, and records who opened it."""
    paper = contributions.file_of(service.found(invitation_id, _conference()))
    if request.method == "HEAD":
        return Response(status=200)
    content = papers_service.content_of(paper)
    start_writing()
    papers_service.record_opening(paper, current_user, g.now)
    return attachment(content, paper.name, paper.content_type, paper.size)


@bp.post("/papers/<uuid:version_id>/release")
@guards.on_context(May.EDIT_ASSESSMENT)
def release(context_id: uuid.UUID, version_id: uuid.UUID) -> Any:
    """Opens a version of a report to those who are invited."""
    number = circulation.release(g.context, _conference(), circulation.version_of(g.context, version_id), current_user, g.now)
    say(f"The paper is released. {count(number, 'person', 'people')} {'is' if number == 1 else 'are'} told.")
    return see(url_for("sending.papers", context_id=context_id))


@bp.route("/papers/<uuid:version_id>/recall", methods=["GET", "POST"])
@guards.on_context(May.EDIT_ASSESSMENT)
def recall(context_id: uuid.UUID, version_id: uuid.UUID) -> Any:
    """Takes a released version back."""
    conference, version, form = _conference(), circulation.version_of(g.context, version_id), ReasonForm()
    had: list[str] = []
    if form.sent and form.attempt(lambda: had.extend(circulation.recall(g.context, conference, version, form.reason.data, current_user, g.now))):
        say(f"The paper is taken back. {', '.join(had)} had opened it and {'is' if len(had) == 1 else 'are'} told." if had else "The paper is taken back. Nobody who was invited had opened it.")
        return see(url_for("sending.papers", context_id=context_id))
    return form_page(form, "Take this paper back", caption=circulation.title_of(version), button="Take it back", danger=True, back=url_for("sending.papers", context_id=context_id),
                     intro="Nobody who was invited can open it from now on. Those who opened it are asked to delete their copies. If the chair let somebody read it without the agreement, that ends too.")


@bp.post("/priorities")
@guards.on_context(May.EDIT_CASE)
def priorities(context_id: uuid.UUID) -> Any:
    """Tells those invited what the meeting will talk about."""
    number = circulation.tell_priorities(g.context, _conference(), current_user, g.now)
    say(f"{count(number, 'person is', 'people are')} told of the priority issues.")
    return see(url_for("sending.papers", context_id=context_id))
