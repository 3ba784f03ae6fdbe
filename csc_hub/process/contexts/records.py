"""Contexts, and the questions asked of them."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import JSON, Date, ForeignKey, Index, Select, String, Text, and_, bindparam, func, or_, select
from sqlalchemy.orm import Mapped, aliased, joinedload, mapped_column, relationship

from csc_hub.db import Kept, Moment, db, known, rows_of
from csc_hub.people.records import Agency, Grant, Person
from csc_hub.process.contexts.rules import State, Type


class Context(Kept):
    """A place or group in which young people come to harm. It never holds who they are."""

    __tablename__ = "contexts"
    order: Mapped[int] = mapped_column(unique=True)  # 202600014 for CSC-2026-014
    reference: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    type: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(300), default="")
    themes: Mapped[list[str]] = mapped_column(JSON, default=list)
    trigger: Mapped[str] = mapped_column(Text, default="")
    description: Mapped[str] = mapped_column(Text, default="")
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(20), default=State.REFERRED)
    state_reason: Mapped[str] = mapped_column(Text, default="")
    state_at: Mapped[dt.datetime] = mapped_column(Moment)
    lead_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id"))
    chair_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id"))
    threshold_met: Mapped[bool | None] = mapped_column()
    threshold_reasons: Mapped[str] = mapped_column(Text, default="")
    threshold_by: Mapped[str] = mapped_column(String(160), default="")
    threshold_on: Mapped[dt.date | None] = mapped_column(Date)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    lead: Mapped[Person | None] = relationship(foreign_keys=[lead_id], lazy="select")
    chair: Mapped[Person | None] = relationship(foreign_keys=[chair_id], lazy="select")

    __table_args__ = (Index("ix_contexts_state_order", "state", "order"),)

    @property
    def state_(self) -> State:
        """The state as a rule knows it."""
        return State(self.state)

    @property
    def type_(self) -> Type:
        """The type as a rule knows it."""
        return Type(self.type)


def by_reference(reference: str) -> Context | None:
    """The context with this reference, in whatever case it is typed."""
    return db.session.scalar(select(Context).where(Context.reference == reference.strip().upper()))


def references(contexts: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The references of contexts by id: for whoever may see that a case exists, but not what it is about."""
    return {key: reference for key, reference in rows_of(_references, {"contexts": list(contexts)}).all()} if contexts else {}


_references = select(Context.id, Context.reference).where(Context.id.in_(bindparam("contexts", expanding=True)))


class Listed(NamedTuple):
    """A context in a list: what a row and its countdown need."""

    id: uuid.UUID
    order: int
    reference: str
    name: str
    type: str
    place: str
    state: str
    counts: dict[str, int]
    threshold_met: bool | None

    @property
    def state_(self) -> State:
        """The state as a rule knows it."""
        return State(self.state)

    @property
    def type_(self) -> Type:
        """The type as a rule knows it."""
        return Type(self.type)


def entered(context_id: uuid.UUID, person_id: uuid.UUID, now: dt.datetime) -> tuple[Context, set[str]] | None:
    """A context with its lead practitioner and chair, and the roles in which a person is named in it now."""
    rows = db.session.execute(_entered(), {"context": context_id, "person": person_id, "now": now}).all()
    return (rows[0][0], {role for _, role in rows if role}) if rows else None


@cache
def _entered() -> Any:
    return select(Context, Grant.role).outerjoin(Grant, and_(
        Grant.context_id == Context.id, Grant.person_id == bindparam("person"), or_(Grant.until.is_(None), Grant.until > bindparam("now")))).where(
        Context.id == bindparam("context")).options(joinedload(Context.lead).joinedload(Person.agency).lazyload(Agency.kind), joinedload(Context.chair).lazyload(Person.agency))


class Of(NamedTuple):
    """The agency of a lead practitioner or chair."""

    id: uuid.UUID
    name: str
    kind_id: uuid.UUID
    statutory: bool


class Named(NamedTuple):
    """A lead practitioner or chair, as pages name them."""

    id: uuid.UUID
    name: str
    job_title: str
    email: str | None
    active: bool
    agency_id: uuid.UUID | None
    agency: Of | None


