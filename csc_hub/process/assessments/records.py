"""The assessment of a context: its dates, findings, reports, and who took part."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Date, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from csc_hub.audit import records as audit
from csc_hub.db import Kept, Moment, db
from csc_hub.papers.records import Paper
from csc_hub.people.records import Agency, Person, moves
from csc_hub.process.contexts.records import Context


class Assessment(Kept):
    """The dates of a context's assessment."""

    __tablename__ = "assessments"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"), unique=True)
    period_from: Mapped[dt.date | None] = mapped_column(Date)
    period_to: Mapped[dt.date | None] = mapped_column(Date)
    mapping_date: Mapped[dt.date | None] = mapped_column(Date)
    signed_off_at: Mapped[dt.datetime | None] = mapped_column(Moment)


class Finding(Kept):
    """Something the assessment found about the place or group."""

    __tablename__ = "findings"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"), index=True)
    category: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    weight: Mapped[str] = mapped_column(String(10))
    priority: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[dt.datetime] = mapped_column(Moment)


class Involvement(Kept):
    """Who took part in the assessment, and how. Young people are never named."""

    __tablename__ = "involvements"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"), index=True)
    who: Mapped[str] = mapped_column(String(20))
    agency_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agencies.id"), info=moves("record of who took part in an assessment", "records of who took part in an assessment"))
    how: Mapped[str] = mapped_column(Text)
    on: Mapped[dt.date | None] = mapped_column(Date)
    agency: Mapped[Agency | None] = relationship(lazy="joined")


class ReferralOut(Kept):
    """That a concern about an individual was sent on: when, by whom, where to, confirmed. There is no field for more."""

    __tablename__ = "referrals_out"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"), index=True)
    on: Mapped[dt.date] = mapped_column(Date)
    by_name: Mapped[str] = mapped_column(String(160))
    destination: Mapped[str] = mapped_column(String(20))
    confirmed_on: Mapped[dt.date | None] = mapped_column(Date)


class Report(Kept):
    """A report of one kind; each upload is a version of it."""

    __tablename__ = "reports"
    context_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("contexts.id"))
    kind: Mapped[str] = mapped_column(String(20))
    versions: Mapped[list[ReportVersion]] = relationship(lazy="selectin", order_by="ReportVersion.number.desc()")

    __table_args__ = (UniqueConstraint("context_id", "kind"),)


class ReportVersion(Kept):
    """One upload of a report. The uploader stated that no young person can be identified in it."""

    __tablename__ = "report_versions"
    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("reports.id"))
    number: Mapped[int] = mapped_column()
    note: Mapped[str] = mapped_column(String(300), default="")
    paper_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("papers.id"))
    released_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    released_by: Mapped[str] = mapped_column(String(160), default="")
    recalled_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    recalled_by: Mapped[str] = mapped_column(String(160), default="")
    recall_reason: Mapped[str] = mapped_column(Text, default="")
    paper: Mapped[Paper] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (UniqueConstraint("report_id", "number"),)


def of_context(context_id: uuid.UUID) -> Assessment | None:
    """The assessment of a context, once it has begun."""
    return db.session.scalar(select(Assessment).where(Assessment.context_id == context_id))


def with_findings(context_id: uuid.UUID) -> tuple[Assessment | None, list[Finding]]:
    """The assessment of a context and its findings in the order they were added, asked for in one go."""
    query = select(Assessment, Finding).select_from(Context).outerjoin(Assessment, Assessment.context_id == Context.id).outerjoin(
        Finding, Finding.context_id == Context.id).where(Context.id == context_id).order_by(Finding.added_at, Finding.id)
    rows = db.session.execute(query).all()
    return (rows[0][0] if rows else None), [finding for _, finding in rows if finding]


def findings(context_id: uuid.UUID) -> list[Finding]:
    """Findings in the order they were added."""
    return list(db.session.scalars(select(Finding).where(Finding.context_id == context_id).order_by(Finding.added_at, Finding.id)))


def involvements(context_id: uuid.UUID) -> list[Involvement]:
    """Who took part, earliest first."""
    return list(db.session.scalars(select(Involvement).where(Involvement.context_id == context_id).order_by(Involvement.on, Involvement.id)))


def referrals_out(context_id: uuid.UUID) -> list[ReferralOut]:
    """Concerns about individuals that were sent on, earliest first."""
    return list(db.session.scalars(select(ReferralOut).where(ReferralOut.context_id == context_id).order_by(ReferralOut.on, ReferralOut.id)))


Opened = dict[uuid.UUID, tuple[int, str, dt.datetime]]
"""By paper: how often it was opened, and by whom and when last. A paper nobody opened is not in it."""


def reports(context_id: uuid.UUID) -> tuple[list[Report], Opened]:
    """Reports with their versions and papers, newest version first, and who opened them."""
    times, last = audit.openings(ReportVersion.__table__.c.paper_id)
    query = select(Report, ReportVersion.paper_id, times, audit.Event.actor, audit.Event.at).outerjoin(Report.versions).outerjoin(
        ReportVersion.paper).outerjoin(audit.Event, audit.Event.id == last).where(Report.context_id == context_id).order_by(
        Report.kind, ReportVersion.number.desc()).options(
        contains_eager(Report.versions).contains_eager(ReportVersion.paper).joinedload(Paper.uploaded_by).lazyload(Person.agency))
    rows = db.session.execute(query).unique().all()
    return list(dict.fromkeys(row[0] for row in rows)), {row[1]: (row[2], row[3], row[4]) for row in rows if row[2]}
