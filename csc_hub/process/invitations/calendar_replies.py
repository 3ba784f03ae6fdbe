"""Answers that people give by pressing Accept or Decline in their own calendar: read from mails, and never believed blindly.

A mail can be forged, so an answer counts only when it comes from the invited address, about an invitation that was sent, and not
about an older state of the meeting. It is an answer to an invitation and never a signature.
"""

from __future__ import annotations

import datetime as dt
import uuid

from csc_hub.adapters import calendar
from csc_hub.audit import service as audit
from csc_hub.kernel import Refused, today
from csc_hub.process.invitations import records, replying, service
from csc_hub.process.invitations.records import ToAnswer
from csc_hub.process.invitations.rules import Reply, Source

ANSWERS = {"ACCEPTED": Reply.ACCEPTED, "TENTATIVE": Reply.TENTATIVE, "DECLINED": Reply.DECLINED}
NO_REASON = "No reason given in the calendar"


def take(found: calendar.CalendarReply, now: dt.datetime) -> str:
    """Takes one answer; what became of it, in words without names. Needs a writing transaction.

    An answer that does not count changes nothing but the history, which says why it was left alone.
    """
    reply = ANSWERS.get(found.partstat)
    invitation = _invitation(found.uid)
    if invitation is None or reply is None:
        return "not about an invitation of this hub" if invitation is None else "an answer that the hub does not take"
    context_id = invitation.conference.context_id
    if invitation.reply_ is reply and found.sequence >= invitation.sequence:
        return "the same answer as before"
    fault = _why_not(found, invitation) or replying.obstacle(invitation, now)
    if fault:
        audit.record("ignored_calendar", None, now, subject=invitation.id, context_id=context_id, actor_name="The hub itself", about=fault[:1].lower() + fault[1:])
        return fault
    reason = (found.comment[:500] or NO_REASON) if reply is Reply.DECLINED else ""
    try:
        service.record_reply(context_id, invitation, reply, reason, "", today(now), invitation.person, now, Source.CALENDAR)
    except Refused as refusal:
        return refusal.sentence
    return "taken"


def _why_not(found: calendar.CalendarReply, invitation: ToAnswer) -> str | None:
    """Why an answer that claims to be about an invitation does not count, or None."""
    address = (invitation.person.email or "").lower()
    if address != found.attendee or address != found.from_address:
        return "not from the invited address"
    if not invitation.person.active:
        return "from somebody whose access has ended"
    return "about an older date of the meeting" if found.sequence < invitation.sequence else None


def _invitation(uid: str) -> ToAnswer | None:
    try:
        return records.one(uuid.UUID(uid.removesuffix("@csc-hub")))
    except ValueError:
        return None
