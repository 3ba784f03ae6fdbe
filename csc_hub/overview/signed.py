"""What the register of signatures shows: one line for each signature, what waits, the gap before coming meetings, and how long signing takes."""

from __future__ import annotations

import datetime as dt
import statistics
import uuid
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import bindparam, func, or_, select

from csc_hub.db import db, rows_of
from csc_hub.kernel import count, day_short, today
from csc_hub.people.mergers import Merger
from csc_hub.people.records import Agency, Kind, Person
from csc_hub.process.agreements import covering, records
from csc_hub.process.agreements.records import Act, Request, Signature
from csc_hub.process.agreements.rules import Deed, Signed, Way
from csc_hub.process.conferences.records import Conference
from csc_hub.process.conferences.rules import State
from csc_hub.process.invitations.records import Invitation
from csc_hub.process.invitations.rules import ASKED

ROWS = 50
STATES = {"": "All", "counts": "Counts today", "ending": "Runs out within 60 days", "waiting": "To be countersigned", "over": "Run out or ended"}


@dataclass(frozen=True)
class Line:
    """One signature as the register shows it."""

    signature: Signature
    state: str
    countersigned: bool
    covers: str
    now_called: str = ""


def lines(words: str, state: str, below: int | None, day: dt.date, limit: int, kind: uuid.UUID | None = None) -> list[Line]:
    """Signatures, the newest first, below a number of the chain, by words of organisation or signatory, by state and by kind of agency."""
    def done(deed: Deed):
        return select(Act.id).where(Act.signature_id == Signature.id, Act.deed == deed).exists()

    query = select(Signature, Merger).join(Agency, Agency.id == Signature.agency_id).outerjoin(Merger, Merger.from_id == Signature.agency_id).order_by(Signature.number.desc()).limit(limit)
    if below is not None:
        query = query.where(Signature.number < below)
    if kind is not None:
        query = query.where(Agency.kind_id == kind)
    for word in words.lower().split()[:6]:
        query = query.where(or_(*(func.lower(c).contains(word, autoescape=True) for c in (Signature.organisation, Agency.name, Signature.name))))
    if state == "counts":
        query = query.where(Signature.until >= day, ~done(Deed.REVOKED))
    elif state == "ending":
        query = query.where(Signature.until >= day, Signature.until <= day + dt.timedelta(days=60), ~done(Deed.REVOKED))
    elif state == "waiting":
        query = query.where(Signature.signed == Signed.AGREEMENT, Signature.way != Way.RECORDED, ~done(Deed.COUNTERSIGNED), ~done(Deed.REVOKED))
    elif state == "over":
        query = query.where(or_(Signature.until < day, done(Deed.REVOKED)))
    rows = db.session.execute(query).unique().all()
    found, parts = [signature for signature, _ in rows], {part.from_id: part for _, part in rows if part}
    acts = records.acts_of([s.id for s in found])
    named = {uuid.UUID(some_id) for s in found if not s.everybody for some_id in s.named}
    names = {row.id: row.name for row in db.session.execute(select(Person.id, Person.name).where(Person.id.in_(named)))} if named else {}
    return [_line(s, acts.get(s.id, {}), names, parts.get(s.agency_id), day) for s in found]


def _line(signature: Signature, acts: dict[str, Act], names: dict[uuid.UUID, str], part: Merger | None, day: dt.date) -> Line:
    if Deed.REVOKED in acts:
        state = f"Ended: {acts[Deed.REVOKED].reason}"
    else:
        state = "Counts today" if day <= signature.until else "Has run out"
    everybody = f"Everybody who was there on {day_short(today(part.at))}" if part else "Everybody there"
    covers = everybody if signature.everybody else signature.name if signature.signed_ is Signed.UNDERTAKING else ", ".join(names.get(uuid.UUID(n), "somebody" if signature.person_id else signature.name) for n in signature.named)
    now_called = f"now part of {part.into.name}" if part else f"now {signature.agency.name}" if signature.agency.name != signature.organisation else ""
    return Line(signature, state, Deed.COUNTERSIGNED in acts, covers, now_called)


