"""Invitations, and the answers to the guidance's questions about attendance."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import JSON, Date, ForeignKey, Integer, String, Text, UniqueConstraint, and_, bindparam, cast, func, null, or_, select
from sqlalchemy.orm import Mapped, aliased, joinedload, lazyload, mapped_column, relationship

from csc_hub.db import Base, Kept, Moment, db, rows_of
from csc_hub.papers.records import Paper
from csc_hub.people.records import STAYS, Agency, Kind, Person, moves
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences.records import Conference, CouncilFigure
from csc_hub.process.conferences.rules import State
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations.rules import Reply, used


class Invitation(Kept):
    """One person on the list of a conference, why, and the reply. It remembers the agency they were asked for."""

    __tablename__ = "invitations"
    conference_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conferences.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("people.id"))
    agency_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agencies.id"), info=moves("invitation", "invitations"))
    why: Mapped[list[int]] = mapped_column(JSON, default=list)
    note: Mapped[str] = mapped_column(String(500), default="")
    reply: Mapped[str] = mapped_column(String(20), default=Reply.NONE)
    reason: Mapped[str] = mapped_column(String(500), default="")
    deputy: Mapped[str] = mapped_column(String(200), default="")
    replied_on: Mapped[dt.date | None] = mapped_column(Date)
    added_at: Mapped[dt.datetime] = mapped_column(Moment)
    sequence: Mapped[int] = mapped_column(default=0)  # of the calendar entry: rises with every change that was sent
    sent_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    sent_by: Mapped[str] = mapped_column(String(400), default="")
    told_at: Mapped[dt.datetime | None] = mapped_column(Moment)  # the start of the meeting as last sent
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    seen_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    access_needs: Mapped[str] = mapped_column(Text, default="")
    contribution: Mapped[str] = mapped_column(Text, default="")
    file_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("papers.id"))  # what they sent for the meeting
    deputy_for_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("invitations.id"))
    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)
    agency: Mapped[Agency | None] = relationship(lazy="joined")
    conference: Mapped[Conference] = relationship()
    file: Mapped[Paper | None] = relationship()
    leaves: Mapped[list[Leave]] = relationship(  # the open ones, which `in_hand` reads along
        primaryjoin="and_(Leave.invitation_id == Invitation.id, Leave.ended_at.is_(None))", order_by="Leave.at", viewonly=True, lazy="raise")

    __table_args__ = (UniqueConstraint("conference_id", "person_id"),)

    @property
    def reply_(self) -> Reply:
        """The reply as a rule knows it."""
        return Reply(self.reply)

    @property
    def said(self) -> str:
        """What stands beside the reply: the reason, or who comes instead. Nothing that belongs to an earlier reply."""
        return next(filter(None, used(self.reply_, self.reason, self.deputy)), "")

    @property
    def left(self) -> bool:
        """Whether the person has since left the agency they were asked for, if they were asked for one, or their access has ended."""
        return not self.person.active or self.agency_id not in (None, self.person.agency_id)


STAYED = and_(Person.active, or_(Invitation.agency_id.is_(None), Invitation.agency_id == Person.agency_id))
"""The same as not `left`, for a query that has both tables."""


class Said(Base):
    """One answer to an invitation, as it came: through the link, the calendar, on behalf, or at the door. Kept for ever."""

    __tablename__ = "replies"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    invitation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invitations.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    source: Mapped[str] = mapped_column(String(12))
    by_name: Mapped[str] = mapped_column(String(160))
    reply: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(500), default="")
    deputy: Mapped[str] = mapped_column(String(200), default="")


class Leave(Base):
    """The chair's leave for one person to read one paper without cover, with the reason."""

    __tablename__ = "paper_exceptions"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    invitation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("invitations.id"), index=True)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("report_versions.id"))
    reason: Mapped[str] = mapped_column(Text)
    by_name: Mapped[str] = mapped_column(String(160))
    at: Mapped[dt.datetime] = mapped_column(Moment)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment)

    __table_args__ = (UniqueConstraint("invitation_id", "version_id"),)


