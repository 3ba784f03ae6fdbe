"""Sends invitations, tells of changes, reminds, and withdraws. Everything goes through the outbox, in the deed's own transaction."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select, update

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import Refused, today, working_days_from
from csc_hub.outbox import service as outbox
from csc_hub.outbox.records import Outgoing
from csc_hub.people import service as people_service
from csc_hub.people.records import Person
from csc_hub.process.conferences.records import Conference
from csc_hub.process.conferences.rules import State
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import letters, links, records, rules
from csc_hub.process.invitations.records import Invitation, Leave
from csc_hub.process.invitations.rules import Reply


def obstacle(conference: Conference, now: dt.datetime) -> str | None:
    """Why invitations cannot be sent yet, or None."""
    return rules.obstacle_to_sending(
        conference.day, conference.state_ is State.PLANNED, conference.chair.name if conference.chair else "", conference.venue,
        bool(conference.starts_at and conference.starts_at <= now))


def waits(invitation: Invitation) -> bool:
    """Whether somebody is there to be asked: not withdrawn, not left since, and not the chair, in whose name the others are asked."""
    return not invitation.withdrawn_at and not invitation.left and invitation.person_id != invitation.conference.chair_id


def to_send(invitations: Sequence[Invitation]) -> list[Invitation]:
    """Those who have an address, were not asked yet, and have not said no by phone."""
    return [i for i in invitations if not i.sent_at and waits(i) and i.person.email and i.reply_ in rules.ASKED]


def by_hand(invitations: Sequence[Invitation]) -> list[Invitation]:
    """Those who have no address, and neither were asked nor have answered yet."""
    return [i for i in invitations if not i.sent_at and waits(i) and not i.person.email and i.reply_ is Reply.NONE]


def unanswered(invitations: Sequence[Invitation]) -> list[Invitation]:
    """Those who were asked and have not answered."""
    return [i for i in invitations if i.sent_at and waits(i) and i.person.email and i.reply_ is Reply.NONE]


def lost_letter(invitation: Invitation, letters: Sequence[Outgoing]) -> Outgoing | None:
    """The letter that says that somebody is not reached at the address they have now, or None.

    A letter that the hub sends by itself meanwhile does not make up for it; an invitation sent anew does, until that comes
    back too, and so does the person opening their page.
    """
    address = outbox.comparable(invitation.person.email or "")
    own = [letter for letter in letters if outbox.comparable(letter.to_address) == address]
    lost = next((letter for letter in own if letter.lost), None)
    if lost is None or (invitation.seen_at and invitation.seen_at > lost.queued_at):
        return None
    anew = any(letter.kind == "invitation" and letter.queued_at > lost.queued_at for letter in own)
    return None if anew else lost


def not_reached(invitations: Sequence[Invitation], letters: Mapping[uuid.UUID, Sequence[Outgoing]]) -> dict[uuid.UUID, Outgoing]:
    """invitation -> the letter that did not arrive, for everybody expected whom no mail reaches."""
    found = {i.id: lost_letter(i, letters.get(i.id, ())) for i in invitations if i.sent_at and not i.withdrawn_at}
    return {key: letter for key, letter in found.items() if letter}


def send(context: Context, conference: Conference, chosen: Collection[uuid.UUID], by: Person, now: dt.datetime) -> int:
    """Sends invitations to those chosen, in the chair's name; how many. Both the chair and whoever pressed are on record."""
    fault = obstacle(conference, now)
    if fault:
        raise Refused(fault)
    found = [i for i in to_send(records.of_conference(conference.id)) if i.id in chosen]
    if not found:
        raise Refused("Choose whom to send an invitation to", "chosen")
    for invitation in found:
        _ask(invitation, conference, by, now)
    db.session.flush()
    audit.record("sent_invitations", by, now, subject=conference.id, context_id=context.id, number=len(found))
    return len(found)


def _ask(invitation: Invitation, conference: Conference, by: Person, now: dt.datetime) -> None:
    chair = conference.chair
    invitation.sent_at, invitation.told_at = now, conference.starts_at
    invitation.sent_by = by.name if chair is None or by.id == chair.id else f"{by.name}, for {chair.name}"
    letters.post("invitation", invitation, conference, links.make(invitation, conference, now), now)


def send_again(context: Context, conference: Conference, invitation: Invitation, by: Person, now: dt.datetime) -> None:
    """Sends somebody their invitation once more, with a new link; the old one stops working. Whoever had been told not to come is asked anew."""
    fault = obstacle(conference, now) or gone(invitation)
    if fault or not invitation.person.email:
        raise Refused(fault or "This person has no e-mail address. Print a letter instead")
    links.revoke(invitation, now)
    _anew(invitation)
    _ask(invitation, conference, by, now)
    db.session.flush()
    audit.record("sent_invitations", by, now, subject=invitation.id, context_id=context.id, number=1)


def gone(invitation: Invitation) -> str | None:
    """Why nothing is sent to somebody any more, or None."""
    return None if invitation.person.active else f"{invitation.person.name} has left since. Ask whoever took over"


def _anew(invitation: Invitation) -> None:
    if invitation.withdrawn_at or (invitation.sent_at and invitation.told_at is None):  # the entry is gone from their calendar
        invitation.sequence += 1
    if invitation.withdrawn_at:
        invitation.withdrawn_at = None
        invitation.reply, invitation.reason, invitation.deputy, invitation.replied_on = Reply.NONE, "", "", None