def kinds() -> tuple[list[tuple[uuid.UUID, str]], int]:
    """(id, name) of the kinds of agency that something was signed for, and how many signatures wait to be countersigned."""
    done = select(Act.id).where(Act.signature_id == Signature.id).exists()
    waiting = select(func.count()).select_from(Signature).where(Signature.signed == Signed.AGREEMENT, Signature.way != Way.RECORDED, ~done).scalar_subquery()
    signed = select(Signature.id).join(Agency, Agency.id == Signature.agency_id).where(Agency.kind_id == Kind.id).exists()
    rows = db.session.execute(select(Kind.id, Kind.name, waiting).where(signed).order_by(Kind.position)).all()
    return [(row[0], row[1]) for row in rows], rows[0][2] if rows else 0


def requests(now: dt.datetime) -> list[Request]:
    """Requests that wait, or that were declined by an organisation that has not signed since; those asked last first. A code at the door waits for a day."""
    since = select(Signature.id).where(Signature.agency_id == Request.agency_id, Signature.signed == Signed.AGREEMENT, Signature.signed_at > Request.declined_at).exists()
    return list(db.session.scalars(select(Request).where(
        Request.signed_at.is_(None), Request.closed_at.is_(None), ~since, or_(Request.way == Way.LINK, Request.declined_at.is_not(None), Request.asked_at > now - dt.timedelta(days=1)),
    ).order_by(Request.asked_at.desc()).limit(ROWS)).unique())


class _Of(NamedTuple):
    """An agency, as far as cover asks."""

    id: uuid.UUID
    name: str
    kind_id: uuid.UUID
    statutory: bool


class _Asked(NamedTuple):
    """Somebody on a list, as cover asks about them."""

    person_id: uuid.UUID
    agency: _Of
    left: bool


_LEFT = or_(Person.agency_id.is_(None), Person.agency_id != Agency.id, ~Person.active)
_ON_LISTS = select(
    Conference.starts_at, Conference.id, Invitation.person_id, _LEFT, Agency.id.label("agency_id"), Agency.name, Agency.kind_id, Agency.statutory).join(Invitation, Invitation.conference_id == Conference.id).join(
    Person, Person.id == Invitation.person_id).join(Agency, Agency.id == Invitation.agency_id).where(
    Conference.state == State.PLANNED, Conference.starts_at >= bindparam("now"), Invitation.withdrawn_at.is_(None), Invitation.reply.in_(list(ASKED)),
    or_(Agency.statutory.is_(False), _LEFT)).order_by(Conference.starts_at, Conference.id)


def gap(now: dt.datetime) -> list[tuple[dt.date, str]]:
    """(day, sentence) for each coming meeting that asks people of organisations who are not covered on that day. It says nothing of the case."""
    rows = rows_of(_ON_LISTS, {"now": now}).all()
    what = covering.known({row.agency_id: _Of(*row[4:]) for row in rows}.values())
    lacking: dict[tuple[dt.datetime, uuid.UUID], Counter[str]] = {}
    for starts_at, conference_id, person_id, left, *agency in rows:
        asked = _Asked(person_id, _Of(*agency), bool(left))
        if not covering.of(asked, conference_id, what, today(starts_at)).covered:
            lacking.setdefault((starts_at, conference_id), Counter())[asked.agency.name] += 1
    return [(today(at), ", ".join(f"{name} ({count(number, 'person', 'people')})" for name, number in sorted(names.items())))
            for (at, _), names in lacking.items()]


def pace() -> str:
    """The median time from opening the link to signing, from real use, with the number it rests on."""
    rows = db.session.execute(select(Signature.opened_at, Signature.signed_at).where(
        Signature.opened_at.is_not(None)).order_by(Signature.number.desc()).limit(1000)).all()
    if not rows:
        return "Nobody has signed through a link yet, so there is no time to show"
    seconds = round(statistics.median((signed - opened).total_seconds() for opened, signed in rows))
    return f"Signing takes {count(seconds // 60, 'minute')} {count(seconds % 60, 'second')} from opening the link, the median of {count(len(rows), 'signature')}"


HEADINGS = ("Organisation", "What", "Version", "Signed by", "Job title", "How", "Signed on", "Counts until", "Covers", "Countersigned", "State", "Receipt code")


def cells(line: Line) -> tuple[str, ...]:
    """A line as a download shows it."""
    s = line.signature
    return (s.organisation, s.signed_.label, str(s.version_number), s.name, s.job_title, s.way_.label, day_short(today(s.signed_at)), day_short(s.until),
            line.covers, "Yes" if line.countersigned else "No", line.state, s.code)