class Attendance(Kept):
    """One line of the register: who was there, how, from when until when. Young people who come are counted, never named."""

    __tablename__ = "attendances"
    conference_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conferences.id"), index=True)
    invitation_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("invitations.id"), unique=True)
    agency_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agencies.id"), info=moves("line of a register", "lines of registers", belongs=True))
    name: Mapped[str] = mapped_column(String(160))
    how: Mapped[str] = mapped_column(String(12))
    deputy_for: Mapped[str] = mapped_column(String(160), default="")
    arrived_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    left_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    acknowledged: Mapped[bool] = mapped_column(default=False)
    noted_by: Mapped[str] = mapped_column(String(160))
    agency: Mapped[Agency | None] = relationship(lazy="joined")


class Earlier(Base):
    """How one agency took part in a meeting that was held and then given up, for the count of attendance. Kept for ever."""

    __tablename__ = "earlier_attendances"
    change_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conference_changes.id"), primary_key=True)  # it knows the day
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agencies.id"), primary_key=True, info=STAYS)
    invited: Mapped[bool] = mapped_column()
    came: Mapped[bool] = mapped_column()
    excused: Mapped[bool] = mapped_column()


class Answer(Kept):
    """Why nobody answers one of the questions, how young people are involved, or why a kind of agency is not needed."""

    __tablename__ = "attendance_answers"
    conference_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("conferences.id"))
    question: Mapped[int | None] = mapped_column()
    kind_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agency_kinds.id"))
    text: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("conference_id", "question", "kind_id"),)


ASKED = (joinedload(Invitation.person).lazyload(Person.agency), joinedload(Invitation.conference, innerjoin=True).lazyload(Conference.chair), lazyload(Invitation.agency))
"""What a guest's page needs of an invitation: the person and the meeting. It is read at every request of theirs, and again with the lock if anybody wrote."""


class Invitee(NamedTuple):
    """Whoever was invited, as an answer asks of them."""

    id: uuid.UUID
    name: str
    email: str | None
    active: bool


class Meeting(NamedTuple):
    """The conference, as an answer asks of it."""

    context_id: uuid.UUID
    state: str
    starts_at: dt.datetime | None

    @property
    def state_(self) -> State:
        """The state as a rule knows it."""
        return State(self.state)


@dataclass(slots=True)
class ToAnswer:
    """What an answer asks of an invitation, read as columns: with SQLite's lock in hand everybody else who writes waits for it."""

    id: uuid.UUID
    version: int
    reply: str
    reason: str
    deputy: str
    replied_on: dt.date | None
    access_needs: str
    contribution: str
    sequence: int
    sent_at: dt.datetime | None
    told_at: dt.datetime | None
    withdrawn_at: dt.datetime | None
    person: Invitee
    conference: Meeting
    table: ClassVar[Any] = Invitation.__table__

    @property
    def reply_(self) -> Reply:
        """The reply as a rule knows it."""
        return Reply(self.reply)


_OWN = [field.name for field in fields(ToAnswer)][:-2]
_ONE = select(*(getattr(Invitation, name) for name in _OWN), Person.id, Person.name, Person.email, Person.active, Conference.context_id, Conference.state, Conference.starts_at).join(
    Person, Person.id == Invitation.person_id).join(Conference, Conference.id == Invitation.conference_id).where(Invitation.id == bindparam("invitation"))


def one(invitation_id: uuid.UUID) -> ToAnswer | None:
    """An invitation with its person and its meeting, for somebody's answer."""
    row = rows_of(_ONE, {"invitation": invitation_id}).one_or_none()
    return ToAnswer(*row[:-7], Invitee(*row[-7:-3]), Meeting(*row[-3:])) if row else None


def of_conference(conference_id: uuid.UUID) -> list[Invitation]:
    """Everybody on the list, in the order they were added."""
    return list(db.session.scalars(select(Invitation).where(Invitation.conference_id == conference_id).order_by(Invitation.added_at, Invitation.id)))


def of_person(person_id: uuid.UUID) -> list[Invitation]:
    """Every invitation of one person."""
    return list(db.session.scalars(select(Invitation).where(Invitation.person_id == person_id)))


