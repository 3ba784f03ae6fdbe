"""Put people on the list, record what they reply, and answer the guidance's questions about attendance."""

from __future__ import annotations

import datetime as dt
import uuid
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import insert, select
from sqlalchemy.orm.exc import StaleDataError

from csc_hub.audit import service as audit
from csc_hub.audit.records import Event
from csc_hub.db import db, save, write
from csc_hub.kernel import NotFound, Refused
from csc_hub.people.records import Agency, Person
from csc_hub.process.conferences import service as conferences
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import records, rules, sending
from csc_hub.process.invitations.records import Answer, Invitation, Invitee, Said, ToAnswer
from csc_hub.process.invitations.rules import Asked, Reply, Row, Source


def _record(verb: str, context: Context, by: Person, now: dt.datetime, subject: uuid.UUID, **detail: object) -> None:
    db.session.flush()
    audit.record(verb, by, now, subject=subject, context_id=context.id, **detail)


class TakenOff(Refused):
    """Somebody was taken off the list after the page was made on which something is said of them."""


def found(invitation_id: uuid.UUID, conference: Conference) -> Invitation:
    """An invitation of this conference. Raises `TakenOff` where somebody has taken it off the list, and `NotFound` for another's."""
    invitation = db.session.get(Invitation, invitation_id)
    if invitation and invitation.conference_id == conference.id:
        return invitation
    gone = db.session.scalar(select(Event.actor).where(
        Event.subject == invitation_id, Event.verb == "removed_invitation", Event.context_id == conference.context_id).limit(1))
    if gone is None:
        raise NotFound
    raise TakenOff(f"{gone} took this person off the list meanwhile, so nothing was saved. If they are to be asked after all, put them on the list again")


def ask(context: Context, conference: Conference, person_id: uuid.UUID, why: list[int], note: str, by: Person, now: dt.datetime) -> None:
    """Puts a person on the list, with the questions they answer."""
    person = db.session.get(Person, person_id)
    already = db.session.scalar(select(Invitation.id).where(Invitation.conference_id == conference.id, Invitation.person_id == person_id))
    fault = rules.obstacle_to_asking(bool(person and person.active), already is not None)
    if fault or person is None:
        raise Refused(fault or "Choose who is to be asked", "person_id")
    invitation = Invitation(
        conference_id=conference.id, person_id=person.id, agency_id=person.agency_id, why=sorted(why), note=note, added_at=now)
    db.session.add(invitation)
    conferences.unsettle(conference)
    db.session.flush()
    _record("asked_person", context, by, now, invitation.id)


def change(context: Context, conference: Conference, invitation: Invitation, why: list[int], note: str, by: Person, now: dt.datetime) -> None:
    """Changes why somebody is asked."""
    invitation.why, invitation.note = sorted(why), note
    conferences.unsettle(conference)
    _record("changed_invitation", context, by, now, invitation.id)


def take_off(context: Context, conference: Conference, invitation: Invitation, by: Person, now: dt.datetime) -> None:
    """Takes somebody off the list who has not replied yet."""
    if invitation.sent_at:
        raise Refused("This person was sent an invitation. Withdraw it instead, so that they hear of it")
    if invitation.reply_ is not Reply.NONE:
        raise Refused("This person has replied, so they stay on the list. Record that they are not coming instead")
    db.session.delete(invitation)
    conferences.unsettle(conference)
    _record("removed_invitation", context, by, now, invitation.id)


