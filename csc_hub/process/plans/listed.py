"""Actions and worries in lists: columns instead of records, page by page, so that no plan or agency is too long to show."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Date, Select, Uuid, and_, bindparam, func, literal, or_, select, tuple_, type_coerce, union_all

from csc_hub.db import DayOf, IdWords, db, rows_of
from csc_hub.people.records import Agency
from csc_hub.process.conferences.records import Conference
from csc_hub.process.conferences.rules import State
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import rules
from csc_hub.process.plans.records import Action, Plan, Worry
from csc_hub.process.plans.statuses import ENDED, Status

ROWS = 50
IN_A_PLAN = 200
"""A plan is read as a whole, so more of its actions stand on one page than of other lists."""


class Head(NamedTuple):
    """A plan, once somebody has begun it, and the conference in hand, if there is one, as the plan's page heads it."""

    id: uuid.UUID | None
    issue: int | None
    issued_by: str | None
    issued_at: dt.datetime | None
    changed_since: bool | None
    day: dt.date | None
    review_on: dt.date | None
    attendees: str | None


def head(context_id: uuid.UUID) -> Head:
    """The head of the page of a context's plan, in one query."""
    return Head(*rows_of(_head(), {"context": context_id}).one())


@cache
def _head() -> Any:
    last = select(Conference.id).where(Conference.context_id == bindparam("context"), Conference.state != State.CANCELLED).order_by(
        Conference.number.desc()).limit(1).scalar_subquery()
    return select(
        Plan.id, Plan.issue, Plan.issued_by, Plan.issued_at, Plan.changed_since, type_coerce(Conference.starts_at, DayOf), Conference.review_on, Conference.attendees,
    ).select_from(Context).outerjoin(Plan, Plan.context_id == Context.id).outerjoin(Conference, Conference.id == last).where(Context.id == bindparam("context"))


class PlanAction(NamedTuple):
    """An action as the plan's page shows it."""

    id: str
    number: int
    intervention: str
    agency: str
    team: str
    owner: str
    due_on: dt.date | None
    timescale: str
    status: str
    issued_in: int | None
    worry_id: uuid.UUID

    @property
    def status_(self) -> Status:
        """The status as a rule knows it."""
        return Status(self.status)

    @property
    def who(self) -> str:
        """'Housing (Estates team)'."""
        return f"{self.agency} ({self.team})" if self.team else self.agency

    @property
    def when(self) -> str:
        """The timescale in words."""
        return rules.timescale_in_words(self.due_on, self.timescale)

    def late(self, today: dt.date) -> bool:
        """Whether its date has passed while somebody still waits for it."""
        return rules.is_late(self.status_, self.due_on, today)


@dataclass
class PlanWorry:
    """A worry as the plan's page shows it: `total` actions, of which this page shows some or all."""

    id: uuid.UUID
    index: int
    position: int
    worry: str
    impact: str
    helping: str
    goal: str
    total: int
    actions: list[PlanAction] = field(default_factory=list)


def worries(plan_id: uuid.UUID) -> list[PlanWorry]:
    """Worries in their order, each with the number of its actions."""
    return [PlanWorry(key, index, *rest) for index, (key, *rest) in enumerate(rows_of(_worries(), {"plan": plan_id}).all(), 1)]


@cache
def _worries() -> Any:
    total = select(func.count()).select_from(Action).where(Action.worry_id == Worry.id).correlate(Worry).scalar_subquery()
    return select(Worry.id, Worry.position, Worry.worry, Worry.impact, Worry.helping, Worry.goal, total).where(
        Worry.plan_id == bindparam("plan")).order_by(Worry.position, Worry.id)


def page_of_plan(context_id: uuid.UUID, every: list[PlanWorry], after: int | None) -> tuple[list[PlanWorry], int | None]:
    """The worries of one page with their actions, and the number of its last action where more follow.

    `after` is the number of the action that the page before ended with.
    """
    given = {"context": context_id} | ({} if after is None else {"after": after})
    found = [PlanAction(*row) for row in rows_of(_actions(after is None), given).all()]
    shown, more = found[:IN_A_PLAN], len(found) > IN_A_PLAN
    places = {worry.id: place for place, worry in enumerate(every)}
    for action in shown:
        every[places[action.worry_id]].actions.append(action)
    first = places[shown[0].worry_id] if shown and after is not None else 0
    end = places[shown[-1].worry_id] + 1 if shown and more else len(every)
    return every[first:end], shown[-1].number if more else None


