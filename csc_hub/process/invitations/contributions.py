"""What somebody invited sends for the meeting as a file: kept like every paper, replaced or taken back until the meeting begins.

Whoever sends it has no account, so the file may be smaller than staff's and come less often. Other invited people never see it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from sqlalchemy import select

from csc_hub.audit import service as audit
from csc_hub.audit.records import Event
from csc_hub.db import db, finish, writing
from csc_hub.kernel import NotFound, Refused
from csc_hub.papers import service as papers
from csc_hub.papers.records import Paper
from csc_hub.papers.service import TakenIn
from csc_hub.people import service as people
from csc_hub.process.invitations import replying
from csc_hub.process.invitations.records import Invitation

MOST = 10 * 1024 ** 2
"""Bytes of a file from somebody without an account."""
AN_HOUR = 20
"""Files that one invited person may send in an hour, good and bad ones together."""
FLOOD = f"You have sent {AN_HOUR} files in an hour. Wait an hour, or bring the paper to the meeting"


def refuse_flood(invitation: Invitation, now: dt.datetime) -> None:
    """Raises `Refused` where too many files came through this invitation lately."""
    if people.tries(_door(invitation), now - dt.timedelta(hours=1)) >= AN_HOUR:
        raise Refused(FLOOD, "file")


def _door(invitation: Invitation) -> str:
    return f"file|{invitation.id}"


def keep(invitation: Invitation, taken: TakenIn, now: dt.datetime) -> bool:
    """Puts a file that lies in the store on record in place of the one before; False where it is the same file again."""
    fault = replying.obstacle(invitation, now)
    if fault:
        raise Refused(fault)
    before = invitation.file
    if before and before.is_there and before.sha256 == taken.sha256:
        return False
    kept = papers.keep(taken, invitation.conference.context_id, "sent in for the meeting", invitation.person, now, from_invited=True)
    people.count_try(_door(invitation), now)
    if before and before.withdrawn_at is None:
        papers.withdraw(before, "Replaced by a newer file from the same person", invitation.person, now)
    invitation.file = kept
    db.session.flush()
    return True


def count_refused(invitation: Invitation, infected: bool, now: dt.datetime) -> None:
    """Counts a file that may not come in, and puts it on record, in a transaction of its own whatever the answer will be."""
    finish(keep=False)
    with writing():
        people.count_try(_door(invitation), now)
        audit.record("refused_paper" if infected else "refused_file", invitation.person, now, subject=invitation.id, context_id=invitation.conference.context_id)


def take_back(invitation: Invitation, now: dt.datetime) -> None:
    """Takes the file away again at its sender's wish, until the meeting begins: nobody can open it any more."""
    fault = replying.obstacle(invitation, now)
    if fault:
        raise Refused(fault)
    before = invitation.file
    if before is None:
        raise Refused("There is no file of yours here")
    if before.withdrawn_at is None:
        papers.withdraw(before, "Taken back by the person who sent it", invitation.person, now)
    invitation.file = None
    db.session.flush()


def file_of(invitation: Invitation) -> Paper:
    """The file that came with an invitation. Raises `NotFound` where there is none."""
    if invitation.file is None or invitation.file.withdrawn_at is not None:
        raise NotFound
    return invitation.file


def sent_in(invitations: Iterable[Invitation]) -> list[tuple[Invitation, tuple[str, ...]]]:
    """(invitation, who opened the file) of everybody who wrote or sent something for the meeting."""
    found = [i for i in invitations if i.contribution or i.file_id]
    opened = _opened([i.file_id for i in found if i.file_id])
    return [(i, tuple(name for actor, name in opened.get(i.file_id, {}).items() if actor != i.person_id) if i.file_id else ()) for i in found]


def _opened(papers: list[uuid.UUID]) -> dict[uuid.UUID, dict[uuid.UUID, str]]:
    """paper -> those who opened it, the first first."""
    found: dict[uuid.UUID, dict[uuid.UUID, str]] = {}
    query = select(Event.subject, Event.actor_id, Event.actor).where(Event.subject.in_(papers), Event.verb == "opened_paper").order_by(Event.at)
    for subject, actor_id, actor in db.session.execute(query) if papers else ():
        found.setdefault(subject, {})[actor_id] = actor
    return found
