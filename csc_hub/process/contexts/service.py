"""Refer a context, keep its record, move it on; and the door to it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from flask import current_app
from sqlalchemy.orm.attributes import flag_modified

from csc_hub.audit import service as audit
from csc_hub.db import db, next_number
from csc_hub.kernel import NotFound, Refused, day_in_words
from csc_hub.kernel import today as date_of
from csc_hub.people import records as people
from csc_hub.people import rules as people_rules
from csc_hub.people import service as people_service
from csc_hub.people.records import Person, Reader
from csc_hub.people.rules import May, Role
from csc_hub.process.contexts import records, rules
from csc_hub.process.contexts.records import Context, Opened
from csc_hub.process.contexts.rules import ContextDraft, Move, State, Type


def enter(person: Person | Reader, context_id: uuid.UUID, now: dt.datetime) -> tuple[Context | Opened, frozenset[May]]:
    """The context and what this person may do in it. Raises `NotFound` for all who have no business there.

    Coordinators stand in every context; readers in all but peer groups, whose members could be told from the
    group; lead practitioners, chairs and further readers where they are named.
    """
    found = (records.opened if isinstance(person, Reader) else records.entered)(context_id, person.id, now)
    if found is None:
        raise NotFound
    context, named = found
    roles = {role for role in person.roles if role in named and role in people_rules.IN_NAMED_CONTEXTS}
    roles |= person.roles & {Role.COORDINATOR}
    if Role.READER in person.roles and context.type != Type.PEER_GROUP:
        roles.add(Role.READER)
    if not roles:
        raise NotFound
    return context, people_rules.capabilities(roles)


def within(person: Person | Reader, now: dt.datetime) -> dict[str, object]:
    """Which contexts this person may see, as the arguments of `records.page_of`."""
    if Role.COORDINATOR in person.roles:
        return {"within": None}
    roles = person.roles
    return {"within": people.granted(), "given": people.granted_to(person.id, roles, now), "but_not": Type.PEER_GROUP if Role.READER in roles else None}


def refer(draft: ContextDraft, by: Person, now: dt.datetime) -> Context:
    """Takes in a referral about a place or group. A lead practitioner who refers leads it unless somebody else is named."""
    number = next_number(f"contexts {now.year}")
    context = Context(
        order=now.year * 100000 + number, reference=f"CSC-{now.year}-{number:03d}", name=draft.name, type=draft.type,
        place=draft.place, themes=list(draft.themes), trigger=draft.trigger, description=draft.description,
        counts={}, state=State.REFERRED, state_at=now, created_at=now)
    db.session.add(context)
    db.session.flush()
    audit.record("referred", by, now, subject=context.id, context_id=context.id, reference=context.reference)
    lead = draft.lead_id or (by.id if Role.LEAD in by.roles else None)
    _lead_and_chair(context, lead, draft.chair_id, now)
    return context


def change(context: Context, draft: ContextDraft, by: Person, now: dt.datetime) -> None:
    """Changes the record of a context. That a peer group becomes something else is on record: readers then see it."""
    before = context.type
    for name in ("name", "type", "place", "trigger", "description"):
        setattr(context, name, getattr(draft, name))
    context.themes = list(draft.themes)
    db.session.flush()
    types = {"type_before": before, "type": context.type} if before != context.type else {}
    audit.record("changed_context", by, now, subject=context.id, context_id=context.id, **types)


def count_young_people(context: Context, counts: dict[str, int], by: Person, now: dt.datetime) -> None:
    """Keeps how many young people are known to be affected, by where they sit in Children's Services."""
    fault = rules.obstacle_to_counts(counts)
    if fault:
        raise Refused(fault)
    context.counts = {key: counts[key] for key in rules.STANDINGS if counts.get(key)}
    db.session.flush()
    audit.record("changed_counts", by, now, subject=context.id, context_id=context.id, total=rules.total_of(counts))


