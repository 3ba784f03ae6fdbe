"""Lays what a workbook says beside what the plan says: which rows change an action, which do not, and why not. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from csc_hub.exchange.updates import Fault, UpdateDraft
from csc_hub.kernel import DASH, day_short, moment_in_words
from csc_hub.process.plans import rules
from csc_hub.process.plans.statuses import Status


@dataclass(frozen=True)
class Known:
    """An action as it is now."""

    id: str
    version: int
    reference: str  # CSC-2026-014/07
    number: int
    agency_id: str
    agency: str
    intervention: str
    facts: dict[str, object]
    past: tuple[tuple[dt.datetime, dict[str, str]], ...] = ()  # what it said before each update, newest first


class Outcome(StrEnum):
    """What becomes of a row."""

    CHANGE = "change"
    SAME = "same"
    REFUSED = "refused"


@dataclass(frozen=True)
class Line:
    """One row of the workbook and what becomes of it."""

    row: int
    outcome: Outcome
    action: Known | None = None
    draft: UpdateDraft | None = None
    changes: dict[str, tuple[object, object]] = field(default_factory=dict)
    cell: str | None = None
    why: str = ""
    notes: tuple[str, ...] = ()


def lay_beside(
    drafts: Sequence[UpdateDraft], faults: Sequence[Fault], actions: Sequence[Known], agency_id: str, context: str,
    today: dt.date, refused: Sequence[UpdateDraft] = (),
) -> list[Line]:
    """Every row of the workbook in its order, each with what becomes of it; a refused row once for each of its faults."""
    lines = [line for draft in drafts for line in _lines(draft, actions, agency_id, context, today)]
    found = {draft.row: _find(draft, actions, agency_id, context) for draft in refused}
    for fault in faults:
        action = found.get(fault.row or 0)
        lines.append(Line(fault.row or 0, Outcome.REFUSED, action if isinstance(action, Known) else None, cell=fault.cell, why=fault.why))
    told = {fault.row for fault in faults if fault.field in ("reference", "action")}
    for draft in refused:
        action = found[draft.row]
        if isinstance(action, Known):
            lines += _faulty(draft, action, today)
        elif draft.row not in told:
            lines.append(Line(draft.row, Outcome.REFUSED, draft=draft, cell=_identity(draft), why=action))
    return sorted(_without_doubles(lines), key=lambda line: (line.row, line.cell or ""))


def _lines(draft: UpdateDraft, actions: Sequence[Known], agency_id: str, context: str, today: dt.date) -> list[Line]:
    found = _find(draft, actions, agency_id, context)
    if isinstance(found, str):
        if not draft.says_something:
            return [Line(draft.row, Outcome.SAME, why="Nothing was typed in this row")]
        return [Line(draft.row, Outcome.REFUSED, draft=draft, cell=_identity(draft), why=found)]
    return _faulty(draft, found, today) or [_line(draft, found)]


def _said(draft: UpdateDraft) -> rules.UpdateDraft:
    return rules.UpdateDraft(**{name: getattr(draft, name) or None for name in rules.UPDATE_FIELDS})


def _identity(draft: UpdateDraft) -> str | None:
    """The cell that should tell which action a row is about."""
    return draft.cells.get("reference") or draft.cells.get("action")


def _faulty(draft: UpdateDraft, action: Known, today: dt.date) -> list[Line]:
    return [Line(draft.row, Outcome.REFUSED, action, draft, cell=draft.cells.get(name), why=why)
            for name, why in rules.faults_of_update(_said(draft), today)]


def _line(draft: UpdateDraft, found: Known) -> Line:
    said = _said(draft)
    changes = rules.changes(found.facts, said)
    stale = _known_until(said, found) if changes else None
    old = {} if stale else _old_cells(changes, found)
    changes = {name: both for name, both in changes.items() if name not in old}
    if stale:
        why = (f"This row says what the hub knew until {moment_in_words(stale)}. The action was updated since, so the row is "
               "left out. To go back to it, write an update that says so")
        return Line(draft.row, Outcome.SAME, found, draft, why=why)
    outcome = Outcome.CHANGE if changes else Outcome.SAME
    left = tuple(f"{rules.FIELD_WORDS[name]} in the workbook is what the hub knew until {moment_in_words(at)}. It was changed since, so it is "
                 "left as it is. To change it back, use the page of the action" for name, at in old.items())
    return Line(draft.row, outcome, found, draft, changes, why="; ".join(left) if outcome is Outcome.SAME else "", notes=(*left, *_notes(draft, found)))


def _known_until(said: rules.UpdateDraft, action: Known) -> dt.datetime | None:
    """Until when the row was true, if it only repeats an earlier state, as an old workbook does that nobody filled in."""
    row = rules.as_text(vars(said))
    return next((at for at, before in action.past if before == row), None)


def _old_cells(changes: dict[str, tuple[object, object]], action: Known) -> dict[str, dt.datetime]:
    """Cells that only repeat what the hub knew earlier, with until when: an old workbook brought them, not a person."""
    new = rules.as_text({name: None for name in rules.UPDATE_FIELDS} | {name: both[1] for name, both in changes.items()})
    return {name: at for name in changes for at, before in reversed(action.past) if before.get(name, "") == new[name]}


def _find(draft: UpdateDraft, actions: Sequence[Known], agency_id: str, context: str) -> Known | str:
    """The action a row speaks of, or why it cannot be told."""
    own = [action for action in actions if action.agency_id == agency_id]
    if not draft.candidates:
        text = _plain(draft.locked.get("action", ""))
        same = [action for action in own if _plain(action.intervention) == text]
        if len(same) == 1:
            return same[0]
        return ("This row has no reference, and its text is not that of exactly one of this agency’s actions. "
                f"Write the reference, such as {context}/07, in the row")
    foreign = [c for c in draft.candidates if c.upper().startswith("CSC-") and not c.upper().startswith(context.upper() + "/")]
    if foreign:
        return f"“{draft.reference}” is an action of another plan. Send it in with that plan’s workbook"
    named = [a for a in actions if any(a.reference == c or (c[:1] in "/-" and a.reference.endswith(c)) for c in draft.candidates)]
    if not named:
        return f"“{draft.reference}” is not one of this agency’s actions in the plan. Check the number"
    if named[0].agency_id != agency_id:
        return (f"Action {named[0].number} is {named[0].agency}’s, not this agency’s. Leave the row out, or choose the other "
                "agency when you upload")
    return named[0]


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _notes(draft: UpdateDraft, action: Known) -> tuple[str, ...]:
    notes = []
    said = draft.locked.get("action", "")
    if said and _plain(said) != _plain(action.intervention):
        notes.append("The action’s text in the file is not the plan’s. It is not changed; check that the row belongs to this action")
    if draft.at_risk:
        notes.append("“Red” or “overdue” is read as “In progress”")
    return tuple(notes)


def _without_doubles(lines: list[Line]) -> list[Line]:
    """Two rows for one action: neither is taken, since nobody can tell which one is meant."""
    rows: dict[str, list[int]] = {}
    for line in lines:
        if line.action and line.outcome is not Outcome.REFUSED:
            rows.setdefault(line.action.id, []).append(line.row)
    result = []
    for line in lines:
        both = rows.get(line.action.id, []) if line.action else []
        if len(both) > 1 and line.outcome is not Outcome.REFUSED and line.draft:
            others = " and ".join(str(row) for row in both if row != line.row)
            why = f"Row {others} is about the same action. Keep one row for each action"
            line = Line(line.row, Outcome.REFUSED, line.action, line.draft, cell=line.draft.cells.get("reference"), why=why)
        result.append(line)
    return result


def digest(lines: Sequence[Line]) -> str:
    """A fingerprint of what would be changed: if it differs at the last moment, somebody edited the plan meanwhile."""
    told = [[line.row, line.action.id, line.action.version, sorted(line.changes)] for line in lines
            if line.outcome is Outcome.CHANGE and line.action]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def in_words(value: object) -> str:
    """A cell's value as a person reads it."""
    if value is None or value == "":
        return DASH
    if isinstance(value, dt.date):
        return day_short(value)
    return value.label if isinstance(value, Status) else str(value)
