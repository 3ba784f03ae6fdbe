"""Who has not signed before the meetings that come next, and who declined: what waits for a coordinator."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import and_, bindparam, select

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.db import db, known
from csc_hub.kernel import LONDON, today, working_days_between
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import covering
from csc_hub.process.agreements.records import Request
from csc_hub.process.conferences.records import Conference
from csc_hub.process.conferences.rules import State
from csc_hub.process.invitations.records import Invitation
from csc_hub.process.invitations.rules import ASKED

SOON = dt.timedelta(days=21)


@dataclass(frozen=True)
class _Asked:
    """Somebody on a list, as cover asks about them."""

    person_id: uuid.UUID
    agency: Agency
    left: bool


@dataclass
class Unsigned:
    """A meeting that comes soon, the organisations that are not covered on its day, and those that declined, each with the reason."""

    context_id: uuid.UUID
    starts_at: dt.datetime
    day: dt.date
    left: int
    waiting: list[str] = field(default_factory=list)
    declined: dict[str, str] = field(default_factory=dict)


_ON_LISTS = select(
    Conference.context_id, Conference.id, Conference.starts_at, Invitation.person_id, Agency, Person.agency_id, Person.active, Request.decline_reason,
).join(Invitation, Invitation.conference_id == Conference.id).join(Person, Person.id == Invitation.person_id).join(
    Agency, Agency.id == Invitation.agency_id).outerjoin(
    Request, and_(Request.agency_id == Agency.id, Request.person_id == Person.id, Request.declined_at.is_not(None))).where(
    Conference.context_id.in_(bindparam("contexts", expanding=True)), Conference.state == State.PLANNED, Conference.starts_at >= bindparam("first"),
    Conference.starts_at < bindparam("end"), Invitation.withdrawn_at.is_(None), Invitation.reply.in_(list(ASKED)), Agency.statutory.is_(False)).order_by(
    Conference.starts_at, Agency.name)


def soon(contexts: Collection[uuid.UUID], now: dt.datetime) -> list[Unsigned]:
    """For each of these contexts that meets within three weeks and has not begun; the next meeting first. Three queries at most."""
    day, key = today(now), tuple(contexts)
    return [one for one in known(("unsigned", day), key, lambda: _within_three_weeks(key, day)) if now <= one.starts_at < now + SOON]


def _within_three_weeks(contexts: tuple[uuid.UUID, ...], day: dt.date) -> list[Unsigned]:
    """What stands unsigned from the first minute of a day until three weeks after its last."""
    first = dt.datetime.combine(day, dt.time(), LONDON)
    rows = db.session.execute(_ON_LISTS, {"contexts": contexts, "first": first, "end": first + SOON + dt.timedelta(days=1, hours=1)}).unique().all()
    what = covering.known(row.Agency for row in rows) if rows else None
    found: dict[uuid.UUID, Unsigned] = {}
    for context_id, conference_id, starts_at, person_id, agency, works_for, active, reason in rows:
        meets, one = today(starts_at), _Asked(person_id, agency, works_for != agency.id or not active)
        if what is None or one.left or covering.of(one, conference_id, what, meets).covered:
            continue
        line = found.setdefault(conference_id, Unsigned(context_id, starts_at, meets, working_days_between(day, meets, bank_holidays())))
        if reason is not None:
            line.declined[agency.name] = reason
        if agency.name not in line.waiting:
            line.waiting.append(agency.name)
    return list(found.values())
