"""Reads one row of an agency's sheet: what it says about its action, or which of its cells are refused and why."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from csc_hub.exchange.headers import FILLABLE, LOCKED, Header
from csc_hub.exchange.reading.grid import address
from csc_hub.exchange.typed_dates import NoDate, date_of
from csc_hub.exchange.typed_words import NoStatus, candidates_of, is_nothing, quoted, status_of, words_of
from csc_hub.kernel import day_short
from csc_hub.process.plans.statuses import Status

LONGEST = 4_000  # characters of an update, evidence or barrier
DATES = ("updated_on", "proposed_date", "completed_on")
PAST = {"updated_on": "date of update", "completed_on": "date completed"}
TEXTS = {"update": "update", "evidence": "evidence", "barrier": "barrier"}
REFERENCE_FIX = "Write the reference as it stands in the hub, such as CSC-2026-014/07."
NO_RESULT = (
    "This cell holds a formula whose result is not in the file. Type the result in its place, "
    "or open the file in Excel, save it and send it again."
)

Cell = list[Any]
Row = dict[str, Cell]


@dataclass(frozen=True)
class UpdateDraft:
    """What one row says about one action. Empty means that nothing was typed, never that something is to go."""

    row: int
    reference: str  # as typed
    candidates: tuple[str, ...]  # see typed_words.candidates_of
    locked: dict[str, str]  # what the sheet says in the grey columns; a due date as 2026-11-18, else in its words
    cells: dict[str, str]  # field -> address, for each cell that holds something
    status: Status | None = None
    at_risk: bool = False
    update: str = ""
    updated_on: dt.date | None = None
    evidence: str = ""
    barrier: str = ""
    proposed_date: dt.date | None = None
    completed_on: dt.date | None = None
    read_as: dict[str, str] = field(default_factory=dict)  # refused date -> the day it says, for a cell that nobody touched

    @property
    def says_something(self) -> bool:
        """Whether anything that an agency may fill in was filled in."""
        return any(getattr(self, name) for name in FILLABLE)


@dataclass(frozen=True)
class Fault:
    """One cell that is refused, and why; its whole row waits until it is put right."""

    cell: str | None
    why: str
    row: int | None = None
    field: str | None = None


class RowReader:
    """Reads one row after another by the same header, day and habits."""

    def __init__(self, header: Header, today: dt.date, date1904: bool, american: set[str]) -> None:
        self._header, self._today, self._date1904, self._american = header, today, date1904, american

    def read(self, number: int, row: Row) -> tuple[UpdateDraft | None, list[Fault]]:
        """What a row says, as far as it can be read, and the faults that refuse it; neither, where a row is only a remark."""
        filled = {name: row[name] for name in FILLABLE if name in row and not is_nothing(row[name])}
        faults: list[Fault] = []
        if filled:
            faults += self._identity(number, row, next(iter(filled)))
        values: dict[str, Any] = {}
        read_as: dict[str, str] = {}
        for name, cell in filled.items():
            try:
                values.update(self._value(name, cell))
            except (NoDate, NoStatus) as fault:
                faults.append(Fault(self._address(number, name), fault.sentence, number, name))
                if name in DATES and cell[0] == "d":
                    read_as[name] = str(cell[1])[:10]
        reference, action = words_of(row.get("reference")), words_of(row.get("action"))
        candidates = candidates_of(row.get("reference"))
        if not (filled or candidates or action):
            return None, faults
        cells = {name: self._address(number, name) for name, cell in row.items() if not is_nothing(cell)}
        return UpdateDraft(number, reference, candidates, self._locked(row), cells, **values, read_as=read_as), faults

    def _address(self, number: int, name: str) -> str:
        return address(number, self._header.columns[name])

    def _identity(self, number: int, row: Row, filled: str) -> list[Fault]:
        """Faults of a row with something typed whose action cannot be told."""
        cell, action = row.get("reference"), row.get("action")
        if cell is not None and cell[0] in ("e", "d"):
            sentence = _error(cell) if cell[0] == "e" else (
                f"Excel has turned this reference into a date ({words_of(cell)[:10]}). {REFERENCE_FIX}"
            )
            return [Fault(self._address(number, "reference"), sentence, number, "reference")]
        if candidates_of(cell):
            return []
        if action is not None and action[0] == "e":
            return [Fault(self._address(number, "action"), _error(action), number, "action")]
        if not is_nothing(action):
            return []
        if not is_nothing(cell):
            sentence = f"{quoted(words_of(cell))} is not the reference of an action. {REFERENCE_FIX}"
            return [Fault(self._address(number, "reference"), sentence, number, "reference")]
        name = "reference" if "reference" in self._header.columns else filled
        sentence = f"Row {number} says something, but neither its reference nor its action is given. {REFERENCE_FIX}"
        return [Fault(self._address(number, name), sentence, number, name)]

    def _value(self, name: str, cell: Cell) -> dict[str, Any]:
        """What one filled cell says. Raises `NoDate` or `NoStatus`, whose sentence is the fault."""
        if cell[0] == "e":
            raise NoStatus(_error(cell))
        if name == "status":
            status, at_risk = status_of(words_of(cell))
            return {"status": status, "at_risk": at_risk}
        if name in DATES:
            return {name: self._date(name, cell)}
        text = day_short(dt.date.fromisoformat(cell[1][:10])) if cell[0] == "d" else words_of(cell)
        if len(text) > LONGEST:
            raise NoStatus(
                f"The {TEXTS[name]} has {len(text):,} characters; the hub takes up to {LONGEST:,}. "
                "Shorten it, or send the rest as a document."
            )
        return {name: text}

    def _date(self, name: str, cell: Cell) -> dt.date:
        """A date, which for what has happened may not lie ahead. Raises `NoDate`."""
        day = date_of(cell, self._date1904, name in self._american)
        if name in PAST and day > self._today + dt.timedelta(days=1):
            raise NoDate(
                f"The {PAST[name]} is {day_short(day)}, which is still to come. Write the day on which it happened."
            )
        return day

    def _locked(self, row: Row) -> dict[str, str]:
        """What the sheet says in the columns that the agency does not fill in; errors say nothing."""
        found = {n: words_of(row[n]) for n in LOCKED if n in row and n != "reference" and row[n][0] != "e"}
        if "due" in found:
            try:
                found["due"] = date_of(row["due"], self._date1904).isoformat()
            except NoDate:
                pass  # "Annually" is a due date in words
        return found


def _error(cell: Cell) -> str:
    """Why a cell with an error, or with a formula that was never worked out, cannot be read."""
    if not cell[1]:
        return NO_RESULT
    return f"This cell shows {words_of(cell)}, an error in a formula. Type what it should say."
