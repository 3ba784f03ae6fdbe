"""The agreement at the door: how each person on the register stands with it, and who can be let sign there."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from csc_hub.db import db
from csc_hub.kernel import NotFound, Refused
from csc_hub.people.records import Agency, Person
from csc_hub.process.agreements import covering
from csc_hub.process.agreements.rules import Cover, Standing
from csc_hub.process.agreements.witnessed import Signer
from csc_hub.process.conferences.records import Conference
from csc_hub.process.contexts.records import Context, Named, Of
from csc_hub.process.invitations import attending
from csc_hub.process.invitations.register import Line


@dataclass(frozen=True)
class There:
    """Somebody on the register, as the agreement asks about them. Whom the hub does not know has the id of their line."""

    person_id: uuid.UUID
    name: str
    email: str
    agency: Agency | Of | None
    left: bool = False
    known: bool = True


@dataclass(frozen=True)
class Stands:
    """How one line of the register stands with the agreement."""

    words: str
    colour: str
    until: dt.date | None
    may_sign: bool


def there(lines: Sequence[Line], read: attending.Noted, lead: Person | Named | None = None) -> dict[str, There]:
    """Who stands in each line: a person the hub knows, or somebody whose name was written down at the door. `lead`: whoever is known already."""
    asked, rows = {f"i-{one.id}": one for one in read[0]}, {str(row.id): row for row in read[1]}
    found = {}
    for line in lines:
        row, invitation = rows.get(line.row), asked.get(line.key)
        if line.key.startswith("p-"):
            found[line.key] = _known(lead if lead and line.key == f"p-{lead.id}" else db.session.get_one(Person, uuid.UUID(line.key[2:])))
        elif row is not None and (invitation is None or row.deputy_for and row.name != invitation.person.name):
            found[line.key] = There(row.id, row.name, "", row.agency, known=False)
        elif invitation is not None:
            found[line.key] = There(invitation.person_id, invitation.person.name, invitation.person.email or "", invitation.agency, invitation.left)
    return found


def _known(person: Person | Named) -> There:
    return There(person.id, person.name, person.email or "", person.agency, not person.active)


def standings(conference: Conference, lines: Sequence[Line], today: dt.date, read: attending.Noted | None = None, lead: Person | Named | None = None) -> dict[str, Stands]:
    """How each line stands today, by its key."""
    people = there(lines, read or attending.noted(conference), lead)
    what = covering.known(one.agency for one in people.values())
    return {key: _stands(one, covering.of(one, conference.id, what, today)) for key, one in people.items()}


def _stands(one: There, standing: Standing) -> Stands:
    if one.agency is None or one.left:
        return Stands("No organisation that could sign for them", "grey", None, False)
    may_sign = standing.cover is not Cover.STATUTORY and standing.cover is not Cover.SIGNED
    if not standing.covered:
        why = "" if standing.cover is Cover.NONE else f": {standing.cover.label[0].lower()}{standing.cover.label[1:]}"
        return Stands(f"Must sign{why}", "red", None, may_sign)
    colour = {Cover.SIGNED: "green", Cover.STATUTORY: "grey"}.get(standing.cover, "yellow")
    words = "Confidentiality undertaking for this meeting" if standing.cover is Cover.UNDERTAKING else standing.cover.label
    return Stands(words, colour, standing.until if standing.cover in (Cover.SIGNED, Cover.GRACE) else None, may_sign)


def signer(context: Context, conference: Conference, line_id: uuid.UUID) -> tuple[Line, Signer]:
    """The line with this id, and who could sign there. Raises `NotFound` for another register's, and `Refused` where nobody can."""
    read = attending.noted(conference)
    lines = attending.lines(context, conference, read)
    line = next((one for one in lines if one.key[2:] == str(line_id)), None)
    one = there(lines, read).get(line.key) if line else None
    if line is None or one is None:
        raise NotFound
    if one.agency is None or one.left:
        raise Refused(f"{one.name} stands on the register without an organisation that could sign for them")
    return line, Signer(one.agency, one.name, one.email, one.person_id if one.known else None, None if one.known else one.person_id)
