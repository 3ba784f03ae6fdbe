"""Agencies, people, their roles and grants, and failed sign-ins."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ForeignKey, Index, Select, String, Uuid, and_, bindparam, func, literal_column, or_, select, tuple_, type_coerce
from sqlalchemy.orm import Mapped, joinedload, lazyload, mapped_column, relationship, selectinload

from csc_hub.db import Base, IdWords, Kept, Moment, db, known, rows_of
from csc_hub.people.rules import Role


class Kind(Kept):
    """A kind of agency: one of the guidance's fifteen, or the council's own."""

    __tablename__ = "agency_kinds"
    position: Mapped[int] = mapped_column()
    number: Mapped[int | None] = mapped_column(unique=True)  # in the guidance's list
    name: Mapped[str] = mapped_column(String(120), unique=True)
    statutory: Mapped[bool] = mapped_column(default=False)


def moves(one: str = "", several: str = "", belongs: bool = False) -> dict[str, Any]:
    """What a column that names an agency says of itself: that after a merger it names the agency that is left.

    It says of what, in words, if people are to read it, and whether a row is somebody who belongs to the agency. A column
    that says `STAYS` goes on naming the agency of the time.
    """
    return {"merger": (one, several, belongs)}


STAYS: dict[str, Any] = {"merger": None}


class Agency(Kept):
    """An organisation or team that can be invited and can own actions."""

    __tablename__ = "agencies"
    name: Mapped[str] = mapped_column(String(160), unique=True)
    kind_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agency_kinds.id"))
    statutory: Mapped[bool] = mapped_column(default=False)
    contact_name: Mapped[str] = mapped_column(String(160), default="")
    contact_email: Mapped[str] = mapped_column(String(254), default="")
    contact_phone: Mapped[str] = mapped_column(String(60), default="")
    escalation_name: Mapped[str] = mapped_column(String(160), default="")
    escalation_email: Mapped[str] = mapped_column(String(254), default="")
    escalation_phone: Mapped[str] = mapped_column(String(60), default="")
    active: Mapped[bool] = mapped_column(default=True)
    kind: Mapped[Kind] = relationship(lazy="joined", innerjoin=True)


class Account:
    """What Flask-Login and every page ask of whoever has signed in."""

    id: Any
    session_key: Any
    active: Any
    roles: frozenset[Role]

    @property
    def is_authenticated(self) -> bool:
        """Whoever was found has signed in; Flask-Login asks."""
        return True

    @property
    def is_active(self) -> bool:
        """Whether the door is open to this person; Flask-Login asks."""
        return bool(self.active)

    def get_id(self) -> str:
        """What the session cookie holds: the person, and the key that ends all their sessions at once."""
        return f"{self.id}.{self.session_key}"

    @property
    def roles_in_words(self) -> str:
        """'Chair, Coordinator'."""
        return ", ".join(role.label for role in Role if role in self.roles)


class Person(Account, Kept):
    """Somebody who works with the hub. Never a young person."""

    __tablename__ = "people"
    name: Mapped[str] = mapped_column(String(160))
    email: Mapped[str | None] = mapped_column(String(254), unique=True)  # none for those who do not use it
    job_title: Mapped[str] = mapped_column(String(160), default="")
    phone: Mapped[str] = mapped_column(String(60), default="")
    access_needs: Mapped[str] = mapped_column(String(1000), default="")
    agency_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agencies.id"), index=True, info=moves("person", "people", belongs=True))
    active: Mapped[bool] = mapped_column(default=True)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    session_key: Mapped[uuid.UUID] = mapped_column(default=uuid.uuid4)
    link_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    link_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    agency: Mapped[Agency | None] = relationship(lazy="joined")
    role_rows: Mapped[list[PersonRole]] = relationship(lazy="select", cascade="all, delete-orphan", order_by="PersonRole.role")

    @property
    def roles(self) -> frozenset[Role]:  # type: ignore[override]
        """All that this person is."""
        return frozenset(Role(row.role) for row in self.role_rows)

    @property
    def agency_name(self) -> str | None:
        """The name of their agency."""
        return self.agency.name if self.agency else None


@dataclass(frozen=True)
class Reader(Account):
    """Whoever looks at a page: what pages ask of a person, read as columns. Whoever changes something is a `Person`."""

    id: uuid.UUID
    name: str
    email: str | None
    job_title: str
    agency_id: uuid.UUID | None
    active: bool
    session_key: uuid.UUID
    agency_name: str | None
    last_end: dt.datetime | None
    """The last moment at which a door of theirs closes, or closed."""
    roles: frozenset[Role]

    @property
    def agency(self) -> Agency | None:
        """Their agency, asked for where a page says it."""
        return db.session.get(Agency, self.agency_id) if self.agency_id else None


Index("ix_people_by_name", func.lower(Person.name), Person.id)


class PersonRole(Base):
    """One role of one person."""

    __tablename__ = "person_roles"
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"), primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)


class Grant(Base):
    """A door into one context, opened for one person in one role by a step of the process."""

    __tablename__ = "grants"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    context_id: Mapped[uuid.UUID] = mapped_column(index=True)
    role: Mapped[str] = mapped_column(String(20))
    opened_by: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[dt.datetime] = mapped_column(Moment)
    until: Mapped[dt.datetime | None] = mapped_column(Moment)

    __table_args__ = (Index("ix_grants_person_id_context_id", "person_id", "context_id"),)


class Failure(Base):
    """A sign-in that did not succeed, by the hash of the address typed and of where it came from."""

    __tablename__ = "sign_in_failures"
    id: Mapped[int] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(Moment)

    __table_args__ = (Index("ix_sign_in_failures_who_at", "who", "at"),)


def agency_by_name(name: str) -> Agency | None:
    """The agency of this name, in whatever case it is typed."""
    return db.session.scalar(select(Agency).where(func.lower(Agency.name) == name.strip().lower()))


def person_by_email(email: str) -> Person | None:
    """Whoever has this work e-mail address, in whatever case it is typed."""
    return db.session.scalar(select(Person).where(Person.email == email.strip().lower()))


def signed_in(person_id: uuid.UUID) -> Person | None:
    """A person with their roles: whoever changes something."""
    return db.session.execute(_SIGNED_IN, {"person": person_id}).unique().scalar_one_or_none()


def reader(person_id: uuid.UUID) -> Reader | None:
    """A person with their roles: whoever looks at a page."""
    def find() -> Reader | None:
        row = rows_of(_READER, {"person": person_id}).first()
        return Reader(*row[:-1], _roles(row[-1] or "")) if row else None

    return known("readers", person_id, find)


@cache
def _roles(names: str) -> frozenset[Role]:
    return frozenset(Role(name) for name in names.split(",") if name)


_ROLES = select(func.aggregate_strings(PersonRole.role, literal_column("','"))).where(
    PersonRole.person_id == Person.id).correlate(Person).scalar_subquery()
_READER = select(
    *(getattr(Person, field.name) for field in fields(Reader) if hasattr(Person, field.name) and field.name not in ("roles", "agency_name")), Agency.name,
    select(func.max(Grant.until)).where(Grant.person_id == Person.id).correlate(Person).scalar_subquery(), _ROLES,
).outerjoin(Agency, Agency.id == Person.agency_id).where(Person.id == bindparam("person"))
_SIGNED_IN = select(Person).where(Person.id == bindparam("person")).options(joinedload(Person.role_rows), lazyload(Person.agency))


def people(roles: bool = False) -> list[Person]:
    """Active people by name, the first two hundred, with their roles where wanted: to choose from."""
    query = select(Person).where(Person.active).order_by(func.lower(Person.name), Person.id).limit(200)
    return list(db.session.scalars(query.options(selectinload(Person.role_rows)) if roles else query))


class Listed(NamedTuple):
    """A person in a list."""

    id: str
    name: str
    job_title: str
    active: bool
    can_sign_in: bool
    agency: str | None
    roles: str | None

    @property
    def roles_in_words(self) -> str:
        """'Chair, Coordinator'."""
        return _in_words(self.roles or "")


@cache
def _in_words(roles: str) -> str:
    held = roles.split(",")
    return ", ".join(role.label for role in Role if role in held)


def page_of(words: str = "", after: uuid.UUID | None = None, limit: int = 50) -> list[Listed]:
    """People by name, from behind a given person on, found by words of their name, address, job or agency."""
    query = _by_name(after is not None)
    for word in words.lower().split()[:6]:
        searched = (Person.name, Person.email, Person.job_title, Agency.name)
        query = query.where(or_(*(func.lower(column).contains(word, autoescape=True) for column in searched)))
    return [Listed(*row) for row in rows_of(query, {"rows": limit} | ({} if after is None else {"after": after})).all()]


@cache
def _by_name(behind: bool) -> Any:
    """People by name, from the first or from behind one; put together once."""
    query = select(type_coerce(Person.id, IdWords), Person.name, Person.job_title, Person.active, Person.password_hash.is_not(None), Agency.name, _ROLES).outerjoin(
        Agency, Person.agency_id == Agency.id).order_by(func.lower(Person.name), Person.id).limit(bindparam("rows"))
    if not behind:
        return query
    after = bindparam("after", type_=Uuid())
    last = select(func.lower(Person.name)).where(Person.id == after).scalar_subquery()
    return query.where(or_(func.lower(Person.name) > last, and_(func.lower(Person.name) == last, Person.id > after)))


def people_with(role: Role) -> list[Person]:
    """Active people in a role, by name."""
    query = select(Person).join(PersonRole).where(PersonRole.role == role, Person.active).order_by(func.lower(Person.name))
    return list(db.session.scalars(query))


def agencies(active: bool | None = True) -> list[Agency]:
    """Agencies by name."""
    query = select(Agency).order_by(func.lower(Agency.name))
    return list(db.session.scalars(query if active is None else query.where(Agency.active == active)))


def living(agency_id: uuid.UUID | None) -> Agency | None:
    """An agency that is no part of another, for something that will name it: a merger waits until that is written, or was before."""
    return db.session.scalar(select(Agency).where(Agency.id == agency_id, Agency.active).with_for_update(key_share=True, of=Agency)) if agency_id else None


class AgencyRow(NamedTuple):
    """An agency in the list by kinds, or a kind that has none."""

    kind_id: str
    kind: str
    statutory: bool
    number: int | None
    id: str | None
    name: str | None
    contact_name: str | None


def agencies_by_kind(after: uuid.UUID | None = None, limit: int = 50) -> list[AgencyRow]:
    """Agencies by kind and name, from behind a given agency or empty kind on; a kind without agencies has one row of its own."""
    return [AgencyRow(*row) for row in rows_of(_by_kind(after is not None), {"rows": limit} | ({} if after is None else {"after": after})).all()]


@cache
def _by_kind(behind: bool) -> Any:
    """Agencies by kind, from the first or from behind one; put together once."""
    query = select(type_coerce(Kind.id, IdWords), Kind.name, Kind.statutory, Kind.number, type_coerce(Agency.id, IdWords), Agency.name, Agency.contact_name).outerjoin(
        Agency, Agency.kind_id == Kind.id).order_by(Kind.position, Kind.id, func.lower(Agency.name), Agency.id).limit(bindparam("rows"))
    if not behind:
        return query
    after = bindparam("after", type_=Uuid())
    last = select(Kind.position, Kind.id, func.lower(Agency.name).label("name")).outerjoin(Agency, Agency.kind_id == Kind.id).where(
        or_(Agency.id == after, and_(Kind.id == after, Agency.id.is_(None)))).subquery()
    return query.join(last, or_(
        tuple_(Kind.position, Kind.id) > tuple_(last.c.position, last.c.id),
        and_(Kind.id == last.c.id, tuple_(func.lower(Agency.name), Agency.id) > tuple_(last.c.name, after))))


def kinds() -> list[Kind]:
    """Kinds of agency, the guidance's first and in its order."""
    return list(db.session.scalars(select(Kind).order_by(Kind.position)))