def has_namesake(name: str, agency_id: uuid.UUID | None) -> bool:
    """Whether somebody of this name is at this agency already."""
    there = db.session.scalars(select(Person.name).where(Person.agency_id == agency_id, Person.active))
    return any(" ".join(one.split()).casefold() == " ".join(name.split()).casefold() for one in there)


def in_hand(context_id: uuid.UUID) -> tuple[Conference | None, list[Invitation], Agency | None]:
    """The conference in hand, everybody on its list, and the agency of the lead practitioner, asked for in one go."""
    last = select(func.max(Conference.number)).where(Conference.context_id == context_id, Conference.state != State.CANCELLED).scalar_subquery()
    lead = aliased(Person, flat=True)
    query = select(Conference, Invitation, Agency).join(Context, Context.id == Conference.context_id).outerjoin(
        Invitation, Invitation.conference_id == Conference.id).outerjoin(lead, lead.id == Context.lead_id).outerjoin(Agency, Agency.id == lead.agency_id).where(
        Conference.context_id == context_id, Conference.number == last).order_by(Invitation.added_at, Invitation.id).options(
        joinedload(Invitation.person, innerjoin=False), joinedload(Agency.kind, innerjoin=False), joinedload(Invitation.file).lazyload(Paper.uploaded_by),
        joinedload(Invitation.leaves))
    # else an empty list, or a lead without an agency, would hide the conference
    rows = db.session.execute(query).unique().all()
    return (rows[0][0] if rows else None), [row[1] for row in rows if row[1]], rows[0][2] if rows else None


def leaves(conference_id: uuid.UUID) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """(invitation, version) of every paper that the chair lets somebody read without cover."""
    query = select(Leave.invitation_id, Leave.version_id).join(Invitation, Invitation.id == Leave.invitation_id).where(
        Invitation.conference_id == conference_id, Leave.ended_at.is_(None))
    return {(invitation, version) for invitation, version in db.session.execute(query)}


def answers(conference_id: uuid.UUID) -> list[Answer]:
    """The answers given so far, also those that somebody else wrote while this one waited."""
    return list(db.session.scalars(select(Answer).where(Answer.conference_id == conference_id).execution_options(populate_existing=True)))


class KindReason(NamedTuple):
    """A kind of agency, or one of the questions, with what was written instead of a name. Or a figure that the council changed: its name and value."""

    kind_id: uuid.UUID | None
    name: str | None
    position: int | None
    question: int | None
    text: str | None


def reasons(conference_id: uuid.UUID) -> list[KindReason]:
    """All kinds of agency in the guidance's order with the reasons why one is not needed, the questions answered in words, and the council's figures."""
    kinds = select(Kind.id, Kind.name, Kind.position, cast(null(), Integer), Answer.text).outerjoin(
        Answer, and_(Answer.kind_id == Kind.id, Answer.conference_id == conference_id))
    questions = select(null(), null(), null(), Answer.question, Answer.text).where(
        Answer.conference_id == conference_id, Answer.question.is_not(None))
    figures = select(null(), CouncilFigure.name, CouncilFigure.value, null(), null())
    found = [KindReason(*row) for row in db.session.execute(kinds.union_all(questions, figures))]
    return sorted(found, key=lambda row: row.position or 0)


def figures(rows: Sequence[KindReason]) -> dict[str, int]:
    """The council's figures among these rows, its own or the hub's defaults."""
    return conferences.figures({row.name: row.position or 0 for row in rows if row.name and row.kind_id is None})


def kinds_in_use(kind_id: uuid.UUID) -> int:
    """How many answers name a kind of agency."""
    return db.session.scalar(select(func.count()).select_from(Answer).where(Answer.kind_id == kind_id)) or 0


def attendances(conference_id: uuid.UUID) -> list[Attendance]:
    """All that was noted in the register of a conference."""
    return list(db.session.scalars(select(Attendance).where(Attendance.conference_id == conference_id).order_by(Attendance.name, Attendance.id)))