class Opened:
    """A context as whoever looks at a page finds it: read as columns, and remembered. Whoever changes something in it has a `Context`."""

    state_, type_ = Context.state_, Context.type_
    lead: Named | None
    chair: Named | None

    def __init__(self, row: Sequence[Any]):
        facts, lead, chair = row[:-18], row[-18:-9], row[-9:]
        self.__dict__.update(zip(_COLUMNS, facts), lead=_named(lead), chair=_named(chair))

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name} is only read here")


def _named(row: Sequence[Any]) -> Named | None:
    return Named(*row[:6], Of(row[5], *row[6:]) if row[5] else None) if row[0] else None


def opened(context_id: uuid.UUID, person_id: uuid.UUID, now: dt.datetime) -> tuple[Opened, set[str]] | None:
    """What `entered` finds, for whoever looks at a page. When a door closes is remembered with it, and looked at each time."""
    def find() -> tuple[Opened, list[tuple[str, dt.datetime | None]]] | None:
        rows = rows_of(_opened(), {"context": context_id, "person": person_id}).all()
        return (Opened(rows[0][2:]), [(role, until) for role, until, *_ in rows if role]) if rows else None

    found = known("opened", (context_id, person_id), find)
    return found and (found[0], {role for role, until in found[1] if until is None or until > now})


_COLUMNS = [column.key for column in Context.__table__.columns]


@cache
def _opened() -> Any:
    columns: list[Any] = [Grant.role, Grant.until, *Context.__table__.columns]
    query = select(Context.id).outerjoin(Grant, and_(Grant.context_id == Context.id, Grant.person_id == bindparam("person"))).where(Context.id == bindparam("context"))
    for held in (Context.lead_id, Context.chair_id):
        person, agency = aliased(Person, flat=True), aliased(Agency, flat=True)
        columns += [*(getattr(person, name) for name in Named._fields[:-1]), agency.name, agency.kind_id, agency.statutory]
        query = query.outerjoin(person, person.id == held).outerjoin(agency, agency.id == person.agency_id)
    return query.with_only_columns(*columns)


def page_of(
    *, within: Select[tuple[uuid.UUID]] | None, given: Mapping[str, Any] | None = None, but_not: Type | None = None, words: str = "",
    states: Collection[str] = (), below: int | None = None, limit: int = 50,
) -> list[uuid.UUID]:
    """The ids of contexts, newest first, from below a given order on.

    `within` selects the only ones to look at (None: all), given what it asks for; `but_not` leaves out a type unless it is in `within`.
    """
    query = _newest_first(within, but_not, tuple(states), below is not None)
    for word in words.lower().split()[:6]:
        if re.fullmatch(r"csc-\d{4}-\d{3,}", word):
            query = query.where(Context.reference == word.upper())
        else:
            query = query.where(or_(*(func.lower(column).contains(word, autoescape=True)
                                      for column in (Context.reference, Context.name, Context.place))))
    return [key for key, in rows_of(query, {"rows": limit, **(given or {}), **({} if below is None else {"below": below})}).all()]


@cache
def _newest_first(within: Any, but_not: Type | None, states: tuple[str, ...], from_below: bool) -> Any:
    """A page of contexts; put together once, as that takes longer than the database needs for its answer."""
    query = select(Context.id).order_by(Context.order.desc()).limit(bindparam("rows"))
    if within is not None:
        named = Context.id.in_(within)
        query = query.where(named if but_not is None else or_(Context.type != but_not, named))
    if states:
        query = query.where(or_(*(Context.state == state for state in states)))  # a list of `in` would be filled in anew each time
    return query.where(Context.order < bindparam("below")) if from_below else query


def listed(contexts: Collection[uuid.UUID]) -> list[Listed]:
    """These contexts, as rows of a list."""
    return [Listed(*row) for row in rows_of(_listed(), {"contexts": list(contexts)}).all()] if contexts else []


@cache
def _listed() -> Any:
    return select(*(getattr(Context, name) for name in Listed._fields)).where(Context.id.in_(bindparam("contexts", expanding=True)))
