"""Reads any spreadsheet: decides by its content what it is and hands its cells over as plain JSON values.

Runs inside the sandbox, as "csc_hub.exchange.reading.workbook:read". The answer is {"format", "date1904",
"sheets", "notes", "hidden"}; a sheet is {"name", "visible", "hidden_rows", "hidden_columns", "rows"}; a row is
[its number, {column number as text: cell}], and `grid.Cell` says what a cell is. Nothing is ever calculated.
"""

from __future__ import annotations

from typing import Any, BinaryIO

from csc_hub.adapters.sandbox import BROKEN, TOO_LARGE, Unreadable
from csc_hub.exchange.reading import delimited, kinds, ods, xls, xlsx
from csc_hub.exchange.reading.container import unpack
from csc_hub.exchange.reading.grid import Book

LARGEST = 20 * 1024 * 1024
TOO_BIG = (
    "This file is larger than 20 MB, the most the hub takes for a spreadsheet. "
    "Take out pictures and sheets that are not needed, save it and send it again."
)
CUT_SHORT = (
    "This file is damaged: its end is missing, so it was probably not copied or downloaded whole. "
    "Open the original, save it again and send the new file."
)


def read(file: BinaryIO, name: str = "") -> dict[str, Any]:
    """What a spreadsheet holds. `name` only names the sheet of a CSV file. Raises `Unreadable`."""
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unreadable(TOO_BIG)
    return opened(data, name).as_json()


def opened(data: bytes, name: str = "") -> Book:
    """A spreadsheet with its cells, by whichever reader it needs. Raises `Unreadable`."""
    try:
        return _book(data, name)
    except Unreadable:
        raise
    except MemoryError:
        raise Unreadable(TOO_LARGE) from None
    except Exception:
        # A damaged file can make zipfile, zlib and xlrd raise almost anything; whatever it is, the file is damaged.
        raise Unreadable(CUT_SHORT if _is_cut_short(data) else BROKEN) from None


def _book(data: bytes, name: str) -> Book:
    """The workbook, read by the reader of its kind."""
    kind = kinds.kind_of(data)
    if kind == "text":
        return delimited.read(data, name)
    if kind == "xls":
        return xls.read(data)
    parts = unpack(data)
    return xlsx.read(parts) if kinds.kind_of_container(parts) == "xlsx" else ods.read(parts)


def _is_cut_short(data: bytes) -> bool:
    """Whether a zip container begins as one and lacks its end."""
    return data.startswith(b"PK") and b"PK\x05\x06" not in data[-66_000:]
