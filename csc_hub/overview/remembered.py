"""Where contexts stand, remembered by a database connection until anything in the database changes.

To work it out for fifty contexts takes longer than all else that a list does, and it changes only when somebody writes. It
is the same for everybody who may see the context; who may is asked each time. See docs/decisions/0035-remembered-standings.md.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

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


@dataclass(frozen=True)
class Known:
    """One context of a list: where it stands, its countdown, and its row for those who change something and for those who only read."""

    context: Listed
    stands: Standing
    counted: Countdown | None
    _rows: dict[bool, Markup] = field(default_factory=dict)
    _waiting: dict[tuple[str, bool], list[tuple[Listed, Line]]] = field(default_factory=dict)

    def row(self, edits: bool, today: dt.date) -> Markup:
        """What the list says of it."""
        if edits not in self._rows:
            self._rows[edits] = rows.row(self.context, self.stands, self.counted, next_step.of(self.context, self.stands, self.counted, edits), today)
        return self._rows[edits]

    def waiting(self, name: str, chases: bool) -> list[tuple[Listed, Line]]:
        """What waits in it for somebody of this name, and for a coordinator."""
        key = name, chases
        if key not in self._waiting:
            self._waiting[key] = countdown.waiting_in(self.context, self.stands, self.counted, name, chases)
        return self._waiting[key]


def newest(person: Reader, states: tuple[str, ...], limit: int, now: dt.datetime) -> Sequence[uuid.UUID]:
    """The ids of the first page of contexts that this person may see, remembered unless a door of theirs will close by itself; once for all who may see all."""
    def find() -> Sequence[uuid.UUID]:
        return contexts_records.page_of(**seen, states=states, limit=limit)  # type: ignore[arg-type]

    seen = contexts_service.within(person, now)
    every = seen["within"] is None
    if not every and person.last_end and person.last_end > now:
        return find()
    return database.known("newest", (None if every else person.id, states, limit), find)


def of(contexts: Sequence[uuid.UUID], today: dt.date) -> list[Known]:
    """What is known of each of these contexts."""
    kept = database.remembered(("standing", today))
    new = contexts_records.listed([key for key in contexts if key not in kept])
    if new:
        where = standing.of([context.id for context in new], today)
        counted = {one.context.id: one for one in countdown.of(new, where, today)}
        kept.update((context.id, Known(context, where[context.id], counted.get(context.id))) for context in new)
    return [kept[key] for key in contexts if key in kept]


def waiting_for(person: Person, contexts: Sequence[Known]) -> list[tuple[Listed, Line]]:
    """What waits for this person in these contexts, the earliest first."""
    name, chases = person.name, Role.COORDINATOR in person.roles  # asked for once
    rows = [row for one in contexts for row in one.waiting(name, chases)]
    return sorted(rows, key=lambda row: (row[1].by or dt.date.max, row[0].order))


def framed(context: Context, today: dt.date) -> tuple[Standing, Countdown | None]:
    """Where one context stands, with what only its frame says, and its countdown."""
    kept, key = database.remembered(("standing", today)), ("framed", context.id)
    if key not in kept:
        where = standing.of([context.id], today, framed=True)
        kept[key] = where[context.id], next((replace(one, context=None) for one in countdown.of([context], where, today)), None)
    stands, counted = kept[key]
    return stands, counted and replace(counted, context=context)
