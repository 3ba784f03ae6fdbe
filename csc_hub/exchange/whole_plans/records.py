"""Files of whole plans: what was read from each, what became of it, and what the council said of titles and names in them."""

from __future__ import annotations

import datetime as dt
import uuid
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, defer, mapped_column, relationship

from csc_hub.db import Base, Kept, Moment, db
from csc_hub.people.records import Person


class FileState(StrEnum):
    """What became of a plan's file."""

    WAITING = "waiting"
    ADDED = "added"
    SET_ASIDE = "set_aside"
    TAKEN_BACK = "taken_back"

    @property
    def label(self) -> str:
        """The state as people read it."""
        return {"waiting": "Waiting to be added", "added": "Added", "set_aside": "Set aside", "taken_back": "Taken back"}[self]


class PlanFile(Kept):
    """One file with a plan that was written elsewhere."""

    __tablename__ = "plan_files"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"))
    name: Mapped[str] = mapped_column(String(200))
    format: Mapped[str] = mapped_column(String(10))
    size: Mapped[int] = mapped_column()
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(80), unique=True)
    read: Mapped[dict[str, Any]] = mapped_column(JSON)  # the tables as the sandbox gave them
    chosen: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # what somebody said of its columns, or nothing
    state: Mapped[str] = mapped_column(String(20), default=FileState.WAITING)
    uploaded_at: Mapped[dt.datetime] = mapped_column(Moment)
    uploaded_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str] = mapped_column(String(160), default="")
    brought: Mapped[dict[str, list[str]]] = mapped_column(JSON, default=dict)  # ids of the worries and actions that came from it
    uploaded_by: Mapped[Person] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (Index("ix_plan_files_context_id_uploaded_at", "context_id", "uploaded_at"),)

    @property
    def state_(self) -> FileState:
        """The state as a rule knows it."""
        return FileState(self.state)


class Remembered(Base):
    """What the council said once and need not say again: which column a title is, or which agency a name means."""

    __tablename__ = "remembered"
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)  # column, agency
    words: Mapped[str] = mapped_column(String(200), primary_key=True)  # the key of the title or name
    means: Mapped[str] = mapped_column(String(40))


def of_context(context_id: uuid.UUID) -> list[PlanFile]:
    """Files that came in for a plan, newest first, without what was read from them."""
    return list(db.session.scalars(select(PlanFile).where(PlanFile.context_id == context_id).order_by(
        PlanFile.uploaded_at.desc()).limit(100).options(defer(PlanFile.read))))


def keys() -> set[str]:
    """The keys of all such files in the store."""
    return set(db.session.scalars(select(PlanFile.key)))


def same_file(context_id: uuid.UUID, sha256: str, but: uuid.UUID) -> PlanFile | None:
    """The same file, brought in before: one that was added rather than one that waits."""
    return db.session.scalar(select(PlanFile).where(
        PlanFile.context_id == context_id, PlanFile.sha256 == sha256, PlanFile.id != but, PlanFile.state.in_((FileState.ADDED, FileState.WAITING))).order_by(
        PlanFile.state, PlanFile.uploaded_at.desc()).limit(1))


def remembered(kind: str) -> dict[str, str]:
    """All that was said of titles, or of names."""
    return {words: means for words, means in db.session.execute(select(Remembered.words, Remembered.means).where(Remembered.kind == kind))}


def remember(kind: str, words: str, means: str) -> None:
    """Keeps what a title or a name means from now on."""
    if words and len(words) <= 200:
        db.session.merge(Remembered(kind=kind, words=words, means=means))
