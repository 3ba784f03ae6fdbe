"""Takes a plan's file in, shows what it would add, adds it to the draft plan, and takes it back."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any

from flask import current_app

from csc_hub.adapters import sandbox
from csc_hub.adapters.sandbox import Unreadable
from csc_hub.adapters.storage import Damaged, StoreDown
from csc_hub.audit import service as audit
from csc_hub.db import db, pause
from csc_hub.exchange import records as exchange
from csc_hub.exchange.typed_dates import NoDate, date_of
from csc_hub.exchange.whole_plans import columns, drafts, records
from csc_hub.exchange.whole_plans.columns import key_of
from csc_hub.exchange.whole_plans.entry import LARGEST, TOO_BIG
from csc_hub.exchange.whole_plans.preview import Preview, ShownAction, ShownWorry, lay_beside
from csc_hub.exchange.whole_plans.records import FileState, PlanFile
from csc_hub.kernel import NotFound, Refused, day_in_words, day_short, tidy
from csc_hub.papers import service as papers
from csc_hub.papers.records import Check
from csc_hub.people import records as people
from csc_hub.people.records import Agency, Person
from csc_hub.process.conferences import rules as conference_rules
from csc_hub.process.contexts.records import Context
from csc_hub.process.plans import records as plans
from csc_hub.process.plans import rules as plan_rules
from csc_hub.process.plans import service as plans_service
from csc_hub.process.plans.records import Action, Worry
from csc_hub.process.plans.rules import ActionDraft, WorryDraft

READER = "csc_hub.exchange.whole_plans.entry:read_plan"
LEAVE = "leave"


@dataclass(frozen=True)
class ReadFile:
    """A file that was read, its original in the store, and no row yet."""

    name: str
    size: int
    sha256: str
    key: str
    read: dict[str, Any]


@dataclass(frozen=True)
class Choices:
    """What somebody said on the preview."""

    agencies: dict[str, str] = field(default_factory=dict)  # key of a name -> id of an agency, or LEAVE
    leave: frozenset[str] = frozenset()  # keys of worries and interventions to leave out
    split: frozenset[str] = frozenset()  # keys of interventions that become one for each task
    under: str = ""  # id of the worry under which interventions without one go, or "" for a new one
    new_worry: str = ""
    looked: bool = False


def name_of(upload: Any) -> str:
    """The name of an uploaded file without its folder."""
    return tidy((upload.filename or "").replace("\\", "/").rpartition("/")[2])[-200:] or "plan"


def read_file(upload: Any) -> ReadFile:
    """Reads an uploaded file in a child process and puts the original in the store. Raises `Refused` at "file"."""
    name = name_of(upload)
    pause()
    with papers.on_disk(upload.stream) as file:
        size, sha256 = papers.measure(file)
        if size > LARGEST:
            raise Refused(TOO_BIG, "file")
        if papers.checked(file) is Check.WAITING:
            raise Refused("The file could not be checked for viruses just now, so it was not read. Try again in a few minutes", "file")
        try:
            read = sandbox.read(READER, file, name)
        except Unreadable as fault:
            raise Refused(fault.sentence, "file") from None
        key = uuid.uuid4().hex
        try:
            current_app.extensions["csc_store"].put(key, file, size, sha256)
        except (StoreDown, Damaged):
            raise Refused(papers.NO_STORE, "file") from None
    return ReadFile(name, size, sha256, key, read)


def discard(read: ReadFile) -> None:
    """Takes the original of a file that was not kept out of the store."""
    try:
        current_app.extensions["csc_store"].delete(read.key)
    except StoreDown:
        pass  # it has no row: the sweep names it


def keep(read: ReadFile, context: Context, by: Person, now: dt.datetime) -> PlanFile:
    """Keeps what was read until somebody adds it or sets it aside. Nothing in the plan is changed."""
    fault = plan_rules.obstacle_to_drafting(context.state_)
    if fault:
        raise Refused(fault, "file")
    file = PlanFile(
        context_id=context.id, name=read.name, format=read.read["format"], size=read.size, sha256=read.sha256, key=read.key,
        read=read.read, uploaded_at=now, uploaded_by_id=by.id)
    db.session.add(file)
    db.session.flush()
    audit.record("uploaded_plan", by, now, subject=file.id, context_id=context.id, sha256=read.sha256)
    return file


def found(file_id: uuid.UUID, context: Context) -> PlanFile:
    """A plan's file of this context. Raises `NotFound` for another's."""
    file = db.session.get(PlanFile, file_id)
    if file is None or file.context_id != context.id:
        raise NotFound
    return file


def draft_of(file: PlanFile) -> drafts.DraftPlan:
    """The plan in a file: by what was said of its columns, or by its titles."""
    return drafts.interpret(file.read, file.chosen or None, records.remembered("column"))


def preview(file: PlanFile, context: Context, on: dt.date) -> Preview:
    """What adding the file would do now."""
    plan, _, conference = exchange.header_of(context.id)
    days = {"today": on, "conference": conference.day if conference else None, "review": conference.review_on if conference else None}
    agencies = [(agency.id, agency.name) for agency in people.agencies()]
    said = {words: uuid.UUID(means) for words, means in records.remembered("agency").items()}
    return lay_beside(draft_of(file), plans.worries(plan.id) if plan else [], agencies, said, file.read["date1904"], days)


def obstacle_to_adding(file: PlanFile, shown: Preview) -> str | None:
    """Why nothing of a file can be added, or None."""
    if file.state_ is not FileState.WAITING:
        return {"added": "This file has been added already", "set_aside": "This file was set aside. Bring it in again to use it",
                "taken_back": "What this file brought was taken back. Bring it in again to use it"}[file.state]
    if not shown.worries:
        return "No worry and no intervention was found in this file. Say which column is what"
    if not any(_new(worry) or any(not action.held for action in worry.actions) for worry in shown.worries):
        return "All of this is in the plan already, or cannot be added, so there is nothing to add"
    return None


def _new(worry: ShownWorry) -> bool:
    return worry.there is None and not worry.held and bool(worry.draft.worry)


def to_add(shown: Preview, chosen: Choices) -> list[tuple[ShownWorry, list[ShownAction]]]:
    """The worries and interventions that would be added as chosen; a worry of the plan is there for what goes under it."""
    groups = []
    for worry in shown.worries:
        if worry.held or worry.draft.key in chosen.leave:
            continue
        actions = [a for a in worry.actions if not a.held and a.draft.key not in chosen.leave and chosen.agencies.get(a.named.key) != LEAVE]
        if _new(worry) or actions:
            groups.append((worry, actions))
    return groups


def add(file: PlanFile, context: Context, chosen: Choices, seen: str, by: Person, now: dt.datetime, on: dt.date) -> tuple[int, int]:
    """Adds the file's plan to the draft plan, all in one transaction or none; (worries, interventions) added.

    `seen` is the digest of the preview the person looked at; where the plan changed since, nothing is added.
    """
    shown = preview(file, context, on)
    fault = obstacle_to_adding(file, shown)
    if fault:
        raise Refused(fault)
    if shown.digest() != seen:
        raise Refused("Somebody changed the plan since you looked. What would be added now is below: check it and add it again")
    groups = to_add(shown, chosen)
    if not groups:
        raise Refused("You left everything out, so there is nothing to add. Choose what should be added, or set the file aside")
    if shown.identifying and not chosen.looked:
        raise Refused("Look at the places marked as possibly about one young person first, then confirm here", "looked")
    made = [(_under(worry, context, chosen), _worry_draft(worry, chosen), [d for a in actions for d in _action_drafts(a, chosen)]) for worry, actions in groups]
    worries, actions = plans_service.bring_in(context, made, now, on)
    _remember(shown, chosen)
    file.state, file.ended_at, file.ended_by = FileState.ADDED, now, by.name
    file.brought = {"worries": [str(w.id) for w in worries], "actions": [str(a.id) for a in actions]}
    db.session.flush()
    audit.record("brought_in_plan", by, now, subject=file.id, context_id=context.id, sha256=file.sha256, worries=len(worries), actions=len(actions))
    return len(worries), len(actions)


def _under(worry: ShownWorry, context: Context, chosen: Choices) -> Worry | None:
    if worry.draft.worry:
        return plans_service.worry_of(worry.there, context) if worry.there else None
    if chosen.under:
        return plans_service.worry_of(uuid.UUID(chosen.under), context)
    if not chosen.new_worry:
        raise Refused("Write the worry under which they belong, or choose one of the plan", "new_worry")
    return None


def _worry_draft(worry: ShownWorry, chosen: Choices) -> WorryDraft:
    draft = worry.draft
    return WorryDraft(draft.worry or chosen.new_worry, draft.impact, draft.helping, draft.goal)


def _action_drafts(shown: ShownAction, chosen: Choices) -> list[ActionDraft]:
    agency_id = chosen.agencies.get(shown.named.key) or (str(shown.named.agency_id) if shown.named.agency_id else "")
    agency = db.session.get(Agency, uuid.UUID(agency_id)) if agency_id else None
    if agency is None or not agency.active:
        raise Refused(f"Choose the agency for {shown.draft.where}")
    draft, when = shown.draft, shown.when
    tasks = draft.tasks if draft.key in chosen.split and draft.tasks else [draft.intervention]
    return [ActionDraft(task, agency.id, shown.named.team, shown.owner, when.due_on, when.words) for task in tasks]


def _remember(shown: Preview, chosen: Choices) -> None:
    """A name that is not an agency's own is known next time."""
    for named, _ in shown.names:
        means = chosen.agencies.get(named.key, "")
        if named.key and means and means != LEAVE and named.how in ("near", "unknown", "remembered") and not named.others:
            records.remember("agency", named.key, means)


