"""What the sandbox runs for an agency's workbook: reads it and makes out its updates, all of it away from the web."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any, BinaryIO

from csc_hub.exchange.reading import workbook
from csc_hub.exchange.updates import interpret, packed


def read_updates(file: BinaryIO, name: str, today: str, chosen: str = "{}") -> dict[str, Any]:
    """{"format", "sheets": names, "found": what `updates.packed` makes of it}. Raises `Unreadable`.

    `chosen`: field -> the column that a person chose where there are several, as JSON.
    """
    book = workbook.read(file, name)
    found = interpret(book, dt.date.fromisoformat(today), json.loads(chosen))
    return {"format": book["format"], "sheets": [sheet["name"] for sheet in book["sheets"]], "found": packed(found)}
