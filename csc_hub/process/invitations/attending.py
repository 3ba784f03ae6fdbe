"""Keeps the register: notes who is here, corrects it, and records what the chair says of the attendance."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused, today
from csc_hub.people.records import Agency, Person
from csc_hub.process.conferences import records as conferences
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import records, register
from csc_hub.process.invitations.records import Attendance, Invitation
from csc_hub.process.invitations.register import Deed, How, Line
from csc_hub.process.invitations.rules import INVOLVEMENT, Reply

Noted = tuple[list[Invitation], list[Attendance]]
"""Who is on the list of a conference, and what was noted at the door."""


class Meanwhile(Refused):
    """Somebody else noted something of the same person after this page was made."""


@dataclass(frozen=True)
class Register:
    """A register as its page shows it: the lines, the kinds of agency that came, what is missing and what is doubtful."""

    lines: tuple[Line, ...]
    kinds: tuple[str, ...]
    every_kind: int
    gaps: tuple[str, ...]
    doubts: tuple[str, ...]
    young_people: tuple[str, ...]

    @property
    def numbers(self) -> register.Numbers:
        """The register in numbers."""
        return register.numbers(self.lines)


def noted(conference: Conference) -> Noted:
    """Who is on the list of a conference, and what was noted at the door."""
    return records.of_conference(conference.id), records.attendances(conference.id)


def of(context: Context, conference: Conference, read: Noted | None = None) -> Register:
    """The register of a conference, with its coverage by those who came. `read`: what `noted` gave, so that it is asked once."""
    found, reasons = lines(context, conference, read), records.reasons(conference.id)
    named = [(str(r.kind_id), r.name or "") for r in reasons if r.kind_id]
    answers = {r.question: r.text or "" for r in reasons if r.question}
    covered = register.kinds_covered(found, named)
    least = records.figures(reasons)["kinds_at_least"]
    return Register(
        tuple(found), tuple(covered), len(named), tuple(register.gaps(
            found, answers, named, {str(r.kind_id): r.text or "" for r in reasons if r.kind_id}, conference.young_people)),
        tuple(register.doubts(found, len(covered), least, answers)),
        tuple(register.of_young_people(conference.young_people, answers.get(INVOLVEMENT, ""))))


def lines(context: Context, conference: Conference, read: Noted | None = None) -> list[Line]:
    """Everybody who is expected or came, by name: those invited, the chair and the lead practitioner, and those who just came."""
    invitations, rows = read or noted(conference)
    by_invitation = {row.invitation_id: row for row in rows if row.invitation_id}
    deputies = {i.deputy_for_id: i for i in invitations if i.deputy_for_id and not i.withdrawn_at}
    names = {i.id: i.person.name for i in invitations}
    found = [_of_invitation(i, by_invitation.get(i.id), i.id in deputies, names.get(i.deputy_for_id, "") if i.deputy_for_id else "")
             for i in invitations if not i.withdrawn_at or i.id in by_invitation]
    loose = [row for row in rows if not row.invitation_id]
    on_list = {i.person_id for i in invitations if not i.withdrawn_at or i.id in by_invitation}
    for person, office in ((conference.chair, "Chair"), (context.lead, "Lead practitioner")):
        if person and person.id not in on_list:
            own = next((row for row in loose if not row.deputy_for and (row.name, row.agency_id) == (person.name, person.agency_id)), None)
            loose = [row for row in loose if row is not own]
            found.append(_with(Line(f"p-{person.id}", person.name, person.job_title, office=office, **_agency(person.agency)), own))
    found += [_with(Line(f"a-{row.id}", row.name, **_agency(row.agency)), row) for row in loose]
    return sorted(found, key=lambda line: (line.name.casefold(), line.key))


def _agency(agency: Agency | None) -> dict[str, str]:
    return {"agency": agency.name, "kind": str(agency.kind_id)} if agency else {}


def _of_invitation(invitation: Invitation, row: Attendance | None, replaced: bool, stands_for: str) -> Line:
    person = invitation.person
    line = Line(
        f"i-{invitation.id}", person.name, person.job_title, why=tuple(invitation.why), reply=invitation.reply_, replaced=replaced,
        deputy=invitation.deputy if invitation.reply_ is Reply.DEPUTY and not replaced else "", deputy_for=stands_for, **_agency(invitation.agency))
    return _with(line, row)


def _with(line: Line, row: Attendance | None) -> Line:
    """A line with what was noted of it."""
    if row is None:
        return line
    own = {name: getattr(line, name) for name in ("key", "agency", "kind", "why", "reply", "office", "deputy", "replaced")}
    return Line(
        **own, name=row.name, job="" if row.deputy_for and row.name != line.name else line.job, row=str(row.id), version=row.version, how=How(row.how),
        deputy_for=row.deputy_for, arrived_at=row.arrived_at, left_at=row.left_at, acknowledged=row.acknowledged, noted_by=row.noted_by)


def found(context: Context, conference: Conference, key: str) -> Line:
    """A line of this register. Raises `NotFound` for another's."""
    line = next((line for line in lines(context, conference) if line.key == key), None)
    if line is None:
        raise NotFound
    return line


