"""Write the plan, issue it, and take updates of its actions."""

from __future__ import annotations

import datetime as dt
import uuid

from csc_hub.audit import service as audit
from csc_hub.db import db, next_number
from csc_hub.kernel import NotFound, Refused
from csc_hub.people import records as people
from csc_hub.people.records import Person
from csc_hub.process.conferences import records as conference_records
from csc_hub.process.conferences import service as conferences
from csc_hub.process.contexts import service as contexts
from csc_hub.process.contexts.records import Context
from csc_hub.process.contexts.rules import Move
from csc_hub.process.plans import records, rules
from csc_hub.process.plans.records import Action, Plan, Update, Worry
from csc_hub.process.plans.rules import ActionDraft, UpdateDraft, WorryDraft
from csc_hub.process.plans.statuses import Status

NOTHING = "Nothing to report"
"""What an update says by which somebody said that there is nothing new."""


def _record(verb: str, context: Context, by: Person, now: dt.datetime, subject: uuid.UUID, **detail: object) -> None:
    db.session.flush()
    audit.record(verb, by, now, subject=subject, context_id=context.id, **detail)


def begun(context: Context) -> Plan:
    """The plan of a context, begun if need be. Raises `Refused` while none may be written."""
    fault = rules.obstacle_to_drafting(context.state_)
    if fault:
        raise Refused(fault)
    plan = records.of_context(context.id)
    if plan is None:
        plan = Plan(context_id=context.id)
        db.session.add(plan)
        db.session.flush()
    return plan


def _conference_day(context: Context) -> dt.date | None:
    conference = conference_records.current(context.id)
    return conference.day if conference else None


def _touch(plan: Plan) -> None:
    if plan.issue:
        plan.changed_since = True


def set_header(context: Context, review_on: dt.date | None, attendees: str, by: Person, now: dt.datetime) -> None:
    """Keeps the date of review and the attendees of Appendix A's header, with the conference."""
    plan = begun(context)
    conferences.set_outcome(context, conferences.begin(context, by, now), review_on, attendees, by, now)
    _touch(plan)
    db.session.flush()


def save_worry(context: Context, worry: Worry | None, draft: WorryDraft, by: Person, now: dt.datetime) -> Worry:
    """Adds a worry at the end, or changes one."""
    plan = begun(context)
    verb = "changed_worry" if worry else "added_worry"
    if worry is None:
        others = records.worries(plan.id)
        worry = Worry(plan_id=plan.id, position=max((w.position for w in others), default=0) + 1)
    for name, value in vars(draft).items():
        setattr(worry, name, value)
    db.session.add(worry)
    _touch(plan)
    db.session.flush()
    _record(verb, context, by, now, worry.id)
    return worry


def remove_worry(context: Context, worry: Worry, by: Person, now: dt.datetime) -> None:
    """Removes a worry that has no intervention under it."""
    plan = begun(context)
    if worry.actions:
        raise Refused("Remove the interventions under this worry first, one by one")
    db.session.delete(worry)
    _touch(plan)
    _record("removed_worry", context, by, now, worry.id)


def save_action(
    context: Context, worry: Worry, action: Action | None, draft: ActionDraft, by: Person, now: dt.datetime, today: dt.date,
) -> Action:
    """Adds or changes an intervention. Words that name a rhythm get a dated check."""
    plan = begun(context)
    agency = people.living(draft.agency_id)
    if agency is None:
        raise Refused("Choose the agency responsible", "agency_id")
    verb = "changed_action" if action else "added_action"
    if action is None:
        action = Action(context_id=context.id, number=next_number(f"actions {context.id}"), status=Status.NOT_STARTED)
    same_rhythm = action.timescale == draft.timescale and action.due_on is not None
    kept = action.due_on
    for name, value in vars(draft).items():
        setattr(action, name, value)
    if draft.timescale and draft.due_on is None:
        action.due_on = kept if same_rhythm else rules.next_check(draft.timescale, max(_conference_day(context) or today, today))
    action.worry_id, action.touched_at = worry.id, now
    db.session.add(action)
    _touch(plan)
    db.session.flush()
    db.session.expire(worry, ["actions"])
    _record(verb, context, by, now, action.id, number=action.number)
    return action


def bring_in(
    context: Context, groups: list[tuple[Worry | None, WorryDraft, list[ActionDraft]]], now: dt.datetime, today: dt.date,
) -> tuple[list[Worry], list[Action]]:
    """Adds many worries and interventions at the end of the plan, not yet issued; an existing worry gets more under it.

    Whoever calls records the event: one for the whole, and not one for each row.
    """
    plan, start = begun(context), max(_conference_day(context) or today, today)
    place = max((w.position for w in records.worries(plan.id)), default=0)
    new: list[Worry] = []
    added: list[Action] = []
    for worry, draft, actions in groups:
        if worry is None:
            place += 1
            worry = Worry(plan_id=plan.id, position=place, **vars(draft))
            db.session.add(worry)
            db.session.flush()
            new.append(worry)
        for one in actions:
            action = Action(context_id=context.id, worry_id=worry.id, number=next_number(f"actions {context.id}"), status=Status.NOT_STARTED, touched_at=now, **vars(one))
            action.due_on = one.due_on or (rules.next_check(one.timescale, start) if one.timescale else None)
            db.session.add(action)
            added.append(action)
        db.session.flush()
        db.session.expire(worry, ["actions"])
    _touch(plan)
    db.session.flush()
    return new, added


