"""Reads the workbooks of Excel 97 to 2003 with xlrd."""

from __future__ import annotations

import io
import math
from typing import Any

from csc_hub.adapters.sandbox import BROKEN, Unreadable
from csc_hub.exchange.reading.container import PASSWORD
from csc_hub.exchange.reading.grid import SHEETS, Book, Cell, Sheet
from csc_hub.exchange.reading.serials import dated
from csc_hub.exchange.reading.xlsx import MACROS, not_read

_MACRO_FOLDER = "_VBA_PROJECT_CUR".encode("utf-16-le")


def read(data: bytes) -> Book:
    """All sheets of an old Excel workbook. Raises `Unreadable`."""
    import xlrd

    # xlrd prints what it makes of a file; standard output belongs to the sandbox. Without ragged rows a single far
    # cell would be padded to 16 million.
    source = xlrd.open_workbook(
        file_contents=data, logfile=io.StringIO(), formatting_info=True, on_demand=True, ragged_rows=True,
    ) if not _is_locked(data) else None
    if source is None:
        raise Unreadable(PASSWORD)
    if source.nsheets > SHEETS:
        raise Unreadable(f"This workbook has {source.nsheets} sheets; the hub reads up to {SHEETS}. Keep the sheet with the actions, save the file and send it again.")
    book = Book("xls")
    book.date1904 = bool(source.datemode)
    comments = 0
    for place in range(source.nsheets):
        comments += _sheet(book, source, place)
    book.notes = ([MACROS] if _MACRO_FOLDER in data else []) + not_read(comments=comments)
    return book
