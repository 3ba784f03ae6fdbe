"""Takes the updates of many actions at once, as a workbook brings them, and takes them back: one statement for each table."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.orm.exc import StaleDataError

from csc_hub.audit import service as audit
from csc_hub.db import db
from csc_hub.kernel import moment_in_words
from csc_hub.process.plans import records, rules
from csc_hub.process.plans.records import Action, Issued, Update
from csc_hub.process.plans.statuses import Status

Facts = Mapping[str, object]
NO_LONGER = "the action is no longer this agency’s"
_SET = (*rules.UPDATE_FIELDS, "due_on", "touched_at")


def take(context_id: uuid.UUID, changes: Mapping[uuid.UUID, Facts], actions: Sequence[Issued], by: audit.Named, now: dt.datetime,
         today: dt.date, batch_id: uuid.UUID | None, dated_already: Collection[uuid.UUID] = ()) -> int:
    """Changes these facts of these actions, each as one update; how many actions. `actions`: as they were read in this transaction.

    An update that does not say its own date is dated today, but for those of `dated_already`. Raises `StaleDataError` where an action was changed meanwhile.
    """
    written = []
    for action in actions:
        if new := changes.get(action.id):
            dated = dict(new) if "updated_on" in new or action.id in dated_already else {**new, "updated_on": today}
            due = rules.next_check_after_update(action.timescale, action.due_on, today)
            written.append((action, dated, due, list(new), dated.get("update", "") if "update" in new else ""))
    _write(written, by, now, "workbook", batch_id, context_id)
    return len(written)


@dataclass(frozen=True)
class Reversal:
    """What undoing an upload does to one cell: put back, or kept because somebody changed it since."""

    action_id: uuid.UUID
    number: int
    field: str
    kept: str = ""  # why: by whom and when it was changed since, or that the action is another agency's now


def reversals(batch_id: uuid.UUID, agency_id: uuid.UUID) -> list[tuple[Reversal, str]]:
    """What undoing an agency's upload would do to each cell that it changed, and what stood there before, as text."""
    first: dict[uuid.UUID, dict[str, str]] = {}
    numbers: dict[uuid.UUID, int] = {}
    gone = set()
    fields: dict[uuid.UUID, dict[str, None]] = {}
    for changed, number, theirs in db.session.execute(select(Update, Action.number, Action.issued_agency_id).join(Action, Action.id == Update.action_id).where(
            Update.batch_id == batch_id).order_by(Action.number, Update.at)):
        first.setdefault(changed.action_id, {})
        for name in changed.changed.split(","):
            first[changed.action_id].setdefault(name, changed.before[name])
        for name in ("updated_on", "due_on"):
            if name in changed.before:
                first[changed.action_id].setdefault(name, changed.before[name])
        numbers[changed.action_id] = number
        if theirs != agency_id:
            gone.add(changed.action_id)
        fields.setdefault(changed.action_id, {}).update(dict.fromkeys(changed.changed.split(",")))
    since = _since(batch_id)
    found = []
    for action_id, before in first.items():
        for name, text in before.items():
            kept = NO_LONGER if action_id in gone else since.get((action_id, "" if name in ("updated_on", "due_on") and name not in fields[action_id] else name), "")
            found.append((Reversal(action_id, numbers[action_id], name, kept), text))
    return found


def _since(batch_id: uuid.UUID) -> dict[tuple[uuid.UUID, str], str]:
    """(action, field) -> that somebody changed it after the upload, who and when; the field "" stands for the action as a whole."""
    ours = select(Update.action_id, Update.at).where(Update.batch_id == batch_id).subquery()
    query = select(Update.action_id, Update.changed, Update.by_name, Update.at).join(
        ours, (ours.c.action_id == Update.action_id) & (Update.at > ours.c.at)).where(
        (Update.batch_id.is_(None)) | (Update.batch_id != batch_id)).order_by(Update.at)
    found = {}
    for action_id, changed, name, at in db.session.execute(query):
        for field in (*changed.split(","), ""):
            found[action_id, field] = f"changed since by {name}, {moment_in_words(at)}"
    return found


def undo(context_id: uuid.UUID, batch_id: uuid.UUID, agency_id: uuid.UUID, by: audit.Named, now: dt.datetime) -> list[Reversal]:
    """Puts back every cell that an agency's upload changed and nobody changed since, on actions that are still its own; each cell with what became of it."""
    actions = {action.id: action for action in records.issued_actions(context_id, alone=True)}
    back: dict[uuid.UUID, dict[str, object]] = {}
    told = reversals(batch_id, agency_id)
    for reversal, text in told:
        if not reversal.kept:
            back.setdefault(reversal.action_id, {})[reversal.field] = text if reversal.field == "due_on" else typed(reversal.field, text)
    written = []
    for action_id, facts in back.items():
        action, due = actions[action_id], _due_before(str(facts.pop("due_on", "")), actions[action_id])
        changed = [name for name in facts if facts[name] != action.facts[name]]
        if changed or due:
            written.append((action, facts, due or action.due_on, changed, "Undone: the workbook’s update was taken back"))
    _write(written, by, now, "undo", None, context_id)
    return [reversal for reversal, _ in told if reversal.field != "due_on"]


def _due_before(text: str, action: Issued) -> dt.date | None:
    """The next check as it was before the update moved it on, unless somebody has chosen another since."""
    before, _, after = text.partition(">")
    return dt.date.fromisoformat(before) if before and after == rules.day_as_text(action.due_on) else None


def typed(name: str, text: str) -> object:
    """A fact as it was, of its text."""
    if name == "status":
        return Status(text)
    if name in ("updated_on", "proposed_date", "completed_on"):
        return dt.date.fromisoformat(text) if text else None
    return text


def _write(written: Sequence[tuple[Issued, Facts, Any, list[str], Any]], by: audit.Named, now: dt.datetime, source: str,
           batch_id: uuid.UUID | None, context_id: uuid.UUID) -> None:
    if not written:
        return
    db.session.flush()
    connection = db.session.connection()
    table: Any = Action.__table__
    changed = connection.execute(
        update(table).where(table.c.id == bindparam("the_id"), table.c.version == bindparam("seen")).values(
            {name: bindparam(f"new_{name}") for name in _SET} | {"version": table.c.version + 1}),
        [{"the_id": action.id, "seen": action.version, "new_due_on": due, "new_touched_at": now,
          **{f"new_{name}": new.get(name, action.facts[name]) for name in rules.UPDATE_FIELDS}} for action, new, due, _, _ in written])
    if changed.rowcount != len(written):
        raise StaleDataError("an action was changed meanwhile")
    connection.execute(insert(Update.__table__), [{
        "id": uuid.uuid4(), "action_id": action.id, "at": now, "by_id": by.id, "by_name": by.name, "source": source, "batch_id": batch_id,
        "status": new.get("status", action.status), "text": text, "changed": ",".join(names),
        "before": rules.as_text(action.facts) | ({"due_on": f"{rules.day_as_text(action.due_on)}>{rules.day_as_text(due)}"} if due != action.due_on else {}),
    } for action, new, due, names, text in written])
    audit.record_all("updated_action", by, now, context_id, [
        (action.id, {"number": action.number, "changed": sorted(names), "source": source}) for action, _, _, names, _ in written])
    db.session.expire_all()
