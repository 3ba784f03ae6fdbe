"""Asks an agency's contact to report, lets them in to their agency's own actions of one plan, and closes the door again."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import update

from csc_hub.audit import service as audit
from csc_hub.db import db, finish, writing
from csc_hub.exchange import incoming
from csc_hub.exchange import records as exchange
from csc_hub.exchange.doors import letters, records
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.exchange.records import Batch, BatchState
from csc_hub.kernel import NotFound, Refused, today
from csc_hub.outbox import service as outbox
from csc_hub.people import links
from csc_hub.people import records as people
from csc_hub.people import service as people_service
from csc_hub.people.links import Link, Purpose
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import asking, covering, signing
from csc_hub.process.agreements import records as agreements
from csc_hub.process.agreements.rules import Document, Standing
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import records as plans
from csc_hub.process.plans import rules as plan_rules
from csc_hub.process.plans import service as plans_service
from csc_hub.process.plans.records import Action, Issued
from csc_hub.process.plans.statuses import ENDED, Status

STAYS_OPEN, DAY = dt.timedelta(days=30), dt.timedelta(days=1)
BETWEEN_RECEIPTS = dt.timedelta(minutes=15)
"""The first thing reported on the page gets a receipt at once; what follows is gathered for as long."""
AN_HOUR = 20
"""Files that may come through one door in an hour, good and bad ones together."""
FLOOD = f"You have sent {AN_HOUR} files in an hour. Wait an hour, or fill in the rows on the page"


@dataclass(frozen=True)
class Came:
    """Somebody who came in to report: by which door, and how their agency stands today."""

    door: UpdateDoor
    context: Context
    standing: Standing
    over: str | None  # why nothing can be reported any more

    @property
    def by(self) -> audit.Named:
        """Who they are, for the record."""
        return audit.Named(self.door.person_id, self.door.name)

    @property
    def may(self) -> bool:
        """Whether the actions may be shown to them now."""
        return self.over is None and self.standing.covered


@dataclass(frozen=True)
class _Asked:
    person_id: uuid.UUID
    agency: Agency | None
    left: bool = False


def standing(agency: Agency, person_id: uuid.UUID, on: dt.date) -> Standing:
    """How somebody of an agency stands with the agreement on a day. What was undertaken for one meeting does not count here."""
    return covering.of(_Asked(person_id, agency), None, covering.known([agency]), on)


def standings(agencies: list[Agency], doors: dict[uuid.UUID, UpdateDoor], on: dt.date) -> dict[uuid.UUID, Standing]:
    """How whoever is asked for each of these agencies stands."""
    known = covering.known(agencies)
    return {agency.id: covering.of(_Asked(_who(doors.get(agency.id), agency), agency), None, known, on) for agency in agencies}


def _who(door: UpdateDoor | None, agency: Agency) -> uuid.UUID:
    """Whom a signature may name: the person, or nobody whom the hub knows."""
    return (door.person_id or door.id) if door else agency.id


def who(said: object, now: dt.datetime) -> Came | None:
    """Whose session this is, by the link they came in with. Asked at every request: a closed door ends it at once."""
    try:
        link = links.found(uuid.UUID(str(said)), now, Purpose.UPDATES)
    except ValueError:
        return None
    return came(link, now) if link else None


def still(said: object, now: dt.datetime) -> Came:
    """Who came in, asked once more after a file was received, checked and read. Raises `Refused` where the door shut meanwhile."""
    found = who(said, now)
    if found is None or not found.may:
        raise Refused("The page was closed to you while your file was read, so nothing of it was kept", "file")
    return found


def came(link: Link, now: dt.datetime) -> Came | None:
    """What a link opens, unless the door was closed, the person or agency stopped, or the person has another address."""
    door = db.session.get(UpdateDoor, link.about_id)
    if door is None or is_shut(door):
        return None
    context = db.session.get_one(Context, door.context_id)
    return Came(door, context, standing(door.agency, door.person_id or door.id, today(now)), over(door))


def is_shut(door: UpdateDoor) -> bool:
    """Whether a door lets nobody in: it was closed, the person or agency stopped, or the person has another address."""
    person = db.session.get(Person, door.person_id) if door.person_id else None
    return bool(door.ended_at or not door.agency.active or (
        person and not (person.active and person.agency_id == door.agency_id and (person.email or "").lower() == door.email)))


def over(door: UpdateDoor) -> str | None:
    """Why nothing can be reported by a door any more, or None."""
    context = db.session.get_one(Context, door.context_id)
    if incoming.obstacle_to_updates(context):
        return f"The plan {context.reference} is no longer in progress, so there is nothing left to report"
    if not plans.owns_issued(context.id, door.agency_id):
        return f"{door.agency.name} has no actions in the plan {context.reference} any more"
    return None


def come_in(link: Link, now: dt.datetime) -> Came:
    """Notes that somebody pressed Continue, or typed the code. Looking at the link alone is never noted."""
    found = came(link, now)
    if found is None:
        raise NotFound
    noted = update(UpdateDoor).where(UpdateDoor.id == found.door.id).values(before_at=UpdateDoor.came_at, came_at=now)
    db.session.execute(noted.execution_options(synchronize_session=False))  # past the version: several who press one link are not in each other's way
    audit.record("came_to_report", found.by, now, subject=found.door.id, context_id=found.context.id, about=found.door.agency.name)
    return found


def asked_of(context: Context) -> list[tuple[Agency, int]]:
    """Agencies with actions in the plan, and how many. Raises `Refused` while nothing is reported on it."""
    if fault := incoming.obstacle_to_updates(context):
        raise Refused(fault)
    return plans.agencies_in(context.id)


def agency_of(context: Context, agency_id: uuid.UUID) -> Agency:
    """An agency with actions in the plan. Raises `NotFound` for any other."""
    for agency, _ in plans.agencies_in(context.id):
        if agency.id == agency_id:
            return agency
    raise NotFound


def whom(agency: Agency, door: UpdateDoor | None) -> tuple[str, str]:
    """The name and present address of whoever was asked before for an agency, or else of its contact."""
    if door is None:
        return agency.contact_name, agency.contact_email
    person = db.session.get(Person, door.person_id) if door.person_id else None
    return (person.name, person.email or "") if person else (door.name, door.email)


def ask(context: Context, agency: Agency, name: str, email: str, by: Person, now: dt.datetime) -> UpdateDoor:
    """Asks somebody to report for their agency by a mail with a link; whoever was asked before for it is shut out."""
    incoming.alone(context.id)
    asked_of(context)
    email = email.strip().lower()
    if not email:
        raise Refused(f"{agency.name} has no contact with an e-mail address. Choose “Somebody else” and say who is asked", "email")
    known = people.person_by_email(email)
    if known and (not known.active or known.agency_id != agency.id):
        raise Refused(f"This address belongs to somebody who is not with {agency.name}", "email")
    if not standing(agency, known.id if known else agency.id, today(now)).covered and agreements.in_force(Document.AGREEMENT, today(now)) is None:
        raise Refused(f"{agency.name} must sign the information sharing agreement first, and there is no published text to sign yet")
    door = records.open_doors(context.id).get(agency.id)
    if door and (door.email != email or (door.person_id and (known is None or known.id != door.person_id))):
        _end(door, by, now)
        door = None
    if door and outbox.written_on(door.id, letters.ASKS, today(now)):
        raise Refused(f"{door.name} was asked today. Ask again tomorrow, or ring them")
    again = door is not None
    door = door or UpdateDoor(context_id=context.id, agency_id=agency.id, agency=agency, email=email)
    door.person_id, door.name, door.asked_by, door.asked_at = known.id if known else None, known.name if known else name or agency.name, by.name, now
    db.session.add(door)
    db.session.flush()
    key = links.make(Purpose.UPDATES, door.id, email, now + STAYS_OPEN, now)
    letters.ask(door, key, now + STAYS_OPEN, again, now)
    db.session.flush()
    audit.record("asked_for_updates", by, now, subject=agency.id, context_id=context.id)
    return door


def ask_all(context: Context, by: Person, now: dt.datetime) -> tuple[int, list[str]]:
    """Asks the contact of every agency that has not reported since it was asked, was not asked today and has no workbook waiting: how many, and why
    others could not be."""
    number, left, plan = 0, [], plans.of_context(context.id)
    doors, waits = records.open_doors(context.id), {batch.agency_id for batch in exchange.of_context(context.id) if batch.state_ is BatchState.WAITING}
    for agency, _ in asked_of(context):
        door = doors.get(agency.id)
        if agency.id in waits:
            continue
        if door and (outbox.written_on(door.id, letters.ASKS, today(now)) or door.has_reported(plan.issued_at if plan else None)):
            continue
        try:
            ask(context, agency, *whom(agency, door), by, now)
            number += 1
        except Refused as refusal:
            left.append(refusal.sentence)
    return number, left


def door_of(context: Context, door_id: uuid.UUID) -> UpdateDoor:
    """A door into this plan. Raises `NotFound` for another's."""
    door = db.session.get(UpdateDoor, door_id)
    if door is None or door.context_id != context.id:
        raise NotFound
    return door


