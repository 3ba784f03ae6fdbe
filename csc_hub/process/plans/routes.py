"""Pages of the intervention plan."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, request, url_for
from flask_login import current_user

from csc_hub.kernel import Refused
from csc_hub.people import records as people
from csc_hub.people.rules import May
from csc_hub.privacy import identifying
from csc_hub.process.conferences import records as conferences
from csc_hub.process.plans import records, rules, service
from csc_hub.process.plans import rows as rows_
from csc_hub.process.plans.records import Action, Worry
from csc_hub.process.plans.rules import ActionDraft, UpdateDraft, WorryDraft
from csc_hub.process.plans.statuses import AGENCY_STATUSES, COLOURS, Status
from csc_hub.web import forms, guards
from csc_hub.web.errors import say
from csc_hub.web.pages import form_page, page, see

bp = Blueprint("plans", __name__, url_prefix="/contexts/<uuid:context_id>/plan")


class HeaderForm(forms.Form):
    """The dates and attendees of Appendix A's header."""

    review_on = forms.Day("Date of review", hint="No later than 20 weeks after the conference.", ahead=100)
    attendees = forms.Paragraphs("Attendees", hint="Names and organisations of the professionals and partners who attended. Young people are counted, never named.")


class WorryForm(forms.Form):
    """One worry of the plan."""

    worry = forms.Paragraphs("What are we worried about?", hint="In the place or group, not in one young person.", needed="Write what we are worried about", rows=3)
    impact = forms.Paragraphs("With what impact?", rows=2)
    helping = forms.Paragraphs("What is helping to keep children safe?", rows=3)
    goal = forms.Paragraphs("What is the safety goal?", wanted=True, hint="Needed before the plan is issued. What we would see if young people were safe here. For example: young people say the interchange is staffed and feels safe after school.", rows=3)


class ActionForm(forms.Form):
    """One intervention."""

    intervention = forms.Paragraphs("Intervention to be offered", hint="One thing, begun with a verb.", needed="Write the intervention", rows=3, most=2000)
    agency_id = forms.Choice("Agency responsible", radios=False, needed="Choose the agency responsible")
    team = forms.Line("Team", most=160)
    owner = forms.Line("Named owner", hint="The person there who will see to it.", most=160)
    due_on = forms.Day("Timescale: by which day?", ahead=90)
    timescale = forms.Line("Or in words", hint="For what comes round again, such as “annually”, “termly” or “monthly”. The hub then works out the next check.", most=200)

    def __init__(self, record: Action | None = None):
        super().__init__(record)
        offered = people.agencies()
        if record and record.agency not in offered:
            offered.append(record.agency)
        self.agency_id.offer([("", "Choose an agency"), *((a.id, a.name) for a in offered)])
        if record and rules.rhythm(record.timescale):  # the hub worked the date out
            self.now["due_on"] = None
            if not self.is_sent():
                self.due_on.put(None)

    def draft(self) -> ActionDraft:
        """The intervention as typed."""
        return ActionDraft(
            intervention=self.intervention.data, agency_id=self.agency_id.uuid, team=self.team.data or "",
            owner=self.owner.data or "", due_on=self.due_on.data, timescale=self.timescale.data or "")


