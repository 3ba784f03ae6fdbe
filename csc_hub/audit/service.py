"""Records what was done, in the transaction of the deed itself."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from sqlalchemy import insert

from csc_hub.audit.records import Event
from csc_hub.audit.verbs import VERBS
from csc_hub.db import db, write


class Actor(Protocol):
    """Whoever did it."""

    id: Any
    name: Any


class Named(NamedTuple):
    """Somebody by id and name alone: what an event needs of them. Who works at the command line has a name alone."""

    id: uuid.UUID | None
    name: str


def record(
    verb: str, actor: Actor | None, at: dt.datetime, *, subject: uuid.UUID | None = None,
    context_id: uuid.UUID | None = None, actor_name: str = "", **detail: Any,
) -> None:
    """Adds an event behind all that was done before it. `detail` holds counts, field names and references, never what was written."""
    if verb not in VERBS:
        raise KeyError(verb)
    _add({"at": at, "actor_id": actor.id if actor else None, "actor": actor.name if actor else actor_name or "Nobody signed in",
          "verb": verb, "subject": subject, "context_id": context_id, "detail": detail})


def record_all(verb: str, actor: Named, at: dt.datetime, context_id: uuid.UUID, rows: Sequence[tuple[uuid.UUID, dict[str, Any]]]) -> None:
    """Adds many events of one verb in one context, of (subject, detail), by one statement."""
    if verb not in VERBS:
        raise KeyError(verb)
    if rows:
        _add([{"at": at, "actor_id": actor.id, "actor": actor.name, "verb": verb, "subject": subject, "context_id": context_id, "detail": detail}
              for subject, detail in rows])


_INSERT = insert(Event.__table__).inline()  # nobody asks for its number


def _add(events: Any) -> None:
    db.session.flush()
    write(_INSERT, events)
    db.session.info["recorded"] = True
