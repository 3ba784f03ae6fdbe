"""Texts and their versions, who was asked to sign, signatures, and what became of them."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, cast, desc, null, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from csc_hub.db import Base, Kept, Moment, db
from csc_hub.papers.records import Paper
from csc_hub.people.mergers import Merger
from csc_hub.people.records import STAYS, Agency, Person
from csc_hub.process.agreements.rules import Deed, Document, Signed, State, Way


class Version(Kept):
    """One version of the agreement or of the terms of reference. From its publication on, its text is what people sign."""

    __tablename__ = "agreement_versions"
    document: Mapped[str] = mapped_column(String(12))
    number: Mapped[int] = mapped_column()
    title: Mapped[str] = mapped_column(String(200))
    purpose: Mapped[str] = mapped_column(Text, default="")
    parties: Mapped[str] = mapped_column(Text, default="")
    body: Mapped[str] = mapped_column(Text)  # Markdown
    changes: Mapped[str] = mapped_column(Text, default="")  # what changed since the last version
    effective_on: Mapped[dt.date | None] = mapped_column(Date)
    review_on: Mapped[dt.date | None] = mapped_column(Date)
    months: Mapped[int] = mapped_column(default=12)  # how long a signature lasts
    approved_by: Mapped[str] = mapped_column(String(200), default="")
    approved_on: Mapped[dt.date | None] = mapped_column(Date)
    asks_again: Mapped[bool] = mapped_column(default=True)  # whether those who signed an earlier version sign again
    asks_kinds: Mapped[list[str]] = mapped_column(JSON, default=list)  # ids of the kinds of agency it asks again; none: all
    grace_days: Mapped[int] = mapped_column(default=30)  # how long signatures under the version before still count
    placeholder: Mapped[bool] = mapped_column(default=False)  # our own sample, which nobody can sign
    shown: Mapped[str] = mapped_column(Text, default="")  # the exact text people read and sign, once published
    sha256: Mapped[str] = mapped_column(String(64), default="")  # of `shown` in UTF-8
    published_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    published_by: Mapped[str] = mapped_column(String(160), default="")
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[str] = mapped_column(String(160), default="")
    withdrawn_reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (UniqueConstraint("document", "number"),)

    @property
    def document_(self) -> Document:
        """Which document it is a version of, as a rule knows it."""
        return Document(self.document)

    @property
    def state(self) -> State:
        """Draft, published or withdrawn."""
        if self.withdrawn_at:
            return State.WITHDRAWN
        return State.PUBLISHED if self.published_at else State.DRAFT


class Request(Kept):
    """Somebody who was asked to sign for an organisation, and how far they came. Half-done, it is where they left it."""

    __tablename__ = "signing_requests"
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement_versions.id"))
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agencies.id"), index=True, info=STAYS)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id"))
    line_id: Mapped[uuid.UUID | None] = mapped_column()  # their line of the register, where the hub does not know the person
    conference_id: Mapped[uuid.UUID | None] = mapped_column(index=True)  # the meeting it is for, if for one
    name: Mapped[str] = mapped_column(String(160))
    email: Mapped[str] = mapped_column(String(254), default="")
    way: Mapped[str] = mapped_column(String(12), default=Way.LINK)
    witness: Mapped[str] = mapped_column(String(160), default="")  # who handed over the device, or saw the paper
    asked_at: Mapped[dt.datetime] = mapped_column(Moment)
    asked_by: Mapped[str] = mapped_column(String(160))
    forwarded_from_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("signing_requests.id"))
    opened_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    read_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    read_sha256: Mapped[str] = mapped_column(String(64), default="")  # of the text that was read
    typed: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # step 2, as far as it was typed
    signed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    declined_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    decline_reason: Mapped[str] = mapped_column(String(1000), default="")
    forwarded_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    closed_at: Mapped[dt.datetime | None] = mapped_column(Moment)  # overtaken: somebody else signed, or it was taken back
    agency: Mapped[Agency] = relationship(lazy="joined", innerjoin=True)
    text: Mapped[Version] = relationship(lazy="select")

    @property
    def asker(self) -> str:
        """Who asked, inside a sentence."""
        return "the hub itself" if self.asked_by == "The hub itself" else self.asked_by

    @property
    def who(self) -> uuid.UUID | None:
        """By which id they are covered: the person's, or that of their line in the register."""
        return self.person_id or self.line_id

    @property
    def open(self) -> bool:
        """Whether it still waits for somebody."""
        return not (self.signed_at or self.declined_at or self.closed_at)

    @property
    def way_(self) -> Way:
        """By which way it is to be signed, as a rule knows it."""
        return Way(self.way)