class UpdateForm(forms.Form):
    """How far an action has got."""

    status = forms.Choice("Status", [(s, s.label) for s in AGENCY_STATUSES], needed="Choose the status")
    update = forms.Paragraphs("Update", hint="What has been done. Never name or describe a young person.", rows=3)
    evidence = forms.Paragraphs("Evidence (what changed?)", hint="What is different in the place, and how you know.", rows=2)
    barrier = forms.Paragraphs("Barrier or help needed", rows=2)
    proposed_date = forms.Day("Proposed new date", ahead=60)
    completed_on = forms.Day("Date completed")
    looked = forms.Tick("I have looked at what is marked. No young person can be identified by it")

    def __init__(self, record: Action):
        super().__init__(record)
        typed = {name: self[name].data or "" for name in ("update", "evidence", "barrier") if (self[name].data or "") != getattr(record, name)} if self.is_sent() else {}
        found = identifying.in_fields(typed, g.today)
        self.marked = [(self[name].label.text, identifying.pieces(typed[name], g.today)) for name in found]
        self.mark = hashlib.sha256("\n".join(typed[name] for name in found).encode("utf-8", "replace")).hexdigest()[:16] if found else ""
        if not found:
            del self.looked
        elif request.form.get("marked") != self.mark:  # the box was ticked for other words
            self.looked.data = False

    def send(self, action: Action, by: Any, otherwise: Callable[[], Any]) -> bool:
        """Takes the update as typed; what may identify somebody only after they have looked at it."""
        return self.sent and self.attempt(lambda: self._look() or service.update(action, self.draft(action, g.today), by, g.now, g.today) or otherwise(), action)

    def _look(self) -> None:
        if self.marked and not self.looked.data:
            raise Refused("What is marked may identify a young person. Take it out or, if nobody can be identified by it, tick this box", "looked")

    def draft(self, action: Action, today: dt.date) -> UpdateDraft:
        """The update as typed; a changed update is dated today."""
        return UpdateDraft(
            status=Status(self.status.data), update=self.update.data or None, evidence=self.evidence.data or None,
            barrier=self.barrier.data or None, proposed_date=self.proposed_date.data, completed_on=self.completed_on.data,
            updated_on=today if (self.update.data or "") != action.update else None,
            clear=frozenset(name for name in ("update", "evidence", "barrier", "proposed_date", "completed_on") if not self[name].data))


def say_nothing_new() -> None:
    """Refuses an update in which nothing was changed: nobody should think that something was recorded."""
    raise Refused("Nothing here is new, so nothing was recorded. Change what has changed, or go back")


@bp.get("")
@guards.on_context(May.READ_CASE)
def show(context_id: uuid.UUID) -> Any:
    """The plan as Appendix A lays it out, with nudges and what stands in the way of issuing it."""
    context, after = g.context, forms.asked("after", 9)
    drafting = rules.obstacle_to_drafting(context.state_)
    plan, every, worries, last, rows = rows_.plan_page(
        context_id, int(after) if after.isascii() and after.isdecimal() else None, May.EDIT_PLAN in g.may and not drafting, g.today)
    return page(
        "plans/show.html", context=context, plan=plan, worries=worries, last=last, drafting=drafting, rows=rows,
        early=rules.remark_on_issuing(plan.day, g.today),
        obstacle=rules.obstacle_to_issuing(context.state_, [(w.worry, w.goal, w.total) for w in every], plan.issue or 0, plan.changed_since is not False))


def _back() -> str:
    return url_for("plans.show", context_id=g.context.id)


@bp.route("/header", methods=["GET", "POST"])
@guards.on_context(May.EDIT_PLAN)
def header(context_id: uuid.UUID) -> Any:
    """The dates and attendees."""
    conference = conferences.current(context_id)
    form = HeaderForm(conference)
    if form.sent and form.attempt(lambda: service.set_header(
            g.context, form.review_on.data, form.attendees.data or "", current_user, g.now), conference):
        say("The plan’s header is saved.")
        return see(_back())
    return form_page(form, "Date of review and attendees", back=_back())


@bp.route("/worries/add", methods=["GET", "POST"])
@guards.on_context(May.EDIT_PLAN)
def add_worry(context_id: uuid.UUID) -> Any:
    """Adds a worry."""
    return _worry(None, "Add a worry", "Add this worry")


@bp.route("/worries/<uuid:worry_id>", methods=["GET", "POST"])
@guards.on_context(May.EDIT_PLAN)
def edit_worry(context_id: uuid.UUID, worry_id: uuid.UUID) -> Any:
    """Changes a worry."""
    return _worry(service.worry_of(worry_id, g.context), "Change a worry", "Save this worry")


