"""Reads the workbooks of Excel 97 to 2003 with xlrd."""

from __future__ import annotations

import io
import math
import re
from typing import Any

from csc_hub.adapters.sandbox import BROKEN, Unreadable
from csc_hub.exchange.reading.container import PASSWORD
from csc_hub.exchange.reading.grid import SHEETS, Book, Cell
from csc_hub.exchange.reading.serials import dated
from csc_hub.exchange.reading.carried import Carried

_EMBEDDED = re.compile(rb"M\0B\0D\0(?:[0-9A-F]\0){8}")


def read(data: bytes) -> Book:
    """All sheets of an old Excel workbook. Raises `Unreadable`."""
    source = _opened(data)
    if source.nsheets > SHEETS:
        raise Unreadable(
            f"This workbook has {source.nsheets} sheets; the hub reads up to {SHEETS}. "
            "Keep the sheet with the actions, save the file and send it again."
        )
    book = Book("xls")
    book.date1904 = bool(source.datemode)
    comments = sum(_sheet(book, source, place) for place in range(source.nsheets))
    found = Carried(named=[f"{name} (last saved by)"] if (name := " ".join(str(source.user_name or "").split())[:60]) else [])
    found.add("macros", int(_folder("_VBA_PROJECT_CUR") in data))
    found.add("pivot tables", int(_folder("_SX_DB_CUR") in data))
    found.add("embedded files", len(set(_EMBEDDED.findall(data))))
    found.add("comments", comments)
    book.carries(found)
    return book


def _folder(name: str) -> bytes:
    """A name as the container of old Office writes it."""
    return name.encode("utf-16-le")


def _opened(data: bytes) -> Any:
    """The workbook as xlrd gives it, sheets not yet read. Raises `Unreadable`."""
    import xlrd

    try:
        # xlrd prints what it makes of a file, and standard output belongs to the sandbox. Without ragged rows a
        # single far cell would be padded to 16 million.
        return xlrd.open_workbook(
            file_contents=data, logfile=io.StringIO(), formatting_info=True, on_demand=True, ragged_rows=True,
        )
    except xlrd.XLRDError as fault:
        raise Unreadable(PASSWORD if "encrypted" in str(fault) else BROKEN) from None


def _sheet(book: Book, source: Any, place: int) -> int:
    """Reads one sheet and lets go of it. Returns how many comments it has."""
    found = source.sheet_by_index(place)
    sheet = book.sheet(found.name, found.visibility == 0, found.visibility == 2)
    for column, about in found.colinfo_map.items():
        if about.hidden or about.width == 0:
            sheet.hidden_spans.append((column + 1, column + 1))
    for row in range(found.nrows):
        about = found.rowinfo_map.get(row)
        hidden = bool(about is not None and (about.hidden or about.height == 0))
        book.visit(found.row_len(row))
        for column, cell in enumerate(found.row(row)):
            if (value := _value(cell, book.date1904)) is not None:
                sheet.put(row + 1, column + 1, value, hidden)
    for first, after, column, _ in found.merged_cells:
        sheet.merge(column + 1, first + 1, after)
    source.unload_sheet(place)
    return len(found.cell_note_map)


def _value(cell: Any, date1904: bool) -> Cell | None:
    """The cell as its type says, or None when it is blank."""
    import xlrd

    if cell.ctype == xlrd.XL_CELL_TEXT:
        return ["s", cell.value]
    if cell.ctype == xlrd.XL_CELL_NUMBER:
        number = cell.value
        if not math.isfinite(number):
            return ["e", "#NUM!"]
        return ["n", int(number) if number.is_integer() and abs(number) < 1e15 else number]
    if cell.ctype == xlrd.XL_CELL_DATE:
        return dated(cell.value, date1904)
    if cell.ctype == xlrd.XL_CELL_BOOLEAN:
        return ["b", bool(cell.value)]
    if cell.ctype == xlrd.XL_CELL_ERROR:
        return ["e", xlrd.error_text_from_code.get(cell.value, "#VALUE!")]
    return None