class Signature(Base):
    """One signature: who signed what, for whom, how and when. Written once and never changed; see `chain`."""

    __tablename__ = "signatures"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    number: Mapped[int] = mapped_column(unique=True)  # its place in the chain, from 1 without a gap
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)  # printed on the receipt
    signed: Mapped[str] = mapped_column(String(12))  # agreement, undertaking
    way: Mapped[str] = mapped_column(String(12))
    request_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("signing_requests.id"), unique=True)
    version_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement_versions.id"))
    version_number: Mapped[int] = mapped_column()
    text_sha256: Mapped[str] = mapped_column(String(64))
    agency_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agencies.id"), index=True, info=STAYS)
    organisation: Mapped[str] = mapped_column(String(160))  # its name as it was signed for
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("people.id"))
    name: Mapped[str] = mapped_column(String(160))
    typed_name: Mapped[str] = mapped_column(String(160))
    job_title: Mapped[str] = mapped_column(String(160))
    email: Mapped[str] = mapped_column(String(254))
    authority: Mapped[str] = mapped_column(String(500))  # the statement they ticked, word for word
    everybody: Mapped[bool] = mapped_column()  # covers everybody there, or only those named
    named: Mapped[list[str]] = mapped_column(JSON)  # ids of the people covered, where it is not everybody
    conference_id: Mapped[uuid.UUID | None] = mapped_column()  # the one meeting an undertaking is for
    verified: Mapped[str] = mapped_column(String(300))  # how it is known that the mailbox, or the person, is theirs
    witness: Mapped[str] = mapped_column(String(160))
    paper_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("papers.id"))  # the scan of a signature on paper
    opened_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    signed_at: Mapped[dt.datetime] = mapped_column(Moment)
    signed_local: Mapped[str] = mapped_column(String(60))  # the same moment as clocks in London showed it
    until: Mapped[dt.date] = mapped_column(Date)
    ip: Mapped[str] = mapped_column(String(60))
    agent: Mapped[str] = mapped_column(String(300))
    agency: Mapped[Agency] = relationship(lazy="joined", innerjoin=True)
    text: Mapped[Version] = relationship(lazy="select")
    paper: Mapped[Paper | None] = relationship(lazy="select")

    @property
    def signed_(self) -> Signed:
        """What was signed, as a rule knows it."""
        return Signed(self.signed)

    @property
    def way_(self) -> Way:
        """How it was signed, as a rule knows it."""
        return Way(self.way)


class Act(Base):
    """What the council did with a signature: countersigned or revoked. A link of the same chain, and never changed."""

    __tablename__ = "signature_acts"
    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    number: Mapped[int] = mapped_column(unique=True)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)
    deed: Mapped[str] = mapped_column(String(16))
    signature_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("signatures.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    by_id: Mapped[uuid.UUID | None] = mapped_column()
    by_name: Mapped[str] = mapped_column(String(160))
    job_title: Mapped[str] = mapped_column(String(160))
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("signature_id", "deed"),)

    @property
    def deed_(self) -> Deed:
        """What was done, as a rule knows it."""
        return Deed(self.deed)


Index("ix_signatures_version_id", Signature.version_id)


def published(document: Document = Document.AGREEMENT) -> list[Version]:
    """Published versions that were not withdrawn, the newest first."""
    return list(db.session.scalars(select(Version).where(
        Version.document == document, Version.published_at.is_not(None), Version.withdrawn_at.is_(None)).order_by(Version.number.desc())))


def lock_texts(document: Document = Document.AGREEMENT) -> None:
    """Nobody publishes or withdraws a version while somebody signs one, nor the other way round: the second waits, and sees what the first did."""
    db.session.execute(select(Version.id).where(Version.document == document).order_by(Version.number).with_for_update())


def in_force(document: Document, today: dt.date) -> Version | None:
    """The version that is signed today: the newest published one that has come into effect, or else the first that will. Never a placeholder."""
    return newest_in_effect([version for version in published(document) if not version.placeholder], today)


def newest_in_effect(found: Sequence[Version], today: dt.date) -> Version | None:
    """Of published versions, the newest first: the newest that has come into effect, or else the first that will."""
    return next((v for v in found if v.effective_on and v.effective_on <= today), found[-1] if found else None)


def versions(document: Document) -> list[Version]:
    """All versions of a document, the newest first."""
    return list(db.session.scalars(select(Version).where(Version.document == document).order_by(Version.number.desc())))


def signatures_of(agency_ids: Collection[uuid.UUID]) -> list[tuple[Signature, dt.datetime | None]]:
    """Signatures of these agencies, the newest first, each with when it was revoked."""
    if not agency_ids:
        return []
    query = select(Signature, Act.at).outerjoin(Act, (Act.signature_id == Signature.id) & (Act.deed == Deed.REVOKED)).where(
        Signature.agency_id.in_(list(agency_ids))).order_by(Signature.number.desc())
    return [(signature, revoked) for signature, revoked in db.session.execute(query).unique()]


