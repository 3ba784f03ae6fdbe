"""Pages of a context: refer, show, change, threshold, moves, history."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_login import current_user

from csc_hub.audit import routes as audit_routes
from csc_hub.kernel import Refused
from csc_hub.people import records as people
from csc_hub.people.records import Person
from csc_hub.people.rules import May, Role
from csc_hub.process.contexts import rules, service
from csc_hub.process.contexts.records import Context
from csc_hub.process.contexts.rules import ContextDraft, Move, Type
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("contexts", __name__)
NO_NAMES = "Do not name or describe any young person. Use a neutral name for the place or group, not a name a group gives itself."


class ContextForm(forms.Form):
    """A context as referred: where, what, why now."""

    name = forms.Line("Name of the context", hint="For example, Harbour Road bus interchange. For a peer group use a neutral alias, such as Group A – Marina.", needed="Enter a neutral name for the place or group", most=120)
    not_a_person = forms.Tick("This is not the name of a person")
    type = forms.Choice("Type of context", [
        (Type.PEER_GROUP, Type.PEER_GROUP.label), (Type.SCHOOL, Type.SCHOOL.label, "A school or college, or a part of one"),
        (Type.NEIGHBOURHOOD, Type.NEIGHBOURHOOD.label, "A street, estate, park, station or shopping centre"),
        (Type.OTHER, Type.OTHER.label)], needed="Choose the type of context")
    place = forms.Line("Where it is", hint="A street, ward or landmark.", most=300)
    trigger = forms.Paragraphs("What triggered the referral, and why now", hint="What happens there, when, and what changed. Nothing about any one young person.", needed="Write what triggered the referral")
    description = forms.Paragraphs("Anything else that sets the scene", rows=3)
    open_to_readers = forms.Tick("Readers may open this context from now on", hint="Readers see no peer group unless they are named in it. Once it is of another type, all of them see it.")
    themes = forms.Choices("Kinds of harm", list(rules.THEMES.items()), hint="Choose all that apply.")

    def __init__(self, record: Context | None = None):
        super().__init__(record)
        suspicious = rules.looks_like_a_person(self.name.data or "", rules.FIRST_NAMES)
        if not suspicious:
            del self.not_a_person
        self._suspicious = suspicious
        self._opens = bool(record and record.type == Type.PEER_GROUP and self.type.data not in (None, "", Type.PEER_GROUP))
        if not self._opens:
            del self.open_to_readers

    def validate(self, extra_validators: Any = None) -> bool:
        """A name that looks like a person's needs a second look."""
        fine = super().validate(extra_validators)
        if self._suspicious and not self.not_a_person.data:
            self.name.errors = [*self.name.errors, "This looks like the name of a person. Change it, or tick the box to say that it is not"]
            return False
        if self._opens and not self.open_to_readers.data:
            self.open_to_readers.errors = ["This was a peer group. Tick the box to open it to all readers, or leave the type as it was"]
            return False
        return fine

    def draft(self, **more: Any) -> ContextDraft:
        """The context as typed."""
        return ContextDraft(
            name=self.name.data, type=Type(self.type.data), place=self.place.data or "", themes=tuple(self.themes.data or ()),
            trigger=self.trigger.data or "", description=self.description.data or "", **more)


class TeamForm(forms.Form):
    """Who leads and who chairs."""

    lead_id = forms.Choice("Lead practitioner", radios=False, hint="Writes the assessment and coordinates the plan.")
    chair_id = forms.Choice("Chair", radios=False, hint="May be chosen later.")
    readers = forms.Choices("Readers who may open this peer group", hint="Readers see no peer group unless they are named here.")

    def __init__(self, record: Context | None = None):
        super().__init__(record)
        readers = people.people_with(Role.READER) if record and record.type == Type.PEER_GROUP else []
        if readers:
            self.readers.offer([(p.id, _named(p)) for p in readers])
            named = people.grants(record.id, g.now)
            self.now["readers"] = [str(person.id) for grant, person in named if grant.role == Role.READER]
            if not self.is_sent():
                self.readers.data = self.now["readers"]
        else:
            del self.readers
        for field, role, present in ((self.lead_id, Role.LEAD, record and record.lead), (self.chair_id, Role.CHAIR, record and record.chair)):
            able: list[Any] = [*people.people_with(role)]
            if present and present.id not in {person.id for person in able}:
                able.append(present)  # who has lost the role is not taken away by saving the other field
            field.offer([("", "Not chosen yet"), *((p.id, _named(p)) for p in able)])


