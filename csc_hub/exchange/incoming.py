"""Agencies' workbooks back in: kept, previewed, applied as far as they can be, what is left held for a person, and all of it undone."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from csc_hub.adapters.holidays import bank_holidays
from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.exchange import alarms, exports, marking, merging, origins, records
from csc_hub.exchange.alarms import Alarm
from csc_hub.exchange.merging import Cell, Line, Outcome, Verdict
from csc_hub.exchange.origins import Origin
from csc_hub.exchange.records import Batch, BatchState, Held
from csc_hub.exchange.service import Read
from csc_hub.exchange.updates import ReadUpdates, packed, unpacked
from csc_hub.kernel import Refused, today, working_days_from
from csc_hub.people import records as people
from csc_hub.people.records import Agency
from csc_hub.privacy import identifying
from csc_hub.process.contexts.records import Context
from csc_hub.process.contexts.rules import State
from csc_hub.process.plans import many
from csc_hub.process.plans import records as plans
from csc_hub.process.plans import rules as plan_rules
from csc_hub.process.plans.records import Plan

DAYS_HELD = 5
"""Working days within which somebody settles what was held."""


@dataclass(frozen=True)
class Preview:
    """What applying a workbook would do now."""

    lines: list[Line]
    alarms: list[Alarm]
    actions: list[plans.Issued]
    left: list[tuple[Line, Cell, Held]] = field(default_factory=list)  # what somebody decided before to leave as it is

    def cells(self, *verdicts: Verdict) -> list[tuple[Line, Cell]]:
        """Every cell of which this becomes."""
        return [(line, cell) for line in self.lines for cell in line.having(*verdicts)]

    @property
    def counts(self) -> dict[str, int]:
        """Rows by what becomes of them, and cells."""
        rows = {outcome.value: sum(line.outcome is outcome for line in self.lines) for outcome in Outcome}
        return rows | {
            "takes": sum(bool(line.having(Verdict.TAKE)) for line in self.lines), "cells": len(self.cells(Verdict.TAKE)), "both": len(self.cells(Verdict.BOTH)), "asked": len(self.cells(Verdict.ASK)),
            "faults": sum(len(line.refused) for line in self.lines), "untaken": sum(len(line.untaken) for line in self.lines),
            "matched": sum(line.action is not None for line in self.lines)}


@dataclass(frozen=True)
class Choices:
    """What a person said when they applied a workbook. `seen` is the digest of the preview that they looked at."""

    seen: str
    hidden: bool = False
    checked: bool = False
    cells: Mapping[str, str] = field(default_factory=dict)  # "12-status" -> "theirs", "ours", or "redacted": theirs without what may identify somebody
    rest: bool = False  # take the workbook's word in every cell of which the hub knows no earlier state


def obstacle_to_updates(context: Context) -> str | None:
    """Why no updates of a plan are taken now, or None."""
    return obstacle_to_updates_of(plans.of_context(context.id), context)


def obstacle_to_updates_of(plan: Plan | None, context: Context) -> str | None:
    """The same for a plan that is at hand."""
    if plan is None or not plan.issue:
        return "Issue the plan first: agencies report on issued plans"
    if context.state_ is not State.PLAN_IN_PROGRESS:
        return (f"The plan of {context.reference} is no longer in progress (the case is now “{context.state_.label}”), and this workbook is older than that. "
                "No updates are taken. Ask the coordinator if the case should be reopened")
    return None


def alone(context_id: uuid.UUID) -> None:
    """Lets one at a time bring in, apply, settle or undo the workbooks of a plan."""
    db.session.execute(select(plans.Plan.id).where(plans.Plan.context_id == context_id).with_for_update())


def keep(read: Read, context: Context, agency: Agency, by: audit.Named, now: dt.datetime, own_only: bool = False) -> tuple[Batch, bool]:
    """Keeps what was read until somebody applies it or sets it aside; what holds nothing to decide is closed at once.

    Nothing in the plan is changed. The same file, while it waits, is kept once: then the other is given, with False.
    """
    alone(context.id)
    if fault := obstacle_to_updates(context):
        raise Refused(fault, "file")
    if people.living(agency.id) is None:
        raise Refused(f"{agency.name} is part of another agency now. Send the workbook of that one", "file")
    if waiting := records.waiting_file(context.id, agency.id, read.sha256):
        return waiting, False
    origin = origins.judge(read.found, context, agency, own_only)
    batch = Batch(
        context_id=context.id, agency_id=agency.id, name=read.name, format=read.format, size=read.size, sha256=read.sha256,
        key=read.key, read=told(read.found, origin), uploaded_at=now, uploaded_by_id=by.id, sent_by=by.name[:160], live=read.sha256,
        export_id=origin.export.id if origin.export else None, state=BatchState.WAITING, counts={})
    db.session.add(batch)
    db.session.flush()
    _closed_if_nothing_new(batch, context, by, now, own_only)
    audit.record("uploaded_updates", by, now, subject=batch.id, context_id=context.id, sha256=read.sha256, rows=read.found.rows)
    return batch, True


def _closed_if_nothing_new(batch: Batch, context: Context, by: audit.Named, now: dt.datetime, own_only: bool) -> None:
    """Closes a workbook in which there is nothing to decide."""
    seen = preview(batch, context, today(now), own_only)
    if not batch.read["questions"] and not any(line.cells for line in seen.lines):
        batch.state, batch.ended_at, batch.counts, batch.live = BatchState.NOTHING_NEW, now, seen.counts, None
        _hold(batch, context, seen, {}, by, now)
        _forget(batch, now, ())
    db.session.flush()


def choose_columns(batch: Batch, context: Context, found: ReadUpdates, by: audit.Named, now: dt.datetime, own_only: bool = False) -> None:
    """Keeps what was read anew of a workbook by the columns that a person chose; nothing in the plan is changed."""
    alone(context.id)
    db.session.refresh(batch)
    if batch.state_ is not BatchState.WAITING or not batch.read.get("questions"):
        raise Refused("The columns of this workbook have been chosen already")
    batch.read = told(found, origins.judge(found, context, batch.agency, own_only))
    _closed_if_nothing_new(batch, context, by, now, own_only)
    audit.record("chose_workbook_columns", by, now, subject=batch.id, context_id=context.id)


def told(found: ReadUpdates, origin: Origin) -> dict[str, object]:
    """What is kept of a workbook: all that was read, and where it comes from."""
    facts = packed(found)
    return facts | {"hidden": [*facts["hidden"], *origin.exposed], "said": list(origin.said), "marks": origin.marks,
                    "manifests": facts["manifests"] if origin.marks else []}


def preview(batch: Batch, context: Context, on: dt.date, own_only: bool = False, lock: bool = False) -> Preview:
    """What applying the workbook would do now, row by row. With `own_only`, nothing is told of other agencies' actions."""
    actions = plans.issued_actions(context.id, batch.agency_id if own_only else None, lock)
    known = [exports.known(context, action) for action in actions]
    read, export = unpacked(batch.read), db.session.get(records.Export, batch.export_id) if batch.export_id else None
    base = origins.base_of(export, read, bool(batch.read.get("marks")))
    lines = marking.asked(merging.merge(read, known, str(batch.agency_id), context.reference, on, base), on)
    lines, left = marking.decided(lines, records.left_before(context.id, batch.agency_id, batch.export_id) if batch.export_id else {})
    own = [action for action in known if action.agency_id == str(batch.agency_id)]
    return Preview(lines, alarms.of(lines, own, base, on), actions, left)