def cover_of(agency_ids: Collection[uuid.UUID]) -> list[tuple[Any, ...]]:
    """As far as cover asks, in one query: (agency, id, what, version, until, everybody, whom by id, meeting, revoked at, -, -, among whom, kind) of each
    signature of these agencies, the newest first; and (-, -, -, version, in effect on, asks again, kinds by id, -, -, days of grace, -, -, -) of each
    published agreement. A signature of an agency that is part of one of these says among whom it counts, and for which kind it was given."""
    what = (Signature.id, Signature.signed, Signature.version_number.label("version"), Signature.until, Signature.everybody, Signature.named,
            Signature.conference_id, Act.at, cast(null(), Integer), Signature.number.label("place"))
    ended, ids = (Act.signature_id == Signature.id) & (Act.deed == Deed.REVOKED), list(agency_ids)
    inherited = select(Merger.into_id, *what, Merger.whom, Agency.kind_id).join(Signature, Signature.agency_id == Merger.from_id).join(
        Agency, Agency.id == Merger.from_id).outerjoin(Act, ended).where(Merger.into_id.in_(ids))
    own = select(Signature.agency_id, *what, null(), null()).outerjoin(Act, ended).where(Signature.agency_id.in_(ids))
    texts = select(
        null(), null(), null(), Version.number, Version.effective_on, Version.asks_again, Version.asks_kinds, null(), null(), Version.grace_days, cast(null(), Integer), null(), null()).where(
        Version.document == Document.AGREEMENT, Version.published_at.is_not(None), Version.withdrawn_at.is_(None))
    both = inherited.union_all(own, texts)
    return [tuple(row) for row in db.session.execute(both.order_by(desc("place"), desc("version")))]


def open_requests(agency_ids: Collection[uuid.UUID] | None = None) -> list[Request]:
    """Requests that still wait, of these agencies or of all, the longest waiting first."""
    query = select(Request).where(Request.signed_at.is_(None), Request.declined_at.is_(None), Request.closed_at.is_(None)).order_by(Request.asked_at)
    return list(db.session.scalars(query if agency_ids is None else query.where(Request.agency_id.in_(list(agency_ids)))))


def request_of(agency_id: uuid.UUID, person: Person, conference_id: uuid.UUID | None) -> Request | None:
    """The newest open request to this person to sign for this agency, for this meeting or for none."""
    return db.session.scalar(select(Request).where(
        Request.agency_id == agency_id, Request.person_id == person.id, Request.conference_id == conference_id, Request.way == Way.LINK,
        Request.signed_at.is_(None), Request.declined_at.is_(None), Request.closed_at.is_(None)).order_by(Request.asked_at.desc()).limit(1))


def to_countersign() -> list[Signature]:
    """Signatures of the agreement that the council has neither countersigned nor ended, the oldest first."""
    done = select(Act.id).where(Act.signature_id == Signature.id).exists()
    return list(db.session.scalars(select(Signature).where(
        Signature.signed == Signed.AGREEMENT, Signature.way != Way.RECORDED, ~done).order_by(Signature.number)).unique())


def running_out(day: dt.date, days: int) -> list[Signature]:
    """Signatures of the agreement that run out within so many days and were neither renewed nor ended, the next first."""
    ended = select(Act.id).where(Act.signature_id == Signature.id, Act.deed == Deed.REVOKED).exists()
    later = select(Signature.agency_id, Signature.email, Signature.everybody, Signature.until).where(
        Signature.signed == Signed.AGREEMENT, Signature.until >= day, ~ended).subquery()
    heir = select(Merger.into_id).where(Merger.from_id == Signature.agency_id).scalar_subquery()
    renewed = select(later.c.until).where(or_(later.c.agency_id == Signature.agency_id, later.c.agency_id == heir), later.c.until > Signature.until,
                                          later.c.everybody | (later.c.email == Signature.email)).exists()
    return list(db.session.scalars(select(Signature).where(
        Signature.signed == Signed.AGREEMENT, Signature.way != Way.RECORDED, Signature.until >= day, Signature.until <= day + dt.timedelta(days=days),
        ~ended, ~renewed).order_by(Signature.until, Signature.number)).unique())


def acts_of(signature_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, dict[str, Act]]:
    """What was done with these signatures, by signature and deed."""
    found: dict[uuid.UUID, dict[str, Act]] = {}
    for act in db.session.scalars(select(Act).where(Act.signature_id.in_(list(signature_ids)))):
        found.setdefault(act.signature_id, {})[act.deed] = act
    return found