def record_reply(
    context_id: uuid.UUID, invitation: Invitation | ToAnswer, reply: Reply, reason: str, deputy: str, on: dt.date, by: Person | Invitee, now: dt.datetime,
    source: Source = Source.BEHALF, also: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Records what somebody answered, through which door and when, and what they said `also`. Every answer is kept; the last one counts."""
    fault = rules.fault_of_reply(reply, reason, deputy)
    if fault:
        raise Refused(fault[1], fault[0])
    reason, deputy = rules.used(reply, reason, deputy)
    db.session.flush()
    save(invitation, reply=reply.value, reason=reason, deputy=deputy, replied_on=None if reply is Reply.NONE else on, **also)
    write(_SAID, {"id": uuid.uuid4(), "invitation_id": invitation.id, "at": now, "source": source, "by_name": by.name, "reply": reply, "reason": reason, "deputy": deputy})
    if reply not in (Reply.NONE, Reply.PASSED) and invitation.sent_at and invitation.told_at is None and not invitation.withdrawn_at:
        sending.knows_again(db.session.get_one(Invitation, invitation.id), now)
    audit.record("recorded_reply", by, now, subject=invitation.id, context_id=context_id, reply=reply.value, about=f"{reply.label.lower()}, {source.label}")


_SAID = insert(Said.__table__)


def answer(context: Context, conference: Conference, question: int, text: str, by: Person, now: dt.datetime) -> None:
    """Answers a question about attendance in words; nothing written takes it back."""
    row = db.session.scalar(select(Answer).where(Answer.conference_id == conference.id, Answer.question == question))
    if _keep(row, Answer(conference_id=conference.id, question=question), text):
        _record("answered_question", context, by, now, conference.id, question=question)


@dataclass(frozen=True)
class Reasons:
    """Why kinds of agency are not needed, as they stand: a form tells by `version` whether they changed meanwhile."""

    version: int
    texts: Mapping[uuid.UUID, str]


def reasons(conference: Conference) -> Reasons:
    """The reasons that stand now."""
    rows = sorted((str(a.kind_id), a.text) for a in records.answers(conference.id) if a.kind_id)
    return Reasons(zlib.crc32(repr(rows).encode()) % 10**9, {uuid.UUID(kind): text for kind, text in rows})


def say_not_needed(context: Context, conference: Conference, texts: Mapping[uuid.UUID, str], by: Person, now: dt.datetime, seen: int) -> None:
    """Says of several kinds of agency why they are not needed, where still the reasons stand that were `seen`; nothing written takes a reason back."""
    db.session.execute(select(Conference.id).where(Conference.id == conference.id).with_for_update())  # one after the other
    if reasons(conference).version != seen:
        raise StaleDataError
    rows = {a.kind_id: a for a in records.answers(conference.id) if a.kind_id}
    changed = [_keep(rows.get(kind), Answer(conference_id=conference.id, kind_id=kind), text) for kind, text in texts.items()]
    if any(changed):
        _record("answered_question", context, by, now, conference.id, question=0)


def _keep(row: Answer | None, new: Answer, text: str) -> bool:
    """Keeps an answer, or takes it away where nothing is written; whether anything changed."""
    if (row.text if row else "") == text:
        return False
    if row and not text:
        db.session.delete(row)
    else:
        kept = row or new
        kept.text = text
        db.session.add(kept)
    return True


def board(conference: Conference, asked: list[Asked], office: list[Asked]) -> tuple[list[Row], list[Row], dict[str, int]]:
    """The coverage board: the questions, the kinds of agency, and the council's figures that it is measured by."""
    found = records.reasons(conference.id)
    questions = rules.questions(asked, {r.question: r.text or "" for r in found if r.question})
    named = [(str(r.kind_id), r.name or "") for r in found if r.kind_id]
    return questions, rules.kinds([*asked, *office], named, {str(r.kind_id): r.text or "" for r in found if r.kind_id and r.text}), records.figures(found)


_CHAIRS, _LEADS = "chairs", "is the lead practitioner"


def by_office(context: Context, conference: Conference, invitations: Sequence[Invitation], of_lead: Agency | None, today: dt.date) -> list[Asked]:
    """The chair and the lead practitioner, who come without being on the list: their agencies are in the room."""
    on_list, held = {i.person_id for i in invitations if not i.withdrawn_at and not i.left}, _held(conference, today)
    offices = ((conference.chair, conference.chair and conference.chair.agency, _CHAIRS), (context.lead, of_lead, _LEADS))
    return [Asked(p.name, agency.name, str(agency.kind_id), (), Reply.NONE, office, not (p.active or held))
            for p, agency, office in offices if p and agency and p.id not in on_list]


def asked_of(context: Context, conference: Conference, invitations: Sequence[Invitation], today: dt.date) -> list[Asked]:
    """Everybody on the list who is still asked, as the rules see them. Of a conference that was held nobody leaves any more."""
    offices, held = {context.lead_id: _LEADS, conference.chair_id: _CHAIRS}, _held(conference, today)
    return [Asked(
        i.person.name, i.agency.name if i.agency else "", str(i.agency.kind_id) if i.agency else "", i.why, i.reply_, offices.get(i.person_id, ""), i.left and not held)
        for i in invitations if not i.withdrawn_at]


def _held(conference: Conference, today: dt.date) -> bool:
    return conference.day is not None and conference.day < today
