"""The register on the day: who is here, live on several devices, and what the chair says of the attendance."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, g, request, url_for
from flask_login import current_user
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.kernel import Refused, in_london, working_days_from
from csc_hub.people import records as people
from csc_hub.people.rules import May
from csc_hub.process.conferences import records as conference_records
from csc_hub.process.conferences import service as conferences
from csc_hub.process.conferences.records import Conference
from csc_hub.process.conferences.rules import MOVES, Move
from csc_hub.process.invitations import at_door, attending, register
from csc_hub.process.invitations.register import HERE, MOST_YOUNG_PEOPLE, Deed, How
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("register", __name__, url_prefix="/contexts/<uuid:context_id>/register")
DEEDS: dict[str, How | Deed] = {deed.value: deed for deed in (*How, *Deed)}


class WalkInForm(forms.Form):
    """Somebody who is not on the list."""

    name = forms.Line("Full name", hint="Never a young person’s. If young people come, record the adult who represents or accompanies them.", needed="Enter their full name", most=160)
    agency_id = forms.Choice("Agency", radios=False, hint="Leave it open for a resident, a parent or carer who speaks for no organisation.")
    how = forms.Choice("How do they take part?", [(how, how.label) for how in How if how in HERE], needed="Choose how they take part")
    instead_of = forms.Choice("Do they come instead of somebody?", radios=False, hint="A deputy takes the line of whoever sent them.")


class LineForm(forms.Form):
    """One line of the register, typed."""

    how = forms.Choice("How did they take part?", [(how, how.label) for how in How], needed="Choose how they took part")
    arrived = forms.Clock("Arrived", hint="For example, 10:12. Leave empty if nobody noted it.")
    left = forms.Clock("Left", hint="Only if they left before the end.")
    acknowledged = forms.Tick("Has acknowledged confidentiality")


class SufficientForm(forms.Form):
    """What the chair says of the attendance."""

    sufficient = forms.Choice("Is attendance sufficient?", [("yes", "Yes, it is sufficient"), ("no", "No, it is not")], needed="Choose yes or no")
    sufficient_words = forms.Paragraphs("Why, in a sentence or two", hint="For example: who is missing, and how their part will be settled. It stands in the minutes.", needed="Write why, so that the minutes can say it", rows=3, most=2000)


class YoungPeopleForm(forms.Form):
    """How many young people came."""

    young_people = forms.Number("How many young people came?", hint="0 if none came. Leave it empty if nobody counted. Never write down who they are.", width="govuk-input--width-3", largest=MOST_YOUNG_PEOPLE)


def _url(conference: Conference, anchor: str = "") -> str:
    return url_for("register.show", context_id=g.context.id, conference_id=conference.id) + anchor


def _facts(conference: Conference) -> dict[str, Any]:
    """What the register's page and its fragments need."""
    read = attending.noted(conference)
    found, live = attending.of(g.context, conference, read), conference.day == g.today
    falls_short = conference.sufficient == "no"
    moment = attending.moment(conference, g.now)
    standings = at_door.standings(conference, found.lines, g.today, read, g.context.lead)
    mark = register.fingerprint(found, standings, conference.version, moment is None, g.today)
    return {
        "context": g.context, "conference": conference, "title": conference_records.title_of(conference), "register": found, "hows": How, "here": HERE, "live": live, "moment": moment, "mark": mark, "faults": {}, "standings": standings,
        "times": register.times_in_words, "own": {"context_id": g.context.id, "conference_id": conference.id}, "changed": None,
        "again_by": working_days_from(conference.day, conference_records.figures()["redate_within"], bank_holidays()) if falls_short and conference.day else None,
        "may_adjourn": falls_short and Move.ADJOURN in MOVES[conference.state_] and conference_records.current(g.context.id) is conference, "obstacle": register.obstacle_to_noting(conference.day, g.today)}


@bp.get("")
@guards.on_context(May.READ_CASE)
def latest(context_id: uuid.UUID) -> Any:
    """The register of the conference whose day came last."""
    conference = attending.latest(g.context, g.today)
    if conference is None:
        raise Refused("Plan the conference first. Its register opens on its day")
    return see(_url(conference))


@bp.get("/<uuid:conference_id>")
@guards.on_context(May.READ_CASE)
def show(context_id: uuid.UUID, conference_id: uuid.UUID) -> Any:
    """The register. A page that is open asks for it again every few seconds, and gets an answer only where something changed."""
    conference = conferences.found(conference_id, g.context)
    facts = _facts(conference)
    if forms.wants_part() and forms.asked("seen") == facts["mark"]:
        return Response(status=204)
    return page("register/show.html", fragment="register", **facts)


def _attempt(deed: Callable[[], None]) -> tuple[int, str]:
    """(status, sentence) of what became of it: nothing is kept unless the status is 200."""
    try:
        with forms.whole():
            deed()
        return 200, ""
    except attending.Meanwhile as refusal:
        found = 409, refusal.sentence
    except Refused as refusal:
        found = 422, refusal.sentence
    except (StaleDataError, IntegrityError):
        found = 409, "Somebody else noted this person at the same moment. Look, and tap again if it is still right"
    return found


