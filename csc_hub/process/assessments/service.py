"""Write the assessment: dates, findings, priorities, involvement, reports; and sign it off."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused
from csc_hub.papers import service as papers
from csc_hub.papers.service import TakenIn
from csc_hub.people.records import Person
from csc_hub.process.assessments import records, rules
from csc_hub.process.assessments.records import Assessment, Finding, Involvement, ReferralOut, Report, ReportVersion
from csc_hub.process.assessments.rules import AssessmentFacts, Category, Kind, Weight, Who
from csc_hub.process.contexts import service as contexts
from csc_hub.process.contexts.records import Context
from csc_hub.process.contexts.rules import Move, State

UNSIGNED = frozenset({State.IN_ASSESSMENT})
UNTIL_THE_PLAN = frozenset({State.IN_ASSESSMENT, State.ASSESSED})
WRITTEN_IN = frozenset({State.IN_ASSESSMENT, State.ASSESSED, State.PLAN_IN_PROGRESS})
NOT_NOW = "An assessment can be written once the referral is accepted"


def _record(verb: str, context: Context, by: Person, now: dt.datetime, subject: uuid.UUID | None = None, **detail: object) -> None:
    db.session.flush()
    audit.record(verb, by, now, subject=subject or context.id, context_id=context.id, **detail)


def must_be_open(context: Context, states: frozenset[State] = WRITTEN_IN) -> None:
    """Refuses to write in an assessment that has not begun or is over; findings and dates stand once it is signed off."""
    if context.state_ not in WRITTEN_IN:
        raise Refused(NOT_NOW)
    if context.state_ not in states:
        raise Refused("The assessment is signed off, so this stands as it is")


def facts_of(context: Context) -> AssessmentFacts:
    """What the rules want to know before the assessment is signed off."""
    return _facts(context, *records.with_findings(context.id), records.reports(context.id)[0])


def read(context: Context) -> tuple[Assessment | None, list[Finding], list[Report], records.Opened, AssessmentFacts]:
    """The assessment as its page shows it: dates, findings, reports, who opened them, and what the rules make of it all."""
    assessment, findings = records.with_findings(context.id)
    reports, opened = records.reports(context.id)
    return assessment, findings, reports, opened, _facts(context, assessment, findings, reports)


def _facts(context: Context, assessment: Assessment | None, findings: list[Finding], reports: list[Report]) -> AssessmentFacts:
    priorities = sum(finding.priority for finding in findings)
    return AssessmentFacts(
        state=context.state_, type=context.type_,
        period_from=assessment.period_from if assessment else None, period_to=assessment.period_to if assessment else None,
        threshold_met=context.threshold_met, priorities=priorities,
        kinds=[Kind(report.kind) for report in reports if any(v.paper.is_there for v in report.versions)])


def set_dates(
    context: Context, start: dt.date | None, end: dt.date | None, mapping: dt.date | None, by: Person, now: dt.datetime,
) -> None:
    """Keeps the assessment period and the date of the mapping meeting (guidance: Appendix A)."""
    must_be_open(context, UNSIGNED)
    fault = rules.obstacle_to_period(start, end)
    if fault:
        raise Refused(fault[1], fault[0])
    assessment = records.of_context(context.id) or Assessment(context_id=context.id)
    assessment.period_from, assessment.period_to, assessment.mapping_date = start, end, mapping
    db.session.add(assessment)
    _record("changed_assessment", context, by, now)


def save_finding(
    context: Context, finding: Finding | None, category: Category, text: str, weight: Weight, by: Person, now: dt.datetime,
) -> Finding:
    """Adds or changes a finding."""
    must_be_open(context, UNSIGNED)
    verb = "changed_finding" if finding else "added_finding"
    finding = finding or Finding(context_id=context.id, added_at=now)
    finding.category, finding.text, finding.weight = category, text, weight
    if category is Category.STRENGTH:
        finding.priority = False
    db.session.add(finding)
    db.session.flush()
    _record(verb, context, by, now, finding.id)
    return finding


def remove(verb: str, context: Context, row: Finding | Involvement, by: Person, now: dt.datetime) -> None:
    """Removes a finding, or a record of who was involved."""
    must_be_open(context, UNSIGNED if isinstance(row, Finding) else WRITTEN_IN)
    db.session.delete(row)
    _record(verb, context, by, now, row.id)


def choose_priorities(context: Context, chosen: Collection[uuid.UUID], by: Person, now: dt.datetime) -> None:
    """Chooses the one or two issues that the conference will talk about (guidance: Agenda)."""
    must_be_open(context, UNTIL_THE_PLAN)
    findings = [f for f in records.findings(context.id) if f.category != Category.STRENGTH]
    if set(chosen) - {finding.id for finding in findings}:
        raise Refused("One of the findings you chose is gone. Choose again", "chosen")
    fault = rules.obstacle_to_priorities(len(set(chosen)))
    if fault:
        raise Refused(fault, "chosen")
    for finding in findings:
        finding.priority = finding.id in chosen
    flag_modified(context, "name")  # so that two choices at once are noticed
    _record("chose_priorities", context, by, now, number=len(set(chosen)))


def involve(
    context: Context, who: Who, agency_id: uuid.UUID | None, how: str, on: dt.date | None, by: Person, now: dt.datetime,
) -> None:
    """Records who took part in the assessment and how."""
    must_be_open(context)
    if who is Who.AGENCY and agency_id is None:
        raise Refused("Choose which agency took part", "agency_id")
    row = Involvement(context_id=context.id, who=who, agency_id=agency_id if who is Who.AGENCY else None, how=how, on=on)
    db.session.add(row)
    db.session.flush()
    _record("added_involvement", context, by, now, row.id)


def refer_out(
    context: Context, on: dt.date, by_name: str, destination: str, confirmed_on: dt.date | None, by: Person,
    now: dt.datetime, today: dt.date,
) -> None:
    """Records that a concern about an individual was sent on, and nothing about the individual."""
    for field, day in (("on", on), ("confirmed_on", confirmed_on)):
        if day and day > today:
            raise Refused("The date must be today or in the past", field)
    if confirmed_on and confirmed_on < on:
        raise Refused("It cannot be confirmed before it was sent", "confirmed_on")
    row = ReferralOut(context_id=context.id, on=on, by_name=by_name, destination=destination, confirmed_on=confirmed_on)
    db.session.add(row)
    db.session.flush()
    _record("added_referral_out", context, by, now, row.id)


def confirm_referral(context: Context, row: ReferralOut, on: dt.date, by: Person, now: dt.datetime) -> None:
    """Records that the receiving service confirmed it."""
    if row.confirmed_on is None:
        row.confirmed_on = on
        _record("confirmed_referral_out", context, by, now, row.id)


def add_report(context: Context, kind: Kind, taken: TakenIn, note: str, by: Person, now: dt.datetime) -> ReportVersion:
    """Keeps an uploaded file as the next version of a report."""
    must_be_open(context)
    report = db.session.scalar(select(Report).where(Report.context_id == context.id, Report.kind == kind))
    if report is None:
        report = Report(context_id=context.id, kind=kind)
        db.session.add(report)
        db.session.flush()
    versions = list(db.session.scalars(select(ReportVersion).where(ReportVersion.report_id == report.id)))
    _refuse_same(context, kind, taken.sha256)
    number = max((v.number for v in versions), default=0) + 1
    paper = papers.keep(taken, context.id, f"{kind.label}, version {number}", by, now)
    version = ReportVersion(report_id=report.id, number=number, note=note, paper_id=paper.id)
    db.session.add(version)
    db.session.flush()
    db.session.expire(report, ["versions"])
    return version


def _refuse_same(context: Context, kind: Kind, sha256: str) -> None:
    """Refuses a file that is here already, as a version of this report or of another."""
    for report in records.reports(context.id)[0]:
        for version in report.versions:
            if version.paper.sha256 == sha256 and version.paper.is_there:
                if report.kind == kind:
                    raise Refused(f"This is the same file as version {version.number}. Choose the new version", "file")
                raise Refused(f"This file is already here as the {Kind(report.kind).label} report. Choose the file of the {kind.label} report", "file")


def sign_off(context: Context, by: Person, now: dt.datetime) -> None:
    """Signs the assessment off: the reports are complete and a conference is to be held."""
    fault = rules.obstacle_to_sign_off(facts_of(context))
    if fault:
        raise Refused(fault)
    contexts.move(context, Move.SIGN_OFF, "", by, now)
    assessment = records.of_context(context.id)
    if assessment:
        assessment.signed_off_at = now
        db.session.flush()


def found(table: type, row_id: uuid.UUID, context: Context) -> Finding | Involvement | ReferralOut:
    """A row of this context. Raises `NotFound` for another context's."""
    row = db.session.get(table, row_id)
    if row is None or row.context_id != context.id:
        raise NotFound
    return row