@cache
def _actions(from_the_first: bool) -> Any:
    columns = (type_coerce(Action.id, IdWords), Action.number, Action.intervention, Agency.name, Action.team, Action.owner, Action.due_on, Action.timescale,
               Action.status, Action.issued_in, Action.worry_id)
    order = (Worry.position, Worry.id, Action.number)
    query = select(*columns).join(Agency, Agency.id == Action.agency_id).join(Worry, Worry.id == Action.worry_id).where(
        Action.context_id == bindparam("context")).order_by(*order).limit(IN_A_PLAN + 1)
    if from_the_first:
        return query
    last = select(Worry.position, Worry.id, Action.number).join(Worry, Worry.id == Action.worry_id).where(
        Action.context_id == bindparam("context"), Action.number == bindparam("after")).subquery()
    return query.join(last, tuple_(*order) > tuple_(*last.c))


class OwnAction(NamedTuple):
    """An action as its agency sees it: what was issued, and how far it has got."""

    id: str
    context_id: str
    reference: str
    context: str
    number: int
    status: str
    due_on: dt.date | None
    updated_on: dt.date | None
    issued_facts: dict[str, str]

    @property
    def status_(self) -> Status:
        """The status as a rule knows it."""
        return Status(self.status)

    def late(self, today: dt.date) -> bool:
        """Whether its date has passed while somebody still waits for it."""
        return rules.is_late(self.status_, self.due_on, today)


_OWN = (type_coerce(Action.id, IdWords), type_coerce(Action.context_id, IdWords), Context.reference, Context.name, Action.number, Action.status, Action.due_on, Action.updated_on, Action.issued_facts)


def own_action(action_id: uuid.UUID) -> OwnAction:
    """One action as its agency sees it."""
    return OwnAction(*db.session.execute(select(*_OWN).join(Context, Context.id == Action.context_id).where(Action.id == action_id)).one())


def own_actions(agency_id: uuid.UUID, after: uuid.UUID | None = None, limit: int = ROWS) -> list[OwnAction]:
    """An agency's own actions in issued plans, from behind a given one on: open ones by date first, then the ended ones.

    Each status with and without a date is a stretch of one index, of which no more is read than a page needs.
    """
    last = db.session.execute(select(Action.status, Action.due_on, Action.context_id, Action.number).where(
        Action.id == after, Action.issued_agency_id == agency_id)).first() if after else None
    given = dict(zip(("due_on", "context", "number"), last[1:])) if last else {}
    query = _own_page(_rank(last[0], last[1]) if last else None)
    return [OwnAction(*row) for row in rows_of(query, {"agency": agency_id, "rows": limit, **given}).all()]


def _rank(status: str, dated: Any) -> int:
    """Open before ended, dated before undated."""
    return (2 if status in ENDED else 0) + (0 if dated else 1)


@cache
def _own_page(from_: int | None) -> Any:
    """A page of an agency's own actions, from the first or from behind one of this rank; put together once."""
    stretches = [_stretch(status, dated, from_) for status in Status for dated in (True, False) if from_ is None or _rank(status, dated) >= from_]
    every = union_all(*stretches).subquery()
    keys = select(every).order_by(every.c.rank, every.c.due_on, every.c.context_id, every.c.number).limit(bindparam("rows")).subquery()
    return select(*_OWN).join(keys, keys.c.id == Action.id).join(Context, Context.id == Action.context_id).order_by(
        keys.c.rank, keys.c.due_on, keys.c.context_id, keys.c.number)


def _stretch(status: Status, dated: bool, from_: int | None) -> Select[Any]:
    columns: tuple[ColumnElement[Any], ...] = (Action.due_on, Action.context_id, Action.number)  # type: ignore[assignment]
    rank = _rank(status, dated)
    query = select(Action.id, literal(rank).label("rank"), *columns).where(
        Action.issued_agency_id == bindparam("agency"), Action.status == status, Action.due_on.is_not(None) if dated else Action.due_on.is_(None))
    if from_ == rank:
        context, due_on = bindparam("context", type_=Uuid()), bindparam("due_on", type_=Date())
        behind = and_(Action.context_id == context, Action.number > bindparam("number")) | (Action.context_id > context)
        query = query.where(or_(Action.due_on > due_on, and_(Action.due_on == due_on, behind)) if dated else behind)
    part = query.order_by(*columns).limit(bindparam("rows")).subquery()
    return select(part.c.id, part.c.rank, part.c.due_on, part.c.context_id, part.c.number)