@bp.post("/<uuid:conference_id>/mark")
@guards.on_context(May.EDIT_CASE)
def mark(context_id: uuid.UUID, conference_id: uuid.UUID) -> Any:
    """One tap: notes somebody as here, away, gone or covered, or takes a mistake back."""
    conference = conferences.found(conference_id, g.context)
    key, deed, seen = request.form.get("who", ""), DEEDS.get(request.form.get("deed", "")), request.form.get("version", "")
    if deed is None:
        raise Refused("Choose one of the buttons in the register")
    status, sentence = _attempt(lambda: attending.mark(
        g.context, conference, key, deed, int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else -1,
        bool(request.form.get("deputy")), current_user, g.now))
    facts = {**_facts(conference), "faults": {key: sentence} if sentence else {}, "changed": key}
    line = next((line for line in facts["register"].lines if line.key == key), None)
    if forms.wants_part():
        if line is None:  # it was of somebody not on the list, and is gone: the page asks for the whole register
            return Response(status=200, headers={"HX-Retarget": "#register", "HX-Reswap": "outerMorph"}, response=page("register/show.html", fragment="register", **facts).data)
        return page("register/_answer.html", status=status, line=line, **facts)
    if sentence:
        return page("register/show.html", status=status, **facts)
    return see(_url(conference, f"#line-{key}" if line else "#register"))


@bp.route("/<uuid:conference_id>/add", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def add(context_id: uuid.UUID, conference_id: uuid.UUID) -> Any:
    """Notes somebody who is not on the list."""
    conference, form = _open(conference_id), WalkInForm()
    form.agency_id.offer([("", "No agency"), *((a.id, a.name) for a in people.agencies())])
    form.instead_of.offer([("", "No"), *((line.key, line.who) for line in attending.lines(g.context, conference) if line.key.startswith("i-") and not line.came)])
    keys: list[str] = []
    if form.sent and form.attempt(lambda: keys.append(attending.walk_in(
            g.context, conference, form.name.data, form.agency_id.uuid, How(form.how.data), form.instead_of.data or "", current_user, g.now))):
        say(f"{form.name.data} is on the register.")
        return see(_url(conference, f"#line-{keys[0]}"))
    return form_page(form, "Somebody who is not on the list", back=_url(conference), button="Put them on the register")


@bp.route("/<uuid:conference_id>/lines/<uuid:attendance_id>", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def correct(context_id: uuid.UUID, conference_id: uuid.UUID, attendance_id: uuid.UUID) -> Any:
    """Corrects a line, or types in the times that stand on paper."""
    conference = _open(conference_id)
    row = attending.row_of(attendance_id, conference)
    form = LineForm(row)
    form.now.update(arrived=register.clock(row.arrived_at), left=register.clock(row.left_at))
    if not form.is_sent():
        form.arrived.data, form.left.data = form.now["arrived"], form.now["left"]
    if form.sent and form.attempt(lambda: attending.correct(
            g.context, row, How(form.how.data), _at(form.arrived, conference, row.arrived_at), _at(form.left, conference, row.left_at),
            bool(form.acknowledged.data), current_user, g.now), row):
        say(f"The line of {row.name} is corrected.")
        return see(_url(conference, "#register"))
    return form_page(form, f"{row.name} in the register", caption="Correct a line", back=_url(conference), button="Save this line")


def _at(field: Any, conference: Conference, was: dt.datetime | None) -> dt.datetime | None:
    """The moment that was typed; as it was, to the second, where nobody changed it."""
    if field.time is None or conference.day is None:
        return None
    if register.clock(was) == f"{field.time:%H:%M}":
        return was
    return in_london(conference.day, field.time)


@bp.route("/<uuid:conference_id>/sufficient", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def sufficient(context_id: uuid.UUID, conference_id: uuid.UUID) -> Any:
    """Records in the chair's words whether attendance is sufficient."""
    conference = _open(conference_id)
    form, found = SufficientForm(conference), attending.of(g.context, conference)
    if form.sent and form.attempt(lambda: attending.say_sufficient(
            g.context, conference, form.sufficient.data, form.sufficient_words.data, current_user, g.now), conference):
        say("What the chair says of the attendance is recorded.")
        return see(_url(conference, "#sufficient"))
    chair = conference.chair
    whose = "You chair this conference, so it is yours to say" if chair and chair.id == current_user.id else (
        f"{chair.name} chairs and decides. You write down what they say; both names are on record" if chair else "No chair is named. Your name is on record")
    return form_page(form, "Sufficient attendance", back=_url(conference), button="Record it", warning=". ".join(found.doubts) + "." if found.doubts else "",
                     intro=f"The guidance asks for sufficient attendance by agencies, community members and those responsible for the context, and gives no number. {whose}. Whatever you record, the meeting can go on.")


@bp.route("/<uuid:conference_id>/young-people", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def young_people(context_id: uuid.UUID, conference_id: uuid.UUID) -> Any:
    """Records how many young people came: a number and nothing else."""
    conference = _open(conference_id)
    form = YoungPeopleForm(conference)
    if not form.is_sent():
        form.young_people.put(conference.young_people)
    if form.sent and form.attempt(lambda: attending.count_young_people(g.context, conference, form.young_people.value, current_user, g.now), conference):
        say("The number is recorded." if form.young_people.value is not None else "No number is on record.")
        return see(_url(conference, "#young-people"))
    return form_page(form, "Young people at the meeting", back=_url(conference), button="Record the number",
                     intro="The register counts young people and keeps no names. The adult who represents or accompanies them has a line of their own.")


def _open(conference_id: uuid.UUID) -> Conference:
    """A conference of this context whose register can be written in."""
    conference = conferences.found(conference_id, g.context)
    fault = register.obstacle_to_noting(conference.day, g.today)
    if fault:
        raise Refused(fault)
    return conference