def _worry(worry: Worry | None, title: str, button: str) -> Any:
    form = WorryForm(worry)

    def draft() -> WorryDraft:
        return WorryDraft(**{name: form[name].data or "" for name in ("worry", "impact", "helping", "goal")})

    if form.sent and form.attempt(lambda: service.save_worry(g.context, worry, draft(), current_user, g.now), worry):
        say("The worry is saved.")
        return see(_back())
    return form_page(form, title, back=_back(), button=button)


@bp.post("/worries/<uuid:worry_id>/remove")
@guards.on_context(May.EDIT_PLAN)
def remove_worry(context_id: uuid.UUID, worry_id: uuid.UUID) -> Any:
    """Removes a worry without interventions."""
    service.remove_worry(g.context, service.worry_of(worry_id, g.context), current_user, g.now)
    say("The worry is removed.")
    return see(_back())


@bp.route("/worries/<uuid:worry_id>/actions/add", methods=["GET", "POST"])
@guards.on_context(May.EDIT_PLAN)
def add_action(context_id: uuid.UUID, worry_id: uuid.UUID) -> Any:
    """Adds an intervention under a worry."""
    return _action(service.worry_of(worry_id, g.context), None, "Add an intervention", "Add this intervention")


@bp.route("/actions/<uuid:action_id>/edit", methods=["GET", "POST"])
@guards.on_context(May.EDIT_PLAN)
def edit_action(context_id: uuid.UUID, action_id: uuid.UUID) -> Any:
    """Changes an intervention."""
    action = service.action_of(action_id, g.context)
    return _action(action.worry, action, f"Change action {action.number}", "Save this intervention")


def _action(worry: Worry, action: Action | None, title: str, button: str) -> Any:
    form = ActionForm(action)
    if form.sent and form.attempt(lambda: service.save_action(g.context, worry, action, form.draft(), current_user, g.now, g.today), action):
        say("The intervention is saved.")
        return see(_back())
    return form_page(form, title, back=_back(), button=button, caption=worry.worry)


@bp.post("/actions/<uuid:action_id>/remove")
@guards.on_context(May.EDIT_PLAN)
def remove_action(context_id: uuid.UUID, action_id: uuid.UUID) -> Any:
    """Removes an intervention nobody has been asked for yet."""
    service.remove_action(g.context, service.action_of(action_id, g.context), current_user, g.now)
    say("The intervention is removed.")
    return see(_back())


@bp.get("/actions/<uuid:action_id>")
@guards.on_context(May.READ_CASE)
def action(context_id: uuid.UUID, action_id: uuid.UUID) -> Any:
    """One action with all that was said of it."""
    found = service.action_of(action_id, g.context)
    return page("plans/action.html", action=found, updates=records.updates_of(action_id), colours=COLOURS, on=g.today, fields=rules.FIELD_WORDS)


@bp.route("/actions/<uuid:action_id>/update", methods=["GET", "POST"])
@guards.on_context(May.BRING_IN_UPDATES)
def update(context_id: uuid.UUID, action_id: uuid.UUID) -> Any:
    """Records an update that came by phone or mail."""
    action = service.action_of(action_id, g.context)
    form = UpdateForm(action)
    if form.send(action, current_user, say_nothing_new):
        say(f"Action {action.number} is updated.")
        return see(url_for("plans.action", context_id=context_id, action_id=action_id))
    return form_page(form, f"Update action {action.number}", caption=action.intervention, button="Save this update",
                     back=url_for("plans.action", context_id=context_id, action_id=action_id))


@bp.post("/issue")
@guards.on_context(May.ISSUE_PLAN)
def issue(context_id: uuid.UUID) -> Any:
    """Issues the plan."""
    plan = service.issue(g.context, current_user, g.now)
    conference = conferences.current(context_id)
    early = rules.remark_on_issuing(conference.day if conference else None, g.today)
    say(f"Issue {plan.issue} of the plan is out. Agencies now see their actions.{f' {early}.' if early else ''}")
    return see(_back())
