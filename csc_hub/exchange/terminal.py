"""Plans out and agencies' workbooks in, from a terminal or a nightly job: the same deeds as on the pages, in the name of the command line."""

from __future__ import annotations

import datetime as dt
import os
import pwd
import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy import select

from csc_hub import kernel
from csc_hub.audit import service as audit
from csc_hub.db import db, writing
from csc_hub.exchange import doubled, exports, incoming, merging, origins, service
from csc_hub.exchange.incoming import Choices, Preview
from csc_hub.exchange.records import Batch, BatchState
from csc_hub.exchange.service import Read
from csc_hub.kernel import Refused, listed
from csc_hub.people import records as people
from csc_hub.people.records import Agency
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import records as plans
from csc_hub.process.plans.records import Plan
from csc_hub.process.plans.rules import FIELD_WORDS

NO_FILE = "“{}” cannot be opened. Check the name, the folder and whether you may read it."


class Unreadable(Exception):
    """A file that cannot be read as a workbook; the sentence says why."""


def who() -> audit.Named:
    """The command line, in the name of whoever the system says is at it."""
    try:
        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    return audit.Named(None, f"command line, {name}")


def plan_list() -> list[dict[str, Any]]:
    """Every plan with the agencies that have issued actions in it."""
    query = select(Context).join(Plan, Plan.context_id == Context.id).order_by(Context.reference)
    return [{"reference": context.reference, "agencies": [agency.name for agency, _ in plans.agencies_in(context.id)]}
            for context in db.session.scalars(query)]


def context_of(reference: str) -> Context:
    """The context with this reference. Raises `Refused` where it has no plan."""
    found = db.session.scalar(select(Context).join(Plan, Plan.context_id == Context.id).where(Context.reference == reference.strip().upper()))
    if found is None:
        raise Refused(f"There is no plan with the reference “{reference}”. See them with: csc-hub export-plan --list")
    return found


def agency_named(name: str) -> Agency:
    """The agency of this name. Raises `Refused`."""
    found = [agency for agency in people.agencies() if agency.name.casefold() == name.strip().casefold()]
    if not found:
        raise Refused(f"There is no agency called “{name}”. An administrator adds agencies in the hub.")
    return found[0]


def export_plan(reference: str, agency_name: str, path: Path, now: dt.datetime) -> None:
    """Writes a plan, or an agency's workbook or part of the plan, to a file; the download is recorded as on the page."""
    ending, on, by = path.suffix.lower(), kernel.today(now), who()
    if ending not in (".xlsx", ".docx"):
        raise Refused("The file’s name must end in .xlsx or .docx.")
    if not path.absolute().parent.is_dir():
        raise Refused(f"There is no folder “{path.parent}”. Make it first.")
    context = context_of(reference)
    agency = agency_named(agency_name) if agency_name else None
    if agency and not plans.owns_issued(context.id, agency.id):
        raise Refused(f"{agency.name} has no issued actions in {context.reference}.")
    content = exports.hand_out(context, agency, by, now, on) if agency and ending == ".xlsx" else _plan(context, agency, ending, by, now)
    kept = path.with_name(f".{path.name}.{uuid.uuid4().hex[:8]}")
    kept.write_bytes(content)
    kept.replace(path)


def _plan(context: Context, agency: Agency | None, ending: str, by: audit.Named, now: dt.datetime) -> bytes:
    page, context_id = service.printed(context, agency.id if agency else None), context.id
    with writing():
        audit.record("exported_plan", by, now, subject=context_id, context_id=context_id, ending=ending[1:])
    return exports.plan_file(page, ending[1:])


class _Upload:
    """A file on the disk as if somebody had uploaded it."""

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self.filename, self.stream = path.name, stream


def import_updates(path: Path, agency_name: str, plan: str, really: bool, now: dt.datetime, columns: Sequence[str] = ()) -> dict[str, Any]:
    """Shows what an agency's workbook would change or, with `really`, takes what can be taken and holds the rest.

    `columns`: the letters of those that are to be read where several mean the same. Raises `Unreadable` for a file that cannot be read, and `Refused` where it belongs elsewhere. What looks wrong as a
    whole, or hides something, waits on the page for a person.
    """
    agency, on = agency_named(agency_name), kernel.today(now)
    named = context_of(plan) if plan else None
    read = _read(path, on, really, _chosen(path, on, columns))
    kept = False
    try:
        context = named or _context_of(read)
        if really:
            with writing():
                result = _applied(read, context, agency, now, on)
            kept = result.pop("new")
            return result
        if fault := incoming.obstacle_to_updates(context):
            raise Refused(fault)
        origin = origins.judge(read.found, context, agency)
        batch = Batch(context_id=context.id, agency_id=agency.id, read=incoming.told(read.found, origin), state=BatchState.WAITING,
                      export_id=origin.export.id if origin.export else None)
        return _told(context, incoming.preview(batch, context, on), batch, False)
    finally:
        if really and not kept:
            service.discard(read)