class ThresholdForm(forms.Form):
    """Whether young people are at risk of significant harm here."""

    threshold_met = forms.Choice("Is this a context in which young people are at risk of significant harm?", [
        ("True", "Yes", "A conference is to be held."), ("False", "No", "Another response fits better.")], needed="Choose yes or no")
    threshold_reasons = forms.Paragraphs("Reasons", hint="What in the assessment shows this, measured against the context threshold document.", needed="Give the reasons", rows=6)
    threshold_by = forms.Line("Who decided", hint="Name and job title.", needed="Enter who decided", most=160)
    threshold_on = forms.Day("Date of the decision", needed="Enter the date of the decision")


class ReasonForm(forms.Form):
    """Why the context is moved."""

    reason = forms.Paragraphs("Reason", hint="What was decided, and who agreed.", needed="Give the reason, so that somebody who reads this in a year understands it")


def _named(person: Person) -> str:
    return f"{person.name}{', ' + person.job_title if person.job_title else ''}"


@bp.route("/contexts/refer", methods=["GET", "POST"])
@guards.may(May.REFER)
def refer() -> Any:
    """Takes in a referral."""
    form = ContextForm()
    made: list[Context] = []
    if form.sent and form.attempt(lambda: made.append(service.refer(form.draft(), current_user, g.now))):
        say(f"{made[0].reference} has been referred.")
        return see(url_for("contexts.show", context_id=made[0].id))
    return form_page(form, "Refer a context", button="Refer this context", warning=NO_NAMES, back=url_for("overview.home"))


@bp.get("/contexts/<uuid:context_id>")
@guards.on_context(May.READ_CASE)
def show(context_id: uuid.UUID) -> Any:
    """The context: what it is, who leads, the threshold, and the moves that are legal now."""
    context = g.context
    moves = [move for move in rules.MOVES[context.state_] if move not in rules.MADE_ON_OWN_PAGE]
    return page(
        "contexts/show.html", context=context, moves=moves, themes=[rules.THEMES[theme] for theme in context.themes], standings=rules.STANDINGS,
        total=rules.total_of(context.counts), obstacle=rules.obstacle_to_accepting(context.lead_id), deciding=rules.obstacle_to_deciding(context.state_) is None)


