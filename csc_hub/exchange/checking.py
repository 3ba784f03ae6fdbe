"""Checks spreadsheets without keeping anything: what the hub would read, and what it would refuse and why."""

from __future__ import annotations

import datetime as dt
import os
import stat
from pathlib import Path
from typing import Any

from csc_hub import kernel
from csc_hub.adapters import sandbox
from csc_hub.adapters.sandbox import Unreadable
from csc_hub.exchange import doubled
from csc_hub.exchange.marking import TEXTS
from csc_hub.exchange.reading.workbook import LARGEST, TOO_BIG
from csc_hub.exchange.updates import ReadUpdates, unpacked
from csc_hub.privacy import identifying

READER = "csc_hub.exchange.reading.entry:read_updates"
MISSING = "There is no such file. Check the name and the folder."
MERE_TEXT = "This file has the ending of a workbook, but it holds only text. Open it, save it as a workbook and send the new file."
NO_FILE = "This is not a file. Name the spreadsheet itself."
NOT_ALLOWED = "This file may not be opened. Ask its owner for permission to read it."
IDENTIFYING = "Row {} may identify a young person ({}). Take it out, or somebody is asked before it is taken."
NOT_OPENED = "This file cannot be opened. Copy it to another place and try again."


def check(path: str | Path, today: dt.date | None = None) -> dict[str, Any]:
    """What the hub makes of one file, as plain values. Whatever the file is, there is an answer."""
    try:
        workbook = _read(path, today or kernel.today(kernel.now()))
    except Unreadable as fault:
        return {
            "file": str(path), "format": None, "sheets": [], "header": None, "rows": 0,
            "refused": [{"cell": None, "why": fault.sentence}], "hidden": [],
        }
    found = unpacked(workbook["found"])
    if is_mere_text(str(path), workbook["format"], found):
        return {
            "file": str(path), "format": None, "sheets": [], "header": None, "rows": 0,
            "refused": [{"cell": None, "why": MERE_TEXT}], "hidden": [],
        }
    return {
        "file": str(path), "format": workbook["format"],
        "sheets": workbook["sheets"],
        "header": _header(found), "rows": found.rows,
        "refused": [*({"cell": question["columns"][-1]["cell"], "why": doubled.sentence(question)} for question in found.questions),
                    *({"cell": fault.cell, "why": fault.why} for fault in found.faults), *_identifying(found, today or kernel.today(kernel.now()))],
        "hidden": list(found.hidden),
    }


def _identifying(found: ReadUpdates, today: dt.date) -> list[dict[str, Any]]:
    """The cells whose words may identify a young person, by row and kind; the words themselves go nowhere."""
    return [{"cell": draft.cells.get(name), "why": IDENTIFYING.format(draft.row, kernel.listed(identifying.kinds(signs)))} for draft in (*found.drafts, *found.refused)
            for name, signs in identifying.in_fields({name: getattr(draft, name) or "" for name in TEXTS}, today).items()]


def is_mere_text(name: str, format_: str, found: ReadUpdates) -> bool:
    """Whether a file called a workbook is neither a workbook nor a list with titles."""
    return format_ == "csv" and found.sheet is None and name.lower().endswith((".xlsx", ".xlsm", ".xls", ".ods"))


def exit_code(results: list[dict[str, Any]]) -> int:
    """0 when all is well, 1 when something is refused, hidden or has no titles, 2 when a file cannot be read."""
    if any(result["format"] is None for result in results):
        return 2
    return int(any(result["refused"] or result["hidden"] or result["header"] is None for result in results))


def as_text(results: list[dict[str, Any]]) -> str:
    """The results for a person to read."""
    return "\n\n".join(_one_as_text(result) for result in results)


def _header(found: ReadUpdates) -> dict[str, Any] | None:
    if found.sheet is None:
        return None
    return {"sheet": found.sheet, "cell": found.header_cell, "columns": found.columns}


def _one_as_text(result: dict[str, Any]) -> str:
    """One file: what was found, then what is refused, then what is hidden."""
    name = result["file"].encode("utf-8", "backslashreplace").decode()
    if result["format"] is None:
        return f"{name}\n  cannot be read: {result['refused'][0]['why']}"
    lines = [f"{name}\n  {result['format']}, {kernel.count(len(result['sheets']), 'sheet')}"]
    if result["header"]:
        header = result["header"]
        lines.append(f"  titles at {header['cell']} of '{header['sheet']}': {', '.join(header['columns'].values())}")
        lines.append(f"  {kernel.count(result['rows'], 'row')} under the titles")
    for fault in result["refused"]:
        lines.append(f"  refused{' ' + fault['cell'] if fault['cell'] else ''}: {fault['why']}")
    for phrase in result["hidden"]:
        lines.append(f"  hidden: {phrase}. Unhide or delete it, or confirm that it may be sent.")
    if len(lines) == 3 and result["header"]:
        lines.append("  nothing is refused")
    return "\n".join(lines)


def _read(path: str | Path, today: dt.date) -> dict[str, Any]:
    """The workbook at a path. Raises `Unreadable` also when there is no file to open."""
    try:
        # A pipe or a device would keep us waiting: open without waiting, then look at what was opened.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        raise Unreadable(MISSING) from None
    except PermissionError:
        raise Unreadable(NOT_ALLOWED) from None
    except (OSError, ValueError):
        raise Unreadable(NOT_OPENED) from None
    about = os.fstat(handle)
    if not stat.S_ISREG(about.st_mode):
        os.close(handle)
        raise Unreadable(NO_FILE)
    with os.fdopen(handle, "rb") as file:
        if about.st_size > LARGEST:
            raise Unreadable(TOO_BIG)
        return sandbox.read(READER, file, Path(path).name, today.isoformat())