def _chosen(path: Path, on: dt.date, letters: Sequence[str]) -> dict[str, int]:
    """Field -> column of the columns named by their letters. Raises `Refused` for a letter of which nothing was asked."""
    if not letters:
        return {}
    offered = {column["cell"].rstrip("0123456789"): (question["field"], column["column"])
               for question in _read(path, on, False).found.questions for column in question["columns"]}
    chosen: dict[str, int] = {}
    for letter in (letter.strip().upper() for letter in letters):
        if letter not in offered:
            raise Refused(f"There is nothing to choose about column {letter}. " + (f"The columns that mean the same are {listed(list(offered))}." if offered else "No two columns of this file mean the same."))
        if offered[letter][0] in chosen:
            raise Refused(f"Column {letter} and another that you named mean the same. Name one of them.")
        chosen[offered[letter][0]] = offered[letter][1]
    return chosen


def _read(path: Path, on: dt.date, store: bool, chosen: Mapping[str, int] | None = None) -> Read:
    try:
        if not path.is_file():
            raise OSError
        with path.open("rb") as stream:
            return service.read_workbook(_Upload(path, stream), on, store, chosen)
    except OSError:
        raise Unreadable(NO_FILE.format(path)) from None
    except Refused as refusal:
        raise Unreadable(refusal.sentence) from None


def _context_of(read: Read) -> Context:
    """The plan that a workbook names: by its own sheet, by the number in its guide, or by its rows' references."""
    if plan_id := origins.plan_named(read.found):
        if context := db.session.get(Context, plan_id):
            return context
    drafts = (*read.found.drafts, *read.found.refused)
    names = {read.found.number.partition(" of ")[2]} - {""} or {
        found[1] for draft in drafts for candidate in draft.candidates if (found := re.match(r"(CSC-\d{4}-\d+)/", candidate))}
    if len(names) != 1:
        raise Refused("The file does not say which plan it belongs to. Name it with --plan, such as --plan CSC-2026-014.")
    return context_of(names.pop())


def _applied(read: Read, context: Context, agency: Agency, now: dt.datetime, on: dt.date) -> dict[str, Any]:
    by = who()
    batch, new = incoming.keep(read, context, agency, by, now)
    seen = incoming.preview(batch, context, on)
    done = False
    if batch.state_ is BatchState.WAITING and not batch.read["questions"] and not seen.alarms and not batch.read["hidden"]:
        incoming.apply(batch, context, Choices(merging.digest(seen.lines)), by, now, on)
        done = True
    return {**_told(context, seen, batch, done), "new": new}


def _told(context: Context, seen: Preview, batch: Batch, applied: bool) -> dict[str, Any]:
    """The counts, and what a person reads beside them."""
    counts, waits = seen.counts, bool(seen.alarms or batch.read["hidden"])
    columns = [f"{doubled.sentence(question)} Or say here which one is read: --column {question['columns'][0]['cell'].rstrip('0123456789')}." for question in batch.read["questions"]]
    questions = counts["both"] + counts["asked"] + len(columns)
    return {
        "plan": context.reference, "rows": batch.read["rows"], "matched": counts["matched"], "changed_cells": counts["cells"],
        "conflicts": counts["both"], "refused": counts["faults"] + counts["untaken"],
        "held": questions + (counts["cells"] if waits else 0), "applied": applied,
        "said": [*batch.read["said"], *columns, *(alarm.sentence for alarm in seen.alarms), *(f"Hidden: {phrase}" for phrase in batch.read["hidden"])],
        "lines": _lines(seen)}


def _lines(seen: Preview) -> list[str]:
    """What becomes of each cell, one line each. Words that may identify somebody are not written out: a log keeps them."""
    ways = {"take": "", "both": " (changed here too: held)", "ask": " (held)"}
    found = []
    for line in seen.lines:
        for cell in line.cells:
            assert line.action
            says = f"[{cell.why or 'This may identify a young person'}]" if cell.marked else merging.in_words(cell.says)
            found.append(f"{line.action.reference} {FIELD_WORDS[cell.field]}: {merging.in_words(cell.now)} → {says}{ways[cell.verdict]}")
        found += [f"{refusal.cell or 'row ' + str(line.row)}: {refusal.why}" for refusal in line.refused]
        found += [f"{cell.address or 'row ' + str(line.row)}: “{merging.TITLES[cell.field]}” is not an agency’s to change, and is not taken" for cell in line.untaken]
    return found


def exit_code(result: dict[str, Any]) -> int:
    """0 when all is clean, 1 when something is held or refused."""
    return int(bool(result["held"] or result["refused"]))
