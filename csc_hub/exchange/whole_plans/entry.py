"""What the sandbox runs for a plan's file: tells what it is and hands its tables over as plain values, away from the web."""

from __future__ import annotations

import io
from typing import Any, BinaryIO

from csc_hub.adapters.sandbox import BROKEN, TOO_LARGE, Unreadable
from csc_hub.exchange.reading import kinds, workbook
from csc_hub.exchange.reading.container import unpack
from csc_hub.exchange.whole_plans import word

LARGEST = 20 * 1024 * 1024
TOO_BIG = "This file is larger than 20 MB, the most the hub takes for a plan. Take out pictures, save it and send it again."
SAVE = "Open it, choose Save As, Word Document (.docx) or Excel Workbook (.xlsx), and send that file."
OLD_WORD = "This file is a document in the old Word format (.doc), which the hub does not read. Open it in Word, choose Save As, Word Document (.docx), and send that file."
ODT = "This file is an OpenDocument text (.odt), which the hub does not read. Open it, choose Save As, Word Document (.docx), and send that file."
PASSWORD = "This file is protected with a password, so the hub cannot read it. Open it, remove the password (File, Info, Protect), save it and send it again."
NO_TABLE = "There is no table in this file. The hub reads a plan from a table in Word or from a sheet. Put the plan into a table, save it and send it again."
ROWS, TEXT = 1_000, 1_000_000
TOO_LONG = f"This file has more than {ROWS:,} rows with something in them, more than a plan has. Keep only the plan, save it and send it again."
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DOCUMENT = (("a new workbook", "a new document"), ("workbooks", "documents"), ("workbook", "document"), ("Excel or LibreOffice", "Word or LibreOffice"), ("spreadsheet program", "word processor"))


def read_plan(file: BinaryIO, name: str) -> dict[str, Any]:
    """{"format", "date1904", "blocks", "notes", "hidden"} of a plan's file. Raises `Unreadable`."""
    data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unreadable(TOO_BIG)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise Unreadable(PASSWORD)
        if "WordDocument".encode("utf-16-le") in data:
            raise Unreadable(OLD_WORD)
    found = _document(data) if data.startswith(b"PK") else None
    return _fit({"date1904": False, **found} if found else _sheets(data, name))


def _document(data: bytes) -> dict[str, Any] | None:
    """What a Word document holds; None where the container is something else. Raises `Unreadable`."""
    try:
        parts = unpack(data)
        if b"opendocument.text" in parts.read("mimetype", 200):
            raise Unreadable(ODT)
        main = word.main_part(parts)
        return word.read(parts, main) if main else None
    except Unreadable as fault:
        sentence = fault.sentence
        for spoken, meant in _DOCUMENT if "document" not in sentence else ():
            sentence = sentence.replace(spoken, meant)
        raise Unreadable(sentence) from None
    except MemoryError:
        raise Unreadable(TOO_LARGE) from None
    except Exception:
        raise Unreadable(workbook.CUT_SHORT if b"PK\x05\x06" not in data[-66_000:] else BROKEN) from None


def _sheets(data: bytes, name: str) -> dict[str, Any]:
    """What a workbook or a CSV file holds."""
    try:
        book = workbook.read(io.BytesIO(data), name)
    except Unreadable as fault:
        found, _, _ = fault.sentence.partition(", not a spreadsheet. ")
        raise Unreadable(f"{found}, which the hub cannot read a plan from. {SAVE}" if kinds.SEND in fault.sentence else fault.sentence) from None
    blocks = [
        {"name": f"“{sheet['name']}”", "kind": "sheet", "visible": sheet["visible"],
         "rows": [[number, {column: [*cell[:2], 1] for column, cell in cells.items()}] for number, cells in _gone_on(sheet)]}
        for sheet in book["sheets"]]
    formulas = any(len(cell) > 2 and cell[0] != "e" for sheet in book["sheets"] for _, cells in sheet["rows"] for cell in cells.values())
    notes = book["notes"] + (["The hub does not calculate. It took the last saved results of formulas."] if formulas else [])
    return {"format": book["format"], "date1904": book["date1904"], "blocks": blocks, "notes": notes, "hidden": book["hidden"]}


def _gone_on(sheet: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """The rows of a sheet; a cell that goes down over several of them is marked in each, as in a Word table."""
    rows = dict(sheet["rows"])
    for column, first, last in sheet["merged"]:
        if rows.get(first, {}).get(str(column)):
            for number in [number for number in rows if first < number <= last]:
                rows[number] = {str(column): ["v", ""], **rows[number]}
    return sorted(rows.items())


def _fit(found: dict[str, Any]) -> dict[str, Any]:
    """The same, if it can be a plan at all. Raises `Unreadable`."""
    rows = [row for block in found["blocks"] for _, row in block["rows"] if row]
    if not any(len(row) > 1 for row in rows):
        raise Unreadable(NO_TABLE)
    if len(rows) > ROWS:
        raise Unreadable(TOO_LONG)
    if sum(len(str(cell[1])) for row in rows for cell in row.values()) > TEXT:
        raise Unreadable(word.TOO_MUCH)
    return found
