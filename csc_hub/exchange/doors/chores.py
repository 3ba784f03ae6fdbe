"""What the worker does for doors about once a minute: reminds whoever was asked and has not answered, and sends the receipts that are due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.audit import service as audit
from csc_hub.db import db, writing
from csc_hub.exchange import incoming
from csc_hub.exchange.doors import letters, records, service
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.kernel import is_working_day, today, working_days_from
from csc_hub.outbox import service as outbox
from csc_hub.people import links
from csc_hub.people.links import Purpose

REMIND_AFTER = (5, 10)
"""Working days after somebody was asked at which the hub reminds them, unless they have answered: a local default."""
HUB = audit.Named(None, "The hub itself")


def run(now: dt.datetime) -> None:
    """Everything that is due."""
    with writing():
        remind_due(now, bank_holidays())
        for door in records.reported_since(now - service.DAY):
            if not service.is_shut(door):
                service.receipt_if_due(door, now)


def stage(asked: dt.date, on: dt.date, holidays: Collection[dt.date]) -> dt.date | None:
    """The day on which the reminder fell due that counts now; None before the first."""
    return next((day for number in reversed(REMIND_AFTER) if (day := working_days_from(asked, number, holidays)) <= on), None)


def remind_due(now: dt.datetime, holidays: Collection[dt.date]) -> int:
    """Reminds everybody whose day has come and from whose agency nothing came since they were asked; how many. One mail a person a day."""
    if not is_working_day(today(now), holidays):
        return 0
    told: set[str] = set()
    for door in records.unanswered(now - service.STAYS_OPEN):
        due = stage(today(door.asked_at), today(now), holidays)
        if due is not None and door.email not in told and _is_owed(door, due, now):
            until = door.asked_at + service.STAYS_OPEN
            letters.ask(door, links.make(Purpose.UPDATES, door.id, door.email, until, now), until, True, now)
            audit.record("reminded_to_report", HUB, now, subject=door.agency_id, context_id=door.context_id)
            db.session.flush()
            told.add(door.email)
    return len(told)


def _is_owed(door: UpdateDoor, due: dt.date, now: dt.datetime) -> bool:
    """Whether somebody is still to be reminded: the door opens, nobody answered, the last mail arrived, and none was written since that day."""
    incoming.alone(door.context_id)  # two at once remind once
    mails = outbox.of([door.id]).get(door.id, [])
    asked = [mail for mail in mails if mail.kind in letters.ASKS]
    if not asked or asked[0].lost or today(asked[0].queued_at) >= due or letters.was_asked(door.email, today(now)):
        return False
    return not service.is_shut(door) and service.over(door) is None and not records.has_answered(door)