def obstacle_to_applying(batch: Batch, seen: Preview, choices: Choices | None) -> tuple[str, str | None] | None:
    """(sentence, field) of why the workbook cannot be applied, or None. Without choices: whatever a person would choose."""
    state = {
        BatchState.APPLIED: "This workbook has been applied already",
        BatchState.UNDONE: "This workbook was undone. Upload it again to use it",
        BatchState.SET_ASIDE: "This workbook was set aside. Upload it again to use it",
        BatchState.NOTHING_NEW: "There was nothing in this workbook that would change the plan. If the plan has changed since, upload it again",
    }.get(batch.state_)
    if state:
        return state, None
    if batch.read.get("questions"):
        return "Choose first which column is to be read", None
    if not any(line.cells for line in seen.lines):
        return "There is nothing in this workbook that would change the plan", None
    if choices and batch.read["hidden"] and not choices.hidden:
        return "This workbook has hidden content. Look at it in the file first, then confirm below that it may be read", "hidden"
    if choices and seen.alarms and not choices.checked:
        return "Something about this workbook looks wrong. Check the file, then confirm below that it is as it was meant", "checked"
    return None


def apply(batch: Batch, context: Context, choices: Choices, by: audit.Named, now: dt.datetime, on: dt.date) -> int:
    """Takes every cell that can be taken, in one transaction or not at all, and holds the rest; the number of actions changed.

    Where the plan was edited since the person looked, nothing is applied.
    """
    alone(context.id)
    db.session.refresh(batch)
    seen = preview(batch, context, on, lock=True)
    if fault := obstacle_to_updates(context):
        raise Refused(fault)
    if obstacle := obstacle_to_applying(batch, seen, choices):
        raise Refused(*obstacle)
    if merging.digest(seen.lines) != choices.seen:
        raise Refused("Somebody changed the plan since you looked. What would change now is below: check it and apply again")
    ways = chosen(seen, choices)
    changes: dict[uuid.UUID, dict[str, object]] = {}
    for line in seen.lines:
        for cell in line.cells:
            way = "theirs" if cell.verdict is Verdict.TAKE else ways.get(key_of(line, cell))
            if line.action and way in ("theirs", "redacted"):
                changes.setdefault(uuid.UUID(line.action.id), {})[cell.field] = _redacted(value_of(cell), on) if way == "redacted" else value_of(cell)
    actions = many.take(context.id, changes, seen.actions, by, now, on, batch.id, dated(seen))
    held = _hold(batch, context, seen, ways, by, now)
    batch.state, batch.ended_at, batch.live = BatchState.APPLIED, now, None
    batch.counts = seen.counts | {"actions": actions, "held": held, "taken": sum(map(len, changes.values()))}
    _forget(batch, now, {(line.row, cell.field) for line in seen.lines for cell in line.cells if ways.get(key_of(line, cell)) in ("redacted", "ours")})
    db.session.flush()
    audit.record("applied_updates", by, now, subject=batch.id, context_id=context.id, actions=actions, hidden=len(batch.read["hidden"]),
                 **{name: batch.counts[name] for name in ("cells", "held", "faults")})
    return actions


