"""Files to try: a report to upload, and Housing's workbook filled in well, and filled in with mistakes."""

from __future__ import annotations

import datetime as dt
import io
import uuid

from flask import current_app

from csc_hub.db import db
from csc_hub.demonstration import story, words
from csc_hub.audit import service as audit
from csc_hub.exchange import exports
from csc_hub.kernel import today
from csc_hub.people import records as people
from csc_hub.process.contexts.records import Context


def write(school: uuid.UUID, now: dt.datetime) -> None:
    """Writes the samples into the data folder's `samples`."""
    import openpyxl

    folder = current_app.config["CSC"].data / "samples"
    folder.mkdir(parents=True, exist_ok=True)
    told = words.ASSESSMENTS["interchange"]
    (folder / "assessment-report.docx").write_bytes(story.report("Ferry Lane skate park: assessment", told["findings"]))
    context = db.session.get_one(Context, school)
    housing = next(agency for agency in people.agencies() if agency.name == "Housing")
    blank = exports.hand_out(context, housing, audit.Named(context.lead.id, context.lead.name), now, today(now))
    good, bad = openpyxl.load_workbook(io.BytesIO(blank)), openpyxl.load_workbook(io.BytesIO(blank))
    _fill_in(good.worksheets[0], today(now))
    _spoil(bad, today(now))
    good.save(folder / f"{context.reference}-Housing-filled-in.xlsx")
    bad.save(folder / f"{context.reference}-Housing-with-mistakes.xlsx")


def _fill_in(sheet: object, on: dt.date) -> None:
    column = {cell.value: cell.column for cell in sheet[1]}  # type: ignore[index]

    def put(row: int, title: str, value: object) -> None:
        sheet.cell(row, column[title]).value = value  # type: ignore[attr-defined]

    put(2, "Status", "Reported complete")
    put(2, "Update", "Hedges cut on both sides and the bins moved to the end of the path.")
    put(2, "Evidence (what changed?)", "The path can be seen from the road. Two residents said they use it again.")
    put(2, "Date completed", on - dt.timedelta(days=3))
    put(3, "Status", "In progress")
    put(3, "Update", "The panel is ordered and is to be fitted in the new year.")
    put(3, "Proposed new date", on + dt.timedelta(days=60))


def _spoil(book: object, on: dt.date) -> None:
    """Three rows that cannot be used, one that can, and a hidden sheet."""
    sheet = book.worksheets[0]  # type: ignore[attr-defined]
    column = {cell.value: cell.column for cell in sheet[1]}
    _fill_in(sheet, on)
    reference = sheet.cell(2, column["Action ref"]).value.rpartition("/")[0]
    sheet.cell(3, column["Status"]).value = "Nearly there"
    rows = (
        (4, f"{reference}/06", "Repair the six lamps on the walkway", "Done", "This is the street lighting team’s."),
        (5, f"{reference}/41", "Repaint the shelter", "In progress", "Paint ordered."),
    )
    for row, ref, action, status, update in rows:
        for title, value in (("Action ref", ref), ("Action", action), ("Status", status), ("Update", update)):
            sheet.cell(row, column[title]).value = value
    hidden = book.create_sheet("Old notes")  # type: ignore[attr-defined]
    hidden["A1"] = "Figures from last year’s estate survey"
    hidden.sheet_state = "hidden"