def row_of(attendance_id: uuid.UUID, conference: Conference) -> Attendance:
    """What was noted in this register. Raises `NotFound` for another's."""
    row = db.session.get(Attendance, attendance_id)
    if row is None or row.conference_id != conference.id:
        raise NotFound
    return row


def _open(conference: Conference, now: dt.datetime) -> None:
    fault = register.obstacle_to_noting(conference.day, today(now))
    if fault:
        raise Refused(fault)


def moment(conference: Conference, now: dt.datetime) -> dt.datetime | None:
    """The moment that a tap stands for; None once the meeting is over."""
    if conference.starts_at is None or conference.ends_at is None:
        return None
    return register.moment_of_tap(now, conference.starts_at, conference.ends_at)


def mark(context: Context, conference: Conference, key: str, deed: How | Deed, seen: int, deputy: bool, by: Person, now: dt.datetime) -> None:
    """Notes one tap. Raises `Meanwhile` where another device was quicker and noted something else."""
    _open(conference, now)
    line = found(context, conference, key)
    if line.version != seen:
        if isinstance(deed, How) and line.how is deed and not deputy:
            return  # both noted the same
        raise Meanwhile(register.meanwhile(line))
    at = moment(conference, now)
    fault = register.obstacle_to(deed, line, at)
    if fault:
        raise Refused(fault)
    if isinstance(deed, How):
        note(context, conference, line, deed, at, line.deputy if deputy else "", by, now)
    elif deed is Deed.UNDO:
        take_back(context, conference, line, by, now)
    else:
        _tick(context, row_of(uuid.UUID(line.row), conference), deed, at, by, now)


def note(
    context: Context, conference: Conference, line: Line, how: How, at: dt.datetime | None, deputy: str, by: Person, now: dt.datetime,
) -> None:
    """Notes how somebody took part, or that their deputy did; anew, or in place of what was noted before."""
    kind, _, some_id = line.key.partition("-")
    row = db.session.get(Attendance, uuid.UUID(line.row)) if line.row else None
    if row is None:
        person = db.session.get(Person, uuid.UUID(some_id)) if kind == "p" else None
        invitation = db.session.get_one(Invitation, uuid.UUID(some_id)) if kind == "i" else None
        source = invitation or person
        row = Attendance(
            conference_id=conference.id, invitation_id=invitation.id if invitation else None, agency_id=source.agency_id if source else None,
            name=(deputy or line.name)[:160], deputy_for=line.name if deputy else line.deputy_for)
    elif deputy:
        row.name, row.deputy_for = deputy[:160], line.name
    came = how in register.HERE
    row.how, row.noted_by, row.left_at = how, by.name, None
    row.arrived_at, row.acknowledged = ((row.arrived_at or at) if came else None), bool(came and row.acknowledged)
    db.session.add(row)
    _record("noted_attendance", context, row, by, now, about=how.label.lower())


def _tick(context: Context, row: Attendance, deed: Deed, at: dt.datetime | None, by: Person, now: dt.datetime) -> None:
    row.noted_by = by.name
    if deed in (Deed.LEFT, Deed.BACK):
        row.left_at = at if deed is Deed.LEFT else None
        _record("noted_leaving", context, row, by, now, about="left" if deed is Deed.LEFT else "still here")
    else:
        row.acknowledged = deed is Deed.ACKNOWLEDGED
        _record("noted_confidentiality", context, row, by, now, about="acknowledged" if row.acknowledged else "taken back")


