"""A copy of the cells of any workbook as xlsx, for formats that cannot be changed in place, with the same marks."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.hyperlink import Hyperlink

from csc_hub.exchange import safe_text
from csc_hub.exchange.mending.listing import MORE, MOST, TITLES, WIDTHS, Fault, free_title, intro, link_to
from csc_hub.exchange.mending.styles import FAULT_COLOUR
from csc_hub.exchange.ours import AUTHOR, MARKER, SPOKEN, is_manifest
from csc_hub.exchange.reading.grid import Book, Cell, letters

_COLOUR = PatternFill("solid", fgColor=FAULT_COLOUR)
_WRAP = Alignment(vertical="top", wrap_text=True)


def copy(book: Book, faults: list[Fault], said: list[str]) -> bytes:
    """The cells of all sheets as they were read, with the faults marked, commented and listed."""
    made = Workbook()
    made.remove(made.active)
    made.properties.creator = made.properties.lastModifiedBy = AUTHOR
    sheets = {}
    for sheet in book.sheets:
        page = made.create_sheet(_title(sheet.name, made.sheetnames))
        if is_manifest(sheet.first_cell()):
            page.sheet_state = "veryHidden"  # our own record goes on with the workbook
        sheets[sheet.name] = page
        for row in sorted(sheet.rows):
            for column, cell in sheet.rows[row].items():
                _put(page.cell(row, int(column)), cell)
        for column in sheet.columns:
            page.column_dimensions[letters(column)].width = _width(sheet.rows, str(column))
    for fault in faults[:MOST]:
        if fault.cell and fault.sheet in sheets:
            cell = sheets[fault.sheet][fault.cell]
            cell.fill = _COLOUR
            earlier = f"{cell.comment.text}\n" if cell.comment else SPOKEN
            cell.comment = Comment(earlier + safe_text.as_written(fault.sentence), AUTHOR, width=320, height=90)
    _list(made, sheets, faults, said)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def _title(name: str, taken: list[str]) -> str:
    title = safe_text.sheet_name(name, "Sheet")
    number = 1
    while title.casefold() in {other.casefold() for other in taken}:
        number += 1
        title = f"{safe_text.sheet_name(name, 'Sheet')[:26]} ({number})"
    return title


def _put(cell: Any, value: Cell) -> None:
    """A value of its own kind; an error becomes the words it showed."""
    if value[0] == "d":
        moment = dt.datetime.fromisoformat(value[1])
        cell.value = moment if "T" in value[1] else moment.date()
        cell.number_format = "dd/mm/yyyy hh:mm" if "T" in value[1] else "dd/mm/yyyy"
    else:
        safe_text.write(cell, value[1] or "(a formula without a result)" if value[0] == "e" else value[1])
    cell.alignment = _WRAP


def _width(rows: dict[int, dict[str, Cell]], column: str) -> float:
    longest = max((len(str(rows[row][column][1])) for row in sorted(rows)[:200] if column in rows[row]), default=8)
    return min(max(longest + 2, 10), 45)


def _list(made: Workbook, sheets: dict[str, Any], faults: list[Fault], said: list[str]) -> None:
    """The list of faults as the last sheet."""
    page = made.create_sheet(free_title(made.sheetnames))
    page.sheet_properties.tabColor = "D4351C"
    page.sheet_view.showGridLines = False
    for letter, width in zip("ABC", WIDTHS):
        page.column_dimensions[letter].width = width
    heads = [MARKER, intro(faults), *said]
    for row, words in enumerate(heads, 1):
        safe_text.write(page.cell(row, 1), words)
        page.cell(row, 1).alignment = _WRAP
        page.cell(row, 1).font = Font(name="Arial", size=14 if row == 1 else 11, bold=row == 1)
        page.merge_cells(start_row=row, end_row=row, start_column=1, end_column=3)
        page.row_dimensions[row].height = 24 if row == 1 else 15.5 * (1 + len(words) // 120)
    row = len(heads) + 2
    lines = [TITLES, *((fault.cell or "–", fault.sheet, fault.sentence) for fault in faults[:MOST])]
    lines += [("–", "", MORE.format(more=f"{len(faults) - MOST:,}"))] if len(faults) > MOST else []
    for place, words in enumerate(lines):
        for column, text in enumerate(words, 1):
            safe_text.write(page.cell(row + place, column), text)
            page.cell(row + place, column).alignment = _WRAP
            page.cell(row + place, column).font = Font(name="Arial", size=11, bold=not place)
        fault = faults[place - 1] if 0 < place <= min(len(faults), MOST) else None
        if fault and fault.cell and fault.sheet in sheets:
            cell = page.cell(row + place, 1)
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=link_to(sheets[fault.sheet].title, fault.cell))
            cell.font = Font(name="Arial", size=11, color="FF1D70B8", underline="single")