def name_team(
    context: Context, lead_id: uuid.UUID | None, chair_id: uuid.UUID | None, readers: Collection[uuid.UUID] | None, by: Person,
    now: dt.datetime,
) -> None:
    """Names who leads, who chairs, and which readers may look in (None: as before).

    Whoever is no longer named loses the door at once. Who chairs a conference that is to come is changed with that conference, which asks why.
    """
    if chair_id != context.chair_id and (chairs := chairs_conference(context, now)) and chair_id != chairs[0]:
        raise Refused(f"{chairs[1]}. Change the chair there", "chair_id")
    if context.state_ in rules.OPEN - {State.REFERRED} and not lead_id:
        raise Refused("Choose a lead practitioner: this context is already being assessed", "lead_id")
    _lead_and_chair(context, lead_id, chair_id, now)
    if readers is not None:
        people_service.close_doors(context.id, Role.READER, now)
        db.session.flush()
        for reader in readers:
            people_service.open_door(reader, context.id, Role.READER, "contexts", now)
        flag_modified(context, "name")  # doors alone must raise the version too
    audit.record("changed_team", by, now, subject=context.id, context_id=context.id)


def chairs_conference(context: Context | Opened, now: dt.datetime) -> tuple[uuid.UUID, str] | None:
    """Who chairs the conference of this context that is to come, and so in words; None where nobody does yet, or it is over."""
    conference: Any = current_app.extensions["csc_conference_in_hand"](context.id)
    if context.state_ not in rules.OPEN - {State.REFERRED} or conference is None or conference.chair is None or (conference.day and conference.day < date_of(now)):
        return None
    return conference.chair_id, f"{conference.chair.name} chairs the conference{' on ' + day_in_words(conference.day) if conference.day else ', which has no date yet'}"


def _lead_and_chair(context: Context, lead_id: object, chair_id: object, now: dt.datetime) -> None:
    if chair_id and chair_id == lead_id:
        raise Refused(rules.SOMEBODY_ELSE_CHAIRS, "chair_id")
    for field, person_id, role in (("lead_id", lead_id, Role.LEAD), ("chair_id", chair_id, Role.CHAIR)):
        if person_id is not None and person_id != getattr(context, field):
            person = db.session.get(Person, person_id)
            if person is None or not person.active or role not in person.roles:
                raise Refused(f"Choose somebody who is a {role.label.lower()}", field)
        if getattr(context, field) != person_id:
            people_service.close_doors(context.id, role, now)
        setattr(context, field, person_id)
        if person_id is not None:
            people_service.open_door(person_id, context.id, role, "contexts", now)
    db.session.flush()
    db.session.expire(context, ["lead", "chair"])


def decide_threshold(
    context: Context, met: bool, reasons: str, decided_by: str, on: dt.date, by: Person, now: dt.datetime, today: dt.date,
) -> None:
    """Records whether young people are at risk of significant harm here, why, and who decided (guidance: Background)."""
    stands = rules.obstacle_to_deciding(context.state_)
    if stands:
        raise Refused(stands)
    fault = rules.obstacle_to_threshold(on, today)
    if fault:
        raise Refused(fault[1], fault[0])
    context.threshold_met, context.threshold_reasons = met, reasons
    context.threshold_by, context.threshold_on = decided_by, on
    db.session.flush()
    audit.record("decided_threshold", by, now, subject=context.id, context_id=context.id, met=met)


def move(context: Context, which: Move, reason: str, by: Person, now: dt.datetime) -> None:
    """Moves the case on. Every move is in `rules.MOVES`; every refusal is a sentence."""
    fault = rules.obstacle_to_move(context.state_, which, reason)
    if fault is None and which == Move.ACCEPT:
        fault = rules.obstacle_to_accepting(context.lead_id)
    if fault:
        raise Refused(fault, "reason" if which in rules.NEEDS_REASON and not reason else None)
    before = context.state
    context.state = rules.MOVES[context.state_][which]
    context.state_reason, context.state_at = reason, now
    db.session.flush()
    audit.record("moved", by, now, subject=context.id, context_id=context.id, before=before, after=context.state)
