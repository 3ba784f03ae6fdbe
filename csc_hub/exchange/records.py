"""Workbooks that came back: the file, what was read from it, and what became of it."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint, bindparam, func, select
from sqlalchemy.orm import Mapped, lazyload, mapped_column, relationship

from csc_hub.db import Base, Kept, Mark, Moment, db, known, rows_of
from csc_hub.people.records import Agency, Person, moves
from csc_hub.process.assessments.records import Assessment
from csc_hub.process.conferences.records import Conference
from csc_hub.process.conferences.rules import State
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans.records import Action, Plan


class BatchState(StrEnum):
    """What became of an uploaded workbook."""

    WAITING = "waiting"
    APPLIED = "applied"
    SET_ASIDE = "set_aside"
    NOTHING_NEW = "nothing_new"
    UNDONE = "undone"

    @property
    def label(self) -> str:
        """The state as people read it."""
        return {"waiting": "Waiting to be applied", "applied": "Applied", "set_aside": "Set aside", "nothing_new": "Nothing new",
                "undone": "Undone"}[self]


class Export(Base):
    """One download of an agency's workbook: the record of it, and what each cell said, to compare with when it comes back."""

    __tablename__ = "exports"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"))
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agencies.id"), info=moves("workbook sent out", "workbooks sent out"))
    number: Mapped[int] = mapped_column()  # counts in a plan
    issue: Mapped[int] = mapped_column()  # of the plan
    at: Mapped[dt.datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(String(200))
    said: Mapped[dict[str, list[str]]] = mapped_column(JSON)  # number of an action -> the words of manifest.COLUMNS

    __table_args__ = (UniqueConstraint("context_id", "number"),)


class Batch(Kept):
    """One uploaded workbook of one agency for one plan."""

    __tablename__ = "batches"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"))
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agencies.id"), info=moves("workbook sent in", "workbooks sent in"))
    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(String(10))
    size: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    read: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20), default=BatchState.WAITING)
    uploaded_at: Mapped[dt.datetime] = mapped_column(Moment)
    uploaded_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id"))
    sent_by: Mapped[str] = mapped_column(String(160), default="")
    export_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("exports.id"))  # the download that it is compared with
    live: Mapped[str | None] = mapped_column(String(64))  # the file's SHA-256 while it waits: the same file waits once
    undone: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))  # what undoing it did to each cell
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    agency: Mapped[Agency] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (Index("ix_batches_context_id_uploaded_at", "context_id", "uploaded_at"), UniqueConstraint("context_id", "agency_id", "live"))

    @property
    def state_(self) -> BatchState:
        """The state as a rule knows it."""
        return BatchState(self.state)


class Held(Kept):
    """One cell of a workbook that waits for a person: with an owner and a date, until it is settled."""

    __tablename__ = "held"
    batch_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("batches.id"), index=True)
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"))
    action_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("actions.id"))
    row: Mapped[int] = mapped_column()
    cell: Mapped[str] = mapped_column(String(20), default="")
    field: Mapped[str] = mapped_column(String(20), default="")
    kind: Mapped[str] = mapped_column(String(10))  # both, ask or refused
    says: Mapped[str] = mapped_column(Text, default="")  # as rules.as_text writes it
    why: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id"))
    due_on: Mapped[dt.date] = mapped_column(Date)
    settled_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    settled_by: Mapped[str] = mapped_column(String(160), default="")
    outcome: Mapped[str] = mapped_column(String(12), default="")  # taken, left or mended

    __table_args__ = (Index("ix_held_settled_at", "settled_at"),)


def header_of(context_id: uuid.UUID) -> tuple[Plan | None, Assessment | None, Conference | None]:
    """What the head of a printed plan is made of, in one query: the plan, the assessment, and the conference in hand."""
    current = select(Conference.id).where(Conference.context_id == context_id, Conference.state != State.CANCELLED).order_by(
        Conference.number.desc()).limit(1).scalar_subquery()
    query = select(Plan, Assessment, Conference).select_from(Context).outerjoin(Plan, Plan.context_id == Context.id).outerjoin(
        Assessment, Assessment.context_id == Context.id).outerjoin(Conference, Conference.id == current).where(
        Context.id == context_id).options(lazyload(Conference.chair))
    plan, assessment, conference = db.session.execute(query).one()
    return plan, assessment, conference


def of_context(context_id: uuid.UUID, agency_id: uuid.UUID | None = None) -> list[Batch]:
    """Workbooks that came in for a plan, newest first."""
    query = select(Batch).where(Batch.context_id == context_id).order_by(Batch.uploaded_at.desc()).limit(100)
    if agency_id is not None:
        query = query.where(Batch.agency_id == agency_id)
    return list(db.session.scalars(query))