def dated(seen: Preview) -> set[uuid.UUID]:
    """The actions of which the workbook itself says when its update was written."""
    return {uuid.UUID(line.action.id) for line in seen.lines if line.action and line.dated}


def key_of(line: Line, cell: Cell) -> str:
    """How a page names a cell of which somebody decides."""
    return f"{line.row}-{cell.field}"


def value_of(cell: Cell) -> object:
    """What an action keeps of a cell: emptied words are empty, an emptied date is none."""
    return cell.says if cell.says is not None or cell.field not in ("update", "evidence", "barrier") else ""


def _redacted(value: object, on: dt.date) -> object:
    """The same words without what may identify somebody."""
    return identifying.without(value, on) if type(value) is str else value


def chosen(seen: Preview, choices: Choices) -> dict[str, str]:
    """What was chosen for each cell that was a question; a cell that is not in it is held. What may identify somebody is chosen one by one."""
    ways = {}
    for line, cell in seen.cells(Verdict.BOTH, Verdict.ASK):
        rest = choices.rest and cell.verdict is Verdict.ASK and not cell.marked
        way = choices.cells.get(key_of(line, cell)) or ("theirs" if rest else "")
        if way in ("theirs", "ours", "redacted"):
            ways[key_of(line, cell)] = way
    return ways


def _hold(batch: Batch, context: Context, seen: Preview, decided: Mapping[str, str], by: audit.Named, now: dt.datetime) -> int:
    """Gives every cell that is left an owner and a date; how many. What was decided to stay is noted; what an earlier workbook left of the same is settled by this one."""
    said = {(line.action.id, name) for line in seen.lines if line.action for name in batch.read["columns"]}
    for old in records.still_held(context.id, batch.agency_id, batch.id):
        if old.kind == "refused" or (str(old.action_id), old.field) in said:
            _settled(old, "mended", by, now)
    owner, due = context.lead_id or by.id, working_days_from(today(now), DAYS_HELD, bank_holidays())
    held = []
    for line in seen.lines:
        action = uuid.UUID(line.action.id) if line.action else None
        held += [Held(cell=cell.address or "", field=cell.field, kind=cell.verdict.value, says=merging.as_text(cell), why=cell.why, row=line.row, action_id=action)
                 for cell in line.having(Verdict.BOTH, Verdict.ASK) if decided.get(key_of(line, cell), "ours") == "ours"]
        held += [Held(cell=refusal.cell or "", field=refusal.field or "", kind="refused", why=refusal.why, row=line.row, action_id=action) for refusal in line.refused]
    for one in held:
        one.batch_id, one.context_id, one.owner_id, one.due_on = batch.id, context.id, owner, due
        if decided.get(f"{one.row}-{one.field}") == "ours":
            one.settled_at, one.settled_by, one.outcome, one.says = now, by.name[:160], "left", identifying.without(one.says, today(now))
    db.session.add_all(held)
    return sum(one.settled_at is None for one in held)


