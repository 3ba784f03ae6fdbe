"""The words and files of the main job, for the journey over HTTP and the one in a browser."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import Any

import docx
import openpyxl

from csc_hub.kernel import now, today

TODAY = today(now())
DAY = dt.timedelta(days=1)
NAME = "Quayside car park, level 4"
TRIGGER = "Since September young people gather on the top level after dark, and the attendant reports two fights."
FINDINGS = (
    ("Risk", "High", "The top level is unlit and out of sight of the attendant after 18:00."),
    ("Risk", "Medium", "Older groups drive up to the top level and offer lifts."),
    ("Vulnerability", "Medium", "Young people wait there because the youth club closed."),
    ("Strength", "High", "The attendant knows many young people by sight and they speak to him."),
)
REFUSAL = "Choose one or two issues. You chose 3. The guidance asks for one or two, so that the conference has time to agree what to do about them"
WORRIES = (
    ("The top level is dark and nobody watches it", "Fights go on without anybody stepping in.",
     "The attendant is trusted.", "Young people say that the car park is lit and somebody safe is about.", (
         ("Fit movement lights on level 4", "Street Lighting", "Des Farrow", 30, ""),
         ("Walk the top level with tenants and young people and cut back what blocks the view", "Housing", "Joy Okafor", 45, ""))),
    ("Young people have nowhere else to go in the evening", "They stay in places where nobody looks out for them.",
     "The youth project has a mobile unit.", "Young people name an evening place that they like and feel safe in.", (
         ("Survey tenants of the two blocks on how the evenings feel", "Housing", "Joy Okafor", 0, "annually"),)),
)
UPDATE = "Walked with six tenants on two evenings. The ivy is cut back."


def report(title: str) -> bytes:
    """A real Word document."""
    document = docx.Document()
    document.add_heading(title, 1)
    document.add_paragraph("What the assessment found about the place, in general terms.")
    return _bytes(document)


def _bytes(thing: Any) -> bytes:
    file = io.BytesIO()
    thing.save(file)
    return file.getvalue()


def words_of_workbook(content: bytes) -> str:
    """All that stands in the cells of a workbook, in one line."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    cells = (str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell is not None)
    return " ".join(" ".join(cells).split())


def words_of_document(content: bytes) -> str:
    """All that a Word document says, in one line."""
    docx.Document(io.BytesIO(content))
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        xml = " ".join(parts.read(name).decode() for name in parts.namelist() if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", name))
    import html

    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"</w:p>", " ", xml))).split())


def report_complete(content: bytes, action: str) -> bytes:
    """An agency's workbook with one action reported complete."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    titles = {cell.value: cell.column for cell in sheet[1]}
    for row in range(2, sheet.max_row + 1):
        if action in sheet.cell(row, titles["Action"]).value:
            sheet.cell(row, titles["Status"]).value = "Reported complete"
            sheet.cell(row, titles["Date completed"]).value = TODAY
    return _bytes(book)


def fill_in(content: bytes) -> bytes:
    """The agency's workbook as its contact sends it back."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book.worksheets[0]
    titles = {cell.value: cell.column for cell in sheet[1]}
    assert sheet.max_row == 3, "one row for each of Housing’s two actions"
    for row in (2, 3):
        if "Walk the top level" in sheet.cell(row, titles["Action"]).value:
            sheet.cell(row, titles["Status"]).value = "In progress"
            sheet.cell(row, titles["Update"]).value = UPDATE
            sheet.cell(row, titles["Date of update"]).value = TODAY
            sheet.cell(row, titles["Proposed new date"]).value = TODAY + 60 * DAY
    return _bytes(book)