def take_back(context: Context, worries: list[Worry], actions: list[Action]) -> None:
    """Removes what one file brought, where nobody changed, reported on or issued any of it. Raises `Refused` otherwise."""
    plan = begun(context)
    kept = {action.id for action in actions}
    if any(row.version != 1 for row in (*worries, *actions)) or any(a.issued_in is not None or records.updates_of(a.id) for a in actions):
        raise Refused("Something of what this file brought was changed, reported on or issued since, so it cannot be taken back as a whole. Remove rows one by one on the plan’s page")
    if any(action.id not in kept for worry in worries for action in worry.actions):
        raise Refused("An intervention was added under a worry that this file brought. Remove it first, or remove rows one by one on the plan’s page")
    for row in actions:
        db.session.delete(row)
    db.session.flush()
    for worry in worries:
        db.session.expire(worry, ["actions"])
        db.session.delete(worry)
    _touch(plan)
    db.session.flush()


def remove_action(context: Context, action: Action, by: Person, now: dt.datetime) -> None:
    """Removes an intervention nobody has been asked for yet. What was issued or reported on stays."""
    plan = begun(context)
    if action.issued_in is not None:
        raise Refused("This action is in an issued plan, so it stays on record. Set its status to “Not possible – circumstances changed” instead")
    if records.updates_of(action.id):
        raise Refused("Somebody has reported on this action, so it stays on record")
    db.session.delete(action)
    db.session.flush()
    db.session.expire(action.worry, ["actions"])
    _touch(plan)
    _record("removed_action", context, by, now, action.id, number=action.number)


def issue(context: Context, by: Person, now: dt.datetime) -> Plan:
    """Issues the plan: from now on agencies see their actions. Issued again after changes, it gets the next number."""
    plan = begun(context)
    worries = records.worries(plan.id)
    fault = rules.obstacle_to_issuing(context.state_, [(w.worry, w.goal, len(w.actions)) for w in worries], plan.issue, plan.changed_since)
    if fault:
        raise Refused(fault)
    contexts.move(context, Move.ISSUE_PLAN, "", by, now)
    plan.issue += 1
    for action in records.actions_of(context.id):
        action.issued_in = action.issued_in or plan.issue
        action.issued_agency_id = action.agency_id
        action.issued_facts = {
            "intervention": action.intervention, "goal": action.worry.goal, "owner": action.owner, "when": action.when,
            "timescale": action.timescale}
    plan.issued_at, plan.issued_by, plan.changed_since = now, by.name, False
    _record("issued_plan", context, by, now, plan.id, issue=plan.issue)
    return plan


def update(
    action: Action, draft: UpdateDraft, by: Person, now: dt.datetime, today: dt.date, source: str = "page",
    batch_id: uuid.UUID | None = None,
) -> bool:
    """Takes an update of one action; False where it says nothing new. Raises `Refused` at the field at fault."""
    fault = rules.fault_of_update(draft, today)
    if fault:
        raise Refused(fault[1], fault[0])
    found = rules.changes(action.facts, draft)
    if not found:
        return False
    lacking = rules.fault_of_completion(draft) if "status" in found and source == "page" else None
    if lacking:
        raise Refused(lacking[1], lacking[0])
    before = rules.as_text(action.facts)
    for name, (_, new) in found.items():
        setattr(action, name, new)
    if "updated_on" not in found and draft.updated_on is None:
        action.updated_on = today
    action.touched_at = now
    _next_check(action, today)
    db.session.add(Update(
        action_id=action.id, at=now, by_id=by.id, by_name=by.name, source=source, batch_id=batch_id, status=action.status,
        text=draft.update or "", changed=",".join(found), before=before))
    db.session.flush()
    audit.record("updated_action", by, now, subject=action.id, context_id=action.context_id, number=action.number, changed=sorted(found), source=source)
    return True


def _next_check(action: Action, today: dt.date) -> None:
    """What comes round again is next checked one rhythm after it was reported on."""
    action.due_on = rules.next_check_after_update(action.timescale, action.due_on, today)


def nothing_to_report(action: Action, by: Person, now: dt.datetime, today: dt.date) -> bool:
    """Records that the agency looked at the action and has nothing new to say; False where it was reported on today, which needs no more."""
    if action.updated_on == today:
        return False
    before = rules.as_text(action.facts)
    _next_check(action, today)
    action.updated_on, action.touched_at = today, now
    db.session.add(Update(
        action_id=action.id, at=now, by_id=by.id, by_name=by.name, source="page", status=action.status,
        text=NOTHING, changed="updated_on", before=before))
    db.session.flush()
    audit.record("updated_action", by, now, subject=action.id, context_id=action.context_id, number=action.number, changed=[], source="nothing to report")
    return True


def worry_of(worry_id: uuid.UUID, context: Context) -> Worry:
    """A worry of this context's plan. Raises `NotFound` for another's."""
    worry, plan = db.session.get(Worry, worry_id), records.of_context(context.id)
    if worry is None or plan is None or worry.plan_id != plan.id:
        raise NotFound
    return worry


def action_of(action_id: uuid.UUID, context: Context) -> Action:
    """An action of this context. Raises `NotFound` for another's."""
    action = db.session.get(Action, action_id)
    if action is None or action.context_id != context.id:
        raise NotFound
    return action


def own_action(action_id: uuid.UUID, person: Person) -> Action:
    """An action of this person's own agency in an issued plan. Raises `NotFound` for any other."""
    action = db.session.get(Action, action_id)
    if action is None or person.agency_id is None or action.issued_agency_id != person.agency_id:
        raise NotFound
    return action