def correct_address(
    context: Context, conference: Conference, invitation: Invitation, address: str, by: Person, now: dt.datetime,
) -> bool:
    """Corrects the address of somebody who has no account, and sends the invitation there if it can be sent; whether it was.

    Every link that was mailed to the old address stops, in all conferences: whoever has that address may be a stranger.
    """
    people_service.correct_address(invitation.person, address, by, now, context.id)
    for other in records.of_person(invitation.person_id):
        links.revoke(other, now)
    if obstacle(conference, now) or invitation.withdrawn_at or not address or not invitation.sent_at:
        return False
    send_again(context, conference, invitation, by, now)
    return True


def by_letter(context: Context, conference: Conference, invitation: Invitation, by: Person, now: dt.datetime) -> links.Key:
    """A link for a letter on paper; whoever gets it counts as asked, and whoever had been told not to come as asked anew."""
    if fault := obstacle(conference, now) or gone(invitation):
        raise Refused(fault)
    _anew(invitation)
    invitation.sent_at, invitation.told_at = invitation.sent_at or now, conference.starts_at
    invitation.sent_by = invitation.sent_by or f"{by.name}, by letter"
    key = links.make(invitation, conference, now)
    db.session.flush()
    audit.record("sent_invitations", by, now, subject=invitation.id, context_id=context.id, number=1, about="by letter")
    return key


def tell_change(context: Context, conference: Conference, by: Person, now: dt.datetime) -> tuple[int, int]:
    """Tells everybody who was asked that the meeting moved or does not take place, on the same entry of their calendars.

    Whoever passed the invitation on is not asked again: once the day is another, the entry goes. How many are told by mail, and
    how many cannot be: somebody has to ring those.
    """
    on = conference.state_ is State.PLANNED and conference.starts_at is not None
    told = [i for i in records.of_conference(conference.id) if i.sent_at and not i.withdrawn_at and (on or i.told_at) and (i.reply_ is not Reply.PASSED or i.told_at not in (None, conference.starts_at))]
    mailed = sum(bool(i.person.email and i.person.active) for i in told)
    for invitation in told:
        invitation.sequence += 1
        expected = on and invitation.reply_ is not Reply.PASSED
        if invitation.told_at != conference.starts_at and invitation.reply_ is not Reply.PASSED:
            invitation.reply, invitation.reason, invitation.deputy, invitation.replied_on = Reply.NONE, "", "", None
        key = links.make(invitation, conference, now) if expected else None
        if invitation.person.email and invitation.person.active:
            letters.post("update" if expected else "passed" if on else "cancelled", invitation, conference, key, now)
        invitation.told_at = conference.starts_at if expected else None
    if told:
        db.session.flush()
        audit.record("told_of_change", by, now, subject=conference.id, context_id=context.id, number=mailed)
    return mailed, len(told) - mailed


def knows_again(invitation: Invitation, now: dt.datetime) -> None:
    """Somebody who had passed the invitation on answers for themselves after all: if they come, the meeting goes back into their calendar."""
    conference = invitation.conference
    if obstacle(conference, now):
        return
    invitation.told_at = conference.starts_at
    if invitation.reply_ is Reply.DECLINED:
        return
    invitation.sequence += 1
    if invitation.person.email and invitation.person.active:
        letters.post("update", invitation, conference, links.make(invitation, conference, now), now)


def withdraw(context: Context, conference: Conference, invitation: Invitation, by: Person, now: dt.datetime) -> None:
    """Takes an invitation back that was sent: the link stops, the calendar entry goes, and the person is told."""
    if not invitation.sent_at or invitation.withdrawn_at:
        raise Refused("This invitation was not sent, or was withdrawn already")
    invitation.withdrawn_at, invitation.sequence = now, invitation.sequence + 1
    links.revoke(invitation, now)
    db.session.execute(update(Leave).where(Leave.invitation_id == invitation.id, Leave.ended_at.is_(None)).values(ended_at=now))
    if invitation.person.email and invitation.person.active:
        letters.post("withdrawn", invitation, conference, None, now)
    db.session.flush()
    audit.record("withdrew_invitation", by, now, subject=invitation.id, context_id=context.id)


def chase(context: Context, conference: Conference, by: Person | None, now: dt.datetime) -> int:
    """Reminds those who have not answered, each once a day at most; how many."""
    fault = obstacle(conference, now)
    if fault:
        raise Refused(fault)
    db.session.execute(select(Conference.id).where(Conference.id == conference.id).with_for_update())  # two at once remind once
    waiting = unanswered(records.of_conference(conference.id))
    mails = outbox.of([i.id for i in waiting])
    lost = not_reached(waiting, mails)  # a reminder would come back too: these are rung
    found = [i for i in waiting if i.id not in lost and not any(m.kind in ("reminder", "invitation", "update") and today(m.queued_at) == today(now) for m in mails.get(i.id, ()))]
    for invitation in found:
        letters.post("reminder", invitation, conference, links.make(invitation, conference, now), now)
    if found:
        db.session.flush()
        audit.record("reminded_invited", by, now, subject=conference.id, context_id=context.id, number=len(found), actor_name="The hub itself")
    return len(found)


def reminder_days(conference: Conference, holidays: Collection[dt.date]) -> list[dt.date]:
    """The days on which the hub reminds those who have not answered by then."""
    return [working_days_from(conference.day, -days, holidays) for days in rules.REMIND_BEFORE] if conference.day else []


def remind_due(now: dt.datetime, holidays: Collection[dt.date]) -> int:
    """The hub's own reminders, 5 and 1 working days before a conference; how many were queued."""
    query = select(Conference, Context).join(Context, Context.id == Conference.context_id).where(
        Conference.state == State.PLANNED, Conference.starts_at > now, Conference.starts_at < now + dt.timedelta(days=21))
    number = 0
    for conference, context in db.session.execute(query).all():
        if today(now) in reminder_days(conference, holidays):
            number += chase(context, conference, None, now) if obstacle(conference, now) is None else 0
    return number