def set_aside(file: PlanFile, by: Person, now: dt.datetime) -> None:
    """Keeps the record of a file, and never adds it."""
    if file.state_ is not FileState.WAITING:
        raise Refused("Only a file that waits to be added can be set aside")
    file.state, file.ended_at, file.ended_by = FileState.SET_ASIDE, now, by.name
    db.session.flush()
    audit.record("set_plan_aside", by, now, subject=file.id, context_id=file.context_id)


def take_back(file: PlanFile, context: Context, by: Person, now: dt.datetime) -> None:
    """Removes what a file brought, as long as nobody changed, reported on or issued any of it."""
    if file.state_ is not FileState.ADDED:
        raise Refused("Only a file that was added can be taken back")
    worries = [w for some_id in file.brought["worries"] if (w := db.session.get(Worry, uuid.UUID(some_id)))]
    actions = [a for some_id in file.brought["actions"] if (a := db.session.get(Action, uuid.UUID(some_id)))]
    plans_service.take_back(context, worries, actions)
    file.state, file.ended_at, file.ended_by = FileState.TAKEN_BACK, now, by.name
    db.session.flush()
    audit.record("took_back_plan", by, now, subject=file.id, context_id=context.id, worries=len(worries), actions=len(actions))


def choose_columns(file: PlanFile, block: int, row: int, chosen: dict[int, str], by: Person, now: dt.datetime) -> None:
    """Keeps which column of a file is what, and remembers it by the titles."""
    if file.state_ is not FileState.WAITING:
        raise Refused("Only a file that waits to be added can be read in another way")
    if not {"intervention", "worry"} & set(chosen.values()):
        raise Refused("Say which column holds the interventions, or the worries")
    titles = columns.columns_of(block, row, next(cells for number, cells in file.read["blocks"][block]["rows"] if number == row), {}).titles
    file.chosen = {"block": block, "row": row, "columns": {str(column): name for column, name in chosen.items()}}
    for column, name in chosen.items():
        if name and column in titles:
            records.remember("column", key_of(titles[column]), name)
    db.session.flush()
    audit.record("chose_columns", by, now, subject=file.id, context_id=file.context_id, columns=len(chosen))


