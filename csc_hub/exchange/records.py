"""Workbooks that came back: the file, what was read from it, and what became of it."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, lazyload, mapped_column, relationship

from csc_hub.db import Kept, Moment, db
from csc_hub.people.records import Agency, Person
from csc_hub.process.assessments.records import Assessment
from csc_hub.process.conferences.records import Conference
from csc_hub.process.conferences.rules import State
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans.records import Plan


class BatchState(StrEnum):
    """What became of an uploaded workbook."""

    WAITING = "waiting"
    APPLIED = "applied"
    SET_ASIDE = "set_aside"
    NOTHING_NEW = "nothing_new"

    @property
    def label(self) -> str:
        """The state as people read it."""
        return {"waiting": "Waiting to be applied", "applied": "Applied", "set_aside": "Set aside", "nothing_new": "Nothing new"}[self]


class Batch(Kept):
    """One uploaded workbook of one agency for one plan."""

    __tablename__ = "batches"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"))
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agencies.id"))
    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(String(10))
    size: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    read: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(20), default=BatchState.WAITING)
    uploaded_at: Mapped[dt.datetime] = mapped_column(Moment)
    uploaded_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    counts: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    agency: Mapped[Agency] = relationship(lazy="joined", innerjoin=True)
    uploaded_by: Mapped[Person] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (Index("ix_batches_context_id_uploaded_at", "context_id", "uploaded_at"),)

    @property
    def state_(self) -> BatchState:
        """The state as a rule knows it."""
        return BatchState(self.state)


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
    """Workbooks an agency sent, newest first."""
    return list(db.session.scalars(select(Batch).where(Batch.agency_id == agency_id).order_by(Batch.uploaded_at.desc()).limit(20)))


def keys() -> set[str]:
    """The keys of all workbooks in the store."""
    return set(db.session.scalars(select(Batch.key)))


def same_file(context_id: uuid.UUID, agency_id: uuid.UUID, sha256: str) -> Batch | None:
    """The same file, applied before."""
    return db.session.scalar(select(Batch).where(
        Batch.context_id == context_id, Batch.agency_id == agency_id, Batch.sha256 == sha256, Batch.state == BatchState.APPLIED).limit(1))
