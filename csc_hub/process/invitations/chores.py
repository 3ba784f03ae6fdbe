"""What the worker does for invitations about once a minute, each in transactions of its own.

The mailbox is read beside it, by a thread: a server that does not answer holds up neither mail that goes out nor reminders.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from typing import Any

from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.adapters.mailbox import MailboxDown
from csc_hub.db import writing
from csc_hub.people import links as doors
from csc_hub.process.invitations import incoming, sending

_reading = threading.Lock()
log = logging.getLogger("csc_hub.outbox")


def run(now: dt.datetime) -> None:
    """Ends links that ran out, reminds those whose day has come, and looks into the hub's mailbox where the council has opened that door."""
    with writing():
        doors.lapse(now)
        sending.remind_due(now, bank_holidays())
    if current_app.extensions["csc_mailbox"] is not None:
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        threading.Thread(target=look, args=(app, now), name="mailbox", daemon=True).start()


def look(app: Any, now: dt.datetime) -> None:
    """Reads the mailbox once, unless the last look is still under way."""
    if not _reading.acquire(blocking=False):
        return
    try:
        with app.app_context():
            for name, said in incoming.read(app.extensions["csc_mailbox"], now):
                log.info("mail %s: %s", name, said)
    except MailboxDown as fault:
        log.warning("the mailbox cannot be read: %s", fault)
    except SQLAlchemyError as fault:
        log.error("the database cannot be used: %s", type(fault).__name__)
    finally:
        _reading.release()
