"""The assessment of a context: its dates, findings, reports, and who took part."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Date, ForeignKey, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from csc_hub.db import Kept, Moment, db
from csc_hub.papers.records import Paper
from csc_hub.people.records import Agency


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
    agency_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("agencies.id"))
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
    paper: Mapped[Paper] = relationship(lazy="joined", innerjoin=True)

    __table_args__ = (UniqueConstraint("report_id", "number"),)


def of_context(context_id: uuid.UUID) -> Assessment | None:
    """The assessment of a context, once it has begun."""
    return db.session.scalar(select(Assessment).where(Assessment.context_id == context_id))


def findings(context_id: uuid.UUID) -> list[Finding]:
    """Findings in the order they were added."""
    return list(db.session.scalars(select(Finding).where(Finding.context_id == context_id).order_by(Finding.added_at, Finding.id)))


def involvements(context_id: uuid.UUID) -> list[Involvement]:
    """Who took part, earliest first."""
    return list(db.session.scalars(select(Involvement).where(Involvement.context_id == context_id).order_by(Involvement.on, Involvement.id)))


def referrals_out(context_id: uuid.UUID) -> list[ReferralOut]:
    """Concerns about individuals that were sent on, earliest first."""
    return list(db.session.scalars(select(ReferralOut).where(ReferralOut.context_id == context_id).order_by(ReferralOut.on, ReferralOut.id)))


def reports(context_id: uuid.UUID) -> list[Report]:
    """Reports with their versions, newest version first."""
    return list(db.session.scalars(select(Report).where(Report.context_id == context_id).order_by(Report.kind)))
