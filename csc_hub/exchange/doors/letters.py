"""What an agency's contact is sent: the link to report, and a receipt. A mail holds nothing of a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask import current_app
from sqlalchemy import func, select

from csc_hub.db import db
from csc_hub.exchange import records as exchange
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.exchange.records import Batch, BatchState
from csc_hub.kernel import LONDON, count, day_in_words, day_short, moment_in_words, today
from csc_hub.outbox import service as outbox
from csc_hub.outbox.records import Outgoing
from csc_hub.people.links import Key
from csc_hub.process.plans.records import Update
from csc_hub.process.plans.service import NOTHING

SUBJECTS = {"report": "Please tell us how far you have got", "report_again": "A reminder: please tell us how far you have got", "reported": "Your receipt", "reported_here": "Your receipt"}
ASKS = ("report", "report_again")
"""Letters that ask; receipts do not."""


def ask(door: UpdateDoor, key: Key, until: dt.datetime, again: bool, now: dt.datetime) -> None:
    """Puts the link into the outbox."""
    settings = current_app.config["CSC"]
    _post("report_again" if again else "report", door, now, url=f"{settings.url}/u/{key.token}", code=f"{key.code[:3]} {key.code[3:]}",
          code_url=f"{settings.url}/code", until=day_in_words(today(until)), rows=[], asked_by=door.asked_by)


def was_asked(address: str, day: dt.date) -> bool:
    """Whether a letter that asks to report was written to an address on a day, for whichever plan."""
    begin = dt.datetime.combine(day, dt.time(), LONDON)
    return db.session.scalar(select(Outgoing.id).where(Outgoing.kind.in_(ASKS), Outgoing.to_address == address, Outgoing.queued_at >= begin).limit(1)) is not None


def last_receipt(door: UpdateDoor) -> dt.datetime | None:
    """When the last receipt was written for what somebody reported on the page."""
    return db.session.scalar(select(func.max(Outgoing.queued_at)).where(Outgoing.about == door.id, Outgoing.kind == "reported_here"))


def receipt(door: UpdateDoor, batch: Batch, now: dt.datetime) -> None:
    """A receipt by mail for a workbook. It never says what was reported, nor the name of a file, which may say more than it should."""
    _receipt("reported", door, now, moment_in_words(now), taken(batch))


def receipt_here(door: UpdateDoor, said: Sequence[Update], now: dt.datetime) -> None:
    """A receipt by mail for what was said on the page, in counts."""
    nothing = len({update.action_id for update in said if update.text == NOTHING})
    told = len({update.action_id for update in said if update.text != NOTHING})
    words = [f"An update of {told} of your actions"] * bool(told) + [f"Nothing new on {nothing} of your actions"] * bool(nothing)
    _receipt("reported_here", door, now, moment_in_words(max(update.at for update in said)), [("What you reported", ". ".join(words))])


def _receipt(kind: str, door: UpdateDoor, now: dt.datetime, received: str, rows: list[tuple[str, str]]) -> None:
    _post(kind, door, now, url="", code="", code_url="", until="", asked_by="", rows=[("Received", received), *rows])


def taken(batch: Batch) -> list[tuple[str, str]]:
    """What became of a workbook, in counts."""
    counts, held = batch.counts, exchange.open_held([batch.id]).get(batch.id)
    rows = [("The file’s SHA-256", batch.sha256)]
    if batch.state_ is BatchState.NOTHING_NEW:
        rows.append(("Taken", "Nothing: the workbook says nothing new"))
    else:
        rows.append(("Taken", f"{count(counts['taken'], 'cell')} of {count(counts['actions'], 'action')}"))
    rows.append(("Held", f"{count(held[0], 'cell')}: somebody looks at {'it' if held[0] == 1 else 'them'} by {day_short(held[1])}" if held else "Nothing"))
    return rows


def _post(kind: str, door: UpdateDoor, now: dt.datetime, **more: object) -> None:
    settings = current_app.config["CSC"]
    facts = {"kind": kind, "name": door.name, "organisation": door.agency.name, "subject": SUBJECTS[kind], "council": settings.council, "colour": settings.colour, **more}
    text, html = (current_app.jinja_env.get_template(f"mail/report.{ending}").render(**facts) for ending in ("txt", "html"))
    outbox.queue(kind=kind, to_name=door.name, to_address=door.email, from_name=settings.council, subject=SUBJECTS[kind], text=text, html=html,
                 about=door.id, context_id=door.context_id, now=now)
