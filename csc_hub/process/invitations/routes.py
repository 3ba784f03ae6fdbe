"""Who is asked: the coverage board, the list with reasons, and replies that came by phone or mail."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_login import current_user

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused, count, listed, working_days_between
from csc_hub.outbox import service as outbox
from csc_hub.people import records as people
from csc_hub.people import service as people_service
from csc_hub.people.records import Kind, Person
from csc_hub.people.rules import May
from csc_hub.process.agreements import covering
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences.records import Conference
from csc_hub.process.invitations import circulation, cover, records, rules, sending, service, suggesting
from csc_hub.process.invitations.rules import CONSIDERATIONS, INVOLVEMENT, INVOLVEMENT_WORDS, Asked, Reply
from csc_hub.process.invitations.suggesting import Suggested
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("invitations", __name__, url_prefix="/contexts/<uuid:context_id>/invitations")
WHY = [(number, words, fuller) for number, words, fuller in CONSIDERATIONS]


class AskForm(forms.Form):
    """Who is asked, and why."""

    person_id = forms.Choice("Who?", radios=False, needed="Choose who is to be asked")
    why = forms.Choices("Why them?", WHY, hint="Choose all that apply. The questions are the guidance’s.")
    note = forms.Line("Anything to add", most=500)


class NewPersonForm(forms.Form):
    """Somebody the hub does not know yet."""

    name = forms.Line("Full name", hint="Never a young person’s. For young people or a school council, the adult who represents or accompanies them.", needed="Enter their full name", most=160)
    job_title = forms.Line("Job title or role", most=160)
    agency_id = forms.Choice("Agency", radios=False, wanted=True, hint="Choose it here, or write its name in the next box.")
    new_agency = forms.Line("Or the name of an agency that is not in the list", hint="A shop, a firm, a residents’ group.", most=160)
    kind_id = forms.Choice("If it is not in the list, what kind of agency is it?", radios=False)
    email = forms.Email("E-mail address", hint="Leave empty if they do not use e-mail.")
    phone = forms.Line("Phone number", most=60, input_type="tel", width="govuk-input--width-20")
    access_needs = forms.Paragraphs("Access needs", rows=2, most=1000)
    why = forms.Choices("Why are they asked?", WHY)


class WhyForm(forms.Form):
    """Why somebody is asked."""

    why = forms.Choices("Why them?", WHY)
    note = forms.Line("Anything to add", most=500)


class ReplyForm(forms.Form):
    """What they answered."""

    reply = forms.Choice("What did they answer?", [(r, r.label) for r in Reply if r is not Reply.PASSED], needed="Choose what they answered")
    reason = forms.Line("Reason", hint="Only if they are not coming.", most=500)
    deputy = forms.Line("Who comes instead", hint="Only if they send a deputy: name and job.", most=200)


class AnswerForm(forms.Form):
    """An answer in words."""

    text = forms.Paragraphs("Answer", rows=4, most=2000)


def _conference() -> Conference:
    conference = conferences.current(g.context.id)
    if conference is None:
        raise Refused("Begin with the conference’s date, chair and venue. The list belongs to a conference")
    return conference


def _back() -> str:
    return url_for("invitations.show", context_id=g.context.id)


@bp.get("")
@guards.on_context(May.READ_CASE)
def show(context_id: uuid.UUID) -> Any:
    """The coverage board and the list."""
    conference, invitations, of_lead = records.in_hand(context_id)
    if conference is None:
        return page("invitations/none.html", context=g.context)
    asked = service.asked_of(g.context, conference, invitations, g.today)
    questions, kinds, figures = service.board(conference, asked, service.by_office(g.context, conference, invitations, of_lead, g.today))
    mails = outbox.of([i.id for i in invitations])
    not_reached = sending.not_reached(invitations, mails)
    standings = covering.standings(invitations, conference.id, g.today)
    open_to = sum(n for key, n in g.context.counts.items() if key not in ("none", "unknown"))
    return page(
        "invitations/show.html", context=g.context, conference=conference, questions=questions, kinds=kinds, asked=asked, totals=rules.totals(asked),
        invitations=sorted(invitations, key=lambda i: (i.id not in not_reached, _how_settled(i), i.person.name.casefold())), replies=Reply, considerations={n: words for n, words, _ in CONSIDERATIONS},
        warnings=rules.warnings(asked, kinds, figures, open_to), involvement=INVOLVEMENT,
        openings=circulation.openings(g.context, invitations), reminders=sending.reminder_days(conference, bank_holidays()), standings=standings, leaves={} if all(s.covered for s in standings.values()) else {i.id: i.leaves for i in invitations}, must_sign=cover.to_sign(invitations, standings), mails=mails, not_reached=not_reached,
        obstacle=sending.obstacle(conference, g.now), to_send=sending.to_send(invitations), by_hand=sending.by_hand(invitations),
        unanswered=[i for i in sending.unanswered(invitations) if i.id not in not_reached], working_days=count(
            working_days_between(g.today, conference.day, bank_holidays()), "working day") if conference.day else "")


def _how_settled(invitation: records.Invitation) -> int:
    """Those to see to come first: whoever has not answered, then whoever may come."""
    return 3 if invitation.withdrawn_at else {Reply.NONE: 0, Reply.TENTATIVE: 1}.get(invitation.reply_, 2)


@bp.route("/add", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def add(context_id: uuid.UUID) -> Any:
    """Puts somebody the hub knows on the list."""
    (conference, invitations, of_lead), form = records.in_hand(context_id), AskForm()
    conference, on_list = conference or _conference(), {i.person_id for i in invitations}
    known = [p for p in people.people() if p.id not in on_list or form.is_sent()]
    reasons = suggesting.suggested(conference)
    known.sort(key=lambda p: p.agency_id not in reasons)
    form.person_id.offer([("", "Choose a person"), *((p.id, _known(p, reasons[p.agency_id].why if p.agency_id in reasons else "")) for p in known)])
    if any(p.agency_id in reasons for p in known):
        form.person_id.description = "Those whose agency took part in the assessment, holds actions here or came before stand first."
    if request.method == "GET" and forms.asked("why").isdecimal():
        form.why.data = [forms.asked("why")]
    if form.sent and form.attempt(lambda: service.ask(
            g.context, conference, form.person_id.uuid, [int(w) for w in form.why.data], form.note.data or "", current_user, g.now)):
        say("They are on the list.")
        return see(_back() + "#list")
    return form_page(form, "Put somebody on the list", back=_back(), button="Put them on the list", intro=_to_think_of(reasons, service.asked_of(g.context, conference, invitations, g.today) + service.by_office(g.context, conference, invitations, of_lead, g.today)))


def _to_think_of(reasons: dict[uuid.UUID, Suggested], asked: Sequence[Asked]) -> str:
    """Agencies that are suggested, and for which nobody is on the list yet."""
    there = {one.agency for one in asked if not one.left}
    found = sorted(f"{one.name} ({one.why})" for one in reasons.values() if one.name not in there)
    return f"Nobody is on the list yet for {listed(found)}." if found else ""


def _known(person: Person, reason: str) -> str:
    agency = f", {person.agency.name}" if person.agency else ""
    return f"{person.name}{agency}{': ' + reason if reason else ''}"


@bp.route("/add-new", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def add_new(context_id: uuid.UUID) -> Any:
    """Puts somebody new on the list: they get no sign-in."""
    conference, form = _conference(), NewPersonForm()
    form.agency_id.offer([("", "Choose an agency"), *((a.id, a.name) for a in people.agencies())])
    form.kind_id.offer([("", "Choose a kind"), *((k.id, k.name) for k in people.kinds())])

    def agency() -> uuid.UUID | None:
        if not form.new_agency.data:
            if not form.agency_id.uuid:
                raise Refused("Choose the agency, or write the name of one that is not in the list", "agency_id")
            return form.agency_id.uuid
        if form.agency_id.uuid:
            raise Refused("Choose one: an agency from the list, or the name of another. Empty the one that is wrong", "new_agency")
        kind_ = db.session.get(Kind, form.kind_id.uuid) if form.kind_id.uuid else None
        if kind_ is None:
            raise Refused("Choose what kind of agency it is", "kind_id")
        same = people.agency_by_name(form.new_agency.data)
        if same:
            raise Refused(people_service.taken(same) if not same.active else "There is an agency with this name already. Choose it from the list", "new_agency")
        return people_service.save_agency(None, people_service.AgencyDraft(
            name=form.new_agency.data, kind_id=kind_.id, statutory=kind_.statutory), current_user, g.now, g.context.id).id

    def keep() -> None:
        agency_id = agency()
        fault = rules.obstacle_to_adding(form.name.data, form.email.data or "", records.has_namesake(form.name.data, agency_id))
        if fault:
            raise Refused(fault, "name")
        person = people_service.add_invitee(people_service.PersonDraft(
            name=form.name.data, email=form.email.data or "", job_title=form.job_title.data or "", phone=form.phone.data or "",
            access_needs=form.access_needs.data or "", agency_id=agency_id), current_user, g.now, g.context.id)
        service.ask(g.context, conference, person.id, [int(w) for w in form.why.data], "", current_user, g.now)

    if form.sent and form.attempt(keep):
        say("They are on the list.")
        return see(_back() + "#list")
    return form_page(form, "Put somebody new on the list", back=_back(), button="Put them on the list",
                     onward=(url_for("invitations.add", context_id=context_id), "Put somebody on the list whom the hub knows already"))


def _invitation(invitation_id: uuid.UUID) -> tuple[Conference, records.Invitation]:
    conference = _conference()
    return conference, service.found(invitation_id, conference)


@bp.route("/<uuid:invitation_id>/why", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def why(context_id: uuid.UUID, invitation_id: uuid.UUID) -> Any:
    """Changes why somebody is asked."""
    try:
        conference, invitation = _invitation(invitation_id)
    except service.TakenOff as gone:
        return _too_late(WhyForm(), "Why this person is asked", gone)
    form, agreed = WhyForm(invitation), bool(conference.lead_agreed_at or conference.chair_agreed_at)
    if not form.is_sent():
        form.why.data = [str(number) for number in invitation.why]
    if form.sent and form.attempt(lambda: service.change(
            g.context, conference, invitation, [int(w) for w in form.why.data], form.note.data or "", current_user, g.now), invitation):
        say("The reasons are saved. Both agreements to the list are taken back." if agreed else "The reasons are saved.")
        return see(_back() + "#list")
    return form_page(form, f"Why {invitation.person.name} is asked", back=_back(), button="Save")


def _too_late(form: forms.Form, title: str, gone: service.TakenOff) -> Any:
    """The form of somebody who is off the list meanwhile, with what was typed; there is nothing to show where nothing was sent."""
    if not form.is_sent():
        raise gone
    form.faults.append(f"{gone.sentence}. What you typed still stands below, to copy")
    return form_page(form, title, back=_back() + "#list", onward=(url_for("invitations.add", context_id=g.context.id), "Put somebody on the list"))


@bp.post("/<uuid:invitation_id>/remove")
@guards.on_context(May.EDIT_CASE)
def remove(context_id: uuid.UUID, invitation_id: uuid.UUID) -> Any:
    """Takes somebody off the list."""
    conference, invitation = _invitation(invitation_id)
    service.take_off(g.context, conference, invitation, current_user, g.now)
    say("They are off the list.")
    return see(_back() + "#list")


@bp.route("/<uuid:invitation_id>/reply", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def reply(context_id: uuid.UUID, invitation_id: uuid.UUID) -> Any:
    """Records what somebody answered."""
    try:
        _, invitation = _invitation(invitation_id)
    except service.TakenOff as gone:
        return _too_late(ReplyForm(), "The reply of this person", gone)
    form = ReplyForm(invitation)
    if form.sent and form.attempt(lambda: service.record_reply(
            g.context.id, invitation, Reply(form.reply.data), form.reason.data or "", form.deputy.data or "", g.today, current_user, g.now), invitation):
        say(f"{invitation.person.name}’s reply is recorded.")
        return see(_back() + "#list")
    return form_page(form, f"{invitation.person.name}’s reply", back=_back(), button="Record the reply")


@bp.route("/questions/<int:question>", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def question(context_id: uuid.UUID, question: int) -> Any:
    """Answers one of the five questions in words."""
    words = {**{n: fuller for n, _, fuller in CONSIDERATIONS}, INVOLVEMENT: INVOLVEMENT_WORDS}.get(question)
    if words is None:
        raise NotFound
    intro = ("How they took part in the assessment, and how they will hear what was agreed and can say what they think. No names of young people."
             if question == INVOLVEMENT else "Write why nobody answers this question. Whoever is on the list for it shows by themselves.")
    return _answer(words, intro, question)


def _answer(title: str, intro: str, number: int) -> Any:
    conference = _conference()
    row = next((a for a in records.answers(conference.id) if a.question == number), None)
    form = AnswerForm(row)
    if form.sent and form.attempt(lambda: service.answer(g.context, conference, number, form.text.data or "", current_user, g.now), row):
        say("The answer is saved.")
        return see(_back())
    return form_page(form, title, intro=intro, back=_back(), button="Save the answer")


@bp.route("/kinds", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def kinds(context_id: uuid.UUID) -> Any:
    """Says of all kinds of agency that nobody stands for why they are not needed."""
    conference, invitations, of_lead = records.in_hand(context_id)
    if conference is None:
        raise Refused("Begin with the conference’s date, chair and venue. The list belongs to a conference")
    _, rows, _ = service.board(conference, service.asked_of(g.context, conference, invitations, g.today), service.by_office(g.context, conference, invitations, of_lead, g.today))
    said = service.reasons(conference)
    fields = {f"kind_{row.key}": forms.Line(row.title, hint=f"{row.said}." if row.names else "", most=2000, wanted=True)
              for row in rows if row.cover in (rules.Cover.GAP, rules.Cover.NOT_NEEDED) or forms.sent_with(f"kind_{row.key}")}
    form = type("KindsForm", (forms.Form,), fields)(said)
    for name in fields:
        form.now[name] = said.texts.get(uuid.UUID(name[5:]), "")
        if not form.is_sent():
            form[name].data = form.now[name]
    if form.sent and form.attempt(lambda: service.say_not_needed(
            g.context, conference, {uuid.UUID(name[5:]): form[name].data or "" for name in fields}, current_user, g.now, said.version), said):
        say("What you wrote of the kinds of agency is saved.")
        return see(_back() + "#kinds")
    return form_page(form, "Not needed because…", back=_back() + "#kinds", button="Save",
                     intro="Nobody on the list stands for these kinds of agency. One sentence each is enough. Leave a kind empty while you look for somebody; empty a box to take its reason back."
                     if fields else "Somebody on the list stands for each kind of agency, so there is nothing to write here.")
