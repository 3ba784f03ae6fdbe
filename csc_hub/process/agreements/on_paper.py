"""A signature given on paper, recorded with its scan by somebody of the council."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field

from sqlalchemy import select

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import Refused, day_short, in_london, moment_in_words, today
from csc_hub.papers import service as papers
from csc_hub.papers.records import Paper
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import chain, letters, records, rules, signing
from csc_hub.process.agreements.records import Signature, Version
from csc_hub.process.agreements.rules import Signed, Way

MOST = 10 * 1024 * 1024
SCANS = ("pdf", "jpg", "png")


@dataclass(frozen=True)
class OnPaper:
    """What stands on the paper, as typed."""

    version_id: uuid.UUID | None
    name: str
    job_title: str
    signed_on: dt.date | None
    email: str = ""
    covers: str = "everybody"
    named: list[str] = field(default_factory=list)


def versions() -> list[Version]:
    """Which texts may have been signed: all that are published, the newest first."""
    return [version for version in records.published() if not version.placeholder]


def record(agency: Agency, draft: OnPaper, taken: papers.TakenIn, by: Person, now: dt.datetime) -> Signature:
    """Records what somebody signed on paper, from the day on the paper on. It is a signature like any other, witnessed by whoever recorded it."""
    signing.hold(agency.id)
    db.session.refresh(agency)
    if not agency.active:
        raise Refused(f"{agency.name} is part of another organisation now. Record the signature there")
    version = next((one for one in versions() if one.id == draft.version_id), None)
    signed_on, until = _checked(agency, version, draft, taken, now)
    assert version is not None
    everybody = draft.covers == "everybody"
    there = {str(person.id) for person in signing.people_of(agency)}
    named = [] if everybody else [one for one in draft.named if one in there]
    if not everybody and not named:
        raise Refused("Choose the people this signature covers", "named")
    paper = papers.keep(taken, None, "the scan of a signed agreement", by, now)
    signature = Signature(
        code=signing.new_code(), signed=Signed.AGREEMENT, way=Way.PAPER, version_id=version.id, version_number=version.number, text_sha256=version.sha256,
        agency_id=agency.id, organisation=agency.name, person_id=None, name=draft.name, typed_name="", job_title=draft.job_title, email=draft.email.strip().lower(),
        authority=f"Signed on paper for {agency.name}", everybody=everybody, named=named, conference_id=None, witness=by.name, paper_id=paper.id,
        verified=f"Signed on paper. The scan was recorded by {by.name} on {moment_in_words(now)}; its SHA-256 is {taken.sha256}"[:300],
        opened_at=None, signed_at=in_london(signed_on, dt.time()), signed_local=f"{signed_on:%d/%m/%Y}, the date on the paper", until=until, ip="", agent="")
    chain.append(signature)
    if everybody:
        for other in records.open_requests([agency.id]):
            other.closed_at = now
    db.session.flush()
    letters.post_receipt(signature, now)
    audit.record("recorded_paper_signature", by, now, subject=signature.id, about=agency.name)
    return signature


def _checked(agency: Agency, version: Version | None, draft: OnPaper, taken: papers.TakenIn, now: dt.datetime) -> tuple[dt.date, dt.date]:
    """(day it was signed, last day it counts). Raises `Refused` at the field at fault."""
    if agency.statutory:
        raise Refused(f"{agency.name} is covered by the procedures for child protection conferences and does not sign")
    if version is None:
        raise Refused("Choose the version that was signed", "version_id")
    for name, what in (("name", "name"), ("job_title", "job title")):
        fault = rules.fault_of_name(getattr(draft, name), what)
        if fault:
            raise Refused(fault.replace("your", "their").replace("Your", "Their"), name)
    if draft.signed_on is None or draft.signed_on > today(now):
        raise Refused("The day it was signed cannot be in the future", "signed_on")
    until = rules.signature_until(draft.signed_on, version.months)
    if until < today(now):
        raise Refused(f"A signature of that day ran out on {day_short(until)}. Ask them to sign again", "signed_on")
    if taken.type.extension not in SCANS:
        raise Refused("The scan must be a PDF, JPG or PNG file", "file")
    before = db.session.scalar(select(Signature.number).join(Paper, Paper.id == Signature.paper_id).where(
        Paper.sha256 == taken.sha256, Signature.agency_id == agency.id).limit(1))
    if before is not None:
        raise Refused(f"This scan was recorded already, as number {before} in the register", "file")
    return draft.signed_on, until
