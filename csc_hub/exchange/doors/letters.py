"""What an agency's contact is sent: the link to report, and a receipt. A mail holds nothing of a case."""

from __future__ import annotations

import datetime as dt

from flask import current_app

from csc_hub.exchange import records as exchange
from csc_hub.exchange.doors.records import UpdateDoor
from csc_hub.exchange.records import Batch, BatchState
from csc_hub.kernel import count, day_in_words, day_short, moment_in_words, today
from csc_hub.outbox import service as outbox
from csc_hub.people.links import Key

SUBJECTS = {"report": "Please tell us how far you have got", "report_again": "A reminder: please tell us how far you have got", "reported": "Your receipt"}
ASKS = ("report", "report_again")
"""Letters that ask; the receipt does not."""


def ask(door: UpdateDoor, key: Key, until: dt.datetime, again: bool, now: dt.datetime) -> None:
    """Puts the link into the outbox."""
    settings = current_app.config["CSC"]
    _post("report_again" if again else "report", door, now, url=f"{settings.url}/u/{key.token}", code=f"{key.code[:3]} {key.code[3:]}",
          code_url=f"{settings.url}/code", until=day_in_words(today(until)), rows=[], asked_by=door.asked_by)


def receipt(door: UpdateDoor, batch: Batch | None, now: dt.datetime, rows: list[tuple[str, str]]) -> None:
    """A receipt by mail. It never says what was reported, nor the name of a file, which may say more than it should."""
    _post("reported", door, now, url="", code="", code_url="", until="", asked_by="", rows=[("Received", moment_in_words(now)), *(rows if batch is None else taken(batch))])


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