@bp.route("/contexts/<uuid:context_id>/edit", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def edit(context_id: uuid.UUID) -> Any:
    """Changes the context's record."""
    form = ContextForm(g.context)
    if form.sent and form.attempt(lambda: service.change(g.context, form.draft(), current_user, g.now), g.context):
        say("The context is saved.")
        return see(url_for("contexts.show", context_id=context_id))
    return form_page(form, "Change the context’s details", warning=NO_NAMES, back=url_for("contexts.show", context_id=context_id), button="Save changes")


@bp.route("/contexts/<uuid:context_id>/young-people", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def counts(context_id: uuid.UUID) -> Any:
    """How many young people are known to be affected, by where they sit in Children's Services."""
    fields = {key: forms.Number(words, width="govuk-input--width-4") for key, words in rules.STANDINGS.items()}
    form = type("CountsForm", (forms.Form,), fields)(g.context)
    form.now = {key: str(g.context.counts.get(key, "")) for key in rules.STANDINGS}
    for key in rules.STANDINGS:
        if not form.is_sent():
            form[key].data = form.now[key]

    def keep() -> None:
        service.count_young_people(g.context, {key: form[key].value or 0 for key in rules.STANDINGS}, current_user, g.now)

    if form.sent and form.attempt(keep, g.context):
        say("The counts are saved.")
        return see(url_for("contexts.show", context_id=context_id))
    return form_page(
        form, "How many young people are known to be affected?", back=url_for("contexts.show", context_id=context_id), button="Save the counts",
        intro="Count each young person once, where they sit in Children’s Services now. Numbers only, never names or initials.")


@bp.route("/contexts/<uuid:context_id>/team", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def team(context_id: uuid.UUID) -> Any:
    """Names who leads and who chairs."""
    form, chairs = TeamForm(g.context), service.chairs_conference(g.context, g.now)
    if chairs:
        form.chair_id.description = f"{chairs[1]}. Change the chair there."
    readers = form._fields.get("readers")

    def name() -> None:
        chosen = [uuid.UUID(reader) for reader in readers.data or ()] if readers else None
        service.name_team(g.context, form.lead_id.uuid, form.chair_id.uuid, chosen, current_user, g.now)

    if form.sent and form.attempt(name, g.context):
        say("Who leads and who chairs is saved.")
        return see(url_for("contexts.show", context_id=context_id) if _still_inside() else url_for("overview.home"))
    return form_page(form, "Who leads and who chairs", back=url_for("contexts.show", context_id=context_id), button="Save",
                     intro="Whoever you name can open this context. Whoever you take away no longer can.",
                     onward=(url_for("conferences.edit", context_id=context_id), "Change who chairs the conference") if chairs else None)


def _still_inside() -> bool:
    try:
        service.enter(current_user, g.context.id, g.now)
        return True
    except Exception:
        return False


@bp.route("/contexts/<uuid:context_id>/threshold", methods=["GET", "POST"])
@guards.on_context(May.DECIDE)
def threshold(context_id: uuid.UUID) -> Any:
    """Records the threshold decision."""
    stands = rules.obstacle_to_deciding(g.context.state_)
    if stands:
        raise Refused(stands)
    form = ThresholdForm(g.context)

    def decide() -> None:
        service.decide_threshold(
            g.context, form.threshold_met.data == "True", form.threshold_reasons.data, form.threshold_by.data,
            form.threshold_on.data, current_user, g.now, g.today)

    if form.sent and form.attempt(decide, g.context):
        say("The threshold decision is recorded.")
        return see(url_for("contexts.show", context_id=context_id))
    return form_page(form, "Threshold decision", back=url_for("contexts.show", context_id=context_id), button="Record the decision")


@bp.post("/contexts/<uuid:context_id>/accept")
@guards.on_context(May.EDIT_CASE)
def accept(context_id: uuid.UUID) -> Any:
    """Accepts the referral: the assessment begins."""
    service.move(g.context, Move.ACCEPT, "", current_user, g.now)
    say("The referral is accepted. The assessment can begin.")
    return see(url_for("assessments.show", context_id=context_id))


@bp.route("/contexts/<uuid:context_id>/move/<any(send_elsewhere, withdraw, reopen):which>", methods=["GET", "POST"])
@guards.on_context(May.EDIT_CASE)
def move(context_id: uuid.UUID, which: str) -> Any:
    """A move that needs a reason: send elsewhere, withdraw, reopen."""
    chosen, form = Move(which), ReasonForm()
    fault = rules.obstacle_to_move(g.context.state_, chosen, "so")
    if fault:
        raise Refused(fault)
    if form.sent and form.attempt(lambda: service.move(g.context, chosen, form.reason.data, current_user, g.now)):
        say(f"{g.context.reference} is now “{g.context.state_.label.lower()}”.")
        return see(url_for("contexts.show", context_id=context_id))
    return form_page(form, chosen.label, button=chosen.label, danger=chosen is not Move.REOPEN, back=url_for("contexts.show", context_id=context_id),
                     intro=f"{g.context.reference} becomes “{rules.MOVES[g.context.state_][chosen].label.lower()}”. Nothing in it is deleted.")


@bp.get("/contexts/<uuid:context_id>/history")
@guards.on_context(May.READ_CASE)
def history(context_id: uuid.UUID) -> Any:
    """Who did what in this context."""
    return page("contexts/history.html", **audit_routes.shown("contexts.history", context_id))
