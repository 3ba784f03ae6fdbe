"""What an invited person does on their own page: looks, answers, sends a deputy, says what they need, and reads papers."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import update

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused, today
from csc_hub.people import records as people
from csc_hub.people import service as people_service
from csc_hub.people.links import Link
from csc_hub.process.agreements import asking, covering, signing
from csc_hub.process.agreements import records as agreements
from csc_hub.process.agreements.records import Signature, Version
from csc_hub.process.agreements.rules import Document, Signed, Standing
from csc_hub.process.assessments import records as assessments
from csc_hub.process.assessments.records import Report, ReportVersion
from csc_hub.process.conferences.rules import State
from csc_hub.process.invitations import cover, links, records, rules, service
from csc_hub.process.invitations.records import Invitation, ToAnswer
from csc_hub.process.invitations.rules import Reply, Source


def who(said: Any, now: dt.datetime) -> Invitation | None:
    """Whose session this is, by the link they came in with. Asked at every request: a revoked link ends it at once."""
    try:
        return links.still_works(uuid.UUID(str(said)), now)
    except ValueError:
        return None


def come_in(link: Link, now: dt.datetime) -> Invitation:
    """Notes that somebody pressed Continue, or typed the code. Looking at the link alone is never noted."""
    invitation = db.session.get_one(Invitation, link.about_id)
    if not invitation.person.active:
        raise NotFound
    first = update(Invitation).where(Invitation.id == invitation.id, Invitation.seen_at.is_(None)).values(seen_at=now)
    db.session.execute(first)  # past the version: people who press one link at once, or answer meanwhile, are not in each other's way
    audit.record("came_by_invitation", invitation.person, now, subject=invitation.id, context_id=invitation.conference.context_id)
    return invitation


def obstacle(invitation: Invitation | ToAnswer, now: dt.datetime) -> str | None:
    """Why this invitation cannot be answered, or None."""
    conference = invitation.conference
    planned = conference.state_ is State.PLANNED and conference.starts_at is not None
    return rules.obstacle_to_answering(
        invitation.withdrawn_at is not None, planned, bool(conference.starts_at and conference.starts_at <= now))


def answer(
    invitation: Invitation | ToAnswer, reply: Reply, reason: str, colleague: str, address: str, needs: str, contribution: str, now: dt.datetime,
) -> None:
    """Takes an answer through the link. A deputy or colleague is put on the list and waits there to be sent an invitation."""
    fault, conference = obstacle(invitation, now), invitation.conference
    if fault:
        raise Refused(fault)
    if reply is Reply.NONE:
        raise Refused("Choose your answer", "reply")
    if reply is Reply.DECLINED and not reason:
        raise Refused("Write in a line why you cannot come", "reason")
    if reply in (Reply.DEPUTY, Reply.PASSED) and not colleague:
        raise Refused("Write the name of your colleague", "colleague")
    reason, colleague = rules.used(reply, reason, colleague)
    person, same = invitation.person, (reply, reason, colleague) == (invitation.reply_, invitation.reason, invitation.deputy)
    if same and (needs, contribution) == (invitation.access_needs, invitation.contribution):
        return  # the same form sent twice is one answer
    service.record_reply(
        conference.context_id, invitation, reply, reason, colleague, today(now), person, now, Source.LINK, {"access_needs": needs, "contribution": contribution})
    if reply in (Reply.DEPUTY, Reply.PASSED):
        _put_on_list(db.session.get_one(Invitation, invitation.id), colleague, address, now)


def _put_on_list(invitation: Invitation, colleague_as_typed: str, address: str, now: dt.datetime) -> None:
    """The colleague, typed as name and job, inherits the reasons, and nothing else: what they may read is asked again for them."""
    name, job = (part.strip() for part in colleague_as_typed.partition(",")[::2])
    known = people.person_by_email(address) if address else None
    note = f"Named by {invitation.person.name}"
    if known and known.agency_id != invitation.agency_id:  # whose address it is stays unsaid
        known, address, note = None, "", f"{note}, with an address that is to be checked"
    waiting = db.session.query(Invitation).filter_by(deputy_for_id=invitation.id).first()
    if waiting and not waiting.sent_at and waiting.person.name != name:
        db.session.delete(waiting)
        db.session.flush()
        waiting = None
    if waiting:
        return
    colleague = known or people_service.add_invitee(
        people_service.PersonDraft(name=name or job, email=address, job_title=job, agency_id=invitation.agency_id), invitation.person, now, invitation.conference.context_id)
    there = db.session.query(Invitation).filter_by(conference_id=invitation.conference_id, person_id=colleague.id).first()
    if there is None:
        db.session.add(Invitation(
            conference_id=invitation.conference_id, person_id=colleague.id, agency_id=colleague.agency_id, why=list(invitation.why),
            note=note, added_at=now, deputy_for_id=invitation.id))
        db.session.flush()


def standing(invitation: Invitation, now: dt.datetime) -> Standing:
    """How somebody stands with the agreement, for this meeting."""
    return covering.standings([invitation], invitation.conference_id, today(now))[invitation.person_id]


def signed_text(invitation: Invitation, now: dt.datetime) -> Version:
    """The version that was signed for this person, by the signature that covers them. Raises `NotFound` where there is none."""
    stands = standing(invitation, now)
    found = db.session.get(Signature, uuid.UUID(stands.signature)) if stands.signature and stands.covered else None
    if found is None or found.signed_ is not Signed.AGREEMENT or not found.text.shown:
        raise NotFound
    return found.text


def must_sign(invitation: Invitation, now: dt.datetime) -> bool:
    """Whether this person's organisation still has to sign, and there is a text to sign."""
    return bool(cover.to_sign([invitation], {invitation.person_id: standing(invitation, now)})) and agreements.in_force(Document.AGREEMENT, today(now)) is not None


