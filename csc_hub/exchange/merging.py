"""Lays what a workbook says beside what it was sent out with and what the plan says now, cell by cell. Pure.

Changed in one place: taken. Changed to the same: nothing. Changed in both, or with nothing to compare with: a question
for a person. An unchanged workbook changes nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from csc_hub.exchange.manifest import mark, plain
from csc_hub.exchange.matching import How, Known, Match, Matcher
from csc_hub.exchange.outgoing import UPDATE_COLUMNS
from csc_hub.exchange.updates import Fault, ReadUpdates, UpdateDraft
from csc_hub.kernel import DASH, day_short, listed
from csc_hub.process.plans import rules
from csc_hub.process.plans.statuses import Status

LOCKED = tuple(name for name, _, fillable in UPDATE_COLUMNS if not fillable and name != "reference")
TITLES = {name: title for name, title, _ in UPDATE_COLUMNS}
NO_STATUS = "The status was deleted. Choose one from the list, or put back the one that stood here."
REISSUED = "The plan was issued again since this workbook was made, and this action has other words now"
NO_BASE = "The hub cannot tell what stood here when the workbook was made"


@dataclass(frozen=True)
class Base:
    """What stood in each cell when the workbook was sent out: the words themselves, or only marks of them made with `key`."""

    texts: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    marks: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    key: bytes = b""

    @property
    def numbers(self) -> Mapping[int, Mapping[str, str]]:
        """The numbers of the actions that were sent out."""
        return self.texts or self.marks

    def kept(self, text: str) -> str:
        """Words as they are compared with what was sent out."""
        return mark(self.key, text) if self.marks else plain(text)

    def was(self, number: int, name: str) -> str:
        """What was sent out, as `kept` would make it."""
        return self.marks[number][name] if self.marks else plain(self.texts[number][name])

    def words(self, number: int, name: str) -> str | None:
        """What was sent out, as `rules.as_text` writes it; None where only a mark of it is left, or nothing."""
        return self.texts[number][name] if number in self.texts else None

    def same(self, number: int, name: str, text: str) -> bool:
        """Whether a cell says what was sent out."""
        if self.texts and self.texts[number][name] == text:
            return True
        return self.was(number, name) == self.kept(text)


class Verdict(StrEnum):
    """What becomes of a cell that differs from what the plan says now."""

    TAKE = "take"  # changed in the workbook alone
    BOTH = "both"  # changed here too: a person chooses
    ASK = "ask"  # nothing to compare with, or not sure that it is meant: a person chooses


@dataclass(frozen=True)
class Cell:
    """One cell that says something else than the plan."""

    field: str
    address: str | None
    now: object
    says: object  # "" or None where it was emptied
    verdict: Verdict
    why: str = ""
    was: str | None = None  # what was sent out, as rules.as_text writes it, where that is known
    marked: bool = False  # whether its words may identify somebody: see `marking`


@dataclass(frozen=True)
class Refusal:
    """One cell, or the identity of a row, that cannot be used, and what to do about it."""

    cell: str | None
    why: str
    field: str | None = None


@dataclass(frozen=True)
class Untaken:
    """A cell that is not the agency's to change: it was changed in the workbook and is not taken."""

    field: str
    address: str | None
    stands: str
    says: str


class Outcome(StrEnum):
    """What becomes of a row, by the most that becomes of one of its cells."""

    CHANGE = "change"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class Line:
    """One row of the workbook and what becomes of it."""

    row: int
    action: Known | None = None
    how: How | None = None
    cells: tuple[Cell, ...] = ()
    refused: tuple[Refusal, ...] = ()
    untaken: tuple[Untaken, ...] = ()
    notes: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()  # fields that were changed here since and left alone in the workbook
    why: str = ""
    dated: bool = False  # the workbook itself says when this was: nobody else dates it

    @property
    def outcome(self) -> Outcome:
        """What becomes of the row."""
        if self.cells:
            return Outcome.CHANGE
        return Outcome.REFUSED if self.refused else Outcome.SAME

    def having(self, *verdicts: Verdict) -> list[Cell]:
        """The cells of which this becomes."""
        return [cell for cell in self.cells if cell.verdict in verdicts]


