"""Plans out as Excel and Word; what a conference hands out, and a workbook read."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, BinaryIO

from flask import current_app

from csc_hub.adapters import sandbox
from csc_hub.adapters.sandbox import Unreadable
from csc_hub.adapters.storage import Damaged, StoreDown
from csc_hub.db import pause
from csc_hub.exchange import checking, records
from csc_hub.exchange.handouts import Handout
from csc_hub.exchange.outgoing import PrintedAction, PrintedPlan, PrintedWorry
from csc_hub.exchange.updates import ReadUpdates, unpacked
from csc_hub.exchange.whole_plans import records as whole_plans
from csc_hub.kernel import Refused, day_in_words, day_short, tidy, time_in_words, today
from csc_hub.papers import service as papers
from csc_hub.papers.records import Check
from csc_hub.process.conferences.records import Conference
from csc_hub.process.conferences.rules import AGENDA
from csc_hub.process.contexts.records import Context
from csc_hub.process.invitations import attending
from csc_hub.process.invitations import records as invitations
from csc_hub.process.invitations.records import Invitation
from csc_hub.process.invitations.rules import CONSIDERATIONS, INVOLVEMENT, INVOLVEMENT_WORDS, Reply, has_left
from csc_hub.process.plans import records as plans

MARKING = "OFFICIAL-SENSITIVE"


@dataclasses.dataclass(frozen=True)
class Read:
    """A workbook that was read, its original in the store, and no row yet."""

    name: str
    format: str
    size: int
    sha256: str
    key: str
    found: ReadUpdates


def reference_of(context: Context, number: int) -> str:
    """'CSC-2026-014/07'."""
    return f"{context.reference}/{number:02d}"


def printed(context: Context, only: uuid.UUID | None = None) -> PrintedPlan:
    """The plan in plain facts, in the layout of Appendix A; with `only`, just the worries and actions of that agency."""
    plan, assessment, conference = records.header_of(context.id)
    start, end = (assessment.period_from, assessment.period_to) if assessment else (None, None)
    period = f"{day_short(start)} to {day_short(end)}" if start and end else ""

    def day(which: dt.date | None) -> str:
        return day_in_words(which) if which else ""

    issued = (f"Issue {plan.issue}, {day_in_words(today(plan.issued_at))}" + (", with changes not yet issued" if plan.changed_since else "")
              if plan and plan.issue and plan.issued_at else "Draft, not yet issued")
    return PrintedPlan(
        reference=context.reference, context=context.name, council=current_app.config["CSC"].council, marking=MARKING,
        assessment_period=period, mapping_meeting_date=day(assessment.mapping_date if assessment else None),
        conference_date=day(conference.day if conference else None), review_date=day(conference.review_on if conference else None),
        attendees=conference.attendees if conference else "", issued=issued,
        worries=tuple(PrintedWorry(w.worry, w.impact, w.helping, w.goal, tuple(
            PrintedAction(reference_of(context, a.number), a.intervention, f"{a.who}, {a.owner}" if a.owner else a.who, _when(a)) for a in own))
            for w, own in ((w, [a for a in w.actions if only in (None, a.agency_id)]) for w in (plans.worries(plan.id) if plan else ())) if own or only is None))


def _when(action: plans.Action) -> str:
    """'By Friday 9 April 2027', 'Monthly, next check 2 December 2026'."""
    return f"{action.when}, next check {day_short(action.due_on)}" if action.timescale and action.due_on else action.when


def agenda_page(context: Context, conference: Conference) -> Handout:
    """The agenda to hand out, with the time each item begins."""
    at, rows = conference.starts_at, []
    for number, ((words, _), minutes) in enumerate(zip(AGENDA, conference.agenda, strict=True), 1):
        rows.append((time_in_words(at) if at else "", f"{number}. {words}", f"{minutes} min"))
        at = at + dt.timedelta(minutes=minutes) if at else None
    return Handout(
        title=f"Context Safeguarding Conference: {context.name}", marking=MARKING, council=current_app.config["CSC"].council,
        facts=_where(context, conference), columns=(("Time", 2.2), ("Item", 12.3), ("Minutes", 2.5)), rows=tuple(rows),
        closing="This meeting is about a place or group and what makes it safer. No child, young person or family is named or "
                "described. A concern about an individual goes to MASH, a social care team or early help.")


def list_page(context: Context, conference: Conference, on: dt.date) -> Handout:
    """The people on the list with the reasons and replies, and how young people, parents and carers are involved."""
    rows = tuple((
        f"{i.person.name}{', ' + i.person.job_title if i.person.job_title else ''}", i.agency.name if i.agency else "", _why(i), _reply(i, conference, on))
        for i in sorted(invitations.of_conference(conference.id), key=lambda i: i.person.name.casefold()))
    involved = next((a.text for a in invitations.answers(conference.id) if a.question == INVOLVEMENT), "")
    return Handout(
        title=f"People asked: {context.name}", marking=MARKING, council=current_app.config["CSC"].council, facts=_where(context, conference),
        columns=(("Name", 4.4), ("Agency", 3.6), ("Why they are asked", 4.8), ("Reply", 4.2)), rows=rows,
        closing=f"{INVOLVEMENT_WORDS} {involved or 'Not written yet.'}")


def _why(one: Invitation) -> str:
    """The questions that somebody is asked for, and what was added."""
    why = "; ".join(words for number, words, _ in CONSIDERATIONS if number in one.why)
    return ". ".join(filter(None, (why, one.note))) or "No reason given yet"


def _reply(one: Invitation, conference: Conference, on: dt.date) -> str:
    """What somebody answered with the reason or who comes instead; or why no answer counts any more."""
    if one.withdrawn_at:
        return "Withdrawn"
    if one.left and not (conference.day and conference.day < on):
        return f"{has_left(one.person.name, one.agency.name if one.agency else '')} since. Ask whoever took over"
    if one.reply_ is Reply.NONE and one.person_id == conference.chair_id:
        return "Chairs"
    return f"{one.reply_.label}: {one.said}" if one.said else one.reply_.label


EMPTY_LINES = 8
"""Rows left open on the printed register, for those who are not on the list."""


def register_page(context: Context, conference: Conference) -> Handout:
    """The register on paper: everybody expected, empty rows, and what a signature means. Typed in afterwards."""
    rows = [(line.name + (f" ({line.office.lower()})" if line.office else ""), line.agency, "", "", "") for line in attending.lines(context, conference)]
    return Handout(
        title=f"Register: {context.name}", marking=MARKING, council=current_app.config["CSC"].council, facts=_where(context, conference),
        columns=(("Name", 4.8), ("Agency", 4.2), ("Signature: confidentiality", 4.4), ("Arrived", 1.8), ("Left", 1.8)),
        rows=(*rows, *([("", "", "", "", "")] * EMPTY_LINES)), row_height=1.0,
        opening="With my signature I say: what I hear and read here stays with those who need it to make this place safer. I pass nothing on but what the "
                "meeting agrees, I keep papers locked away, and I name or describe no child, young person or family.",
        closing="Number of young people who came: ______ (a number only). No young person is written down; the adult who represents or accompanies them is. "
                "Deputies: write for whom you come. Somebody types this page into the hub afterwards and then destroys it, as the council’s rules say.")


def _where(context: Context, conference: Conference) -> tuple[tuple[str, str], ...]:
    when = f"{day_in_words(conference.day)}, {time_in_words(conference.starts_at)} to {time_in_words(conference.ends_at)}" if conference.day else "No date yet"
    facts = [("Reference", context.reference), ("When", when), ("Where", ", ".join(w for w in (conference.venue, conference.address) if w) or "No venue yet"),
             ("Chair", conference.chair.name if conference.chair else "Not chosen yet"), ("Getting there and access", conference.access),
             ("To join online", conference.online_link)]
    return tuple(fact for fact in facts if fact[1])


def read_workbook(upload: Any, on: dt.date, store: bool = True, chosen: Mapping[str, int] | None = None) -> Read:
    """Reads an uploaded workbook in a child process and puts the original in the store. Raises `Refused` at "file".

    Without `store` it is only looked at, and nothing is kept. `chosen`: field -> column, where several mean the same.
    """
    name = tidy((upload.filename or "").replace("\\", "/").rpartition("/")[2])[-200:] or "workbook"
    pause()
    with papers.on_disk(upload.stream) as file:
        size, sha256 = papers.measure(file)
        if size > checking.LARGEST:
            raise Refused(checking.TOO_BIG, "file")
        if papers.checked(file) is Check.WAITING:
            raise Refused("The file could not be checked for viruses just now, so it was not read. Try again in a few minutes", "file")
        try:
            workbook = sandbox.read(checking.READER, file, name, on.isoformat(), json.dumps(dict(chosen or {})))
        except Unreadable as fault:
            raise Refused(fault.sentence, "file") from None
        found = unpacked(workbook["found"])
        if checking.is_mere_text(name, workbook["format"], found):
            raise Refused(checking.MERE_TEXT, "file")
        if found.sheet is None:
            raise Refused(found.faults[0].why, "file")
        key = uuid.uuid4().hex
        try:
            if store:
                current_app.extensions["csc_store"].put(key, file, size, sha256)
        except (StoreDown, Damaged):
            raise Refused(papers.NO_STORE, "file") from None
    return Read(name, workbook["format"], size, sha256, key, found)


@contextmanager
def original(key: str, sha256: str) -> Iterator[BinaryIO]:
    """The file of a workbook as it came in, from the store. Raises `Damaged` where it is another now."""
    with tempfile.TemporaryFile() as file:
        for piece in current_app.extensions["csc_store"].open(key):
            file.write(piece)
        if papers.measure(file)[1] != sha256:
            raise Damaged(key)
        yield file


def read_again(batch: records.Batch, on: dt.date, chosen: Mapping[str, int]) -> ReadUpdates:
    """What a workbook says once it is known which of several columns is meant. Raises `Refused`."""
    key, sha256, name = batch.key, batch.sha256, batch.name
    pause()
    with original(key, sha256) as file:
        try:
            return unpacked(sandbox.read(checking.READER, file, name, on.isoformat(), json.dumps(dict(chosen)))["found"])
        except Unreadable as fault:
            raise Refused(fault.sentence) from None


def discard(read: Read) -> None:
    """Takes the original of a workbook that was not kept out of the store."""
    try:
        current_app.extensions["csc_store"].delete(read.key)
    except StoreDown:
        pass  # it has no row: the sweep names it


def strays() -> list[str]:
    """Files in the store that no paper, no workbook and no plan’s file names."""
    known = records.keys() | whole_plans.keys()
    return [key for key in papers.strays() if key not in known]
