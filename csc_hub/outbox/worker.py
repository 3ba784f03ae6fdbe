"""Sends what is due, each letter once, by any number of workers at the same time.

A worker takes a letter for a few minutes (the lease), commits, hands it over, and writes down what became of it. If it
is killed in between, the lease runs out and the letter goes out again under the same Message-ID: at least once, never
lost. The log names letters by their id, without addresses and words.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.elements import ColumnElement

from csc_hub import kernel
from csc_hub.adapters.mail import Letter, MailDown, MailRefused, one_line
from csc_hub.db import db, pause, writing
from csc_hub.outbox.records import Outgoing, Sending

LEASE = dt.timedelta(minutes=5)
"""Longer than any adapter takes over one letter."""
PAUSES = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""After the first, second, third and every later failed try."""
PATIENCE, LEAST_TRIES = dt.timedelta(hours=48), 24
"""When a letter is given up: after so long and so many tries, as a clock that leaps proves nothing."""
RECORD_AGAIN = (1, 5, 20)
"""Seconds between tries to write an outcome down."""
Clock = Callable[[], dt.datetime]
log = logging.getLogger("csc_hub.outbox")


@dataclass(frozen=True)
class Taken:
    """A letter that one worker holds until `until`."""

    id: uuid.UUID
    letter: Letter
    kind: str
    tries: int
    queued_at: dt.datetime
    until: dt.datetime


def send_due(app: Any, now: Clock = kernel.now, limit: int = 50) -> int:
    """Tries every letter that is due, at most `limit`; how many were tried. Faults of the database are raised."""
    tried = 0
    with app.app_context():
        while tried < limit and _any_due(now()):
            taken = _take(app, now())
            if taken is None:
                break
            _write_down(taken, *_send(app, taken), now)
            tried += 1
    return tried


def _due(now: dt.datetime) -> ColumnElement[bool]:
    """What waits and is due; also what was put off or taken further than anything ever is, while the clock was ahead."""
    due = or_(Outgoing.due_at <= now, Outgoing.due_at > now + PAUSES[-1] + LEASE)
    free = or_(Outgoing.leased_until.is_(None), Outgoing.leased_until <= now, Outgoing.leased_until > now + 2 * LEASE)
    return (Outgoing.state == Sending.QUEUED) & due & free


def _any_due(now: dt.datetime) -> bool:
    """Asked first without the right to write, so that an idle worker holds nobody up."""
    found = db.session.scalar(select(Outgoing.id).where(_due(now)).limit(1))
    pause()
    return found is not None


def _take(app: Any, now: dt.datetime) -> Taken | None:
    """Takes the letter that has been due longest, so that no other worker can. PostgreSQL locks the row meanwhile;
    SQLite lets one write at a time."""
    with writing():
        found = db.session.scalar(select(Outgoing.id).where(_due(now)).order_by(Outgoing.due_at, Outgoing.id).limit(1).with_for_update(skip_locked=True))
        if found is None:
            return None
        taking = update(Outgoing).where(Outgoing.id == found, _due(now)).values(leased_until=now + LEASE, tries=Outgoing.tries + 1)
        columns = Outgoing.__table__.columns
        row = db.session.execute(taking.returning(*columns).execution_options(synchronize_session=False)).one()
    letter = Letter(
        message_id=row.message_id, from_name=row.from_name, from_address=app.config["CSC"].mail_from, to_name=row.to_name,
        to_address=row.to_address, subject=row.subject, text=row.text, html=row.html, calendar=row.calendar, method=row.method)
    return Taken(row.id, letter, row.kind, row.tries, row.queued_at, row.leased_until)


def _send(app: Any, taken: Taken) -> tuple[Sending, str]:
    """What became of one try: sent, refused, or queued still, and the words said."""
    try:
        app.extensions["csc_mail"].send(taken.letter)
    except MailRefused as fault:
        return Sending.REFUSED, str(fault)
    except MailDown as fault:
        return Sending.QUEUED, str(fault)
    except Exception as fault:
        log.error("letter %s: %s", taken.id, type(fault).__name__)
        return Sending.QUEUED, f"The hub could not send this mail ({type(fault).__name__})."
    return Sending.SENT, ""


def _write_down(taken: Taken, state: Sending, said: str, now: Clock) -> None:
    """Records the outcome; a database that is away for moments must not have the letter sent twice."""
    for seconds in (*RECORD_AGAIN, None):
        try:
            return _record(taken, state, said, now())
        except DBAPIError:
            if seconds is None:
                raise
            time.sleep(seconds)


def _record(taken: Taken, state: Sending, said: str, now: dt.datetime) -> None:
    """Writes down the outcome, unless another worker has taken the letter since."""
    values: dict[str, object] = {"state": state, "said": one_line(said, 500), "leased_until": None}
    if state is Sending.SENT:
        values |= {"sent_at": now, "text": "", "html": "", "calendar": ""}  # links and codes are kept nowhere once they are out
    elif state is Sending.QUEUED:
        values["due_at"] = now + PAUSES[min(taken.tries, len(PAUSES)) - 1]
        if now - taken.queued_at >= PATIENCE and taken.tries >= LEAST_TRIES:
            values["state"] = Sending.GIVEN_UP
    with writing():
        mine = (Outgoing.id == taken.id) & (Outgoing.leased_until == taken.until)
        db.session.execute(update(Outgoing).where(mine).values(**values).execution_options(synchronize_session=False))
    log.info("letter %s (%s): %s after %s", taken.id, taken.kind, values["state"], kernel.count(taken.tries, "try", "tries"))