def facts_beside(file: PlanFile, context: Context, shown: Preview) -> list[tuple[str, str, str, str]]:
    """(label, in the file, in the hub, what to make of it) for each fact of the header block that the file gives."""
    _, assessment, conference = exchange.header_of(context.id)
    start, end = (assessment.period_from, assessment.period_to) if assessment else (None, None)
    period = f"{day_short(start)} to {day_short(end)}" if start and end else ""
    known: list[tuple[str, str, dt.date | str | None]] = [
        ("period", "Assessment period", period), ("mapping", "Mapping meeting date", assessment.mapping_date if assessment else None),
        ("conference", "Conference date", conference.day if conference else None), ("context", "Context", context.name),
        ("review", "Date of review", conference.review_on if conference else None), ("attendees", "Attendees", conference.attendees if conference else "")]
    rows = []
    for name, label, ours in known:
        theirs = shown.plan.facts.get(name, "")
        if theirs:
            day = _day(theirs)
            same = day == ours if day and isinstance(ours, dt.date) else key_of(theirs) == key_of(ours if isinstance(ours, str) else "")
            words = day_in_words(ours) if isinstance(ours, dt.date) else ours or ""
            rows.append((label, day_in_words(day) if day else theirs, words, _made_of(name, same, bool(words), day, conference.day if conference else None)))
    return rows


def _day(words: str) -> dt.date | None:
    try:
        return date_of(["s", words])
    except NoDate:
        return None


def _made_of(name: str, same: bool, known: bool, day: dt.date | None, conference: dt.date | None) -> str:
    """What a person should make of a fact of the file."""
    if name == "review" and day and conference:
        late = conference_rules.fault_of_review(conference, day, conference + dt.timedelta(days=conference_rules.REVIEW_DAYS))
        if late:
            return late
    if same:
        return "The same"
    return "Differs: the hub’s stays" if known else "Not in the hub yet: enter it there if it is right"