def merge(found: ReadUpdates, actions: Sequence[Known], agency_id: str, context: str, today: dt.date, base: Base | None) -> list[Line]:
    """Every row of the workbook in its order, each with what becomes of its cells."""
    merger = _Merger(found, Matcher(actions, agency_id, context, base.numbers if base else ()), today, base)
    faults: dict[int, list[Fault]] = defaultdict(list)
    for fault in found.faults:
        faults[fault.row or 0].append(fault)
    lines = [merger.line(draft, faults.pop(draft.row, [])) for draft in (*found.drafts, *found.refused)]
    lines += [Line(row, refused=tuple(Refusal(f.cell, f.why, f.field) for f in rest)) for row, rest in faults.items()]
    return sorted(_without_doubles(lines), key=lambda line: line.row)


class _Merger:
    """Merges one row after another by the same facts."""

    def __init__(self, found: ReadUpdates, matcher: Matcher, today: dt.date, base: Base | None) -> None:
        self._columns, self._matcher, self._today = set(found.columns), matcher, today
        self._base = base or Base()

    def line(self, draft: UpdateDraft, faults: list[Fault]) -> Line:
        refused = [Refusal(fault.cell, fault.why, fault.field) for fault in faults]
        match = self._matcher.find(draft)
        if any(fault.field in ("reference", "action") for fault in faults):
            return Line(draft.row, match.action if match.how is not How.GUESS else None, match.how, refused=tuple(refused))
        if match.action is None:
            if not draft.says_something and not faults:
                return Line(draft.row, why="Nothing was typed in this row")
            return Line(draft.row, refused=(Refusal(_identity(draft), match.why, "reference"), *refused))
        if not draft.says_something and not faults:
            return Line(draft.row, match.action, match.how, untaken=self._untaken(draft, match.action), why="Nothing was typed in this row")
        return self._merged(draft, match, faults)

    def _merged(self, draft: UpdateDraft, match: Match, faults: list[Fault]) -> Line:
        action = match.action
        assert action is not None and match.how is not None
        exported = action.number in self._base.numbers
        doubt = match.why if match.how is How.GUESS else self._doubt(exported, action)
        said, now = rules.as_text(vars(draft)), rules.as_text(action.facts)
        at_fault = {fault.field for fault in faults}
        cells, ours, refused = [], [], [Refusal(f.cell, f.why, f.field) for f in faults if not self._untouched(f.field or "", draft, action.number if exported else None, now)]
        for name in rules.UPDATE_FIELDS:
            if name not in self._columns or name in at_fault or said[name] == now[name]:
                continue
            verdict = self._verdict(name, said[name], now[name], action.number if exported else None)
            if verdict == "ours":
                ours.append(name)
            elif isinstance(verdict, Refusal):
                refused.append(Refusal(draft.cells.get(name), verdict.why, name))
            elif verdict is not None:
                why = doubt if doubt and verdict is Verdict.TAKE else NO_BASE if verdict is Verdict.ASK and not exported else ""
                cells.append(Cell(name, draft.cells.get(name), action.facts[name], _value(draft, name), Verdict.ASK if doubt else verdict, why or doubt,
                                  self._base.words(action.number, name)))
        good, wrong = self._judged(draft, cells)
        if match.how is How.GUESS and not good and refused:
            refused.insert(0, Refusal(_identity(draft), match.why, "reference"))
        return Line(draft.row, action, match.how, tuple(good), (*refused, *wrong), self._untaken(draft, action), self._notes(draft), tuple(ours),
                    match.why if match.how is How.GUESS else "", exported and "updated_on" in self._columns and "updated_on" not in at_fault and not self._base.same(action.number, "updated_on", said["updated_on"]))

    def _doubt(self, exported: bool, action: Known) -> str:
        """Why every change in a row must be asked about: the action has other words than when the workbook was made."""
        return REISSUED if exported and not self._base.same(action.number, "action", action.intervention) else ""

    def _verdict(self, name: str, says: str, now: str, number: int | None) -> Verdict | Refusal | str | None:
        if plain(says) == plain(now):
            return None
        if number is None:
            return Verdict.ASK if says else None  # without knowing what stood there, an empty cell says nothing
        if self._base.same(number, name, says):
            return "ours"
        if name == "status" and not says:
            return Refusal(None, NO_STATUS)
        return Verdict.TAKE if self._base.same(number, name, now) else Verdict.BOTH

    def _untouched(self, name: str, draft: UpdateDraft, number: int | None, now: Mapping[str, str]) -> bool:
        """Whether a refused date is only what was sent out or what is here: nobody typed it."""
        read = draft.read_as.get(name)
        return read is not None and (read == now[name] or (number is not None and self._base.same(number, name, read)))

    def _judged(self, draft: UpdateDraft, cells: list[Cell]) -> tuple[list[Cell], list[Refusal]]:
        """The cells that a rule allows, and the refusals of the others."""
        said = rules.UpdateDraft(**{cell.field: cell.says for cell in cells})
        wrong = dict(rules.faults_of_update(said, self._today))
        return ([cell for cell in cells if cell.field not in wrong],
                [Refusal(draft.cells.get(name), f"{why}. Write the day on which it happened.", name) for name, why in wrong.items()])

    def _untaken(self, draft: UpdateDraft, action: Known) -> tuple[Untaken, ...]:
        """The grey cells that say neither what was sent out nor what stands here now."""
        exported, found = action.number in self._base.numbers, []
        for name in LOCKED:
            if name not in self._columns or name not in action.locked:
                continue
            stands, says = action.locked[name], draft.locked.get(name, "")
            if plain(says) == plain(stands) or (exported and self._base.same(action.number, name, says)) or (not exported and not says):
                continue
            found.append(Untaken(name, draft.cells.get(name), stands, says))
        return tuple(found)

    def _notes(self, draft: UpdateDraft) -> tuple[str, ...]:
        return ("“Red” or “overdue” is read as “In progress”",) if draft.at_risk else ()