def settle(held: Held, batch: Batch, context: Context, way: str, seen: str, by: audit.Named, now: dt.datetime, on: dt.date) -> None:
    """Decides one held cell: the workbook's word is taken, or what stands here stays. `seen`: what stood here when the person looked."""
    alone(context.id)
    db.session.refresh(held)
    db.session.refresh(batch)
    if held.settled_at:
        raise Refused(f"This was settled already, by {held.settled_by}")
    if way not in ("theirs", "ours", "redacted"):
        raise Refused("Choose what is to stand in the plan")
    if way != "ours":
        if held.kind == "refused" or held.action_id is None:
            raise Refused("This cell cannot be used as it is. Record what it means on the page of the action, then leave the cell out here")
        if fault := obstacle_to_updates(context):
            raise Refused(fault)
        action = next((a for a in plans.issued_actions(context.id, batch.agency_id, alone=True) if a.id == held.action_id), None)
        if action is None:
            raise Refused("This action is no longer this agency’s. Leave the cell out")
        if plan_rules.as_text(action.facts)[held.field] != seen:
            raise Refused("Somebody changed this since you looked. Look again at what stands here now")
        said = many.typed(held.field, held.says)
        many.take(context.id, {action.id: {held.field: _redacted(said, on) if way == "redacted" else said}}, [action], by, now, on, batch.id, dated(preview(batch, context, on)))
    _settled(held, "left" if way == "ours" else "taken", by, now, whole=way == "theirs")
    db.session.flush()
    audit.record("settled_held", by, now, subject=batch.id, context_id=context.id, field=held.field, way=held.outcome)


def _forget(batch: Batch, now: dt.datetime, gone: Collection[tuple[int, str]] | None = None) -> None:
    """Keeps what may identify somebody no longer in what was read of a workbook: in these cells and in rows that cannot be used, or in all."""
    left = marking.without(batch.read, today(now), gone)
    if left != batch.read:
        batch.read = left


def _settled(held: Held, outcome: str, by: audit.Named, now: dt.datetime, whole: bool = False) -> None:
    """Notes who decided a held cell. What may identify somebody is no longer kept in it, nor in what was read, unless it was taken `whole`."""
    if not whole:
        _forget(db.session.get_one(Batch, held.batch_id), now, {(held.row, held.field)})
    held.settled_at, held.settled_by, held.outcome = now, by.name[:160], outcome
    held.says = identifying.without(held.says, today(now))


def obstacle_to_undoing(batch: Batch) -> str | None:
    """Why an upload cannot be undone, or None."""
    if batch.state_ is BatchState.UNDONE:
        return "This workbook was undone already"
    return None if batch.state_ is BatchState.APPLIED else "Only a workbook that was applied can be undone"


def undo(batch: Batch, context: Context, by: audit.Named, now: dt.datetime) -> list[many.Reversal]:
    """Puts back every cell that this workbook changed and nobody changed since; what is still held of it is left out."""
    alone(context.id)
    db.session.refresh(batch)
    if fault := obstacle_to_undoing(batch):
        raise Refused(fault)
    told_ = many.undo(context.id, batch.id, batch.agency_id, by, now)
    for held in records.held_of(batch.id):
        if held.settled_at is None:
            _settled(held, "left", by, now)
    _forget(batch, now)
    batch.state = BatchState.UNDONE
    batch.undone = [{"number": r.number, "field": r.field, "kept": r.kept} for r in told_]
    db.session.flush()
    audit.record("undid_updates", by, now, subject=batch.id, context_id=context.id, reversed=sum(not r.kept for r in told_), kept=sum(bool(r.kept) for r in told_))
    return told_


def set_aside(batch: Batch, by: audit.Named, now: dt.datetime) -> None:
    """Keeps the record of a workbook, and never applies it."""
    alone(batch.context_id)
    db.session.refresh(batch)
    if batch.state_ is not BatchState.WAITING:
        raise Refused("Only a workbook that waits to be applied can be set aside")
    batch.state, batch.ended_at, batch.live = BatchState.SET_ASIDE, now, None
    _forget(batch, now)
    db.session.flush()
    audit.record("discarded_updates", by, now, subject=batch.id, context_id=batch.context_id)
