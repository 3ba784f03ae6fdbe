"""What events say in words, with the names of the people, agencies and figures they are about, looked up in one query."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import bindparam, select, union_all

from csc_hub.audit.records import Entry
from csc_hub.audit.verbs import NAMED, said
from csc_hub.db import rows_of
from csc_hub.exchange.records import Batch
from csc_hub.people.records import Agency, Person
from csc_hub.process.conferences.figures import BY_NAME

FIGURES = {name: figure.words for name, figure in BY_NAME.items()}


def in_words(events: Sequence[Entry]) -> dict[int, str]:
    """By event: what it says to a person. No case content is looked up for it, only who works with the hub."""
    names = _names({event.subject for event in events if event.verb in NAMED and event.subject})
    return {event.id: said(event.verb, event.detail, names.get(event.subject, "") if event.subject and event.verb in NAMED else "", FIGURES)
            for event in events}


def _names(subjects: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    return {key: name for key, name in rows_of(_named, {"subjects": list(subjects)}).all()} if subjects else {}


_SUBJECTS = bindparam("subjects", expanding=True)
_named = union_all(
    select(Person.id, Person.name).where(Person.id.in_(_SUBJECTS)), select(Agency.id, Agency.name).where(Agency.id.in_(_SUBJECTS)),
    select(Batch.id, Agency.name).join(Agency, Agency.id == Batch.agency_id).where(Batch.id.in_(_SUBJECTS)))
