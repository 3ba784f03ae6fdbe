"""Asks a person about every cell of a workbook whose words may identify a young person, before it is taken, and about nothing twice. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from csc_hub.exchange.merging import Cell, Line, Verdict, as_text
from csc_hub.kernel import listed
from csc_hub.privacy import identifying

TEXTS = ("update", "evidence", "barrier")
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


def decided(lines: list[Line], before: Mapping[tuple[str, str, str], Any]) -> tuple[list[Line], list[tuple[Line, Cell, Any]]]:
    """The same rows without the questions that were answered `before`, by action, field and what the cell says, and those with their answers."""
    found = [(line, cell, answer) for line in lines for cell in line.cells
             if before and line.action and cell.verdict is not Verdict.TAKE and (answer := before.get((line.action.id, cell.field, as_text(cell))))]
    gone = {id(cell) for _, cell, _ in found}
    return [replace(line, cells=tuple(cell for cell in line.cells if id(cell) not in gone)) for line in lines] if gone else lines, found


def without(read: Mapping[str, Any], today: dt.date, gone: Collection[tuple[int, str]] | None = None) -> dict[str, Any]:
    """What was read of a workbook without what may identify somebody: in the cells that are `gone`, (row, field), and in rows that cannot be used; or in all."""
    def row(draft: Mapping[str, Any], every: bool) -> dict[str, Any]:
        return {name: identifying.without(said, today) if name in TEXTS and (every or (draft["row"], name) in (gone or ())) else said for name, said in draft.items()}

    questions = [question | {"rows": [[number, [identifying.without(said, today) for said in cells]] for number, cells in question["rows"]]}
                 for question in read.get("questions", ())]
    return {**read, "drafts": [row(draft, gone is None) for draft in read["drafts"]], "refused": [row(draft, True) for draft in read.get("refused", ())],
            "questions": questions}