def take_back(context: Context, conference: Conference, line: Line, by: Person, now: dt.datetime) -> None:
    """Takes a mistake back: the person is as if nothing had been noted of them; somebody not on the list is gone."""
    row = row_of(uuid.UUID(line.row), conference)
    db.session.delete(row)
    _record("took_back_attendance", context, row, by, now)


def walk_in(
    context: Context, conference: Conference, name: str, agency_id: uuid.UUID | None, how: How, instead_of: str, by: Person, now: dt.datetime,
) -> str:
    """Notes somebody who is not on the list, perhaps as the deputy of somebody who is; the key of their line."""
    _open(conference, now)
    every = lines(context, conference)
    agency = db.session.get(Agency, agency_id) if agency_id else None
    if any(line.name.casefold() == name.casefold() and (line.agency == (agency.name if agency else "") or not agency) for line in every):
        raise Refused(f"{name} is on the register already. Use the buttons in that line", "name")
    absent = next((line for line in every if line.key == instead_of), None) if instead_of else None
    if absent and absent.came:
        raise Refused(f"{absent.name} is noted as here. Take that back first, or choose somebody else", "instead_of")
    at = moment(conference, now) if how in register.HERE else None
    row = row_of(uuid.UUID(absent.row), conference) if absent and absent.row else Attendance(conference_id=conference.id)
    if absent:
        invitation = db.session.get_one(Invitation, uuid.UUID(absent.key[2:]))
        row.invitation_id, agency_id = invitation.id, agency_id or invitation.agency_id
    row.name, row.agency_id, row.how, row.deputy_for = name, agency_id, how, absent.name if absent else ""
    row.arrived_at, row.left_at, row.acknowledged, row.noted_by = at, None, False, by.name
    db.session.add(row)
    _record("noted_attendance", context, row, by, now, about=f"{how.label.lower()}, not on the list")
    return absent.key if absent else f"a-{row.id}"


def correct(
    context: Context, row: Attendance, how: How, arrived: dt.datetime | None, left: dt.datetime | None, acknowledged: bool, by: Person, now: dt.datetime,
) -> None:
    """Corrects what was noted, or types in what stands on paper."""
    fault = register.fault_of_times(how, arrived, left)
    if fault:
        raise Refused(fault[1], fault[0])
    row.how, row.arrived_at, row.left_at, row.noted_by = how, arrived, left, by.name
    row.acknowledged = acknowledged and how in register.HERE
    _record("corrected_attendance", context, row, by, now, about=how.label.lower())


def say_sufficient(context: Context, conference: Conference, sufficient: str, words: str, by: Person, now: dt.datetime) -> None:
    """Records in words whether attendance was sufficient. The chair says so; whoever else writes it down is named too."""
    _open(conference, now)
    chair = conference.chair
    conference.sufficient, conference.sufficient_words, conference.sufficient_at = sufficient, words, now
    conference.sufficient_by = (by.name if chair is None or chair.id == by.id else f"{chair.name}, written down by {by.name}")[:160]
    db.session.flush()
    audit.record("said_sufficient", by, now, subject=conference.id, context_id=context.id, about="sufficient" if sufficient == "yes" else "not sufficient")


def count_young_people(context: Context, conference: Conference, number: int | None, by: Person, now: dt.datetime) -> None:
    """Records how many young people came; None where nobody counted."""
    _open(conference, now)
    fault = register.obstacle_to_counting(number)
    if fault:
        raise Refused(fault, "young_people")
    conference.young_people = number
    db.session.flush()
    audit.record("counted_young_people", by, now, subject=conference.id, context_id=context.id)


def _record(verb: str, context: Context, row: Attendance, by: Person, now: dt.datetime, **detail: object) -> None:
    db.session.flush()
    audit.record(verb, by, now, subject=row.id, context_id=context.id, **detail)


def latest(context: Context, on: dt.date) -> Conference | None:
    """The conference whose register is wanted: the last whose day has come, or else the one in hand."""
    every = conferences.of_context(context.id)
    held: Sequence[Conference] = [c for c in every if c.day and c.day <= on]
    return held[-1] if held else conferences.current(context.id)