def begin_to_sign(invitation: Invitation, came_by: uuid.UUID, now: dt.datetime) -> Link:
    """A way in to sign for the organisation, from the page of the invitation."""
    if invitation.agency is None or not must_sign(invitation, now):
        raise Refused("You do not have to sign")
    link = db.session.get_one(Link, came_by)
    came = f"They came from the page of their invitation, whose link {f'was mailed to {link.address}' if link.address else 'was given to them on paper'}"
    begun = asking.of_here(invitation.agency, invitation.person.name, invitation.person.email or "", invitation.person, invitation.conference_id, came, now)
    signing.come_in(begun, now)
    return begun


def issues(invitation: Invitation, standing: Standing) -> list[str] | None:
    """The priority issues that this person was told of; none of them while nothing signed covers them; None where they were not told."""
    if not rules.shows_issues(invitation.conference.priorities_told_at is not None, invitation.reply_, invitation.withdrawn_at is not None):
        return None
    return [finding.text for finding in assessments.findings(invitation.conference.context_id) if finding.priority] if standing.covered else []


def papers(invitation: Invitation, now: dt.datetime) -> list[tuple[Report, ReportVersion, str | None]]:
    """(report, newest released version, why it may not be read) for everything that was released and not taken back."""
    stands = standing(invitation, now)
    leaves = records.leaves(invitation.conference_id)
    found = []
    for report in db.session.scalars(db.select(Report).where(Report.context_id == invitation.conference.context_id).order_by(Report.kind)):
        released = next((v for v in report.versions if v.released_at and not v.recalled_at and not v.paper.withdrawn_at), None)
        if released:
            found.append((report, released, rules.obstacle_to_reading(
                True, False, stands, (invitation.id, released.id) in leaves, invitation.reply_, invitation.withdrawn_at is not None)))
    return found


def paper(invitation: Invitation, version_id: uuid.UUID, now: dt.datetime) -> ReportVersion:
    """A version that this person may read. Raises `NotFound`, or `Refused` with the reason."""
    for _, version, fault in papers(invitation, now):
        if version.id == version_id:
            if fault:
                raise Refused(fault)
            return version
    raise NotFound
