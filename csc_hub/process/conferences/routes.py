"""Pages of the conference: details, agenda, pre-meetings, and what becomes of it."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from flask import Blueprint, g, url_for
from flask_login import current_user

from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused, count, in_london, london
from csc_hub.people import records as people
from csc_hub.people.rules import May, Role
from csc_hub.process.conferences import records, rules, service
from csc_hub.process.conferences.records import PRE_MEETINGS, Conference, PreMeeting
from csc_hub.process.conferences.rules import ConferenceDraft, Move, Near
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("conferences", __name__, url_prefix="/contexts/<uuid:context_id>/conference")


class ConferenceForm(forms.Form):
    """When, where, and who chairs."""

    day = forms.Day("Date", hint="May be set later.", ahead=28)
    begins = forms.Clock("Start", hint="For example, 10:00")
    ends = forms.Clock("End", hint="For example, 12:00")
    chair_id = forms.Choice("Chair", radios=False)
    chair_reason = forms.Paragraphs("Why somebody else chairs", hint="Only if the chair is not whom the guidance expects.", rows=2, most=1000)
    independence_note = forms.Paragraphs("How the meeting stays independent", hint="Only if the conference is about a school and the chair works in education. If it is the chair’s own school: for example, a co-chair from outside. If it is not, say so.", rows=2, most=1000)
    venue = forms.Line("Venue", hint="In or close to the context, such as the school itself or a community hall nearby.", most=200)
    near = forms.Choice("How near is it?", [(n, n.label) for n in Near])
    near_reason = forms.Paragraphs("Why somewhere else", hint="Only if the venue is neither in the context nor close to it.", rows=2, most=1000)
    address = forms.Paragraphs("Address", rows=2, most=500)
    access = forms.Paragraphs("Getting there and access", hint="Step-free entrance, parking, buses, hearing loop.", rows=2, most=1000)
    place_hidden = forms.Tick("Leave venue and address out of mails and calendars", hint="Tick this where they would give the context away, as a school’s name would. People then see them on their own page.")
    online_link = forms.Line("Link for those who join online", hint="People see it on their own page once they have answered.", most=500, input_type="url")

    def __init__(self, record: Conference | None, context: Any):
        super().__init__(record)
        chairs = people.people_with(Role.CHAIR)
        gone = [record.chair] if record and record.chair and record.chair.id not in {p.id for p in chairs} else []
        self.chair_id.offer([("", "Not chosen yet"), *((p.id, f"{p.name}{', ' + p.job_title if p.job_title else ''}") for p in chairs),
                             *((p.id, f"{p.name}, whose access has ended") for p in gone)])
        self.chair_id.description = f"The guidance expects the {rules.EXPECTED_CHAIR[context.type_]}."
        if record and record.starts_at and record.ends_at:
            self.now.update(begins=f"{london(record.starts_at):%H:%M}", ends=f"{london(record.ends_at):%H:%M}")
            if not self.is_sent():
                self.begins.data, self.ends.data = self.now["begins"], self.now["ends"]
        if record is None and not self.is_sent():
            self.chair_id.data = str(context.chair_id or "")

    def draft(self, was: Conference | None) -> ConferenceDraft:
        """The conference as typed. Raises `Refused` at the time that is wrong."""
        starts_at, minutes = self._when(was)
        return ConferenceDraft(
            starts_at=starts_at, minutes=minutes, chair_id=self.chair_id.uuid, chair_reason=self.chair_reason.data or "",
            independence_note=self.independence_note.data or "", venue=self.venue.data or "", address=self.address.data or "",
            access=self.access.data or "", near=Near(self.near.data) if self.near.data else None, near_reason=self.near_reason.data or "",
            online_link=self.online_link.data or "", place_hidden=bool(self.place_hidden.data))

    def _when(self, was: Conference | None) -> tuple[dt.datetime | None, int]:
        if self.day.data is None:
            if not (was and was.starts_at) and (self.begins.time or self.ends.time):
                raise Refused("Enter the date too, or leave the times empty", "day")
            return None, was.minutes if was else 120
        if self.begins.time is None or self.ends.time is None:
            raise Refused("Enter the time it starts and ends", "begins" if self.begins.time is None else "ends")
        start, end = (in_london(self.day.data, time) for time in (self.begins.time, self.ends.time))
        if start is None or end is None:
            raise Refused("Clocks go forward that night and skip this time. Choose another", "begins" if start is None else "ends")
        if end <= start:
            raise Refused("The end must be later than the start, on the same day", "ends")
        return start, int((end - start).total_seconds() // 60)


class PreMeetingForm(forms.Form):
    """A meeting before the conference."""

    kind = forms.Choice("What sort of meeting is it?", list(PRE_MEETINGS.items()), needed="Choose what sort of meeting it is")
    who = forms.Line("With whom", hint="Names and jobs of professionals and partners, never of young people.", most=300)
    planned_on = forms.Day("Planned for", ahead=14)
    done_on = forms.Day("Held on", hint="Leave empty until it was held.")
    reported_on = forms.Day("Reported back on", hint="Only for young people’s workers: they hear afterwards what was agreed.")

    def __init__(self, record: PreMeeting | None):
        super().__init__(record)
        self.kind.offer([(kind, words) for kind, words in PRE_MEETINGS.items() if kind != "earlier_chair" or record and record.kind == kind])


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.Paragraphs("Reason", needed="Give the reason, so that somebody who reads this in a year understands it", rows=3)


def _back() -> str:
    return url_for("conferences.show", context_id=g.context.id)


def _current() -> Conference:
    conference = records.current(g.context.id)
    if conference is None:
        raise Refused("Begin with the conference’s date, chair and venue")
    return conference


@bp.get("")
@guards.on_context(May.READ_CASE)
def show(context_id: uuid.UUID) -> Any:
    """The conference in hand: its countdown, details, agenda, pre-meetings and history."""
    every, changes = records.of_context(context_id), records.changes(context_id)
    titles = records.titles(every)
    conference = next((c for c in reversed(every) if c.state_ is not rules.State.CANCELLED), None)
    earlier = [c for c in every if c is not conference]
    return page(
        "conferences/show.html", context=g.context, conference=conference, earlier=earlier, titles=titles, expected=rules.EXPECTED_CHAIR[g.context.type_],
        items=[words for words, _ in rules.AGENDA], nears=Near, kinds=PRE_MEETINGS,
        meetings=records.pre_meetings(conference.id) if conference else [], changes=changes[conference.id] if conference else [],
        all_changes=changes, moves={m.value: m.past for m in Move},
        can_move=[m for m in Move if not rules.fault_of_move(conference.state_, m, conference.day, g.today)] if conference and not service.obstacle_to_moving(conference, g.now) else [],
        remarks=service.remarks(conference) if conference else [], obstacle=rules.obstacle_to_planning(g.context.state_, True))


@bp.route("/edit", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def edit(context_id: uuid.UUID) -> Any:
    """Date, chair and venue."""
    fault = rules.obstacle_to_planning(g.context.state_, True)
    if fault:
        raise Refused(fault)
    conference = records.current(context_id)
    form, told = ConferenceForm(conference, g.context), [(0, 0)]
    if form.sent and form.attempt(lambda: told.append(service.save(g.context, form.draft(conference), current_user, g.now)[1]), conference):
        say("The conference is saved." + _telling(*told[-1]))
        return see(_back())
    return form_page(form, "Date, chair and venue", back=_back(), button="Save the conference")


@bp.route("/agenda", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def agenda(context_id: uuid.UUID) -> Any:
    """Minutes for the six items."""
    conference = _current()
    fields = {f"item{n}": forms.Number(f"{n}. {words}", needed=f"Enter the minutes of item {n}", width="govuk-input--width-3", largest=480)
              for n, (words, _) in enumerate(rules.AGENDA, 1)}
    form = type("AgendaForm", (forms.Form,), fields)(conference)
    for number, minutes in enumerate(conference.agenda, 1):
        form.now[f"item{number}"] = str(minutes)
        if not form.is_sent():
            form[f"item{number}"].put(minutes)

    def keep() -> None:
        service.set_agenda(g.context, conference, [form[f"item{n}"].value or 0 for n in range(1, 7)], current_user, g.now)

    if form.sent and form.attempt(keep, conference):
        say("The agenda is saved.")
        return see(_back())
    share = records.figures()["plan_share"]
    return form_page(form, "Minutes for each item", back=_back(), button="Save the agenda",
                     intro=f"The meeting lasts {conference.minutes} minutes. At least {-(-conference.minutes * share // 100)} are kept for the plan, item 6 (local default: {share} per cent).")


@bp.route("/meetings/add", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def add_meeting(context_id: uuid.UUID) -> Any:
    """Adds a pre-meeting."""
    return _meeting(None)


@bp.route("/meetings/<uuid:meeting_id>", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def edit_meeting(context_id: uuid.UUID, meeting_id: uuid.UUID) -> Any:
    """Changes a pre-meeting, or says that it was held."""
    meeting = db.session.get(PreMeeting, meeting_id)
    if meeting is None or meeting.conference_id not in {c.id for c in records.of_context(context_id)}:
        raise NotFound
    return _meeting(meeting)


def _meeting(meeting: PreMeeting | None) -> Any:
    conference, form = _current(), PreMeetingForm(meeting)
    if meeting is None and not form.is_sent() and forms.asked("kind") in PRE_MEETINGS:
        form.kind.data = forms.asked("kind")
    if form.sent and form.attempt(lambda: service.save_pre_meeting(
            g.context, conference, meeting, form.kind.data, form.who.data or "", form.planned_on.data, form.done_on.data,
            form.reported_on.data, current_user, g.now, g.today), meeting):
        say("The meeting is saved.")
        return see(_back())
    return form_page(form, "A meeting before the conference", back=_back(), button="Save this meeting")


@bp.route("/move/<any(postpone, adjourn, cancel):how>", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def move(context_id: uuid.UUID, how: str) -> Any:
    """Postpones, adjourns or cancels the conference, with the reason."""
    conference, form, chosen = _current(), ReasonForm(), Move(how)
    fault = rules.fault_of_move(conference.state_, chosen, conference.day, g.today) or service.obstacle_to_moving(conference, g.now)
    if fault:
        raise Refused(fault)
    told = [(0, 0)]
    if form.sent and form.attempt(lambda: told.append(service.move(g.context, conference, chosen, form.reason.data, current_user, g.now))):
        say(f"The conference is now: {conference.state_.label.lower()}." + _telling(*told[-1]))
        return see(_back())
    return form_page(form, chosen.label, button=chosen.label, danger=True, back=_back(),
                     intro="It loses its date, which the history keeps. Whoever was sent an invitation is told, and the entry leaves their calendar. "
                     + ("The next conference begins with an empty list of people." if chosen is Move.CANCEL else "Nothing else is lost."))


def _telling(mailed: int, not_mailed: int) -> str:
    said = f" {count(mailed, 'person', 'people')} who {'was' if mailed == 1 else 'were'} asked {'is' if mailed == 1 else 'are'} told by mail." if mailed else ""
    return said + (f" {count(not_mailed, 'person', 'people')} on the list cannot be told by mail: ring them." if not_mailed else "")


@bp.post("/agree")
@guards.on_context(May.EDIT_CASE)
def agree(context_id: uuid.UUID) -> Any:
    """The lead practitioner, or the chair, agrees to who is asked."""
    service.agree(g.context, _current(), current_user, g.now)
    say("You have agreed to who is asked.")
    return see(url_for("invitations.show", context_id=context_id))
