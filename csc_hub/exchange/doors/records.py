"""Doors that were opened to agencies: to whom, for which plan, and when somebody last came in."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Index, String, and_, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from csc_hub.db import Base, Kept, Moment, db
from csc_hub.exchange.records import Batch, BatchState
from csc_hub.people.records import STAYS, Agency
from csc_hub.process.plans.records import Action, Update


class UpdateDoor(Kept):
    """One agency's door into its own actions of one plan, for whoever was asked to report."""

    __tablename__ = "update_doors"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"))
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agencies.id"), info=STAYS)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id"))  # where the hub knows them
    name: Mapped[str] = mapped_column(String(160))
    email: Mapped[str] = mapped_column(String(254))
    asked_by: Mapped[str] = mapped_column(String(160))
    asked_at: Mapped[dt.datetime] = mapped_column(Moment)  # last
    came_at: Mapped[dt.datetime | None] = mapped_column(Moment)  # last, by link or code
    before_at: Mapped[dt.datetime | None] = mapped_column(Moment)  # the time before that
    reported_at: Mapped[dt.datetime | None] = mapped_column(Moment)  # last
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str] = mapped_column(String(160), default="")
    agency: Mapped[Agency] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (Index("ix_update_doors_context_id_agency_id", "context_id", "agency_id"),)

    def has_reported(self, issued_at: dt.datetime | None) -> bool:
        """Whether somebody has reported since they were asked, and since the plan was last issued."""
        return bool(self.reported_at and self.reported_at > self.asked_at and (issued_at is None or self.reported_at > issued_at))


def open_doors(context_id: uuid.UUID) -> dict[uuid.UUID, UpdateDoor]:
    """The open door of each agency into a plan; there is one at most."""
    query = select(UpdateDoor).where(UpdateDoor.context_id == context_id, UpdateDoor.ended_at.is_(None)).order_by(UpdateDoor.asked_at)
    return {door.agency_id: door for door in db.session.scalars(query)}


def own_action(action_id: uuid.UUID, context_id: uuid.UUID, agency_id: uuid.UUID) -> Action | None:
    """An issued action of this agency in this plan."""
    return db.session.scalar(select(Action).where(
        Action.id == action_id, Action.context_id == context_id, Action.issued_agency_id == agency_id, Action.issued_in.is_not(None)))


def said_since(context_id: uuid.UUID, agency_id: uuid.UUID, since: dt.datetime, but: str) -> dict[uuid.UUID, Update]:
    """The newest update of each of an agency's actions that somebody else made since a moment."""
    query = select(Update).join(Action, Action.id == Update.action_id).where(
        Action.context_id == context_id, Action.issued_agency_id == agency_id, Update.at > since, Update.by_name != but).order_by(Update.at)
    return {update.action_id: update for update in db.session.scalars(query)}


def unanswered(since: dt.datetime) -> list[UpdateDoor]:
    """Open doors to somebody who was asked since a moment and has not reported by them."""
    return list(db.session.scalars(select(UpdateDoor).where(
        UpdateDoor.ended_at.is_(None), UpdateDoor.asked_at > since, or_(UpdateDoor.reported_at.is_(None), UpdateDoor.reported_at < UpdateDoor.asked_at)).order_by(UpdateDoor.asked_at)))


def reported_since(moment: dt.datetime) -> list[UpdateDoor]:
    """Open doors by which somebody reported since a moment."""
    return list(db.session.scalars(select(UpdateDoor).where(UpdateDoor.ended_at.is_(None), UpdateDoor.reported_at > moment)))


def has_answered(door: UpdateDoor) -> bool:
    """Whether anything came from an agency since it was asked, by whatever way: a workbook that nobody set aside or undid, or an update of one of its actions."""
    batch = select(Batch.id).where(Batch.context_id == door.context_id, Batch.agency_id == door.agency_id, or_(
        Batch.state == BatchState.WAITING, and_(Batch.uploaded_at > door.asked_at, Batch.state.in_((BatchState.APPLIED, BatchState.NOTHING_NEW)))))
    said = select(Update.id).join(Action, Action.id == Update.action_id).where(
        Action.context_id == door.context_id, Action.issued_agency_id == door.agency_id, Update.at > door.asked_at)
    return bool(db.session.scalar(select(or_(batch.exists(), said.exists()))))


def said_by(context_id: uuid.UUID, agency_id: uuid.UUID, name: str, most: int = 100, since: dt.datetime | None = None) -> list[tuple[Update, Action]]:
    """What somebody said last on the page of an agency's actions, the newest first."""
    query = select(Update, Action).join(Action, Action.id == Update.action_id).where(
        Action.context_id == context_id, Action.issued_agency_id == agency_id, Update.by_name == name,
        Update.batch_id.is_(None), *((Update.at > since,) if since else ())).order_by(Update.at.desc(), Action.number).limit(most)
    return [(update, action) for update, action in db.session.execute(query)]