def grants(context_id: uuid.UUID, now: dt.datetime) -> list[tuple[Grant, Person]]:
    """The doors into a context that are open now, and for whom."""
    query = select(Grant, Person).join(Person, Person.id == Grant.person_id).where(
        Grant.context_id == context_id, or_(Grant.until.is_(None), Grant.until > now)).order_by(Grant.role)
    return [(grant, person) for grant, person in db.session.execute(query).unique()]


@cache
def granted() -> Select[tuple[uuid.UUID]]:
    """What selects the contexts into which a person has a door, given what `granted_to` says. Put together once, as every list asks it."""
    return select(Grant.context_id).where(
        Grant.person_id == bindparam("person"), Grant.role.in_(bindparam("roles", expanding=True)), or_(Grant.until.is_(None), Grant.until > bindparam("moment")))


def granted_to(person_id: uuid.UUID, roles: Collection[Role], now: dt.datetime) -> dict[str, Any]:
    """The person, the roles and the moment that `granted` is asked for."""
    return {"person": person_id, "roles": sorted(roles), "moment": now}


def failures_since(who: str, since: dt.datetime) -> int:
    """How often this address, or this place, failed to sign in since a moment."""
    later = since + dt.timedelta(days=366)  # written while the clock was ahead
    return db.session.scalar(select(func.count()).select_from(Failure).where(Failure.who == who, Failure.at > since, Failure.at < later)) or 0


def failure(who: str, number: int) -> dt.datetime | None:
    """When the so-manieth failure was, counted from the newest; None where there are fewer."""
    return db.session.scalar(select(Failure.at).where(Failure.who == who).order_by(Failure.at.desc()).offset(number - 1).limit(1))