def of_agency(agency_id: uuid.UUID) -> list[Batch]:
    """Workbooks of an agency for plans in which it has actions, newest first."""
    owned = select(Action.id).where(Action.context_id == Batch.context_id, Action.issued_agency_id == agency_id, Action.issued_in.is_not(None)).exists()
    return list(db.session.scalars(select(Batch).where(Batch.agency_id == agency_id, owned).order_by(Batch.uploaded_at.desc()).limit(20)))


def keys() -> set[str]:
    """The keys of all workbooks in the store."""
    return set(db.session.scalars(select(Batch.key)))


def hub_id() -> str:
    """This hub's own id, which its workbooks carry."""
    return db.session.scalars(select(Mark.value).where(Mark.name == "hub")).one()


def waiting_file(context_id: uuid.UUID, agency_id: uuid.UUID, sha256: str) -> Batch | None:
    """The same file, which waits to be applied."""
    return db.session.scalar(select(Batch).where(Batch.context_id == context_id, Batch.agency_id == agency_id, Batch.live == sha256))


def export_of(context_id: uuid.UUID, number: int) -> Export | None:
    """A download by its number in its plan."""
    return db.session.scalar(select(Export).where(Export.context_id == context_id, Export.number == number))


def held_of(batch_id: uuid.UUID) -> list[Held]:
    """What was held of a workbook, by its rows."""
    return list(db.session.scalars(select(Held).where(Held.batch_id == batch_id).order_by(Held.row, Held.cell, Held.id)))


def open_held(batch_ids: list[uuid.UUID]) -> dict[uuid.UUID, tuple[int, dt.date]]:
    """How much of each of these workbooks is still held, and until when."""
    query = select(Held.batch_id, func.count(), func.min(Held.due_on)).where(Held.batch_id.in_(batch_ids), Held.settled_at.is_(None)).group_by(Held.batch_id)
    return {batch: (number, due) for batch, number, due in db.session.execute(query)} if batch_ids else {}


def names(people: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    """The names of these people."""
    return {key: name for key, name in db.session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))} if people else {}


def still_held(context_id: uuid.UUID, agency_id: uuid.UUID, but: uuid.UUID) -> list[Held]:
    """What is still held of an agency's other workbooks for a plan."""
    return list(db.session.scalars(select(Held).join(Batch, Batch.id == Held.batch_id).where(
        Held.context_id == context_id, Batch.agency_id == agency_id, Held.batch_id != but, Held.settled_at.is_(None))))


def left_before(context_id: uuid.UUID, agency_id: uuid.UUID, export_id: uuid.UUID) -> dict[tuple[str, str, str], Held]:
    """What somebody decided not to take of workbooks made by one download: by action, field and what the cell said."""
    found = db.session.scalars(select(Held).join(Batch, Batch.id == Held.batch_id).where(
        Held.context_id == context_id, Batch.agency_id == agency_id, Batch.export_id == export_id, Batch.state == BatchState.APPLIED,
        Held.outcome == "left", Held.kind != "refused", Held.action_id.is_not(None)))
    return {(str(held.action_id), held.field, held.says): held for held in found}


def waiting_for(person_id: uuid.UUID) -> list[tuple[uuid.UUID, uuid.UUID, str, str, str, int, dt.date]]:
    """Workbooks with cells that wait for this person, who leads the context now: (batch, context, its reference and name, agency, how many, by when), earliest first."""
    return known("held", person_id, lambda: [tuple(row) for row in rows_of(_waiting(), {"person": person_id})])


@cache
def _waiting() -> Any:
    due = func.min(Held.due_on)
    return select(Batch.id, Context.id, Context.reference, Context.name, Agency.name, func.count(), due).select_from(Held).join(
        Batch, Batch.id == Held.batch_id).join(Agency, Agency.id == Batch.agency_id).join(Context, Context.id == Held.context_id).where(
        func.coalesce(Context.lead_id, Held.owner_id) == bindparam("person"), Held.settled_at.is_(None)).group_by(
        Batch.id, Context.id, Context.reference, Context.name, Agency.name).order_by(due, Batch.id).limit(20)


def same_file(context_id: uuid.UUID, agency_id: uuid.UUID, sha256: str) -> Batch | None:
    """The same file, applied before."""
    return db.session.scalar(select(Batch).where(
        Batch.context_id == context_id, Batch.agency_id == agency_id, Batch.sha256 == sha256, Batch.state == BatchState.APPLIED).limit(1))
