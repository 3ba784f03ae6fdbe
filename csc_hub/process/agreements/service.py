"""Writing, publishing and withdrawing versions of the agreement and of the terms of reference, and what the council does with signatures."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import func, select

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import Refused, day_short, today
from csc_hub.people import records as people
from csc_hub.people.records import Agency, Kind, Person
from csc_hub.process.agreements import asking, chain, records, sample
from csc_hub.process.agreements.records import Act, Request, Signature, Version
from csc_hub.process.agreements.rules import Deed, Document, Signed, State


@dataclass(frozen=True)
class VersionDraft:
    """A version as typed."""

    title: str
    body: str
    purpose: str = ""
    parties: str = ""
    changes: str = ""
    effective_on: dt.date | None = None
    review_on: dt.date | None = None
    months: int = 12
    approved_by: str = ""
    approved_on: dt.date | None = None
    asks_again: bool = True
    asks_kinds: list[str] = field(default_factory=list)
    grace_days: int = 30


def begin(document: Document, by: Person, now: dt.datetime) -> Version:
    """A new draft, from the newest version there is or else from the placeholder. One draft at a time."""
    earlier = records.versions(document)
    if any(version.state is State.DRAFT for version in earlier):
        raise Refused("There is a draft already. Publish it, or change it, before you begin another")
    last = next((version for version in earlier if not version.placeholder), None)
    version = Version(
        document=document, number=max((v.number for v in earlier), default=0) + 1, title=last.title if last else document.label,
        purpose=last.purpose if last else "", parties=last.parties if last else "", body=last.body if last else sample.BODIES[document],
        months=last.months if last else 12, grace_days=last.grace_days if last else 30, asks_kinds=[])
    db.session.add(version)
    db.session.flush()
    audit.record("wrote_agreement", by, now, subject=version.id, number=version.number)
    return version


def change(version: Version, draft: VersionDraft, by: Person, now: dt.datetime) -> None:
    """Changes a draft. What is published stays as it is."""
    if version.state is not State.DRAFT:
        raise Refused("This version is published, so its text stays as it is. Begin a new version")
    for name, value in vars(draft).items():
        setattr(version, name, value)
    db.session.flush()
    audit.record("changed_agreement", by, now, subject=version.id, number=version.number)


def obstacle_to_publishing(version: Version, first: bool) -> tuple[str, str] | None:
    """(field, sentence) of what a draft still lacks, or None."""
    if version.state is not State.DRAFT:
        return "body", "This version is published already"
    if sample.MARK in version.body:
        return "body", f"This is still the placeholder. Put your own text in each place marked {sample.MARK}"
    needed = [
        ("body", version.body.strip(), "Write the text first"), ("purpose", version.purpose, "Say what the agreement is for"),
        ("parties", version.parties, "Say between whom it is made"), ("effective_on", version.effective_on, "Enter the day on which it takes effect"),
        ("review_on", version.review_on, "Enter the day by which it is reviewed"), ("approved_by", version.approved_by, "Say who approved it"),
        ("approved_on", version.approved_on, "Enter the day on which it was approved"),
        ("changes", first or version.changes, "Say what changed since the last version: those who sign again read it first")]
    lacks = next(((name, sentence) for name, value, sentence in needed if not value), None)
    if lacks is None and version.review_on and version.effective_on and version.review_on <= version.effective_on:
        return "review_on", "The review date must be after the day on which it takes effect"
    return lacks


def composed(version: Version) -> str:
    """The exact text people read and sign: everything a signature rests on, as Markdown."""
    def said(day: dt.date | None) -> str:
        return day_short(day) if day else "not set"

    lines = [f"# {version.title}", f"Version {version.number}", "## Purpose", version.purpose, "## Parties", version.parties, "## Dates",
             f"- In effect from {said(version.effective_on)}\n- To be reviewed by {said(version.review_on)}\n"
             f"- Approved by {version.approved_by} on {said(version.approved_on)}"
             + (f"\n- A signature counts for {version.months} months" if version.document_ is Document.AGREEMENT else ""), version.body.strip()]
    return "\n\n".join(line.strip() for line in lines) + "\n"


def publish(version: Version, by: Person, now: dt.datetime) -> int:
    """Closes the text, from which moment on people sign exactly it; how many organisations were asked to sign again."""
    records.lock_texts(version.document_)
    db.session.refresh(version)
    first = not [v for v in records.published(version.document_) if not v.placeholder]
    lacks = obstacle_to_publishing(version, first)
    if lacks:
        raise Refused(lacks[1], lacks[0])
    version.shown = composed(version)
    version.sha256 = hashlib.sha256(version.shown.encode()).hexdigest()
    version.published_at, version.published_by = now, by.name
    db.session.flush()
    audit.record("published_agreement", by, now, subject=version.id, number=version.number)
    in_force = version.document_ is Document.AGREEMENT and records.in_force(Document.AGREEMENT, today(now)) is version
    return asking.ask_again(version, by, now) if in_force and not first else 0


def leant_on(version: Version) -> int:
    """How many requests and signatures rest on a version."""
    return sum(db.session.scalar(select(func.count()).select_from(table).where(table.version_id == version.id)) or 0 for table in (Request, Signature))


def withdraw(version: Version, reason: str, by: Person, now: dt.datetime) -> None:
    """Takes a version back: to a draft while nobody was asked to sign it, and out of use with the reason otherwise."""
    records.lock_texts(version.document_)
    db.session.refresh(version)
    if version.state is not State.PUBLISHED:
        raise Refused("Only a published version can be withdrawn")
    if not leant_on(version):
        version.shown = version.sha256 = version.published_by = ""
        version.published_at = None
    elif not reason:
        raise Refused("Give the reason, so that somebody who reads this in a year understands it", "reason")
    else:
        version.withdrawn_at, version.withdrawn_by, version.withdrawn_reason = now, by.name, reason
    db.session.flush()
    audit.record("withdrew_agreement", by, now, subject=version.id, number=version.number)


def set_kinds(signing: Collection[uuid.UUID], by: Person, now: dt.datetime) -> int:
    """Which kinds of agency sign; a kind that changes carries its agencies over, whose number is told (field guide: 2.2)."""
    carried = 0
    for kind in people.kinds():
        if kind.statutory is not (kind.id not in signing):
            kind.statutory = kind.id not in signing
            for agency in db.session.scalars(select(Agency).where(Agency.kind_id == kind.id)):
                carried += agency.statutory is not kind.statutory
                agency.statutory = kind.statutory
            audit.record("changed_kind", by, now, subject=kind.id)
    db.session.flush()
    return carried


def deviating(kinds: Collection[Kind]) -> list[Agency]:
    """Agencies that stand otherwise than their kind does, by name."""
    flags = {kind.id: kind.statutory for kind in kinds}
    return [agency for agency in people.agencies() if agency.statutory is not flags[agency.kind_id]]


def act(signature: Signature, deed: Deed, reason: str, by: Person, now: dt.datetime) -> None:
    """Countersigns or revokes a signature: a link of its own in the chain."""
    done = set(db.session.scalars(select(Act.deed).where(Act.signature_id == signature.id)))
    if Deed.REVOKED in done:
        raise Refused("This signature was ended already")
    if deed is Deed.COUNTERSIGNED and deed in done:
        raise Refused("This signature is countersigned already")
    if deed is Deed.COUNTERSIGNED and signature.signed_ is not Signed.AGREEMENT:
        raise Refused("An undertaking for one meeting is not countersigned")
    if deed is Deed.REVOKED and not reason:
        raise Refused("Give the reason, so that somebody who reads this in a year understands it", "reason")
    chain.append(Act(deed=deed, signature_id=signature.id, at=now, by_id=by.id, by_name=by.name, job_title=by.job_title, reason=reason))
    audit.record("revoked_signature" if deed is Deed.REVOKED else "countersigned", by, now, subject=signature.id)


def countersign_all(by: Person, now: dt.datetime) -> int:
    """Countersigns every signature that waits for it; how many there were."""
    waiting = records.to_countersign()
    for signature in waiting:
        act(signature, Deed.COUNTERSIGNED, "", by, now)
    return len(waiting)
