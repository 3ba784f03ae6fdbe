"""Where contexts stand, remembered by a database connection until anything in the database changes.

To work it out for fifty contexts takes longer than all else that a list does, and it changes only when somebody writes. It
is the same for everybody who may see the context; who may is asked each time. See docs/decisions/0035-remembered-standings.md.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from flask import render_template
from markupsafe import Markup

from csc_hub import db as database
from csc_hub.overview import countdown, next_step, rows, standing
from csc_hub.overview.countdown import Countdown
from csc_hub.overview.standing import Standing
from csc_hub.people.records import Person, Reader
from csc_hub.people.rules import Role
from csc_hub.process.conferences.countdown import Line
from csc_hub.process.contexts import records as contexts_records
from csc_hub.process.contexts import service as contexts_service
from csc_hub.process.contexts.records import Context, Listed

ROWS = 50


@dataclass(frozen=True)
class Known:
    """One context of a list: where it stands, its countdown, and its row for those who change something and for those who only read."""

    context: Listed
    stands: Standing
    counted: Countdown | None
    _rows: dict[bool, Markup] = field(default_factory=dict)

    def row(self, edits: bool, today: dt.date) -> Markup:
        """What the list says of it."""
        if edits not in self._rows:
            self._rows[edits] = rows.row(self.context, self.stands, self.counted, next_step.of(self.context, self.stands, self.counted, edits), today)
        return self._rows[edits]


class Waiting(NamedTuple):
    """What waits for somebody: how many things, and a line for each of the first ten."""

    number: int = 0
    lines: Markup = Markup()


@dataclass(frozen=True)
class Page:
    """A page of a list of contexts: which they are, a row for each, and the order of the last one where more follow."""

    contexts: Sequence[uuid.UUID]
    rows: Markup
    below: int | None
    _waiting: dict[uuid.UUID, Waiting] = field(default_factory=dict)

    def waiting(self, person: Reader, today: dt.date) -> Waiting:
        """What waits for this person in these contexts."""
        if person.id not in self._waiting:
            every = waiting_for(person, of(self.contexts, today))
            self._waiting[person.id] = Waiting(len(every), Markup(render_template("overview/_waiting.html", waiting=every[:10])))
        return self._waiting[person.id]


def page(found: Sequence[uuid.UUID], edits: bool, today: dt.date) -> Page:
    """A page of these contexts, of which the last only says that more follow."""
    known = of(found[:ROWS], today)
    return Page(found[:ROWS], Markup("".join([one.row(edits, today) for one in known])), known[-1].context.order if len(found) > ROWS else None)


def first_page(person: Reader, states: tuple[str, ...], edits: bool, now: dt.datetime, today: dt.date) -> Page:
    """The newest contexts that this person may see, remembered unless a door of theirs will close by itself; once for all who may see all."""
    def find() -> Page:
        return page(contexts_records.page_of(**seen, states=states, limit=ROWS + 1), edits, today)  # type: ignore[arg-type]

    seen = contexts_service.within(person, now)
    every = seen["within"] is None
    if not every and person.last_end and person.last_end > now:
        return find()
    return database.known(("first pages", today), (None if every else person.id, states, edits), find, database.PAGES)


def of(contexts: Sequence[uuid.UUID], today: dt.date) -> list[Known]:
    """What is known of each of these contexts."""
    kept = database.remembered(("standing", today))
    new = contexts_records.listed([key for key in contexts if key not in kept])
    if new:
        where = standing.of([context.id for context in new], today)
        counted = {one.context.id: one for one in countdown.of(new, where, today)}
        kept.update((context.id, Known(context, where[context.id], counted.get(context.id))) for context in new)
    return [kept[key] for key in contexts if key in kept]


def waiting_for(person: Person | Reader, contexts: Sequence[Known]) -> list[tuple[Listed, Line]]:
    """What waits for this person in these contexts, the earliest first."""
    name, chases = person.name, Role.COORDINATOR in person.roles
    rows = [row for one in contexts for row in countdown.waiting_in(one.context, one.stands, one.counted, name, chases)]
    return sorted(rows, key=lambda row: (row[1].by or dt.date.max, row[0].order))


def framed(context: Context, today: dt.date) -> tuple[Standing, Countdown | None]:
    """Where one context stands, with what only its frame says, and its countdown."""
    kept, key = database.remembered(("standing", today)), ("framed", context.id)
    if key not in kept:
        where = standing.of([context.id], today, framed=True)
        kept[key] = where[context.id], next((replace(one, context=None) for one in countdown.of([context], where, today)), None)
    stands, counted = kept[key]
    return stands, counted and replace(counted, context=context)
