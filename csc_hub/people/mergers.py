"""Agencies that became part of another one."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import JSON, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from csc_hub.db import Base, Moment, db
from csc_hub.people.records import STAYS, Agency


class Merger(Base):
    """An agency that became part of another, and who belonged to it on that day. Where that one is merged in turn, this follows."""

    __tablename__ = "agency_mergers"
    from_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agencies.id"), primary_key=True, info=STAYS)
    into_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agencies.id"), index=True, info=STAYS)
    whom: Mapped[list[str]] = mapped_column(JSON)  # ids of its people, and of its lines of registers
    at: Mapped[dt.datetime] = mapped_column(Moment)
    by_name: Mapped[str] = mapped_column(String(160))
    into: Mapped[Agency] = relationship(foreign_keys=[into_id], lazy="joined")


def merger_of(agency_id: uuid.UUID) -> Merger | None:
    """What became of an agency that was merged into another."""
    return db.session.get(Merger, agency_id)


def mergers() -> dict[uuid.UUID, Merger]:
    """What became of each agency that was merged."""
    return {merger.from_id: merger for merger in db.session.scalars(select(Merger))}


def heirs() -> dict[uuid.UUID, Agency]:
    """For each agency that was merged, the one it is part of now."""
    return {from_id: merger.into for from_id, merger in mergers().items()}