def close(door: UpdateDoor, by: Person, now: dt.datetime) -> None:
    """Closes a door at once, for whoever is inside too."""
    if door.ended_at:
        raise Refused("This door is closed already")
    _end(door, by, now)


def _end(door: UpdateDoor, by: Person, now: dt.datetime) -> None:
    door.ended_at, door.ended_by = now, by.name
    links.revoke(door.id, now)
    db.session.flush()
    audit.record("closed_door", by, now, subject=door.agency_id, context_id=door.context_id)


def begin_to_sign(came_in: Came, came_by: uuid.UUID, now: dt.datetime) -> Link:
    """A way in to sign for the agency, from the door: no second mail."""
    if came_in.standing.covered:
        raise Refused("You do not have to sign")
    link = db.session.get_one(Link, came_by)
    came_words = f"They came from the page on which they report, whose link was mailed to {link.address}"
    person = db.session.get(Person, came_in.door.person_id) if came_in.door.person_id else None
    begun = asking.of_here(came_in.door.agency, came_in.door.name, came_in.door.email, person, None, came_words, now)
    signing.come_in(begun, now)
    return begun


def actions(came_in: Came, on: dt.date) -> list[Issued]:
    """The agency's own actions of this plan, the most urgent first, ended ones last."""
    def order(action: Issued) -> tuple[bool, bool, dt.date, int]:
        return Status(action.status) in ENDED, action.due_on is None, action.due_on or on, action.number

    return sorted(plans.issued_actions(came_in.context.id, came_in.door.agency_id), key=order)


