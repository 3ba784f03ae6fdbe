"""Conferences, their pre-meetings and history, and the council's own figures."""

from __future__ import annotations

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint, Uuid, bindparam, func, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from csc_hub.db import Base, Kept, Moment, db
from csc_hub.kernel import today
from csc_hub.people.records import Person
from csc_hub.process.conferences.figures import BY_NAME
from csc_hub.process.conferences import rules
from csc_hub.process.conferences.rules import State


class Conference(Kept):
    """One meeting about a context: the first, or a review."""

    __tablename__ = "conferences"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"))
    number: Mapped[int] = mapped_column()
    state: Mapped[str] = mapped_column(String(20), default=State.PLANNED)
    starts_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    minutes: Mapped[int] = mapped_column(default=120)
    chair_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id"))
    chair_reason: Mapped[str] = mapped_column(Text, default="")
    independence_note: Mapped[str] = mapped_column(Text, default="")
    venue: Mapped[str] = mapped_column(String(200), default="")
    address: Mapped[str] = mapped_column(Text, default="")
    access: Mapped[str] = mapped_column(Text, default="")
    near: Mapped[str | None] = mapped_column(String(20))
    near_reason: Mapped[str] = mapped_column(Text, default="")
    online_link: Mapped[str] = mapped_column(String(500), default="")
    agenda: Mapped[list[int]] = mapped_column(JSON, default=list)
    review_on: Mapped[dt.date | None] = mapped_column(Date)
    attendees: Mapped[str] = mapped_column(Text, default="")
    lead_agreed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    chair_agreed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    place_hidden: Mapped[bool] = mapped_column(default=False)  # venue and address say too much for a mail
    priorities_told_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    sufficient: Mapped[str] = mapped_column(String(3), default="")  # "yes", "no", or not said yet
    sufficient_words: Mapped[str] = mapped_column(Text, default="")
    sufficient_by: Mapped[str] = mapped_column(String(160), default="")
    sufficient_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    young_people: Mapped[int | None] = mapped_column()  # how many came: a number, never names
    chair: Mapped[Person | None] = relationship(lazy="joined")

    __table_args__ = (UniqueConstraint("context_id", "number"), Index("ix_conferences_state_starts_at", "state", "starts_at"))

    @property
    def state_(self) -> State:
        """The state as a rule knows it."""
        return State(self.state)

    @property
    def day(self) -> dt.date | None:
        """The date in London."""
        return today(self.starts_at) if self.starts_at else None

    @property
    def ends_at(self) -> dt.datetime | None:
        """When it ends."""
        return self.starts_at + dt.timedelta(minutes=self.minutes) if self.starts_at else None


class PreMeeting(Kept):
    """A meeting before the conference: with the chair, with individuals, with young people's workers."""

    __tablename__ = "pre_meetings"
    conference_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conferences.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    who: Mapped[str] = mapped_column(String(300), default="")
    planned_on: Mapped[dt.date | None] = mapped_column(Date)
    done_on: Mapped[dt.date | None] = mapped_column(Date)
    reported_on: Mapped[dt.date | None] = mapped_column(Date)


class Change(Base):
    """What became of a conference, when and why. Kept for ever."""

    __tablename__ = "conference_changes"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    conference_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conferences.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    by_name: Mapped[str] = mapped_column(String(160))
    move: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    was_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class CouncilFigure(Kept):
    """A number the council changed from the hub's default."""

    __tablename__ = "council_figures"
    name: Mapped[str] = mapped_column(String(40), unique=True)
    value: Mapped[int] = mapped_column()


PRE_MEETINGS = {
    "chair": "Consultation with the chair",
    "earlier_chair": "Consultation with somebody who was to chair",
    "individuals": "Somebody who should hear the findings first",
    "workers": "Young people’s workers",
}


def figures(changed: dict[str, int] | None = None) -> dict[str, int]:
    """All the council's figures, its own (asked for unless given) or the hub's defaults."""
    if changed is None:
        changed = {name: value for name, value in db.session.execute(select(CouncilFigure.name, CouncilFigure.value))}
    return {name: changed.get(name, figure.default) for name, figure in BY_NAME.items()}


def figure_rows() -> dict[str, CouncilFigure]:
    """The figures the council changed."""
    return {row.name: row for row in db.session.scalars(select(CouncilFigure))}


def of_context(context_id: uuid.UUID) -> list[Conference]:
    """All conferences of a context, the first first."""
    return list(db.session.scalars(select(Conference).where(Conference.context_id == context_id).order_by(Conference.number)))


def titles(every: Sequence[Conference]) -> dict[uuid.UUID, str]:
    """What each of all conferences of a context is called."""
    return {conference.id: title for conference, title in zip(every, rules.titles([c.state_ for c in every]))}


def title_of(conference: Conference) -> str:
    """What one conference is called."""
    return rules.titles([rules.State.PLANNED])[0] if conference.number == 1 else titles(of_context(conference.context_id))[conference.id]


def current(context_id: uuid.UUID) -> Conference | None:
    """The conference in hand: the last that was not cancelled."""
    return db.session.scalar(_CURRENT, {"context": context_id})


_CURRENT = select(Conference).where(
    Conference.context_id == bindparam("context", type_=Uuid()), Conference.state != State.CANCELLED).order_by(Conference.number.desc()).limit(1)


def pre_meetings(conference_id: uuid.UUID) -> list[PreMeeting]:
    """Pre-meetings, earliest first."""
    return list(db.session.scalars(select(PreMeeting).where(PreMeeting.conference_id == conference_id).order_by(
        func.coalesce(PreMeeting.done_on, PreMeeting.planned_on), PreMeeting.id)))


def changes(context_id: uuid.UUID) -> dict[uuid.UUID, list[Change]]:
    """What became of each conference of a context, newest first, the last two hundred."""
    found: dict[uuid.UUID, list[Change]] = defaultdict(list)
    query = select(Change).join(Conference, Conference.id == Change.conference_id).where(
        Conference.context_id == context_id).order_by(Change.at.desc()).limit(200)
    for change in db.session.scalars(query):
        found[change.conference_id].append(change)
    return found


def day_of(conference_id: uuid.UUID) -> dt.date | None:
    """The day of a conference that is planned; None while it has none, or does not take place."""
    conference = db.session.get(Conference, conference_id)
    return conference.day if conference and conference.state_ is State.PLANNED else None
