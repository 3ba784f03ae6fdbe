"""Two workbooks that came back, for whoever looks at the demonstration: one with a cell held, one with a cell that both sides changed, which came by a link in a mail and waits."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from csc_hub.audit import service as audit
from csc_hub.db import db, writing
from csc_hub.demonstration import words
from csc_hub.exchange import exports, incoming, merging, service
from csc_hub.exchange.doors import service as doors
from csc_hub.exchange.incoming import Choices
from csc_hub.exchange.records import Batch
from csc_hub.kernel import today
from csc_hub.people import records as people
from csc_hub.people.records import Agency
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import records as plans
from csc_hub.process.plans import service as plans_service
from csc_hub.process.plans.rules import UpdateDraft


class _Upload:
    """A workbook as if somebody had uploaded it."""

    def __init__(self, name: str, content: bytes) -> None:
        self.filename, self.stream = name, io.BytesIO(content)


def bring(now: dt.datetime) -> None:
    """Brings in what the police and the street lighting team sent of the school's plan."""
    context = db.session.scalars(select(Context).where(Context.name == words.CONTEXTS["school"]["name"])).one()
    assert context.lead
    lead = audit.Named(context.lead.id, context.lead.name)
    police, lighting = (next(agency for agency in people.agencies() if agency.name == name) for name in ("Anyshire Police", "Street Lighting"))

    def patrols(put: Callable[[str, object], None]) -> None:
        put("Status", "Nearly there")
        put("Update", "Patrols on four days a week; the fifth waits for a colleague’s return.")
        put("Evidence (what changed?)", "Young people greet the officers by name. No calls from the walkway in three weeks.")

    def lamps(put: Callable[[str, object], None]) -> None:
        put("Status", "Reported complete")
        put("Update", "All six lamps are lit again, and the timer is set to dusk.")

    batch = _sent(context, police, lead, now, patrols)
    seen = incoming.preview(batch, context, today(now))
    with writing():
        incoming.apply(batch, context, Choices(merging.digest(seen.lines), checked=True), lead, now, today(now))

    def by_phone() -> None:
        action = db.session.get_one(plans.Action, plans.issued_actions(context.id, lighting.id)[0].id)
        with writing():
            plans_service.update(action, UpdateDraft(update="Des Farrow by phone: four lamps are lit, two wait for parts."), context.lead, now, today(now))

    des = _asked(context, lighting, now - dt.timedelta(days=2), now - dt.timedelta(hours=1))
    _sent(context, lighting, des, now, lamps, by_phone)


def _asked(context: Context, agency: Agency, when: dt.datetime, came: dt.datetime) -> audit.Named:
    """An agency's contact who was asked to report by a link in a mail and came in by it; who they are."""
    assert context.lead
    with writing():
        door = doors.ask(context, agency, *doors.whom(agency, None), context.lead, when)
        door.came_at = came
        return audit.Named(door.person_id, door.name)


def _sent(context: Context, agency: Agency, by: audit.Named, now: dt.datetime, fill: Callable[[Any], None], meanwhile: Callable[[], None] = lambda: None) -> Batch:
    """An agency's workbook, downloaded, filled in and sent in again."""
    import openpyxl

    book = openpyxl.load_workbook(io.BytesIO(exports.hand_out(context, agency, by, now, today(now))))
    sheet = book.worksheets[0]
    column = {cell.value: cell.column for cell in sheet[1]}
    fill(lambda title, value: setattr(sheet.cell(2, column[title]), "value", value))
    file = io.BytesIO()
    book.save(file)
    meanwhile()
    read = service.read_workbook(_Upload(f"{context.reference} {agency.name} actions.xlsx", file.getvalue()), today(now))
    with writing():
        return incoming.keep(read, context, agency, by, now)[0]