def own_action(came_in: Came, action_id: uuid.UUID) -> Action:
    """One of the agency's own actions of this plan. Raises `NotFound` for any other."""
    action = records.own_action(action_id, came_in.context.id, came_in.door.agency_id)
    if action is None:
        raise NotFound
    return action


def own_batch(came_in: Came, batch_id: uuid.UUID) -> Batch:
    """A workbook of the agency for this plan. Raises `NotFound` for any other."""
    batch = db.session.get(Batch, batch_id)
    if batch is None or (batch.context_id, batch.agency_id) != (came_in.context.id, came_in.door.agency_id):
        raise NotFound
    return batch


def reported(came_in: Came, now: dt.datetime) -> None:
    """Notes that something was reported through this door."""
    noted = update(UpdateDoor).where(UpdateDoor.id == came_in.door.id).values(reported_at=now)
    db.session.execute(noted.execution_options(synchronize_session=False))  # past the version: colleagues who report by one link are not in each other's way


def reported_here(came_in: Came, now: dt.datetime) -> None:
    """Notes that something was reported on the page, for which there is a receipt by mail."""
    reported(came_in, now)
    receipt_if_due(came_in.door, now)


def receipt_if_due(door: UpdateDoor, now: dt.datetime, at_once: bool = False) -> None:
    """A receipt by mail for everything that was said on the page since the last one, unless that was a moment ago."""
    incoming.alone(door.context_id)  # two at once write one
    last = letters.last_receipt(door)
    if last is None or at_once or now - last >= BETWEEN_RECEIPTS:
        said = records.said_by(door.context_id, door.agency_id, door.name, since=last or door.asked_at)
        if said:
            letters.receipt_here(door, [update for update, _ in said], now)


def nothing_to_report(came_in: Came, action: Action, now: dt.datetime) -> None:
    """Records that there is nothing new to say of one action."""
    if plans_service.nothing_to_report(action, came_in.by, now, today(now)):  # type: ignore[arg-type]
        reported_here(came_in, now)


def nothing_to_report_on_any(came_in: Came, now: dt.datetime) -> int:
    """Records that there is nothing new to say of every action that is still open and was not reported on today; how many."""
    waiting = [action for action in actions(came_in, today(now)) if is_waiting(action, today(now))]
    if not waiting:
        raise Refused("Everything that is open was reported on today")
    for action in waiting:
        plans_service.nothing_to_report(own_action(came_in, action.id), came_in.by, now, today(now))  # type: ignore[arg-type]
    reported(came_in, now)
    receipt_if_due(came_in.door, now, at_once=True)
    return len(waiting)


def is_waiting(action: Issued, on: dt.date) -> bool:
    """Whether an action is open and nobody has reported on it today."""
    return Status(action.status) not in ENDED and action.updated_on != on


def is_late(action: Issued, on: dt.date) -> bool:
    """Whether its date has passed while somebody still waits for it."""
    return plan_rules.is_late(Status(action.status), action.due_on, on)


def refuse_flood(came_in: Came, now: dt.datetime) -> None:
    """Raises `Refused` where too many files came through this door lately."""
    if people_service.tries(_door(came_in), now - dt.timedelta(hours=1)) >= AN_HOUR:
        raise Refused(FLOOD, "file")


def count_file(came_in: Came, now: dt.datetime) -> None:
    """Counts a file that came in. The caller keeps it."""
    people_service.count_try(_door(came_in), now)


def count_refused(came_in: Came, now: dt.datetime) -> None:
    """Counts a file that may not come in, and puts it on record, in a transaction of its own whatever the answer will be."""
    key, by, door_id, context_id = _door(came_in), came_in.by, came_in.door.id, came_in.context.id
    finish(keep=False)
    with writing():
        people_service.count_try(key, now)
        audit.record("refused_file", by, now, subject=door_id, context_id=context_id)


def _door(came_in: Came) -> str:
    return f"report|{came_in.door.id}"
