"""What the worker does for invitations about once a minute, each in transactions of its own."""

from __future__ import annotations

import datetime as dt
import logging

from flask import current_app

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.db import writing
from csc_hub.process.invitations import calendar_replies, sending

log = logging.getLogger("csc_hub.outbox")


def run(now: dt.datetime) -> None:
    """Reminds those whose day has come, and reads answers that came from calendars where the council has opened that door."""
    with writing():
        sending.remind_due(now, bank_holidays())
    folder = current_app.config["CSC"].replies
    if folder is not None and folder.is_dir():
        for name, said in calendar_replies.read_folder(folder, now):
            log.info("mail %s: %s", name, said)
