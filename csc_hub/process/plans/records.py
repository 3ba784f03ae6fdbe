"""Plans, worries, actions, and every update an agency made."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint, Uuid, bindparam, func, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from csc_hub.db import Base, Kept, Moment, db
from csc_hub.people.records import Agency, moves
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import rules
from csc_hub.process.plans.statuses import ENDED, Status


class Plan(Kept):
    """The intervention plan of a context. Its dates and attendees are the conference's."""

    __tablename__ = "plans"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"), unique=True)
    issue: Mapped[int] = mapped_column(default=0)
    issued_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    issued_by: Mapped[str] = mapped_column(String(160), default="")
    changed_since: Mapped[bool] = mapped_column(default=False)


class Worry(Kept):
    """A row group of Appendix A: a worry, what helps, the goal, and the interventions under it."""

    __tablename__ = "worries"
    plan_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("plans.id"), index=True)
    position: Mapped[int] = mapped_column()
    worry: Mapped[str] = mapped_column(Text)
    impact: Mapped[str] = mapped_column(Text, default="")
    helping: Mapped[str] = mapped_column(Text, default="")
    goal: Mapped[str] = mapped_column(Text, default="")
    actions: Mapped[list[Action]] = relationship(back_populates="worry", order_by="Action.number", lazy="selectin")


class Action(Kept):
    """An intervention: whose, by when, how far."""

    __tablename__ = "actions"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"))
    worry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("worries.id"), index=True)
    number: Mapped[int] = mapped_column()
    intervention: Mapped[str] = mapped_column(Text)
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agencies.id"), info=moves("action", "actions"))
    team: Mapped[str] = mapped_column(String(160), default="")
    owner: Mapped[str] = mapped_column(String(160), default="")
    due_on: Mapped[dt.date | None] = mapped_column(Date)
    timescale: Mapped[str] = mapped_column(String(200), default="")
    status: Mapped[str] = mapped_column(String(20), default=Status.NOT_STARTED)
    update: Mapped[str] = mapped_column(Text, default="")
    updated_on: Mapped[dt.date | None] = mapped_column(Date)
    evidence: Mapped[str] = mapped_column(Text, default="")
    barrier: Mapped[str] = mapped_column(Text, default="")
    proposed_date: Mapped[dt.date | None] = mapped_column(Date)
    completed_on: Mapped[dt.date | None] = mapped_column(Date)
    touched_at: Mapped[dt.datetime] = mapped_column(Moment)
    issued_in: Mapped[int | None] = mapped_column()  # the first issue of the plan it stands in
    issued_agency_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agencies.id"), info=moves())
    issued_facts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # as agencies know it, until the next issue
    worry: Mapped[Worry] = relationship(back_populates="actions", lazy="select")
    agency: Mapped[Agency] = relationship(foreign_keys=[agency_id], lazy="joined", innerjoin=True)
    issued_agency: Mapped[Agency | None] = relationship(foreign_keys=[issued_agency_id], lazy="select")
    context: Mapped[Context] = relationship(lazy="select")

    __table_args__ = (
        UniqueConstraint("context_id", "number"), Index("ix_actions_agency_id_status", "agency_id", "status"),
        Index("ix_actions_late", "context_id", "due_on", "status", "issued_in"),
        Index("ix_actions_own", "issued_agency_id", "status", "due_on", "context_id", "number", "id"))

    @property
    def status_(self) -> Status:
        """The status as a rule knows it."""
        return Status(self.status)

    @property
    def who(self) -> str:
        """'Housing (Estates team)'."""
        return f"{self.agency.name} ({self.team})" if self.team else self.agency.name

    @property
    def facts(self) -> dict[str, object]:
        """What an update may change, as it is now."""
        return {name: getattr(self, name) for name in rules.UPDATE_FIELDS} | {"status": self.status_}

    @property
    def when(self) -> str:
        """The timescale in words."""
        return rules.timescale_in_words(self.due_on, self.timescale)

    def late(self, today: dt.date) -> bool:
        """Whether its date has passed while somebody still waits for it."""
        return rules.is_late(self.status_, self.due_on, today)


class Update(Base):
    """One update of an action, as it was said. Kept for ever beside the action's present state."""

    __tablename__ = "updates"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    action_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("actions.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id"))  # none where it came from the command line
    by_name: Mapped[str] = mapped_column(String(160))
    source: Mapped[str] = mapped_column(String(20))  # page, workbook, or undo
    batch_id: Mapped[uuid.UUID | None] = mapped_column(index=True)
    status: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, default="")
    changed: Mapped[str] = mapped_column(String(200), default="")
    before: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)  # the action's facts until then, as text


def by_id(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Action]:
    """These actions by their ids."""
    return {action.id: action for action in db.session.scalars(select(Action).where(Action.id.in_(list(ids))))} if ids else {}