def _value(draft: UpdateDraft, name: str) -> object:
    """What a cell says, as the plan keeps it: an emptied text is empty, an emptied date is none."""
    return getattr(draft, name)


def _identity(draft: UpdateDraft) -> str | None:
    """The cell that should tell which action a row is about."""
    return draft.cells.get("reference") or draft.cells.get("action")


def _without_doubles(lines: list[Line]) -> list[Line]:
    """Two rows for one action: neither is taken, since nobody can tell which one is meant."""
    rows: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        if line.action and not any(refusal.field in ("reference", "action") for refusal in line.refused):
            rows[line.action.id].append(line)
    doubled = {id(line): sorted(other.row for other in same if other is not line)
               for same in rows.values() if len(same) > 1 and any(line.cells or line.refused for line in same) for line in same}
    result = []
    for line in lines:
        if id(line) in doubled:
            why = f"Row {listed([str(row) for row in doubled[id(line)]])} is about the same action. Keep one row for each action"
            line = Line(line.row, line.action, line.how, refused=(Refusal(None, why, "reference"), *line.refused))
        result.append(line)
    return result


def digest(lines: Sequence[Line]) -> str:
    """A fingerprint of what would be changed or asked: if it differs at the last moment, somebody edited the plan meanwhile."""
    told = [f"{line.row} {line.action.id} {line.action.version} {cell.field} {cell.verdict} {cell.now!r} {cell.says!r}"
            for line in lines if line.action for cell in line.cells]
    return hashlib.sha256("\n".join(told).encode("utf-8", "replace")).hexdigest()[:32]


def faults_of(batch: Any, lines: Sequence[Line], settled: Collection[tuple[int, str]] = ()) -> list[tuple[str, str | None, str]]:
    """(sheet, cell, sentence) of everything in a workbook that somebody must still look at: refused, asked and not taken, but what was `settled`, by row and field."""
    sheet, found = batch.read["sheet"], []
    for line in lines:
        found += [(sheet, refusal.cell or f"A{line.row}", refusal.why) for refusal in line.refused if (line.row, refusal.field or "") not in settled]
        for cell in line.cells:
            if (line.row, cell.field) in settled:
                continue
            if cell.verdict is Verdict.BOTH:
                found.append((sheet, cell.address, f"This was changed here too since the workbook was made. Here it says: {in_words(cell.now)}"))
            elif cell.verdict is Verdict.ASK:
                found.append((sheet, cell.address, f"{cell.why}. Here it says: {in_words(cell.now)}"))
        found += [(sheet, cell.address, f"“{TITLES[cell.field]}” is not an agency’s to change, so this was not taken. It stays: {cell.stands or DASH}")
                  for cell in line.untaken]
    return found


def as_text(cell: Cell) -> str:
    """What a cell says, as it is kept."""
    return "" if cell.says in (None, "") else str(cell.says)


def in_words(value: object) -> str:
    """A cell's value as a person reads it."""
    if value is None or value == "":
        return DASH
    if isinstance(value, dt.date):
        return day_short(value)
    return value.label if isinstance(value, Status) else str(value)
