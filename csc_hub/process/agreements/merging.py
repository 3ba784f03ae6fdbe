"""Merging one organisation into another: its people and work go over, what was signed stays as it was signed.

A signature goes on covering whom it covered until its date, and nobody else: neither the people of the other organisation nor
those who join later.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Column, func, select, update
from sqlalchemy.exc import IntegrityError

from csc_hub.audit import service as audit
from csc_hub.db import Base, db
from csc_hub.kernel import Refused, today
from csc_hub.people import links
from csc_hub.people import rules as people_rules
from csc_hub.people.mergers import Merger
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import records as agreements
from csc_hub.process.agreements import signing
from csc_hub.process.agreements.records import Request
from csc_hub.process.agreements.rules import Signed


@dataclass(frozen=True)
class Outlook:
    """What a merger would do, told before it is done."""

    moves: list[tuple[int, str, str]]  # how many, of what: one and several
    people: list[str]
    covers: int  # signatures that go on covering them
    closes: int  # requests to sign


def columns() -> Iterator[Column]:
    """Every column that names an agency."""
    for table in Base.metadata.sorted_tables:
        yield from (column for column in table.columns if any(key.column.table.name == "agencies" for key in column.foreign_keys))


def _moving() -> Iterator[tuple[Column, str, str, bool]]:
    for column in columns():
        if column.info["merger"] is not None:
            yield (column, *column.info["merger"])


def obstacle(agency: Agency, into: Agency) -> str | None:
    """Why one agency cannot become part of another, or None."""
    return people_rules.obstacle_to_merging(
        agency is into, people_rules.Merging(agency.name, agency.statutory, agency.active), people_rules.Merging(into.name, into.statutory, into.active))


def outlook(agency: Agency, now: dt.datetime) -> Outlook:
    """What moves with an agency, and what was signed for it."""
    counted = [(db.session.scalar(select(func.count()).select_from(column.table).where(column == agency.id)) or 0, one, several)
               for column, one, several, _ in _moving() if one]
    held = [signature for signature, revoked in agreements.signatures_of([agency.id]) if not revoked and signature.until >= today(now) and signature.signed_ is Signed.AGREEMENT]
    people = db.session.scalars(select(Person.name).where(Person.agency_id == agency.id).order_by(func.lower(Person.name)))
    return Outlook([row for row in counted if row[0]], list(people), len(held), len(agreements.open_requests([agency.id])))


def merge(agency: Agency, into: Agency, by: Person, now: dt.datetime) -> None:
    """Makes one agency part of another. All of it, or nothing."""
    for agency_id in sorted((agency.id, into.id)):
        signing.hold(agency_id)
    db.session.refresh(agency)
    db.session.refresh(into)
    fault = obstacle(agency, into)
    if fault:
        raise Refused(fault, "into")
    for request in agreements.open_requests([agency.id]):  # what they would sign now names an organisation that is no more
        request.closed_at = now
        links.revoke(request.id, now)
    db.session.execute(update(Request).where(Request.agency_id == agency.id, Request.declined_at.is_not(None), Request.closed_at.is_(None)).values(closed_at=now))
    agency.active = False
    whom = _belonging(agency.id)
    for earlier in db.session.scalars(select(Merger).where(Merger.into_id == agency.id)).unique():
        earlier.into_id, earlier.whom = into.id, sorted(set(earlier.whom) & set(whom))
    db.session.add(Merger(from_id=agency.id, into_id=into.id, whom=whom, at=now, by_name=by.name))
    db.session.flush()
    try:
        with db.session.begin_nested():
            _move(agency.id, into.id)
    except IntegrityError:
        raise Refused("The same workbook waits for both of them. Let a coordinator apply it or set it aside first", "into") from None
    db.session.expire_all()
    audit.record("merged_agencies", by, now, subject=agency.id, into=str(into.id))


def _belonging(agency_id: uuid.UUID) -> list[str]:
    """Ids of everybody who belongs to an agency."""
    found: set[str] = set()
    for column, _, _, belongs in _moving():
        if belongs:
            found |= {str(some_id) for some_id in db.session.scalars(select(column.table.c.id).where(column == agency_id))}
    return sorted(found)


def _move(agency_id: uuid.UUID, into_id: uuid.UUID) -> None:
    """Every row goes over. Its version rises, so that a form somebody has open does not undo it."""
    for column, _, _, _ in _moving():
        table = column.table
        raised = {"version": table.c.version + 1} if "version" in table.c else {}
        db.session.execute(update(table).where(column == agency_id).values({column.name: into_id, **raised}))
