"""Records what was done, in the transaction of the deed itself."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any, NamedTuple, Protocol

from csc_hub.audit.records import Event
from csc_hub.audit.verbs import VERBS
from csc_hub.db import db


class Actor(Protocol):
    """Whoever did it."""

    id: Any
    name: Any


class Named(NamedTuple):
    """Somebody by id and name alone: what an event needs of them."""

    id: uuid.UUID
    name: str


def record(
    verb: str, actor: Actor | None, at: dt.datetime, *, subject: uuid.UUID | None = None,
    context_id: uuid.UUID | None = None, actor_name: str = "", **detail: Any,
) -> Event:
    """Adds an event. `detail` holds counts, field names and references, never what was written."""
    if verb not in VERBS:
        raise KeyError(verb)
    event = Event(
        at=at, actor_id=actor.id if actor else None, actor=actor.name if actor else actor_name or "Nobody signed in",
        verb=verb, subject=subject, context_id=context_id, detail=detail)
    db.session.add(event)
    db.session.flush()
    db.session.info["recorded"] = True
    return event
