"""Asks a person about every cell of a workbook whose words may identify a young person, before it is taken. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from csc_hub.exchange.merging import Cell, Line, Verdict
from csc_hub.kernel import listed
from csc_hub.privacy import identifying

WHY = "This may identify a young person ({})"


def asked(lines: Sequence[Line], today: dt.date) -> list[Line]:
    """The same rows: what would have been taken without asking is a question where it may identify somebody."""
    return [replace(line, cells=tuple(_asked(cell, today) for cell in line.cells)) if line.cells else line for line in lines]


def _asked(cell: Cell, today: dt.date) -> Cell:
    signs = identifying.find(cell.says, today) if type(cell.says) is str else []
    if not signs:
        return cell
    if cell.verdict is Verdict.BOTH:
        return replace(cell, marked=True)
    return replace(cell, marked=True, verdict=Verdict.ASK, why=WHY.format(listed(identifying.kinds(signs))))
