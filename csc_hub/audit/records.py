"""The table of events. The database itself refuses to change or remove a row (see the first migration)."""

from __future__ import annotations

import datetime as dt
import uuid
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, Index, Integer, String, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column

from csc_hub.db import Base, Moment, db, rows_of


class Event(Base):
    """One thing that somebody did. It names records, and never holds what was written in them."""

    __tablename__ = "events"
    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    actor_id: Mapped[uuid.UUID | None] = mapped_column()
    actor: Mapped[str] = mapped_column(String(200))
    verb: Mapped[str] = mapped_column(String(40))
    subject: Mapped[uuid.UUID | None] = mapped_column()
    context_id: Mapped[uuid.UUID | None] = mapped_column()
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (Index("ix_events_context_id_id", "context_id", "id"), Index("ix_events_subject_verb", "subject", "verb"))


class Entry(NamedTuple):
    """An event in a list."""

    id: int
    at: dt.datetime
    actor: str
    verb: str
    subject: uuid.UUID | None
    context_id: uuid.UUID | None
    detail: dict[str, Any]


def events(
    context_id: uuid.UUID | None, before: int | None, limit: int, who: str = "", since: dt.datetime | None = None,
    until: dt.datetime | None = None,
) -> list[Entry]:
    """The newest events first, of one context or of the whole hub, from below a given event on.

    `who`: words of the name of whoever did it; `since` and `until`: the moments between which it was done.
    """
    named = (("context", context_id), ("before", before), ("since", since), ("until", until))
    given = {name: value for name, value in named if value is not None}
    query = _events(*given)
    for word in who.lower().split()[:6]:
        query = query.where(func.lower(Event.actor).contains(word, autoescape=True))
    return [Entry(*row) for row in rows_of(query, {"rows": limit, **given}).all()]


@cache
def _events(*given: str) -> Any:
    """A page of events, put together once."""
    query = select(*(getattr(Event, name) for name in Entry._fields)).order_by(Event.id.desc()).limit(bindparam("rows"))
    wheres = {
        "context": Event.context_id == bindparam("context"), "before": Event.id < bindparam("before"),
        "since": Event.at >= bindparam("since"), "until": Event.at < bindparam("until")}
    return query.where(*(wheres[name] for name in given))


def about(subject: uuid.UUID, verb: str) -> str:
    """What the event that began a record says it is."""
    event = db.session.scalar(select(Event).where(Event.subject == subject, Event.verb == verb).limit(1))
    return event.detail.get("about", "") if event else ""


def openings(paper: Any) -> tuple[Any, Any]:
    """For a query about papers: how often the paper of a row was opened, and the last event of that."""
    def of(what: Any) -> Any:
        return select(what).where(Event.subject == paper, Event.verb == "opened_paper").correlate(paper.table).scalar_subquery()

    return of(func.count(Event.id)), of(func.max(Event.id))