def changed_by(batch_id: uuid.UUID, most: int = 100) -> list[tuple[Update, Action]]:
    """What one workbook changed, by the numbers of the actions."""
    query = select(Update, Action).join(Action, Action.id == Update.action_id).where(Update.batch_id == batch_id).order_by(Action.number, Update.at).limit(most)
    return [(update, action) for update, action in db.session.execute(query)]


def of_context(context_id: uuid.UUID) -> Plan | None:
    """The plan of a context, once somebody has begun it."""
    return db.session.scalar(_OF_CONTEXT, {"context": context_id})


_OF_CONTEXT = select(Plan).where(Plan.context_id == bindparam("context", type_=Uuid()))


def worries(plan_id: uuid.UUID) -> list[Worry]:
    """Worries in their order, each with its actions."""
    return list(db.session.scalars(select(Worry).where(Worry.plan_id == plan_id).order_by(Worry.position)))


def actions_of(context_id: uuid.UUID, agency_id: uuid.UUID | None = None, issued: bool = False) -> list[Action]:
    """Actions by number, of a whole plan or of one agency; all of them, or only those that were issued."""
    query = select(Action).options(joinedload(Action.worry)).where(Action.context_id == context_id).order_by(Action.number)
    if agency_id is not None:
        query = query.where((Action.issued_agency_id if issued else Action.agency_id) == agency_id)
    if issued:
        query = query.where(Action.issued_in.is_not(None))
    return list(db.session.scalars(query).unique())


def owns_issued(context_id: uuid.UUID, agency_id: uuid.UUID) -> bool:
    """Whether an agency owns an issued action of a plan."""
    return db.session.scalar(select(Action.id).where(
        Action.context_id == context_id, Action.issued_agency_id == agency_id, Action.issued_in.is_not(None)).limit(1)) is not None


def agencies_in(context_id: uuid.UUID) -> list[tuple[Agency, int]]:
    """Agencies that own issued actions of a plan, with how many."""
    counted = select(Action.issued_agency_id, func.count().label("number")).where(
        Action.context_id == context_id, Action.issued_in.is_not(None)).group_by(Action.issued_agency_id).subquery()
    query = select(Agency, counted.c.number).join(counted, counted.c.issued_agency_id == Agency.id).order_by(func.lower(Agency.name))
    return [(agency, number) for agency, number in db.session.execute(query)]


class Issued(NamedTuple):
    """An issued action in columns: its facts, and what agencies know of it."""

    id: uuid.UUID
    version: int
    number: int
    agency_id: uuid.UUID
    agency: str
    status: str
    update: str
    updated_on: dt.date | None
    evidence: str
    barrier: str
    proposed_date: dt.date | None
    completed_on: dt.date | None
    due_on: dt.date | None
    timescale: str
    issued: dict[str, str]

    @property
    def facts(self) -> dict[str, object]:
        """What an update may change, as it is now."""
        return {"status": Status(self.status), "update": self.update, "updated_on": self.updated_on, "evidence": self.evidence,
                "barrier": self.barrier, "proposed_date": self.proposed_date, "completed_on": self.completed_on}


def issued_actions(context_id: uuid.UUID, agency_id: uuid.UUID | None = None, alone: bool = False) -> list[Issued]:
    """Issued actions by number, of a whole plan or of one agency; with `alone`, nobody changes them until this transaction ends."""
    query = select(
        Action.id, Action.version, Action.number, Action.issued_agency_id, Agency.name, Action.status, Action.update, Action.updated_on,
        Action.evidence, Action.barrier, Action.proposed_date, Action.completed_on, Action.due_on, Action.timescale, Action.issued_facts,
    ).join(Agency, Agency.id == Action.issued_agency_id).where(Action.context_id == context_id, Action.issued_in.is_not(None)).order_by(Action.number)
    if agency_id is not None:
        query = query.where(Action.issued_agency_id == agency_id)
    if alone:
        query = query.with_for_update(of=Action)
    return [Issued(*row) for row in db.session.execute(query)]


def last_changes(action_ids: Collection[uuid.UUID]) -> dict[tuple[uuid.UUID, str], tuple[str, dt.datetime]]:
    """(action, field) -> who changed it last and when."""
    found: dict[tuple[uuid.UUID, str], tuple[str, dt.datetime]] = {}
    wanted = list(action_ids)
    for start in range(0, len(wanted), 500):
        query = select(Update.action_id, Update.changed, Update.by_name, Update.at).where(
            Update.action_id.in_(wanted[start:start + 500])).order_by(Update.at)
        for action_id, changed, name, at in db.session.execute(query):
            found |= {(action_id, field): (name, at) for field in changed.split(",")}
    return found


def updates_of(action_id: uuid.UUID) -> list[Update]:
    """What was said of an action, newest first."""
    return list(db.session.scalars(select(Update).where(Update.action_id == action_id).order_by(Update.at.desc()).limit(100)))
